//! Meal lists of the first grid, and what is made of them.

use entity::{meal_batch, meal_recipient, visit_task};
use nuanlin::ids::{self, Id};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::json;
use uuid::Uuid;

use super::rows::elder;
use crate::support::world::{GRID, Person, World};

/// A thing of a fresh list of the lead's with one elder on it; `claimant` holds what is held. A door is one
/// of the batch that was made last.
pub async fn thing(world: &World, (lead, claimant): (&Person, &Person), name: &str) -> String {
    if name == "mealdoor" {
        let door = visit_task::Entity::find()
            .filter(visit_task::Column::BatchId.is_not_null())
            .filter(visit_task::Column::ClaimedBy.eq(claimant.account))
            .order_by_desc(visit_task::Column::Id);
        let door = door.one(&world.raw).await.expect("a query");
        return World::id::<ids::VisitTask>(door.expect("a held batch before").id);
    }
    let list = list(world, lead).await;
    match name {
        "fedgrid" => World::id::<ids::Area>(world.area(GRID)),
        "meallist" => list.to_string(),
        "mealrecipient" => {
            let row = meal_recipient::Entity::find()
                .filter(meal_recipient::Column::MealListId.eq(list.uuid()));
            let row = row.one(&world.raw).await.expect("a query");
            World::id::<ids::MealRecipient>(row.expect("a recipient").id)
        }
        _ => {
            let id = World::id::<ids::MealBatch>(first_batch(world, list.uuid()).await);
            if name == "heldbatch" {
                let claim = "mutation($id: ID!) { claimMealBatch(input: {mealBatchId: $id}) {
                    userErrors { code } } }";
                let claimed = world.run(claimant, claim, json!({"id": id})).await;
                claimed.payload("claimMealBatch");
            }
            id
        }
    }
}

async fn list(world: &World, lead: &Person) -> Id<ids::MealList> {
    // Ids are in order from one millisecond to the next.
    world.clock.advance(chrono::Duration::milliseconds(1));
    let grid = World::id::<ids::Area>(world.area(GRID));
    let create = "mutation($area: ID!) { createMealList(input: {areaId: $area, name: \"食堂\",
        lunch: {fromMinute: 660, toMinute: 750}, weekdays: [MONDAY, TUESDAY]}) {
        mealList { id } userErrors { code } } }";
    let made = world.run(lead, create, json!({"area": grid})).await;
    let id = made.payload("createMealList")["mealList"]["id"].clone();
    let add = "mutation($list: ID!, $elder: ID!) { addMealRecipients(input: {mealListId: $list,
        residentIds: [$elder], meals: [LUNCH]}) { results { userErrors { code } } userErrors { code } } }";
    let elder = World::id::<ids::Resident>(elder(world).await);
    let added = world
        .run(lead, add, json!({"list": id, "elder": elder}))
        .await;
    let results = &added.payload("addMealRecipients")["results"];
    assert_eq!(*results, json!([{"userErrors": []}]));
    Id::parse(id.as_str().expect("an id"), "id").expect("a list")
}

async fn first_batch(world: &World, list: Uuid) -> Uuid {
    let batches = meal_batch::Entity::find()
        .filter(meal_batch::Column::MealListId.eq(list))
        .order_by_asc(meal_batch::Column::DueAt);
    let batch = batches.one(&world.raw).await.expect("a query");
    batch.expect("a batch").id
}
