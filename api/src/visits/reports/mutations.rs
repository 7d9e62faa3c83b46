//! What can be done with reports.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::contacts;
use super::contacts::graphql::{RecordContactsInput, RecordContactsPayload};
use super::graphql::{PositionInput, WellbeingInput};
use super::unplanned::{self, Unplanned};
use super::{Attempt, Report, follow_up};
use crate::ids::{self, Id};
use crate::inputs::optional_text;
use crate::residents::enrolments::graphql::CareEnrolment;
use crate::residents::enrolments::mutations::settled as enrolment;
use crate::residents::graphql::CareTier;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{UserError, cx, settle};
use crate::visits::cards;
use crate::visits::graphql::{AttemptReason, VisitKind, VisitMethod, VisitOutcome};
use crate::visits::payloads::{call, payloads};

pub(super) const NOTES: usize = 2000;
pub(super) const NEEDS: usize = 500;
const CARD: usize = 20;

payloads! {
    RecordVisitAttemptPayload
    ReportVisitTaskPayload
    RecordUnplannedVisitPayload
    FollowUpNeedPayload
}

/// An attempt that met nobody.
#[derive(Debug, InputObject)]
pub struct RecordVisitAttemptInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// Why nobody was met.
    reason: AttemptReason,
    /// When, by your clock; now where absent.
    occurred_at: Option<DateTime>,
    /// When you try again, while you hold the claim; absent gives the task back.
    retry_at: Option<DateTime>,
    /// What you noticed, at most 2000 characters.
    notes: Option<String>,
    /// Your phone's clock as it sends this: where it is more than five minutes off, and at most a day,
    /// `occurredAt` is set right by it.
    phone_time: Option<DateTime>,
}

/// How a visit went.
#[derive(Debug, InputObject)]
pub struct ReportVisitTaskInput {
    /// The task.
    visit_task_id: ID,
    /// The version you saw; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// What was found.
    outcome: VisitOutcome,
    /// How the household was met.
    method: VisitMethod,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
    /// When the visit began, by your clock, where it was not started before.
    started_at: Option<DateTime>,
    /// When the contact happened, by your clock; now where absent.
    occurred_at: Option<DateTime>,
    /// When you left, by your clock; at most 12 hours after the begin.
    ended_at: Option<DateTime>,
    /// How the person's life was found.
    wellbeing: Option<WellbeingInput>,
    /// What is needed, at most 500 characters; somebody then looks at it.
    needs: Option<String>,
    /// The tier you propose for the person.
    proposed_tier: Option<CareTier>,
    /// The code on the contact card inside the home.
    arrival_code: Option<String>,
    /// Where your phone is now: compared with the building's point, and kept nowhere.
    position: Option<PositionInput>,
    /// Your phone's clock as it sends this: where it is more than five minutes off, and at most a day,
    /// the times above are set right by it.
    phone_time: Option<DateTime>,
}

/// A visit that nobody had planned or claimed.
#[derive(Debug, InputObject)]
pub struct RecordUnplannedVisitInput {
    /// Who was visited.
    resident_id: ID,
    /// What kind of visit it was.
    kind: VisitKind,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
    /// What was found.
    outcome: VisitOutcome,
    /// How the household was met.
    method: VisitMethod,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
    /// When the visit began, by your clock, where it was not started before.
    started_at: Option<DateTime>,
    /// When the contact happened, by your clock; now where absent.
    occurred_at: Option<DateTime>,
    /// When you left, by your clock; at most 12 hours after the begin.
    ended_at: Option<DateTime>,
    /// How the person's life was found.
    wellbeing: Option<WellbeingInput>,
    /// What is needed, at most 500 characters; somebody then looks at it.
    needs: Option<String>,
    /// The tier you propose for the person.
    proposed_tier: Option<CareTier>,
    /// The code on the contact card inside the home.
    arrival_code: Option<String>,
    /// Where your phone is now: compared with the building's point, and kept nowhere.
    position: Option<PositionInput>,
    /// Your phone's clock as it sends this: where it is more than five minutes off, and at most a day,
    /// the times above are set right by it.
    phone_time: Option<DateTime>,
}

/// Which home gets a new card.
#[derive(Debug, InputObject)]
pub struct ReplaceContactCardInput {
    /// The household.
    household_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ReplaceContactCardPayload {
    /// The code to write on the card, shown this once; absent on a repeat.
    code: Option<String>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Which need a new visit is to meet.
#[derive(Debug, InputObject)]
pub struct FollowUpNeedInput {
    /// The visit whose last report names what is needed.
    visit_task_id: ID,
    /// What kind of visit meets it.
    #[graphql(default_with = "VisitKind::HomeVisit")]
    kind: VisitKind,
    /// Until when; three days from now where absent.
    due_at: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Whose proposal to accept.
#[derive(Debug, InputObject)]
pub struct AcceptProposedTierInput {
    /// The visit whose last report proposes a tier.
    visit_task_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AcceptProposedTierPayload {
    /// The enrolment with the new tier; absent where it was refused.
    enrolment: Option<CareEnrolment>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The report in an input that has a report's fields.
macro_rules! report {
    ($input:ident) => {
        Report {
            outcome: $input.outcome.into(),
            method: $input.method.into(),
            notes: optional_text($input.notes.as_deref(), NOTES, "notes")?,
            started_at: $input.started_at.map(|at| at.0),
            occurred_at: $input.occurred_at.map(|at| at.0),
            ended_at: $input.ended_at.map(|at| at.0),
            wellbeing: $input.wellbeing.unwrap_or_default().into(),
            needs: optional_text($input.needs.as_deref(), NEEDS, "needs")?,
            proposed_tier: $input.proposed_tier.map(Into::into),
            arrival_code: optional_text($input.arrival_code.as_deref(), CARD, "arrivalCode")?,
            position: $input.position.map(PositionInput::into_point).transpose()?,
            phone_time: $input.phone_time.map(|at| at.0),
        }
    };
}

/// Mutations of reports.
#[derive(Debug, Default)]
pub struct ReportMutations;

#[Object]
impl ReportMutations {
    /// Records an attempt 未果记录 that met nobody. Only the claim's holder.
    async fn record_visit_attempt(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "An attempt that met nobody.")] input: RecordVisitAttemptInput,
    ) -> async_graphql::Result<RecordVisitAttemptPayload> {
        let result = async {
            let attempt = Attempt {
                reason: input.reason.into(),
                occurred_at: input.occurred_at.map(|at| at.0),
                retry_at: input.retry_at.map(|at| at.0),
                notes: optional_text(input.notes.as_deref(), NOTES, "notes")?,
                phone_time: input.phone_time.map(|at| at.0),
            };
            super::record_attempt(cx(ctx), call!(input), attempt).await
        };
        RecordVisitAttemptPayload::of(ctx, result.await).await
    }

    /// Reports a visit, which then waits for verification by another. Only the claim's holder, and who
    /// held it: a report that comes late is kept, on the open task or as one that follows it.
    async fn report_visit_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How a visit went.")] input: ReportVisitTaskInput,
    ) -> async_graphql::Result<ReportVisitTaskPayload> {
        let result = async {
            let report = report!(input);
            super::report(cx(ctx), call!(input), report).await
        };
        ReportVisitTaskPayload::of(ctx, result.await).await
    }

    /// Records a visit of the last seven days that nobody had claimed; it settles the person's open task
    /// where it fits. Needs `VISIT_RECORD` where the person lives; without `VISIT_PLAN` there also a
    /// claim in the household in the last 31 days, what the kind asks for, and at most ten new ones a day.
    async fn record_unplanned_visit(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was done for whom.")] input: RecordUnplannedVisitInput,
    ) -> async_graphql::Result<RecordUnplannedVisitPayload> {
        let result = async {
            let visit = Unplanned {
                resident: Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid(),
                kind: input.kind.into(),
                report: report!(input),
            };
            unplanned::record(cx(ctx), visit, input.idempotency_key.map(|key| key.0)).await
        };
        RecordUnplannedVisitPayload::of(ctx, result.await).await
    }

    /// Records a round of up to 50 calls, each by itself: it settles the person's open task where the
    /// method counts for their tier. Needs `VISIT_RECORD` where the people live, and is bound as
    /// `recordUnplannedVisit` is.
    async fn record_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The calls.")] input: RecordContactsInput,
    ) -> async_graphql::Result<RecordContactsPayload> {
        let result = async {
            let (contacts, key) = input.into_contacts()?;
            contacts::record(cx(ctx), contacts, key).await
        };
        RecordContactsPayload::of(ctx, result.await).await
    }

    /// Hands a household a new contact card 联系卡; the old one stops working. Needs
    /// `CONTACT_CARD_EDIT` where it lives.
    async fn replace_contact_card(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which home.")] input: ReplaceContactCardInput,
    ) -> async_graphql::Result<ReplaceContactCardPayload> {
        let result = async {
            let household = Id::<ids::Household>::parse(&input.household_id, "householdId")?;
            let key = input.idempotency_key.map(|key| key.0);
            cards::replace(cx(ctx), household.uuid(), key).await
        };
        let (code, user_errors) = settle(ctx, result.await)?;
        Ok(ReplaceContactCardPayload {
            code: code.flatten(),
            user_errors,
        })
    }

    /// Makes a visit for what the visit's last report names as needed, with the need as its instructions;
    /// tapped again, by whomever, it is the same visit. Needs `VISIT_PLAN` where the household lives.
    async fn follow_up_need(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which need.")] input: FollowUpNeedInput,
    ) -> async_graphql::Result<FollowUpNeedPayload> {
        let result = async {
            let need = follow_up::Need {
                task: Id::<ids::VisitTask>::parse(&input.visit_task_id, "visitTaskId")?.uuid(),
                kind: input.kind.into(),
                due_at: input.due_at.map(|at| at.0),
            };
            follow_up::meet(cx(ctx), need, input.idempotency_key.map(|key| key.0)).await
        };
        FollowUpNeedPayload::of(ctx, result.await).await
    }

    /// Gives the visited person the tier that the visit's last report proposed, from today. Needs
    /// `ENROLMENT_EDIT` where they live.
    async fn accept_proposed_tier(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose proposal to accept.")] input: AcceptProposedTierInput,
    ) -> async_graphql::Result<AcceptProposedTierPayload> {
        let result = async {
            let task = Id::<ids::VisitTask>::parse(&input.visit_task_id, "visitTaskId")?;
            let key = input.idempotency_key.map(|key| key.0);
            follow_up::accept_tier(cx(ctx), task.uuid(), key).await
        };
        let (enrolment, user_errors) = enrolment(ctx, result.await).await?;
        Ok(AcceptProposedTierPayload {
            enrolment,
            user_errors,
        })
    }
}
