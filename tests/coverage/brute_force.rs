//! Random histories: the figures and the names equal what looking at each person by hand gives.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use entity::enums::{CareTier, Role, VisitKind, VisitMethod, VisitOutcome, VisitStatus};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::ActiveValue::Set;
use serde_json::json;

use super::people::{
    Visit, at, coverage, died, elder, names, paused, set_enrolment, visited, wait_until,
};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, OTHER_BUILDING, World};

/// How many people of a random community.
const PEOPLE: usize = 24;

/// One person's history; days are counted from 1 February 2026.
#[derive(Clone, Debug)]
struct History {
    tier: CareTier,
    other_grid: bool,
    ended: Option<u64>,
    died: Option<u64>,
    pause: Option<(u64, Option<u64>)>,
    visits: Vec<(u64, i64, VisitKind, VisitMethod, VisitOutcome, VisitStatus)>,
}

fn history() -> impl Strategy<Value = History> {
    let tier = prop::sample::select(vec![CareTier::HighRisk, CareTier::Key, CareTier::General]);
    let kind = prop::sample::select(vec![
        VisitKind::HomeVisit,
        VisitKind::MealDelivery,
        VisitKind::SafetyCheck,
        VisitKind::PolicyBriefing,
    ]);
    let method = prop::sample::select(vec![VisitMethod::InPerson, VisitMethod::Phone]);
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
    // The seconds around midnight are where days are decided.
    let second = prop::sample::select(vec![0_i64, 1, 43_200, 86_399]);
    let visit = (0..90_u64, second, kind, method, outcome, status);
    (
        tier,
        any::<bool>(),
        prop::option::weighted(0.2, 0..90_u64),
        prop::option::weighted(0.2, 0..90_u64),
        prop::option::weighted(0.3, (0..90_u64, prop::option::of(1..30_u64))),
        prop::collection::vec(visit, 0..4),
    )
        .prop_map(|(tier, other_grid, ended, died, pause, visits)| History {
            tier,
            other_grid,
            ended,
            died,
            pause: pause.map(|(from, length)| (from, length.map(|length| from + length))),
            visits,
        })
}

fn first() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 2, 1).unwrap()
}

fn on(days: u64) -> NaiveDate {
    first() + Days::new(days)
}

fn instant(days: u64, second: i64) -> DateTime<Utc> {
    at("2026-02-01T00:00:00")
        + Duration::days(i64::try_from(days).unwrap())
        + Duration::seconds(second)
}

/// Contacted, excluded, missed, or not of the month: by the words of the rule, for a month of whole days.
fn judged(history: &History, (begin, end): (u64, u64)) -> Option<&'static str> {
    if history.ended.is_some_and(|ended| ended <= begin) {
        return None;
    }
    let counts = |kind: VisitKind, method: VisitMethod| {
        let is_visit = matches!(kind, VisitKind::HomeVisit | VisitKind::SafetyCheck);
        is_visit && (history.tier == CareTier::General || method == VisitMethod::InPerson)
    };
    let contacted = history
        .visits
        .iter()
        .any(|(day, _, kind, method, outcome, status)| {
            (begin..end).contains(day)
                && counts(*kind, *method)
                && *outcome != VisitOutcome::InHospital
                && *status != VisitStatus::Cancelled
        });
    let last = end - 1;
    let excluded = history.died.is_some_and(|died| died <= last)
        || history.ended.is_some_and(|ended| ended <= last)
        || history
            .pause
            .is_some_and(|(from, to)| from <= last && to.is_none_or(|to| to > last));
    Some(match (contacted, excluded) {
        (true, _) => "contacted",
        (false, true) => "excluded",
        (false, false) => "missed",
    })
}

on_both! {
    async fn figures_and_names_equal_brute_force(db: TestDatabase) {
        let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), seed);
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let mut histories = BTreeMap::new();
        for number in 0..PEOPLE {
            let history = history().new_tree(&mut runner).expect("a history").current();
            let building = if history.other_grid { OTHER_BUILDING } else { BUILDING };
            let room = format!("{}", 100 + number);
            let person = elder(&world, building, &room, history.tier).await;
            set_enrolment(&world, person, |row| row.to_on = Set(history.ended.map(on))).await;
            if let Some(day) = history.died {
                died(&world, person, on(day)).await;
            }
            if let Some((from, to)) = history.pause {
                paused(&world, person, on(from), to.map(on)).await;
            }
            for (day, second, kind, method, outcome, status) in &history.visits {
                let visit = Visit { at: instant(*day, *second), kind: *kind, method: *method,
                    outcome: *outcome, status: *status };
                visited(&world, &staff, person, visit).await;
            }
            histories.insert(format!("李秀英{room}"), history);
        }
        wait_until(&world, "2026-06-01T00:00:00");
        let staff = world.signed_in(staff.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        // February has 28 days, March 31, April 30.
        for (month, days) in [("2026-02", (0, 28)), ("2026-03", (28, 59)), ("2026-04", (59, 89))] {
            let found = coverage(&world, &staff, COMMUNITY, month).await;
            let with = |word: &str| -> Vec<String> {
                let those = histories.iter().filter(|(_, history)| judged(history, days) == Some(word));
                those.map(|(name, _)| name.clone()).collect()
            };
            let figure = &found["contactRate"];
            for word in ["contacted", "excluded", "missed"] {
                assert_eq!(figure[word], json!(with(word).len()), "{month} {word}");
            }
            assert_eq!(names(&found["missed"]), with("missed"), "{month}");
            let parts = ["contacted", "excluded", "missed"].map(|word| figure[word].as_u64().unwrap());
            assert_eq!(figure["roster"].as_u64(), Some(parts.iter().sum()));
            let children = found["children"].as_array().unwrap();
            let sum: u64 = children.iter().map(|child| child["contactRate"]["roster"].as_u64().unwrap()).sum();
            assert_eq!(figure["roster"].as_u64(), Some(sum), "the areas below add up to the whole");
        }
    }
}
