//! The way from one visit to the next, and the visits near a point.

use chrono::{DateTime, Utc};
use entity::enums::{Role, VisitStatus};
use entity::{area, visit_task};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};

/// The second building of the first grid.
const SECOND: &str = "341102006003.01.01.02";
/// The gate, from which buildings lie north: a thousandth of a degree is 111 metres.
pub const GATE: (f64, f64) = (32.31, 118.31);

/// Puts a building so many thousandths of a degree north of the gate.
pub async fn put(world: &World, building: &str, thousandths: f64) {
    let row = area::Entity::find_by_id(world.area(building));
    let row = row.one(&world.raw).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.latitude = Set(Some(GATE.0 + thousandths / 1000.0));
    row.longitude = Set(Some(GATE.1));
    row.update(&world.raw).await.expect("a place");
}

async fn claimed(world: &World, who: &Person, building: &str, at: Option<&str>) -> String {
    let home = world
        .household(building, &world.clock.new_id().simple().to_string()[20..])
        .await;
    let task = world.open_task(who, home).await;
    let row = visit_task::Entity::find_by_id(task);
    let row = row.one(&world.raw).await.unwrap().unwrap();
    let mut row = row.into_active_model();
    row.status = Set(VisitStatus::Claimed);
    row.claimed_by = Set(Some(who.account));
    row.lease_until = Set(Some(world.clock.now() + chrono::Duration::hours(8)));
    row.appointed_at = Set(at.map(|at| at.parse::<DateTime<Utc>>().unwrap()));
    row.update(&world.raw).await.expect("a claim");
    World::id::<ids::VisitTask>(task)
}

async fn way(world: &World, who: &Person, more: Value) -> Vec<(String, Value, Value)> {
    let query = "query($lat: Float!, $lon: Float!, $ids: [ID!], $before: [ID!]) {
        visitRoute(latitude: $lat, longitude: $lon, visitTaskIds: $ids, previousOrder: $before) {
            metres minutes stops { metres minutes visitTask { id household { room { visibility } } } } } }";
    let mut variables = json!({"lat": GATE.0, "lon": GATE.1});
    for (name, value) in more.as_object().unwrap() {
        variables[name] = value.clone();
    }
    let answer = world.run(who, query, variables).await;
    let stops = answer.data("visitRoute.stops").as_array().unwrap();
    let sum: i64 = stops
        .iter()
        .filter_map(|stop| stop["metres"].as_i64())
        .sum();
    assert_eq!(answer.data("visitRoute.metres"), sum);
    let stops = stops.iter().map(|stop| {
        assert_eq!(stop["visitTask"]["household"]["room"]["visibility"], "FULL");
        let id = stop["visitTask"]["id"].as_str().unwrap().to_owned();
        (id, stop["metres"].clone(), stop["minutes"].clone())
    });
    stops.collect()
}

fn ids(way: &[(String, Value, Value)]) -> Vec<&str> {
    way.iter().map(|(id, ..)| id.as_str()).collect()
}

on_both! {
    async fn ones_own_claims_come_in_the_order_of_the_way(db: TestDatabase) {
        let world = World::new(db).await;
        let me = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let other = world.person("吴强", &[(Role::Volunteer, GRID)]).await;
        put(&world, BUILDING, 4.0).await;
        put(&world, SECOND, 1.0).await;
        let far = claimed(&world, &me, BUILDING, None).await;
        let near = claimed(&world, &me, SECOND, None).await;
        let nowhere = claimed(&world, &me, OTHER_BUILDING, None).await;
        let foreign = claimed(&world, &other, SECOND, None).await;
        let first = way(&world, &me, json!({})).await;
        assert_eq!(ids(&first), [&near, &far, &nowhere]);
        // 0.001° is 111.2 m, 0.003° are 333.6 m; 62 m a minute.
        assert_eq!(first[0], (near.clone(), json!(111), json!(2)));
        assert_eq!(first[1], (far.clone(), json!(334), json!(6)));
        assert_eq!(first[2], (nowhere.clone(), json!(null), json!(null)));

        put(&world, OTHER_BUILDING, 0.5).await;
        assert_eq!(ids(&way(&world, &me, json!({})).await), [&nowhere, &near, &far]);
        let shown = way(&world, &me, json!({"before": [far, near]})).await;
        assert_eq!(ids(&shown), [&nowhere, &far, &near], "the others stay as they were shown");
        let some = way(&world, &me, json!({"ids": [far, foreign, "garbage"]})).await;
        assert_eq!(ids(&some), [&far], "another's claim is none of mine");
        let late = claimed(&world, &me, SECOND, Some("2026-03-02T07:00:00Z")).await;
        let early = claimed(&world, &me, BUILDING, Some("2026-03-02T03:00:00Z")).await;
        let shown = way(&world, &me, json!({"ids": [late, early]})).await;
        assert_eq!(ids(&shown), [&early, &late], "one is expected");

        world.clock.advance(chrono::Duration::hours(9));
        let me = world.signed_in(me.account, 1, vec![(Role::Volunteer, world.area(GRID))]).await;
        assert_eq!(ids(&way(&world, &me, json!({})).await), [""; 0], "the leases have ended");
        let wrong = "{ visitRoute(latitude: 91, longitude: 0) { metres } }";
        assert_eq!(world.run(&me, wrong, json!({})).await.error_codes(), ["BAD_USER_INPUT"]);
    }

    async fn what_is_near_is_listed_by_distance_page_by_page(db: TestDatabase) {
        let world = World::new(db).await;
        let me = world.person("刘洋", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        put(&world, BUILDING, 3.0).await;
        put(&world, SECOND, 1.0).await;
        put(&world, OTHER_BUILDING, 2.0).await;
        let mut expected = Vec::new();
        for (building, metres) in [(SECOND, 111), (OTHER_BUILDING, 222), (BUILDING, 334)] {
            for room in ["101", "102"] {
                let home = world.household(building, room).await;
                let task = world.open_task(&staff, home).await;
                expected.push((metres, World::id::<ids::VisitTask>(task)));
                world.clock.advance(chrono::Duration::milliseconds(1));
            }
        }
        let query = "query($metres: Int!, $first: Int, $last: Int, $after: String, $before: String) {
            visitTasks(first: $first, last: $last, after: $after, before: $before, orderBy: DISTANCE,
                filter: {status: [OPEN], near: {latitude: 32.31, longitude: 118.31, metres: $metres}}) {
                totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
                edges { node { id distanceMetres } } } }";
        let page = async |who: &Person, variables: Value| -> (Vec<(i64, String)>, Value) {
            let answer = world.run(who, query, variables).await;
            let list = answer.data("visitTasks");
            let rows = list["edges"].as_array().unwrap().iter().map(|edge| {
                let node = &edge["node"];
                (node["distanceMetres"].as_i64().unwrap(), node["id"].as_str().unwrap().to_owned())
            });
            (rows.collect(), json!({"info": list["pageInfo"], "total": list["totalCount"]}))
        };
        for who in [&me, &staff] {
            let (rows, told) = page(who, json!({"metres": 1000, "first": 10})).await;
            assert_eq!(rows, expected);
            assert_eq!(told["total"], 6);
        }
        let (rows, told) = page(&me, json!({"metres": 333, "first": 10})).await;
        assert_eq!((rows.as_slice(), &told["total"]), (&expected[..4], &json!(4)), "no further than asked for");

        let (mut seen, mut after) = (Vec::new(), Value::Null);
        loop {
            let (rows, told) = page(&me, json!({"metres": 1000, "first": 4, "after": after})).await;
            seen.extend(rows);
            after = told["info"]["endCursor"].clone();
            if told["info"]["hasNextPage"] == false {
                break;
            }
            // The last one shown is gone when the next page is asked for.
            let row = visit_task::Entity::find_by_id(task_id(&seen.last().unwrap().1));
            let row = row.one(&world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            row.status = Set(VisitStatus::Cancelled);
            row.update(&world.raw).await.unwrap();
        }
        assert_eq!(seen, expected);
        let (rows, told) = page(&me, json!({"metres": 1000, "last": 2})).await;
        assert_eq!(rows, expected[4..]);
        assert_eq!(told["info"]["hasPreviousPage"], true);
        let before = told["info"]["startCursor"].clone();
        let (rows, _) = page(&me, json!({"metres": 1000, "last": 2, "before": before})).await;
        assert_eq!(rows, expected[1..3], "the fourth was cancelled");

        for wrong in [
            "{ visitTasks(first: 1, orderBy: DISTANCE) { totalCount } }",
            "{ visitTasks(first: 1, filter: {near: {latitude: 32, longitude: 118, metres: 0}}) { totalCount } }",
            "{ visitTasks(first: 1, filter: {near: {latitude: 32, longitude: 181, metres: 9}}) { totalCount } }",
        ] {
            assert_eq!(world.run(&me, wrong, json!({})).await.error_codes(), ["BAD_USER_INPUT"]);
        }
    }

    async fn where_somebody_stands_is_kept_nowhere(db: TestDatabase) {
        let world = World::new(db).await;
        let me = world.person("刘洋", &[(Role::GridLead, GRID)]).await;
        put(&world, BUILDING, 1.0).await;
        claimed(&world, &me, BUILDING, None).await;
        let query = "{ visitRoute(latitude: 32.3123456, longitude: 118.3123456) { stops { visitTask {
            household { room { value } } } } } }";
        world.run(&me, query, json!({})).await.data("visitRoute");
        let entries = world.count("SELECT count(*) FROM audit_entry WHERE action LIKE 'read:%'").await;
        assert_eq!(entries, 1, "that a door was looked at is kept");
        let details = world.count("SELECT count(*) FROM audit_detail").await;
        assert_eq!(details, 0, "a read leaves subjects, no arguments");
    }
}

fn task_id(id: &str) -> Uuid {
    nuanlin::ids::Id::<ids::VisitTask>::parse(id, "id")
        .unwrap()
        .uuid()
}
