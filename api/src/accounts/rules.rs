//! What holds of accounts, sign-ins and grants, without a database.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, Role};
use entity::role_grant;

/// Wrong passwords or codes after which an account is locked.
pub const MAX_FAILURES: i32 = 5;
/// How long it stays locked.
pub const LOCK: Duration = Duration::minutes(15);
/// How long a session lives without being refreshed.
pub const SESSION: Duration = Duration::days(30);
/// How long a used refresh token still answers with its successor: a phone whose line broke asks again.
pub const GRACE: Duration = Duration::seconds(20);
/// How long a first-sign-in code holds.
pub const CODE: Duration = Duration::days(14);

/// How often a day somebody is told that a number is taken which they do not see.
pub const PROBES_A_DAY: u64 = 20;

const SHORTEST_PASSWORD: usize = 10;
const LONGEST_PASSWORD: usize = 128;
/// A password of fewer different characters is one key held down, or two in turn.
const DIFFERENT_CHARACTERS: usize = 4;

/// Whether a password is long enough and not easily guessed from the phone number.
#[must_use]
pub fn is_strong(password: &str, phone: &str) -> bool {
    let length = password.chars().count();
    let mut different: Vec<char> = password.chars().collect();
    different.sort_unstable();
    different.dedup();
    (SHORTEST_PASSWORD..=LONGEST_PASSWORD).contains(&length)
        && different.len() >= DIFFERENT_CHARACTERS
        && !password.contains(phone)
        && !phone.contains(password)
        && !runs_in_order(password)
}

/// Whether every character is the one after (or before) the last, like 0123456789 or jihgfedcba.
fn runs_in_order(password: &str) -> bool {
    let steps: Vec<i64> = password
        .chars()
        .zip(password.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
        .collect();
    // 1234567890 breaks the run once, where the keyboard does.
    let broken = |step: i64| steps.iter().filter(|other| **other != step).count();
    broken(1) <= 1 || broken(-1) <= 1
}

/// Whether a role can be granted at an area of this level: each answers for its own.
#[must_use]
pub const fn fits(role: Role, kind: AreaKind) -> bool {
    use AreaKind as K;
    match role {
        Role::Volunteer => matches!(kind, K::Building | K::Grid | K::Compound | K::Community),
        Role::CenterHousehold => matches!(kind, K::Building),
        Role::GridLead => matches!(kind, K::Grid),
        Role::CompoundSecretary => matches!(kind, K::Compound),
        Role::CommunityStaff => matches!(kind, K::Community),
        Role::VeteransStaff | Role::Partner => {
            matches!(kind, K::Community | K::Street | K::District)
        }
        Role::Supervisor => matches!(kind, K::Street | K::District),
        Role::Admin => matches!(kind, K::District),
    }
}

/// Where a grant stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It begins later.
    Upcoming,
    /// It holds now.
    Live,
    /// It ended then, by itself or because it was taken back.
    Ended(DateTime<Utc>),
}

/// Where `grant` stands at `now`.
#[must_use]
pub fn standing(grant: &role_grant::Model, now: DateTime<Utc>) -> Standing {
    let end = match (grant.revoked_at, grant.valid_until) {
        (Some(revoked), Some(until)) => Some(revoked.min(until)),
        (revoked, until) => revoked.or(until),
    };
    match end {
        Some(end) if grant.revoked_at.is_some() || end <= now => Standing::Ended(end),
        _ if grant.valid_from > now => Standing::Upcoming,
        _ => Standing::Live,
    }
}

/// Whether `grant` was taken back before its end.
#[must_use]
pub fn is_revoked(grant: &role_grant::Model) -> bool {
    grant
        .revoked_at
        .is_some_and(|at| grant.valid_until.is_none_or(|until| at < until))
}

/// The next moment at which one of these grants begins or ends.
#[must_use]
pub fn next_boundary(grants: &[role_grant::Model], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    grants
        .iter()
        .filter(|grant| !matches!(standing(grant, now), Standing::Ended(_)))
        .flat_map(|grant| [Some(grant.valid_from), grant.valid_until])
        .flatten()
        .filter(|at| *at > now)
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHONE: &str = "13912345678";

    #[test]
    fn weak_passwords_are_told_from_strong_ones() {
        for weak in [
            "",
            "short1!",
            "aaaaaaaaaaaa",
            "121212121212",
            "0123456789",
            "1234567890",
            "jihgfedcba",
            PHONE,
            "my13912345678",
            "3912345678",
            &"长".repeat(200),
        ] {
            assert!(!is_strong(weak, PHONE), "{weak}");
        }
        for strong in ["correct horse", "清流街道的春天来得早啊", "Nuanlin-2026"] {
            assert!(is_strong(strong, PHONE), "{strong}");
        }
    }

    fn grant(from: i64, until: Option<i64>, revoked: Option<i64>) -> role_grant::Model {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        role_grant::Model {
            id: uuid::Uuid::nil(),
            account_id: uuid::Uuid::nil(),
            role: Role::Volunteer,
            area_id: uuid::Uuid::nil(),
            valid_from: at(from),
            valid_until: until.map(at),
            granted_by: None,
            created_at: at(0),
            revoked_at: revoked.map(at),
            revoked_by: None,
        }
    }

    #[test]
    fn a_grant_holds_from_its_first_instant_and_not_at_its_end() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        let bounded = grant(10, Some(20), None);
        assert_eq!(standing(&bounded, at(9)), Standing::Upcoming);
        assert_eq!(standing(&bounded, at(10)), Standing::Live);
        assert_eq!(standing(&bounded, at(20)), Standing::Ended(at(20)));
        let revoked = grant(10, Some(20), Some(15));
        assert_eq!(standing(&revoked, at(16)), Standing::Ended(at(15)));
        assert!(is_revoked(&revoked));
        assert!(!is_revoked(&grant(10, Some(20), Some(20))));
        let all = [
            grant(10, Some(20), None),
            grant(12, None, None),
            grant(0, None, Some(5)),
        ];
        assert_eq!(next_boundary(&all, at(9)), Some(at(10)));
        assert_eq!(next_boundary(&all, at(13)), Some(at(20)));
        assert_eq!(next_boundary(&all, at(30)), None);
    }
}
