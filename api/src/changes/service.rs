//! Writing the change log.

use chrono::{DateTime, Utc};
use entity::change;
use entity::enums::{ChangeKind, ChangeOp};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::InsertStatement;
use sea_orm::{EntityTrait as _, QueryTrait as _};
use uuid::Uuid;

use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;

const REASON: &str = "the change log holds no personal data";

/// How many objects one statement announces.
pub const MOST_AT_ONCE: usize = 5_000;

/// One object that changed.
#[derive(Clone, Copy, Debug)]
pub struct Changed {
    /// What it is.
    pub kind: ChangeKind,
    /// Its primary key.
    pub id: Uuid,
    /// Its area before, absent when it is new.
    pub area_before: Option<Uuid>,
    /// Its area now.
    pub area_after: Option<Uuid>,
}

impl Changed {
    /// An object that stayed where it is.
    #[must_use]
    pub const fn in_place(kind: ChangeKind, id: Uuid, area: Option<Uuid>) -> Self {
        Self {
            kind,
            id,
            area_before: area,
            area_after: area,
        }
    }

    /// A new object.
    #[must_use]
    pub const fn new(kind: ChangeKind, id: Uuid, area: Option<Uuid>) -> Self {
        Self {
            kind,
            id,
            area_before: None,
            area_after: area,
        }
    }
}

/// Announces objects that this transaction changed.
pub async fn record(cx: &Cx, tx: &Tx, changed: &[Changed]) -> Result<()> {
    record_at(cx.app.clock.now(), tx, changed).await
}

/// Announces objects that this transaction changed at this moment.
pub async fn record_at(at: DateTime<Utc>, tx: &Tx, changed: &[Changed]) -> Result<()> {
    let connection = tx.unscoped(REASON);
    for insert in announcements(at, changed) {
        connection.execute_all(vec![insert], None).await?;
    }
    Ok(())
}

/// The statements that announce what changed at this moment: they belong into the change's transaction.
pub fn announcements(
    at: DateTime<Utc>,
    changed: &[Changed],
) -> impl Iterator<Item = InsertStatement> {
    // One statement takes 32,766 values on SQLite, six for each.
    changed.chunks(MOST_AT_ONCE).map(move |part| {
        let rows = part.iter().map(|changed| change::ActiveModel {
            kind: Set(changed.kind),
            object_id: Set(changed.id),
            area_before: Set(changed.area_before),
            area_after: Set(changed.area_after),
            op: Set(ChangeOp::Upsert),
            at: Set(at),
            ..Default::default()
        });
        change::Entity::insert_many(rows).into_query()
    })
}
