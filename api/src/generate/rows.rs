//! Keys of made-up rows, and their way into the database.

use chrono::{DateTime, Utc};
use sea_orm::{ActiveModelTrait, ConnectionTrait as _, EntityTrait, Iterable as _};
use uuid::{Builder, Uuid};

use crate::db::{Db, Handle as _, Tx};
use crate::error::Result;

/// Under which the rows are written.
pub(super) const REASON: &str = "made-up data, written before anybody is there";

/// Values of one statement: `SQLite` takes 32,766.
const VALUES: usize = 30_000;

/// What a key is of: kinds share an instant and a number, never a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Area = 1,
    Account,
    Grant,
    Household,
    Place,
    Resident,
    Residence,
    Contact,
    Enrolment,
    Task,
    Report,
    Beneficiary,
    Round,
    Check,
}

/// The key of the row with this number, a `UUIDv7` of the instant at which it would have been made.
pub(super) fn key(of: Of, number: u64, at: DateTime<Utc>) -> Uuid {
    let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
    let [_, _, _, _, low @ ..] = number.to_be_bytes();
    let mut rest = [0; 10];
    // The version and the variant overwrite bits of the first three bytes.
    rest[5] = of as u8;
    rest[6..].copy_from_slice(&low);
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

/// Inserts rows of a table, as many at a time as a statement takes.
pub(super) async fn insert<A>(tx: &Tx, rows: Vec<A>) -> Result<()>
where
    A: ActiveModelTrait + Send,
{
    let columns = <A::Entity as EntityTrait>::Column::iter().count();
    let connection = tx.unscoped(REASON);
    let mut rows = rows.into_iter().peekable();
    while rows.peek().is_some() {
        let part: Vec<A> = rows.by_ref().take(VALUES / columns).collect();
        A::Entity::insert_many(part)
            .exec_without_returning(&connection)
            .await?;
    }
    Ok(())
}

/// Lets the database count what it has, as it would have by the time that so much is there.
pub(super) async fn analyze(db: &Db) -> Result<()> {
    let tx = db.begin().await?;
    tx.unscoped(REASON).execute_unprepared("ANALYZE").await?;
    tx.commit().await
}
