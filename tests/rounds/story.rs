//! Heat is coming: everybody of the high tiers is seen, each once.

use entity::enums::{CareTier, Role};
use nuanlin::ids;
use serde_json::{Value, json};

use crate::coverage::people::{day, died, elder, set_enrolment};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, Person, World};

async fn start(
    world: &World,
    who: &Person,
    area: &str,
    more: &str,
    key: Option<uuid::Uuid>,
) -> Answer {
    let query = format!(
        "mutation($area: ID!, $key: UUID) {{ startVisitRound(input: {{areaId: $area, name: \"高温走访\",
            cause: EXTREME_WEATHER, kind: HOME_VISIT, idempotencyKey: $key {more}}}) {{
            visitRound {{ id visits progress {{ status visits }} }} userErrors {{ field code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(area));
    world
        .run(who, &query, json!({"area": area, "key": key}))
        .await
}

const DUE: &str = ", dueAt: \"2026-03-03T09:00:00+08:00\"";

on_both! {
    async fn everybody_of_the_tiers_is_visited_once_and_the_round_tells_how_far_it_is(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        elder(&world, BUILDING, "102", CareTier::Key).await;
        elder(&world, BUILDING, "103", CareTier::General).await;
        elder(&world, OTHER_BUILDING, "101", CareTier::Key).await;
        let dead = elder(&world, BUILDING, "104", CareTier::Key).await;
        died(&world, dead, day("2026-02-20")).await;
        let resting = elder(&world, BUILDING, "105", CareTier::Key).await;
        set_enrolment(&world, resting, |row| {
            row.paused_on = sea_orm::ActiveValue::Set(Some(day("2026-02-20")));
            row.review_on = sea_orm::ActiveValue::Set(Some(day("2026-03-20")));
        }).await;
        let more = format!(", tiers: [HIGH_RISK, KEY] {DUE}");
        let key = world.clock.new_id();
        for _ in 0..2 {
            let started = start(&world, &staff, COMMUNITY, &more, Some(key)).await;
            let round = &started.payload("startVisitRound")["visitRound"];
            assert_eq!((&round["visits"], &round["progress"]),
                (&json!(3), &json!([{"status": "OPEN", "visits": 3}])));
        }
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE origin = 'ROUND'").await, 3);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'startVisitRound'").await, 1);

        // The lead sees the community's round as far as it is their grid's, and takes part in it.
        let list = "{ visitTasks(first: 5, filter: {status: [OPEN]}) { edges { node { id origin } } } }";
        let open = world.run(&lead, list, json!({})).await;
        let tasks = open.data("visitTasks.edges").as_array().unwrap();
        assert_eq!(tasks.len(), 2);
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
        world.run(&lead, claim, json!({"id": tasks[0]["node"]["id"]})).await.payload("claimVisitTask");
        let rounds = "query($area: ID!) { visitRounds(areaId: $area) { name progress { status visits } } }";
        let grid = World::id::<ids::Area>(world.area(GRID));
        let rounds = world.run(&lead, rounds, json!({"area": grid})).await;
        assert_eq!(*rounds.data("visitRounds"), json!([{"name": "高温走访", "progress": [
            {"status": "OPEN", "visits": 1}, {"status": "CLAIMED", "visits": 1}]}]));
    }

    /// A fall, a death in the family: one person, within a day and no later. Before a festival: everybody,
    /// by a day that somebody sets.
    async fn a_major_change_asks_for_one_person_within_a_day(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let one = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        elder(&world, BUILDING, "102", CareTier::HighRisk).await;
        let query = "mutation($area: ID!, $cause: RoundCause!, $kind: VisitKind!, $people: [ID!], $due: DateTime) {
            startVisitRound(input: {areaId: $area, name: \"走访\", cause: $cause, kind: $kind, tiers: [HIGH_RISK],
            residentIds: $people, dueAt: $due}) { visitRound { visits dueAt } userErrors { field code } } }";
        let area = World::id::<ids::Area>(world.area(GRID));
        let start = async |cause: &str, kind: &str, people: Value, due: Value| {
            let variables = json!({"area": area, "cause": cause, "kind": kind, "people": people, "due": due});
            world.run(&staff, query, variables).await.data("startVisitRound").clone()
        };
        let people = json!([World::id::<ids::Resident>(one)]);
        let late = start("MAJOR_CHANGE", "HOME_VISIT", people.clone(), json!("2026-03-03T09:00:01+08:00")).await;
        assert_eq!(late["userErrors"], json!([{"field": "dueAt", "code": "OUT_OF_RANGE"}]));
        let changed = start("MAJOR_CHANGE", "HOME_VISIT", people, Value::Null).await;
        assert_eq!(changed["visitRound"], json!({"visits": 1, "dueAt": "2026-03-03T01:00:00.000Z"}));
        let endless = start("FESTIVAL", "FESTIVAL_VISIT", Value::Null, Value::Null).await;
        assert_eq!(endless["userErrors"], json!([{"field": "dueAt", "code": "REQUIRED"}]));
        let festival = start("FESTIVAL", "FESTIVAL_VISIT", Value::Null, json!("2026-03-20T18:00:00+08:00")).await;
        assert_eq!(festival["visitRound"]["visits"], 2);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE kind = 'FESTIVAL_VISIT'").await, 2);
    }

    async fn a_round_that_makes_no_sense_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, "341102006")]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        elder(&world, BUILDING, "101", CareTier::Key).await;
        for (area, more, code, field) in [
            ("341102006", format!(", tiers: [KEY] {DUE}"), "AREA_UNFIT", "areaId"),
            (COMMUNITY, format!(", tiers: [] {DUE}"), "REQUIRED", "tiers"),
            (COMMUNITY, format!(", tiers: [HIGH_RISK] {DUE}"), "NOBODY_THERE", "tiers"),
            (COMMUNITY, ", tiers: [KEY], dueAt: \"2026-03-02T09:00:00+08:00\"".to_owned(), "WINDOW_INVALID", "dueAt"),
            (COMMUNITY, ", tiers: [KEY], dueAt: \"2026-05-02T09:00:00+08:00\"".to_owned(), "OUT_OF_RANGE", "dueAt"),
        ] {
            let refused = start(&world, &staff, area, &more, None).await;
            let error: &Value = &refused.data("startVisitRound")["userErrors"][0];
            assert_eq!((error["code"].as_str(), error["field"].as_str()), (Some(code), Some(field)));
        }
        let not_theirs = start(&world, &lead, GRID, &format!(", tiers: [KEY] {DUE}"), None).await;
        assert_eq!(not_theirs.error_codes(), ["FORBIDDEN"]);
        assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 0);
    }
}
