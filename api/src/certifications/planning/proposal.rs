//! Who by which channel: what is on record of somebody, judged by the rules.

use chrono::NaiveDate;
use entity::enums::CertificationChannel;
use uuid::Uuid;

use super::rules::{self, Facts, Reason};
use crate::certifications::checks::reads::{self, Columns, Filter, Seen};
use crate::certifications::checks::rules::{Action, PLANNED};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};
use crate::residents::rules::age;

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

/// The checks of a round for which no time is planned, also where somebody is to do them already.
#[must_use]
pub fn wanted(round: Uuid, area: Option<Uuid>) -> Filter {
    let status = Action::Schedule.steps().map(|(from, _)| from);
    Filter {
        round: Some(round),
        area,
        status: status.filter(|from| *from != PLANNED).collect(),
        ..Filter::default()
    }
}

/// A page of them, each with what is proposed. Needs `BENEFICIARY_READ`.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
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
    Ok(found.map(|seen| {
        let (channel, reason) = rules::propose(facts(&seen, today));
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
    Facts {
        age: person.born_on.map(|born_on| age(born_on, today)),
        is_immobile: person.is_immobile,
        in_institution,
        is_elsewhere: person.registered_elsewhere.is_some()
            && person.home_area_id.is_none()
            && !in_institution,
        has_phone: person.phone_sealed.is_some(),
        preferred: person.preferred_channel,
        last_time: seen.previous.as_ref().and_then(|check| check.channel),
    }
}
