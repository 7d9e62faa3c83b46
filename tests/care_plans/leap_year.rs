//! A leap year's February, from the enrolment to the closed month, as the app's users see it.

use chrono::{DateTime, Utc};
use entity::enums::Role;
use nuanlin::care_plans::generate::generate;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// By the clock in Shanghai.
fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse().expect("an instant")
}

/// The three at this time, signed in anew.
async fn at_work(world: &World, accounts: [Uuid; 3], then: &str) -> [Person; 3] {
    world.clock.advance(at(then) - world.clock.now());
    let [lead, staff, volunteer] = accounts;
    [
        world
            .signed_in(lead, 1, vec![(Role::GridLead, world.area(GRID))])
            .await,
        world
            .signed_in(
                staff,
                1,
                vec![(Role::CommunityStaff, world.area(COMMUNITY))],
            )
            .await,
        world
            .signed_in(volunteer, 1, vec![(Role::Volunteer, world.area(GRID))])
            .await,
    ]
}

/// A new household's only person, enrolled in the key tier, which is visited monthly.
async fn enrolled(world: &World, staff: &Person, room: &str, name: &str) -> Value {
    let household =
        "mutation($area: ID!, $room: String!) { addHousehold(input: {areaId: $area, room: $room}) {
        household { id } userErrors { field code } } }";
    let area = World::id::<ids::Area>(world.area(BUILDING));
    let home = world
        .run(staff, household, json!({"area": area, "room": room}))
        .await;
    let home = home.payload("addHousehold")["household"]["id"].clone();
    let resident = "mutation($home: ID!, $name: String!) { addResident(input: {householdId: $home, name: $name,
        gender: FEMALE, bornOn: \"1944-02-29\"}) { resident { id } userErrors { field code } } }";
    let resident = world
        .run(staff, resident, json!({"home": home, "name": name}))
        .await;
    let resident = resident.payload("addResident")["resident"]["id"].clone();
    let enrol = "mutation($id: ID!) { enrolResident(input: {residentId: $id, tier: KEY,
        circumstances: [LIVES_ALONE]}) { userErrors { field code } } }";
    world
        .run(staff, enrol, json!({"id": resident}))
        .await
        .payload("enrolResident");
    resident
}

/// Who is visited when, as the lead's list of visits says, in the order of these people.
async fn planned(world: &World, lead: &Person, people: [&Value; 2]) -> Vec<Value> {
    let query =
        "{ visitTasks(first: 50) { edges { node { id status startsAt dueAt residentId } } } }";
    let answer = world.run(lead, query, json!({})).await;
    let edges = answer.data("visitTasks.edges").as_array().expect("edges");
    let mut tasks: Vec<Value> = edges.iter().map(|edge| edge["node"].clone()).collect();
    tasks.sort_by_key(|task| people.iter().position(|id| **id == task["residentId"]));
    tasks
}

async fn figures(world: &World, staff: &Person, month: &str) -> Value {
    let query = "query($area: ID!, $month: String!) { visitCoverage(areaId: $area, month: $month) {
        contactRate { roster contacted missed } planCompletion { roster contacted missed }
        missed(first: 9) { edges { node { name { value } } } } } }";
    let area = World::id::<ids::Area>(world.area(COMMUNITY));
    let answer = world
        .run(staff, query, json!({"area": area, "month": month}))
        .await;
    answer.data("visitCoverage").clone()
}

/// Closes February and says what is refused, else the figures that were frozen.
async fn closed(world: &World, staff: &Person) -> Value {
    let close = "mutation($area: ID!) { closeCoverageMonth(input: {areaId: $area, month: \"2028-02\"}) {
        coverageVersion { version contactRate { roster contacted missed } } userErrors { code } } }";
    let area = World::id::<ids::Area>(world.area(COMMUNITY));
    let answer = world.run(staff, close, json!({"area": area})).await;
    answer.data("closeCoverageMonth").clone()
}

on_both! {
    /// 2028 has a 29 February: visits of the month's last day are planned for it, one in its last second counts
    /// for February and one a second later for March, and until then the month is not over.
    async fn the_leap_day_belongs_to_february(db: TestDatabase) {
        let world = World::new(db).await;
        let accounts = [
            world.person("周建国", &[(Role::GridLead, GRID)]).await.account,
            world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await.account,
            world.person("陈静", &[(Role::Volunteer, GRID)]).await.account,
        ];
        let [_, staff, _] = at_work(&world, accounts, "2028-02-20T09:00:00").await;
        let rule = "mutation($area: ID!) { setCareRule(input: {areaId: $area, tier: KEY, kind: HOME_VISIT,
            kinds: [HOME_VISIT], methods: [IN_PERSON], recurrence: \"FREQ=MONTHLY;BYMONTHDAY=-1\",
            fromOn: \"2028-02-20\"}) { userErrors { field code } } }";
        let area = World::id::<ids::Area>(world.area(COMMUNITY));
        world.run(&staff, rule, json!({"area": area})).await.payload("setCareRule");
        let li = enrolled(&world, &staff, "101", "李秀英").await;
        let zhang = enrolled(&world, &staff, "102", "张桂兰").await;
        let [lead, ..] = at_work(&world, accounts, "2028-02-24T09:00:00").await;
        generate(world.app()).await.expect("a plan");
        let tasks = planned(&world, &lead, [&li, &zhang]).await;
        assert_eq!(tasks.len(), 2);
        for (task, who) in tasks.iter().zip([&li, &zhang]) {
            assert_eq!(*task, json!({"id": task["id"], "status": "OPEN", "startsAt": "2028-02-28T16:00:00.000Z",
                "dueAt": "2028-02-29T16:00:00.000Z", "residentId": who}));
        }

        let [.., volunteer] = at_work(&world, accounts, "2028-02-29T20:00:00").await;
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
        world.run(&volunteer, claim, json!({"id": tasks[0]["id"]})).await.payload("claimVisitTask");
        let [_, staff, volunteer] = at_work(&world, accounts, "2028-02-29T23:59:59").await;
        let report = "mutation($id: ID!) { reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL,
            method: IN_PERSON}) { userErrors { field code } } }";
        world.run(&volunteer, report, json!({"id": tasks[0]["id"]})).await.payload("reportVisitTask");
        assert_eq!(closed(&world, &staff).await["userErrors"], json!([{"code": "MONTH_NOT_OVER"}]));

        let [lead, staff, _] = at_work(&world, accounts, "2028-03-01T00:00:00").await;
        miss_past_visits(&world.app().db, &world.app().keys, &world.clock).await.expect("a look");
        let unplanned = "mutation($id: ID!) { recordUnplannedVisit(input: {residentId: $id, kind: HOME_VISIT,
            outcome: SEEN_WELL, method: IN_PERSON}) { userErrors { field code } } }";
        world.run(&lead, unplanned, json!({"id": zhang})).await.payload("recordUnplannedVisit");
        let states: Vec<Value> = planned(&world, &lead, [&li, &zhang]).await.iter()
            .map(|task| json!([task["residentId"], task["dueAt"], task["status"]])).collect();
        for (who, state) in [(&li, "REPORTED"), (&zhang, "MISSED")] {
            assert!(states.contains(&json!([who, "2028-02-29T16:00:00.000Z", state])), "{states:?}");
        }
        let half = json!({"roster": 2, "contacted": 1, "missed": 1});
        let missed = |name: &str| json!({"edges": [{"node": {"name": {"value": name}}}]});
        assert_eq!(figures(&world, &staff, "2028-02").await,
            json!({"contactRate": half, "planCompletion": half, "missed": missed("张桂兰")}));
        let nobody = json!({"roster": 0, "contacted": 0, "missed": 0});
        assert_eq!(figures(&world, &staff, "2028-03").await,
            json!({"contactRate": half, "planCompletion": nobody, "missed": missed("李秀英")}));
        assert_eq!(closed(&world, &staff).await,
            json!({"coverageVersion": {"version": 1, "contactRate": half}, "userErrors": []}));
    }
}
