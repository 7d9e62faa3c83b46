//! Stored enums: short strings without CHECK, so that a migration need not rebuild a table.
//!
//! In the database and in JSON a value is its name in `SCREAMING_SNAKE_CASE`; one that is not
//! listed here is an error when read. Their order is that of declaration and means nothing else.

mod accompaniments;
mod alarms;
mod attachments;
mod certifications;
mod coverage;
mod escalations;
mod findings;
mod meals;
mod partners;
mod people;
mod places;
mod records;
mod rounds;
mod visits;
mod wishes;

pub use accompaniments::AccompanimentStatus;
pub use alarms::{AlarmAction, AlarmKind, AlarmStatus};
pub use attachments::AttachmentKind;
pub use certifications::{
    BeneficiaryCategories, BeneficiaryCategory, CertificationChannel, CertificationRoundStatus,
    CertificationSessionStatus, CheckAttemptReason, CheckOutcome, CheckStatus, HandOverStatus,
};
pub use coverage::{CoverageFigure, CoverageOutcome, CoverageReason};
pub use escalations::{EscalationCause, EscalationStatus};
pub use findings::FindingStatus;
pub use meals::{Meal, MealBatchStatus, Weekday};
pub use partners::{OfferStatus, PartnerStatus, ServiceCategory, SlotStatus};
pub use people::{AwardKind, CareTier, CareTiers, Gender, IdKind};
pub use places::{AccountStatus, AreaKind, Role};
pub use records::{ChangeKind, ChangeOp, ImportAction};
pub use rounds::RoundCause;
pub use visits::{
    Arrival, AttemptReason, VerificationMode, VisitKind, VisitMethod, VisitOrigin, VisitOutcome,
    VisitStatus, Wellbeing,
};
pub use wishes::{
    AskedHow, BookingStatus, CancelledBy, HandPart, HandStatus, WishProof, WishStatus, WishUrgency,
    WishWordKind,
};

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use sea_orm::{ActiveEnum, Iterable};

    use super::*;

    /// Every value comes back from its string, which fits the column; another is an error.
    fn check<E>(width: usize)
    where
        E: ActiveEnum<Value = String> + Iterable + Copy + PartialEq + Debug,
    {
        for value in E::iter() {
            let stored = value.to_value();
            assert!(stored.len() <= width, "{stored}");
            assert_eq!(E::try_from_value(&stored).as_ref(), Ok(&value));
        }
        for unknown in ["", "NONSENSE", "open"] {
            assert!(E::try_from_value(&unknown.to_owned()).is_err());
        }
    }

    #[test]
    fn stored_values_round_trip_and_unknown_ones_are_errors() {
        check::<AreaKind>(32);
        check::<AccountStatus>(32);
        check::<Role>(32);
        check::<Gender>(32);
        check::<CareTier>(32);
        check::<IdKind>(32);
        check::<AwardKind>(32);
        check::<VisitKind>(32);
        check::<Meal>(32);
        check::<MealBatchStatus>(32);
        check::<CoverageFigure>(16);
        check::<RoundCause>(32);
        check::<AlarmKind>(32);
        check::<AlarmStatus>(32);
        check::<FindingStatus>(32);
        check::<EscalationCause>(32);
        check::<EscalationStatus>(32);
        check::<AlarmAction>(32);
        check::<AttachmentKind>(32);
        check::<CoverageOutcome>(32);
        check::<BeneficiaryCategory>(32);
        check::<CertificationChannel>(32);
        check::<CertificationRoundStatus>(32);
        check::<CertificationSessionStatus>(32);
        check::<CheckStatus>(32);
        check::<HandOverStatus>(32);
        check::<AccompanimentStatus>(32);
        check::<CheckOutcome>(32);
        check::<CheckAttemptReason>(32);
        check::<CoverageReason>(32);
        check::<VisitOrigin>(32);
        check::<VerificationMode>(32);
        check::<Arrival>(32);
        check::<Wellbeing>(32);
        check::<VisitStatus>(32);
        check::<AttemptReason>(32);
        check::<VisitOutcome>(32);
        check::<VisitMethod>(32);
        check::<ChangeKind>(30);
        check::<ChangeOp>(32);
        check::<PartnerStatus>(32);
        check::<ServiceCategory>(32);
        check::<OfferStatus>(32);
        check::<SlotStatus>(32);
        check::<WishStatus>(32);
        check::<WishUrgency>(32);
        check::<AskedHow>(32);
        check::<WishProof>(32);
        check::<WishWordKind>(32);
        check::<BookingStatus>(32);
        check::<CancelledBy>(32);
        check::<HandPart>(32);
        check::<HandStatus>(32);
        check::<ImportAction>(16);
    }

    #[test]
    fn names_are_screaming_snake_case() {
        assert_eq!(Role::CenterHousehold.to_value(), "CENTER_HOUSEHOLD");
        assert_eq!(AttemptReason::NotAtHome.to_value(), "NOT_AT_HOME");
    }
}
