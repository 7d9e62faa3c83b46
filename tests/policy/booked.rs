//! Slots that are booked, and their bookings.

use chrono::Duration;
use entity::service_slot;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};

use super::rows::home;
use crate::bookings::alliance::{self, CANCEL, acts_for, booked, offer, partner, slot, step};
use crate::support::world::{Person, World};

/// A slot of a fresh partner for whom the second person acts, or a booking in it; another's where it is called
/// so.
pub async fn thing(world: &World, (staff, worker): (&Person, &Person), name: &str) -> String {
    let partner = partner(world, staff, &world.clock.new_id().to_string()).await;
    if name != "otherbooking" {
        acts_for(world, staff, (partner, worker)).await;
    }
    let asks = matches!(name, "requested" | "otherbooking");
    let offer = offer(world, staff, partner, |offer| {
        offer.needs_confirmation = Set(asks);
    });
    let slot = slot(world, offer.await, 1, Duration::days(1)).await;
    if name == "openslot" {
        return World::id::<ids::ServiceSlot>(slot);
    }
    let first = booked(world, staff, slot, home(world).await).await;
    match name {
        "bookedslot" => return World::id::<ids::ServiceSlot>(slot),
        "held" => {
            let second = booked(world, staff, slot, home(world).await).await;
            let cancelled = step(world, staff, ("cancelBooking", first, CANCEL)).await;
            cancelled.payload("cancelBooking");
            return World::id::<ids::Booking>(second);
        }
        "begunbooking" => begin(world, (slot, first)).await,
        _ => {}
    }
    World::id::<ids::Booking>(first)
}

/// As if the slot had begun an hour ago.
async fn begin(world: &World, (slot, booking): (uuid::Uuid, uuid::Uuid)) {
    let begun = world.clock.now() - Duration::hours(1);
    let mut row: service_slot::ActiveModel =
        alliance::slot_row(world, slot).await.into_active_model();
    row.starts_at = Set(begun);
    row.update(&world.raw).await.expect("a change");
    let mut rows = alliance::rows(world, slot).await.into_iter();
    let row = rows.find(|row| row.id == booking).expect("a booking");
    let mut row = row.into_active_model();
    row.starts_at = Set(begun);
    row.update(&world.raw).await.expect("a change");
}
