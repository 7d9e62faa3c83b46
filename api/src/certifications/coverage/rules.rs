//! Figures that add up, the pace of a round, and small numbers merged.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use entity::enums::{CheckOutcome, CheckStatus};

/// Every state, in the order of a check's life.
pub const STATES: [CheckStatus; 6] = [
    CheckStatus::Pending,
    CheckStatus::Scheduled,
    CheckStatus::Checked,
    CheckStatus::Returned,
    CheckStatus::Confirmed,
    CheckStatus::Settled,
];

/// Below this a number could point at people.
const SMALL: u64 = 5;

/// How many checks of a roster are in which state, and what the confirmed ones found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figure {
    states: BTreeMap<CheckStatus, u64>,
    outcomes: BTreeMap<CheckOutcome, u64>,
    late: u64,
}

impl Figure {
    /// Counts so many checks.
    pub fn add(
        &mut self,
        (status, outcome): (CheckStatus, Option<CheckOutcome>),
        is_late: bool,
        checks: u64,
    ) {
        *self.states.entry(status).or_default() += checks;
        if let (CheckStatus::Confirmed, Some(outcome)) = (status, outcome) {
            *self.outcomes.entry(outcome).or_default() += checks;
        }
        if is_late {
            self.late += checks;
        }
    }

    /// Everybody on the roster.
    #[must_use]
    pub fn roster(&self) -> u64 {
        self.states.values().sum()
    }

    /// How many are in a state.
    #[must_use]
    pub fn of(&self, status: CheckStatus) -> u64 {
        self.states.get(&status).copied().unwrap_or_default()
    }

    /// How many confirmed checks found this.
    #[must_use]
    pub fn found(&self, outcome: CheckOutcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// How many came to the roster late.
    #[must_use]
    pub const fn late(&self) -> u64 {
        self.late
    }

    /// How many have reached an end.
    #[must_use]
    pub fn resolved(&self) -> u64 {
        self.of(CheckStatus::Confirmed) + self.of(CheckStatus::Settled)
    }

    /// How many have not.
    #[must_use]
    pub fn unresolved(&self) -> u64 {
        self.roster() - self.resolved()
    }
}

/// How fast a round goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// The days since it was opened, the first included.
    pub days: u64,
    /// The day on which nobody is unresolved at this pace; absent where nobody has been resolved yet.
    pub done_on: Option<NaiveDate>,
    /// How many must be resolved each day from today on to be done by the closing day.
    pub needed_per_day: u64,
}

/// The pace of a round that was opened on one day and closes on another.
#[must_use]
pub fn pace(
    (resolved, unresolved): (u64, u64),
    (opens_on, closes_on): (NaiveDate, NaiveDate),
    today: NaiveDate,
) -> Pace {
    let days_to = |day: NaiveDate, from: NaiveDate| {
        u64::try_from((day - from).num_days() + 1).unwrap_or_default()
    };
    let days = days_to(today, opens_on).max(1);
    let left = days_to(closes_on, today);
    let done_on = match (unresolved, resolved) {
        (0, _) => Some(today),
        (_, 0) => None,
        // At `resolved / days` a day.
        _ => today.checked_add_days(Days::new((unresolved * days).div_ceil(resolved))),
    };
    Pace {
        days,
        done_on,
        needed_per_day: unresolved.div_ceil(left.max(1)),
    }
}

/// Numbers of some states, of which none is small.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The states that it counts.
    pub states: Vec<CheckStatus>,
    /// How many checks are in one of them.
    pub checks: u64,
}

/// The states of a figure with small numbers merged until none is left; nothing of a roster that is small
/// itself. A number that is nought stands for itself.
#[must_use]
pub fn merged(figure: &Figure) -> Option<Vec<Cell>> {
    if figure.roster() < SMALL {
        return None;
    }
    let mut cells: Vec<Cell> = STATES
        .into_iter()
        .map(|state| Cell {
            states: vec![state],
            checks: figure.of(state),
        })
        .collect();
    cells.sort_by_key(|cell| cell.checks);
    let empty = cells.iter().take_while(|cell| cell.checks == 0).count();
    let mut rest = cells.split_off(empty);
    let mut small = Cell {
        states: Vec::new(),
        checks: 0,
    };
    while let Some(next) = rest.first() {
        let is_enough = small.states.is_empty() || small.checks >= SMALL;
        if is_enough && next.checks >= SMALL {
            break;
        }
        let next = rest.remove(0);
        small.checks += next.checks;
        small.states.extend(next.states);
    }
    if !small.states.is_empty() {
        small.states.sort_unstable();
        cells.push(small);
    }
    cells.append(&mut rest);
    cells.sort_by(|one, other| one.states.cmp(&other.states));
    Some(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(numbers: [u64; 6]) -> Figure {
        let mut figure = Figure::default();
        for (state, checks) in STATES.into_iter().zip(numbers) {
            let outcome = (state == CheckStatus::Confirmed).then_some(CheckOutcome::Alive);
            figure.add((state, outcome), false, checks);
        }
        figure
    }

    #[test]
    fn no_shown_number_is_small_and_they_add_up() {
        // Every roster of six states with up to seven in each.
        for code in 0..8_u64.pow(6) {
            let numbers: [u64; 6] =
                std::array::from_fn(|at| code / 8_u64.pow(u32::try_from(at).unwrap()) % 8);
            let roster: u64 = numbers.iter().sum();
            let Some(cells) = merged(&figure(numbers)) else {
                assert!(roster < SMALL, "{numbers:?}");
                continue;
            };
            let shown: u64 = cells.iter().map(|cell| cell.checks).sum();
            assert_eq!(shown, roster, "{numbers:?}");
            let states: usize = cells.iter().map(|cell| cell.states.len()).sum();
            assert_eq!(states, 6, "{numbers:?}");
            let is_small = |cell: &Cell| (1..SMALL).contains(&cell.checks);
            assert!(!cells.iter().any(is_small), "{numbers:?}: {cells:?}");
        }
    }

    #[test]
    fn large_numbers_stay_apart() {
        let cells = merged(&figure([10, 2, 0, 3, 400, 9])).unwrap();
        let shown: Vec<(usize, u64)> = cells.iter().map(|c| (c.states.len(), c.checks)).collect();
        assert_eq!(shown, [(1, 10), (2, 5), (1, 0), (1, 400), (1, 9)]);
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_round_is_done_when_its_pace_says() {
        let window = (day("2026-03-01"), day("2026-03-30"));
        // Ten days, twenty done: two a day, so twenty more days for forty.
        let slow = pace((20, 40), window, day("2026-03-10"));
        assert_eq!((slow.days, slow.done_on), (10, Some(day("2026-03-30"))));
        // Twenty-one days with today and the closing day.
        assert_eq!(slow.needed_per_day, 2);
        assert_eq!(pace((0, 40), window, day("2026-03-01")).done_on, None);
        let done = pace((60, 0), window, day("2026-03-20"));
        assert_eq!(
            (done.done_on, done.needed_per_day),
            (Some(day("2026-03-20")), 0)
        );
        // Past the closing day everything is needed at once.
        assert_eq!(pace((20, 40), window, day("2026-04-10")).needed_per_day, 40);
    }

    #[test]
    fn a_figure_tells_ends_from_the_rest() {
        let figure = figure([1, 2, 3, 4, 5, 6]);
        assert_eq!(
            (figure.roster(), figure.resolved(), figure.unresolved()),
            (21, 11, 10)
        );
        assert_eq!(figure.found(CheckOutcome::Alive), 5);
    }
}
