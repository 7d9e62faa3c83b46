//! Whether the visitor was there: the card behind the door, or one coarse look at the distance.

use chrono::Duration;
use entity::area;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use nuanlin::visits::verification::job::auto_verify;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::acts::{act, again, done, meant_for, state};
use super::verification::set_rule;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

const WELL: &str = ", outcome: SEEN_WELL, method: IN_PERSON";

/// Stands the building at 32.31° north, 118.31° east.
async fn put_building(world: &World) {
    let row = area::Entity::find_by_id(world.area(BUILDING));
    let row = row.one(&world.raw).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.latitude = Set(Some(32.31));
    row.longitude = Set(Some(118.31));
    row.update(&world.raw).await.expect("a place");
}

async fn claimed(world: &World, (lead, visitor): (&Person, &Person), room: &str) -> uuid::Uuid {
    let home = world.household(BUILDING, room).await;
    let task = world.open_task(lead, home).await;
    let id = World::id::<ids::VisitTask>(task);
    done(world, visitor, &id, "claimVisitTask", "").await;
    task
}

async fn arrival(world: &World, lead: &Person, task: uuid::Uuid) -> String {
    let query = "query($id: ID!) { visitTask(id: $id) { reports { arrival } } }";
    let id = World::id::<ids::VisitTask>(task);
    let answer = world.run(lead, query, json!({"id": id})).await;
    let reports = answer.data("visitTask.reports").as_array().unwrap();
    assert_eq!(reports.len(), 1);
    reports[0]["arrival"].as_str().unwrap().to_owned()
}

on_both! {
    /// A thousandth of a degree of latitude is 111 m, and 200 m are near. Who was far off is looked at
    /// by a person, whatever the rule; who says nothing is not.
    async fn a_phone_far_from_the_building_asks_for_a_person(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        set_rule(&world, &staff, COMMUNITY, ", mode: AUTO, hours: 1").await.payload("setVerificationRule");
        let at = |latitude: &str| format!("{WELL}, position: {{latitude: {latitude}, longitude: 118.31}}");
        // Where nobody has said where the building stands, there is nothing to compare with.
        let unplaced = claimed(&world, (&lead, &volunteer), "101").await;
        done(&world, &volunteer, &World::id::<ids::VisitTask>(unplaced), "reportVisitTask", &at("32.3117")).await;
        put_building(&world).await;
        let mut tasks = vec![(unplaced, "UNKNOWN", "VERIFIED")];
        for (room, report, arrival, end) in [
            ("102", at("32.3117"), "NEAR", "VERIFIED"),
            ("103", at("32.3119"), "FAR", "REPORTED"),
            ("104", WELL.to_owned(), "UNKNOWN", "VERIFIED"),
        ] {
            let task = claimed(&world, (&lead, &volunteer), room).await;
            done(&world, &volunteer, &World::id::<ids::VisitTask>(task), "reportVisitTask", &report).await;
            tasks.push((task, arrival, end));
        }
        world.clock.advance(Duration::hours(1));
        let app = world.app();
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 3);
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        for (task, expected, end) in tasks {
            assert_eq!(arrival(&world, &lead, task).await, expected);
            assert_eq!(state(&world, task).await, end, "{expected}");
        }
    }

    /// Twenty minutes fast, a phone tells its time along: what it tells is set right and marked. A day and
    /// more is no clock to go by.
    async fn a_phone_that_runs_fast_is_set_right_and_flagged(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let task = claimed(&world, (&lead, &volunteer), "101").await;
        let id = World::id::<ids::VisitTask>(task);
        world.clock.advance(Duration::hours(1));
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        // It is ten o'clock.
        let key = world.clock.new_id();
        let told = format!("{WELL}, idempotencyKey: \"{key}\", startedAt: \"2026-03-02T09:50:00+08:00\",
            occurredAt: \"2026-03-02T10:15:00+08:00\", endedAt: \"2026-03-02T10:18:00+08:00\"");
        let sent = |at: &str| format!("{told}, phoneTime: \"{at}+08:00\"");
        for (report, why) in [(told.clone(), "no time told"), (sent("2026-03-03T10:00:01"), "a day and a second")] {
            let refused = act(&world, &volunteer, &id, "reportVisitTask", &report).await;
            assert_eq!(refused.user_error_codes("reportVisitTask"), ["TIME_IN_FUTURE"], "{why}");
        }
        // A repeat comes a minute later, by the phone's clock too: it is the same report.
        for at in ["2026-03-02T10:20:00", "2026-03-02T10:21:00"] {
            done(&world, &volunteer, &id, "reportVisitTask", &sent(at)).await;
            world.clock.advance(Duration::minutes(1));
        }
        let query = "query($id: ID!) { visitTask(id: $id) { occurredAt
            reports { startedAt occurredAt endedAt clockSkewSeconds isClockOff } } }";
        let shown = world.run(&lead, query, json!({"id": id})).await;
        assert_eq!(*shown.data("visitTask"), json!({"occurredAt": "2026-03-02T01:55:00.000Z", "reports": [{
            "startedAt": "2026-03-02T01:30:00.000Z", "occurredAt": "2026-03-02T01:55:00.000Z",
            "endedAt": "2026-03-02T01:58:00.000Z", "clockSkewSeconds": 1200, "isClockOff": true}]}));
    }

    /// So is a round of calls, and a try that met nobody; a phone that is slow as well as one that is fast.
    async fn rounds_and_attempts_are_set_right_too(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let elder = World::id::<ids::Resident>(elder);
        let task = world.open_task(&lead, home).await;
        meant_for(&world, task, &elder).await;
        // It is nine o'clock; one phone says half past, the other half past eight.
        let round = "mutation($id: ID!) { recordContacts(input: {phoneTime: \"2026-03-02T09:30:00+08:00\", contacts: [
            {residentId: $id, attemptReason: NO_ANSWER, occurredAt: \"2026-03-02T09:20:00+08:00\"},
            {residentId: $id, method: IN_PERSON, outcome: SEEN_WELL, occurredAt: \"2026-03-02T09:25:00+08:00\"}]}) {
            results { visitTask { occurredAt attempts { occurredAt } } userErrors { code } } userErrors { code } } }";
        let answer = world.run(&lead, round, json!({"id": elder})).await;
        let shown = json!({"visitTask": {"occurredAt": "2026-03-02T00:55:00.000Z",
            "attempts": [{"occurredAt": "2026-03-02T00:50:00.000Z"}]}, "userErrors": []});
        assert_eq!(answer.payload("recordContacts")["results"], json!([shown, shown]));

        let other = claimed(&world, (&lead, &lead), "102").await;
        let id = World::id::<ids::VisitTask>(other);
        let slow = ", reason: NOT_AT_HOME, occurredAt: \"2026-03-02T08:20:00+08:00\",
            phoneTime: \"2026-03-02T08:30:00+08:00\"";
        done(&world, &lead, &id, "recordVisitAttempt", slow).await;
        let query = "query($id: ID!) { visitTask(id: $id) { attempts { occurredAt } } }";
        let shown = world.run(&lead, query, json!({"id": id})).await;
        assert_eq!(*shown.data("visitTask.attempts"), json!([{"occurredAt": "2026-03-02T00:50:00.000Z"}]));
    }

    /// A phone that moved on repeats its call: the place is no part of what is remembered of it.
    async fn where_the_phone_is_tells_no_two_calls_apart(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        put_building(&world).await;
        let task = claimed(&world, (&lead, &volunteer), "101").await;
        let id = World::id::<ids::VisitTask>(task);
        let key = world.clock.new_id();
        for latitude in ["32.31", "39.9"] {
            let report = format!(
                "{WELL}, idempotencyKey: \"{key}\", position: {{latitude: {latitude}, longitude: 118.31}}"
            );
            done(&world, &volunteer, &id, "reportVisitTask", &report).await;
        }
        assert_eq!(arrival(&world, &lead, task).await, "NEAR");
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, 1);
    }

    /// Codes cannot be guessed one after the other: after ten wrong ones even the right one says nothing.
    async fn a_card_says_nothing_after_ten_wrong_codes_until_it_is_replaced(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let id = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        let household = World::id::<ids::Household>(home);
        let replace = "mutation($id: ID!) { replaceContactCard(input: {householdId: $id}) { code userErrors { code } } }";
        let card = async || {
            let answer = world.run(&lead, replace, json!({"id": household})).await;
            let code = answer.payload("replaceContactCard")["code"].as_str().unwrap().to_owned();
            format!("{WELL}, arrivalCode: \"{code}\"")
        };
        let first = card().await;
        let wrong = format!("{WELL}, arrivalCode: \"no code\"");
        for report in std::iter::repeat_n(&wrong, 10).chain([&first]) {
            let refused = act(&world, &volunteer, &id, "reportVisitTask", report).await;
            assert_eq!(refused.user_error_codes("reportVisitTask"), ["CODE_INVALID"]);
        }
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, 0);
        let second = card().await;
        done(&world, &volunteer, &id, "reportVisitTask", &second).await;
        assert_eq!(world.count("SELECT count(*) FROM visit_report WHERE arrival = 'CODE'").await, 1);
    }
}
