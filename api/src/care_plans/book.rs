//! Every care rule at hand: the rule of a person is that of the nearest area above them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::care_rule;
use entity::enums::CareTier;
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::rules::Rule;
use crate::areas::tree::AreaTree;
use crate::db::Handle;
use crate::error::Result;

const REASON: &str = "care rules are settings that everybody's work follows";

/// The care rules of the whole tree; there are few.
#[derive(Clone, Debug, Default)]
pub struct RuleBook {
    rules: HashMap<(Uuid, CareTier), Vec<care_rule::Model>>,
}

impl RuleBook {
    /// Reads every rule.
    pub async fn read(handle: &impl Handle) -> Result<Self> {
        let mut rules: HashMap<_, Vec<care_rule::Model>> = HashMap::new();
        for rule in care_rule::Entity::find()
            .all(&handle.unscoped(REASON))
            .await?
        {
            rules
                .entry((rule.area_id, rule.tier))
                .or_default()
                .push(rule);
        }
        Ok(Self { rules })
    }

    /// The rule that holds for `tier` in `area` on `day`.
    #[must_use]
    pub fn rule(&self, tree: &AreaTree, area: Uuid, tier: CareTier, day: NaiveDate) -> Rule {
        let own = tree.upwards(area).find_map(|above| {
            let known = self.rules.get(&(above, tier))?;
            known
                .iter()
                .find(|rule| rule.from_on <= day && rule.to_on.is_none_or(|to| day < to))
        });
        own.map_or_else(|| Rule::default_of(tier), Rule::from)
    }
}

impl From<&care_rule::Model> for Rule {
    fn from(row: &care_rule::Model) -> Self {
        Self {
            recurrence: row.recurrence.clone(),
            kind: row.kind,
            kinds: row.kinds,
            methods: row.methods,
            days_before: row.days_before,
            days_after: row.days_after,
            from_minute: row.from_minute,
            to_minute: row.to_minute,
        }
    }
}
