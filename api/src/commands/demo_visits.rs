//! The demo's open visits: a dozen in every grid, planned by the people who plan them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, CareTier, Role, VisitKind, VisitStatus};
use entity::{account, care_enrolment, resident, visit_task};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::Workplace;
use crate::access::actor::Actor;
use crate::access::sealed::{self, Field};
use crate::config::Settings;
use crate::context::{App, Cx};
use crate::db::Handle as _;
use crate::demo::DemoAccount;
use crate::error::{Error, Language, Result};
use crate::visits::plan::{Plan, plan};

/// Open visits in every grid.
const PER_GRID: usize = 14;

const REASON: &str = "the demo plans its own visits";

/// An enrolled elder without an open visit.
pub(super) struct Elder {
    /// Who it is.
    pub(super) id: Uuid,
    household: Uuid,
    grid: Uuid,
    /// The building.
    pub(super) area: Uuid,
    tier: CareTier,
}

/// Plans visits until every grid has a dozen whose window is still open for a day.
pub async fn top_up(place: &Workplace, accounts: &[DemoAccount]) -> Result<()> {
    let now = place.clock.now();
    let (db, clock, keys) = (place.db.clone(), place.clock.clone(), place.keys.clone());
    let app = Arc::new(App::open(db, clock, keys, Settings::default()).await?);
    let (mut open, visited) = open_visits(place, now).await?;
    let mut planners: HashMap<Uuid, Cx> = HashMap::new();
    for (number, elder) in elders(place).await?.into_iter().enumerate() {
        let count = open.entry(elder.grid).or_default();
        if *count >= PER_GRID || visited.contains(&elder.id) {
            continue;
        }
        *count += 1;
        let community = community_of(&app, elder.area)?;
        let cx = match planners.entry(community) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => {
                let who = (Role::CommunityStaff, community);
                new.insert(staff(&app, place, accounts, who).await?)
            }
        };
        plan(cx, visit(&elder, number, now), None).await?;
    }
    Ok(())
}

/// Tiers differ in how soon and how urgently somebody should go.
fn visit(elder: &Elder, number: usize, now: DateTime<Utc>) -> Plan {
    let (days, priority) = match elder.tier {
        CareTier::HighRisk => (3, 20),
        CareTier::Key => (7, 10),
        CareTier::General => (14, 0),
    };
    let (kind, instructions) = match number % 7 {
        5 => (VisitKind::SafetyCheck, "检查电线、燃气与取暖设备"),
        6 => (VisitKind::PolicyBriefing, "讲解医保缴费与高龄津贴"),
        _ => (VisitKind::HomeVisit, "看看精神和饮食，问问还缺什么"),
    };
    let hours = i64::try_from(number % 24).unwrap_or_default();
    Plan {
        id: None,
        household: elder.household,
        resident: Some(elder.id),
        kind,
        starts_at: now - Duration::hours(1),
        due_at: now + Duration::days(days) + Duration::hours(hours),
        priority,
        instructions: Some(instructions.to_owned()),
        follows: None,
    }
}

/// How many usable open visits each grid has, and who has one.
async fn open_visits(
    place: &Workplace,
    now: DateTime<Utc>,
) -> Result<(HashMap<Uuid, usize>, Vec<Uuid>)> {
    let rows = visit_task::Entity::find()
        .filter(visit_task::Column::Status.eq(VisitStatus::Open))
        .filter(visit_task::Column::DueAt.gt(now + Duration::days(1)))
        // Meals are claimed in batches.
        .filter(visit_task::Column::BatchId.is_null())
        .all(&place.db.unscoped(REASON))
        .await?;
    let mut open: HashMap<Uuid, usize> = HashMap::new();
    for row in &rows {
        *open.entry(row.grid_id).or_default() += 1;
    }
    Ok((
        open,
        rows.into_iter().filter_map(|row| row.resident_id).collect(),
    ))
}

/// Enrolled elders, in the order in which they were enrolled.
pub(super) async fn elders(place: &Workplace) -> Result<Vec<Elder>> {
    let rows = care_enrolment::Entity::find()
        .filter(care_enrolment::Column::ToOn.is_null())
        .order_by_asc(care_enrolment::Column::Id)
        .find_also_related(resident::Entity)
        .all(&place.db.unscoped(REASON))
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(|(enrolment, resident)| {
            let resident = resident.filter(|resident| resident.deceased_on.is_none())?;
            Some(Elder {
                id: resident.id,
                household: resident.household_id,
                grid: enrolment.grid_id,
                area: enrolment.area_id,
                tier: enrolment.tier,
            })
        })
        .collect())
}

/// The community above an area.
pub(super) fn community_of(app: &App, area: Uuid) -> Result<Uuid> {
    let tree = app.sessions.tree();
    let mut current = area;
    while let Some(node) = tree.get(current) {
        match (node.kind, node.parent) {
            (AreaKind::Community, _) => return Ok(current),
            (_, Some(parent)) => current = parent,
            (_, None) => break,
        }
    }
    Err(Error::internal("a demo building lies in no community"))
}

/// A request of somebody with this role at an area, without a phone and a token.
pub(super) async fn staff(
    app: &Arc<App>,
    place: &Workplace,
    accounts: &[DemoAccount],
    (role, area): (Role, Uuid),
) -> Result<Cx> {
    let tree = app.sessions.tree();
    let code = tree
        .get(area)
        .map(|node| node.code.clone())
        .unwrap_or_default();
    let staff = accounts
        .iter()
        .find(|account| account.role == role && account.area_code == code)
        .ok_or_else(|| Error::internal("a demo area has no staff"))?;
    let hash = sealed::hash(&place.keys, Field::Phone, staff.phone.as_str());
    let account = account::Entity::find()
        .filter(account::Column::PhoneHash.eq(hash))
        .one(&place.db.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::internal("a demo account is missing"))?;
    let actor = Actor {
        account: account.id,
        session: Uuid::nil(),
        grants: vec![(role, vec![area])],
        tree,
    };
    let id = place.clock.new_id().to_string();
    Ok(Cx::new(
        Arc::clone(app),
        Some(Arc::new(actor)),
        Language::Chinese,
        id.into(),
    ))
}
