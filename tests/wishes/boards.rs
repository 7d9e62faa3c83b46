//! Boards: every breakdown adds up, and the public one tells of no few.

use std::collections::BTreeMap;

use entity::enums::{AskedHow, BookingStatus, ServiceCategory, WishStatus, WishUrgency};
use entity::{booking, wish};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _, Iterable as _};
use serde_json::{Value, json};

use super::town::{Town, key};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, OTHER_BUILDING, World};

const BOARD: &str =
    "query($area: ID!) { wishBoard(areaId: $area, fromOn: \"2026-03-01\", toOn: \"2026-04-01\") {
    total { wishes states { status count } done wanted fulfilmentRate rated meanRating }
    byArea { area { code } figures { wishes done wanted rated } }
    byCategory { category figures { wishes done wanted rated } }
    byAge { age figures { wishes done wanted rated } } waiting { waited count }
    partners { name bookings done noShow cancelledByPartner rated meanRating } } }";

/// Wishes of any kind and state in three buildings, from a number; what was planted, by area, category and state.
async fn planted(
    town: &Town,
    many: u64,
) -> Vec<(&'static str, ServiceCategory, WishStatus, Option<i32>)> {
    let world = &town.world;
    let mut homes = Vec::new();
    for building in [BUILDING, OTHER_BUILDING, FAR_BUILDING] {
        homes.push((building, world.household(building, "901").await));
    }
    let categories: Vec<_> = ServiceCategory::iter().collect();
    let every: Vec<_> = WishStatus::iter().collect();
    let (mut seed, mut planted) = (7_u64, Vec::new());
    let mut draw = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..many {
        let (building, home) = homes[draw(3)];
        let (category, status) = (categories[draw(categories.len())], every[draw(every.len())]);
        let rating = (status == WishStatus::Closed).then(|| i32::try_from(draw(5)).unwrap() + 1);
        let asks = draw(2) == 0 && building == BUILDING;
        let now = world.clock.now();
        wish::ActiveModel {
            id: Set(world.clock.new_id()),
            household_id: Set(home),
            resident_id: Set(asks.then_some(town.elder)),
            area_id: Set(world.area(building)),
            grid_id: Set(world.area(&building[..building.len() - 3])),
            category: Set(category),
            words: Set("愿望".to_owned()),
            urgency: Set(WishUrgency::Normal),
            status: Set(status),
            how: Set(AskedHow::Phone),
            recorded_by: Set(town.zhou.account),
            hands: Set(0),
            code_tries: Set(0),
            is_silent: Set(false),
            rating: Set(rating),
            complaints: Set(0),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&world.raw)
        .await
        .expect("a wish");
        planted.push((building, category, status, rating));
    }
    planted
}

fn sums(rows: &Value) -> [i64; 4] {
    let rows = rows.as_array().expect("rows");
    ["wishes", "done", "wanted", "rated"].map(|name| {
        rows.iter()
            .map(|row| row["figures"][name].as_i64().expect("a number"))
            .sum()
    })
}

on_both! {
    /// Each breakdown adds up to the whole, which is what counting by hand says.
    async fn every_breakdown_adds_up(db: TestDatabase) {
        let town = Town::new(db).await;
        let planted = planted(&town, 300).await;
        let here: Vec<_> = planted.into_iter().filter(|(building, ..)| *building != FAR_BUILDING).collect();
        let area = World::id::<ids::Area>(town.world.area(COMMUNITY));
        let board = town.world.run(&town.zhou, BOARD, json!({"area": area})).await.data("wishBoard").clone();
        let is = |wanted: &[WishStatus]| {
            i64::try_from(here.iter().filter(|(_, _, status, _)| wanted.contains(status)).count()).unwrap()
        };
        let ratings: Vec<i64> = here.iter().filter_map(|(.., rating)| rating.map(i64::from)).collect();
        let all = i64::try_from(here.len()).unwrap();
        let done = is(&[WishStatus::Fulfilled, WishStatus::Closed]);
        let wanted = all - is(&[WishStatus::Withdrawn]);
        let rated = i64::try_from(ratings.len()).unwrap();
        let total = &board["total"];
        let told = ["wishes", "done", "wanted", "rated"].map(|name| total[name].as_i64().unwrap());
        assert_eq!(told, [all, done, wanted, rated]);
        let near = |told: &Value, part: i64, whole: i64| {
            let exact = |number: i64| f64::from(i32::try_from(number).unwrap());
            (told.as_f64().unwrap() * exact(whole) - exact(part)).abs() < 1e-6
        };
        assert!(near(&total["fulfilmentRate"], done, wanted));
        assert!(near(&total["meanRating"], ratings.iter().sum(), rated));
        for rows in ["byArea", "byCategory", "byAge"] {
            assert_eq!(sums(&board[rows]), told, "{rows}");
        }
        let mut states: BTreeMap<String, i64> = BTreeMap::new();
        for row in total["states"].as_array().unwrap() {
            states.insert(row["status"].as_str().unwrap().to_owned(), row["count"].as_i64().unwrap());
        }
        assert_eq!(states.values().sum::<i64>(), all);
        let waiting: i64 = board["waiting"].as_array().unwrap().iter().map(|row| row["count"].as_i64().unwrap()).sum();
        assert_eq!(waiting, is(&[WishStatus::Open]));
        // All lie in the first compound.
        assert_eq!(board["byArea"].as_array().unwrap().len(), 1);
        assert_eq!(board["byArea"][0]["area"]["code"], "341102006003.01");
    }

    /// Two partners' work stands side by side; a board elsewhere is nobody's, and volunteers have none.
    async fn partners_stand_side_by_side(db: TestDatabase) {
        let town = Town::new(db).await;
        let (ours, theirs) = (town.offer(town.alliance, 0).await, town.offer(town.shop, 0).await);
        for (offer, status, rating) in [
            (ours, BookingStatus::Done, Some(5)),
            (ours, BookingStatus::Done, Some(4)),
            (ours, BookingStatus::NoShow, None),
            (theirs, BookingStatus::Confirmed, None),
        ] {
            let wish = town.wish("").await;
            let id = town.book(&wish, offer, BookingStatus::Confirmed).await;
            let row = booking::Entity::find_by_id(id).one(&town.world.raw).await.unwrap().unwrap();
            let wish = wish::Entity::find_by_id(row.wish_id).one(&town.world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            row.status = Set(status);
            row.update(&town.world.raw).await.unwrap();
            let mut wish = wish.into_active_model();
            wish.rating = Set(rating);
            wish.update(&town.world.raw).await.unwrap();
        }
        let area = World::id::<ids::Area>(town.world.area(COMMUNITY));
        let board = town.world.run(&town.zhou, BOARD, json!({"area": area})).await;
        assert_eq!(board.data("wishBoard")["partners"], json!([
            {"name": "便民超市", "bookings": 1, "done": 0, "noShow": 0, "cancelledByPartner": 0, "rated": 0, "meanRating": null},
            {"name": "周百通联盟", "bookings": 3, "done": 2, "noShow": 1, "cancelledByPartner": 0, "rated": 2, "meanRating": 4.5},
        ]));
        let far = World::id::<ids::Area>(town.world.area("341102006004"));
        assert_eq!(*town.world.run(&town.zhou, BOARD, json!({"area": far})).await.data("wishBoard"), json!(null));
        assert_eq!(town.world.run(&town.liu, BOARD, json!({"area": area})).await.error_codes(), ["FORBIDDEN"]);
    }

    /// After a complaint another partner did it and was rated: the stars are not those of whoever did it first.
    async fn stars_are_of_who_did_it_last(db: TestDatabase) {
        let town = Town::new(db).await;
        let (ours, theirs) = (town.offer(town.alliance, 0).await, town.offer(town.shop, 0).await);
        let wish = town.wish("").await;
        for offer in [ours, ours, theirs] {
            town.world.clock.advance(chrono::Duration::seconds(1));
            town.book(&wish, offer, BookingStatus::Done).await;
        }
        let row = wish::Entity::find_by_id(key(&wish)).one(&town.world.raw).await.unwrap().unwrap();
        let mut row = row.into_active_model();
        row.rating = Set(Some(5));
        row.update(&town.world.raw).await.unwrap();
        let area = json!({"area": World::id::<ids::Area>(town.world.area(COMMUNITY))});
        let board = town.world.run(&town.zhou, BOARD, area).await;
        assert_eq!(board.data("wishBoard")["partners"], json!([
            {"name": "便民超市", "bookings": 1, "done": 1, "noShow": 0, "cancelledByPartner": 0, "rated": 1, "meanRating": 5.0},
            {"name": "周百通联盟", "bookings": 2, "done": 2, "noShow": 0, "cancelledByPartner": 0, "rated": 0, "meanRating": null},
        ]));
    }

    /// The screen tells nothing of four wishes, and of nine what cannot be told apart.
    async fn the_public_board_tells_of_no_few(db: TestDatabase) {
        let town = Town::new(db).await;
        let query = "query($area: ID!) { publicWishBoard(areaId: $area, fromOn: \"2026-03-01\", toOn: \"2026-04-01\") {
            areaName wishes done byCategory { category wishes } } }";
        let area = json!({"area": World::id::<ids::Area>(town.world.area(COMMUNITY))});
        for _ in 0..4 {
            town.wish("").await;
        }
        let told = town.world.run(&town.zhou, query, area.clone()).await;
        let none = json!({"areaName": "创业北路社区", "wishes": null, "done": null, "byCategory": []});
        assert_eq!(*told.data("publicWishBoard"), none);
        for _ in 0..5 {
            let other = ", words: \"理发\", category: HAIRCUT";
            let query = format!("mutation($home: ID!) {{ recordWish(input: {{householdId: $home, how: PHONE {other}}}) {{
                userErrors {{ code }} }} }}");
            let home = json!({"home": World::id::<ids::Household>(town.home)});
            town.world.run(&town.zhou, &query, home).await.payload("recordWish");
        }
        let told = town.world.run(&town.zhou, query, area).await;
        assert_eq!(*told.data("publicWishBoard"), json!({"areaName": "创业北路社区", "wishes": 9, "done": null,
            "byCategory": [{"category": null, "wishes": 9}]}));
    }
}
