//! Nuanlin's database migrations, one set for SQLite and PostgreSQL.
//!
//! Migrations are append-only: a released file is never edited. Each runs in a transaction on both
//! databases. An enum is a short string **without** CHECK; a CHECK is only for a rule between
//! columns that won't change. On SQLite the caller's connection has `foreign_keys` off, and checks
//! them before it commits.
//!
//! What the columns mean is told once, in the `entity` crate.

mod m0001_places_accounts;
mod m0002_people;
mod m0003_visits;
mod m0004_records;
mod m0005_visits_in_full;
mod m0006_care_plans;
mod m0008_kinds;
mod m0009_reports;
mod m0010_alarms;
mod m0011_coverage;
mod m0014_volunteers;
mod m0015_places;
mod m0017_rounds;
mod m0018_findings;
mod m0019_duty;
mod m0020_meals;
mod m0021_certifications;
mod m0022_attachments;
mod m0023_purge;
mod m0024_roster_import;
mod m0025_sessions;
mod m0026_accompaniments;
mod m0026_hand_overs;
mod m0027_coverage;
mod m0028_last_said;
mod m0029_evidence;
mod m0031_partners;
mod m0032_wishes;
mod m0034_booking_notices;
mod m0035_wish_pictures;
mod m0036_open_by_due;
mod m0037_audit_subjects;
mod m0038_in_hand;

mod table;

use sea_orm_migration::prelude::*;
pub use sea_orm_migration::{MigrationStatus, MigratorTrait};

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_places_accounts::Migration),
            Box::new(m0002_people::Migration),
            Box::new(m0003_visits::Migration),
            Box::new(m0004_records::Migration),
            Box::new(m0005_visits_in_full::Migration),
            Box::new(m0006_care_plans::Migration),
            Box::new(m0008_kinds::Migration),
            Box::new(m0009_reports::Migration),
            Box::new(m0010_alarms::Migration),
            Box::new(m0011_coverage::Migration),
            Box::new(m0014_volunteers::Migration),
            Box::new(m0015_places::Migration),
            Box::new(m0017_rounds::Migration),
            Box::new(m0018_findings::Migration),
            Box::new(m0019_duty::Migration),
            Box::new(m0020_meals::Migration),
            Box::new(m0021_certifications::Migration),
            Box::new(m0022_attachments::Migration),
            Box::new(m0023_purge::Migration),
            Box::new(m0024_roster_import::Migration),
            Box::new(m0025_sessions::Migration),
            Box::new(m0026_accompaniments::Migration),
            Box::new(m0026_hand_overs::Migration),
            Box::new(m0027_coverage::Migration),
            Box::new(m0028_last_said::Migration),
            Box::new(m0029_evidence::Migration),
            Box::new(m0031_partners::Migration),
            Box::new(m0032_wishes::Migration),
            Box::new(m0034_booking_notices::Migration),
            Box::new(m0035_wish_pictures::Migration),
            Box::new(m0036_open_by_due::Migration),
            Box::new(m0037_audit_subjects::Migration),
            Box::new(m0038_in_hand::Migration),
        ]
    }
}
