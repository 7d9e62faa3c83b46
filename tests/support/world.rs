//! A small community in a test's own database, with people who have names and tokens.
//!
//! Two communities of one street; the first has two compounds and three grids, the second one of each.
//! It is Monday 2 March 2026, nine o'clock in Shanghai, until a test moves the clock.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use chrono::{Duration, NaiveDate, TimeZone as _, Utc};
use entity::circumstances::{Circumstance, Circumstances};
use entity::enums::{AccountStatus, AreaKind, CareTier, Gender, Role, VisitKind, VisitStatus};
use entity::{
    account, area, area_closure, audit_entry, care_enrolment, change, emergency_contact, household,
    household_place, residence, resident, role_grant, session, visit_attempt, visit_claim,
    visit_report, visit_task,
};
use nuanlin::access::keys::Keys;
use nuanlin::access::sealed::{self, Field};
use nuanlin::access::token::NewToken;
use nuanlin::attachments::store::Store;
use nuanlin::clock::Clock;
use nuanlin::commands::serve::transport;
use nuanlin::config::{Serving, Settings};
use nuanlin::context::{App, Cx};
use nuanlin::db::{Db, Limits};
use nuanlin::error::Language;
use nuanlin::ids::{Id, Kind};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, DatabaseConnection, EntityTrait as _,
    PaginatorTrait as _, QueryFilter as _,
};
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::database::TestDatabase;
use super::graphql::Answer;

/// The district, the root of the tree.
pub const DISTRICT: &str = "341102";
/// The first community's code.
pub const COMMUNITY: &str = "341102006003";
/// A grid of the first community's first compound.
pub const GRID: &str = "341102006003.01.01";
/// The other grid of the same compound.
pub const OTHER_GRID: &str = "341102006003.01.02";
/// A building of [`GRID`].
pub const BUILDING: &str = "341102006003.01.01.01";
/// A building of [`OTHER_GRID`].
pub const OTHER_BUILDING: &str = "341102006003.01.02.01";
/// A building of the other community.
pub const FAR_BUILDING: &str = "341102006004.01.01.01";

const AREAS: &[(&str, AreaKind, &str)] = &[
    (DISTRICT, AreaKind::District, "琅琊区"),
    ("341102006", AreaKind::Street, "清流街道"),
    (COMMUNITY, AreaKind::Community, "创业北路社区"),
    ("341102006003.01", AreaKind::Compound, "创业北路小区"),
    (GRID, AreaKind::Grid, "第1网格"),
    (BUILDING, AreaKind::Building, "1栋"),
    ("341102006003.01.01.02", AreaKind::Building, "2栋"),
    (OTHER_GRID, AreaKind::Grid, "第2网格"),
    (OTHER_BUILDING, AreaKind::Building, "3栋"),
    ("341102006003.02", AreaKind::Compound, "阳光河畔怡园小区"),
    ("341102006003.02.03", AreaKind::Grid, "第3网格"),
    ("341102006003.02.03.01", AreaKind::Building, "4栋"),
    ("341102006004", AreaKind::Community, "白云社区"),
    ("341102006004.01", AreaKind::Compound, "白云小区"),
    ("341102006004.01.01", AreaKind::Grid, "第1网格"),
    (FAR_BUILDING, AreaKind::Building, "1栋"),
];

/// A server's insides over a test's database, without a socket.
pub struct World {
    /// The database, kept until the test ends.
    pub database: TestDatabase,
    app: Arc<App>,
    /// The public address, for what is no GraphQL.
    pub router: axum::Router,
    /// The clock, to be moved.
    pub clock: Clock,
    /// A connection past the server, to set up and to look.
    pub raw: DatabaseConnection,
    areas: HashMap<&'static str, Uuid>,
}

/// Somebody with an access token.
#[derive(Clone)]
pub struct Person {
    /// The account.
    pub account: Uuid,
    /// An access token that carries the grants.
    pub token: Arc<str>,
}

impl World {
    /// Fills a migrated database with the areas and opens a server over it.
    pub async fn new(database: TestDatabase) -> Self {
        Self::with(database, Settings::default()).await
    }

    /// As [`World::new`], with settings of the test's own.
    pub async fn with(database: TestDatabase, settings: Settings) -> Self {
        let monday = Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap();
        Self::at_time(database, settings, Clock::manual(monday)).await
    }

    /// As [`World::with`], with a clock of the test's own: the system's, beside the real binary.
    pub async fn at_time(database: TestDatabase, settings: Settings, clock: Clock) -> Self {
        let raw = database.connect().await;
        let areas = plant(&raw, &clock).await;
        let keys = Keys::load(&database.directory().join("keys"), true).expect("keys");
        let limits = Limits {
            connections: 8,
            statement_timeout: Some(std::time::Duration::from_secs(10)),
            through_pooler: false,
        };
        let db = Db::open(&database.url, limits)
            .await
            .expect("the database opens");
        let app = App::open(db, clock.clone(), keys, settings)
            .await
            .expect("an application");
        let files = database.directory().join("attachments");
        let store = Store::open(&files.to_string_lossy()).expect("a store");
        let app = Arc::new(app.keeping(store));
        let serving = Serving {
            listen: ([127, 0, 0, 1], 0).into(),
            admin_listen: ([127, 0, 0, 1], 0).into(),
            connections: limits.connections,
            timeout_seconds: 60,
            // Races ask hundreds of things at once.
            places: 4096,
            explorer: true,
            settings: app.settings.clone(),
        };
        let service = transport(Arc::clone(&app), &serving).expect("a transport");
        Self {
            database,
            app,
            router: nuanlin::http::handler::public(Arc::new(service)),
            clock,
            raw,
            areas,
        }
    }

    /// What requests share.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The context of somebody's request, for services that no mutation calls by itself.
    pub async fn cx(&self, who: &Person) -> Cx {
        let app = Arc::clone(&self.app);
        let actor = app
            .sessions
            .authenticate(&app.db, &app.clock, &who.token)
            .await;
        let actor = Some(Arc::new(actor.expect("an actor")));
        Cx::new(app, actor, Language::default(), Arc::from("test"))
    }

    /// The primary key of the area with this code.
    pub fn area(&self, code: &str) -> Uuid {
        self.areas[code]
    }

    /// The opaque id of a primary key.
    pub fn id<K: Kind>(id: Uuid) -> String {
        Id::<K>::new(id).to_string()
    }

    /// Makes an account with these grants, live from yesterday without end, and signs it in.
    pub async fn person(&self, name: &str, grants: &[(Role, &str)]) -> Person {
        let (now, id) = (self.clock.now(), self.clock.new_id());
        let phone = format!("139{:08}", id.as_u128() % 100_000_000);
        account::ActiveModel {
            id: Set(id),
            phone_sealed: Set(self.sealed(Field::Phone, &phone)),
            phone_hash: Set(sealed::hash(&self.app().keys, Field::Phone, &phone)),
            name: Set(name.to_owned()),
            status: Set(AccountStatus::Active),
            // Activated, with a password that nothing hashes to.
            password_hash: Set(Some("-".to_owned())),
            failed_attempts: Set(0),
            grants_version: Set(1),
            access_changed_at: Set(now - Duration::days(1)),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.raw)
        .await
        .expect("an account");
        for (role, area) in grants {
            role_grant::ActiveModel {
                id: Set(self.clock.new_id()),
                account_id: Set(id),
                role: Set(*role),
                area_id: Set(self.area(area)),
                valid_from: Set(now - Duration::days(1)),
                created_at: Set(now),
                ..Default::default()
            }
            .insert(&self.raw)
            .await
            .expect("a grant");
        }
        let grants = grants
            .iter()
            .map(|(role, area)| (*role, self.area(area)))
            .collect();
        self.signed_in(id, 1, grants).await
    }

    /// A session and an access token for an account, as signing in would give.
    pub async fn signed_in(
        &self,
        account: Uuid,
        version: i64,
        grants: Vec<(Role, Uuid)>,
    ) -> Person {
        let (now, session) = (self.clock.now(), self.clock.new_id());
        session::ActiveModel {
            id: Set(session),
            account_id: Set(account),
            created_at: Set(now),
            last_used_at: Set(now),
            expires_at: Set(now + Duration::days(30)),
            ..Default::default()
        }
        .insert(&self.raw)
        .await
        .expect("a session");
        let new = NewToken {
            account,
            session,
            grants_version: version,
            grants,
            next_boundary: None,
        };
        let (token, _) = self
            .app()
            .sessions
            .tokens
            .mint(&self.clock, new)
            .expect("a token");
        Person {
            account,
            token: token.into(),
        }
    }

    /// A household in a building.
    pub async fn household(&self, building: &str, room: &str) -> Uuid {
        let (now, id, area) = (self.clock.now(), self.clock.new_id(), self.area(building));
        let grid = self.area(&building[..building.len() - 3]);
        household::ActiveModel {
            id: Set(id),
            area_id: Set(area),
            grid_id: Set(grid),
            unit: Set("1".to_owned()),
            room: Set(room.to_owned()),
            is_center: Set(false),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.raw)
        .await
        .expect("a household");
        household_place::ActiveModel {
            id: Set(self.clock.new_id()),
            household_id: Set(id),
            area_id: Set(area),
            from_on: Set(NaiveDate::from_ymd_opt(2020, 1, 1).unwrap()),
            to_on: Set(None),
        }
        .insert(&self.raw)
        .await
        .expect("a place");
        id
    }

    /// A woman of 81 who lives in the household, enrolled at key tier for these circumstances.
    pub async fn elder(&self, household: Uuid, name: &str, circumstances: &[Circumstance]) -> Uuid {
        let (now, id) = (self.clock.now(), self.clock.new_id());
        let home = household::Entity::find_by_id(household)
            .one(&self.raw)
            .await
            .expect("a query")
            .expect("a household");
        let phone = format!("138{:08}", id.as_u128() % 100_000_000);
        resident::ActiveModel {
            id: Set(id),
            household_id: Set(household),
            area_id: Set(home.area_id),
            grid_id: Set(home.grid_id),
            name: Set(name.to_owned()),
            gender: Set(Gender::Female),
            born_on: Set(NaiveDate::from_ymd_opt(1944, 5, 6)),
            id_number_sealed: Set(Some(self.sealed(Field::IdNumber, "34119119440506002X"))),
            id_number_hash: Set(Some(sealed::hash(
                &self.app().keys,
                Field::IdNumber,
                &id.to_string(),
            ))),
            phone_sealed: Set(Some(self.sealed(Field::Phone, &phone))),
            phone_hash: Set(Some(sealed::hash(&self.app().keys, Field::Phone, &phone))),
            health_notes_sealed: Set(Some(self.sealed(Field::HealthNotes, "听力不好"))),
            relation: Set(Some("户主".to_owned())),
            deceased_on: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        }
        .insert(&self.raw)
        .await
        .expect("a resident");
        let since = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
        residence::ActiveModel {
            id: Set(self.clock.new_id()),
            resident_id: Set(id),
            household_id: Set(household),
            from_on: Set(since),
            to_on: Set(None),
        }
        .insert(&self.raw)
        .await
        .expect("a residence");
        care_enrolment::ActiveModel {
            id: Set(self.clock.new_id()),
            resident_id: Set(id),
            area_id: Set(home.area_id),
            grid_id: Set(home.grid_id),
            tier: Set(CareTier::Key),
            circumstances: Set(circumstances.iter().copied().collect::<Circumstances>()),
            from_on: Set(since),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.raw)
        .await
        .expect("an enrolment");
        emergency_contact::ActiveModel {
            id: Set(self.clock.new_id()),
            resident_id: Set(id),
            name: Set("王芳".to_owned()),
            phone_sealed: Set(Some(self.sealed(Field::Phone, "13700001111"))),
            phone_hash: Set(Some(sealed::hash(
                &self.app().keys,
                Field::Phone,
                "13700001111",
            ))),
            relation: Set(Some("女儿".to_owned())),
            position: Set(1),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        }
        .insert(&self.raw)
        .await
        .expect("a contact");
        id
    }

    /// An open home visit planned by `planner`, whose window ends in two days.
    pub async fn open_task(&self, planner: &Person, household: Uuid) -> Uuid {
        let (now, id) = (self.clock.now(), self.clock.new_id());
        let home = household::Entity::find_by_id(household)
            .one(&self.raw)
            .await
            .expect("a query")
            .expect("a household");
        visit_task::ActiveModel {
            id: Set(id),
            kind: Set(VisitKind::HomeVisit),
            status: Set(VisitStatus::Open),
            household_id: Set(household),
            area_id: Set(home.area_id),
            grid_id: Set(home.grid_id),
            starts_at: Set(now - Duration::hours(1)),
            due_at: Set(now + Duration::days(2)),
            priority: Set(0),
            instructions: Set(Some("问问用药情况".to_owned())),
            planned_by: Set(planner.account),
            attempts: Set(0),
            verify_level: Set(0),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.raw)
        .await
        .expect("a task");
        id
    }

    /// Runs one operation as somebody.
    pub async fn run(&self, who: &Person, query: &str, variables: Value) -> Answer {
        self.ask(Some(Arc::clone(&who.token)), query, variables)
            .await
    }

    /// Runs one operation with this token, or with none, through the whole transport.
    pub async fn ask(&self, token: Option<Arc<str>>, query: &str, variables: Value) -> Answer {
        let (status, text) = self.sent(token, query, variables).await;
        let json = serde_json::from_str(&text).expect("JSON");
        Answer { status, json }
    }

    /// The answer to one operation as it is written.
    pub async fn text(&self, who: &Person, query: &str, variables: Value) -> String {
        let token = Some(Arc::clone(&who.token));
        self.sent(token, query, variables).await.1
    }

    /// As [`World::ask`], but the body as it was sent: reading it as JSON would sort its keys.
    pub async fn sent(
        &self,
        token: Option<Arc<str>>,
        query: &str,
        variables: Value,
    ) -> (u16, String) {
        let mut request = axum::http::Request::post("/graphql")
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/graphql-response+json");
        if let Some(token) = token {
            request = request.header(AUTHORIZATION, format!("Bearer {token}"));
        }
        let body = serde_json::json!({ "query": query, "variables": variables });
        let request = request
            .body(Body::from(body.to_string()))
            .expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
            .await
            .expect("a body");
        (status, String::from_utf8(bytes.to_vec()).expect("text"))
    }

    /// The first column of the first row of a statement.
    pub async fn count(&self, sql: &str) -> i64 {
        self.database.count(sql).await
    }

    /// How many audit entries of this action there are about an object.
    pub async fn audited(&self, action: &str, subject: Uuid) -> u64 {
        audit_entry::Entity::find()
            .filter(audit_entry::Column::Action.eq(action))
            .filter(audit_entry::Column::SubjectId.eq(subject))
            .count(&self.raw)
            .await
            .expect("a count")
    }

    /// How many changes of an object were announced.
    pub async fn changed(&self, object: Uuid) -> u64 {
        change::Entity::find()
            .filter(change::Column::ObjectId.eq(object))
            .count(&self.raw)
            .await
            .expect("a count")
    }

    /// Takes a task and what hangs on it out of the database.
    pub async fn forget(&self, task: Uuid) {
        visit_attempt::Entity::delete_many()
            .filter(visit_attempt::Column::VisitTaskId.eq(task))
            .exec(&self.raw)
            .await
            .expect("a deletion");
        visit_report::Entity::delete_many()
            .filter(visit_report::Column::VisitTaskId.eq(task))
            .exec(&self.raw)
            .await
            .expect("a deletion");
        visit_claim::Entity::delete_many()
            .filter(visit_claim::Column::VisitTaskId.eq(task))
            .exec(&self.raw)
            .await
            .expect("a deletion");
        visit_task::Entity::delete_by_id(task)
            .exec(&self.raw)
            .await
            .expect("a deletion");
    }

    fn sealed(&self, field: Field, value: &str) -> String {
        sealed::seal(&self.app().keys, field, value).expect("a sealed value")
    }
}

/// Writes the areas and their closure.
async fn plant(raw: &DatabaseConnection, clock: &Clock) -> HashMap<&'static str, Uuid> {
    let now = clock.now();
    let mut ids: HashMap<&'static str, Uuid> = HashMap::new();
    let mut above: HashMap<&'static str, &'static str> = HashMap::new();
    for (code, kind, name) in AREAS {
        let parent = AREAS
            .iter()
            .map(|(other, ..)| *other)
            .filter(|other| other != code && code.starts_with(*other))
            .max_by_key(|other| other.len());
        let id = clock.new_id();
        area::ActiveModel {
            id: Set(id),
            parent_id: Set(parent.map(|parent| ids[parent])),
            kind: Set(*kind),
            code: Set((*code).to_owned()),
            name: Set((*name).to_owned()),
            time_zone: Set("Asia/Shanghai".to_owned()),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(raw)
        .await
        .expect("an area");
        ids.insert(code, id);
        if let Some(parent) = parent {
            above.insert(code, parent);
        }
        let (mut ancestor, mut depth) = (Some(*code), 0);
        while let Some(current) = ancestor {
            area_closure::ActiveModel {
                ancestor_id: Set(ids[current]),
                descendant_id: Set(id),
                depth: Set(depth),
            }
            .insert(raw)
            .await
            .expect("a closure row");
            ancestor = above.get(current).copied();
            depth += 1;
        }
    }
    ids
}
