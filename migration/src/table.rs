//! Helpers that let a table read as a table: its columns, what they refer to, its indexes.

use sea_orm_migration::{prelude::*, schema};

/// Starts a table; `references` lists which column holds the `id` of which table.
pub fn table(
    name: &'static str,
    columns: Vec<ColumnDef>,
    references: &[(&'static str, &'static str)],
) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    for column in columns {
        table.col(column);
    }
    for (column, parent) in references {
        table.foreign_key(
            ForeignKey::create()
                .from(name, *column)
                .to(*parent, "id")
                .on_delete(ForeignKeyAction::Restrict),
        );
    }
    table
}

/// A primary key of several columns.
pub fn key(columns: &[&'static str]) -> IndexCreateStatement {
    let mut key = Index::create();
    for column in columns {
        key.col(*column);
    }
    key
}

/// An index named after its table and columns.
pub fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = key(columns);
    index
        .table(table)
        .name(format!("{table}_{}_idx", columns.join("_")));
    index
}

/// A unique index named after its table and columns.
pub fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = index(table, columns);
    index
        .unique()
        .name(format!("{table}_{}_key", columns.join("_")));
    index
}

/// Narrows an index to some rows, under a name that says which.
///
/// A query should repeat the condition in its text: PostgreSQL's generic plans can't match a
/// parameter with it.
pub fn only(mut index: IndexCreateStatement, name: &str, condition: Expr) -> IndexCreateStatement {
    index.name(name).and_where(condition);
    index
}

/// An instant.
pub fn at(name: &'static str) -> ColumnDef {
    schema::timestamp_with_time_zone(name)
}

/// An instant that may be unknown or not yet come.
pub fn at_null(name: &'static str) -> ColumnDef {
    schema::timestamp_with_time_zone_null(name)
}

/// A stored enum: wide enough for any value, and without CHECK.
pub fn enumeration(name: &'static str) -> ColumnDef {
    schema::string_len(name, 32)
}

/// A stored enum that may be absent.
pub fn enumeration_null(name: &'static str) -> ColumnDef {
    schema::string_len_null(name, 32)
}

/// A column with a default.
pub fn default(mut column: ColumnDef, value: impl Into<Expr>) -> ColumnDef {
    column.default(value);
    column
}

/// The `version` column of mutable rows.
pub fn version() -> ColumnDef {
    default(schema::big_integer("version"), 1)
}

/// Drops tables in the given order: children first.
pub async fn drop_tables(
    manager: &SchemaManager<'_>,
    tables: &[&'static str],
) -> Result<(), DbErr> {
    for table in tables {
        manager
            .drop_table(Table::drop().table(*table).to_owned())
            .await?;
    }
    Ok(())
}

/// Adds columns to a table, one statement each: `SQLite` takes no more.
pub async fn add_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: Vec<ColumnDef>,
) -> Result<(), DbErr> {
    for column in columns {
        manager
            .alter_table(Table::alter().table(table).add_column(column).to_owned())
            .await?;
    }
    Ok(())
}

/// Drops columns that [`add_columns`] added.
pub async fn drop_columns(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[ColumnDef],
) -> Result<(), DbErr> {
    for column in columns {
        let name = Alias::new(column.get_column_name());
        manager
            .alter_table(Table::alter().table(table).drop_column(name).to_owned())
            .await?;
    }
    Ok(())
}
