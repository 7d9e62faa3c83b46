//! Pictures that prove a wish, and minutes that nobody verifies for themselves.

use nuanlin::ids;
use serde_json::json;

use super::town::Town;
use crate::attachments::photo;
use crate::support::database::on_both;
use crate::support::files::send;
use crate::support::world::{Person, World};

async fn sent(world: &World, who: &Person, wish: &str, number: u8) -> u16 {
    let place = format!("/attachments?wishId={wish}");
    send(world, Some(who), &place, &[], photo(number))
        .await
        .status
}

async fn pictures(world: &World, who: &Person, wish: &str) -> serde_json::Value {
    let query = "query($id: ID!) { attachments(wishId: $id) { wishId checkId kind addedBy } }";
    world
        .run(who, query, json!({"id": wish}))
        .await
        .data("attachments")
        .clone()
}

on_both! {
    /// Whoever carries it out adds a picture, which staff and they see and nobody else; it proves the wish.
    async fn a_picture_proves_it(db: TestDatabase) {
        let town = Town::new(db).await;
        let world = &town.world;
        let wish = town.wish("").await;
        assert_eq!(sent(world, &town.liu, &wish, 1).await, 404);
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        assert_eq!(sent(world, &town.chen, &wish, 1).await, 404);
        for number in [1, 1, 2, 3, 4, 5] {
            assert_eq!(sent(world, &town.liu, &wish, number).await, 201, "{number}");
        }
        assert_ne!(sent(world, &town.liu, &wish, 6).await, 201, "five are enough");
        let one = json!({"wishId": wish, "checkId": null, "kind": "JPEG", "addedBy": "刘洋"});
        for who in [&town.liu, &town.zhou, &town.wang] {
            assert_eq!(pictures(world, who, &wish).await, json!(vec![one.clone(); 5]));
        }
        for who in [&town.chen, &town.sun, &town.qian, &town.zhang] {
            assert_eq!(pictures(world, who, &wish).await, json!(null));
        }
        let minutes = town.minutes(&wish, &[("刘洋", 30)]).await;
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &minutes)).await, "FULFILLED");
        assert_eq!(town.see(&town.zhou, &wish).await["proof"], "PHOTO");
        assert_eq!(sent(world, &town.liu, &wish, 7).await, 404, "it is done");
        // What was proved before a complaint is proved no more.
        let complaint = ", kind: COMPLAINT, how: PHONE, words: \"没洗干净\"";
        assert_eq!(town.act(&town.zhou, "recordWishWord", (&wish, complaint)).await, "OPEN");
        town.world.clock.advance(chrono::Duration::seconds(1));
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let minutes = town.minutes(&wish, &[("刘洋", 30)]).await;
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &minutes)).await, "EVIDENCE_MISSING");
    }

    /// A lead who did it herself is verified by another; who has not had the household's word is not verified.
    async fn nobody_verifies_themselves(db: TestDatabase) {
        let town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.act(&town.wang, "takeWish", (&wish, "")).await, "BOOKED");
        let done = format!(", code: \"{code}\" {}", town.minutes(&wish, &[("王建国", 30)]).await);
        assert_eq!(town.act(&town.wang, "fulfilWish", (&wish, &done)).await, "FULFILLED");
        let hand = town.hand(&wish, "王建国").await;
        let unknown = World::id::<ids::WishHand>(town.home);
        let verify = async |who: &Person| {
            let query = format!("mutation {{ verifyWishHands(input: {{hands: [{{handId: \"{hand}\"}}, {{handId: \"{unknown}\"}}]}}) {{
                results {{ userErrors {{ code }} }} userErrors {{ code }} }} }}");
            let answer = town.world.run(who, &query, json!({})).await;
            answer.payload("verifyWishHands")["results"].clone()
        };
        let told = |code: &str| {
            let first = if code.is_empty() { json!([]) } else { json!([{"code": code}]) };
            json!([{"userErrors": first}, {"userErrors": [{"code": "NOT_FOUND"}]}])
        };
        assert_eq!(verify(&town.zhou).await, told("NOT_FULFILLED"));
        assert_eq!(town.act(&town.zhou, "recordWishWord", (&wish, ", kind: AGREED, how: PHONE")).await, "CLOSED");
        assert_eq!(verify(&town.wang).await, told("OWN_MINUTES"));
        assert_eq!(verify(&town.zhou).await, told(""));
        let sql = "SELECT count(*) FROM wish_hand WHERE status = 'VERIFIED' AND minutes = 30 AND verified_by IS NOT NULL";
        assert_eq!(town.world.count(sql).await, 1);
        // A CHECK holds it too.
        let own = "UPDATE wish_hand SET verified_by = account_id";
        assert!(sea_orm::ConnectionTrait::execute_unprepared(&town.world.raw, own).await.is_err());
    }
}
