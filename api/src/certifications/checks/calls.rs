//! Many checks in one mutation, each judged by itself.

use chrono::{DateTime, Utc};
use entity::certification_check;
use entity::enums::{CertificationChannel, ChangeKind, CheckAttemptReason};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use super::found::Found;
use super::places::{self, Sessions};
use super::rules::{self, Action, MOST, PLANNED};
use super::standing::{confirm_level, is_assignable};
use super::step::{Step, Taken, Values, is_proved, look, permission};
use super::{apply, attempts};
use crate::access::policy::Permission;
use crate::access::sealed::{self, Field};
use crate::audit::service::Act;
use crate::certifications::accompanying::follow::follow;
use crate::certifications::hand_overs::end::end_of_check;
use crate::certifications::rounds;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// One action on one check.
#[derive(Clone, Debug, Serialize)]
pub struct Call {
    /// The check.
    pub check: Uuid,
    /// The version the actor saw, where they say.
    pub expected_version: Option<i64>,
    /// What is done.
    pub what: What,
}

/// What is done about a check.
#[derive(Clone, Debug, Serialize)]
pub enum What {
    /// Plans when, how and by whom.
    Schedule {
        /// When.
        at: DateTime<Utc>,
        /// How; as before where absent.
        channel: Option<CertificationChannel>,
        /// By whom; as before where absent.
        assigned_to: Option<Uuid>,
    },
    /// Gives a place at a session or slot.
    Join {
        /// The session.
        session: Uuid,
        /// By whom; as before where absent.
        assigned_to: Option<Uuid>,
    },
    /// Takes back when.
    Unschedule,
    /// Says by whom and how, not when.
    Assign {
        /// How; as before where absent, or where a time is planned.
        channel: Option<CertificationChannel>,
        /// By whom.
        to: Uuid,
    },
    /// Notes that nobody was met.
    Attempt {
        /// The id the device chose for it, so that a repeat is the same try.
        id: Option<Uuid>,
        /// How it was tried.
        channel: CertificationChannel,
        /// Why nobody was met.
        reason: CheckAttemptReason,
        /// When; now where absent.
        occurred_at: Option<DateTime<Utc>>,
        /// What else there is to say.
        notes: Option<String>,
    },
    /// Certifies.
    Check(Box<Found>),
    /// Sends back for more: what is missing.
    Return(String),
    /// Confirms.
    Confirm {
        /// The version of the beneficiary's record that was compared with what the check proposes.
        beneficiary_version: i64,
    },
    /// Settles without a check: why.
    Settle(String),
}

impl What {
    /// What is done, by itself.
    pub(super) const fn action(&self) -> Action {
        match self {
            Self::Schedule { .. } | Self::Join { .. } => Action::Schedule,
            Self::Unschedule => Action::Unschedule,
            Self::Assign { .. } => Action::Assign,
            Self::Attempt { .. } => Action::Attempt,
            Self::Check(_) => Action::Check,
            Self::Return(_) => Action::Return,
            Self::Confirm { .. } => Action::Confirm,
            Self::Settle(_) => Action::Settle,
        }
    }
}

/// Carries out up to a hundred actions of one kind; one that is refused leaves the others as they are.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE`.
/// Each: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_SETTLED`, `ROUND_NOT_OPEN`, `ALREADY_CHECKED`,
/// `NOT_CHECKED`, `HANDED_OVER`, `OWN_CHECK`, `VERSION_CONFLICT`, `EVIDENCE_MISSING`, and what its values are
/// refused for.
pub async fn carry_out(
    cx: &Cx,
    (mutation, action): (&'static str, Action),
    calls: Vec<Call>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(mutation, key, &calls)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(permission(action))?;
    if calls.is_empty() || calls.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("checks"));
    }
    perform(cx, write, (mutation, calls), |_| true).await
}

/// Records what checks found, however many: the results of a file. They stay where `keeps` says so of what
/// came of them, else everything is left as it was.
///
/// The outcome is that of [`carry_out`].
pub async fn record(
    cx: &Cx,
    mutation: &'static str,
    calls: Vec<Call>,
    keeps: impl Fn(&Outcome) -> bool,
) -> Result<Outcome> {
    cx.actor()?.require(permission(Action::Check))?;
    match Write::begin(cx, Request::new(mutation, None, &calls)).await? {
        Begun::Replay(outcome) => Ok(outcome),
        Begun::New(write) => perform(cx, write, (mutation, calls), keeps).await,
    }
}

async fn perform(
    cx: &Cx,
    write: Write,
    (mutation, calls): (&'static str, Vec<Call>),
    keeps: impl Fn(&Outcome) -> bool,
) -> Result<Outcome> {
    let (outcome, changed) = each(cx, write.tx(), &calls).await?;
    if changed.is_empty() || !keeps(&outcome) {
        return Ok(outcome);
    }
    let act = Act {
        action: mutation,
        subject_kind: "Account",
        subject_id: cx.actor()?.account,
        area_id: None,
        reason: None,
        fields: "status".to_owned(),
        details: serde_json::to_string(&calls).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Carries out each within an open write: what came of them, and what changed.
pub(in crate::certifications) async fn each(
    cx: &Cx,
    tx: &Tx,
    calls: &[Call],
) -> Result<(Outcome, Vec<Changed>)> {
    hold_rounds(cx, tx, calls).await?;
    let sessions = places::hold(cx, tx, calls).await?;
    let mut outcome = Outcome {
        ids: calls.iter().map(|call| call.check).collect(),
        codes: vec![None; calls.len()],
    };
    // In the order of their ids, so that two such calls do not wait for each other.
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_by_key(|at| calls[*at].check);
    let mut changed = Vec::new();
    for at in order {
        match one(cx, tx, &calls[at], &sessions).await {
            Ok(moved) => changed.extend(moved),
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    Ok((outcome, changed))
}

/// Holds the rounds of these checks, so that none is closed or voided meanwhile; many do so at once.
async fn hold_rounds(cx: &Cx, tx: &Tx, calls: &[Call]) -> Result<()> {
    let ids: Vec<Uuid> = calls.iter().map(|call| call.check).collect();
    let checks = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .ids(&ids)
        .all(tx)
        .await?;
    rounds::reads::hold(tx, checks.iter().map(|check| check.round_id)).await
}

/// Carries out one, and says what changed; nothing where it was done before.
async fn one(cx: &Cx, tx: &Tx, call: &Call, sessions: &Sessions) -> Result<Vec<Changed>> {
    if let What::Attempt { id: Some(id), .. } = &call.what {
        attempts::hold(cx, tx, call.check).await?;
        if attempts::is_known(cx, tx, (*id, call.check)).await? {
            return Ok(Vec::new());
        }
    }
    // What is outside the scope is told before what is wrong with its values.
    let seen = look(cx, tx, call.check).await?;
    let seen = seen.ok_or_else(|| Error::refused(Code::NotFound))?;
    if let What::Confirm {
        beneficiary_version,
    } = call.what
    {
        apply::hold(cx, tx, &seen, beneficiary_version).await?;
    }
    if places::has_it(&seen, &call.what) {
        return Ok(Vec::new());
    }
    let action = attempts::action(&seen, &call.what, cx.app.clock.now());
    let said = said(cx, call)?;
    // Said before, it stands, also where its time has passed since.
    if said.is_some() && said == seen.last_said && action.steps().all(|(_, to)| to == seen.status) {
        return Ok(Vec::new());
    }
    let step = Step {
        action,
        check: call.check,
        expected_version: call.expected_version,
        values: values(cx, (&seen, &call.what, action), sessions)?,
        only_if: if matches!(call.what, What::Confirm { .. }) {
            vec![is_proved(cx)?]
        } else {
            let mut guards = places::conditions(tx, (&seen, &call.what), sessions).await?;
            guards.extend(is_assignable(cx, (&seen, &call.what))?);
            guards
        },
        said,
    };
    // Noted before the check moves: of two tries with one id at once the second is known to be the same.
    let noted = attempts::note(cx, tx, (&seen, action), &call.what).await?;
    let row = match step.take(cx, tx).await? {
        Taken::Moved(row) => *row,
        Taken::Before => {
            attempts::forget(tx, noted).await?;
            return Ok(Vec::new());
        }
        Taken::Refused(code) => {
            attempts::forget(tx, noted).await?;
            return Err(Error::refused(code));
        }
    };
    let mut changed = match &call.what {
        What::Confirm { .. } => apply::confirmed(cx, tx, &row).await?,
        _ => Vec::new(),
    };
    changed.extend(follow(cx, tx, (&seen, &row, step.action)).await?);
    if rules::is_resolved(row.status) {
        changed.extend(end_of_check(cx, tx, row.id).await?);
    }
    changed.extend(announced(&seen));
    Ok(changed)
}

/// That a check has changed, for the station that answers for it and the one to which it is handed.
pub(in crate::certifications) fn announced(
    check: &certification_check::Model,
) -> impl Iterator<Item = Changed> + use<> {
    let (kind, id) = (ChangeKind::CertificationCheck, check.id);
    let places = [Some(check.area_id), check.handed_to_area_id];
    let places = places.into_iter().flatten();
    places.map(move |place| Changed::in_place(kind, id, Some(place)))
}

/// A keyed hash of who says what, of those acts that the same words once more do not repeat.
fn said(cx: &Cx, call: &Call) -> Result<Option<String>> {
    match call.what {
        What::Schedule { .. } | What::Check(_) | What::Return(_) | What::Settle(_) => {}
        // A try has its own id, a place and an assignment are compared, a confirmation has its confirmer.
        What::Join { .. }
        | What::Unschedule
        | What::Assign { .. }
        | What::Attempt { .. }
        | What::Confirm { .. } => return Ok(None),
    }
    let words = serde_json::to_string(&(cx.actor()?.account, call))
        .map_err(|error| Error::Internal(error.into()))?;
    Ok(Some(sealed::hash(&cx.app.keys, Field::VisitNotes, &words)))
}

/// What an action writes besides the state.
fn values(
    cx: &Cx,
    (seen, what, action): (&certification_check::Model, &What, Action),
    sessions: &Sessions,
) -> Result<Values> {
    use certification_check::Column as C;
    let (me, now) = (cx.actor()?.account, cx.app.clock.now());
    Ok(match what {
        What::Schedule {
            at,
            channel,
            assigned_to,
        } => {
            rules::check_future(*at, now)?;
            let mut values = vec![
                (C::ScheduledFor, Expr::value(*at)),
                (C::SessionId, Expr::value(None::<Uuid>)),
            ];
            if let Some(channel) = channel {
                values.push((C::Channel, Expr::value(*channel)));
            }
            if let Some(account) = assigned_to {
                values.push((C::AssignedTo, Expr::value(*account)));
            }
            values
        }
        What::Join {
            session,
            assigned_to,
        } => {
            let mut values = places::values(*session, sessions)?;
            if let Some(account) = assigned_to {
                values.push((C::AssignedTo, Expr::value(*account)));
            }
            values
        }
        What::Unschedule => vec![
            (C::ScheduledFor, Expr::value(None::<DateTime<Utc>>)),
            (C::SessionId, Expr::value(None::<Uuid>)),
        ],
        What::Assign { channel, to } => {
            let mut values = vec![(C::AssignedTo, Expr::value(*to))];
            if let Some(channel) = channel {
                let kept = Expr::col(C::Channel);
                values.push((C::Channel, unless_planned(Expr::value(*channel), kept)));
                // Who is to be seen otherwise is no longer of the session at which they were.
                let none = Expr::value(None::<Uuid>);
                values.push((C::SessionId, unless_planned(none, Expr::col(C::SessionId))));
            }
            values
        }
        What::Attempt { .. } => attempts::values(what, action, now)?,
        What::Check(found) => {
            let mut values = found.values(cx)?;
            values.push((C::ConfirmLevel, confirm_level(cx.actor()?, seen)));
            values
        }
        What::Return(remark) => vec![
            (C::Returns, Expr::col(C::Returns).add(1)),
            (C::ReturnedBy, Expr::value(me)),
            (C::ReturnRemark, Expr::value(remark.as_str())),
        ],
        What::Confirm { .. } => vec![
            (C::ConfirmedBy, Expr::value(me)),
            (C::ConfirmedAt, Expr::value(now)),
            (C::HandedToAreaId, Expr::value(None::<Uuid>)),
        ],
        What::Settle(reason) => vec![
            (C::SettledBy, Expr::value(me)),
            (C::SettledAt, Expr::value(now)),
            (C::HandedToAreaId, Expr::value(None::<Uuid>)),
            (C::SettleReason, Expr::value(reason.as_str())),
            place_left(),
        ],
    })
}

/// Whoever was still to come to a session leaves their place to another.
pub(super) fn place_left() -> (certification_check::Column, SimpleExpr) {
    use certification_check::Column as C;
    let kept = unless_planned(Expr::col(C::SessionId), Expr::value(None::<Uuid>));
    (C::SessionId, kept)
}

/// One value, or another where a time is planned.
pub(super) fn unless_planned(
    value: impl Into<SimpleExpr>,
    planned: impl Into<SimpleExpr>,
) -> SimpleExpr {
    CaseStatement::new()
        .case(certification_check::Column::Status.eq(PLANNED), planned)
        .finally(value)
        .into()
}
