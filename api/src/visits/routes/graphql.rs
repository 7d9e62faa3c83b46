//! Ways as phones see them.

use async_graphql::{InputObject, SimpleObject};

use super::super::graphql::VisitTask;
use super::super::load::SeenTask;
use super::near::{Near, WIDEST};
use crate::context::Cx;
use crate::error::{Error, Result, Stop};
use crate::route::{Leg, Point, minutes};

/// A point and a radius. Where you stand is used for this answer and kept nowhere; send it by POST.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct NearInput {
    /// Degrees north, WGS 84.
    latitude: f64,
    /// Degrees east, WGS 84.
    longitude: f64,
    /// Straight-line metres, 1 to 5000; refused where more than 10,000 buildings lie within.
    metres: i32,
}

impl NearInput {
    /// Checks the values, named for the client as `argument`.
    pub fn into_near(self, argument: &'static str) -> Result<Near> {
        let metres = i64::from(self.metres);
        match point(self.latitude, self.longitude) {
            Some(point) if (1..=WIDEST).contains(&metres) => Ok(Near { point, metres }),
            _ => Err(Error::Stopped(Stop::BadUserInput, Some(argument))),
        }
    }
}

/// A point that a phone sent, if it is one.
pub(super) fn point(latitude: f64, longitude: f64) -> Option<Point> {
    Point::new(latitude, longitude)
}

/// Your visits in the order in which to make them.
#[derive(Clone, Debug, SimpleObject)]
pub struct VisitRoute {
    /// The visits: those with an appointment in the order of their times, those whose building has no
    /// point on record last.
    stops: Vec<RouteStop>,
    /// Straight-line metres of the whole way, as far as points are known.
    metres: i64,
    /// Minutes of the whole way on foot, as far as points are known; without the visits themselves.
    minutes: i64,
}

/// A visit and the way to it.
#[derive(Clone, Debug, SimpleObject)]
pub struct RouteStop {
    /// The visit.
    visit_task: VisitTask,
    /// Straight-line metres from the stop before; absent where the building has no point on record.
    metres: Option<i64>,
    /// Minutes on foot from the stop before; absent where the building has no point on record.
    minutes: Option<i64>,
}

impl VisitRoute {
    /// Shows a way to the reader it was made for.
    #[must_use]
    pub fn new(cx: &Cx, way: Vec<(SeenTask, Leg)>) -> Self {
        let stops: Vec<RouteStop> = way
            .into_iter()
            .map(|(task, leg)| RouteStop {
                visit_task: VisitTask::new(cx, task),
                metres: leg.metres,
                minutes: leg.metres.map(minutes),
            })
            .collect();
        Self {
            metres: stops.iter().filter_map(|stop| stop.metres).sum(),
            minutes: stops.iter().filter_map(|stop| stop.minutes).sum(),
            stops,
        }
    }
}
