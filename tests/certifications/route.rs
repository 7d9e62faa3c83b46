//! The way from one home visit to the next.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Station, check_of, many, opened, registered};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, Person, World};
use crate::visits::routes::{GATE, put};

/// The second building of the first grid.
const SECOND: &str = "341102006003.01.01.02";

async fn way(world: &World, who: &Person, more: Value) -> Vec<(String, Value)> {
    let query =
        "query($lat: Float!, $lon: Float!, $round: ID, $on: Date, $before: [ID!]) { certificationRoute(
        latitude: $lat, longitude: $lon, roundId: $round, on: $on, previousOrder: $before) { metres
        stops { metres check { beneficiary { name { value } } } } } }";
    let mut variables = json!({"lat": GATE.0, "lon": GATE.1});
    for (name, value) in more.as_object().expect("an object") {
        variables[name] = value.clone();
    }
    let answer = world.run(who, query, variables).await;
    let stops = answer
        .data("certificationRoute.stops")
        .as_array()
        .expect("stops");
    let metres = stops.iter().filter_map(|stop| stop["metres"].as_i64());
    assert_eq!(
        answer.data("certificationRoute.metres"),
        metres.sum::<i64>()
    );
    let told = stops.iter().map(|stop| {
        let name = &stop["check"]["beneficiary"]["name"]["value"];
        (super::people::text(name), stop["metres"].clone())
    });
    told.collect()
}

fn names(way: &[(String, Value)]) -> Vec<&str> {
    way.iter().map(|(name, _)| name.as_str()).collect()
}

on_both! {
    async fn ones_own_home_visits_come_in_the_order_of_the_way(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, .. } = Station::new(&world).await;
        put(&world, BUILDING, 4.0).await;
        put(&world, SECOND, 1.0).await;
        for (name, building) in [
            ("赵一", BUILDING), ("钱二", SECOND), ("孙三", OTHER_BUILDING), ("李四", SECOND), ("周五", SECOND),
            ("吴六", SECOND), ("郑七", BUILDING),
        ] {
            let home = World::id::<ids::Area>(world.area(building));
            let more = format!(", category: MARTYR_FAMILY, homeAreaId: \"{home}\"");
            registered(&world, &xu, GRID, name, &more).await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        let mut checks = Vec::new();
        for name in ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "郑七"] {
            checks.push(check_of(&world, &xu, &round, name).await);
        }
        let plan = |at: &str, channel: &str, who: &Person| format!(", scheduledFor: \"{at}\", channel: {channel},
            assignedToId: \"{}\"", World::id::<ids::Account>(who.account));
        let (morning, next) = ("2026-03-03T01:00:00Z", "2026-03-03T16:00:00Z");
        let mine = plan(morning, "HOME", &xu);
        let (another, video, late) = (plan(morning, "HOME", &he), plan(morning, "VIDEO", &xu), plan(next, "HOME", &xu));
        // The third to fifth are another's, by video, and of the next day.
        let calls = [(0, &mine), (1, &mine), (2, &mine), (3, &another), (4, &video), (5, &late)];
        let calls = calls.map(|(n, input): (usize, &String)| (checks[n].as_str(), input.as_str()));
        assert_eq!(many(&world, &xu, "scheduleChecks", &calls).await, ["SCHEDULED"; 6]);
        let day = json!({"on": "2026-03-03", "round": round});
        // 0.001° is 111.2 m, 0.003° are 333.6 m.
        let expected = [("钱二", json!(111)), ("赵一", json!(334)), ("孙三", json!(null))];
        let expected = expected.map(|(name, metres)| (name.to_owned(), metres));
        assert_eq!(way(&world, &xu, day.clone()).await, expected);
        assert_eq!(names(&way(&world, &xu, json!({})).await), ["钱二", "赵一", "吴六", "孙三"], "the next day's last");
        assert_eq!(names(&way(&world, &he, json!({})).await), ["李四"]);

        // One more is put in; the others stay as they were shown.
        many(&world, &xu, "scheduleChecks", &[(&checks[6], &mine)]).await;
        let mut shown = day.clone();
        shown["before"] = json!([checks[0], checks[1]]);
        assert_eq!(names(&way(&world, &xu, shown).await), ["郑七", "赵一", "钱二", "孙三"]);
        // Whoever is certified is visited no more.
        many(&world, &xu, "recordChecks", &[(&checks[1], ", channel: HOME, outcome: ALIVE")]).await;
        assert_eq!(names(&way(&world, &xu, day).await).len(), 3);

        let wrong = "{ certificationRoute(latitude: 91, longitude: 0) { metres } }";
        assert_eq!(world.run(&xu, wrong, json!({})).await.error_codes(), ["BAD_USER_INPUT"]);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let query = "{ certificationRoute(latitude: 32, longitude: 118) { metres } }";
        assert_eq!(world.run(&lead, query, json!({})).await.error_codes(), ["FORBIDDEN"]);
        let details = "SELECT count(*) FROM audit_detail d JOIN audit_entry e ON e.id = d.entry_id
            WHERE e.action LIKE 'read:%'";
        assert_eq!(world.count(details).await, 0, "where somebody stands is kept nowhere");
    }
}
