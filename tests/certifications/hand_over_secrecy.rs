//! A hand-over tells a station what was handed to it, and nobody anything else.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::{FAR, answered, far, offer, offered};
use super::people::{STREET, Station, check_of, many, one, open, registered, text};
use crate::support::database::on_both;
use crate::support::world::{FAR_BUILDING, GRID, Person, World};

/// What stations elsewhere may ask of a check, of whom it certifies, and of its hand-over.
const ASKED: &[&str] = &[
    "query($check: ID!) { certificationCheck(id: $check) { id } }",
    "query($person: ID!) { beneficiary(id: $person) { id } }",
    "query($check: ID!, $person: ID!, $offer: ID!) { nodes(ids: [$check, $person, $offer]) { id } }",
    "query($offer: ID!) { node(id: $offer) { id } }",
    "query($check: ID!) { attachments(checkId: $check) { id } }",
    "{ certificationChecks(first: 5) { totalCount edges { cursor node { id status } } } }",
    "{ certificationChecks(first: 5, filter: {isHandedOver: true}) { totalCount edges { cursor } } }",
    "{ certificationChecks(first: 5, filter: {isUnresolved: true, category: [DISABLED]}) { totalCount } }",
    "{ certificationChecks(first: 5, filter: {isMine: true}) { totalCount } }",
    "{ beneficiaries(first: 5, filter: {name: \"赵一\"}) { totalCount edges { cursor } } }",
    "{ certificationHandOvers(direction: INCOMING, first: 5) { totalCount edges { cursor } } }",
    "{ certificationHandOvers(direction: OUTGOING, first: 5) { totalCount edges { cursor } } }",
    "query($round: ID!) { certificationCoverage(roundId: $round) { figure { roster unresolved states { count } }
        byArea { area { name } figure { roster } } byCategory { figure { roster } } } }",
    "{ certificationTotals(year: 2026, first: 5) { edges { node { roster } } } }",
    "mutation($check: ID!) { scheduleChecks(input: {checks: [{checkId: $check,
        scheduledFor: \"2026-03-05T01:00:00Z\"}]}) { results { check { id } userErrors { code message } } } }",
    "mutation($check: ID!) { recordChecks(input: {checks: [{checkId: $check, channel: HOME, outcome: ALIVE}]}) {
        results { check { id } userErrors { code message } } } }",
    "mutation($check: ID!) { settleChecks(input: {checks: [{checkId: $check, reason: \"x\"}]}) {
        results { check { id } userErrors { code message } } } }",
    "mutation($check: ID!, $area: ID!) { offerHandOvers(input: {offers: [{checkId: $check, toAreaId: $area,
        reason: \"x\"}]}) { results { handOver { id } userErrors { code message } } } }",
    "mutation($offer: ID!) { acceptHandOvers(input: {handOvers: [{handOverId: $offer}]}) {
        results { handOver { id } userErrors { code message } } } }",
    "mutation($offer: ID!) { declineHandOvers(input: {handOvers: [{handOverId: $offer, reason: \"x\"}]}) {
        results { handOver { id } userErrors { code message } } } }",
    "mutation($offer: ID!) { withdrawHandOvers(input: {handOvers: [{handOverId: $offer, reason: \"x\"}]}) {
        results { handOver { id } userErrors { code message } } } }",
];

async fn everything(world: &World, who: &Person, variables: &Value) -> Vec<String> {
    let mut answers = Vec::new();
    for query in ASKED {
        answers.push(world.text(who, query, variables.clone()).await);
    }
    answers
}

/// How many are on the roster of a round in somebody's areas, and how many of their list are unresolved.
async fn counted(world: &World, who: &Person, round: &str) -> [i64; 2] {
    let query = "query($round: ID!) { certificationCoverage(roundId: $round) { figure { roster } }
        certificationChecks(first: 1, filter: {roundId: $round, isUnresolved: true}) { totalCount } }";
    let answer = world.run(who, query, json!({"round": round})).await;
    [
        "certificationCoverage.figure.roster",
        "certificationChecks.totalCount",
    ]
    .map(|path| answer.data(path).as_i64().expect("a number"))
}

on_both! {
    /// A station to which nothing is handed, beside and below the one that is asked, gets the same answers
    /// before, while it is offered, and while it is accepted.
    async fn others_learn_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        let below = world.person("方明", &[(Role::VeteransStaff, "341102006004.01")]).await;
        let beside = world.person("谢敏", &[(Role::VeteransStaff, "341102006003.02")]).await;
        let person = registered(&world, &station.xu, GRID, "赵一", ", category: DISABLED").await;
        registered(&world, &station.meng, FAR_BUILDING, "钱二", ", category: DISABLED").await;
        let round = open(&world, &station.meng, STREET, "DISABLED").await;
        let round = text(&round.payload("openCertificationRound")["round"]["id"]);
        let check = check_of(&world, &station.xu, &round, "赵一").await;
        let id = world.clock.new_id();
        let offer_id = World::id::<ids::HandOver>(id);
        let variables = json!({"check": check, "person": person, "offer": offer_id, "round": round,
            "area": World::id::<ids::Area>(world.area(FAR))});
        let mut before = Vec::new();
        for who in [&below, &beside] {
            before.push(everything(&world, who, &variables).await);
        }
        assert!(before[0][3].contains("null"), "{}", before[0][3]);

        let made = offer(&world, &station.xu, &[(&check, FAR, &format!(", id: \"{id}\""))]).await;
        assert_eq!(made.payload("offerHandOvers")["results"][0]["handOver"]["id"], offer_id);
        for (who, before) in [&below, &beside].into_iter().zip(&before) {
            assert_eq!(everything(&world, who, &variables).await, *before, "offered");
        }
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &offer_id).await, "ACCEPTED");
        for (who, before) in [&below, &beside].into_iter().zip(&before) {
            assert_eq!(everything(&world, who, &variables).await, *before, "accepted");
        }
    }

    /// Figures and lists of a roster are those of who is registered there, whoever checks them.
    async fn figures_stay_where_people_are_registered(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        registered(&world, &station.xu, GRID, "赵一", ", category: DISABLED").await;
        registered(&world, &station.xu, GRID, "孙三", ", category: DISABLED").await;
        registered(&world, &station.meng, FAR_BUILDING, "钱二", ", category: DISABLED").await;
        let round = open(&world, &station.meng, STREET, "DISABLED").await;
        let round = text(&round.payload("openCertificationRound")["round"]["id"]);
        let check = check_of(&world, &station.xu, &round, "赵一").await;
        let id = offered(&world, &station.xu, &check).await;
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &id).await, "ACCEPTED");
        assert_eq!(counted(&world, &station.xu, &round).await, [2, 2]);
        assert_eq!(counted(&world, &bai, &round).await, [1, 1]);
        assert_eq!(counted(&world, &station.meng, &round).await, [3, 3]);

        // Of the one who was handed over the other station sees the check, and no other record.
        let query = "query($check: ID!) { certificationCheck(id: $check) { beneficiary { id name { value } } previous { checkId } } }";
        let shown = world.run(&bai, query, json!({"check": check})).await;
        assert_eq!(shown.data("certificationCheck.beneficiary.name.value"), "赵一");
        let person = text(shown.data("certificationCheck.beneficiary.id"));
        let query = "query($id: ID!) { beneficiary(id: $id) { id } node(id: $id) { id } beneficiaries(first: 5) { totalCount } }";
        let shown = world.run(&bai, query, json!({"id": person})).await;
        assert_eq!(shown.json["data"], json!({"beneficiary": null, "node": null, "beneficiaries": {"totalCount": 1}}));
        // And changes nothing but the check.
        let update = "mutation($id: ID!) { updateBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            details: {isImmobile: true}}) { userErrors { code } } }";
        let refused = world.run(&bai, update, json!({"id": person})).await;
        assert_eq!(refused.user_error_codes("updateBeneficiary"), ["NOT_FOUND"]);
        let settled = many(&world, &bai, "settleChecks", &[(&check, ", reason: \"境外\"")]).await;
        assert_eq!(one(&settled), "NOT_PERMITTED");
    }

    /// Whoever may not read beneficiaries gets to no hand-over either.
    async fn other_roles_have_no_such_thing(db: TestDatabase) {
        let world = World::new(db).await;
        for role in [Role::Volunteer, Role::GridLead, Role::CommunityStaff, Role::Supervisor, Role::Admin] {
            let who = world.person("某人", &[(role, STREET)]).await;
            for query in [
                "{ certificationHandOvers(direction: INCOMING, first: 1) { totalCount } }",
                "{ handOverStations(name: \"白云\") { name } }",
                "mutation { acceptHandOvers(input: {handOvers: []}) { userErrors { code } } }",
            ] {
                assert_eq!(world.run(&who, query, json!({})).await.error_codes(), ["FORBIDDEN"], "{role:?}");
            }
        }
    }
}
