//! Both figures of a month, for an area and for the areas right below it.

use std::collections::BTreeMap;

use entity::enums::{CareTier, CoverageFigure};
use uuid::Uuid;

use super::people::{self, Wanted};
use super::rules::{Figure, Month};
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::Result;

/// Both figures of one area.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// Monthly contact rate.
    pub contact: Figure,
    /// Plan completion.
    pub plan: Figure,
}

/// A month of coverage of an area.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The area.
    pub area: Uuid,
    /// The month.
    pub month: Month,
    /// Of this tier only.
    pub tier: Option<CareTier>,
    /// The area's figures.
    pub figures: Figures,
    /// Those of the areas right below it that have anybody, in no order.
    pub children: Vec<(Uuid, Figures)>,
}

/// A month with the figures that are asked for; the others stay at nobody. Needs `COVERAGE_READ` at the
/// area; elsewhere there is nothing.
pub async fn coverage(
    cx: &Cx,
    (area, month, tier): (Uuid, Month, Option<CareTier>),
    asked: &[CoverageFigure],
) -> Result<Option<Coverage>> {
    let actor = cx.actor()?;
    actor.require(Permission::CoverageRead)?;
    if !actor.may(Permission::CoverageRead, area) {
        return Ok(None);
    }
    let tree = cx.app.sessions.tree();
    let mut figures = Figures::default();
    let mut children: BTreeMap<Uuid, Figures> = BTreeMap::new();
    let groups = async |figure| {
        if !asked.contains(&figure) {
            return Ok(Vec::new());
        }
        let wanted = Wanted {
            area,
            month,
            tier,
            figure,
        };
        people::groups(cx, &cx.app.db, wanted, Permission::CoverageRead).await
    };
    let (contact, plan) = tokio::try_join!(
        groups(CoverageFigure::Contact),
        groups(CoverageFigure::Plan)
    )?;
    for (figure, groups) in [
        (CoverageFigure::Contact, contact),
        (CoverageFigure::Plan, plan),
    ] {
        for (building, alike) in groups {
            figures.of(figure).add(alike);
            let below = tree.upwards(building).take_while(|above| *above != area);
            if let Some(child) = below.last() {
                children.entry(child).or_default().of(figure).add(alike);
            }
        }
    }
    Ok(Some(Coverage {
        area,
        month,
        tier,
        figures,
        children: children.into_iter().collect(),
    }))
}

impl Figures {
    fn of(&mut self, figure: CoverageFigure) -> &mut Figure {
        match figure {
            CoverageFigure::Contact => &mut self.contact,
            CoverageFigure::Plan => &mut self.plan,
        }
    }
}
