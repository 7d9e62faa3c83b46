//! Places at sessions and slots: the checks that name one, so that none is given twice.
//!
//! Whoever gives a place holds the session meanwhile and counts in the statement that gives it; whoever
//! frees one changes their check alone.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{beneficiary, certification_check, certification_session};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, JoinType, LockType, Query, SimpleExpr,
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QuerySelect as _};
use uuid::Uuid;

use super::calls::{Call, What};
use super::rules::PLANNED;
use super::step::{Guard, Values};
use crate::certifications::rounds::reads::open_rounds;
use crate::certifications::sessions;
use crate::certifications::sessions::rules::{ANNULLED, LIVE};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const PERSON: &str = "the person of a check that the scope let through";

/// The sessions that some calls name.
pub(super) type Sessions = HashMap<Uuid, certification_session::Model>;

impl What {
    const fn session(&self) -> Option<Uuid> {
        match self {
            Self::Join { session, .. } => Some(*session),
            Self::Check(found) => found.session,
            Self::Schedule { .. }
            | Self::Unschedule
            | Self::Assign { .. }
            | Self::Attempt { .. }
            | Self::Return(_)
            | Self::Confirm { .. }
            | Self::Settle(_) => None,
        }
    }
}

/// Holds the sessions that these calls name, so that no other gives a place there meanwhile.
///
/// Refused, all of them, where places are asked for at one that gives none: `NOT_FOUND`, `ALREADY_ENDED`,
/// `WINDOW_PASSED`.
pub(super) async fn hold(cx: &Cx, tx: &Tx, calls: &[Call]) -> Result<Sessions> {
    let ids: BTreeSet<Uuid> = calls
        .iter()
        .filter_map(|call| call.what.session())
        .collect();
    if ids.is_empty() {
        return Ok(Sessions::new());
    }
    let held = sessions::reads::hold(cx, tx, &ids).await?;
    let held: Sessions = held.into_iter().map(|row| (row.id, row)).collect();
    for call in calls {
        if let What::Join { session, .. } = &call.what {
            let code = refusal(held.get(session), cx.app.clock.now());
            if let Some(code) = code {
                return Err(Error::refused(code).on("sessionId"));
            }
        }
    }
    Ok(held)
}

fn refusal(session: Option<&certification_session::Model>, now: DateTime<Utc>) -> Option<Code> {
    match session {
        None => Some(Code::NotFound),
        Some(session) if session.status != LIVE => Some(Code::AlreadyEnded),
        Some(session) if session.ends_at <= now => Some(Code::WindowPassed),
        Some(_) => None,
    }
}

/// Whether somebody is given the place that they have.
pub(super) fn has_it(seen: &certification_check::Model, what: &What) -> bool {
    match what {
        What::Join {
            session,
            assigned_to,
        } => {
            seen.status == PLANNED
                && seen.session_id == Some(*session)
                && (assigned_to.is_none() || seen.assigned_to == *assigned_to)
        }
        _ => false,
    }
}

/// What a place says of when and how.
pub(super) fn values(session: Uuid, sessions: &Sessions) -> Result<Values> {
    use certification_check::Column as C;
    let session = known(sessions, session)?;
    Ok(vec![
        (C::SessionId, Expr::value(session.id)),
        (C::Channel, Expr::value(session.channel)),
        (C::ScheduledFor, Expr::value(session.starts_at)),
    ])
}

fn known(sessions: &Sessions, id: Uuid) -> Result<&certification_session::Model> {
    let session = sessions.get(&id);
    session.ok_or_else(|| Error::refused(Code::NotFound))
}

/// What must hold of a check beside its life.
///
/// Refused: `NOT_FOUND`, `ROUND_UNFIT`, `OUT_OF_RANGE` (another channel than the session's), `ALREADY_ENDED`.
pub(super) async fn conditions(
    tx: &Tx,
    (seen, what): (&certification_check::Model, &What),
    sessions: &Sessions,
) -> Result<Vec<Guard>> {
    use certification_check::Column as C;
    if let What::Attempt { .. } = what {
        // The try is noted at the session that was seen, and leaves or takes the time that was seen.
        let same = match seen.session_id {
            Some(session) => C::SessionId.eq(session),
            None => C::SessionId.is_null(),
        };
        let planned = match seen.scheduled_for {
            Some(at) => C::ScheduledFor.eq(at),
            None => C::ScheduledFor.is_null(),
        };
        return Ok(vec![Guard {
            holds: Condition::all().add(same).add(planned),
            code: Code::VersionConflict,
        }]);
    }
    let Some(session) = what.session() else {
        return Ok(Vec::new());
    };
    let session = known(sessions, session)?;
    if session.round_id != seen.round_id {
        return Err(Error::refused(Code::RoundUnfit));
    }
    let mut guards: Vec<Guard> = has_room(session).into_iter().collect();
    match what {
        What::Check(found) if found.channel != session.channel => {
            return Err(Error::refused(Code::OutOfRange));
        }
        What::Check(_) if session.status == ANNULLED => {
            return Err(Error::refused(Code::AlreadyEnded));
        }
        What::Join { .. } => {
            hold_person(tx, seen.beneficiary_id).await?;
            guards.push(is_free(session));
        }
        _ => {}
    }
    Ok(guards)
}

/// That the place is theirs already, or one is left.
fn has_room(session: &certification_session::Model) -> Option<Guard> {
    use certification_check::Column as C;
    let other = Alias::new("other");
    let mut taken = Query::select();
    taken
        .expr(Expr::col((other.clone(), C::Id)).count())
        .from_as(certification_check::Entity, other.clone())
        .and_where(Expr::col((other, C::SessionId)).eq(session.id));
    let taken = SimpleExpr::SubQuery(None, Box::new(taken.into()));
    session.capacity.map(|capacity| Guard {
        holds: Condition::any()
            .add(C::SessionId.eq(session.id))
            .add(Expr::value(capacity).gt(taken)),
        code: Code::SessionFull,
    })
}

/// That the person is expected at no other session at the same time; of another open round, for of one round
/// nobody is at two.
fn is_free(session: &certification_session::Model) -> Guard {
    use certification_check::Column as C;
    use certification_session::Column as S;
    let (other, there) = (Alias::new("other"), Alias::new("there"));
    let own = |column| Expr::col((certification_check::Entity, column));
    let its = |column| Expr::col((other.clone(), column));
    let at = |column| Expr::col((there.clone(), column));
    let elsewhere = Query::select()
        .expr(Expr::value(1))
        .from_as(certification_check::Entity, other.clone())
        .join_as(
            JoinType::InnerJoin,
            certification_session::Entity,
            there.clone(),
            at(S::Id).equals((other.clone(), C::SessionId)),
        )
        .and_where(its(C::BeneficiaryId).eq(own(C::BeneficiaryId)))
        .and_where(its(C::Id).ne(own(C::Id)))
        .and_where(its(C::Status).eq(PLANNED))
        .and_where(its(C::RoundId).in_subquery(open_rounds()))
        .and_where(at(S::StartsAt).lt(session.ends_at))
        .and_where(at(S::EndsAt).gt(session.starts_at))
        .to_owned();
    Guard {
        holds: Condition::all().add(Expr::exists(elsewhere).not()),
        code: Code::TimeConflict,
    }
}

/// Holds the person, so that no other session of another round takes them meanwhile.
async fn hold_person(tx: &Tx, id: Uuid) -> Result<()> {
    beneficiary::Entity::find_by_id(id)
        .select_only()
        .column(beneficiary::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .one(&tx.unscoped(PERSON))
        .await?;
    Ok(())
}
