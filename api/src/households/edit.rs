//! Adding and changing households.

use chrono::NaiveDate;
use entity::enums::{AreaKind, ChangeKind};
use entity::{area, household, household_place};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, IdenStatic as _};
use serde::Serialize;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

/// A household to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewHousehold {
    /// The id the phone chose for it.
    pub id: Option<Uuid>,
    /// The building.
    pub area: Uuid,
    /// The unit, empty where there is none.
    pub unit: String,
    /// The room.
    pub room: String,
    /// A center household.
    pub is_center: bool,
}

/// What is changed of a household.
#[derive(Clone, Debug, Default, Serialize)]
pub struct HouseholdEdit {
    /// The unit; cleared, there is none.
    pub unit: Edit<String>,
    /// The room.
    pub room: Edit<String>,
    /// A center household; cleared, it is none.
    pub is_center: Edit<bool>,
}

/// Adds a household to a building. Needs `HOUSEHOLD_EDIT` there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`, `HOUSEHOLD_EXISTS`, `UUID_INVALID`, `ID_TAKEN`.
pub async fn add(cx: &Cx, new: NewHousehold, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::HouseholdEdit)?;
    let write = match Write::begin(cx, Request::new("addHousehold", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let id = id_of_new(cx, new.id)?;
    let (building, grant) = write
        .to_change::<area::Entity>(
            cx,
            new.area,
            Permission::HouseholdEdit,
            Permission::AreaRead,
        )
        .await
        .map_err(|error| error.on("areaId"))?;
    let today = cx.app.clock.today(SHANGHAI);
    let retired = building.retired_on.is_some_and(|on| on <= today);
    if building.kind != AreaKind::Building || retired {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let now = cx.app.clock.now();
    let row = household::ActiveModel {
        id: Set(id),
        area_id: Set(building.id),
        merged_into_id: Set(None),
        grid_id: Set(building.parent_id.unwrap_or(building.id)),
        unit: Set(new.unit.clone()),
        room: Set(new.room.clone()),
        is_center: Set(new.is_center),
        closed_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let Some(row) = place(cx, write.tx(), &grant, row, today).await? else {
        let known = actor
            .scoped::<household::Entity>(Permission::HouseholdEdit)
            .id(id)
            .one(write.tx())
            .await?;
        let is_same = known.is_some_and(|known| {
            known.area_id == building.id
                && (known.unit, known.room) == (new.unit, new.room)
                && known.is_center == new.is_center
        });
        return write.made_before(id, is_same).await;
    };
    let changed = Changed::new(ChangeKind::Household, row.id, Some(row.area_id));
    let act = act("addHousehold", &row, "area,unit,room,is_center");
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes a new household and the first day of its stay in the building; none where the id is taken.
pub(super) async fn place(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    row: household::ActiveModel,
    from_on: NaiveDate,
) -> Result<Option<household::Model>> {
    let written = scope::insert_new(tx, grant, row)
        .await
        .map_err(|error| error.where_unique("room", Code::HouseholdExists, "room"))?;
    let Some(row) = written else {
        return Ok(None);
    };
    let stay = household_place::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        household_id: Set(row.id),
        area_id: Set(row.area_id),
        from_on: Set(from_on),
        to_on: Set(None),
    };
    scope::insert(tx, grant, stay).await?;
    Ok(Some(row))
}

/// Changes what is given of a household. Needs `HOUSEHOLD_EDIT` where it lives.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `REQUIRED`, `VERSION_CONFLICT`,
/// `HOUSEHOLD_EXISTS`.
pub async fn update(
    cx: &Cx,
    id: Uuid,
    expected_version: i64,
    edit: HouseholdEdit,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use household::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::HouseholdEdit)?;
    let request = Request::new("updateHousehold", key, &(id, expected_version, &edit));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (row, _) = write
        .to_change::<household::Entity>(
            cx,
            id,
            Permission::HouseholdEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on("householdId"))?;
    if row.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    if row.version != expected_version {
        return Err(Error::Conflict(id));
    }
    let outcome = Outcome::of(id);
    let values = values(&row, edit)?;
    if values.is_empty() {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let fields: Vec<&str> = values.iter().map(|(column, _)| column.as_str()).collect();
    let row = actor
        .scoped::<household::Entity>(Permission::HouseholdEdit)
        .id(id)
        .filter(C::Version.eq(expected_version))
        .update(write.tx(), |update| {
            update
                .values(values)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        .map_err(|error| error.where_unique("room", Code::HouseholdExists, "room"))?
        .pop()
        .ok_or(Error::Conflict(id))?;
    let changed = Changed::in_place(ChangeKind::Household, id, Some(row.area_id));
    write
        .record(cx, act("updateHousehold", &row, &fields.join(",")), changed)
        .await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The columns whose values an edit changes.
fn values(
    row: &household::Model,
    edit: HouseholdEdit,
) -> Result<Vec<(household::Column, SimpleExpr)>> {
    use household::Column as C;
    let unit = match edit.unit {
        Edit::Keep => row.unit.clone(),
        Edit::Clear => String::new(),
        Edit::Set(unit) => unit,
    };
    let room = match edit.room {
        Edit::Keep => row.room.clone(),
        Edit::Clear => return Err(Error::refused(Code::Required).on("room")),
        Edit::Set(room) => room,
    };
    let is_center = match edit.is_center {
        Edit::Keep => row.is_center,
        Edit::Clear => false,
        Edit::Set(is_center) => is_center,
    };
    let mut values: Vec<(C, SimpleExpr)> = Vec::new();
    if unit != row.unit {
        values.push((C::Unit, unit.into()));
    }
    if room != row.room {
        values.push((C::Room, room.into()));
    }
    if is_center != row.is_center {
        values.push((C::IsCenter, is_center.into()));
    }
    Ok(values)
}

pub(super) fn act(action: &'static str, row: &household::Model, fields: &str) -> Act {
    Act {
        action,
        subject_kind: "Household",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}
