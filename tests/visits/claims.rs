//! Claims kept, promised, passed on and refused.

use chrono::{Duration, NaiveDate};
use entity::enums::{Gender, Role, VisitKind};
use entity::{area, visit_task, volunteer_profile, volunteer_training};
use nuanlin::config::Settings;
use nuanlin::ids;
use nuanlin::visits::claims::lapse::reopen_returned;
use nuanlin::visits::lapse::miss_past_visits;
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use uuid::Uuid;

use super::acts::{act, again, done, state};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};

async fn task(world: &World, lead: &Person, room: &str) -> (Uuid, String) {
    let home = world.household(BUILDING, room).await;
    let task = world.open_task(lead, home).await;
    (task, World::id::<ids::VisitTask>(task))
}

async fn change(world: &World, task: Uuid, change: impl FnOnce(&mut visit_task::ActiveModel)) {
    let mut row = visit_task::ActiveModel {
        id: Set(task),
        ..Default::default()
    };
    change(&mut row);
    row.update(&world.raw).await.expect("a change");
}

on_both! {
    /// A day more, twice; the third is refused, and the visit is missed only when the lease is over.
    async fn a_lease_is_renewed_twice_beyond_the_window(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (row, id) = task(&world, &lead, "101").await;
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        for _ in 0..2 {
            done(&world, &volunteer, &id, "renewVisitTask", "").await;
        }
        let third = act(&world, &volunteer, &id, "renewVisitTask", "").await;
        assert_eq!(third.user_error_codes("renewVisitTask"), ["RENEWAL_LIMIT"]);
        let app = world.app();
        // Two days of window and two renewals: the lease ends on the sixth of March at nine.
        world.clock.advance(Duration::days(4) - Duration::seconds(1));
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let desk = "query($id: ID!) { desk(areaId: $id) { missed { visitTasks { id status } } } }";
        let grid = World::id::<ids::Area>(world.area(GRID));
        let late = world.run(&lead, desk, json!({"id": grid})).await;
        assert_eq!(*late.data("desk.missed.visitTasks"), json!([{"id": id, "status": "CLAIMED"}]), "the lead sees that it is late");
        world.clock.advance(Duration::seconds(1));
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 1);
        assert_eq!(state(&world, row).await, "MISSED");
    }

    /// One tries again while one holds the claim: the window, and with it the lease, ends at nine in two days.
    async fn the_next_try_lies_within_the_lease(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (row, id) = task(&world, &lead, "101").await;
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        let retry = |at: &str| format!(", reason: NOT_AT_HOME, retryAt: \"2026-03-04T{at}+08:00\"");
        let beyond = act(&world, &volunteer, &id, "recordVisitAttempt", &retry("09:00:01")).await;
        let errors = beyond.user_errors("recordVisitAttempt");
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].field, errors[0].code), (Some("retryAt"), "OUT_OF_RANGE"));
        assert_eq!(world.count("SELECT count(*) FROM visit_attempt").await, 0);
        assert_eq!(world.count("SELECT sum(attempts) FROM visit_task").await, 0);
        done(&world, &volunteer, &id, "recordVisitAttempt", &retry("09:00:00")).await;
        assert_eq!(state(&world, row).await, "CLAIMED");
        assert_eq!(world.count("SELECT count(*) FROM visit_attempt").await, 1);
    }

    /// Home visits take 30 minutes: one cannot be at two doors, and is told where the way is long.
    async fn appointments_do_not_collide_and_tight_ways_are_told(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        let (_, first) = task(&world, &lead, "101").await;
        let (_, second) = task(&world, &lead, "102").await;
        let far = world.household(OTHER_BUILDING, "101").await;
        let far = World::id::<ids::VisitTask>(world.open_task(&lead, far).await);
        // 0.05 degrees of latitude are 5.6 km: an hour and a half on foot.
        for (building, north) in [(BUILDING, 32.30), (OTHER_BUILDING, 32.35)] {
            area::ActiveModel {
                id: Set(world.area(building)),
                latitude: Set(Some(north)),
                longitude: Set(Some(118.3)),
                ..Default::default()
            }
            .update(&world.raw)
            .await
            .unwrap();
        }
        let at = |time: &str| format!(", appointedAt: \"2026-03-02T{time}+08:00\"");
        done(&world, &volunteer, &first, "claimVisitTask", &at("10:00:00")).await;
        let collides = act(&world, &volunteer, &second, "claimVisitTask", &at("10:29:00")).await;
        assert_eq!(collides.user_error_codes("claimVisitTask"), ["TIME_CONFLICT"]);
        done(&world, &volunteer, &second, "claimVisitTask", &at("10:30:00")).await;
        let moved = act(&world, &volunteer, &second, "appointVisitTask", &at("09:45:00")).await;
        assert_eq!(moved.user_error_codes("appointVisitTask"), ["TIME_CONFLICT"]);
        let past = act(&world, &volunteer, &second, "appointVisitTask", &at("08:59:00")).await;
        assert_eq!(past.user_error_codes("appointVisitTask"), ["OUT_OF_RANGE"]);
        let query = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id,
            appointedAt: \"2026-03-02T11:10:00+08:00\"}) { tightTravel { visitTaskId } userErrors { code } } }";
        let warned = world.run(&volunteer, query, json!({"id": far})).await;
        let mut tight: Vec<&str> = warned.payload("claimVisitTask")["tightTravel"].as_array().unwrap()
            .iter().map(|one| one["visitTaskId"].as_str().unwrap()).collect();
        tight.sort_unstable();
        let mut expected = [first.as_str(), second.as_str()];
        expected.sort_unstable();
        assert_eq!(tight, expected);
    }

    /// At nine an appointment at eleven can still be given back; at nine and a second it cannot, until it
    /// has passed. The lead can give the visit to somebody else at any time.
    async fn a_promise_is_given_back_in_time_or_by_the_lead(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let other = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let elsewhere = world.person("吴强", &[(Role::Volunteer, OTHER_GRID)]).await;
        let (_, id) = task(&world, &lead, "101").await;
        let at = ", appointedAt: \"2026-03-02T11:00:00+08:00\"";
        let release = ", reason: \"孩子发烧\"";
        done(&world, &volunteer, &id, "claimVisitTask", at).await;
        assert_eq!(done(&world, &volunteer, &id, "releaseVisitTask", release).await["status"], "OPEN");
        done(&world, &volunteer, &id, "claimVisitTask", at).await;
        world.clock.advance(Duration::seconds(1));
        let late = act(&world, &volunteer, &id, "releaseVisitTask", release).await;
        assert_eq!(late.user_error_codes("releaseVisitTask"), ["RELEASE_TOO_LATE"]);
        let to = |who: &Person| format!(", reason: \"请假\", accountId: \"{}\"",
            World::id::<ids::Account>(who.account));
        let unfit = act(&world, &lead, &id, "reassignVisitTask", &to(&elsewhere)).await;
        assert_eq!(unfit.user_error_codes("reassignVisitTask"), ["NOT_ASSIGNABLE"]);
        let passed = done(&world, &lead, &id, "reassignVisitTask", &to(&other)).await;
        assert_eq!(passed["status"], "CLAIMED");
        let lost = act(&world, &volunteer, &id, "startVisitTask", "").await;
        assert_eq!(lost.user_error_codes("startVisitTask"), ["NOT_CLAIMED_BY_YOU"]);
        assert_eq!(done(&world, &other, &id, "startVisitTask", "").await["status"], "STARTED");
        let opened = done(&world, &lead, &id, "reassignVisitTask", ", reason: \"改约\"").await;
        assert_eq!((&opened["status"], &opened["claim"]), (&json!("OPEN"), &json!(null)));
    }

    async fn many_visits_pass_to_somebody_else_together_or_not_at_all(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (ill, other) = (world.person("陈静", &[(Role::Volunteer, GRID)]).await,
            world.person("刘洋", &[(Role::Volunteer, GRID)]).await);
        let mut tasks = Vec::new();
        for room in ["101", "102", "103"] {
            let (_, id) = task(&world, &lead, room).await;
            done(&world, &ill, &id, "claimVisitTask", "").await;
            tasks.push(id);
        }
        let query = "mutation($ids: [ID!]!, $to: ID) { reassignVisitTasks(input: {visitTaskIds: $ids,
            accountId: $to, reason: \"请假\"}) { results { visitTaskId userErrors { code } } userErrors { code } } }";
        let to = World::id::<ids::Account>(other.account);
        done(&world, &ill, &tasks[2], "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        let stuck = world.run(&lead, query, json!({"ids": tasks, "to": to})).await;
        let results = stuck.payload("reassignVisitTasks")["results"].as_array().unwrap();
        assert_eq!(results[2]["userErrors"], json!([{"code": "ALREADY_REPORTED"}]));
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE assigned_by IS NOT NULL").await, 0, "none has moved");
        world.run(&lead, query, json!({"ids": tasks[..2], "to": to})).await.payload("reassignVisitTasks");
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE assigned_by IS NOT NULL").await, 2);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'reassignVisitTasks'").await, 1);
    }

    /// Checking wires asks for a training and eighteen years; the lead cannot get round it either.
    async fn only_people_fit_for_the_kind_claim_it(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let set = "mutation($area: ID!) { setKindRequirement(input: {areaId: $area, kind: SAFETY_CHECK,
            minAge: 18, training: \"用电安全\"}) { kindRequirements { minAge training } userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(COMMUNITY));
        let rules = world.run(&staff, set, json!({"area": area})).await;
        assert_eq!(rules.payload("setKindRequirement")["kindRequirements"],
            json!([{"minAge": 18, "training": "用电安全"}]));
        let (row, id) = task(&world, &lead, "101").await;
        change(&world, row, |row| row.kind = Set(VisitKind::SafetyCheck)).await;
        let unknown = act(&world, &volunteer, &id, "claimVisitTask", "").await;
        assert_eq!(unknown.user_error_codes("claimVisitTask"), ["AGE_UNFIT"]);
        let born = |on: &str| on.parse::<NaiveDate>().unwrap();
        let mut profile = volunteer_profile::ActiveModel {
            account_id: Set(volunteer.account),
            gender: Set(Gender::Female),
            born_on: Set(Some(born("2008-03-03"))),
            version: Set(1),
            created_at: Set(world.clock.now()),
            updated_at: Set(world.clock.now()),
            ..Default::default()
        };
        profile.clone().insert(&world.raw).await.unwrap();
        let young = act(&world, &volunteer, &id, "claimVisitTask", "").await;
        assert_eq!(young.user_error_codes("claimVisitTask"), ["AGE_UNFIT"]);
        profile.born_on = Set(Some(born("2008-03-02")));
        profile.update(&world.raw).await.unwrap();
        let untrained = act(&world, &volunteer, &id, "claimVisitTask", "").await;
        assert_eq!(untrained.user_error_codes("claimVisitTask"), ["TRAINING_MISSING"]);
        let to = format!(", reason: \"急\", accountId: \"{}\"", World::id::<ids::Account>(volunteer.account));
        let given = act(&world, &lead, &id, "reassignVisitTask", &to).await;
        assert_eq!(given.user_error_codes("reassignVisitTask"), ["TRAINING_MISSING"]);
        for valid_until in [born("2026-03-01"), born("2026-03-02")] {
            volunteer_training::ActiveModel {
                id: Set(world.clock.new_id()),
                account_id: Set(volunteer.account),
                training: Set("用电安全".to_owned()),
                minutes: Set(120),
                completed_on: Set(born("2025-03-01")),
                valid_until_on: Set(Some(valid_until)),
                recorded_by: Set(staff.account),
                created_at: Set(world.clock.now()),
                ..Default::default()
            }
            .insert(&world.raw)
            .await
            .unwrap();
            let claim = act(&world, &volunteer, &id, "claimVisitTask", "").await;
            let expected: &[&str] = if valid_until < born("2026-03-02") { &["TRAINING_MISSING"] } else { &[] };
            assert_eq!(claim.user_error_codes("claimVisitTask"), expected);
        }
    }

    async fn the_center_household_is_asked_first_for_a_while(db: TestDatabase) {
        let settings = Settings { center_first_hours: 4, ..Settings::default() };
        let world = World::with(db, settings).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (_, without) = task(&world, &lead, "101").await;
        done(&world, &volunteer, &without, "claimVisitTask", "").await;
        let center = world.person("孙丽", &[(Role::CenterHousehold, BUILDING)]).await;
        let (_, hers) = task(&world, &lead, "102").await;
        let (_, waits) = task(&world, &lead, "103").await;
        let early = act(&world, &volunteer, &hers, "claimVisitTask", "").await;
        assert_eq!(early.user_error_codes("claimVisitTask"), ["CENTER_FIRST"]);
        done(&world, &center, &hers, "claimVisitTask", "").await;
        world.clock.advance(Duration::hours(4));
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        done(&world, &volunteer, &waits, "claimVisitTask", "").await;
    }

    /// Two a day here; the day ends at midnight in Shanghai, sixteen o'clock in London.
    async fn claims_are_capped_by_the_day(db: TestDatabase) {
        let settings = Settings { claims_a_day: 2, ..Settings::default() };
        let world = World::with(db, settings).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let mut ids = Vec::new();
        for room in ["101", "102", "103"] {
            ids.push(task(&world, &lead, room).await.1);
        }
        done(&world, &volunteer, &ids[0], "claimVisitTask", "").await;
        // Giving back does not give the day back.
        done(&world, &volunteer, &ids[0], "releaseVisitTask", ", reason: \"有事\"").await;
        done(&world, &volunteer, &ids[1], "claimVisitTask", "").await;
        let third = act(&world, &volunteer, &ids[2], "claimVisitTask", "").await;
        assert_eq!(third.user_error_codes("claimVisitTask"), ["DAILY_CLAIM_LIMIT"]);
        done(&world, &volunteer, &ids[1], "releaseVisitTask", ", reason: \"有事\"").await;
        let again_first = act(&world, &volunteer, &ids[0], "claimVisitTask", "").await;
        assert_eq!(again_first.user_error_codes("claimVisitTask"), ["DAILY_CLAIM_LIMIT"]);
        world.clock.advance(Duration::hours(15) - Duration::seconds(1));
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let night = act(&world, &volunteer, &ids[2], "claimVisitTask", "").await;
        assert_eq!(night.user_error_codes("claimVisitTask"), ["DAILY_CLAIM_LIMIT"], "23:59:59");
        world.clock.advance(Duration::seconds(1));
        done(&world, &volunteer, &ids[2], "claimVisitTask", "").await;
    }

    /// What was sent back and not completed is open again, for three days at least; the report stays.
    async fn a_returned_report_that_nobody_completes_opens_the_visit_again(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (row, id) = task(&world, &lead, "101").await;
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &volunteer, &id, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        done(&world, &lead, &id, "returnVisitTask",
            ", remark: \"请补充\", dueAt: \"2026-03-05T09:00:00+08:00\"").await;
        let app = world.app();
        world.clock.advance(Duration::days(3) - Duration::seconds(1));
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        assert_eq!(reopen_returned(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(reopen_returned(&app.db, &app.keys, &world.clock).await.unwrap(), 1);
        assert_eq!(reopen_returned(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        assert_eq!(state(&world, row).await, "OPEN");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let shown = "query($id: ID!) { visitTask(id: $id) { dueAt claim { isMine } reports { revision } } }";
        let shown = world.run(&lead, shown, json!({"id": id})).await;
        assert_eq!(*shown.data("visitTask"), json!({"dueAt": "2026-03-08T01:00:00.000Z", "claim": null,
            "reports": [{"revision": 1}]}));
        assert_eq!(world.audited("reopenVisitTask", row).await, 1);
    }

    /// The window is over when the holder gives up what was returned, or the lead passes it on: three days
    /// are left all the same, and what the last holder had promised is gone.
    async fn what_was_returned_can_be_passed_on_after_its_window(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let other = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let mut tasks = Vec::new();
        for room in ["101", "102", "103"] {
            let (row, id) = task(&world, &lead, room).await;
            done(&world, &volunteer, &id, "claimVisitTask", "").await;
            done(&world, &volunteer, &id, "recordVisitAttempt",
                ", reason: NOT_AT_HOME, retryAt: \"2026-03-02T15:00:00+08:00\"").await;
            done(&world, &volunteer, &id, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
            done(&world, &lead, &id, "returnVisitTask",
                ", remark: \"请补充\", dueAt: \"2026-03-09T09:00:00+08:00\"").await;
            tasks.push((row, id));
        }
        world.clock.advance(Duration::days(4));
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        done(&world, &volunteer, &tasks[0].1, "releaseVisitTask", ", reason: \"出差\"").await;
        done(&world, &lead, &tasks[1].1, "reassignVisitTask", ", reason: \"出差\"").await;
        let bulk = "mutation($ids: [ID!]!, $to: ID) { reassignVisitTasks(input: {visitTaskIds: $ids,
            accountId: $to, reason: \"出差\"}) { userErrors { code } } }";
        let to = World::id::<ids::Account>(other.account);
        world.run(&lead, bulk, json!({"ids": [tasks[2].1], "to": to})).await.payload("reassignVisitTasks");
        let app = world.app();
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        for ((row, id), expected) in tasks.iter().zip(["OPEN", "OPEN", "CLAIMED"]) {
            assert_eq!(state(&world, *row).await, expected);
            let shown = "query($id: ID!) { visitTask(id: $id) { dueAt retryAt } }";
            let shown = world.run(&lead, shown, json!({"id": id})).await;
            assert_eq!(*shown.data("visitTask"), json!({"dueAt": "2026-03-09T01:00:00.000Z", "retryAt": null}));
        }
        let lapses = "SELECT count(*) FROM visit_task WHERE lease_until = due_at AND status = 'CLAIMED'";
        assert_eq!(world.count(lapses).await, 1);
    }
}
