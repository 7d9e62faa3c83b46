//! What an offer says, and what it cannot say.

use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Quarter, added, area, call, catalogue, key, offer, refused};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, World};

const ALLIANCE: &str = "周百通公益服务联盟";

on_both! {
    async fn what_no_offer_can_say_is_refused_and_changes_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, ALLIANCE, &quarter.zheng).await;
        let id = added(&world, &quarter.zheng, offer(&world, &alliance, "空调清洗", COMMUNITY)).await;
        let query = "query($id: ID!) { serviceOffer(id: $id) { version title priceFen circumstances areas { code } } }";
        let before = world.run(&quarter.zheng, query, json!({"id": id})).await.json;
        for (field, value, code) in [
            ("title", json!(" "), "REQUIRED"),
            ("title", json!("长".repeat(61)), "TOO_LONG"),
            ("priceFen", json!(-1), "OUT_OF_RANGE"),
            ("minAge", json!(121), "OUT_OF_RANGE"),
            // Whoever books would learn who belongs to one.
            ("circumstances", json!(["LIVES_ALONE", "SPECIAL_FAMILY"]), "OUT_OF_RANGE"),
            ("minutes", json!(0), "OUT_OF_RANGE"),
            ("hands", json!(21), "OUT_OF_RANGE"),
            ("cutoffMinutes", json!(-1), "OUT_OF_RANGE"),
            ("confirmMinutes", json!(1), "OUT_OF_RANGE"),
            ("validUntilOn", json!("2026-03-01"), "WINDOW_INVALID"),
            ("contactPhone", json!("12"), "PHONE_INVALID"),
            ("areaIds", json!([]), "REQUIRED"),
            ("areaIds", json!([area(&world, "341102006004")]), "AREA_NOT_OPENED"),
            ("areaIds", json!(["x"]), "NOT_FOUND"),
        ] {
            let mut new = offer(&world, &alliance, "油烟机清洗", COMMUNITY);
            new[field] = value.clone();
            let answer = call(&world, &quarter.zheng, "addOffer", new, "").await;
            assert_eq!(refused(&answer, "addOffer"), [(Some(field), code)]);
            let mut edit = json!({"offerId": id, "expectedVersion": 1});
            edit[field] = value;
            let answer = call(&world, &quarter.zheng, "changeOffer", edit, "").await;
            assert_eq!(refused(&answer, "changeOffer"), [(Some(field), code)]);
        }
        assert_eq!(world.run(&quarter.zheng, query, json!({"id": id})).await.json, before);
        let taken = offer(&world, &alliance, "空调清洗", GRID);
        let answer = call(&world, &quarter.zheng, "addOffer", taken, "").await;
        assert_eq!(refused(&answer, "addOffer"), [(Some("title"), "NAME_TAKEN")]);
        assert_eq!(catalogue(&world, &quarter.zheng, "").await, ["空调清洗"]);
        // A partner of the same name neither.
        let input = json!({"areaId": area(&world, COMMUNITY), "name": ALLIANCE});
        let answer = call(&world, &quarter.liu, "addPartner", input, "").await;
        assert_eq!(refused(&answer, "addPartner"), [(Some("name"), "NAME_TAKEN")]);
        // Nor one that a grid takes on.
        let input = json!({"areaId": area(&world, GRID), "name": "理发店"});
        let answer = call(&world, &quarter.liu, "addPartner", input, "").await;
        assert_eq!(refused(&answer, "addPartner"), [(Some("areaId"), "AREA_UNFIT")]);
    }

    /// What a phone sends again under the same id or key is the same thing, and anything else is not.
    async fn what_is_repeated_is_one(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let partner = |name: &str, id: uuid::Uuid| json!({"id": id, "areaId": area(&world, COMMUNITY), "name": name});
        let id = world.clock.new_id();
        let twice = async |who, mutation: &str, input: Value, other: Value| {
            for _ in 0..2 {
                let answer = call(&world, who, mutation, input.clone(), "").await;
                assert_eq!(refused(&answer, mutation), [], "{mutation}");
            }
            let answer = call(&world, who, mutation, other, "").await;
            assert_eq!(refused(&answer, mutation), [(Some("id"), "ID_TAKEN")], "{mutation}");
        };
        twice(&quarter.liu, "addPartner", partner("周百通", id), partner("别的", id)).await;
        assert_eq!(world.audited("addPartner", id).await, 1);

        let alliance = World::id::<ids::Partner>(id);
        let id = world.clock.new_id();
        let mut input = offer(&world, &alliance, "空调清洗", COMMUNITY);
        input["id"] = json!(id);
        input["contactPhone"] = json!("13812341234");
        input["areaIds"] = json!([area(&world, GRID), area(&world, COMMUNITY), area(&world, GRID)]);
        let mut other = input.clone();
        other["contactPhone"] = json!("13812340000");
        twice(&quarter.liu, "addOffer", input, other).await;
        assert_eq!(world.audited("addOffer", id).await, 1);

        let offer = World::id::<ids::ServiceOffer>(id);
        let id = world.clock.new_id();
        let slot = |capacity: i32| {
            let slot = json!({"id": id, "startsAt": "2026-03-05T01:00:00Z", "endsAt": "2026-03-05T02:00:00Z",
                "capacity": capacity});
            json!({"offerId": offer, "slots": [slot]})
        };
        let shown = "results { slot { capacity } userErrors { code } }";
        for (capacity, told) in [(2, json!([])), (2, json!([])), (3, json!([{"code": "ID_TAKEN"}]))] {
            let answer = call(&world, &quarter.liu, "planSlots", slot(capacity), shown).await;
            assert_eq!(answer.payload("planSlots")["results"][0]["userErrors"], told);
        }
        assert_eq!(world.count("SELECT count(*) FROM service_slot").await, 1);
        let mut keyed = slot(2);
        keyed["idempotencyKey"] = json!(world.clock.new_id());
        keyed["slots"][0].as_object_mut().expect("a slot").remove("id");
        for _ in 0..2 {
            let answer = call(&world, &quarter.liu, "planSlots", keyed.clone(), shown).await;
            assert_eq!(answer.payload("planSlots")["results"][0]["slot"], json!({"capacity": 2}));
        }
        assert_eq!(world.count("SELECT count(*) FROM service_slot").await, 2);
        assert_eq!(world.audited("planSlots", key::<ids::ServiceOffer>(&offer)).await, 2);
    }

    /// Of many slots each is judged by itself.
    async fn a_slot_that_is_refused_leaves_the_others(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, ALLIANCE, &quarter.zheng).await;
        let mut input = offer(&world, &alliance, "空调清洗", COMMUNITY);
        input["validUntilOn"] = json!("2026-03-31");
        let id = added(&world, &quarter.zheng, input).await;
        let slot = |from: &str, to: &str, capacity: i32| json!({"startsAt": from, "endsAt": to, "capacity": capacity});
        let day = |time: &str| format!("2026-03-05T{time}:00Z");
        let slots = [
            slot(&day("01:00"), &day("02:00"), 1),
            slot(&day("02:00"), &day("02:00"), 1),
            slot(&day("02:00"), &day("03:00"), 0),
            slot("2026-03-01T01:00:00Z", "2026-03-01T02:00:00Z", 1),
            slot("2026-04-01T01:00:00Z", "2026-04-01T02:00:00Z", 1),
        ];
        let input = json!({"offerId": id, "slots": slots});
        let shown = "results { slot { remaining waiting place offer { title } } userErrors { code } }";
        let answer = call(&world, &quarter.zheng, "planSlots", input, shown).await;
        let results = answer.payload("planSlots")["results"].as_array().expect("results");
        let slot = json!({"remaining": 1, "waiting": 0, "place": null, "offer": {"title": "空调清洗"}});
        assert_eq!(results[0], json!({"slot": slot, "userErrors": []}));
        for (at, code) in [(1, "WINDOW_INVALID"), (2, "OUT_OF_RANGE"), (3, "DAY_PAST"), (4, "OUT_OF_RANGE")] {
            assert_eq!(results[at], json!({"slot": null, "userErrors": [{"code": code}]}), "{at}");
        }
        let none = json!({"offerId": id, "slots": []});
        let answer = call(&world, &quarter.zheng, "planSlots", none, "").await;
        assert_eq!(refused(&answer, "planSlots"), [(Some("slots"), "OUT_OF_RANGE")]);
    }
}
