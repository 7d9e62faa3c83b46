//! What is done about a wish is done about its booking.

use entity::enums::WishStatus;
use nuanlin::error::{Code, Error};
use nuanlin::wishes::bookings::follow::follow;
use nuanlin::wishes::rules::Action;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use super::alliance::{
    Alliance, DECLINE, assert_counted, booked, homes, queue, rows, step, wish_of,
};
use crate::support::database::on_both;
use crate::support::world::{Person, World};

/// Does it within a write of its own, and says why it was refused.
async fn done(world: &World, who: &Person, (wish, action): (Uuid, Action)) -> Result<usize, Code> {
    let cx = world.cx(who).await;
    let tx = cx.app.db.begin().await.expect("a transaction");
    match follow(&cx, &tx, (wish, action)).await {
        Ok(changed) => {
            tx.commit().await.expect("a commit");
            Ok(changed.len())
        }
        Err(Error::Refused(refusal)) => Err(refusal.code),
        Err(error) => panic!("{error}"),
    }
}

on_both! {
    /// What waits cannot be begun; what is confirmed is finished with its wish, and keeps its place; what is
    /// withdrawn leaves its place to whoever waits.
    async fn a_booking_follows_its_wish(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 2).await;
        let mut wishes = Vec::new();
        for home in homes(&world, 4).await {
            let booking = booked(&world, &alliance.lead, slot, home).await;
            wishes.push(wish_of(&world, booking).await);
        }
        let act = |at: usize, action| done(&world, &alliance.lead, (wishes[at].id, action));
        for action in [Action::Begin, Action::Fulfil] {
            assert_eq!(act(2, action).await, Err(Code::BookingNotConfirmed));
        }
        assert_eq!(act(0, Action::Begin).await, Ok(0));
        // The booking and its slot.
        assert_eq!(act(0, Action::Fulfil).await, Ok(2));
        let states = || async {
            queue(&world, slot).await.into_iter().map(|(_, status)| status).collect::<Vec<_>>()
        };
        assert_eq!(states().await, ["DONE", "CONFIRMED", "WAITLISTED", "WAITLISTED"]);
        // The booking, its slot, and who is given the place.
        assert_eq!(act(1, Action::Withdraw).await, Ok(3));
        assert_eq!(states().await, ["DONE", "CANCELLED", "OFFERED", "WAITLISTED"]);
        assert_eq!(act(3, Action::Withdraw).await, Ok(2));
        assert_eq!(states().await, ["DONE", "CANCELLED", "OFFERED", "CANCELLED"]);
        // Its wish is for who asked to move, not given back.
        assert_eq!(wish_of(&world, rows(&world, slot).await[1].id).await.status, WishStatus::Booked);
        for at in [1, 3] {
            let mut wish = wishes[at].clone().into_active_model();
            wish.status = Set(WishStatus::Withdrawn);
            wish.update(&world.raw).await.expect("a change");
        }
        assert_counted(&world, slot).await;
    }

    /// Somebody is at the door: nobody says that nobody was there.
    async fn who_was_met_did_not_stay_away(db: TestDatabase) {
        let world = World::new(db).await;
        let mut alliance = Alliance::new(&world).await;
        let slot = alliance.slot(&world, 1).await;
        let home = homes(&world, 1).await[0];
        let booking = booked(&world, &alliance.lead, slot, home).await;
        let mut wish = wish_of(&world, booking).await.into_active_model();
        wish.status = Set(WishStatus::InProgress);
        wish.update(&world.raw).await.expect("a change");
        alliance.wait(&world, chrono::Duration::days(1)).await;
        let missed = step(&world, &alliance.worker, ("markNoShow", booking, "")).await;
        assert_eq!(missed.user_error_codes("markNoShow"), ["ALREADY_STARTED"]);
        let declined = step(&world, &alliance.worker, ("declineBooking", booking, DECLINE)).await;
        declined.payload("declineBooking");
        assert_eq!(wish_of(&world, booking).await.status, WishStatus::Open);
    }
}
