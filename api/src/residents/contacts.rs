//! A resident's emergency contacts, replaced as one list.

use std::collections::HashMap;

use entity::enums::ChangeKind;
use entity::{emergency_contact, resident};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::edit::{act, to_edit};
use super::rules;
use crate::access::policy::Permission;
use crate::access::protected::is_stored;
use crate::access::sealed::{self, Field};
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "the contacts of a resident whom the scope let through";

/// How many contacts a resident may have.
pub const MOST: usize = 5;

/// A contact as it shall be.
#[derive(Clone, Debug, Serialize)]
pub struct Contact {
    /// The one it changes; absent, it is new.
    pub id: Option<Uuid>,
    /// The name.
    pub name: String,
    /// The phone number, or its masked form where it stays.
    pub phone: Option<String>,
    /// The relation to the resident.
    pub relation: Option<String>,
}

/// Replaces the list; contacts given with their id stay, others go. Needs `RESIDENT_EDIT`.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OUT_OF_RANGE`, `PHONE_INVALID`, `VERSION_CONFLICT`.
pub async fn set(
    cx: &Cx,
    id: Uuid,
    expected_version: i64,
    contacts: Vec<Contact>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use resident::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::ResidentEdit)?;
    if contacts.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("contacts"));
    }
    let input = (id, expected_version, &contacts);
    let write = match Write::begin(cx, Request::new("setEmergencyContacts", key, &input)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    let outcome = Outcome::of(id);
    let Some(rows) = differing(cx, write.tx(), id, &contacts).await? else {
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    // First the resident, then what hangs on them: the order of an import's merge.
    actor
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .id(id)
        .filter(C::Version.eq(expected_version))
        .update(write.tx(), |update| {
            update
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(id))?;
    replace(write.tx(), id, rows).await?;
    // Contacts belong to their resident, whose change announces them.
    let changed = Changed::in_place(ChangeKind::Resident, id, Some(row.area_id));
    let act = act(
        "setEmergencyContacts",
        &row,
        "emergency_contacts",
        Some(&contacts),
    );
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The list as it will be stored; none where it is on record like that.
async fn differing(
    cx: &Cx,
    tx: &Tx,
    resident: Uuid,
    contacts: &[Contact],
) -> Result<Option<Vec<emergency_contact::ActiveModel>>> {
    let known = emergency_contact::Entity::find()
        .filter(emergency_contact::Column::ResidentId.eq(resident))
        .all(&tx.unscoped(REASON))
        .await?;
    let count = known.len();
    let mut known: HashMap<Uuid, emergency_contact::Model> =
        known.into_iter().map(|row| (row.id, row)).collect();
    let mut changed = count != contacts.len();
    let mut rows = Vec::with_capacity(contacts.len());
    for (position, contact) in (1..).zip(contacts) {
        let before = match contact.id {
            Some(id) => Some(
                known
                    .remove(&id)
                    .ok_or_else(|| Error::refused(Code::NotFound).on("contacts.id"))?,
            ),
            None => None,
        };
        let row = row(cx, resident, position, contact, before.as_ref())?;
        changed |= before.as_ref() != Some(&row);
        rows.push(emergency_contact::ActiveModel::from(row).reset_all());
    }
    Ok(changed.then_some(rows))
}

/// Writes the list anew, since positions are unique and may have been swapped.
async fn replace(tx: &Tx, resident: Uuid, rows: Vec<emergency_contact::ActiveModel>) -> Result<()> {
    let connection = tx.unscoped(REASON);
    emergency_contact::Entity::delete_many()
        .filter(emergency_contact::Column::ResidentId.eq(resident))
        .exec(&connection)
        .await?;
    if !rows.is_empty() {
        emergency_contact::Entity::insert_many(rows)
            .exec_without_returning(&connection)
            .await?;
    }
    Ok(())
}

/// The contact as it will be stored: the very row of before where nothing differs.
fn row(
    cx: &Cx,
    resident: Uuid,
    position: i32,
    contact: &Contact,
    before: Option<&emergency_contact::Model>,
) -> Result<emergency_contact::Model> {
    let (keys, now) = (&cx.app.keys, cx.app.clock.now());
    let stored = before.and_then(|row| row.phone_sealed.as_deref());
    let (phone_sealed, phone_hash) = match (contact.phone.as_deref(), before) {
        (None, _) => (None, None),
        (Some(text), Some(row)) if is_stored(keys, Field::Phone, stored, text) => {
            (row.phone_sealed.clone(), row.phone_hash.clone())
        }
        (Some(text), _) => {
            let phone = rules::phone(text, "contacts.phone")?;
            (
                Some(sealed::seal(keys, Field::Phone, phone.as_str())?),
                Some(sealed::hash(keys, Field::Phone, phone.as_str())),
            )
        }
    };
    let mut row = emergency_contact::Model {
        id: contact.id.unwrap_or_else(|| cx.app.clock.new_id()),
        resident_id: resident,
        name: contact.name.clone(),
        phone_sealed,
        phone_hash,
        relation: contact.relation.clone(),
        position,
        version: before.map_or(1, |row| row.version),
        created_at: before.map_or(now, |row| row.created_at),
        updated_at: before.map_or(now, |row| row.updated_at),
    };
    if before.is_some_and(|before| *before != row) {
        row.version += 1;
        row.updated_at = now;
    }
    Ok(row)
}
