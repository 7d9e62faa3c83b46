//! The demo's partner: an alliance that cleans air conditioners and range hoods in 龙池社区.

use std::sync::Arc;

use chrono::{Days, NaiveTime, TimeZone as _};
use entity::enums::{Role, ServiceCategory};
use entity::{area, partner};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::Workplace;
use super::demo_visits::staff;
use crate::clock::SHANGHAI;
use crate::config::Settings;
use crate::context::{App, Cx};
use crate::db::Handle as _;
use crate::demo::{self, DemoAccount};
use crate::error::{Error, Result};
use crate::inputs::Edit;
use crate::offers::edit::{NewOffer, add as add_offer};
use crate::offers::publish::publish;
use crate::offers::slots::plan::{NewSlot, plan};
use crate::offers::terms::Terms;
use crate::partners::edit::{NewPartner, add as add_partner};
use crate::partners::people;

const REASON: &str = "the demo takes its own partner on";

const ALLIANCE: &str = "周百通公益服务联盟";

/// What it offers, and how many at a time.
const OFFERS: [(&str, i32); 2] = [("空调清洗", 7), ("油烟机清洗", 3)];

/// Days ahead on which it comes, in the morning.
const DAYS: [u64; 3] = [2, 5, 9];

/// Takes it on where no partner is there yet, as the community's staff do.
pub async fn take_on(place: &Workplace, accounts: &[DemoAccount]) -> Result<()> {
    let known = partner::Entity::find()
        .count(&place.db.unscoped(REASON))
        .await?;
    if known > 0 {
        return Ok(());
    }
    let (db, clock, keys) = (place.db.clone(), place.clock.clone(), place.keys.clone());
    let app = Arc::new(App::open(db, clock, keys, Settings::default()).await?);
    let community = community(place).await?;
    let cx = staff(&app, place, accounts, (Role::CommunityStaff, community)).await?;
    let new = NewPartner {
        id: None,
        area: community,
        name: ALLIANCE.to_owned(),
    };
    let alliance = add_partner(&cx, new, None).await?.id()?;
    let worker = staff(&app, place, accounts, (Role::Partner, community)).await?;
    people::add(&cx, (alliance, worker.actor()?.account), None).await?;
    for (title, capacity) in OFFERS {
        let terms = Terms {
            title: Some(title.to_owned()),
            category: Some(ServiceCategory::ApplianceCleaning),
            conditions: Edit::Set("每户一台，自备用电用水".to_owned()),
            min_age: Edit::Set(70),
            minutes: Some(60),
            hands: Some(1),
            ..Terms::default()
        };
        let offer = NewOffer {
            id: None,
            partner: alliance,
            terms,
            areas: vec![community],
        };
        let offer = add_offer(&cx, offer, None).await?.id()?;
        publish(&cx, (offer, 1), None).await?;
        plan(&cx, (offer, slots(&cx, capacity)?), None).await?;
    }
    Ok(())
}

/// Mornings of the next days, from nine to twelve.
fn slots(cx: &Cx, capacity: i32) -> Result<Vec<NewSlot>> {
    let today = cx.app.clock.today(SHANGHAI);
    let at = |day: u64, hour: u32| {
        let time = NaiveTime::from_hms_opt(hour, 0, 0)?;
        let local = (today + Days::new(day)).and_time(time);
        Some(SHANGHAI.from_local_datetime(&local).single()?.to_utc())
    };
    let slot = |day: u64| {
        Some(NewSlot {
            id: None,
            starts_at: at(day, 9)?,
            ends_at: at(day, 12)?,
            place: None,
            capacity,
        })
    };
    let slots: Option<Vec<NewSlot>> = DAYS.into_iter().map(slot).collect();
    slots.ok_or_else(|| Error::internal("a morning that does not exist"))
}

/// 龙池社区.
async fn community(place: &Workplace) -> Result<Uuid> {
    area::Entity::find()
        .filter(area::Column::Code.eq(demo::LONGCHI))
        .one(&place.db.unscoped(REASON))
        .await?
        .map(|row| row.id)
        .ok_or_else(|| Error::internal("the demo's neighbour is missing"))
}
