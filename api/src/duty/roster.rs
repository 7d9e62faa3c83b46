//! Who is on duty.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{absence, duty_shift};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::areas::tree::AreaTree;
use crate::db::Handle;
use crate::error::Result;

const REASON: &str = "who is on duty is asked for whoever is to be told";

/// Somebody on duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnDuty {
    /// Who.
    pub account: Uuid,
    /// In whose stead.
    pub stands_in_for: Option<Uuid>,
}

/// Who is on duty at this very area at `now`, each once; nobody where nobody works at its desk.
pub async fn on_duty(
    handle: &impl Handle,
    (tree, now): (&AreaTree, DateTime<Utc>),
    area: Uuid,
) -> Result<Vec<OnDuty>> {
    let able = holders(handle, (tree, now), (Permission::DeskRead, area)).await?;
    let turns: Vec<Uuid> = turns(handle, area, now)
        .await?
        .into_iter()
        .filter(|account| able.iter().any(|holder| holder.account == *account))
        .collect();
    let asked: Vec<Uuid> = if turns.is_empty() {
        let here = able.iter().filter(|holder| holder.area == area);
        here.map(|holder| holder.account).collect()
    } else {
        turns
    };
    let everybody: Vec<Uuid> = able.iter().map(|holder| holder.account).collect();
    let away = away(handle, &everybody, now).await?;
    let mut on_duty: Vec<OnDuty> = Vec::with_capacity(asked.len());
    for account in asked {
        let one = match away.get(&account) {
            None => OnDuty {
                account,
                stands_in_for: None,
            },
            Some(Some(stand_in))
                if !away.contains_key(stand_in)
                    && able.iter().any(|holder| holder.account == *stand_in) =>
            {
                OnDuty {
                    account: *stand_in,
                    stands_in_for: Some(account),
                }
            }
            Some(_) => continue,
        };
        if on_duty.iter().all(|known| known.account != one.account) {
            on_duty.push(one);
        }
    }
    Ok(on_duty)
}

/// Everybody who answers for this very area, though they may be away: whom to tell where nobody is left.
pub async fn answering(
    handle: &impl Handle,
    (tree, now): (&AreaTree, DateTime<Utc>),
    area: Uuid,
) -> Result<Vec<OnDuty>> {
    let able = holders(handle, (tree, now), (Permission::DeskRead, area)).await?;
    let here = able.iter().filter(|holder| holder.area == area);
    let mut people: Vec<OnDuty> = Vec::new();
    for holder in here {
        let one = OnDuty {
            account: holder.account,
            stands_in_for: None,
        };
        if !people.contains(&one) {
            people.push(one);
        }
    }
    Ok(people)
}

/// Whose turn it is at an area.
async fn turns(handle: &impl Handle, area: Uuid, now: DateTime<Utc>) -> Result<Vec<Uuid>> {
    let shifts = duty_shift::Entity::find()
        .filter(duty_shift::Column::AreaId.eq(area))
        .filter(duty_shift::Column::FromAt.lte(now))
        .filter(duty_shift::Column::UntilAt.gt(now))
        .order_by_asc(duty_shift::Column::Id)
        .all(&handle.unscoped(REASON))
        .await?;
    Ok(shifts.into_iter().map(|shift| shift.account_id).collect())
}

/// Which of these are away, each with who stands in.
pub async fn away(
    handle: &impl Handle,
    accounts: &[Uuid],
    now: DateTime<Utc>,
) -> Result<HashMap<Uuid, Option<Uuid>>> {
    let absences = absence::Entity::find()
        .filter(absence::Column::AccountId.is_in(accounts.iter().copied()))
        .filter(absence::Column::FromAt.lte(now))
        .filter(absence::Column::UntilAt.gt(now))
        .all(&handle.unscoped(REASON))
        .await?;
    Ok(absences
        .into_iter()
        .map(|row| (row.account_id, row.stand_in_id))
        .collect())
}
