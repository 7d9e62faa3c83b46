//! Areas change: new ones, grids drawn anew, many households moved at once.

mod add;
mod load;
mod race;
mod redraw;
mod retire;

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::world::{COMMUNITY, Person, World};

/// Moves many households.
pub const MOVE: &str = "mutation($input: MoveHouseholdsInput!) { moveHouseholds(input: $input) {
    areas { code name parent { code } } accounts { name } userErrors { field code } } }";
/// Retires an area.
pub const RETIRE: &str = "mutation($input: RetireAreaInput!) { retireArea(input: $input) {
    area { code retiredOn successors { code } } accounts { name } userErrors { field code } } }";
/// What a preview counts.
pub const COUNTS: &str =
    "households residents enrolments visits heldVisits takenDoors accounts { name }";

/// Somebody of the first community's staff.
pub async fn staff(world: &World) -> Person {
    world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

/// An area's opaque id.
pub fn area_id(id: Uuid) -> Value {
    json!(World::id::<ids::Area>(id))
}

/// Audit entries of writes, and announced changes.
pub async fn traces(world: &World) -> [i64; 2] {
    [
        world
            .count("SELECT count(*) FROM audit_entry WHERE action NOT LIKE 'read%'")
            .await,
        world.count("SELECT count(*) FROM change").await,
    ]
}
