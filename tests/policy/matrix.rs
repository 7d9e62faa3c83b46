//! Every field of the schema by every kind of person: what the server answers, against the text that
//! people agreed on.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use nuanlin::config::Settings;
use serde_json::{Value, json};

use super::cases::{self, Case};
use super::cast::Cast;
use super::table::table;
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::introspection::Described;
use crate::support::text_file;
use crate::support::world::{Person, World};

/// What a cell says, and what it means.
const SIGNS: &[(&str, &str, &str)] = &[
    ("✘登", "UNAUTHENTICATED", "须先登录"),
    ("✘角", "FORBIDDEN", "其角色没有此功能"),
    ("✘权", "NOT_PERMITTED", "看得到，但无权操作"),
    ("✘无", "NOT_FOUND", "不在其管辖范围内，如同不存在"),
    ("✘认", "NOT_CLAIMED_BY_YOU", "只有认领人可以"),
    ("✘占", "ALREADY_CLAIMED", "已被他人认领"),
    ("✘高", "ROLE_ABOVE_YOURS", "不能授予高于自己的角色"),
    ("✘码", "CODE_INVALID", "验证码不正确"),
    ("✘效", "SESSION_ENDED", "登录凭证无效"),
];

const LEGEND: &str =
    "谁可以做什么：对第1网格的一户、一位独居老人、一项任务，各类人员实际得到的结果。
志愿者、认领人、网格长属第1网格，中心户属其1栋，小区书记属创业北路小区，社区与合伙人属创业北路社区，
退役站与督查属清流街道，管理员属琅琊区；邻网格长属同一小区的第2网格。认领人已认领“认领中”的任务。

✔   可以；资料完整可见
◐   可见，但已脱敏（如 李**）
·   什么也看不到（结果为空）
";

/// A sign for the answer to a query: something, something masked, nothing, or why not.
fn seen(answer: &Answer) -> String {
    if let Some(code) = answer.error_codes().first() {
        return sign(code);
    }
    let data = answer.json["data"].as_object().expect("data");
    let value = data.values().next().expect("a field");
    let sign = match visibility(value) {
        Some("MASKED") => "◐",
        Some("ABSENT") => "·",
        None if is_empty(value) => "·",
        Some(_) | None => "✔",
    };
    sign.to_owned()
}

/// A sign for the answer to a mutation: done, or why not.
fn done(answer: &Answer) -> String {
    if let Some(code) = answer.error_codes().first() {
        return sign(code);
    }
    let data = answer.json["data"].as_object().expect("data");
    let payload = data.values().next().expect("a field");
    match payload["userErrors"][0]["code"].as_str() {
        Some(code) => sign(code),
        None => "✔".to_owned(),
    }
}

fn sign(code: &str) -> String {
    let found = SIGNS.iter().find(|(_, known, _)| *known == code);
    let (sign, ..) = found.unwrap_or_else(|| panic!("{code} needs a sign in SIGNS"));
    (*sign).to_owned()
}

fn visibility(value: &Value) -> Option<&str> {
    match value {
        Value::Object(fields) => match fields.get("visibility") {
            Some(found) => found.as_str(),
            None => fields.values().find_map(visibility),
        },
        Value::Array(items) => items.iter().find_map(visibility),
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(fields) => fields.values().all(is_empty),
        _ => false,
    }
}

/// Reading leaves things as they are: they are made once for everybody.
async fn reads(world: &World, cases: &[Case]) -> Vec<Vec<String>> {
    let cast = Cast::new(world).await;
    let mut rows = Vec::new();
    for case in cases {
        let query = cast.prepare(world, None, &case.document).await;
        let mut row = vec![case.action.clone(), case.field.to_owned()];
        for who in cast.everybody() {
            row.push(seen(&ask(world, who, &query).await));
        }
        rows.push(row);
    }
    rows
}

/// Changing needs things fresh for each.
async fn writes(world: &World, cases: &[Case]) -> Vec<Vec<String>> {
    let mut cast = Cast::new(world).await;
    let mut rows = Vec::new();
    for case in cases {
        let mut row = vec![case.action.clone(), case.field.to_owned()];
        for who in cast.everybody() {
            let query = cast.prepare(world, who, &case.document).await;
            row.push(done(&ask(world, who, &query).await));
        }
        rows.push(row);
        // Whoever has signed out is needed for the next row.
        if ["signOut", "revokeSession", "changePassword"].contains(&case.field) {
            cast = Cast::new(world).await;
        }
    }
    rows
}

async fn ask(world: &World, who: Option<&Person>, query: &str) -> Answer {
    let token = who.map(|who| Arc::clone(&who.token));
    world.ask(token, query, json!({})).await
}

fn section(title: &str, rows: Vec<Vec<String>>) -> String {
    let mut heading = vec![title.to_owned(), String::new()];
    heading.extend(Cast::names());
    let mut all = vec![heading];
    all.extend(rows);
    format!("\n{}", table(&all))
}

on_both! {
    async fn everybody_gets_what_people_agreed_on(db: TestDatabase) {
        let world = World::with(db, Settings { claim_limit: 10_000, claims_a_day: 1_000_000, ..Settings::default() }).await;
        let mut text = LEGEND.to_owned();
        for (sign, code, meaning) in SIGNS {
            writeln!(text, "{sign}  {meaning}（{code}）").expect("memory");
        }
        text += &section("查看", reads(&world, &cases::queries()).await);
        text += &section("操作", writes(&world, &cases::mutations()).await);
        text += &section("受保护的资料", reads(&world, &cases::protected()).await);
        for (sign, ..) in SIGNS {
            assert!(text.matches(sign).count() > 1, "{sign} stands in no row any more");
        }
        text_file::compare(
            "tests/policy/matrix.txt",
            &text,
            "Somebody gets more or less than before. Where people agreed on it: \
             NUANLIN_TEST_WRITE=1 cargo test policy, and show them the difference.",
        );
    }
}

#[tokio::test]
async fn every_field_has_its_case_and_no_case_is_stale() {
    let described = Described::new().await;
    let mut fields = BTreeSet::new();
    for root in ["Query", "Mutation"] {
        let names = described.get(root).fields().iter();
        fields.extend(names.map(|field| field.name.clone()));
    }
    for one in &described.types {
        let protected = one.fields().iter();
        let protected = protected.filter(|field| field.of.bare().starts_with("Protected"));
        fields.extend(protected.map(|field| format!("{}.{}", one.name, field.name)));
    }
    let cases = [cases::queries(), cases::mutations(), cases::protected()];
    let cases = cases.iter().flatten();
    let covered: BTreeSet<String> = cases.map(|case| case.field.to_owned()).collect();
    let lacking: Vec<_> = fields.difference(&covered).collect();
    assert!(
        lacking.is_empty(),
        "who may have these? Add a line each to tests/policy/cases.txt: {lacking:?}"
    );
    let stale: Vec<_> = covered.difference(&fields).collect();
    assert!(stale.is_empty(), "no such field any more: {stale:?}");
    for case in cases::queries().iter().chain(&cases::mutations()) {
        let asks = |word: &str| {
            case.document
                .split([' ', '(', '{'])
                .any(|part| part == word)
        };
        assert!(asks(case.field), "{} asks for something else", case.field);
    }
    for case in cases::protected() {
        let (_, field) = case.field.split_once('.').expect("Type.field");
        assert!(
            case.document.contains(&format!(" {field} {{ visibility")),
            "{}",
            case.field
        );
    }
}
