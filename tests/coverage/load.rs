//! Coverage of a city: exact, and quick.

use std::time::Instant;

use entity::enums::Role;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::people::wait_until;
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, World};

/// People who are enrolled: 100,000 where tests run at length.
fn size() -> u32 {
    if rounds() >= 100 { 100_000 } else { 2_000 }
}

/// Ids of a kind from their number, as each database writes them in SQL.
fn key(postgres: bool, kind: u8, number: &str) -> String {
    if postgres {
        format!("CAST(lpad(to_hex({number}), 30, '0') || lpad(to_hex({kind}), 2, '0') AS uuid)")
    } else {
        format!("unhex(printf('%030x%02x', {number}, {kind}))")
    }
}

on_both! {
    async fn a_hundred_thousand_people_are_counted_exactly(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let home = world.household(BUILDING, "1").await;
        world.elder(home, "模板", &[]).await;
        let postgres = world.database.is_postgres();
        let n = size();
        let numbers = if postgres {
            format!("SELECT n FROM generate_series(1, {n}) n")
        } else {
            format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {n}) SELECT n FROM s")
        };
        let id = |kind| key(postgres, kind, "n");
        let copy = |table: &str, columns: &str, values: &str, from: &str| {
            format!("INSERT INTO {table} ({columns}) SELECT {values} FROM ({numbers}) AS numbers, {from}")
        };
        for sql in [
            copy("household", "id, area_id, grid_id, unit, room, created_at, updated_at",
                &format!("{}, area_id, grid_id, '9', CAST(n AS varchar), created_at, updated_at", id(1)),
                "(SELECT * FROM household LIMIT 1) h"),
            copy("household_place", "id, household_id, area_id, from_on",
                &format!("{}, {}, area_id, from_on", id(2), id(1)), "(SELECT * FROM household_place LIMIT 1) h"),
            copy("resident", "id, household_id, area_id, grid_id, name, gender, created_at, updated_at",
                &format!("{}, {}, area_id, grid_id, 'P', gender, created_at, updated_at", id(3), id(1)),
                "(SELECT * FROM resident LIMIT 1) h"),
            copy("residence", "id, resident_id, household_id, from_on",
                &format!("{}, {}, {}, from_on", id(4), id(3), id(1)), "(SELECT * FROM residence LIMIT 1) h"),
            copy("care_enrolment", "id, resident_id, area_id, grid_id, tier, circumstances, from_on, created_at, updated_at",
                &format!("{}, {}, area_id, grid_id, tier, 1, from_on, created_at, updated_at", id(5), id(3)),
                "(SELECT * FROM care_enrolment LIMIT 1) h"),
            // A window of March each; every other one was met, every third of those verified.
            format!("INSERT INTO visit_task (id, kind, origin, status, household_id, resident_id, area_id, grid_id,
                    starts_at, due_at, planned_by, occurred_at, outcome, method, created_at, updated_at)
                SELECT {}, 'HOME_VISIT', 'RULE',
                    CASE WHEN n % 6 = 0 THEN 'VERIFIED' WHEN n % 2 = 0 THEN 'REPORTED' ELSE 'MISSED' END, {}, {},
                    area_id, grid_id, '2026-02-28 16:00:00+00:00', '2026-03-31 16:00:00+00:00', {},
                    CASE WHEN n % 2 = 0 THEN {} END, CASE WHEN n % 2 = 0 THEN 'SEEN_WELL' END,
                    CASE WHEN n % 2 = 0 THEN 'IN_PERSON' END, created_at, created_at
                FROM ({numbers}) AS numbers, (SELECT * FROM household LIMIT 1) h",
                id(6), id(1), id(3), "(SELECT id FROM account LIMIT 1)",
                if postgres { "CAST('2026-03-10 01:00:00+00:00' AS timestamptz)" }
                else { "'2026-03-10 01:00:00+00:00'" }),
            "ANALYZE".to_owned(),
        ] {
            world.raw.execute_unprepared(&sql).await.expect("rows");
        }
        wait_until(&world, "2026-04-02T00:00:00");
        let lead = world.signed_in(lead.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        let figure = json!({"roster": n, "contacted": n / 2, "verified": n / 6, "missed": n - n / 2});
        let area = World::id::<ids::Area>(world.area(COMMUNITY));
        for asked in [&["contactRate"][..], &["planCompletion"], &["contactRate", "planCompletion"]] {
            let fields: Vec<String> =
                asked.iter().map(|field| format!("{field} {{ roster contacted verified missed }}")).collect();
            let query = format!(
                "query($area: ID!) {{ visitCoverage(areaId: $area, month: \"2026-03\") {{ {} }} }}",
                fields.join(" "));
            let mut times = Vec::new();
            for _ in 0..5 {
                let started = Instant::now();
                let answer = world.run(&lead, &query, json!({"area": area})).await;
                times.push(started.elapsed());
                for field in asked {
                    assert_eq!(answer.data("visitCoverage")[*field], figure);
                }
            }
            times.sort();
            println!("{n} enrolled, {}: {:?} (median of five)", asked.join(" and "), times[2]);
        }
    }
}
