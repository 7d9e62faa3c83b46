//! A canteen's day, from the list to the last door.

use entity::enums::{CareTier, Meal, Role};
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use serde_json::json;

use super::kitchen::{
    batch, batch_id, codes, cook, door_id, doors, fed, list, meal, put, served, tick,
};
use crate::coverage::people::{coverage, day, died, elder, set_enrolment, wait_until};
use crate::support::database::on_both;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World,
};
use crate::visits::acts::{act, again, state};

on_both! {
    /// Three elders, two meals. The volunteer sees what there is to bring, takes lunch on as one, and finds
    /// one door closed; when lunch is over the last door is missed and nobody holds the batch.
    async fn lunch_is_claimed_as_one_and_ticked_door_by_door(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        fed(&world, &lead, GRID, 3).await;
        assert_eq!(served(&world).await, [
            "03-02 LUNCH OPEN: OPEN OPEN OPEN",
            "03-02 DINNER OPEN: OPEN OPEN OPEN",
            "03-03 LUNCH OPEN: OPEN OPEN OPEN",
            "03-03 DINNER OPEN: OPEN OPEN OPEN",
        ]);

        // Nobody claims the doors one by one, so they are not among what can be claimed.
        let lists = "{ open: visitTasks(first: 9, filter: {status: [OPEN]}) { totalCount }
            all: visitTasks(first: 9) { totalCount }
            asked: visitTasks(first: 99, filter: {kind: [MEAL_DELIVERY]}) { totalCount }
            worklist(first: 9) { edges { node { id } } } }";
        let seen = world.run(&volunteer, lists, json!({})).await;
        assert_eq!(*seen.data("open.totalCount"), 0);
        assert_eq!(*seen.data("all.totalCount"), 0);
        assert_eq!(*seen.data("asked.totalCount"), 12);
        assert_eq!(*seen.data("worklist.edges"), json!([]));

        let open = "{ mealBatches(first: 9, filter: {open: true}) { totalCount edges { node { id name meal servedOn
            status startsAt dueAt progress { total delivered tried open missed } buildings { name }
            doors { kind origin household { residents { name { visibility } } } } } } } }";
        let seen = world.run(&volunteer, open, json!({})).await;
        assert_eq!(*seen.data("mealBatches.totalCount"), 4);
        let lunch = seen.data("mealBatches.edges.0.node");
        assert_eq!((&lunch["meal"], &lunch["servedOn"], &lunch["status"]), (&json!("LUNCH"), &json!("2026-03-02"), &json!("OPEN")));
        assert_eq!((&lunch["startsAt"], &lunch["dueAt"]), (&json!("2026-03-02T03:00:00.000Z"), &json!("2026-03-02T04:30:00.000Z")));
        assert_eq!(lunch["progress"], json!({"total": 3, "delivered": 0, "tried": 0, "open": 3, "missed": 0}));
        assert_eq!(lunch["buildings"], json!([{"name": "1栋"}]));
        assert_eq!(lunch["doors"][0]["household"]["residents"][0]["name"]["visibility"], "MASKED");
        assert_eq!(lunch["doors"][0]["origin"], "MEAL");

        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        let claimed = meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(&row))).await;
        let shown = &claimed.payload("claimMealBatch")["mealBatch"];
        assert_eq!((&shown["status"], &shown["claim"]["isMine"]), (&json!("CLAIMED"), &json!(true)));
        let held = "{ mealBatches(first: 9, filter: {mine: true}) { edges { node { doors {
            household { room { value } residents { name { visibility } } } } } } } worklist(first: 9) { edges { node { id } } } }";
        let held = world.run(&volunteer, held, json!({})).await;
        assert_eq!(*held.data("mealBatches.edges.0.node.doors.0.household.residents.0.name.visibility"), "FULL");
        assert_eq!(held.data("worklist.edges").as_array().unwrap().len(), 3, "one's own doors are to be done");

        wait_until(&world, "2026-03-02T11:30:00");
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let at = doors(&world, &row).await;
        let said = [(&at[0], "outcome: SEEN_WELL"), (&at[1], "attemptReason: NOT_AT_HOME, notes: \"敲门无人\"")];
        let ticked = tick(&world, &volunteer, &row, &said).await;
        let told = ticked.payload("tickMealDoors");
        assert_eq!(codes(&told["results"]), ["", ""]);
        assert_eq!(told["results"][0]["visitTask"]["status"], "REPORTED");
        assert_eq!(told["results"][1]["visitTask"]["status"], "CLAIMED", "the door stays with who has the meal");
        assert_eq!(told["mealBatch"]["progress"], json!({"total": 3, "delivered": 1, "tried": 1, "open": 1, "missed": 0}));
        // Home again. The first has told already; a door of dinner is none of lunch.
        let dinner = batch(&world, "2026-03-02", Meal::Dinner).await;
        let other = &doors(&world, &dinner).await[0];
        let said = [(&at[1], "outcome: SEEN_WELL"), (&at[0], "outcome: SEEN_WELL"), (other, "outcome: SEEN_WELL")];
        let ticked = tick(&world, &volunteer, &row, &said).await;
        assert_eq!(codes(&ticked.payload("tickMealDoors")["results"]), ["", "ALREADY_REPORTED", "NOT_IN_BATCH"]);
        assert_eq!(world.audited("tickMealDoors", row.id).await, 2);
        assert_eq!(world.audited("claimMealBatch", row.id).await, 1);

        wait_until(&world, "2026-03-02T12:30:00");
        let app = world.app();
        miss_past_visits(&app.db, &app.keys, &app.clock).await.unwrap();
        assert_eq!(state(&world, at[2].id).await, "MISSED");
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let over = "{ mealBatches(first: 9, filter: {mine: true}) { edges { node { status progress { delivered missed } } } }
            visitTasks(first: 9, filter: {status: [CLAIMED, STARTED]}) { totalCount } }";
        let over = world.run(&volunteer, over, json!({})).await;
        assert_eq!(*over.data("mealBatches.edges.0.node"), json!({"status": "OVER", "progress": {"delivered": 2, "missed": 1}}));
        assert_eq!(*over.data("visitTasks.totalCount"), 0);
        let again = meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(&row))).await;
        assert_eq!(again.user_error_codes("claimMealBatch"), ["WINDOW_PASSED"]);
        // She was there at twenty past twelve, and her phone had no line.
        let late = tick(&world, &volunteer, &row, &[(&at[2], "outcome: SEEN_WELL, occurredAt: \"2026-03-02T04:20:00Z\"")]).await;
        assert_eq!(codes(&late.payload("tickMealDoors")["results"]), [""]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE origin = 'LATE' AND status = 'REPORTED'").await, 1);
    }

    /// Where the care rule counts meals, whoever got one is contacted.
    async fn a_meal_at_the_door_is_a_contact(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        fed(&world, &staff, GRID, 2).await;
        let area = World::id::<ids::Area>(world.area(GRID));
        let rule = "mutation($area: ID!) { setCareRule(input: {areaId: $area, tier: KEY,
            recurrence: \"FREQ=MONTHLY;BYMONTHDAY=1\", kind: HOME_VISIT, kinds: [HOME_VISIT, MEAL_DELIVERY],
            methods: [IN_PERSON, PHONE], daysAfter: 27, fromOn: \"2026-03-02\"}) { userErrors { code } } }";
        world.run(&staff, rule, json!({"area": area})).await.payload("setCareRule");
        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        let at = doors(&world, &row).await;
        // A call is no meal, although calls count.
        let call = "mutation($id: ID!) { recordContacts(input: {contacts: [{residentId: $id, outcome: SEEN_WELL}]}) {
            results { visitTask { id kind } userErrors { code } } userErrors { code } } }";
        let rung = World::id::<ids::Resident>(at[1].resident_id.unwrap());
        wait_until(&world, "2026-03-02T11:30:00");
        let staff = again(&world, &staff, Role::CommunityStaff, COMMUNITY).await;
        let rung = world.run(&staff, call, json!({"id": rung})).await;
        assert_eq!(rung.payload("recordContacts")["results"][0]["visitTask"]["kind"], "HOME_VISIT");
        assert_eq!(state(&world, at[1].id).await, "OPEN");
        let before = coverage(&world, &staff, GRID, "2026-03").await;
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(&row))).await.payload("claimMealBatch");
        tick(&world, &volunteer, &row, &[(&at[0], "outcome: SEEN_WELL")]).await.payload("tickMealDoors");
        let after = coverage(&world, &staff, GRID, "2026-03").await;
        let figures = |coverage: &serde_json::Value| (coverage["contactRate"]["contacted"].clone(), coverage["contactRate"]["missed"].clone());
        assert_eq!(figures(&before), (json!(1), json!(1)));
        assert_eq!(figures(&after), (json!(2), json!(0)));
    }

    /// Who is on no list, on another, elsewhere, not enrolled: each by itself.
    async fn only_who_is_enrolled_there_is_put_on_one_list(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let key = CareTier::Key;
        let first = list(&world, &staff, GRID).await;
        let second = list(&world, &staff, "341102006003.01").await;
        let here = elder(&world, BUILDING, "101", key).await;
        let there = elder(&world, OTHER_BUILDING, "102", key).await;
        let far = elder(&world, FAR_BUILDING, "103", key).await;
        let dead = elder(&world, BUILDING, "104", key).await;
        died(&world, dead, day("2026-03-01")).await;
        let gone = elder(&world, BUILDING, "105", key).await;
        set_enrolment(&world, gone, |row| {
            row.to_on = sea_orm::ActiveValue::Set(Some(day("2026-03-01")));
        }).await;
        let people = [here, there, far, dead, gone];
        assert_eq!(put(&world, &staff, &first, (&people, "[LUNCH]")).await,
            ["", "OUTSIDE_MEAL_AREA", "NOT_FOUND", "NO_LONGER_HERE", "NOT_ENROLLED"]);
        assert_eq!(put(&world, &staff, &second, (&[here, there], "[LUNCH]")).await, ["ON_ANOTHER_MEAL_LIST", ""]);
        assert_eq!(put(&world, &staff, &first, (&[here], "[LUNCH]")).await, [""], "a repeat is success");
        assert_eq!(world.count("SELECT count(*) FROM meal_recipient").await, 2);
        assert_eq!(world.count("SELECT count(*) FROM meal_batch").await, 4, "nobody gets dinner");
        // Dinner too, from now on; and off again.
        assert_eq!(put(&world, &staff, &first, (&[here], "[LUNCH, DINNER]")).await, [""]);
        assert_eq!(world.count("SELECT count(*) FROM meal_batch").await, 6);
        let shown = "query($id: ID!) { mealList(id: $id) { recipients { id meals name { value } } } }";
        let shown = world.run(&staff, shown, json!({"id": first})).await;
        assert_eq!(*shown.data("mealList.recipients.0.meals"), json!(["LUNCH", "DINNER"]));
        assert_eq!(*shown.data("mealList.recipients.0.name.value"), "李秀英101");
        let recipient = shown.data("mealList.recipients.0.id").as_str().unwrap().to_owned();
        for _ in 0..2 {
            let off = meal(&world, &staff, "removeMealRecipient", &format!("mealRecipientId: \"{recipient}\", reason: \"自己做饭\"")).await;
            assert_eq!(off.payload("removeMealRecipient")["mealList"]["recipients"], json!([]));
        }
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'CANCELLED'").await, 4);
        assert_eq!(put(&world, &staff, &second, (&[here], "[DINNER]")).await, [""], "free for another");
        // A lead of the next grid knows nothing of it.
        let neighbour = world.person("吴芳", &[(Role::GridLead, OTHER_GRID)]).await;
        let refused = meal(&world, &neighbour, "addMealRecipients", &format!("mealListId: \"{first}\", residentIds: [], meals: [LUNCH]")).await;
        assert_eq!(refused.user_error_codes("addMealRecipients"), ["NOT_FOUND"]);
    }

    /// A door alone is nobody's to claim, to give back or to give on.
    async fn a_door_by_itself_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        fed(&world, &lead, GRID, 2).await;
        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        let door = door_id(&doors(&world, &row).await[0]);
        let refused = act(&world, &volunteer, &door, "claimVisitTask", "").await;
        assert_eq!(refused.user_error_codes("claimVisitTask"), ["CLAIMED_AS_BATCH"]);
        meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(&row))).await.payload("claimMealBatch");
        for (who, mutation, more) in [
            (&volunteer, "releaseVisitTask", ", reason: \"不去了\""),
            (&volunteer, "renewVisitTask", ""),
            (&lead, "reassignVisitTask", ", reason: \"换人\""),
        ] {
            let refused = act(&world, who, &door, mutation, more).await;
            assert_eq!(refused.user_error_codes(mutation), ["CLAIMED_AS_BATCH"], "{mutation}");
        }
        let tried = act(&world, &volunteer, &door, "recordVisitAttempt", ", reason: NO_ANSWER").await;
        assert_eq!(tried.payload("recordVisitAttempt")["visitTask"]["status"], "CLAIMED");
        let alarm = "mutation($id: ID!) { raiseAlarm(input: {visitTaskId: $id, kind: NO_ANSWER_CONCERN}) {
            alarm { status } userErrors { code } } }";
        let raised = world.run(&volunteer, alarm, json!({"id": door})).await;
        assert_eq!(raised.payload("raiseAlarm")["alarm"]["status"], "RAISED");
        let told = act(&world, &volunteer, &door, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        assert_eq!(told.payload("reportVisitTask")["visitTask"]["status"], "REPORTED");
    }

    /// An unclaimed meal lies on the desk only when it is about to be late; a canteen fills no desk.
    async fn a_desk_shows_meals_two_hours_before_they_are_late(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        fed(&world, &lead, GRID, 2).await;
        let desk = "query($id: ID!) { desk(areaId: $id) { atRisk { count } } }";
        let grid = json!({"id": World::id::<ids::Area>(world.area(GRID))});
        assert_eq!(*world.run(&lead, desk, grid.clone()).await.data("desk.atRisk.count"), 0);
        wait_until(&world, "2026-03-02T10:30:00");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        assert_eq!(*world.run(&lead, desk, grid).await.data("desk.atRisk.count"), 2);
        assert_eq!(cook(&world).await, 0);
    }
}
