//! What slots and series must look like, and what a changed series does to its slots.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::enums::SlotStatus;
use uuid::Uuid;

use crate::clock::{SHANGHAI, begin_of, local_date};
use crate::error::{Code, Error, Result};
use crate::recurrence;

/// The state of a slot that takes place.
pub const OPEN: SlotStatus = SlotStatus::Open;

/// The state of one that was called off.
pub const OFF: SlotStatus = SlotStatus::Cancelled;

/// The most slots that one call plans.
pub const MOST: usize = 100;

/// The most days that a series leaves out.
pub const MOST_EXCEPTIONS: usize = 100;

/// How many days ahead series make their slots: eight weeks.
pub const AHEAD: Duration = Duration::days(56);

/// How far ahead a slot or the first day of a series lies.
const FURTHEST: Duration = Duration::days(400);
/// The longest slot, in minutes.
const LONGEST: i64 = 24 * 60;
/// The numbers of places a slot can have.
pub const PLACES: std::ops::RangeInclusive<i32> = 1..=500;

/// The first and the last day on which slots of an offer may lie.
pub type Valid = (NaiveDate, Option<NaiveDate>);

/// When a slot is, and for how many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where it is; at home where absent.
    pub place: Option<String>,
    /// How many places it has.
    pub capacity: i32,
}

/// Checks a slot that somebody plans: it lies ahead, within a day, and while its offer is valid.
pub fn check(shape: &Shape, now: DateTime<Utc>, (from_on, until_on): Valid) -> Result<()> {
    let refused = |code, field| Err(Error::refused(code).on(field));
    let day = local_date(shape.starts_at, SHANGHAI);
    if shape.starts_at <= now {
        refused(Code::DayPast, "startsAt")
    } else if shape.starts_at > now + FURTHEST
        || day < from_on
        || until_on.is_some_and(|until| day > until)
    {
        refused(Code::OutOfRange, "startsAt")
    } else if shape.ends_at <= shape.starts_at {
        refused(Code::WindowInvalid, "endsAt")
    } else if shape.ends_at > shape.starts_at + Duration::minutes(LONGEST) {
        refused(Code::OutOfRange, "endsAt")
    } else if !PLACES.contains(&shape.capacity) {
        refused(Code::OutOfRange, "capacity")
    } else {
        Ok(())
    }
}

/// What a series says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// On which days, as an RFC 5545 rule without DTSTART.
    pub recurrence: String,
    /// First day, from which intervals are counted.
    pub starts_on: NaiveDate,
    /// Last day.
    pub ends_on: Option<NaiveDate>,
    /// Days that it leaves out.
    pub except: Vec<NaiveDate>,
    /// When a slot begins, in minutes after midnight in Shanghai.
    pub begin_minute: i32,
    /// How long a slot is, in minutes.
    pub minutes: i32,
    /// Where it is; at home where absent.
    pub place: Option<String>,
    /// How many places it has.
    pub capacity: i32,
}

impl Pattern {
    /// Checks what somebody says of a series.
    pub fn check(&self) -> Result<()> {
        let refused = |code, field| Err(Error::refused(code).on(field));
        recurrence::check(&self.recurrence, self.starts_on)?;
        if self.ends_on.is_some_and(|last| last < self.starts_on) {
            refused(Code::WindowInvalid, "endsOn")
        } else if self.except.len() > MOST_EXCEPTIONS {
            refused(Code::OutOfRange, "exceptOn")
        } else if !(0..24 * 60).contains(&self.begin_minute) {
            refused(Code::OutOfRange, "beginMinute")
        } else if !(1..=LONGEST).contains(&i64::from(self.minutes)) {
            refused(Code::OutOfRange, "minutes")
        } else if !PLACES.contains(&self.capacity) {
            refused(Code::OutOfRange, "capacity")
        } else {
            Ok(())
        }
    }

    /// Its slots to come from `first` to `last`, while the offer is valid, by day.
    pub fn slots(
        &self,
        (first, last): (NaiveDate, NaiveDate),
        now: DateTime<Utc>,
        (from_on, until_on): Valid,
    ) -> Result<BTreeMap<NaiveDate, Shape>> {
        let first = first.max(self.starts_on).max(from_on);
        let ends = [self.ends_on, until_on].into_iter().flatten();
        let last = ends.fold(last, Ord::min);
        if last < first {
            return Ok(BTreeMap::new());
        }
        let days = recurrence::days(&self.recurrence, self.starts_on, (first, last))?.into_iter();
        let slots = days
            .filter(|day| !self.except.contains(day))
            .map(|day| (day, self.on(day)))
            .filter(|(_, slot)| slot.starts_at > now);
        Ok(slots.collect())
    }

    fn on(&self, day: NaiveDate) -> Shape {
        let starts_at = begin_of(day, SHANGHAI) + Duration::minutes(i64::from(self.begin_minute));
        Shape {
            starts_at,
            ends_at: starts_at + Duration::minutes(i64::from(self.minutes)),
            place: self.place.clone(),
            capacity: self.capacity,
        }
    }
}

/// Checks the first day of a new series.
pub fn check_first(day: NaiveDate, today: NaiveDate) -> Result<()> {
    if day < today {
        Err(Error::refused(Code::DayPast).on("startsOn"))
    } else if day > today + FURTHEST {
        Err(Error::refused(Code::OutOfRange).on("startsOn"))
    } else {
        Ok(())
    }
}

/// A slot that a series has made and that is still to come.
#[derive(Clone, Debug)]
pub struct There {
    /// Its key.
    pub id: Uuid,
    /// The day it stands for.
    pub on: NaiveDate,
    /// When it is, and for how many.
    pub shape: Shape,
    /// Whether it takes place.
    pub is_open: bool,
    /// Whether somebody has booked it or waits for it.
    pub is_taken: bool,
}

/// What becomes of the slots of a series that is changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Made anew.
    pub made: BTreeMap<NaiveDate, Shape>,
    /// Moved or resized.
    pub changed: Vec<(Uuid, Shape)>,
    /// Called off.
    pub removed: Vec<Uuid>,
    /// Left as they are, since somebody has booked them or waits.
    pub spared: Vec<Uuid>,
}

/// Compares what a series asks for with what there is; a day whose slot was called off stays without.
#[must_use]
pub fn compare(mut wanted: BTreeMap<NaiveDate, Shape>, there: &[There]) -> Plan {
    let mut plan = Plan::default();
    for slot in there {
        match wanted.remove(&slot.on) {
            _ if !slot.is_open => {}
            Some(shape) if shape == slot.shape => {}
            _ if slot.is_taken => plan.spared.push(slot.id),
            Some(shape) => plan.changed.push((slot.id, shape)),
            None => plan.removed.push(slot.id),
        }
    }
    plan.made = wanted;
    plan
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    /// Saturdays from 14:00 to 15:30, from 7 March 2026 on.
    fn saturdays() -> Pattern {
        Pattern {
            recurrence: "FREQ=WEEKLY;BYDAY=SA".to_owned(),
            starts_on: day("2026-03-07"),
            ends_on: None,
            except: vec![day("2026-03-21")],
            begin_minute: 14 * 60,
            minutes: 90,
            place: None,
            capacity: 3,
        }
    }

    fn days(pattern: &Pattern, now: &str, valid: Valid) -> Vec<String> {
        let span = (day("2026-03-01"), day("2026-04-04"));
        let slots = pattern.slots(span, at(now), valid).unwrap();
        slots.keys().map(ToString::to_string).collect()
    }

    #[test]
    fn a_series_has_slots_on_its_days_while_the_offer_is_valid() {
        let (always, now) = ((day("2026-01-01"), None), "2026-03-02T01:00:00Z");
        let whole = ["2026-03-07", "2026-03-14", "2026-03-28", "2026-04-04"];
        assert_eq!(days(&saturdays(), now, always), whole);
        let march = (day("2026-03-08"), Some(day("2026-03-31")));
        assert_eq!(days(&saturdays(), now, march), ["2026-03-14", "2026-03-28"]);
        let short = Pattern {
            ends_on: Some(day("2026-03-14")),
            ..saturdays()
        };
        assert_eq!(days(&short, now, always), ["2026-03-07", "2026-03-14"]);
        // 14:00 in Shanghai is 06:00 in UTC: at that moment it has begun.
        let begun = "2026-03-07T06:00:00Z";
        assert_eq!(days(&saturdays(), begun, always), whole[1..]);
        let slots = saturdays().slots((day("2026-03-07"), day("2026-03-07")), at(now), always);
        let slot = &slots.unwrap()[&day("2026-03-07")];
        assert_eq!(slot.starts_at, at("2026-03-07T06:00:00Z"));
        assert_eq!(slot.ends_at, at("2026-03-07T07:30:00Z"));
    }

    #[test]
    fn what_is_taken_is_spared_and_what_was_called_off_stays_off() {
        let always = (day("2026-01-01"), None);
        let span = (day("2026-03-01"), day("2026-03-31"));
        let wanted = |pattern: &Pattern| {
            let now = at("2026-03-02T01:00:00Z");
            pattern.slots(span, now, always).unwrap()
        };
        let there = |n: u128, on: &str, is_open: bool, is_taken: bool| There {
            id: Uuid::from_u128(n),
            on: day(on),
            shape: saturdays().on(day(on)),
            is_open,
            is_taken,
        };
        let slots = [
            there(1, "2026-03-07", true, false),
            there(2, "2026-03-14", true, true),
            there(3, "2026-03-28", false, false),
        ];
        assert_eq!(compare(wanted(&saturdays()), &slots), Plan::default());
        // An hour later, and on the 21st too.
        let later = Pattern {
            begin_minute: 15 * 60,
            except: Vec::new(),
            ..saturdays()
        };
        let plan = compare(wanted(&later), &slots);
        let moved = later.on(day("2026-03-07"));
        assert_eq!(plan.changed, [(Uuid::from_u128(1), moved)]);
        assert_eq!(plan.spared, [Uuid::from_u128(2)]);
        assert_eq!(plan.made.keys().collect::<Vec<_>>(), [&day("2026-03-21")]);
        assert!(plan.removed.is_empty());
        // No more at all.
        let plan = compare(BTreeMap::new(), &slots);
        assert_eq!(plan.removed, [Uuid::from_u128(1)]);
        assert_eq!(plan.spared, [Uuid::from_u128(2)]);
    }

    #[test]
    fn a_slot_lies_ahead_within_a_day_and_has_places() {
        let now = at("2026-03-02T01:00:00Z");
        let valid = (day("2026-03-02"), Some(day("2026-03-31")));
        let refused = |starts_at: &str, ends_at: &str, capacity: i32| {
            let shape = Shape {
                starts_at: at(starts_at),
                ends_at: at(ends_at),
                place: None,
                capacity,
            };
            match check(&shape, now, valid) {
                Err(Error::Refused(refusal)) => refusal.field.map(|field| (refusal.code, field)),
                _ => None,
            }
        };
        let (start, end) = ("2026-03-03T01:00:00Z", "2026-03-03T02:00:00Z");
        assert_eq!(refused(start, end, 1), None);
        assert_eq!(refused(start, end, 500), None);
        for places in [0, 501] {
            assert_eq!(
                refused(start, end, places),
                Some((Code::OutOfRange, "capacity"))
            );
        }
        let past = refused("2026-03-02T01:00:00Z", end, 1);
        assert_eq!(past, Some((Code::DayPast, "startsAt")));
        // Midnight of the last day's end, in Shanghai.
        assert_eq!(
            refused("2026-03-31T15:59:00Z", "2026-03-31T17:00:00Z", 1),
            None
        );
        let after = refused("2026-03-31T16:00:00Z", "2026-03-31T17:00:00Z", 1);
        assert_eq!(after, Some((Code::OutOfRange, "startsAt")));
        assert_eq!(
            refused(start, start, 1),
            Some((Code::WindowInvalid, "endsAt"))
        );
        let long = refused(start, "2026-03-04T01:01:00Z", 1);
        assert_eq!(long, Some((Code::OutOfRange, "endsAt")));
    }
}
