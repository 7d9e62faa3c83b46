//! What phones send about checks.

use async_graphql::{ID, InputObject};

use super::calls::{Call, What};
use super::found::Found;
use super::graphql::CheckAttemptReason;
use crate::beneficiaries::graphql::{CertificationChannel, CheckOutcome};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text};
use crate::scalars::{Date, DateTime, Uuid};

const REMARK: usize = 180;
const REFERENCE: usize = 120;
const NOTES: usize = 2000;
const PHONE: usize = 40;
const ADDRESS: usize = 120;
const HEALTH: usize = 500;

/// A check to be planned.
#[derive(Debug, InputObject)]
pub struct ScheduleCheckInput {
    /// The check.
    check_id: ID,
    /// When they are to be certified.
    scheduled_for: DateTime,
    /// How; as before where absent.
    channel: Option<CertificationChannel>,
    /// The account that is to do it; as before where absent.
    assigned_to_id: Option<ID>,
}

/// A check whose time is taken back.
#[derive(Debug, InputObject)]
pub struct UnscheduleCheckInput {
    /// The check.
    check_id: ID,
}

/// A try that met nobody.
#[derive(Debug, InputObject)]
pub struct CheckAttemptInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same try.
    id: Option<Uuid>,
    /// The check.
    check_id: ID,
    /// How it was tried.
    channel: CertificationChannel,
    /// Why nobody was met.
    reason: CheckAttemptReason,
    /// When; now where absent.
    occurred_at: Option<DateTime>,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
}

/// What a check found.
#[derive(Debug, InputObject)]
pub struct RecordCheckInput {
    /// The check.
    check_id: ID,
    /// The session or slot at which they were certified, also where they were not expected; as planned where
    /// absent.
    session_id: Option<ID>,
    /// How they were certified; at a session or slot by its channel.
    channel: CertificationChannel,
    /// What was found.
    outcome: CheckOutcome,
    /// When; now where absent, at most a year ago.
    occurred_at: Option<DateTime>,
    /// The day of death or of the move, or from which benefits end; needed where they are not alive here.
    holds_on: Option<Date>,
    /// Who says so, at most 180 characters; needed where they are not alive here. Of a confirmed death these
    /// words stand on the resident's record too: they say nothing of benefits.
    source: Option<String>,
    /// What the evidence is filed under, at most 120 characters; needed of the app and of a letter.
    reference: Option<String>,
    /// What else there is to say, at most 2000 characters.
    notes: Option<String>,
    /// A phone number that is theirs once it is confirmed.
    new_phone: Option<String>,
    /// An address that is theirs once it is confirmed, at most 120 characters.
    new_address: Option<String>,
    /// What is known of their health once it is confirmed, at most 500 characters.
    new_health_notes: Option<String>,
}

/// A check to be sent back.
#[derive(Debug, InputObject)]
pub struct ReturnCheckInput {
    /// The check.
    check_id: ID,
    /// The version you saw, if another one is to be refused.
    expected_version: Option<i64>,
    /// What is missing, at most 180 characters.
    remark: String,
}

/// A check to be confirmed.
#[derive(Debug, InputObject)]
pub struct ConfirmCheckInput {
    /// The check.
    check_id: ID,
    /// The check's version that you saw; another one is refused.
    expected_version: i64,
    /// The version of the beneficiary's record that you compared with what the check proposes; another one is
    /// refused, so that nothing is overwritten that was changed meanwhile.
    beneficiary_version: i64,
}

/// A check to be settled without having been confirmed.
#[derive(Debug, InputObject)]
pub struct SettleCheckInput {
    /// The check.
    check_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// Why, at most 180 characters.
    reason: String,
}

/// What names a check and says what is done about it.
pub(super) trait IntoCall {
    /// The call; refused as a whole where its texts are too long.
    fn into_call(self) -> Result<Call>;
}

/// An id that names nothing is refused by itself, as one that nobody may see.
pub(in crate::certifications) fn check_id(id: &ID) -> uuid::Uuid {
    Id::<ids::CertificationCheck>::parse(id, "checkId").map_or(uuid::Uuid::nil(), Id::uuid)
}

impl IntoCall for ScheduleCheckInput {
    fn into_call(self) -> Result<Call> {
        let account = self.assigned_to_id.as_ref();
        let account = account
            .map(|id| Id::<ids::Account>::parse(id, "checks.assignedToId"))
            .transpose()?;
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: None,
            what: What::Schedule {
                at: self.scheduled_for.0,
                channel: self.channel.map(Into::into),
                assigned_to: account.map(Id::uuid),
            },
        })
    }
}

impl IntoCall for UnscheduleCheckInput {
    fn into_call(self) -> Result<Call> {
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: None,
            what: What::Unschedule,
        })
    }
}

impl IntoCall for CheckAttemptInput {
    fn into_call(self) -> Result<Call> {
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: None,
            what: What::Attempt {
                id: self.id.map(|id| id.0),
                channel: self.channel.into(),
                reason: self.reason.into(),
                occurred_at: self.occurred_at.map(|at| at.0),
                notes: optional_text(self.notes.as_deref(), NOTES, "checks.notes")?,
            },
        })
    }
}

impl IntoCall for RecordCheckInput {
    fn into_call(self) -> Result<Call> {
        let read = |text: Option<&str>, longest, field| optional_text(text, longest, field);
        let session = self.session_id.as_ref().map(|id| {
            // One that names nothing is refused by itself too.
            Id::<ids::CertificationSession>::parse(id, "sessionId")
                .map_or(uuid::Uuid::nil(), Id::uuid)
        });
        let found = Found {
            session,
            channel: self.channel.into(),
            outcome: self.outcome.into(),
            occurred_at: self.occurred_at.map(|at| at.0),
            holds_on: self.holds_on.map(|day| day.0),
            source: read(self.source.as_deref(), REMARK, "checks.source")?,
            reference: read(self.reference.as_deref(), REFERENCE, "checks.reference")?,
            notes: read(self.notes.as_deref(), NOTES, "checks.notes")?,
            new_phone: read(self.new_phone.as_deref(), PHONE, "checks.newPhone")?,
            new_address: read(self.new_address.as_deref(), ADDRESS, "checks.newAddress")?,
            new_health_notes: read(
                self.new_health_notes.as_deref(),
                HEALTH,
                "checks.newHealthNotes",
            )?,
        };
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: None,
            what: What::Check(Box::new(found)),
        })
    }
}

impl IntoCall for ReturnCheckInput {
    fn into_call(self) -> Result<Call> {
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: self.expected_version,
            what: What::Return(text(&self.remark, REMARK, "checks.remark")?),
        })
    }
}

impl IntoCall for ConfirmCheckInput {
    fn into_call(self) -> Result<Call> {
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: Some(self.expected_version),
            what: What::Confirm {
                beneficiary_version: self.beneficiary_version,
            },
        })
    }
}

impl IntoCall for SettleCheckInput {
    fn into_call(self) -> Result<Call> {
        Ok(Call {
            check: check_id(&self.check_id),
            expected_version: Some(self.expected_version),
            what: What::Settle(text(&self.reason, REMARK, "checks.reason")?),
        })
    }
}
