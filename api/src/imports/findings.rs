//! What an import has to say about a row, in a form for scripts and one for people.

use std::fmt;

use serde::{Serialize, Serializer};

/// Whether a row is left out or imported all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Severity {
    /// The row is not imported.
    Refused,
    /// The row is imported; someone should look at it.
    Warning,
}

/// Declares the codes with their strings and severities in one list.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $severity:ident;)*) => {
        /// Kind of a finding; its string never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $($(#[$doc])* $name,)*
        }

        impl Code {
            /// Every code, in the order of declaration.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code as scripts see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Whether a row with such a finding is imported.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }
        }
    };
}

codes! {
    /// No header row, or one without a required column; the sheet's rows are not read.
    HeaderMissing = "HEADER_MISSING", Refused;
    /// A column that the import does not know and does not read.
    ColumnUnknown = "COLUMN_UNKNOWN", Warning;
    /// A second column of the same meaning; only the first is read.
    ColumnDuplicate = "COLUMN_DUPLICATE", Warning;
    /// A required value is empty.
    ValueMissing = "VALUE_MISSING", Refused;
    /// Longer than the column may be.
    ValueTooLong = "VALUE_TOO_LONG", Refused;
    /// A broken formula, or what Excel turned a value into.
    ValueInvalid = "VALUE_INVALID", Refused;
    /// Not a date, or not a possible one.
    DateInvalid = "DATE_INVALID", Refused;
    /// Neither a yes nor a no.
    YesNoInvalid = "YES_NO_INVALID", Refused;
    /// Not a gender.
    GenderInvalid = "GENDER_INVALID", Refused;
    /// Not of the form of an ID number, or with an impossible birth date.
    IdInvalid = "ID_INVALID", Refused;
    /// An ID number whose check character is wrong.
    IdChecksum = "ID_CHECKSUM", Refused;
    /// An ID number whose last digits Excel has lost.
    IdPrecisionLost = "ID_PRECISION_LOST", Refused;
    /// The birth date differs from the one in the ID number, which is imported.
    BornOnMismatch = "BORN_ON_MISMATCH", Warning;
    /// The gender differs from the one in the ID number, which is imported.
    GenderMismatch = "GENDER_MISMATCH", Warning;
    /// Not a phone number.
    PhoneInvalid = "PHONE_INVALID", Refused;
    /// Not a care tier.
    TierUnknown = "TIER_UNKNOWN", Refused;
    /// A circumstance without a tier; enrolled as 一般.
    TierMissing = "TIER_MISSING", Warning;
    /// A tier without a circumstance; enrolled, outside the monthly contact rate.
    CircumstanceMissing = "CIRCUMSTANCE_MISSING", Warning;
    /// The same area, person or grant stands in an earlier row.
    DuplicateInFile = "DUPLICATE_IN_FILE", Refused;
    /// Not a kind of area.
    AreaKindUnknown = "AREA_KIND_UNKNOWN", Refused;
    /// Not an area code, or one that Excel has spoilt.
    AreaCodeInvalid = "AREA_CODE_INVALID", Refused;
    /// The area above is missing, or not of a higher level.
    AreaParentInvalid = "AREA_PARENT_INVALID", Refused;
    /// The area lies within itself.
    AreaCycle = "AREA_CYCLE", Refused;
    /// Not a latitude or longitude, or only one of the two.
    CoordinateInvalid = "COORDINATE_INVALID", Refused;
    /// Not a role.
    RoleUnknown = "ROLE_UNKNOWN", Refused;
    /// No area on record has this code; found when merging.
    AreaUnknown = "AREA_UNKNOWN", Refused;
    /// The name differs from an earlier row or from the record with the same key.
    NameDiffers = "NAME_DIFFERS", Warning;
    /// On record but no longer in the file; found when merging. Nobody is un-enrolled by it.
    AbsentFromFile = "ABSENT_FROM_FILE", Warning;
    /// The area on record has another kind or another area above; an import moves no area.
    AreaMoved = "AREA_MOVED", Refused;
    /// The area is retired.
    AreaRetired = "AREA_RETIRED", Refused;
    /// The role can't be granted at this kind of area.
    RoleUnfit = "ROLE_UNFIT", Refused;
    /// The account is disabled; nothing is granted to it.
    AccountDisabled = "ACCOUNT_DISABLED", Refused;
    /// The grant is new and its last day has passed.
    GrantExpired = "GRANT_EXPIRED", Refused;
    /// The row would end the role of the only administrator who can sign in.
    LastAdministrator = "LAST_ADMINISTRATOR", Refused;
    /// The grant on record ends and the file gives no end; the end on record stays.
    GrantEndKept = "GRANT_END_KEPT", Warning;
    /// Several people on record fit a row without ID number.
    PersonAmbiguous = "PERSON_AMBIGUOUS", Refused;
    /// The person is on record as deceased.
    PersonDeceased = "PERSON_DECEASED", Refused;
    /// The person is enrolled, and the row names neither circumstance nor tier; they stay enrolled.
    EnrolmentKept = "ENROLMENT_KEPT", Warning;
    /// The person is on record outside the areas of whoever imports; nothing more is told.
    PersonElsewhere = "PERSON_ELSEWHERE", Refused;
    /// An account with this phone number exists outside the areas of whoever imports.
    PhoneTaken = "PHONE_TAKEN", Refused;
    /// The role is above the ones that whoever imports may grant there.
    RoleAboveYours = "ROLE_ABOVE_YOURS", Refused;
    /// Not a category of beneficiaries, or of services.
    CategoryUnknown = "CATEGORY_UNKNOWN", Refused;
    /// Not a way to certify.
    ChannelUnknown = "CHANNEL_UNKNOWN", Refused;
    /// Registered in no area of ours; answered for where they live.
    RegisteredElsewhere = "REGISTERED_ELSEWHERE", Warning;
    /// The row names a building and an institution; the institution is imported.
    HomeAmbiguous = "HOME_AMBIGUOUS", Warning;
    /// The beneficiary on record is registered in another area; a file moves nobody.
    RegistrationKept = "REGISTRATION_KEPT", Warning;
    /// The person is on record as a beneficiary no more.
    BenefitEnded = "BENEFIT_ENDED", Refused;
    /// A resident may be the beneficiary: imported without a match, for a person to decide.
    MatchDoubtful = "MATCH_DOUBTFUL", Warning;
    /// Not a result of a check.
    OutcomeUnknown = "OUTCOME_UNKNOWN", Refused;
    /// So many rows have no result; they are not read.
    ResultMissing = "RESULT_MISSING", Warning;
    /// Nobody of the round's roster, as far as whoever imports sees it, has this number.
    NotOnRoster = "NOT_ON_ROSTER", Refused;
    /// The number is another person's: the row may have slipped.
    NameMismatch = "NAME_MISMATCH", Refused;
    /// The check has another result that waits to be confirmed.
    AlreadyChecked = "ALREADY_CHECKED", Refused;
    /// The check has reached an end with another result.
    AlreadySettled = "ALREADY_SETTLED", Refused;
    /// The round was closed or voided.
    RoundNotOpen = "ROUND_NOT_OPEN", Refused;
    /// Whoever imports may see the check and not make it.
    NotPermitted = "NOT_PERMITTED", Refused;
    /// The check is refused for the reason that the message tells.
    CheckRefused = "CHECK_REFUSED", Refused;
    /// The same result was sent back; it is not sent again.
    CheckReturned = "CHECK_RETURNED", Warning;
    /// What a partner offers is refused for the reason that the message tells.
    OfferRefused = "OFFER_REFUSED", Refused;
    /// Somebody changed the same record while the file was imported; import it again.
    ChangedMeanwhile = "CHANGED_MEANWHILE", Refused;
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// One thing found in a file. `Display` is the whole line for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Name of the sheet; `CSV` for a text file.
    pub sheet: String,
    /// Row as Excel numbers it.
    pub row: u32,
    /// Letter of the column; empty when the whole row is meant.
    pub column: String,
    /// Header of the column as the file writes it; empty when the whole row is meant.
    pub header: String,
    /// What stands in the cell; ID and phone numbers masked, long texts cut.
    pub value: String,
    /// What kind of finding it is.
    pub code: Code,
    /// Whether the row is left out.
    pub severity: Severity,
    /// A Chinese sentence that says what is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "「{}」第{}行", self.sheet, self.row)?;
        if !self.column.is_empty() {
            write!(f, " {}列 {}", self.column, self.header)?;
        }
        if !self.value.is_empty() {
            write!(f, "“{}”", self.value)?;
        }
        write!(f, "：{}（{}）", self.message, self.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_reads_as_a_sentence() {
        let finding = Finding {
            sheet: "台账".to_owned(),
            row: 12,
            column: "G".to_owned(),
            header: "身份证号".to_owned(),
            value: "341***********0754".to_owned(),
            code: Code::IdChecksum,
            severity: Severity::Refused,
            message: "校验位不对，请核对证件".to_owned(),
        };
        assert_eq!(
            finding.to_string(),
            "「台账」第12行 G列 身份证号“341***********0754”：校验位不对，请核对证件（ID_CHECKSUM）"
        );
    }

    #[test]
    fn codes_are_unique() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        texts.dedup();
        assert_eq!(texts.len(), Code::ALL.len());
    }
}
