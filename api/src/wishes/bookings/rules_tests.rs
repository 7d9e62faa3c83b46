//! The rules of bookings, by example.

use entity::circumstances::Circumstance as C;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn member(born: &str, care: Option<(&[C], CareTier)>) -> Member {
    Member {
        born_on: Some(day(born)),
        care: care.map(|(has, tier)| (has.iter().copied().collect(), tier)),
    }
}

fn wanted(min_age: Option<i32>, circumstances: &[C], tiers: &[CareTier]) -> Wanted {
    Wanted {
        min_age,
        circumstances: circumstances.iter().copied().collect(),
        tiers: tiers.iter().copied().collect(),
    }
}

#[test]
fn places_and_lists_of_states_agree() {
    let ended = [
        BookingStatus::Done,
        BookingStatus::Cancelled,
        BookingStatus::NoShow,
    ];
    for status in LIVE.into_iter().chain(ended) {
        assert_eq!(holds_place(status), PLACED.contains(&status), "{status:?}");
        let ends = Action::Cancel.from().any(|from| from == status);
        assert_eq!(LIVE.contains(&status), ends, "{status:?}");
    }
}

#[test]
fn the_eldest_counts_and_on_the_day_of_the_slot() {
    let two = [member("1946-03-10", None), member("1990-01-01", None)];
    assert!(!is_meant_for(
        &wanted(Some(80), &[], &[]),
        &two,
        day("2026-03-09")
    ));
    assert!(is_meant_for(
        &wanted(Some(80), &[], &[]),
        &two,
        day("2026-03-10")
    ));
    // Born on a leap day, one is older on the first of March of other years.
    let leap = [member("1944-02-29", None)];
    assert!(!is_meant_for(
        &wanted(Some(82), &[], &[]),
        &leap,
        day("2026-02-28")
    ));
    assert!(is_meant_for(
        &wanted(Some(82), &[], &[]),
        &leap,
        day("2026-03-01")
    ));
    let unknown = [Member {
        born_on: None,
        care: None,
    }];
    assert!(!is_meant_for(
        &wanted(Some(1), &[], &[]),
        &unknown,
        day("2026-03-01")
    ));
    assert!(is_meant_for(
        &wanted(None, &[], &[]),
        &[],
        day("2026-03-01")
    ));
}

#[test]
fn each_condition_may_be_anothers() {
    let couple = [
        member("1940-01-01", None),
        member(
            "1950-01-01",
            Some((&[C::LivesAlone, C::CareDependent], CareTier::Key)),
        ),
    ];
    let on = day("2026-03-01");
    let asks = |circumstances: &[C], tiers: &[CareTier]| {
        is_meant_for(&wanted(Some(85), circumstances, tiers), &couple, on)
    };
    assert!(asks(&[C::CareDependent, C::EmptyNest], &[]));
    assert!(!asks(&[C::EmptyNest], &[]));
    assert!(asks(&[C::LivesAlone], &[CareTier::Key, CareTier::HighRisk]));
    assert!(!asks(&[C::LivesAlone], &[CareTier::General]));
}

#[test]
fn a_place_is_held_until_the_slot_begins_at_most() {
    let now = DateTime::UNIX_EPOCH;
    let in_minutes = |minutes| now + Duration::minutes(minutes);
    assert_eq!(held_until(now, 60, in_minutes(90)), in_minutes(60));
    assert_eq!(held_until(now, 60, in_minutes(30)), in_minutes(30));
    assert_eq!(cutoff(in_minutes(90), 60), in_minutes(30));
}

#[test]
fn what_stands_in_the_way_is_named() {
    let facts = Facts {
        status: BookingStatus::Confirmed,
        cancelled_by: None,
        done_before: false,
        permitted: true,
        version_fits: true,
        has_begun: false,
        is_late: true,
        has_lapsed: false,
        is_under_way: false,
    };
    let told = |step, change: fn(&mut Facts)| {
        let mut facts = facts;
        change(&mut facts);
        explain(step, facts)
    };
    let refused = Explanation::Refused;
    assert_eq!(told(Step::Cancel, |_| ()), refused(Code::CancelTooLate));
    assert_eq!(
        told(Step::Cancel, |facts| facts.status =
            BookingStatus::Waitlisted),
        Explanation::Possible
    );
    assert_eq!(told(Step::Decline, |_| ()), Explanation::Possible);
    assert_eq!(told(Step::Miss, |_| ()), refused(Code::SessionNotBegun));
    assert_eq!(
        told(Step::Confirm, |_| ()),
        refused(Code::BookingNotRequested)
    );
    assert_eq!(told(Step::Accept, |_| ()), refused(Code::BookingNotOffered));
    let lapsed = |facts: &mut Facts| {
        facts.status = BookingStatus::Cancelled;
        facts.cancelled_by = Some(CancelledBy::Lapse);
    };
    assert_eq!(told(Step::Accept, lapsed), refused(Code::BookingLapsed));
    assert_eq!(told(Step::Decline, lapsed), refused(Code::AlreadyEnded));
}
