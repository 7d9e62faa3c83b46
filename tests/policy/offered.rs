//! Partners, and what they offer.

use serde_json::json;

use crate::partners::people::{added, area, call, offer, slot, text};
use crate::support::world::{COMMUNITY, Person, World};

/// A fresh partner for whom the second person acts, or something that it offers.
pub async fn thing(world: &World, (staff, person): (&Person, &Person), name: &str) -> String {
    let called = world.clock.new_id().to_string();
    let input = json!({"areaId": area(world, COMMUNITY), "name": called});
    let answer = call(world, staff, "addPartner", input, "partner { id }").await;
    let partner = text(&answer.payload("addPartner")["partner"]["id"]);
    let account = World::id::<nuanlin::ids::Account>(person.account);
    let input = json!({"partnerId": partner, "accountId": account});
    let answer = call(world, staff, "addPartnerPerson", input, "").await;
    answer.payload("addPartnerPerson");
    if name == "partner" {
        return partner;
    }
    let mut input = offer(world, &partner, "空调清洗", COMMUNITY);
    input["contactPhone"] = json!("13812341234");
    let offer = added(world, staff, input).await;
    if name == "draft" {
        return offer;
    }
    let input = json!({"offerId": offer, "expectedVersion": 1});
    let answer = call(world, staff, "publishOffer", input, "").await;
    answer.payload("publishOffer");
    match name {
        "slot" => slot(world, person, &offer, 24, 3).await,
        "regular" | "series" => {
            let input = json!({"offerId": offer, "recurrence": "FREQ=WEEKLY;BYDAY=SA",
                "startsOn": "2026-03-02", "beginMinute": 840, "minutes": 60, "capacity": 3});
            let answer = call(world, person, "planSlotSeries", input, "series { id }").await;
            let series = text(&answer.payload("planSlotSeries")["series"]["id"]);
            if name == "series" { series } else { offer }
        }
        "package" | "bundle" => {
            let input =
                json!({"areaId": area(world, COMMUNITY), "title": called, "offerIds": [offer]});
            let answer = call(world, staff, "addPackage", input, "package { id }").await;
            let package = text(&answer.payload("addPackage")["package"]["id"]);
            if name == "bundle" {
                let input = json!({"packageId": package, "expectedVersion": 1});
                let answer = call(world, staff, "publishPackage", input, "").await;
                answer.payload("publishPackage");
            }
            package
        }
        _ => offer,
    }
}
