//! Conditions on a visit's state, written so that both databases use the indexes over the rows of some states.

use entity::enums::VisitStatus;
use sea_orm::ActiveEnum as _;
use sea_orm::sea_query::Expr;

/// The states of a visit that somebody has taken on and that is not settled yet: few of all. In the order of their
/// index.
pub const IN_HAND: &[VisitStatus] = &[
    VisitStatus::Claimed,
    VisitStatus::Started,
    VisitStatus::Reported,
    VisitStatus::Returned,
];

/// As text: no parameter matches the condition of an index. One state in hand is named twice, since beside an
/// equation SQLite does not use the index of visits in hand where the scope is an OR.
#[must_use]
pub fn has_status(status: VisitStatus) -> Expr {
    if IN_HAND.contains(&status) {
        has_one_of(&[status, status])
    } else {
        Expr::cust(format!(
            "\"visit_task\".\"status\" = '{}'",
            status.to_value()
        ))
    }
}

/// Beside a narrower condition: SQLite uses the index of visits in hand where its own condition is asked for.
#[must_use]
pub fn is_in_hand() -> Expr {
    has_one_of(IN_HAND)
}

fn has_one_of(states: &[VisitStatus]) -> Expr {
    let words = states.iter().map(|state| format!("'{}'", state.to_value()));
    let words: Vec<String> = words.collect();
    Expr::cust(format!(
        "\"visit_task\".\"status\" IN ({})",
        words.join(", ")
    ))
}
