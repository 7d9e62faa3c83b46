//! Made-up data of a city's size, to measure with: `nuanlin generate`.
//!
//! The same size makes the same people in the same homes with the same history; only dates follow the day on
//! which it is made. What lies behind is written as rows, as it would have come about, and not through the
//! services: a million visits would take those a day. Open visits are planned by the server's own planner.
//!
//! | | S | L |
//! |---|---|---|
//! | communities | 1 | 63 |
//! | grids | 16 | 1,008 |
//! | households | 4,800 | 302,400 |
//! | residents | 12,000 | 756,000 |
//! | visit tasks behind them | 22,080 | 1,391,040 |
//! | open ones, about | 2,500 | 157,000 |
//! | checks of certification | 960 | 60,480 |
//!
//! Where to go next: `places.rs` for areas and who signs in, `grid.rs` for what one grid holds, `rows.rs` for how
//! rows get their keys and reach the database.

mod certification;
mod grid;
mod places;
mod rows;
mod visits;

use chrono::{DateTime, NaiveDate, Utc};
use clap::ValueEnum;
use entity::account;
use sea_orm::{EntityTrait as _, PaginatorTrait as _};

use crate::access::keys::Keys;
use crate::care_plans::generate::generate as plan;
use crate::clock::{Clock, SHANGHAI};
use crate::config::Settings;
use crate::context::App;
use crate::db::{Db, Handle as _};
use crate::demo::people::Maker;
use crate::error::{Error, Result};

pub use places::{PASSWORD, STORM, phone_of};

/// Grids of a community.
const GRIDS: u32 = 16;
/// Buildings of a grid.
const BUILDINGS: u32 = 10;
/// Households of a building.
const HOUSEHOLDS: u32 = 30;
/// Every so many households one has an elder who is visited.
const ELDER_EVERY: u32 = 5;
/// Every so many households one has somebody who is certified.
const BENEFICIARY_EVERY: u32 = 5;
/// Visits that an elder had.
const VISITS: u32 = 23;

/// How much is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Size {
    /// One community.
    S,
    /// A district of 63 communities.
    L,
}

impl Size {
    const fn communities(self) -> u32 {
        match self {
            Self::S => 1,
            Self::L => 63,
        }
    }
}

/// What rows are made from.
struct Making<'a> {
    keys: &'a Keys,
    maker: Maker,
    now: DateTime<Utc>,
    today: NaiveDate,
}

/// Fills an empty database and tells `progress` after each grid how many of how many are there.
///
/// An error where accounts exist: what people have entered is not mixed with what was made.
pub async fn generate(
    (db, keys, clock): (&Db, &Keys, &Clock),
    size: Size,
    progress: impl Fn(u32, u32),
) -> Result<()> {
    let there = account::Entity::find()
        .count(&db.unscoped("whether the database is empty"))
        .await?;
    if there > 0 {
        return Err(Error::internal(
            "the database is in use; generate fills an empty one",
        ));
    }
    let mut making = Making {
        keys,
        maker: Maker::new(0x4c, clock.today(SHANGHAI)),
        now: clock.now(),
        today: clock.today(SHANGHAI),
    };
    let communities = size.communities();
    let town = places::write(db, &mut making, communities).await?;
    let all = communities * GRIDS;
    for (number, place) in (1..).zip(&town.grids) {
        grid::write(db, &mut making, &town, place).await?;
        progress(number, all);
    }
    // Statements of the planner are chosen by what the database knows of its tables.
    rows::analyze(db).await?;
    let app = App::open(db.clone(), clock.clone(), keys.clone(), Settings::default()).await?;
    plan(&app).await?;
    rows::analyze(db).await
}
