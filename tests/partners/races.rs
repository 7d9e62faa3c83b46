//! Two act at once: nothing is offered where nothing is opened, and no slot is made twice.

use std::sync::Arc;

use chrono::Duration;
use futures_util::future::join_all;
use nuanlin::offers::slots::make::make_slots;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::people::{Quarter, added, area, call, offer, text};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, World};

const NOT_OPENED: &str =
    "SELECT count(*) FROM offer_area a JOIN service_offer o ON o.id = a.offer_id
    WHERE NOT EXISTS (SELECT 1 FROM partner_area p JOIN area_closure c ON c.ancestor_id = p.area_id
        WHERE p.partner_id = o.partner_id AND p.closed_at IS NULL AND c.descendant_id = a.area_id)";
const NOWHERE: &str = "SELECT count(*) FROM service_offer o WHERE o.status = 'PUBLISHED'
    AND NOT EXISTS (SELECT 1 FROM offer_area a WHERE a.offer_id = o.id)";

on_both! {
    /// An offer is published or moved to an area while that is closed: it does not stand there afterwards.
    async fn nothing_is_published_where_the_area_is_closed(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        let whole = json!({"partnerId": alliance, "areaId": area(&world, COMMUNITY)});
        let grid = json!({"partnerId": alliance, "areaId": area(&world, GRID)});
        call(&world, &quarter.liu, "openPartnerArea", grid.clone(), "").await.payload("openPartnerArea");
        call(&world, &quarter.liu, "closePartnerArea", whole, "").await.payload("closePartnerArea");
        for round in 0..rounds() {
            call(&world, &quarter.liu, "openPartnerArea", grid.clone(), "").await.payload("openPartnerArea");
            let draft = added(&world, &quarter.zheng, offer(&world, &alliance, &format!("清洗{round}"), GRID)).await;
            let other = added(&world, &quarter.zheng, offer(&world, &alliance, &format!("维修{round}"), GRID)).await;
            let (published, changed, written, closed) = tokio::join!(
                call(&world, &quarter.liu, "publishOffer", json!({"offerId": draft, "expectedVersion": 1}), ""),
                call(&world, &quarter.zheng, "changeOffer",
                    json!({"offerId": other, "expectedVersion": 1, "areaIds": [area(&world, GRID)]}), ""),
                call(&world, &quarter.zheng, "addOffer", offer(&world, &alliance, &format!("理发{round}"), GRID), ""),
                call(&world, &quarter.liu, "closePartnerArea", grid.clone(), ""),
            );
            closed.payload("closePartnerArea");
            for (codes, late) in [
                (published.user_error_codes("publishOffer"), "VERSION_CONFLICT"),
                (changed.user_error_codes("changeOffer"), "VERSION_CONFLICT"),
                (written.user_error_codes("addOffer"), "AREA_NOT_OPENED"),
            ] {
                assert!(codes.is_empty() || codes == [late], "{codes:?}");
            }
            assert_eq!((world.count(NOT_OPENED).await, world.count(NOWHERE).await), (0, 0));
        }
    }

    /// Two change the same offer: one did, the other is told.
    async fn one_changes_an_offer(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        for round in 0..rounds() {
            let id = added(&world, &quarter.zheng, offer(&world, &alliance, &format!("清洗{round}"), COMMUNITY)).await;
            let to = |price: i32| json!({"offerId": id, "expectedVersion": 1, "priceFen": price});
            let shown = "offer { priceFen version }";
            let (first, second) = tokio::join!(
                call(&world, &quarter.zheng, "changeOffer", to(100), shown),
                call(&world, &quarter.liu, "changeOffer", to(200), shown),
            );
            let codes = [first.user_error_codes("changeOffer"), second.user_error_codes("changeOffer")].concat();
            assert_eq!(codes, ["VERSION_CONFLICT"]);
            // Who was second is shown what the first has done.
            assert_eq!(first.data("changeOffer.offer"), second.data("changeOffer.offer"));
        }
    }

    /// Two names for one thing: a partner and an offer of a name are taken on once.
    async fn a_name_is_given_once(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        for round in 0..rounds() {
            let name = format!("合伙人{round}");
            let input = json!({"areaId": area(&world, COMMUNITY), "name": name});
            let calls = (0..4).map(|_| call(&world, &quarter.liu, "addPartner", input.clone(), "partner { id }"));
            let told = join_all(calls).await;
            let codes: Vec<_> = told.iter().flat_map(|one| one.user_error_codes("addPartner")).collect();
            assert_eq!(codes, ["NAME_TAKEN"; 3]);
            let made = told.iter().find(|one| one.user_error_codes("addPartner").is_empty());
            let id = text(&made.expect("one").data("addPartner.partner.id").clone());
            let input = offer(&world, &id, "清洗", COMMUNITY);
            let calls = (0..4).map(|_| call(&world, &quarter.liu, "addOffer", input.clone(), ""));
            let told = join_all(calls).await;
            let codes: Vec<_> = told.iter().flat_map(|one| one.user_error_codes("addOffer")).collect();
            assert_eq!(codes, ["NAME_TAKEN"; 3]);
        }
    }

    /// Several servers make the same series while its partner changes and ends it: each day has one slot at most.
    async fn a_day_has_one_slot(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        let offer = quarter.published(&world, &alliance, "空调清洗").await;
        let input = json!({"offerId": offer, "recurrence": "FREQ=DAILY", "startsOn": "2026-03-02", "beginMinute": 600,
            "minutes": 60, "capacity": 1});
        let planned = call(&world, &quarter.zheng, "planSlotSeries", input, "series { id }").await;
        let series = text(&planned.payload("planSlotSeries")["series"]["id"]);
        let one_a_day = "SELECT count(*) - count(DISTINCT starts_at) FROM service_slot WHERE status = 'OPEN'";
        let open = "SELECT count(*) FROM service_slot WHERE status = 'OPEN'";
        // 2 March at ten and 56 days.
        assert_eq!(world.count(open).await, 57);
        let zheng = quarter.zheng.account;
        for round in 0..rounds() {
            world.clock.advance(Duration::days(7));
            let who = world.signed_in(zheng, 1, vec![(entity::enums::Role::Partner, world.area(COMMUNITY))]).await;
            let servers = (0..4).map(|_| {
                let world = Arc::clone(&world);
                async move { make_slots(world.app()).await.expect("slots") }
            });
            let input = json!({"seriesId": series, "expectedVersion": round + 1, "reason": "调整",
                "change": {"beginMinute": 601 + round}});
            let (made, changed) = tokio::join!(join_all(servers), call(&world, &who, "changeSlotSeries", input, ""));
            changed.payload("changeSlotSeries");
            assert!(made.iter().sum::<usize>() <= 7, "{made:?}");
            assert_eq!(world.count(one_a_day).await, 0);
            assert_eq!(world.count(open).await, 57 + 7 * (i64::try_from(round).unwrap() + 1));
        }
    }

    /// A slot is booked while its series ends: it is called off or booked, never both.
    async fn what_is_booked_is_spared(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, "周百通公益服务联盟", &quarter.zheng).await;
        let offer = quarter.published(&world, &alliance, "空调清洗").await;
        let lost = "SELECT count(*) FROM service_slot WHERE status = 'CANCELLED' AND booked > 0";
        for _ in 0..rounds() {
            let input = json!({"offerId": offer, "recurrence": "FREQ=DAILY", "startsOn": "2026-03-03",
                "endsOn": "2026-03-03", "beginMinute": 600, "minutes": 60, "capacity": 1});
            let planned = call(&world, &quarter.zheng, "planSlotSeries", input, "series { id }").await;
            let series = planned.payload("planSlotSeries")["series"]["id"].clone();
            let book = "UPDATE service_slot SET booked = 1 WHERE status = 'OPEN' AND booked = 0";
            let input = json!({"seriesId": series, "reason": "停办"});
            let (booked, ended) = tokio::join!(
                world.raw.execute_unprepared(book),
                call(&world, &quarter.zheng, "endSlotSeries", input, "spared { booked }"),
            );
            let booked = booked.expect("a change").rows_affected();
            let spared = ended.payload("endSlotSeries")["spared"].as_array().expect("slots").len();
            assert_eq!(u64::try_from(spared).unwrap(), booked);
            assert_eq!(world.count(lost).await, 0);
            let gone = "UPDATE service_slot SET status = 'CANCELLED', booked = 0";
            world.raw.execute_unprepared(gone).await.expect("a change");
        }
    }
}
