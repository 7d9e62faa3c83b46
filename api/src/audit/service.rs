//! Writing the audit.

use std::collections::BTreeSet;

use entity::{audit_detail, audit_entry, audit_subject};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, InsertStatement, Query};
use sea_orm::{EntityTrait as _, QueryTrait as _};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::access::keys::{Keys, random};
use crate::access::sealed::{self, Field, hex};
use crate::clock::Clock;
use crate::context::Cx;
use crate::db::{Handle as _, Tx, unnested};
use crate::error::{Error, Result};

const REASON: &str = "the audit is written by everyone and read by none of them";

/// What was done.
#[derive(Clone, Debug)]
pub struct Act {
    /// The mutation's name.
    pub action: &'static str,
    /// The GraphQL type of what it was done to.
    pub subject_kind: &'static str,
    /// What it was done to.
    pub subject_id: Uuid,
    /// Where that lies.
    pub area_id: Option<Uuid>,
    /// The reason a person gave.
    pub reason: Option<String>,
    /// The names of the fields that changed, separated by commas.
    pub fields: String,
    /// What they were changed to, as text for those who may open it; sealed.
    pub details: Option<String>,
}

/// Whose act it was: a person's in a request, or the operator's by command.
#[derive(Clone, Copy, Debug)]
pub struct Author<'a> {
    /// Seals the details.
    pub keys: &'a Keys,
    /// Time and new ids.
    pub clock: &'a Clock,
    /// The signed-in person; absent for commands and before signing in.
    pub actor: Option<Uuid>,
    /// The request; absent for commands.
    pub request_id: Option<&'a str>,
}

impl<'a> Author<'a> {
    /// The person behind a request.
    #[must_use]
    pub fn of(cx: &'a Cx) -> Self {
        Self {
            keys: &cx.app.keys,
            clock: &cx.app.clock,
            actor: cx.actor.as_ref().map(|actor| actor.account),
            request_id: Some(&cx.request_id),
        }
    }

    /// The operator, at the command line.
    #[must_use]
    pub const fn operator(keys: &'a Keys, clock: &'a Clock) -> Self {
        Self {
            keys,
            clock,
            actor: None,
            request_id: None,
        }
    }
}

/// Leaves the entry of a mutation in its transaction.
pub async fn record(cx: &Cx, tx: &Tx, act: Act) -> Result<()> {
    record_by(Author::of(cx), tx, act).await
}

/// Leaves the entry of an act in its transaction, whoever's it was.
pub async fn record_by(author: Author<'_>, tx: &Tx, act: Act) -> Result<()> {
    let connection = tx.unscoped(REASON);
    Ok(connection.execute_all(entry(author, act)?, None).await?)
}

/// The statements that leave the entry of an act: it belongs into the act's transaction.
pub fn entry(author: Author<'_>, act: Act) -> Result<Vec<InsertStatement>> {
    let id = author.clock.new_id();
    let detail = act
        .details
        .as_deref()
        .map(|details| detail(author.keys, id, details))
        .transpose()?;
    let entry = audit_entry::ActiveModel {
        id: Set(id),
        at: Set(author.clock.now()),
        actor_id: Set(author.actor),
        action: Set(act.action.to_owned()),
        subject_kind: Set(act.subject_kind.to_owned()),
        subject_id: Set(Some(act.subject_id)),
        area_id: Set(act.area_id),
        request_id: Set(author.request_id.map(ToOwned::to_owned)),
        reason: Set(act.reason),
        fields: Set((!act.fields.is_empty()).then_some(act.fields)),
        details_hash: Set(detail.as_ref().map(|(_, hash)| hash.clone())),
    };
    let mut inserts = vec![audit_entry::Entity::insert(entry).into_query()];
    inserts.extend(detail.map(|(row, _)| audit_detail::Entity::insert(row).into_query()));
    Ok(inserts)
}

/// The sealed details and the salted hash that stays in the entry when they are erased.
fn detail(keys: &Keys, entry: Uuid, details: &str) -> Result<(audit_detail::ActiveModel, String)> {
    let salt = hex(&random::<16>()?);
    let hash = hex(&Sha256::new()
        .chain_update(salt.as_bytes())
        .chain_update(details.as_bytes())
        .finalize());
    let row = audit_detail::ActiveModel {
        entry_id: Set(entry),
        salt: Set(salt),
        details_sealed: Set(sealed::seal(keys, Field::AuditDetails, details)?),
    };
    Ok((row, hash))
}

/// Leaves one entry for what this operation opened, if anything; call it before the answer leaves.
pub async fn record_reads(cx: &Cx, operation: &str) -> Result<()> {
    let opened = cx.take_opened();
    if opened.is_empty() {
        return Ok(());
    }
    let id = cx.app.clock.new_id();
    let entry = audit_entry::ActiveModel {
        id: Set(id),
        at: Set(cx.app.clock.now()),
        actor_id: Set(cx.actor.as_ref().map(|actor| actor.account)),
        action: Set(format!("read:{operation}").chars().take(60).collect()),
        subject_kind: Set("Operation".to_owned()),
        request_id: Set(Some(cx.request_id.to_string())),
        ..Default::default()
    };
    let entry = audit_entry::Entity::insert(entry).into_query();
    let connection = cx.app.db.unscoped(REASON);
    if connection.takes_lists() {
        // One statement needs no transaction around it.
        let inserts = vec![entry, listed_subjects(id, &opened)?];
        return Ok(connection.execute_all(inserts, None).await?);
    }
    let subjects = opened
        .into_iter()
        .map(|(kind, subject)| audit_subject::ActiveModel {
            entry_id: Set(id),
            subject_kind: Set(kind.to_owned()),
            subject_id: Set(subject),
        });
    // One statement takes 32,766 values, three for each subject.
    let subjects: Vec<_> = subjects.collect();
    let parts = subjects.chunks(10_000);
    let parts = parts.map(|part| audit_subject::Entity::insert_many(part.to_vec()).into_query());
    let inserts = std::iter::once(entry).chain(parts).collect();
    let tx = cx.app.db.begin().await?;
    tx.unscoped(REASON).execute_all(inserts, None).await?;
    tx.commit().await
}

/// The subjects of an entry as two lists: the same statement whatever their number.
fn listed_subjects(
    entry: Uuid,
    opened: &BTreeSet<(&'static str, Uuid)>,
) -> Result<InsertStatement> {
    use audit_subject::Column as C;
    let rows = Query::select()
        .expr(Expr::value(entry))
        .expr(unnested(opened.iter().map(|(kind, _)| kind), "text[]"))
        .expr(unnested(opened.iter().map(|(_, id)| id), "uuid[]"))
        .to_owned();
    let mut insert = InsertStatement::new();
    insert
        .into_table(audit_subject::Entity)
        .columns([C::EntryId, C::SubjectKind, C::SubjectId])
        .select_from(rows)
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(insert)
}
