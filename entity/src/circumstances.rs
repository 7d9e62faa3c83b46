//! The circumstances that make an elder a subject of visits, stored as a bit set.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, Iterable, QueryResult, TryGetError, TryGetable};
use serde::{Deserialize, Serialize};

/// A circumstance of an elder; the number is its bit and never changes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(i32)]
pub enum Circumstance {
    /// Lives alone 独居.
    LivesAlone = 1,
    /// Empty nest 空巢.
    EmptyNest = 2,
    /// Left behind 留守.
    LeftBehind = 4,
    /// Cannot care for self 失能.
    CareDependent = 8,
    /// Severely disabled 重残.
    SevereDisability = 16,
    /// Family-planning special family 计生特殊家庭; never shown to volunteers.
    SpecialFamily = 32,
}

/// A set of circumstances; an integer column of their bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Circumstances(i32);

impl Circumstances {
    /// The set with these bits.
    ///
    /// A bit that stands for no circumstance is an error: ignoring it could show what must be
    /// hidden.
    pub fn from_bits(bits: i32) -> Result<Self, DbErr> {
        let known: Self = Circumstance::iter().collect();
        if bits & !known.0 == 0 {
            Ok(Self(bits))
        } else {
            Err(DbErr::Type(format!("unknown circumstances in {bits:#b}")))
        }
    }

    /// Whether the circumstance is in the set.
    #[must_use]
    pub fn contains(self, circumstance: Circumstance) -> bool {
        self.0 & circumstance as i32 != 0
    }

    /// Puts the circumstance into the set.
    pub fn insert(&mut self, circumstance: Circumstance) {
        self.0 |= circumstance as i32;
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The circumstances of the set, in the order of declaration.
    pub fn iter(self) -> impl Iterator<Item = Circumstance> {
        Circumstance::iter().filter(move |circumstance| self.contains(*circumstance))
    }
}

impl FromIterator<Circumstance> for Circumstances {
    fn from_iter<I: IntoIterator<Item = Circumstance>>(circumstances: I) -> Self {
        let mut set = Self::default();
        for circumstance in circumstances {
            set.insert(circumstance);
        }
        set
    }
}

impl From<Circumstances> for Value {
    fn from(set: Circumstances) -> Self {
        set.0.into()
    }
}

impl TryGetable for Circumstances {
    fn try_get_by<I: ColIdx>(row: &QueryResult, index: I) -> Result<Self, TryGetError> {
        Ok(Self::from_bits(i32::try_get_by(row, index)?)?)
    }
}

impl ValueType for Circumstances {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let bits = <i32 as ValueType>::try_from(value)?;
        Self::from_bits(bits).map_err(|_| ValueTypeErr)
    }

    fn type_name() -> String {
        "Circumstances".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Int
    }

    fn column_type() -> ColumnType {
        ColumnType::Integer
    }
}

impl Nullable for Circumstances {
    fn null() -> Value {
        i32::null()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
