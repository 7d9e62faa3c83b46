//! Raising, acknowledging and closing alarms.

use chrono::{DateTime, Utc};
use entity::enums::{AlarmAction, AlarmKind, ChangeKind};
use entity::{alarm, alarm_step, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::reads::{reached, tell};
use super::rules::{self, Action};
use crate::access::policy::Permission;
use crate::access::scope::{self, Arm, ScopedEntity};
use crate::access::sealed::{self, Field};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const STEPS: &str = "the steps of an alarm that the scope let through";
const DOUBT: &str = "a visit during which an alarm was raised is verified by a person";

impl ScopedEntity for alarm::Entity {
    const AREA: alarm::Column = alarm::Column::AreaId;
    const GRID: alarm::Column = alarm::Column::GridId;
    const ID: alarm::Column = alarm::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<alarm::Column>] {
        match permission {
            Permission::AlarmHandle => &[Arm::Area],
            // Who raised one follows it, whatever became of their grant.
            Permission::AlarmRaise => &[Arm::Mine(alarm::Column::RaisedBy)],
            _ => &[],
        }
    }
}

/// What is raised.
#[derive(Clone, Debug, Serialize)]
pub struct NewAlarm {
    /// The id the phone chose for it.
    pub id: Option<Uuid>,
    /// The visit.
    pub task: Uuid,
    /// What it is about.
    pub kind: AlarmKind,
    /// What else there is to say.
    pub note: Option<String>,
}

/// Raises an alarm about a visit that the actor sees. Needs `ALARM_RAISE`, or the visit's claim.
///
/// Refused: `NOT_FOUND`, `UUID_INVALID`, `ID_TAKEN`.
pub async fn raise(cx: &Cx, new: NewAlarm, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("raiseAlarm", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    if new.id.is_some_and(|id| id.get_version_num() != 7) {
        return Err(Error::refused(Code::UuidInvalid).on("id"));
    }
    let (task, grant) = actor
        .scoped::<visit_task::Entity>(Permission::AlarmRaise)
        .id(new.task)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("visitTaskId"))?;
    let now = cx.app.clock.now();
    let id = new.id.unwrap_or_else(|| cx.app.clock.new_id());
    let note = new.note.as_deref();
    let row = alarm::ActiveModel {
        id: Set(id),
        visit_task_id: Set(task.id),
        area_id: Set(task.area_id),
        grid_id: Set(task.grid_id),
        kind: Set(new.kind),
        status: Set(Action::Acknowledge.from()),
        level: Set(rules::FIRST),
        note_sealed: Set(note
            .map(|note| sealed::seal(&cx.app.keys, Field::VisitNotes, note))
            .transpose()?),
        raised_by: Set(actor.account),
        raised_at: Set(now),
        climbs_at: Set(Some(now + rules::PATIENCE)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let Some(row) = scope::insert_new(write.tx(), &grant, row).await? else {
        return raised_before(write, id, (&new, actor.account)).await;
    };
    visit_task::Entity::update_many()
        .col_expr(
            visit_task::Column::AutoVerifyAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .filter(visit_task::Column::Id.eq(task.id))
        .exec(&write.tx().unscoped(DOUBT))
        .await?;
    let tree = cx.app.sessions.tree();
    let told = reached(write.tx(), (&tree, now), (row.area_id, row.level))
        .await?
        .holders;
    tell(&cx.app, write.tx(), &row, &told).await?;
    step(cx, write.tx(), &row, (AlarmAction::Raised, told.len())).await?;
    finish(cx, write, ("raiseAlarm", "status"), &row).await
}

/// The phone's id is taken: by the same alarm it is the same alarm, by any other it is refused.
async fn raised_before(
    write: Write,
    id: Uuid,
    (new, account): (&NewAlarm, Uuid),
) -> Result<Outcome> {
    let known = alarm::Entity::find_by_id(id)
        .one(&write.tx().unscoped(STEPS))
        .await?;
    let same = known.is_some_and(|known| {
        known.raised_by == account && known.visit_task_id == new.task && known.kind == new.kind
    });
    if !same {
        return Err(Error::refused(Code::IdTaken).on("id"));
    }
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Takes an alarm on; who repeats it succeeds. Needs `ALARM_HANDLE` where it is.
///
/// Refused: `NOT_FOUND`, `ALREADY_ACKNOWLEDGED`, `ALREADY_FINISHED`.
pub async fn acknowledge(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("acknowledgeAlarm", key, &id);
    let values = vec![
        (
            alarm::Column::AcknowledgedBy,
            Expr::value(cx.actor()?.account),
        ),
        (
            alarm::Column::AcknowledgedAt,
            Expr::value(cx.app.clock.now()),
        ),
        (
            alarm::Column::ClimbsAt,
            Expr::value(Option::<DateTime<Utc>>::None),
        ),
    ];
    act(cx, request, (id, Action::Acknowledge), values).await
}

/// Settles an alarm with what was found. Needs `ALARM_HANDLE` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_ACKNOWLEDGED`, `ALREADY_FINISHED`.
pub async fn close(cx: &Cx, id: Uuid, found: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("closeAlarm", key, &(id, &found));
    let sealed = sealed::seal(&cx.app.keys, Field::VisitNotes, &found)?;
    let values = vec![
        (alarm::Column::ClosedBy, Expr::value(cx.actor()?.account)),
        (alarm::Column::ClosedAt, Expr::value(cx.app.clock.now())),
        (alarm::Column::FoundSealed, Expr::value(sealed)),
    ];
    act(cx, request, (id, Action::Close), values).await
}

async fn act(
    cx: &Cx,
    request: Request,
    (id, action): (Uuid, Action),
    values: Vec<(alarm::Column, Expr)>,
) -> Result<Outcome> {
    use alarm::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::AlarmHandle)?;
    let handled = || {
        actor
            .scoped::<alarm::Entity>(Permission::AlarmHandle)
            .id(id)
    };
    let moved = handled()
        .filter(C::Status.eq(action.from()))
        .update(write.tx(), |update| {
            update
                .value(C::Status, action.to())
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
            for (column, value) in values {
                update.value(column, value);
            }
        })
        .await?
        .pop();
    let Some(row) = moved else {
        let known = handled().one(write.tx()).await?;
        let known = known.ok_or_else(|| Error::refused(Code::NotFound).on("alarmId"))?;
        let mine = match action {
            Action::Acknowledge => known.acknowledged_by == Some(actor.account),
            Action::Close => false,
        };
        if mine && known.status == action.to() {
            let outcome = Outcome::of(id);
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        return Err(match rules::explain(action, known.status) {
            Some(code) => Error::refused(code).on("alarmId"),
            None => Error::Conflict(id),
        });
    };
    let (name, done) = match action {
        Action::Acknowledge => ("acknowledgeAlarm", AlarmAction::Acknowledged),
        Action::Close => ("closeAlarm", AlarmAction::Closed),
    };
    step(cx, write.tx(), &row, (done, 0)).await?;
    finish(cx, write, (name, "status"), &row).await
}

async fn step(
    cx: &Cx,
    tx: &Tx,
    row: &alarm::Model,
    (action, told): (AlarmAction, usize),
) -> Result<()> {
    alarm_step::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        alarm_id: Set(row.id),
        action: Set(action),
        revision: Set(row.version),
        level: Set(row.level),
        account_id: Set(Some(cx.actor()?.account)),
        told: Set(i32::try_from(told).unwrap_or(i32::MAX)),
        at: Set(cx.app.clock.now()),
    }
    .insert(&tx.unscoped(STEPS))
    .await?;
    Ok(())
}

async fn finish(
    cx: &Cx,
    write: Write,
    (action, fields): (&'static str, &str),
    row: &alarm::Model,
) -> Result<Outcome> {
    let place = Some(row.area_id);
    let act = Act {
        action,
        subject_kind: "Alarm",
        subject_id: row.id,
        area_id: place,
        reason: None,
        fields: fields.to_owned(),
        details: None,
    };
    let changed = if row.version == 1 {
        Changed::new(ChangeKind::Alarm, row.id, place)
    } else {
        Changed::in_place(ChangeKind::Alarm, row.id, place)
    };
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}
