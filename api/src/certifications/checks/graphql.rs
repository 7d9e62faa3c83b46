//! Checks as the veterans' station sees them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use entity::{certification_attempt, certification_check, certification_correction};

use super::reads::Seen;
use crate::access::protected::of_beneficiary;
use crate::access::sealed::Field;
use crate::areas::graphql::Area;
use crate::attachments::graphql::Attachment;
use crate::beneficiaries::graphql::{
    Beneficiary, BeneficiaryCategory, CertificationChannel, CheckOutcome,
};
use crate::certifications::accompanying::graphql::CheckCompanion;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};

/// Where a check stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CheckStatus")]
pub enum CheckStatus {
    /// To be certified 待认证.
    Pending,
    /// A time is planned 已安排.
    Scheduled,
    /// Somebody has certified; another confirms 待复核.
    Checked,
    /// Sent back for more 退回补充.
    Returned,
    /// Confirmed by another 已确认.
    Confirmed,
    /// Settled without a check, with a reason 特别处理.
    Settled,
}

/// Why a try at certifying somebody met nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CheckAttemptReason")]
pub enum CheckAttemptReason {
    /// Nobody was at home 不在家.
    NotAtHome,
    /// They did not come to the appointment or session 未到场.
    Absent,
    /// No answer by phone or video 联系不上.
    Unreachable,
    /// They refused 拒绝配合.
    Refused,
    /// Address or number are wrong 地址或电话有误.
    WrongContact,
    /// Something else, told in the notes 其他.
    Other,
}

/// One beneficiary in one round 核查. Needs `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CertificationCheck {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The round.
    round_id: ID,
    /// Whom it certifies, as their record stands now.
    beneficiary: Beneficiary,
    /// The area that answered for them when they came to the roster.
    area: Option<Area>,
    /// The area whose station schedules and checks it instead, while it is handed over.
    handed_to: Option<Area>,
    /// Their category when they came to the roster.
    category: BeneficiaryCategory,
    /// Where it stands in its life.
    status: CheckStatus,
    /// Why they came to the roster after it was frozen.
    late_reason: Option<String>,
    /// How they are to be certified, or were.
    channel: Option<CertificationChannel>,
    /// When they are to be certified.
    scheduled_for: Option<DateTime>,
    /// The session or slot to which they are to come, or came.
    session_id: Option<ID>,
    /// The name of who is to do it.
    assigned_to: Option<String>,
    /// How often nobody was met.
    attempt_count: i32,
    /// When that was last.
    last_attempt_at: Option<DateTime>,
    /// Why, the last time.
    last_attempt_reason: Option<CheckAttemptReason>,
    /// The name of who checked it.
    checked_by: Option<String>,
    /// When they were seen.
    checked_at: Option<DateTime>,
    /// What was found.
    outcome: Option<CheckOutcome>,
    /// The day of death or of the move, or from which benefits end.
    holds_on: Option<Date>,
    /// Who says so.
    source: Option<String>,
    /// What the evidence is filed under.
    reference: Option<String>,
    /// The name of who confirmed it.
    confirmed_by: Option<String>,
    /// When it was confirmed.
    confirmed_at: Option<DateTime>,
    /// What was missing when it was sent back.
    return_remark: Option<String>,
    /// The name of who settled it.
    settled_by: Option<String>,
    /// When it was settled.
    settled_at: Option<DateTime>,
    /// Why it was settled.
    settle_reason: Option<String>,
    /// The volunteer who was asked to come along last.
    companion: Option<CheckCompanion>,
    /// How the person was certified before.
    previous: Option<PreviousCheck>,
    /// The tries that met nobody, the oldest first.
    attempts: Vec<CertificationAttempt>,
    /// What was corrected after the round was closed, the oldest first.
    corrections: Vec<CertificationCorrection>,
    /// The files that prove it, in the order in which they were added, at most 20; none without `EVIDENCE_READ`.
    attachments: Vec<Attachment>,
    #[graphql(skip)]
    row: certification_check::Model,
}

impl CertificationCheck {
    /// Shows a check.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let (row, names) = (seen.row, seen.names);
        Ok(Self {
            id: Id::<ids::CertificationCheck>::new(row.id)
                .to_string()
                .into(),
            version: row.version,
            round_id: Id::<ids::CertificationRound>::new(row.round_id)
                .to_string()
                .into(),
            beneficiary: Beneficiary::new(cx, seen.person)?,
            area: Area::from_tree(&cx.actor()?.tree, row.area_id),
            handed_to: row
                .handed_to_area_id
                .and_then(|id| Area::from_tree(&cx.app.sessions.tree(), id)),
            category: row.category.into(),
            status: row.status.into(),
            late_reason: row.late_reason.clone(),
            channel: row.channel.map(Into::into),
            scheduled_for: row.scheduled_for.map(DateTime),
            session_id: row.session_id.map(|id| {
                let id = Id::<ids::CertificationSession>::new(id);
                id.to_string().into()
            }),
            assigned_to: names.assignee,
            attempt_count: row.attempts,
            last_attempt_at: row.last_attempt_at.map(DateTime),
            last_attempt_reason: row.last_attempt_reason.map(Into::into),
            checked_by: names.checker,
            checked_at: row.checked_at.map(DateTime),
            outcome: row.outcome.map(Into::into),
            holds_on: row.holds_on.map(Date),
            source: row.source.clone(),
            reference: row.reference.clone(),
            confirmed_by: names.confirmer,
            confirmed_at: row.confirmed_at.map(DateTime),
            return_remark: row.return_remark.clone(),
            settled_by: names.settler,
            settled_at: row.settled_at.map(DateTime),
            settle_reason: row.settle_reason.clone(),
            companion: seen.companion.map(Into::into),
            previous: seen.previous.map(Into::into),
            attempts: seen.attempts.into_iter().map(Into::into).collect(),
            corrections: seen.corrections.into_iter().map(Into::into).collect(),
            attachments: seen.attachments.into_iter().map(Into::into).collect(),
            row,
        })
    }

    fn unsealed(
        &self,
        ctx: &Context<'_>,
        field: Field,
        sealed: Option<&String>,
    ) -> async_graphql::Result<ProtectedString> {
        let keys = &cx(ctx).app.keys;
        let value = of_beneficiary(keys, field, sealed.map(String::as_str)).at_edge(ctx)?;
        Ok(opened(ctx, "Beneficiary", self.row.beneficiary_id, value))
    }
}

#[ComplexObject]
impl CertificationCheck {
    /// What else was written of it.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::VisitNotes, self.row.notes_sealed.as_ref()))
    }

    /// The phone number that is theirs once it is confirmed.
    async fn new_phone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::Phone, self.row.new_phone_sealed.as_ref()))
    }

    /// The address that is theirs once it is confirmed.
    async fn new_address(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        Some(self.unsealed(ctx, Field::Address, self.row.new_address_sealed.as_ref()))
    }

    /// What is known of their health once it is confirmed.
    async fn new_health_notes(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<ProtectedString>> {
        let sealed = self.row.new_health_notes_sealed.as_ref();
        Some(self.unsealed(ctx, Field::HealthNotes, sealed))
    }
}

/// How somebody was certified in an earlier round.
#[derive(Clone, Debug, SimpleObject)]
pub struct PreviousCheck {
    /// The check.
    check_id: ID,
    /// How it ended.
    status: CheckStatus,
    /// How they were certified.
    channel: Option<CertificationChannel>,
    /// When they were seen.
    checked_at: Option<DateTime>,
    /// What was found.
    outcome: Option<CheckOutcome>,
    /// Why it was settled without a check.
    settle_reason: Option<String>,
}

impl From<certification_check::Model> for PreviousCheck {
    fn from(row: certification_check::Model) -> Self {
        Self {
            check_id: Id::<ids::CertificationCheck>::new(row.id)
                .to_string()
                .into(),
            status: row.status.into(),
            channel: row.channel.map(Into::into),
            checked_at: row.checked_at.map(DateTime),
            outcome: row.outcome.map(Into::into),
            settle_reason: row.settle_reason,
        }
    }
}

/// One try at certifying somebody.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CertificationAttempt {
    /// When.
    occurred_at: DateTime,
    /// How.
    channel: CertificationChannel,
    /// Why nobody was met.
    reason: CheckAttemptReason,
    #[graphql(skip)]
    row: certification_attempt::Model,
}

impl From<certification_attempt::Model> for CertificationAttempt {
    fn from(row: certification_attempt::Model) -> Self {
        Self {
            occurred_at: DateTime(row.occurred_at),
            channel: row.channel.into(),
            reason: row.reason.into(),
            row,
        }
    }
}

#[ComplexObject]
impl CertificationAttempt {
    /// What else was written of it.
    async fn notes(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let sealed = self.row.notes_sealed.as_deref();
        let value = of_beneficiary(&cx(ctx).app.keys, Field::VisitNotes, sealed).at_edge(ctx);
        Some(value.map(|value| opened(ctx, "CertificationCheck", self.row.check_id, value)))
    }
}

/// A correction of a closed round's check, which stays as it was.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationCorrection {
    /// When it was entered.
    entered_at: DateTime,
    /// What should have been found, where that differs.
    outcome: Option<CheckOutcome>,
    /// The day, where that differs.
    holds_on: Option<Date>,
    /// Why.
    reason: String,
}

impl From<certification_correction::Model> for CertificationCorrection {
    fn from(row: certification_correction::Model) -> Self {
        Self {
            entered_at: DateTime(row.created_at),
            outcome: row.outcome.map(Into::into),
            holds_on: row.holds_on.map(Date),
            reason: row.reason,
        }
    }
}
