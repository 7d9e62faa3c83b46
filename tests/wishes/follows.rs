//! What becomes of a household's wishes when it moves, is merged or closed.

use nuanlin::ids;
use serde_json::json;

use super::town::Town;
use crate::support::database::on_both;
use crate::support::world::{OTHER_BUILDING, World};

on_both! {
    /// A household that moves takes its wishes along, and whoever has taken one on keeps it.
    async fn they_move_along(db: TestDatabase) {
        let town = Town::new(db).await;
        let (open, taken) = (town.wish("").await, town.wish("").await);
        assert_eq!(town.act(&town.liu, "takeWish", (&taken, "")).await, "BOOKED");
        let input = json!({"householdId": World::id::<ids::Household>(town.home), "expectedVersion": 1,
            "areaId": World::id::<ids::Area>(town.world.area(OTHER_BUILDING))});
        let moving = "mutation($input: MoveHouseholdInput!) { moveHousehold(input: $input) { userErrors { field code } } }";
        town.world.run(&town.zhou, moving, json!({"input": input})).await.payload("moveHousehold");
        assert!(town.calls(&town.chen).await.is_empty());
        assert_eq!(town.calls(&town.he).await, std::slice::from_ref(&open));
        assert_eq!(town.calls(&town.sun).await, [open], "the shop works there");
        assert_eq!(town.see(&town.liu, &taken).await["household"]["room"]["value"], "101");
        let strays = "SELECT count(*) FROM wish_hand h JOIN wish w ON w.id = h.wish_id WHERE h.area_id <> w.area_id";
        assert_eq!(town.world.count(strays).await, 0);
        assert_eq!(town.act(&town.liu, "beginWish", (&taken, "")).await, "IN_PROGRESS");
    }

    /// Merged, its wishes are the other household's; closed, they are withdrawn by the same write.
    async fn they_are_merged_and_withdrawn(db: TestDatabase) {
        let town = Town::new(db).await;
        let wish = town.wish("").await;
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let other = town.world.household(OTHER_BUILDING, "201").await;
        let merge = "mutation($input: MergeHouseholdsInput!) { mergeHouseholds(input: $input) { userErrors { field code } } }";
        let input = json!({"fromHouseholdId": World::id::<ids::Household>(town.home), "expectedVersion": 1,
            "intoHouseholdId": World::id::<ids::Household>(other)});
        let merged = town.world.run(&town.zhou, merge, json!({"input": input})).await;
        merged.payload("mergeHouseholds");
        let moved = "SELECT count(*) FROM wish w JOIN household h ON h.id = w.household_id AND h.area_id = w.area_id
            WHERE h.room = '201'";
        assert_eq!(town.world.count(moved).await, 1);
        // Nobody lives there any more.
        let away = "UPDATE resident SET deceased_on = '2026-03-01'";
        sea_orm::ConnectionTrait::execute_unprepared(&town.world.raw, away).await.unwrap();
        let close = "mutation($input: CloseHouseholdInput!) { closeHousehold(input: $input) { userErrors { field code } } }";
        let input = json!({"householdId": World::id::<ids::Household>(other), "expectedVersion": 2, "reason": "已迁出"});
        town.world.run(&town.zhou, close, json!({"input": input})).await.payload("closeHousehold");
        assert_eq!(town.see(&town.zhou, &wish).await["status"], "WITHDRAWN");
        assert_eq!(town.act(&town.liu, "beginWish", (&wish, "")).await, "NOT_FOUND", "it is another grid's, and not his");
    }
}
