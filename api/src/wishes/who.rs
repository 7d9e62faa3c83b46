//! Who acts for whom about a wish: partners' people, and whoever lends a hand.

use entity::enums::{BookingStatus, HandPart, PartnerStatus};
use entity::{booking, partner, partner_area, partner_member, service_offer, wish, wish_hand};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::bookings::rules::LIVE;
use super::hands;
use super::rules::FIRST;
use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::access::scope::{partners_of, reads, still_acts};
use crate::context::Cx;
use crate::db::{Handle, Tx};
use crate::error::Result;

const OWN: &str = "the partners for whom the actor acts";
const HELD: &str = "hands and bookings of the wishes that a scope let through";

/// The partners that work with a community and for whom the actor acts.
pub(super) async fn partners(cx: &Cx, handle: &impl Handle) -> Result<Vec<Uuid>> {
    let actor = cx.actor()?;
    let acting = partner_member::Entity::find()
        .select_only()
        .column(partner_member::Column::PartnerId)
        .inner_join(partner::Entity)
        .filter(partner_member::Column::AccountId.eq(actor.account))
        .filter(partner_member::Column::EndedAt.is_null())
        .filter(partner::Column::Status.eq(PartnerStatus::Active))
        .into_tuple()
        .all(&handle.unscoped(OWN))
        .await?;
    Ok(acting)
}

/// Those of these partners to which the place of a wish is opened.
pub(super) async fn opened(
    cx: &Cx,
    tx: &Tx,
    (partners, area): (Vec<Uuid>, Uuid),
) -> Result<Vec<Uuid>> {
    use partner_area::Column as C;
    let tree = cx.app.sessions.tree();
    let places: Vec<(Uuid, Uuid)> = partner_area::Entity::find()
        .select_only()
        .columns([C::PartnerId, C::AreaId])
        .filter(C::PartnerId.is_in(partners.iter().copied()))
        .filter(C::ClosedAt.is_null())
        .into_tuple()
        .all(&tx.unscoped(OWN))
        .await?;
    let mut opened = partners;
    opened.retain(|id| {
        let mut own = places.iter().filter(|(partner, _)| partner == id);
        own.any(|(_, above)| tree.covers(*above, area))
    });
    Ok(opened)
}

/// Whether the actor may take on wishes there in their own name, by another role than a partner's.
pub(super) fn helps_in_person(actor: &Actor, area: Uuid) -> bool {
    let own = actor.areas_as(Permission::WishHelp, |role| {
        role != entity::enums::Role::Partner
    });
    own.iter().any(|above| actor.tree.covers(*above, area))
}

/// The wishes that the actor carries out: as their doer, or as one of their partner's people.
#[must_use]
pub fn carried_by(actor: &Actor) -> SimpleExpr {
    let doer = Query::select()
        .column(wish_hand::Column::WishId)
        .from(wish_hand::Entity)
        .and_where(wish_hand::Column::AccountId.eq(actor.account))
        .and_where(wish_hand::Column::Part.eq(HandPart::Doer))
        .and_where(wish_hand::Column::Status.is_in(hands::rules::CARRIED))
        .and_where(still_acts(actor))
        .to_owned();
    let column = |column| Expr::col((wish::Entity, column));
    column(wish::Column::Id)
        .in_subquery(doer)
        .or(column(wish::Column::PartnerId).in_subquery(partners_of(actor)))
}

/// What calls the actor, or what they see anyway. An open wish that is matched to an offer is a call to that
/// offer's partner alone, and to whoever helps in person.
pub(super) fn called(actor: &Actor) -> Condition {
    let own = Query::select()
        .column(service_offer::Column::Id)
        .from(service_offer::Entity)
        .and_where(service_offer::Column::PartnerId.in_subquery(partners_of(actor)))
        .to_owned();
    let column = |column| Expr::col((wish::Entity, column));
    let offer = || column(wish::Column::OfferId);
    let call = column(wish::Column::Status)
        .eq(FIRST)
        .and(offer().is_null().or(offer().in_subquery(own)));
    Condition::any()
        .add(call)
        .add(reads::<wish::Entity>(actor, Permission::WishRead))
}

/// Everybody who lends a hand for these wishes and has not left, in the order in which they came.
pub(super) async fn hands_of(
    handle: &impl Handle,
    wishes: &[Uuid],
) -> Result<Vec<wish_hand::Model>> {
    use wish_hand::Column as C;
    let rows = wish_hand::Entity::find()
        .filter(C::WishId.is_in(wishes.iter().copied()))
        .filter(C::Status.is_in(hands::rules::LENT))
        .order_by_asc(C::Id)
        .all(&handle.unscoped(HELD))
        .await?;
    Ok(rows)
}

/// The live booking of each of these wishes that has one: the wish and how the booking stands.
pub(super) async fn bookings_of(
    handle: &impl Handle,
    wishes: &[Uuid],
) -> Result<Vec<(Uuid, BookingStatus)>> {
    use booking::Column as C;
    let rows = booking::Entity::find()
        .select_only()
        .columns([C::WishId, C::Status])
        .filter(C::WishId.is_in(wishes.iter().copied()))
        .filter(C::Status.is_in(LIVE))
        .into_tuple()
        .all(&handle.unscoped(HELD))
        .await?;
    Ok(rows)
}
