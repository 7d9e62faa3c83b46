//! The person behind a request, and what their live grants allow.

use std::sync::Arc;

use entity::enums::Role;
use uuid::Uuid;

use super::policy::{self, Permission};
use super::scope::{Grant, Scoped, ScopedEntity};
use crate::areas::tree::AreaTree;
use crate::error::{Code, Error, Result, Stop};

/// A signed-in person with the grants that are live now.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account.
    pub account: Uuid,
    /// The session (device) the access token belongs to.
    pub session: Uuid,
    /// Role by role, the areas granted.
    pub grants: Vec<(Role, Vec<Uuid>)>,
    /// The area tree as this server knows it, at most a few seconds old.
    pub tree: Arc<AreaTree>,
}

impl Actor {
    /// The areas at which a live grant allows `permission`.
    #[must_use]
    pub fn areas(&self, permission: Permission) -> Vec<Uuid> {
        self.areas_as(permission, |_| true)
    }

    /// As [`Actor::areas`], by grants of the roles that `counts` lets through.
    #[must_use]
    pub fn areas_as(&self, permission: Permission, counts: impl Fn(Role) -> bool) -> Vec<Uuid> {
        let mut areas: Vec<Uuid> = self
            .grants
            .iter()
            .filter(|(role, _)| counts(*role) && policy::allows(*role, permission))
            .flat_map(|(_, areas)| areas.iter().copied())
            .collect();
        areas.sort_unstable();
        areas.dedup();
        areas
    }

    /// Whether any live grant allows `permission` somewhere.
    #[must_use]
    pub fn ever(&self, permission: Permission) -> bool {
        self.grants
            .iter()
            .any(|(role, areas)| policy::allows(*role, permission) && !areas.is_empty())
    }

    /// Stops the operation with `FORBIDDEN` unless some live grant allows `permission`.
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.ever(permission) {
            Ok(())
        } else {
            Err(Stop::Forbidden.into())
        }
    }

    /// Whether `permission` holds at `area`, judged by the tree in memory: for reading only.
    #[must_use]
    pub fn may(&self, permission: Permission, area: Uuid) -> bool {
        self.grants.iter().any(|(role, areas)| {
            policy::allows(*role, permission)
                && areas.iter().any(|above| self.tree.covers(*above, area))
        })
    }

    /// The proof an insert at `area` takes: `permission` holds there.
    ///
    /// An area outside the scope is `NOT_FOUND`.
    pub fn grant_at(&self, permission: Permission, area: Uuid) -> Result<Grant> {
        if self.may(permission, area) {
            Ok(Grant::new(area))
        } else {
            Err(Error::refused(Code::NotFound))
        }
    }

    /// The rows of `E` on which `permission` holds: the start of every read and write.
    #[must_use]
    pub fn scoped<E: ScopedEntity>(&self, permission: Permission) -> Scoped<'_, E> {
        Scoped::new(self, permission)
    }
}
