//! The life of a visit, state by state.

use super::*;

#[test]
fn every_action_has_exactly_one_line() {
    use Action as A;
    for action in [
        A::Claim,
        A::Release,
        A::Start,
        A::AttemptAndKeep,
        A::AttemptAndReopen,
        A::Report,
        A::Renew,
        A::Appoint,
        A::Reassign,
        A::TakeBack,
        A::Lapse,
        A::Settle,
        A::AttemptUnclaimed,
        A::Verify,
        A::Return,
        A::Cancel,
        A::Restore,
        A::Miss,
    ] {
        assert_eq!(
            LIFE.iter().filter(|line| line.action == action).count(),
            1,
            "{action:?}"
        );
    }
}

#[test]
fn nothing_leads_out_of_an_end_but_taking_back_what_called_it_off() {
    for line in LIFE.iter().filter(|line| line.action != Action::Restore) {
        for end in [
            VisitStatus::Verified,
            VisitStatus::Missed,
            VisitStatus::Cancelled,
        ] {
            assert!(!line.from.contains(&end), "{:?} from {end:?}", line.action);
        }
    }
}

#[test]
fn a_claim_is_live_until_its_lease_ends() {
    let now = DateTime::UNIX_EPOCH;
    let later = Some(now + Duration::minutes(1));
    assert!(is_live(VisitStatus::Returned, later, now));
    assert!(!is_live(VisitStatus::Claimed, Some(now), now));
    assert!(!is_live(VisitStatus::Reported, later, now));
}

#[test]
fn a_phones_clock_may_be_a_little_ahead() {
    let now = DateTime::UNIX_EPOCH + Duration::days(100);
    assert_eq!(check_occurred(now + CLOCK_SKEW, now), Ok(()));
    assert_eq!(
        check_occurred(now + Duration::minutes(11), now),
        Err(Code::TimeInFuture)
    );
    assert_eq!(
        check_occurred(now - Duration::days(32), now),
        Err(Code::OutOfRange)
    );
}
