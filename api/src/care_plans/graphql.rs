//! Care rules as phones see them.

use async_graphql::{ID, SimpleObject};
use entity::bits::Bits;
use entity::care_rule;

use super::rules::Rule;
use super::service::Effective;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::residents::graphql::CareTier;
use crate::scalars::Date;
use crate::visits::graphql::{VisitKind, VisitMethod};

/// How often, how and when elders of one tier are visited.
#[derive(Clone, Debug, SimpleObject)]
pub struct CarePlan {
    /// Days on which a visit is due, as an RFC 5545 rule without DTSTART, e.g.
    /// `FREQ=MONTHLY;BYMONTHDAY=8,18,28`.
    recurrence: String,
    /// The kind of the visits that are planned.
    kind: VisitKind,
    /// The kinds of visit that count as a contact.
    kinds: Vec<VisitKind>,
    /// The methods that count as a contact.
    methods: Vec<VisitMethod>,
    /// Days before the due day on which the window begins.
    days_before: i32,
    /// Days after the due day on which the window ends, at their end.
    days_after: i32,
    /// Begin of the preferred time of day, in minutes after midnight.
    from_minute: Option<i32>,
    /// End of the preferred time of day, in minutes after midnight.
    to_minute: Option<i32>,
}

/// The plan that holds for a tier in an area today.
#[derive(Clone, Debug, SimpleObject)]
pub struct EffectiveCarePlan {
    /// Whom it is for.
    tier: CareTier,
    /// What it says.
    plan: CarePlan,
    /// The area it comes from; absent where nobody has set one and the national aims hold.
    set_at: Option<Area>,
}

/// The rule of a tier in one area, from a day on.
#[derive(Clone, Debug, SimpleObject)]
pub struct CareRule {
    /// The opaque id.
    id: ID,
    /// Raised by one on every change.
    version: i64,
    /// Where it holds, and below.
    area: Option<Area>,
    /// Whom it is for.
    tier: CareTier,
    /// What it says.
    plan: CarePlan,
    /// The first day on which it holds.
    from_on: Date,
    /// The first day on which it no longer holds; absent while it is open.
    to_on: Option<Date>,
}

impl From<Rule> for CarePlan {
    fn from(rule: Rule) -> Self {
        Self {
            recurrence: rule.recurrence,
            kind: rule.kind.into(),
            kinds: listed(rule.kinds),
            methods: listed(rule.methods),
            days_before: rule.days_before,
            days_after: rule.days_after,
            from_minute: rule.from_minute,
            to_minute: rule.to_minute,
        }
    }
}

fn listed<T: entity::bits::Bit, U: From<T>>(set: Bits<T>) -> Vec<U> {
    set.iter().map(U::from).collect()
}

impl EffectiveCarePlan {
    /// Shows what holds.
    #[must_use]
    pub fn new(cx: &Cx, effective: Effective) -> Self {
        let tree = cx.app.sessions.tree();
        let set_at = effective.from.and_then(|area| Area::from_tree(&tree, area));
        Self {
            tier: effective.tier.into(),
            plan: effective.rule.into(),
            set_at,
        }
    }
}

impl CareRule {
    /// Shows a rule.
    #[must_use]
    pub fn new(cx: &Cx, row: &care_rule::Model) -> Self {
        Self {
            id: Id::<ids::CareRule>::new(row.id).to_string().into(),
            version: row.version,
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            tier: row.tier.into(),
            plan: Rule::from(row).into(),
            from_on: Date(row.from_on),
            to_on: row.to_on.map(Date),
        }
    }
}
