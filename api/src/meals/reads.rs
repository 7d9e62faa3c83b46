//! Whose lists are whose, and reading them.

use std::collections::HashMap;

use entity::meal_list;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Order;
use uuid::Uuid;

use super::roster::{self, Fed, Wanted};
use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::Result;

/// How many lists are shown.
pub const MOST_LISTS: u64 = 100;

impl ScopedEntity for meal_list::Entity {
    const AREA: meal_list::Column = meal_list::Column::AreaId;
    const GRID: meal_list::Column = meal_list::Column::GridId;
    const ID: meal_list::Column = meal_list::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<meal_list::Column>] {
        match permission {
            Permission::MealEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A list with whom it feeds.
#[derive(Clone, Debug)]
pub struct SeenList {
    /// Its row.
    pub row: meal_list::Model,
    /// Who is on it, where asked for.
    pub fed: Vec<Fed>,
}

/// The lists in an area that have not ended, by name. Needs `MEAL_EDIT`.
pub async fn lists(cx: &Cx, area: Uuid, with_fed: bool) -> Result<Vec<SeenList>> {
    use meal_list::Column as C;
    let scoped = cx
        .actor()?
        .scoped::<meal_list::Entity>(Permission::MealEdit)
        .below(area)
        .filter(C::EndedOn.is_null())
        .order_by(C::Name, Order::Asc)
        .order_by(C::Id, Order::Asc)
        .limit(MOST_LISTS);
    let rows = scoped.all(&cx.app.db).await?;
    fed(cx, rows, with_fed).await
}

/// One list. Needs `MEAL_EDIT` there.
pub async fn list(cx: &Cx, id: Uuid, with_fed: bool) -> Result<Option<SeenList>> {
    let scoped = cx
        .actor()?
        .scoped::<meal_list::Entity>(Permission::MealEdit)
        .id(id);
    let rows = scoped.all(&cx.app.db).await?;
    Ok(fed(cx, rows, with_fed).await?.pop())
}

async fn fed(cx: &Cx, rows: Vec<meal_list::Model>, with_fed: bool) -> Result<Vec<SeenList>> {
    let mut on: HashMap<Uuid, Vec<Fed>> = HashMap::new();
    if with_fed {
        let wanted = Wanted {
            since: cx.app.clock.today(SHANGHAI),
            held: false,
        };
        let tree = cx.app.sessions.tree();
        for one in roster::of(&cx.app.db, &tree, (&rows, wanted)).await? {
            on.entry(one.row.meal_list_id).or_default().push(one);
        }
    }
    let rows = rows.into_iter();
    Ok(rows
        .map(|row| SeenList {
            fed: on.remove(&row.id).unwrap_or_default(),
            row,
        })
        .collect())
}
