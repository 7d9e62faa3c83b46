//! Any history of a slot, against a queue on paper: the same states, and nobody overtakes.

use chrono::{DateTime, Duration, Utc};
use entity::enums::BookingStatus;
use nuanlin::wishes::bookings::lapse::lapse_bookings;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::alliance::{
    ACCEPT, Alliance, CANCEL, DECLINE, assert_counted, booked, code, homes, queue, rows, slot, step,
};
use super::slots::change_capacity;
use crate::support::database::on_both;
use crate::support::world::World;

/// Histories per database.
const CASES: u32 = 12;

/// How many households there are to book.
const HOMES: usize = 24;

/// What happens next; a number points at a booking that was made before.
#[derive(Clone, Debug)]
enum Event {
    Book,
    Cancel(usize),
    Decline(usize),
    Confirm(usize),
    Accept(usize),
    Capacity(i32),
    /// Minutes pass, then the server looks.
    Wait(i64),
}

fn events() -> impl Strategy<Value = (bool, Vec<Event>)> {
    let some = 0..HOMES;
    let event = prop_oneof![
        6 => Just(Event::Book),
        2 => some.clone().prop_map(Event::Cancel),
        2 => some.clone().prop_map(Event::Decline),
        2 => some.clone().prop_map(Event::Confirm),
        3 => some.prop_map(Event::Accept),
        2 => (1..6_i32).prop_map(Event::Capacity),
        2 => (1..90_i64).prop_map(Event::Wait),
    ];
    (any::<bool>(), prop::collection::vec(event, 1..30))
}

/// A slot on paper.
struct Paper {
    capacity: usize,
    asks: bool,
    states: Vec<(&'static str, Option<DateTime<Utc>>)>,
}

impl Paper {
    fn placed(&self) -> usize {
        let placed =
            |(state, _): &&(&str, _)| matches!(*state, "REQUESTED" | "OFFERED" | "CONFIRMED");
        self.states.iter().filter(placed).count()
    }

    fn pass_on(&mut self, now: DateTime<Utc>) {
        while self.placed() < self.capacity {
            let Some(next) = self
                .states
                .iter_mut()
                .find(|(state, _)| *state == "WAITLISTED")
            else {
                return;
            };
            *next = ("OFFERED", Some(now + Duration::minutes(60)));
        }
    }

    fn is(&self, at: usize, states: &[&str]) -> bool {
        self.states
            .get(at)
            .is_some_and(|(state, _)| states.contains(state))
    }

    fn happen(&mut self, event: &Event, now: DateTime<Utc>) {
        let waits = self.states.iter().any(|(state, _)| *state == "WAITLISTED");
        match event {
            Event::Book if self.states.len() < HOMES => {
                let state = if waits || self.placed() >= self.capacity {
                    "WAITLISTED"
                } else if self.asks {
                    "REQUESTED"
                } else {
                    "CONFIRMED"
                };
                self.states.push((state, None));
            }
            Event::Cancel(at) | Event::Decline(at)
                if self.is(*at, &["REQUESTED", "WAITLISTED", "OFFERED", "CONFIRMED"]) =>
            {
                self.states[*at].0 = "CANCELLED";
            }
            Event::Confirm(at) if self.is(*at, &["REQUESTED"]) => self.states[*at].0 = "CONFIRMED",
            Event::Accept(at) if self.is(*at, &["OFFERED"]) => self.states[*at].0 = "CONFIRMED",
            Event::Capacity(n) => {
                let n = usize::try_from(*n).expect("few");
                if n >= self.placed() {
                    self.capacity = n;
                }
            }
            Event::Wait(_) => {
                for (state, until) in &mut self.states {
                    if *state == "OFFERED" && until.is_some_and(|until| until <= now) {
                        *state = "CANCELLED";
                    }
                }
            }
            _ => {}
        }
        self.pass_on(now);
    }
}

async fn happens(
    world: &World,
    alliance: &mut Alliance,
    slot: Uuid,
    event: &Event,
    homes: &[Uuid],
) {
    let known = rows(world, slot).await;
    let at = |at: &usize| known.get(*at).map(|row| row.id);
    let (who, mutation, booking, more) = match event {
        Event::Book => {
            if let Some(home) = homes.get(known.len()) {
                booked(world, &alliance.lead, slot, *home).await;
            }
            return;
        }
        Event::Capacity(n) => {
            change_capacity(world, &alliance.worker, slot, *n).await;
            return;
        }
        Event::Wait(minutes) => {
            alliance.wait(world, Duration::minutes(*minutes)).await;
            lapse_bookings(world.app()).await.expect("a job");
            return;
        }
        Event::Cancel(n) => (&alliance.lead, "cancelBooking", at(n), CANCEL),
        Event::Decline(n) => (&alliance.worker, "declineBooking", at(n), DECLINE),
        Event::Confirm(n) => (&alliance.worker, "confirmBooking", at(n), ""),
        Event::Accept(n) => (&alliance.lead, "acceptBooking", at(n), ACCEPT),
    };
    if let Some(booking) = booking {
        let answer = step(world, who, (mutation, booking, more)).await;
        assert_ne!(code(&answer, mutation), "VERSION_CONFLICT");
    }
}

/// Whoever has or had a place came before whoever still waits.
async fn assert_nobody_overtakes(world: &World, slot: Uuid) {
    let rows = rows(world, slot).await;
    let waits = rows
        .iter()
        .find(|row| row.status == BookingStatus::Waitlisted);
    let Some(first) = waits else { return };
    for row in rows.iter().filter(|row| row.ticket > first.ticket) {
        let had_none = row.confirmed_at.is_none() && row.confirm_until.is_none();
        let waits_or_ended = matches!(
            row.status,
            BookingStatus::Waitlisted | BookingStatus::Cancelled
        );
        assert!(had_none && waits_or_ended, "{row:?} before {first:?}");
    }
}

async fn check(
    world: &World,
    (asks, events): (bool, Vec<Event>),
    homes: &[Uuid],
    alliance: &mut Alliance,
) {
    let offer = alliance
        .offer(world, |offer| offer.needs_confirmation = Set(asks))
        .await;
    let slot = slot(world, offer, 2, Duration::days(30)).await;
    let mut paper = Paper {
        capacity: 2,
        asks,
        states: Vec::new(),
    };
    for event in &events {
        happens(world, alliance, slot, event, homes).await;
        paper.happen(event, world.clock.now());
        let states = queue(world, slot).await.into_iter().map(|(_, state)| state);
        let expected: Vec<&str> = paper.states.iter().map(|(state, _)| *state).collect();
        assert_eq!(
            states.collect::<Vec<_>>(),
            expected,
            "{event:?} of {events:?}"
        );
        assert_nobody_overtakes(world, slot).await;
    }
    assert_counted(world, slot).await;
}

on_both! {
    async fn any_history_is_the_papers(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = tokio::sync::Mutex::new(Alliance::new(&world).await);
        let homes = homes(&world, HOMES).await;
        let config = Config { cases: CASES, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
        // The same histories every time, so that a failure is everybody's failure.
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let outcome = tokio::task::block_in_place(|| {
            let outcome = runner.run(&events(), |history| {
                let histories = async { check(&world, history, &homes, &mut *alliance.lock().await).await };
                tokio::runtime::Handle::current().block_on(histories);
                Ok(())
            });
            outcome.map_err(|error| error.to_string())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
    }
}
