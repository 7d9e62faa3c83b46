//! One partner sees nothing of another's, by whatever path.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{ELSEWHERE, Quarter, added, area, call, catalogue, offer, refused, slot, text};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, World};

on_both! {
    async fn a_partner_sees_its_own_alone(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let (zheng, qian) = (&quarter.zheng, &quarter.qian);
        let theirs = quarter.partner(&world, "周百通公益服务联盟", zheng).await;
        let own = quarter.partner(&world, "惠民维修部", qian).await;
        let offered = quarter.published(&world, &theirs, "空调清洗").await;
        let booked = slot(&world, zheng, &offered, 24, 3).await;
        let series = json!({"offerId": offered, "recurrence": "FREQ=DAILY", "startsOn": "2026-03-03", "beginMinute": 60,
            "minutes": 60, "capacity": 1});
        let series = call(&world, zheng, "planSlotSeries", series, "series { id }").await;
        let series = text(&series.payload("planSlotSeries")["series"]["id"]);
        added(&world, qian, offer(&world, &own, "水电维修", COMMUNITY)).await;

        // Lists and counts, filtered or not.
        let query = "query($partner: ID!, $offer: ID!) {
            partners(first: 9) { totalCount edges { node { name } } }
            serviceOffers(first: 9) { totalCount edges { node { title } } }
            theirs: serviceOffers(first: 9, filter: {partnerId: $partner}) { totalCount edges { node { title } } }
            serviceSlots(first: 9) { totalCount edges { node { id } } }
            slots: serviceSlots(first: 9, filter: {offerId: $offer}) { totalCount edges { node { id } } }
            slotSeries(offerId: $offer) { id }
        }";
        let answer = world.run(qian, query, json!({"partner": theirs, "offer": offered})).await;
        assert_eq!(*answer.data("partners.edges"), json!([{"node": {"name": "惠民维修部"}}]));
        assert_eq!(*answer.data("serviceOffers.edges"), json!([{"node": {"title": "水电维修"}}]));
        for (path, count) in [("partners", 1), ("serviceOffers", 1), ("theirs", 0), ("serviceSlots", 0), ("slots", 0)] {
            assert_eq!(*answer.data(&format!("{path}.totalCount")), json!(count), "{path}");
        }
        assert_eq!(*answer.data("slotSeries"), json!([]));
        // By id.
        let query = "query($partner: ID!, $offer: ID!, $slot: ID!, $all: [ID!]!) {
            partner(id: $partner) { id } serviceOffer(id: $offer) { id } serviceSlot(id: $slot) { id } nodes(ids: $all) { id } }";
        let ids = json!({"partner": theirs, "offer": offered, "slot": booked, "all": [theirs, offered, booked]});
        let answer = world.run(qian, query, ids.clone()).await;
        assert_eq!(answer.json["data"], json!({"partner": null, "serviceOffer": null, "serviceSlot": null,
            "nodes": [null, null, null]}));
        let answer = world.run(zheng, query, ids).await;
        assert_eq!(answer.data("nodes.2.id"), &json!(booked));
        let preview = "query($id: ID!) { changeSlotSeriesPreview(seriesId: $id, change: {capacity: 2}) { madeOn } }";
        let answer = world.run(qian, preview, json!({"id": series})).await;
        assert_eq!(answer.error_codes(), ["BAD_USER_INPUT"]);
        // By what is done.
        for (mutation, field, input) in [
            ("addOffer", "partnerId", offer(&world, &theirs, "别的", COMMUNITY)),
            ("changeOffer", "offerId", json!({"offerId": offered, "expectedVersion": 2, "priceFen": 1})),
            ("planSlots", "offerId", json!({"offerId": offered, "slots": []})),
            ("planSlotSeries", "offerId", json!({"offerId": offered, "recurrence": "FREQ=DAILY",
                "startsOn": "2026-03-03", "beginMinute": 60, "minutes": 60, "capacity": 1})),
            ("changeSlotSeries", "seriesId", json!({"seriesId": series, "expectedVersion": 1, "change": {"capacity": 2},
                "reason": "x"})),
            ("endSlotSeries", "seriesId", json!({"seriesId": series, "reason": "x"})),
        ] {
            let answer = call(&world, qian, mutation, input, "").await;
            assert_eq!(refused(&answer, mutation), [(Some(field), "NOT_FOUND")], "{mutation}");
        }
        for mutation in ["publishOffer", "withdrawOffer", "endPartner", "openPartnerArea", "addPartnerPerson"] {
            let input: Value = match mutation {
                "publishOffer" => json!({"offerId": offered, "expectedVersion": 2}),
                "withdrawOffer" => json!({"offerId": offered, "reason": "x"}),
                "endPartner" => json!({"partnerId": theirs, "reason": "x"}),
                "openPartnerArea" => json!({"partnerId": theirs, "areaId": area(&world, COMMUNITY)}),
                _ => json!({"partnerId": theirs, "accountId": World::id::<ids::Account>(qian.account)}),
            };
            assert_eq!(call(&world, qian, mutation, input, "").await.error_codes(), ["FORBIDDEN"], "{mutation}");
        }
    }

    /// A partner's person who helps as a volunteer too sees the catalogue as one, and no more than that.
    async fn another_role_opens_what_it_opens(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let theirs = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        quarter.published(&world, &theirs, "空调清洗").await;
        added(&world, &quarter.zheng, offer(&world, &theirs, "油烟机清洗", COMMUNITY)).await;
        let both = [(Role::Partner, COMMUNITY), (Role::Volunteer, COMMUNITY)];
        let wu = world.person("吴双", &both).await;
        quarter.partner(&world, "惠民维修部", &wu).await;
        // A volunteer of the whole community sees no draft either.
        assert_eq!(catalogue(&world, &wu, "").await, ["空调清洗"]);
        // Membership without the grant opens nothing.
        let moved = world.signed_in(quarter.zheng.account, 1, vec![(Role::Partner, world.area(ELSEWHERE))]).await;
        assert!(catalogue(&world, &moved, "").await.is_empty());
        assert_eq!(catalogue(&world, &quarter.zheng, "").await, ["油烟机清洗", "空调清洗"]);
    }
}
