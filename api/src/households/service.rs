//! Households as readers see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::household;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{Arm, Reaches, ScopedEntity, reach};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;
use crate::households::last_visit::{self, LastVisit};
use crate::part::{Part as _, part};
use crate::residents::service::{self as residents, ResidentRow, SeenResident};

impl ScopedEntity for household::Entity {
    const AREA: household::Column = household::Column::AreaId;
    const GRID: household::Column = household::Column::GridId;
    const ID: household::Column = household::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<household::Column>] {
        match permission {
            Permission::HouseholdRead
            | Permission::HouseholdEdit
            | Permission::ResidentRead
            | Permission::ResidentEdit
            | Permission::ContactCardEdit
            | Permission::WishRecord
            | Permission::VisitPlan
            | Permission::BookingMake => &[Arm::Area],
            _ => &[],
        }
    }
}

part! {
    /// A household's own columns.
    #[derive(Clone, Debug, FromQueryResult)]
    #[expect(
        missing_docs,
        reason = "each is the column of that name, described at the entity"
    )]
    pub struct HouseholdRow of household {
        id: Uuid = Id,
        area_id: Uuid = AreaId,
        unit: String = Unit,
        room: String = Room,
        is_center: bool = IsCenter,
        closed_on: Option<NaiveDate> = ClosedOn,
        merged_into_id: Option<Uuid> = MergedIntoId,
        version: i64 = Version,
    }
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
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// The people of the household.
    pub residents: Option<residents::Columns>,
    /// The household's last reported visit.
    pub last_visit: bool,
}

/// A household as its list statement returns it.
pub(super) struct JoinedRow {
    pub household: HouseholdRow,
    last_visit: Option<LastVisit>,
}

impl FromQueryResult for JoinedRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            household: HouseholdRow::read(row, 0)?,
            last_visit: LastVisit::read(row)?,
        })
    }
}

impl Reaches<household::Entity> for ResidentRow {
    fn key(&self) -> Uuid {
        self.household_id
    }
    fn column() -> household::Column {
        household::Column::Id
    }
}

impl SeenHousehold {
    /// Shows the household and its people under another view.
    #[must_use]
    pub fn seen_as(self, view: View) -> Self {
        Self {
            view,
            residents: residents::seen_as(self.residents, view),
            ..self
        }
    }
}

/// Those of these households that the actor may read, in no order.
pub async fn some(cx: &Cx, ids: &[Uuid], columns: &Columns) -> Result<Vec<SeenHousehold>> {
    let scoped = cx
        .actor()?
        .scoped::<household::Entity>(Permission::HouseholdRead)
        .ids(ids);
    let rows = scoped
        .into_rows(&cx.app.db, |select| shape(select, columns))
        .await?;
    seen(cx, rows, columns).await
}

/// Shows households that a scope let through to the actor, with what `columns` asks for.
pub(super) async fn seen(
    cx: &Cx,
    rows: Vec<JoinedRow>,
    columns: &Columns,
) -> Result<Vec<SeenHousehold>> {
    let actor = cx.actor()?;
    let households = with_residents(&cx.app.db, rows, columns).await?;
    Ok(households
        .into_iter()
        .map(|household| {
            let view = View::of(actor, household.row.area_id, false);
            household.seen_as(view)
        })
        .collect())
}

/// The households of people whom a scope let through, by id, not yet shown to anybody.
///
/// Boxed, since people know their household and a household its people.
pub fn of_residents<'a>(
    handle: &'a (impl Handle + 'a),
    people: &'a [ResidentRow],
    columns: &'a Columns,
) -> BoxFuture<'a, Result<HashMap<Uuid, SeenHousehold>>> {
    Box::pin(of_rows(handle, people, columns))
}

/// The households of rows that a scope let through, by id, not yet shown to anybody.
pub async fn of_rows<S: Reaches<household::Entity> + Sync>(
    handle: &impl Handle,
    rows: &[S],
    columns: &Columns,
) -> Result<HashMap<Uuid, SeenHousehold>> {
    let rows = reach::<_, household::Entity, JoinedRow>(handle, rows, |select| {
        shape(select, columns);
    })
    .await?;
    let households = with_residents(handle, rows, columns).await?;
    Ok(households
        .into_iter()
        .map(|household| (household.row.id, household))
        .collect())
}

/// Selects what a [`JoinedRow`] is read from.
pub(super) fn shape(select: &mut SelectStatement, columns: &Columns) {
    HouseholdRow::select(select);
    if columns.last_visit {
        let id = Expr::col((household::Entity, household::Column::Id));
        last_visit::join(select, id);
    }
}

async fn with_residents(
    handle: &impl Handle,
    rows: Vec<JoinedRow>,
    columns: &Columns,
) -> Result<Vec<SeenHousehold>> {
    let households: Vec<&HouseholdRow> = rows.iter().map(|row| &row.household).collect();
    let mut people = match &columns.residents {
        Some(columns) => residents::of_households(handle, &households, columns).await?,
        None => HashMap::new(),
    };
    Ok(rows
        .into_iter()
        .map(|row| SeenHousehold {
            view: View::Nobody,
            residents: people.remove(&row.household.id).unwrap_or_default(),
            last_visit: row.last_visit,
            row: row.household,
        })
        .collect())
}
