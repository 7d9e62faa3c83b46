//! What `nuanlin generate` makes is a community as any other: counted, planned and certified.

use chrono::{TimeZone as _, Utc};
use nuanlin::access::keys::Keys;
use nuanlin::clock::Clock;
use nuanlin::db::{Db, Limits};
use nuanlin::generate::{Size, generate};
use sea_orm::{ConnectionTrait as _, Statement};

use crate::support::database::on_both;

/// Grids of the community, elders of a grid, and what lies behind each.
const GRIDS: i64 = 16;
const ELDERS: i64 = 60;
const VISITS: i64 = 23;

/// Of every thirteen visits one was missed; they are numbered grid by grid, a hundred elders apart.
fn missed() -> i64 {
    let of_grid = |grid| (grid * 100 * VISITS..).take(1_380);
    let all = (0..GRIDS).flat_map(of_grid);
    i64::try_from(all.filter(|number| number % 13 == 0).count()).expect("few")
}

on_both! {
    async fn a_made_up_community_is_whole_and_made_once(db: TestDatabase) {
        let open = Db::open(&db.url, Limits::COMMAND).await.expect("a database");
        let keys = Keys::load(&db.directory().join("keys"), true).expect("keys");
        let clock = Clock::manual(Utc.with_ymd_and_hms(2026, 3, 2, 1, 0, 0).unwrap());
        generate((&open, &keys, &clock), Size::S, |_, _| {}).await.expect("made");

        let raw = db.connect().await;
        let count = async |from: &str| {
            let sql = format!("SELECT COUNT(*) FROM {from}");
            let statement = Statement::from_string(raw.get_database_backend(), sql);
            let row = raw.query_one_raw(statement).await.expect("counted").expect("a row");
            row.try_get_by_index::<i64>(0).expect("a number")
        };
        for (table, rows) in [
            ("household", GRIDS * 300),
            ("resident", GRIDS * 750),
            ("care_enrolment", GRIDS * ELDERS),
            ("certification_check", GRIDS * ELDERS),
            ("visit_task WHERE origin = 'PLANNED'", GRIDS * ELDERS * VISITS),
            ("visit_task WHERE origin = 'PLANNED' AND status = 'MISSED'", missed()),
            ("visit_report", GRIDS * ELDERS * VISITS - missed()),
            // Four for the district, one for the community, four in each grid, and the storm.
            ("role_grant", 5 + GRIDS * 4 + 1_000),
            // Every area stands below itself and each of those above.
            ("area_closure", 1 + 2 + 3 + 4 * 4 + GRIDS * 5 + 160 * 6),
        ] {
            assert_eq!(count(table).await, rows, "{table}");
        }
        // Whoever is seen every week has a visit that the server has planned.
        let unplanned = "care_enrolment e WHERE e.tier = 'HIGH_RISK' AND NOT EXISTS
            (SELECT 1 FROM visit_task t WHERE t.enrolment_id = e.id AND t.status = 'OPEN' AND t.origin = 'RULE')";
        assert_eq!(count(unplanned).await, 0);

        let again = generate((&open, &keys, &clock), Size::S, |_, _| {}).await;
        assert!(again.is_err(), "made-up people came among others");
        open.close().await;
    }
}
