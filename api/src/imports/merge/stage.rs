//! Staging rows, and the transaction that merges them.

use std::time::{Duration, Instant};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait as _, EntityTrait, IntoActiveModel, Iterable as _, Statement,
    Value,
};
use uuid::Uuid;

use crate::access::sessions::{self, Epoch};
use crate::audit::service::{self as audit, Act};
use crate::db::{Connection, Handle as _, Tx, is_in_the_way};
use crate::error::Result;

use super::super::Code;
use super::{Import, Outcome, REASON, Verdicts};

/// Values that SQLite binds in one statement; PostgreSQL takes twice as many.
const MAX_BINDS: usize = 32_000;
/// How often rows are matched whose records others keep changing.
const MAX_ROUNDS: u32 = 3;
/// How often a part is tried while others are in its way, and the pause in which they get on.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// How staged rows of one kind are merged. In every statement `$1` is the part that is merged, `$2` now
/// and `$3` today.
#[derive(Debug)]
pub struct Plan {
    /// The audit's word for it.
    pub action: &'static str,
    /// The table of staged rows.
    pub table: &'static str,
    /// The tables that nobody else writes to while rows are merged.
    pub holds: &'static [&'static str],
    /// What every server reads again.
    pub epoch: Option<Epoch>,
    /// Selects the ordinals of staged rows whose records are no longer as they were matched.
    pub stale: &'static str,
}

/// How a merge began.
#[derive(Debug)]
pub enum Begun {
    /// Everything staged can be merged in this transaction.
    Ready(Merging),
    /// These rows are to be matched and staged again first.
    Again(Vec<usize>),
    /// Nothing is left to merge.
    Nothing,
}

/// An open merging transaction.
#[derive(Debug)]
pub struct Merging {
    /// The transaction, for what only one kind of import does.
    pub tx: Tx,
    part: Uuid,
    started: Instant,
}

/// Writes decided rows to their staging table, in short transactions.
pub async fn stage<A>(import: &Import<'_>, rows: Vec<impl IntoActiveModel<A>>) -> Result<()>
where
    A: ActiveModelTrait + Send,
{
    let size = MAX_BINDS / <A::Entity as EntityTrait>::Column::iter().count();
    let mut rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    loop {
        let batch: Vec<A> = rows.by_ref().take(size).collect();
        if batch.is_empty() {
            return Ok(());
        }
        let tx = import.db.begin().await?;
        A::Entity::insert_many(batch)
            .exec_without_returning(&tx.unscoped(REASON))
            .await?;
        tx.commit().await?;
    }
}

/// Begins the merge of a part of what is staged, after the `round`th matching (from 1).
///
/// In the last round rows that still are not as they were matched are refused, and the others merged.
pub async fn begin(
    import: &Import<'_>,
    plan: &Plan,
    part: Uuid,
    verdicts: &mut Verdicts,
    round: u32,
) -> Result<Begun> {
    let tx = import.db.begin().await?;
    let started = Instant::now();
    // In the order of every other change of access: first the announcement, then the rows.
    if let Some(epoch) = plan.epoch {
        sessions::announce(&tx, epoch).await?;
    }
    tx.hold(plan.holds).await?;
    import.reach.still_holds(import, &tx).await?;
    let stale = stale(import, &tx, plan, part).await?;
    if !stale.is_empty() && round < MAX_ROUNDS {
        tx.rollback().await?;
        let tx = import.db.begin().await?;
        remove(import, &tx, (plan, part), &stale).await?;
        tx.commit().await?;
        return Ok(Begun::Again(stale));
    }
    // One that is begun anew has said so before.
    let unsaid = |ordinal: &&usize| !verdicts.is_refused(**ordinal);
    for ordinal in stale.iter().filter(unsaid).copied().collect::<Vec<_>>() {
        let message = "导入期间有人修改了同一条记录，本行没有导入，请再导入一次";
        verdicts.find(ordinal, ("", ""), Code::ChangedMeanwhile, message);
    }
    if verdicts.ends_here(import.options) {
        tx.rollback().await?;
        return Ok(Begun::Nothing);
    }
    remove(import, &tx, (plan, part), &stale).await?;
    Ok(Begun::Ready(Merging { tx, part, started }))
}

/// Merges a part, unless some of its rows are to be matched again first: it returns those, and the others
/// stay staged. Where somebody's edit is in the way, that is let through first.
pub async fn merge(
    import: &Import<'_>,
    (plan, part): (&Plan, Uuid),
    statements: &[impl AsRef<str>],
    verdicts: &mut Verdicts,
    round: u32,
) -> Result<Vec<usize>> {
    for _ in 1..TRIES {
        match merge_once(import, (plan, part), statements, verdicts, round).await {
            Err(error) if is_in_the_way(&error) => tokio::time::sleep(PAUSE).await,
            done => return done,
        }
    }
    merge_once(import, (plan, part), statements, verdicts, round).await
}

async fn merge_once(
    import: &Import<'_>,
    (plan, part): (&Plan, Uuid),
    statements: &[impl AsRef<str>],
    verdicts: &mut Verdicts,
    round: u32,
) -> Result<Vec<usize>> {
    match begin(import, plan, part, verdicts, round).await? {
        Begun::Ready(merging) => {
            merging.tx.give_way().await?;
            apply(import, statements, &merging).await?;
            finish(import, plan, verdicts, merging).await?;
        }
        Begun::Nothing => {}
        Begun::Again(stale) => return Ok(stale),
    }
    clear(import, plan, part).await?;
    Ok(Vec::new())
}

/// Runs the statements of a merge.
pub async fn apply(
    import: &Import<'_>,
    statements: impl IntoIterator<Item = impl AsRef<str>>,
    merging: &Merging,
) -> Result<()> {
    for sql in statements {
        let connection = merging.tx.unscoped(REASON);
        let statement = statement(import, &connection, merging.part, sql.as_ref());
        connection.execute_raw(statement).await?;
    }
    Ok(())
}

/// Makes everything merged durable. The first part leaves the audit entry: what was
/// decided of every row, and in how many parts it is merged. A later part may fail, so that the entry
/// speaks of a plan, which a single part carries out as a whole.
pub async fn finish(
    import: &Import<'_>,
    plan: &Plan,
    verdicts: &mut Verdicts,
    merging: Merging,
) -> Result<()> {
    let Merging { tx, started, .. } = merging;
    if !verdicts.recorded {
        record(import, plan, &tx, verdicts).await?;
    }
    tx.commit().await?;
    verdicts.recorded = true;
    verdicts.merging = verdicts.merging.max(started.elapsed());
    Ok(())
}

async fn record(import: &Import<'_>, plan: &Plan, tx: &Tx, verdicts: &Verdicts) -> Result<()> {
    let details = serde_json::json!({
        "source": import.options.source,
        "parts": verdicts.parts,
        "planned": {
            "created": verdicts.count(Outcome::Created),
            "updated": verdicts.count(Outcome::Updated),
            "unchanged": verdicts.count(Outcome::Unchanged),
            "refused": verdicts.count(Outcome::Refused),
        },
    });
    let act = Act {
        action: plan.action,
        subject_kind: "Import",
        subject_id: import.id,
        area_id: None,
        reason: None,
        fields: String::new(),
        details: Some(details.to_string()),
    };
    audit::record_by(import.reach.author(import), tx, act).await
}

/// Removes the staged rows of a part, and those of imports that were cut short a day ago or earlier.
pub async fn clear(import: &Import<'_>, plan: &Plan, part: Uuid) -> Result<()> {
    let tx = import.db.begin().await?;
    let connection = tx.unscoped(REASON);
    let sql = format!(
        "DELETE FROM {} WHERE import_id = $1 OR created_at < $2",
        plan.table
    );
    let values: [Value; 2] = [part.into(), (import.now - chrono::Duration::days(1)).into()];
    let backend = connection.get_database_backend();
    connection
        .execute_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    tx.commit().await
}

async fn stale(import: &Import<'_>, tx: &Tx, plan: &Plan, part: Uuid) -> Result<Vec<usize>> {
    let connection = tx.unscoped(REASON);
    let statement = statement(import, &connection, part, plan.stale);
    let rows = connection.query_all_raw(statement).await?;
    let mut ordinals = rows
        .iter()
        .map(|row| Ok(usize::try_from(row.try_get_by_index::<i32>(0)?).unwrap_or_default()))
        .collect::<Result<Vec<_>>>()?;
    ordinals.sort_unstable();
    Ok(ordinals)
}

async fn remove(
    import: &Import<'_>,
    tx: &Tx,
    (plan, part): (&Plan, Uuid),
    ordinals: &[usize],
) -> Result<()> {
    for some in ordinals.chunks(1000) {
        let list: Vec<String> = some.iter().map(ToString::to_string).collect();
        let sql = format!(
            "DELETE FROM {} WHERE import_id = $1 AND ordinal IN ({})",
            plan.table,
            list.join(", ")
        );
        let connection = tx.unscoped(REASON);
        let statement = statement(import, &connection, part, &sql);
        connection.execute_raw(statement).await?;
    }
    Ok(())
}

/// A statement with as many of part, now and today as it names.
fn statement(import: &Import<'_>, connection: &Connection<'_>, part: Uuid, sql: &str) -> Statement {
    let values: [Value; 3] = [part.into(), import.now.into(), import.today.into()];
    let named = (1..=3).rev().find(|n| sql.contains(&format!("${n}")));
    Statement::from_sql_and_values(
        connection.get_database_backend(),
        sql,
        values.into_iter().take(named.unwrap_or_default()),
    )
}
