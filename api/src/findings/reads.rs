//! Whose findings are whose, and reading them.

use entity::enums::FindingStatus;
use entity::{account, finding, resident};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{Arm, Scoped, ScopedEntity, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

impl ScopedEntity for finding::Entity {
    const AREA: finding::Column = finding::Column::AreaId;
    const GRID: finding::Column = finding::Column::GridId;
    const ID: finding::Column = finding::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<finding::Column>] {
        match permission {
            Permission::FindingConfirm | Permission::ResidentEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A finding with the names that go with it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: finding::Model,
    /// Whom it is about.
    pub name: String,
    /// Who found it; not to be shown where an authority told it.
    pub proposer: String,
}

impl FromQueryResult for Seen {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: finding::Model::from_query_result(row, prefix)?,
            name: row.try_get(prefix, "resident_name")?,
            proposer: row.try_get(prefix, "proposer_name")?,
        })
    }
}

/// Which findings are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// In this state.
    pub status: Option<FindingStatus>,
    /// In this area or below it.
    pub area: Option<Uuid>,
}

fn findings(cx: &Cx) -> Result<Scoped<'_, finding::Entity>> {
    Ok(cx
        .actor()?
        .scoped::<finding::Entity>(Permission::FindingConfirm))
}

fn names(select: &mut SelectStatement) {
    let name = |table: &'static str| Expr::col((table, "name"));
    select_columns::<finding::Entity>(select, "");
    select
        .expr_as(name("resident"), "resident_name")
        .expr_as(name("account"), "proposer_name")
        .inner_join(
            resident::Entity,
            Expr::col((resident::Entity, resident::Column::Id))
                .equals((finding::Entity, finding::Column::ResidentId)),
        )
        .inner_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((finding::Entity, finding::Column::ProposedBy)),
        );
}

/// One finding that the actor may decide on. Needs `FINDING_CONFIRM` where it was found.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<Seen>> {
    let rows = findings(cx)?.id(id).into_rows(&cx.app.db, names).await?;
    Ok(rows.into_iter().next())
}

/// How many proposals wait in an area.
pub async fn waiting(cx: &Cx, area: Uuid) -> Result<u64> {
    let proposed = finding::Column::Status.eq(FindingStatus::Proposed);
    findings(cx)?
        .below(area)
        .filter(proposed)
        .count(&cx.app.db)
        .await
}

/// A page of the findings that the actor may decide on, the newest first. Needs `FINDING_CONFIRM`.
pub async fn list(cx: &Cx, filter: Filter, page: &Page<Uuid>) -> Result<Rows<Seen>> {
    use finding::Column as C;
    let mut scoped = findings(cx)?;
    if let Some(status) = filter.status {
        scoped = scoped.filter(C::Status.eq(status));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
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
    let rows = scoped.into_rows(&cx.app.db, names).await?;
    Ok(Rows::new(rows, page))
}
