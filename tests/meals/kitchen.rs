//! What a canteen does, told in one line each.

use entity::enums::{CareTier, Meal};
use entity::{meal_batch, visit_task};
use nuanlin::ids;
use nuanlin::meals::generate::generate_meals;
use sea_orm::{
    ActiveEnum as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::coverage::people::{day, elder};
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, Person, World};

/// One mutation about meals, with the list or the batch that comes back.
pub async fn meal(world: &World, who: &Person, mutation: &str, input: &str) -> Answer {
    let shown = match mutation {
        "createMealList" | "editMealList" | "endMealList" | "removeMealRecipient" => {
            "mealList { id version endedOn recipients { id resting name { value } } }"
        }
        "addMealRecipients" => {
            "mealList { id } results { mealRecipient { id resting meals } userErrors { code } }"
        }
        "tickMealDoors" => {
            "mealBatch { progress { total delivered tried open missed } }
            results { visitTask { id status } userErrors { code } }"
        }
        _ => "mealBatch { id status claim { isMine } progress { total open } }",
    };
    let query = format!(
        "mutation {{ {mutation}(input: {{{input}}}) {{ {shown} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({})).await
}

/// A list for an area: lunch from eleven to half past twelve, dinner from five to half past six, every day.
pub async fn list(world: &World, who: &Person, area: &str) -> String {
    let area = World::id::<ids::Area>(world.area(area));
    let input = format!(
        "areaId: \"{area}\", name: \"创业北路食堂\", lunch: {{fromMinute: 660, toMinute: 750}},
        dinner: {{fromMinute: 1020, toMinute: 1110}},
        weekdays: [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY]"
    );
    let made = meal(world, who, "createMealList", &input).await;
    text(&made.payload("createMealList")["mealList"]["id"])
}

/// Puts people on a list for these meals; one code for each, empty where it was done.
pub async fn put(
    world: &World,
    who: &Person,
    list: &str,
    (people, meals): (&[Uuid], &str),
) -> Vec<String> {
    let ids: Vec<String> = people
        .iter()
        .map(|id| World::id::<ids::Resident>(*id))
        .collect();
    let input = format!("mealListId: \"{list}\", residentIds: {ids:?}, meals: {meals}");
    let put = meal(world, who, "addMealRecipients", &input).await;
    codes(&put.payload("addMealRecipients")["results"])
}

/// A list of the first grid with this many elders of the first building, who get both meals.
pub async fn fed(world: &World, who: &Person, area: &str, count: usize) -> (String, Vec<Uuid>) {
    let list = list(world, who, area).await;
    let mut elders = Vec::new();
    for n in 0..count {
        elders.push(elder(world, BUILDING, &format!("{n:03}"), CareTier::Key).await);
    }
    let put = put(world, who, &list, (&elders, "[LUNCH, DINNER]")).await;
    assert!(put.iter().all(String::is_empty), "{put:?}");
    (list, elders)
}

/// The one batch of this day and meal.
pub async fn batch(world: &World, on: &str, meal: Meal) -> meal_batch::Model {
    let found = meal_batch::Entity::find()
        .filter(meal_batch::Column::ServedOn.eq(day(on)))
        .filter(meal_batch::Column::Meal.eq(meal))
        .all(&world.raw)
        .await
        .expect("a query");
    assert_eq!(found.len(), 1, "{on} {meal:?}");
    found.into_iter().next().expect("a batch")
}

pub fn batch_id(batch: &meal_batch::Model) -> String {
    World::id::<ids::MealBatch>(batch.id)
}

/// The doors of a batch, in the order in which they were made.
pub async fn doors(world: &World, batch: &meal_batch::Model) -> Vec<visit_task::Model> {
    visit_task::Entity::find()
        .filter(visit_task::Column::BatchId.eq(batch.id))
        .order_by_asc(visit_task::Column::Id)
        .all(&world.raw)
        .await
        .expect("a query")
}

pub fn door_id(door: &visit_task::Model) -> String {
    World::id::<ids::VisitTask>(door.id)
}

/// Every batch with its state and those of its doors, sorted, as `03-02 LUNCH OPEN: OPEN OPEN`.
pub async fn served(world: &World) -> Vec<String> {
    let batches = meal_batch::Entity::find()
        .order_by_asc(meal_batch::Column::DueAt)
        .all(&world.raw)
        .await
        .expect("a query");
    let mut told = Vec::new();
    for batch in batches {
        let mut states: Vec<String> = doors(world, &batch)
            .await
            .into_iter()
            .map(|door| door.status.to_value())
            .collect();
        states.sort();
        told.push(format!(
            "{} {} {}: {}",
            batch.served_on.format("%m-%d"),
            batch.meal.to_value(),
            batch.status.to_value(),
            states.join(" ")
        ));
    }
    told
}

/// The server's own step; how much it touched.
pub async fn cook(world: &World) -> usize {
    generate_meals(world.app()).await.expect("meals")
}

/// Ticks doors: what is said of each, like `outcome: SEEN_WELL`.
pub async fn tick(
    world: &World,
    who: &Person,
    batch: &meal_batch::Model,
    doors: &[(&visit_task::Model, &str)],
) -> Answer {
    let doors: Vec<String> = doors
        .iter()
        .map(|(door, said)| format!("{{visitTaskId: \"{}\", {said}}}", door_id(door)))
        .collect();
    let input = format!(
        "mealBatchId: \"{}\", doors: [{}]",
        batch_id(batch),
        doors.join(", ")
    );
    meal(world, who, "tickMealDoors", &input).await
}

/// The codes of a list of results, one for each, empty where it was done.
pub fn codes(results: &Value) -> Vec<String> {
    let results = results.as_array().expect("results");
    results
        .iter()
        .map(|result| {
            let errors = result["userErrors"].as_array().expect("errors");
            let codes = errors
                .iter()
                .map(|error| error["code"].as_str().expect("a code"));
            codes.collect::<Vec<_>>().join(",")
        })
        .collect()
}

pub fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
