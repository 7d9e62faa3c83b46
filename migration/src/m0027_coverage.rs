//! The month's figures read all they need of a place, a stay, a window and a contact from an index.

use sea_orm_migration::prelude::*;

use crate::table::{index, only};

/// What was indexed by a table's first columns, and what by all of them now.
const WIDER: [(&str, &[&str], &[&str]); 3] = [
    (
        "residence",
        &["household_id"],
        &["household_id", "resident_id", "from_on", "to_on"],
    ),
    (
        "household_place",
        &["area_id"],
        &["area_id", "household_id", "from_on", "to_on"],
    ),
    (
        "visit_task",
        &["resident_id", "due_at"],
        &["resident_id", "due_at", "origin", "starts_at", "status"],
    ),
];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, old, new) in WIDER {
            replace(manager, table, old, new).await?;
        }
        let all = ["status", "outcome", "method", "kind"];
        contacts(manager, &all).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, old, new) in WIDER {
            replace(manager, table, new, old).await?;
        }
        contacts(manager, &[]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn replace(
    manager: &SchemaManager<'_>,
    table: &'static str,
    old: &[&'static str],
    new: &[&'static str],
) -> Result<(), DbErr> {
    drop_index(manager, &format!("{table}_{}_idx", old.join("_"))).await?;
    manager.create_index(index(table, new)).await
}

/// Who was contacted in a month, and what besides is in the index.
async fn contacts(manager: &SchemaManager<'_>, besides: &[&'static str]) -> Result<(), DbErr> {
    const NAME: &str = "visit_task_contact_idx";
    drop_index(manager, NAME).await?;
    let columns = [&["resident_id", "occurred_at"], besides].concat();
    let happened = Expr::col("occurred_at").is_not_null();
    let contacts = only(index("visit_task", &columns), NAME, happened);
    manager.create_index(contacts).await
}

async fn drop_index(manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    let drop = Index::drop().name(name).to_owned();
    manager.drop_index(drop).await
}
