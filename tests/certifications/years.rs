//! One year and the next: nobody of last year's roster is lost without a word.

use chrono::Duration;
use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::far;
use super::people::{Station, check_of, close, many, one, photographed, registered, text, void};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, FAR_BUILDING, GRID, Person, World};

const DISABLED: &str = ", category: DISABLED";
const ALIVE: &str = ", channel: HOME, outcome: ALIVE";

/// Opens a round of the community; its id.
async fn open(world: &World, who: &Person, year: i32, categories: &str) -> String {
    let query = format!(
        "mutation($area: ID!) {{ openCertificationRound(input: {{areaId: $area, year: {year},
            categories: [{categories}], closesOn: \"2026-06-30\"}}) {{ round {{ id }} userErrors {{ code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(COMMUNITY));
    let answer = world.run(who, &query, json!({"area": area})).await;
    text(&answer.payload("openCertificationRound")["round"]["id"])
}

/// Ends a beneficiary, or takes the end back.
async fn end(world: &World, who: &Person, (id, version): (&str, i64), reason: Option<&str>) {
    let (mutation, more) = match reason {
        Some(reason) => (
            "endBeneficiary",
            format!("endedOn: \"2026-03-01\", reason: {reason}"),
        ),
        None => ("reinstateBeneficiary", "reason: \"误登\"".to_owned()),
    };
    let query = format!(
        "mutation {{ {mutation}(input: {{beneficiaryId: \"{id}\", expectedVersion: {version}, {more}}}) {{
            userErrors {{ code }} }} }}"
    );
    world.run(who, &query, json!({})).await.payload(mutation);
}

async fn compared(world: &World, who: &Person, round: &str, against: Option<&str>) -> Value {
    let query = "query($round: ID!, $against: ID) { certificationYearToYear(roundId: $round, againstRoundId: $against) {
        lastRoster roster stayed against { year }
        goneByReason { reason count } newByReason { reason count }
        gone(first: 100) { totalCount edges { node { name { value } reason status outcome settleReason } } }
        newcomers(first: 100) { totalCount edges { node { name { value } reason lateReason } } } } }";
    let answer = world
        .run(who, query, json!({"round": round, "against": against}))
        .await;
    let years = answer.data("certificationYearToYear").clone();
    if !years.is_null() {
        let number = |field: &str| years[field].as_i64().expect(field);
        let sum = |field: &str| -> i64 {
            let counts = years[field].as_array().expect(field).iter();
            counts
                .map(|one| one["count"].as_i64().expect("a count"))
                .sum()
        };
        assert_eq!(number("lastRoster"), number("stayed") + sum("goneByReason"));
        assert_eq!(number("roster"), number("stayed") + sum("newByReason"));
        for (list, counts) in [("gone", "goneByReason"), ("newcomers", "newByReason")] {
            let named = years[list]["edges"].as_array().expect("edges").len();
            assert_eq!(
                i64::try_from(named).expect("few"),
                sum(counts),
                "each by name"
            );
            assert_eq!(years[list]["totalCount"], sum(counts));
        }
    }
    years
}

/// Names with their reasons, in the order of the list.
fn named(list: &Value) -> Vec<(String, String)> {
    let edges = list["edges"].as_array().expect("edges").iter();
    let told = edges.map(|edge| {
        let node = &edge["node"];
        (text(&node["name"]["value"]), text(&node["reason"]))
    });
    told.collect()
}

on_both! {
    async fn everybody_who_is_gone_has_a_reason(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "卫十一", ", category: WAR_PARTICIPANT").await;
        let mut ids = Vec::new();
        for name in ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七", "冯八"] {
            ids.push(registered(&world, &xu, GRID, name, DISABLED).await);
            world.clock.advance(Duration::milliseconds(2));
        }
        let last = open(&world, &xu, 2025, "DISABLED").await;
        let gone = |outcome: &str| format!(", channel: HOME, outcome: {outcome}, holdsOn: \"2026-02-01\", source: \"家属\"");
        for (name, found) in [
            ("赵一", ALIVE.to_owned()), ("钱二", gone("DECEASED")), ("孙三", gone("MOVED_AWAY")), ("李四", ALIVE.to_owned()),
            ("周五", ALIVE.to_owned()), ("郑七", ALIVE.to_owned()), ("冯八", ALIVE.to_owned()),
        ] {
            let check = check_of(&world, &xu, &last, name).await;
            assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, &found)]).await), "CHECKED");
            photographed(&world, &xu, &[&check]).await;
            assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        }
        let check = check_of(&world, &xu, &last, "吴六").await;
        assert_eq!(one(&many(&world, &meng, "settleChecks", &[(&check, ", reason: \"长期在外\"")]).await), "SETTLED");
        close(&world, &xu, &last).await.payload("closeCertificationRound");

        // Between the years: a benefit ends, a category changes, somebody is registered elsewhere, one is
        // ended by mistake and another's end is corrected to a death.
        world.clock.advance(Duration::seconds(1));
        end(&world, &xu, (&ids[3], 1), Some("BENEFIT_ENDED")).await;
        let update = "mutation($id: ID!) { updateBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            details: {category: RED_ARMY}}) { userErrors { code } } }";
        world.run(&xu, update, json!({"id": ids[4]})).await.payload("updateBeneficiary");
        end(&world, &xu, (&ids[5], 1), Some("MOVED_AWAY")).await;
        let moved = ids::Id::<ids::Beneficiary>::parse(&ids[6], "id").unwrap().uuid();
        elsewhere(&world, moved).await;
        end(&world, &xu, (&ids[7], 1), Some("MOVED_AWAY")).await;
        let check = check_of(&world, &xu, &last, "冯八").await;
        let correct = "mutation($id: ID!) { correctCheck(input: {checkId: $id, outcome: DECEASED,
            reason: \"派出所通报\"}) { userErrors { code } } }";
        world.run(&meng, correct, json!({"id": check})).await.payload("correctCheck");
        registered(&world, &xu, GRID, "褚十", DISABLED).await;
        world.clock.advance(Duration::milliseconds(2));
        let this = open(&world, &xu, 2026, "DISABLED, WAR_PARTICIPANT").await;
        end(&world, &xu, (&ids[5], 2), None).await;
        world.clock.advance(Duration::seconds(1));
        let late = registered(&world, &xu, GRID, "陈九", DISABLED).await;
        let add = "mutation($round: ID!, $id: ID!) { addToCertificationRound(input: {roundId: $round,
            beneficiaryId: $id, reason: \"新迁入\"}) { userErrors { code } } }";
        world.run(&xu, add, json!({"round": this, "id": late})).await.payload("addToCertificationRound");

        let years = compared(&world, &xu, &this, None).await;
        assert_eq!((&years["lastRoster"], &years["roster"], &years["stayed"]), (&json!(8), &json!(4), &json!(1)));
        assert_eq!(years["against"], json!([{"year": 2025}]));
        let pair = |(name, why): (&str, &str)| (name.to_owned(), why.to_owned());
        let expected = [("钱二", "DECEASED"), ("孙三", "MOVED_AWAY"), ("李四", "BENEFIT_ENDED"), ("周五", "CATEGORY_NOT_IN_ROUND"),
            ("吴六", "UNEXPLAINED"), ("郑七", "AREA_CHANGED"), ("冯八", "DECEASED")].map(pair);
        let mut told = named(&years["gone"]);
        let order = |name: &str| expected.iter().position(|(known, _)| known == name);
        told.sort_by_key(|(name, _)| order(name));
        assert_eq!(told, expected);
        let unexplained = years["gone"]["edges"].as_array().unwrap().iter();
        let unexplained = unexplained.map(|edge| &edge["node"]).find(|node| node["reason"] == "UNEXPLAINED");
        assert_eq!(*unexplained.unwrap(), json!({"name": {"value": "吴六"}, "reason": "UNEXPLAINED", "status": "SETTLED",
            "outcome": null, "settleReason": "长期在外"}));
        let mut told = named(&years["newcomers"]);
        told.sort();
        let mut expected = [("卫十一", "CATEGORY_ADDED"), ("褚十", "NEW_BENEFICIARY"), ("陈九", "LATE")].map(pair);
        expected.sort();
        assert_eq!(told, expected);
        assert_eq!(years["goneByReason"], json!([{"reason": "DECEASED", "count": 2}, {"reason": "MOVED_AWAY", "count": 1},
            {"reason": "BENEFIT_ENDED", "count": 1}, {"reason": "CATEGORY_NOT_IN_ROUND", "count": 1},
            {"reason": "AREA_CHANGED", "count": 1}, {"reason": "UNEXPLAINED", "count": 1}]));

        // Page by page it is the same list.
        let query = "query($round: ID!, $after: String) { certificationYearToYear(roundId: $round) {
            gone(first: 3, after: $after) { pageInfo { hasNextPage endCursor } edges { node { name { value } reason } } } } }";
        let (mut paged, mut after) = (Vec::new(), Value::Null);
        loop {
            let answer = world.run(&xu, query, json!({"round": this, "after": after})).await;
            let page = answer.data("certificationYearToYear.gone").clone();
            paged.extend(named(&page));
            after = page["pageInfo"]["endCursor"].clone();
            if page["pageInfo"]["hasNextPage"] == false {
                break;
            }
        }
        assert_eq!(paged, named(&years["gone"]));
        // Beside itself nobody is gone or new.
        let same = compared(&world, &xu, &this, Some(&this)).await;
        assert_eq!((&same["stayed"], &same["gone"]["totalCount"]), (&json!(4), &json!(0)));
    }

    /// Without a year before, beside a voided round, and to whoever it does not concern, there is nothing.
    async fn there_must_be_a_year_before(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", DISABLED).await;
        registered(&world, &meng, FAR_BUILDING, "钱二", DISABLED).await;
        let mistaken = open(&world, &xu, 2025, "DISABLED").await;
        void(&world, &xu, &mistaken).await.payload("voidCertificationRound");
        let this = open(&world, &xu, 2026, "DISABLED").await;
        assert!(compared(&world, &xu, &this, None).await.is_null());
        assert!(compared(&world, &xu, &this, Some(&mistaken)).await.is_null());
        let other = far(&world).await;
        assert!(compared(&world, &other, &this, Some(&this)).await.is_null());
        assert!(!compared(&world, &xu, &this, Some(&this)).await.is_null());
    }
}

/// Registers somebody in the far community, past the server.
async fn elsewhere(world: &World, person: uuid::Uuid) {
    use entity::beneficiary::{Column, Entity};
    use sea_orm::sea_query::Expr;
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    Entity::update_many()
        .col_expr(Column::AreaId, Expr::value(world.area(FAR_BUILDING)))
        .filter(Column::Id.eq(person))
        .exec(&world.raw)
        .await
        .expect("a change");
}
