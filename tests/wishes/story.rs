//! From an elder's words to minutes in a service record.

use chrono::Duration;
use nuanlin::ids;
use serde_json::json;

use super::town::{Town, key};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, World};

on_both! {
    /// 李奶奶 wishes for a clean air conditioner: 刘洋 takes it on, comes, proves it by her code; the grid lead enters
    /// her word and lets his minutes count.
    async fn a_volunteer_fulfils_a_wish(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.calls(&town.liu).await, std::slice::from_ref(&wish));
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

/// When the alliance comes: the 5th at nine in Shanghai, two hours.
const SLOT: &str = "2026-03-05T01:00:00Z";

on_both! {
    /// The alliance offers to clean air conditioners and range hoods; seven households of very old people book, which
    /// is all there is room for; volunteers help, every household gives its code and its word, and the board adds up.
    async fn seven_households_are_served(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let offer = town.offer(town.alliance, 1).await;
        let slot = town.open_slot(offer, (SLOT, 7)).await;
        let mut booked = Vec::new();
        for number in 1..=8 {
            let home = town.world.household(BUILDING, &format!("20{number}")).await;
            let elder = town.world.elder(home, &format!("高龄老人{number}"), &[]).await;
            let (wish, code) = town.told_by(home, elder).await;
            let status = town.book_for(&wish, slot).await;
            let last = number == 8;
            assert_eq!(status, if last { "WAITLISTED" } else { "CONFIRMED" }, "{number}");
            assert_eq!(town.see(&town.zhou, &wish).await["status"], "BOOKED");
            if last {
                assert_eq!(town.act(&town.liu, "joinWish", (&wish, "")).await, "NOT_OPEN");
            } else {
                booked.push((wish, code));
            }
        }
        // 刘洋 can be at one of them only at that time.
        assert_eq!(town.act(&town.liu, "joinWish", (&booked[0].0, "")).await, "BOOKED");
        assert_eq!(town.act(&town.liu, "joinWish", (&booked[1].0, "")).await, "TIME_CONFLICT");
        assert_eq!(town.act(&town.chen, "joinWish", (&booked[1].0, "")).await, "BOOKED");
        town.later(Duration::days(3)).await;
        for (at, (wish, code)) in booked.iter().enumerate() {
            assert_eq!(town.act(&town.sun, "beginWish", (wish, "")).await, "NOT_FOUND");
            assert_eq!(town.act(&town.qian, "beginWish", (wish, "")).await, "IN_PROGRESS");
            let minutes = match at {
                0 => town.minutes(wish, &[("刘洋", 40)]).await,
                1 => town.minutes(wish, &[("陈晨", 50)]).await,
                _ => String::new(),
            };
            let done = format!(", code: \"{code}\" {minutes}");
            assert_eq!(town.act(&town.qian, "fulfilWish", (wish, &done)).await, "FULFILLED");
            let rating = if at < 5 { 5 } else { 4 };
            let word = format!(", kind: AGREED, rating: {rating}, how: PHONE");
            assert_eq!(town.act(&town.wang, "recordWishWord", (wish, &word)).await, "CLOSED");
        }
        assert_eq!(town.world.count("SELECT count(*) FROM booking WHERE status = 'DONE'").await, 7);
        let hands = [town.hand(&booked[0].0, "刘洋").await, town.hand(&booked[1].0, "陈晨").await];
        let verify = format!("mutation {{ verifyWishHands(input: {{hands: [{{handId: \"{}\"}}, {{handId: \"{}\"}}]}}) {{
            results {{ userErrors {{ code }} }} userErrors {{ code }} }} }}", hands[0], hands[1]);
        let verified = town.world.run(&town.wang, &verify, json!({})).await;
        assert_eq!(verified.payload("verifyWishHands")["results"], json!([{"userErrors": []}, {"userErrors": []}]));
        for (who, minutes) in [(&town.liu, 40), (&town.chen, 50)] {
            let record = "{ viewer { serviceRecord(fromOn: \"2026-03-01\", toOn: \"2026-04-01\") { minutes } } }";
            let record = town.world.run(who, record, json!({})).await;
            assert_eq!(*record.data("viewer.serviceRecord.minutes"), minutes);
        }
        let board = "query($area: ID!) { wishBoard(areaId: $area, fromOn: \"2026-03-01\", toOn: \"2026-04-01\") {
            total { wishes done meanRating } byAge { age figures { wishes } }
            partners { name bookings done rated } } }";
        let area = World::id::<ids::Area>(town.world.area(COMMUNITY));
        let board = town.world.run(&town.zhou, board, json!({"area": area})).await;
        let board = board.data("wishBoard");
        assert_eq!((&board["total"]["wishes"], &board["total"]["done"]), (&json!(8), &json!(7)));
        // Five times five and twice four: 33 of seven.
        assert!((board["total"]["meanRating"].as_f64().unwrap() * 7.0 - 33.0).abs() < 1e-9);
        assert_eq!(board["byAge"], json!([{"age": "EIGHTIES", "figures": {"wishes": 8}}]));
        assert_eq!(board["partners"], json!([{"name": "周百通联盟", "bookings": 8, "done": 7, "rated": 7}]));
    }
}
