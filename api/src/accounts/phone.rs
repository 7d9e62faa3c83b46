//! Phone numbers of mainland China.

use std::fmt;

use crate::text;

/// A phone number in its plain form: a mobile, or a landline with its area code.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Phone(String);

impl Phone {
    /// Reads a mobile number: 11 digits, the second 3 to 9.
    ///
    /// Spaces, dashes, full-width digits and the country code 86 are understood; none if it is
    /// anything else, such as two numbers in one.
    #[must_use]
    pub fn mobile(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        let bytes = digits.as_bytes();
        let valid = bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]);
        valid.then_some(Self(digits))
    }

    /// Reads a mobile number, or a landline with area code (`0550-3021234`).
    ///
    /// A landline is kept as area code, dash, number. Without the area code it is refused: nobody
    /// could call it from a mobile, and the place it belongs to would be a guess.
    #[must_use]
    pub fn any(text: &str) -> Option<Self> {
        Self::mobile(text).or_else(|| Self::landline(text))
    }

    /// Area codes: 010 and 02x have three digits, the others four; numbers have seven or eight.
    fn landline(text: &str) -> Option<Self> {
        let digits = digits(text)?;
        // Without its leading zero, as after a country code, it can't be told from other numbers.
        let rest = digits.strip_prefix('0')?;
        let code_length = match rest.as_bytes().first()? {
            b'1' | b'2' => 3,
            b'3'..=b'9' => 4,
            _ => return None,
        };
        let (code, number) = digits.split_at_checked(code_length)?;
        let valid = matches!(number.len(), 7 | 8) && !number.starts_with(['0', '1']);
        valid.then(|| Self(format!("{code}-{number}")))
    }

    /// The number in full. Protected: show it only to those who may see it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number for those who may not see it in full: `138****1234`.
    #[must_use]
    pub fn masked(&self) -> String {
        text::mask(&self.0)
    }
}

/// Masked, so that no log shows it in full.
impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

/// The digits of a number without separators and country code; none if there is anything else.
fn digits(text: &str) -> Option<String> {
    let mut text = text::compact(text);
    text.retain(|c| !matches!(c, '-' | '—' | '–' | '‐' | '‑' | '(' | ')'));
    let international = text
        .strip_prefix("+86")
        .or_else(|| text.strip_prefix("0086"))
        .or_else(|| text.strip_prefix("86").filter(|rest| rest.len() == 11));
    let digits = international.unwrap_or(&text);
    (!digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any(text: &str) -> Option<String> {
        Phone::any(text).map(|phone| phone.as_str().to_owned())
    }

    #[test]
    fn mobiles_as_people_write_them() {
        for text in [
            "13812341234",
            " 138 1234 1234 ",
            "138-1234-1234",
            "+86 138 1234 1234",
            "0086-13812341234",
            "8613812341234",
            "１３８１２３４１２３４",
            "138\u{3000}1234\u{a0}1234",
        ] {
            assert_eq!(any(text).as_deref(), Some("13812341234"), "{text}");
        }
    }

    #[test]
    fn landlines_need_their_area_code() {
        assert_eq!(any("0550-3021234").as_deref(), Some("0550-3021234"));
        assert_eq!(any("(0550)3021234").as_deref(), Some("0550-3021234"));
        assert_eq!(any("010 8888 6666").as_deref(), Some("010-88886666"));
        assert_eq!(any("3021234"), None);
        assert_eq!(Phone::mobile("0550-3021234"), None);
    }

    #[test]
    fn anything_else_is_none() {
        for text in [
            "",
            "12345",
            "12812341234",
            "1381234123",
            "138123412345",
            "1381234123a",
            "13812341234/13912341234",
            "1.38123E+10",
            "0550-",
            "0",
            "无",
        ] {
            assert_eq!(any(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_it_masked() {
        let phone = Phone::mobile("13812341234");
        assert_eq!(format!("{phone:?}"), "Some(Phone(138****1234))");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_read_reads_again(text in "\\PC{0,20}|[0-9０-９ +-]{5,16}") {
            if let Some(phone) = Phone::any(&text) {
                prop_assert_eq!(Phone::any(phone.as_str()), Some(phone));
            }
        }
    }
}
