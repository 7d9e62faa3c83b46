//! Checks that many inputs share.

use crate::error::{Code, Error, Result};

/// A required text without surrounding spaces, at most `longest` characters.
pub fn text(value: &str, longest: usize, field: &'static str) -> Result<String> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Error::refused(Code::Required).on(field));
    }
    if value.chars().count() > longest {
        return Err(Error::refused(Code::TooLong).on(field));
    }
    Ok(value.to_owned())
}

/// A text that may be left out; only spaces count as left out.
pub fn optional_text(
    value: Option<&str>,
    longest: usize,
    field: &'static str,
) -> Result<Option<String>> {
    match value {
        Some(value) if !value.trim().is_empty() => text(value, longest, field).map(Some),
        _ => Ok(None),
    }
}
