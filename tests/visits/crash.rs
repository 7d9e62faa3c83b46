//! The server dies, or the line breaks, just as the answer leaves; the phone asks again.

use entity::enums::Role;
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::{Value, json};

use crate::support::binary::Server;
use crate::support::database::on_both;
use crate::support::graphql::Client;
use crate::support::proxy::{Fault, Proxy};
use crate::support::world::{BUILDING, GRID, World};

const CLAIM: &str = "mutation($id: ID!, $key: UUID!, $version: Int) {
    claimVisitTask(input: {visitTaskId: $id, idempotencyKey: $key, expectedVersion: $version}) {
        visitTask { id status version claim { isMine } } userErrors { field code } } }";
const REPORT: &str = "mutation($id: ID!, $key: UUID!) {
    reportVisitTask(input: {visitTaskId: $id, idempotencyKey: $key, outcome: SEEN_WELL, method: PHONE}) {
        visitTask { id status version reports { revision } } userErrors { field code } } }";

/// Asks ten times more with the same key and expects the same answer each time.
async fn ten_more(client: &Client, query: &str, variables: &Value) -> Value {
    let first = client.run(query, variables.clone()).await.json;
    for _ in 1..10 {
        assert_eq!(client.run(query, variables.clone()).await.json, first);
    }
    first
}

on_both! {
    async fn a_killed_server_loses_nothing_and_does_nothing_twice(db: TestDatabase) {
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        let id = World::id::<ids::VisitTask>(task);

        let mut server = Server::start(&world.database, &[]).await;
        let process = server.process();
        let proxy = Proxy::start(server.address(), move || process.kill()).await;
        let through = Client::new(&proxy.base_url()).token(&volunteer.token);

        proxy.set(Fault::KillAtFirstByte);
        let claim = json!({"id": id, "key": "0195a000-0000-7000-8000-000000000001", "version": 1});
        assert!(through.try_run(CLAIM, claim.clone()).await.is_err(), "the server died");
        server.restart().await;
        proxy.set(Fault::None);
        let claimed = ten_more(&through, CLAIM, &claim).await;
        assert_eq!(claimed["data"]["claimVisitTask"]["visitTask"]["status"], "CLAIMED");
        assert_eq!(claimed["data"]["claimVisitTask"]["visitTask"]["version"], 2);
        assert_eq!(claimed["data"]["claimVisitTask"]["userErrors"], json!([]));
        assert_eq!(world.audited("claimVisitTask", task).await, 1);
        assert_eq!(world.changed(task).await, 1);

        proxy.set(Fault::CutAfter(10));
        let report = json!({"id": id, "key": "0195a000-0000-7000-8000-000000000002"});
        assert!(through.try_run(REPORT, report.clone()).await.is_err(), "the line was cut");
        proxy.set(Fault::None);
        let reported = ten_more(&through, REPORT, &report).await;
        assert_eq!(reported["data"]["reportVisitTask"]["visitTask"]["status"], "REPORTED");
        assert_eq!(reported["data"]["reportVisitTask"]["userErrors"], json!([]));
        assert_eq!(world.audited("reportVisitTask", task).await, 1);
        assert_eq!(world.count("SELECT count(*) FROM visit_report").await, 1);

        let other = json!({"id": id, "key": "0195a000-0000-7000-8000-000000000001", "version": 2});
        let reused = through.run(CLAIM, other).await;
        assert_eq!(reused.user_error_codes("claimVisitTask"), ["IDEMPOTENCY_KEY_REUSED"]);

        proxy.set(Fault::CutBeforeForwarding);
        let task = world.open_task(&lead, home).await;
        let unheard = json!({"id": World::id::<ids::VisitTask>(task), "key": "0195a000-0000-7000-8000-000000000003"});
        assert!(through.try_run(CLAIM, unheard).await.is_err(), "nothing was heard");
        assert_eq!(world.audited("claimVisitTask", task).await, 0);
    }
}
