//! Removing what was stored for nothing: a server that ended between a file and its row left it behind.

use std::collections::HashSet;

use chrono::{DateTime, Duration, Utc};
use entity::attachment;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use crate::context::App;
use crate::db::Handle as _;
use crate::error::Result;

/// How long a row may be on its way: more than any request or clock needs.
const AGE: Duration = Duration::days(1);
/// How many names are looked up in one statement.
const BATCH: usize = 500;

/// Removes files older than a day that no row names, and says how many.
pub async fn sweep(app: &App) -> Result<usize> {
    let before = app.clock.now() - AGE;
    let mut old = app.store.names().await?;
    old.retain(|name| made_at(*name).is_some_and(|at| at < before));
    let mut removed = 0;
    for some in old.chunks(BATCH) {
        let named: Vec<Uuid> = attachment::Entity::find()
            .select_only()
            .column(attachment::Column::ObjectName)
            .filter(attachment::Column::ObjectName.is_in(some.iter().copied()))
            .into_tuple()
            .all(
                &app.db
                    .unscoped("whether a stored file belongs to a row, whoever's it is"),
            )
            .await?;
        let named: HashSet<Uuid> = named.into_iter().collect();
        for name in some.iter().filter(|name| !named.contains(*name)) {
            app.store.remove(*name).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// When a name was made; names are UUIDs of version 7.
fn made_at(name: Uuid) -> Option<DateTime<Utc>> {
    let (seconds, nanos) = name.get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanos)
}
