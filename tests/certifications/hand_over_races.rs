//! Two act on a hand-over at once: a check is always exactly one station's to make.

use sea_orm::ConnectionTrait as _;

use super::hand_overs::{FAR, answered, far, offer, offered};
use super::people::{Station, check_of, many, one, opened, registered, void};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, World};

const ALIVE: &str = ", channel: HOME, outcome: ALIVE";

/// Shares without an accepted hand-over, or of what has ended.
const STRAY: &str = "SELECT count(*) FROM certification_check c
    JOIN certification_round r ON r.id = c.round_id
    WHERE c.handed_to_area_id IS NOT NULL AND (r.status <> 'OPEN' OR c.status IN ('CONFIRMED', 'SETTLED')
    OR NOT EXISTS (SELECT 1 FROM certification_hand_over h WHERE h.check_id = c.id AND h.status = 'ACCEPTED'
        AND h.to_area_id = c.handed_to_area_id))";
/// Accepted hand-overs of a check still to be made that is not shared, and offers of what has ended.
const LOST: &str = "SELECT count(*) FROM certification_hand_over h
    JOIN certification_check c ON c.id = h.check_id JOIN certification_round r ON r.id = c.round_id
    WHERE (h.status = 'ACCEPTED' AND c.handed_to_area_id IS NULL AND r.status = 'OPEN'
        AND c.status NOT IN ('CONFIRMED', 'SETTLED'))
    OR (h.status = 'OFFERED' AND (r.status <> 'OPEN' OR c.status IN ('CONFIRMED', 'SETTLED')))";

/// A round with one person on its roster, whose check is not offered yet; round and check.
async fn lone(world: &World, station: &Station, turn: usize) -> (String, String) {
    for raw in [
        "UPDATE certification_hand_over SET status = 'EXPIRED'",
        "UPDATE certification_check SET handed_to_area_id = NULL",
        "UPDATE certification_round SET status = 'VOIDED'",
        "UPDATE beneficiary SET ended_on = '2026-01-01'",
    ] {
        world.raw.execute_unprepared(raw).await.expect("a change");
    }
    let name = format!("赵{turn}");
    registered(world, &station.xu, GRID, &name, ", category: DISABLED").await;
    let round = opened(world, &station.xu, COMMUNITY).await;
    let check = check_of(world, &station.xu, &round, &name).await;
    (round, check)
}

async fn assert_whole(world: &World) {
    assert_eq!((world.count(STRAY).await, world.count(LOST).await), (0, 0));
}

on_both! {
    /// Accepted and taken back at once: taken back it is, and shared with nobody.
    async fn accepted_and_taken_back(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        for turn in 0..rounds() {
            let (_, check) = lone(&world, &station, turn).await;
            let id = offered(&world, &station.xu, &check).await;
            let (accepted, withdrawn) = tokio::join!(
                answered(&world, &bai, "acceptHandOvers", &id),
                answered(&world, &station.xu, "withdrawHandOvers", &id),
            );
            assert!(["ACCEPTED", "WITHDRAWN", "ALREADY_ENDED"].contains(&accepted.as_str()), "{accepted}");
            assert_eq!(withdrawn, "WITHDRAWN");
            assert_eq!(world.count("SELECT count(*) FROM certification_check WHERE handed_to_area_id IS NOT NULL").await, 0);
            assert_whole(&world).await;
        }
    }

    /// Accepted while the registering station checks: one of them makes the check.
    async fn accepted_and_checked(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        for turn in 0..rounds() {
            let (_, check) = lone(&world, &station, turn).await;
            let id = offered(&world, &station.xu, &check).await;
            let call = [(check.as_str(), ALIVE)];
            let (accepted, checked) = tokio::join!(
                answered(&world, &bai, "acceptHandOvers", &id),
                many(&world, &station.xu, "recordChecks", &call),
            );
            let outcome = (accepted.as_str(), one(&checked));
            assert!([("ACCEPTED", "HANDED_OVER"), ("ALREADY_CHECKED", "CHECKED")].contains(&outcome), "{outcome:?}");
            assert_whole(&world).await;
        }
    }

    /// Taken back while the other station checks: it is checked, or the other is told that it is not theirs.
    async fn taken_back_and_checked(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        for turn in 0..rounds() {
            let (_, check) = lone(&world, &station, turn).await;
            let id = offered(&world, &station.xu, &check).await;
            assert_eq!(answered(&world, &bai, "acceptHandOvers", &id).await, "ACCEPTED");
            let call = [(check.as_str(), ALIVE)];
            let (withdrawn, checked) = tokio::join!(
                answered(&world, &station.xu, "withdrawHandOvers", &id),
                many(&world, &bai, "recordChecks", &call),
            );
            let outcome = (withdrawn.as_str(), one(&checked));
            assert!([("WITHDRAWN", "NOT_FOUND"), ("ALREADY_CHECKED", "CHECKED")].contains(&outcome), "{outcome:?}");
            assert_whole(&world).await;
        }
    }

    /// Two of the other station accept: one did, the other is told.
    async fn one_accepts(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (bai, second) = (far(&world).await, far(&world).await);
        for turn in 0..rounds() {
            let (_, check) = lone(&world, &station, turn).await;
            let id = offered(&world, &station.xu, &check).await;
            let (one, other) = tokio::join!(
                answered(&world, &bai, "acceptHandOvers", &id),
                answered(&world, &second, "acceptHandOvers", &id),
            );
            let mut told = [one, other];
            told.sort_unstable();
            assert_eq!(told, ["ACCEPTED", "HANDED_OVER"]);
            assert_whole(&world).await;
        }
    }

    /// Two offer the same check: one offer stands.
    async fn one_offers(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        for turn in 0..rounds() {
            let (_, check) = lone(&world, &station, turn).await;
            let call = [(check.as_str(), FAR, "")];
            let (first, second) = tokio::join!(
                offer(&world, &station.xu, &call),
                offer(&world, &station.he, &call),
            );
            let code = |answer: &crate::support::graphql::Answer| {
                let errors = &answer.payload("offerHandOvers")["results"][0]["userErrors"];
                errors[0]["code"].as_str().unwrap_or("OFFERED").to_owned()
            };
            let mut told = [code(&first), code(&second)];
            told.sort_unstable();
            assert_eq!(told, ["HANDED_OVER", "OFFERED"]);
            assert_whole(&world).await;
        }
    }

    /// Accepted while the check is settled, or its round voided: nothing of what has ended stays shared.
    async fn accepted_and_ended(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        for turn in 0..rounds() {
            let (round, check) = lone(&world, &station, turn * 2).await;
            let id = offered(&world, &station.xu, &check).await;
            let (accepted, _) = tokio::join!(
                answered(&world, &bai, "acceptHandOvers", &id),
                void(&world, &station.xu, &round),
            );
            assert!(["ACCEPTED", "ALREADY_ENDED", "ROUND_NOT_OPEN"].contains(&accepted.as_str()), "{accepted}");
            assert_whole(&world).await;

            let (_, check) = lone(&world, &station, turn * 2 + 1).await;
            let id = offered(&world, &station.xu, &check).await;
            let call = [(check.as_str(), ", reason: \"境外\"")];
            let (accepted, settled) = tokio::join!(
                answered(&world, &bai, "acceptHandOvers", &id),
                many(&world, &station.meng, "settleChecks", &call),
            );
            assert!(["ACCEPTED", "ALREADY_ENDED"].contains(&accepted.as_str()), "{accepted}");
            // Whoever settles what was handed over meanwhile has not seen it.
            match (accepted.as_str(), one(&settled)) {
                (_, "SETTLED") | ("ACCEPTED", "VERSION_CONFLICT") => {}
                told => panic!("{told:?}"),
            }
            assert_whole(&world).await;
        }
    }
}
