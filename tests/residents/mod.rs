//! Residents: who sees what of them, editing, moving, enrolling.

mod corrupted;
mod departures;
mod edits;
mod enrolments;
mod lists;
mod moves;
mod visibility;

use entity::enums::Role;
use nuanlin::residents::id_number::check_character;
use serde_json::Value;

use crate::support::world::{COMMUNITY, Person, World};

/// A synthetic ID number, under an area code that is nobody's.
pub fn id_number(born: &str, sequence: u32) -> String {
    let body = format!("341191{born}{sequence:03}");
    let check = check_character(&body).expect("17 digits");
    format!("{body}{check}")
}

/// Somebody of the first community's staff.
pub async fn clerk(world: &World) -> Person {
    world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

/// What a refused mutation must leave as it was: how many rows there are, and their versions.
pub async fn traces(world: &World) -> Vec<i64> {
    let mut counts = Vec::new();
    for sql in [
        "SELECT count(*) FROM resident",
        "SELECT coalesce(CAST(sum(version) AS bigint), 0) FROM resident",
        "SELECT count(*) FROM residence",
        "SELECT count(*) FROM care_enrolment",
        "SELECT coalesce(CAST(sum(version) AS bigint), 0) FROM care_enrolment",
        "SELECT count(*) FROM emergency_contact",
        "SELECT count(*) FROM idempotency_key",
        "SELECT count(*) FROM audit_entry WHERE action NOT LIKE 'read%'",
        "SELECT count(*) FROM change",
    ] {
        counts.push(world.database.count(sql).await);
    }
    counts
}

/// `base` with the fields of `more`.
pub fn with(mut base: Value, more: &Value) -> Value {
    let fields = more.as_object().expect("an object").clone();
    base.as_object_mut().expect("an object").extend(fields);
    base
}
