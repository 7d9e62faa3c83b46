//! Counting wishes, and telling nothing of a few.

use std::collections::BTreeMap;

use entity::enums::{BookingStatus, CancelledBy, ServiceCategory, WishStatus};
use uuid::Uuid;

use crate::wishes::rules::{DONE, GIVEN_UP};

/// The longest span of a board, in days.
pub const LONGEST: i64 = 366;

/// The public board tells nothing of fewer wishes than these.
pub const FEW: i64 = 5;

/// The age of who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AgeBand {
    /// Younger than 60.
    Under60,
    /// 60 to 69.
    Sixties,
    /// 70 to 79.
    Seventies,
    /// 80 to 89.
    Eighties,
    /// 90 and older.
    NinetyUp,
    /// Unknown, or the household as a whole asks.
    Unknown,
}

/// How long an open wish has waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum WaitBand {
    /// Less than three days.
    ThreeDays,
    /// Less than a week.
    Week,
    /// Less than thirty days.
    Month,
    /// Longer.
    Longer,
}

/// The band of an age in whole years.
#[must_use]
pub const fn age_band(age: Option<i32>) -> AgeBand {
    match age {
        None => AgeBand::Unknown,
        Some(age) if age < 60 => AgeBand::Under60,
        Some(age) if age < 70 => AgeBand::Sixties,
        Some(age) if age < 80 => AgeBand::Seventies,
        Some(age) if age < 90 => AgeBand::Eighties,
        Some(_) => AgeBand::NinetyUp,
    }
}

/// The band of a time in whole days.
#[must_use]
pub const fn wait_band(days: i64) -> WaitBand {
    match days {
        ..3 => WaitBand::ThreeDays,
        3..7 => WaitBand::Week,
        7..30 => WaitBand::Month,
        _ => WaitBand::Longer,
    }
}

/// What a board counts of a wish.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The area right below the board's, or the board's own.
    pub area: Uuid,
    /// What kind of service.
    pub category: ServiceCategory,
    /// Where it stands.
    pub status: WishStatus,
    /// What the household gave.
    pub rating: Option<i32>,
    /// The age of who asks.
    pub age: AgeBand,
    /// How long it has waited, while it is open.
    pub waits: Option<WaitBand>,
}

/// Wishes in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How many there are in each state that occurs.
    pub states: BTreeMap<WishStatus, i64>,
    /// How many have a rating.
    pub rated: i64,
    /// The sum of the ratings.
    pub stars: i64,
}

impl Figures {
    fn add(&mut self, wish: &Counted) {
        *self.states.entry(wish.status).or_default() += 1;
        if let Some(rating) = wish.rating {
            self.rated += 1;
            self.stars += i64::from(rating);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn all(&self) -> i64 {
        self.states.values().sum()
    }

    fn of(&self, states: &[WishStatus]) -> i64 {
        let counts = states.iter().filter_map(|status| self.states.get(status));
        counts.sum()
    }

    /// How many were done.
    #[must_use]
    pub fn done(&self) -> i64 {
        self.of(&DONE)
    }

    /// How many the fulfilment rate is about: all but those that the household withdrew.
    #[must_use]
    pub fn wanted(&self) -> i64 {
        self.all() - self.of(&[GIVEN_UP])
    }

    /// Those done of those wanted.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        ratio(self.done(), self.wanted())
    }

    /// The mean of the ratings.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        ratio(self.stars, self.rated)
    }
}

/// A part of a whole; none of nothing.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    reason = "nobody counts as many wishes as a double counts exactly"
)]
pub fn ratio(part: i64, whole: i64) -> Option<f64> {
    (whole != 0).then(|| part as f64 / whole as f64)
}

/// The figures of each value of `by` that occurs, in order.
#[must_use]
pub fn broken_down<K: Ord>(
    wishes: &[Counted],
    by: impl Fn(&Counted) -> Option<K>,
) -> BTreeMap<K, Figures> {
    let mut rows: BTreeMap<K, Figures> = BTreeMap::new();
    for wish in wishes {
        if let Some(key) = by(wish) {
            rows.entry(key).or_default().add(wish);
        }
    }
    rows
}

/// The figures of all.
#[must_use]
pub fn total(wishes: &[Counted]) -> Figures {
    let mut total = Figures::default();
    for wish in wishes {
        total.add(wish);
    }
    total
}

/// What a partner made of bookings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// How many there are.
    pub bookings: i64,
    /// How many were carried out.
    pub done: i64,
    /// At how many nobody was there.
    pub no_show: i64,
    /// How many the partner called off.
    pub cancelled: i64,
    /// How many households have rated what was done.
    pub rated: i64,
    /// The sum of their ratings.
    pub stars: i64,
}

impl Work {
    /// Counts one more booking.
    pub fn add(&mut self, (status, by): (BookingStatus, Option<CancelledBy>), rating: Option<i32>) {
        self.bookings += 1;
        match (status, by) {
            (BookingStatus::Done, _) => {
                self.done += 1;
                if let Some(rating) = rating {
                    self.rated += 1;
                    self.stars += i64::from(rating);
                }
            }
            (BookingStatus::NoShow, _) => self.no_show += 1,
            (BookingStatus::Cancelled, Some(CancelledBy::Partner)) => self.cancelled += 1,
            _ => {}
        }
    }
}

/// A row of the public board: of one category, or of several together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The category; absent for several together.
    pub category: Option<ServiceCategory>,
    /// How many wishes.
    pub wishes: i64,
}

/// How many wishes each category has, with the small ones together: no row tells of a few, and none can be worked out
/// from the others. Nothing is told of a few in all.
#[must_use]
pub fn merged(counts: &BTreeMap<ServiceCategory, i64>) -> Vec<Shown> {
    let mut rows: Vec<(ServiceCategory, i64)> =
        counts.iter().map(|(category, n)| (*category, *n)).collect();
    rows.sort_by_key(|(category, n)| (std::cmp::Reverse(*n), *category));
    let mut together = 0;
    while rows
        .last()
        .is_some_and(|(_, n)| *n < FEW || (together > 0 && together < FEW))
    {
        together += rows.pop().map_or(0, |(_, n)| n);
    }
    let mut shown: Vec<Shown> = rows
        .into_iter()
        .map(|(category, wishes)| Shown {
            category: Some(category),
            wishes,
        })
        .collect();
    if together >= FEW {
        shown.push(Shown {
            category: None,
            wishes: together,
        });
    }
    shown
}

/// A number that tells of no few; absent where it would.
#[must_use]
pub const fn not_few(n: i64) -> Option<i64> {
    if n >= FEW { Some(n) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_end_where_the_next_begin() {
        use AgeBand as A;
        use WaitBand as W;
        let bands = [59, 60, 69, 70, 79, 80, 89, 90].map(|age| age_band(Some(age)));
        assert_eq!(
            bands,
            [
                A::Under60,
                A::Sixties,
                A::Sixties,
                A::Seventies,
                A::Seventies,
                A::Eighties,
                A::Eighties,
                A::NinetyUp
            ]
        );
        let waits = [0, 2, 3, 6, 7, 29, 30].map(wait_band);
        assert_eq!(
            waits,
            [
                W::ThreeDays,
                W::ThreeDays,
                W::Week,
                W::Week,
                W::Month,
                W::Month,
                W::Longer
            ]
        );
    }

    #[test]
    fn a_few_are_told_together_or_not_at_all() {
        use ServiceCategory as S;
        let told = |counts: &[(S, i64)]| {
            let rows = merged(&counts.iter().copied().collect());
            rows.into_iter()
                .map(|row| (row.category, row.wishes))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(&[(S::Repair, 4)]), []);
        assert_eq!(told(&[(S::Repair, 5)]), [(Some(S::Repair), 5)]);
        assert_eq!(
            told(&[(S::Repair, 9), (S::Haircut, 4), (S::Health, 1)]),
            [(Some(S::Repair), 9), (None, 5)]
        );
        // Four by themselves could be told from the rest: they take the next along.
        assert_eq!(
            told(&[(S::Repair, 9), (S::Haircut, 6), (S::Health, 4)]),
            [(Some(S::Repair), 9), (None, 10)]
        );
    }
}
