//! The people of the matrix, and the things they reach for.

use std::sync::Mutex;

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::{AccountStatus, AwardKind, Role, VisitStatus};
use entity::{
    area, care_enrolment, role_grant, session, visit_task, volunteer_award, volunteer_training,
};
use nuanlin::access::protected;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows::{
    account, attached, elder, enrolment, finding, home, new_building, reclosed, requirement, room,
    rule, set_password, verification, volunteer,
};
use super::{booked, certified, duty, meals, offered, wishes};
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

/// Who asks: the heading of the column, and what they are granted. The second claims the tasks that
/// are claimed. Two more come after these: one without a grant, one without a token.
const PEOPLE: &[(&str, &[(Role, &str)])] = &[
    ("志愿者", &[(Role::Volunteer, GRID)]),
    ("认领人", &[(Role::Volunteer, GRID)]),
    ("中心户", &[(Role::CenterHousehold, BUILDING)]),
    ("网格长", &[(Role::GridLead, GRID)]),
    ("小区书记", &[(Role::CompoundSecretary, "341102006003.01")]),
    ("社区", &[(Role::CommunityStaff, COMMUNITY)]),
    ("退役站", &[(Role::VeteransStaff, "341102006")]),
    ("合伙人", &[(Role::Partner, COMMUNITY)]),
    ("督查", &[(Role::Supervisor, "341102006")]),
    ("管理员", &[(Role::Admin, "341102")]),
    ("邻网格长", &[(Role::GridLead, OTHER_GRID)]),
    ("无授权", &[]),
];
const CLAIMANT: usize = 1;
const LEAD: usize = 3;
const STAFF: usize = 5;
const VETERANS: usize = 6;
/// Who works for the partners of the cast.
pub const PARTNER: usize = 7;
/// Who lends the hands of wishes that are not the asker's own; where they ask themselves, the claimant does.
const OTHER: usize = 10;

/// The password of everybody in the cast.
const PASSWORD: &str = "暖邻 correct horse";

/// The people, signed in.
pub struct Cast {
    people: Vec<Person>,
    password: String,
    lodging: Mutex<Option<Uuid>>,
}

impl Cast {
    /// Signs everybody in.
    pub async fn new(world: &World) -> Self {
        let password = nuanlin::accounts::passwords::hash(PASSWORD).expect("a hash");
        let mut people = Vec::new();
        for (name, grants) in PEOPLE {
            let person = world.person(name, grants).await;
            set_password(world, person.account, &password).await;
            people.push(person);
        }
        let row = area::Entity::find_by_id(world.area(BUILDING));
        let row = row.one(&world.raw).await.expect("a query");
        let mut row = row.expect("an area").into_active_model();
        row.latitude = Set(Some(32.31));
        row.longitude = Set(Some(118.31));
        row.update(&world.raw).await.expect("a point");
        Self {
            people,
            password,
            lodging: Mutex::default(),
        }
    }

    /// The headings of the columns.
    pub fn names() -> Vec<String> {
        let names = PEOPLE.iter().map(|(name, _)| (*name).to_owned());
        names.chain(["未登录".to_owned()]).collect()
    }

    /// Everybody, in the order of the columns; the last has no token.
    pub fn everybody(&self) -> Vec<Option<&Person>> {
        self.people.iter().map(Some).chain([None]).collect()
    }

    /// Puts what `text` names, like `$task`, into being for `who`, and writes it in.
    pub async fn prepare(&self, world: &World, who: Option<&Person>, text: &str) -> String {
        let mut parts = text.split('$');
        let mut query = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_lowercase());
            let (name, rest) = part.split_at(end.unwrap_or(part.len()));
            query += &Value::String(self.thing(world, who, name).await).to_string();
            query += rest;
        }
        query
    }

    /// A fresh thing of this name within 第1网格.
    #[expect(clippy::too_many_lines, reason = "a dictionary: an arm for each thing")]
    async fn thing(&self, world: &World, who: Option<&Person>, name: &str) -> String {
        if let Some(code) = place(name) {
            return World::id::<ids::Area>(world.area(code));
        }
        if let Some(id) = certified::thing(world, name).await {
            return id;
        }
        let own = who.unwrap_or(&self.people[0]);
        let other = match &self.people[OTHER] {
            lead if lead.account == own.account => &self.people[CLAIMANT],
            lead => lead,
        };
        let hands = (own, other);
        if let Some(id) = wishes::thing(world, hands, name).await {
            return id;
        }
        match name {
            "room" => room(world),
            "password" => PASSWORD.to_owned(),
            "newbuilding" => new_building(world).await,
            // One of two people who live together, and then their household.
            "lodger" => {
                let home = home(world).await;
                let lodger = world.elder(home, "王桂珍", &[]).await;
                world.elder(home, "李秀英", &[]).await;
                *self.lodging.lock().expect("no panic") = Some(home);
                World::id::<ids::Resident>(lodger)
            }
            "lodging" => {
                let home = self.lodging.lock().expect("no panic").take();
                World::id::<ids::Household>(home.expect("a lodger before"))
            }
            "home" => World::id::<ids::Household>(home(world).await),
            "elder" => World::id::<ids::Resident>(elder(world).await),
            "newcomer" => {
                let elder = elder(world).await;
                care_enrolment::Entity::delete_many()
                    .filter(care_enrolment::Column::ResidentId.eq(elder))
                    .exec(&world.raw)
                    .await
                    .expect("a deletion");
                World::id::<ids::Resident>(elder)
            }
            "enrolment" => World::id::<ids::CareEnrolment>(enrolment(world).await.id),
            "paused" => {
                let row = enrolment(world).await;
                let id = row.id;
                let mut row = row.into_active_model();
                let today = world.clock.today(nuanlin::clock::SHANGHAI);
                row.paused_on = Set(Some(today));
                row.review_on = Set(Some(today + Duration::days(30)));
                row.update(&world.raw).await.expect("a change");
                World::id::<ids::CareEnrolment>(id)
            }
            "unseen" | "populated" => {
                elder(world).await;
                World::id::<ids::Area>(world.area(GRID))
            }
            "reclosed" => {
                reclosed(world).await;
                World::id::<ids::Area>(world.area(COMMUNITY))
            }
            "ruled" => {
                rule(world).await;
                World::id::<ids::Area>(world.area(GRID))
            }
            // What the community asks holds in its grid.
            "required" => {
                requirement(world).await;
                World::id::<ids::Area>(world.area(GRID))
            }
            "judged" => {
                verification(world).await;
                World::id::<ids::Area>(world.area(GRID))
            }
            "rule" => World::id::<ids::CareRule>(rule(world).await),
            "task" => World::id::<ids::VisitTask>(self.task(world, VisitStatus::Open).await),
            "claimed" => World::id::<ids::VisitTask>(self.task(world, VisitStatus::Claimed).await),
            // The first grid, with a round that the community has started there.
            "rounded" => {
                elder(world).await;
                let grid = World::id::<ids::Area>(world.area(GRID));
                let start =
                    "mutation($area: ID!) { startVisitRound(input: {areaId: $area, name: \"高温\",
                    cause: EXTREME_WEATHER, kind: HOME_VISIT, tiers: [KEY],
                    dueAt: \"2026-03-04T01:00:00Z\"}) { userErrors { code } } }";
                let staff = &self.people[STAFF];
                let started = world.run(staff, start, json!({"area": grid})).await;
                started.payload("startVisitRound");
                grid
            }
            "alarm" | "handled" => {
                let task =
                    World::id::<ids::VisitTask>(self.task(world, VisitStatus::Claimed).await);
                let raise =
                    "mutation($id: ID!) { raiseAlarm(input: {visitTaskId: $id, kind: MEDICAL}) {
                    alarm { id } userErrors { code } } }";
                let raised = world
                    .run(&self.people[CLAIMANT], raise, json!({"id": task}))
                    .await;
                let id = raised.payload("raiseAlarm")["alarm"]["id"].clone();
                let id = id.as_str().expect("an id").to_owned();
                if name == "handled" {
                    let take = "mutation($id: ID!) { acknowledgeAlarm(input: {alarmId: $id}) {
                        userErrors { code } } }";
                    let taken = world.run(&self.people[LEAD], take, json!({"id": id})).await;
                    taken.payload("acknowledgeAlarm");
                }
                id
            }
            "fedgrid" | "meallist" | "mealrecipient" | "mealbatch" | "heldbatch" | "mealdoor" => {
                meals::thing(world, (&self.people[LEAD], &self.people[CLAIMANT]), name).await
            }
            "attached" | "attachment" => {
                let (check, file) = attached(world, &self.people[VETERANS]).await;
                match name {
                    "attached" => World::id::<ids::CertificationCheck>(check),
                    _ => World::id::<ids::Attachment>(file),
                }
            }
            "openslot" | "bookedslot" | "booking" | "otherbooking" | "requested" | "held"
            | "begunbooking" => {
                let people = (&self.people[STAFF], &self.people[PARTNER]);
                booked::thing(world, people, name).await
            }
            "partner" | "draft" | "offer" | "regular" | "series" | "slot" | "package"
            | "bundle" => {
                let people = (&self.people[STAFF], &self.people[PARTNER]);
                offered::thing(world, people, name).await
            }
            "partnerperson" => World::id::<ids::Account>(self.people[PARTNER].account),
            "accompaniment" => {
                let account = who.unwrap_or(&self.people[0]).account;
                World::id::<ids::Accompaniment>(certified::accompaniment(world, account).await)
            }
            "lead" => World::id::<ids::Account>(self.people[LEAD].account),
            "absence" => {
                let away = volunteer(world).await.account;
                World::id::<ids::Absence>(duty::absence(world, away).await)
            }
            "shift" => {
                let turn = duty::shift(world, self.people[LEAD].account).await;
                World::id::<ids::DutyShift>(turn)
            }
            "escalation" | "escalated" | "notice" => {
                let task = self.task(world, VisitStatus::Open).await;
                let escalation = duty::escalation(world, task).await;
                match name {
                    "escalation" => World::id::<ids::Escalation>(escalation),
                    "escalated" => World::id::<ids::Area>(world.area(GRID)),
                    _ => {
                        let account = who.unwrap_or(&self.people[0]).account;
                        World::id::<ids::Notice>(duty::notice(world, escalation, account).await)
                    }
                }
            }
            "finding" | "confirmed" => {
                let task = self.task(world, VisitStatus::Claimed).await;
                let report = "mutation($id: ID!) { reportVisitTask(input: {visitTaskId: $id,
                    outcome: MOVED_AWAY, method: PHONE}) { userErrors { code } } }";
                let id = World::id::<ids::VisitTask>(task);
                let reported = world
                    .run(&self.people[CLAIMANT], report, json!({"id": id}))
                    .await;
                reported.payload("reportVisitTask");
                let id = finding(world, task).await;
                if name == "confirmed" {
                    let confirm = "mutation($id: ID!) { confirmFinding(input: {findingId: $id}) {
                        userErrors { code } } }";
                    let done = world.run(&self.people[LEAD], confirm, json!({"id": id}));
                    done.await.payload("confirmFinding");
                }
                id
            }
            "attempted" | "reported" | "proposed" => {
                let task = self.task(world, VisitStatus::Claimed).await;
                let id = World::id::<ids::VisitTask>(task);
                let call = match name {
                    "attempted" => {
                        "recordVisitAttempt(input: {visitTaskId: $id, reason: NOT_AT_HOME, notes: \"无人\",
                            retryAt: \"2026-03-03T01:00:00Z\"})"
                    }
                    "reported" => {
                        "reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL, method: PHONE,
                            notes: \"好\", needs: \"灯泡\"})"
                    }
                    _ => {
                        "reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL, method: PHONE,
                            proposedTier: HIGH_RISK})"
                    }
                };
                let query =
                    format!("mutation($id: ID!) {{ done: {call} {{ userErrors {{ code }} }} }}");
                let answer = world
                    .run(&self.people[CLAIMANT], &query, json!({"id": id}))
                    .await;
                answer.payload("done");
                id
            }
            "account" => World::id::<ids::Account>(volunteer(world).await.account),
            "grant" => {
                let account = volunteer(world).await.account;
                let grants = role_grant::Entity::find();
                let grant = grants
                    .filter(role_grant::Column::AccountId.eq(account))
                    .one(&world.raw)
                    .await
                    .expect("a query")
                    .expect("a grant");
                World::id::<ids::RoleGrant>(grant.id)
            }
            "disabled" => {
                let id = volunteer(world).await.account;
                let mut row = account(world, id).await.into_active_model();
                row.status = Set(AccountStatus::Disabled);
                row.update(&world.raw).await.expect("a change");
                World::id::<ids::Account>(id)
            }
            "training" => {
                let row = volunteer_training::ActiveModel {
                    id: Set(world.clock.new_id()),
                    account_id: Set(volunteer(world).await.account),
                    training: Set("急救".to_owned()),
                    minutes: Set(120),
                    completed_on: Set(world.clock.today(nuanlin::clock::SHANGHAI)),
                    recorded_by: Set(self.people[CLAIMANT].account),
                    created_at: Set(world.clock.now()),
                    ..Default::default()
                };
                let row = row.insert(&world.raw).await.expect("a training");
                World::id::<ids::VolunteerTraining>(row.id)
            }
            "award" => {
                let row = volunteer_award::ActiveModel {
                    id: Set(world.clock.new_id()),
                    account_id: Set(volunteer(world).await.account),
                    kind: Set(AwardKind::Award),
                    title: Set("优秀志愿者".to_owned()),
                    awarded_on: Set(world.clock.today(nuanlin::clock::SHANGHAI)),
                    recorded_by: Set(self.people[CLAIMANT].account),
                    created_at: Set(world.clock.now()),
                    ..Default::default()
                };
                let row = row.insert(&world.raw).await.expect("an award");
                World::id::<ids::VolunteerAward>(row.id)
            }
            "session" => {
                let account = who.unwrap_or(&self.people[0]).account;
                let sessions = session::Entity::find();
                let own = sessions
                    .filter(session::Column::AccountId.eq(account))
                    .one(&world.raw)
                    .await
                    .expect("a query")
                    .expect("a session");
                World::id::<ids::Session>(own.id)
            }
            // A number that nobody has yet, and one whose owner has a password.
            "phone" => format!("137{:08}", world.clock.new_id().as_u128() % 100_000_000),
            "login" => {
                let id = volunteer(world).await.account;
                set_password(world, id, &self.password).await;
                let sealed = account(world, id).await.phone_sealed;
                protected::own_phone(&world.app().keys, &sealed).expect("a number")
            }
            other => panic!("${other} is nothing that this test can make"),
        }
    }

    async fn task(&self, world: &World, status: VisitStatus) -> Uuid {
        let home = home(world).await;
        let elder = world
            .elder(home, "李秀英", &[Circumstance::LivesAlone])
            .await;
        let task = world.open_task(&self.people[0], home).await;
        let row = visit_task::Entity::find_by_id(task).one(&world.raw).await;
        let mut row = row.expect("a query").expect("a task").into_active_model();
        row.resident_id = Set(Some(elder));
        if status != VisitStatus::Open {
            row.status = Set(status);
            row.claimed_by = Set(Some(self.people[CLAIMANT].account));
            row.claimed_at = Set(Some(world.clock.now()));
            row.lease_until = Set(Some(world.clock.now() + Duration::days(2)));
        }
        row.update(&world.raw).await.expect("a change");
        task
    }
}

/// The code of an area that is called so.
fn place(name: &str) -> Option<&'static str> {
    Some(match name {
        "district" => "341102",
        "community" => COMMUNITY,
        "compound" => "341102006003.01",
        "grid" => GRID,
        "othergrid" => OTHER_GRID,
        "elsewhere" => "341102006004",
        "area" => BUILDING,
        _ => return None,
    })
}
