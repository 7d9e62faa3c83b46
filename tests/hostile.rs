//! Requests made to exhaust the server: each is answered with the right code, cheaply, and the
//! connection stays. Against the real binary and schema, over one plain socket.

use std::fmt::Write as _;

use entity::enums::Role;
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufStream};
use tokio::net::TcpStream;

use crate::support::binary::Server;
use crate::support::database::TestDatabase;
use crate::support::world::{GRID, World};

/// CPU time that one refusal may cost, in hundredths of a second: 100 ms, whatever the build.
const MOST_TICKS: u64 = 10;

/// A server with one signed-in volunteer, and one connection to it that must last.
struct Siege {
    server: Server,
    token: String,
    line: BufStream<TcpStream>,
    _world: World,
}

impl Siege {
    async fn new(environment: &[(&str, &str)]) -> Self {
        let db = TestDatabase::sqlite().await;
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let server = Server::start(&world.database, environment).await;
        let line = TcpStream::connect(server.address()).await.expect("a line");
        Self {
            server,
            token: volunteer.token.to_string(),
            line: BufStream::new(line),
            _world: world,
        }
    }

    /// Sends a body, which may be anything, and reads the answer from the same connection.
    async fn send(&mut self, body: &[u8]) -> (u16, Value) {
        let head = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
             accept: application/graphql-response+json\r\nauthorization: Bearer {}\r\n\
             content-length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.line.write_all(head.as_bytes()).await.expect("a line");
        self.line.write_all(body).await.expect("a line");
        self.line.flush().await.expect("a line");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(
                self.line
                    .read_u8()
                    .await
                    .expect("an answer, not a dropped line"),
            );
        }
        let head = String::from_utf8(head).expect("UTF-8").to_lowercase();
        let length = head.split("content-length: ").nth(1).expect(&head);
        let length = length
            .lines()
            .next()
            .expect("a line")
            .parse()
            .expect("a number");
        let mut body = vec![0; length];
        self.line
            .read_exact(&mut body)
            .await
            .expect("a whole answer");
        let status = head[9..12].parse().expect("a status");
        (status, serde_json::from_slice(&body).expect("JSON"))
    }

    /// As `send`, held to what it may cost.
    async fn refused(&mut self, name: &str, body: &[u8]) -> (u16, String) {
        let before = self.ticks();
        let (status, answer) = self.send(body).await;
        let cost = self.ticks() - before;
        assert!(cost <= MOST_TICKS, "{name}: {cost} hundredths of a second");
        let errors = answer["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 1, "{name}: {answer}");
        let code = errors[0]["extensions"]["code"].as_str().expect("a code");
        (status, code.to_owned())
    }

    /// CPU time of the server so far, in its own threads and in the kernel for it.
    fn ticks(&self) -> u64 {
        let path = format!("/proc/{}/stat", self.server.process().id());
        let stat = std::fs::read_to_string(&path).expect(&path);
        // The name in brackets may hold spaces; user and system time are fields 14 and 15.
        let (_, fields) = stat.rsplit_once(')').expect("a name");
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |at: usize| fields[at].parse::<u64>().expect("a number");
        number(11) + number(12)
    }

    async fn is_still_served(&mut self) {
        let (status, answer) = self.send(br#"{"query":"{ __typename }"}"#).await;
        assert_eq!(
            (status, &answer["data"]["__typename"]),
            (200, &json!("Query"))
        );
    }
}

fn document(text: &str) -> Vec<u8> {
    json!({ "query": text }).to_string().into_bytes()
}

/// Thirty fragments, each spreading the next `times` over.
fn fragments(times: usize, levels: usize) -> String {
    let mut text = String::from("{ ...f0 }");
    for level in 0..levels {
        let spreads = format!("...f{} ", level + 1).repeat(times);
        write!(text, " fragment f{level} on Query {{ {spreads} }}").expect("memory");
    }
    text + &format!(" fragment f{levels} on Query {{ worklist(first: 1) {{ totalCount }} }}")
}

#[tokio::test]
async fn hostile_documents_are_refused_cheaply_with_the_right_code() {
    let mut siege = Siege::new(&[]).await;
    let aliases = (0..1000).fold(String::new(), |text, at| {
        text + &format!("a{at}: __typename ")
    });
    let task = "visitTasks(first: 100) { edges { node { id version dueAt household { id version
        residents { id version ageBand salutation } } area { id code name } } } }";
    let wide = (0..5).fold(String::new(), |text, at| text + &format!("w{at}: {task} "));
    for (name, text, expected) in [
        (
            "fragment fan-out",
            fragments(20, 28),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "fragment doubling",
            fragments(2, 25),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "a long fragment chain",
            fragments(1, 200),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "a fragment in itself",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".into(),
            (400, "BAD_USER_INPUT"),
        ),
        (
            "1000 aliases",
            format!("{{ {aliases} }}"),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "deep nesting",
            format!(
                "{{ areas(first: 1) {{ edges {{ node {{ {} id",
                "parent { ".repeat(300)
            ),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "nesting just too deep",
            format!(
                "{{ area(id: \"x\") {{ {} id {} }} }}",
                "parent { ".repeat(12),
                "} ".repeat(12)
            ),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "deep nesting of brackets",
            format!("{{ nodes(ids: {}", "[".repeat(16_000)),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "too many rows",
            format!("{{ {wide} }}"),
            (400, "QUERY_TOO_COMPLEX"),
        ),
        (
            "a document of 17 KB",
            format!("{{ __typename }} # {}", "x".repeat(17_000)),
            (400, "QUERY_TOO_COMPLEX"),
        ),
    ] {
        let (status, code) = siege.refused(name, &document(&text)).await;
        assert_eq!((status, code.as_str()), expected, "{name}");
    }
    siege.is_still_served().await;
}

#[tokio::test]
async fn hostile_paging_arguments_are_refused_cheaply_with_the_right_code() {
    let mut siege = Siege::new(&[]).await;
    let ids = json!(vec!["x"; 101]).to_string();
    let page = |arguments: &str| format!("{{ visitTasks({arguments}) {{ totalCount }} }}");
    for (name, text, expected) in [
        ("first: -1", page("first: -1"), (200, "BAD_USER_INPUT")),
        ("first: 0", page("first: 0"), (200, "BAD_USER_INPUT")),
        (
            "first: 2147483647",
            page("first: 2147483647"),
            (200, "BAD_USER_INPUT"),
        ),
        (
            "first: 2147483648",
            page("first: 2147483648"),
            (200, "BAD_USER_INPUT"),
        ),
        (
            "first: 10^30",
            page(&format!("first: 1{}", "0".repeat(30))),
            (400, "BAD_USER_INPUT"),
        ),
        (
            "a garbage cursor",
            page("first: 1, after: \"Z2FyYmFnZQ\""),
            (200, "BAD_USER_INPUT"),
        ),
        (
            "a long garbage cursor",
            page(&format!("first: 1, after: \"{}\"", "A".repeat(15_000))),
            (200, "BAD_USER_INPUT"),
        ),
        (
            "101 ids",
            format!("{{ nodes(ids: {ids}) {{ id }} }}"),
            (200, "BAD_USER_INPUT"),
        ),
    ] {
        let (status, code) = siege.refused(name, &document(&text)).await;
        assert_eq!((status, code.as_str()), expected, "{name}");
    }
    siege.is_still_served().await;
}

#[tokio::test]
async fn hostile_bodies_are_refused_cheaply_with_the_right_code() {
    let mut siege = Siege::new(&[]).await;
    let variables = |first: Value| {
        let query = "query($n: Int) { visitTasks(first: $n) { totalCount } }";
        let body = json!({ "query": query, "variables": { "n": first } });
        body.to_string().into_bytes()
    };
    let deep = |opening: &str, times: usize| opening.repeat(times).into_bytes();
    for (name, body, expected) in [
        (
            "JSON 100,000 deep",
            deep("[", 100_000),
            (413, "BAD_USER_INPUT"),
        ),
        (
            "JSON 60,000 deep",
            deep("[", 60_000),
            (400, "BAD_USER_INPUT"),
        ),
        (
            "objects 10,000 deep",
            deep("{\"a\":", 10_000),
            (400, "BAD_USER_INPUT"),
        ),
        (
            "variables 8,000 deep",
            deep("{\"variables\":", 4_000),
            (400, "BAD_USER_INPUT"),
        ),
        (
            "30 MB",
            vec![b' '; 30 * 1024 * 1024],
            (413, "BAD_USER_INPUT"),
        ),
        ("no JSON", b"\xff\xfe\x00".to_vec(), (400, "BAD_USER_INPUT")),
        ("nothing", Vec::new(), (400, "BAD_USER_INPUT")),
        ("$n: -1", variables(json!(-1)), (200, "BAD_USER_INPUT")),
        (
            "$n: 2147483647",
            variables(json!(i32::MAX)),
            (200, "BAD_USER_INPUT"),
        ),
        (
            "$n: 2147483648",
            variables(json!(2_147_483_648_u32)),
            (200, "BAD_USER_INPUT"),
        ),
        ("$n: \"1\"", variables(json!("1")), (400, "BAD_USER_INPUT")),
    ] {
        let (status, code) = siege.refused(name, &body).await;
        assert_eq!((status, code.as_str()), expected, "{name}");
    }
    siege.is_still_served().await;
}

#[tokio::test]
async fn the_standard_introspection_query_passes_where_introspection_is_on() {
    let mut siege = Siege::new(&[("NUANLIN_EXPLORER", "true")]).await;
    let (status, answer) = siege.send(&document(INTROSPECTION)).await;
    assert_eq!(status, 200);
    assert_eq!(answer["errors"], Value::Null);
    assert_eq!(answer["data"]["__schema"]["queryType"]["name"], "Query");
    let types = answer["data"]["__schema"]["types"]
        .as_array()
        .expect("types");
    assert!(types.iter().any(|one| one["name"] == "VisitTask"));
}

#[tokio::test]
async fn the_schema_is_null_where_introspection_is_off() {
    let mut siege = Siege::new(&[]).await;
    let (_, answer) = siege.send(&document(INTROSPECTION)).await;
    assert_eq!(answer["data"]["__schema"], Value::Null, "{answer}");
    let text = "{ __type(name: \"VisitTask\") { name } __typename }";
    let (_, answer) = siege.send(&document(text)).await;
    assert_eq!(answer["data"]["__type"], Value::Null, "{answer}");
    assert!(!answer.to_string().contains("VisitTask"));
}

/// What graphql-js' `getIntrospectionQuery()` asks for, its fullest form.
const INTROSPECTION: &str = "query IntrospectionQuery {
  __schema {
    description
    queryType { name kind }
    mutationType { name kind }
    subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description specifiedByURL
  fields(includeDeprecated: true) {
    name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef }
    isDeprecated deprecationReason
  }
  inputFields(includeDeprecated: true) { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue {
  name description type { ...TypeRef } defaultValue isDeprecated deprecationReason
}
fragment TypeRef on __Type {
  kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
    kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }
}";
