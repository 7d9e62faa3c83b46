//! Days, rests and the life of a batch.

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn every_day() -> Bits<Weekday> {
    Bits::from_bits(127).unwrap()
}

fn canteen() -> Serving {
    Serving {
        lunch: Some((11 * 60, 12 * 60 + 30)),
        dinner: Some((17 * 60, 18 * 60 + 30)),
        weekdays: every_day(),
        ended_on: None,
    }
}

fn refusal(serving: Serving) -> Option<(Code, Option<&'static str>)> {
    match serving.check() {
        Err(Error::Refused(refusal)) => Some((refusal.code, refusal.field)),
        _ => None,
    }
}

#[test]
fn a_window_lies_in_shanghai_and_may_end_at_midnight() {
    let noon = canteen().window(Meal::Lunch, day("2026-03-02"));
    let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    assert_eq!(
        noon,
        Some((at("2026-03-02T03:00:00Z"), at("2026-03-02T04:30:00Z")))
    );
    let late = Serving {
        dinner: Some((23 * 60, 24 * 60)),
        ..canteen()
    };
    assert_eq!(
        late.window(Meal::Dinner, day("2026-03-02")),
        Some((at("2026-03-02T15:00:00Z"), at("2026-03-02T16:00:00Z")))
    );
}

#[test]
fn nothing_is_served_on_other_days_nor_after_the_end() {
    // Monday 2 March 2026.
    let weekend = [Weekday::Saturday, Weekday::Sunday];
    let serving = Serving {
        weekdays: weekend.into_iter().collect(),
        ended_on: Some(day("2026-03-15")),
        ..canteen()
    };
    for (on, served) in [
        ("2026-03-06", false),
        ("2026-03-07", true),
        ("2026-03-08", true),
        ("2026-03-09", false),
        ("2026-03-14", true),
        ("2026-03-15", false),
    ] {
        assert_eq!(
            serving.window(Meal::Dinner, day(on)).is_some(),
            served,
            "{on}"
        );
    }
    let lunch_only = Serving {
        dinner: None,
        ..canteen()
    };
    assert_eq!(lunch_only.window(Meal::Dinner, day("2026-03-07")), None);
}

#[test]
fn a_list_serves_something_in_order() {
    assert_eq!(refusal(canteen()), None);
    let nothing = Serving {
        lunch: None,
        dinner: None,
        ..canteen()
    };
    assert_eq!(refusal(nothing), Some((Code::Required, Some("lunch"))));
    let never = Serving {
        weekdays: Bits::default(),
        ..canteen()
    };
    assert_eq!(refusal(never), Some((Code::Required, Some("weekdays"))));
    for (lunch, dinner, code, field) in [
        ((-1, 60), (100, 200), Code::OutOfRange, "lunch"),
        ((60, 120), (1400, 1441), Code::OutOfRange, "dinner"),
        ((60, 60), (100, 200), Code::WindowInvalid, "lunch"),
        ((60, 120), (119, 200), Code::WindowInvalid, "dinner"),
    ] {
        let serving = Serving {
            lunch: Some(lunch),
            dinner: Some(dinner),
            ..canteen()
        };
        assert_eq!(refusal(serving), Some((code, Some(field))));
    }
}

#[test]
fn who_is_away_rests_for_the_first_reason_there_is() {
    let here = Standing {
        deceased_on: None,
        closed_on: None,
        enrolled_from: Some(day("2024-01-01")),
        pauses: vec![(day("2026-03-03"), Some(day("2026-03-05")))],
        is_within: true,
    };
    let rests = |standing: &Standing, on: &str| standing.rests(day(on));
    assert_eq!(rests(&here, "2026-03-02"), None);
    assert_eq!(rests(&here, "2026-03-03"), Some(Rest::Paused));
    assert_eq!(rests(&here, "2026-03-04"), Some(Rest::Paused));
    assert_eq!(rests(&here, "2026-03-05"), None);
    assert_eq!(rests(&here, "2023-12-31"), Some(Rest::NotEnrolled));
    let away = Standing {
        is_within: false,
        ..here.clone()
    };
    assert_eq!(rests(&away, "2026-03-02"), Some(Rest::Elsewhere));
    assert_eq!(
        rests(&away, "2026-03-03"),
        Some(Rest::Elsewhere),
        "what became of them there is not the list's to tell"
    );
    let dead = Standing {
        deceased_on: Some(day("2026-03-02")),
        ..here
    };
    assert_eq!(rests(&dead, "2026-03-01"), None);
    assert_eq!(rests(&dead, "2026-03-03"), Some(Rest::Deceased));
}

#[test]
fn every_action_has_exactly_one_line() {
    for action in [
        Action::Claim,
        Action::Release,
        Action::Reassign,
        Action::TakeBack,
        Action::CallOff,
        Action::Restore,
    ] {
        let lines = LIFE.iter().filter(|(other, ..)| *other == action);
        assert_eq!(lines.count(), 1, "{action:?}");
    }
}

#[test]
fn a_refusal_has_its_reason() {
    use Explanation::{AlreadyMine, Possible, Refused};
    use MealBatchStatus as S;
    let free = Facts {
        status: S::Open,
        mine: false,
        permitted: true,
        window_passed: false,
        at_limit: false,
    };
    let claim = |facts| explain(Action::Claim, facts);
    assert_eq!(claim(free), Possible);
    let held = Facts {
        status: S::Claimed,
        ..free
    };
    assert_eq!(claim(held), Refused(Code::AlreadyClaimed));
    let mine = Facts { mine: true, ..held };
    assert_eq!(claim(mine), AlreadyMine);
    let over = Facts {
        window_passed: true,
        ..free
    };
    assert_eq!(claim(over), Refused(Code::WindowPassed));
    let was_mine = Facts {
        window_passed: true,
        ..mine
    };
    assert_eq!(claim(was_mine), Refused(Code::WindowPassed));
    let off = Facts {
        status: S::CalledOff,
        ..free
    };
    assert_eq!(claim(off), Refused(Code::AlreadyFinished));
    let many = Facts {
        at_limit: true,
        ..free
    };
    assert_eq!(claim(many), Refused(Code::ClaimLimit));
    assert_eq!(
        explain(Action::Release, held),
        Refused(Code::NotClaimedByYou)
    );
    let barred = Facts {
        permitted: false,
        ..held
    };
    assert_eq!(
        explain(Action::Reassign, barred),
        Refused(Code::NotPermitted)
    );
}
