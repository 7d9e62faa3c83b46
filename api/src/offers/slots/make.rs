//! Series make their slots eight weeks ahead.
//!
//! Run at any time and by several servers at once it makes the same slots: series and day are unique together.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use entity::enums::ChangeKind;
use entity::{partner, service_offer, service_slot, slot_exception, slot_series};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
    TryInsertResult,
};
use uuid::Uuid;

use super::rules::{AHEAD, OPEN, Pattern, Shape};
use crate::audit::service::{Act, Author, record_by};
use crate::changes::service::{self as changes, Changed};
use crate::clock::{Clock, SHANGHAI};
use crate::context::App;
use crate::db::{Handle, Tx};
use crate::error::{Error, Result};
use crate::offers::rules::OVER;
use crate::partners::{reads as partners, rules::LIVE};

const REASON: &str = "the server makes the slots of every series, wherever it is";

/// Makes the slots of every series that is to have some; says how many slots it made.
pub async fn make_slots(app: &App) -> Result<usize> {
    use service_offer::Column as O;
    use slot_series::Column as C;
    // Whether a series has not yet come to this last day.
    let before = |last: Expr| {
        last.clone()
            .is_null()
            .or(C::MadeUntilOn.into_expr().lt(last))
    };
    let horizon = app.clock.today(SHANGHAI) + AHEAD;
    let due: Vec<Uuid> = slot_series::Entity::find()
        .select_only()
        .column(C::Id)
        .inner_join(service_offer::Entity)
        .filter(C::EndedAt.is_null())
        .filter(
            C::MadeUntilOn.is_null().or(C::MadeUntilOn
                .lt(horizon)
                .and(before(C::EndsOn.into_expr()))
                .and(before(O::ValidUntilOn.into_expr()))),
        )
        .filter(O::Status.ne(OVER))
        .order_by_asc(C::Id)
        .into_tuple()
        .all(&app.db.unscoped(REASON))
        .await?;
    let mut made = 0;
    for series in due {
        made += one(app, series).await?;
    }
    Ok(made)
}

/// Makes the slots of one series, in a transaction of its own.
async fn one(app: &App, id: Uuid) -> Result<usize> {
    let tx = app.db.begin().await?;
    let connection = tx.unscoped(REASON);
    let series = slot_series::Entity::find_by_id(id);
    let Some(seen) = series.clone().one(&connection).await? else {
        return Ok(0);
    };
    // Its partner first, so that nobody changes it meanwhile.
    let partner = partners::hold(&tx, seen.partner_id).await?;
    let series = series.filter(slot_series::Column::EndedAt.is_null());
    let offer = service_offer::Entity::find_by_id(seen.offer_id);
    let (Some(series), Some(offer)) = (
        series.one(&connection).await?,
        offer.one(&connection).await?,
    ) else {
        return Ok(0);
    };
    let is_active = partner.is_some_and(|partner: partner::Model| partner.status == LIVE);
    if !is_active || offer.status == OVER {
        return Ok(0);
    }
    let made = ahead(&tx, &app.clock, (&series, &offer)).await?;
    if !made.is_empty() {
        let act = Act {
            action: "makeSlots",
            subject_kind: "SlotSeries",
            subject_id: id,
            area_id: Some(series.area_id),
            reason: None,
            fields: "slots".to_owned(),
            details: None,
        };
        record_by(Author::operator(&app.keys, &app.clock), &tx, act).await?;
        changes::record_at(app.clock.now(), &tx, &made).await?;
    }
    tx.commit().await?;
    Ok(made.len())
}

/// Makes the slots of a series from where it has come to, eight weeks ahead. Its partner is held.
pub(super) async fn ahead(
    tx: &Tx,
    clock: &Clock,
    (series, offer): (&slot_series::Model, &service_offer::Model),
) -> Result<Vec<Changed>> {
    use slot_series::Column as C;
    let today = clock.today(SHANGHAI);
    let first = series
        .made_until_on
        .map_or(today, |until| Ord::max(today, until + Days::new(1)));
    let valid = (offer.valid_from_on, offer.valid_until_on);
    let pattern = pattern(tx, series).await?;
    let span = (first, today + AHEAD);
    let slots = pattern.slots(span, clock.now(), valid)?;
    let made = insert(tx, clock, series, slots.into_iter().collect()).await?;
    let until = made_until(today, series.ends_on, offer);
    if series.made_until_on.is_none_or(|before| before < until) {
        slot_series::Entity::update_many()
            .col_expr(C::MadeUntilOn, Expr::value(until))
            .filter(C::Id.eq(series.id))
            .exec(&tx.unscoped(REASON))
            .await?;
    }
    Ok(made)
}

/// Writes slots of a series on days that have none.
pub(super) async fn insert(
    tx: &Tx,
    clock: &Clock,
    series: &slot_series::Model,
    slots: Vec<(NaiveDate, Shape)>,
) -> Result<Vec<Changed>> {
    use service_slot::Column as C;
    let now = clock.now();
    let rows: Vec<_> = slots
        .into_iter()
        .map(|(day, shape)| service_slot::ActiveModel {
            id: Set(clock.new_id()),
            offer_id: Set(series.offer_id),
            partner_id: Set(series.partner_id),
            area_id: Set(series.area_id),
            series_id: Set(Some(series.id)),
            series_on: Set(Some(day)),
            starts_at: Set(shape.starts_at),
            ends_at: Set(shape.ends_at),
            place: Set(shape.place),
            capacity: Set(shape.capacity),
            booked: Set(0),
            waiting: Set(0),
            last_ticket: Set(0),
            status: Set(OPEN),
            cancel_reason: Set(None),
            created_by: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        })
        .collect();
    let made = service_slot::Entity::insert_many(rows)
        .on_conflict_do_nothing_on([C::SeriesId, C::SeriesOn])
        .exec_with_returning_many(&tx.unscoped(REASON))
        .await?;
    let made = match made {
        TryInsertResult::Inserted(rows) => rows,
        TryInsertResult::Conflicted | TryInsertResult::Empty => Vec::new(),
    };
    let kind = ChangeKind::ServiceSlot;
    let changed = made
        .iter()
        .map(|row| Changed::new(kind, row.id, Some(row.area_id)));
    Ok(changed.collect())
}

/// What a series says.
pub(super) async fn pattern(handle: &impl Handle, series: &slot_series::Model) -> Result<Pattern> {
    let one = patterns(handle, vec![series.clone()]).await?.pop();
    one.map(|(_, pattern)| pattern)
        .ok_or_else(|| Error::internal("a series without what it says"))
}

/// Series with what they say, however many they are in one statement.
pub(super) async fn patterns(
    handle: &impl Handle,
    rows: Vec<slot_series::Model>,
) -> Result<Vec<(slot_series::Model, Pattern)>> {
    use slot_exception::Column as E;
    let mut except: HashMap<Uuid, Vec<NaiveDate>> = HashMap::new();
    for one in slot_exception::Entity::find()
        .filter(E::SeriesId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(E::On)
        .all(&handle.unscoped(REASON))
        .await?
    {
        except.entry(one.series_id).or_default().push(one.on);
    }
    let patterns = rows.into_iter().map(|row| {
        let pattern = Pattern {
            recurrence: row.recurrence.clone(),
            starts_on: row.starts_on,
            ends_on: row.ends_on,
            except: except.remove(&row.id).unwrap_or_default(),
            begin_minute: row.begin_minute,
            minutes: row.minutes,
            place: row.place.clone(),
            capacity: row.capacity,
        };
        (row, pattern)
    });
    Ok(patterns.collect())
}

/// The day until which a series has its slots once they are made: where its offer is over sooner it goes on
/// from there, should the offer be valid for longer.
pub(super) fn made_until(
    today: NaiveDate,
    ends_on: Option<NaiveDate>,
    offer: &service_offer::Model,
) -> NaiveDate {
    let ends = [ends_on, offer.valid_until_on].into_iter().flatten();
    ends.fold(today + AHEAD, Ord::min)
}
