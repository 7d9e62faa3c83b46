//! The life of a check, state by state, and what a record must say.

use super::*;

const ALL: [CheckStatus; 6] = [
    CheckStatus::Pending,
    CheckStatus::Scheduled,
    CheckStatus::Checked,
    CheckStatus::Returned,
    CheckStatus::Confirmed,
    CheckStatus::Settled,
];

#[test]
fn an_end_is_an_end_and_the_index_knows_them() {
    for status in ALL {
        let leaves = LIFE.iter().any(|(_, from, _)| *from == status);
        assert_eq!(leaves, !is_resolved(status), "{status:?}");
        let name = format!("'{}'", format!("{status:?}").to_uppercase());
        assert_eq!(
            UNRESOLVED.contains(&name),
            is_resolved(status),
            "{status:?}"
        );
    }
}

#[test]
fn no_action_has_two_ways_out_of_a_state() {
    for (at, (action, from, _)) in LIFE.iter().enumerate() {
        let again = LIFE[at + 1..]
            .iter()
            .any(|(other, before, _)| other == action && before == from);
        assert!(!again, "{action:?} from {from:?}");
    }
}

fn facts(status: CheckStatus) -> Facts {
    Facts {
        status,
        done_by_me: false,
        own_check: false,
        permitted: true,
        handed_over: false,
        round_open: true,
        version_fits: true,
    }
}

#[test]
fn refusals_have_their_order() {
    let confirm = |facts| explain(Action::Confirm, facts);
    let checked = facts(CheckStatus::Checked);
    assert_eq!(confirm(checked), Explanation::Possible);
    let own = Facts {
        own_check: true,
        ..checked
    };
    assert_eq!(confirm(own), Explanation::Refused(Code::OwnCheck));
    let low = Facts {
        permitted: false,
        ..own
    };
    assert_eq!(confirm(low), Explanation::Refused(Code::NotPermitted));
    let elsewhere = Facts {
        handed_over: true,
        ..facts(CheckStatus::Pending)
    };
    assert_eq!(
        explain(Action::Check, elsewhere),
        Explanation::Refused(Code::HandedOver)
    );
    assert_eq!(
        confirm(facts(CheckStatus::Pending)),
        Explanation::Refused(Code::NotChecked)
    );
    let done = facts(CheckStatus::Confirmed);
    assert_eq!(confirm(done), Explanation::Refused(Code::AlreadySettled));
    let mine = Facts {
        done_by_me: true,
        ..done
    };
    assert_eq!(confirm(mine), Explanation::AlreadyMine);
    assert_eq!(
        explain(Action::Check, checked),
        Explanation::Refused(Code::AlreadyChecked)
    );
    let voided = Facts {
        round_open: false,
        ..checked
    };
    assert_eq!(confirm(voided), Explanation::Refused(Code::RoundNotOpen));
    let outdated = Facts {
        version_fits: false,
        ..checked
    };
    assert_eq!(
        confirm(outdated),
        Explanation::Refused(Code::VersionConflict)
    );
}

#[test]
fn only_the_app_needs_no_file() {
    use CertificationChannel::{Appointment, Home, Letter, Online, Session, Video};
    for channel in [Home, Session, Appointment, Video, Letter] {
        assert!(
            files(evidence(channel)).contains(&AttachmentKind::Jpeg),
            "{channel:?}"
        );
        let by_scan = files(evidence(channel)).contains(&AttachmentKind::Pdf);
        assert_eq!(by_scan, channel == Letter, "{channel:?}");
    }
    assert!(files(evidence(Online)).is_empty());
}

#[test]
fn a_letter_and_the_app_have_numbers_and_an_end_its_day_and_source() {
    use CertificationChannel::{Home, Letter, Online};
    use CheckOutcome::{Alive, Deceased, MovedAway};
    let day = NaiveDate::from_ymd_opt(2026, 3, 1);
    let refused = |channel, outcome, (number, source, holds_on)| {
        let given = Given {
            channel,
            outcome,
            number,
            source,
            holds_on,
        };
        match check(given) {
            Err(Error::Refused(refusal)) => refusal.field,
            _ => None,
        }
    };
    assert_eq!(refused(Home, Alive, (false, false, None)), None);
    assert_eq!(refused(Home, Alive, (false, false, day)), Some("holdsOn"));
    for channel in [Online, Letter] {
        assert_eq!(
            refused(channel, Alive, (false, false, None)),
            Some("reference")
        );
        assert_eq!(refused(channel, Alive, (true, false, None)), None);
    }
    assert_eq!(
        refused(Home, Deceased, (false, true, None)),
        Some("holdsOn")
    );
    assert_eq!(
        refused(Home, MovedAway, (false, false, day)),
        Some("source")
    );
    assert_eq!(refused(Home, Deceased, (false, true, day)), None);
}
