//! A round of six hundred, forty of them in two nursing homes, in calls of a hundred.

use entity::beneficiary;
use entity::enums::{BeneficiaryCategory, CertificationChannel, Gender};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use super::people::{Station, close, opened, photographed, results, states};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, OTHER_GRID, Person, World};

const PEOPLE: usize = 600;

/// Registers them past the server: what is tried here is what comes after.
async fn register(world: &World) {
    let now = world.clock.now();
    let people = (0..PEOPLE).map(|n| {
        let home = ["乐康养老中心", "白云敬老院"].get(n / 20);
        let grid = world.area(if n % 2 == 0 { GRID } else { OTHER_GRID });
        beneficiary::ActiveModel {
            id: Set(world.clock.new_id()),
            area_id: Set(grid),
            grid_id: Set(grid),
            name: Set(format!("赵{n}")),
            gender: Set(Gender::Male),
            category: Set(if n % 3 == 0 {
                BeneficiaryCategory::Disabled
            } else {
                BeneficiaryCategory::MartyrFamily
            }),
            institution: Set(home.map(|name| (*name).to_owned())),
            preferred_channel: Set(home.map(|_| CertificationChannel::Session)),
            is_immobile: Set(false),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
    });
    beneficiary::Entity::insert_many(people)
        .exec_without_returning(&world.raw)
        .await
        .expect("six hundred people");
}

/// The checks of a round with the number in the name of whom they certify.
async fn roster(world: &World, who: &Person, round: &str) -> Vec<(usize, String)> {
    let query =
        "query($round: ID!, $after: String) { certificationChecks(first: 100, after: $after,
        filter: {roundId: $round}) { pageInfo { hasNextPage endCursor }
        edges { node { id beneficiary { name { value } } } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let answer = world
            .run(who, query, json!({"round": round, "after": after}))
            .await;
        let page = answer.data("certificationChecks");
        for edge in page["edges"].as_array().expect("edges") {
            let name = edge["node"]["beneficiary"]["name"]["value"]
                .as_str()
                .expect("a name");
            let number = name.trim_start_matches('赵').parse().expect("a number");
            all.push((
                number,
                edge["node"]["id"].as_str().expect("an id").to_owned(),
            ));
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            all.sort();
            return all;
        }
    }
}

/// A call of a hundred, as phones send it: in variables, for the document stays short. State or code of each.
async fn many(
    world: &World,
    who: &Person,
    (mutation, item): (&str, &str),
    checks: Vec<Value>,
) -> Vec<String> {
    let query = format!(
        "mutation($checks: [{item}!]!) {{ {mutation}(input: {{checks: $checks}}) {{
            results {{ check {{ status }} userErrors {{ code }} }} userErrors {{ code }} }} }}"
    );
    let answer = world.run(who, &query, json!({"checks": checks})).await;
    results(&answer, mutation)
}

fn found(number: usize, id: &str) -> Value {
    let gone = |channel, outcome, source| json!({"checkId": id, "channel": channel, "outcome": outcome, "holdsOn": "2026-02-01", "source": source});
    match number {
        _ if number.is_multiple_of(50) => gone("HOME", "DECEASED", "家属"),
        _ if number % 50 == 1 => gone("VIDEO", "MOVED_AWAY", "社区"),
        0..40 => json!({"checkId": id, "channel": "SESSION", "outcome": "ALIVE"}),
        _ => json!({"checkId": id, "channel": "HOME", "outcome": "ALIVE"}),
    }
}

on_both! {
    async fn six_hundred_are_certified_and_nobody_is_missed(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        register(&world).await;
        let before = world.app().db.statements();
        let round = opened(&world, &station.xu, COMMUNITY).await;
        let statements = world.app().db.statements() - before;
        assert!(statements < 20, "{statements} statements open a round of {PEOPLE}");
        assert_eq!(states(&world, &station.xu, &round).await, [600, 0, 0, 0, 0, 0]);
        let roster = roster(&world, &station.xu, &round).await;
        let numbers: Vec<usize> = roster.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, (0..PEOPLE).collect::<Vec<_>>(), "each once");

        // Six cannot be met: they are settled at the street. The others are checked and confirmed.
        let (away, here): (Vec<_>, Vec<_>) = roster.iter().partition(|(number, _)| number % 100 == 2);
        for some in here.chunks(100) {
            let calls = some.iter().map(|(number, id)| found(*number, id)).collect();
            let done = many(&world, &station.xu, ("recordChecks", "RecordCheckInput"), calls).await;
            assert_eq!(done, vec!["CHECKED"; some.len()]);
        }
        assert_eq!(states(&world, &station.xu, &round).await, [6, 0, 594, 0, 0, 0]);
        let refused = close(&world, &station.xu, &round).await;
        assert_eq!(*refused.data("closeCertificationRound.unresolvedCount"), 600);
        assert_eq!(refused.data("closeCertificationRound.unresolved").as_array().map(Vec::len), Some(50));
        let alive = here.iter().filter(|(number, _)| number % 50 > 1);
        let alive: Vec<&str> = alive.map(|(_, id)| id.as_str()).collect();
        photographed(&world, &station.xu, &alive).await;
        let seen = |id: &str| json!({"checkId": id, "expectedVersion": 2, "beneficiaryVersion": 1});
        for some in here.chunks(100) {
            let calls = some.iter().map(|(_, id)| seen(id)).collect();
            let done = many(&world, &station.meng, ("confirmChecks", "ConfirmCheckInput"), calls).await;
            assert_eq!(done, vec!["CONFIRMED"; some.len()]);
        }
        let calls = away.iter().map(|(_, id)| json!({"checkId": id, "expectedVersion": 1, "reason": "长期在外"})).collect();
        let done = many(&world, &station.luo, ("settleChecks", "SettleCheckInput"), calls).await;
        assert_eq!(done, vec!["SETTLED"; 6]);
        close(&world, &station.xu, &round).await.payload("closeCertificationRound");
        assert_eq!(states(&world, &station.xu, &round).await, [0, 0, 0, 0, 594, 6]);

        let query = "query($id: ID!) { certificationCoverage(roundId: $id) { forecastOn isOnTime
            figure { resolved outcomes { outcome count } } byChannel { channel figure { roster } }
            byCategory { category figure { roster } } } }";
        let coverage = world.run(&station.xu, query, json!({"id": round})).await;
        let figure = |roster: i64| json!({"roster": roster});
        // 12 each of every fiftieth; of the 40 in nursing homes two are not alive there.
        assert_eq!(*coverage.data("certificationCoverage"), json!({
            "forecastOn": "2026-03-02", "isOnTime": true,
            "figure": {"resolved": 600, "outcomes": [
                {"outcome": "ALIVE", "count": 570}, {"outcome": "DECEASED", "count": 12},
                {"outcome": "MOVED_AWAY", "count": 12}, {"outcome": "BENEFIT_ENDED", "count": 0}]},
            "byChannel": [
                {"channel": null, "figure": figure(5)}, {"channel": "HOME", "figure": figure(545)},
                {"channel": "SESSION", "figure": figure(38)}, {"channel": "VIDEO", "figure": figure(12)}],
            "byCategory": [
                {"category": "DISABLED", "figure": figure(200)}, {"category": "MARTYR_FAMILY", "figure": figure(400)}],
        }));
        assert_eq!(world.count("SELECT count(*) FROM beneficiary WHERE ended_on IS NULL").await, 576);
    }
}
