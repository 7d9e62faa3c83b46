//! Households as readers see them, and what staff change of them.

use std::collections::HashMap;

use entity::household;
use sea_orm::FromQueryResult;
use sea_orm::sea_query::Expr;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{Arm, Scoped, ScopedEntity, select_columns};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;
use crate::residents::service::{self as residents, SeenResident};
use crate::visits::load::{LastVisit, join_last_visit};

impl ScopedEntity for household::Entity {
    const AREA: household::Column = household::Column::AreaId;
    const GRID: household::Column = household::Column::GridId;
    const ID: household::Column = household::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<household::Column>] {
        match permission {
            Permission::HouseholdRead
            | Permission::HouseholdEdit
            | Permission::ResidentEdit
            | Permission::VisitPlan => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A household's own columns.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(
    missing_docs,
    reason = "each is the column of that name, described at the entity"
)]
pub struct HouseholdRow {
    pub id: Uuid,
    pub area_id: Uuid,
    pub unit: String,
    pub room: String,
    pub is_center: bool,
    pub version: i64,
}

/// A household as one reader sees it.
#[derive(Clone, Debug)]
pub struct SeenHousehold {
    /// Its own columns.
    pub row: HouseholdRow,
    /// What the reader may see.
    pub view: View,
    /// Its people, where asked for.
    pub residents: Vec<SeenResident>,
    /// Its last reported visit, where asked for.
    pub last_visit: Option<LastVisit>,
}

/// What a screen asks for beyond the households themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    /// The people of the household.
    pub residents: Option<residents::Columns>,
    /// The household's last reported visit.
    pub last_visit: bool,
}

/// A household as its list statement returns it.
struct JoinedRow {
    household: HouseholdRow,
    last_visit: Option<LastVisit>,
}

impl FromQueryResult for JoinedRow {
    fn from_query_result(
        row: &sea_orm::QueryResult,
        _prefix: &str,
    ) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            household: HouseholdRow::from_query_result(row, "h_")?,
            last_visit: LastVisit::from_query_result_optional(row, "l_")?,
        })
    }
}

/// Reads the households that `scoped` lets through, in its order, with what `columns` asks for.
pub async fn seen(
    cx: &Cx,
    handle: &impl Handle,
    scoped: Scoped<'_, household::Entity>,
    columns: Columns,
) -> Result<Vec<SeenHousehold>> {
    let actor = cx.actor()?;
    let rows: Vec<JoinedRow> = scoped
        .into_rows(handle, |select| {
            select_columns::<household::Entity>(select, "h_");
            if columns.last_visit {
                let id = Expr::col((household::Entity, household::Column::Id));
                join_last_visit(select, id);
            }
        })
        .await?;
    let households: Vec<HouseholdRow> = rows.iter().map(|row| row.household.clone()).collect();
    let mut people = match columns.residents {
        Some(wanted) => residents::of_households(handle, &households, wanted).await?,
        None => HashMap::new(),
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let view = View::of(actor, row.household.area_id, false);
            SeenHousehold {
                view,
                residents: residents::seen_as(
                    people.remove(&row.household.id).unwrap_or_default(),
                    view,
                ),
                last_visit: row.last_visit,
                row: row.household,
            }
        })
        .collect())
}

/// One household, if the actor may read it.
pub async fn one(cx: &Cx, id: Uuid, columns: Columns) -> Result<Option<SeenHousehold>> {
    let scoped = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdRead)
        .id(id);
    Ok(seen(cx, &cx.app.db, scoped, columns).await?.pop())
}
