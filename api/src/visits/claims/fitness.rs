//! Who is fit for a kind of visit: an age and a training that an area asks for.
//!
//! The requirement of the nearest area above a visit holds; where none has one, everybody is fit.

use entity::enums::VisitKind;
use entity::{area, kind_requirement, volunteer_profile, volunteer_training};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Condition;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules::age_on;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "requirements are settings that everybody's claims follow";
const OWN: &str = "whether an account is fit for a visit; its profile is not shown";
const SET: &str = "the requirement of an area that the scope let through";

/// What an area asks of who makes visits of a kind.
#[derive(Clone, Debug, Serialize)]
pub struct Requirement {
    /// For this area and below.
    pub area: Uuid,
    /// For this kind of visit.
    pub kind: VisitKind,
    /// How old one must be, in whole years.
    pub min_age: Option<i32>,
    /// The name of a training that one must have, valid on the day.
    pub training: Option<String>,
}

/// Refuses an account that is not fit for a kind of visit in an area today: `AGE_UNFIT`,
/// `TRAINING_MISSING`.
pub(in crate::visits) async fn check(
    cx: &Cx,
    tx: &Tx,
    (kind, area): (VisitKind, Uuid),
    account: Uuid,
) -> Result<()> {
    let rows = kind_requirement::Entity::find()
        .filter(kind_requirement::Column::Kind.eq(kind))
        .all(&tx.unscoped(REASON))
        .await?;
    let tree = cx.app.sessions.tree();
    let holding = tree
        .upwards(area)
        .find_map(|above| rows.iter().find(|row| row.area_id == above));
    let Some(asked) = holding else {
        return Ok(());
    };
    if let Some(age) = asked.min_age
        && !is_old_enough(cx, tx, account, age).await?
    {
        return Err(Error::refused(Code::AgeUnfit));
    }
    if let Some(training) = &asked.training
        && !is_trained(cx, tx, account, training).await?
    {
        return Err(Error::refused(Code::TrainingMissing));
    }
    Ok(())
}

async fn is_old_enough(cx: &Cx, tx: &Tx, account: Uuid, age: i32) -> Result<bool> {
    let profile = volunteer_profile::Entity::find_by_id(account)
        .one(&tx.unscoped(OWN))
        .await?;
    let today = cx.app.clock.today(SHANGHAI);
    let born_on = profile.and_then(|profile| profile.born_on);
    Ok(born_on.is_some_and(|born_on| age_on(born_on, today) >= age))
}

async fn is_trained(cx: &Cx, tx: &Tx, account: Uuid, training: &str) -> Result<bool> {
    use volunteer_training::Column as C;
    let today = cx.app.clock.today(SHANGHAI);
    let found = volunteer_training::Entity::find()
        .filter(C::AccountId.eq(account))
        .filter(C::Training.eq(training))
        .filter(C::AnnulledAt.is_null())
        .filter(C::CompletedOn.lte(today))
        .filter(
            Condition::any()
                .add(C::ValidUntilOn.is_null())
                .add(C::ValidUntilOn.gte(today)),
        )
        .count(&tx.unscoped(OWN))
        .await?;
    Ok(found > 0)
}

/// The requirements that stand at an area and above it, the nearest first. Needs `VISIT_READ` there.
pub async fn at(cx: &Cx, area: Uuid) -> Result<Vec<kind_requirement::Model>> {
    let actor = cx.actor()?;
    actor.require(Permission::VisitRead)?;
    if !actor.may(Permission::VisitRead, area) {
        return Ok(Vec::new());
    }
    let upwards: Vec<Uuid> = actor.tree.upwards(area).collect();
    let mut rows = kind_requirement::Entity::find()
        .filter(kind_requirement::Column::AreaId.is_in(upwards.iter().copied()))
        .all(&cx.app.db.unscoped(REASON))
        .await?;
    rows.sort_by_key(|row| {
        let far = upwards.iter().position(|area| *area == row.area_id);
        (far, row.kind)
    });
    Ok(rows)
}

/// Sets what an area asks for, or takes it away where neither is given. Needs `CARE_RULE_EDIT` there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OUT_OF_RANGE` (an age beyond 14 to 90).
pub async fn set(cx: &Cx, new: Requirement, key: Option<Uuid>) -> Result<Outcome> {
    use kind_requirement::Column as C;
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("setKindRequirement", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CareRuleEdit)?;
    // The area's row is held, so requirements of one area are set one after the other.
    let (_, grant) = write
        .to_change::<area::Entity>(cx, new.area, Permission::CareRuleEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    if new.min_age.is_some_and(|age| !(14..=90).contains(&age)) {
        return Err(Error::refused(Code::OutOfRange).on("minAge"));
    }
    kind_requirement::Entity::delete_many()
        .filter(C::AreaId.eq(new.area))
        .filter(C::Kind.eq(new.kind))
        .exec(&write.tx().unscoped(SET))
        .await?;
    if new.min_age.is_some() || new.training.is_some() {
        let row = kind_requirement::ActiveModel {
            id: Set(cx.app.clock.new_id()),
            area_id: Set(new.area),
            kind: Set(new.kind),
            min_age: Set(new.min_age),
            training: Set(new.training.clone()),
            created_at: Set(cx.app.clock.now()),
        };
        scope::insert(write.tx(), &grant, row).await?;
    }
    let act = Act {
        action: "setKindRequirement",
        subject_kind: "Area",
        subject_id: new.area,
        area_id: Some(new.area),
        reason: None,
        fields: "min_age,training".to_owned(),
        details: serde_json::to_string(&new).ok(),
    };
    write.record_all(cx, act, &[]).await?;
    let outcome = Outcome::of(new.area);
    write.commit(&outcome).await?;
    Ok(outcome)
}
