//! Hand-over of checks between stations.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{pk_uuid, string_len, string_len_null, uuid, uuid_null};

use crate::table::{
    add_columns, at, at_null, drop_columns, drop_tables, enumeration, index, only, table, version,
};

const HANDED: &str = "certification_check_handed_to_idx";

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_columns(manager, "certification_check", columns()).await?;
        // What was handed to a station is few beside what is its own.
        manager
            .create_index(only(
                index("certification_check", &["handed_to_area_id", "id"]),
                HANDED,
                Expr::col("handed_to_area_id").is_not_null(),
            ))
            .await?;
        hand_overs(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_tables(manager, &["certification_hand_over"]).await?;
        manager
            .drop_index(Index::drop().name(HANDED).to_owned())
            .await?;
        drop_columns(manager, "certification_check", &columns()).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns() -> Vec<ColumnDef> {
    vec![uuid_null("handed_to_area_id")]
}

async fn hand_overs(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut hand_overs = table(
        "certification_hand_over",
        vec![
            pk_uuid("id"),
            uuid("check_id"),
            uuid("from_area_id"),
            uuid("to_area_id"),
            enumeration("status"),
            string_len("reason", 180),
            uuid("offered_by"),
            at("expires_at"),
            uuid_null("accepted_by"),
            at_null("accepted_at"),
            uuid_null("ended_by"),
            at_null("ended_at"),
            string_len_null("end_reason", 180),
            version(),
            at("created_at"),
            at("updated_at"),
        ],
        &[
            ("check_id", "certification_check"),
            ("from_area_id", "area"),
            ("to_area_id", "area"),
            ("offered_by", "account"),
            ("accepted_by", "account"),
            ("ended_by", "account"),
        ],
    );
    hand_overs.check(Check::named(
        "certification_hand_over_accepted_by_another",
        Expr::col("accepted_by")
            .is_null()
            .or(Expr::col("accepted_by").ne(Expr::col("offered_by"))),
    ));
    manager.create_table(hand_overs).await?;
    // Of a check at most one is offered or accepted.
    manager
        .create_index(only(
            index("certification_hand_over", &["check_id"])
                .unique()
                .to_owned(),
            "certification_hand_over_live_key",
            Expr::col("status").is_in(["OFFERED", "ACCEPTED"]),
        ))
        .await?;
    manager
        .create_index(only(
            index("certification_hand_over", &["expires_at"]),
            "certification_hand_over_offered_idx",
            Expr::col("status").eq("OFFERED"),
        ))
        .await?;
    for columns in [
        ["check_id", "id"],
        ["from_area_id", "id"],
        ["to_area_id", "id"],
    ] {
        manager
            .create_index(index("certification_hand_over", &columns))
            .await?;
    }
    Ok(())
}
