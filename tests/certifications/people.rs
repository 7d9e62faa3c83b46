//! The station's people and what they do, told in one line each.

use std::fmt::Write as _;

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use crate::attachments::{add, id_of, photo};
use crate::support::graphql::Answer;
use crate::support::world::{COMMUNITY, Person, World};

/// The street to which both communities belong.
pub const STREET: &str = "341102006";

/// 许卫东 and 何志刚 of the community's station, 孟凡 and 罗兰 of the street's.
pub struct Station {
    pub xu: Person,
    pub he: Person,
    pub meng: Person,
    pub luo: Person,
}

impl Station {
    pub async fn new(world: &World) -> Self {
        let staff = |name, area| async move {
            let grants = [(Role::VeteransStaff, area)];
            world.person(name, &grants).await
        };
        Self {
            xu: staff("许卫东", COMMUNITY).await,
            he: staff("何志刚", COMMUNITY).await,
            meng: staff("孟凡", STREET).await,
            luo: staff("罗兰", STREET).await,
        }
    }
}

/// Registers somebody; `more` is what else the details say. Their id.
pub async fn registered(world: &World, who: &Person, area: &str, name: &str, more: &str) -> String {
    let answer = register(world, who, area, name, more).await;
    text(&answer.payload("addBeneficiary")["beneficiary"]["id"])
}

pub async fn register(world: &World, who: &Person, area: &str, name: &str, more: &str) -> Answer {
    let query = format!(
        "mutation($area: ID!, $name: String!) {{ addBeneficiary(input: {{areaId: $area,
            details: {{name: $name {more}}}}}) {{ beneficiary {{ id }} userErrors {{ field code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(area));
    world
        .run(who, &query, json!({"area": area, "name": name}))
        .await
}

/// Opens a round of martyrs' families and disabled servicemen for 2026; its answer.
pub async fn open(world: &World, who: &Person, area: &str, categories: &str) -> Answer {
    let query = format!(
        "mutation($area: ID!) {{ openCertificationRound(input: {{areaId: $area, year: 2026,
            categories: [{categories}], closesOn: \"2026-03-31\", graceDays: 10}}) {{
            round {{ id status opensOn lastOn }} userErrors {{ field code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(area));
    world.run(who, &query, json!({"area": area})).await
}

pub const BOTH: &str = "MARTYR_FAMILY, DISABLED";

/// The same, which must succeed; the round's id.
pub async fn opened(world: &World, who: &Person, area: &str) -> String {
    let answer = open(world, who, area, BOTH).await;
    text(&answer.payload("openCertificationRound")["round"]["id"])
}

pub async fn close(world: &World, who: &Person, round: &str) -> Answer {
    let query =
        "mutation($id: ID!) { closeCertificationRound(input: {roundId: $id}) { round { status }
        unresolvedCount unresolved { status lastAttemptReason beneficiary { name { value } } }
        userErrors { field code } } }";
    world.run(who, query, json!({"id": round})).await
}

pub async fn void(world: &World, who: &Person, round: &str) -> Answer {
    let query =
        "mutation($id: ID!) { voidCertificationRound(input: {roundId: $id, reason: \"重复\"}) {
        round { status endReason } userErrors { field code } } }";
    world.run(who, query, json!({"id": round})).await
}

/// The check of somebody in a round.
pub async fn check_of(world: &World, who: &Person, round: &str, name: &str) -> String {
    let query = "query($round: ID!) { certificationChecks(first: 100, filter: {roundId: $round}) {
        edges { node { id beneficiary { name { value } } } } } }";
    let answer = world.run(who, query, json!({"round": round})).await;
    let edges = answer
        .data("certificationChecks.edges")
        .as_array()
        .expect("edges");
    let mut nodes = edges.iter().map(|edge| &edge["node"]);
    let found = nodes.find(|node| node["beneficiary"]["name"]["value"] == name);
    text(&found.unwrap_or_else(|| panic!("{name} is not on the roster"))["id"])
}

/// One bulk mutation on checks: each its id and what else its input says. State or code of each.
pub async fn many(
    world: &World,
    who: &Person,
    mutation: &str,
    checks: &[(&str, &str)],
) -> Vec<String> {
    let answer = send(world, who, mutation, checks, "").await;
    results(&answer, mutation)
}

/// A photo is added to each of these checks.
pub async fn photographed(world: &World, who: &Person, checks: &[&str]) {
    for check in checks {
        let id = ids::Id::<ids::CertificationCheck>::parse(check, "id").expect("a check's id");
        id_of(&add(world, who, id.uuid(), photo(1)).await);
    }
}

/// What whoever confirms or settles says they saw: the versions of now, where `input` names no other.
async fn seen(world: &World, who: &Person, mutation: &str, (id, input): (&str, &str)) -> String {
    let query =
        "query($id: ID!) { certificationCheck(id: $id) { version beneficiary { version } } }";
    let answer = world.run(who, query, json!({"id": id})).await;
    let check = answer.data("certificationCheck");
    let version = |value: &Value| value.as_i64().unwrap_or(1);
    let mut seen = input.to_owned();
    if !input.contains("expectedVersion") {
        let _ = write!(seen, ", expectedVersion: {}", version(&check["version"]));
    }
    if mutation == "confirmChecks" {
        let _ = write!(
            seen,
            ", beneficiaryVersion: {}",
            version(&check["beneficiary"]["version"])
        );
    }
    seen
}

pub async fn send(
    world: &World,
    who: &Person,
    mutation: &str,
    checks: &[(&str, &str)],
    more: &str,
) -> Answer {
    let mut items = Vec::with_capacity(checks.len());
    for (id, input) in checks {
        let input = match mutation {
            "confirmChecks" | "settleChecks" => seen(world, who, mutation, (id, input)).await,
            _ => (*input).to_owned(),
        };
        items.push(format!("{{checkId: \"{id}\" {input}}}"));
    }
    let query = format!(
        "mutation {{ {mutation}(input: {{checks: [{}] {more}}}) {{ results {{ check {{ status }}
            userErrors {{ code }} }} userErrors {{ code }} }} }}",
        items.join(", ")
    );
    world.run(who, &query, json!({})).await
}

/// State or code of each check of a bulk mutation.
pub fn results(answer: &Answer, mutation: &str) -> Vec<String> {
    let results = answer.payload(mutation)["results"]
        .as_array()
        .expect("results");
    let told = |one: &Value| match one["userErrors"][0]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => text(&one["check"]["status"]),
    };
    results.iter().map(told).collect()
}

/// One check, which must come to this state or be refused for this.
#[track_caller]
pub fn one(done: &[String]) -> &str {
    assert_eq!(done.len(), 1);
    &done[0]
}

/// What a round has come to: each state's number, in the order of their lives.
pub async fn states(world: &World, who: &Person, round: &str) -> Vec<i64> {
    let query = "query($id: ID!) { certificationCoverage(roundId: $id) { figure { roster resolved
        unresolved states { count } } byArea { figure { roster } } byCategory { figure { roster } }
        byChannel { figure { roster } } } }";
    let answer = world.run(who, query, json!({"id": round})).await;
    let coverage = answer.data("certificationCoverage");
    let number = |value: &Value| value.as_i64().expect("a number");
    let counts = coverage["figure"]["states"].as_array().expect("states");
    let counts: Vec<i64> = counts.iter().map(|one| number(&one["count"])).collect();
    let roster = number(&coverage["figure"]["roster"]);
    assert_eq!(counts.iter().sum::<i64>(), roster, "the states add up");
    for by in ["byArea", "byCategory", "byChannel"] {
        let parts = coverage[by].as_array().expect(by);
        let sum: i64 = parts
            .iter()
            .map(|one| number(&one["figure"]["roster"]))
            .sum();
        assert_eq!(sum, roster, "{by} adds up");
    }
    counts
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}
