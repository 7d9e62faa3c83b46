//! A town that has one more of everything each time it grows.

use std::collections::BTreeMap;

use chrono::Duration;
use entity::enums::Role;
use entity::{beneficiary, service_slot};
use nuanlin::config::Settings;
use nuanlin::ids::{self, Id};
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::policy::cast::Cast;
use crate::support::database::TestDatabase;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// What the cast of the policy tests makes each time, by its names there.
const THINGS: &[&str] = &[
    "task",
    "claimed",
    "attempted",
    "reported",
    "proposed",
    "finding",
    "confirmed",
    "alarm",
    "handled",
    "escalation",
    "notice",
    "shift",
    "absence",
    "meallist",
    "heldbatch",
    "account",
    "disabled",
    "training",
    "award",
    "paused",
    "beneficiary",
    "ended",
    "alike",
    "check",
    "homecheck",
    "accompanied",
    "handover",
    "checked",
    "certified",
    "dead",
    "certsession",
    "nextround",
    "attached",
    "wish",
    "mywish",
    "joined",
    "roomy",
    "donewish",
    "saidwish",
    "openslot",
    "booking",
    "held",
    "draft",
    "offer",
    "regular",
    "slot",
    "package",
    "bundle",
    "accompaniment",
];

/// Roles of the one who asks: together they see everything.
const ROLES: &[(Role, &str)] = &[
    (Role::Volunteer, GRID),
    (Role::CenterHousehold, BUILDING),
    (Role::GridLead, GRID),
    (Role::CompoundSecretary, "341102006003.01"),
    (Role::CommunityStaff, COMMUNITY),
    (Role::VeteransStaff, COMMUNITY),
    (Role::Partner, COMMUNITY),
    (Role::Supervisor, "341102006"),
    (Role::Admin, "341102"),
];

/// The town, and who asks.
pub struct Town {
    /// Where it is.
    pub world: World,
    /// Who asks, in every role.
    pub me: Person,
    /// Others, each in their own role.
    pub cast: Cast,
    pub(super) things: BTreeMap<&'static str, String>,
    /// How often it has grown.
    pub(super) grown: u32,
}

impl Town {
    /// Builds it, with the parents below which lists grow.
    pub async fn new(db: TestDatabase) -> Self {
        let settings = Settings {
            claim_limit: 10_000,
            claims_a_day: 1_000_000,
            ..Settings::default()
        };
        let world = World::with(db, settings).await;
        let me = world.person("万能", ROLES).await;
        let cast = Cast::new(&world).await;
        let mut town = Self {
            world,
            me,
            cast,
            things: BTreeMap::new(),
            grown: 0,
        };
        for (name, made) in [
            ("grid", "grid"),
            ("othergrid", "othergrid"),
            ("community", "community"),
            ("building", "area"),
            ("attached", "attached"),
            ("alike", "alike"),
            ("homecheck", "homecheck"),
            ("session", "certsession"),
            ("round", "nextround"),
            ("slot", "openslot"),
            ("offer", "regular"),
        ] {
            let id = town.thing(made).await;
            town.things.insert(name, id);
        }
        let me = World::id::<ids::Account>(town.me.account);
        town.things.insert("me", me);
        // Of whom there are not yet more candidates than are shown.
        let row = beneficiary::ActiveModel {
            id: Set(town.key::<ids::Beneficiary>("alike")),
            name: Set("赵玉兰".to_owned()),
            ..Default::default()
        };
        row.update(&town.world.raw).await.expect("another name");
        let row = service_slot::ActiveModel {
            id: Set(town.key::<ids::ServiceSlot>("slot")),
            capacity: Set(10),
            ..Default::default()
        };
        row.update(&town.world.raw).await.expect("more places");
        town
    }

    /// A document with the ids of the town's things.
    pub fn filled(&self, document: &str) -> String {
        let mut parts = document.split('$');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let end = part.find(|c: char| !c.is_ascii_lowercase());
            let (name, rest) = part.split_at(end.unwrap_or(part.len()));
            let id = self
                .things
                .get(name)
                .unwrap_or_else(|| panic!("no ${name}"));
            filled += &Value::String(id.clone()).to_string();
            filled += rest;
        }
        filled
    }

    pub(super) async fn thing(&self, name: &str) -> String {
        // Ids are in order from one millisecond to the next.
        self.world.clock.advance(Duration::milliseconds(1));
        let named = format!("${name}");
        let made = self.cast.prepare(&self.world, Some(&self.me), &named).await;
        serde_json::from_str(&made).expect("an id")
    }

    pub(super) fn key<K: ids::Kind>(&self, name: &str) -> Uuid {
        key::<K>(&self.things[name])
    }

    pub(super) async fn done(
        &self,
        who: &Person,
        mutation: &str,
        input: &str,
        shown: &str,
    ) -> Value {
        let query = self.filled(&format!(
            "mutation {{ {mutation}(input: {{{input}}}) {{ {shown} userErrors {{ field code }} }} }}"
        ));
        let answer = self.world.run(who, &query, json!({})).await;
        answer.payload(mutation).clone()
    }

    /// One more of everything.
    pub async fn grow(&mut self) {
        self.grown += 1;
        for name in THINGS {
            self.thing(name).await;
        }
        self.places().await;
        self.people().await;
        self.rules().await;
        self.visits().await;
        self.month().await;
        self.certification().await;
        self.partners().await;
        self.service().await;
    }
}

/// The primary key behind an opaque id.
pub(super) fn key<K: ids::Kind>(id: &str) -> Uuid {
    Id::<K>::parse(id, "id").expect("an id").uuid()
}
