//! What an offer says: written down whole, or changed in parts.

use chrono::{DateTime, NaiveDate, Utc};
use entity::bits::Bits;
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, ServiceCategory};
use entity::{partner, service_offer};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, FIRST, Given};
use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::error::Result;
use crate::inputs::Edit;

/// What becomes of what an offer says; what is absent stays as it is.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Terms {
    /// What it is.
    pub title: Option<String>,
    /// Kind of service.
    pub category: Option<ServiceCategory>,
    /// What is included and what a household must know.
    pub conditions: Edit<String>,
    /// Whom to ask about it.
    pub contact_name: Edit<String>,
    /// Protected: their phone number.
    pub contact_phone: Edit<String>,
    /// Price of one booking, in fen.
    pub price_fen: Option<i32>,
    /// Age that somebody in the household must have reached.
    pub min_age: Edit<i32>,
    /// Circumstances of which somebody must have one.
    pub circumstances: Option<Vec<Circumstance>>,
    /// Tiers of which somebody must be in one.
    pub tiers: Option<Vec<CareTier>>,
    /// Length of one booking, in minutes.
    pub minutes: Option<i32>,
    /// Helpers at one booking.
    pub hands: Option<i32>,
    /// Whether the partner confirms each booking.
    pub needs_confirmation: Option<bool>,
    /// Whether a household has one live booking of it at most.
    pub is_single: Option<bool>,
    /// Until how long before the slot a household may cancel, in minutes.
    pub cutoff_minutes: Option<i32>,
    /// How long a place is held for who waits, in minutes.
    pub confirm_minutes: Option<i32>,
    /// First day of its slots.
    pub valid_from_on: Option<NaiveDate>,
    /// Last day of its slots.
    pub valid_until_on: Edit<NaiveDate>,
}

/// The row of an offer that says nothing yet, under the key `id`.
#[must_use]
pub fn blank(
    id: Uuid,
    partner: &partner::Model,
    (author, now, today): (Uuid, DateTime<Utc>, NaiveDate),
) -> service_offer::Model {
    service_offer::Model {
        id,
        partner_id: partner.id,
        area_id: partner.area_id,
        title: String::new(),
        category: ServiceCategory::Other,
        conditions: None,
        contact_name: None,
        contact_phone_sealed: None,
        price_fen: 0,
        min_age: None,
        circumstances: Bits::default(),
        tiers: Bits::default(),
        minutes: 60,
        hands: 0,
        needs_confirmation: false,
        is_single: true,
        cutoff_minutes: 12 * 60,
        confirm_minutes: 4 * 60,
        valid_from_on: today,
        valid_until_on: None,
        status: FIRST,
        published_by: None,
        published_at: None,
        created_by: author,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

impl Terms {
    /// The row with these terms.
    ///
    /// Refused: what [`rules::check`] refuses.
    pub fn applied(&self, keys: &Keys, row: service_offer::Model) -> Result<service_offer::Model> {
        let terms = self.clone();
        let contact_phone_sealed = match &terms.contact_phone {
            Edit::Keep => row.contact_phone_sealed.clone(),
            Edit::Clear => None,
            Edit::Set(phone) if is_phone(keys, &row, Some(phone)) => {
                row.contact_phone_sealed.clone()
            }
            Edit::Set(phone) => Some(sealed::seal(keys, Field::Phone, phone)?),
        };
        let row = service_offer::Model {
            title: terms.title.unwrap_or(row.title),
            category: terms.category.unwrap_or(row.category),
            conditions: terms.conditions.of(row.conditions),
            contact_name: terms.contact_name.of(row.contact_name),
            contact_phone_sealed,
            price_fen: terms.price_fen.unwrap_or(row.price_fen),
            min_age: terms.min_age.of(row.min_age),
            circumstances: bits(terms.circumstances, row.circumstances),
            tiers: bits(terms.tiers, row.tiers),
            minutes: terms.minutes.unwrap_or(row.minutes),
            hands: terms.hands.unwrap_or(row.hands),
            needs_confirmation: terms.needs_confirmation.unwrap_or(row.needs_confirmation),
            is_single: terms.is_single.unwrap_or(row.is_single),
            cutoff_minutes: terms.cutoff_minutes.unwrap_or(row.cutoff_minutes),
            confirm_minutes: terms.confirm_minutes.unwrap_or(row.confirm_minutes),
            valid_from_on: terms.valid_from_on.unwrap_or(row.valid_from_on),
            valid_until_on: terms.valid_until_on.of(row.valid_until_on),
            ..row
        };
        rules::check(&Given {
            price_fen: row.price_fen,
            min_age: row.min_age,
            circumstances: row.circumstances.iter().collect(),
            minutes: row.minutes,
            hands: row.hands,
            cutoff_minutes: row.cutoff_minutes,
            confirm_minutes: row.confirm_minutes,
            valid: (row.valid_from_on, row.valid_until_on),
        })?;
        Ok(row)
    }
}

/// Whether an offer names this phone number, or none.
#[must_use]
pub fn is_phone(keys: &Keys, row: &service_offer::Model, phone: Option<&str>) -> bool {
    match (&row.contact_phone_sealed, phone) {
        (Some(stored), Some(phone)) => sealed::is(keys, Field::Phone, stored, phone),
        (stored, phone) => stored.is_none() && phone.is_none(),
    }
}

fn bits<T: entity::bits::Bit>(given: Option<Vec<T>>, before: Bits<T>) -> Bits<T> {
    given.map_or(before, |values| values.into_iter().collect())
}
