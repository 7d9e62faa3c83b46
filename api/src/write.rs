//! One write: begin, reserve the key, change rows; then audit, announce, complete the key and commit at once.
//!
//! A service begins a [`Write`], changes rows through a scope, says what it did with
//! [`Write::record`] and commits. Dropped before the commit it leaves everything as it was.

use std::sync::{Mutex, MutexGuard, PoisonError};

use entity::idempotency_key;
use sea_orm::sea_query::{InsertStatement, OnConflict, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::policy::Permission;
use crate::access::scope::{Grant, ScopedEntity};
use crate::access::sealed::keyed_hash;
use crate::audit;
use crate::audit::service::{Act, Author};
use crate::changes::service as changes;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const LAST: &str =
    "audit, change log, the caller's own key and claim: written with what a scope let through";

/// Up to how many changed objects are announced in the commit's own statement.
const ANNOUNCED_LAST: usize = 500;

/// What is kept of a mutation under its key: enough to render the same answer again, no field of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The primary keys of what the mutation made or changed, the main one first.
    pub ids: Vec<Uuid>,
    /// Where a mutation has many parts: why each was refused, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<Option<Code>>,
}

impl Outcome {
    /// The outcome of a mutation about one object.
    #[must_use]
    pub fn of(id: Uuid) -> Self {
        Self {
            ids: vec![id],
            codes: Vec::new(),
        }
    }

    /// The main object.
    pub fn id(&self) -> Result<Uuid> {
        self.ids
            .first()
            .copied()
            .ok_or_else(|| Error::internal("an outcome without an object"))
    }
}

/// A mutation's name, its key as the phone sent it, and everything else it was given.
#[derive(Clone)]
pub struct Request {
    mutation: &'static str,
    key: Option<Uuid>,
    input: Vec<u8>,
}

impl Request {
    /// Describes a call of `mutation`; `input` must not contain the key itself.
    #[must_use]
    pub fn new(mutation: &'static str, key: Option<Uuid>, input: &impl Serialize) -> Self {
        Self {
            mutation,
            key,
            // Inputs are plain structs, which always have a JSON form.
            input: serde_json::to_vec(input).unwrap_or_default(),
        }
    }

    /// Tells this call from others under its key; keyed, since inputs hold phone and ID numbers.
    fn input_hash(&self, keys: &Keys) -> String {
        keyed_hash(
            &keys.hash,
            &[b"input", self.mutation.as_bytes(), &self.input],
        )
    }
}

/// How a write began.
#[derive(Debug)]
pub enum Begun {
    /// The key is new (or none came): do the work.
    New(Write),
    /// The same call was carried out before: answer with its outcome.
    Replay(Outcome),
}

/// An open write.
#[derive(Debug)]
pub struct Write {
    tx: Tx,
    key: Option<(Uuid, Uuid)>,
    last: Mutex<Last>,
}

/// What is written with the commit: nothing of the transaction reads it.
#[derive(Debug, Default)]
struct Last {
    inserts: Vec<InsertStatement>,
    announced: usize,
}

impl Write {
    /// Begins a transaction and reserves the idempotency key in its first statement.
    pub async fn begin(cx: &Cx, request: Request) -> Result<Begun> {
        let tx = cx.app.db.begin().await?;
        let Some(key) = request.key else {
            return Ok(Begun::New(Self::open(tx, None)));
        };
        let account = cx.actor()?.account;
        let input_hash = request.input_hash(&cx.app.keys);
        let mut insert = Query::insert();
        insert
            .into_table(idempotency_key::Entity)
            .columns([
                idempotency_key::Column::AccountId,
                idempotency_key::Column::Key,
                idempotency_key::Column::Mutation,
                idempotency_key::Column::InputHash,
                idempotency_key::Column::CreatedAt,
            ])
            .values_panic([
                account.into(),
                key.into(),
                request.mutation.into(),
                input_hash.clone().into(),
                cx.app.clock.now().into(),
            ])
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        let inserted = tx
            .unscoped("idempotency keys belong to the caller")
            .execute(&insert)
            .await?;
        if inserted.rows_affected() == 1 {
            return Ok(Begun::New(Self::open(tx, Some((account, key)))));
        }
        tx.rollback().await?;
        replay(cx, account, key, &input_hash)
            .await
            .map(Begun::Replay)
    }

    fn open(tx: Tx, key: Option<(Uuid, Uuid)>) -> Self {
        Self {
            tx,
            key,
            last: Mutex::default(),
        }
    }

    /// The transaction, for scopes.
    #[must_use]
    pub const fn tx(&self) -> &Tx {
        &self.tx
    }

    /// The row that an edit is about, held until the end, with the proof that `edit` holds there.
    ///
    /// What the actor sees by `read` but may not change is `NOT_PERMITTED`, anything else `NOT_FOUND`.
    pub async fn to_change<E: ScopedEntity>(
        &self,
        cx: &Cx,
        id: Uuid,
        edit: Permission,
        read: Permission,
    ) -> Result<(E::Model, Grant)> {
        let actor = cx.actor()?;
        let found = actor.scoped::<E>(edit).id(id).one_to_change(&self.tx);
        if let Some(found) = found.await? {
            return Ok(found);
        }
        let seen = actor.scoped::<E>(read).id(id).count(&self.tx).await?;
        Err(Error::refused(match seen {
            0 => Code::NotFound,
            _ => Code::NotPermitted,
        }))
    }

    /// The row that an edit refers to, which stays as it is until the end, with the proof that
    /// `edit` holds there. Refused as by [`Write::to_change`]; others may refer to it meanwhile.
    pub async fn to_refer_to<E: ScopedEntity>(
        &self,
        cx: &Cx,
        id: Uuid,
        edit: Permission,
        read: Permission,
    ) -> Result<(E::Model, Grant)> {
        let actor = cx.actor()?;
        let found = actor.scoped::<E>(edit).id(id).one_to_refer_to(&self.tx);
        if let Some(found) = found.await? {
            return Ok(found);
        }
        let seen = actor.scoped::<E>(read).id(id).count(&self.tx).await?;
        Err(Error::refused(match seen {
            0 => Code::NotFound,
            _ => Code::NotPermitted,
        }))
    }

    /// Leaves the audit entry of this write and announces the changed object; both are there with the commit.
    pub async fn record(&self, cx: &Cx, act: Act, changed: changes::Changed) -> Result<()> {
        self.record_all(cx, act, &[changed]).await
    }

    /// Leaves the audit entry of this write and announces every changed object, with the commit.
    pub async fn record_all(&self, cx: &Cx, act: Act, changed: &[changes::Changed]) -> Result<()> {
        self.write_last(audit::service::entry(Author::of(cx), act)?);
        {
            let mut last = self.last();
            if last.announced + changed.len() <= ANNOUNCED_LAST {
                last.announced += changed.len();
                let now = cx.app.clock.now();
                last.inserts.extend(changes::announcements(now, changed));
                return Ok(());
            }
        }
        changes::record(cx, &self.tx, changed).await
    }

    /// Writes rows with the commit, of which nothing else in this transaction knows.
    pub fn write_last(&self, inserts: impl IntoIterator<Item = InsertStatement>) {
        self.last().inserts.extend(inserts);
    }

    fn last(&self) -> MutexGuard<'_, Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends a create whose id is taken: by the same create it is that one, by anything else `ID_TAKEN`.
    pub async fn made_before(self, id: Uuid, is_same: bool) -> Result<Outcome> {
        if !is_same {
            return Err(Error::refused(Code::IdTaken).on("id"));
        }
        let outcome = Outcome::of(id);
        self.commit(&outcome).await?;
        Ok(outcome)
    }

    /// Keeps the outcome under the key and makes everything durable.
    pub async fn commit(self, outcome: &Outcome) -> Result<()> {
        let text = serde_json::to_string(outcome).map_err(|error| Error::Internal(error.into()))?;
        let update = self.key.map(|(account, key)| {
            Query::update()
                .table(idempotency_key::Entity)
                .value(idempotency_key::Column::Outcome, text)
                .and_where(idempotency_key::Column::AccountId.eq(account))
                .and_where(idempotency_key::Column::Key.eq(key))
                .to_owned()
        });
        let last = self.last.into_inner();
        let inserts = last.unwrap_or_else(PoisonError::into_inner).inserts;
        let connection = self.tx.unscoped(LAST);
        connection.execute_all(inserts, update).await?;
        self.tx.commit().await
    }
}

/// The id of what a create makes: the one the phone chose, if it did.
///
/// Refused: `UUID_INVALID` on `id` unless it is a UUIDv7, so that keys follow time.
pub fn id_of_new(cx: &Cx, chosen: Option<Uuid>) -> Result<Uuid> {
    match chosen {
        Some(id) if id.get_version_num() != 7 => Err(Error::refused(Code::UuidInvalid).on("id")),
        Some(id) => Ok(id),
        None => Ok(cx.app.clock.new_id()),
    }
}

async fn replay(cx: &Cx, account: Uuid, key: Uuid, input_hash: &str) -> Result<Outcome> {
    let kept = idempotency_key::Entity::find_by_id((account, key))
        .one(&cx.app.db.unscoped("idempotency keys belong to the caller"))
        .await?
        .ok_or_else(|| Error::internal("an idempotency key vanished while it was used"))?;
    if kept.input_hash != input_hash {
        return Err(Error::refused(Code::IdempotencyKeyReused).on("idempotencyKey"));
    }
    let text = kept
        .outcome
        .ok_or_else(|| Error::internal("an idempotency key without an outcome"))?;
    serde_json::from_str(&text).map_err(|error| Error::Internal(error.into()))
}
