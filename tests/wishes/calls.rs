//! A wish without a booking calls whoever may take it on, and nobody else knows of it.

use entity::enums::Role;
use entity::partner_area;
use nuanlin::ids;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, sea_query::Expr};
use serde_json::json;

use super::town::{Town, key, partner};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, World};

on_both! {
    /// A partner's person sees calls where the community opened a place to it, takes one on for it, and sees the
    /// household only then; another partner sees nothing of it by any path.
    async fn a_partner_takes_a_call_on(db: TestDatabase) {
        let town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.calls(&town.qian).await, std::slice::from_ref(&wish));
        assert_eq!(town.see(&town.qian, &wish).await, json!(null), "a call is no wish of theirs yet");
        let none: [String; 0] = [];
        assert_eq!(town.calls(&town.sun).await, none);
        let foreign = format!(", partnerId: \"{}\"", World::id::<ids::Partner>(town.shop));
        assert_eq!(town.act(&town.qian, "takeWish", (&wish, &foreign)).await, "NOT_FOUND");
        assert_eq!(town.act(&town.sun, "takeWish", (&wish, "")).await, "NOT_FOUND");
        assert_eq!(town.act(&town.qian, "takeWish", (&wish, "")).await, "BOOKED");
        let seen = town.see(&town.qian, &wish).await;
        assert_eq!(seen["partnerId"], World::id::<ids::Partner>(town.alliance));
        assert_eq!(seen["household"]["residents"][0]["name"]["value"], "李秀英");
        assert_eq!(town.wishes(&town.qian, "").await, std::slice::from_ref(&wish));

        assert_eq!(town.see(&town.sun, &wish).await, json!(null));
        assert_eq!(town.wishes(&town.sun, "").await, none);
        let found = town.world.run(&town.sun, "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id]) { id } }",
            json!({"id": wish})).await;
        assert_eq!((found.data("node"), found.data("nodes")), (&json!(null), &json!([null])));
        let done = format!(", code: \"{code}\"");
        for (mutation, more) in [("takeWish", ""), ("joinWish", ""), ("joinWish", ", part: DOER"),
            ("leaveWish", ", reason: \"x\""), ("giveWishBack", ", reason: \"x\""), ("beginWish", ""), ("fulfilWish", &done)] {
            assert_eq!(town.act(&town.sun, mutation, (&wish, more)).await, "NOT_FOUND", "{mutation}");
        }
        let reason = ", reason: \"设备故障\"";
        assert_eq!(town.act(&town.liu, "giveWishBack", (&wish, reason)).await, "NOT_CLAIMED_BY_YOU");
        assert_eq!(town.act(&town.qian, "giveWishBack", (&wish, reason)).await, "DONE");
        assert_eq!(town.see(&town.zhou, &wish).await["status"], "OPEN");
        assert_eq!(town.see(&town.qian, &wish).await, json!(null));
        assert_eq!(town.calls(&town.qian).await, std::slice::from_ref(&wish));
        // The place is closed to the alliance: it is called no more.
        partner_area::Entity::update_many()
            .col_expr(partner_area::Column::ClosedAt, Expr::value(town.world.clock.now()))
            .filter(partner_area::Column::PartnerId.eq(town.alliance))
            .exec(&town.world.raw)
            .await
            .unwrap();
        assert_eq!(town.calls(&town.qian).await, none);
        assert_eq!(town.act(&town.qian, "takeWish", (&wish, "")).await, "NOT_FOUND");
    }

    /// Who acts for a partner no more sees and does nothing of what they took on for it; when the partner itself ends,
    /// what it had taken on is a call again.
    async fn whoever_leaves_a_partner_leaves_its_wishes(db: TestDatabase) {
        let town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.act(&town.qian, "takeWish", (&wish, "")).await, "BOOKED");
        let alliance = World::id::<ids::Partner>(town.alliance);
        let account = World::id::<ids::Account>(town.qian.account);
        let query = "mutation($p: ID!, $a: ID!) { endPartnerPerson(input: {partnerId: $p, accountId: $a}) {
            userErrors { code } } }";
        let ended = town.world.run(&town.zhou, query, json!({"p": alliance, "a": account})).await;
        assert_eq!(ended.user_error_codes("endPartnerPerson"), [""; 0]);
        assert_eq!(town.see(&town.qian, &wish).await, json!(null));
        let done = format!(", code: \"{code}\"");
        for (mutation, more) in [("beginWish", ""), ("fulfilWish", &done), ("giveWishBack", ", reason: \"x\"")] {
            assert_eq!(town.act(&town.qian, mutation, (&wish, more)).await, "NOT_FOUND", "{mutation}");
        }
        assert_eq!(town.see(&town.zhou, &wish).await["status"], "BOOKED");
        let query = "mutation($p: ID!) { endPartner(input: {partnerId: $p, reason: \"合作到期\"}) { userErrors { code } } }";
        let ended = town.world.run(&town.zhou, query, json!({"p": alliance})).await;
        assert_eq!(ended.user_error_codes("endPartner"), [""; 0]);
        let seen = town.see(&town.zhou, &wish).await;
        assert_eq!((&seen["status"], &seen["partnerId"]), (&json!("OPEN"), &json!(null)));
        assert_eq!(town.calls(&town.liu).await, std::slice::from_ref(&wish));
    }

    /// Matched to an offer, an open wish calls that offer's partner alone, and volunteers.
    async fn a_matched_wish_calls_one_partner(db: TestDatabase) {
        let town = Town::new(db).await;
        let wu = town.world.person("吴师傅", &[(Role::Partner, COMMUNITY)]).await;
        let other = partner(&town.world, &town.zhou, ("另一家", GRID), &wu).await;
        let wish = town.wish("").await;
        assert_eq!(town.calls(&wu).await, std::slice::from_ref(&wish));
        let offer = town.offer(town.alliance, 0).await;
        let offer = format!(", expectedVersion: 2, offerId: \"{}\"", World::id::<ids::ServiceOffer>(offer));
        assert_eq!(town.act(&town.zhou, "matchWish", (&wish, &offer)).await, "OPEN");
        assert!(town.calls(&wu).await.is_empty());
        assert_eq!(town.act(&wu, "takeWish", (&wish, "")).await, "NOT_FOUND");
        for who in [&town.qian, &town.liu] {
            assert_eq!(town.calls(who).await, std::slice::from_ref(&wish));
        }
        let shop = town.offer(town.shop, 0).await;
        let unknown = format!(", expectedVersion: 3, offerId: \"{}\"", World::id::<ids::ServiceOffer>(other));
        assert_eq!(town.act(&town.zhou, "matchWish", (&wish, &unknown)).await, "NOT_FOUND");
        let shop = format!(", expectedVersion: 2, offerId: \"{}\"", World::id::<ids::ServiceOffer>(shop));
        assert_eq!(town.act(&town.zhou, "matchWish", (&wish, &shop)).await, "VERSION_CONFLICT");
        assert_eq!(town.act(&town.qian, "takeWish", (&wish, "")).await, "BOOKED");
        assert_eq!(town.world.audited("matchWish", key(&wish)).await, 1);
    }

    /// Whoever has promised to be somewhere promises nothing else for that time, a visit or a wish.
    async fn nobody_is_in_two_places(db: TestDatabase) {
        let town = Town::new(db).await;
        let (first, second) = (town.wish("").await, town.wish("").await);
        let at = |from: &str, until: &str| format!(", startsAt: \"2026-03-03T{from}:00Z\", endsAt: \"2026-03-03T{until}:00Z\"");
        assert_eq!(town.act(&town.liu, "takeWish", (&first, &at("01:00", "03:00"))).await, "BOOKED");
        assert_eq!(town.act(&town.liu, "takeWish", (&second, &at("02:59", "04:00"))).await, "TIME_CONFLICT");
        let task = town.world.open_task(&town.wang, town.home).await;
        let claim = "mutation($id: ID!, $at: DateTime!) { claimVisitTask(input: {visitTaskId: $id, appointedAt: $at}) {
            userErrors { field code } } }";
        let id = World::id::<ids::VisitTask>(task);
        let claimed = async |at: &str| {
            let answer = town.world.run(&town.liu, claim, json!({"id": id, "at": at})).await;
            answer.user_error_codes("claimVisitTask").into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(claimed("2026-03-03T02:30:00Z").await, ["TIME_CONFLICT"]);
        assert_eq!(claimed("2026-03-03T03:00:00Z").await, [""; 0]);
        assert_eq!(town.act(&town.liu, "takeWish", (&second, &at("03:10", "04:00"))).await, "TIME_CONFLICT");
        assert_eq!(town.act(&town.liu, "takeWish", (&second, &at("04:00", "03:00"))).await, "WINDOW_INVALID");
        assert_eq!(town.act(&town.liu, "takeWish", (&second, &at("00:00", "01:00"))).await, "BOOKED");
        assert_eq!(town.act(&town.chen, "takeWish", (&first, &at("01:00", "03:00"))).await, "ALREADY_CLAIMED");
    }
}
