//! What visitors do, told in one line each.

use entity::enums::Role;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::graphql::Answer;
use crate::support::world::{Person, World};

/// One mutation on a task: its name and what else its input says. The task's state comes back.
pub async fn act(world: &World, who: &Person, task: &str, mutation: &str, input: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{visitTaskId: $id {input}}}) {{
            visitTask {{ id status origin followsId claim {{ isMine }} attempts {{ reason }} }}
            userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"id": task})).await
}

/// The same, which must succeed; the task comes back.
pub async fn done(world: &World, who: &Person, task: &str, mutation: &str, input: &str) -> Value {
    let answer = act(world, who, task, mutation, input).await;
    answer.payload(mutation)["visitTask"].clone()
}

/// The same person with a fresh token, after the clock has moved.
pub async fn again(world: &World, who: &Person, role: Role, area: &str) -> Person {
    world
        .signed_in(who.account, 1, vec![(role, world.area(area))])
        .await
}

/// A task as the database has it: state and version.
pub async fn state(world: &World, task: Uuid) -> String {
    use sea_orm::EntityTrait as _;
    let row = entity::visit_task::Entity::find_by_id(task)
        .one(&world.raw)
        .await
        .expect("a query")
        .expect("a task");
    format!("{:?}", row.status).to_uppercase()
}

/// Makes a task one for this person.
pub async fn meant_for(world: &World, task: Uuid, resident: &str) {
    use sea_orm::{ActiveModelTrait as _, ActiveValue::Set};
    let resident = nuanlin::ids::Id::<nuanlin::ids::Resident>::parse(resident, "id")
        .unwrap()
        .uuid();
    entity::visit_task::ActiveModel {
        id: Set(task),
        resident_id: Set(Some(resident)),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .expect("a change");
}
