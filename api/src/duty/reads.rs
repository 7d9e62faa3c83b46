//! The roster of an area, to those who work at its desk.

use std::collections::HashMap;

use entity::{absence, account, duty_shift, role_grant};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::roster::{OnDuty, on_duty};
use crate::access::policy::Permission;
use crate::access::protected::own_phone;
use crate::access::scope::select_columns;
use crate::access::sessions::live_at;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

const NAMES: &str = "who is on duty at a desk is told to those who work there";

/// How many shifts and absences a roster shows.
pub const MOST: u64 = 50;

/// Who somebody is, with the number to ring.
#[derive(Clone, Debug)]
pub struct Reachable {
    /// Their name.
    pub name: String,
    /// Their phone number.
    pub phone: String,
}

/// What a roster shows.
#[derive(Clone, Debug)]
pub struct Roster {
    /// Who is on duty now.
    pub on_duty: Vec<OnDuty>,
    /// Shifts that run or are to come, the earliest first.
    pub shifts: Vec<duty_shift::Model>,
    /// Absences that run or are to come, of people granted there or below, the earliest first.
    pub absences: Vec<absence::Model>,
    /// Everybody it names.
    pub people: HashMap<Uuid, Reachable>,
}

/// The roster of an area; nothing outside the actor's desks. Needs `DESK_READ` there.
pub async fn roster(cx: &Cx, area: Uuid) -> Result<Option<Roster>> {
    let actor = cx.actor()?;
    actor.require(Permission::DeskRead)?;
    if !actor.may(Permission::DeskRead, area) {
        return Ok(None);
    }
    let now = cx.app.clock.now();
    let tree = cx.app.sessions.tree();
    let on_duty = on_duty(&cx.app.db, (&tree, now), area).await?;
    let connection = cx.app.db.unscoped(NAMES);
    let shifts = duty_shift::Entity::find()
        .filter(duty_shift::Column::AreaId.eq(area))
        .filter(duty_shift::Column::UntilAt.gt(now))
        .filter(Expr::col(duty_shift::Column::UntilAt).gt(Expr::col(duty_shift::Column::FromAt)))
        .order_by_asc(duty_shift::Column::FromAt)
        .order_by_asc(duty_shift::Column::Id)
        .limit(MOST)
        .all(&connection)
        .await?;
    let absences = absences(cx, area).await?;
    let named: Vec<Uuid> = on_duty
        .iter()
        .flat_map(|one| [Some(one.account), one.stands_in_for])
        .chain(shifts.iter().map(|shift| Some(shift.account_id)))
        .chain(
            absences
                .iter()
                .flat_map(|one| [Some(one.account_id), one.stand_in_id]),
        )
        .flatten()
        .collect();
    let people = people(cx, &named).await?;
    Ok(Some(Roster {
        on_duty,
        shifts,
        absences,
        people,
    }))
}

async fn absences(cx: &Cx, area: Uuid) -> Result<Vec<absence::Model>> {
    use absence::Column as C;
    let now = cx.app.clock.now();
    let column = |column: C| Expr::col((absence::Entity, column));
    cx.actor()?
        .scoped::<role_grant::Entity>(Permission::DeskRead)
        .below(area)
        .filter(live_at(now))
        .limit(MOST)
        .into_rows(&cx.app.db, |select| {
            select_columns::<absence::Entity>(select, "");
            select
                .distinct()
                .inner_join(
                    absence::Entity,
                    column(C::AccountId)
                        .equals((role_grant::Entity, role_grant::Column::AccountId)),
                )
                .and_where(column(C::UntilAt).gt(now))
                .and_where(column(C::UntilAt).gt(column(C::FromAt)))
                .order_by((absence::Entity, C::FromAt), Order::Asc)
                .order_by((absence::Entity, C::Id), Order::Asc);
        })
        .await
}

/// Names and numbers of accounts that the reader is told of.
pub async fn people(cx: &Cx, accounts: &[Uuid]) -> Result<HashMap<Uuid, Reachable>> {
    let rows = account::Entity::find()
        .filter(account::Column::Id.is_in(accounts.iter().copied()))
        .all(&cx.app.db.unscoped(NAMES))
        .await?;
    let mut people = HashMap::with_capacity(rows.len());
    for row in rows {
        let phone = own_phone(&cx.app.keys, &row.phone_sealed)?;
        let reachable = Reachable {
            name: row.name,
            phone,
        };
        people.insert(row.id, reachable);
    }
    Ok(people)
}

/// An absence that the actor has just written, with whom it names.
pub async fn absence(
    cx: &Cx,
    id: Uuid,
) -> Result<Option<(absence::Model, HashMap<Uuid, Reachable>)>> {
    let row = absence::Entity::find_by_id(id)
        .one(&cx.app.db.unscoped(NAMES))
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let named: Vec<Uuid> = [Some(row.account_id), row.stand_in_id]
        .into_iter()
        .flatten()
        .collect();
    let people = people(cx, &named).await?;
    Ok(Some((row, people)))
}

/// A shift that the actor has just written, with whose turn it is.
pub async fn shift(
    cx: &Cx,
    id: Uuid,
) -> Result<Option<(duty_shift::Model, HashMap<Uuid, Reachable>)>> {
    let row = duty_shift::Entity::find_by_id(id)
        .one(&cx.app.db.unscoped(NAMES))
        .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let people = people(cx, &[row.account_id]).await?;
    Ok(Some((row, people)))
}
