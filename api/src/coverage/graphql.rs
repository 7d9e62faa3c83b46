//! Coverage as phones see it.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::close;
use super::missed::{self, Missed, ORDER, Position};
use super::people::Wanted;
use super::rules::{Fact, Figure, Month};
use super::service::{Coverage, Figures};
use super::versions::{self as closed_versions, Change, Closed};
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, PageArgs, encode_cursor};
use crate::protected::{ProtectedCareTier, ProtectedString, opened};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};
use crate::visits::graphql::{AttemptReason, VisitMethod, VisitOutcome};

/// One of the two figures of coverage, which are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CoverageFigure")]
pub enum CoverageFigureKind {
    /// Monthly contact rate 月探访率.
    Contact,
    /// Plan completion 计划完成率.
    Plan,
}

/// What became of a person in a figure of coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CoverageOutcome")]
pub enum CoverageOutcome {
    /// Contacted.
    Contacted,
    /// Excluded, for a reason.
    Excluded,
    /// Neither.
    Missed,
}

/// Why a person is excluded from a figure of coverage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CoverageReason")]
pub enum CoverageReason {
    /// Died 已故.
    Deceased,
    /// No longer enrolled 终止探访.
    Ended,
    /// Visits rest 暂停探访.
    Paused,
    /// Every planned visit was called off 探访已取消.
    CalledOff,
}

/// Of what one version of a closed month says something else than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Fact")]
pub enum CoverageFact {
    /// What became of the person, or whether they count at all.
    Outcome,
    /// Why they are excluded.
    Reason,
    /// Whether a contact was verified.
    Verified,
    /// Whether a contact was in person.
    InPerson,
    /// Where they belong.
    Place,
}

/// One figure: roster = contacted + excluded + missed.
#[derive(Clone, Debug, SimpleObject)]
pub struct CoverageFigure {
    /// Everybody.
    roster: u64,
    /// Contacted, verified or not.
    contacted: u64,
    /// Of those contacted: a report is verified.
    verified: u64,
    /// Of those contacted: every report waits to be verified.
    waiting: u64,
    /// Of those contacted: in person.
    in_person: u64,
    /// Of those contacted: only by phone, video, a neighbour or the hotline.
    remote: u64,
    /// Excluded, for whatever reason.
    excluded: u64,
    /// Excluded, by reason.
    exclusions: Vec<CoverageExclusion>,
    /// Missed.
    missed: u64,
}

/// How many are excluded for one reason.
#[derive(Clone, Debug, SimpleObject)]
pub struct CoverageExclusion {
    /// Why.
    reason: CoverageReason,
    /// How many.
    people: u64,
}

/// Both figures of an area below.
#[derive(Clone, Debug, SimpleObject)]
pub struct AreaCoverage {
    /// The area.
    area: Option<Area>,
    /// Monthly contact rate 月探访率.
    contact_rate: CoverageFigure,
    /// Plan completion 计划完成率.
    plan_completion: CoverageFigure,
}

/// A month of coverage of an area, as the facts stand now.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct VisitCoverage {
    /// The area.
    area: Option<Area>,
    /// The month, like 2026-03.
    month: String,
    /// Monthly contact rate 月探访率: of those enrolled with a circumstance, who was contacted.
    contact_rate: CoverageFigure,
    /// Plan completion 计划完成率: of those whose window ended, who was contacted within it.
    plan_completion: CoverageFigure,
    /// The same for each area right below that has anybody, by code.
    children: Vec<AreaCoverage>,
    #[graphql(skip)]
    coverage: Coverage,
}

/// Somebody whom a month missed.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct MissedPerson {
    /// Who, as an opaque id.
    resident_id: ID,
    /// The building they belonged to.
    area: Option<Area>,
    /// When somebody last tried and met nobody, until the month's end.
    last_attempt_at: Option<DateTime>,
    /// Why nobody was met then.
    last_attempt_reason: Option<AttemptReason>,
    /// When a report last told of them, in whatever month.
    last_report_at: Option<DateTime>,
    #[graphql(skip)]
    missed: Missed,
}

/// A closed month: figures and names as they stood then.
#[derive(Clone, Debug, SimpleObject)]
pub struct CoverageVersion {
    /// The opaque id.
    pub id: ID,
    /// 1 for the first, one more each time it was closed again.
    version: i32,
    /// When it was closed.
    closed_at: DateTime,
    /// The name of who closed it.
    closed_by: String,
    /// Monthly contact rate 月探访率.
    contact_rate: CoverageFigure,
    /// Plan completion 计划完成率.
    plan_completion: CoverageFigure,
    /// What it says differently from the version before; at most 500.
    changes: Vec<CoverageChange>,
}

/// Somebody of whom a version says something else than the one before.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CoverageChange {
    /// Who, as an opaque id.
    resident_id: ID,
    /// In which figure.
    figure: CoverageFigureKind,
    /// What the version before said; absent where it did not count them.
    before: Option<CoverageOutcome>,
    /// What this version says; absent where it no longer counts them.
    after: Option<CoverageOutcome>,
    /// Of what the two say something else.
    differs_in: Vec<CoverageFact>,
    /// The names of those who did something about the person since the version before.
    authors: Vec<String>,
    #[graphql(skip)]
    change: Change,
    #[graphql(skip)]
    view: View,
}

impl From<Figure> for CoverageFigure {
    fn from(figure: Figure) -> Self {
        Self {
            roster: figure.roster(),
            contacted: figure.contacted(),
            verified: figure.verified,
            waiting: figure.waiting,
            in_person: figure.in_person,
            remote: figure.remote(),
            excluded: figure.excluded_in_all(),
            missed: figure.missed,
            exclusions: figure
                .excluded
                .into_iter()
                .map(|(reason, people)| CoverageExclusion {
                    reason: reason.into(),
                    people,
                })
                .collect(),
        }
    }
}

impl VisitCoverage {
    /// Shows a month.
    #[must_use]
    pub fn new(cx: &Cx, coverage: Coverage) -> Self {
        let tree = cx.app.sessions.tree();
        let code = |id: &uuid::Uuid| tree.get(*id).map(|node| node.code.clone());
        let mut below: Vec<(uuid::Uuid, Figures)> = coverage.children.clone();
        below.sort_by_key(|(id, _)| code(id));
        Self {
            area: Area::from_tree(&tree, coverage.area),
            month: coverage.month.first.format("%Y-%m").to_string(),
            contact_rate: coverage.figures.contact.clone().into(),
            plan_completion: coverage.figures.plan.clone().into(),
            children: below
                .into_iter()
                .map(|(id, figures)| AreaCoverage {
                    area: Area::from_tree(&tree, id),
                    contact_rate: figures.contact.into(),
                    plan_completion: figures.plan.into(),
                })
                .collect(),
            coverage,
        }
    }
}

#[ComplexObject]
impl VisitCoverage {
    /// Whom the month missed, by name (needs `RESIDENT_READ`), in one of the two figures.
    async fn missed(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "In which figure.",
            default_with = "CoverageFigureKind::Contact"
        )]
        figure: CoverageFigureKind,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only people after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only people before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<MissedPerson>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let wanted = Wanted {
            area: self.coverage.area,
            month: self.coverage.month,
            tier: self.coverage.tier,
            figure: figure.into(),
        };
        Some(page(cx(ctx), wanted, &args).await.at_edge(ctx))
    }

    /// Whether the month was closed and the facts have changed since.
    async fn is_outdated(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<bool>> {
        let (area, month) = (self.coverage.area, self.coverage.month);
        Some(close::is_outdated(cx(ctx), area, month).await.at_edge(ctx))
    }

    /// The closed versions of the month, the oldest first; of a community.
    async fn versions(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<CoverageVersion>>> {
        let versions = versions(cx(ctx), self.coverage.area, self.coverage.month).await;
        Some(versions.at_edge(ctx))
    }
}

async fn page(cx: &Cx, wanted: Wanted, args: &PageArgs) -> Result<Connection<MissedPerson>> {
    let page = args.page::<Position>(ORDER)?;
    let rows = missed::missed(cx, wanted, &page).await?;
    let tree = cx.app.sessions.tree();
    let rows = rows.map(|missed| {
        let person = &missed.person;
        let cursor = encode_cursor(ORDER, &Position(person.resident_id));
        let id = Id::<ids::Resident>::new(person.resident_id);
        let node = MissedPerson {
            resident_id: id.to_string().into(),
            area: Area::from_tree(&tree, person.area_id),
            last_attempt_at: missed.attempt.map(|(at, _)| DateTime(at)),
            last_attempt_reason: missed.attempt.map(|(_, reason)| reason.into()),
            last_report_at: missed.contact.map(|(at, ..)| DateTime(at)),
            missed,
        };
        (cursor, node)
    });
    Ok(Connection::new(rows, None))
}

/// The closed versions of a month.
pub async fn versions(cx: &Cx, area: uuid::Uuid, month: Month) -> Result<Vec<CoverageVersion>> {
    let actor = cx.actor()?;
    let closed = closed_versions::closed(cx, area, month).await?;
    Ok(closed
        .into_iter()
        .map(|closed: Closed| CoverageVersion {
            id: Id::<ids::CoverageMonth>::new(closed.row.id)
                .to_string()
                .into(),
            version: closed.row.version,
            closed_at: DateTime(closed.row.closed_at),
            closed_by: closed.closer,
            contact_rate: closed.figures.contact.into(),
            plan_completion: closed.figures.plan.into(),
            changes: closed
                .changes
                .into_iter()
                .map(|change| CoverageChange {
                    resident_id: Id::<ids::Resident>::new(change.resident).to_string().into(),
                    figure: change.figure.into(),
                    before: change.before.map(Into::into),
                    after: change.after.map(Into::into),
                    differs_in: change.differs_in.iter().copied().map(Into::into).collect(),
                    authors: change.authors.clone(),
                    view: View::of(actor, change.area, false),
                    change,
                })
                .collect(),
        })
        .collect())
}

#[ComplexObject]
impl MissedPerson {
    /// Their name. Needs `RESIDENT_READ`.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let person = &self.missed.person;
        let name = self.missed.view.name(&person.name);
        opened(ctx, "Resident", person.resident_id, name)
    }

    /// Their tier. Needs `RESIDENT_READ`.
    async fn tier(&self, ctx: &Context<'_>) -> ProtectedCareTier {
        let person = &self.missed.person;
        let tier = self.missed.view.tier(Some(person.tier));
        opened(ctx, "Resident", person.resident_id, tier)
    }

    /// How they were last met. Needs `RESIDENT_READ`.
    async fn last_report_method(&self) -> Option<VisitMethod> {
        let (_, method, _) = self.missed.contact?;
        self.missed.view.is_staff().then(|| method.into())
    }

    /// What that report found. Needs `RESIDENT_READ`.
    async fn last_report_outcome(&self) -> Option<VisitOutcome> {
        let (.., outcome) = self.missed.contact?;
        self.missed.view.is_staff().then(|| outcome.into())
    }
}

#[ComplexObject]
impl CoverageChange {
    /// Their name then. Needs `RESIDENT_READ`.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = self.view.name(&self.change.name);
        opened(ctx, "Resident", self.change.resident, name)
    }
}
