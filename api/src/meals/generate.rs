//! The server makes batches and their doors, and calls off what a list no longer asks for.
//!
//! Run at any time, in any order and by several servers at once it makes the same ones: a list is held
//! while it is looked at, a batch is one for its list, day and meal, a door has an occasion of its own.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{Meal, MealBatchStatus};
use entity::{meal_batch, meal_list, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, LockType};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, Iterable as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use super::doors::{self, Door, Window, Work};
use super::roster::{self, Fed, Wanted};
use super::rules::{self, Action, Serving};
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::SHANGHAI;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::visits::claims::batches::Taking;

pub(super) const REASON: &str = "the server makes the batches of every list, wherever it is";

impl From<&meal_list::Model> for Serving {
    fn from(row: &meal_list::Model) -> Self {
        Self {
            lunch: row.lunch_from.zip(row.lunch_to),
            dinner: row.dinner_from.zip(row.dinner_to),
            weekdays: row.weekdays,
            ended_on: row.ended_on,
        }
    }
}

/// Makes the batches of today and tomorrow with their doors, for every list that serves; says how many
/// batches and doors it touched.
pub async fn generate_meals(app: &App) -> Result<usize> {
    let since = app.clock.today(SHANGHAI) - rules::CATCH_UP;
    let lists: Vec<Uuid> = meal_list::Entity::find()
        .select_only()
        .column(meal_list::Column::Id)
        .filter(
            Condition::any()
                .add(meal_list::Column::EndedOn.is_null())
                .add(meal_list::Column::EndedOn.gt(since)),
        )
        .order_by_asc(meal_list::Column::Id)
        .into_tuple()
        .all(&app.db.unscoped(REASON))
        .await?;
    let mut touched = 0;
    for list in lists {
        let tx = app.db.begin().await?;
        let changed = reconcile(app, &tx, list).await?;
        if let Some(first) = changed.first() {
            let ids: Vec<Uuid> = changed.iter().map(|changed| changed.id).collect();
            let act = Act {
                action: "generateMeals",
                subject_kind: "MealList",
                subject_id: list,
                area_id: first.area_after,
                reason: None,
                fields: "status".to_owned(),
                details: serde_json::to_string(&ids).ok(),
            };
            audit::record_by(Author::operator(&app.keys, &app.clock), &tx, act).await?;
            changes::record_at(app.clock.now(), &tx, &changed).await?;
        }
        tx.commit().await?;
        touched += changed.len();
    }
    Ok(touched)
}

/// Makes the batches and doors of one list what the list asks for, and says what is to be announced.
pub(super) async fn reconcile(app: &App, tx: &Tx, list: Uuid) -> Result<Vec<Changed>> {
    let found = meal_list::Entity::find_by_id(list)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(REASON))
        .await?;
    let Some(list) = found else {
        return Ok(Vec::new());
    };
    let (now, today) = (app.clock.now(), app.clock.today(SHANGHAI));
    let first = today - rules::CATCH_UP;
    let wanted = Wanted {
        since: first,
        held: true,
    };
    let tree = app.sessions.tree();
    let fed = roster::of(tx, &tree, (std::slice::from_ref(&list), wanted)).await?;
    let batches = meal_batch::Entity::find()
        .filter(meal_batch::Column::MealListId.eq(list.id))
        .filter(meal_batch::Column::ServedOn.gte(first))
        .order_by_asc(meal_batch::Column::Id)
        // Nobody takes one on or gives it back meanwhile.
        .lock(LockType::NoKeyUpdate)
        .all(&tx.unscoped(REASON))
        .await?;
    let mut doors = doors::of(tx, &batches).await?;
    let mut known: HashMap<(NaiveDate, Meal), meal_batch::Model> = batches
        .into_iter()
        .map(|batch| ((batch.served_on, batch.meal), batch))
        .collect();
    let mut work = Work::default();
    let serving = Serving::from(&list);
    for day in first
        .iter_days()
        .take_while(|day| *day <= today + rules::AHEAD)
    {
        for meal in Meal::iter() {
            let round = Round {
                app,
                now,
                list: &list,
                day,
                meal,
                window: serving.window(meal, day),
            };
            match known.remove(&(day, meal)) {
                None => round.begin(&fed, &mut work),
                Some(batch) => {
                    let doors = doors.remove(&batch.id).unwrap_or_default();
                    round.keep(&batch, &fed, &doors, &mut work);
                }
            }
        }
    }
    doors::carry_out(app, tx, work).await
}

/// One meal of one day of a list.
struct Round<'a> {
    app: &'a App,
    now: DateTime<Utc>,
    list: &'a meal_list::Model,
    day: NaiveDate,
    meal: Meal,
    window: Option<Window>,
}

impl Round<'_> {
    /// Who gets the meal.
    fn eaters<'f>(&self, fed: &'f [Fed]) -> impl Iterator<Item = &'f Fed> {
        let (meal, day) = (self.meal, self.day);
        let listed = fed.iter().filter(move |one| one.is_listed(meal, day));
        listed.filter(move |one| one.rests(day).is_none())
    }

    /// Makes a batch that is not there yet. One whose time has passed meanwhile is made for those who were
    /// on the list, as it is now, when it began: what was missed is told by name.
    fn begin(&self, fed: &[Fed], work: &mut Work) {
        let Some((starts_at, due_at)) = self.window else {
            return;
        };
        let is_over = due_at <= self.now;
        if is_over && self.list.updated_at >= starts_at {
            return;
        }
        let eaters: Vec<&Fed> = self
            .eaters(fed)
            .filter(|one| !is_over || one.row.updated_at < starts_at)
            .collect();
        if eaters.is_empty() {
            return;
        }
        let id = self.app.clock.new_id();
        work.new_batches.push(meal_batch::ActiveModel {
            id: Set(id),
            meal_list_id: Set(self.list.id),
            area_id: Set(self.list.area_id),
            grid_id: Set(self.list.grid_id),
            served_on: Set(self.day),
            meal: Set(self.meal),
            starts_at: Set(starts_at),
            due_at: Set(due_at),
            status: Set(MealBatchStatus::Open),
            claimed_by: Set(None),
            claimed_at: Set(None),
            assigned_by: Set(None),
            version: Set(1),
            created_at: Set(self.now),
            updated_at: Set(self.now),
        });
        let doors = eaters.into_iter();
        work.new_doors
            .extend(doors.map(|one| self.door((id, (starts_at, due_at)), one)));
    }

    /// Brings a batch whose window lasts to what the list asks for.
    fn keep(&self, batch: &meal_batch::Model, fed: &[Fed], doors: &[Door], work: &mut Work) {
        if batch.due_at <= self.now {
            return;
        }
        // What would have ended by now goes on to its end.
        let new = self.window.filter(|(_, due_at)| *due_at > self.now);
        let window = new.unwrap_or((batch.starts_at, batch.due_at));
        let eaters: Vec<&Fed> = match self.window {
            Some(_) => self.eaters(fed).collect(),
            None => Vec::new(),
        };
        let asked: HashMap<String, &Fed> = eaters
            .iter()
            .map(|one| (rules::occasion(one.row.id, self.day, self.meal), *one))
            .collect();
        let is_asked = |door: &Door| asked.contains_key(&door.occasion);
        let unasked = doors.iter().filter(|door| !is_asked(door));
        let stale = unasked.filter(|door| door.can_be_called_off());
        work.called_off.extend(stale.map(|door| door.id));
        let again = doors
            .iter()
            .filter(|door| is_asked(door) && door.was_called_off());
        let again: Vec<Uuid> = again.map(|door| door.id).collect();
        let is_made = |occasion: &String| doors.iter().any(|door| door.occasion == *occasion);
        let missing = asked.iter().filter(|(occasion, _)| !is_made(occasion));
        let missing: Vec<_> = missing
            .map(|(_, one)| self.door((batch.id, window), one))
            .collect();
        if window != (batch.starts_at, batch.due_at) {
            work.shifted.push((batch.id, window));
        }
        let is_needed = !asked.is_empty() || doors.iter().any(Door::is_begun);
        let can = |action: Action| action.transition().0.contains(&batch.status);
        if !is_needed && can(Action::CallOff) {
            work.batches.push((batch.id, Action::CallOff));
        } else if is_needed && can(Action::Restore) {
            work.batches.push((batch.id, Action::Restore));
        }
        let has_open = !missing.is_empty() || !again.is_empty() || doors.iter().any(Door::is_open);
        if let Some(account) = batch.claimed_by
            && is_needed
            && has_open
        {
            let assigned_by = batch.assigned_by;
            work.held.push((
                batch.id,
                Taking {
                    account,
                    assigned_by,
                },
            ));
        }
        work.restored.extend(again);
        work.new_doors.extend(missing);
    }

    fn door(&self, window: (Uuid, Window), one: &Fed) -> visit_task::ActiveModel {
        let occasion = rules::occasion(one.row.id, self.day, self.meal);
        doors::row(self.app, &one.row, occasion, window)
    }
}
