//! Whether a household is one that an offer is meant for.

use chrono::NaiveDate;
use entity::circumstances::Circumstances;
use entity::enums::CareTier;
use entity::{care_enrolment, household, resident, service_offer};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, JoinType, QueryFilter as _, QuerySelect};
use uuid::Uuid;

use super::rules::{Member, Wanted, is_meant_for};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const PEOPLE: &str =
    "whether an offer is meant for a household that the scope let through; nothing of it is told";

/// Refuses a household that the offer is not meant for on a day: `NOT_ELIGIBLE`, whichever condition is not met.
///
/// Where the offer asks for circumstances or a tier, whoever may not read them of this household is refused
/// whatever they are (`ELIGIBILITY_BY_STAFF`): else a booking would tell them.
pub(super) async fn check(
    cx: &Cx,
    tx: &Tx,
    (offer, home, day): (&service_offer::Model, &household::Model, NaiveDate),
) -> Result<()> {
    let wanted = Wanted {
        min_age: offer.min_age,
        circumstances: offer.circumstances,
        tiers: offer.tiers,
    };
    if wanted.asks_for_care() && !cx.actor()?.may(Permission::ResidentRead, home.area_id) {
        return Err(Error::refused(Code::EligibilityByStaff).on("slotId"));
    }
    if is_meant_for(&wanted, &members(tx, home.id).await?, day) {
        Ok(())
    } else {
        Err(Error::refused(Code::NotEligible).on("slotId"))
    }
}

/// Whoever lives there, with what they are visited for.
async fn members(tx: &Tx, home: Uuid) -> Result<Vec<Member>> {
    use care_enrolment::Column as E;
    use resident::Column as R;
    type Row = (Option<NaiveDate>, Option<Circumstances>, Option<CareTier>);
    let enrolled = Condition::all()
        .add(Expr::col((care_enrolment::Entity, E::ResidentId)).equals((resident::Entity, R::Id)))
        .add(Expr::col((care_enrolment::Entity, E::ToOn)).is_null());
    let mut people = resident::Entity::find()
        .select_only()
        .column(R::BornOn)
        .column(E::Circumstances)
        .column(E::Tier)
        .filter(R::HouseholdId.eq(home))
        .filter(R::DeceasedOn.is_null());
    QuerySelect::query(&mut people).join(JoinType::LeftJoin, care_enrolment::Entity, enrolled);
    let rows: Vec<Row> = people.into_tuple().all(&tx.unscoped(PEOPLE)).await?;
    let members = rows
        .into_iter()
        .map(|(born_on, circumstances, tier)| Member {
            born_on,
            care: circumstances.zip(tier),
        });
    Ok(members.collect())
}
