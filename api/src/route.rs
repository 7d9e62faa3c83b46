//! The order of stops on foot: nearest first, untangled, and steady while one walks.
//!
//! Pure, for whatever kind of task has places to go to. Distances are straight lines in whole metres;
//! equal ones are decided by id, so that the same stops always come in the same order.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};
use uuid::Uuid;

/// A point on the earth, WGS 84.
#[derive(Clone, Copy, PartialEq)]
pub struct Point {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// The mean radius of the earth, in metres.
const EARTH: f64 = 6_371_008.8;
/// Metres of straight line walked in a minute: 4.5 km/h, over streets that are a fifth longer.
const PACE: i64 = 62;

/// Where somebody stands is nobody else's business: no log shows it.
impl fmt::Debug for Point {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Point(…)")
    }
}

impl Point {
    /// A point from degrees that a phone sent; absent where they are none.
    #[must_use]
    pub fn new(latitude: f64, longitude: f64) -> Option<Self> {
        let fits = (-90.0..=90.0).contains(&latitude) && (-180.0..=180.0).contains(&longitude);
        fits.then_some(Self {
            latitude,
            longitude,
        })
    }

    /// The distance along the great circle (haversine), in whole metres.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "half the earth's girth is 20 million metres"
    )]
    pub fn metres_to(self, other: Self) -> i64 {
        let half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let along = self.latitude.to_radians().cos() * other.latitude.to_radians().cos();
        let chord =
            half(other.latitude - self.latitude) + along * half(other.longitude - self.longitude);
        (2.0 * EARTH * chord.clamp(0.0, 1.0).sqrt().asin()).round() as i64
    }

    /// A box that holds every point within `metres`: south, north, west, east. Not across 180° or at a
    /// pole.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "metres on the earth are few")]
    pub fn around(self, metres: i64) -> [f64; 4] {
        // A little more than the radius, since both sides are rounded.
        let up = ((metres + 1) as f64 / EARTH).to_degrees();
        let aside = up / self.latitude.to_radians().cos().max(0.01);
        [
            self.latitude - up,
            self.latitude + up,
            self.longitude - aside,
            self.longitude + aside,
        ]
    }
}

/// How long a straight line takes on foot, in whole minutes.
#[must_use]
pub const fn minutes(metres: i64) -> i64 {
    (metres + PACE - 1) / PACE
}

/// Somewhere to go.
#[derive(Clone, Copy, Debug)]
pub struct Stop {
    /// Names the task.
    pub id: Uuid,
    /// Where; unknown ones come last.
    pub point: Option<Point>,
    /// When one is expected: such stops keep the order of these times, and those of one time any order.
    pub appointed_at: Option<DateTime<Utc>>,
}

/// One part of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leg {
    /// Where it leads.
    pub id: Uuid,
    /// How far that is from the stop before, in metres; unknown without a point.
    pub metres: Option<i64>,
}

/// The order in which to make the stops from `start`.
///
/// Those named in `before`, the order that was shown last, keep that order, and new ones are put where
/// they cost the least; without it the way is built anew: always the nearest next, then turned round in
/// parts while that makes it shorter (2-opt). Stops with an appointment keep the order of their times
/// in either case; stops without a point come last, by appointment.
#[must_use]
pub fn order(start: Point, stops: &[Stop], before: &[Uuid]) -> Vec<Leg> {
    let mut stops = stops.to_vec();
    stops.sort_by_key(|stop| stop.id);
    stops.dedup_by_key(|stop| stop.id);
    let (placed, mut unplaced): (Vec<Stop>, Vec<Stop>) =
        stops.into_iter().partition(|stop| stop.point.is_some());
    let way = Way::new(start, placed);
    let kept = way.kept(before);
    let way_order = if kept.is_empty() {
        way.untangled(way.nearest_first())
    } else {
        way.filled(kept)
    };
    unplaced.sort_by_key(|stop| (stop.appointed_at.is_none(), stop.appointed_at, stop.id));
    let mut legs = way.legs(&way_order);
    legs.extend(unplaced.iter().map(|stop| Leg {
        id: stop.id,
        metres: None,
    }));
    legs
}

/// Stops with a point, sorted by id, and what lies between them.
struct Way {
    stops: Vec<Stop>,
    /// Metres from the start (first) and from each stop to each stop.
    metres: Vec<Vec<i64>>,
}

impl Way {
    fn new(start: Point, stops: Vec<Stop>) -> Self {
        let points: Vec<Point> = stops.iter().filter_map(|stop| stop.point).collect();
        let from = std::iter::once(&start).chain(&points);
        let metres = from
            .map(|from| points.iter().map(|to| from.metres_to(*to)).collect())
            .collect();
        Self { stops, metres }
    }

    /// From one stop (or the start) to another.
    fn metres(&self, from: Option<usize>, to: usize) -> i64 {
        self.metres[from.map_or(0, |from| from + 1)][to]
    }

    /// Where a stop stands among those with an appointment.
    fn turn(&self, at: usize) -> Option<DateTime<Utc>> {
        self.stops[at].appointed_at
    }

    fn is_in_turn(&self, order: &[usize]) -> bool {
        let turns = order.iter().filter_map(|at| self.turn(*at));
        turns.is_sorted()
    }

    fn length(&self, order: &[usize]) -> i64 {
        let mut last = None;
        let mut sum = 0;
        for at in order {
            sum += self.metres(last, *at);
            last = Some(*at);
        }
        sum
    }

    /// Always the nearest next; of those with an appointment only the one whose turn it is.
    fn nearest_first(&self) -> Vec<usize> {
        let mut left: Vec<usize> = (0..self.stops.len()).collect();
        let mut order = Vec::with_capacity(left.len());
        while !left.is_empty() {
            let next_turn = left.iter().filter_map(|at| self.turn(*at)).min();
            let last = order.last().copied();
            let nearest = left
                .iter()
                .copied()
                .filter(|at| self.turn(*at).is_none_or(|turn| Some(turn) == next_turn))
                .min_by_key(|at| (self.metres(last, *at), *at));
            let Some(nearest) = nearest else {
                break;
            };
            left.retain(|at| *at != nearest);
            order.push(nearest);
        }
        order
    }

    /// Turns parts round while that makes the whole shorter and keeps appointments in turn.
    fn untangled(&self, mut order: Vec<usize>) -> Vec<usize> {
        let mut length = self.length(&order);
        // Every turn is at least a metre shorter, so this ends.
        loop {
            let mut is_better = false;
            for from in 0..order.len() {
                for to in from + 1..order.len() {
                    order[from..=to].reverse();
                    let turned = self.length(&order);
                    if turned < length && self.is_in_turn(&order) {
                        length = turned;
                        is_better = true;
                    } else {
                        order[from..=to].reverse();
                    }
                }
            }
            if !is_better {
                return order;
            }
        }
    }

    /// Those of the order shown before that are still to be made; appointments that have since come
    /// out of turn are put in anew.
    fn kept(&self, before: &[Uuid]) -> Vec<usize> {
        let mut kept: Vec<usize> = Vec::new();
        for id in before {
            let found = self.stops.binary_search_by_key(id, |stop| stop.id);
            if let Ok(at) = found
                && !kept.contains(&at)
            {
                kept.push(at);
            }
        }
        if !self.is_in_turn(&kept) {
            kept.retain(|at| self.turn(*at).is_none());
        }
        kept
    }

    /// Puts the other stops where each costs the least, those with an appointment in their turn.
    fn filled(&self, mut order: Vec<usize>) -> Vec<usize> {
        for at in 0..self.stops.len() {
            if order.contains(&at) {
                continue;
            }
            let cost = |place: usize| {
                let last = place.checked_sub(1).map(|last| order[last]);
                let next = order.get(place);
                let saved = next.map_or(0, |next| self.metres(last, *next));
                let added = next.map_or(0, |next| self.metres(Some(at), *next));
                self.metres(last, at) + added - saved
            };
            let place = self.places(&order, at);
            let place = place.min_by_key(|place| (cost(*place), *place));
            order.insert(place.unwrap_or(order.len()), at);
        }
        order
    }

    /// Where in an order a stop may be put: one with an appointment only in its turn.
    fn places(&self, order: &[usize], at: usize) -> RangeInclusive<usize> {
        let Some(turn) = self.turn(at) else {
            return 0..=order.len();
        };
        let others = |at: &usize| self.turn(*at);
        let earlier = order
            .iter()
            .rposition(|at| others(at).is_some_and(|other| other < turn));
        let later = order
            .iter()
            .position(|at| others(at).is_some_and(|other| other > turn));
        earlier.map_or(0, |at| at + 1)..=later.unwrap_or(order.len())
    }

    fn legs(&self, order: &[usize]) -> Vec<Leg> {
        let mut last = None;
        let mut legs = Vec::with_capacity(order.len());
        for at in order {
            legs.push(Leg {
                id: self.stops[*at].id,
                metres: Some(self.metres(last, *at)),
            });
            last = Some(*at);
        }
        legs
    }
}

#[cfg(test)]
#[path = "route_tests.rs"]
mod tests;
