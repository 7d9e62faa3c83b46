//! How many a slot takes, and that it does not take place.

use chrono::Duration;
use entity::enums::WishStatus;
use nuanlin::ids;
use serde_json::json;
use uuid::Uuid;

use super::alliance::{Alliance, assert_counted, booked, code, homes, queue, slot_row, wish_of};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{Person, World};

/// Changes how many a slot takes.
pub async fn change_capacity(world: &World, who: &Person, slot: Uuid, capacity: i32) -> Answer {
    let query =
        "mutation($id: ID!, $n: Int!) { changeSlotCapacity(input: {slotId: $id, capacity: $n}) {
        booked { ticket } promoted { ticket status } userErrors { field code } } }";
    let id = World::id::<ids::ServiceSlot>(slot);
    world
        .run(who, query, json!({"id": id, "n": capacity}))
        .await
}

/// Calls a slot off.
pub async fn cancel_slot(world: &World, who: &Person, slot: Uuid, reason: &str) -> Answer {
    let query =
        "mutation($id: ID!, $reason: String!) { cancelSlot(input: {slotId: $id, reason: $reason}) {
        ended { ticket status cancelledBy endReason } userErrors { field code } } }";
    let id = World::id::<ids::ServiceSlot>(slot);
    world
        .run(who, query, json!({"id": id, "reason": reason}))
        .await
}

fn states(queue: &[(i32, String)]) -> Vec<&str> {
    queue.iter().map(|(_, status)| status.as_str()).collect()
}

on_both! {
    /// Two of three places cannot be taken away; more places go to whoever waits longest.
    async fn capacity_is_cut_to_what_is_booked_and_raised_for_who_waits(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 2).await;
        for home in homes(&world, 5).await {
            booked(&world, &alliance.lead, slot, home).await;
        }
        let cut = change_capacity(&world, &alliance.worker, slot, 1).await;
        let errors = cut.user_errors("changeSlotCapacity");
        assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "CAPACITY_BELOW_BOOKED", Some("capacity")));
        assert_eq!(*cut.data("changeSlotCapacity.booked"), json!([{"ticket": 1}, {"ticket": 2}]));
        assert_eq!(slot_row(&world, slot).await.capacity, 2);
        for (capacity, promoted) in [(4, json!([{"ticket": 3, "status": "OFFERED"}, {"ticket": 4, "status": "OFFERED"}])), (4, json!([]))] {
            let raised = change_capacity(&world, &alliance.worker, slot, capacity).await;
            assert_eq!(raised.payload("changeSlotCapacity")["promoted"], promoted);
        }
        assert_eq!(states(&queue(&world, slot).await), ["CONFIRMED", "CONFIRMED", "OFFERED", "OFFERED", "WAITLISTED"]);
        assert_eq!(world.audited("changeSlotCapacity", slot).await, 1);
        for wrong in [0, 1001] {
            let answer = change_capacity(&world, &alliance.staff, slot, wrong).await;
            assert_eq!(code(&answer, "changeSlotCapacity"), "OUT_OF_RANGE");
        }
        assert_counted(&world, slot).await;
    }

    /// Whoever had booked or waited is free again, on the partner's side; said again it is the same act.
    async fn a_slot_that_is_called_off_ends_its_bookings(db: TestDatabase) {
        let world = World::new(db).await;
        let mut alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        let mut bookings = Vec::new();
        for home in homes(&world, 2).await {
            bookings.push(booked(&world, &alliance.lead, slot, home).await);
        }
        let called_off = cancel_slot(&world, &alliance.worker, slot, "下雨").await;
        let end = |ticket| json!({"ticket": ticket, "status": "CANCELLED", "cancelledBy": "PARTNER", "endReason": "下雨"});
        assert_eq!(called_off.payload("cancelSlot")["ended"], json!([end(1), end(2)]));
        for booking in bookings {
            assert_eq!(wish_of(&world, booking).await.status, WishStatus::Open);
        }
        let again = cancel_slot(&world, &alliance.worker, slot, "下雨").await;
        assert_eq!(again.payload("cancelSlot")["ended"], json!([]));
        let other = cancel_slot(&world, &alliance.staff, slot, "停电").await;
        assert_eq!(code(&other, "cancelSlot"), "SLOT_CANCELLED");
        assert_eq!(world.audited("cancelSlot", slot).await, 1);
        assert_counted(&world, slot).await;

        let other = alliance.slot(&world, 1).await;
        let community = cancel_slot(&world, &alliance.staff, other, "停电").await;
        assert_eq!(community.payload("cancelSlot")["ended"], json!([]));
        let begun = alliance.slot(&world, 1).await;
        alliance.wait(&world, Duration::days(1)).await;
        assert_eq!(code(&cancel_slot(&world, &alliance.staff, begun, "停电").await, "cancelSlot"), "SLOT_BEGUN");
        assert_eq!(code(&change_capacity(&world, &alliance.staff, begun, 5).await, "changeSlotCapacity"), "SLOT_BEGUN");
    }
}
