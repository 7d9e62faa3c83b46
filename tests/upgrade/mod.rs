//! A database filled by an older program is brought up to date, and nothing in it is lost.

use entity::enums::{Arrival, VisitOrigin};
use entity::{visit_report, visit_task};
use migration::{Migrator, MigratorTrait as _};
use nuanlin::db::{self, SchemaState};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, QueryOrder as _};
use uuid::Uuid;

use crate::support::database::{TestDatabase, on_both};

/// The oldest released schema: its migrations, and the rows of its time.
const OLDEST: (u32, &str) = (4, include_str!("m0004.sql"));

on_both! {
    async fn the_oldest_released_database_is_brought_up_to_date(db: TestDatabase) {
        let old = db.empty().await;
        fill(&old).await;
        let counts = counted(&old).await;
        assert!(counts.len() > 12 && counts.iter().all(|(_, rows)| *rows > 0), "{counts:?}");
        assert!(matches!(db::schema_state(&old.url).await.unwrap(), SchemaState::Behind(_)));

        let applied = db::migrate_up(&old.url).await.expect("migrations");
        assert_eq!(applied.len(), Migrator::migrations().len() - OLDEST.0 as usize);
        assert_eq!(db::schema_state(&old.url).await.unwrap(), SchemaState::Current);
        for (table, rows) in counts {
            let now = old.count(&format!("SELECT count(*) FROM {table}")).await;
            assert_eq!(now, rows, "{table}");
        }
        let conn = old.connect().await;
        let tasks = visit_task::Entity::find().order_by_asc(visit_task::Column::Id).all(&conn).await.unwrap();
        let ids: Vec<Uuid> = tasks.iter().map(|task| task.id).collect();
        assert_eq!(ids, [Uuid::from_u128(30), Uuid::from_u128(31)]);
        assert!(tasks.iter().all(|task| task.origin == VisitOrigin::Planned && task.minutes == 30));
        let report = visit_report::Entity::find().one(&conn).await.unwrap().expect("the report");
        assert_eq!(report.arrival, Arrival::Unknown);
    }
}

async fn fill(old: &TestDatabase) {
    let conn = old.connect().await;
    Migrator::up(&conn, Some(OLDEST.0))
        .await
        .expect("the oldest schema");
    let rows = with_values(OLDEST.1, old.is_postgres());
    conn.execute_unprepared(&rows).await.expect("old rows");
}

/// Puts keys and instants into the text, as each database writes them.
fn with_values(text: &str, postgres: bool) -> String {
    let mut sql = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['#', '@']) {
        sql.push_str(&rest[..at]);
        let (mark, after) = rest[at..].split_at(1);
        let digits = after
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        sql.push_str(&match (mark, postgres) {
            ("@", _) => "'2026-03-02 01:00:00+00:00'".to_owned(),
            (_, true) => format!("'{}'", Uuid::from_u128(number.parse().expect("a number"))),
            (_, false) => format!("x'{:032x}'", number.parse::<u128>().expect("a number")),
        });
        rest = after;
    }
    sql + rest
}

/// The tables that hold rows, and how many.
async fn counted(old: &TestDatabase) -> Vec<(&'static str, i64)> {
    let mut counts = Vec::new();
    for line in OLDEST.1.lines() {
        if let Some(rest) = line.strip_prefix("INSERT INTO ") {
            let table = rest.split(' ').next().expect("a name");
            let rows = old.count(&format!("SELECT count(*) FROM {table}")).await;
            counts.push((table, rows));
        }
    }
    counts
}
