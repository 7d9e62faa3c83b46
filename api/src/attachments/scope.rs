//! Whose evidence is whose: it lies where its check or wish lies.

use entity::{attachment, certification_check, wish};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, ExprTrait as _};
use uuid::Uuid;

use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::access::scope::{Reaches, Scoped, reads};
use crate::wishes::rules::TAKEN;
use crate::wishes::who::carried_by;

/// Whoever sees a check sees what proves it.
impl Reaches<attachment::Entity> for certification_check::Model {
    fn key(&self) -> Uuid {
        self.id
    }

    fn column() -> attachment::Column {
        attachment::Column::CheckId
    }
}

/// Whoever may see a wish's pictures reads them through the wish (`pictured`).
impl Reaches<attachment::Entity> for wish::Model {
    fn key(&self) -> Uuid {
        self.id
    }

    fn column() -> attachment::Column {
        attachment::Column::WishId
    }
}

/// The wishes that the actor may prove by pictures: those that they are to carry out.
pub(super) fn to_prove(actor: &Actor) -> Scoped<'_, wish::Entity> {
    actor
        .scoped::<wish::Entity>(Permission::WishRead)
        .filter(carried_by(actor))
        .filter(wish::Column::Status.is_in(TAKEN))
}

/// The wishes whose pictures the actor sees: those that they are to carry out, until that is done, and those of staff
/// who see the household.
pub(super) fn pictured(actor: &Actor) -> Scoped<'_, wish::Entity> {
    let to_do = carried_by(actor).and(wish::Column::Status.is_in(TAKEN));
    let any = Condition::any()
        .add(to_do)
        .add(reads::<wish::Entity>(actor, Permission::ResidentRead));
    actor
        .scoped::<wish::Entity>(Permission::WishRead)
        .filter(any)
}
