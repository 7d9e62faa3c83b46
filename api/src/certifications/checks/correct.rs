//! Corrections of closed rounds: entries that point at a check, which stays as it was.

use chrono::NaiveDate;
use entity::enums::{ChangeKind, CheckOutcome};
use entity::{certification_check, certification_correction, certification_round};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde::Serialize;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::certifications::rounds::rules as rounds;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ROUND: &str = "the round of a check that the scope let through";
const ENTRY: &str = "a correction of a check that the scope let through";

/// What should stand there.
#[derive(Clone, Debug, Serialize)]
pub struct Correction {
    /// The check.
    pub check: Uuid,
    /// What should have been found, where that differs.
    pub outcome: Option<CheckOutcome>,
    /// The day, where that differs.
    pub holds_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Enters a correction of a closed round. Needs `CERTIFICATION_SETTLE`, granted at the street or above. The
/// outcome is the check.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ROUND_NOT_CLOSED`, `OWN_CHECK`, `OUT_OF_RANGE` (a day ahead).
pub async fn correct(cx: &Cx, correction: Correction, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("correctCheck", key, &correction);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationSettle)?;
    let (settle, read) = (Permission::CertificationSettle, Permission::BeneficiaryRead);
    let (check, _) = write
        .to_refer_to::<certification_check::Entity>(cx, correction.check, settle, read)
        .await
        .map_err(|error| error.on("checkId"))?;
    let round = certification_round::Entity::find_by_id(check.round_id)
        .one(&write.tx().unscoped(ROUND))
        .await?;
    if round.is_none_or(|round| round.status != rounds::FINAL) {
        return Err(Error::refused(Code::RoundNotClosed).on("checkId"));
    }
    if check.checked_by == Some(actor.account) {
        return Err(Error::refused(Code::OwnCheck).on("checkId"));
    }
    let today = cx.app.clock.today(SHANGHAI);
    if correction.holds_on.is_some_and(|day| day > today) {
        return Err(Error::refused(Code::OutOfRange).on("holdsOn"));
    }
    let entry = certification_correction::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        check_id: Set(check.id),
        account_id: Set(actor.account),
        outcome: Set(correction.outcome),
        holds_on: Set(correction.holds_on),
        reason: Set(correction.reason.clone()),
        created_at: Set(cx.app.clock.now()),
    };
    entry.insert(&write.tx().unscoped(ENTRY)).await?;
    let place = Some(check.area_id);
    let act = Act {
        action: "correctCheck",
        subject_kind: "CertificationCheck",
        subject_id: check.id,
        area_id: place,
        reason: Some(correction.reason),
        fields: "corrections".to_owned(),
        details: None,
    };
    let changed = Changed::in_place(ChangeKind::CertificationCheck, check.id, place);
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(check.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
