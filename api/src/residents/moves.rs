//! A resident moves to another household: their stay, their enrolment and their visits go along.

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{care_enrolment, household, residence, resident};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::edit::{act, to_edit};
use crate::access::policy::Permission;
use crate::access::scope::{self, Grant};
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits;
use crate::write::{Begun, Outcome, Request, Write};

/// Moves a resident to another household from today on. Needs `RESIDENT_EDIT` at both.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`, `VERSION_CONFLICT`.
pub async fn relocate(
    cx: &Cx,
    id: Uuid,
    expected_version: i64,
    household: Uuid,
    key: Option<Uuid>,
) -> Result<Outcome> {
    cx.actor()?.require(Permission::ResidentEdit)?;
    let request = Request::new("moveResident", key, &(id, expected_version, household));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    let (home, grant) = write
        .to_change::<household::Entity>(
            cx,
            household,
            Permission::ResidentEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on("householdId"))?;
    let outcome = Outcome::of(id);
    if row.household_id == home.id {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    if row.deceased_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("residentId"));
    }
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    let mut changed = rehome(cx, write.tx(), &grant, &row, &home).await?;
    changed.extend(visits::moves::follow(cx, write.tx(), &row, &home).await?);
    let act = act("moveResident", &row, "household,area", None::<&()>);
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes the move of a resident and of their open enrolment, the interval and the current columns.
async fn rehome(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    row: &resident::Model,
    home: &household::Model,
) -> Result<Vec<Changed>> {
    use care_enrolment::Column as E;
    use resident::Column as R;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    actor
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .id(row.id)
        .filter(R::Version.eq(row.version))
        .update(tx, |update| {
            update
                .value(R::HouseholdId, home.id)
                .value(R::AreaId, home.area_id)
                .value(R::GridId, home.grid_id)
                .value(R::Version, Expr::col(R::Version).add(1))
                .value(R::UpdatedAt, now);
        })
        .await?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    stay(cx, tx, grant, row.id, home.id).await?;
    let enrolments = actor
        .scoped::<care_enrolment::Entity>(Permission::ResidentEdit)
        .filter(E::ResidentId.eq(row.id))
        .filter(E::ToOn.is_null())
        .update(tx, |update| {
            update
                .value(E::AreaId, home.area_id)
                .value(E::GridId, home.grid_id)
                .value(E::Version, Expr::col(E::Version).add(1))
                .value(E::UpdatedAt, now);
        })
        .await?;
    let moved = |kind, id| Changed {
        kind,
        id,
        area_before: Some(row.area_id),
        area_after: Some(home.area_id),
    };
    let enrolments = enrolments
        .iter()
        .map(|row| moved(ChangeKind::CareEnrolment, row.id));
    Ok(std::iter::once(moved(ChangeKind::Resident, row.id))
        .chain(enrolments)
        .collect())
}

/// Ends the stay in the old household today and begins one in the new; a stay that began today is
/// corrected, since it has no day of its own.
async fn stay(cx: &Cx, tx: &Tx, grant: &Grant, resident: Uuid, household: Uuid) -> Result<()> {
    use residence::Column as C;
    let today: NaiveDate = cx.app.clock.today(SHANGHAI);
    let connection = tx.unscoped("the stays of a resident whom the scope let through");
    let open = residence::Entity::update_many()
        .filter(C::ResidentId.eq(resident))
        .filter(C::ToOn.is_null());
    let corrected = open
        .clone()
        .filter(C::FromOn.gte(today))
        .col_expr(C::HouseholdId, Expr::value(household))
        .exec(&connection)
        .await?;
    if corrected.rows_affected > 0 {
        return Ok(());
    }
    open.col_expr(C::ToOn, Expr::value(today))
        .exec(&connection)
        .await?;
    let row = residence::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        resident_id: Set(resident),
        household_id: Set(household),
        from_on: Set(today),
        to_on: Set(None),
    };
    scope::insert(tx, grant, row).await?;
    Ok(())
}
