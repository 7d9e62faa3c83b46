//! What a check found, and what is written of it.

use chrono::{DateTime, NaiveDate, Utc};
use entity::certification_check;
use entity::enums::{CertificationChannel, CheckOutcome};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{CaseStatement, Expr, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, Given};
use super::step::Values;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::residents::rules::phone;

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// The session or slot at which it was; as planned where absent and by the same channel.
    pub session: Option<Uuid>,
    /// How the person was certified.
    pub channel: CertificationChannel,
    /// What was found.
    pub outcome: CheckOutcome,
    /// When; now where absent.
    pub occurred_at: Option<DateTime<Utc>>,
    /// The day of death or of the move, or from which benefits end.
    pub holds_on: Option<NaiveDate>,
    /// Who says so.
    pub source: Option<String>,
    /// What the evidence is filed under.
    pub reference: Option<String>,
    /// What else there is to say.
    pub notes: Option<String>,
    /// A phone number that is to be theirs.
    pub new_phone: Option<String>,
    /// An address that is to be theirs.
    pub new_address: Option<String>,
    /// What is to be known of their health.
    pub new_health_notes: Option<String>,
}

impl Found {
    /// The columns it is written to.
    ///
    /// Refused: `TIME_IN_FUTURE`, `OUT_OF_RANGE`, `REQUIRED`, `PHONE_INVALID`.
    pub(super) fn values(&self, cx: &Cx) -> Result<Values> {
        use certification_check::Column as C;
        let (keys, now) = (&cx.app.keys, cx.app.clock.now());
        let at = self.occurred_at.unwrap_or(now);
        rules::check_past(at, now)?;
        rules::check(Given {
            channel: self.channel,
            outcome: self.outcome,
            number: self.reference.is_some(),
            source: self.source.is_some(),
            holds_on: self.holds_on,
        })?;
        if self
            .holds_on
            .is_some_and(|day| day > local_date(now, SHANGHAI))
        {
            return Err(Error::refused(Code::OutOfRange).on("holdsOn"));
        }
        let new_phone = self.new_phone.as_deref();
        let new_phone = new_phone.map(|text| phone(text, "newPhone")).transpose()?;
        let new_phone = new_phone.as_ref().map(Phone::as_str);
        let sealed = |field, text: Option<&str>| -> Result<_> {
            let value = text
                .map(|text| sealed::seal(keys, field, text))
                .transpose()?;
            Ok(Expr::value(value))
        };
        let hash = new_phone.map(|number| sealed::hash(keys, Field::Phone, number));
        Ok(vec![
            (C::Channel, Expr::value(self.channel)),
            (C::SessionId, self.at_session()),
            (C::CheckedBy, Expr::value(cx.actor()?.account)),
            (C::CheckedAt, Expr::value(at)),
            (C::Outcome, Expr::value(self.outcome)),
            (C::HoldsOn, Expr::value(self.holds_on)),
            (C::Source, Expr::value(self.source.clone())),
            (C::Reference, Expr::value(self.reference.clone())),
            (
                C::NotesSealed,
                sealed(Field::VisitNotes, self.notes.as_deref())?,
            ),
            (C::NewPhoneSealed, sealed(Field::Phone, new_phone)?),
            (C::NewPhoneHash, Expr::value(hash)),
            (
                C::NewAddressSealed,
                sealed(Field::Address, self.new_address.as_deref())?,
            ),
            (
                C::NewHealthNotesSealed,
                sealed(Field::HealthNotes, self.new_health_notes.as_deref())?,
            ),
        ])
    }

    /// Whoever was to come to a session and was certified otherwise leaves their place to another.
    fn at_session(&self) -> SimpleExpr {
        use certification_check::Column as C;
        if self.session.is_some() {
            return Expr::value(self.session);
        }
        CaseStatement::new()
            .case(C::Channel.eq(self.channel), Expr::col(C::SessionId))
            .finally(Expr::value(None::<Uuid>))
            .into()
    }
}
