//! Where buildings stand.

use std::collections::HashMap;

use entity::area;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::access::scope::{Reaches, reach};
use crate::context::Cx;
use crate::error::Result;
use crate::route::Point;

#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    latitude: Option<f64>,
    longitude: Option<f64>,
}

/// The points of the areas to which these rows lead, as far as they are on record.
pub async fn points<S: Reaches<area::Entity>>(cx: &Cx, rows: &[S]) -> Result<HashMap<Uuid, Point>> {
    use area::Column as C;
    let places = reach::<_, area::Entity, Place>(&cx.app.db, rows, |select| {
        for column in [C::Id, C::Latitude, C::Longitude] {
            select.column((area::Entity, column));
        }
    })
    .await?;
    let point = |place: Place| {
        let point = Point::new(place.latitude?, place.longitude?)?;
        Some((place.id, point))
    };
    Ok(places.into_iter().filter_map(point).collect())
}
