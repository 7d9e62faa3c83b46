//! Verification rules as phones see them.

use async_graphql::{Enum, SimpleObject};
use entity::verification_rule;

use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::residents::graphql::CareTier;
use crate::visits::graphql::VisitKind;

/// Which reports a person must verify.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VerificationMode")]
pub enum VerificationMode {
    /// All of them 逐一核实.
    All,
    /// Some, drawn by the server 抽查; it verifies the others at once.
    Sample,
    /// Those that somebody looks at in time; the server verifies the others after hours 到时自动核实.
    Auto,
}

/// How reports of a kind are verified in an area and below it. Whatever it says, a person looks at
/// findings, needs and reports that something casts doubt on.
#[derive(Clone, Debug, SimpleObject)]
pub struct VerificationRule {
    /// Where it stands.
    area: Option<Area>,
    /// For this kind of visit.
    kind: VisitKind,
    /// For people of this tier; absent for every tier without its own.
    tier: Option<CareTier>,
    /// Which reports a person must verify.
    mode: VerificationMode,
    /// Of a hundred reports, how many a person must verify (`SAMPLE`).
    percent: Option<i32>,
    /// After how many hours the server verifies (`AUTO`).
    hours: Option<i32>,
    /// Raised by one on every change.
    version: i64,
}

impl VerificationRule {
    /// Shows a rule.
    #[must_use]
    pub fn new(cx: &Cx, row: &verification_rule::Model) -> Self {
        Self {
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            kind: row.kind.into(),
            tier: row.tier.map(Into::into),
            mode: row.mode.into(),
            percent: row.percent,
            hours: row.hours,
            version: row.version,
        }
    }
}
