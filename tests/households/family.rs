//! Households split, merge and close.

use entity::enums::{Role, VisitStatus};
use entity::{household, resident, visit_task};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::moves::{lived, task};
use super::{staff, traces};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World};

const SPLIT: &str = "mutation($input: SplitHouseholdInput!) { splitHousehold(input: $input) {
    household { id version area { name } residents { name { value } } } userErrors { field code } } }";
const MERGE: &str = "mutation($input: MergeHouseholdsInput!) { mergeHouseholds(input: $input) {
    household { version residents { name { value } } } userErrors { field code } } }";
const CLOSE: &str = "mutation($input: CloseHouseholdInput!) { closeHousehold(input: $input) {
    household { version closedOn } userErrors { field code } } }";
const ADD: &str = "mutation($input: AddHouseholdInput!) { addHousehold(input: $input) {
    household { id } userErrors { field code } } }";

fn home_id(id: Uuid) -> Value {
    json!(World::id::<ids::Household>(id))
}

fn split(home: Uuid, version: i64, residents: &[Uuid], room: &str) -> Value {
    let residents: Vec<String> = residents
        .iter()
        .map(|id| World::id::<ids::Resident>(*id))
        .collect();
    json!({"input": {"householdId": home_id(home), "expectedVersion": version,
        "residentIds": residents, "unit": "1", "room": room}})
}

fn merge(from: Uuid, version: i64, into: Uuid) -> Value {
    json!({"input": {"fromHouseholdId": home_id(from), "expectedVersion": version,
        "intoHouseholdId": home_id(into)}})
}

fn close(home: Uuid, version: i64) -> Value {
    json!({"input": {"householdId": home_id(home), "expectedVersion": version, "reason": "房屋拆除"}})
}

async fn home_of(world: &World, task: Uuid) -> (Uuid, VisitStatus) {
    let row = visit_task::Entity::find_by_id(task)
        .one(&world.raw)
        .await
        .unwrap()
        .unwrap();
    (row.household_id, row.status)
}

on_both! {
    async fn some_leave_and_take_their_visits_along(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let home = world.household(BUILDING, "101").await;
        let (stays, leaves) = (world.elder(home, "李秀英", &[]).await, world.elder(home, "王桂珍", &[]).await);
        let theirs = task(&world, &clerk, home, leaves, VisitStatus::Open).await;
        let of_stayer = task(&world, &clerk, home, stays, VisitStatus::Open).await;
        let of_all = world.open_task(&clerk, home).await;
        let before = traces(&world).await;

        let mut input = split(home, 1, &[leaves], "501");
        input["input"]["areaId"] = json!(World::id::<ids::Area>(world.area(OTHER_BUILDING)));
        let parted = world.run(&clerk, SPLIT, input).await;
        let new = &parted.payload("splitHousehold")["household"];
        assert_eq!((new["version"].as_i64(), &new["area"]["name"]), (Some(1), &json!("3栋")));
        assert_eq!(new["residents"].as_array().unwrap().len(), 1);
        assert_eq!(new["residents"][0]["name"]["value"], "王桂珍");
        let after = traces(&world).await;
        // The new household, the old, the person, their enrolment and their visit.
        assert_eq!([after[0] - before[0], after[1] - before[1], after[2] - before[2], after[3] - before[3]],
            [1, 1, 1, 5]);
        assert_eq!(world.changed(home).await, 1);
        assert_ne!(home_of(&world, theirs).await.0, home);
        for kept in [of_stayer, of_all] {
            assert_eq!(home_of(&world, kept).await.0, home);
        }
        for (name, code, day, expected) in [
            ("王桂珍", GRID, "2026-03-01", 1), ("王桂珍", OTHER_GRID, "2026-03-02", 1),
            ("王桂珍", GRID, "2026-03-02", 0), ("李秀英", GRID, "2026-03-02", 1),
        ] {
            assert_eq!(lived(&world, name, code, day).await, expected, "{name} {day}");
        }

        let stranger = world.household(BUILDING, "102").await;
        let stranger = world.elder(stranger, "赵玉兰", &[]).await;
        let before = traces(&world).await;
        for (input, field, code) in [
            (split(home, 2, &[stays], "601"), "residentIds", "EVERYBODY_LEAVES"),
            (split(home, 2, &[stranger], "601"), "residentIds", "RESIDENT_ELSEWHERE"),
            (split(home, 2, &[], "601"), "residentIds", "RESIDENT_ELSEWHERE"),
            (split(home, 1, &[stays], "601"), "expectedVersion", "VERSION_CONFLICT"),
        ] {
            let refused = world.run(&clerk, SPLIT, input).await;
            let errors = refused.user_errors("splitHousehold");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        world.elder(home, "钱小妹", &[]).await;
        let taken = world.run(&clerk, SPLIT, split(home, 2, &[stays], "102")).await;
        assert_eq!(taken.user_error_codes("splitHousehold"), ["HOUSEHOLD_EXISTS"]);
        assert_eq!(traces(&world).await, before);
    }

    async fn one_is_dissolved_into_another_and_its_door_is_free(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (from, into) = (world.household(BUILDING, "101").await, world.household(OTHER_BUILDING, "301").await);
        let elder = world.elder(from, "李秀英", &[]).await;
        let dead = world.elder(from, "赵玉兰", &[]).await;
        world.elder(into, "王桂珍", &[]).await;
        resident::ActiveModel { id: Set(dead), deceased_on: Set(Some("2026-02-01".parse().unwrap())), ..Default::default() }
            .update(&world.raw)
            .await
            .unwrap();
        let held = task(&world, &volunteer, from, elder, VisitStatus::Claimed).await;
        let of_all = world.open_task(&clerk, from).await;
        let made = task(&world, &volunteer, from, elder, VisitStatus::Verified).await;
        let before = traces(&world).await;

        let merged = world.run(&clerk, MERGE, merge(from, 1, into)).await;
        let shown = &merged.payload("mergeHouseholds")["household"];
        assert_eq!((shown["version"].as_i64(), shown["residents"].as_array().unwrap().len()), (Some(2), 2));
        let old = household::Entity::find_by_id(from).one(&world.raw).await.unwrap().unwrap();
        assert_eq!((old.closed_on.map(|on| on.to_string()), old.merged_into_id), (Some("2026-03-02".to_owned()), Some(into)));
        assert_eq!(home_of(&world, held).await, (into, VisitStatus::Claimed));
        assert_eq!(home_of(&world, of_all).await, (into, VisitStatus::Open));
        assert_eq!(home_of(&world, made).await, (from, VisitStatus::Verified));
        // Both households, the living person, their enrolment and two visits.
        let after = traces(&world).await;
        assert_eq!((after[2] - before[2], after[3] - before[3]), (1, 6));
        let open = "SELECT count(*) FROM household_place WHERE to_on IS NULL";
        assert_eq!(world.count(open).await, 1);
        assert_eq!(lived(&world, "李秀英", GRID, "2026-03-01").await, 1);
        assert_eq!(lived(&world, "李秀英", OTHER_GRID, "2026-03-02").await, 1);
        assert_eq!(resident::Entity::find_by_id(dead).one(&world.raw).await.unwrap().unwrap().household_id, from);

        for (input, field, code) in [
            (merge(from, 2, into), "fromHouseholdId", "NO_LONGER_HERE"),
            (merge(into, 2, from), "intoHouseholdId", "NO_LONGER_HERE"),
            (merge(into, 2, into), "intoHouseholdId", "HOUSEHOLD_UNFIT"),
        ] {
            let refused = world.run(&clerk, MERGE, input).await;
            let errors = refused.user_errors("mergeHouseholds");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        let door = json!({"input": {"areaId": World::id::<ids::Area>(world.area(BUILDING)), "unit": "1", "room": "101"}});
        world.run(&clerk, ADD, door.clone()).await.payload("addHousehold");
        assert_eq!(world.run(&clerk, ADD, door).await.user_error_codes("addHousehold"), ["HOUSEHOLD_EXISTS"]);
    }

    async fn only_an_empty_one_is_closed(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let (full, empty) = (world.household(BUILDING, "101").await, world.household(BUILDING, "102").await);
        world.elder(full, "李秀英", &[]).await;
        let visit = world.open_task(&clerk, empty).await;
        let refused = world.run(&clerk, CLOSE, close(full, 1)).await;
        assert_eq!(refused.user_error_codes("closeHousehold"), ["HOUSEHOLD_OCCUPIED"]);
        let closed = world.run(&clerk, CLOSE, close(empty, 1)).await;
        assert_eq!(closed.payload("closeHousehold")["household"], json!({"version": 2, "closedOn": "2026-03-02"}));
        assert_eq!(home_of(&world, visit).await, (empty, VisitStatus::Cancelled));
        assert_eq!(world.audited("closeHousehold", empty).await, 1);
        assert_eq!((world.changed(empty).await, world.changed(visit).await), (1, 1));
        let again = world.run(&clerk, CLOSE, close(empty, 2)).await;
        assert_eq!(again.user_error_codes("closeHousehold"), ["NO_LONGER_HERE"]);
    }
}
