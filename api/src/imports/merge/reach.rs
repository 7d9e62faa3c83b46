//! How far an import reaches: everywhere for the operator, within their areas for staff.

use std::sync::Arc;

use entity::enums::{AccountStatus, Role};
use entity::{account, area, role_grant};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::access::policy;
use crate::access::sessions::live_at;
use crate::areas::tree::{AreaEntry, AreaTree};
use crate::audit::service::Author;
use crate::db::{Db, Handle as _, Tx};
use crate::error::{Result, Stop};

use super::Import;

const REASON: &str = "an import reaches as far as the grants of whoever imports";

/// Staff who import a file: in their name, within their areas.
#[derive(Clone, Debug)]
pub struct Staff {
    /// Their account.
    pub account: Uuid,
    /// Names the request in the audit.
    pub request_id: Arc<str>,
    /// The grants that let them import this kind of file.
    pub grants: Vec<(Role, Uuid)>,
}

/// Where an import may read and write.
#[derive(Debug)]
pub enum Reach {
    /// The operator's command: everywhere.
    Everywhere,
    /// Below the areas of these grants.
    Within {
        /// Whose import it is.
        staff: Staff,
        /// The areas as they are when it begins.
        tree: AreaTree,
    },
}

impl Reach {
    /// The reach of whoever imports.
    pub async fn read(db: &Db, staff: Option<Staff>) -> Result<Self> {
        let Some(staff) = staff else {
            return Ok(Self::Everywhere);
        };
        let areas = area::Entity::find().all(&db.unscoped(REASON)).await?;
        Ok(Self::Within {
            staff,
            tree: tree(&areas),
        })
    }

    /// Whether rows at this area are theirs to import.
    pub fn covers(&self, area: Uuid) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Within { staff, tree } => {
                let mut granted = staff.grants.iter();
                granted.any(|(_, above)| tree.covers(*above, area))
            }
        }
    }

    /// Whether they may grant this role there. Administrators are granted one by one, never by a file.
    pub fn may_grant(&self, role: Role, area: Uuid) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Within { staff, tree } => {
                role != Role::Admin
                    && staff.grants.iter().any(|(own, above)| {
                        tree.covers(*above, area) && policy::grantable(*own).contains(&role)
                    })
            }
        }
    }

    /// Stops an import whose staff have lost a grant since it began; judged in the merging transaction.
    pub async fn still_holds(&self, import: &Import<'_>, tx: &Tx) -> Result<()> {
        let Self::Within { staff, .. } = self else {
            return Ok(());
        };
        let connection = tx.unscoped(REASON);
        let live = role_grant::Entity::find()
            .filter(role_grant::Column::AccountId.eq(staff.account))
            .filter(live_at(import.clock.now()))
            .all(&connection)
            .await?;
        let holds = |(role, area): &(Role, Uuid)| {
            let mut live = live.iter();
            live.any(|grant| grant.role == *role && grant.area_id == *area)
        };
        let person = account::Entity::find_by_id(staff.account)
            .one(&connection)
            .await?;
        let is_active = person.is_some_and(|person| person.status == AccountStatus::Active);
        if is_active && staff.grants.iter().all(holds) {
            Ok(())
        } else {
            Err(Stop::TokenStale.into())
        }
    }

    /// Whose act the import is.
    pub fn author<'a>(&'a self, import: &Import<'a>) -> Author<'a> {
        let operator = Author::operator(import.keys, import.clock);
        match self {
            Self::Everywhere => operator,
            Self::Within { staff, .. } => Author {
                actor: Some(staff.account),
                request_id: Some(&staff.request_id),
                ..operator
            },
        }
    }
}

/// The tree of these areas.
pub fn tree(areas: &[area::Model]) -> AreaTree {
    let entries = areas.iter().map(|area| AreaEntry {
        id: area.id,
        parent: area.parent_id,
        kind: area.kind,
        code: area.code.clone(),
        name: area.name.clone(),
        retired_on: area.retired_on,
    });
    AreaTree::new(entries.collect())
}
