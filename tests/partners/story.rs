//! An alliance is taken on, offers to clean air conditioners, and leaves again.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::json;

use super::people::{
    ELSEWHERE, Quarter, added, area, call, catalogue, key, offer, refused, slot, slots,
};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, OTHER_GRID, World};

const ALLIANCE: &str = "周百通公益服务联盟";

on_both! {
    async fn an_alliance_is_taken_on_offers_and_leaves(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let (liu, zheng, li) = (&quarter.liu, &quarter.zheng, &quarter.li);
        let alliance = quarter.partner(&world, ALLIANCE, zheng).await;
        let mine = "{ myPartners { name status areas { name } people { name } } }";
        let shown = json!([{"name": ALLIANCE, "status": "ACTIVE",
            "areas": [{"name": "创业北路社区"}], "people": [{"name": "郑海"}]}]);
        assert_eq!(*world.run(zheng, mine, json!({})).await.data("myPartners"), shown);
        assert_eq!(*world.run(liu, mine, json!({})).await.data("myPartners"), json!([]));
        let all = "{ partners(first: 10) { totalCount edges { node { name } } } }";
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        for who in [zheng, liu, &lead] {
            assert_eq!(*world.run(who, all, json!({})).await.data("partners.totalCount"), json!(1));
        }

        // It writes a draft down, which nobody in the grids sees until the office publishes it.
        let mut input = offer(&world, &alliance, "空调清洗", GRID);
        input["priceFen"] = json!(2000);
        input["contactName"] = json!("郑海");
        input["contactPhone"] = json!("05503801234");
        input["minAge"] = json!(80);
        let id = added(&world, zheng, input).await;
        assert_eq!(catalogue(&world, zheng, "status: [DRAFT]").await, ["空调清洗"]);
        assert_eq!(catalogue(&world, liu, "category: [APPLIANCE_CLEANING]").await, ["空调清洗"]);
        assert!(catalogue(&world, li, "").await.is_empty());
        let by_itself = json!({"offerId": id, "expectedVersion": 1});
        let answer = call(&world, zheng, "publishOffer", by_itself.clone(), "").await;
        assert_eq!(answer.error_codes(), ["FORBIDDEN"]);
        // What was changed since it was looked at is not published unseen.
        let dearer = json!({"offerId": id, "expectedVersion": 1, "priceFen": 3000, "contactName": null});
        let answer = call(&world, zheng, "changeOffer", dearer, "offer { priceFen version contactName }").await;
        let told = json!({"priceFen": 3000, "version": 2, "contactName": null});
        assert_eq!(answer.payload("changeOffer")["offer"], told);
        let answer = call(&world, liu, "publishOffer", by_itself, "offer { priceFen }").await;
        assert_eq!(refused(&answer, "publishOffer"), [(Some("expectedVersion"), "VERSION_CONFLICT")]);
        assert_eq!(answer.data("publishOffer.offer.priceFen"), 3000);
        let seen = json!({"offerId": id, "expectedVersion": 2});
        let answer = call(&world, liu, "publishOffer", seen.clone(), "offer { status }").await;
        assert_eq!(answer.payload("publishOffer")["offer"]["status"], "PUBLISHED");
        assert_eq!(call(&world, liu, "publishOffer", seen, "").await.user_error_codes("publishOffer"), [""; 0]);
        assert_eq!(world.audited("publishOffer", key::<ids::ServiceOffer>(&id)).await, 1);

        // Now it stands in the grid's catalogue, and nowhere else.
        assert_eq!(catalogue(&world, li, "").await, ["空调清洗"]);
        let neighbour = world.person("赵玉", &[(Role::Volunteer, OTHER_GRID)]).await;
        assert!(catalogue(&world, &neighbour, "").await.is_empty());
        let other = format!("areaId: \"{}\"", area(&world, OTHER_GRID));
        assert!(catalogue(&world, liu, &other).await.is_empty());
        let phone = "query($id: ID!) { serviceOffer(id: $id) { partnerName contactPhone { visibility value } } }";
        for (who, visibility, value) in [
            (li, "ABSENT", json!(null)), (&lead, "FULL", json!("0550-3801234")), (zheng, "FULL", json!("0550-3801234")),
        ] {
            let answer = world.run(who, phone, json!({"id": id})).await;
            let told = json!({"partnerName": ALLIANCE, "contactPhone": {"visibility": visibility, "value": value}});
            assert_eq!(*answer.data("serviceOffer"), told);
        }
        // What is published is the office's word: the partner does not change it behind their backs.
        let cheaper = json!({"offerId": id, "expectedVersion": 3, "priceFen": 1});
        let answer = call(&world, zheng, "changeOffer", cheaper, "").await;
        assert_eq!(refused(&answer, "changeOffer"), [(Some("offerId"), "NOT_PERMITTED")]);

        // Two slots, one of which somebody books.
        let booked = slot(&world, zheng, &id, 24, 3).await;
        slot(&world, zheng, &id, 48, 3).await;
        assert_eq!(slots(&world, li, &id).await, ["03-03 09:00 3 OPEN", "03-04 09:00 3 OPEN"]);
        book(&world, &booked).await;

        // It leaves: withdrawn, nobody's any more, and only what was booked still stands.
        let input = json!({"partnerId": alliance, "reason": "合作到期"});
        let answer = call(&world, liu, "endPartner", input.clone(), "partner { status people { name } }").await;
        assert_eq!(answer.payload("endPartner")["partner"], json!({"status": "ENDED", "people": []}));
        call(&world, liu, "endPartner", input, "").await.payload("endPartner");
        assert_eq!(world.audited("endPartner", key::<ids::Partner>(&alliance)).await, 1);
        assert!(catalogue(&world, li, "").await.is_empty());
        assert!(catalogue(&world, zheng, "").await.is_empty());
        assert_eq!(catalogue(&world, liu, "status: [ENDED]").await, ["空调清洗"]);
        assert_eq!(slots(&world, liu, &id).await, ["03-03 09:00 3 OPEN", "03-04 09:00 3 CANCELLED"]);
        for (mutation, input) in [
            ("publishOffer", json!({"offerId": id, "expectedVersion": 4})),
            ("planSlots", json!({"offerId": id, "slots": []})),
        ] {
            let answer = call(&world, liu, mutation, input, "").await;
            assert_eq!(refused(&answer, mutation), [(Some("offerId"), "ALREADY_ENDED")], "{mutation}");
        }
    }

    /// Another community opens its own area to a partner whose id it was given, and closes it again.
    async fn another_community_opens_its_own_area(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, ALLIANCE, &quarter.zheng).await;
        let sun = world.person("孙丽", &[(Role::CommunityStaff, ELSEWHERE)]).await;
        let seen = "query($id: ID!) { partner(id: $id) { name areas { name } } }";
        assert_eq!(*world.run(&sun, seen, json!({"id": alliance})).await.data("partner"), json!(null));
        let there = json!({"partnerId": alliance, "areaId": area(&world, ELSEWHERE)});
        // The partner's own community says nothing about other places.
        let answer = call(&world, &quarter.liu, "openPartnerArea", there.clone(), "").await;
        assert_eq!(refused(&answer, "openPartnerArea"), [(Some("areaId"), "NOT_FOUND")]);
        let mut both = offer(&world, &alliance, "空调清洗", ELSEWHERE);
        both["areaIds"] = json!([area(&world, COMMUNITY), area(&world, ELSEWHERE)]);
        let answer = call(&world, &quarter.zheng, "addOffer", both.clone(), "").await;
        assert_eq!(refused(&answer, "addOffer"), [(Some("areaIds"), "AREA_NOT_OPENED")]);

        for _ in 0..2 {
            let answer = call(&world, &sun, "openPartnerArea", there.clone(), "partner { areas { name } }").await;
            let areas = &answer.payload("openPartnerArea")["partner"]["areas"];
            assert_eq!(areas.as_array().expect("areas").len(), 2);
        }
        assert_eq!(world.audited("openPartnerArea", key::<ids::Partner>(&alliance)).await, 1);
        let id = added(&world, &quarter.zheng, both).await;
        let only = added(&world, &quarter.zheng, offer(&world, &alliance, "油烟机清洗", ELSEWHERE)).await;
        for id in [&id, &only] {
            let input = json!({"offerId": id, "expectedVersion": 1});
            call(&world, &quarter.liu, "publishOffer", input, "").await.payload("publishOffer");
        }
        assert_eq!(catalogue(&world, &sun, "").await, ["油烟机清洗", "空调清洗"]);
        // It sees the partner, and may not rename it.
        let input = json!({"partnerId": alliance, "expectedVersion": 1, "name": "别的名字"});
        let answer = call(&world, &sun, "renamePartner", input, "").await;
        assert_eq!(refused(&answer, "renamePartner"), [(Some("partnerId"), "NOT_PERMITTED")]);

        for _ in 0..2 {
            call(&world, &sun, "closePartnerArea", there.clone(), "").await.payload("closePartnerArea");
        }
        assert!(catalogue(&world, &sun, "").await.is_empty());
        assert_eq!(catalogue(&world, &quarter.liu, "status: [PUBLISHED]").await, ["空调清洗"]);
        assert_eq!(catalogue(&world, &quarter.liu, "status: [ENDED]").await, ["油烟机清洗"]);
        // Without an area it is not published again.
        let query = "query($id: ID!) { serviceOffer(id: $id) { version areas { name } } }";
        let answer = world.run(&quarter.liu, query, json!({"id": only})).await;
        assert_eq!(*answer.data("serviceOffer.areas"), json!([]));
        let version = answer.data("serviceOffer.version");
        let input = json!({"offerId": only, "expectedVersion": version});
        let answer = call(&world, &quarter.liu, "publishOffer", input, "").await;
        assert_eq!(refused(&answer, "publishOffer"), [(Some("areaIds"), "REQUIRED")]);
    }

    /// Only an account with a grant as partner there acts for one; what it saw it sees no more at the end.
    async fn people_come_and_go(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, ALLIANCE, &quarter.zheng).await;
        let far = world.person("冯远", &[(Role::Partner, ELSEWHERE)]).await;
        for person in [&far, &quarter.li] {
            let input = json!({"partnerId": alliance, "accountId": World::id::<ids::Account>(person.account)});
            let answer = call(&world, &quarter.liu, "addPartnerPerson", input.clone(), "").await;
            assert_eq!(refused(&answer, "addPartnerPerson"), [(Some("accountId"), "NOT_ASSIGNABLE")]);
            let answer = call(&world, &quarter.liu, "endPartnerPerson", input, "").await;
            assert_eq!(refused(&answer, "endPartnerPerson"), [(Some("accountId"), "NOT_FOUND")]);
        }
        added(&world, &quarter.zheng, offer(&world, &alliance, "空调清洗", COMMUNITY)).await;
        let zheng = json!({"partnerId": alliance, "accountId": World::id::<ids::Account>(quarter.zheng.account)});
        for _ in 0..2 {
            call(&world, &quarter.liu, "endPartnerPerson", zheng.clone(), "").await.payload("endPartnerPerson");
        }
        assert!(catalogue(&world, &quarter.zheng, "").await.is_empty());
        let answer = call(&world, &quarter.zheng, "addOffer", offer(&world, &alliance, "维修", COMMUNITY), "").await;
        assert_eq!(refused(&answer, "addOffer"), [(Some("partnerId"), "NOT_FOUND")]);
        call(&world, &quarter.liu, "addPartnerPerson", zheng, "").await.payload("addPartnerPerson");
        assert_eq!(catalogue(&world, &quarter.zheng, "").await, ["空调清洗"]);
    }
}

/// Somebody has a place in a slot.
pub async fn book(world: &World, slot: &str) {
    use sea_orm::ConnectionTrait as _;
    let id = key::<ids::ServiceSlot>(slot);
    let id = if world.database.is_postgres() {
        format!("'{id}'")
    } else {
        format!("X'{}'", id.simple())
    };
    let sql = format!("UPDATE service_slot SET booked = booked + 1 WHERE id = {id}");
    let done = world.raw.execute_unprepared(&sql).await.expect(&sql);
    assert_eq!(done.rows_affected(), 1);
}
