//! Offers of several partners under one name.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Quarter, added, area, call, key, offer, refused, text};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, FAR_BUILDING, GRID, Person, World};

/// Each package that somebody sees, with the titles of its offers.
async fn packages(world: &World, who: &Person) -> Value {
    let query = "{ servicePackages(first: 9) { totalCount edges { node { title status offers { title } } } } }";
    let answer = world.run(who, query, json!({})).await;
    let edges = answer
        .data("servicePackages.edges")
        .as_array()
        .expect("edges");
    assert_eq!(
        *answer.data("servicePackages.totalCount"),
        json!(edges.len())
    );
    let told = edges.iter().map(|edge| {
        let titles = edge["node"]["offers"].as_array().expect("offers").iter();
        let titles: Vec<_> = titles.map(|offer| offer["title"].clone()).collect();
        json!([edge["node"]["title"], titles])
    });
    told.collect()
}

on_both! {
    async fn a_package_shows_what_each_may_see(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let (liu, li) = (&quarter.liu, &quarter.li);
        let alliance = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        let market = quarter.partner(&world, "惠民超市", &quarter.qian).await;
        let cleaning = quarter.published(&world, &alliance, "空调清洗").await;
        let shopping = added(&world, &quarter.qian, offer(&world, &market, "日用品代购", GRID)).await;
        let input = json!({"areaId": area(&world, COMMUNITY), "title": "便民服务套餐",
            "offerIds": [shopping, cleaning, shopping]});
        let made = call(&world, liu, "addPackage", input.clone(), "package { id version }").await;
        let package = made.payload("addPackage")["package"].clone();
        let id = text(&package["id"]);
        let both = json!([["便民服务套餐", ["日用品代购", "空调清洗"]]]);
        assert_eq!(packages(&world, liu).await, both);
        assert_eq!(packages(&world, li).await, json!([]));
        let publish = |version: i32| json!({"packageId": id, "expectedVersion": version});
        for _ in 0..2 {
            call(&world, liu, "publishPackage", publish(1), "").await.payload("publishPackage");
        }
        assert_eq!(world.audited("publishPackage", key::<ids::ServicePackage>(&id)).await, 1);
        // 惠民超市's service is a draft still.
        assert_eq!(packages(&world, li).await, json!([["便民服务套餐", ["空调清洗"]]]));
        assert_eq!(packages(&world, &quarter.zheng).await, json!([]), "a partner sees no other's");
        let far = world.person("冯远", &[(Role::CenterHousehold, FAR_BUILDING)]).await;
        assert_eq!(packages(&world, &far).await, json!([]));
        let input = json!({"offerId": shopping, "expectedVersion": 1});
        call(&world, liu, "publishOffer", input, "").await.payload("publishOffer");
        assert_eq!(packages(&world, li).await, both);
        let node = "query($id: ID!) { node(id: $id) { id } servicePackage(id: $id) { title } }";
        let answer = world.run(li, node, json!({"id": id})).await;
        assert_eq!(*answer.data("servicePackage.title"), json!("便民服务套餐"));
        assert_eq!(*answer.data("node.id"), json!(id));

        for (field, value, code) in [
            ("title", json!(""), "REQUIRED"),
            ("offerIds", json!([]), "REQUIRED"),
            ("offerIds", json!([World::id::<ids::ServiceOffer>(world.clock.new_id())]), "NOT_FOUND"),
            ("description", json!("长".repeat(501)), "TOO_LONG"),
        ] {
            let mut edit = json!({"packageId": id, "expectedVersion": 2});
            edit[field] = value;
            let answer = call(&world, liu, "changePackage", edit, "").await;
            assert_eq!(refused(&answer, "changePackage"), [(Some(field), code)]);
        }
        let input = json!({"areaId": area(&world, COMMUNITY), "title": "便民服务套餐", "offerIds": [cleaning]});
        let answer = call(&world, liu, "addPackage", input, "").await;
        assert_eq!(refused(&answer, "addPackage"), [(Some("title"), "NAME_TAKEN")]);
        let edit = json!({"packageId": id, "expectedVersion": 2, "title": "暖邻套餐", "offerIds": [cleaning]});
        let changed = call(&world, liu, "changePackage", edit.clone(), "package { version }").await;
        assert_eq!(changed.payload("changePackage")["package"], json!({"version": 3}));
        let late = call(&world, liu, "changePackage", edit, "package { version }").await;
        assert_eq!(refused(&late, "changePackage"), [(Some("expectedVersion"), "VERSION_CONFLICT")]);
        assert_eq!(packages(&world, li).await, json!([["暖邻套餐", ["空调清洗"]]]));
        let input = json!({"packageId": id, "reason": "活动结束"});
        for _ in 0..2 {
            call(&world, liu, "withdrawPackage", input.clone(), "").await.payload("withdrawPackage");
        }
        assert_eq!(packages(&world, li).await, json!([]));
        assert_eq!(packages(&world, liu).await, json!([["暖邻套餐", ["空调清洗"]]]));
    }
}
