//! Asking a volunteer along to a check, calling it off, and following what becomes of the check.

use chrono::{DateTime, Utc};
use entity::enums::CertificationChannel;
use entity::{certification_check, certification_round};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{EntityTrait as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::candidates::{fit, person};
use crate::access::policy::Permission;
use crate::access::protected::{Protected, of_beneficiary};
use crate::access::scope::Grant;
use crate::access::sealed::{self, Field};
use crate::accompaniments::service::{self as accompaniments, New, Turn};
use crate::audit::service::Act;
use crate::certifications::checks::calls::announced;
use crate::certifications::checks::rules::{self, Action};
use crate::certifications::checks::step::look;
use crate::certifications::rounds::rules as rounds;
use crate::changes::service::Changed;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::duty::roster::away;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ROUND: &str = "the round of a check that the scope let through";

/// How a check is made to which somebody can come along.
pub(super) const AT_HOME: CertificationChannel = CertificationChannel::Home;

/// Who is asked along, to which check.
#[derive(Clone, Debug, Serialize)]
pub struct Asking {
    /// The check.
    pub check: Uuid,
    /// The version the actor saw, where they say.
    pub expected_version: Option<i64>,
    /// Who.
    pub account: Uuid,
    /// When to meet, on the day of the visit; when it is planned for where absent.
    pub at: Option<DateTime<Utc>>,
}

/// Which check nobody is to come along to any more.
#[derive(Clone, Debug, Serialize)]
pub struct Cancelling {
    /// The check.
    pub check: Uuid,
    /// The version the actor saw, where they say.
    pub expected_version: Option<i64>,
    /// Why.
    pub reason: String,
}

/// Asks a volunteer along to a check that is scheduled at somebody's home. Needs `CERTIFICATION_PLAN`. The
/// outcome is the check.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `HANDED_OVER`, `ALREADY_SETTLED`, `ROUND_NOT_OPEN`,
/// `NO_HOME_VISIT`, `VERSION_CONFLICT`, `ALREADY_ASKED`, `OUT_OF_RANGE` (another day), `DAY_PAST`,
/// `NOT_ASSIGNABLE` (no volunteer of the actor's areas), `ABSENCE_OVERLAPS`.
pub async fn ask(cx: &Cx, asking: Asking, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("askToAccompany", key, &asking);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (tx, now) = (write.tx(), cx.app.clock.now());
    let (check, grant) = held(cx, tx, (asking.check, asking.expected_version)).await?;
    if let Some(before) = check.accompaniment_id
        && accompaniments::is_live(tx, before).await?
    {
        return Err(Error::refused(Code::AlreadyAsked).on("checkId"));
    }
    let planned = check
        .scheduled_for
        .filter(|_| check.channel == Some(AT_HOME));
    let planned = planned.ok_or_else(|| Error::refused(Code::NoHomeVisit).on("checkId"))?;
    let at = asking.at.unwrap_or(planned);
    if local_date(at, SHANGHAI) != local_date(planned, SHANGHAI) {
        return Err(Error::refused(Code::OutOfRange).on("at"));
    }
    if at < now {
        return Err(Error::refused(Code::DayPast).on("at"));
    }
    let fit = fit(cx, tx, Some(asking.account)).await?;
    if fit.is_empty() {
        return Err(Error::refused(Code::NotAssignable).on("accountId"));
    }
    if away(tx, &[asking.account], at)
        .await?
        .contains_key(&asking.account)
    {
        return Err(Error::refused(Code::AbsenceOverlaps).on("accountId"));
    }
    let new = told(cx, tx, &check, (asking.account, at)).await?;
    let (id, announced) = accompaniments::ask(cx, tx, &grant, new).await?;
    let row = update(cx, tx, check.id, Some(id)).await?;
    let act = act("askToAccompany", &row, None);
    finish(cx, write, act, (&row, vec![announced])).await
}

/// Calls off that somebody comes along to a check, with a reason that they are not told. Needs
/// `CERTIFICATION_PLAN`. The outcome is the check.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `HANDED_OVER`, `ALREADY_SETTLED`, `ROUND_NOT_OPEN`,
/// `NO_HOME_VISIT`, `VERSION_CONFLICT`, `ALREADY_ENDED` (nobody comes along).
pub async fn cancel(cx: &Cx, cancelling: Cancelling, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("cancelAccompanying", key, &cancelling);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let tx = write.tx();
    let (check, _) = held(cx, tx, (cancelling.check, cancelling.expected_version)).await?;
    let own: Vec<Uuid> = check.accompaniment_id.into_iter().collect();
    let announced = accompaniments::turn(cx, tx, &own, Turn::Cancelled).await?;
    if announced.is_empty() {
        return Err(Error::refused(Code::AlreadyEnded).on("checkId"));
    }
    let row = update(cx, tx, check.id, check.accompaniment_id).await?;
    let act = act("cancelAccompanying", &row, Some(cancelling.reason));
    finish(cx, write, act, (&row, announced)).await
}

/// The check held until the end, in a state in which somebody can come along, with the proof for it.
async fn held(
    cx: &Cx,
    tx: &Tx,
    (id, expected_version): (Uuid, Option<i64>),
) -> Result<(certification_check::Model, Grant)> {
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    let refused = |code| Error::refused(code).on("checkId");
    let seen = look(cx, tx, id).await?;
    let seen = seen.ok_or_else(|| refused(Code::NotFound))?;
    // Its round first, as everywhere.
    let round = certification_round::Entity::find_by_id(seen.round_id)
        .lock_shared()
        .one(&tx.unscoped(ROUND))
        .await?
        .ok_or_else(|| Error::internal("a check without its round"))?;
    let scoped = actor.scoped::<certification_check::Entity>(Permission::CertificationPlan);
    let Some((check, grant)) = scoped.id(id).one_to_change(tx).await? else {
        return Err(refused(match seen.handed_to_area_id {
            Some(_) => Code::HandedOver,
            None => Code::NotPermitted,
        }));
    };
    let facts = rules::Facts {
        status: check.status,
        done_by_me: false,
        own_check: false,
        permitted: true,
        handed_over: false,
        round_open: round.status == rounds::LIVE,
        version_fits: expected_version.is_none_or(|seen| seen == check.version),
    };
    match rules::explain(Action::Accompany, facts) {
        rules::Explanation::Refused(Code::VersionConflict) => Err(Error::Conflict(check.id)),
        rules::Explanation::Refused(code) => Err(refused(code)),
        rules::Explanation::Possible | rules::Explanation::AlreadyMine => Ok((check, grant)),
    }
}

/// What the volunteer is told, copied from the record: an address, never why one goes there.
async fn told(
    cx: &Cx,
    tx: &Tx,
    check: &certification_check::Model,
    (account, at): (Uuid, DateTime<Utc>),
) -> Result<New> {
    let person = person(cx, tx, check.id).await?;
    let person = person.ok_or_else(|| Error::internal("a check without whom it certifies"))?;
    let keys = &cx.app.keys;
    let address = of_beneficiary(keys, Field::Address, person.address_sealed.as_deref())?;
    let address = match address {
        Protected::Full(address) => address,
        Protected::Masked(_) | Protected::Absent => None,
    };
    let parts: Vec<String> = person.institution.into_iter().chain(address).collect();
    let address_sealed = if parts.is_empty() {
        None
    } else {
        Some(sealed::seal(keys, Field::Address, &parts.join(" "))?)
    };
    let makes_it = check.handed_to_area_id.unwrap_or(check.area_id);
    Ok(New {
        account,
        area: person.home_area_id.unwrap_or(makes_it),
        at,
        name: person.name,
        address_sealed,
        meet: check.assigned_to.unwrap_or(cx.actor()?.account),
    })
}

/// Writes who comes along; the check is held.
async fn update(
    cx: &Cx,
    tx: &Tx,
    check: Uuid,
    accompaniment: Option<Uuid>,
) -> Result<certification_check::Model> {
    use certification_check::Column as K;
    let moved = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::CertificationPlan)
        .id(check)
        .update(tx, |update| {
            update
                .value(K::AccompanimentId, accompaniment)
                .value(K::Version, Expr::col(K::Version).add(1))
                .value(K::UpdatedAt, cx.app.clock.now());
        })
        .await?;
    let mut moved = moved.into_iter();
    moved
        .next()
        .ok_or_else(|| Error::internal("a check that was held is not there"))
}

fn act(action: &'static str, check: &certification_check::Model, reason: Option<String>) -> Act {
    Act {
        action,
        subject_kind: "CertificationCheck",
        subject_id: check.id,
        area_id: Some(check.area_id),
        reason,
        fields: "accompaniment".to_owned(),
        details: None,
    }
}

async fn finish(
    cx: &Cx,
    write: Write,
    act: Act,
    (check, mut changed): (&certification_check::Model, Vec<Changed>),
) -> Result<Outcome> {
    changed.extend(announced(check));
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(check.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
