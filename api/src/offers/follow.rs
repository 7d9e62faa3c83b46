//! What becomes of what a partner offers when the partner ends, or an area is closed to it.

use entity::enums::ChangeKind;
use entity::{offer_area, partner, service_offer, slot_series};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use super::edit::{ITS_AREAS, standing_somewhere};
use super::rules::{Action, SHOWN};
use super::slots::free::call_off;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::partners::reads::opened;
use crate::wishes::hands::follow as wishes;

const ITS_OFFERS: &str = "what a partner offers that the scope let through";

/// Withdraws what an ended partner offers, ends its series and calls its slots off that nobody has booked; the wishes
/// that it had taken on without a booking are given back.
pub(crate) async fn partner_ended(
    cx: &Cx,
    tx: &Tx,
    (partner, reason): (&partner::Model, &str),
) -> Result<Vec<Changed>> {
    use service_offer::Column as C;
    use slot_series::Column as S;
    let withdrawn = withdraw(cx, tx, C::PartnerId.eq(partner.id)).await?;
    let now = cx.app.clock.now();
    slot_series::Entity::update_many()
        .col_expr(S::EndedAt, Expr::value(now))
        .col_expr(S::Version, Expr::col(S::Version).add(1))
        .col_expr(S::UpdatedAt, Expr::value(now))
        .filter(S::PartnerId.eq(partner.id))
        .filter(S::EndedAt.is_null())
        .exec(&tx.unscoped(ITS_OFFERS))
        .await?;
    let its = entity::service_slot::Column::PartnerId.eq(partner.id);
    let gone = call_off(tx, now, (its, reason)).await?;
    let mut changed: Vec<Changed> = withdrawn.iter().map(offer_changed).collect();
    changed.extend(gone.iter().map(super::slots::changed));
    changed.extend(wishes::partner_ended(&cx.app, tx, partner.id).await?);
    Ok(changed)
}

/// Takes what a partner offers out of the areas that are opened to it no more, and withdraws what is left
/// without any.
pub(crate) async fn area_closed(
    cx: &Cx,
    tx: &Tx,
    partner: &partner::Model,
) -> Result<Vec<Changed>> {
    use offer_area::Column as A;
    use service_offer::Column as C;
    let own = Query::select()
        .column(C::Id)
        .from(service_offer::Entity)
        .and_where(C::PartnerId.eq(partner.id))
        .to_owned();
    let lost = Condition::all()
        .add(A::OfferId.in_subquery(own))
        .add(A::AreaId.not_in_subquery(opened(partner.id)));
    let connection = tx.unscoped(ITS_AREAS);
    let touched: Vec<Uuid> = offer_area::Entity::find()
        .select_only()
        .column(A::OfferId)
        .distinct()
        .filter(lost.clone())
        .into_tuple()
        .all(&connection)
        .await?;
    if touched.is_empty() {
        return Ok(Vec::new());
    }
    offer_area::Entity::delete_many()
        .filter(lost)
        .exec(&connection)
        .await?;
    let these = C::Id.is_in(touched.iter().copied());
    let nowhere = these
        .clone()
        .and(C::Status.eq(SHOWN))
        .and(C::Id.not_in_subquery(standing_somewhere()));
    withdraw(cx, tx, nowhere).await?;
    let rows = service_offer::Entity::update_many()
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(cx.app.clock.now()))
        .filter(these)
        .exec_with_returning(&tx.unscoped(ITS_OFFERS))
        .await?;
    Ok(rows.iter().map(offer_changed).collect())
}

async fn withdraw(cx: &Cx, tx: &Tx, which: Expr) -> Result<Vec<service_offer::Model>> {
    use service_offer::Column as C;
    let rows = service_offer::Entity::update_many()
        .col_expr(C::Status, Expr::value(Action::Withdraw.to()))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(cx.app.clock.now()))
        .filter(C::Status.is_in(Action::Withdraw.from()))
        .filter(which)
        .exec_with_returning(&tx.unscoped(ITS_OFFERS))
        .await?;
    Ok(rows)
}

fn offer_changed(row: &service_offer::Model) -> Changed {
    Changed::in_place(ChangeKind::ServiceOffer, row.id, Some(row.area_id))
}
