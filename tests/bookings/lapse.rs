//! What the server's own clock does to bookings.

use std::sync::Arc;

use chrono::Duration;
use entity::enums::WishStatus;
use nuanlin::wishes::bookings::lapse::lapse_bookings;
use sea_orm::ActiveValue::Set;

use super::alliance::{
    Alliance, CANCEL, assert_counted, booked, homes, queue, slot, step, wish_of,
};
use crate::support::database::on_both;
use crate::support::world::World;

async fn states(world: &World, slot: uuid::Uuid) -> Vec<String> {
    let queue = queue(world, slot).await.into_iter();
    queue.map(|(_, status)| status).collect()
}

on_both! {
    /// Nobody takes the held place within its hour: it passes on in order, until the slot begins.
    async fn a_held_place_passes_on(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = slot(&world, alliance.offer, 1, Duration::hours(14)).await;
        let mut bookings = Vec::new();
        for home in homes(&world, 4).await {
            bookings.push(booked(&world, &alliance.lead, slot, home).await);
        }
        step(&world, &alliance.lead, ("cancelBooking", bookings[0], CANCEL)).await.payload("cancelBooking");
        let lapse = || async { lapse_bookings(world.app()).await.expect("a job") };
        world.clock.advance(Duration::minutes(60) - Duration::milliseconds(1));
        assert_eq!(lapse().await, 0);
        world.clock.advance(Duration::milliseconds(1));
        assert_eq!(lapse().await, 1);
        assert_eq!(lapse().await, 0);
        assert_eq!(states(&world, slot).await, ["CANCELLED", "CANCELLED", "OFFERED", "WAITLISTED"]);
        assert_eq!(wish_of(&world, bookings[1]).await.status, WishStatus::Open);
        assert_eq!(world.audited("lapseBooking", bookings[1]).await, 1);
        // Booked, promoted, lapsed.
        assert_eq!(world.changed(bookings[1]).await, 3);
        assert_counted(&world, slot).await;

        // Half an hour before it begins the next is held until then.
        world.clock.advance(Duration::hours(12) + Duration::minutes(30));
        assert_eq!(lapse().await, 1);
        assert_eq!(states(&world, slot).await, ["CANCELLED", "CANCELLED", "CANCELLED", "OFFERED"]);
        world.clock.advance(Duration::minutes(29) + Duration::seconds(59));
        assert_eq!(lapse().await, 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(lapse().await, 1);
        assert_eq!(states(&world, slot).await, ["CANCELLED"; 4]);
        assert_counted(&world, slot).await;
    }

    /// With the slot's beginning ends what was never decided; what is confirmed stays.
    async fn what_was_never_decided_ends(db: TestDatabase) {
        let world = World::new(db).await;
        let mut alliance = Alliance::new(&world).await;
        let asked = alliance.offer(&world, |offer| offer.needs_confirmation = Set(true)).await;
        let slot = slot(&world, asked, 2, Duration::hours(2)).await;
        let mut bookings = Vec::new();
        for home in homes(&world, 3).await {
            bookings.push(booked(&world, &alliance.lead, slot, home).await);
        }
        step(&world, &alliance.worker, ("confirmBooking", bookings[0], "")).await.payload("confirmBooking");
        alliance.wait(&world, Duration::hours(2)).await;
        assert_eq!(lapse_bookings(world.app()).await.expect("a job"), 2);
        assert_eq!(states(&world, slot).await, ["CONFIRMED", "CANCELLED", "CANCELLED"]);
        let late = step(&world, &alliance.worker, ("confirmBooking", bookings[1], "")).await;
        assert_eq!(late.user_error_codes("confirmBooking"), ["ALREADY_ENDED"]);
        assert_counted(&world, slot).await;
    }

    /// Several servers look at once: each booking lapses once, each place is passed on once.
    async fn several_servers_lapse_each_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 2).await;
        let mut bookings = Vec::new();
        for home in homes(&world, 6).await {
            bookings.push(booked(&world, &alliance.lead, slot, home).await);
        }
        for booking in &bookings[..2] {
            step(&world, &alliance.lead, ("cancelBooking", *booking, CANCEL)).await.payload("cancelBooking");
        }
        world.clock.advance(Duration::hours(1));
        let looks = [0; 4].map(|_| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { lapse_bookings(world.app()).await.expect("a job") })
        });
        let mut lapsed = 0;
        for look in looks {
            lapsed += look.await.expect("no panic");
        }
        assert_eq!(lapsed, 2);
        assert_eq!(states(&world, slot).await, ["CANCELLED", "CANCELLED", "CANCELLED", "CANCELLED", "OFFERED", "OFFERED"]);
        for booking in &bookings[2..4] {
            assert_eq!(world.audited("lapseBooking", *booking).await, 1);
        }
        assert_eq!(world.count("SELECT count(*) FROM notice").await, 4);
        assert_counted(&world, slot).await;
    }
}
