//! What nobody had claimed: visits recorded afterwards, and a lead's round of calls.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::{act, again, done, meant_for};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, Person, World};

async fn elder(world: &World, building: &str, room: &str) -> (Uuid, String) {
    let home = world.household(building, room).await;
    let elder = world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await;
    (home, World::id::<ids::Resident>(elder))
}

async fn unplanned(world: &World, who: &Person, resident: &str, more: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ recordUnplannedVisit(input: {{residentId: $id, kind: HOME_VISIT,
            outcome: SEEN_WELL, method: IN_PERSON {more}}}) {{
            visitTask {{ id status origin autoVerifyAt }} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"id": resident})).await
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
        let task = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        done(&world, &volunteer, &task, "claimVisitTask", "").await;
        done(&world, &volunteer, &task, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        let recorded = unplanned(&world, &volunteer, &resident, "").await;
        let recorded = &recorded.payload("recordUnplannedVisit")["visitTask"];
        assert_eq!((&recorded["status"], &recorded["origin"]), (&json!("REPORTED"), &json!("UNPLANNED")));

        let old = (world.clock.now() - Duration::days(7) - Duration::seconds(1)).to_rfc3339();
        let old = unplanned(&world, &lead, &resident, &format!(", occurredAt: \"{old}\"")).await;
        assert_eq!(old.user_error_codes("recordUnplannedVisit"), ["OUT_OF_RANGE"]);
        // Ten a day and no more; the eleventh is refused.
        for _ in 0..10 {
            unplanned(&world, &lead, &resident, "").await.payload("recordUnplannedVisit");
        }
        let eleventh = unplanned(&world, &lead, &resident, "").await;
        assert_eq!(eleventh.user_error_codes("recordUnplannedVisit"), ["DAILY_LIMIT"]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE origin = 'UNPLANNED'").await, 11);
    }

    /// The day of the limit is Shanghai's: it begins anew at midnight there.
    async fn the_ten_of_a_day_begin_anew_at_midnight(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (_, resident) = elder(&world, BUILDING, "101").await;
        unplanned(&world, &lead, &resident, "").await.payload("recordUnplannedVisit");
        // From nine o'clock to 23:59.
        world.clock.advance(Duration::hours(14) + Duration::minutes(59));
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        for _ in 0..9 {
            unplanned(&world, &lead, &resident, "").await.payload("recordUnplannedVisit");
        }
        let eleventh = unplanned(&world, &lead, &resident, "").await;
        assert_eq!(eleventh.user_error_codes("recordUnplannedVisit"), ["DAILY_LIMIT"]);
        world.clock.advance(Duration::minutes(1));
        unplanned(&world, &lead, &resident, "").await.payload("recordUnplannedVisit");
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
