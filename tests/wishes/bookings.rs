//! Who lends a hand where a slot is booked.

use entity::enums::{BookingStatus, Role};
use serde_json::json;

use super::town::Town;
use crate::support::database::on_both;
use crate::support::world::GRID;

on_both! {
    /// A booking that the partner has confirmed takes a doer and as many helpers as the offer can use; before, nobody
    /// joins and the partner is not told whose it is.
    async fn volunteers_join_what_is_booked(db: TestDatabase) {
        let town = Town::new(db).await;
        let wu = town.world.person("吴强", &[(Role::Volunteer, GRID)]).await;
        let offer = town.offer(town.alliance, 1).await;
        let sure = town.wish("").await;
        let unsure = town.wish("").await;
        town.book(&sure, offer, BookingStatus::Confirmed).await;
        town.book(&unsure, offer, BookingStatus::Requested).await;
        assert_eq!(town.wishes(&town.liu, "needsHands: true").await, std::slice::from_ref(&sure));
        assert!(town.wishes(&town.he, "needsHands: true").await.is_empty());
        assert_eq!(town.act(&town.liu, "joinWish", (&unsure, "")).await, "NOT_OPEN");
        let hidden = town.see(&town.qian, &unsure).await;
        assert_eq!(hidden["household"]["residents"][0]["name"]["value"], json!(null));
        assert_eq!(town.see(&town.qian, &sure).await["household"]["room"]["value"], "101");

        assert_eq!(town.act(&town.liu, "joinWish", (&sure, ", part: DOER")).await, "BOOKED");
        assert_eq!(town.act(&town.liu, "joinWish", (&sure, ", part: DOER")).await, "BOOKED");
        assert_eq!(town.act(&town.liu, "joinWish", (&sure, "")).await, "ALREADY_CLAIMED");
        assert_eq!(town.act(&town.chen, "joinWish", (&sure, ", part: DOER")).await, "ALREADY_CLAIMED");
        assert_eq!(town.act(&town.chen, "joinWish", (&sure, "")).await, "BOOKED");
        assert_eq!(town.act(&wu, "joinWish", (&sure, "")).await, "SESSION_FULL");
        assert!(town.wishes(&wu, "needsHands: true").await.is_empty());
        assert_eq!(town.wishes(&town.chen, "mine: true").await, std::slice::from_ref(&sure));
        assert_eq!(town.see(&town.chen, &sure).await["household"]["room"]["value"], "101");
        assert_eq!(town.see(&wu, &sure).await["household"]["room"]["value"], json!(null));
        assert_eq!(town.see(&wu, &sure).await["hands"], json!([]));

        let reason = ", reason: \"家中有事\"";
        assert_eq!(town.act(&town.liu, "giveWishBack", (&sure, reason)).await, "WISH_BOOKED");
        assert_eq!(town.act(&town.chen, "leaveWish", (&sure, reason)).await, "BOOKED");
        assert_eq!(town.act(&town.chen, "leaveWish", (&sure, reason)).await, "NOT_CLAIMED_BY_YOU");
        assert_eq!(town.act(&wu, "joinWish", (&sure, "")).await, "BOOKED");
        // Their partner's person fulfils it; who did not come has no minutes.
        let minutes = town.minutes(&sure, &[("刘洋", 60)]).await;
        assert_eq!(town.act(&town.qian, "fulfilWish", (&sure, &minutes)).await, "REQUIRED");
        let minutes = town.minutes(&sure, &[("刘洋", 60), ("吴强", 0)]).await;
        assert_eq!(town.act(&town.qian, "fulfilWish", (&sure, &minutes)).await, "EVIDENCE_MISSING");
        assert_eq!(town.act(&town.sun, "fulfilWish", (&sure, &minutes)).await, "NOT_FOUND");
    }
}
