//! Who by which channel: what is on record of somebody, judged by the rules.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::certification_check;
use entity::enums::{CertificationChannel, CheckStatus};
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use super::route::Door;
use super::rules::{self, Facts, Reason};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::areas::points::points;
use crate::certifications::checks::reads::{self, Columns, Filter, Seen};
use crate::certifications::checks::rules::{Action, PLANNED};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};
use crate::residents::rules::age;
use crate::route::Point;

/// A check with what is proposed for it.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// The check.
    pub seen: Seen,
    /// By which channel.
    pub channel: CertificationChannel,
    /// Why.
    pub reason: Reason,
}

/// The checks of a round that the actor plans and for which no time is planned, also where somebody is to do
/// them already.
pub fn wanted(
    cx: &Cx,
    (round, area): (Uuid, Option<Uuid>),
    is_handed_over: bool,
) -> Result<Filter> {
    let status = Action::Schedule.steps().map(|(from, _)| from);
    let plan = Permission::CertificationPlan;
    let theirs = scope::reads::<certification_check::Entity>(cx.actor()?, plan);
    Ok(Filter {
        round: Some(round),
        area,
        is_handed_over,
        status: status.filter(|from| *from != PLANNED).collect(),
        also: Some(Condition::all().add(theirs)),
        ..Filter::default()
    })
}

/// A page of them, each with what is proposed; how far they live from the venue is a reason where there is one. Needs `BENEFICIARY_READ` and, by the filter, `CERTIFICATION_PLAN`.
pub async fn list(
    cx: &Cx,
    (filter, venue): (&Filter, Option<Point>),
    page: &Page<Uuid>,
    columns: Columns,
) -> Result<Rows<Proposed>> {
    let today = cx.app.clock.today(SHANGHAI);
    // Last time's channel is a reason, whether it is shown or not.
    let columns = Columns {
        previous: true,
        ..columns
    };
    let found = reads::list(cx, filter, page, columns).await?;
    let doors: Vec<Door> = found.rows.iter().map(Door::of).collect();
    let points = match venue {
        Some(_) => points(cx, &doors).await?,
        None => HashMap::new(),
    };
    Ok(found.map(|seen| {
        let home = seen.person.home_area_id;
        let home = home.and_then(|home| points.get(&home).copied());
        let facts = Facts {
            metres: home.zip(venue).map(|(home, venue)| home.metres_to(venue)),
            ..facts(&seen, today)
        };
        let (channel, reason) = rules::propose(facts);
        Proposed {
            seen,
            channel,
            reason,
        }
    }))
}

fn facts(seen: &Seen, today: NaiveDate) -> Facts {
    let person = &seen.person;
    let in_institution = person.institution.is_some();
    // Whoever was settled was certified by no channel.
    let last_time = seen.previous.as_ref();
    let last_time = last_time.filter(|check| check.status == CheckStatus::Confirmed);
    Facts {
        age: person.born_on.map(|born_on| age(born_on, today)),
        is_immobile: person.is_immobile,
        in_institution,
        is_elsewhere: person.registered_elsewhere.is_some()
            && person.home_area_id.is_none()
            && !in_institution,
        metres: None,
        has_phone: person.phone_sealed.is_some(),
        preferred: person.preferred_channel,
        last_time: last_time.and_then(|check| check.channel),
    }
}
