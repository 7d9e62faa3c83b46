//! The demo's beneficiaries: thirty of 白云社区, eight of them in a nursing home.

use std::sync::Arc;

use chrono::Months;
use entity::enums::{AreaKind, BeneficiaryCategory, CertificationChannel, Role};
use entity::{beneficiary, resident};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use uuid::Uuid;

use super::Workplace;
use super::demo_visits::staff;
use crate::beneficiaries::changes::Details;
use crate::beneficiaries::edit::{NewBeneficiary, add};
use crate::beneficiaries::matching;
use crate::clock::SHANGHAI;
use crate::config::Settings;
use crate::context::{App, Cx};
use crate::db::Handle as _;
use crate::demo::DemoAccount;
use crate::error::{Error, Result};
use crate::inputs::Edit;

const REASON: &str = "the demo registers its own beneficiaries";

/// How many live at home.
const AT_HOME: u64 = 22;

/// Who lives in the nursing home.
const IN_HOME: [&str; 8] = [
    "陶德山",
    "方秀兰",
    "储贵生",
    "褚玉珍",
    "柏长根",
    "蔺桂芳",
    "阮福田",
    "鲍素英",
];

const NURSING_HOME: &str = "乐康养老中心";

const CATEGORIES: [BeneficiaryCategory; 6] = [
    BeneficiaryCategory::Disabled,
    BeneficiaryCategory::MartyrFamily,
    BeneficiaryCategory::WarParticipant,
    BeneficiaryCategory::RuralVeteran,
    BeneficiaryCategory::IllDischarged,
    BeneficiaryCategory::MartyrChild,
];

/// Registers them where none is registered yet, as the station's staff do.
pub async fn register(place: &Workplace, accounts: &[DemoAccount]) -> Result<()> {
    let known = beneficiary::Entity::find()
        .count(&place.db.unscoped(REASON))
        .await?;
    if known > 0 {
        return Ok(());
    }
    let (db, clock, keys) = (place.db.clone(), place.clock.clone(), place.keys.clone());
    let app = Arc::new(App::open(db, clock, keys, Settings::default()).await?);
    let community = community(place).await?;
    let cx = staff(&app, place, accounts, (Role::VeteransStaff, community)).await?;
    for (number, person) in elders(place, &cx, community).await?.into_iter().enumerate() {
        let details = Details {
            born_on: person.born_on.map_or(Edit::Keep, Edit::Set),
            home: Edit::Set(person.area_id),
            is_immobile: Edit::Set(number % 6 == 4),
            preferred_channel: Edit::Set(CertificationChannel::Home),
            ..details(&person.name, number)
        };
        let registered = registered(&cx, person.area_id, details).await?;
        matching::settle(&cx, (registered, 1), Some(person.id), None).await?;
    }
    for (number, name) in IN_HOME.into_iter().enumerate() {
        let details = Details {
            institution: Edit::Set(NURSING_HOME.to_owned()),
            preferred_channel: Edit::Set(CertificationChannel::Session),
            ..details(name, number)
        };
        registered(&cx, community, details).await?;
    }
    Ok(())
}

fn details(name: &str, number: usize) -> Details {
    Details {
        name: Edit::Set(name.to_owned()),
        category: Edit::Set(CATEGORIES[number % CATEGORIES.len()]),
        ..Details::default()
    }
}

async fn registered(cx: &Cx, area: Uuid, details: Details) -> Result<Uuid> {
    let id = None;
    add(cx, NewBeneficiary { id, area, details }, None)
        .await?
        .id()
}

/// 白云社区.
async fn community(place: &Workplace) -> Result<Uuid> {
    use entity::area;
    area::Entity::find()
        .filter(area::Column::Kind.eq(AreaKind::Community))
        .filter(area::Column::Code.eq(crate::demo::BAIYUN))
        .one(&place.db.unscoped(REASON))
        .await?
        .map(|row| row.id)
        .ok_or_else(|| Error::internal("the demo's neighbour is missing"))
}

/// The first of its residents of sixty and more.
async fn elders(place: &Workplace, cx: &Cx, community: Uuid) -> Result<Vec<resident::Model>> {
    use resident::Column as R;
    let sixty = place.clock.today(SHANGHAI) - Months::new(60 * 12);
    let grids = cx.actor()?.tree.down_to_grids(community);
    Ok(resident::Entity::find()
        .filter(R::GridId.is_in(grids))
        .filter(R::BornOn.lte(sixty))
        .filter(R::DeceasedOn.is_null())
        .order_by_asc(R::Id)
        .limit(AT_HOME)
        .all(&place.db.unscoped(REASON))
        .await?)
}
