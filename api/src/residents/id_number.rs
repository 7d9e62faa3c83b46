//! Citizen ID numbers by GB 11643-1999.
//!
//! Six digits of area, eight of birth date, three of sequence (odd for men), one check character.
//! Until 1999 they had 15 digits: a year of two digits and no check character.

use std::fmt;

use chrono::NaiveDate;
use entity::enums::Gender;

use crate::text;

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// A citizen ID number of 18 characters whose checksum and birth date are right.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdNumber {
    text: String,
    born_on: NaiveDate,
}

/// Why a text is not a citizen ID number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// Not 18 (or 15) characters, or others than digits and a final X.
    #[error("not an ID number")]
    Shape,
    /// The last character does not fit the others: something is mistyped.
    #[error("wrong checksum")]
    Checksum,
    /// The birth date in it does not exist.
    #[error("impossible birth date")]
    BirthDate,
}

impl IdNumber {
    /// Reads a number of 18 characters, or converts one of 15.
    ///
    /// Spaces, full-width digits and a small `x` are understood. A number of 15 digits is taken
    /// for a birth in the 1900s.
    pub fn parse(text: &str) -> Result<Self, IdNumberError> {
        let text = text::compact(text).to_ascii_uppercase();
        let long = match text.len() {
            15 => {
                // A non-ASCII text of 15 bytes has no split at 6 or is refused by `check_character`.
                let (area, rest) = text.split_at_checked(6).ok_or(IdNumberError::Shape)?;
                let body = format!("{area}19{rest}");
                let check = check_character(&body).ok_or(IdNumberError::Shape)?;
                format!("{body}{check}")
            }
            18 => text,
            _ => return Err(IdNumberError::Shape),
        };
        let (body, last) = long.split_at_checked(17).ok_or(IdNumberError::Shape)?;
        let check = check_character(body).ok_or(IdNumberError::Shape)?;
        if !last.bytes().all(|b| b.is_ascii_digit() || b == b'X') {
            return Err(IdNumberError::Shape);
        }
        if !last.starts_with(check) {
            return Err(IdNumberError::Checksum);
        }
        let born_on = NaiveDate::parse_from_str(&body[6..14], "%Y%m%d")
            .ok()
            .ok_or(IdNumberError::BirthDate)?;
        Ok(Self {
            text: long,
            born_on,
        })
    }

    /// The number in full. Protected: show it only to those who may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The birth date in it.
    #[must_use]
    pub fn born_on(&self) -> NaiveDate {
        self.born_on
    }

    /// The gender in it: the 17th digit is odd for men.
    #[must_use]
    pub fn gender(&self) -> Gender {
        if self.text.as_bytes()[16] % 2 == 1 {
            Gender::Male
        } else {
            Gender::Female
        }
    }

    /// The number without its birth date, for those who may not see it in full.
    #[must_use]
    pub fn masked(&self) -> String {
        text::mask(&self.text)
    }
}

/// Masked, so that no log shows it in full.
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdNumber({})", self.masked())
    }
}

/// The 18th character for the first 17; none if they are not 17 digits.
///
/// Weighted sum modulo 11 (ISO 7064 MOD 11-2).
#[must_use]
pub fn check_character(body: &str) -> Option<char> {
    if body.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in body.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    Some(char::from(CHECK_CHARACTERS[sum as usize % 11]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_right_number_tells_birth_date_and_gender() {
        let number = IdNumber::parse(" 34119120040403762x　").unwrap();
        assert_eq!(number.as_str(), "34119120040403762X");
        assert_eq!(
            number.born_on(),
            NaiveDate::from_ymd_opt(2004, 4, 3).unwrap()
        );
        assert_eq!(number.gender(), Gender::Female);
        assert_eq!(number.masked(), "341***********762X");
        assert_eq!(format!("{number:?}"), "IdNumber(341***********762X)");
    }

    #[test]
    fn old_numbers_are_converted() {
        let number = IdNumber::parse("341191570218075").unwrap();
        assert_eq!(number.as_str(), "341191195702180754");
        assert_eq!(number.gender(), Gender::Male);
    }

    #[test]
    fn refusals_say_why() {
        for (text, error) in [
            ("", IdNumberError::Shape),
            ("34119119570218075", IdNumberError::Shape),
            ("34119119570218O754", IdNumberError::Shape),
            ("34119119570218075Y", IdNumberError::Shape),
            ("身份证号不详五", IdNumberError::Shape),
            ("身份证号不", IdNumberError::Shape),
            ("341191195702180755", IdNumberError::Checksum),
            ("341191195702180745", IdNumberError::Checksum),
            ("341191571318075", IdNumberError::BirthDate),
        ] {
            assert_eq!(IdNumber::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn made_numbers_are_read_and_one_wrong_digit_is_found(
            days in 0i64..40_000, sequence in 0u32..1000, at in 0usize..17, by in 1u8..10,
        ) {
            let born_on = NaiveDate::from_ymd_opt(1910, 1, 1).unwrap() + chrono::Duration::days(days);
            let body = format!("341191{}{sequence:03}", born_on.format("%Y%m%d"));
            let text = format!("{body}{}", check_character(&body).unwrap());
            let number = IdNumber::parse(&text).unwrap();
            prop_assert_eq!(number.born_on(), born_on);
            prop_assert_eq!(number.as_str(), &text);

            let mut wrong = text.into_bytes();
            wrong[at] = b'0' + (wrong[at] - b'0' + by) % 10;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(IdNumber::parse(&wrong), Err(IdNumberError::Checksum));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}|[0-9Xx]{14,19}") {
            let _ = IdNumber::parse(&text);
        }
    }
}
