//! Appointment slots: booked, moved, freed, and never sold twice.

use chrono::Duration;
use entity::enums::Role;
use futures_util::future::join_all;
use serde_json::json;

use super::people::{STREET, Station, check_of, many, one, opened, registered, text};
use super::sessions::{add, adding, cancel, close, last_year, planned, told};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY";

/// A slot at the station in five minutes, for half an hour.
fn slot(world: &World, places: u32) -> String {
    let at = |minutes| (world.clock.now() + Duration::minutes(minutes)).to_rfc3339();
    format!(
        ", channel: APPOINTMENT, venue: \"退役军人服务站\", capacity: {places},
            startsAt: \"{}\", endsAt: \"{}\"",
        at(5),
        at(35)
    )
}

/// So many people on the roster of a round; their checks.
async fn roster(world: &World, station: &Station, people: usize) -> (String, Vec<String>) {
    for n in 0..people {
        registered(world, &station.xu, GRID, &format!("赵{n}"), FAMILY).await;
    }
    let round = opened(world, &station.xu, COMMUNITY).await;
    let query = "query($round: ID!) { certificationChecks(first: 100, filter: {roundId: $round}) {
        edges { node { id } } } }";
    let answer = world.run(&station.xu, query, json!({"round": round})).await;
    let edges = answer
        .data("certificationChecks.edges")
        .as_array()
        .expect("edges");
    let checks = edges.iter().map(|edge| text(&edge["node"]["id"])).collect();
    (round, checks)
}

async fn taken(world: &World, who: &Person, slot: &str) -> i64 {
    let query = "query($id: ID!) { certificationSession(id: $id) { takenCount } }";
    let answer = world.run(who, query, json!({"id": slot})).await;
    answer
        .data("certificationSession.takenCount")
        .as_i64()
        .expect("a number")
}

const OVERSOLD: &str = "SELECT count(*) FROM certification_session s WHERE s.capacity <
    (SELECT count(*) FROM certification_check c WHERE c.session_id = s.id)";

const EXPECTED: &str = "SELECT count(*) FROM certification_check c JOIN certification_session s
    ON s.id = c.session_id WHERE s.status <> 'PLANNED' AND c.status = 'SCHEDULED'";

on_both! {
    /// A place is free again whatever becomes of who had it, and taken by who came.
    async fn a_place_that_is_left_is_given_to_another(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (round, checks) = roster(&world, &station, 8).await;
        let id = |n: usize| checks[n].as_str();
        let xu = &station.xu;
        let early = planned(&world, xu, (&round, COMMUNITY), &slot(&world, 2)).await;
        let late = planned(&world, xu, (&round, COMMUNITY), &slot(&world, 1)).await;
        assert_eq!(add(&world, xu, &early, &[id(0), id(1), id(2)]).await, ["SCHEDULED", "SCHEDULED", "SESSION_FULL"]);
        assert_eq!(add(&world, xu, &early, &[id(0)]).await, ["SCHEDULED"], "who has a place has it");
        assert_eq!(taken(&world, xu, &early).await, 2);
        let booked = json!({"status": "SCHEDULED", "channel": "APPOINTMENT", "sessionId": early,
            "scheduledFor": "2026-03-02T01:05:00.000Z", "attemptCount": 0});
        assert_eq!(told(&world, xu, id(0)).await, booked);

        // Moved to the other slot.
        assert_eq!(add(&world, xu, &late, &[id(0)]).await, ["SCHEDULED"]);
        assert_eq!((taken(&world, xu, &early).await, taken(&world, xu, &late).await), (1, 1));
        assert_eq!(add(&world, xu, &early, &[id(2)]).await, ["SCHEDULED"]);
        assert_eq!(add(&world, xu, &late, &[id(3)]).await, ["SESSION_FULL"]);
        // Cancelled by the person; planned otherwise; not there; certified at home; settled.
        let otherwise = ", scheduledFor: \"2026-03-05T01:00:00Z\", channel: HOME";
        let absent = ", channel: APPOINTMENT, reason: ABSENT";
        let at_home = ", channel: HOME, outcome: ALIVE";
        let settled = ", reason: \"长期在外\"";
        for (n, (who, mutation, input, state)) in [
            (xu, "unscheduleChecks", "", "PENDING"), (xu, "scheduleChecks", otherwise, "SCHEDULED"),
            (xu, "recordCheckAttempts", absent, "PENDING"), (xu, "recordChecks", at_home, "CHECKED"),
            (&station.meng, "settleChecks", settled, "SETTLED"),
        ].into_iter().enumerate() {
            let (leaves, comes) = (id(if n == 0 { 0 } else { n + 2 }), id(n + 3));
            assert_eq!(one(&many(&world, who, mutation, &[(leaves, input)]).await), state, "{mutation}");
            assert_eq!(taken(&world, xu, &late).await, 0, "{mutation}");
            assert_eq!(told(&world, xu, leaves).await["sessionId"], json!(null), "{mutation}");
            assert_eq!(add(&world, xu, &late, &[comes]).await, ["SCHEDULED"], "after {mutation}");
        }
        // Who came keeps the place, checked, sent back and checked again.
        let there = ", channel: APPOINTMENT, outcome: ALIVE";
        assert_eq!(one(&many(&world, xu, "recordChecks", &[(id(7), there)]).await), "CHECKED");
        assert_eq!(add(&world, xu, &late, &[id(3)]).await, ["SESSION_FULL"]);
        let back = [(id(7), ", remark: \"请补充照片\"")];
        assert_eq!(one(&many(&world, &station.meng, "returnChecks", &back).await), "RETURNED");
        assert_eq!(told(&world, xu, id(7)).await["sessionId"], json!(late));
        // A walk-in takes no place that is not there.
        let walk_in = format!("{there}, sessionId: \"{late}\"");
        assert_eq!(one(&many(&world, xu, "recordChecks", &[(id(3), &walk_in)]).await), "SESSION_FULL");
        assert_eq!(one(&many(&world, xu, "recordChecks", &[(id(3), there)]).await), "CHECKED");
        // The absent one is told where the slot is closed.
        world.clock.advance(Duration::minutes(10));
        let closed = close(&world, xu, &late).await;
        assert_eq!(closed.payload("closeCertificationSession")["session"], json!({"status": "HELD", "takenCount": 1,
            "presentCount": 1, "absentCount": 1}));
        assert_eq!(world.count(OVERSOLD).await, 0);
        world.clock.advance(Duration::minutes(20));
        let station = again(&world, station).await;
        world.clock.advance(Duration::minutes(10));
        let over = adding(&world, &station.xu, &early, &[id(0)]).await;
        assert_eq!(over.user_error_codes("addToCertificationSession"), ["WINDOW_PASSED"]);
    }

    /// Fifty ask for the last place at once: one has it.
    async fn the_last_place_is_given_once(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (round, checks) = roster(&world, &station, 51).await;
        for _ in 0..rounds() {
            let slot = planned(&world, &station.xu, (&round, COMMUNITY), &slot(&world, 2)).await;
            assert_eq!(add(&world, &station.xu, &slot, &[&checks[50]]).await, ["SCHEDULED"]);
            let calls = checks[..50].iter().enumerate().map(|(n, check)| {
                let who = if n % 2 == 0 { &station.xu } else { &station.he };
                let (world, slot, check) = (&world, &slot, [check.as_str()]);
                async move { add(world, who, slot, &check).await }
            });
            let told = join_all(calls).await.concat();
            let given = told.iter().filter(|code| *code == "SCHEDULED").count();
            let full = told.iter().filter(|code| *code == "SESSION_FULL").count();
            assert_eq!((given, full), (1, 49), "{told:?}");
            assert_eq!((taken(&world, &station.xu, &slot).await, world.count(OVERSOLD).await), (2, 0));
        }
    }

    /// Booked while it is called off, recorded while it is closed: nobody is expected where nothing is held,
    /// and nobody both came and did not.
    async fn an_ended_slot_expects_nobody(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (round, checks) = roster(&world, &station, 1).await;
        let check = [checks[0].as_str()];
        for _ in 0..rounds() {
            let called_off = planned(&world, &station.xu, (&round, COMMUNITY), &slot(&world, 2)).await;
            let (booked, _) = tokio::join!(
                adding(&world, &station.he, &called_off, &check),
                cancel(&world, &station.xu, &called_off),
            );
            let codes = booked.user_error_codes("addToCertificationSession");
            assert!(codes.is_empty() || codes == ["ALREADY_ENDED"], "{codes:?}");
            assert_eq!(world.count(EXPECTED).await, 0);
            assert_eq!(told(&world, &station.xu, check[0]).await["status"], "PENDING");
        }
        let mut tries = 0;
        let mut station = station;
        for _ in 0..rounds() {
            let held = planned(&world, &station.xu, (&round, COMMUNITY), &slot(&world, 2)).await;
            assert_eq!(add(&world, &station.xu, &held, &check).await, ["SCHEDULED"]);
            world.clock.advance(Duration::minutes(10));
            station = again(&world, station).await;
            let there = [(check[0], ", channel: APPOINTMENT, outcome: ALIVE")];
            let (recorded, closed) = tokio::join!(
                many(&world, &station.he, "recordChecks", &there),
                close(&world, &station.xu, &held),
            );
            assert_eq!(one(&recorded), "CHECKED", "a walk-in is one too");
            let absent = closed.payload("closeCertificationSession")["absent"].as_array().unwrap().len();
            let seen = told(&world, &station.xu, check[0]).await;
            tries += i64::try_from(absent).unwrap();
            assert_eq!(seen["attemptCount"], json!(tries));
            assert_eq!(world.count(EXPECTED).await, 0);
            let back = [(check[0], ", remark: \"请补充照片\"")];
            assert_eq!(one(&many(&world, &station.meng, "returnChecks", &back).await), "RETURNED");
        }
    }

    /// Two rounds want the same person at the same time: one has them.
    async fn one_person_is_given_one_place_at_a_time(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (this, checks) = roster(&world, &station, 1).await;
        let last = last_year(&world, &station.xu).await;
        let other = check_of(&world, &station.xu, &last, "赵0").await;
        for _ in 0..rounds() {
            let first = planned(&world, &station.xu, (&this, COMMUNITY), &slot(&world, 2)).await;
            let second = planned(&world, &station.xu, (&last, COMMUNITY), &slot(&world, 2)).await;
            let (own, others) = ([checks[0].as_str()], [other.as_str()]);
            let (one_told, other_told) = tokio::join!(
                add(&world, &station.xu, &first, &own),
                add(&world, &station.he, &second, &others),
            );
            let mut codes = [one(&one_told), one(&other_told)];
            codes.sort_unstable();
            assert_eq!(codes, ["SCHEDULED", "TIME_CONFLICT"]);
            let free = [(own[0], ""), (others[0], "")];
            assert_eq!(many(&world, &station.xu, "unscheduleChecks", &free).await, ["PENDING", "PENDING"]);
        }
    }
}

/// The same people with new tokens.
async fn again(world: &World, station: Station) -> Station {
    let signed_in = |who: Person, area| async move {
        let grants = vec![(Role::VeteransStaff, world.area(area))];
        world.signed_in(who.account, 1, grants).await
    };
    Station {
        xu: signed_in(station.xu, COMMUNITY).await,
        he: signed_in(station.he, COMMUNITY).await,
        meng: signed_in(station.meng, STREET).await,
        luo: signed_in(station.luo, STREET).await,
    }
}
