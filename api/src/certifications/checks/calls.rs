//! Many checks in one mutation, each judged by itself.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{CertificationChannel, ChangeKind, CheckAttemptReason, CheckOutcome};
use entity::{certification_check, certification_round};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::apply;
use super::attempts::{is_known, note};
use super::rules::{self, Action, Given, MOST};
use super::step::{Step, Taken, Values, look, permission};
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::audit::service::Act;
use crate::certifications::accompanying::follow::follow;
use crate::certifications::hand_overs::end::end_of_check;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::residents::rules::phone;
use crate::write::{Begun, Outcome, Request, Write};

const ROUND: &str = "the round of a check that the scope let through";

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
    Confirm,
    /// Settles without a check: why.
    Settle(String),
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// How the person was certified.
    pub channel: CertificationChannel,
    /// What was found.
    pub outcome: CheckOutcome,
    /// When; now where absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// The day of death or of the move, or from which benefits end.
    pub holds_on: Option<NaiveDate>,
    /// Who says so.
    pub source: Option<String>,
    /// What the evidence is filed under.
    pub reference: Option<String>,
    /// What else there is to say.
    pub notes: Option<String>,
    /// A phone number that is to be theirs.
    pub new_phone: Option<String>,
    /// An address that is to be theirs.
    pub new_address: Option<String>,
    /// What is to be known of their health.
    pub new_health_notes: Option<String>,
}

impl What {
    const fn action(&self) -> Action {
        match self {
            Self::Schedule { .. } => Action::Schedule,
            Self::Attempt { .. } => Action::Attempt,
            Self::Check(_) => Action::Check,
            Self::Return(_) => Action::Return,
            Self::Confirm => Action::Confirm,
            Self::Settle(_) => Action::Settle,
        }
    }
}

/// Carries out up to a hundred actions of one kind; one that is refused leaves the others as they are.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE`.
/// Each: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_SETTLED`, `ROUND_NOT_OPEN`, `ALREADY_CHECKED`,
/// `NOT_CHECKED`, `HANDED_OVER`, `OWN_CHECK`, `VERSION_CONFLICT`, and what its values are refused for.
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
    hold_rounds(cx, write.tx(), &calls).await?;
    let mut outcome = Outcome {
        ids: calls.iter().map(|call| call.check).collect(),
        codes: vec![None; calls.len()],
    };
    // In the order of their ids, so that two such calls do not wait for each other.
    let mut order: Vec<usize> = (0..calls.len()).collect();
    order.sort_by_key(|at| calls[*at].check);
    let mut changed = Vec::new();
    for at in order {
        match one(cx, write.tx(), &calls[at]).await {
            Ok(moved) => changed.extend(moved),
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    let act = Act {
        action: mutation,
        subject_kind: "Account",
        subject_id: actor.account,
        area_id: None,
        reason: None,
        fields: "status".to_owned(),
        details: serde_json::to_string(&calls).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
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
    let rounds: BTreeSet<Uuid> = checks.iter().map(|check| check.round_id).collect();
    certification_round::Entity::find()
        .filter(certification_round::Column::Id.is_in(rounds))
        .order_by_asc(certification_round::Column::Id)
        .lock_shared()
        .all(&tx.unscoped(ROUND))
        .await?;
    Ok(())
}

/// Carries out one, and says what changed; nothing where it was done before.
async fn one(cx: &Cx, tx: &Tx, call: &Call) -> Result<Vec<Changed>> {
    if let What::Attempt { id: Some(id), .. } = &call.what
        && is_known(cx, tx, (*id, call.check)).await?
    {
        return Ok(Vec::new());
    }
    // What is outside the scope is told before what is wrong with its values.
    let seen = look(cx, tx, call.check).await?;
    let seen = seen.ok_or_else(|| Error::refused(Code::NotFound))?;
    if matches!(call.what, What::Confirm) {
        apply::hold(cx, tx, &seen).await?;
    }
    let step = Step {
        action: call.what.action(),
        check: call.check,
        expected_version: call.expected_version,
        values: values(cx, tx, (&seen, &call.what)).await?,
    };
    let row = match step.take(cx, tx).await? {
        Taken::Moved(row) => *row,
        Taken::Before => return Ok(Vec::new()),
        Taken::Refused(code) => return Err(Error::refused(code)),
    };
    let mut changed = match &call.what {
        What::Attempt { .. } => note(cx, tx, &row, &call.what).await?,
        What::Confirm => apply::confirmed(cx, tx, &row).await?,
        _ => Vec::new(),
    };
    changed.extend(follow(cx, tx, (&row, step.action)).await?);
    if rules::is_resolved(row.status) {
        changed.extend(end_of_check(cx, tx, row.id).await?);
    }
    let places = [Some(seen.area_id), seen.handed_to_area_id];
    let kind = ChangeKind::CertificationCheck;
    let places = places.into_iter().flatten();
    changed.extend(places.map(|place| Changed::in_place(kind, row.id, Some(place))));
    Ok(changed)
}

/// What an action writes besides the state.
async fn values(
    cx: &Cx,
    tx: &Tx,
    (seen, what): (&certification_check::Model, &What),
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
            let mut values = vec![(C::ScheduledFor, Expr::value(*at))];
            if let Some(channel) = channel {
                values.push((C::Channel, Expr::value(*channel)));
            }
            if let Some(account) = assigned_to {
                let makes_it = seen.handed_to_area_id.unwrap_or(seen.area_id);
                if !is_assignable(cx, tx, (*account, makes_it)).await? {
                    let is_ours = cx.actor()?.may(Permission::CertificationPlan, makes_it);
                    return Err(Error::refused(match seen.handed_to_area_id {
                        Some(_) if !is_ours => Code::HandedOver,
                        _ => Code::NotAssignable,
                    }));
                }
                values.push((C::AssignedTo, Expr::value(*account)));
            }
            values
        }
        What::Attempt {
            reason,
            occurred_at,
            ..
        } => {
            let at = occurred_at.unwrap_or(now);
            rules::check_past(at, now)?;
            vec![
                (C::Attempts, Expr::col(C::Attempts).add(1)),
                (C::LastAttemptAt, Expr::value(at)),
                (C::LastAttemptReason, Expr::value(*reason)),
            ]
        }
        What::Check(found) => found.values(cx)?,
        What::Return(remark) => vec![
            (C::ReturnedBy, Expr::value(me)),
            (C::ReturnRemark, Expr::value(remark.as_str())),
        ],
        What::Confirm => vec![
            (C::ConfirmedBy, Expr::value(me)),
            (C::ConfirmedAt, Expr::value(now)),
            (C::HandedToAreaId, Expr::value(None::<Uuid>)),
        ],
        What::Settle(reason) => vec![
            (C::SettledBy, Expr::value(me)),
            (C::SettledAt, Expr::value(now)),
            (C::HandedToAreaId, Expr::value(None::<Uuid>)),
            (C::SettleReason, Expr::value(reason.as_str())),
        ],
    })
}

impl Found {
    fn values(&self, cx: &Cx) -> Result<Values> {
        use certification_check::Column as C;
        let (keys, now) = (&cx.app.keys, cx.app.clock.now());
        let at = self.occurred_at.unwrap_or(now);
        rules::check_past(at, now)?;
        rules::check(Given {
            channel: self.channel,
            outcome: self.outcome,
            number: self.reference.is_some(),
            source: self.source.is_some(),
            holds_on: self.holds_on,
        })?;
        if self
            .holds_on
            .is_some_and(|day| day > local_date(now, SHANGHAI))
        {
            return Err(Error::refused(Code::OutOfRange).on("holdsOn"));
        }
        let new_phone = self.new_phone.as_deref();
        let new_phone = new_phone.map(|text| phone(text, "newPhone")).transpose()?;
        let new_phone = new_phone.as_ref().map(Phone::as_str);
        let sealed = |field, text: Option<&str>| -> Result<_> {
            let value = text
                .map(|text| sealed::seal(keys, field, text))
                .transpose()?;
            Ok(Expr::value(value))
        };
        let hash = new_phone.map(|number| sealed::hash(keys, Field::Phone, number));
        Ok(vec![
            (C::Channel, Expr::value(self.channel)),
            (C::CheckedBy, Expr::value(cx.actor()?.account)),
            (C::CheckedAt, Expr::value(at)),
            (C::Outcome, Expr::value(self.outcome)),
            (C::HoldsOn, Expr::value(self.holds_on)),
            (C::Source, Expr::value(self.source.clone())),
            (C::Reference, Expr::value(self.reference.clone())),
            (
                C::NotesSealed,
                sealed(Field::VisitNotes, self.notes.as_deref())?,
            ),
            (C::NewPhoneSealed, sealed(Field::Phone, new_phone)?),
            (C::NewPhoneHash, Expr::value(hash)),
            (
                C::NewAddressSealed,
                sealed(Field::Address, self.new_address.as_deref())?,
            ),
            (
                C::NewHealthNotesSealed,
                sealed(Field::HealthNotes, self.new_health_notes.as_deref())?,
            ),
        ])
    }
}

/// Whether an account may check there.
async fn is_assignable(cx: &Cx, tx: &Tx, (account, area): (Uuid, Uuid)) -> Result<bool> {
    let tree = &cx.actor()?.tree;
    let wanted = (Permission::CertificationCheck, area);
    let here = holders(tx, (tree, cx.app.clock.now()), wanted).await?;
    Ok(here.iter().any(|holder| holder.account == account))
}
