//! Two act at once: who was second is told, and a closed round is whole.

use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::people::{
    STREET, Station, check_of, close, many, one, open, opened, photographed, registered, text, void,
};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY";
const ALIVE: &str = ", channel: HOME, outcome: ALIVE, newPhone: \"13900001111\"";

/// A round with one person on its roster; round and check. The one before is out of the way.
async fn lone(world: &World, station: &Station, turn: usize) -> (String, String) {
    let raw = "UPDATE certification_round SET status = 'VOIDED'";
    world.raw.execute_unprepared(raw).await.expect("a change");
    let raw = "UPDATE beneficiary SET ended_on = '2026-01-01'";
    world.raw.execute_unprepared(raw).await.expect("a change");
    let name = format!("赵{turn}");
    registered(world, &station.xu, GRID, &name, FAMILY).await;
    let round = opened(world, &station.xu, COMMUNITY).await;
    let check = check_of(world, &station.xu, &round, &name).await;
    (round, check)
}

/// The same, checked by 许卫东.
async fn checked(world: &World, station: &Station, turn: usize) -> (String, String) {
    let (round, check) = lone(world, station, turn).await;
    let done = many(world, &station.xu, "recordChecks", &[(&check, ALIVE)]).await;
    assert_eq!(one(&done), "CHECKED");
    photographed(world, &station.xu, &[&check]).await;
    (round, check)
}

const WHOLE: &str =
    "SELECT count(*) FROM certification_check c JOIN certification_round r ON r.id = c.round_id
    WHERE r.status = 'CLOSED' AND c.status NOT IN ('CONFIRMED', 'SETTLED')";
const CONFIRMED_IN_VOID: &str = "SELECT count(*) FROM certification_check c
    JOIN certification_round r ON r.id = c.round_id
    WHERE r.status = 'VOIDED' AND r.end_reason IS NOT NULL AND c.status = 'CONFIRMED'";

async fn add(world: &World, who: &Person, round: &str, person: &str) -> Vec<String> {
    let query = "mutation($round: ID!, $id: ID!) { addToCertificationRound(input: {roundId: $round,
        beneficiaryId: $id, reason: \"新迁入\"}) { userErrors { code } } }";
    let answer = world
        .run(who, query, json!({"round": round, "id": person}))
        .await;
    let codes = answer.user_error_codes("addToCertificationRound");
    codes.into_iter().map(str::to_owned).collect()
}

on_both! {
    /// Two of the street confirm the same check: one did, the other is told, and it counts once.
    async fn one_confirms(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (_, check) = checked(&world, &station, turn).await;
            let call = [(check.as_str(), "")];
            let (first, second) = tokio::join!(
                many(&world, &station.meng, "confirmChecks", &call),
                many(&world, &station.luo, "confirmChecks", &call),
            );
            let mut told = [one(&first), one(&second)];
            told.sort_unstable();
            assert_eq!(told, ["ALREADY_SETTLED", "CONFIRMED"]);
            let id = nuanlin::ids::Id::<ids::CertificationCheck>::parse(&check, "id").unwrap().uuid();
            // Opened, checked, shown, confirmed.
            assert_eq!(world.changed(id).await, 4);
        }
    }

    /// The last check is confirmed while the round is being closed: it closes whole or not at all.
    async fn a_round_closes_whole(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (round, check) = checked(&world, &station, turn).await;
            let call = [(check.as_str(), "")];
            let back = [(check.as_str(), ", remark: \"请补充\"")];
            let (_, _, closed) = tokio::join!(
                many(&world, &station.meng, "confirmChecks", &call),
                many(&world, &station.luo, "returnChecks", &back),
                close(&world, &station.xu, &round),
            );
            let codes = closed.user_error_codes("closeCertificationRound");
            assert!(codes.is_empty() || codes == ["ROSTER_UNRESOLVED"], "{codes:?}");
            assert_eq!(world.count(WHOLE).await, 0);
        }
    }

    /// The last one is checked while the street settles them and the round is being closed: either counts, and
    /// what is closed stays as it was.
    async fn a_check_is_made_or_settled_before_the_round_is_closed(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (round, check) = lone(&world, &station, turn).await;
            let found = [(check.as_str(), ALIVE)];
            let settled = [(check.as_str(), ", reason: \"境外居住\"")];
            let (checked, settled, closed) = tokio::join!(
                many(&world, &station.xu, "recordChecks", &found),
                many(&world, &station.meng, "settleChecks", &settled),
                close(&world, &station.he, &round),
            );
            let closed = closed.user_error_codes("closeCertificationRound").is_empty();
            match (one(&checked), one(&settled)) {
                // Whoever settles what was checked meanwhile has not seen it.
                ("CHECKED", "VERSION_CONFLICT") => assert!(!closed),
                ("CHECKED" | "ALREADY_SETTLED", "SETTLED") => {}
                told => panic!("{told:?}"),
            }
            assert_eq!(world.count(WHOLE).await, 0);
            assert!(!closed || one(&settled) == "SETTLED");
        }
    }

    /// Somebody is added while the round is being closed: they are on no closed roster unresolved.
    async fn nobody_comes_to_a_closed_roster(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (round, check) = checked(&world, &station, turn).await;
            let done = many(&world, &station.meng, "confirmChecks", &[(&check, "")]).await;
            assert_eq!(one(&done), "CONFIRMED");
            let late = registered(&world, &station.xu, GRID, &format!("钱{turn}"), FAMILY).await;
            let (added, closed) = tokio::join!(
                add(&world, &station.he, &round, &late),
                close(&world, &station.xu, &round),
            );
            let closed = closed.user_error_codes("closeCertificationRound");
            match added.first().map(String::as_str) {
                None => assert_eq!(closed, ["ROSTER_UNRESOLVED"]),
                Some(code) => assert_eq!((code, closed.len()), ("ROUND_NOT_OPEN", 0)),
            }
            assert_eq!(world.count(WHOLE).await, 0);
        }
    }

    /// A round is voided while its check is confirmed: nothing is confirmed in a voided round.
    async fn nothing_is_confirmed_in_a_voided_round(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (round, check) = checked(&world, &station, turn).await;
            let call = [(check.as_str(), "")];
            let (confirmed, voided) = tokio::join!(
                many(&world, &station.meng, "confirmChecks", &call),
                void(&world, &station.xu, &round),
            );
            match one(&confirmed) {
                "CONFIRMED" => assert_eq!(voided.user_error_codes("voidCertificationRound"), ["ROUND_CONFIRMED"]),
                code => {
                    assert_eq!(code, "ROUND_NOT_OPEN");
                    voided.payload("voidCertificationRound");
                }
            }
            assert_eq!(world.count(CONFIRMED_IN_VOID).await, 0);
            for raw in ["DELETE FROM attachment", "DELETE FROM certification_check"] {
                world.raw.execute_unprepared(raw).await.expect("a deletion");
            }
        }
    }

    /// Street and community open at once for the same people: one of them does.
    async fn one_round_is_opened(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        registered(&world, &station.xu, GRID, "赵一", FAMILY).await;
        for _ in 0..rounds() {
            let raw = "UPDATE certification_round SET status = 'VOIDED'";
            world.raw.execute_unprepared(raw).await.expect("a change");
            let (street, community) = tokio::join!(
                open(&world, &station.meng, STREET, "MARTYR_FAMILY"),
                open(&world, &station.xu, COMMUNITY, "MARTYR_FAMILY, DISABLED"),
            );
            let street = street.user_error_codes("openCertificationRound");
            let community = community.user_error_codes("openCertificationRound");
            let codes: Vec<_> = street.iter().chain(&community).collect();
            assert_eq!(codes, [&"ROUND_OVERLAPS"]);
        }
    }

    /// Past the program too, nobody confirms or settles what they checked: the database refuses it.
    async fn the_database_knows_that_another_confirms(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (_, check) = checked(&world, &station, 0).await;
        for column in ["confirmed_by", "settled_by"] {
            let own = format!("UPDATE certification_check SET {column} = checked_by");
            let refused = world.raw.execute_unprepared(&own).await.expect_err(column);
            assert!(refused.to_string().contains("by_another"), "{refused}");
        }
        let query = "query($id: ID!) { certificationCheck(id: $id) { status checkedBy } }";
        let seen = world.run(&station.xu, query, json!({"id": check})).await;
        assert_eq!(text(&seen.data("certificationCheck")["checkedBy"]), "许卫东");
        assert_eq!(seen.data("certificationCheck.status"), "CHECKED");
    }
}
