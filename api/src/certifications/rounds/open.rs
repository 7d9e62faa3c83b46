//! Opening a round: nobody is certified twice in a year, and the roster is frozen.

use chrono::NaiveDate;
use entity::enums::{
    AreaKind, BeneficiaryCategories, BeneficiaryCategory, ChangeKind, CheckStatus,
};
use entity::{area, beneficiary, certification_check, certification_round};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, LockType, Query, SelectStatement};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QuerySelect as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::policy::{Permission, level};
use crate::access::scope;
use crate::audit::service::Act;
use crate::certifications::checks::rules::FIRST;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const OVERLAP: &str = "whether a round anywhere above or below covers the same";
const ROSTER: &str = "the roster of a round, of beneficiaries that the scope let through";

/// How many rows one statement writes.
const ROWS: usize = 400;

/// A round to be opened.
#[derive(Clone, Debug, Serialize)]
pub struct NewRound {
    /// For this area and below.
    pub area: Uuid,
    /// The year that it certifies.
    pub year: i32,
    /// The categories that it certifies.
    pub categories: Vec<BeneficiaryCategory>,
    /// The last day on which people are to be certified.
    pub closes_on: NaiveDate,
    /// How many days after it they still may be.
    pub grace_days: i32,
    /// The kind of area at which checks are confirmed, at least.
    pub confirm_level: AreaKind,
}

/// Opens a round: one check for everybody registered there who is a beneficiary of its categories. Needs
/// `CERTIFICATION_PLAN` at the area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`, `REQUIRED` (no category), `OUT_OF_RANGE` (a level of
/// confirmation below a community),
/// `DAY_PAST`, `ROUND_OVERLAPS`, `NOBODY_THERE`.
pub async fn open(cx: &Cx, new: NewRound, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("openCertificationRound", key, &new);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationPlan)?;
    let (plan, read) = (Permission::CertificationPlan, Permission::AreaRead);
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, plan, read)
        .await
        .map_err(|error| error.on("areaId"))?;
    if !rules::is_fit(place.kind) || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let categories: BeneficiaryCategories = new.categories.iter().copied().collect();
    if categories.is_empty() {
        return Err(Error::refused(Code::Required).on("categories"));
    }
    let today = cx.app.clock.today(SHANGHAI);
    rules::check_days((new.year, new.grace_days), new.closes_on, today)?;
    rules::check_level(new.confirm_level)?;
    refuse_overlap(cx, write.tx(), (&new, categories)).await?;
    let people = beneficiaries(cx, write.tx(), &new).await?;
    if people.is_empty() {
        return Err(Error::refused(Code::NobodyThere).on("categories"));
    }
    let now = cx.app.clock.now();
    let round = certification_round::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        year: Set(new.year),
        area_id: Set(new.area),
        categories: Set(categories),
        opens_on: Set(today),
        closes_on: Set(new.closes_on),
        grace_days: Set(new.grace_days),
        confirm_level: Set(level(new.confirm_level)),
        status: Set(rules::LIVE),
        opened_by: Set(actor.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let round = scope::insert(write.tx(), &grant, round).await?;
    let mut changed = freeze(cx, write.tx(), (&round, &people)).await?;
    let (kind, place) = (ChangeKind::CertificationRound, Some(round.area_id));
    changed.push(Changed::new(kind, round.id, place));
    let act = Act {
        action: "openCertificationRound",
        subject_kind: "CertificationRound",
        subject_id: round.id,
        area_id: place,
        reason: None,
        fields: "status,roster".to_owned(),
        details: serde_json::to_string(&new).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    let outcome = Outcome::of(round.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Refuses a round that has area and category in common with another of its year. The topmost area is held,
/// so that no other is opened meanwhile.
async fn refuse_overlap(
    cx: &Cx,
    tx: &Tx,
    (new, categories): (&NewRound, BeneficiaryCategories),
) -> Result<()> {
    use certification_round::Column as C;
    let upwards: Vec<Uuid> = cx.actor()?.tree.upwards(new.area).collect();
    let top = upwards.last().copied().unwrap_or(new.area);
    area::Entity::find_by_id(top)
        .select_only()
        .column(area::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<Uuid>()
        .one(&tx.unscoped(OVERLAP))
        .await?;
    let below = Query::select()
        .column(entity::area_closure::Column::DescendantId)
        .from(entity::area_closure::Entity)
        .and_where(entity::area_closure::Column::AncestorId.eq(new.area))
        .to_owned();
    let common = Expr::col(C::Categories).bit_and(categories.bits());
    let others = certification_round::Entity::find()
        .filter(C::Year.eq(new.year))
        .filter(C::Status.ne(rules::ANNULLED))
        .filter(common.ne(0))
        .filter(
            Condition::any()
                .add(C::AreaId.is_in(upwards))
                .add(C::AreaId.in_subquery(below)),
        )
        .count(&tx.unscoped(OVERLAP))
        .await?;
    if others > 0 {
        return Err(Error::refused(Code::RoundOverlaps).on("categories"));
    }
    Ok(())
}

/// Those who are on a roster of the year, but for one round's: a category that changed meanwhile makes nobody certified twice.
pub(super) fn on_another_roster((year, but): (i32, Option<Uuid>)) -> SelectStatement {
    use certification_round::Column as R;
    Query::select()
        .column((
            certification_check::Entity,
            certification_check::Column::BeneficiaryId,
        ))
        .from(certification_check::Entity)
        .inner_join(
            certification_round::Entity,
            Expr::col((certification_round::Entity, R::Id)).equals((
                certification_check::Entity,
                certification_check::Column::RoundId,
            )),
        )
        .and_where(Expr::col((certification_round::Entity, R::Year)).eq(year))
        .and_where(Expr::col((certification_round::Entity, R::Status)).ne(rules::ANNULLED))
        .and_where_option(but.map(|but| Expr::col((certification_round::Entity, R::Id)).ne(but)))
        .to_owned()
}

/// Whom the round certifies, in the order in which they were added.
async fn beneficiaries(cx: &Cx, tx: &Tx, new: &NewRound) -> Result<Vec<beneficiary::Model>> {
    use beneficiary::Column as C;
    cx.actor()?
        .scoped::<beneficiary::Entity>(Permission::CertificationPlan)
        .below(new.area)
        .filter(C::Category.is_in(new.categories.iter().copied()))
        .filter(C::EndedOn.is_null())
        .filter(C::Id.not_in_subquery(on_another_roster((new.year, None))))
        .all_to_change(tx)
        .await
}

/// Writes the roster.
async fn freeze(
    cx: &Cx,
    tx: &Tx,
    (round, people): (&certification_round::Model, &[beneficiary::Model]),
) -> Result<Vec<Changed>> {
    let mut changed = Vec::with_capacity(people.len() + 1);
    for some in people.chunks(ROWS) {
        let checks: Vec<_> = some.iter().map(|one| check(cx, round, one)).collect();
        changed.extend(some.iter().zip(&checks).map(|(one, check)| {
            let (kind, id) = (ChangeKind::CertificationCheck, *check.id.as_ref());
            Changed::new(kind, id, Some(one.area_id))
        }));
        certification_check::Entity::insert_many(checks)
            .exec_without_returning(&tx.unscoped(ROSTER))
            .await?;
    }
    Ok(changed)
}

/// A check as it comes to the roster.
pub(super) fn check(
    cx: &Cx,
    round: &certification_round::Model,
    person: &beneficiary::Model,
) -> certification_check::ActiveModel {
    let now = cx.app.clock.now();
    let status: CheckStatus = FIRST;
    certification_check::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        round_id: Set(round.id),
        beneficiary_id: Set(person.id),
        area_id: Set(person.area_id),
        grid_id: Set(person.grid_id),
        category: Set(person.category),
        status: Set(status),
        confirm_level: Set(round.confirm_level),
        channel: Set(person.preferred_channel),
        attempts: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}
