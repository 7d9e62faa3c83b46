//! Parts of joined rows that are selected column by column and read by their position.
//!
//! By name a name (`t_due_at`) is put together and looked up for every value of every row: that way reading its rows
//! was a fifth of what a list cost the server. Lists that screens ask for all day are read by position instead.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{DbErr, EntityTrait, QueryResult};

use crate::db::json_of_values;

/// Some columns of one entity, beside each other in a row.
pub trait Part: Sized {
    /// Whose columns they are.
    type Entity: EntityTrait;

    /// The columns, in their order.
    const COLUMNS: &'static [<Self::Entity as EntityTrait>::Column];

    /// Reads the part that begins at `from`.
    fn read(row: &QueryResult, from: usize) -> Result<Self, DbErr>;

    /// How many columns it has.
    #[must_use]
    fn width() -> usize {
        Self::COLUMNS.len()
    }

    /// The part as an array of JSON, which serde reads by position too, where the part derives `Deserialize`.
    #[must_use]
    fn json() -> Expr {
        let columns = Self::COLUMNS.iter();
        json_of_values(columns.map(|column| Expr::col((Self::Entity::default(), *column))))
    }

    /// Selects the part after what is selected already.
    fn select(select: &mut SelectStatement) {
        for column in Self::COLUMNS {
            select.expr(Expr::col((Self::Entity::default(), *column)));
        }
    }
}

/// Declares a struct that is a [`Part`]: each field with its type and its column.
macro_rules! part {
    (
        $(#[$meta:meta])*
        pub struct $name:ident of $entity:ident {
            $($field:ident: $type:ty = $column:ident,)+
        }
    ) => {
        $(#[$meta])*
        pub struct $name {
            $(pub $field: $type,)+
        }

        impl $crate::part::Part for $name {
            type Entity = $entity::Entity;

            const COLUMNS: &'static [$entity::Column] = &[$($entity::Column::$column,)+];

            fn read(row: &sea_orm::QueryResult, from: usize) -> Result<Self, sea_orm::DbErr> {
                let mut at = from..;
                let mut next = || at.next().unwrap_or(usize::MAX);
                Ok(Self {
                    $($field: row.try_get_by_index(next())?,)+
                })
            }
        }
    };
}
pub(crate) use part;
