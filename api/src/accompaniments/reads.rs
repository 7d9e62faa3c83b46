//! Reading accompaniments: one's own, and who was asked along to what one sees.

use std::collections::HashMap;

use entity::{accompaniment, account};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, SelectStatement};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _,
};
use uuid::Uuid;

use super::rules::{Shown, shown};
use crate::access::policy::Permission;
use crate::access::protected::own_phone;
use crate::access::scope::{Scoped, select_columns};
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;
use crate::paging::{Page, Rows};

const ASKED: &str = "who was asked along to what the scope let through";

/// Whom to meet.
#[derive(Clone, Debug)]
pub struct Meet {
    /// Their name.
    pub name: String,
    /// Their phone number.
    pub phone: String,
}

/// An accompaniment as its volunteer sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: accompaniment::Model,
    /// How much of it is shown.
    pub shown: Shown,
    /// Whom to meet, as long as anything is shown.
    pub meet: Option<Meet>,
}

#[derive(FromQueryResult)]
struct Raw {
    #[sea_orm(nested)]
    row: accompaniment::Model,
    meet_name: String,
    meet_phone: String,
}

fn shape(select: &mut SelectStatement) {
    select_columns::<accompaniment::Entity>(select, "");
    let who = Alias::new("meet");
    select
        .join_as(
            JoinType::InnerJoin,
            account::Entity,
            who.clone(),
            Expr::col((who.clone(), account::Column::Id))
                .equals((accompaniment::Entity, accompaniment::Column::MeetId)),
        )
        .expr_as(
            Expr::col((who.clone(), account::Column::Name)),
            Alias::new("meet_name"),
        )
        .expr_as(
            Expr::col((who, account::Column::PhoneSealed)),
            Alias::new("meet_phone"),
        );
}

fn own(cx: &Cx) -> Result<Scoped<'_, accompaniment::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::VisitCarryOut)?;
    Ok(actor.scoped::<accompaniment::Entity>(Permission::VisitCarryOut))
}

fn seen(cx: &Cx, raw: Raw) -> Result<Seen> {
    let shown = shown(raw.row.status, raw.row.closes_at, cx.app.clock.now());
    let meet = match shown {
        Shown::Nothing => None,
        Shown::All | Shown::Masked => Some(Meet {
            name: raw.meet_name,
            phone: own_phone(&cx.app.keys, &raw.meet_phone)?,
        }),
    };
    Ok(Seen {
        row: raw.row,
        shown,
        meet,
    })
}

/// One of the actor's own.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<Seen>> {
    let mut rows: Vec<Raw> = own(cx)?.id(id).into_rows(&cx.app.db, shape).await?;
    rows.pop().map(|raw| seen(cx, raw)).transpose()
}

/// A page of the actor's own, the newest first. Needs `VISIT_CARRY_OUT`.
pub async fn list(cx: &Cx, page: &Page<Uuid>) -> Result<Rows<Seen>> {
    use accompaniment::Column as C;
    let mut scoped = own(cx)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.gt(before));
    }
    let order = if page.backward {
        Order::Asc
    } else {
        Order::Desc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    let rows: Vec<Raw> = scoped.into_rows(&cx.app.db, shape).await?;
    let page = Rows::new(rows, page);
    let rows = page.rows.into_iter().map(|raw| seen(cx, raw));
    Ok(Rows {
        rows: rows.collect::<Result<_>>()?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// These accompaniments with the names of their volunteers, for who asked them.
pub async fn asked(cx: &Cx, ids: &[Uuid]) -> Result<Vec<(accompaniment::Model, String)>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let connection = cx.app.db.unscoped(ASKED);
    let rows = accompaniment::Entity::find()
        .filter(accompaniment::Column::Id.is_in(ids.iter().copied()))
        .all(&connection)
        .await?;
    let people = rows.iter().map(|row| row.account_id);
    let names: HashMap<Uuid, String> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .filter(account::Column::Id.is_in(people))
        .into_tuple::<(Uuid, String)>()
        .all(&connection)
        .await?
        .into_iter()
        .collect();
    let asked = rows.into_iter().map(|row| {
        let name = names.get(&row.account_id).cloned();
        (row, name.unwrap_or_default())
    });
    Ok(asked.collect())
}
