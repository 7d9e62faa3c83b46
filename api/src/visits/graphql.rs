//! Visit tasks as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, SimpleObject};

use super::claims::rules::MOST_RENEWALS;
use super::list::{Filter, Sort};
use super::load::SeenTask;
use super::reports::graphql::{VisitAttempt, VisitReport};
use super::routes::graphql::NearInput;
use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::households::graphql::Household;
use crate::households::service::SeenHousehold;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};

/// What kind of visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VisitKind")]
pub enum VisitKind {
    /// A home visit 探访关爱.
    HomeVisit,
    /// Meal delivery 送餐; the daily knock is a safety check.
    MealDelivery,
    /// Safety check 用电安全 of electricity and appliances.
    SafetyCheck,
    /// Policy briefing 政策宣传.
    PolicyBriefing,
    /// Festival visit 慰问.
    FestivalVisit,
}

/// Where a visit task stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VisitStatus")]
pub enum VisitStatus {
    /// Waits for somebody to claim it.
    Open,
    /// Somebody has claimed it 认领.
    Claimed,
    /// The visit has begun.
    Started,
    /// A report 反馈 waits for verification.
    Reported,
    /// The report needs more 退回补充.
    Returned,
    /// The report was accepted 核实通过.
    Verified,
    /// The window passed without a visit 逾期未访.
    Missed,
    /// Called off.
    Cancelled,
}

/// Why an attempt 未果记录 met nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AttemptReason")]
pub enum AttemptReason {
    /// Nobody at home.
    NotAtHome,
    /// The door stayed closed.
    RefusedToOpen,
    /// The phone was not answered.
    NoAnswer,
    /// Something else; see the notes.
    Other,
}

/// What a visit found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VisitOutcome")]
pub enum VisitOutcome {
    /// Seen and well.
    SeenWell,
    /// Needs help; see the notes.
    NeedsHelp,
    /// In hospital.
    InHospital,
    /// In an institution.
    InInstitution,
    /// Moved away.
    MovedAway,
    /// Deceased.
    Deceased,
    /// Refuses visits for good.
    RefusesVisits,
}

/// How a household was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VisitMethod")]
pub enum VisitMethod {
    /// In person.
    InPerson,
    /// By phone.
    Phone,
    /// By video.
    Video,
    /// With a neighbour's help.
    Neighbour,
    /// By the hotline.
    Hotline,
}

/// Where a visit task comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::VisitOrigin")]
pub enum VisitOrigin {
    /// Planned by a person.
    Planned,
    /// Made by the care rule of a tier.
    Rule,
    /// Made by an event round.
    Round,
    /// Made by a meal list: a door of a batch.
    Meal,
    /// Made on the review date of a pause.
    Review,
    /// Asked for by a report.
    FollowUp,
    /// Recorded afterwards; nobody planned it.
    Unplanned,
    /// A report that came after its claim had lapsed.
    Late,
}

/// The order of a list of visit tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Sort")]
pub enum VisitTaskOrder {
    /// The earliest end of the planned window first.
    Due,
    /// The most urgent first, then the earliest end of the planned window.
    Priority,
    /// The nearest building first, then the earliest end of window; needs `filter.near`, the same for
    /// every page.
    Distance,
}

/// Which visit tasks are wanted; what is left out means any.
#[derive(Clone, Debug, Default, InputObject)]
pub struct VisitTaskFilter {
    /// In one of these states.
    status: Option<Vec<VisitStatus>>,
    /// Of one of these kinds.
    kind: Option<Vec<VisitKind>>,
    /// Whose planned window ends at or after this instant.
    due_from: Option<DateTime>,
    /// Whose planned window ends before this instant.
    due_before: Option<DateTime>,
    /// In this area or below it.
    area_id: Option<ID>,
    /// Claimed by you (true), or not (false).
    mine: Option<bool>,
    /// In a building within this radius, of those you may see.
    near: Option<NearInput>,
    /// Doors of this batch of meals. Its open doors are left out unless this or `kind: [MEAL_DELIVERY]` asks
    /// for them: nobody claims them one by one.
    meal_batch_id: Option<ID>,
}

/// A visit to a household: planned, claimed, carried out, reported and verified.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct VisitTask {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    pub version: i64,
    /// Where it is: the building of the household.
    pub area: Option<Area>,
    /// The household to visit.
    pub household: Option<Household>,
    /// When the planned window begins.
    pub starts_at: DateTime,
    /// When the planned window ends; a claim's lease ends then too.
    pub due_at: DateTime,
    /// The higher, the more urgent; 0 is usual.
    pub priority: i32,
    /// Who holds the claim, absent while it is open.
    pub claim: Option<Claim>,
    /// When the visit began, by the visitor's clock.
    started_at: Option<DateTime>,
    /// When the reported contact happened, by the visitor's clock.
    occurred_at: Option<DateTime>,
    /// When the report reached the server.
    reported_at: Option<DateTime>,
    /// When the report was verified.
    verified_at: Option<DateTime>,
    /// Until when a returned report is to be completed.
    return_due_at: Option<DateTime>,
    /// When the holder tries again after an attempt.
    retry_at: Option<DateTime>,
    /// When the server verifies the report, unless somebody does before; absent where a person must.
    auto_verify_at: Option<DateTime>,
    /// How long the visit is expected to take, in minutes.
    minutes: i32,
    /// When it was planned.
    created_at: DateTime,
    /// When it last changed.
    updated_at: DateTime,
    #[graphql(skip)]
    seen: SeenTask,
}

/// Who has taken a task on.
#[derive(Clone, Debug, SimpleObject)]
pub struct Claim {
    /// Whether it is you.
    is_mine: bool,
    /// The holder's name; to yourself, and with `ACCOUNT_READ`.
    holder_name: Option<String>,
    /// Since when.
    claimed_at: Option<DateTime>,
    /// When the claim lapses by itself.
    lease_until: Option<DateTime>,
    /// When the holder will be there, as far as they have said.
    appointed_at: Option<DateTime>,
    /// How often the lease may still be renewed.
    renewals_left: i32,
}

impl VisitTaskFilter {
    /// The filter as the service takes it.
    pub fn into_filter(self) -> Result<Filter> {
        let area = self
            .area_id
            .map(|id| Id::<ids::Area>::parse(&id, "filter.areaId"))
            .transpose()?;
        let batch = self
            .meal_batch_id
            .map(|id| Id::<ids::MealBatch>::parse(&id, "filter.mealBatchId"))
            .transpose()?;
        Ok(Filter {
            status: self
                .status
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            kind: self
                .kind
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            due_from: self.due_from.map(|at| at.0),
            due_before: self.due_before.map(|at| at.0),
            area: area.map(Id::uuid),
            mine: self.mine,
            near: self
                .near
                .map(|near| near.into_near("filter.near"))
                .transpose()?,
            batch: batch.map(Id::uuid),
        })
    }
}

impl VisitTask {
    /// Shows a task to the reader it was read for.
    #[must_use]
    pub fn new(cx: &Cx, mut seen: SeenTask) -> Self {
        // Its people are shown with it and nowhere else.
        let home = SeenHousehold {
            residents: std::mem::take(&mut seen.household.residents),
            ..seen.household.clone()
        };
        let task = &seen.task;
        let tree = cx.app.sessions.tree();
        let may_name = seen.mine
            || cx
                .actor
                .as_ref()
                .is_some_and(|actor| actor.may(Permission::AccountRead, task.area_id));
        let claim = task.claimed_by.map(|_| Claim {
            is_mine: seen.mine,
            holder_name: seen.claimant.clone().filter(|_| may_name),
            claimed_at: task.claimed_at.map(DateTime),
            lease_until: task.lease_until.map(DateTime),
            appointed_at: task.appointed_at.map(DateTime),
            renewals_left: (MOST_RENEWALS - task.renewals).max(0),
        });
        Self {
            id: Id::<ids::VisitTask>::new(task.id).to_string().into(),
            version: task.version,
            area: Area::from_tree(&tree, task.area_id),
            household: Some(Household::new(cx, home)),
            starts_at: DateTime(task.starts_at),
            due_at: DateTime(task.due_at),
            priority: task.priority,
            claim,
            started_at: task.started_at.map(DateTime),
            occurred_at: task.occurred_at.map(DateTime),
            reported_at: task.reported_at.map(DateTime),
            verified_at: task.verified_at.map(DateTime),
            return_due_at: task.return_due_at.map(DateTime),
            retry_at: task.retry_at.map(DateTime),
            auto_verify_at: task.auto_verify_at.map(DateTime),
            minutes: task.minutes,
            created_at: DateTime(task.created_at),
            updated_at: DateTime(task.updated_at),
            seen,
        }
    }
}

#[ComplexObject]
impl VisitTask {
    /// Where it stands in its life.
    #[expect(
        clippy::unused_async,
        reason = "the interface's field must be a future"
    )]
    pub async fn status(&self, ctx: &Context<'_>) -> async_graphql::Result<VisitStatus> {
        self.seen
            .task
            .status
            .get()
            .map(VisitStatus::from)
            .at_edge(ctx)
    }

    /// What kind of visit.
    fn kind(&self, ctx: &Context<'_>) -> async_graphql::Result<VisitKind> {
        self.seen.task.kind.get().map(VisitKind::from).at_edge(ctx)
    }

    /// The person to visit, where it is one of the household's.
    async fn resident_id(&self) -> Option<ID> {
        let id = self.seen.task.resident_id?;
        Some(Id::<ids::Resident>::new(id).to_string().into())
    }

    /// Where it comes from.
    async fn origin(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<VisitOrigin>> {
        let origin = self.seen.task.origin.get();
        Some(origin.map(VisitOrigin::from).at_edge(ctx))
    }

    /// The visit that this one follows: whose report asked for it, or that was claimed by who reported
    /// late.
    async fn follows_id(&self) -> Option<ID> {
        let id = self.seen.task.follows_id?;
        Some(Id::<ids::VisitTask>::new(id).to_string().into())
    }

    /// The batch of meals that it is a door of: claimed, released and reassigned as one.
    async fn meal_batch_id(&self) -> Option<ID> {
        let id = self.seen.task.batch_id?;
        Some(Id::<ids::MealBatch>::new(id).to_string().into())
    }

    /// Straight-line metres from `filter.near` to the building; absent elsewhere.
    async fn distance_metres(&self) -> Option<i64> {
        self.seen.metres
    }

    /// What to do there. Needs `RESIDENT_READ` or a live claim.
    async fn instructions(&self, ctx: &Context<'_>) -> ProtectedString {
        let text = self.seen.task.instructions.as_deref().unwrap_or_default();
        opened(
            ctx,
            "VisitTask",
            self.seen.task.id,
            self.seen.view.door(text),
        )
    }

    /// What was found. Needs `RESIDENT_READ` or to have reported it.
    async fn outcome(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<VisitOutcome>> {
        if !self.is_told(ctx) {
            return None;
        }
        let outcome = self.seen.task.outcome.get().at_edge(ctx).transpose()?;
        Some(outcome.map(VisitOutcome::from))
    }

    /// How the household was met. Needs `RESIDENT_READ` or to have reported it.
    async fn method(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<VisitMethod>> {
        if !self.is_told(ctx) {
            return None;
        }
        let method = self.seen.task.method.get().at_edge(ctx).transpose()?;
        Some(method.map(VisitMethod::from))
    }

    /// What a returned report lacks. Needs `RESIDENT_READ` or to have reported it.
    async fn return_remark(&self, ctx: &Context<'_>) -> Option<String> {
        let remark = self.seen.task.return_remark.clone()?;
        self.is_told(ctx).then_some(remark)
    }

    /// Why it was cancelled. Needs `RESIDENT_READ` or to have held the claim.
    async fn cancel_reason(&self) -> Option<String> {
        let told = matches!(self.seen.view, View::Staff { .. }) || self.seen.mine;
        self.seen.task.cancel_reason.clone().filter(|_| told)
    }

    /// The attempts 未果记录 that met nobody, oldest first.
    async fn attempts(&self) -> Vec<VisitAttempt> {
        let seen = &self.seen;
        seen.attempts
            .iter()
            .map(|row| VisitAttempt::new(row, seen.view))
            .collect()
    }

    /// The reports, oldest first. Needs `RESIDENT_READ`; you see your own without.
    async fn reports(&self, ctx: &Context<'_>) -> Vec<VisitReport> {
        let seen = &self.seen;
        let staff = matches!(seen.view, View::Staff { .. });
        let me = cx(ctx).actor.as_ref().map(|actor| actor.account);
        let told = seen
            .reports
            .iter()
            .filter(|row| staff || me == Some(row.account_id));
        told.inspect(|row| cx(ctx).opened("VisitTask", row.visit_task_id))
            .map(|row| VisitReport::new(row, seen.view))
            .collect()
    }
}

impl VisitTask {
    /// Whether the reader is told what was found, which is then in the audit.
    fn is_told(&self, ctx: &Context<'_>) -> bool {
        let told = matches!(self.seen.view, View::Staff { .. }) || self.seen.reported_by_me;
        if told && self.seen.task.reported_by.is_some() {
            cx(ctx).opened("VisitTask", self.seen.task.id);
        }
        told
    }
}
