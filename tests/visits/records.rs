//! What nobody had claimed: visits recorded afterwards, and a lead's round of calls.

use std::sync::Arc;

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{act, again, done, meant_for, state};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, Person, World};

async fn elder(world: &World, building: &str, room: &str) -> (Uuid, String) {
    let home = world.household(building, room).await;
    let elder = world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await;
    (home, World::id::<ids::Resident>(elder))
}

async fn unplanned(world: &World, who: &Person, resident: &str, more: &str) -> Answer {
    of_kind(world, who, resident, &format!("HOME_VISIT {more}")).await
}

async fn of_kind(world: &World, who: &Person, resident: &str, kind: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ recordUnplannedVisit(input: {{residentId: $id, kind: {kind},
            outcome: SEEN_WELL, method: IN_PERSON}}) {{
            visitTask {{ id status origin autoVerifyAt }} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"id": resident})).await
}

/// A volunteer was sent to this home and has been there: so they reach who lives in it.
async fn sent_there(world: &World, (lead, volunteer): (&Person, &Person), home: Uuid) {
    let task = World::id::<ids::VisitTask>(world.open_task(lead, home).await);
    done(world, volunteer, &task, "claimVisitTask", "").await;
    let report = ", outcome: SEEN_WELL, method: IN_PERSON";
    done(world, volunteer, &task, "reportVisitTask", report).await;
}

/// What came of each call of a round: its refusals, joined.
fn refusals(answer: &Answer) -> Vec<String> {
    let results = answer.payload("recordContacts")["results"].as_array();
    let results = results.expect("results").iter();
    let codes = results.map(|result| result["userErrors"].as_array().expect("errors").iter());
    codes
        .map(|codes| {
            codes
                .map(|code| code["code"].as_str().expect("a code"))
                .collect()
        })
        .collect()
}

async fn contacts(world: &World, who: &Person, contacts: Value, key: Option<Uuid>) -> Answer {
    let query = "mutation($contacts: [ContactInput!]!, $key: UUID) {
        recordContacts(input: {contacts: $contacts, idempotencyKey: $key}) {
            results { visitTask { id status origin } userErrors { code } } userErrors { field code } } }";
    world
        .run(who, query, json!({"contacts": contacts, "key": key}))
        .await
}

on_both! {
    async fn a_visit_nobody_planned_is_recorded_within_limits(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (home, resident) = elder(&world, BUILDING, "101").await;

        // A volunteer who was never sent there does not reach the person.
        let stranger = unplanned(&world, &volunteer, &resident, "").await;
        assert_eq!(stranger.user_error_codes("recordUnplannedVisit"), ["NOT_FOUND"]);
        sent_there(&world, (&lead, &volunteer), home).await;
        let recorded = unplanned(&world, &volunteer, &resident, "").await;
        let recorded = &recorded.payload("recordUnplannedVisit")["visitTask"];
        assert_eq!((&recorded["status"], &recorded["origin"]), (&json!("REPORTED"), &json!("UNPLANNED")));

        let old = (world.clock.now() - Duration::days(7) - Duration::seconds(1)).to_rfc3339();
        let old = unplanned(&world, &lead, &resident, &format!(", occurredAt: \"{old}\"")).await;
        assert_eq!(old.user_error_codes("recordUnplannedVisit"), ["OUT_OF_RANGE"]);
        // Ten a day and no more, one by one or in rounds; the eleventh is refused. A lead plans visits there
        // and may make up as many as there were.
        for _ in 0..4 {
            unplanned(&world, &volunteer, &resident, "").await.payload("recordUnplannedVisit");
        }
        let call = json!({"residentId": resident, "outcome": "SEEN_WELL"});
        let round = contacts(&world, &volunteer, json!(vec![&call; 6]), None).await;
        assert_eq!(refusals(&round), ["", "", "", "", "", "DAILY_LIMIT"]);
        let eleventh = unplanned(&world, &volunteer, &resident, "").await;
        assert_eq!(eleventh.user_error_codes("recordUnplannedVisit"), ["DAILY_LIMIT"]);
        let round = contacts(&world, &lead, json!(vec![&call; 11]), None).await;
        assert_eq!(refusals(&round), [""; 11]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE origin = 'UNPLANNED'").await, 21);
    }

    /// Nine are recorded; of four that come at the same moment one is the tenth.
    async fn the_ten_hold_against_many_at_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (home, resident) = elder(&world, BUILDING, "101").await;
        let call = json!({"residentId": resident, "outcome": "SEEN_WELL"});
        for round in 0..rounds() {
            let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
            sent_there(&world, (&lead, &volunteer), home).await;
            let nine = contacts(&world, &volunteer, json!(vec![&call; 9]), None).await;
            assert_eq!(refusals(&nine), [""; 9]);
            let calls = [0; 4].map(|_| {
                let (world, volunteer, call) = (Arc::clone(&world), volunteer.clone(), call.clone());
                tokio::spawn(async move { refusals(&contacts(&world, &volunteer, json!([call]), None).await).join("") })
            });
            let mut came = Vec::new();
            for call in calls {
                came.push(call.await.expect("no panic"));
            }
            came.sort();
            assert_eq!(came, ["", "DAILY_LIMIT", "DAILY_LIMIT", "DAILY_LIMIT"], "round {round}");
        }
    }

    /// Who lacks the training that a kind of visit asks for cannot make one up either; a lead can.
    async fn a_visit_made_up_afterwards_asks_for_the_same_training(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, crate::support::world::COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (home, resident) = elder(&world, BUILDING, "101").await;
        sent_there(&world, (&lead, &volunteer), home).await;
        let asked = "mutation($area: ID!, $kind: VisitKind!) { setKindRequirement(input: {areaId: $area,
            kind: $kind, training: \"用电安全\"}) { userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(GRID));
        let ask = async |kind: &str| {
            let answer = world.run(&staff, asked, json!({"area": area, "kind": kind})).await;
            answer.payload("setKindRequirement");
        };
        ask("SAFETY_CHECK").await;
        let untrained = of_kind(&world, &volunteer, &resident, "SAFETY_CHECK").await;
        assert_eq!(untrained.user_error_codes("recordUnplannedVisit"), ["TRAINING_MISSING"]);
        of_kind(&world, &lead, &resident, "SAFETY_CHECK").await.payload("recordUnplannedVisit");

        // A contact is kept, but does not settle the check for which she is not trained; the lead's does.
        let check = world.open_task(&lead, home).await;
        meant_for(&world, check, &resident).await;
        let of = "UPDATE visit_task SET kind = 'SAFETY_CHECK' WHERE status = 'OPEN'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, of).await.unwrap();
        let call = json!([{"residentId": resident, "outcome": "SEEN_WELL", "method": "IN_PERSON"}]);
        let seen = contacts(&world, &volunteer, call.clone(), None).await;
        assert_eq!(seen.payload("recordContacts")["results"][0]["visitTask"]["origin"], "UNPLANNED");
        assert_eq!(state(&world, check).await, "OPEN");
        ask("HOME_VISIT").await;
        let refused = contacts(&world, &volunteer, call.clone(), None).await;
        assert_eq!(refusals(&refused), ["TRAINING_MISSING"]);
        let settled = contacts(&world, &lead, call, None).await;
        let check = World::id::<ids::VisitTask>(check);
        assert_eq!(settled.payload("recordContacts")["results"][0]["visitTask"]["id"], check.as_str());
    }

    /// The day of the limit is Shanghai's: it begins anew at midnight there.
    async fn the_ten_of_a_day_begin_anew_at_midnight(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (home, resident) = elder(&world, BUILDING, "101").await;
        sent_there(&world, (&lead, &volunteer), home).await;
        unplanned(&world, &volunteer, &resident, "").await.payload("recordUnplannedVisit");
        // From nine o'clock to 23:59.
        world.clock.advance(Duration::hours(14) + Duration::minutes(59));
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        for _ in 0..9 {
            unplanned(&world, &volunteer, &resident, "").await.payload("recordUnplannedVisit");
        }
        let eleventh = unplanned(&world, &volunteer, &resident, "").await;
        assert_eq!(eleventh.user_error_codes("recordUnplannedVisit"), ["DAILY_LIMIT"]);
        world.clock.advance(Duration::minutes(1));
        unplanned(&world, &volunteer, &resident, "").await.payload("recordUnplannedVisit");
    }

    /// Fifteen minutes on the phone: one answers, one does not, one lives elsewhere, one has died.
    async fn a_round_of_calls_is_one_step_with_a_result_for_each(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (home, answers) = elder(&world, BUILDING, "101").await;
        let (second, silent) = elder(&world, BUILDING, "102").await;
        let (_, without) = elder(&world, BUILDING, "103").await;
        let (_, elsewhere) = elder(&world, OTHER_BUILDING, "101").await;
        let open = world.open_task(&lead, home).await;
        let knocked = world.open_task(&lead, second).await;
        for (task, resident) in [(open, &answers), (knocked, &silent)] {
            meant_for(&world, task, resident).await;
        }
        let id = world.clock.new_id();
        let calls = json!([
            {"id": id, "residentId": answers, "method": "IN_PERSON", "outcome": "SEEN_WELL"},
            {"residentId": silent, "attemptReason": "NO_ANSWER"},
            {"residentId": without, "attemptReason": "NO_ANSWER"},
            {"residentId": elsewhere, "outcome": "SEEN_WELL"},
        ]);
        let key = world.clock.new_id();
        let answer = contacts(&world, &lead, calls.clone(), Some(key)).await;
        let results = &answer.payload("recordContacts")["results"];
        let open = World::id::<ids::VisitTask>(open);
        let knocked = World::id::<ids::VisitTask>(knocked);
        assert_eq!(*results, json!([
            {"visitTask": {"id": open, "status": "REPORTED", "origin": "PLANNED"}, "userErrors": []},
            {"visitTask": {"id": knocked, "status": "OPEN", "origin": "PLANNED"}, "userErrors": []},
            {"visitTask": null, "userErrors": [{"code": "NO_TASK"}]},
            {"visitTask": null, "userErrors": [{"code": "NOT_FOUND"}]},
        ]));
        assert_eq!(world.count("SELECT count(*) FROM visit_attempt").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'recordContacts'").await, 1);

        // The same call again is the same round; the same record under another key the same record.
        let again = contacts(&world, &lead, calls.clone(), Some(key)).await;
        assert_eq!(again.payload("recordContacts")["results"], *results);
        let first = contacts(&world, &lead, json!([calls[0]]), None).await;
        assert_eq!(first.payload("recordContacts")["results"][0]["visitTask"]["id"], open.as_str());
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, 1);
        // Nobody verifies what they reported themselves.
        let own = act(&world, &lead, &open, "verifyVisitTask", "").await;
        assert_eq!(own.user_error_codes("verifyVisitTask"), ["OWN_REPORT"]);
    }

    /// A phone that lost count sends a record three times in one round, the last time as a call that nobody answered.
    async fn one_record_again_and_again_in_a_round_is_one(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (_, resident) = elder(&world, BUILDING, "101").await;
        let id = world.clock.new_id();
        let seen = json!({"id": id, "residentId": resident, "outcome": "SEEN_WELL"});
        let silent = json!({"id": id, "residentId": resident, "attemptReason": "NO_ANSWER"});
        let answer = contacts(&world, &lead, json!([seen, seen, silent]), None).await;
        let results = answer.payload("recordContacts")["results"].as_array().expect("results");
        assert_eq!(results[0]["visitTask"]["status"], "REPORTED");
        assert_eq!(results[1..], [results[0].clone(), results[0].clone()]);
        for (table, rows) in [("visit_task", 1), ("visit_report", 1), ("visit_attempt", 0)] {
            assert_eq!(world.count(&format!("SELECT count(*) FROM {table}")).await, rows, "{table}");
        }
    }

    /// High risk asks for a knock on the door by default; a call is kept, and the visit stays to be made.
    async fn a_call_that_does_not_count_leaves_the_visit_open(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, crate::support::world::COMMUNITY)]).await;
        let (home, resident) = elder(&world, BUILDING, "101").await;
        let rule = "mutation($area: ID!) { setCareRule(input: {areaId: $area, tier: KEY,
            recurrence: \"FREQ=MONTHLY;BYMONTHDAY=8\", kind: HOME_VISIT, kinds: [HOME_VISIT],
            methods: [IN_PERSON], fromOn: \"2026-03-02\"}) { userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(GRID));
        world.run(&staff, rule, json!({"area": area})).await.payload("setCareRule");
        let open = world.open_task(&lead, home).await;
        meant_for(&world, open, &resident).await;
        let call = |method: &str| json!([{"residentId": resident, "outcome": "SEEN_WELL", "method": method}]);
        let phoned = contacts(&world, &lead, call("PHONE"), None).await;
        let phoned = &phoned.payload("recordContacts")["results"][0]["visitTask"];
        assert_eq!(phoned["origin"], "UNPLANNED");
        let seen = contacts(&world, &lead, call("IN_PERSON"), None).await;
        let open = World::id::<ids::VisitTask>(open);
        assert_eq!(seen.payload("recordContacts")["results"][0]["visitTask"]["id"], open.as_str());
    }

    async fn a_round_without_calls_or_with_too_many_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (_, resident) = elder(&world, BUILDING, "101").await;
        let call = json!({"residentId": resident, "outcome": "SEEN_WELL"});
        for size in [0, 51] {
            let answer = contacts(&world, &lead, json!(vec![&call; size]), None).await;
            assert_eq!(answer.user_error_codes("recordContacts"), ["OUT_OF_RANGE"]);
        }
        let both = json!([{"residentId": resident, "outcome": "SEEN_WELL", "attemptReason": "OTHER"}]);
        let answer = contacts(&world, &lead, both, None).await;
        assert_eq!(answer.user_error_codes("recordContacts"), ["REQUIRED"]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 0);
    }
}
