//! Who is on lists, and how it stands with them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use entity::bits::Bits;
use entity::enums::{CareTier, Meal};
use entity::{care_enrolment, care_pause, household, meal_list, meal_recipient, resident};
use sea_orm::FromQueryResult;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Order, SelectStatement};
use uuid::Uuid;

use super::rules::{Rest, Standing};
use crate::access::scope::{Reaches, reach, select_columns};
use crate::areas::tree::AreaTree;
use crate::db::Handle;
use crate::error::Result;

/// Somebody on a list.
#[derive(Clone, Debug)]
pub struct Fed {
    /// Their row.
    pub row: Row,
    /// Why they get no meal, on which day.
    pub standing: Standing,
}

/// A recipient with the person, where they live and the open enrolment: columns of those names.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Row {
    pub id: Uuid,
    pub meal_list_id: Uuid,
    pub resident_id: Uuid,
    pub meals: Bits<Meal>,
    pub from_on: NaiveDate,
    pub to_on: Option<NaiveDate>,
    pub updated_at: DateTime<Utc>,
    pub name: String,
    pub household_id: Uuid,
    pub area_id: Uuid,
    pub grid_id: Uuid,
    pub deceased_on: Option<NaiveDate>,
    pub closed_on: Option<NaiveDate>,
    pub enrolment_id: Option<Uuid>,
    pub enrolled_from: Option<NaiveDate>,
    pub tier: Option<CareTier>,
}

impl Fed {
    /// Whether the list has a meal for them on a day, wherever they are.
    pub fn is_listed(&self, meal: Meal, day: NaiveDate) -> bool {
        self.row.from_on <= day
            && self.row.to_on.is_none_or(|to| day < to)
            && self.row.meals.contains(meal)
    }

    /// Why they get no meal on a day.
    pub fn rests(&self, day: NaiveDate) -> Option<Rest> {
        self.standing.rests(day)
    }
}

impl Reaches<meal_recipient::Entity> for meal_list::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> meal_recipient::Column {
        meal_recipient::Column::MealListId
    }
}

/// Whoever sees a recipient sees since when they rest.
struct Enrolled(Uuid);

impl Reaches<care_pause::Entity> for Enrolled {
    fn key(&self) -> Uuid {
        self.0
    }
    fn column() -> care_pause::Column {
        care_pause::Column::EnrolmentId
    }
}

/// Whom to read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// Who is on the list on this day or later.
    pub since: NaiveDate,
    /// Whether nobody is to move until the end of the transaction.
    pub held: bool,
}

/// Everybody on these lists, in the order in which they were added; of those added at once in none.
pub async fn of(
    handle: &impl Handle,
    tree: &AreaTree,
    (lists, wanted): (&[meal_list::Model], Wanted),
) -> Result<Vec<Fed>> {
    let rows: Vec<Row> =
        reach::<_, meal_recipient::Entity, _>(handle, lists, |select| shape(select, wanted))
            .await?;
    let enrolled: Vec<Enrolled> = rows
        .iter()
        .filter_map(|row| row.enrolment_id.map(Enrolled))
        .collect();
    let found: Vec<care_pause::Model> =
        reach::<_, care_pause::Entity, _>(handle, &enrolled, |select| {
            select_columns::<care_pause::Entity>(select, "");
        })
        .await?;
    let mut pauses: HashMap<Uuid, Vec<_>> = HashMap::new();
    for pause in found {
        let of = pauses.entry(pause.enrolment_id).or_default();
        of.push((pause.from_on, pause.to_on));
    }
    let areas: HashMap<Uuid, Uuid> = lists.iter().map(|list| (list.id, list.area_id)).collect();
    Ok(rows
        .into_iter()
        .map(|row| {
            let own = row.enrolment_id.and_then(|id| pauses.get(&id).cloned());
            let area = areas.get(&row.meal_list_id);
            Fed {
                standing: Standing {
                    deceased_on: row.deceased_on,
                    closed_on: row.closed_on,
                    enrolled_from: row.enrolled_from,
                    pauses: own.unwrap_or_default(),
                    is_within: area.is_some_and(|area| tree.covers(*area, row.area_id)),
                },
                row,
            }
        })
        .collect())
}

fn shape(select: &mut SelectStatement, wanted: Wanted) {
    use care_enrolment::Column as E;
    use meal_recipient::Column as M;
    use resident::Column as R;
    let m = |column: M| Expr::col((meal_recipient::Entity, column));
    let r = |column: R| Expr::col((resident::Entity, column));
    let e = |column: E| Expr::col((care_enrolment::Entity, column));
    for column in [
        M::Id,
        M::MealListId,
        M::ResidentId,
        M::Meals,
        M::FromOn,
        M::ToOn,
        M::UpdatedAt,
    ] {
        select.expr(m(column));
    }
    for column in [R::Name, R::HouseholdId, R::AreaId, R::GridId, R::DeceasedOn] {
        select.expr(r(column));
    }
    select
        .expr(Expr::col((household::Entity, household::Column::ClosedOn)))
        .expr_as(e(E::Id), "enrolment_id")
        .expr_as(e(E::FromOn), "enrolled_from")
        .expr(e(E::Tier))
        .inner_join(
            resident::Entity,
            r(R::Id).equals((meal_recipient::Entity, M::ResidentId)),
        )
        .inner_join(
            household::Entity,
            Expr::col((household::Entity, household::Column::Id))
                .equals((resident::Entity, R::HouseholdId)),
        )
        .left_join(
            care_enrolment::Entity,
            Condition::all()
                .add(e(E::ResidentId).equals((resident::Entity, R::Id)))
                .add(e(E::ToOn).is_null()),
        )
        .cond_where(
            Condition::any()
                .add(m(M::ToOn).is_null())
                .add(m(M::ToOn).gt(wanted.since)),
        )
        .order_by((meal_recipient::Entity, M::Id), Order::Asc);
    if wanted.held {
        select.lock_with_tables(LockType::Share, [resident::Entity]);
    }
}
