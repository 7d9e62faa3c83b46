//! Spreadsheet imports: what the database knows, what is merged, and who is not kept waiting.

use nuanlin::db::{Db, Limits};
use nuanlin::imports::command::{self, Kind};
use nuanlin::imports::merge::{Options, Report};
use nuanlin::residents::id_number::check_character;

use crate::support::world::World;

mod accounts;
mod areas;
mod by_staff;
mod in_the_way;
mod load;
mod meanwhile;
mod residents;

/// Imports a sheet as the command does: through a database handle of its own.
pub async fn import_with(world: &World, kind: Kind, sheet: &str, options: Options) -> Report {
    let db = Db::open(&world.database.url, Limits::COMMAND)
        .await
        .expect("the database opens");
    let app = world.app();
    let tools = (&db, &app.keys, &app.clock);
    let report = command::run(tools, kind, sheet.as_bytes(), options).await;
    db.close().await;
    report.expect("a report")
}

pub async fn import(world: &World, kind: Kind, sheet: &str) -> Report {
    import_with(world, kind, sheet, Options::default()).await
}

/// Created, updated and unchanged.
pub fn counts(report: &Report) -> (usize, usize, usize) {
    (report.created, report.updated, report.unchanged)
}

/// Row, column and code of what was refused, then of the warnings.
pub fn codes(report: &Report) -> Vec<(u32, &str, &'static str)> {
    let findings = report.refused.iter().chain(&report.warnings);
    findings
        .map(|finding| (finding.row, finding.column.as_str(), finding.code.as_str()))
        .collect()
}

/// Everything an import could touch: rows, versions, changes, audit entries, staged rows.
pub async fn fingerprint(world: &World) -> Vec<i64> {
    let mut numbers = Vec::new();
    for table in [
        "area",
        "household",
        "resident",
        "care_enrolment",
        "emergency_contact",
        "account",
        "beneficiary",
    ] {
        numbers.push(world.count(&format!("SELECT count(*) FROM {table}")).await);
        let versions = format!("SELECT CAST(sum(version) AS bigint) FROM {table}");
        numbers.push(
            world
                .count(&format!("SELECT coalesce(({versions}), 0)"))
                .await,
        );
    }
    for table in [
        "area_closure",
        "household_place",
        "residence",
        "role_grant",
        "change",
        // But for whom the report told of.
        "audit_entry WHERE action NOT LIKE 'read:%' AND action <> 'beneficiary:idNumberTaken'",
        "import_area",
        "import_resident",
        "import_account",
        "import_beneficiary",
    ] {
        numbers.push(world.count(&format!("SELECT count(*) FROM {table}")).await);
    }
    numbers
}

/// Rows that imports left in their staging tables.
pub async fn staged(world: &World) -> i64 {
    world
        .count(
            "SELECT (SELECT count(*) FROM import_area) + (SELECT count(*) FROM import_resident)
                + (SELECT count(*) FROM import_account)
                + (SELECT count(*) FROM import_beneficiary)",
        )
        .await
}

/// A synthetic ID number of a woman (even sequence numbers) under the unassigned area code.
pub fn id_number(born: &str, sequence: u32) -> String {
    let body = format!("341191{born}{sequence:03}");
    let check = check_character(&body).expect("17 digits");
    format!("{body}{check}")
}
