//! Reading a column whose value may be one this program does not know.

use sea_orm::{ColIdx, QueryResult, TryGetError, TryGetable};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};

use crate::error::{Error, Result};

/// A column's value, or why it could not be read: one bad row must not hide a whole list.
#[derive(Clone, Debug)]
pub struct Lenient<T>(std::result::Result<T, String>);

impl<T> From<Result<T>> for Lenient<T> {
    fn from(value: Result<T>) -> Self {
        Self(value.map_err(|error| error.to_string()))
    }
}

impl<T: Clone> Lenient<T> {
    /// The value; an internal error where it could not be read.
    pub fn get(&self) -> Result<T> {
        self.0.clone().map_err(Error::internal)
    }

    /// The value, or this one where it could not be read.
    #[must_use]
    pub fn unwrap_or(&self, other: T) -> T {
        self.0.clone().unwrap_or(other)
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> std::result::Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(from)?;
        Ok(Self(
            T::deserialize(value).map_err(|error| error.to_string()),
        ))
    }
}

impl<T: TryGetable> TryGetable for Lenient<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        match T::try_get_by(row, index) {
            Ok(value) => Ok(Self(Ok(value))),
            // An absent column (an outer join without a match) is not a bad value.
            Err(TryGetError::Null(column)) => Err(TryGetError::Null(column)),
            Err(TryGetError::DbErr(error)) => Ok(Self(Err(error.to_string()))),
        }
    }
}
