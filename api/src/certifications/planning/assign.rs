//! Giving checks to those who are to make them, fairly.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use entity::enums::{CertificationChannel, CheckStatus};
use entity::{beneficiary, certification_check};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, JoinType, QueryFilter as _,
    QuerySelect as _, RelationTrait as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::fair::{Load, Place, Work, share};
use super::rules::minutes;
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::certifications::checks::calls::{Call, What, each};
use crate::certifications::checks::reads::{self, Seen};
use crate::certifications::checks::rules::{Action, MOST};
use crate::certifications::rounds;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::duty::roster::away;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const LOAD: &str = "how much those have to do who are to be given checks; nothing of it is shown";

/// How many accounts may be named.
const MOST_ACCOUNTS: usize = 100;

/// Checks to be given to people.
#[derive(Clone, Debug, Serialize)]
pub struct Assignment {
    /// The round.
    pub round: Uuid,
    /// The checks, each with the channel by which it is to be made; as before where absent.
    pub checks: Vec<(Uuid, Option<CertificationChannel>)>,
    /// Who shares them; those who are granted nearest to each where absent.
    pub accounts: Option<Vec<Uuid>>,
}

/// Gives up to a hundred checks of a round to those who may make them and are not away, so that each has
/// about as much to do and one person goes to a building. Needs `CERTIFICATION_PLAN` where they are.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE`,
/// `NOT_FOUND` (the round), `ROUND_NOT_OPEN`. Each: `NOT_FOUND`, `NOT_ASSIGNABLE` (nobody may, or all are
/// away), `ALREADY_CHECKED`, `ALREADY_SETTLED`.
pub async fn assign(cx: &Cx, wanted: Assignment, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("assignChecks", key, &wanted);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationPlan)?;
    if wanted.checks.is_empty() || wanted.checks.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("checks"));
    }
    let named = wanted.accounts.as_ref().map_or(1, Vec::len);
    if named == 0 || named > MOST_ACCOUNTS {
        return Err(Error::refused(Code::OutOfRange).on("accountIds"));
    }
    let tx = write.tx();
    // Held alone: two who share at once would both give to whoever has least to do.
    let mut round = rounds::reads::of_check(cx, tx, wanted.round).await?;
    if round.is_none() {
        round = rounds::reads::of_handed(cx, tx, wanted.round).await?;
    }
    let round = round.ok_or_else(|| Error::refused(Code::NotFound).on("roundId"))?;
    if round.status != rounds::rules::LIVE {
        return Err(Error::refused(Code::RoundNotOpen).on("roundId"));
    }
    let given = shared(cx, tx, &wanted).await?;
    let calls: Vec<Call> = wanted
        .checks
        .iter()
        .filter_map(|(check, channel)| {
            let (check, to, channel) = (*check, *given.get(check)?.as_ref()?, *channel);
            let what = What::Assign { channel, to };
            Some(Call {
                check,
                expected_version: None,
                what,
            })
        })
        .collect();
    let (done, changed) = each(cx, tx, &calls).await?;
    let refused: HashMap<Uuid, Option<Code>> = done.ids.into_iter().zip(done.codes).collect();
    let code = |check: &Uuid| match given.get(check) {
        None => Some(Code::NotFound),
        Some(None) => Some(Code::NotAssignable),
        Some(Some(_)) => refused.get(check).copied().flatten(),
    };
    let outcome = Outcome {
        ids: wanted.checks.iter().map(|(check, _)| *check).collect(),
        codes: wanted.checks.iter().map(|(check, _)| code(check)).collect(),
    };
    if changed.is_empty() {
        return Ok(outcome);
    }
    let act = Act {
        action: "assignChecks",
        subject_kind: "CertificationRound",
        subject_id: round.id,
        area_id: Some(round.area_id),
        reason: None,
        fields: "assigned_to,channel".to_owned(),
        details: serde_json::to_string(&calls).ok(),
    };
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Who is to make each of the checks that the actor sees in the round; nobody where nobody may.
async fn shared(cx: &Cx, tx: &Tx, wanted: &Assignment) -> Result<BTreeMap<Uuid, Option<Uuid>>> {
    let channels: HashMap<Uuid, Option<CertificationChannel>> =
        wanted.checks.iter().copied().collect();
    let ids: Vec<Uuid> = channels.keys().copied().collect();
    let mut seen = reads::within(cx, tx, &ids).await?;
    seen.retain(|one| one.row.round_id == wanted.round);
    let actor = cx.actor()?;
    let planned: Vec<&Seen> = seen
        .iter()
        .filter(|one| actor.may(Permission::CertificationPlan, makes_it(one)))
        .collect();
    let areas: BTreeSet<Uuid> = planned.iter().map(|one| makes_it(one)).collect();
    let mut able: BTreeMap<Uuid, BTreeSet<Uuid>> = BTreeMap::new();
    for area in areas {
        let here = able_at(cx, tx, (area, wanted.accounts.as_deref())).await?;
        able.insert(area, here);
    }
    let work: Vec<Work> = planned
        .into_iter()
        .map(|one| Work {
            check: one.row.id,
            place: place(one.row.id, &one.person),
            minutes: cost(one, channels.get(&one.row.id).copied().flatten()),
            able: able.get(&makes_it(one)).cloned().unwrap_or_default(),
        })
        .collect();
    let staff: BTreeSet<Uuid> = able.into_values().flatten().collect();
    let given = share(&work, &load(tx, &staff, &seen).await?);
    let mine = seen
        .iter()
        .map(|one| (one.row.id, given.get(&one.row.id).copied()));
    Ok(mine.collect())
}

/// The area whose station makes a check.
fn makes_it(seen: &Seen) -> Uuid {
    seen.row.handed_to_area_id.unwrap_or(seen.row.area_id)
}

/// What a check will cost; nothing where it is not to be made any more.
fn cost(seen: &Seen, channel: Option<CertificationChannel>) -> i64 {
    let channel = channel.or(seen.row.channel);
    if open_states().any(|status| status == seen.row.status) {
        minutes(channel.unwrap_or(CertificationChannel::Home))
    } else {
        0
    }
}

/// The states in which a check is still to be made.
fn open_states() -> impl Iterator<Item = CheckStatus> {
    Action::Assign.steps().map(|(from, _)| from)
}

fn place(check: Uuid, person: &beneficiary::Model) -> Place {
    match (person.home_area_id, &person.institution) {
        (Some(building), _) => Place::Building(building),
        (None, Some(name)) => Place::Institution(name.clone()),
        (None, None) => Place::Alone(check),
    }
}

/// Who may check in an area and is not away now: of those named, or those who are granted nearest to it.
async fn able_at(
    cx: &Cx,
    tx: &Tx,
    (area, named): (Uuid, Option<&[Uuid]>),
) -> Result<BTreeSet<Uuid>> {
    let (tree, now) = (&cx.actor()?.tree, cx.app.clock.now());
    let wanted = (Permission::CertificationCheck, area);
    let mut able = holders(tx, (tree, now), wanted).await?;
    let everybody: Vec<Uuid> = able.iter().map(|holder| holder.account).collect();
    let away = away(tx, &everybody, now).await?;
    able.retain(|holder| !away.contains_key(&holder.account));
    if let Some(named) = named {
        able.retain(|holder| named.contains(&holder.account));
    } else {
        let nearest = able.first().map(|holder| holder.area);
        able.retain(|holder| Some(holder.area) == nearest);
    }
    Ok(able.into_iter().map(|holder| holder.account).collect())
}

#[derive(FromQueryResult)]
struct Given {
    id: Uuid,
    assigned_to: Uuid,
    channel: Option<CertificationChannel>,
    home_area_id: Option<Uuid>,
    institution: Option<String>,
}

/// What these people have to do besides what is shared now, in whatever round, and where they go.
async fn load(tx: &Tx, staff: &BTreeSet<Uuid>, shared: &[Seen]) -> Result<Load> {
    use certification_check::Column as C;
    let assigned = certification_check::Entity::find()
        .select_only()
        .columns([C::Id, C::AssignedTo, C::Channel])
        .columns([
            beneficiary::Column::HomeAreaId,
            beneficiary::Column::Institution,
        ])
        .join(
            JoinType::InnerJoin,
            certification_check::Relation::Beneficiary.def(),
        )
        .filter(C::AssignedTo.is_in(staff.iter().copied()))
        .filter(C::Status.is_in(open_states()))
        .filter(rounds::reads::is_open())
        .into_model::<Given>()
        .all(&tx.unscoped(LOAD))
        .await?;
    let shared: BTreeSet<Uuid> = shared.iter().map(|one| one.row.id).collect();
    let mut load = Load::default();
    for one in assigned {
        let place = match (one.home_area_id, one.institution) {
            (Some(building), _) => Place::Building(building),
            (None, Some(name)) => Place::Institution(name),
            (None, None) => Place::Alone(one.id),
        };
        let held = load.held.entry(place).or_default();
        *held.entry(one.assigned_to).or_default() += 1;
        if !shared.contains(&one.id) {
            let channel = one.channel.unwrap_or(CertificationChannel::Home);
            *load.minutes.entry(one.assigned_to).or_default() += minutes(channel);
        }
    }
    Ok(load)
}
