//! Many reach for one slot at the same moment.

use std::sync::Arc;

use chrono::Duration;
use futures_util::future::join_all;
use nuanlin::ids;
use nuanlin::wishes::bookings::lapse::lapse_bookings;
use sea_orm::ActiveValue::Set;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::alliance::{
    ACCEPT, Alliance, CANCEL, assert_counted, book, booked, code, for_home, homes, queue, rows,
    slot, slot_row, step, wish_of,
};
use super::slots::{cancel_slot, change_capacity};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{Person, World};

/// How many households reach for the slot.
const HANDS: usize = 500;
/// How many it takes.
const PLACES: i32 = 7;

/// Books for all of them at once; the refusals, empty where there was none.
async fn all_at_once(world: &Arc<World>, who: &Person, inputs: Vec<Value>) -> Vec<String> {
    let calls = inputs.into_iter().map(|input| {
        let (world, who) = (Arc::clone(world), who.clone());
        tokio::spawn(async move { code(&book(&world, &who, input).await, "bookSlot") })
    });
    let outcomes = join_all(calls).await.into_iter();
    outcomes.map(|outcome| outcome.expect("no panic")).collect()
}

fn states_of(queue: &[(i32, String)], state: &str) -> Vec<i32> {
    let some = queue.iter().filter(|(_, status)| status == state);
    some.map(|(ticket, _)| *ticket).collect()
}

on_both! {
    /// Exactly as many have a place as there are; the rest wait by ticket. Three that cancel at once are
    /// followed by the three that wait longest.
    async fn of_five_hundred_seven_have_a_place(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let alliance = Alliance::new(&world).await;
        let homes = homes(&world, HANDS).await;
        for _ in 0..rounds() {
            let slot = alliance.slot(&world, PLACES).await;
            let inputs = homes.iter().map(|home| for_home(slot, *home)).collect();
            let outcomes = all_at_once(&world, &alliance.staff, inputs).await;
            assert_eq!(outcomes, vec![""; HANDS]);
            let queued = queue(&world, slot).await;
            assert_eq!(queued.len(), HANDS);
            assert_eq!(states_of(&queued, "CONFIRMED"), (1..=7).collect::<Vec<i32>>());
            assert_eq!(states_of(&queued, "WAITLISTED"), (8..=500).collect::<Vec<i32>>());
            let row = slot_row(&world, slot).await;
            assert_eq!((row.booked, row.waiting, row.last_ticket), (7, 493, 500));

            let bookings = rows(&world, slot).await;
            let calls = [1, 3, 6].map(|at: usize| {
                let (world, lead, booking) = (Arc::clone(&world), alliance.lead.clone(), bookings[at].id);
                tokio::spawn(async move {
                    code(&step(&world, &lead, ("cancelBooking", booking, CANCEL)).await, "cancelBooking")
                })
            });
            for call in join_all(calls).await {
                assert_eq!(call.expect("no panic"), "");
            }
            let queued = queue(&world, slot).await;
            assert_eq!(states_of(&queued, "CONFIRMED"), [1, 3, 5, 6]);
            assert_eq!(states_of(&queued, "CANCELLED"), [2, 4, 7]);
            assert_eq!(states_of(&queued, "OFFERED"), [8, 9, 10]);
            let row = slot_row(&world, slot).await;
            assert_eq!((row.booked, row.waiting), (7, 490));
        }
    }

    /// Past the program, a statement that gives a place without asking is refused by the database.
    async fn the_database_knows_how_many_there_are(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        let homes = homes(&world, 1).await;
        booked(&world, &alliance.lead, slot, homes[0]).await;
        let gives = "UPDATE service_slot SET booked = booked + 1, last_ticket = last_ticket + 1";
        let refused = world.raw.execute_unprepared(gives).await.expect_err("oversold");
        assert!(refused.to_string().contains("service_slot_booked_check"), "{refused}");
        let cuts = "UPDATE service_slot SET capacity = 0";
        let refused = world.raw.execute_unprepared(cuts).await.expect_err("cut");
        assert!(refused.to_string().contains("service_slot_booked_check"), "{refused}");
        assert_counted(&world, slot).await;
    }

    /// The last place is booked while it is taken away: one of both happens.
    async fn a_cut_and_a_booking_do_not_meet(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let homes = homes(&world, 2).await;
        for _ in 0..rounds() {
            let slot = alliance.slot(&world, 2).await;
            booked(&world, &alliance.lead, slot, homes[0]).await;
            let (cut, second) = tokio::join!(
                change_capacity(&world, &alliance.worker, slot, 1),
                book(&world, &alliance.lead, for_home(slot, homes[1])),
            );
            let status = second.payload("bookSlot")["booking"]["status"].clone();
            match code(&cut, "changeSlotCapacity").as_str() {
                "" => assert_eq!(status, "WAITLISTED"),
                "CAPACITY_BELOW_BOOKED" => assert_eq!(status, "CONFIRMED"),
                other => panic!("{other}"),
            }
            assert_counted(&world, slot).await;
        }
    }

    /// A household books twice at once where once is what the offer allows, and once for one wish.
    async fn a_household_books_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let alliance = Alliance::new(&world).await;
        for (round, home) in homes(&world, rounds()).await.into_iter().enumerate() {
            let single = alliance.offer(&world, |offer| offer.is_single = Set(true)).await;
            let slot_of = |days| slot(&world, single, 3, Duration::days(days));
            let (one, other) = (slot_of(1).await, slot_of(2).await);
            let inputs = [one, other, one, other].map(|slot| for_home(slot, home)).to_vec();
            let mut outcomes = all_at_once(&world, &alliance.lead, inputs).await;
            outcomes.sort();
            assert_eq!(outcomes, ["", "ALREADY_BOOKED", "ALREADY_BOOKED", "ALREADY_BOOKED"]);
            for slot in [one, other] {
                assert_counted(&world, slot).await;
            }
            let (three, four) = (alliance.slot(&world, 3).await, alliance.slot(&world, 3).await);
            let booking = booked(&world, &alliance.lead, three, home).await;
            let wish = World::id::<ids::Wish>(wish_of(&world, booking).await.id);
            step(&world, &alliance.lead, ("cancelBooking", booking, CANCEL)).await.payload("cancelBooking");
            let inputs = [three, four, four].map(|slot| {
                json!({"slotId": World::id::<ids::ServiceSlot>(slot), "wishId": wish, "how": "PHONE"})
            });
            let mut outcomes = all_at_once(&world, &alliance.lead, inputs.to_vec()).await;
            outcomes.sort();
            assert_eq!(outcomes, ["", "WISH_UNFIT", "WISH_UNFIT"], "round {round}");
            for slot in [three, four] {
                assert_counted(&world, slot).await;
            }
        }
    }

    /// One call, sent again and again at once, is one booking with one ticket.
    async fn duplicates_of_one_call_are_one_booking(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let alliance = Alliance::new(&world).await;
        let home = homes(&world, 1).await[0];
        for _ in 0..rounds() {
            let slot = alliance.slot(&world, 1).await;
            let (mut keyed, mut named) = (for_home(slot, home), for_home(slot, home));
            keyed["idempotencyKey"] = json!(world.clock.new_id());
            named["id"] = json!(world.clock.new_id());
            let inputs = [vec![keyed; 10], vec![named; 10]].concat();
            assert_eq!(all_at_once(&world, &alliance.lead, inputs).await, vec![""; 20]);
            assert_eq!(queue(&world, slot).await.len(), 2);
            assert_counted(&world, slot).await;
        }
    }

    /// The held place lapses while the household takes it, or does not want it: it goes to one of both ends, and
    /// to nobody twice.
    async fn a_held_place_ends_once(db: TestDatabase) {
        let world = World::new(db).await;
        let mut alliance = Alliance::new(&world).await;
        let homes = homes(&world, 3).await;
        for round in 0..rounds() * 2 {
            let slot = alliance.slot(&world, 1).await;
            let mut bookings = Vec::new();
            for home in &homes {
                bookings.push(booked(&world, &alliance.lead, slot, *home).await);
            }
            let first = ("cancelBooking", bookings[0], CANCEL);
            step(&world, &alliance.lead, first).await.payload("cancelBooking");
            alliance.wait(&world, Duration::minutes(59) + Duration::seconds(59)).await;
            let lapse = async {
                world.clock.advance(Duration::seconds(1));
                lapse_bookings(world.app()).await.expect("a job")
            };
            let (mutation, more) = if round % 2 == 0 { ("acceptBooking", ACCEPT) } else { ("cancelBooking", CANCEL) };
            let (moved, _) = tokio::join!(step(&world, &alliance.lead, (mutation, bookings[1], more)), lapse);
            let lapsed = world.audited("lapseBooking", bookings[1]).await;
            let states = queue(&world, slot).await.into_iter().map(|(_, status)| status).collect::<Vec<_>>();
            let states = [states[1].as_str(), states[2].as_str()];
            match (mutation, code(&moved, mutation).as_str()) {
                ("acceptBooking", "") => assert_eq!((lapsed, states), (0, ["CONFIRMED", "WAITLISTED"])),
                ("cancelBooking", "") => assert_eq!((lapsed, states), (0, ["CANCELLED", "OFFERED"])),
                ("acceptBooking", "BOOKING_LAPSED") | ("cancelBooking", "ALREADY_ENDED") => assert_eq!((lapsed, states), (1, ["CANCELLED", "OFFERED"])),
                other => panic!("{other:?}"),
            }
            assert_counted(&world, slot).await;
        }
    }

    /// A slot is called off while people book, confirm and cancel: nothing of it lives afterwards.
    async fn nothing_lives_in_a_slot_that_was_called_off(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let alliance = Alliance::new(&world).await;
        let homes = homes(&world, 12).await;
        for _ in 0..rounds() {
            let slot = alliance.slot(&world, 3).await;
            let first = booked(&world, &alliance.lead, slot, homes[0]).await;
            let inputs = homes[1..].iter().map(|home| for_home(slot, *home)).collect();
            let (booked, called_off, cancelled) = tokio::join!(
                all_at_once(&world, &alliance.lead, inputs),
                cancel_slot(&world, &alliance.worker, slot, "下雨"),
                step(&world, &alliance.lead, ("cancelBooking", first, CANCEL)),
            );
            assert!(booked.iter().all(|code| code.is_empty() || code == "SLOT_CANCELLED"), "{booked:?}");
            assert_eq!(code(&called_off, "cancelSlot"), "");
            let told = code(&cancelled, "cancelBooking");
            assert!(told.is_empty() || told == "ALREADY_ENDED", "{told}");
            let states = queue(&world, slot).await;
            assert_eq!(states_of(&states, "CANCELLED").len(), states.len());
            let row = slot_row(&world, slot).await;
            assert_eq!((row.booked, row.waiting), (0, 0));
            let open = "SELECT count(*) FROM wish WHERE status <> 'OPEN'";
            assert_eq!(world.count(open).await, 0);
            assert_counted(&world, slot).await;
        }
    }

    /// The statements of a booking do not grow with how many booked before.
    async fn a_booking_costs_the_same_however_many_wait(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        let mut costs = Vec::new();
        for home in homes(&world, 30).await {
            // Grants are read anew every few seconds: not while a booking is counted.
            world.cx(&alliance.lead).await;
            let before = world.app().db.statements();
            let id = booked(&world, &alliance.lead, slot, home).await;
            costs.push(world.app().db.statements() - before);
            assert_eq!(world.changed(id).await, 1);
        }
        // Who has a place is told to whoever lends a hand; who waits is not.
        assert!(costs[1..].iter().all(|cost| *cost == costs[1]), "{costs:?}");
        println!("{costs:?}");
        let cancel = |booking| step(&world, &alliance.lead, ("cancelBooking", booking, CANCEL));
        let mut ends = Vec::new();
        for row in &rows(&world, slot).await[..3] {
            world.cx(&alliance.lead).await;
            let before = world.app().db.statements();
            cancel(row.id).await.payload("cancelBooking");
            ends.push(world.app().db.statements() - before);
        }
        assert!(ends.iter().all(|cost| *cost == ends[0]), "{ends:?}");
    }
}
