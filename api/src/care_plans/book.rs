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
        self.row(tree, area, tier, day)
            .map_or_else(|| Rule::default_of(tier), Rule::from)
    }

    /// The rules for `tier` that hold somewhere on `day`.
    pub fn holding(
        &self,
        tier: CareTier,
        day: NaiveDate,
    ) -> impl Iterator<Item = &care_rule::Model> {
        self.rules
            .values()
            .flatten()
            .filter(move |rule| rule.tier == tier)
            .filter(move |rule| rule.from_on <= day && rule.to_on.is_none_or(|to| day < to))
    }

    /// Every rule for `tier` that may hold in `area` on some day.
    pub fn candidates(
        &self,
        tree: &AreaTree,
        area: Uuid,
        tier: CareTier,
    ) -> impl Iterator<Item = &care_rule::Model> {
        tree.upwards(area)
            .filter_map(move |above| self.rules.get(&(above, tier)))
            .flatten()
    }

    /// The rule of the nearest area that has one for `tier` on `day`; none where the default holds.
    #[must_use]
    pub fn row(
        &self,
        tree: &AreaTree,
        area: Uuid,
        tier: CareTier,
        day: NaiveDate,
    ) -> Option<&care_rule::Model> {
        tree.upwards(area).find_map(|above| {
            let known = self.rules.get(&(above, tier))?;
            known
                .iter()
                .find(|rule| rule.from_on <= day && rule.to_on.is_none_or(|to| day < to))
        })
    }
}

impl From<&care_rule::Model> for Rule {
    fn from(row: &care_rule::Model) -> Self {
        Self {
            recurrence: row.recurrence.clone(),
            anchor: row.from_on,
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
