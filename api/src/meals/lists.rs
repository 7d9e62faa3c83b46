//! Keeping lists.

use entity::enums::{ChangeKind, Weekday};
use entity::{area, meal_list, meal_recipient};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::generate::reconcile;
use super::rules::{self, Serving, Times};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::write::{Begun, Outcome, Request, Write};

const FED: &str = "who is on a list that the scope let through";

/// A list to be kept.
#[derive(Clone, Debug, Serialize)]
pub struct NewList {
    /// For this grid, compound or community.
    pub area: Uuid,
    /// What it is called.
    pub name: String,
    /// Lunch, where it is served.
    pub lunch: Option<Times>,
    /// Dinner, where it is served.
    pub dinner: Option<Times>,
    /// On which days.
    pub weekdays: Vec<Weekday>,
}

/// What becomes of a list.
#[derive(Clone, Debug, Serialize)]
pub struct ListEdit {
    /// The list.
    pub list: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// Another name.
    pub name: Option<String>,
    /// Lunch at other times, or none.
    pub lunch: Edit<Times>,
    /// Dinner at other times, or none.
    pub dinner: Edit<Times>,
    /// Other days.
    pub weekdays: Option<Vec<Weekday>>,
}

/// Begins a list. Needs `MEAL_EDIT` at the area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` (neither grid nor compound nor community, or
/// retired), `REQUIRED`, `OUT_OF_RANGE`, `WINDOW_INVALID`.
pub async fn create(cx: &Cx, new: NewList, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("createMealList", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    cx.actor()?.require(Permission::MealEdit)?;
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, Permission::MealEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    if !rules::is_fit(place.kind) || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let serving = Serving {
        lunch: new.lunch,
        dinner: new.dinner,
        weekdays: new.weekdays.iter().copied().collect(),
        ended_on: None,
    };
    serving.check()?;
    let now = cx.app.clock.now();
    let row = meal_list::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        area_id: Set(place.id),
        grid_id: Set(place.id),
        name: Set(new.name.clone()),
        lunch_from: Set(new.lunch.map(|(from, _)| from)),
        lunch_to: Set(new.lunch.map(|(_, to)| to)),
        dinner_from: Set(new.dinner.map(|(from, _)| from)),
        dinner_to: Set(new.dinner.map(|(_, to)| to)),
        weekdays: Set(serving.weekdays),
        ended_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = scope::insert(write.tx(), &grant, row).await?;
    let act = act("createMealList", &row, "name,lunch,dinner,weekdays", &new);
    let changed = Changed::new(ChangeKind::MealList, row.id, Some(row.area_id));
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Changes a list: what is not over yet follows at once. Needs `MEAL_EDIT` there.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED`, `VERSION_CONFLICT`, `REQUIRED`, `OUT_OF_RANGE`, `WINDOW_INVALID`.
pub async fn edit(cx: &Cx, edit: ListEdit, key: Option<Uuid>) -> Result<Outcome> {
    use meal_list::Column as C;
    let write = match Write::begin(cx, Request::new("editMealList", key, &edit)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, edit.list, Some(edit.expected_version)).await?;
    let before = Serving::from(&row);
    let serving = Serving {
        lunch: edited(edit.lunch, before.lunch),
        dinner: edited(edit.dinner, before.dinner),
        weekdays: match &edit.weekdays {
            Some(days) => days.iter().copied().collect(),
            None => before.weekdays,
        },
        ..before
    };
    serving.check()?;
    let row = cx
        .actor()?
        .scoped::<meal_list::Entity>(Permission::MealEdit)
        .id(row.id)
        .filter(C::Version.eq(row.version))
        .filter(C::EndedOn.is_null())
        .update(write.tx(), |update| {
            update
                .value(C::Name, edit.name.clone().unwrap_or(row.name))
                .value(C::LunchFrom, serving.lunch.map(|(from, _)| from))
                .value(C::LunchTo, serving.lunch.map(|(_, to)| to))
                .value(C::DinnerFrom, serving.dinner.map(|(from, _)| from))
                .value(C::DinnerTo, serving.dinner.map(|(_, to)| to))
                .value(C::Weekdays, serving.weekdays)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(edit.list))?;
    let act = act("editMealList", &row, "name,lunch,dinner,weekdays", &edit);
    finish(cx, write, act, Outcome::of(row.id)).await
}

/// Ends a list from today on: whoever is on it is free for another. Needs `MEAL_EDIT` there.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED`, `VERSION_CONFLICT`.
pub async fn end(
    cx: &Cx,
    (list, expected_version): (Uuid, i64),
    reason: String,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use meal_list::Column as C;
    use meal_recipient::Column as M;
    let given = (list, expected_version, &reason);
    let write = match Write::begin(cx, Request::new("endMealList", key, &given)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, list, Some(expected_version)).await?;
    let (now, today) = (cx.app.clock.now(), cx.app.clock.today(SHANGHAI));
    cx.actor()?
        .scoped::<meal_list::Entity>(Permission::MealEdit)
        .id(row.id)
        .filter(C::EndedOn.is_null())
        .update(write.tx(), |update| {
            update
                .value(C::EndedOn, today)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    meal_recipient::Entity::update_many()
        .col_expr(M::ToOn, Expr::value(today))
        .col_expr(M::Version, Expr::col(M::Version).add(1))
        .col_expr(M::UpdatedAt, Expr::value(now))
        .filter(M::MealListId.eq(row.id))
        .filter(M::ToOn.is_null())
        .exec(&write.tx().unscoped(FED))
        .await?;
    let act = Act {
        reason: Some(reason),
        ..act("endMealList", &row, "ended_on", &today)
    };
    finish(cx, write, act, Outcome::of(row.id)).await
}

/// A list to change, held: `NOT_FOUND`, `ALREADY_ENDED`, `VERSION_CONFLICT`.
pub(super) async fn to_edit(
    cx: &Cx,
    write: &Write,
    list: Uuid,
    expected_version: Option<i64>,
) -> Result<meal_list::Model> {
    let actor = cx.actor()?;
    actor.require(Permission::MealEdit)?;
    let scoped = actor.scoped::<meal_list::Entity>(Permission::MealEdit);
    let (row, _) = scoped
        .id(list)
        .one_to_change(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("mealListId"))?;
    if row.ended_on.is_some() {
        return Err(Error::refused(Code::AlreadyEnded).on("mealListId"));
    }
    if expected_version.is_some_and(|seen| seen != row.version) {
        return Err(Error::Conflict(row.id));
    }
    Ok(row)
}

pub(super) fn act(
    action: &'static str,
    row: &meal_list::Model,
    fields: &str,
    details: &impl Serialize,
) -> Act {
    Act {
        action,
        subject_kind: "MealList",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: fields.to_owned(),
        details: serde_json::to_string(details).ok(),
    }
}

/// Lets batches and doors follow the list that has changed, and finishes the write.
pub(super) async fn finish(cx: &Cx, write: Write, act: Act, outcome: Outcome) -> Result<Outcome> {
    let list = act.subject_id;
    let mut changed = vec![Changed::in_place(ChangeKind::MealList, list, act.area_id)];
    changed.extend(reconcile(&cx.app, write.tx(), list).await?);
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn edited(edit: Edit<Times>, before: Option<Times>) -> Option<Times> {
    match edit {
        Edit::Keep => before,
        Edit::Clear => None,
        Edit::Set(times) => Some(times),
    }
}
