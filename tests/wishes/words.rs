//! The household's word: content, not content, or silent.

use chrono::Duration;
use entity::partner_member;
use nuanlin::wishes::lapse::{close_silent_wishes, expire_wishes};
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::town::{Town, key};
use crate::support::database::on_both;
use crate::support::world::Person;

const CONTENT: &str = ", kind: AGREED, rating: 4, how: PHONE";
const NOT: &str = ", kind: COMPLAINT, how: IN_PERSON, words: \"没洗干净\"";

async fn fulfilled(town: &Town, who: &Person, name: &str) -> String {
    let (wish, code) = town.told("").await;
    assert_eq!(town.act(who, "takeWish", (&wish, "")).await, "BOOKED");
    let done = format!(
        ", code: \"{code}\" {}",
        town.minutes(&wish, &[(name, 30)]).await
    );
    assert_eq!(
        town.act(who, "fulfilWish", (&wish, &done)).await,
        "FULFILLED"
    );
    wish
}

on_both! {
    /// A complaint opens the wish again: nobody lends a hand any more, no minutes count, and another does it.
    async fn a_complaint_opens_it_again(db: TestDatabase) {
        let town = Town::new(db).await;
        let wish = fulfilled(&town, &town.liu, "刘洋").await;
        let wordless = ", kind: COMPLAINT, how: IN_PERSON";
        assert_eq!(town.act(&town.zhang, "recordWishWord", (&wish, wordless)).await, "REQUIRED");
        assert_eq!(town.act(&town.zhang, "recordWishWord", (&wish, ", kind: AGREED, rating: 6, how: PHONE")).await, "OUT_OF_RANGE");
        assert_eq!(town.act(&town.zhang, "recordWishWord", (&wish, NOT)).await, "OPEN");
        assert_eq!(town.act(&town.zhang, "recordWishWord", (&wish, NOT)).await, "OPEN", "a repeat is one complaint");
        let seen = town.see(&town.zhou, &wish).await;
        assert_eq!((&seen["complaints"], &seen["hands"], &seen["proof"]), (&json!(1), &json!([]), &json!(null)));
        assert_eq!(town.calls(&town.chen).await, std::slice::from_ref(&wish));
        let sql = "SELECT count(*) FROM wish_hand WHERE status = 'LEFT' AND leave_reason = '住户投诉'";
        assert_eq!(town.world.count(sql).await, 1);
        assert_eq!(town.act(&town.chen, "takeWish", (&wish, "")).await, "BOOKED");
        assert_eq!(town.act(&town.zhou, "recordWishWord", (&wish, CONTENT)).await, "NOT_FULFILLED");
    }

    /// Silence agrees after seven days, not a moment before, and is marked so; a complaint still opens it.
    async fn silence_agrees_after_seven_days(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let wish = fulfilled(&town, &town.liu, "刘洋").await;
        town.later(Duration::days(7) - Duration::milliseconds(1)).await;
        assert_eq!(close_silent_wishes(town.world.app()).await.unwrap(), 0);
        town.later(Duration::milliseconds(1)).await;
        assert_eq!(close_silent_wishes(town.world.app()).await.unwrap(), 1);
        assert_eq!(close_silent_wishes(town.world.app()).await.unwrap(), 0);
        let seen = town.see(&town.zhou, &wish).await;
        assert_eq!((&seen["status"], &seen["isSilent"], &seen["rating"]), (&json!("CLOSED"), &json!(true), &json!(null)));
        assert_eq!(town.world.audited("closeSilentWish", key(&wish)).await, 1);
        assert_eq!(town.act(&town.zhou, "recordWishWord", (&wish, CONTENT)).await, "ALREADY_FINISHED");
        assert_eq!(town.act(&town.zhou, "recordWishWord", (&wish, NOT)).await, "OPEN");
        assert_eq!(town.see(&town.zhou, &wish).await["isSilent"], false);
    }

    /// Nobody enters a word on their own work: who did it, who helped, and whoever acts for the partner.
    async fn nobody_speaks_for_their_own_work(db: TestDatabase) {
        let town = Town::new(db).await;
        let wish = fulfilled(&town, &town.qian, "钱师傅").await;
        let refused = town.world.run(&town.qian, "mutation($id: ID!) { recordWishWord(input: {wishId: $id, kind: AGREED, how: PHONE}) {
            userErrors { code } } }", json!({"id": wish})).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        partner_member::ActiveModel {
            partner_id: Set(town.alliance),
            account_id: Set(town.zhang.account),
            added_by: Set(town.zhou.account),
            ended_by: Set(Some(town.zhou.account)),
            ended_at: Set(Some(town.world.clock.now())),
            created_at: Set(town.world.clock.now()),
        }
        .insert(&town.world.raw)
        .await
        .unwrap();
        assert_eq!(town.act(&town.zhang, "recordWishWord", (&wish, CONTENT)).await, "OWN_WORD");
        assert_eq!(town.act(&town.he, "recordWishWord", (&wish, CONTENT)).await, "NOT_FOUND");
        assert_eq!(town.act(&town.liu, "recordWishWord", (&wish, CONTENT)).await, "CLOSED");
    }

    /// The last day of an open wish is its last; one that is taken on goes on.
    async fn what_nobody_takes_on_expires(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let (open, taken) = (town.wish(", expiresOn: \"2026-03-03\"").await, town.wish(", expiresOn: \"2026-03-03\"").await);
        assert_eq!(town.act(&town.liu, "takeWish", (&taken, "")).await, "BOOKED");
        // Nine in the morning of the 2nd; the 3rd ends 39 hours later.
        town.later(Duration::hours(39) - Duration::milliseconds(10)).await;
        assert_eq!(expire_wishes(town.world.app()).await.unwrap(), 0);
        town.later(Duration::milliseconds(10)).await;
        assert_eq!(town.act(&town.liu, "takeWish", (&open, "")).await, "WINDOW_PASSED");
        assert!(town.calls(&town.liu).await.is_empty());
        assert_eq!(expire_wishes(town.world.app()).await.unwrap(), 1);
        assert_eq!(town.see(&town.zhou, &open).await["status"], "EXPIRED");
        assert_eq!(town.see(&town.zhou, &taken).await["status"], "BOOKED");
        assert_eq!(town.act(&town.zhou, "withdrawWish", (&open, ", reason: \"x\"")).await, "ALREADY_FINISHED");
        assert_eq!(town.act(&town.zhou, "withdrawWish", (&taken, ", reason: \"不需要了\"")).await, "WITHDRAWN");
        assert_eq!(town.act(&town.zhou, "withdrawWish", (&taken, ", reason: \"不需要了\"")).await, "WITHDRAWN");
        assert_eq!(town.see(&town.liu, &taken).await["household"]["room"]["value"], json!(null));
    }
}
