//! Escalations follow the people they are about.

use entity::{escalation, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};

use crate::access::policy::Permission;
use crate::access::scope::copied;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;

/// Takes what is not settled of these people to where they live by now: whoever answers there is told
/// from then on.
pub async fn follow(
    cx: &Cx,
    tx: &Tx,
    people: &[resident::Model],
) -> Result<Vec<escalation::Model>> {
    use escalation::Column as C;
    let place = |column| {
        copied::<resident::Entity, escalation::Entity>(column, resident::Column::Id, C::ResidentId)
    };
    cx.actor()?
        .scoped::<escalation::Entity>(Permission::ResidentEdit)
        .filter(C::ResidentId.is_in(people.iter().map(|row| row.id)))
        .filter(C::SettledAt.is_null())
        .update(tx, |update| {
            update
                .value(C::AreaId, place(resident::Column::AreaId))
                .value(C::GridId, place(resident::Column::GridId))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
}
