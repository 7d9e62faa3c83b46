//! Wishes in a service record: what somebody lent a hand for, once another has verified the minutes.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{HandPart, HandStatus, ServiceCategory};
use entity::{wish, wish_hand};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait, FromQueryResult};
use uuid::Uuid;

use super::people::Person;
use super::rules::Days;
use crate::access::scope::reach;
use crate::clock::{SHANGHAI, local_date};
use crate::db::Handle;
use crate::error::Result;

/// A verified hand in a service record.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Hand {
    /// The wish.
    pub wish_id: Uuid,
    /// Whose hand.
    pub account_id: Uuid,
    /// Where it was lent.
    pub area_id: Uuid,
    /// What kind of service.
    pub category: ServiceCategory,
    /// What they did.
    pub part: HandPart,
    /// How long, in minutes.
    pub minutes: i32,
    /// When it was done.
    pub ends_at: DateTime<Utc>,
}

impl Hand {
    /// The day to which it counts.
    #[must_use]
    pub fn on(&self) -> NaiveDate {
        local_date(self.ends_at, SHANGHAI)
    }
}

/// Selects verified hands in order of time.
fn verified(select: &mut SelectStatement) {
    use wish_hand::Column as C;
    for column in [
        C::WishId,
        C::AccountId,
        C::AreaId,
        C::Part,
        C::Minutes,
        C::EndsAt,
    ] {
        select.column((wish_hand::Entity, column));
    }
    select
        .column((wish::Entity, wish::Column::Category))
        .inner_join(
            wish::Entity,
            Expr::col((wish::Entity, wish::Column::Id)).equals((wish_hand::Entity, C::WishId)),
        )
        .and_where(Expr::col((wish_hand::Entity, C::Status)).eq(HandStatus::Verified))
        .order_by((wish_hand::Entity, C::EndsAt), Order::Asc)
        .order_by((wish_hand::Entity, C::Id), Order::Asc);
}

/// The verified hands of these people, in order of time.
pub(super) async fn hands(handle: &impl Handle, people: &[Person]) -> Result<Vec<Hand>> {
    reach::<_, wish_hand::Entity, Hand>(handle, people, verified).await
}

/// How many wishes and minutes each volunteer has on these days in these areas; the caller's connection has been
/// given a reason.
pub(super) async fn of_areas(
    connection: &impl ConnectionTrait,
    (below, days): (&HashSet<Uuid>, Days),
) -> Result<HashMap<Uuid, (i64, i64)>> {
    let (from, to) = days.around();
    let mut select = Query::select();
    select
        .from(wish_hand::Entity)
        .and_where(wish_hand::Column::EndsAt.gte(from))
        .and_where(wish_hand::Column::EndsAt.lt(to));
    verified(&mut select);
    let mut found: HashMap<Uuid, (i64, i64)> = HashMap::new();
    for row in connection.query_all(&select).await? {
        let hand = Hand::from_query_result(&row, "")?;
        if days.holds(hand.on()) && below.contains(&hand.area_id) {
            let (wishes, minutes) = found.entry(hand.account_id).or_default();
            *wishes += 1;
            *minutes += i64::from(hand.minutes);
        }
    }
    Ok(found)
}
