//! Changing a series, around what is booked.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use entity::{service_offer, service_slot, slot_series};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::free::{ITS_SLOTS, call_off, is_free};
use super::make::{insert, made_until, pattern};
use super::reads::shape;
use super::rules::{AHEAD, OPEN, Pattern, Plan, Shape, There, compare};
use super::series::{act, finish, leave_out};
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::offers::edit::held;
use crate::write::{Begun, Outcome, Request, Write};

/// What becomes of a series; what is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Change {
    /// Other days.
    pub recurrence: Option<String>,
    /// Another last day, or none.
    pub ends_on: Edit<NaiveDate>,
    /// The days that it leaves out, all of them.
    pub except: Option<Vec<NaiveDate>>,
    /// When a slot begins, in minutes after midnight.
    pub begin_minute: Option<i32>,
    /// How long a slot is, in minutes.
    pub minutes: Option<i32>,
    /// Another place, or at home.
    pub place: Edit<String>,
    /// How many places a slot has.
    pub capacity: Option<i32>,
}

/// What a change would do to the slots to come.
#[derive(Clone, Debug)]
pub struct Preview {
    /// Days on which a slot would be made.
    pub made: Vec<NaiveDate>,
    /// Slots that would be moved or resized, by key.
    pub changed: Vec<Uuid>,
    /// Slots that would be called off, by key.
    pub removed: Vec<Uuid>,
    /// Slots that would stay as they are, since somebody has booked them or waits, by key.
    pub spared: Vec<Uuid>,
}

/// What a change of a series would do. Needs `OFFER_EDIT` of its partner.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED`, and what [`Pattern::check`] refuses.
pub async fn preview(cx: &Cx, id: Uuid, change: &Change) -> Result<Preview> {
    let (series, before) = super::reads::one_series(cx, id)
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("seriesId"))?;
    let offer = service_offer::Entity::find_by_id(series.offer_id)
        .one(&cx.app.db.unscoped(ITS_SLOTS))
        .await?;
    let offer = offer.ok_or_else(|| Error::internal("a series without its offer"))?;
    is_running(&series)?;
    let after = change.applied(before);
    after.check()?;
    let plan = planned(cx, &cx.app.db, (&series, &offer), Some(&after)).await?;
    Ok(Preview {
        made: plan.made.into_keys().collect(),
        changed: plan.changed.into_iter().map(|(id, _)| id).collect(),
        removed: plan.removed,
        spared: plan.spared,
    })
}

/// Changes a series and its slots to come; those that somebody has booked or waits for stay as they are, and
/// come after the series in the outcome. Needs `OFFER_EDIT` of its partner.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED` (the series or the partner), `VERSION_CONFLICT`, and what
/// [`Pattern::check`] refuses.
pub async fn change(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    (change, reason): (Change, String),
    key: Option<Uuid>,
) -> Result<Outcome> {
    use slot_series::Column as C;
    let given = (id, expected_version, &change, &reason);
    let write = match Write::begin(cx, Request::new("changeSlotSeries", key, &given)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (series, offer) = to_edit(cx, &write, id).await?;
    is_running(&series)?;
    if series.version != expected_version {
        return Err(Error::Conflict(id));
    }
    let after = change.applied(pattern(write.tx(), &series).await?);
    after.check()?;
    let plan = planned(cx, write.tx(), (&series, &offer), Some(&after)).await?;
    leave_out(write.tx(), id, &after.except).await?;
    let until = made_until(cx.app.clock.today(SHANGHAI), after.ends_on, &offer);
    let row = cx
        .actor()?
        .scoped::<slot_series::Entity>(Permission::OfferEdit)
        .id(id)
        .filter(C::Version.eq(expected_version))
        .filter(C::EndedAt.is_null())
        .update(write.tx(), |update| {
            update
                .value(C::Recurrence, after.recurrence)
                .value(C::EndsOn, after.ends_on)
                .value(C::BeginMinute, after.begin_minute)
                .value(C::Minutes, after.minutes)
                .value(C::Place, after.place)
                .value(C::Capacity, after.capacity)
                .value(C::MadeUntilOn, until)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(id))?;
    let act = Act {
        reason: Some(reason.clone()),
        ..act("changeSlotSeries", &row, &change)
    };
    apply(cx, write, (&row, plan, &reason), act).await
}

/// Ends a series: its slots to come are called off, but for those that somebody has booked or waits for, which
/// come after the series in the outcome. Needs `OFFER_EDIT` of its partner; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED` (the partner).
pub async fn end(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    use slot_series::Column as C;
    let request = Request::new("endSlotSeries", key, &(id, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (series, offer) = to_edit(cx, &write, id).await?;
    let plan = planned(cx, write.tx(), (&series, &offer), None).await?;
    let now = cx.app.clock.now();
    let ended = cx
        .actor()?
        .scoped::<slot_series::Entity>(Permission::OfferEdit)
        .id(id)
        .filter(C::EndedAt.is_null())
        .update(write.tx(), |update| {
            update
                .value(C::EndedAt, now)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        });
    let Some(row) = ended.await?.pop() else {
        let outcome = Outcome::of(id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let act = Act {
        reason: Some(reason.clone()),
        ..act("endSlotSeries", &row, &())
    };
    apply(cx, write, (&row, plan, &reason), act).await
}

/// Carries a plan out on those slots that are still free as the UPDATE finds them, and finishes the write.
async fn apply(
    cx: &Cx,
    write: Write,
    (series, plan, reason): (&slot_series::Model, Plan, &str),
    act: Act,
) -> Result<Outcome> {
    use service_slot::Column as C;
    let (tx, now) = (write.tx(), cx.app.clock.now());
    let removed = C::Id.is_in(plan.removed.iter().copied());
    let mut done = call_off(tx, now, (removed, reason)).await?;
    done.extend(reshape(cx, tx, &plan.changed).await?);
    let mut changed: Vec<Changed> = done.iter().map(super::changed).collect();
    let made = plan.made.into_iter().collect();
    changed.extend(insert(tx, &cx.app.clock, series, made).await?);
    let wanted = plan.changed.iter().map(|(id, _)| *id).chain(plan.removed);
    // Somebody booked them a moment ago.
    let late = wanted.filter(|id| done.iter().all(|row| row.id != *id));
    let spared: Vec<Uuid> = plan.spared.iter().copied().chain(late).collect();
    let outcome = Outcome {
        ids: [series.id].into_iter().chain(spared).collect(),
        codes: Vec::new(),
    };
    finish(cx, write, act, (series, changed, outcome)).await
}

/// Gives slots that are still free other times and places, in one statement.
async fn reshape(cx: &Cx, tx: &Tx, shapes: &[(Uuid, Shape)]) -> Result<Vec<service_slot::Model>> {
    use service_slot::Column as C;
    if shapes.is_empty() {
        return Ok(Vec::new());
    }
    let now = cx.app.clock.now();
    let each = |column: C, value: fn(&Shape) -> SimpleExpr| {
        let mut case = CaseStatement::new();
        for (id, shape) in shapes {
            case = case.case(C::Id.eq(*id), value(shape));
        }
        case.finally(Expr::col(column))
    };
    let starts = each(C::StartsAt, |shape| Expr::value(shape.starts_at));
    let ends = each(C::EndsAt, |shape| Expr::value(shape.ends_at));
    // Of one series: the same place and number of places for all.
    let (_, first) = &shapes[0];
    let rows = service_slot::Entity::update_many()
        .col_expr(C::StartsAt, starts.into())
        .col_expr(C::EndsAt, ends.into())
        .col_expr(C::Place, Expr::value(first.place.clone()))
        .col_expr(C::Capacity, Expr::value(first.capacity))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.is_in(shapes.iter().map(|(id, _)| *id)))
        .filter(is_free(now))
        .exec_with_returning(&tx.unscoped(ITS_SLOTS))
        .await?;
    Ok(rows)
}

/// What a series that says this (nothing where it ends) does to its slots to come.
async fn planned(
    cx: &Cx,
    handle: &impl Handle,
    (series, offer): (&slot_series::Model, &service_offer::Model),
    after: Option<&Pattern>,
) -> Result<Plan> {
    use service_slot::Column as C;
    let (now, today) = (cx.app.clock.now(), cx.app.clock.today(SHANGHAI));
    let valid = (offer.valid_from_on, offer.valid_until_on);
    let wanted = match after {
        Some(after) => after.slots((today, today + AHEAD), now, valid)?,
        None => BTreeMap::new(),
    };
    let rows = service_slot::Entity::find()
        .filter(C::SeriesId.eq(series.id))
        .filter(C::StartsAt.gt(now))
        .all(&handle.unscoped(ITS_SLOTS))
        .await?;
    let there: Vec<There> = rows
        .iter()
        .filter_map(|row| {
            Some(There {
                id: row.id,
                on: row.series_on?,
                shape: shape(row),
                is_open: row.status == OPEN,
                is_taken: row.booked > 0 || row.waiting > 0,
            })
        })
        .collect();
    Ok(compare(wanted, &there))
}

/// A series to be changed, after its partner and offer; all held until the end.
async fn to_edit(
    cx: &Cx,
    write: &Write,
    id: Uuid,
) -> Result<(slot_series::Model, service_offer::Model)> {
    let (actor, edit) = (cx.actor()?, Permission::OfferEdit);
    actor.require(edit)?;
    let not_found = || Error::refused(Code::NotFound).on("seriesId");
    let own = || actor.scoped::<slot_series::Entity>(edit).id(id);
    let seen = own().one(write.tx()).await?.ok_or_else(not_found)?;
    let (_, offer, _) = held(cx, write, (seen.offer_id, edit)).await?;
    let held = own().one_to_refer_to(write.tx()).await?;
    let (series, _) = held.ok_or_else(not_found)?;
    Ok((series, offer))
}

fn is_running(series: &slot_series::Model) -> Result<()> {
    match series.ended_at {
        None => Ok(()),
        Some(_) => Err(Error::refused(Code::AlreadyEnded).on("seriesId")),
    }
}

impl Change {
    fn applied(&self, before: Pattern) -> Pattern {
        let change = self.clone();
        let mut except = change.except.unwrap_or(before.except);
        except.sort_unstable();
        except.dedup();
        Pattern {
            recurrence: change.recurrence.unwrap_or(before.recurrence),
            starts_on: before.starts_on,
            ends_on: change.ends_on.of(before.ends_on),
            except,
            begin_minute: change.begin_minute.unwrap_or(before.begin_minute),
            minutes: change.minutes.unwrap_or(before.minutes),
            place: change.place.of(before.place),
            capacity: change.capacity.unwrap_or(before.capacity),
        }
    }
}
