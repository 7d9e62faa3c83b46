//! Closing a month, again where something became known later.

use std::collections::BTreeMap;

use entity::enums::{AreaKind, CoverageFigure, CoverageOutcome, CoverageReason};
use entity::{area, coverage_month, coverage_person};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::people::{self, Person, Wanted};
use super::rules::{Alike, Month};
use crate::access::policy::Permission;
use crate::access::scope::{self, Arm, Grant, ScopedEntity};
use crate::areas::tree::AreaTree;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

pub(super) const REASON: &str = "what belongs to a closed month that the scope let through";
/// How many people one statement writes: `SQLite` binds 32,766 values.
const ROWS: usize = 2_000;

impl ScopedEntity for coverage_month::Entity {
    const AREA: coverage_month::Column = coverage_month::Column::AreaId;
    const GRID: coverage_month::Column = coverage_month::Column::AreaId;
    const ID: coverage_month::Column = coverage_month::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<coverage_month::Column>] {
        match permission {
            Permission::CoverageRead | Permission::CoverageClose => &[Arm::Area],
            _ => &[],
        }
    }
}

/// Closes the month of a community: its figures and names are kept as they stand.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT` (no community), `MONTH_NOT_OVER`,
/// `NOTHING_CHANGED` (since it was closed before).
pub async fn close(cx: &Cx, community: Uuid, month: Month, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::CoverageClose)?;
    let request = Request::new("closeCoverageMonth", key, &(community, month.first));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    // Holding the community, two people close its month one after the other.
    let (place, grant) = write
        .to_change::<area::Entity>(
            cx,
            community,
            Permission::CoverageClose,
            Permission::AreaRead,
        )
        .await
        .map_err(|error| error.on("areaId"))?;
    if place.kind != AreaKind::Community {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let now = cx.app.clock.now();
    if !month.is_over(now) {
        return Err(Error::refused(Code::MonthNotOver).on("month"));
    }
    let tx = write.tx();
    let last = versions(cx, tx, community, month).await?.pop();
    let id = cx.app.clock.new_id();
    let rows = as_they_stand(cx, tx, (community, month), id).await?;
    if let Some(last) = &last {
        let kept = kept(tx, &[last.id]).await?;
        if same(&kept, &rows) {
            return Err(Error::refused(Code::NothingChanged).on("month"));
        }
    }
    let version = last.map_or(1, |last| last.version + 1);
    insert(tx, &grant, (id, community, month, version), cx, rows).await?;
    let act = Act {
        action: "closeCoverageMonth",
        subject_kind: "CoverageMonth",
        subject_id: id,
        area_id: Some(community),
        reason: None,
        fields: "version".to_owned(),
        details: None,
    };
    write.record_all(cx, act, &[]).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

async fn insert(
    tx: &Tx,
    grant: &Grant,
    (id, community, month, version): (Uuid, Uuid, Month, i32),
    cx: &Cx,
    rows: Vec<coverage_person::Model>,
) -> Result<()> {
    let row = coverage_month::ActiveModel {
        id: Set(id),
        area_id: Set(community),
        month_on: Set(month.first),
        version: Set(version),
        closed_by: Set(cx.actor()?.account),
        closed_at: Set(cx.app.clock.now()),
    };
    scope::insert(tx, grant, row).await?;
    let connection = tx.unscoped(REASON);
    for some in rows.chunks(ROWS) {
        let rows = some.iter().cloned().map(coverage_person::ActiveModel::from);
        coverage_person::Entity::insert_many(rows)
            .exec_without_returning(&connection)
            .await?;
    }
    Ok(())
}

/// Everybody of the month in both figures, as they stand now.
async fn as_they_stand(
    cx: &Cx,
    tx: &Tx,
    (area, month): (Uuid, Month),
    id: Uuid,
) -> Result<Vec<coverage_person::Model>> {
    let tree = cx.app.sessions.tree();
    let mut rows = Vec::new();
    for figure in [CoverageFigure::Contact, CoverageFigure::Plan] {
        let wanted = Wanted {
            area,
            month,
            tier: None,
            figure,
        };
        let people = people::everybody(cx, tx, wanted, Permission::CoverageClose).await?;
        rows.extend(people.into_iter().map(|one| frozen(&tree, id, figure, one)));
    }
    Ok(rows)
}

fn frozen(
    tree: &AreaTree,
    id: Uuid,
    figure: CoverageFigure,
    (person, alike): (Person, Alike),
) -> coverage_person::Model {
    let above = |kind| {
        tree.upwards(person.area_id)
            .find(|area| tree.get(*area).is_some_and(|node| node.kind == kind))
    };
    let is_excluded = alike.outcome == CoverageOutcome::Excluded;
    coverage_person::Model {
        coverage_month_id: id,
        figure,
        resident_id: person.resident_id,
        grid_id: tree.grid_of(person.area_id),
        compound_id: above(AreaKind::Compound),
        community_id: above(AreaKind::Community),
        area_id: person.area_id,
        name: person.name,
        tier: person.tier,
        outcome: alike.outcome,
        reason: alike.reason.filter(|_| is_excluded),
        reason_on: person.reason_on.filter(|_| is_excluded),
        verified: alike.verified,
        in_person: alike.in_person,
    }
}

/// What a version says of somebody: anything else makes another version.
pub(super) const fn said(
    row: &coverage_person::Model,
) -> (CoverageOutcome, Option<CoverageReason>, bool, bool, Uuid) {
    (
        row.outcome,
        row.reason,
        row.verified,
        row.in_person,
        row.area_id,
    )
}

/// Whether two versions say the same of everybody.
fn same(kept: &[coverage_person::Model], now: &[coverage_person::Model]) -> bool {
    let fact = |row: &coverage_person::Model| ((row.figure, row.resident_id), said(row));
    let facts = |rows: &[coverage_person::Model]| rows.iter().map(fact).collect::<BTreeMap<_, _>>();
    facts(kept) == facts(now)
}

/// The versions of a month that the actor may see, the oldest first.
pub async fn versions(
    cx: &Cx,
    handle: &impl crate::db::Handle,
    area: Uuid,
    month: Month,
) -> Result<Vec<coverage_month::Model>> {
    use coverage_month::Column as C;
    cx.actor()?
        .scoped::<coverage_month::Entity>(Permission::CoverageRead)
        .filter(C::AreaId.eq(area))
        .filter(C::MonthOn.eq(month.first))
        .order_by(C::Version, Order::Asc)
        .all(handle)
        .await
}

/// Everybody of these versions, as they were kept; the caller has read the versions within a scope.
pub async fn kept(
    handle: &impl crate::db::Handle,
    months: &[Uuid],
) -> Result<Vec<coverage_person::Model>> {
    Ok(coverage_person::Entity::find()
        .filter(coverage_person::Column::CoverageMonthId.is_in(months.iter().copied()))
        .all(&handle.unscoped(REASON))
        .await?)
}

/// Whether the last closed version says something else than the facts of today.
pub async fn is_outdated(cx: &Cx, area: Uuid, month: Month) -> Result<bool> {
    let Some(last) = versions(cx, &cx.app.db, area, month).await?.pop() else {
        return Ok(false);
    };
    let kept = kept(&cx.app.db, &[last.id]).await?;
    let mut now = Vec::with_capacity(kept.len());
    let tree = cx.app.sessions.tree();
    for figure in [CoverageFigure::Contact, CoverageFigure::Plan] {
        let wanted = Wanted {
            area,
            month,
            tier: None,
            figure,
        };
        let people = people::everybody(cx, &cx.app.db, wanted, Permission::CoverageRead).await?;
        now.extend(
            people
                .into_iter()
                .map(|one| frozen(&tree, last.id, figure, one)),
        );
    }
    Ok(!same(&kept, &now))
}
