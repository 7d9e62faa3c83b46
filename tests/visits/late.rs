//! Reports that come when the claim has lapsed: kept, linked, never twice.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use serde_json::json;

use super::acts::{act, again, done, meant_for, state};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, World};

on_both! {
    /// The phone was without a signal for two days; what was done at the door is not lost.
    async fn a_report_after_the_window_is_kept_as_a_task_of_its_own(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        let id = World::id::<ids::VisitTask>(task);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        world.clock.advance(Duration::days(2) + Duration::hours(1));
        let app = world.app();
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 1);
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;

        // Outside the window and the claim nothing counts; within it does.
        let at = |when: &str| format!(", outcome: SEEN_WELL, method: IN_PERSON, occurredAt: \"{when}\"");
        let after = act(&world, &volunteer, &id, "reportVisitTask", &at("2026-03-04T09:30:00+08:00")).await;
        assert_eq!(after.user_error_codes("reportVisitTask"), ["WINDOW_PASSED"]);
        let late = done(&world, &volunteer, &id, "reportVisitTask", &at("2026-03-03T10:00:00+08:00")).await;
        assert_eq!((&late["status"], &late["origin"], &late["followsId"]),
            (&json!("REPORTED"), &json!("LATE"), &json!(id)));
        assert_eq!(state(&world, task).await, "MISSED");
        let twice = act(&world, &volunteer, &id, "reportVisitTask", &at("2026-03-03T10:00:00+08:00")).await;
        assert_eq!(twice.user_error_codes("reportVisitTask"), ["ALREADY_REPORTED"]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 2);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'reportVisitTask'").await, 1);
        // It shows in the month's coverage like any other, and a person verifies it.
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let verified = done(&world, &lead, late["id"].as_str().unwrap(), "verifyVisitTask", "").await;
        assert_eq!(verified["status"], "VERIFIED");
    }

    /// Given back, and open again: the report settles it where it lies.
    async fn a_late_report_settles_the_task_that_is_open_again(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let other = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let id = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        let report = ", outcome: SEEN_WELL, method: IN_PERSON";
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &volunteer, &id, "releaseVisitTask", ", reason: \"孩子发烧\"").await;
        // Who never held it is refused as ever.
        let never = act(&world, &other, &id, "reportVisitTask", report).await;
        assert_eq!(never.user_error_codes("reportVisitTask"), ["NOT_CLAIMED_BY_YOU"]);
        let settled = done(&world, &volunteer, &id, "reportVisitTask", report).await;
        assert_eq!((&settled["id"], &settled["status"], &settled["origin"]),
            (&json!(id), &json!("REPORTED"), &json!("PLANNED")));
    }

    /// It was called off while the volunteer was on the way: what was found at the door is kept, once.
    async fn a_visit_called_off_meanwhile_is_kept_when_it_was_made(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let other = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let report = ", outcome: SEEN_WELL, method: IN_PERSON";
        let row = world.open_task(&lead, home).await;
        let id = World::id::<ids::VisitTask>(row);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &lead, &id, "cancelVisitTask", ", reason: \"重复\"").await;
        let never = act(&world, &other, &id, "reportVisitTask", report).await;
        assert_eq!(never.user_error_codes("reportVisitTask"), ["NOT_CLAIMED_BY_YOU"]);
        let late = done(&world, &volunteer, &id, "reportVisitTask", report).await;
        assert_eq!((&late["status"], &late["origin"], &late["followsId"]),
            (&json!("REPORTED"), &json!("LATE"), &json!(id)));
        assert_eq!(state(&world, row).await, "CANCELLED");
        let twice = act(&world, &volunteer, &id, "reportVisitTask", report).await;
        assert_eq!(twice.user_error_codes("reportVisitTask"), ["ALREADY_REPORTED"]);

        // What was reported before it was called off is known already.
        let id = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &volunteer, &id, "reportVisitTask", report).await;
        done(&world, &lead, &id, "cancelVisitTask", ", reason: \"误报\"").await;
        let again = act(&world, &volunteer, &id, "reportVisitTask", report).await;
        assert_eq!(again.user_error_codes("reportVisitTask"), ["ALREADY_FINISHED"]);
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, 2);
    }

    /// A death calls the visit off: nobody can have met the dead, but whoever was there that day may have.
    async fn nobody_has_visited_the_dead(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let died = "mutation($id: ID!, $day: Date!) { recordDeath(input: {residentId: $id, expectedVersion: 1,
            diedOn: $day, source: \"家属\"}) { userErrors { code } } }";
        for (room, day, refused) in [("101", "2026-03-01", true), ("102", "2026-03-02", false)] {
            let home = world.household(BUILDING, room).await;
            let elder = world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
            let elder = World::id::<ids::Resident>(elder);
            let row = world.open_task(&lead, home).await;
            meant_for(&world, row, &elder).await;
            let id = World::id::<ids::VisitTask>(row);
            done(&world, &volunteer, &id, "claimVisitTask", "").await;
            let recorded = world.run(&lead, died, json!({"id": elder, "day": day})).await;
            recorded.payload("recordDeath");
            assert_eq!(state(&world, row).await, "CANCELLED");
            let report = ", outcome: SEEN_WELL, method: IN_PERSON";
            let answer = act(&world, &volunteer, &id, "reportVisitTask", report).await;
            let expected: &[&str] = if refused { &["NO_LONGER_HERE"] } else { &[] };
            assert_eq!(answer.user_error_codes("reportVisitTask"), expected, "{day}");
        }
    }

    /// The window ends at the very moment of the report: one of the two comes first, and either way the
    /// report is there once and no state is skipped.
    async fn lease_expiry_races_the_report(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let mut followed = 0;
        for round in 0..rounds() {
            let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
            let task = world.open_task(&lead, home).await;
            let id = World::id::<ids::VisitTask>(task);
            done(&world, &volunteer, &id, "claimVisitTask", "").await;
            world.clock.advance(Duration::days(2));
            let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
            let occurred = (world.clock.now() - Duration::hours(1)).to_rfc3339();
            let input = format!(", outcome: SEEN_WELL, method: IN_PERSON, occurredAt: \"{occurred}\"");
            let app = world.app();
            let (_, reported) = tokio::join!(
                miss_past_visits(&app.db, &app.keys, &world.clock),
                act(&world, &volunteer, &id, "reportVisitTask", &input),
            );
            let reported = &reported.payload("reportVisitTask")["visitTask"];
            assert_eq!(reported["status"], "REPORTED", "round {round}");
            let late = reported["followsId"] == json!(id);
            followed += u32::from(late);
            let expected = if late { "MISSED" } else { "REPORTED" };
            assert_eq!(state(&world, task).await, expected, "round {round}");
        }
        println!("{followed} of {} reports came second", rounds());
        let reports = i64::try_from(rounds()).unwrap();
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, reports);
    }
}
