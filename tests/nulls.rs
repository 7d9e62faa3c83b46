//! Errors of fields: how far null spreads, what is told, and in which order keys come
//! (GraphQL specification §6.4.4), on the real schema over rows that somebody corrupted.

use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, Person, World};

const LIST: &str = "{ visitTasks(first: 10) { edges { node { id kind household { id
    residents { phone { value } gender id } } status } } totalCount } }";

/// Two households with an elder and a task each; the first is the one that gets corrupted.
struct Scene {
    world: World,
    lead: Person,
    tasks: Vec<Uuid>,
    elders: Vec<Uuid>,
}

impl Scene {
    async fn new(db: crate::support::database::TestDatabase) -> Self {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let (mut tasks, mut elders) = (Vec::new(), Vec::new());
        for room in ["101", "102"] {
            let home = world.household(BUILDING, room).await;
            elders.push(
                world
                    .elder(home, "李秀英", &[Circumstance::LivesAlone])
                    .await,
            );
            tasks.push(world.open_task(&lead, home).await);
            // Lists are in the order of the windows' ends.
            world.clock.advance(chrono::Duration::minutes(1));
        }
        Self {
            world,
            lead,
            tasks,
            elders,
        }
    }

    async fn corrupt(&self, table: &str, column: &str, value: &str, id: Uuid) {
        let id = if self.world.database.is_postgres() {
            format!("'{id}'")
        } else {
            format!("X'{}'", id.simple())
        };
        let sql = format!("UPDATE {table} SET {column} = '{value}' WHERE id = {id}");
        let done = self.world.raw.execute_unprepared(&sql).await.expect(&sql);
        assert_eq!(done.rows_affected(), 1, "{sql}");
    }

    async fn list(&self) -> Answer {
        self.world.run(&self.lead, LIST, json!({})).await
    }
}

/// One error, ours, masked, with the request's id and the path of the field that failed.
#[track_caller]
fn assert_one_masked_error(answer: &Answer, path: &Value) {
    assert_eq!(answer.status, 200, "{:#}", answer.json);
    assert_eq!(answer.error_codes(), ["INTERNAL"], "{:#}", answer.json);
    let error = &answer.json["errors"][0];
    assert_eq!(&error["path"], path);
    assert_eq!(error["message"], "服务器内部错误，请稍后重试");
    let request = error["extensions"]["requestId"].as_str().expect("an id");
    Uuid::try_parse(request).expect("a request's id is a UUID");
    let mut keys: Vec<&String> = error.as_object().expect("an error").keys().collect();
    keys.sort();
    assert_eq!(keys, ["extensions", "locations", "message", "path"]);
    assert_eq!(
        error["extensions"].as_object().map(serde_json::Map::len),
        Some(2)
    );
}

on_both! {
    async fn a_nullable_field_that_fails_costs_itself(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.list().await;
        scene.corrupt("resident", "phone_sealed", "broken", scene.elders[0]).await;
        let after = scene.list().await;
        assert_one_masked_error(
            &after,
            &json!(["visitTasks", "edges", 0, "node", "household", "residents", 0, "phone"]),
        );
        let mut expected = before.data("visitTasks").clone();
        let phone = &mut expected["edges"][0]["node"]["household"]["residents"][0]["phone"];
        assert!(phone["value"].as_str().expect("a number").starts_with("138"));
        *phone = Value::Null;
        assert_eq!(after.json["data"]["visitTasks"], expected, "the rest is as it was");
    }

    async fn a_non_null_field_that_fails_costs_the_nearest_nullable(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.corrupt("visit_task", "kind", "NONSENSE", scene.tasks[1]).await;
        let query = format!("{{ before: __typename {} after: __typename }}", LIST.trim_matches(['{', '}']));
        let answer = scene.world.run(&scene.lead, &query, json!({})).await;
        assert_one_masked_error(&answer, &json!(["visitTasks", "edges", 1, "node", "kind"]));
        let data = json!({"before": "Query", "visitTasks": null, "after": "Query"});
        assert_eq!(answer.json["data"], data);
        // Who does not ask for the field does not fail.
        let others = scene.world.run(&scene.lead, "{ visitTasks(first: 10) { totalCount edges { node { id } } } }", json!({})).await;
        assert_eq!(others.data("visitTasks.totalCount"), 2);
        let worklist = scene.world.run(&scene.lead, "{ worklist(first: 10) { edges { node { id } } } }", json!({})).await;
        assert_eq!(worklist.data("worklist.edges").as_array().map(Vec::len), Some(2));
    }

    async fn a_failing_element_of_a_list_of_non_nulls_costs_the_list(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let before = scene.list().await;
        scene.corrupt("resident", "gender", "NONSENSE", scene.elders[1]).await;
        let after = scene.list().await;
        assert_one_masked_error(
            &after,
            &json!(["visitTasks", "edges", 1, "node", "household", "residents", 0, "gender"]),
        );
        let mut expected = before.data("visitTasks").clone();
        expected["edges"][1]["node"]["household"] = Value::Null;
        assert_eq!(after.json["data"]["visitTasks"], expected, "the rest is as it was");
    }

    async fn a_mutation_that_cannot_show_everything_has_still_happened(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.corrupt("resident", "gender", "NONSENSE", scene.elders[0]).await;
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) {
            userErrors { code } visitTask { household { residents { gender } } status } } }";
        let id = World::id::<ids::VisitTask>(scene.tasks[0]);
        let answer = scene.world.run(&scene.lead, claim, json!({"id": id})).await;
        let path = json!(["claimVisitTask", "visitTask", "household", "residents", 0, "gender"]);
        assert_one_masked_error(&answer, &path);
        let task = json!({"household": null, "status": "CLAIMED"});
        assert_eq!(
            answer.json["data"],
            json!({"claimVisitTask": {"userErrors": [], "visitTask": task}})
        );
        assert_eq!(scene.world.audited("claimVisitTask", scene.tasks[0]).await, 1);
    }

    async fn a_mutation_that_cannot_read_its_row_changes_nothing(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.corrupt("visit_task", "kind", "NONSENSE", scene.tasks[0]).await;
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
        let id = World::id::<ids::VisitTask>(scene.tasks[0]);
        let answer = scene.world.run(&scene.lead, claim, json!({"id": id})).await;
        assert_one_masked_error(&answer, &json!(["claimVisitTask"]));
        assert_eq!(answer.json["data"], Value::Null);
        assert_eq!(scene.world.audited("claimVisitTask", scene.tasks[0]).await, 0);
        let open = "SELECT count(*) FROM visit_task WHERE status = 'OPEN' AND version = 1";
        assert_eq!(scene.world.count(open).await, 2);
    }

    /// The slow fields stand first: they read from the database, the others are there at once.
    async fn keys_come_in_the_order_asked(db: TestDatabase) {
        let scene = Scene::new(db).await;
        let home = scene.world.household(OTHER_BUILDING, "9").await;
        let query = "query($task: ID!, $home: ID!) {
            zebra: visitTasks(first: 10) { totalCount edges { node {
                version household { residents { tier { visibility } ageBand id } id } id } cursor } }
            alpha: node(id: \"garbage\") { id }
            ...More
            beta: __typename
            ... on Query { gamma: visitTask(id: $task) { status id } }
            zebra: visitTasks(first: 10) { pageInfo { hasNextPage } } }
            fragment More on Query { yak: household(id: $home) { id } area: __typename }";
        let variables = json!({
            "task": World::id::<ids::VisitTask>(scene.tasks[0]),
            "home": World::id::<ids::Household>(home),
        });
        for _ in 0..5 {
            let text = scene.world.text(&scene.lead, query, variables.clone()).await;
            let node = "node version household residents tier visibility ageBand id id id cursor";
            let expected = format!(
                "data zebra totalCount edges {node} {node} pageInfo hasNextPage alpha yak area beta gamma status id"
            );
            assert_eq!(keys(&text).join(" "), expected, "{text}");
        }
    }

    async fn a_null_stands_at_the_place_of_its_key(db: TestDatabase) {
        let scene = Scene::new(db).await;
        scene.corrupt("resident", "phone_sealed", "broken", scene.elders[0]).await;
        let query = "query($id: ID!) { resident(id: $id) { ageBand phone { value } gender } beta: __typename }";
        let variables = json!({"id": World::id::<ids::Resident>(scene.elders[0])});
        let text = scene.world.text(&scene.lead, query, variables).await;
        let keys = keys(&text).join(" ");
        assert!(keys.contains("data resident ageBand phone gender beta"), "{text}");
    }
}

/// The keys of a JSON text in the order in which they are written.
fn keys(text: &str) -> Vec<&str> {
    let mut keys = Vec::new();
    let mut rest = text;
    // No value asked for here holds a quotation mark.
    while let Some((_, after)) = rest.split_once('"') {
        let Some((word, after)) = after.split_once('"') else {
            break;
        };
        if after.starts_with(':') {
            keys.push(word);
        }
        rest = after;
    }
    keys
}
