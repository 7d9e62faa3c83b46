//! Series of slots: made ahead, changed around what is booked.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::offers::slots::make::make_slots;
use serde_json::{Value, json};

use super::people::{Quarter, call, refused, slots, text};
use super::story::book;
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, Person, World};

const ALLIANCE: &str = "周百通公益服务联盟";

/// Every Saturday at two, for three, from the next one on, but not on 21 March.
fn saturdays(offer: &str) -> Value {
    json!({"offerId": offer, "recurrence": "FREQ=WEEKLY;BYDAY=SA", "startsOn": "2026-03-02",
        "exceptOn": ["2026-03-21"], "beginMinute": 840, "minutes": 90, "capacity": 3})
}

/// The id of the slot on a day.
async fn on(world: &World, who: &Person, offer: &str, day: &str) -> String {
    let query = "query($id: ID!, $from: DateTime!) { serviceSlots(first: 1, filter: {offerId: $id, fromAt: $from}) {
        edges { node { id } } } }";
    let from = format!("{day}T00:00:00+08:00");
    let answer = world
        .run(who, query, json!({"id": offer, "from": from}))
        .await;
    text(answer.data("serviceSlots.edges.0.node.id"))
}

/// Days of slots as a preview or a payload names them.
fn days(slots: &Value) -> Vec<String> {
    let slots = slots.as_array().expect("slots").iter();
    slots
        .map(|slot| text(&slot["startsAt"])[5..10].to_owned())
        .collect()
}

on_both! {
    async fn a_series_is_made_ahead_and_changed_around_what_is_booked(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let zheng = &quarter.zheng;
        let alliance = quarter.partner(&world, ALLIANCE, zheng).await;
        let offer = quarter.published(&world, &alliance, "空调清洗").await;
        let planned = call(&world, zheng, "planSlotSeries", saturdays(&offer), "series { id version madeUntilOn }").await;
        let series = planned.payload("planSlotSeries")["series"].clone();
        // 2 March and eight weeks: the last Saturday is 25 April.
        assert_eq!(series["madeUntilOn"], "2026-04-27");
        let first = ["03-07 14:00 3 OPEN", "03-14 14:00 3 OPEN", "03-28 14:00 3 OPEN", "04-04 14:00 3 OPEN",
            "04-11 14:00 3 OPEN", "04-18 14:00 3 OPEN", "04-25 14:00 3 OPEN"];
        assert_eq!(slots(&world, &quarter.li, &offer).await, first);
        assert_eq!(make_slots(world.app()).await.unwrap(), 0);

        // A week later there is one more, however often it is looked for.
        world.clock.advance(Duration::days(5) - Duration::hours(1));
        let zheng = again(&world, zheng, Role::Partner).await;
        assert_eq!(make_slots(world.app()).await.unwrap(), 1);
        assert_eq!(make_slots(world.app()).await.unwrap(), 0);
        assert_eq!(slots(&world, &zheng, &offer).await[7], "05-02 14:00 3 OPEN");

        // The 14th is booked, somebody waits for the 28th.
        for day in ["2026-03-14", "2026-03-28"] {
            book(&world, &on(&world, &zheng, &offer, day).await).await;
        }
        let change = json!({"recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "beginMinute": 900, "exceptOn": [],
            "endsOn": "2026-04-04"});
        let preview = "query($id: ID!, $change: SlotSeriesChangeInput!) { changeSlotSeriesPreview(seriesId: $id, change: $change) {
            madeOn changed { startsAt } removed { startsAt } spared { startsAt booked } } }";
        let told = world.run(&zheng, preview, json!({"id": series["id"], "change": change})).await;
        let told = told.data("changeSlotSeriesPreview").clone();
        // Every second Saturday from the week of 2 March: 7 and 21 March, 4 April.
        assert_eq!(told["madeOn"], json!(["2026-03-21"]));
        assert_eq!(days(&told["changed"]), ["03-07", "04-04"]);
        assert_eq!(days(&told["spared"]), ["03-14", "03-28"]);
        assert_eq!(days(&told["removed"]), ["04-11", "04-18", "04-25", "05-02"]);
        assert_eq!(slots(&world, &zheng, &offer).await[..7], first, "a preview changes nothing");

        let input = json!({"seriesId": series["id"], "expectedVersion": 1, "change": change, "reason": "师傅轮休"});
        let shown = "series { version recurrence exceptOn } spared { startsAt }";
        let done = call(&world, &zheng, "changeSlotSeries", input.clone(), shown).await;
        let done = done.payload("changeSlotSeries");
        assert_eq!(done["series"], json!({"version": 2, "recurrence": "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA", "exceptOn": []}));
        assert_eq!(days(&done["spared"]), ["03-14", "03-28"]);
        assert_eq!(slots(&world, &zheng, &offer).await, ["03-07 15:00 3 OPEN", "03-14 14:00 3 OPEN",
            "03-21 15:00 3 OPEN", "03-28 14:00 3 OPEN", "04-04 15:00 3 OPEN", "04-11 14:00 3 CANCELLED",
            "04-18 14:00 3 CANCELLED", "04-25 14:00 3 CANCELLED", "05-02 14:00 3 CANCELLED"]);
        let late = call(&world, &zheng, "changeSlotSeries", input, "series { version }").await;
        assert_eq!(refused(&late, "changeSlotSeries"), [(Some("expectedVersion"), "VERSION_CONFLICT")]);
        assert_eq!(late.data("changeSlotSeries.series.version"), 2);

        // Days that were taken away come back as new slots.
        let input = json!({"seriesId": series["id"], "expectedVersion": 2, "change": {"endsOn": null}, "reason": "继续"});
        call(&world, &zheng, "changeSlotSeries", input, "").await.payload("changeSlotSeries");
        let all = slots(&world, &zheng, &offer).await;
        assert_eq!(all[6..], ["04-18 14:00 3 CANCELLED", "04-18 15:00 3 OPEN", "04-25 14:00 3 CANCELLED",
            "05-02 14:00 3 CANCELLED", "05-02 15:00 3 OPEN"]);

        // It ends: what is booked takes place.
        let input = json!({"seriesId": series["id"], "reason": "合作到期"});
        for _ in 0..2 {
            call(&world, &zheng, "endSlotSeries", input.clone(), "").await.payload("endSlotSeries");
        }
        let open: Vec<_> = slots(&world, &zheng, &offer).await.into_iter().filter(|slot| slot.ends_with("OPEN")).collect();
        assert_eq!(open, ["03-14 14:00 3 OPEN", "03-28 14:00 3 OPEN"]);
        world.clock.advance(Duration::days(30));
        assert_eq!(make_slots(world.app()).await.unwrap(), 0);
    }

    /// An offer's validity bounds its series, and lets it go on once it is longer.
    async fn a_series_lies_within_its_offer(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let alliance = quarter.partner(&world, ALLIANCE, &quarter.zheng).await;
        let offer = quarter.published(&world, &alliance, "空调清洗").await;
        let valid = |version: i32, until: &str| json!({"offerId": offer, "expectedVersion": version, "validUntilOn": until});
        call(&world, &quarter.liu, "changeOffer", valid(2, "2026-03-14"), "").await.payload("changeOffer");
        call(&world, &quarter.zheng, "planSlotSeries", saturdays(&offer), "").await.payload("planSlotSeries");
        assert_eq!(slots(&world, &quarter.li, &offer).await.len(), 2);
        call(&world, &quarter.liu, "changeOffer", valid(3, "2026-03-31"), "").await.payload("changeOffer");
        assert_eq!(make_slots(world.app()).await.unwrap(), 1);
        assert_eq!(slots(&world, &quarter.li, &offer).await[2], "03-28 14:00 3 OPEN");
        for (field, value, code) in [
            ("recurrence", json!("FREQ=HOURLY"), "RECURRENCE_INVALID"),
            ("startsOn", json!("2026-03-01"), "DAY_PAST"),
            ("endsOn", json!("2026-03-01"), "WINDOW_INVALID"),
            ("beginMinute", json!(1440), "OUT_OF_RANGE"),
            ("minutes", json!(0), "OUT_OF_RANGE"),
            ("capacity", json!(501), "OUT_OF_RANGE"),
            ("place", json!("长".repeat(61)), "TOO_LONG"),
        ] {
            let mut input = saturdays(&offer);
            input[field] = value;
            let answer = call(&world, &quarter.zheng, "planSlotSeries", input, "").await;
            assert_eq!(refused(&answer, "planSlotSeries"), [(Some(field), code)]);
        }
    }
}

/// The same person with a new token.
async fn again(world: &World, who: &Person, role: Role) -> Person {
    let grants = vec![(role, world.area(COMMUNITY))];
    world.signed_in(who.account, 1, grants).await
}
