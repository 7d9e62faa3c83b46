//! Whose escalations are whose, reading them, and taking one on.

use std::collections::HashMap;

use entity::enums::{ChangeKind, EscalationStatus};
use entity::{escalation, notice, resident};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};
use sea_orm::{ColumnTrait as _, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::climb::quiet;
use super::rules::TAKEN;
use crate::access::policy::Permission;
use crate::access::scope::{Arm, Scoped, ScopedEntity, select_columns};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::duty::reads::{Reachable, people};
use crate::error::{Code, Error, Result};
use crate::notices;
use crate::write::{Begun, Outcome, Request, Write};

/// How many a desk shows.
const MOST: u64 = 50;

impl ScopedEntity for escalation::Entity {
    const AREA: escalation::Column = escalation::Column::AreaId;
    const GRID: escalation::Column = escalation::Column::GridId;
    const ID: escalation::Column = escalation::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<escalation::Column>] {
        match permission {
            Permission::DeskRead | Permission::ResidentEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// An escalation with who it is about.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: escalation::Model,
    /// Who waits.
    pub name: String,
    /// What was told to whom, the earliest first.
    pub notices: Vec<notice::Model>,
}

impl FromQueryResult for Seen {
    fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: escalation::Model::from_query_result(row, prefix)?,
            name: row.try_get(prefix, "resident_name")?,
            notices: Vec::new(),
        })
    }
}

/// Escalations, and everybody they name.
pub type SeenWithPeople = (Vec<Seen>, HashMap<Uuid, Reachable>);

/// The escalations of an area that are not settled, those longest waiting first; at most 50. Needs
/// `DESK_READ` there.
pub async fn open(cx: &Cx, area: Uuid) -> Result<SeenWithPeople> {
    let open = escalations(cx)?
        .below(area)
        .filter(escalation::Column::SettledAt.is_null());
    read(cx, open).await
}

/// One escalation. Needs `DESK_READ` where it is.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<(Seen, HashMap<Uuid, Reachable>)>> {
    let (mut seen, people) = read(cx, escalations(cx)?.id(id)).await?;
    Ok(seen.pop().map(|seen| (seen, people)))
}

fn escalations(cx: &Cx) -> Result<Scoped<'_, escalation::Entity>> {
    Ok(cx
        .actor()?
        .scoped::<escalation::Entity>(Permission::DeskRead))
}

async fn read(cx: &Cx, scoped: Scoped<'_, escalation::Entity>) -> Result<SeenWithPeople> {
    let mut seen: Vec<Seen> = scoped
        .limit(MOST)
        .into_rows(&cx.app.db, |select| {
            select_columns::<escalation::Entity>(select, "");
            select
                .expr_as(
                    Expr::col((resident::Entity, resident::Column::Name)),
                    "resident_name",
                )
                .inner_join(
                    resident::Entity,
                    Expr::col((resident::Entity, resident::Column::Id))
                        .equals((escalation::Entity, escalation::Column::ResidentId)),
                )
                .order_by(
                    (escalation::Entity, escalation::Column::SinceAt),
                    Order::Asc,
                )
                .order_by((escalation::Entity, escalation::Column::Id), Order::Asc);
        })
        .await?;
    let ids: Vec<Uuid> = seen.iter().map(|one| one.row.id).collect();
    for notice in notices::service::about(cx, &ids).await? {
        let about = notice.escalation_id;
        if let Some(one) = seen.iter_mut().find(|one| Some(one.row.id) == about) {
            one.notices.push(notice);
        }
    }
    let named: Vec<Uuid> = seen
        .iter()
        .flat_map(|one| {
            let told = one.notices.iter().map(|notice| notice.account_id);
            told.chain(one.row.taken_by)
        })
        .collect();
    let people = people(cx, &named).await?;
    Ok((seen, people))
}

/// Takes an escalation on: it climbs again unless somebody sees the person within a waking day. Needs
/// `DESK_READ` where it is; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `ALREADY_ACKNOWLEDGED`, `ALREADY_SETTLED`.
pub async fn take_on(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    use escalation::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("takeOnEscalation", key, &id)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::DeskRead)?;
    let now = cx.app.clock.now();
    let moved = escalations(cx)?
        .id(id)
        .filter(C::Status.eq(EscalationStatus::Open))
        .update(write.tx(), |update| {
            update
                .value(C::Status, EscalationStatus::Taken)
                .value(C::TakenBy, actor.account)
                .value(C::TakenAt, now)
                .value(C::ClimbsAt, quiet(&cx.app.settings).after(now, TAKEN))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        })
        .await?
        .pop();
    let outcome = Outcome::of(id);
    let Some(row) = moved else {
        let known = escalations(cx)?.id(id).one(write.tx()).await?;
        let code = match known {
            None => Code::NotFound,
            Some(known) if known.settled_at.is_some() => Code::AlreadySettled,
            Some(known) if known.taken_by == Some(actor.account) => {
                write.commit(&outcome).await?;
                return Ok(outcome);
            }
            Some(_) => Code::AlreadyAcknowledged,
        };
        return Err(Error::refused(code).on("escalationId"));
    };
    let place = Some(row.area_id);
    let act = Act {
        action: "takeOnEscalation",
        subject_kind: "Escalation",
        subject_id: id,
        area_id: place,
        reason: None,
        fields: "status".to_owned(),
        details: None,
    };
    let changed = Changed::in_place(ChangeKind::Escalation, id, place);
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}
