//! Who is on duty.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::{absence, duty_shift};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use crate::access::holders::{Grants, holders};
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

/// Who works at the desks of some areas, whose turn it is there and who is away: read once for many questions.
pub struct Duty<'g> {
    grants: &'g Grants<'g>,
    turns: Vec<duty_shift::Model>,
    away: HashMap<Uuid, Option<Uuid>>,
}

impl<'g> Duty<'g> {
    /// Reads it for the areas of these grants and those above them, and for who handles alarms there.
    pub async fn load(
        handle: &impl Handle,
        grants: &'g Grants<'g>,
        now: DateTime<Utc>,
    ) -> Result<Self> {
        let turns = duty_shift::Entity::find()
            .filter(duty_shift::Column::AreaId.is_in(grants.areas().iter().copied()))
            .filter(duty_shift::Column::FromAt.lte(now))
            .filter(duty_shift::Column::UntilAt.gt(now))
            .order_by_asc(duty_shift::Column::Id)
            .all(&handle.unscoped(REASON))
            .await?;
        let everybody = grants.accounts(&[Permission::DeskRead, Permission::AlarmHandle]);
        let everybody: Vec<Uuid> = everybody.into_iter().collect();
        Ok(Self {
            grants,
            turns,
            away: away(handle, &everybody, now).await?,
        })
    }

    /// Whether somebody is away.
    #[must_use]
    pub fn is_away(&self, account: Uuid) -> bool {
        self.away.contains_key(&account)
    }

    /// Who is on duty at this very area, each once; nobody where nobody works at its desk.
    #[must_use]
    pub fn at(&self, area: Uuid) -> Vec<OnDuty> {
        let able = self.grants.holders(Permission::DeskRead, area);
        let is_able = |account: Uuid| able.iter().any(|holder| holder.account == account);
        let turns = self.turns.iter().filter(|turn| turn.area_id == area);
        let turns = turns.map(|turn| turn.account_id);
        let turns: Vec<Uuid> = turns.filter(|account| is_able(*account)).collect();
        let asked: Vec<Uuid> = if turns.is_empty() {
            let here = able.iter().filter(|holder| holder.area == area);
            here.map(|holder| holder.account).collect()
        } else {
            turns
        };
        let mut on_duty: Vec<OnDuty> = Vec::with_capacity(asked.len());
        for account in asked {
            let one = match self.away.get(&account) {
                None => OnDuty {
                    account,
                    stands_in_for: None,
                },
                Some(Some(stand_in)) if !self.is_away(*stand_in) && is_able(*stand_in) => OnDuty {
                    account: *stand_in,
                    stands_in_for: Some(account),
                },
                Some(_) => continue,
            };
            if on_duty.iter().all(|known| known.account != one.account) {
                on_duty.push(one);
            }
        }
        on_duty
    }
}

/// Who is on duty at this very area at `now`, as [`Duty::at`] tells.
pub async fn on_duty(
    handle: &impl Handle,
    (tree, now): (&AreaTree, DateTime<Utc>),
    area: Uuid,
) -> Result<Vec<OnDuty>> {
    let grants = Grants::load(handle, (tree, now), [area]).await?;
    Ok(Duty::load(handle, &grants, now).await?.at(area))
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
