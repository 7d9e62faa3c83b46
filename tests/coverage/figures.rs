//! What counts, what excuses, who is missed: counted by hand.

use entity::enums::{
    AttemptReason, CareTier, Role, VisitKind, VisitMethod, VisitOutcome, VisitStatus,
};
use entity::visit_attempt;
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::people::{
    Visit, at, coverage, day, died, elder, names, paused, set_enrolment, visited, wait_until,
    window,
};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, World};

on_both! {
    async fn a_month_in_a_grid_adds_up_and_names_whom_it_missed(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let key = CareTier::Key;
        // Seen at the door, verified; seen, waiting; seen in February's last and April's first minute.
        let seen = elder(&world, BUILDING, "101", key).await;
        visited(&world, &lead, seen, Visit::good(at("2026-03-31T23:59:59"))).await;
        let waits = elder(&world, BUILDING, "102", key).await;
        let waiting = Visit { status: VisitStatus::Reported, ..Visit::good(at("2026-03-01T00:00:00")) };
        visited(&world, &lead, waits, waiting).await;
        let early = elder(&world, BUILDING, "103", key).await;
        visited(&world, &lead, early, Visit::good(at("2026-02-28T23:59:59"))).await;
        visited(&world, &lead, early, Visit::good(at("2026-04-01T00:00:00"))).await;
        // A call does not count for the key tier, and does for the general one.
        let called = elder(&world, BUILDING, "104", key).await;
        let general = elder(&world, BUILDING, "105", CareTier::General).await;
        let call = Visit { method: VisitMethod::Phone, ..Visit::good(at("2026-03-10T10:00:00")) };
        visited(&world, &lead, called, call).await;
        visited(&world, &lead, general, call).await;
        // A finding is no contact; a briefing is no visit; a visit that was never reported is none.
        let hospital = elder(&world, BUILDING, "106", key).await;
        let found = Visit { outcome: VisitOutcome::InHospital, ..Visit::good(at("2026-03-11T10:00:00")) };
        visited(&world, &lead, hospital, found).await;
        let briefed = elder(&world, BUILDING, "107", key).await;
        let briefing = Visit { kind: VisitKind::PolicyBriefing, ..Visit::good(at("2026-03-12T10:00:00")) };
        visited(&world, &lead, briefed, briefing).await;
        // Dead, ended, resting; dead but seen before; resting for a while in the middle.
        let dead = elder(&world, BUILDING, "108", key).await;
        died(&world, dead, day("2026-03-15")).await;
        let ended = elder(&world, BUILDING, "109", key).await;
        set_enrolment(&world, ended, |row| row.to_on = Set(Some(day("2026-03-31")))).await;
        let rests = elder(&world, BUILDING, "110", key).await;
        paused(&world, rests, day("2026-03-20"), None).await;
        let seen_then_dead = elder(&world, BUILDING, "111", key).await;
        visited(&world, &lead, seen_then_dead, Visit::good(at("2026-03-02T10:00:00"))).await;
        died(&world, seen_then_dead, day("2026-03-15")).await;
        let rested = elder(&world, BUILDING, "112", key).await;
        paused(&world, rested, day("2026-03-05"), Some(day("2026-03-25"))).await;
        // Not of this month, not of this grid, no circumstance.
        let gone = elder(&world, BUILDING, "113", key).await;
        set_enrolment(&world, gone, |row| row.to_on = Set(Some(day("2026-03-01")))).await;
        elder(&world, OTHER_BUILDING, "114", key).await;
        let without = elder(&world, BUILDING, "115", key).await;
        set_enrolment(&world, without, |row| {
            row.circumstances = Set(entity::circumstances::Circumstances::default());
        }).await;
        // What was tried in April says nothing of March.
        let attempt = visited(&world, &lead, called, Visit { status: VisitStatus::Missed, ..call }).await;
        for (reason, when) in [
            (AttemptReason::NotAtHome, at("2026-03-31T23:59:59")),
            (AttemptReason::RefusedToOpen, at("2026-04-01T00:00:00")),
        ] {
            visit_attempt::ActiveModel {
                id: Set(world.clock.new_id()),
                visit_task_id: Set(attempt),
                account_id: Set(lead.account),
                reason: Set(reason),
                occurred_at: Set(when),
                recorded_at: Set(when),
                ..Default::default()
            }.insert(&world.raw).await.expect("an attempt");
        }

        wait_until(&world, "2026-05-02T09:00:00");
        let lead = world.signed_in(lead.account, 1, vec![(Role::GridLead, world.area(GRID))]).await;
        let march = coverage(&world, &lead, GRID, "2026-03").await;
        assert_eq!(march["contactRate"], json!({"roster": 12, "contacted": 4, "verified": 3, "waiting": 1,
            "inPerson": 3, "remote": 1, "excluded": 3, "exclusions": [
                {"reason": "DECEASED", "people": 1}, {"reason": "ENDED", "people": 1},
                {"reason": "PAUSED", "people": 1}], "missed": 5}));
        assert_eq!(names(&march["missed"]),
            ["李秀英103", "李秀英104", "李秀英106", "李秀英107", "李秀英112"]);
        let called = march["missed"]["edges"].as_array().unwrap().iter()
            .find(|edge| edge["node"]["name"]["value"] == "李秀英104").unwrap();
        assert_eq!(called["node"]["lastAttemptReason"], "NOT_AT_HOME");
        assert_eq!(march["children"], json!([{"area": {"code": BUILDING},
            "contactRate": {"roster": 12, "contacted": 4, "missed": 5, "excluded": 3}}]));

        // Whoever looks at another grid finds nothing; a supervisor finds figures and no name.
        let other = coverage(&world, &lead, OTHER_GRID, "2026-03").await;
        assert!(other.is_null());
        let supervisor = world.person("督查员", &[(Role::Supervisor, "341102006")]).await;
        let seen = coverage(&world, &supervisor, GRID, "2026-03").await;
        assert_eq!(seen["contactRate"]["roster"], 12);
        assert_eq!(seen["missed"]["edges"][0]["node"]["name"], json!({"value": null, "visibility": "ABSENT"}));
    }

    /// Every window that was not called off has to be met.
    async fn plan_completion_counts_windows(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let weeks = [
            (at("2026-03-02T00:00:00"), at("2026-03-09T00:00:00")),
            (at("2026-03-09T00:00:00"), at("2026-03-16T00:00:00")),
        ];
        let [both, one, off, off_and_met, ends_later] = {
            let mut elders = Vec::new();
            for room in ["101", "102", "103", "104", "105"] {
                elders.push(elder(&world, BUILDING, room, CareTier::HighRisk).await);
            }
            <[uuid::Uuid; 5]>::try_from(elders).unwrap()
        };
        for (first, second, elder) in [
            (VisitStatus::Verified, VisitStatus::Verified, both),
            (VisitStatus::Verified, VisitStatus::Missed, one),
            (VisitStatus::Cancelled, VisitStatus::Cancelled, off),
            (VisitStatus::Cancelled, VisitStatus::Verified, off_and_met),
        ] {
            window(&world, &lead, elder, weeks[0], first).await;
            window(&world, &lead, elder, weeks[1], second).await;
        }
        window(&world, &lead, ends_later, (weeks[1].0, at("2026-04-01T00:00:01")), VisitStatus::Open).await;
        for (elder, when) in [
            (both, "2026-03-02T00:00:00"), (both, "2026-03-15T23:59:59"),
            (one, "2026-03-08T12:00:00"), (one, "2026-03-16T00:00:00"),
            (off_and_met, "2026-03-10T12:00:00"),
        ] {
            visited(&world, &lead, elder, Visit::good(at(when))).await;
        }
        wait_until(&world, "2026-04-02T09:00:00");
        let lead = world.signed_in(lead.account, 1, vec![(Role::GridLead, world.area(GRID))]).await;
        let march = coverage(&world, &lead, GRID, "2026-03").await;
        assert_eq!(march["planCompletion"], json!({"roster": 4, "contacted": 2, "verified": 2, "waiting": 0,
            "inPerson": 2, "remote": 0, "excluded": 1,
            "exclusions": [{"reason": "CALLED_OFF", "people": 1}], "missed": 1}));
        assert_eq!(names(&march["planMissed"]), ["李秀英102"]);
    }

    /// Who moved away in April still belongs to where they lived in March.
    async fn the_past_stays_where_it_was(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let moved = elder(&world, BUILDING, "101", CareTier::Key).await;
        let home = world.household(OTHER_BUILDING, "201").await;
        wait_until(&world, "2026-04-10T09:00:00");
        let staff = world.signed_in(staff.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        let query = "mutation($resident: ID!, $home: ID!) { moveResident(input: {residentId: $resident,
            householdId: $home, expectedVersion: 1}) { userErrors { code } } }";
        let variables = json!({"resident": World::id::<nuanlin::ids::Resident>(moved),
            "home": World::id::<nuanlin::ids::Household>(home)});
        world.run(&staff, query, variables).await.payload("moveResident");
        for (month, here, there) in [("2026-03", 1, 0), ("2026-04", 0, 1)] {
            let old = coverage(&world, &staff, GRID, month).await;
            let new = coverage(&world, &staff, OTHER_GRID, month).await;
            assert_eq!((&old["contactRate"]["roster"], &new["contactRate"]["roster"]),
                (&json!(here), &json!(there)), "{month}");
        }
    }
}
