//! Lists of wishes: those one sees, and those that call one.

use entity::enums::{BookingStatus, HandPart, ServiceCategory, WishStatus, WishUrgency};
use entity::{booking, service_offer, wish, wish_hand};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query, SimpleExpr};
use uuid::Uuid;

use super::bookings::rules::LIVE;
use super::hands::rules::{CARRIED, LENT};
use super::load::{self, Columns, SeenWish};
use super::rules::{FIRST, JOINABLE};
use super::who;
use crate::access::policy::Permission;
use crate::access::scope::Scoped;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// Which wishes are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In one of these states.
    pub status: Vec<WishStatus>,
    /// Of one of these categories.
    pub category: Vec<ServiceCategory>,
    /// So urgent.
    pub urgency: Vec<WishUrgency>,
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// Of this household.
    pub household: Option<Uuid>,
    /// For which the actor lends a hand.
    pub mine: bool,
    /// Booked for sure or taken on, with a place for a doer or for helpers.
    pub needs_hands: bool,
}

/// Those of these wishes that the actor sees, in no order. Needs `WISH_READ` where they are, or to lend a hand.
pub async fn some(cx: &Cx, ids: &[Uuid], columns: &Columns) -> Result<Vec<SeenWish>> {
    let scoped = cx
        .actor()?
        .scoped::<wish::Entity>(Permission::WishRead)
        .ids(ids);
    load::wishes(cx, scoped, columns).await
}

/// A page of the wishes that the actor sees, the newest first. Needs `WISH_READ` where they are.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    (page, columns): (&Page<Uuid>, &Columns),
) -> Result<Rows<SeenWish>> {
    let scoped = paged(filtered(cx, Permission::WishRead, filter)?, page);
    Ok(Rows::new(load::wishes(cx, scoped, columns).await?, page))
}

/// How many wishes the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, Permission::WishRead, filter)?
        .count(&cx.app.db)
        .await
}

/// A page of the open wishes that call the actor, the newest first. Needs `WISH_HELP` where they are; of partners'
/// people only where the community opened a place to their partner.
pub async fn calls(
    cx: &Cx,
    filter: &Filter,
    (page, columns): (&Page<Uuid>, &Columns),
) -> Result<Rows<SeenWish>> {
    use wish::Column as C;
    let actor = cx.actor()?;
    let today = cx.app.clock.today(SHANGHAI);
    let scoped = filtered(cx, Permission::WishHelp, filter)?
        .filter(C::Status.eq(FIRST))
        .filter(C::ExpiresOn.is_null().or(C::ExpiresOn.gte(today)))
        .filter(who::called(actor));
    let scoped = paged(scoped, page);
    Ok(Rows::new(load::wishes(cx, scoped, columns).await?, page))
}

fn filtered<'a>(
    cx: &'a Cx,
    permission: Permission,
    filter: &Filter,
) -> Result<Scoped<'a, wish::Entity>> {
    use wish::Column as C;
    let actor = cx.actor()?;
    actor.require(permission)?;
    let mut scoped = actor.scoped::<wish::Entity>(permission);
    if !filter.status.is_empty() {
        scoped = scoped.filter(C::Status.is_in(filter.status.clone()));
    }
    if !filter.category.is_empty() {
        scoped = scoped.filter(C::Category.is_in(filter.category.clone()));
    }
    if !filter.urgency.is_empty() {
        scoped = scoped.filter(C::Urgency.is_in(filter.urgency.clone()));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(home) = filter.household {
        // Whose wish it is stays masked to others, and so does whether it is theirs.
        scoped = scoped
            .filter(C::HouseholdId.eq(home))
            .also(Permission::ResidentRead);
    }
    if filter.mine {
        let own = Query::select()
            .column(wish_hand::Column::WishId)
            .from(wish_hand::Entity)
            .and_where(wish_hand::Column::AccountId.eq(actor.account))
            .and_where(wish_hand::Column::Status.is_in(LENT))
            .to_owned();
        scoped = scoped.filter(C::Id.in_subquery(own));
    }
    if filter.needs_hands {
        scoped = scoped.filter(needs_hands(cx));
    }
    Ok(scoped)
}

/// What [`super::hands::join`] lets somebody join, but for the time they have.
fn needs_hands(cx: &Cx) -> Condition {
    use wish::Column as C;
    let own = |column| Expr::col((wish::Entity, column));
    let unsure = Query::select()
        .column(booking::Column::WishId)
        .from(booking::Entity)
        .and_where(booking::Column::Status.is_in(LIVE))
        .and_where(booking::Column::Status.ne(BookingStatus::Confirmed))
        .to_owned();
    let doer = Query::select()
        .column(wish_hand::Column::WishId)
        .from(wish_hand::Entity)
        .and_where(wish_hand::Column::Part.eq(HandPart::Doer))
        .and_where(wish_hand::Column::Status.is_in(CARRIED))
        .to_owned();
    let helpers = || {
        let count = Query::select()
            .expr(Expr::col(wish_hand::Column::Id).count())
            .from(wish_hand::Entity)
            .and_where(
                Expr::col((wish_hand::Entity, wish_hand::Column::WishId))
                    .equals((wish::Entity, C::Id)),
            )
            .and_where(wish_hand::Column::Part.eq(HandPart::Helper))
            .and_where(wish_hand::Column::Status.is_in(CARRIED))
            .to_owned();
        SimpleExpr::SubQuery(None, Box::new(count.into()))
    };
    let roomy = Query::select()
        .column(service_offer::Column::Id)
        .from(service_offer::Entity)
        .and_where(Expr::col((service_offer::Entity, service_offer::Column::Hands)).gt(helpers()))
        .to_owned();
    let now = cx.app.clock.now();
    Condition::all()
        .add(C::Status.eq(JOINABLE))
        .add(C::StartsAt.is_null().or(C::StartsAt.gt(now)))
        .add(own(C::Id).not_in_subquery(unsure))
        .add(
            Condition::any()
                .add(own(C::Id).not_in_subquery(doer))
                .add(own(C::Hands).gt(helpers()))
                .add(own(C::OfferId).in_subquery(roomy)),
        )
}

/// Cuts the page out of the list, reading one row more to know whether there are any.
fn paged<'a>(mut scoped: Scoped<'a, wish::Entity>, page: &Page<Uuid>) -> Scoped<'a, wish::Entity> {
    use wish::Column as C;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.gt(before));
    }
    let order = if page.backward {
        Order::Asc
    } else {
        Order::Desc
    };
    scoped.order_by(C::Id, order).limit(page.size + 1)
}
