//! A visit from the open list to the verified report.

use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::acts::done;
use crate::coverage::people::coverage;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, World};

const LIST: &str =
    "{ visitTasks(first: 10, filter: {status: [OPEN]}) { totalCount edges { cursor node {
    id status version kind area { code name } household { unit { visibility value } residents {
        salutation ageBand name { visibility masked value } phone { visibility value }
        circumstances { visibility value } } } } } } }";

on_both! {
    async fn a_volunteer_claims_goes_and_reports_and_the_lead_verifies(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone, Circumstance::SpecialFamily]).await;
        world.open_task(&lead, home).await;

        let open = world.run(&volunteer, LIST, json!({})).await;
        assert_eq!(open.data("visitTasks.totalCount"), 1);
        let task = open.data("visitTasks.edges.0.node");
        assert_eq!(task["area"]["name"], "1栋");
        assert_eq!(task["household"]["unit"]["visibility"], "ABSENT");
        let elder = &task["household"]["residents"][0];
        assert_eq!(elder["salutation"], "李奶奶");
        assert_eq!(elder["ageBand"], "80-84");
        assert_eq!(elder["name"], json!({"visibility": "MASKED", "masked": "李**", "value": null}));
        assert_eq!(elder["phone"]["visibility"], "ABSENT");

        let id = task["id"].clone();
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) {
            visitTask { status claim { isMine leaseUntil } household { unit { value } residents {
                name { value } phone { value } circumstances { value } } } }
            userErrors { field code message } } }";
        let claimed = world.run(&volunteer, claim, json!({"id": id})).await;
        let task = &claimed.payload("claimVisitTask")["visitTask"];
        assert_eq!(task["status"], "CLAIMED");
        assert_eq!(task["claim"]["isMine"], true);
        assert_eq!(task["household"]["unit"]["value"], "1");
        let elder = &task["household"]["residents"][0];
        assert_eq!(elder["name"]["value"], "李秀英");
        assert_eq!(elder["circumstances"]["value"], json!(["LIVES_ALONE"]));

        let report = "mutation($id: ID!) { reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL,
            method: IN_PERSON, notes: \"精神很好\"}) { visitTask { status reports { revision notes { value } } }
            userErrors { field code } } }";
        let reported = world.run(&volunteer, report, json!({"id": id})).await;
        assert_eq!(reported.payload("reportVisitTask")["visitTask"]["status"], "REPORTED");

        let own = world
            .run(&volunteer, "mutation($id: ID!) { verifyVisitTask(input: {visitTaskId: $id}) {
                userErrors { field code } } }", json!({"id": id}))
            .await;
        assert_eq!(own.user_error_codes("verifyVisitTask"), ["NOT_PERMITTED"]);
        let verified = world
            .run(&lead, "mutation($id: ID!) { verifyVisitTask(input: {visitTaskId: $id}) {
                visitTask { status reports { notes { value } } } userErrors { code } } }", json!({"id": id}))
            .await;
        let task = &verified.payload("verifyVisitTask")["visitTask"];
        assert_eq!(task["status"], "VERIFIED");
        assert_eq!(task["reports"][0]["notes"]["value"], "精神很好");
    }

    /// The lead plans a visit to a door; the one elder behind it is visited, and counts.
    async fn a_visit_to_a_door_is_for_the_one_elder_behind_it(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let plan = "mutation($home: ID!, $kind: VisitKind!) { planVisitTask(input: {householdId: $home, kind: $kind,
            startsAt: \"2026-03-02T08:00:00+08:00\", dueAt: \"2026-03-03T18:00:00+08:00\"}) {
            visitTask { id residentId } userErrors { code } } }";
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let planned = async |kind: &str, home: Uuid| {
            let variables = json!({"home": World::id::<ids::Household>(home), "kind": kind});
            let planned = world.run(&lead, plan, variables).await;
            planned.payload("planVisitTask")["visitTask"].clone()
        };
        let visit = planned("HOME_VISIT", home).await;
        assert_eq!(visit["residentId"], World::id::<ids::Resident>(elder));
        assert_eq!(planned("SAFETY_CHECK", home).await["residentId"], Value::Null, "the home is checked, not her");
        world.elder(home, "王国庆", &[Circumstance::EmptyNest]).await;
        assert_eq!(planned("HOME_VISIT", home).await["residentId"], Value::Null, "two live there: it is said for whom");
        let id = visit["id"].as_str().unwrap();
        done(&world, &volunteer, id, "claimVisitTask", "").await;
        done(&world, &volunteer, id, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        let coverage = coverage(&world, &lead, GRID, "2026-03").await;
        assert_eq!((&coverage["contactRate"]["contacted"], &coverage["contactRate"]["missed"]), (&json!(1), &json!(1)));
    }
}
