//! What a confirmed check writes: on the beneficiary, and on the resident that they are.

use std::sync::Arc;

use entity::enums::{ChangeKind, CheckOutcome, Role, VisitOutcome};
use entity::{beneficiary, certification_check, resident};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _};
use uuid::Uuid;

use super::rules::Action;
use super::step::look;
use crate::access::policy::Permission;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::findings::propose::{Recorded, record};
use crate::residents::departures::effects::{Departure, Leaving, end};

const DEATH: &str =
    "the resident whom a beneficiary is whose death was confirmed, wherever they live";

/// Who confirms changes what hangs on the check, wherever it was checked.
const BY: Permission = Permission::CertificationConfirm;

/// Holds the beneficiary of a check that can be confirmed, before anything moves.
///
/// Refused: `NOT_PERMITTED` where another station answers for them by now, `VERSION_CONFLICT` where their
/// record is not the one that was compared with the check.
pub(super) async fn hold(
    cx: &Cx,
    tx: &Tx,
    check: &certification_check::Model,
    version: i64,
) -> Result<()> {
    let scoped = cx.actor()?.scoped::<beneficiary::Entity>(BY);
    let held = scoped.id(check.beneficiary_id).one_to_change(tx).await?;
    // Looked at again: whoever held them before may have confirmed it.
    let status = look(cx, tx, check.id).await?.map(|check| check.status);
    if !Action::Confirm
        .steps()
        .any(|(from, _)| Some(from) == status)
    {
        return Ok(());
    }
    match held {
        None => Err(Error::refused(Code::NotPermitted)),
        Some((person, _)) if person.version != version => {
            Err(Error::refused(Code::VersionConflict))
        }
        Some(_) => Ok(()),
    }
}

/// Writes what a check proposed, now that it is confirmed and its beneficiary held.
pub(super) async fn confirmed(
    cx: &Cx,
    tx: &Tx,
    check: &certification_check::Model,
) -> Result<Vec<Changed>> {
    use beneficiary::Column as C;
    let mut values: Vec<(C, SimpleExpr)> = Vec::new();
    if let Some(sealed) = &check.new_phone_sealed {
        values.push((C::PhoneSealed, Expr::value(sealed.as_str())));
        values.push((C::PhoneHash, Expr::value(check.new_phone_hash.clone())));
    }
    if let Some(sealed) = &check.new_address_sealed {
        values.push((C::AddressSealed, Expr::value(sealed.as_str())));
    }
    if let Some(sealed) = &check.new_health_notes_sealed {
        values.push((C::HealthNotesSealed, Expr::value(sealed.as_str())));
    }
    let ended = check.outcome.filter(|found| *found != CheckOutcome::Alive);
    if let Some(reason) = ended {
        values.push((C::EndedOn, Expr::value(check.holds_on)));
        values.push((C::EndReason, Expr::value(reason)));
    }
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let person = cx
        .actor()?
        .scoped::<beneficiary::Entity>(BY)
        .id(check.beneficiary_id)
        .update(tx, |update| {
            update
                .values(values)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop()
        .ok_or_else(|| Error::internal("a beneficiary that was held is not there"))?;
    let (kind, place) = (ChangeKind::Beneficiary, Some(person.area_id));
    let mut changed = vec![Changed::in_place(kind, person.id, place)];
    if let Some(resident) = person.resident_id {
        let died = check.outcome == Some(CheckOutcome::Deceased);
        let there = if died {
            where_they_live(cx, tx, resident).await?
        } else {
            None
        };
        let there = there.as_ref().unwrap_or(cx);
        changed.extend(on_resident(there, tx, (resident, check)).await?);
    }
    Ok(changed)
}

/// The request of an actor who may also write a death where the resident lives, for nothing else: whoever confirms
/// that a beneficiary has died says so of the resident whom they are, wherever that is. Absent where they may already.
async fn where_they_live(cx: &Cx, tx: &Tx, resident: Uuid) -> Result<Option<Cx>> {
    let actor = cx.actor()?;
    let home = resident::Entity::find_by_id(resident)
        .one(&tx.unscoped(DEATH))
        .await?;
    let Some(home) = home.filter(|home| !actor.may(BY, home.area_id)) else {
        return Ok(None);
    };
    let mut actor = actor.clone();
    actor.grants.push((Role::VeteransStaff, vec![home.area_id]));
    let mut there = cx.clone();
    there.actor = Some(Arc::new(actor));
    Ok(Some(there))
}

/// Writes a death or a phone number on the resident; no number on one who lives outside the scope.
async fn on_resident(
    cx: &Cx,
    tx: &Tx,
    (resident, check): (Uuid, &certification_check::Model),
) -> Result<Vec<Changed>> {
    let scoped = cx.actor()?.scoped::<resident::Entity>(BY).id(resident);
    let Some((person, _)) = scoped.one_to_change(tx).await? else {
        return Ok(Vec::new());
    };
    if person.deceased_on.is_some() {
        return Ok(Vec::new());
    }
    match check.outcome {
        Some(CheckOutcome::Deceased) => died(cx, tx, &person, check).await,
        _ => phone(cx, tx, &person, check).await,
    }
}

/// A death, noted as every other is and in the words of who says so, so that nothing tells it from a death that
/// the community recorded, and who answers for the person can take it back.
async fn died(
    cx: &Cx,
    tx: &Tx,
    person: &resident::Model,
    check: &certification_check::Model,
) -> Result<Vec<Changed>> {
    let on = check.holds_on;
    let on = on.unwrap_or_else(|| cx.app.clock.today(SHANGHAI));
    let source = check.source.clone().unwrap_or_default();
    let departure = Departure {
        leaving: Leaving::Died,
        on,
        by: BY,
    };
    let reason = format!("去世（{source}）");
    let effects = end(cx, tx, person, departure, &reason).await?;
    let recorded = Recorded {
        outcome: VisitOutcome::Deceased,
        on,
        source,
    };
    record(cx, tx, person, recorded, effects).await
}

/// A phone number; nothing where somebody has changed the resident's record since the person was seen.
async fn phone(
    cx: &Cx,
    tx: &Tx,
    person: &resident::Model,
    check: &certification_check::Model,
) -> Result<Vec<Changed>> {
    use resident::Column as R;
    let Some(sealed) = &check.new_phone_sealed else {
        return Ok(Vec::new());
    };
    if check.new_phone_hash == person.phone_hash {
        return Ok(Vec::new());
    }
    let changed = cx
        .actor()?
        .scoped::<resident::Entity>(BY)
        .id(person.id)
        .filter(R::UpdatedAt.lte(check.checked_at))
        .update(tx, |update| {
            update
                .value(R::PhoneSealed, sealed.as_str())
                .value(R::PhoneHash, check.new_phone_hash.clone())
                .value(R::Version, Expr::col(R::Version).add(1))
                .value(R::UpdatedAt, cx.app.clock.now());
        })
        .await?;
    let (kind, place) = (ChangeKind::Resident, Some(person.area_id));
    let changed = changed.iter();
    Ok(changed
        .map(|row| Changed::in_place(kind, row.id, place))
        .collect())
}
