//! Late arrivals: who comes to a roster after it was frozen, each with a reason.

use entity::enums::ChangeKind;
use entity::{beneficiary, certification_check, certification_round};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, TryInsertResult,
};
use serde::Serialize;
use uuid::Uuid;

use super::open::{check, on_another_roster};
use super::reads::{covers, of_check};
use super::rules;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ROSTER: &str = "the roster of a round, of beneficiaries that the scope let through";

/// Who comes late.
#[derive(Clone, Debug, Serialize)]
pub struct Late {
    /// The round.
    pub round: Uuid,
    /// The beneficiary.
    pub beneficiary: Uuid,
    /// Why.
    pub reason: String,
}

/// Adds a beneficiary to the roster of an open round; who is on it already stays as they are. Needs
/// `CERTIFICATION_PLAN` where they are registered. The outcome is the check.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ROUND_NOT_OPEN`, `ROUND_UNFIT`.
pub async fn add(cx: &Cx, late: Late, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("addToCertificationRound", key, &late);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationPlan)?;
    let round = of_check(cx, write.tx(), late.round).await?;
    let round = round.ok_or_else(|| Error::refused(Code::NotFound).on("roundId"))?;
    if round.status != rules::LIVE {
        return Err(Error::refused(Code::RoundNotOpen).on("roundId"));
    }
    let (plan, read) = (Permission::CertificationPlan, Permission::BeneficiaryRead);
    let (person, _) = write
        .to_refer_to::<beneficiary::Entity>(cx, late.beneficiary, plan, read)
        .await
        .map_err(|error| error.on("beneficiaryId"))?;
    let is_fit = round.categories.contains(person.category)
        && person.ended_on.is_none()
        && covers(write.tx(), round.area_id, person.area_id).await?;
    let elsewhere = beneficiary::Entity::find_by_id(person.id)
        .filter(
            beneficiary::Column::Id.in_subquery(on_another_roster((round.year, Some(round.id)))),
        )
        .count(&write.tx().unscoped(ROSTER))
        .await?;
    if !is_fit || elsewhere > 0 {
        return Err(Error::refused(Code::RoundUnfit).on("beneficiaryId"));
    }
    let Some(id) = insert(cx, write.tx(), (&round, &person), late.reason.clone()).await? else {
        let known = known(write.tx(), round.id, person.id).await?;
        let outcome = Outcome::of(known);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let place = Some(person.area_id);
    let changed = Changed::new(ChangeKind::CertificationCheck, id, place);
    let act = Act {
        action: "addToCertificationRound",
        subject_kind: "CertificationCheck",
        subject_id: id,
        area_id: place,
        reason: Some(late.reason),
        fields: "roster".to_owned(),
        details: None,
    };
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Writes the check; nothing where the person is on the roster.
async fn insert(
    cx: &Cx,
    tx: &Tx,
    (round, person): (&certification_round::Model, &beneficiary::Model),
    reason: String,
) -> Result<Option<Uuid>> {
    use certification_check::Column as C;
    let row = certification_check::ActiveModel {
        late_reason: Set(Some(reason)),
        ..check(cx, round, person)
    };
    let id = *row.id.as_ref();
    let inserted = certification_check::Entity::insert_many([row])
        .on_conflict_do_nothing_on([C::RoundId, C::BeneficiaryId])
        .exec_without_returning(&tx.unscoped(ROSTER))
        .await?;
    Ok(match inserted {
        TryInsertResult::Inserted(rows) if rows > 0 => Some(id),
        _ => None,
    })
}

async fn known(tx: &Tx, round: Uuid, person: Uuid) -> Result<Uuid> {
    use certification_check::Column as C;
    let row = certification_check::Entity::find()
        .filter(C::RoundId.eq(round))
        .filter(C::BeneficiaryId.eq(person))
        .one(&tx.unscoped(ROSTER))
        .await?;
    row.map(|row| row.id)
        .ok_or_else(|| Error::internal("a check that is there and is not"))
}
