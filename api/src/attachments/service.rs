//! Adding evidence, seeing it, and opening it.

use chrono::{DateTime, Utc};
use entity::enums::{AttachmentKind, ChangeKind};
use entity::{account, attachment, certification_check, wish};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, FromQueryResult,
    IntoActiveModel as _, PaginatorTrait as _, QueryFilter as _,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::rules::{MOST, MOST_OF_WISH, OPEN, content_type, extension};
use super::scope::{pictured, to_prove};
use super::strip::{self, Unfit};
use crate::access::policy::Permission;
use crate::access::protected::evidence;
use crate::access::scope::{Grant, insert, reach, select_columns};
use crate::access::sealed::{hex, seal_file};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

static PDFS: Semaphore = Semaphore::const_new(1);

const HELD: &str = "the evidence of a check or a wish that the scope let through";

/// What a file proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Subject {
    /// A check.
    Check(Uuid),
    /// That a wish was fulfilled.
    Wish(Uuid),
}

impl Subject {
    /// The parameter that names it.
    const fn field(self) -> &'static str {
        match self {
            Self::Check(_) => "checkId",
            Self::Wish(_) => "wishId",
        }
    }

    fn not_found(self) -> Error {
        Error::refused(Code::NotFound).on(self.field())
    }
}

/// What is to be proved by a file, before the file is there.
#[derive(Clone, Copy, Debug)]
pub struct New {
    /// What it proves.
    pub of: Subject,
    /// The client's key for this call.
    pub key: Option<Uuid>,
}

/// A file that was cleaned and sealed.
struct Prepared {
    name: Uuid,
    kind: AttachmentKind,
    bytes: i64,
    sha256: String,
    sealed: Vec<u8>,
}

/// An attachment with the name of who added it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: attachment::Model,
    /// Who added it.
    pub adder: String,
    /// How often its check was sent back, or its wish complained about.
    pub returns: i32,
}

impl FromQueryResult for Seen {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: attachment::Model::from_query_result(row, prefix)?,
            adder: row.try_get(prefix, "adder_name")?,
            returns: row.try_get(prefix, "returns")?,
        })
    }
}

/// Whether the actor may add evidence to the check or the wish, before the file is sent.
///
/// Refused: `NOT_FOUND`.
pub async fn check(cx: &Cx, new: New) -> Result<()> {
    let (actor, db) = (cx.actor()?, &cx.app.db);
    let found = match new.of {
        Subject::Check(check) => {
            actor.require(Permission::EvidenceAdd)?;
            let scoped = actor.scoped::<certification_check::Entity>(Permission::EvidenceAdd);
            scoped.id(check).count(db).await?
        }
        Subject::Wish(wish) => {
            actor.require(Permission::WishHelp)?;
            to_prove(actor).id(wish).count(db).await?
        }
    };
    match found {
        0 => Err(new.of.not_found()),
        _ => Ok(()),
    }
}

/// Adds a file to a check, or to a wish that the actor is to carry out. Needs `EVIDENCE_ADD` at a check; the same
/// file sent again is the one that is there, and proves what was found since the check was sent back, or done since the
/// household complained.
///
/// Refused: `NOT_FOUND`, `FILE_EMPTY`, `FILE_UNSUPPORTED`, `FILE_BROKEN`, `FILE_ENCRYPTED`, `ALREADY_SETTLED`,
/// `ATTACHMENT_LIMIT`.
pub async fn add(cx: &Cx, new: New, bytes: Vec<u8>) -> Result<Seen> {
    let mut prepared = prepare(cx, bytes).await?;
    // The file first: a row never names what is not there. What stays behind is swept after a day.
    let (store, name) = (&cx.app.store, prepared.name);
    let sealed = std::mem::take(&mut prepared.sealed);
    store.put(name, sealed).await?;
    let added = write(cx, new, &prepared).await;
    // After an error of ours nobody knows whether the row was written.
    let is_spare = match &added {
        Ok((_, is_new)) => !is_new,
        Err(Error::Refused(_) | Error::Conflict(_) | Error::Stopped(..)) => true,
        Err(Error::Internal(_)) => false,
    };
    if is_spare && let Err(error) = store.remove(name).await {
        tracing::warn!(%error, "a file that is not needed stays until it is swept");
    }
    let (id, _) = added?;
    let seen = one(cx, id).await?;
    seen.ok_or_else(|| new.of.not_found())
}

/// Cleans and seals a file beside other work: five megabytes keep a core busy for some milliseconds.
async fn prepare(cx: &Cx, bytes: Vec<u8>) -> Result<Prepared> {
    let (keys, name) = (cx.app.keys.clone(), cx.app.clock.new_id());
    // One PDF at a time: its objects take many times the room of the file.
    let turn = if bytes.starts_with(strip::PDF) {
        PDFS.acquire().await.ok()
    } else {
        None
    };
    let preparing = tokio::task::spawn_blocking(move || {
        let clean = strip::clean(&bytes).map_err(|unfit| {
            Error::refused(match unfit {
                Unfit::Empty => Code::FileEmpty,
                Unfit::Unsupported => Code::FileUnsupported,
                Unfit::Broken => Code::FileBroken,
                Unfit::Encrypted => Code::FileEncrypted,
            })
        })?;
        Ok(Prepared {
            name,
            kind: clean.kind,
            bytes: i64::try_from(clean.bytes.len()).unwrap_or(i64::MAX),
            sha256: hex(&Sha256::digest(&clean.bytes)),
            sealed: seal_file(&keys, name, &clean.bytes)?,
        })
    });
    let prepared = preparing.await;
    drop(turn);
    match prepared {
        Ok(prepared) => prepared,
        // What nobody foresaw in a file is the file's fault, and no reason for an alarm.
        Err(error) if error.is_panic() => Err(Error::refused(Code::FileBroken)),
        Err(error) => Err(Error::Internal(error.into())),
    }
}

/// The attachment's key, and whether it was made now with the prepared file.
async fn write(cx: &Cx, new: New, prepared: &Prepared) -> Result<(Uuid, bool)> {
    let request = Request::new("addAttachment", new.key, &(new.of, &prepared.sha256));
    match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => Ok((outcome.id()?, false)),
        Begun::New(write) => record(cx, write, new.of, prepared).await,
    }
}

/// What is proved, held: neither is it decided on meanwhile, nor does another file come to it.
struct Held {
    of: Subject,
    area: Uuid,
    /// The station to which it is handed, besides the one that answers for it.
    also: Option<Uuid>,
    grant: Grant,
    is_open: bool,
    /// How often it was sent back, or complained about.
    returns: i32,
}

async fn hold(cx: &Cx, write: &Write, of: Subject) -> Result<Held> {
    let (actor, tx) = (cx.actor()?, write.tx());
    Ok(match of {
        Subject::Check(id) => {
            let scoped = actor.scoped::<certification_check::Entity>(Permission::EvidenceAdd);
            let found = scoped.id(id).one_to_refer_to(tx).await?;
            let (check, grant) = found.ok_or_else(|| of.not_found())?;
            Held {
                of,
                area: check.area_id,
                also: check.handed_to_area_id,
                grant,
                is_open: OPEN.contains(&check.status),
                returns: check.returns,
            }
        }
        Subject::Wish(id) => {
            let found = to_prove(actor).id(id).one_to_refer_to(tx).await?;
            let (wish, grant) = found.ok_or_else(|| of.not_found())?;
            Held {
                of,
                area: wish.area_id,
                also: None,
                grant,
                is_open: true,
                returns: wish.complaints,
            }
        }
    })
}

/// The files that prove it.
fn of_subject(of: Subject) -> SimpleExpr {
    match of {
        Subject::Check(id) => attachment::Column::CheckId.eq(id),
        Subject::Wish(id) => attachment::Column::WishId.eq(id),
    }
}

async fn record(cx: &Cx, write: Write, of: Subject, prepared: &Prepared) -> Result<(Uuid, bool)> {
    let held = hold(cx, &write, of).await?;
    let there = attachment::Entity::find()
        .filter(of_subject(of))
        .all(&write.tx().unscoped(HELD))
        .await?;
    let me = cx.actor()?.account;
    let is_mine = |row: &attachment::Model| match of {
        Subject::Check(_) => true,
        // A picture proves what whoever added it has done, since the household complained.
        Subject::Wish(_) => row.added_by == me && row.after_returns == held.returns,
    };
    let same = there.iter().find(|row| row.sha256 == prepared.sha256);
    if let Some(same) = same
        && (!held.is_open || (same.after_returns == held.returns && is_mine(same)))
    {
        write.commit(&Outcome::of(same.id)).await?;
        return Ok((same.id, false));
    }
    if !held.is_open {
        return Err(Error::refused(Code::AlreadySettled).on(of.field()));
    }
    let most = match of {
        Subject::Check(_) => MOST,
        Subject::Wish(_) => MOST_OF_WISH,
    };
    let count = there.iter().filter(|row| is_mine(row)).count();
    if same.is_none() && count as u64 >= most {
        return Err(Error::refused(Code::AttachmentLimit).on(of.field()));
    }
    let row = match same {
        Some(same) => anew(cx, &write, (&held, same)).await?,
        None => file(cx, &write, &held, prepared).await?,
    };
    let (subject_kind, kind, id) = match of {
        Subject::Check(id) => ("CertificationCheck", ChangeKind::CertificationCheck, id),
        Subject::Wish(id) => ("Wish", ChangeKind::Wish, id),
    };
    let act = Act {
        action: "addAttachment",
        subject_kind,
        subject_id: id,
        area_id: Some(held.area),
        reason: None,
        fields: "attachments".to_owned(),
        details: Some(format!("{} {}", row.id, row.sha256)),
    };
    let places = [Some(held.area), held.also];
    let places = places.into_iter().flatten();
    let changed: Vec<Changed> = places
        .map(|place| Changed::in_place(kind, id, Some(place)))
        .collect();
    write.record_all(cx, act, &changed).await?;
    write.commit(&Outcome::of(row.id)).await?;
    Ok((row.id, same.is_none()))
}

/// The same file, sent again after it was sent back: whoever sends it stands for it anew.
async fn anew(
    cx: &Cx,
    write: &Write,
    (held, same): (&Held, &attachment::Model),
) -> Result<attachment::Model> {
    let mut row = same.clone().into_active_model();
    row.after_returns = Set(held.returns);
    row.added_by = Set(cx.actor()?.account);
    row.created_at = Set(cx.app.clock.now());
    Ok(row.update(&write.tx().unscoped(HELD)).await?)
}

async fn file(
    cx: &Cx,
    write: &Write,
    held: &Held,
    prepared: &Prepared,
) -> Result<attachment::Model> {
    let (check, wish) = match held.of {
        Subject::Check(id) => (Some(id), None),
        Subject::Wish(id) => (None, Some(id)),
    };
    let row = attachment::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        check_id: Set(check),
        wish_id: Set(wish),
        kind: Set(prepared.kind),
        bytes: Set(prepared.bytes),
        sha256: Set(prepared.sha256.clone()),
        object_name: Set(prepared.name),
        added_by: Set(cx.actor()?.account),
        after_returns: Set(held.returns),
        created_at: Set(cx.app.clock.now()),
    };
    insert(write.tx(), &held.grant, row).await
}

/// How many files these people have added since then to prove a wish that is held.
pub async fn count_of_wish(
    tx: &Tx,
    wish: Uuid,
    (people, since): (&[Uuid], Option<DateTime<Utc>>),
) -> Result<u64> {
    use attachment::Column as C;
    let mut files = attachment::Entity::find()
        .filter(of_subject(Subject::Wish(wish)))
        .filter(C::AddedBy.is_in(people.iter().copied()));
    if let Some(since) = since {
        files = files.filter(C::CreatedAt.gt(since));
    }
    Ok(files.count(&tx.unscoped(HELD)).await?)
}

/// Files of checks, with how often those were sent back.
fn of_its_check(select: &mut SelectStatement) {
    use certification_check::{Column as C, Entity as Check};
    with_adder(select);
    select
        .expr_as(Expr::col((Check, C::Returns)), "returns")
        .inner_join(
            Check,
            Expr::col((Check, C::Id)).equals((attachment::Entity, attachment::Column::CheckId)),
        );
}

/// Pictures of wishes, with how often those were complained about.
fn of_its_wish(select: &mut SelectStatement) {
    use wish::{Column as W, Entity as Wish};
    with_adder(select);
    select
        .expr_as(Expr::col((Wish, W::Complaints)), "returns")
        .inner_join(
            Wish,
            Expr::col((Wish, W::Id)).equals((attachment::Entity, attachment::Column::WishId)),
        );
}

fn with_adder(select: &mut SelectStatement) {
    select_columns::<attachment::Entity>(select, "");
    select
        .expr_as(
            Expr::col((account::Entity, account::Column::Name)),
            "adder_name",
        )
        .inner_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((attachment::Entity, attachment::Column::AddedBy)),
        )
        .order_by((attachment::Entity, attachment::Column::Id), Order::Asc);
}

/// The evidence of a check in the order in which it was added; absent outside the scope.
///
/// Needs `EVIDENCE_READ`.
pub async fn of_check(cx: &Cx, check: Uuid) -> Result<Option<Vec<Seen>>> {
    let scoped = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::EvidenceRead);
    let Some(check) = scoped.id(check).one(&cx.app.db).await? else {
        return Ok(None);
    };
    let seen = reach(&cx.app.db, &[check], of_its_check).await?;
    Ok(Some(seen))
}

/// The evidence of those of these checks whose evidence the actor may read, each in the order in which it was
/// added.
pub async fn of_checks(cx: &Cx, checks: &[Uuid]) -> Result<Vec<Seen>> {
    let scoped = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::EvidenceRead);
    let checks = scoped.ids(checks).all(&cx.app.db).await?;
    reach(&cx.app.db, &checks, of_its_check).await
}

/// The pictures of a wish in the order in which they were added; absent where the actor does not see them: to staff
/// who see the household, and to who carries it out.
pub async fn of_wish(cx: &Cx, wish: Uuid) -> Result<Option<Vec<Seen>>> {
    let Some(wish) = pictured(cx.actor()?).id(wish).one(&cx.app.db).await? else {
        return Ok(None);
    };
    let seen = reach::<_, attachment::Entity, Seen>(&cx.app.db, &[wish], of_its_wish).await?;
    Ok(Some(seen))
}

/// One attachment, through its check or its wish. Needs `EVIDENCE_READ` at a check, and at a wish what
/// [`of_wish`] does.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<Seen>> {
    let (actor, db) = (cx.actor()?, &cx.app.db);
    let its = |column: attachment::Column| {
        Query::select()
            .column(column)
            .from(attachment::Entity)
            .and_where(attachment::Column::Id.eq(id))
            .to_owned()
    };
    let this = |shape: fn(&mut SelectStatement)| {
        move |select: &mut SelectStatement| {
            shape(select);
            select.and_where(Expr::col((attachment::Entity, attachment::Column::Id)).eq(id));
        }
    };
    let seen: Vec<Seen> = if actor.ever(Permission::EvidenceRead) {
        let check = its(attachment::Column::CheckId);
        let check = actor
            .scoped::<certification_check::Entity>(Permission::EvidenceRead)
            .filter(certification_check::Column::Id.in_subquery(check));
        reach(db, &check.all(db).await?, this(of_its_check)).await?
    } else {
        Vec::new()
    };
    if let Some(seen) = seen.into_iter().next() {
        return Ok(Some(seen));
    }
    let wish = its(attachment::Column::WishId);
    let wish = pictured(actor).filter(wish::Column::Id.in_subquery(wish));
    let wish = wish.all(db).await?;
    let seen = reach::<_, attachment::Entity, Seen>(db, &wish, this(of_its_wish)).await?;
    Ok(seen.into_iter().next())
}

/// Whoever has neither checks nor wishes to see has no evidence to see: `FORBIDDEN`.
fn may_ever(cx: &Cx) -> Result<()> {
    let actor = cx.actor()?;
    if actor.ever(Permission::WishRead) {
        return Ok(());
    }
    actor.require(Permission::EvidenceRead)
}

/// What a link to an attachment stands for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Wanted {
    /// The attachment.
    pub attachment: Uuid,
}

/// A link's text and when it ends. Needs what [`one`] does.
///
/// Refused: `NOT_FOUND`.
pub async fn link(cx: &Cx, wanted: Wanted) -> Result<(String, DateTime<Utc>)> {
    let actor = cx.actor()?;
    may_ever(cx)?;
    if one(cx, wanted.attachment).await?.is_none() {
        return Err(Error::refused(Code::NotFound).on("attachmentId"));
    }
    let owner = (actor.account, actor.session);
    let tokens = &cx.app.sessions.tokens;
    tokens.mint_link(&cx.app.clock, owner, wanted)
}

/// A file to be sent.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// What it is, as `Content-Type` says it.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Opens a file under the rights of now, and notes that it was read in full.
///
/// Refused: `NOT_FOUND`.
pub async fn open(cx: &Cx, wanted: Wanted) -> Result<File> {
    may_ever(cx)?;
    let seen = one(cx, wanted.attachment).await?;
    let row = seen.ok_or_else(|| Error::refused(Code::NotFound))?.row;
    let sealed = cx.app.store.get(row.object_name).await?;
    let keys = cx.app.keys.clone();
    let opening = tokio::task::spawn_blocking(move || evidence(&keys, row.object_name, &sealed));
    let bytes = opening
        .await
        .map_err(|error| Error::Internal(error.into()))??;
    cx.opened("Attachment", row.id);
    Ok(File {
        name: format!("{}.{}", row.id, extension(row.kind)),
        content_type: content_type(row.kind),
        bytes,
    })
}
