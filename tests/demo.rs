//! The demo: made once, continued, started over when asked, and never from under one that runs.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::binary::{free_address, path};
use crate::support::database::TestDatabase;
use crate::support::graphql::Client;

/// A running demo; it is killed when this is dropped.
struct Demo {
    process: Child,
    client: Client,
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.process.kill().expect("own child");
        self.process.wait().expect("own child");
    }
}

fn demo(folder: &Path, listen: SocketAddr, more: &[&str]) -> Command {
    let mut command = Command::new(path());
    command
        .args(["demo", "--listen", &listen.to_string(), "--data"])
        .arg(folder)
        .args(more)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

async fn started(folder: &Path, listen: SocketAddr, more: &[&str]) -> Demo {
    let process = demo(folder, listen, more).spawn().expect("the binary runs");
    let client = Client::new(&format!("http://{listen}"));
    let demo = Demo { process, client };
    let began = Instant::now();
    while demo
        .client
        .try_run("{ __typename }", json!({}))
        .await
        .is_err()
    {
        assert!(began.elapsed() < Duration::from_mins(2), "not ready");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    demo
}

/// A volunteer of the demo's own list signs in.
async fn signed_in(demo: &Demo, folder: &Path) -> Client {
    let accounts = std::fs::read(folder.join("accounts.json")).expect("accounts");
    let accounts: Vec<Value> = serde_json::from_slice(&accounts).expect("JSON");
    let volunteer = accounts
        .iter()
        .find(|account| account["role"] == "VOLUNTEER")
        .expect("a volunteer");
    let sign_in = "mutation($phone: String!, $password: String!) { signIn(input: {phone: $phone,
        password: $password}) { accessToken userErrors { code } } }";
    let variables = json!({"phone": volunteer["phone"], "password": volunteer["password"]});
    let answer = demo.client.run(sign_in, variables).await;
    let token = answer.payload("signIn")["accessToken"].clone();
    demo.client.token(token.as_str().expect("a token"))
}

async fn visits(client: &Client, status: &str) -> (Value, Value) {
    let query = format!(
        "{{ visitTasks(first: 1, filter: {{status: [{status}]}}) {{ totalCount edges {{ node {{ id }} }} }} }}"
    );
    let answer = client.run(&query, json!({})).await;
    let first = answer.data("visitTasks.edges")[0]["node"]["id"].clone();
    (answer.data("visitTasks.totalCount").clone(), first)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_continues_until_it_is_told_to_start_over() {
    let db = TestDatabase::sqlite().await;
    let (folder, listen) = (db.directory().join("demo"), free_address());
    let first = started(&folder, listen, &[]).await;
    let volunteer = signed_in(&first, &folder).await;
    let (open, task) = visits(&volunteer, "OPEN").await;
    assert!(open.as_u64().is_some_and(|open| open >= 12), "{open}");
    let claim =
        "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
    let claimed = volunteer.run(claim, json!({"id": task})).await;
    claimed.payload("claimVisitTask");

    // Another one beside it, told to start over, takes nothing from it.
    let second = demo(&folder, listen, &["--reset"]).status();
    assert_eq!(second.expect("the binary runs").code(), Some(1));
    assert_eq!(
        visits(&volunteer, "CLAIMED").await,
        (json!(1), task.clone())
    );
    drop(first);

    let again = started(&folder, listen, &[]).await;
    let volunteer = signed_in(&again, &folder).await;
    assert_eq!(
        visits(&volunteer, "CLAIMED").await,
        (json!(1), task.clone())
    );
    drop(again);

    let anew = started(&folder, listen, &["--reset"]).await;
    let volunteer = signed_in(&anew, &folder).await;
    assert_eq!(visits(&volunteer, "CLAIMED").await.0, 0);
    // How many more the server has planned by now is its own affair.
    let open = visits(&volunteer, "OPEN").await.0;
    assert!(open.as_u64().is_some_and(|open| open >= 12), "{open}");
    let old = volunteer.run(
        "query($id: ID!) { visitTask(id: $id) { id } }",
        json!({"id": task}),
    );
    assert_eq!(old.await.data("visitTask"), &Value::Null);
}
