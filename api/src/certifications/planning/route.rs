//! The order in which to make one's own home visits.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::area;
use entity::enums::CertificationChannel;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::Condition;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::{self, Reaches};
use crate::areas::points::points;
use crate::certifications::checks::reads::{self, Columns, Filter, Seen};
use crate::certifications::checks::rules::PLANNED;
use crate::certifications::rounds::reads::is_open;
use crate::clock::{SHANGHAI, begin_of, end_of};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::Page;
use crate::route::{self, Leg, Point, Stop};

/// How many home visits a way takes.
const MOST: u64 = 100;

/// What a way is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Where the reader stands.
    pub start: Point,
    /// Only of this round.
    pub round: Option<Uuid>,
    /// Only of this day.
    pub on: Option<NaiveDate>,
    /// The order that was shown last, so that it stays.
    pub before: Vec<Uuid>,
}

/// Where somebody is visited: whoever may see the check may see it.
pub(super) struct Door(Uuid);

impl Reaches<area::Entity> for Door {
    fn key(&self) -> Uuid {
        self.0
    }
    fn column() -> area::Column {
        area::Column::Id
    }
}

impl Door {
    /// The building where they live, or the area that answers for them.
    pub(super) fn of(seen: &Seen) -> Self {
        Self(seen.person.home_area_id.unwrap_or(seen.row.area_id))
    }
}

/// The home visits that are planned for the actor in the order in which to make them, each with its part of
/// the way. Needs `CERTIFICATION_CHECK` where they are.
pub async fn way(cx: &Cx, wanted: &Wanted, columns: Columns) -> Result<Vec<(Seen, Leg)>> {
    use entity::certification_check::Column as C;
    let actor = cx.actor()?;
    let check = Permission::CertificationCheck;
    actor.require(check)?;
    let own = scope::reads::<entity::certification_check::Entity>(actor, check);
    let mut also = Condition::all().add(own).add(is_open());
    if let Some(day) = wanted.on {
        also = also
            .add(C::ScheduledFor.gte(begin_of(day, SHANGHAI)))
            .add(C::ScheduledFor.lt(end_of(day, SHANGHAI)));
    }
    let filter = Filter {
        round: wanted.round,
        status: vec![PLANNED],
        channel: Some(CertificationChannel::Home),
        assigned_to: Some(actor.account),
        also: Some(also),
        ..Filter::default()
    };
    let page = Page {
        size: MOST,
        backward: false,
        after: None,
        before: None,
    };
    let seen = reads::list(cx, &filter, &page, columns).await?.rows;
    let doors: Vec<Door> = seen.iter().map(Door::of).collect();
    let points = points(cx, &doors).await?;
    let stops: Vec<Stop> = seen
        .iter()
        .zip(&doors)
        .map(|(one, door)| Stop {
            id: one.row.id,
            point: points.get(&door.0).copied(),
            appointed_at: one.row.scheduled_for,
        })
        .collect();
    let mut seen: HashMap<Uuid, Seen> = seen.into_iter().map(|one| (one.row.id, one)).collect();
    let legs = route::order(wanted.start, &stops, &wanted.before);
    Ok(legs
        .into_iter()
        .filter_map(|leg| Some((seen.remove(&leg.id)?, leg)))
        .collect())
}
