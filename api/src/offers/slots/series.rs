//! Planning series of slots.

use chrono::NaiveDate;
use entity::enums::ChangeKind;
use entity::{slot_exception, slot_series};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::make::{ahead, pattern};
use super::rules::{Pattern, check_first};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::offers::edit::held;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

const LEFT_OUT: &str = "the days that a series leaves out which the scope let through";

/// A series to be planned.
#[derive(Clone, Debug, Serialize)]
pub struct NewSeries {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// Of which offer.
    pub offer: Uuid,
    /// On which days, as an RFC 5545 rule without DTSTART.
    pub recurrence: String,
    /// First day.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: Option<NaiveDate>,
    /// Days that it leaves out.
    pub except: Vec<NaiveDate>,
    /// When a slot begins, in minutes after midnight.
    pub begin_minute: i32,
    /// How long a slot is, in minutes.
    pub minutes: i32,
    /// Where it is; at home where absent.
    pub place: Option<String>,
    /// How many places a slot has.
    pub capacity: i32,
}

/// Plans a series and makes its slots of the next eight weeks. Needs `OFFER_EDIT` of the offer's partner.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner), `DAY_PAST`,
/// `OUT_OF_RANGE`, `RECURRENCE_INVALID`, `WINDOW_INVALID`.
pub async fn plan(cx: &Cx, new: NewSeries, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("planSlotSeries", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let edit = Permission::OfferEdit;
    let (_, offer, grant) = held(cx, &write, (new.offer, edit)).await?;
    let id = id_of_new(cx, new.id)?;
    let asked = new.pattern();
    let known = cx.actor()?.scoped::<slot_series::Entity>(edit).id(id);
    if let Some(known) = known.one(write.tx()).await? {
        let is_same = known.offer_id == new.offer && pattern(write.tx(), &known).await? == asked;
        return write.made_before(id, is_same).await;
    }
    check_first(asked.starts_on, cx.app.clock.today(SHANGHAI))?;
    asked.check()?;
    let now = cx.app.clock.now();
    let row = slot_series::ActiveModel {
        id: Set(id),
        offer_id: Set(offer.id),
        partner_id: Set(offer.partner_id),
        area_id: Set(offer.area_id),
        recurrence: Set(asked.recurrence),
        starts_on: Set(asked.starts_on),
        ends_on: Set(asked.ends_on),
        begin_minute: Set(asked.begin_minute),
        minutes: Set(asked.minutes),
        place: Set(asked.place),
        capacity: Set(asked.capacity),
        made_until_on: Set(None),
        ended_at: Set(None),
        created_by: Set(cx.actor()?.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let Some(row) = scope::insert_new(write.tx(), &grant, row).await? else {
        return write.made_before(id, false).await;
    };
    leave_out(write.tx(), id, &asked.except).await?;
    let made = ahead(write.tx(), &cx.app.clock, (&row, &offer)).await?;
    let outcome = Outcome::of(id);
    finish(
        cx,
        write,
        act("planSlotSeries", &row, &new),
        (&row, made, outcome),
    )
    .await
}

/// Notes the days that a series leaves out, in place of those before.
pub(super) async fn leave_out(tx: &Tx, series: Uuid, days: &[NaiveDate]) -> Result<()> {
    let connection = tx.unscoped(LEFT_OUT);
    slot_exception::Entity::delete_many()
        .filter(slot_exception::Column::SeriesId.eq(series))
        .exec(&connection)
        .await?;
    let rows = days.iter().map(|day| slot_exception::ActiveModel {
        series_id: Set(series),
        on: Set(*day),
    });
    slot_exception::Entity::insert_many(rows)
        .exec_without_returning(&connection)
        .await?;
    Ok(())
}

/// Announces the offer, whose series it is, with the slots that changed, and commits.
pub(super) async fn finish(
    cx: &Cx,
    write: Write,
    act: Act,
    (series, mut changed, outcome): (&slot_series::Model, Vec<Changed>, Outcome),
) -> Result<Outcome> {
    let (kind, place) = (ChangeKind::ServiceOffer, Some(series.area_id));
    changed.push(Changed::in_place(kind, series.offer_id, place));
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

pub(super) fn act(action: &'static str, row: &slot_series::Model, details: &impl Serialize) -> Act {
    Act {
        action,
        subject_kind: "SlotSeries",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: "slots".to_owned(),
        details: serde_json::to_string(details).ok(),
    }
}

impl NewSeries {
    fn pattern(&self) -> Pattern {
        let mut except = self.except.clone();
        except.sort_unstable();
        except.dedup();
        Pattern {
            recurrence: self.recurrence.clone(),
            starts_on: self.starts_on,
            ends_on: self.ends_on,
            except,
            begin_minute: self.begin_minute,
            minutes: self.minutes,
            place: self.place.clone(),
            capacity: self.capacity,
        }
    }
}
