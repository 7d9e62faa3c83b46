//! Whom nobody is shown: another partner's bookings by any path, and households before and after.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::alliance::{
    Alliance, CANCEL, DECLINE, acts_for, booked, code, home, homes, partner, step,
};
use super::slots::{cancel_slot, change_capacity};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, OTHER_GRID, Person, World};

const HOME: &str = "household { room { visibility value } residents { name { visibility masked value }
    phone { visibility } circumstances { visibility } tier { visibility } idNumber { visibility } } }";

async fn shown(world: &World, who: &Person, booking: uuid::Uuid) -> Value {
    let query = format!(
        "query($id: ID!) {{ booking(id: $id) {{ status notes {{ visibility value }} {HOME} }} }}"
    );
    let id = World::id::<ids::Booking>(booking);
    world
        .run(who, &query, json!({"id": id}))
        .await
        .data("booking")
        .clone()
}

/// What the partner's worker sees of name, door and notes.
fn seen(booking: &Value) -> [&str; 4] {
    let text = |value: &'static str| {
        booking
            .pointer(value)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    [
        text("/household/residents/0/name/visibility"),
        text("/household/residents/0/phone/visibility"),
        text("/household/room/visibility"),
        text("/notes/visibility"),
    ]
}

const MASKED: [&str; 4] = ["MASKED", "ABSENT", "ABSENT", "ABSENT"];
const OPEN: [&str; 4] = ["FULL", "FULL", "FULL", "FULL"];

on_both! {
    /// Another partner of the same community reads, finds, moves and is told nothing.
    async fn another_partner_learns_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let other = partner(&world, &alliance.staff, "龙池家政").await;
        let rival = world.person("龙池", &[(Role::Partner, COMMUNITY)]).await;
        acts_for(&world, &alliance.staff, (other, &rival)).await;
        // Somebody with the role for whom nobody said for which partner.
        let nobody = world.person("无名", &[(Role::Partner, COMMUNITY)]).await;
        let slot = alliance.slot(&world, 1).await;
        let mut bookings = Vec::new();
        for home in homes(&world, 2).await {
            bookings.push(booked(&world, &alliance.lead, slot, home).await);
        }
        let id = World::id::<ids::Booking>(bookings[0]);
        let filters = [
            json!({}),
            json!({"slotId": World::id::<ids::ServiceSlot>(slot)}),
            json!({"offerId": World::id::<ids::ServiceOffer>(alliance.offer)}),
            json!({"partnerId": World::id::<ids::Partner>(alliance.partner)}),
            json!({"status": ["CONFIRMED"]}),
            json!({"areaId": World::id::<ids::Area>(world.area(BUILDING))}),
        ];
        for who in [&rival, &nobody] {
            for filter in &filters {
                let query = "query($filter: BookingFilter) { bookings(first: 5, filter: $filter) {
                    totalCount edges { node { id } } } }";
                let list = world.run(who, query, json!({"filter": filter})).await;
                assert_eq!(*list.data("bookings"), json!({"totalCount": 0, "edges": []}), "{filter}");
            }
            let query = "query($id: ID!) { booking(id: $id) { id } node(id: $id) { id } nodes(ids: [$id]) { id } }";
            let found = world.run(who, query, json!({"id": id})).await;
            assert_eq!(found.json["data"], json!({"booking": null, "node": null, "nodes": [null]}));
            for (mutation, more) in [("confirmBooking", ""), ("declineBooking", DECLINE), ("markNoShow", "")] {
                let answer = step(&world, who, (mutation, bookings[0], more)).await;
                assert_eq!(code(&answer, mutation), "NOT_FOUND");
            }
            assert_eq!(code(&change_capacity(&world, who, slot, 1).await, "changeSlotCapacity"), "NOT_FOUND");
            let cut = change_capacity(&world, who, slot, 5).await;
            assert_eq!(code(&cut, "changeSlotCapacity"), "NOT_FOUND");
            assert_eq!(*cut.data("changeSlotCapacity.booked"), Value::Null);
            assert_eq!(code(&cancel_slot(&world, who, slot, "下雨").await, "cancelSlot"), "NOT_FOUND");
        }
        // Its own worker sees both, and none any more from the day they are no longer its worker.
        let query = "{ bookings(first: 5) { totalCount } }";
        assert_eq!(world.run(&alliance.worker, query, json!({})).await.data("bookings.totalCount"), 2);
        let ended = entity::partner_member::ActiveModel {
            partner_id: sea_orm::ActiveValue::Unchanged(alliance.partner),
            account_id: sea_orm::ActiveValue::Unchanged(alliance.worker.account),
            ended_at: sea_orm::ActiveValue::Set(Some(world.clock.now())),
            ..Default::default()
        };
        sea_orm::ActiveModelTrait::update(ended, &world.raw).await.expect("a change");
        assert_eq!(world.run(&alliance.worker, query, json!({})).await.data("bookings.totalCount"), 0);
    }

    /// A household's door and phone are open to its partner while the booking is confirmed, not before, not
    /// after, and each look at them is noted.
    async fn a_household_is_known_while_it_is_to_be_served(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        let first = booked(&world, &alliance.lead, slot, home(&world, BUILDING, "101").await).await;
        let second = booked(&world, &alliance.lead, slot, home(&world, BUILDING, "102").await).await;
        let worker = &alliance.worker;
        let reads = "SELECT count(*) FROM audit_entry WHERE action LIKE 'read:%'";
        assert_eq!(seen(&shown(&world, worker, second).await), MASKED);
        assert_eq!(world.count(reads).await, 0);
        let open = shown(&world, worker, first).await;
        assert_eq!(seen(&open), OPEN);
        assert_eq!(open["household"]["room"]["value"], "101");
        assert_eq!(open["household"]["residents"][0]["idNumber"]["visibility"], "ABSENT");
        assert_eq!(open["household"]["residents"][0]["tier"]["visibility"], "ABSENT");
        assert_eq!(world.count(reads).await, 1);
        step(&world, &alliance.lead, ("cancelBooking", first, CANCEL)).await.payload("cancelBooking");
        // The place is held for the second, who has not taken it yet.
        for booking in [first, second] {
            assert_eq!(seen(&shown(&world, worker, booking).await), MASKED);
        }
        assert_eq!(world.count(reads).await, 1);
        // A partner reads no household by itself, nor by anything else.
        let query = "{ households(first: 1) { edges { node { id } } } }";
        assert_eq!(world.run(worker, query, json!({})).await.error_codes(), ["FORBIDDEN"]);
        // The neighbour of the building sees that somebody has booked, not who.
        assert_eq!(seen(&shown(&world, &alliance.center, second).await), MASKED);
        let far = world.person("赵强", &[(Role::GridLead, OTHER_GRID)]).await;
        assert_eq!(shown(&world, &far, second).await, Value::Null);
    }
}
