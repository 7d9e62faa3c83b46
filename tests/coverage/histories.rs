//! Random histories of people and rules, and what the words of the two figures make of them.

use chrono::NaiveDate;
use entity::enums::{CareTier, VisitKind, VisitMethod, VisitOutcome, VisitStatus};
use proptest::prelude::*;

/// A moment: days after 1 February, and seconds of that day.
pub type Moment = (u64, i64);

/// A visit that was reported.
#[derive(Clone, Debug)]
pub struct Visited {
    pub at: Moment,
    pub kind: VisitKind,
    pub method: VisitMethod,
    pub outcome: VisitOutcome,
    pub status: VisitStatus,
}

/// A window that a rule asked for.
#[derive(Clone, Debug)]
pub struct Window {
    pub begin: Moment,
    pub end: Moment,
    pub status: VisitStatus,
}

/// One person's history.
#[derive(Clone, Debug)]
pub struct History {
    pub tier: CareTier,
    /// Whether they live in the other grid at first.
    pub other_grid: bool,
    pub ended: Option<u64>,
    pub died: Option<u64>,
    pub pauses: Vec<(u64, Option<u64>)>,
    /// The first day in the grid where they did not live at first, and whether the household moved.
    pub moved: Option<(u64, bool)>,
    pub visits: Vec<Visited>,
    pub windows: Vec<Window>,
}

/// A rule of a tier in the first grid, or in the whole community.
#[derive(Clone, Debug)]
pub struct Rule {
    pub tier: CareTier,
    pub of_grid: bool,
    pub begin: u64,
    /// The first day on which it no longer holds.
    pub end: Option<u64>,
    pub kinds: Vec<VisitKind>,
    pub methods: Vec<VisitMethod>,
}

/// What became of a person in a figure.
pub const OUTCOMES: [&str; 3] = ["contacted", "excluded", "missed"];

const DAYS: u64 = 92;

fn moment() -> impl Strategy<Value = Moment> {
    // The seconds around midnight are where days are decided.
    (
        0..DAYS,
        prop::sample::select(vec![0_i64, 1, 43_200, 86_399]),
    )
}

fn tier() -> impl Strategy<Value = CareTier> {
    prop::sample::select(vec![CareTier::HighRisk, CareTier::Key, CareTier::General])
}

fn kinds() -> Vec<VisitKind> {
    vec![
        VisitKind::HomeVisit,
        VisitKind::MealDelivery,
        VisitKind::SafetyCheck,
        VisitKind::PolicyBriefing,
    ]
}

fn methods() -> Vec<VisitMethod> {
    vec![VisitMethod::InPerson, VisitMethod::Phone]
}

fn visit() -> impl Strategy<Value = Visited> {
    let outcome = prop::sample::select(vec![
        VisitOutcome::SeenWell,
        VisitOutcome::NeedsHelp,
        VisitOutcome::InHospital,
    ]);
    let status = prop::sample::select(vec![
        VisitStatus::Reported,
        VisitStatus::Returned,
        VisitStatus::Verified,
        VisitStatus::Cancelled,
    ]);
    let (kind, method) = (
        prop::sample::select(kinds()),
        prop::sample::select(methods()),
    );
    (moment(), kind, method, outcome, status).prop_map(|(at, kind, method, outcome, status)| {
        Visited {
            at,
            kind,
            method,
            outcome,
            status,
        }
    })
}

fn window() -> impl Strategy<Value = Window> {
    let status = prop::sample::select(vec![
        VisitStatus::Open,
        VisitStatus::Missed,
        VisitStatus::Cancelled,
    ]);
    (moment(), 1..35_u64, moment(), status).prop_map(|(begin, days, (_, second), status)| Window {
        begin,
        end: (begin.0 + days, second),
        status,
    })
}

/// One person's.
pub fn history() -> impl Strategy<Value = History> {
    let pause = (0..DAYS, prop::option::of(1..30_u64))
        .prop_map(|(from, length)| (from, length.map(|length| from + length)));
    (
        (tier(), any::<bool>()),
        prop::option::weighted(0.2, 0..DAYS),
        prop::option::weighted(0.2, 0..DAYS),
        prop::collection::vec(pause, 0..3),
        prop::option::weighted(0.4, (0..DAYS, any::<bool>())),
        prop::collection::vec(visit(), 0..5),
        prop::collection::vec(window(), 0..4),
    )
        .prop_map(
            |((tier, other_grid), ended, died, pauses, moved, visits, windows)| History {
                tier,
                other_grid,
                ended,
                died,
                pauses,
                // Nobody moves the dead.
                moved: moved.filter(|_| died.is_none()),
                visits,
                windows,
            },
        )
}

/// For each tier, in the grid and in the community, none, one, or one after the other.
pub fn rules() -> impl Strategy<Value = Vec<Rule>> {
    let one = || {
        (
            prop::sample::subsequence(kinds(), 1..=3),
            prop::sample::subsequence(methods(), 1..=2),
        )
    };
    let change = (
        0..DAYS,
        1..DAYS,
        one(),
        prop::option::weighted(0.7, one()),
        any::<bool>(),
    );
    let of_tiers = prop::collection::vec(prop::option::of(change), 6);
    of_tiers.prop_map(|changes| {
        let tiers = [CareTier::HighRisk, CareTier::Key, CareTier::General];
        let places = tiers
            .into_iter()
            .flat_map(|tier| [(tier, true), (tier, false)]);
        let mut rules = Vec::new();
        for ((tier, of_grid), change) in places.zip(changes) {
            let Some((begin, length, first, second, ends)) = change else {
                continue;
            };
            let changed_on = begin + length;
            let rule = |begin, end, (kinds, methods): (Vec<_>, Vec<_>)| Rule {
                tier,
                of_grid,
                begin,
                end,
                kinds,
                methods,
            };
            let follows = second.is_some();
            rules.push(rule(begin, (follows || ends).then_some(changed_on), first));
            rules.extend(second.map(|second| rule(changed_on, None, second)));
        }
        rules
    })
}

impl Rule {
    fn holds(&self, tier: CareTier, day: u64) -> bool {
        self.tier == tier && self.begin <= day && self.end.is_none_or(|end| day < end)
    }

    fn counts(&self, visit: &Visited) -> bool {
        self.kinds.contains(&visit.kind) && self.methods.contains(&visit.method)
    }
}

impl History {
    /// Whether they live in the other grid on a day.
    pub fn is_in_other_grid(&self, day: u64) -> bool {
        self.other_grid != self.moved.is_some_and(|(on, _)| on <= day)
    }

    /// What became of them by the monthly contact rate: contacted, excluded, missed, or not of the month.
    pub fn contact(&self, rules: &[Rule], month: (u64, u64)) -> Option<&'static str> {
        let (begin, end) = month;
        self.judged(rules, month, &[((begin, 0), (end, 0))])
    }

    /// What became of them by plan completion; nobody counts for whom no window ended.
    pub fn plan(&self, rules: &[Rule], month: (u64, u64)) -> Option<&'static str> {
        let (begin, end) = month;
        let mut ended = self.windows.iter();
        let of_month = |window: &&Window| window.end > (begin, 0) && window.end <= (end, 0);
        if !ended.any(|window| of_month(&window)) {
            return None;
        }
        let asked = self.windows.iter().filter(of_month);
        let asked = asked.filter(|window| window.status != VisitStatus::Cancelled);
        let asked: Vec<(Moment, Moment)> = asked.map(|window| (window.begin, window.end)).collect();
        self.judged(rules, month, &asked)
    }

    /// Contacted within each of these; where there is none, nothing was asked.
    fn judged(
        &self,
        rules: &[Rule],
        (begin, end): (u64, u64),
        asked: &[(Moment, Moment)],
    ) -> Option<&'static str> {
        if self.ended.is_some_and(|ended| ended <= begin) {
            return None;
        }
        let last = end - 1;
        let met = |(from, to): &(Moment, Moment)| {
            let mut visits = self.visits.iter();
            visits.any(|visit| {
                *from <= visit.at && visit.at < *to && self.is_contact(rules, visit, last)
            })
        };
        let contacted = !asked.is_empty() && asked.iter().all(met);
        let rests =
            |(from, to): &(u64, Option<u64>)| *from <= last && to.is_none_or(|to| to > last);
        let excluded = asked.is_empty()
            || self.died.is_some_and(|died| died <= last)
            || self.ended.is_some_and(|ended| ended <= last)
            || self.pauses.iter().any(rests);
        Some(match (contacted, excluded) {
            (true, _) => OUTCOMES[0],
            (false, true) => OUTCOMES[1],
            (false, false) => OUTCOMES[2],
        })
    }

    /// Whether a visit was a contact that counts, by the rule of the month's last day where they live then.
    fn is_contact(&self, rules: &[Rule], visit: &Visited, last: u64) -> bool {
        let at = |of_grid: bool| {
            let mut rules = rules.iter().filter(move |rule| rule.of_grid == of_grid);
            rules.find(|rule| rule.holds(self.tier, last))
        };
        let of_grid = if self.is_in_other_grid(last) {
            None
        } else {
            at(true)
        };
        let counts = match of_grid.or(at(false)) {
            Some(rule) => rule.counts(visit),
            None => {
                matches!(visit.kind, VisitKind::HomeVisit | VisitKind::SafetyCheck)
                    && (self.tier == CareTier::General || visit.method == VisitMethod::InPerson)
            }
        };
        counts
            && visit.outcome != VisitOutcome::InHospital
            && visit.status != VisitStatus::Cancelled
    }
}

/// February, March and April of a year: how they are called, their first days and the days after.
pub fn months(year: i32) -> [(String, (u64, u64)); 3] {
    let first = |month| NaiveDate::from_ymd_opt(year, month, 1).expect("a day");
    let since = |month| u64::try_from((first(month) - first(2)).num_days()).expect("later");
    [2, 3, 4].map(|month| {
        (
            format!("{year}-{month:02}"),
            (since(month), since(month + 1)),
        )
    })
}
