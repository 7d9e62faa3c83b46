//! Writing trainings, awards and corrections: entries that are added or annulled, never changed.

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{AwardKind, ChangeKind};
use entity::{service_correction, volunteer_award, volunteer_training};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde::Serialize;
use uuid::Uuid;

use super::{people, rules, service};
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "entries of a volunteer whose grant the scope let through";

/// A training to be recorded.
#[derive(Clone, Debug, Serialize)]
pub struct NewTraining {
    /// The volunteer.
    pub account: Uuid,
    /// What it was about.
    pub training: String,
    /// How long it took, in minutes.
    pub minutes: i32,
    /// When it was completed.
    pub completed_on: NaiveDate,
    /// Until when it counts, that day included.
    pub valid_until_on: Option<NaiveDate>,
    /// Who gave it.
    pub issuer: Option<String>,
}

/// An award or evaluation to be recorded.
#[derive(Clone, Debug, Serialize)]
pub struct NewAward {
    /// The volunteer.
    pub account: Uuid,
    /// Which of the two.
    pub kind: AwardKind,
    /// What it says.
    pub title: String,
    /// When it was given.
    pub awarded_on: NaiveDate,
    /// Who gave it.
    pub issuer: Option<String>,
}

/// Minutes to be added to a service record, or taken from it.
#[derive(Clone, Debug, Serialize)]
pub struct NewCorrection {
    /// The volunteer.
    pub account: Uuid,
    /// How many; negative takes away.
    pub minutes: i32,
    /// The day to which they count.
    pub counts_on: NaiveDate,
    /// Why.
    pub reason: String,
}

/// Which of a volunteer's entries is annulled.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Annulled {
    /// A training.
    Training(Uuid),
    /// An award or evaluation.
    Award(Uuid),
}

/// Begins a write about others' records. Needs `VOLUNTEER_EDIT`.
async fn begin(cx: &Cx, request: Request) -> Result<Begun> {
    cx.actor()?.require(Permission::VolunteerEdit)?;
    Write::begin(cx, request).await
}

/// Records a training. Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OUT_OF_RANGE`, `WINDOW_INVALID`.
pub async fn record_training(cx: &Cx, new: NewTraining, key: Option<Uuid>) -> Result<Outcome> {
    let write = match begin(cx, Request::new("recordTraining", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let grant = people::to_edit(cx, &write, new.account).await?;
    rules::check_training(new.minutes)?;
    rules::check_past(
        new.completed_on,
        cx.app.clock.today(SHANGHAI),
        "completedOn",
    )?;
    if new.valid_until_on.is_some_and(|on| on < new.completed_on) {
        return Err(Error::refused(Code::WindowInvalid).on("validUntilOn"));
    }
    let row = volunteer_training::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        account_id: Set(new.account),
        training: Set(new.training.clone()),
        minutes: Set(new.minutes),
        completed_on: Set(new.completed_on),
        valid_until_on: Set(new.valid_until_on),
        issuer: Set(new.issuer.clone()),
        recorded_by: Set(cx.actor()?.account),
        created_at: Set(cx.app.clock.now()),
        ..Default::default()
    };
    scope::insert(write.tx(), &grant, row).await?;
    finish(cx, write, "recordTraining", new.account, grant, &new).await
}

/// Records an award or evaluation. Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OUT_OF_RANGE`.
pub async fn record_award(cx: &Cx, new: NewAward, key: Option<Uuid>) -> Result<Outcome> {
    let write = match begin(cx, Request::new("recordAward", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let grant = people::to_edit(cx, &write, new.account).await?;
    rules::check_past(new.awarded_on, cx.app.clock.today(SHANGHAI), "awardedOn")?;
    let row = volunteer_award::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        account_id: Set(new.account),
        kind: Set(new.kind),
        title: Set(new.title.clone()),
        awarded_on: Set(new.awarded_on),
        issuer: Set(new.issuer.clone()),
        recorded_by: Set(cx.actor()?.account),
        created_at: Set(cx.app.clock.now()),
        ..Default::default()
    };
    scope::insert(write.tx(), &grant, row).await?;
    finish(cx, write, "recordAward", new.account, grant, &new).await
}

/// Annuls a training or an award that was recorded by mistake; it stays, marked so.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ANNULLED`.
pub async fn annul(cx: &Cx, entry: Annulled, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let (action, field) = match entry {
        Annulled::Training(_) => ("annulTraining", "trainingId"),
        Annulled::Award(_) => ("annulAward", "awardId"),
    };
    let request = Request::new(action, key, &(entry, &reason));
    let write = match begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let not_found = || Error::refused(Code::NotFound).on(field);
    let account = owner(&write, entry).await?.ok_or_else(not_found)?;
    let grant = match people::to_edit(cx, &write, account).await {
        // The input names the entry, not its volunteer.
        Err(Error::Refused(refusal)) => return Err(Error::refused(refusal.code).on(field)),
        other => other?,
    };
    mark(cx, &write, entry, &reason, field).await?;
    let details = (entry, &reason);
    finish(cx, write, action, account, grant, &details).await
}

/// Whose entry it is; read anew once that volunteer's writes are held.
async fn owner(write: &Write, entry: Annulled) -> Result<Option<Uuid>> {
    let connection = write.tx().unscoped(REASON);
    Ok(match entry {
        Annulled::Training(id) => volunteer_training::Entity::find_by_id(id)
            .one(&connection)
            .await?
            .map(|row| row.account_id),
        Annulled::Award(id) => volunteer_award::Entity::find_by_id(id)
            .one(&connection)
            .await?
            .map(|row| row.account_id),
    })
}

async fn mark(
    cx: &Cx,
    write: &Write,
    entry: Annulled,
    reason: &str,
    field: &'static str,
) -> Result<()> {
    let connection = write.tx().unscoped(REASON);
    let already = || Error::refused(Code::AlreadyAnnulled).on(field);
    let (at, by): (Option<DateTime<Utc>>, _) = (Some(cx.app.clock.now()), cx.actor()?.account);
    match entry {
        Annulled::Training(id) => {
            let row = volunteer_training::Entity::find_by_id(id);
            let row = row.one(&connection).await?.ok_or_else(already)?;
            if row.annulled_at.is_some() {
                return Err(already());
            }
            let mut row = volunteer_training::ActiveModel::from(row);
            row.annulled_at = Set(at);
            row.annulled_by = Set(Some(by));
            row.annul_reason = Set(Some(reason.to_owned()));
            row.update(&connection).await?;
        }
        Annulled::Award(id) => {
            let row = volunteer_award::Entity::find_by_id(id);
            let row = row.one(&connection).await?.ok_or_else(already)?;
            if row.annulled_at.is_some() {
                return Err(already());
            }
            let mut row = volunteer_award::ActiveModel::from(row);
            row.annulled_at = Set(at);
            row.annulled_by = Set(Some(by));
            row.annul_reason = Set(Some(reason.to_owned()));
            row.update(&connection).await?;
        }
    }
    Ok(())
}

/// Adds a counter-entry to a service record.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OUT_OF_RANGE`, `SERVICE_BELOW_ZERO`.
pub async fn correct(cx: &Cx, new: NewCorrection, key: Option<Uuid>) -> Result<Outcome> {
    let write = match begin(cx, Request::new("correctServiceRecord", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let grant = people::to_edit(cx, &write, new.account).await?;
    rules::check_correction(new.minutes)?;
    rules::check_past(new.counts_on, cx.app.clock.today(SHANGHAI), "countsOn")?;
    let person = people::held(new.account);
    let minutes = service::minutes_ever(write.tx(), &person).await?;
    if minutes + i64::from(new.minutes) < 0 {
        return Err(Error::refused(Code::ServiceBelowZero).on("minutes"));
    }
    let id = cx.app.clock.new_id();
    let row = service_correction::ActiveModel {
        id: Set(id),
        account_id: Set(new.account),
        area_id: Set(grant.area()),
        minutes: Set(new.minutes),
        counts_on: Set(new.counts_on),
        reason: Set(new.reason.clone()),
        recorded_by: Set(cx.actor()?.account),
        created_at: Set(cx.app.clock.now()),
    };
    scope::insert(write.tx(), &grant, row).await?;
    finish(cx, write, "correctServiceRecord", new.account, grant, &new).await
}

/// Leaves the audit entry, announces the account and makes it durable.
async fn finish(
    cx: &Cx,
    write: Write,
    action: &'static str,
    account: Uuid,
    grant: Grant,
    details: &impl Serialize,
) -> Result<Outcome> {
    let outcome = Outcome::of(account);
    let act = Act {
        action,
        subject_kind: "VolunteerProfile",
        subject_id: account,
        area_id: Some(grant.area()),
        reason: None,
        fields: String::new(),
        // Inputs are plain structs, which always have a JSON form.
        details: serde_json::to_string(details).ok(),
    };
    let changed = Changed::in_place(ChangeKind::Account, account, Some(grant.area()));
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}
