//! Boards as screens show them.

use async_graphql::{Enum, ID, SimpleObject};

use super::rules::{self, Figures, Work, ratio};
use super::service::PartnerWork;
use crate::areas::graphql::Area;
use crate::ids::{self, Id};
use crate::scalars::Date;
use crate::wishes::graphql::{ServiceCategory, WishStatus};

/// The age of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::AgeBand", name = "WishAgeBand")]
pub enum AgeBand {
    /// Younger than 60.
    Under60,
    /// 60 to 69.
    Sixties,
    /// 70 to 79.
    Seventies,
    /// 80 to 89.
    Eighties,
    /// 90 and older.
    NinetyUp,
    /// Unknown, or the household as a whole asks.
    Unknown,
}

/// How long an open wish has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "rules::WaitBand", name = "WishWaitBand")]
pub enum WaitBand {
    /// Less than three days.
    ThreeDays,
    /// Less than a week.
    Week,
    /// Less than thirty days.
    Month,
    /// Longer.
    Longer,
}

/// How many wishes are in a state.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishStateCount {
    /// The state.
    status: WishStatus,
    /// How many.
    count: i64,
}

/// Wishes in numbers.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishFigures {
    /// How many.
    wishes: i64,
    /// How many in each state that occurs.
    states: Vec<WishStateCount>,
    /// How many were done: `FULFILLED` or `CLOSED`.
    done: i64,
    /// How many the fulfilment rate is about: all but `WITHDRAWN`.
    wanted: i64,
    /// The fulfilment rate 完成率: those done of those wanted, 0 to 1; absent where none is wanted.
    fulfilment_rate: Option<f64>,
    /// How many have a rating.
    rated: i64,
    /// The mean of the ratings, 1 to 5; absent where there is none.
    mean_rating: Option<f64>,
}

impl From<&Figures> for WishFigures {
    fn from(figures: &Figures) -> Self {
        let states = figures.states.iter().map(|(status, count)| WishStateCount {
            status: (*status).into(),
            count: *count,
        });
        Self {
            wishes: figures.all(),
            states: states.collect(),
            done: figures.done(),
            wanted: figures.wanted(),
            fulfilment_rate: figures.rate(),
            rated: figures.rated,
            mean_rating: figures.mean(),
        }
    }
}

/// The wishes of an area right below.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishesOfArea {
    /// The area; the board's own where it has none below.
    pub area: Option<Area>,
    /// Its wishes.
    pub figures: WishFigures,
}

/// The wishes of a category.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishesOfCategory {
    /// The category.
    pub category: ServiceCategory,
    /// Its wishes.
    pub figures: WishFigures,
}

/// The wishes of people of an age.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishesOfAge {
    /// The age.
    pub age: AgeBand,
    /// Their wishes.
    pub figures: WishFigures,
}

/// Open wishes that have waited so long.
#[derive(Clone, Debug, SimpleObject)]
pub struct WaitingWishes {
    /// How long.
    pub waited: WaitBand,
    /// How many.
    pub count: i64,
}

/// What a partner made of the bookings for these days.
#[derive(Clone, Debug, SimpleObject)]
pub struct PartnerFigures {
    /// The opaque id of the partner.
    partner_id: ID,
    /// Its name.
    name: String,
    /// How many bookings.
    bookings: i64,
    /// How many were carried out.
    done: i64,
    /// At how many nobody was there.
    no_show: i64,
    /// How many the partner called off.
    cancelled_by_partner: i64,
    /// How many households have rated what was done.
    rated: i64,
    /// The mean of their ratings, 1 to 5.
    mean_rating: Option<f64>,
}

impl From<PartnerWork> for PartnerFigures {
    fn from(seen: PartnerWork) -> Self {
        let Work {
            bookings,
            done,
            no_show,
            cancelled,
            rated,
            stars,
        } = seen.work;
        Self {
            partner_id: Id::<ids::Partner>::new(seen.partner).to_string().into(),
            name: seen.name,
            bookings,
            done,
            no_show,
            cancelled_by_partner: cancelled,
            rated,
            mean_rating: ratio(stars, rated),
        }
    }
}

/// What becomes of the wishes that were written down in an area on some days 微心愿看板. Every breakdown adds up to the
/// whole.
#[derive(Clone, Debug, SimpleObject)]
pub struct WishBoard {
    /// The area.
    pub area: Option<Area>,
    /// The first day.
    pub from_on: Date,
    /// The first day after.
    pub to_on: Date,
    /// All of them.
    pub total: WishFigures,
    /// By the area right below, in the order of their codes.
    pub by_area: Vec<WishesOfArea>,
    /// By category.
    pub by_category: Vec<WishesOfCategory>,
    /// By the age of who asks, today.
    pub by_age: Vec<WishesOfAge>,
    /// Open ones, by how long they have waited.
    pub waiting: Vec<WaitingWishes>,
    /// What partners made of the bookings for these days, by name.
    pub partners: Vec<PartnerFigures>,
}

/// A row of the public board.
#[derive(Clone, Debug, SimpleObject)]
pub struct PublicWishes {
    /// The category; absent where several are told together.
    pub category: Option<ServiceCategory>,
    /// How many wishes, five or more.
    pub wishes: i64,
}

/// What becomes of an area's wishes, for the community's screen: nothing is told of fewer than five.
#[derive(Clone, Debug, SimpleObject)]
pub struct PublicWishBoard {
    /// The area's name.
    pub area_name: String,
    /// The first day.
    pub from_on: Date,
    /// The first day after.
    pub to_on: Date,
    /// How many wishes; absent for fewer than five.
    pub wishes: Option<i64>,
    /// How many were done; absent for fewer than five.
    pub done: Option<i64>,
    /// By category, the most first; small ones are told together.
    pub by_category: Vec<PublicWishes>,
}
