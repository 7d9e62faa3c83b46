//! The operator's day with the real binary: an empty database, spreadsheets, a server, and commands
//! beside it.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rust_xlsxwriter::Workbook;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use crate::support::binary::{Server, command};
use crate::support::database::{TestDatabase, on_both};
use crate::support::graphql::Client;

const GRID: &str = "341102006003.01.01";
const OPEN: &str = "{ visitTasks(first: 10, filter: {status: [OPEN]}) { totalCount } }";

fn run(command: &mut Command, arguments: &[&str]) -> Output {
    command.args(arguments).output().expect("the binary runs")
}

/// Runs a command that must succeed and returns what it printed.
#[track_caller]
fn done(database: &TestDatabase, arguments: &[&str]) -> String {
    let output = run(&mut command(database), arguments);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).expect("text")
}

/// Writes a sheet into the test's folder and returns its path.
fn sheet(database: &TestDatabase, name: &str, rows: &[&[&str]]) -> String {
    let path = database.directory().join(name);
    let mut book = Workbook::new();
    let page = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            page.write_string(row, column, *cell).expect("a cell");
        }
    }
    book.save(&path).expect("a workbook");
    path.display().to_string()
}

fn areas(database: &TestDatabase, name: &str, buildings: &[&str]) -> String {
    let mut rows: Vec<Vec<String>> = [
        ["编码", "名称", "类型", "上级编码"],
        ["341102", "琅琊区", "区", ""],
        ["341102006", "清流街道", "街道", "341102"],
        ["341102006003", "创业北路社区", "社区", "341102006"],
        ["341102006003.01", "创业北路小区", "小区", "341102006003"],
        [GRID, "第1网格", "网格", "341102006003.01"],
    ]
    .iter()
    .map(|row| row.iter().map(ToString::to_string).collect())
    .collect();
    for building in buildings {
        let code = format!("{GRID}.{building}");
        rows.push(vec![
            code,
            format!("{building}栋"),
            "楼栋".to_owned(),
            GRID.to_owned(),
        ]);
    }
    let rows: Vec<Vec<&str>> = rows
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    sheet(database, name, &rows)
}

/// Activates an account by its first-sign-in code and returns its access token.
async fn activated(server: &Server, phone: &str, said: &str) -> String {
    let code = said.split_whitespace().last().expect("a code");
    let query = "mutation($phone: String!, $code: String!) { activateAccount(input: {phone: $phone,
        code: $code, newPassword: \"ju-zi-shu-xia-1\"}) { accessToken userErrors { field code } } }";
    let client = Client::new(&server.base_url());
    let answer = client
        .run(query, json!({"phone": phone, "code": code}))
        .await;
    answer.payload("activateAccount")["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned()
}

/// Asks again and again until the answer is as expected; says after how long.
async fn until(client: &Client, query: &str, expected: impl Fn(&Value) -> bool) -> Duration {
    let began = Instant::now();
    loop {
        let answer = client.run(query, json!({})).await.json;
        if expected(&answer) {
            return began.elapsed();
        }
        assert!(began.elapsed() < Duration::from_secs(10), "still {answer}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

on_both! {
    async fn what_a_command_changes_is_in_effect_within_a_second(db: TestDatabase) {
        let empty = db.empty().await;
        let refused = run(&mut command(&empty), &["serve"]);
        assert!(String::from_utf8_lossy(&refused.stderr).contains("nuanlin migrate up"));
        done(&empty, &["migrate", "up"]);
        assert_eq!(done(&empty, &["migrate", "status"]).trim(), "the schema is current");
        let file = areas(&empty, "areas.xlsx", &["01"]);
        let report: Value = serde_json::from_str(&done(&empty, &["import", "areas", &file, "--json"])).unwrap();
        assert_eq!((&report["created"], &report["refused"]), (&json!(6), &json!([])));

        let server = Server::start(&empty, &[]).await;
        let phone = "13900000021";
        let said = done(&empty, &["account", "add", "--name", "陈静", "--phone", phone, "--role", "VOLUNTEER", "--area", GRID]);
        let token = activated(&server, phone, &said).await;
        let volunteer = Client::new(&server.base_url()).token(&token);
        assert_eq!(volunteer.run(OPEN, json!({})).await.data("visitTasks.totalCount"), 0);

        let seen = "{ areas(first: 10, filter: {kind: [BUILDING]}) { totalCount } }";
        assert_eq!(volunteer.run(seen, json!({})).await.data("areas.totalCount"), 1);
        done(&empty, &["import", "areas", &areas(&empty, "more.xlsx", &["01", "02"])]);
        let took = until(&volunteer, seen, |answer| answer["data"]["areas"]["totalCount"] == 2).await;
        assert!(took < Duration::from_secs(1), "a new building after {took:?}");

        done(&empty, &["account", "revoke", "--phone", phone, "--role", "VOLUNTEER", "--area", GRID]);
        let stale = |answer: &Value| answer["errors"][0]["extensions"]["code"] == "TOKEN_STALE";
        let took = until(&volunteer, OPEN, stale).await;
        assert!(took < Duration::from_secs(1), "the old token was refused after {took:?}");
        // Long ago, when nobody was there yet, it said how the first administrator is made.
        let log = server.log();
        let line = "nuanlin account add --name NAME --phone PHONE --role ADMIN --area CODE";
        assert!(log.contains("no account yet") && log.contains(line), "{log}");
    }

    async fn an_import_held_back_is_told_by_its_exit_code(db: TestDatabase) {
        let file = db.directory().join("areas.csv");
        let rows = "编码,名称,类型,上级编码\n341102,琅琊区,区,\n341102006,清流街道,街道,999999\n";
        std::fs::write(&file, rows).expect("a file");
        let file = file.display().to_string();
        let held = run(&mut command(&db), &["import", "areas", &file, "--all-or-nothing"]);
        assert_eq!(held.status.code(), Some(3), "{}", String::from_utf8_lossy(&held.stderr));
        assert!(String::from_utf8_lossy(&held.stdout).contains("全部未导入"));
        assert_eq!(db.count("SELECT count(*) FROM area").await, 0);
        done(&db, &["import", "areas", &file]);
        assert_eq!(db.count("SELECT count(*) FROM area").await, 1);
    }

    async fn a_newer_schema_is_no_success(db: TestDatabase) {
        let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_later', 0)";
        db.connect().await.execute_unprepared(newer).await.expect("a migration");
        for arguments in [&["migrate", "up"][..], &["account", "list"]] {
            let refused = run(&mut command(&db), arguments);
            assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(said.contains("newer nuanlin (m9999_later)"), "{said}");
        }
    }

    /// What a payload refuses is counted, by codes that the schema bounds.
    async fn refusals_are_counted_by_code(db: TestDatabase) {
        done(&db, &["import", "areas", &areas(&db, "areas.xlsx", &["01"])]);
        let server = Server::start(&db, &[]).await;
        let client = Client::new(&server.base_url());
        let wrong = "mutation { signIn(input: {phone: \"13900000021\", password: \"ju-zi\"}) {
            userErrors { code } } }";
        for _ in 0..2 {
            let refused = client.run(wrong, json!({})).await;
            assert_eq!(refused.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        }
        client.run("{ __typename }", json!({})).await;
        let metrics = reqwest::get(format!("{}/metrics", server.admin_url())).await.expect("an answer");
        let metrics = metrics.text().await.expect("text");
        for line in [
            "nuanlin_refusals_total{code=\"CREDENTIALS_INVALID\"} 2",
            "nuanlin_requests_total{outcome=\"REFUSED\"} 2",
            "nuanlin_requests_total{outcome=\"OK\"} 1",
        ] {
            assert!(metrics.lines().any(|found| found == line), "{line} in {metrics}");
        }
    }

    async fn a_wrong_command_changes_nothing_and_says_why(db: TestDatabase) {
        let file = areas(&db, "areas.xlsx", &["01"]);
        done(&db, &["import", "areas", &file]);
        for (arguments, code, word) in [
            (&["account", "add", "--name", "王", "--phone", "1", "--role", "ADMIN", "--area", "341102"][..], 1, "手机号格式不正确"),
            (&["account", "add", "--name", "王", "--phone", "13900000001", "--role", "KING", "--area", "341102"], 2, "not a role"),
            (&["account", "add", "--name", "王", "--phone", "13900000001", "--role", "ADMIN", "--area", GRID], 1, "该角色不能授予在此级区域"),
            (&["import", "areas", "no-such-file.xlsx"], 1, "no-such-file.xlsx"),
            (&["import", "towns", "x"], 2, "towns"),
        ] {
            let output = run(&mut command(&db), arguments);
            assert_eq!(output.status.code(), Some(code), "{arguments:?}");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(said.contains(word), "{arguments:?}: {said}");
        }
        assert_eq!(db.count("SELECT count(*) FROM account").await, 0);
        let misspelt = run(command(&db).env("NUANLIN_CLAIMS_LIMIT", "3"), &["account", "list"]);
        assert_eq!(misspelt.status.code(), Some(1));
        // Other keys than the ones the database was filled with would find and open nothing.
        let other = db.directory().join("other-keys");
        let foreign = run(command(&db).env("NUANLIN_KEYS_DIR", &other), &["account", "list"]);
        assert_eq!(foreign.status.code(), Some(1));
    }

    /// A backup brought back without a key: nothing is sealed under another that bears its name.
    async fn a_lost_key_is_not_replaced(db: TestDatabase) {
        let file = areas(&db, "areas.xlsx", &["01"]);
        done(&db, &["import", "areas", &file]);
        let add = ["account", "add", "--name", "陈静", "--role", "VOLUNTEER", "--area", GRID, "--phone"];
        done(&db, &[&add[..], &["13900000021"]].concat());
        for (n, name) in (0..).zip(["seal-1.key", "hash.key", "refresh.key", "token-1.pem"]) {
            let keys = db.directory().join("keys");
            let (path, kept) = (keys.join(name), db.directory().join(name));
            let mut lost = command(&db);
            std::fs::rename(&path, &kept).expect("a key");
            let phone = format!("1390000003{n}");
            let refused = run(&mut lost, &[&add[..], &[&phone]].concat());
            assert_eq!(refused.status.code(), Some(1), "{name}");
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert!(said.contains(name), "{said}");
            assert!(!path.exists(), "{name} is not made anew");
            std::fs::rename(&kept, &path).expect("a key");
        }
        done(&db, &[&add[..], &["13900000039"]].concat());
        assert_eq!(db.count("SELECT count(*) FROM account").await, 2);
    }

    async fn a_key_put_in_anothers_place_is_refused(db: TestDatabase) {
        done(&db, &["account", "list"]);
        let keys = db.directory().join("keys");
        let other = db.directory().join("other");
        done(&db, &["keys", &other.display().to_string()]);
        for name in ["seal-1.key", "hash.key"] {
            let kept = std::fs::read(keys.join(name)).expect("a key");
            std::fs::write(keys.join(name), std::fs::read(other.join(name)).unwrap()).unwrap();
            let refused = run(&mut command(&db), &["account", "list"]);
            let said = String::from_utf8_lossy(&refused.stderr).into_owned();
            assert_eq!(refused.status.code(), Some(1), "{name}: {said}");
            assert!(said.contains(name), "{said}");
            std::fs::write(keys.join(name), kept).unwrap();
        }
        // A further key is a new file, and nothing is lost by it.
        std::fs::copy(other.join("seal-1.key"), keys.join("seal-2.key")).expect("a key");
        done(&db, &["account", "list"]);
        std::fs::remove_file(keys.join("seal-2.key")).expect("a key");
        assert_eq!(run(&mut command(&db), &["account", "list"]).status.code(), Some(1));
    }

    /// A sheet of codes that is not written costs nobody their password.
    async fn a_code_is_written_down_before_it_is_valid(db: TestDatabase) {
        done(&db, &["import", "areas", &areas(&db, "areas.xlsx", &["01"])]);
        let phone = "13900000021";
        let add = ["account", "add", "--name", "陈静", "--role", "VOLUNTEER", "--area", GRID, "--phone"];
        let said = done(&db, &[&add[..], &[phone]].concat());
        let server = Server::start(&db, &[]).await;
        let token = activated(&server, phone, &said).await;
        let file = db.directory().join("codes.csv");
        std::fs::write(&file, "somebody else's codes").expect("a file");
        let name = file.display().to_string();
        for arguments in [
            vec!["account", "code", "--phone", phone, "--codes", &name],
            [&add[..], &["13900000022", "--codes", &name]].concat(),
        ] {
            let refused = run(&mut command(&db), &arguments);
            assert_eq!(refused.status.code(), Some(1), "{arguments:?}");
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "somebody else's codes");
        assert_eq!(db.count("SELECT count(*) FROM account").await, 1);
        let kept = "SELECT count(*) FROM account WHERE password_hash IS NOT NULL AND code_hash IS NULL";
        assert_eq!(db.count(kept).await, 1);
        let client = Client::new(&server.base_url()).token(&token);
        client.run(OPEN, json!({})).await.data("visitTasks.totalCount");

        std::fs::remove_file(&file).expect("a file");
        // One that is refused leaves no sheet behind.
        let unknown = run(&mut command(&db), &["account", "code", "--phone", "13900000099", "--codes", &name]);
        assert_eq!(unknown.status.code(), Some(1));
        assert!(!file.exists());
        done(&db, &["account", "code", "--phone", phone, "--codes", &name]);
        let sheet = std::fs::read_to_string(&file).expect("a sheet");
        let code = sheet.trim().rsplit(',').next().expect("a code");
        activated(&server, phone, code).await;
    }
}
