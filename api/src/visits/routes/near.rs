//! Visits near a point: the buildings within a radius, and tasks in order of distance.
//!
//! Distances are worked out here: trigonometry in SQL exists on one of the databases only.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{area, visit_task};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::super::list::Position;
use super::super::load::{self, Columns, SeenTask};
use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::context::Cx;
use crate::error::{Error, Result, Stop};
use crate::paging::{Page, Rows};
use crate::route::Point;

/// The widest radius, in metres: further nobody walks.
pub const WIDEST: i64 = 5_000;

/// How many buildings a radius may hold: a statement takes so many parameters and not many more.
const MOST: usize = 10_000;

/// Around which point, and how far.
#[derive(Clone, Copy, Debug)]
pub struct Near {
    /// Where the reader stands.
    pub point: Point,
    /// Straight-line metres.
    pub metres: i64,
}

/// Metres to each building within a radius.
pub type Nearby = HashMap<Uuid, i64>;

#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    latitude: f64,
    longitude: f64,
}

/// The areas with a point within the radius that the actor may see; too many are refused.
pub async fn buildings(cx: &Cx, near: Near) -> Result<Nearby> {
    use area::Column as C;
    let [south, north, west, east] = near.point.around(near.metres);
    let places: Vec<Place> = cx
        .actor()?
        .scoped::<area::Entity>(Permission::AreaRead)
        .filter(C::Latitude.between(south, north))
        .filter(C::Longitude.between(west, east))
        .into_rows(&cx.app.db, |select| {
            for column in [C::Id, C::Latitude, C::Longitude] {
                select.column((area::Entity, column));
            }
        })
        .await?;
    nearby(near, &places)
}

/// Those of the places that lie within the radius.
fn nearby(near: Near, places: &[Place]) -> Result<Nearby> {
    let metres = |place: &Place| {
        let point = Point::new(place.latitude, place.longitude)?;
        Some((place.id, near.point.metres_to(point)))
    };
    let nearby: Nearby = places
        .iter()
        .filter_map(metres)
        .filter(|(_, metres)| *metres <= near.metres)
        .collect();
    if nearby.len() > MOST {
        return Err(Error::Stopped(Stop::BadUserInput, Some("filter.near")));
    }
    Ok(nearby)
}

#[derive(FromQueryResult)]
struct Found {
    id: Uuid,
    area_id: Uuid,
    due_at: DateTime<Utc>,
}

/// Keeps only tasks in these buildings.
#[must_use]
pub fn within<'a>(
    scoped: Scoped<'a, visit_task::Entity>,
    nearby: &Nearby,
) -> Scoped<'a, visit_task::Entity> {
    scoped.filter(visit_task::Column::AreaId.is_in(nearby.keys().copied()))
}

/// Notes at each task how far it is.
#[must_use]
pub fn measured(mut tasks: Vec<SeenTask>, nearby: &Nearby) -> Vec<SeenTask> {
    for seen in &mut tasks {
        seen.metres = nearby.get(&seen.task.area_id).copied();
    }
    tasks
}

/// One page of the tasks that `scoped` lets through, by distance, then end of window, then id.
///
/// The keys of all tasks within the radius are read, and whole rows of the page only.
pub async fn list(
    cx: &Cx,
    scoped: Scoped<'_, visit_task::Entity>,
    nearby: &Nearby,
    page: &Page<Position>,
    columns: Columns,
) -> Result<Rows<SeenTask>> {
    let keys = keys(cx, scoped, nearby, page).await?;
    let scoped = cx
        .actor()?
        .scoped::<visit_task::Entity>(Permission::VisitRead)
        .ids(&keys.rows);
    let found = load::tasks(cx, &cx.app.db, scoped, columns).await?;
    let mut found: HashMap<Uuid, SeenTask> = measured(found, nearby)
        .into_iter()
        .map(|seen| (seen.task.id, seen))
        .collect();
    let rows = keys.rows.iter().filter_map(|id| found.remove(id));
    Ok(Rows {
        rows: rows.collect(),
        has_next: keys.has_next,
        has_previous: keys.has_previous,
    })
}

async fn keys(
    cx: &Cx,
    scoped: Scoped<'_, visit_task::Entity>,
    nearby: &Nearby,
    page: &Page<Position>,
) -> Result<Rows<Uuid>> {
    use visit_task::Column as C;
    let found: Vec<Found> = scoped
        .into_rows(&cx.app.db, |select| {
            for column in [C::Id, C::AreaId, C::DueAt] {
                select.column((visit_task::Entity, column));
            }
        })
        .await?;
    let mut keys: Vec<(i64, DateTime<Utc>, Uuid)> = found
        .into_iter()
        .filter_map(|task| Some((*nearby.get(&task.area_id)?, task.due_at, task.id)))
        .filter(|key| page.after.is_none_or(|at| *key > at.by_distance()))
        .filter(|key| page.before.is_none_or(|at| *key < at.by_distance()))
        .collect();
    keys.sort_unstable();
    if page.backward {
        keys.reverse();
    }
    let keys = keys.into_iter().map(|(_, _, id)| id);
    Ok(Rows::new(keys.collect(), page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_radius_holds_ten_thousand_buildings_and_no_more() {
        let near = Near {
            point: Point::new(32.31, 118.31).unwrap(),
            metres: 500,
        };
        // A hundred-thousandth of a degree north is 1.1 m; the last lies out of reach.
        let place = |id: usize, north: f64| Place {
            id: Uuid::from_u128(id as u128),
            latitude: 32.31 + north,
            longitude: 118.31,
        };
        let mut places: Vec<Place> = (1..=MOST).map(|id| place(id, 0.000_01)).collect();
        places.push(place(MOST + 1, 0.01));
        let found = nearby(near, &places).unwrap();
        assert_eq!((found.len(), found[&Uuid::from_u128(1)]), (MOST, 1));
        places.push(place(MOST + 2, 0.0));
        assert!(nearby(near, &places).is_err());
    }
}
