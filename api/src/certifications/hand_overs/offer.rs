//! Offering checks to the stations of other areas.

use chrono::{Days, NaiveDate};
use entity::{area, certification_check, certification_hand_over, certification_round};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::end::note;
use super::rules::{self, FIRST, LIVE, MOST};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Author;
use crate::certifications::checks::rules as checks;
use crate::certifications::checks::step::look;
use crate::certifications::rounds::reads::covers;
use crate::certifications::rounds::rules as rounds;
use crate::changes::service::{self as changes, Changed};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ROUND: &str = "the rounds of checks that the scope let through";
const ELSEWHERE: &str = "a station elsewhere is named by who asks it; nothing of it is shown";
const LIVE_ONE: &str = "whether a check that the scope let through is offered already";
const OWN: &str = "whether the actor wrote an offer under this id before";

/// A check to be offered.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// The check.
    pub check: Uuid,
    /// The area whose station is asked.
    pub to: Uuid,
    /// Why.
    pub reason: String,
}

/// Checks to be offered, and until when they are to be answered.
#[derive(Clone, Debug, Serialize)]
pub struct Offers {
    /// Up to a hundred.
    pub offers: Vec<Offer>,
    /// The last day for an answer; two weeks where absent.
    pub answer_by: Option<NaiveDate>,
}

/// Offers checks to other stations; one that is refused leaves the others as they are. Needs
/// `CERTIFICATION_PLAN` where each check is.
///
/// The outcome has one id (nil where refused) and one code for each, in their order. Refused as a whole:
/// `OUT_OF_RANGE`, `DAY_PAST`. Each: `NOT_FOUND`, `NOT_PERMITTED`, `UUID_INVALID`, `ID_TAKEN`,
/// `ALREADY_SETTLED`, `ROUND_NOT_OPEN`, `ALREADY_CHECKED`, `HANDED_OVER`, `AREA_UNFIT`, `DAY_PAST`.
pub async fn offer(cx: &Cx, new: Offers, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("offerHandOvers", key, &new);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationPlan)?;
    if new.offers.is_empty() || new.offers.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("offers"));
    }
    rules::check_day(new.answer_by, cx.app.clock.today(SHANGHAI))?;
    let seen = actor
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .ids(&new.offers.iter().map(|one| one.check).collect::<Vec<_>>())
        .all(write.tx())
        .await?;
    hold_rounds(write.tx(), seen.iter().map(|check| check.id).collect()).await?;
    let mut outcome = Outcome {
        ids: vec![Uuid::nil(); new.offers.len()],
        codes: vec![None; new.offers.len()],
    };
    // In the order of their checks, so that two such calls do not wait for each other.
    let mut order: Vec<usize> = (0..new.offers.len()).collect();
    order.sort_by_key(|at| new.offers[*at].check);
    let mut changed = Vec::new();
    for at in order {
        match one(cx, write.tx(), (&new.offers[at], new.answer_by)).await {
            Ok((id, announced)) => {
                outcome.ids[at] = id;
                changed.extend(announced);
            }
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    changes::record(cx, write.tx(), &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Holds the rounds of these checks, so that none ends meanwhile; many do so at once.
pub(super) async fn hold_rounds(tx: &Tx, checks: Vec<Uuid>) -> Result<()> {
    use certification_check::Column as K;
    let rounds = Query::select()
        .column(K::RoundId)
        .from(certification_check::Entity)
        .and_where(K::Id.is_in(checks))
        .to_owned();
    certification_round::Entity::find()
        .filter(certification_round::Column::Id.in_subquery(rounds))
        .order_by_asc(certification_round::Column::Id)
        .lock_shared()
        .all(&tx.unscoped(ROUND))
        .await?;
    Ok(())
}

/// The round of a check.
pub(super) async fn round_of(
    tx: &Tx,
    check: &certification_check::Model,
) -> Result<certification_round::Model> {
    certification_round::Entity::find_by_id(check.round_id)
        .one(&tx.unscoped(ROUND))
        .await?
        .ok_or_else(|| Error::internal("a check without its round"))
}

/// Why a check that is held cannot pass from one station to another, if it cannot.
pub(super) fn cannot_pass(
    check: &certification_check::Model,
    round: &certification_round::Model,
) -> Option<Code> {
    let facts = checks::Facts {
        status: check.status,
        done_by_me: false,
        own_check: false,
        permitted: true,
        handed_over: false,
        round_open: round.status == rounds::LIVE,
        version_fits: true,
    };
    match checks::explain(checks::Action::PassOn, facts) {
        checks::Explanation::Refused(code) => Some(code),
        checks::Explanation::Possible | checks::Explanation::AlreadyMine => None,
    }
}

/// Offers one; the offer's key, and what to announce, nothing where it was made before.
async fn one(
    cx: &Cx,
    tx: &Tx,
    (offer, answer_by): (&Offer, Option<NaiveDate>),
) -> Result<(Uuid, Vec<Changed>)> {
    use certification_hand_over::Column as C;
    let actor = cx.actor()?;
    let seen = look(cx, tx, offer.check).await?;
    let seen = seen.ok_or_else(|| Error::refused(Code::NotFound))?;
    if let Some(id) = offer.id
        && is_known(cx, tx, (id, offer)).await?
    {
        return Ok((id, Vec::new()));
    }
    let scoped = actor.scoped::<certification_check::Entity>(Permission::CertificationPlan);
    let held = scoped.id(offer.check).one_to_refer_to(tx).await?;
    let (check, grant) = held.ok_or_else(|| {
        Error::refused(match seen.handed_to_area_id {
            Some(_) => Code::HandedOver,
            None => Code::NotPermitted,
        })
    })?;
    // The same offer at once has been made by now.
    if let Some(id) = offer.id
        && is_known(cx, tx, (id, offer)).await?
    {
        return Ok((id, Vec::new()));
    }
    let round = round_of(tx, &check).await?;
    if let Some(code) = cannot_pass(&check, &round) {
        return Err(Error::refused(code));
    }
    let live = certification_hand_over::Entity::find()
        .filter(C::CheckId.eq(check.id))
        .filter(C::Status.is_in(LIVE))
        .count(&tx.unscoped(LIVE_ONE))
        .await?;
    if live > 0 {
        return Err(Error::refused(Code::HandedOver));
    }
    check_station(tx, (check.area_id, offer.to)).await?;
    let (now, today) = (cx.app.clock.now(), cx.app.clock.today(SHANGHAI));
    let grace = Days::new(u64::try_from(round.grace_days).unwrap_or_default());
    let row = certification_hand_over::ActiveModel {
        id: Set(offer.id.unwrap_or_else(|| cx.app.clock.new_id())),
        check_id: Set(check.id),
        from_area_id: Set(check.area_id),
        to_area_id: Set(offer.to),
        status: Set(FIRST),
        reason: Set(offer.reason.clone()),
        offered_by: Set(actor.account),
        expires_at: Set(rules::expires_at(
            answer_by,
            today,
            round.closes_on + grace,
        )?),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = scope::insert_new(tx, &grant, row).await?;
    let row = row.ok_or_else(|| Error::refused(Code::IdTaken))?;
    let reason = Some(row.reason.as_str());
    let changed = note(Author::of(cx), tx, (&row, "offerHandOvers"), reason).await?;
    Ok((row.id, changed))
}

/// Refuses what is no station elsewhere.
async fn check_station(tx: &Tx, (from, to): (Uuid, Uuid)) -> Result<()> {
    let place = area::Entity::find_by_id(to)
        .one(&tx.unscoped(ELSEWHERE))
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound))?;
    let is_elsewhere = !covers(tx, to, from).await? && !covers(tx, from, to).await?;
    if rules::is_fit(place.kind) && place.retired_on.is_none() && is_elsewhere {
        Ok(())
    } else {
        Err(Error::refused(Code::AreaUnfit))
    }
}

/// Whether the actor has made this offer under this id before; another's is refused.
async fn is_known(cx: &Cx, tx: &Tx, (id, offer): (Uuid, &Offer)) -> Result<bool> {
    if id.get_version_num() != 7 {
        return Err(Error::refused(Code::UuidInvalid));
    }
    let row = certification_hand_over::Entity::find_by_id(id)
        .one(&tx.unscoped(OWN))
        .await?;
    let Some(row) = row else {
        return Ok(false);
    };
    let is_same = row.offered_by == cx.actor()?.account
        && (row.check_id, row.to_area_id) == (offer.check, offer.to);
    if is_same {
        Ok(true)
    } else {
        Err(Error::refused(Code::IdTaken))
    }
}
