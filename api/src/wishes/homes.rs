//! Wishes follow the households that ask.
//!
//! What is still to be fulfilled or waits for the household's word goes along, with its live booking and those who
//! lend a hand; what is closed stays where it was done.

use std::collections::BTreeMap;

use entity::enums::ChangeKind;
use entity::{booking, household, wish, wish_hand};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use uuid::Uuid;

use super::bookings::{self, rules::LIVE};
use super::hands::follow::{Turn, follow};
use super::hands::rules::CARRIED;
use super::moves;
use super::rules::{Action, UNFINISHED, WAITING};
use crate::access::policy::Permission;
use crate::access::scope::copied;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;

/// Takes the wishes of households to where these are by now; each came from the area beside it.
pub async fn follow_households(
    cx: &Cx,
    tx: &Tx,
    before: &BTreeMap<Uuid, Uuid>,
) -> Result<Vec<Changed>> {
    let homes: Vec<Uuid> = before.keys().copied().collect();
    let wishes = resettle(cx, tx, (&homes, None)).await?;
    Ok(changes(&wishes, |wish| before.get(&wish.household_id)))
}

/// Takes the wishes of a household to the one it was merged into.
pub async fn hand_over(
    cx: &Cx,
    tx: &Tx,
    from: &household::Model,
    into: &household::Model,
) -> Result<Vec<Changed>> {
    let wishes = resettle(cx, tx, (&[from.id], Some(into.id))).await?;
    Ok(changes(&wishes, |_| Some(&from.area_id)))
}

/// Bookings, wishes and hands, in the order in which every write holds them.
async fn resettle(
    cx: &Cx,
    tx: &Tx,
    (homes, into): (&[Uuid], Option<Uuid>),
) -> Result<Vec<wish::Model>> {
    use household::Column as H;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    if let Some(into) = into {
        // Two households that each had one booking of an offer keep both.
        use booking::Column as B;
        actor
            .scoped::<booking::Entity>(Permission::ResidentEdit)
            .filter(B::HouseholdId.is_in(homes.iter().copied()))
            .filter(B::Status.is_in(LIVE))
            .update(tx, |update| {
                update.value(B::IsSingle, false).value(B::HouseholdId, into);
            })
            .await?;
    }
    let there = into.map_or_else(|| homes.to_vec(), |into| vec![into]);
    actor
        .scoped::<booking::Entity>(Permission::ResidentEdit)
        .filter(booking::Column::HouseholdId.is_in(there))
        .filter(booking::Column::Status.is_in(LIVE))
        .update(tx, |update| {
            use booking::Column as B;
            let place = |column| {
                copied::<household::Entity, booking::Entity>(column, H::Id, B::HouseholdId)
            };
            update
                .value(B::AreaId, place(H::AreaId))
                .value(B::GridId, place(H::GridId))
                .value(B::Version, Expr::col(B::Version).add(1))
                .value(B::UpdatedAt, now);
        })
        .await?;
    let wishes = actor
        .scoped::<wish::Entity>(Permission::ResidentEdit)
        .filter(wish::Column::HouseholdId.is_in(homes.iter().copied()))
        .filter(wish::Column::Status.is_in(WAITING))
        .update(tx, |update| {
            use wish::Column as W;
            let place = |column| match into {
                Some(into) => of_home(column, into),
                None => copied::<household::Entity, wish::Entity>(column, H::Id, W::HouseholdId),
            };
            if let Some(into) = into {
                update.value(W::HouseholdId, into);
            }
            update
                .value(W::AreaId, place(H::AreaId))
                .value(W::GridId, place(H::GridId))
                .value(W::Version, Expr::col(W::Version).add(1))
                .value(W::UpdatedAt, now);
        })
        .await?;
    actor
        .scoped::<wish_hand::Entity>(Permission::ResidentEdit)
        .filter(wish_hand::Column::WishId.is_in(wishes.iter().map(|wish| wish.id)))
        .filter(wish_hand::Column::Status.is_in(CARRIED))
        .update(tx, |update| {
            use wish_hand::Column as C;
            let place = |column| {
                copied::<wish::Entity, wish_hand::Entity>(column, wish::Column::Id, C::WishId)
            };
            update
                .value(C::AreaId, place(wish::Column::AreaId))
                .value(C::GridId, place(wish::Column::GridId))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, now);
        })
        .await?;
    Ok(wishes)
}

/// The place of a wish whose household may have moved since.
pub(super) fn where_they_live(home: Uuid) -> [(wish::Column, SimpleExpr); 2] {
    use household::Column as H;
    [
        (wish::Column::AreaId, of_home(H::AreaId, home)),
        (wish::Column::GridId, of_home(H::GridId, home)),
    ]
}

fn of_home(column: household::Column, home: Uuid) -> SimpleExpr {
    let select = sea_orm::sea_query::Query::select()
        .column(column)
        .from(household::Entity)
        .and_where(household::Column::Id.eq(home))
        .to_owned();
    SimpleExpr::SubQuery(None, Box::new(select.into()))
}

/// Characters of the reason for which a wish is withdrawn.
const REASON: usize = 180;

/// Withdraws what a household that is closed still wished for.
pub async fn withdraw_all(cx: &Cx, tx: &Tx, (home, reason): (Uuid, &str)) -> Result<Vec<Changed>> {
    use wish::Column as C;
    let actor = cx.actor()?;
    // A household's reason may be longer than a wish's.
    let reason: String = reason.chars().take(REASON).collect();
    let wishes = actor
        .scoped::<wish::Entity>(Permission::ResidentEdit)
        .filter(C::HouseholdId.eq(home))
        .filter(C::Status.is_in(UNFINISHED))
        .all(tx)
        .await?;
    let mut changed = Vec::new();
    for wish in &wishes {
        let action = Action::Withdraw;
        changed.extend(bookings::follow::follow(cx, tx, (wish.id, action)).await?);
        let values = vec![
            (C::EndReason, Expr::value(reason.as_str())),
            (C::EndedBy, Expr::value(actor.account)),
            (C::CodeHash, Expr::value(None::<String>)),
        ];
        let moved = moves::carry_out(&cx.app, tx, (action, &[wish.id]), values).await?;
        follow(&cx.app, tx, (&[wish.id], Turn::Off)).await?;
        changed.extend(changes(&moved, |wish| Some(&wish.area_id)));
    }
    Ok(changed)
}

fn changes<'a>(
    wishes: &'a [wish::Model],
    before: impl Fn(&'a wish::Model) -> Option<&'a Uuid>,
) -> Vec<Changed> {
    let changed = |wish: &'a wish::Model| Changed {
        kind: ChangeKind::Wish,
        id: wish.id,
        area_before: before(wish).copied(),
        area_after: Some(wish.area_id),
    };
    wishes.iter().map(changed).collect()
}
