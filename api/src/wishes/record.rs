//! Writing a wish down.

use chrono::NaiveDate;
use entity::enums::{AskedHow, ChangeKind, ServiceCategory, WishUrgency};
use entity::{household, wish};
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use uuid::Uuid;

use super::rules::FIRST;
use crate::access::scope::{Grant, insert_new};
use crate::access::sealed::{Field, seal};
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;

/// A wish to be written down.
#[derive(Clone, Debug, Serialize)]
pub struct NewWish {
    /// Who of the household asks, where it is one person's wish.
    pub resident: Option<Uuid>,
    /// What kind of service it asks for.
    pub category: ServiceCategory,
    /// What is wished for, with nothing in it that tells who asks.
    pub words: String,
    /// What else whoever goes there must know.
    pub notes: Option<String>,
    /// How urgent it is.
    pub urgency: WishUrgency,
    /// How the household said it.
    pub how: AskedHow,
    /// The visit during which it was said.
    pub visit_task: Option<Uuid>,
    /// The last day on which it makes sense.
    pub expires_on: Option<NaiveDate>,
    /// How many helpers it can use.
    pub hands: i32,
}

/// Writes a wish of `home` down within an open write, under the key `id`; absent where that key is taken.
pub(super) async fn write_down(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (home, id, new): (&household::Model, Uuid, NewWish),
) -> Result<Option<(wish::Model, Changed)>> {
    let now = cx.app.clock.now();
    let notes = new
        .notes
        .map(|notes| seal(&cx.app.keys, Field::VisitNotes, &notes))
        .transpose()?;
    let row = wish::ActiveModel {
        id: Set(id),
        household_id: Set(home.id),
        resident_id: Set(new.resident),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        category: Set(new.category),
        words: Set(new.words),
        notes_sealed: Set(notes),
        urgency: Set(new.urgency),
        status: Set(FIRST),
        how: Set(new.how),
        recorded_by: Set(cx.actor()?.account),
        visit_task_id: Set(new.visit_task),
        expires_on: Set(new.expires_on),
        hands: Set(new.hands),
        code_tries: Set(0),
        is_silent: Set(false),
        complaints: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = insert_new(tx, grant, row).await?;
    Ok(row.map(|row| {
        let changed = Changed::new(ChangeKind::Wish, row.id, Some(row.area_id));
        (row, changed)
    }))
}
