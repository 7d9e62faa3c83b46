//! Checks that many inputs share.

use async_graphql::{InputType, MaybeUndefined};
use serde::Serialize;

use crate::error::{Code, Error, Result};

/// What an edit does to one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Edit<T> {
    /// It was not given: nothing.
    #[default]
    Keep,
    /// It was given as null: what was there goes.
    Clear,
    /// It becomes this.
    Set(T),
}

impl<T> Edit<T> {
    /// Changes the value, where there is one.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Edit<U> {
        match self {
            Self::Keep => Edit::Keep,
            Self::Clear => Edit::Clear,
            Self::Set(value) => Edit::Set(change(value)),
        }
    }

    /// The value afterwards of one that may be absent.
    #[must_use]
    pub fn of(self, before: Option<T>) -> Option<T> {
        match self {
            Self::Keep => before,
            Self::Clear => None,
            Self::Set(value) => Some(value),
        }
    }
}

impl<T: InputType> From<MaybeUndefined<T>> for Edit<T> {
    fn from(value: MaybeUndefined<T>) -> Self {
        match value {
            MaybeUndefined::Undefined => Self::Keep,
            MaybeUndefined::Null => Self::Clear,
            MaybeUndefined::Value(value) => Self::Set(value),
        }
    }
}

/// An edit of a text that may be left out; only spaces clear it.
pub fn text_edit(
    value: MaybeUndefined<String>,
    longest: usize,
    field: &'static str,
) -> Result<Edit<String>> {
    match value {
        MaybeUndefined::Undefined => Ok(Edit::Keep),
        other => Ok(
            match optional_text(other.take().as_deref(), longest, field)? {
                Some(text) => Edit::Set(text),
                None => Edit::Clear,
            },
        ),
    }
}

/// A required text without surrounding spaces, at most `longest` characters.
pub fn text(value: &str, longest: usize, field: &'static str) -> Result<String> {
    let value = value.trim();
    if value.is_empty() {
        return Err(Error::refused(Code::Required).on(field));
    }
    // PostgreSQL stores no NUL, and no screen shows the others.
    if value
        .chars()
        .any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
    {
        return Err(Error::refused(Code::TextInvalid).on(field));
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
