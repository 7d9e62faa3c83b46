//! That somebody is a beneficiary shows nowhere else: the same answers from the same statements.

use std::collections::BTreeSet;

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use entity::{area, role_grant};
use nuanlin::ids;
use nuanlin::imports::command::Kind;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use uuid::Uuid;

use super::people::{Station, check_of, many, one, opened, photographed, registered};
use crate::findings::story::visit;
use crate::imports::{counts, import};
use crate::support::database::TestDatabase;
use crate::support::statements::Statements;
use crate::support::text_file::top;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// What the others may ask of a home, its people and its visits.
const ASKED: &[&str] = &[
    "query($home: ID!) { household(id: $home) { id version residents { id version name { visibility masked value }
        phone { visibility value } idNumber { visibility masked value } bornOn { value } healthNotes { value }
        circumstances { value } tier { value } deceasedOn { value } enrolments { id } emergencyContacts { name { value } } } } }",
    "query($elder: ID!) { resident(id: $elder) { id version name { value } household { id } } }",
    "{ residents(first: 50) { totalCount edges { cursor node { id name { value } } } } }",
    "{ residents(first: 50, orderBy: AGE, filter: {enrolled: true}) { totalCount edges { cursor node { id } } } }",
    "{ households(first: 50) { totalCount edges { cursor node { id residents { id } } } } }",
    "{ visitTasks(first: 50) { totalCount edges { cursor node { id status household { room { visibility value }
        residents { salutation ageBand name { value } } } } } } }",
    "{ worklist(first: 50) { edges { node { id } } } }",
    "query($elder: ID!, $home: ID!, $task: ID!) { nodes(ids: [$elder, $home, $task]) { id } }",
    "query($secret: ID!, $check: ID!) { nodes(ids: [$secret, $check]) { id } }",
    "query($secret: ID!) { beneficiary(id: $secret) { id } }",
    "query($elder: ID!) { node(id: $elder) { id ... on Resident { version } } }",
    "{ beneficiaries(first: 1) { totalCount } }",
    "{ beneficiaries(first: 1, filter: {isUndecided: true}) { totalCount } }",
    "{ certificationChecks(first: 1) { totalCount } }",
    "{ certificationRounds(first: 1) { edges { node { id } } } }",
    "{ certificationHandOvers(direction: INCOMING, first: 1) { totalCount } }",
    "{ accompaniments(first: 1) { edges { node { id } } } }",
    "query($check: ID!) { companionCandidates(checkId: $check) { accountId } }",
    "query($grid: ID!) { desk(areaId: $grid) { atRisk { count } unseen { residentId } proposedFindings } }",
    "query($grid: ID!) { visitCoverage(areaId: $grid, month: \"2026-03\") { contactRate { roster missed }
        missed(first: 5) { edges { node { residentId name { value } } } } } }",
    "query($home: ID!, $elder: ID!) { residents(first: 5, filter: {phone: \"13900002222\"}) { totalCount } resident(id: $elder) { phone { value } } household(id: $home) { id } }",
];

struct Case<'a> {
    world: &'a World,
    variables: serde_json::Value,
    statements: Statements,
}

impl Case<'_> {
    /// Every answer as it was sent, and every statement behind them.
    async fn everything(&self, who: &Person) -> (Vec<String>, Vec<String>) {
        let mut answers = Vec::new();
        self.statements.take();
        for query in ASKED {
            let variables = self.variables.clone();
            answers.push(self.world.text(who, query, variables).await);
        }
        (answers, self.statements.take())
    }

    /// Asks everything once more: the answers are as they were, and so are the statements.
    async fn as_before(&self, people: &[Person], before: &[(Vec<String>, Vec<String>)]) {
        for (who, (answers, ran)) in people.iter().zip(before) {
            let (again, reran) = self.everything(who).await;
            assert_eq!(*answers, again);
            assert_eq!(*ran, reran);
        }
        // Of those who are here the second alone is of a station, and reads its own.
        let others = people.iter().zip(before).enumerate();
        for (_, (_, (_, ran))) in others.filter(|(at, _)| *at != 1) {
            let is_theirs = |sql: &String| sql.contains("beneficiary");
            assert!(!ran.iter().any(is_theirs), "{ran:?}");
        }
    }
}

async fn shows_nowhere(db: TestDatabase) {
    let statements = Statements::default();
    let _told = statements.listen();
    let world = World::new(db).await;
    let station = Station::new(&world).await;
    let home = world.household(BUILDING, "101").await;
    let elder = world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await;
    let other = world.household(BUILDING, "102").await;
    world
        .elder(other, "王桂珍", &[Circumstance::LivesAlone])
        .await;
    let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
    let task = visit(&world, &lead, elder).await;
    let (secret, check) = (world.clock.new_id(), world.clock.new_id());
    let mut people = vec![lead];
    people.push(foreign_station(&world).await);
    for (role, area) in [
        (Role::Volunteer, GRID),
        (Role::CenterHousehold, BUILDING),
        (Role::CompoundSecretary, "341102006003.01"),
        (Role::CommunityStaff, COMMUNITY),
        (Role::Partner, COMMUNITY),
        (Role::Supervisor, "341102006"),
        (Role::Admin, "341102"),
    ] {
        people.push(world.person("某人", &[(role, area)]).await);
    }
    let case = Case {
        world: &world,
        variables: json!({
            "home": World::id::<ids::Household>(home),
            "elder": World::id::<ids::Resident>(elder),
            "task": World::id::<ids::VisitTask>(task),
            "grid": World::id::<ids::Area>(world.area(GRID)),
            "secret": World::id::<ids::Beneficiary>(secret),
            "check": World::id::<ids::CertificationCheck>(check),
        }),
        statements,
    };
    let mut before = Vec::new();
    for who in &people {
        before.push(case.everything(who).await);
    }
    assert!(before[0].1.len() > 10, "the statements are told");

    // She becomes a beneficiary of this id, matched and on a roster.
    certified(&world, &station, (secret, elder)).await;
    case.as_before(&people, &before).await;
    let round = opened(&world, &station.xu, COMMUNITY).await;
    let roster = world
        .count("SELECT count(*) FROM certification_check")
        .await;
    assert_eq!((roster, round.len()), (1, 23));
    case.as_before(&people, &before).await;

    // She is seen, and the street confirms it.
    let check = check_of(&world, &station.xu, &round, "李秀英").await;
    let found = [(check.as_str(), ", channel: HOME, outcome: ALIVE")];
    let done = many(&world, &station.xu, "recordChecks", &found).await;
    assert_eq!(one(&done), "CHECKED");
    photographed(&world, &station.xu, &[&check]).await;
    case.as_before(&people, &before).await;
    let done = many(&world, &station.meng, "confirmChecks", &[(&check, "")]).await;
    assert_eq!(one(&done), "CONFIRMED");
    case.as_before(&people, &before).await;
}

/// The station of another street, which asks as everybody does.
pub async fn foreign_station(world: &World) -> Person {
    let sheet = "编码,名称,类型,上级编码,纬度,经度\n341102007,紫薇街道,街道,341102,,\n";
    let added = import(world, Kind::Areas, sheet).await;
    assert_eq!(counts(&added), (1, 0, 0));
    let street = area::Entity::find().filter(area::Column::Code.eq("341102007"));
    let street = street.one(&world.raw).await.unwrap().unwrap().id;
    let person = world.person("吕梅", &[]).await;
    let now = world.clock.now();
    role_grant::ActiveModel {
        id: Set(world.clock.new_id()),
        account_id: Set(person.account),
        role: Set(Role::VeteransStaff),
        area_id: Set(street),
        valid_from: Set(now - Duration::days(1)),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a grant");
    let grants = vec![(Role::VeteransStaff, street)];
    world.signed_in(person.account, 1, grants).await
}

/// Notes which resident a beneficiary is.
pub async fn matched(world: &World, who: &Person, beneficiary: &str, elder: Uuid) {
    let matched = "mutation($id: ID!, $elder: ID!) { matchBeneficiary(input: {beneficiaryId: $id,
        expectedVersion: 1, residentId: $elder}) { userErrors { code } } }";
    let elder = World::id::<ids::Resident>(elder);
    let done = world.run(who, matched, json!({"id": beneficiary, "elder": elder}));
    done.await.payload("matchBeneficiary");
}

async fn certified(world: &World, station: &Station, (secret, elder): (Uuid, Uuid)) {
    use entity::beneficiary::{Column, Entity};
    let more = ", category: DISABLED, bornOn: \"1944-05-06\"";
    let id = registered(world, &station.xu, BUILDING, "李秀英", more).await;
    matched(world, &station.xu, &id, elder).await;
    let row = ids::Id::<ids::Beneficiary>::parse(&id, "id")
        .unwrap()
        .uuid();
    Entity::update_many()
        .col_expr(Column::Id, sea_orm::sea_query::Expr::value(secret))
        .filter(Column::Id.eq(row))
        .exec(&world.raw)
        .await
        .expect("another id");
}

// On one thread, so that what runs is told to this test.
#[tokio::test]
async fn it_shows_nowhere_on_sqlite() {
    shows_nowhere(TestDatabase::sqlite().await).await;
}

#[tokio::test]
async fn it_shows_nowhere_on_postgres() {
    if let Some(db) = TestDatabase::postgres().await {
        shows_nowhere(db).await;
    }
}

/// The tables that tell who is a beneficiary: theirs, rounds, what hangs on them by a key, and what is staged of them.
fn tables() -> BTreeSet<String> {
    let folder = std::fs::read_dir(top().join("entity/src")).expect("a folder");
    let files = folder.map(|entry| entry.expect("an entry").path());
    let entities: Vec<(String, String)> = files
        .filter(|path| path.is_file())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy();
            (
                name.into_owned(),
                std::fs::read_to_string(&path).expect("text"),
            )
        })
        .collect();
    let names = entities.iter().map(|(name, _)| name.clone());
    let mut tables: BTreeSet<String> = names
        .filter(|name| name.contains("beneficiary") || name == "certification_round")
        .collect();
    loop {
        let hangs_on = |text: &str| {
            let mut known = tables.iter();
            known.any(|table| text.contains(&format!("super::{table}::Entity")))
        };
        let more = entities.iter().filter(|(_, text)| hangs_on(text));
        let more: BTreeSet<String> = more.map(|(name, _)| name.clone()).collect();
        if more.is_subset(&tables) {
            return tables;
        }
        tables.extend(more);
    }
}

/// Whether code names a table: its entity, or its name in SQL.
fn names(code: &str, table: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(table).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + table.len()..]);
        let is_whole = !before.ends_with(is_word) && !after.starts_with(is_word);
        // A single word is also one of the sentences for people.
        let is_entity = table.contains('_') || after.starts_with("::");
        let in_sql = ["FROM ", "JOIN ", "INTO ", "UPDATE "];
        is_whole && (is_entity || in_sql.iter().any(|word| before.ends_with(word)))
    })
}

/// No other slice looks at the tables of beneficiaries and certification at all.
#[test]
fn no_other_slice_looks_at_the_tables() {
    let tables = tables();
    assert!(
        tables.len() >= 9 && tables.contains("certification_hand_over"),
        "{tables:?}"
    );
    let mut folders = vec![top().join("api/src")];
    let mut wrong = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let named = path.to_string_lossy().into_owned();
            let own = [
                "/attachments",
                "/beneficiaries",
                "/certifications",
                "/housekeeping.rs",
                "/demo",
                "/generate",
                "demo_beneficiaries.rs",
            ];
            if own.iter().any(|part| named.ends_with(part)) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let code = text
                .lines()
                .map(|line| line.split("//").next().unwrap_or_default());
            let code: String = code.collect::<Vec<_>>().join("\n");
            wrong.extend(
                tables
                    .iter()
                    .filter(|table| names(&code, table))
                    .map(|table| format!("{named}: {table}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
