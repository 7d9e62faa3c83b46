//! From an elder's words to minutes in a service record.

use chrono::Duration;
use serde_json::json;

use super::town::{Town, key};
use crate::support::database::on_both;

on_both! {
    /// 李奶奶 wishes for a clean air conditioner: 刘洋 takes it on, comes, proves it by her code; the grid lead enters
    /// her word and lets his minutes count.
    async fn a_volunteer_fulfils_a_wish(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.calls(&town.liu).await, [wish.clone()]);
        let masked = town.see(&town.liu, &wish).await;
        assert_eq!(masked["household"], json!({"room": {"value": null},
            "residents": [{"name": {"value": null, "masked": "李**"}, "salutation": "李奶奶"}]}));
        assert_eq!((&masked["notes"]["value"], &masked["onBehalfOfId"]), (&json!(null), &json!(null)));

        let taking = ", startsAt: \"2026-03-03T01:00:00Z\", endsAt: \"2026-03-03T03:00:00Z\"";
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, taking)).await, "BOOKED");
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, taking)).await, "BOOKED", "a repeat is the same");
        assert_eq!(town.act(&town.chen, "takeWish", (&wish, "")).await, "ALREADY_CLAIMED");
        assert!(town.calls(&town.chen).await.is_empty());
        let open = town.see(&town.liu, &wish).await;
        assert_eq!(open["household"]["room"]["value"], "101");
        assert_eq!(open["household"]["residents"][0]["name"]["value"], "李秀英");
        assert_eq!(open["notes"]["value"], "门铃坏了，请敲门");
        assert_eq!(town.see(&town.chen, &wish).await["household"]["room"]["value"], json!(null));

        town.later(Duration::hours(24)).await;
        assert_eq!(town.act(&town.liu, "beginWish", (&wish, "")).await, "IN_PROGRESS");
        town.world.clock.advance(Duration::minutes(9));
        let done = format!(", code: \"{code}\" {}", town.minutes(&wish, &[("刘洋", 45)]).await);
        assert_eq!(town.act(&town.chen, "fulfilWish", (&wish, &done)).await, "NOT_CLAIMED_BY_YOU");
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &done)).await, "FULFILLED");
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &done)).await, "FULFILLED");
        let hidden = town.see(&town.liu, &wish).await;
        assert_eq!(hidden["household"]["room"]["value"], json!(null), "what is done needs no door");
        assert_eq!(hidden["proof"], "CODE");

        let agreed = ", kind: AGREED, rating: 5, how: PHONE, words: \"洗得很干净\"";
        assert_eq!(town.act(&town.liu, "recordWishWord", (&wish, agreed)).await, "OWN_WORD");
        assert_eq!(town.act(&town.wang, "recordWishWord", (&wish, agreed)).await, "CLOSED");
        assert_eq!(town.act(&town.wang, "recordWishWord", (&wish, agreed)).await, "CLOSED");
        let closed = town.see(&town.wang, &wish).await;
        assert_eq!((&closed["rating"], &closed["isSilent"]), (&json!(5), &json!(false)));
        assert_eq!(closed["householdWords"],
            json!([{"kind": "AGREED", "rating": 5, "words": {"value": "洗得很干净"}}]));
        assert_eq!(town.see(&town.liu, &wish).await["householdWords"], json!([]), "her words are for staff");

        // Nine minutes and an hour beside: not more than 69.
        let hand = town.hand(&wish, "刘洋").await;
        for (minutes, told) in [("70", json!(["OUT_OF_RANGE"])), ("45", json!([])), ("45", json!([])), ("46", json!(["ALREADY_SETTLED"]))] {
            let verify = format!("mutation {{ verifyWishHands(input: {{hands: [{{handId: \"{hand}\", minutes: {minutes}}}]}}) {{
                results {{ userErrors {{ code }} }} userErrors {{ code }} }} }}");
            let answer = town.world.run(&town.wang, &verify, json!({})).await;
            let results = answer.payload("verifyWishHands")["results"][0]["userErrors"].clone();
            let codes: Vec<_> = results.as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
            assert_eq!(json!(codes), told, "{minutes}");
        }
        let record = "{ viewer { serviceRecord(fromOn: \"2026-03-01\", toOn: \"2026-04-01\") { minutes minutesEver
            wishes { wishId on category part minutes } entries { minutes } } } }";
        let record = town.world.run(&town.liu, record, json!({})).await;
        assert_eq!(*record.data("viewer.serviceRecord"), json!({"minutes": 45, "minutesEver": 45, "entries": [],
            "wishes": [{"wishId": wish, "on": "2026-03-03", "category": "APPLIANCE_CLEANING", "part": "DOER",
                "minutes": 45}]}));
        for (action, times) in [("recordWish", 1), ("takeWish", 1), ("beginWish", 1), ("fulfilWish", 1),
            ("recordWishWord", 1), ("verifyWishHands", 1)] {
            assert_eq!(town.world.audited(action, key(&wish)).await, times, "{action}");
        }
        assert_eq!(town.world.changed(key(&wish)).await, 6);
    }
}
