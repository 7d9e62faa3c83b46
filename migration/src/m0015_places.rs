//! Places change: households end in others, areas have successors, and a door is free again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{uuid, uuid_null};

use crate::table::{add_columns, drop_columns, drop_tables, index, key, only, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "household", household_columns()).await?;
        // Whoever moves into an emptied home finds its door free.
        drop_index(manager, DOOR).await?;
        manager
            .create_index(only(
                unique("household", DOOR_COLUMNS),
                OPEN_DOOR,
                Expr::col("closed_on").is_null(),
            ))
            .await?;
        successors(manager).await
    }

    /// Fails where two households have lived behind one door: neither is lost by a step back.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["area_successor"]).await?;
        drop_index(manager, OPEN_DOOR).await?;
        manager
            .create_index(unique("household", DOOR_COLUMNS))
            .await?;
        drop_columns(manager, "household", &household_columns()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const DOOR: &str = "household_area_id_unit_room_key";
const OPEN_DOOR: &str = "household_open_area_id_unit_room_key";
const DOOR_COLUMNS: &[&str] = &["area_id", "unit", "room"];

fn household_columns() -> Vec<ColumnDef> {
    vec![uuid_null("merged_into_id")]
}

async fn drop_index(manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    manager
        .drop_index(Index::drop().name(name).table("household").to_owned())
        .await
}

/// Which areas took over from one that was retired.
async fn successors(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            table(
                "area_successor",
                vec![uuid("area_id"), uuid("successor_id")],
                &[("area_id", "area"), ("successor_id", "area")],
            )
            .primary_key(&mut key(&["area_id", "successor_id"]))
            .take(),
        )
        .await?;
    manager
        .create_index(index("area_successor", &["successor_id"]))
        .await
}
