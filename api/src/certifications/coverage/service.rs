//! Counting the checks of a round.

use std::collections::{BTreeMap, HashMap};

use entity::enums::{
    AreaKind, BeneficiaryCategory, CertificationChannel, CheckOutcome, CheckStatus,
};
use entity::{certification_check, certification_round};
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::rules::{Cell, Figure, Pace, merged, pace};
use crate::access::policy::Permission;
use crate::areas::tree::AreaTree;
use crate::certifications::rounds::reads;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// How far a round is, in an area.
#[derive(Clone, Debug)]
pub struct Coverage {
    /// The round.
    pub round: certification_round::Model,
    /// Everybody of the area on the roster.
    pub all: Figure,
    /// How fast it goes.
    pub pace: Pace,
    /// The areas right below, with theirs; what lies in none of them stands at the area itself.
    pub by_area: Vec<(Uuid, Figure)>,
    /// By category.
    pub by_category: Vec<(BeneficiaryCategory, Figure)>,
    /// By channel; absent where none is planned yet.
    pub by_channel: Vec<(Option<CertificationChannel>, Figure)>,
}

/// A round as those see it who read totals only.
#[derive(Clone, Debug)]
pub struct Totals {
    /// The round.
    pub round: certification_round::Model,
    /// How many are on the roster, and their states with small numbers merged; absent of a small roster.
    pub shown: Option<(u64, Vec<Cell>)>,
}

#[derive(FromQueryResult)]
struct Count {
    round_id: Uuid,
    area_id: Uuid,
    category: BeneficiaryCategory,
    channel: Option<CertificationChannel>,
    status: CheckStatus,
    outcome: Option<CheckOutcome>,
    late: i64,
    checks: i64,
}

impl Count {
    fn add_to(&self, figure: &mut Figure) {
        let (all, late) = (number(self.checks), number(self.late));
        let kind = (self.status, self.outcome);
        figure.add(kind, true, late);
        figure.add(kind, false, all - late);
    }
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

/// How far a round is in an area that the actor may read, the whole round where none is given. Needs
/// `BENEFICIARY_READ`; nothing of a round that does not concern them.
pub async fn coverage(cx: &Cx, round: Uuid, area: Option<Uuid>) -> Result<Option<Coverage>> {
    let Some(round) = reads::one(cx, round).await? else {
        return Ok(None);
    };
    let at = area.unwrap_or(round.area_id);
    let counts = counts(cx, Permission::BeneficiaryRead, (&[round.id], vec![at])).await?;
    let tree = &cx.actor()?.tree;
    let mut all = Figure::default();
    let mut by_area: BTreeMap<Uuid, Figure> = BTreeMap::new();
    let mut by_category: BTreeMap<BeneficiaryCategory, Figure> = BTreeMap::new();
    let mut by_channel: BTreeMap<Option<CertificationChannel>, Figure> = BTreeMap::new();
    for count in &counts {
        count.add_to(&mut all);
        let child = below(tree, at, count.area_id);
        count.add_to(by_area.entry(child).or_default());
        count.add_to(by_category.entry(count.category).or_default());
        count.add_to(by_channel.entry(count.channel).or_default());
    }
    // An ended round is looked at on its last day, whenever it is read.
    let last = round.ended_at.unwrap_or_else(|| cx.app.clock.now());
    let pace = pace(
        (all.resolved(), all.unresolved()),
        (round.opens_on, round.closes_on),
        local_date(last, SHANGHAI),
    );
    Ok(Some(Coverage {
        round,
        all,
        pace,
        by_area: by_area.into_iter().collect(),
        by_category: by_category.into_iter().collect(),
        by_channel: by_channel.into_iter().collect(),
    }))
}

/// A page of the totals of a year's rounds, the newest first, over all that the actor may read of each at a community
/// or above: what they are granted below one is in no total. Needs `CERTIFICATION_COVERAGE_READ`.
pub async fn totals(cx: &Cx, year: i32, page: &Page<Uuid>) -> Result<Rows<Totals>> {
    let (actor, read) = (cx.actor()?, Permission::CertificationCoverageRead);
    actor.require(read)?;
    let is_high_enough = |area: &Uuid| {
        let node = actor.tree.get(*area);
        node.is_some_and(|node| is_high(node.kind))
    };
    let mut areas = actor.areas(read);
    areas.retain(is_high_enough);
    if areas.is_empty() {
        return Ok(Rows::new(Vec::new(), page));
    }
    let rounds = reads::around(cx, (&areas, year), page).await?;
    let ids: Vec<Uuid> = rounds.rows.iter().map(|round| round.id).collect();
    let counts = counts(cx, read, (&ids, areas)).await?;
    let mut figures: HashMap<Uuid, Figure> = HashMap::new();
    for count in &counts {
        count.add_to(figures.entry(count.round_id).or_default());
    }
    Ok(rounds.map(|round| {
        let figure = figures.remove(&round.id).unwrap_or_default();
        let shown = merged(&figure).map(|cells| (figure.roster(), cells));
        Totals { round, shown }
    }))
}

/// Whether an area is large enough for totals.
const fn is_high(kind: AreaKind) -> bool {
    match kind {
        AreaKind::District | AreaKind::Street | AreaKind::Community => true,
        AreaKind::Compound | AreaKind::Grid | AreaKind::Building => false,
    }
}

/// The area right below `at` in which `area` lies, or `at` itself.
fn below(tree: &AreaTree, at: Uuid, area: Uuid) -> Uuid {
    let mut child = at;
    for above in tree.upwards(area) {
        if above == at {
            return child;
        }
        child = above;
    }
    at
}

/// One statement counts everything in these areas.
async fn counts(
    cx: &Cx,
    permission: Permission,
    (rounds, areas): (&[Uuid], Vec<Uuid>),
) -> Result<Vec<Count>> {
    use certification_check::Column as C;
    cx.actor()?
        .scoped::<certification_check::Entity>(permission)
        .by_area_only()
        .filter(C::RoundId.is_in(rounds.iter().copied()))
        .below_any(areas)
        .into_rows(&cx.app.db, |select| {
            let column = |column: C| Expr::col((certification_check::Entity, column));
            let keys = [
                (C::RoundId, "round_id"),
                (C::AreaId, "area_id"),
                (C::Category, "category"),
                (C::Channel, "channel"),
                (C::Status, "status"),
                (C::Outcome, "outcome"),
            ];
            for (key, name) in keys {
                select.expr_as(column(key), name);
            }
            select
                .expr_as(column(C::LateReason).count(), "late")
                .expr_as(column(C::Id).count(), "checks")
                .add_group_by(keys.map(|(key, _)| column(key)));
        })
        .await
}
