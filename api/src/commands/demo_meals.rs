//! The demo's canteen: a list for the first compound, made once; the server makes its batches.

use std::sync::Arc;

use entity::enums::{Meal, Role, Weekday};
use entity::meal_list;
use sea_orm::{EntityTrait as _, Iterable as _, PaginatorTrait as _};
use uuid::Uuid;

use super::Workplace;
use super::demo_visits::{community_of, elders, staff};
use crate::config::Settings;
use crate::context::App;
use crate::db::Handle as _;
use crate::demo::{CANTEEN, DemoAccount};
use crate::error::{Error, Result};
use crate::meals::lists::{NewList, create};
use crate::meals::recipients::{Adding, add};

const REASON: &str = "whether the demo's canteen has its list";

/// How many elders it feeds.
const FED: usize = 20;

/// Begins the canteen's list, where it has none.
pub async fn open_canteen(place: &Workplace, accounts: &[DemoAccount]) -> Result<()> {
    let lists = meal_list::Entity::find()
        .count(&place.db.unscoped(REASON))
        .await?;
    if lists > 0 {
        return Ok(());
    }
    let (db, clock, keys) = (place.db.clone(), place.clock.clone(), place.keys.clone());
    let app = Arc::new(App::open(db, clock, keys, Settings::default()).await?);
    let tree = app.sessions.tree();
    let people = elders(place).await?;
    let compound = people
        .iter()
        .flat_map(|elder| tree.upwards(elder.area))
        .find(|area| tree.get(*area).is_some_and(|node| node.code == CANTEEN))
        .ok_or_else(|| Error::internal("the demo has no elder in the canteen's compound"))?;
    let community = community_of(&app, compound)?;
    let cx = staff(&app, place, accounts, (Role::CommunityStaff, community)).await?;
    let new = NewList {
        area: compound,
        name: "创业北路小区食堂".to_owned(),
        lunch: Some((10 * 60 + 45, 12 * 60 + 30)),
        dinner: Some((16 * 60 + 30, 18 * 60 + 30)),
        weekdays: Weekday::iter().collect(),
    };
    let list = create(&cx, new, None).await?.id()?;
    let here = people
        .iter()
        .filter(|elder| tree.covers(compound, elder.area));
    let residents: Vec<Uuid> = here.map(|elder| elder.id).take(FED).collect();
    let adding = Adding {
        list,
        residents,
        meals: Meal::iter().collect(),
    };
    add(&cx, adding, None).await?;
    Ok(())
}
