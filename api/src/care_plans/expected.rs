//! Which visits an enrolment asks for: pure, so that it can be asked at any time and again.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::care_rule;
use entity::enums::{CareTier, VisitKind, VisitOrigin};
use uuid::Uuid;

use super::book::RuleBook;
use super::rules::{self, Rule};
use crate::areas::tree::AreaTree;
use crate::clock::{SHANGHAI, end_of};
use crate::error::Result;

/// How many days before its window begins a visit is planned.
pub const AHEAD: Days = Days::new(7);
/// How many days of standing still the server makes good, writing what was missed as missed.
pub const CATCH_UP: Days = Days::new(62);
/// How many days a review may take.
const REVIEW: Days = Days::new(3);
/// After how many days a review is asked for again while the pause lasts.
const REVIEWED_AGAIN: i64 = 7;

/// A due day with its window.
#[derive(Clone, Debug)]
pub struct Due {
    on: NaiveDate,
    first: NaiveDate,
    last: NaiveDate,
    window: (DateTime<Utc>, DateTime<Utc>),
    kind: VisitKind,
}

/// The due days of one tier in one area whose windows are near.
pub fn due_days(
    book: &RuleBook,
    tree: &AreaTree,
    (area, tier): (Uuid, CareTier),
    today: NaiveDate,
) -> Result<Vec<Due>> {
    let mut near = Vec::new();
    let own = book.candidates(tree, area, tier).map(Some);
    for candidate in own.chain([None]) {
        let rule = candidate.map_or_else(|| Rule::default_of(tier), Rule::from);
        let holds = |day| {
            let row = book.row(tree, area, tier, day);
            row.map(|row| row.id) == candidate.map(|row: &care_rule::Model| row.id)
        };
        let days = |count: i32| Days::new(u64::try_from(count).unwrap_or_default());
        let first = today - CATCH_UP - days(rule.days_after);
        let last = today + AHEAD + days(rule.days_before);
        for due_on in rule.due_days(first, last)? {
            if !holds(due_on) {
                continue;
            }
            let (first, last) = rule.days_of(due_on);
            near.push(Due {
                on: due_on,
                first,
                last,
                window: rule.window(due_on),
                kind: rule.kind,
            });
        }
    }
    near.sort_by_key(|due| due.on);
    Ok(near)
}

/// What is known of an enrolment.
#[derive(Clone, Debug)]
pub struct Enrolled {
    /// The enrolment.
    pub id: Uuid,
    /// Its first day.
    pub from_on: NaiveDate,
    /// The day on which it was recorded, or the person came to where they live: nobody could be visited
    /// there for it before.
    pub known_on: NaiveDate,
    /// Its pauses, in any order: first day, the day visits went on, the review day.
    pub pauses: Vec<(NaiveDate, Option<NaiveDate>, NaiveDate)>,
}

/// A visit that an enrolment asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// What it is made for; unique.
    pub occasion: String,
    /// The same without what a pause added: whoever was seen then need not be seen again.
    pub base: String,
    /// By rule, or for a review.
    pub origin: VisitOrigin,
    /// The kind.
    pub kind: VisitKind,
    /// The window's begin.
    pub starts_at: DateTime<Utc>,
    /// The window's end.
    pub due_at: DateTime<Utc>,
}

/// The visits that an open enrolment asks for today.
#[must_use]
pub fn visits(enrolled: &Enrolled, near: &[Due], today: NaiveDate) -> Vec<Visit> {
    let running = enrolled.pauses.iter().find(|(_, to_on, _)| to_on.is_none());
    let mut visits: Vec<Visit> = near
        .iter()
        .filter_map(|due| by_rule(enrolled, due, today))
        .collect();
    if let Some((_, _, review_on)) = running
        && *review_on <= today
    {
        visits.push(review(enrolled, *review_on, near, today));
    }
    visits
}

/// The review of a pause that lasts: on its day, and every week again until somebody ends the pause.
fn review(enrolled: &Enrolled, review_on: NaiveDate, near: &[Due], today: NaiveDate) -> Visit {
    let again = (today - review_on).num_days() / REVIEWED_AGAIN;
    let first = review_on + TimeDelta::days(again * REVIEWED_AGAIN);
    let mut occasion = rules::review_occasion(enrolled.id, review_on);
    if again > 0 {
        occasion = format!("{occasion}:{first}");
    }
    Visit {
        base: occasion.clone(),
        occasion,
        origin: VisitOrigin::Review,
        kind: near.first().map_or(VisitKind::HomeVisit, |due| due.kind),
        starts_at: end_of(first - Days::new(1), SHANGHAI),
        due_at: end_of(first + REVIEW, SHANGHAI),
    }
}

fn by_rule(enrolled: &Enrolled, due: &Due, today: NaiveDate) -> Option<Visit> {
    let window = (due.first, due.last);
    let oldest = enrolled.known_on.max(today - CATCH_UP);
    if due.first > today + AHEAD || due.last < oldest {
        return None;
    }
    if due.first < enrolled.from_on && !rules::counts_from(enrolled.from_on, window) {
        return None;
    }
    let base = rules::occasion(enrolled.id, due.on);
    let mut visit = Visit {
        occasion: base.clone(),
        base,
        origin: VisitOrigin::Rule,
        kind: due.kind,
        starts_at: due.window.0,
        due_at: due.window.1,
    };
    let mut touching = enrolled
        .pauses
        .iter()
        .filter(|(from_on, to_on, _)| {
            // What was planned ahead may have been called off by a pause that ended before its window.
            *from_on <= due.last && to_on.is_none_or(|to| to >= due.first - AHEAD)
        })
        .collect::<Vec<_>>();
    touching.sort_unstable();
    match touching.last() {
        None => Some(visit),
        // What is left of the window after a pause counts as for somebody new.
        Some((_, Some(to_on), _)) if rules::counts_from(due.first.max(*to_on), window) => {
            visit.occasion = format!("{}:{to_on}", visit.base);
            let resumed = end_of(*to_on - Days::new(1), SHANGHAI);
            visit.starts_at = visit.starts_at.max(resumed);
            Some(visit)
        }
        // It lasts, or too little is left.
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// The monthly default: windows from the 1st to the 28th.
    fn near(today: &str) -> Vec<Due> {
        let key = (Uuid::nil(), CareTier::Key);
        due_days(&RuleBook::default(), &AreaTree::default(), key, day(today)).unwrap()
    }

    fn asked(enrolled: &Enrolled, today: &str) -> Vec<String> {
        let visits = visits(enrolled, &near(today), day(today));
        let short = |visit: Visit| visit.occasion.replace(&enrolled.id.to_string(), "E");
        visits.into_iter().map(short).collect()
    }

    fn enrolled(from_on: &str, known_on: &str) -> Enrolled {
        Enrolled {
            id: Uuid::nil(),
            from_on: day(from_on),
            known_on: day(known_on),
            pauses: Vec::new(),
        }
    }

    #[test]
    fn a_visit_is_planned_a_week_before_its_window() {
        let elder = enrolled("2026-01-01", "2026-03-20");
        assert_eq!(asked(&elder, "2026-03-24"), ["rule:E:2026-03-01"]);
        assert_eq!(
            asked(&elder, "2026-03-25"),
            ["rule:E:2026-03-01", "rule:E:2026-04-01"]
        );
    }

    #[test]
    fn what_was_missed_while_the_server_stood_still_is_made_good() {
        let elder = enrolled("2025-06-01", "2025-06-01");
        // 62 days before 10 April is 7 February: the window of February ended after it.
        assert_eq!(
            asked(&elder, "2026-04-10"),
            [
                "rule:E:2026-02-01",
                "rule:E:2026-03-01",
                "rule:E:2026-04-01"
            ]
        );
    }

    #[test]
    fn nobody_is_missed_before_anybody_knew_of_them() {
        let elder = enrolled("2025-06-01", "2026-03-29");
        assert_eq!(asked(&elder, "2026-04-10"), ["rule:E:2026-04-01"]);
    }

    #[test]
    fn a_pause_suspends_and_what_is_left_of_the_window_goes_on() {
        let mut elder = enrolled("2025-06-01", "2026-03-01");
        elder.pauses = vec![(day("2026-03-03"), None, day("2026-03-20"))];
        assert_eq!(asked(&elder, "2026-03-19"), Vec::<String>::new());
        assert_eq!(asked(&elder, "2026-03-20"), ["review:E:2026-03-20"]);
        elder.pauses[0].1 = Some(day("2026-03-10"));
        assert_eq!(
            asked(&elder, "2026-03-10"),
            ["rule:E:2026-03-01:2026-03-10"]
        );
        let visit = &visits(&elder, &near("2026-03-10"), day("2026-03-10"))[0];
        assert_eq!(visit.starts_at.to_rfc3339(), "2026-03-09T16:00:00+00:00");
        elder.pauses[0].1 = Some(day("2026-03-20"));
        assert_eq!(asked(&elder, "2026-03-20"), Vec::<String>::new());
    }

    #[test]
    fn a_pause_that_ended_before_a_window_leaves_the_whole_of_it() {
        let mut elder = enrolled("2025-06-01", "2026-03-20");
        elder.pauses = vec![(
            day("2026-03-26"),
            Some(day("2026-03-30")),
            day("2026-03-31"),
        )];
        let visits = visits(&elder, &near("2026-03-30"), day("2026-03-30"));
        let last = visits.last().unwrap();
        assert!(last.occasion.ends_with(":2026-04-01:2026-03-30"));
        assert_eq!(last.starts_at.to_rfc3339(), "2026-03-31T16:00:00+00:00");
    }

    #[test]
    fn a_review_that_nobody_acted_on_comes_every_week() {
        let mut elder = enrolled("2025-06-01", "2026-02-20");
        elder.pauses = vec![(day("2026-02-21"), None, day("2026-02-25"))];
        for (today, shown) in [
            ("2026-02-25", "review:E:2026-02-25"),
            ("2026-03-03", "review:E:2026-02-25"),
            ("2026-03-04", "review:E:2026-02-25:2026-03-04"),
            ("2026-03-18", "review:E:2026-02-25:2026-03-18"),
        ] {
            assert_eq!(asked(&elder, today), [shown], "{today}");
        }
        let again = &visits(&elder, &near("2026-03-06"), day("2026-03-06"))[0];
        assert_eq!(again.due_at.to_rfc3339(), "2026-03-07T16:00:00+00:00");
    }
}
