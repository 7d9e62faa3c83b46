//! A set of enum values, stored as an integer column of their bits.

use std::any::type_name;
use std::marker::PhantomData;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, Iterable, QueryResult, TryGetError, TryGetable};
use serde::{Deserialize, Deserializer};

/// An enum whose values can stand in a [`Bits`].
pub trait Bit: Copy + Iterable {
    /// The value's bit; it never changes.
    fn bit(self) -> i32;
}

/// A set of values of `T`.
#[derive(Debug)]
pub struct Bits<T> {
    bits: i32,
    of: PhantomData<T>,
}

impl<T> Clone for Bits<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Bits<T> {}

impl<T> Default for Bits<T> {
    fn default() -> Self {
        Self {
            bits: 0,
            of: PhantomData,
        }
    }
}

impl<T> PartialEq for Bits<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bits == other.bits
    }
}

impl<T> Eq for Bits<T> {}

impl<T> std::hash::Hash for Bits<T> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.bits.hash(state);
    }
}

impl<T: Bit> Bits<T> {
    /// The set with these bits.
    ///
    /// A bit that stands for no value is an error: ignoring it could show what must be hidden.
    pub fn from_bits(bits: i32) -> Result<Self, DbErr> {
        let known: Self = T::iter().collect();
        if bits & !known.bits == 0 {
            Ok(Self {
                bits,
                of: PhantomData,
            })
        } else {
            let name = type_name::<T>();
            Err(DbErr::Type(format!("unknown {name} in {bits:#b}")))
        }
    }

    /// The integer that stands in the column.
    #[must_use]
    pub const fn bits(self) -> i32 {
        self.bits
    }

    /// Whether the value is in the set.
    #[must_use]
    pub fn contains(self, value: T) -> bool {
        self.bits & value.bit() != 0
    }

    /// Puts the value into the set.
    pub fn insert(&mut self, value: T) {
        self.bits |= value.bit();
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// The values of the set, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = T> {
        T::iter().filter(move |value| self.contains(*value))
    }
}

impl<T: Bit> FromIterator<T> for Bits<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut set = Self::default();
        for value in values {
            set.insert(value);
        }
        set
    }
}

impl<T> From<Bits<T>> for Value {
    fn from(set: Bits<T>) -> Self {
        set.bits.into()
    }
}

impl<T: Bit> TryGetable for Bits<T> {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Ok(Self::from_bits(i32::try_get_by(row, index)?)?)
    }
}

/// As it stands in the column.
impl<'de, T: Bit> Deserialize<'de> for Bits<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let bits = i32::deserialize(from)?;
        Self::from_bits(bits).map_err(serde::de::Error::custom)
    }
}

impl<T: Bit> ValueType for Bits<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let bits = <i32 as ValueType>::try_from(value)?;
        Self::from_bits(bits).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Bits".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl<T> Nullable for Bits<T> {
    fn null() -> Value {
        i32::null()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circumstances::{Circumstance, Circumstances};

    #[test]
    fn a_set_gives_back_what_was_put_in_and_nothing_else() {
        let mut set = Circumstances::default();
        assert!(set.is_empty());
        set.insert(Circumstance::SpecialFamily);
        set.insert(Circumstance::LivesAlone);
        set.insert(Circumstance::LivesAlone);
        assert!(set.contains(Circumstance::LivesAlone));
        assert!(!set.contains(Circumstance::EmptyNest));
        assert_eq!(
            set.iter().collect::<Vec<_>>(),
            [Circumstance::LivesAlone, Circumstance::SpecialFamily]
        );
        assert_eq!(Value::from(set), Value::from(33));
    }

    #[test]
    fn unknown_bits_are_an_error() {
        assert!(Circumstances::from_bits(63).is_ok());
        assert!(Circumstances::from_bits(64).is_err());
        assert!(Circumstances::from_bits(-1).is_err());
    }
}
