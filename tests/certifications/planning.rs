//! A round is planned: who is certified how, and by whom.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::people::{Station, check_of, many, one, opened, registered, results, text, void};
use super::sessions::{HOME, last_year};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY";
const NAMES: [&str; 7] = ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七"];

/// Seven people, each with another thing to be thought of; the round, and the check of each.
async fn planned(world: &World, station: &Station) -> (String, BTreeMap<&'static str, String>) {
    let (xu, meng) = (&station.xu, &station.meng);
    let in_building = format!(
        "{FAMILY}, homeAreaId: \"{}\"",
        World::id::<ids::Area>(world.area(BUILDING))
    );
    // 郑七 has been certified in the app the year before.
    registered(world, xu, GRID, "郑七", FAMILY).await;
    let before = last_year(world, xu).await;
    let check = check_of(world, xu, &before, "郑七").await;
    let online = ", channel: ONLINE, outcome: ALIVE, reference: \"A1\"";
    assert_eq!(
        one(&many(world, xu, "recordChecks", &[(&check, online)]).await),
        "CHECKED"
    );
    assert_eq!(
        one(&many(world, meng, "confirmChecks", &[(&check, "")]).await),
        "CONFIRMED"
    );
    world.clock.advance(Duration::seconds(1));
    for (name, more) in [
        ("赵一", format!("{in_building}, bornOn: \"1944-05-06\"")),
        ("钱二", format!("{in_building}, bornOn: \"1960-05-06\"")),
        ("孙三", format!("{FAMILY}, institution: \"{HOME}\"")),
        ("李四", format!("{FAMILY}, isImmobile: true")),
        ("周五", format!("{FAMILY}, registeredElsewhere: \"合肥市\"")),
        (
            "吴六",
            format!("{FAMILY}, phone: \"13900001111\", preferredChannel: VIDEO"),
        ),
    ] {
        registered(world, xu, GRID, name, &more).await;
    }
    let round = opened(world, xu, COMMUNITY).await;
    let mut checks = BTreeMap::new();
    for name in NAMES {
        checks.insert(name, check_of(world, xu, &round, name).await);
    }
    (round, checks)
}

/// What is proposed, by name: channel and reason.
async fn proposed(world: &World, who: &Person, round: &str) -> BTreeMap<String, (String, String)> {
    let query =
        "query($round: ID!) { certificationPlanProposal(filter: {roundId: $round}, first: 100) { totalCount
        edges { node { channel reason check { beneficiary { name { value } } } } } } }";
    let answer = world.run(who, query, json!({"round": round})).await;
    let edges = answer
        .data("certificationPlanProposal.edges")
        .as_array()
        .expect("edges");
    assert_eq!(
        answer.data("certificationPlanProposal.totalCount"),
        edges.len()
    );
    let told = edges.iter().map(|edge| {
        let node = &edge["node"];
        let name = text(&node["check"]["beneficiary"]["name"]["value"]);
        (name, (text(&node["channel"]), text(&node["reason"])))
    });
    told.collect()
}

async fn assign(world: &World, who: &Person, round: &str, checks: Value, more: Value) -> Answer {
    let query = "mutation($round: ID!, $checks: [AssignCheckInput!]!, $accounts: [ID!], $key: UUID) {
        assignChecks(input: {roundId: $round, checks: $checks, accountIds: $accounts, idempotencyKey: $key}) {
        results { check { status channel assignedTo version } userErrors { code } } userErrors { field code } } }";
    let mut variables = json!({"round": round, "checks": checks});
    for (name, value) in more.as_object().expect("an object") {
        variables[name] = value.clone();
    }
    world.run(who, query, variables).await
}

/// Who has which of the seven, by name.
fn shares(answer: &Answer) -> BTreeMap<String, BTreeSet<&'static str>> {
    let results = answer.payload("assignChecks")["results"]
        .as_array()
        .expect("results");
    assert_eq!(results.len(), NAMES.len());
    let mut shares: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for (name, result) in NAMES.into_iter().zip(results) {
        assert_eq!(result["userErrors"], json!([]), "{name}");
        shares
            .entry(text(&result["check"]["assignedTo"]))
            .or_default()
            .insert(name);
    }
    shares
}

on_both! {
    async fn who_by_which_channel_is_proposed_with_the_reason(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (round, checks) = planned(&world, &station).await;
        let expected = [
            ("赵一", "HOME", "AGE"), ("钱二", "APPOINTMENT", "ABLE_TO_COME"),
            ("孙三", "SESSION", "LIVES_IN_INSTITUTION"), ("李四", "HOME", "IMMOBILE"),
            ("周五", "LETTER", "LIVES_ELSEWHERE"), ("吴六", "VIDEO", "PREFERRED"), ("郑七", "ONLINE", "LAST_TIME"),
        ].map(|(name, channel, reason)| (name.to_owned(), (channel.to_owned(), reason.to_owned())));
        let mut expected = BTreeMap::from(expected);
        assert_eq!(proposed(&world, &station.xu, &round).await, expected);
        // Nothing was changed by asking; whoever has a time, or is certified, needs no proposal.
        assert_eq!(world.count("SELECT count(*) FROM certification_check WHERE assigned_to IS NOT NULL").await, 0);
        let at = ", scheduledFor: \"2026-03-04T01:00:00Z\", channel: HOME";
        many(&world, &station.xu, "scheduleChecks", &[(&checks["赵一"], at)]).await;
        many(&world, &station.xu, "recordChecks", &[(&checks["李四"], ", channel: HOME, outcome: ALIVE")]).await;
        expected.remove("赵一");
        expected.remove("李四");
        assert_eq!(proposed(&world, &station.meng, &round).await, expected);
        let neighbour = world.person("钱敏", &[(Role::VeteransStaff, "341102006004")]).await;
        assert_eq!(proposed(&world, &neighbour, &round).await, BTreeMap::new());
    }

    /// Two of the community share what is proposed: the same minutes each, and one goes to the building.
    async fn work_is_shared_fairly_and_stays_where_it_is(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let Station { xu, he, meng, .. } = &station;
        let (round, checks) = planned(&world, &station).await;
        let proposals = proposed(&world, xu, &round).await;
        let taken_up: Vec<Value> = NAMES.iter()
            .map(|name| json!({"checkId": checks[name], "channel": proposals[*name].0})).collect();
        let key = json!({"key": world.clock.new_id()});
        let first = assign(&world, xu, &round, json!(taken_up), key.clone()).await;
        let mut told = shares(&first);
        let both: Vec<&str> = told.keys().map(String::as_str).collect();
        assert_eq!(both, ["何志刚", "许卫东"], "of the community, not of the street");
        // The building 40 + 15, then 15 by video: 70. At home 40, a letter 20, the session 5, the app 5: 70.
        let mut parts: Vec<_> = told.values().cloned().collect();
        parts.sort_by_key(BTreeSet::len);
        assert_eq!(parts, [BTreeSet::from(["赵一", "钱二", "吴六"]), BTreeSet::from(["李四", "周五", "孙三", "郑七"])]);
        for (name, result) in NAMES.iter().zip(first.payload("assignChecks")["results"].as_array().unwrap()) {
            assert_eq!(result["check"]["channel"], proposals[*name].0);
            assert_eq!((&result["check"]["status"], &result["check"]["version"]), (&json!("PENDING"), &json!(2)));
        }
        // Repeated, by its key or anew and in another order, it stays so.
        assert_eq!(shares(&assign(&world, xu, &round, json!(taken_up), key).await), told);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'assignChecks'").await, 1);
        for some in [&taken_up[..3], &taken_up[3..]] {
            assign(&world, meng, &round, json!(some), json!({})).await;
        }
        assert_eq!(shares(&assign(&world, xu, &round, json!(taken_up), json!({})).await), told);
        // A neighbour in the building goes to whoever goes there, though they have as much to do as the other.
        let home = World::id::<ids::Area>(world.area(BUILDING));
        let late = registered(&world, xu, GRID, "王八", &format!("{FAMILY}, homeAreaId: \"{home}\"")).await;
        let add = "mutation($round: ID!, $id: ID!) { addToCertificationRound(input: {roundId: $round,
            beneficiaryId: $id, reason: \"新迁入\"}) { check { id } userErrors { code } } }";
        let added = world.run(xu, add, json!({"round": round, "id": late})).await;
        let wang = added.payload("addToCertificationRound")["check"]["id"].clone();
        let given = assign(&world, xu, &round, json!([{"checkId": wang, "channel": "HOME"}]), json!({})).await;
        let to = text(&given.payload("assignChecks")["results"][0]["check"]["assignedTo"]);
        assert!(told[&to].contains("赵一"), "{to}");

        // 何志刚 is away: all of it is 许卫东's, and nobody can be given anything in his name.
        let away = "mutation { recordAbsence(input: {fromAt: \"2026-03-02T00:00:00Z\", untilAt: \"2026-03-09T00:00:00Z\"}) {
            userErrors { code } } }";
        world.run(he, away, json!({})).await.payload("recordAbsence");
        told = BTreeMap::from([("许卫东".to_owned(), BTreeSet::from(NAMES))]);
        assert_eq!(shares(&assign(&world, xu, &round, json!(taken_up), json!({})).await), told);
        let account = |who: &Person| json!({"accounts": [World::id::<ids::Account>(who.account)]});
        let refused = assign(&world, xu, &round, json!(taken_up), account(he)).await;
        let codes = results(&refused, "assignChecks");
        assert_eq!(codes, ["NOT_ASSIGNABLE"; 7]);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let refused = assign(&world, xu, &round, json!([taken_up[0]]), account(&lead)).await;
        assert_eq!(results(&refused, "assignChecks"), ["NOT_ASSIGNABLE"]);
        // The street helps where it is named.
        told = BTreeMap::from([("孟凡".to_owned(), BTreeSet::from(NAMES))]);
        assert_eq!(shares(&assign(&world, xu, &round, json!(taken_up), account(meng)).await), told);
    }

    /// Two share at once: neither gives to the one person whom both see with least to do.
    async fn sharing_at_once_is_fair_too(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for name in ["赵一", "钱二"] {
            registered(&world, &station.xu, GRID, name, FAMILY).await;
        }
        let round = opened(&world, &station.xu, COMMUNITY).await;
        let (zhao, qian) = (check_of(&world, &station.xu, &round, "赵一").await, check_of(&world, &station.xu, &round, "钱二").await);
        for _ in 0..rounds() {
            let (one, other) = tokio::join!(
                assign(&world, &station.xu, &round, json!([{"checkId": zhao, "channel": "HOME"}]), json!({})),
                assign(&world, &station.meng, &round, json!([{"checkId": qian, "channel": "HOME"}]), json!({})),
            );
            let to = |answer: &Answer| text(&answer.payload("assignChecks")["results"][0]["check"]["assignedTo"]);
            assert_ne!(to(&one), to(&other));
            let raw = "UPDATE certification_check SET assigned_to = NULL";
            world.raw.execute_unprepared(raw).await.expect("a change");
        }
    }

    async fn what_cannot_be_assigned_is_told_each_by_itself(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let Station { xu, meng, .. } = &station;
        let (round, checks) = planned(&world, &station).await;
        registered(&world, meng, FAR_BUILDING, "钱远", ", category: RED_ARMY").await;
        let at = ", scheduledFor: \"2026-03-04T01:00:00Z\", channel: HOME";
        many(&world, xu, "scheduleChecks", &[(&checks["赵一"], at)]).await;
        many(&world, xu, "recordChecks", &[(&checks["李四"], ", channel: HOME, outcome: ALIVE")]).await;
        let before = check_of(&world, xu, &last_round(&world, xu).await, "郑七").await;
        let wanted: Vec<Value> = [&checks["赵一"], &checks["李四"], &before, "nonsense"].iter()
            .map(|id| json!({"checkId": id, "channel": "VIDEO"})).collect();
        let answer = assign(&world, xu, &round, json!(wanted), json!({})).await;
        let codes = results(&answer, "assignChecks");
        assert_eq!(codes, ["SCHEDULED", "ALREADY_CHECKED", "NOT_FOUND", "NOT_FOUND"]);
        assert_eq!(answer.data("assignChecks.results.0.check.channel"), "HOME", "a planned time keeps its channel");
        let check = json!([{"checkId": checks["钱二"]}]);
        for (round, checks, more, field, code) in [
            (&round, json!([]), json!({}), "checks", "OUT_OF_RANGE"),
            (&round, json!(vec![json!({"checkId": "x"}); 101]), json!({}), "checks", "OUT_OF_RANGE"),
            (&round, check.clone(), json!({"accounts": []}), "accountIds", "OUT_OF_RANGE"),
            (&round, check.clone(), json!({"accounts": ["x"]}), "accountIds", "NOT_FOUND"),
            (&checks["钱二"], check.clone(), json!({}), "roundId", "NOT_FOUND"),
        ] {
            let refused = assign(&world, xu, round, checks, more).await;
            let errors = refused.user_errors("assignChecks");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        void(&world, xu, &round).await.payload("voidCertificationRound");
        let refused = assign(&world, xu, &round, check, json!({})).await;
        assert_eq!(refused.user_error_codes("assignChecks"), ["ROUND_NOT_OPEN"]);
    }
}

/// The id of the round of the year before.
async fn last_round(world: &World, who: &Person) -> String {
    let query = "{ certificationRounds(first: 1, filter: {year: 2025}) { edges { node { id } } } }";
    let answer = world.run(who, query, json!({})).await;
    text(answer.data("certificationRounds.edges.0.node.id"))
}
