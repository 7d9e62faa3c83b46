//! A file proves a check or a wish: the table of files is written anew, since what must be there can't be changed in
//! place on both databases.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, pk_uuid, string_len, uuid, uuid_null, uuid_uniq,
};

use crate::table::{at, default, drop_tables, enumeration, table, unique};

#[derive(DeriveMigrationName)]
pub struct Migration;

const COLUMNS: [&str; 9] = [
    "id",
    "check_id",
    "kind",
    "bytes",
    "sha256",
    "object_name",
    "added_by",
    "after_returns",
    "created_at",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut columns = columns(uuid_null("check_id"));
        columns.push(uuid_null("wish_id"));
        let mut new = table(
            "attachment_anew",
            columns,
            &[
                ("check_id", "certification_check"),
                ("wish_id", "wish"),
                ("added_by", "account"),
            ],
        );
        // A file proves something.
        new.check(Check::named(
            "attachment_of_check",
            Expr::col("check_id")
                .is_not_null()
                .or(Expr::col("wish_id").is_not_null()),
        ));
        replace(manager, new, None).await?;
        manager
            .create_index(unique("attachment", &["check_id", "sha256"]))
            .await?;
        manager
            .create_index(unique("attachment", &["wish_id", "sha256"]))
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let old = table(
            "attachment_anew",
            columns(uuid("check_id")),
            &[("check_id", "certification_check"), ("added_by", "account")],
        );
        // The pictures of wishes have no place in it.
        let of_checks = Expr::col("check_id").is_not_null();
        replace(manager, old, Some(of_checks)).await?;
        manager
            .create_index(unique("attachment", &["check_id", "sha256"]))
            .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

fn columns(check: ColumnDef) -> Vec<ColumnDef> {
    vec![
        pk_uuid("id"),
        check,
        enumeration("kind"),
        big_integer("bytes"),
        string_len("sha256", 64),
        uuid_uniq("object_name"),
        uuid("added_by"),
        default(integer("after_returns"), 0),
        at("created_at"),
    ]
}

/// Puts a table in the place of the files', with those of its rows for which `which` holds.
async fn replace(
    manager: &SchemaManager<'_>,
    new: TableCreateStatement,
    which: Option<Expr>,
) -> Result<(), DbErr> {
    manager.create_table(new).await?;
    let mut rows = Query::select();
    rows.columns(COLUMNS).from("attachment");
    if let Some(which) = which {
        rows.and_where(which);
    }
    let mut copy = Query::insert();
    copy.into_table("attachment_anew").columns(COLUMNS);
    copy.select_from(rows)
        .map_err(|error| DbErr::Migration(error.to_string()))?;
    manager.execute(copy).await?;
    drop_tables(manager, &["attachment"]).await?;
    let rename = Table::rename()
        .table("attachment_anew", "attachment")
        .to_owned();
    manager.rename_table(rename).await
}
