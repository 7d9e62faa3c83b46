//! Which batches and doors the server makes, whenever it looks.

use std::sync::Arc;

use entity::enums::{CareTier, Meal, Role};
use nuanlin::visits::lapse::miss_past_visits;

use super::kitchen::{batch, batch_id, cook, doors, fed, meal, put, served, text};
use crate::coverage::people::{elder, wait_until};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, World};
use crate::visits::acts::again;

on_both! {
    /// A day begins at midnight in Shanghai, and the server makes its meals the day before.
    async fn the_day_after_tomorrow_is_made_at_midnight(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        fed(&world, &lead, GRID, 1).await;
        assert_eq!(cook(&world).await, 0, "nothing twice");
        wait_until(&world, "2026-03-02T23:59:59");
        assert_eq!(cook(&world).await, 0);
        wait_until(&world, "2026-03-03T00:00:00");
        assert_eq!(cook(&world).await, 4, "two batches with a door each");
        let dinner = batch(&world, "2026-03-04", Meal::Dinner).await;
        assert_eq!(dinner.due_at, crate::coverage::people::at("2026-03-04T18:30:00"));
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'generateMeals'").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM change WHERE kind = 'MEAL_BATCH'").await, 6);
    }

    /// A list that is begun in the afternoon has missed no lunch.
    async fn what_was_over_before_anybody_was_on_the_list_is_not_missed(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        wait_until(&world, "2026-03-02T15:00:00");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let (list, _) = fed(&world, &lead, GRID, 1).await;
        assert_eq!(served(&world).await, [
            "03-02 DINNER OPEN: OPEN",
            "03-03 LUNCH OPEN: OPEN",
            "03-03 DINNER OPEN: OPEN",
        ]);
        let late = elder(&world, BUILDING, "900", CareTier::Key).await;
        wait_until(&world, "2026-03-02T18:00:00");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        assert_eq!(put(&world, &lead, &list, (&[late], "[DINNER]")).await, [""]);
        assert_eq!(served(&world).await[0], "03-02 DINNER OPEN: OPEN OPEN", "there is half an hour left");
    }

    /// Two days without a server: the meals of those days are missed by name, and nothing older than a week.
    async fn what_a_server_slept_through_is_missed_not_forgotten(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        fed(&world, &lead, GRID, 1).await;
        wait_until(&world, "2026-03-05T12:00:00");
        let app = world.app();
        miss_past_visits(&app.db, &app.keys, &app.clock).await.unwrap();
        cook(&world).await;
        assert_eq!(served(&world).await, [
            "03-02 LUNCH OPEN: MISSED",
            "03-02 DINNER OPEN: MISSED",
            "03-03 LUNCH OPEN: MISSED",
            "03-03 DINNER OPEN: MISSED",
            "03-04 LUNCH OPEN: MISSED",
            "03-04 DINNER OPEN: MISSED",
            "03-05 LUNCH OPEN: OPEN",
            "03-05 DINNER OPEN: OPEN",
            "03-06 LUNCH OPEN: OPEN",
            "03-06 DINNER OPEN: OPEN",
        ]);
        wait_until(&world, "2026-03-20T09:00:00");
        cook(&world).await;
        let eldest = "SELECT count(*) FROM meal_batch WHERE served_on > '2026-03-06' AND served_on < '2026-03-13'";
        assert_eq!(world.count(eldest).await, 0);
        assert_eq!(world.count("SELECT count(*) FROM meal_batch WHERE served_on >= '2026-03-13'").await, 18);
    }

    /// Later, not on weekends, no dinner: what is not over follows, held or not; and the end ends it.
    async fn batches_follow_their_list(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (list, _) = fed(&world, &lead, GRID, 2).await;
        let lunch = batch(&world, "2026-03-02", Meal::Lunch).await;
        let dinner = batch(&world, "2026-03-02", Meal::Dinner).await;
        for row in [&lunch, &dinner] {
            meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(row))).await.payload("claimMealBatch");
        }
        let edit = format!("mealListId: \"{list}\", expectedVersion: 1, lunch: {{fromMinute: 690, toMinute: 780}}, dinner: null,
            weekdays: [MONDAY]");
        meal(&world, &lead, "editMealList", &edit).await.payload("editMealList");
        assert_eq!(served(&world).await, [
            "03-02 LUNCH CLAIMED: CLAIMED CLAIMED",
            "03-02 DINNER CALLED_OFF: CANCELLED CANCELLED",
            "03-03 LUNCH CALLED_OFF: CANCELLED CANCELLED",
            "03-03 DINNER CALLED_OFF: CANCELLED CANCELLED",
        ]);
        let shifted = batch(&world, "2026-03-02", Meal::Lunch).await;
        let one = crate::coverage::people::at("2026-03-02T13:00:00");
        assert_eq!(shifted.due_at, one);
        for door in doors(&world, &shifted).await {
            assert_eq!((door.due_at, door.lease_until), (one, Some(one)));
        }
        let stale = meal(&world, &lead, "editMealList", &edit).await;
        assert_eq!(stale.user_error_codes("editMealList"), ["VERSION_CONFLICT"]);
        // Dinner after all: the doors are the same ones, and free.
        let edit = format!("mealListId: \"{list}\", expectedVersion: 2, dinner: {{fromMinute: 1020, toMinute: 1110}}");
        meal(&world, &lead, "editMealList", &edit).await.payload("editMealList");
        assert_eq!(served(&world).await[1], "03-02 DINNER OPEN: OPEN OPEN");
        assert_eq!(cook(&world).await, 0);
        let ended = meal(&world, &lead, "endMealList", &format!("mealListId: \"{list}\", expectedVersion: 3, reason: \"装修\"")).await;
        assert_eq!(text(&ended.payload("endMealList")["mealList"]["endedOn"]), "2026-03-02");
        assert!(served(&world).await.iter().all(|told| told.contains("CALLED_OFF: CANCELLED CANCELLED")));
        let again = meal(&world, &lead, "endMealList", &format!("mealListId: \"{list}\", expectedVersion: 4, reason: \"装修\"")).await;
        assert_eq!(again.user_error_codes("endMealList"), ["ALREADY_ENDED"]);
        wait_until(&world, "2026-03-09T09:00:00");
        assert_eq!(cook(&world).await, 0);
    }

    /// Two servers, many times, at the same moment: the same batches and doors, each made once.
    async fn two_servers_at_once_make_every_door_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        fed(&world, &lead, GRID, 10).await;
        for round in 1..=i64::try_from(rounds()).unwrap().min(10) {
            world.clock.advance(chrono::Duration::days(1));
            let runs = [0; 4].map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { cook(&world).await })
            });
            let mut made = 0;
            for run in runs {
                made += run.await.expect("no panic");
            }
            assert_eq!(made, 22, "round {round}: two batches with ten doors each");
            assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 20 * (2 + round));
            assert_eq!(world.count("SELECT count(*) FROM meal_batch").await, 2 * (2 + round));
        }
    }
}
