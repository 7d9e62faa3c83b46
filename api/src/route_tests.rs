//! Orders of stops, by hand and at random.

use chrono::TimeZone as _;
use proptest::prelude::*;

use super::*;

/// The gate of a compound.
const GATE: Point = Point {
    latitude: 32.3105,
    longitude: 118.3128,
};

/// A stop so many hundredths of a degree north and east of the gate.
fn stop(id: u128, north: f64, east: f64) -> Stop {
    Stop {
        id: Uuid::from_u128(id),
        point: Some(Point {
            latitude: GATE.latitude + north / 100.0,
            longitude: GATE.longitude + east / 100.0,
        }),
        appointed_at: None,
    }
}

fn at(stop: Stop, hour: u32) -> Stop {
    let appointed_at = Utc.with_ymd_and_hms(2026, 3, 2, hour, 0, 0).unwrap();
    Stop {
        appointed_at: Some(appointed_at),
        ..stop
    }
}

fn ids(legs: &[Leg]) -> Vec<u128> {
    legs.iter().map(|leg| leg.id.as_u128()).collect()
}

fn uuids(ids: &[u128]) -> Vec<Uuid> {
    ids.iter().copied().map(Uuid::from_u128).collect()
}

fn length(legs: &[Leg]) -> i64 {
    legs.iter().filter_map(|leg| leg.metres).sum()
}

#[test]
fn a_degree_of_latitude_is_111_kilometres() {
    let north = stop(1, 100.0, 0.0).point.unwrap();
    assert_eq!(GATE.metres_to(north), 111_195);
    assert_eq!(north.metres_to(GATE), 111_195);
    // A degree of longitude is that times the cosine of the latitude: 0.8452 at 32.31°.
    let east = stop(1, 0.0, 100.0).point.unwrap();
    assert!((93_970..94_000).contains(&GATE.metres_to(east)));
    assert_eq!(GATE.metres_to(GATE), 0);
    assert!(Point::new(90.1, 0.0).is_none() && Point::new(f64::NAN, 0.0).is_none());
}

#[test]
fn a_way_takes_longer_than_its_line() {
    assert_eq!(
        (minutes(0), minutes(1), minutes(62), minutes(63)),
        (0, 1, 1, 2)
    );
    assert_eq!(minutes(1000), 17);
}

#[test]
fn the_nearest_comes_first_and_those_without_a_point_last() {
    let nowhere = |id| Stop {
        id: Uuid::from_u128(id),
        point: None,
        appointed_at: None,
    };
    let stops = [
        nowhere(1),
        stop(2, 0.3, 0.0),
        stop(3, 0.1, 0.0),
        at(nowhere(4), 9),
        stop(5, 0.2, 0.0),
    ];
    let legs = order(GATE, &stops, &[]);
    assert_eq!(ids(&legs), [3, 5, 2, 4, 1]);
    assert_eq!(legs[0].metres, Some(111));
    assert_eq!(legs[3].metres, None);
    assert_eq!(order(GATE, &[], &[]), []);
}

#[test]
fn crossings_are_untangled() {
    // Nearest first goes east, back to the west and east again: 1 + 3 + 7. Shortest: 2 + 3 + 4.
    let stops = [stop(1, 0.0, 0.1), stop(2, 0.0, -0.2), stop(3, 0.0, 0.5)];
    let legs = order(GATE, &stops, &[]);
    assert_eq!(ids(&legs), [2, 1, 3]);
}

#[test]
fn appointments_keep_their_order_in_time() {
    let stops = [
        at(stop(1, 0.1, 0.0), 15),
        at(stop(2, 0.4, 0.0), 10),
        stop(3, 0.2, 0.0),
    ];
    assert_eq!(ids(&order(GATE, &stops, &[])), [3, 2, 1]);
    // Made after the way was shown, they are put in their turn.
    let legs = order(GATE, &stops, &uuids(&[1, 3, 2]));
    let (first, second) = (position(&legs, 2), position(&legs, 1));
    assert!(first < second, "{legs:?}");
}

#[test]
fn those_expected_at_one_time_come_in_the_order_of_the_way() {
    let stops = [
        at(stop(1, 0.3, 0.0), 9),
        at(stop(2, 0.1, 0.0), 9),
        at(stop(3, 0.2, 0.0), 9),
        at(stop(4, 0.1, 0.1), 8),
    ];
    assert_eq!(ids(&order(GATE, &stops, &[])), [4, 2, 3, 1]);
    // Made after the way was shown, one is put where it costs the least.
    let shown = order(GATE, &stops, &uuids(&[4, 2, 1]));
    assert_eq!(ids(&shown), [4, 2, 3, 1]);
}

fn position(legs: &[Leg], id: u128) -> usize {
    legs.iter()
        .position(|leg| leg.id.as_u128() == id)
        .expect("a leg")
}

#[test]
fn a_new_stop_is_put_where_it_costs_least_and_the_others_stay() {
    let stops = [stop(1, 0.1, 0.0), stop(2, 0.2, 0.0), stop(3, 0.3, 0.0)];
    let with = |north| [&stops[..], &[stop(9, north, 0.0)]].concat();
    // Between 2 and 3 it costs nothing, at the end 0.05.
    let shown = uuids(&[1, 2, 3]);
    assert_eq!(ids(&order(GATE, &with(0.25), &shown)), [1, 2, 9, 3]);
    // An order that could be shorter stays too: before 3 it costs 0.25 + 0.05 - 0.2, at the end 0.05.
    let shown = uuids(&[2, 1, 3]);
    assert_eq!(ids(&order(GATE, &with(0.35), &shown)), [2, 1, 3, 9]);
    assert_eq!(
        ids(&order(GATE, &stops[..2], &shown)),
        [2, 1],
        "one is done"
    );
}

prop_compose! {
    fn random_stop()(
        north in -50_i32..50,
        east in -50_i32..50,
        hour in prop::option::weighted(0.2, 0_u32..24),
        placed in prop::bool::weighted(0.9),
    ) -> Stop {
        let stop = stop(0, f64::from(north) / 100.0, f64::from(east) / 100.0);
        let stop = hour.map_or(stop, |hour| at(stop, hour));
        Stop { point: stop.point.filter(|_| placed), ..stop }
    }
}

fn random_stops() -> impl Strategy<Value = Vec<Stop>> {
    prop::collection::vec(random_stop(), 0..14).prop_map(|stops| {
        let numbered = (1..).zip(stops);
        numbered
            .map(|(id, stop)| Stop {
                id: Uuid::from_u128(id),
                ..stop
            })
            .collect()
    })
}

fn is_in_turn(legs: &[Leg], stops: &[Stop]) -> bool {
    let placed = legs.iter().filter(|leg| leg.metres.is_some());
    let turns = placed.filter_map(|leg| {
        let stop = stops.iter().find(|stop| stop.id == leg.id)?;
        stop.appointed_at
    });
    turns.is_sorted()
}

proptest! {
    #[test]
    fn every_stop_comes_once_in_turn_and_no_later_than_nearest_first(stops in random_stops()) {
        let legs = order(GATE, &stops, &[]);
        let mut seen = ids(&legs);
        seen.sort_unstable();
        let all: Vec<u128> = stops.iter().map(|stop| stop.id.as_u128()).collect();
        prop_assert_eq!(seen, all);
        prop_assert!(is_in_turn(&legs, &stops));
        let placed = stops.iter().copied().filter(|stop| stop.point.is_some()).collect();
        let way = Way::new(GATE, placed);
        prop_assert!(length(&legs) <= way.length(&way.nearest_first()));
    }

    #[test]
    fn the_order_of_the_list_does_not_matter(stops in random_stops(), by in 0_usize..14) {
        let mut turned = stops.clone();
        if !turned.is_empty() {
            let by = by % turned.len();
            turned.rotate_left(by);
        }
        prop_assert_eq!(order(GATE, &turned, &[]), order(GATE, &stops, &[]));
    }

    #[test]
    fn one_stop_more_leaves_the_others_in_their_order(stops in random_stops(), new in random_stop()) {
        let shown: Vec<Uuid> = order(GATE, &stops, &[]).iter().map(|leg| leg.id).collect();
        let mut more = stops.clone();
        more.push(Stop { id: Uuid::from_u128(99), ..new });
        let legs = order(GATE, &more, &shown);
        let others: Vec<Uuid> = legs.iter().map(|leg| leg.id).filter(|id| id.as_u128() != 99).collect();
        prop_assert_eq!(others, shown);
        prop_assert!(is_in_turn(&legs, &more));
        prop_assert_eq!(legs.len(), more.len());
    }

    #[test]
    fn a_box_holds_what_lies_within_its_radius(stop in random_stop(), metres in 0_i64..5000) {
        if let Some(point) = stop.point
            && GATE.metres_to(point) <= metres
        {
            let [south, north, west, east] = GATE.around(metres);
            prop_assert!((south..=north).contains(&point.latitude));
            prop_assert!((west..=east).contains(&point.longitude));
        }
    }
}
