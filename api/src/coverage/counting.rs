//! Which visits count as a contact, as a condition in SQL made of the care rules.

use std::fmt::Write as _;

use chrono::NaiveDate;
use entity::bits::Bits;
use entity::enums::{CareTier, VisitKind, VisitMethod};
use sea_orm::ActiveEnum as _;
use uuid::Uuid;

use crate::areas::tree::AreaTree;
use crate::care_plans::book::RuleBook;
use crate::care_plans::rules::Rule;

/// A condition on a visit `c` of a person `p` (with `tier` and `area_id`), and the ids that it binds.
#[derive(Clone, Debug)]
pub struct Counting {
    /// The text, with `?` for each id.
    pub sql: String,
    /// The areas that have rules of their own.
    pub areas: Vec<Uuid>,
}

/// Counts by the rule that holds on `day` for each tier, the nearest area's first.
///
/// The text is made of stored enums only; areas are bound.
#[must_use]
pub fn counting(book: &RuleBook, tree: &AreaTree, area: Uuid, day: NaiveDate) -> Counting {
    let mut sql = String::from("CASE");
    let mut areas = Vec::new();
    for tier in [CareTier::HighRisk, CareTier::Key, CareTier::General] {
        let mut rules: Vec<_> = book
            .holding(tier, day)
            .filter(|rule| tree.covers(rule.area_id, area) || tree.covers(area, rule.area_id))
            .collect();
        rules.sort_by_key(|rule| std::cmp::Reverse(tree.upwards(rule.area_id).count()));
        for rule in rules {
            let _ = write!(
                sql,
                " WHEN p.tier = '{}' AND p.area_id IN (SELECT descendant_id FROM area_closure \
                 WHERE ancestor_id = ?) THEN {}",
                tier.to_value(),
                fits(&Rule::from(rule))
            );
            areas.push(rule.area_id);
        }
        let _ = write!(
            sql,
            " WHEN p.tier = '{}' THEN {}",
            tier.to_value(),
            fits(&Rule::default_of(tier))
        );
    }
    sql.push_str(" ELSE FALSE END");
    Counting { sql, areas }
}

fn fits(rule: &Rule) -> String {
    format!(
        "(c.kind IN ({}) AND c.method IN ({}))",
        listed(rule.kinds, |kind: VisitKind| kind.to_value()),
        listed(rule.methods, |method: VisitMethod| method.to_value()),
    )
}

fn listed<T: entity::bits::Bit>(set: Bits<T>, value: impl Fn(T) -> String) -> String {
    let values: Vec<String> = set.iter().map(|one| format!("'{}'", value(one))).collect();
    values.join(", ")
}
