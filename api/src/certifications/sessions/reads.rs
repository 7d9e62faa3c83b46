//! Reading sessions: those of one's areas, and those above, to which one's people may come.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::enums::{CertificationChannel, CertificationSessionStatus};
use entity::{certification_attempt, certification_check, certification_session};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _, LockType};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope;
use crate::certifications::checks::rules::PLANNED;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::paging::{Page, Rows};

const ABOVE: &str = "sessions of the areas above are open to everybody's people below";
const COUNTS: &str = "how many come to a session that is shown";

/// Where a session stands in the list: by its beginning.
pub type Position = (DateTime<Utc>, Uuid);

/// Which sessions are wanted; absent means any.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Of this round.
    pub round: Option<Uuid>,
    /// Of this channel.
    pub channel: Option<CertificationChannel>,
    /// In this state.
    pub status: Option<CertificationSessionStatus>,
}

/// A session with how many come.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: certification_session::Model,
    /// How many.
    pub tally: Tally,
}

/// How many come to a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Places that are taken, by who is still to come and by who came.
    pub taken: i64,
    /// Those who came.
    pub present: i64,
    /// Those of whom it is noted that they did not.
    pub absent: i64,
}

/// The sessions that concern the actor: at, below and above where they may read beneficiaries.
fn concerning(cx: &Cx) -> Result<Select<certification_session::Entity>> {
    use certification_session::Column as C;
    let (actor, read) = (cx.actor()?, Permission::BeneficiaryRead);
    actor.require(read)?;
    let areas = actor.areas(read);
    let above = areas.iter().flat_map(|area| actor.tree.upwards(*area));
    let concerns = Condition::any()
        .add(scope::reads::<certification_session::Entity>(actor, read))
        .add(C::AreaId.is_in(above));
    Ok(certification_session::Entity::find().filter(concerns))
}

/// One session that concerns the actor. Needs `BENEFICIARY_READ`.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<Seen>> {
    let rows = concerning(cx)?
        .filter(certification_session::Column::Id.eq(id))
        .all(&cx.app.db.unscoped(ABOVE))
        .await?;
    Ok(counted(cx, rows).await?.pop())
}

/// A page of the sessions that concern the actor, the earliest first. Needs `BENEFICIARY_READ`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Position>) -> Result<Rows<Seen>> {
    use certification_session::Column as C;
    let mut sessions = concerning(cx)?;
    if let Some(round) = filter.round {
        sessions = sessions.filter(C::RoundId.eq(round));
    }
    if let Some(channel) = filter.channel {
        sessions = sessions.filter(C::Channel.eq(channel));
    }
    if let Some(status) = filter.status {
        sessions = sessions.filter(C::Status.eq(status));
    }
    if let Some((at, id)) = page.after {
        let same = C::StartsAt.eq(at).and(C::Id.gt(id));
        sessions = sessions.filter(C::StartsAt.gt(at).or(same));
    }
    if let Some((at, id)) = page.before {
        let same = C::StartsAt.eq(at).and(C::Id.lt(id));
        sessions = sessions.filter(C::StartsAt.lt(at).or(same));
    }
    sessions = if page.backward {
        sessions.order_by_desc(C::StartsAt).order_by_desc(C::Id)
    } else {
        sessions.order_by_asc(C::StartsAt).order_by_asc(C::Id)
    };
    let rows = sessions
        .limit(page.size + 1)
        .all(&cx.app.db.unscoped(ABOVE))
        .await?;
    let page = Rows::new(rows, page);
    Ok(Rows {
        rows: counted(cx, page.rows).await?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// The row of a session that concerns the actor, within an open write; not held.
pub(super) async fn look(
    cx: &Cx,
    tx: &Tx,
    id: Uuid,
) -> Result<Option<certification_session::Model>> {
    Ok(concerning(cx)?
        .filter(certification_session::Column::Id.eq(id))
        .one(&tx.unscoped(ABOVE))
        .await?)
}

/// Those of these sessions that concern the actor, held until the end, in the order of their ids.
pub(in crate::certifications) async fn hold(
    cx: &Cx,
    tx: &Tx,
    ids: &BTreeSet<Uuid>,
) -> Result<Vec<certification_session::Model>> {
    use certification_session::Column as C;
    Ok(concerning(cx)?
        .filter(C::Id.is_in(ids.iter().copied()))
        .order_by_asc(C::Id)
        .lock(LockType::NoKeyUpdate)
        .all(&tx.unscoped(ABOVE))
        .await?)
}

#[derive(FromQueryResult)]
struct Came {
    session_id: Uuid,
    taken: i64,
    present: i64,
}

/// Counts who comes to these sessions, however many they are in two statements.
async fn counted(cx: &Cx, rows: Vec<certification_session::Model>) -> Result<Vec<Seen>> {
    use certification_attempt::Column as A;
    use certification_check::Column as C;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let connection = cx.app.db.unscoped(COUNTS);
    let is_present = CaseStatement::new().case(C::Status.ne(PLANNED), Expr::value(1));
    let came = certification_check::Entity::find()
        .select_only()
        .column(C::SessionId)
        .column_as(C::Id.count(), "taken")
        .column_as(Expr::expr(is_present).count(), "present")
        .filter(C::SessionId.is_in(ids.iter().copied()))
        .group_by(C::SessionId)
        .into_model::<Came>()
        .all(&connection)
        .await?;
    let missed: HashMap<Uuid, i64> = certification_attempt::Entity::find()
        .select_only()
        .column(A::SessionId)
        .expr(A::CheckId.into_expr().count_distinct())
        .filter(A::SessionId.is_in(ids))
        .group_by(A::SessionId)
        .into_tuple::<(Uuid, i64)>()
        .all(&connection)
        .await?
        .into_iter()
        .collect();
    let came: HashMap<Uuid, Came> = came.into_iter().map(|one| (one.session_id, one)).collect();
    let tally = |id: &Uuid| Tally {
        taken: came.get(id).map_or(0, |one| one.taken),
        present: came.get(id).map_or(0, |one| one.present),
        absent: missed.get(id).copied().unwrap_or(0),
    };
    let seen = rows.into_iter().map(|row| Seen {
        tally: tally(&row.id),
        row,
    });
    Ok(seen.collect())
}
