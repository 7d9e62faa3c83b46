//! Reading two rosters, and what explains their difference.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{BeneficiaryCategory, CheckOutcome, CheckStatus};
use entity::{beneficiary, certification_check, certification_correction, certification_round};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::rules::{Came, Compared, Left, WhyGone, WhyNew, compare, why_gone, why_new};
use crate::access::policy::Permission;
use crate::certifications::checks::rules::RESOLVED_BY_CHECK;
use crate::certifications::rounds::reads;
use crate::certifications::rounds::rules::ANNULLED;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

const CORRECTED: &str = "the corrections of checks that the scope let through";

/// How many corrections one statement asks for.
const ROWS: usize = 5_000;

/// Somebody on a roster, as they stood there and as they are registered now.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Person {
    /// The check.
    pub id: Uuid,
    /// Whom it certifies.
    pub beneficiary_id: Uuid,
    /// The area that answered for them then.
    pub area_id: Uuid,
    /// Their category then.
    pub category: BeneficiaryCategory,
    /// Where the check stands.
    pub status: CheckStatus,
    /// What it found.
    pub outcome: Option<CheckOutcome>,
    /// Why they came late.
    pub late_reason: Option<String>,
    /// Why it was settled without a check.
    pub settle_reason: Option<String>,
    /// Their name.
    pub name: String,
    area_now: Uuid,
    category_now: BeneficiaryCategory,
    ended_on: Option<NaiveDate>,
    end_reason: Option<CheckOutcome>,
    registered_at: DateTime<Utc>,
}

/// A round beside the year before.
#[derive(Clone, Debug)]
pub struct Years {
    /// The round.
    pub round: certification_round::Model,
    /// What it is compared with.
    pub against: Vec<certification_round::Model>,
    /// How many were on the last roster.
    pub last: u64,
    /// How many are on this one.
    pub this: u64,
    /// How many are on both.
    pub stayed: u64,
    /// Who is gone, in the order of the last roster, with what their check found as it was corrected.
    pub gone: Vec<(Person, WhyGone)>,
    /// Who is new, in the order of this roster.
    pub new: Vec<(Person, WhyNew)>,
}

/// A round beside the rounds of the year before that have its area, or beside the one that is named; nothing
/// where there is none, or of a round that does not concern the actor. Needs `BENEFICIARY_READ`.
///
/// Both rosters are read as far as the actor reads them: whoever has left their areas is gone to them.
pub async fn years(cx: &Cx, round: Uuid, against: Option<Uuid>) -> Result<Option<Years>> {
    let Some(round) = reads::one(cx, round).await? else {
        return Ok(None);
    };
    let against = match against {
        Some(id) => reads::one(cx, id).await?.into_iter().collect(),
        None => reads::of_area(cx, round.area_id, round.year - 1).await?,
    };
    let against: Vec<certification_round::Model> = against
        .into_iter()
        .filter(|other| other.status != ANNULLED)
        .collect();
    if against.is_empty() {
        return Ok(None);
    }
    let ids: Vec<Uuid> = against.iter().map(|other| other.id).collect();
    let (last, this) = (roster(cx, &ids).await?, roster(cx, &[round.id]).await?);
    let keys = |roster: &BTreeMap<Uuid, Person>| roster.keys().copied().collect::<BTreeSet<_>>();
    let compared = compare(&keys(&last), &keys(&this));
    let (gone, new) = (
        gone(cx, &round, (&last, &compared)).await?,
        new(cx, &against, (&this, &compared))?,
    );
    let count = |people: usize| u64::try_from(people).unwrap_or_default();
    Ok(Some(Years {
        round,
        against,
        last: count(last.len()),
        this: count(this.len()),
        stayed: count(compared.stayed.len()),
        gone,
        new,
    }))
}

/// Everybody on these rounds' rosters, of the actor's areas: nobody is on two of a year.
async fn roster(cx: &Cx, rounds: &[Uuid]) -> Result<BTreeMap<Uuid, Person>> {
    use beneficiary::Column as B;
    use certification_check::Column as C;
    let people: Vec<Person> = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .by_area_only()
        .filter(C::RoundId.is_in(rounds.iter().copied()))
        .into_rows(&cx.app.db, |select| {
            let check = |column: C| Expr::col((certification_check::Entity, column));
            let person = |column: B| Expr::col((beneficiary::Entity, column));
            for (column, name) in [
                (C::Id, "id"),
                (C::BeneficiaryId, "beneficiary_id"),
                (C::AreaId, "area_id"),
                (C::Category, "category"),
                (C::Status, "status"),
                (C::Outcome, "outcome"),
                (C::LateReason, "late_reason"),
                (C::SettleReason, "settle_reason"),
            ] {
                select.expr_as(check(column), name);
            }
            for (column, name) in [
                (B::Name, "name"),
                (B::AreaId, "area_now"),
                (B::Category, "category_now"),
                (B::EndedOn, "ended_on"),
                (B::EndReason, "end_reason"),
                (B::CreatedAt, "registered_at"),
            ] {
                select.expr_as(person(column), name);
            }
            select.inner_join(
                beneficiary::Entity,
                person(B::Id).equals((certification_check::Entity, C::BeneficiaryId)),
            );
        })
        .await?;
    let keyed = people.into_iter();
    Ok(keyed.map(|one| (one.beneficiary_id, one)).collect())
}

async fn gone(
    cx: &Cx,
    round: &certification_round::Model,
    (last, compared): (&BTreeMap<Uuid, Person>, &Compared<Uuid>),
) -> Result<Vec<(Person, WhyGone)>> {
    let actor = cx.actor()?;
    let mut gone: Vec<Person> = compared
        .gone
        .iter()
        .filter_map(|key| last.get(key).cloned())
        .collect();
    for person in &mut gone {
        // What nobody confirmed was found by nobody.
        person.outcome = person
            .outcome
            .filter(|_| person.status == RESOLVED_BY_CHECK);
    }
    gone.sort_by_key(|person| person.id);
    correct(cx, &mut gone).await?;
    let told = gone.into_iter().map(|person| {
        let left = Left {
            found: person.outcome,
            ended: person.ended_on.and(person.end_reason),
            in_categories: round.categories.contains(person.category_now),
            in_area: actor.tree.covers(round.area_id, person.area_now)
                && actor.may(Permission::BeneficiaryRead, person.area_now),
        };
        (person, why_gone(left))
    });
    Ok(told.collect())
}

/// Puts what was corrected in the place of what was found.
async fn correct(cx: &Cx, people: &mut [Person]) -> Result<()> {
    use certification_correction::Column as K;
    let ids: Vec<Uuid> = people.iter().map(|person| person.id).collect();
    let mut corrected: BTreeMap<Uuid, CheckOutcome> = BTreeMap::new();
    for some in ids.chunks(ROWS) {
        let entries = certification_correction::Entity::find()
            .filter(K::CheckId.is_in(some.iter().copied()))
            .filter(K::Outcome.is_not_null())
            .order_by_asc(K::Id)
            .all(&cx.app.db.unscoped(CORRECTED))
            .await?;
        let entries = entries.into_iter();
        corrected.extend(entries.filter_map(|entry| Some((entry.check_id, entry.outcome?))));
    }
    for person in people {
        if let Some(outcome) = corrected.get(&person.id) {
            person.outcome = Some(*outcome);
        }
    }
    Ok(())
}

fn new(
    cx: &Cx,
    against: &[certification_round::Model],
    (this, compared): (&BTreeMap<Uuid, Person>, &Compared<Uuid>),
) -> Result<Vec<(Person, WhyNew)>> {
    let tree = &cx.actor()?.tree;
    let frozen_at = against.iter().map(|round| round.created_at).max();
    let mut new: Vec<Person> = compared
        .new
        .iter()
        .filter_map(|key| this.get(key).cloned())
        .collect();
    new.sort_by_key(|person| person.id);
    let told = new.into_iter().map(|person| {
        let came = Came {
            is_late: person.late_reason.is_some(),
            is_new: frozen_at.is_some_and(|at| person.registered_at > at),
            in_categories: against
                .iter()
                .any(|round| round.categories.contains(person.category)),
            in_area: against
                .iter()
                .any(|round| tree.covers(round.area_id, person.area_id)),
        };
        (person, why_new(came))
    });
    Ok(told.collect())
}
