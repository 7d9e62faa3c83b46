//! Who rests, who moves and whom nobody is there for: somebody is told all the same.

use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::care_plans::generate::generate;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::story::{awake, live_until, tick, told};
use crate::coverage::people::{at, day, elder, paused, set_enrolment, task, wait_until};
use crate::findings::story::{found, visit};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};

const LEAD: &[(Role, &str)] = &[(Role::GridLead, GRID)];
const STAFF: &[(Role, &str)] = &[(Role::CommunityStaff, COMMUNITY)];

/// The names on a desk: whose visit climbs, and whom nobody has seen for 30 days.
async fn desk(world: &World, who: &Person, grid: &str) -> (Vec<Value>, Vec<Value>) {
    let query = "query($id: ID!) { desk(areaId: $id) { escalations { residentName { value } }
        unseen(days: 30) { name { value } } proposedFindings } }";
    let id = World::id::<ids::Area>(world.area(grid));
    let desk = world.run(who, query, json!({"id": id})).await;
    let names = |list: &str, name: &str| {
        let people = desk.data(list).as_array().unwrap().iter();
        people.map(|one| one[name]["value"].clone()).collect()
    };
    (
        names("desk.escalations", "residentName"),
        names("desk.unseen", "name"),
    )
}

on_both! {
    /// She rests until the fourth; nobody looks, and nobody forgets her.
    async fn a_review_that_nobody_makes_climbs_like_a_visit(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", LEAD).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        paused(&world, elder, day("2026-01-20"), None).await;
        set_enrolment(&world, elder, |row| {
            row.paused_on = Set(Some(day("2026-01-20")));
            row.review_on = Set(Some(day("2026-03-04")));
        }).await;
        let review = "UPDATE care_pause SET review_on = '2026-03-04'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, review).await.unwrap();
        generate(world.app()).await.unwrap();
        tick(&world).await;
        assert!(told(&world, &lead, LEAD).await.is_empty());
        assert_eq!(desk(&world, &lead, GRID).await, (vec![], vec![]), "she rests");
        wait_until(&world, "2026-03-04T09:00:00");
        generate(world.app()).await.unwrap();
        live_until(&world, "2026-03-07T08:00:00").await;
        assert_eq!(told(&world, &lead, LEAD).await, ["GRID 07 07:00"], "a day before the end of her review");
        live_until(&world, "2026-03-08T09:00:00").await;
        let lead = awake(&world, &lead, LEAD).await;
        let name = json!("李秀英101");
        assert_eq!(desk(&world, &lead, GRID).await, (vec![name.clone()], vec![name]));
        wait_until(&world, "2026-03-11T09:00:00");
        generate(world.app()).await.unwrap();
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE origin = 'REVIEW'").await, 2);
    }

    /// The lead and the office are at the same wedding, and nobody stands in.
    async fn where_everybody_is_away_the_highest_are_told_all_the_same(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, staff) = (world.person("周建国", LEAD).await, world.person("孙丽", STAFF).await);
        let absence = "mutation { recordAbsence(input: {fromAt: \"2026-03-02T09:00:00+08:00\",
            untilAt: \"2026-03-04T09:00:00+08:00\"}) { userErrors { code } } }";
        for who in [&lead, &staff] {
            world.run(who, absence, json!({})).await.payload("recordAbsence");
        }
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        task(&world, &lead, elder, (at("2026-03-02T09:00:00"), at("2026-03-02T10:00:00"))).await;
        tick(&world).await;
        assert!(told(&world, &lead, LEAD).await.is_empty());
        assert_eq!(told(&world, &staff, STAFF).await, ["COMMUNITY 02 09:00"]);
    }

    /// She moves to her daughter: what climbs, and what waits for a decision, is the daughter's grid's.
    async fn what_waits_follows_who_moves(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, staff) = (world.person("周建国", LEAD).await, world.person("孙丽", STAFF).await);
        let other = world.person("吴强", &[(Role::GridLead, OTHER_GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        let told = visit(&world, &lead, elder).await;
        found(&world, &volunteer, told, "IN_HOSPITAL").await.expect("a finding");
        task(&world, &lead, elder, (at("2026-03-02T09:00:00"), at("2026-03-02T10:00:00"))).await;
        tick(&world).await;
        let late = |desk: (Vec<Value>, Vec<Value>)| desk.0.len();
        assert_eq!((late(desk(&world, &lead, GRID).await), late(desk(&world, &other, OTHER_GRID).await)), (1, 0));
        let home = world.household(OTHER_BUILDING, "301").await;
        let move_to = "mutation($id: ID!, $home: ID!) { moveResident(input: {residentId: $id, expectedVersion: 1,
            householdId: $home}) { userErrors { code } } }";
        let ids = json!({"id": World::id::<ids::Resident>(elder), "home": World::id::<ids::Household>(home)});
        world.run(&staff, move_to, ids).await.payload("moveResident");
        assert_eq!((late(desk(&world, &lead, GRID).await), late(desk(&world, &other, OTHER_GRID).await)), (0, 1));
        let findings = "{ findings(first: 5) { edges { node { residentName { value } } } } }";
        let shown = world.run(&other, findings, json!({})).await;
        assert_eq!(*shown.data("findings.edges"), json!([{"node": {"residentName": {"value": "李秀英101"}}}]));
        assert_eq!(*world.run(&lead, findings, json!({})).await.data("findings.edges"), json!([]));
    }

    /// An alarm names who is on duty: the stand-in, not the lead who is away.
    async fn an_alarm_tells_who_is_on_duty(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, staff) = (world.person("周建国", LEAD).await, world.person("孙丽", STAFF).await);
        let absence = "mutation($for: ID!) { recordAbsence(input: {fromAt: \"2026-03-02T09:00:00+08:00\",
            untilAt: \"2026-03-04T09:00:00+08:00\", standInId: $for}) { userErrors { code } } }";
        let stand_in = json!({"for": World::id::<ids::Account>(staff.account)});
        world.run(&lead, absence, stand_in).await.payload("recordAbsence");
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let visit = task(&world, &lead, elder, (at("2026-03-02T09:00:00"), at("2026-03-04T09:00:00"))).await;
        world.clock.advance(Duration::minutes(1));
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let raise = "mutation($id: ID!) { raiseAlarm(input: {visitTaskId: $id, kind: MEDICAL}) {
            alarm { handlers { name away onDuty } } userErrors { code } } }";
        let raised = world.run(&volunteer, raise, json!({"id": World::id::<ids::VisitTask>(visit)})).await;
        assert_eq!(raised.payload("raiseAlarm")["alarm"]["handlers"], json!([
            {"name": "周建国", "away": true, "onDuty": false}, {"name": "孙丽", "away": false, "onDuty": true}]));
    }
}
