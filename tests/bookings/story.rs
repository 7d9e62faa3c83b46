//! A household books, waits, is given a place, and somebody comes or nobody is there.

use chrono::Duration;
use entity::enums::WishStatus;
use nuanlin::housekeeping::JOBS;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use serde_json::{Value, json};

use super::alliance::{
    ACCEPT, Alliance, CANCEL, DECLINE, assert_counted, book, booked, code, for_home, home, homes,
    key, queue, slot, step, wish_of,
};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, OTHER_BUILDING, World};

const LIST: &str = "query($filter: BookingFilter) { bookings(first: 10, filter: $filter) { totalCount
    edges { node { id status ticket placeInQueue words offerTitle partnerName
        household { room { visibility value } residents { name { visibility masked value } phone { visibility } } } } } } }";

on_both! {
    /// Two places, three households: the third waits, is held the place that becomes free, and takes it.
    async fn the_third_waits_and_is_given_a_place(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 2).await;
        let rooms = ["101", "102", "103"];
        let mut bookings = Vec::new();
        for (n, room) in rooms.iter().enumerate() {
            let home = home(&world, BUILDING, room).await;
            let answer = book(&world, &alliance.center, for_home(slot, home)).await;
            let shown = answer.payload("bookSlot")["booking"].clone();
            let status = if n < 2 { "CONFIRMED" } else { "WAITLISTED" };
            let place = if n < 2 { Value::Null } else { json!(1) };
            assert_eq!((&shown["status"], &shown["placeInQueue"]), (&json!(status), &place));
            assert_eq!(shown["ticket"], n + 1);
            bookings.push(key(&shown["id"]));
        }
        assert_eq!(wish_of(&world, bookings[0]).await.status, WishStatus::Booked);
        let cancelled = step(&world, &alliance.lead, ("cancelBooking", bookings[0], CANCEL)).await;
        let shown = &cancelled.payload("cancelBooking")["booking"];
        assert_eq!(*shown, json!({"status": "CANCELLED", "version": 2, "endReason": "家里来客人", "cancelledBy": "HOUSEHOLD"}));
        let given_back = wish_of(&world, bookings[0]).await;
        assert_eq!((given_back.status, given_back.partner_id, given_back.starts_at), (WishStatus::Open, None, None));
        let states = |world, slot| async move {
            queue(world, slot).await.into_iter().map(|(_, status)| status).collect::<Vec<_>>()
        };
        assert_eq!(states(&world, slot).await, ["CANCELLED", "CONFIRMED", "OFFERED"]);
        // Whoever entered it is told, and accepts in the household's name.
        let told = "{ notices(first: 5) { edges { node { bookingId } } } }";
        let told = world.run(&alliance.center, told, json!({})).await;
        let third = World::id::<ids::Booking>(bookings[2]);
        assert_eq!(*told.data("notices.edges"), json!([{"node": {"bookingId": third}}]));
        let accepted = step(&world, &alliance.center, ("acceptBooking", bookings[2], ACCEPT)).await;
        assert_eq!(accepted.payload("acceptBooking")["booking"]["status"], "CONFIRMED");
        // Said again it is the same act, by somebody else it is none.
        let again = step(&world, &alliance.center, ("acceptBooking", bookings[2], ACCEPT)).await;
        assert_eq!(again.payload("acceptBooking")["booking"]["version"], 3);
        let other = step(&world, &alliance.lead, ("acceptBooking", bookings[2], ACCEPT)).await;
        assert_eq!(code(&other, "acceptBooking"), "BOOKING_NOT_OFFERED");
        assert_counted(&world, slot).await;
        assert_eq!(world.audited("cancelBooking", bookings[0]).await, 1);
        assert_eq!(world.audited("acceptBooking", bookings[2]).await, 1);
        // Booked, promoted, accepted.
        assert_eq!(world.changed(bookings[2]).await, 3);
    }

    /// The partner confirms each booking, cannot come to one, and notes at whose door nobody was.
    async fn the_partner_decides(db: TestDatabase) {
        let world = World::new(db).await;
        let mut alliance = Alliance::new(&world).await;
        let asked = alliance.offer(&world, |offer| offer.needs_confirmation = Set(true)).await;
        let slot = slot(&world, asked, 2, Duration::days(1)).await;
        let homes = homes(&world, 3).await;
        let mut bookings = Vec::new();
        for home in &homes {
            bookings.push(booked(&world, &alliance.lead, slot, *home).await);
        }
        let states = |expected: [&'static str; 3]| {
            let world = &world;
            async move {
                let found = queue(world, slot).await.into_iter().map(|(_, status)| status);
                assert_eq!(found.collect::<Vec<_>>(), expected);
            }
        };
        states(["REQUESTED", "REQUESTED", "WAITLISTED"]).await;
        let first = ("confirmBooking", bookings[0], "");
        let refused = step(&world, &alliance.lead, first).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        step(&world, &alliance.worker, first).await.payload("confirmBooking");
        let declined = step(&world, &alliance.worker, ("declineBooking", bookings[1], DECLINE)).await;
        assert_eq!(declined.payload("declineBooking")["booking"]["cancelledBy"], "PARTNER");
        states(["CONFIRMED", "CANCELLED", "OFFERED"]).await;
        let early = step(&world, &alliance.worker, ("markNoShow", bookings[0], "")).await;
        assert_eq!(code(&early, "markNoShow"), "SESSION_NOT_BEGUN");
        // Half a day before it begins the household may not cancel any more, the community may.
        alliance.wait(&world, Duration::hours(12) + Duration::minutes(1)).await;
        let late = step(&world, &alliance.lead, ("cancelBooking", bookings[0], CANCEL)).await;
        assert_eq!(code(&late, "cancelBooking"), "CANCEL_TOO_LATE");
        alliance.wait(&world, Duration::hours(12)).await;
        let missed = step(&world, &alliance.worker, ("markNoShow", bookings[0], ", reason: \"敲门无人应\"")).await;
        assert_eq!(missed.payload("markNoShow")["booking"]["status"], "NO_SHOW");
        assert_eq!(wish_of(&world, bookings[0]).await.status, WishStatus::Open);
        let ended = step(&world, &alliance.staff, ("declineBooking", bookings[0], DECLINE)).await;
        assert_eq!(code(&ended, "declineBooking"), "ALREADY_ENDED");
        assert_counted(&world, slot).await;
    }

    /// A wish that is written down is booked for once, and given back with its booking.
    async fn a_wish_is_booked_once(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let (first, second) = (alliance.slot(&world, 1).await, alliance.slot(&world, 1).await);
        let home = home(&world, BUILDING, "101").await;
        let booking = booked(&world, &alliance.lead, first, home).await;
        let wish = World::id::<ids::Wish>(wish_of(&world, booking).await.id);
        let by_wish = |slot| {
            let slot = World::id::<ids::ServiceSlot>(slot);
            book(&world, &alliance.lead, json!({"slotId": slot, "wishId": wish, "how": "IN_PERSON"}))
        };
        assert_eq!(code(&by_wish(second).await, "bookSlot"), "WISH_UNFIT");
        step(&world, &alliance.lead, ("cancelBooking", booking, CANCEL)).await.payload("cancelBooking");
        by_wish(second).await.payload("bookSlot");
        assert_eq!(world.count("SELECT count(*) FROM wish").await, 1);
        for slot in [first, second] {
            assert_counted(&world, slot).await;
        }
        // What was refused has drawn no ticket.
        assert_eq!(queue(&world, second).await, [(1, "CONFIRMED".to_owned())]);
    }

    /// A phone that chose the id, or sends its key again, has booked once.
    async fn a_repeat_is_the_same_booking(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 7).await;
        let home = home(&world, BUILDING, "101").await;
        let mut input = for_home(slot, home);
        input["id"] = json!(world.clock.new_id());
        let first = book(&world, &alliance.lead, input.clone()).await;
        let again = book(&world, &alliance.lead, input.clone()).await;
        assert_eq!(first.payload("bookSlot"), again.payload("bookSlot"));
        input["how"] = json!("PAPER");
        let other = book(&world, &alliance.lead, input).await;
        assert_eq!(code(&other, "bookSlot"), "ID_TAKEN");
        let mut keyed = for_home(slot, home);
        keyed["idempotencyKey"] = json!("0195a000-0000-7000-8000-000000000001");
        let first = book(&world, &alliance.lead, keyed.clone()).await;
        let again = book(&world, &alliance.lead, keyed).await;
        assert_eq!(first.payload("bookSlot"), again.payload("bookSlot"));
        assert_eq!(queue(&world, slot).await.len(), 2);
        assert_counted(&world, slot).await;
    }

    /// What cannot be booked says why and draws nothing.
    async fn refusals_name_what_stands_in_the_way(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let near = home(&world, BUILDING, "101").await;
        let elsewhere = home(&world, FAR_BUILDING, "101").await;
        let slot_of = |offer, begins_in| slot(&world, offer, 1, begins_in);
        let tomorrow = Duration::days(1);
        let draft = alliance.offer(&world, |offer| {
            offer.status = Set(entity::enums::OfferStatus::Draft);
            offer.published_at = Set(None);
        }).await;
        let ended = alliance.offer(&world, |offer| offer.status = Set(entity::enums::OfferStatus::Ended)).await;
        let past = alliance.offer(&world, |offer| {
            offer.valid_until_on = Set(chrono::NaiveDate::from_ymd_opt(2026, 3, 2));
        }).await;
        let street = world.person("街道", &[(entity::enums::Role::CommunityStaff, "341102006")]).await;
        let open = alliance.slot(&world, 1).await;
        let cases = [
            (slot_of(draft, tomorrow).await, near, "NOT_FOUND"),
            (slot_of(ended, tomorrow).await, near, "OFFER_UNAVAILABLE"),
            (slot_of(past, tomorrow).await, near, "OFFER_UNAVAILABLE"),
            (slot_of(alliance.offer, Duration::zero()).await, near, "SLOT_BEGUN"),
            (open, elsewhere, "OUTSIDE_OFFER_AREA"),
            (world.clock.new_id(), near, "NOT_FOUND"),
        ];
        for (slot, home, expected) in cases {
            let answer = book(&world, &street, for_home(slot, home)).await;
            assert_eq!(code(&answer, "bookSlot"), expected);
            assert_eq!(answer.user_errors("bookSlot")[0].field, Some("slotId"));
        }
        let mut neither = for_home(open, near);
        neither["householdId"] = Value::Null;
        assert_eq!(code(&book(&world, &street, neither).await, "bookSlot"), "REQUIRED");
        // Somebody else's building.
        let next_door = home(&world, OTHER_BUILDING, "101").await;
        let answer = book(&world, &alliance.center, for_home(open, next_door)).await;
        assert_eq!(code(&answer, "bookSlot"), "NOT_FOUND");
        assert_eq!(world.count("SELECT count(*) FROM booking").await, 0);
        assert_eq!(world.count("SELECT count(*) FROM wish").await, 0);
        assert_eq!(world.count("SELECT sum(last_ticket) FROM service_slot").await, 0);
    }

    /// The list of a slot in the order of its tickets, page by page, with whose it is for staff.
    async fn bookings_are_listed_in_order(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        for room in ["101", "102", "103"] {
            let home = home(&world, BUILDING, room).await;
            booked(&world, &alliance.lead, slot, home).await;
        }
        let filter = json!({"slotId": World::id::<ids::ServiceSlot>(slot), "areaId": World::id::<ids::Area>(world.area(COMMUNITY))});
        let listed = world.run(&alliance.staff, LIST, json!({"filter": filter})).await;
        assert_eq!(listed.data("bookings.totalCount"), 3);
        let nodes = listed.data("bookings.edges").as_array().expect("edges");
        let told: Vec<_> = nodes.iter().map(|edge| {
            let node = &edge["node"];
            (node["ticket"].clone(), node["placeInQueue"].clone(), node["household"]["room"]["value"].clone())
        }).collect();
        assert_eq!(told, [
            (json!(1), Value::Null, json!("101")),
            (json!(2), json!(1), json!("102")),
            (json!(3), json!(2), json!("103")),
        ]);
        assert_eq!(nodes[0]["node"]["partnerName"], "周百通公益服务联盟");
        let page = "query($after: String) { bookings(first: 2, after: $after) { pageInfo { hasNextPage endCursor } edges { node { ticket } } } }";
        let first = world.run(&alliance.lead, page, json!({})).await;
        assert_eq!(*first.data("bookings.edges"), json!([{"node": {"ticket": 1}}, {"node": {"ticket": 2}}]));
        let after = first.data("bookings.pageInfo.endCursor");
        let rest = world.run(&alliance.lead, page, json!({"after": after})).await;
        assert_eq!(*rest.data("bookings"), json!({"pageInfo": {"hasNextPage": false, "endCursor": rest.data("bookings.pageInfo.endCursor")},
            "edges": [{"node": {"ticket": 3}}]}));
        let waiting = json!({"filter": {"status": ["WAITLISTED"]}});
        let waiting = world.run(&alliance.lead, LIST, waiting).await;
        assert_eq!(waiting.data("bookings.totalCount"), 2);
        assert!(JOBS.iter().any(|job| job.name == "lapseBookings"));
    }
}
