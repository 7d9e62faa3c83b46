//! Migrations against entities, on whichever database the connection leads to.
//!
//! On `SQLite` the connection has `foreign_keys` off, as the migrator's own has.

use std::collections::BTreeSet;

use entity::enums::AreaKind;
use entity::{
    absence, accompaniment, account, alarm, alarm_step, area, area_closure, area_successor,
    attachment, audit_detail, audit_entry, audit_subject, beneficiary, booking, care_enrolment,
    care_pause, care_rule, certification_attempt, certification_check, certification_correction,
    certification_hand_over, certification_round, certification_session, change, contact_card,
    coverage_month, coverage_person, duty_shift, emergency_contact, epoch, escalation, finding,
    finding_visit_task, household, household_place, idempotency_key, import_account, import_area,
    import_beneficiary, import_resident, job, kind_requirement, meal_batch, meal_list,
    meal_recipient, notice, offer_area, package_offer, partner, partner_area, partner_member,
    refresh_token, residence, resident, role_grant, service_correction, service_offer,
    service_package, service_slot, session, slot_exception, slot_series, verification_rule,
    visit_attempt, visit_claim, visit_report, visit_round, visit_task, volunteer_award,
    volunteer_profile, volunteer_training, wish, wish_hand, wish_word,
};
use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend,
    DbErr, EntityTrait, IdenStatic, Iterable, QueryFilter, Statement,
};

use crate::support::database::on_both;

mod rows;

on_both! {
    async fn migrations_go_up_down_and_up_and_fit_the_entities(db: TestDatabase) {
        let empty = db.empty().await;
        up_down_up(&empty.connect().await).await.expect("migrations");
    }

    async fn an_unknown_enum_value_is_an_error_not_a_panic(db: TestDatabase) {
        unknown_enum_value_is_an_error(&db.connect().await).await.expect("statements");
    }
}

/// Every migration goes up, down again, and up a second time; then the entities fit, and read a row each.
async fn up_down_up(conn: &DatabaseConnection) -> Result<(), DbErr> {
    Migrator::up(conn, None).await?;
    Migrator::down(conn, None).await?;
    assert!(Migrator::get_applied_migrations(conn).await?.is_empty());
    Migrator::up(conn, None).await?;
    assert!(Migrator::get_pending_migrations(conn).await?.is_empty());
    rows::forget_references(conn).await?;
    read_one_row_of_every_entity(conn).await
}

/// Compares every entity's columns with the database's (names, types, nulls), and reads a row of it that
/// has a value in every column.
async fn read_one_row_of_every_entity(conn: &DatabaseConnection) -> Result<(), DbErr> {
    read::<account::Entity>(conn).await?;
    read::<area::Entity>(conn).await?;
    read::<partner::Entity>(conn).await?;
    read::<partner_area::Entity>(conn).await?;
    read::<partner_member::Entity>(conn).await?;
    read::<service_offer::Entity>(conn).await?;
    read::<offer_area::Entity>(conn).await?;
    read::<service_package::Entity>(conn).await?;
    read::<package_offer::Entity>(conn).await?;
    read::<slot_series::Entity>(conn).await?;
    read::<slot_exception::Entity>(conn).await?;
    read::<service_slot::Entity>(conn).await?;
    read::<wish::Entity>(conn).await?;
    read::<booking::Entity>(conn).await?;
    read::<wish_hand::Entity>(conn).await?;
    read::<wish_word::Entity>(conn).await?;
    read::<area_closure::Entity>(conn).await?;
    read::<area_successor::Entity>(conn).await?;
    read::<attachment::Entity>(conn).await?;
    read::<audit_detail::Entity>(conn).await?;
    read::<audit_entry::Entity>(conn).await?;
    read::<audit_subject::Entity>(conn).await?;
    read::<care_enrolment::Entity>(conn).await?;
    read::<care_pause::Entity>(conn).await?;
    read::<care_rule::Entity>(conn).await?;
    read::<change::Entity>(conn).await?;
    read::<coverage_month::Entity>(conn).await?;
    read::<coverage_person::Entity>(conn).await?;
    read::<emergency_contact::Entity>(conn).await?;
    read::<household::Entity>(conn).await?;
    read::<household_place::Entity>(conn).await?;
    read::<idempotency_key::Entity>(conn).await?;
    read::<import_account::Entity>(conn).await?;
    read::<import_area::Entity>(conn).await?;
    read::<import_beneficiary::Entity>(conn).await?;
    read::<import_resident::Entity>(conn).await?;
    read::<epoch::Entity>(conn).await?;
    read::<job::Entity>(conn).await?;
    read::<refresh_token::Entity>(conn).await?;
    read::<residence::Entity>(conn).await?;
    read::<resident::Entity>(conn).await?;
    read::<role_grant::Entity>(conn).await?;
    read::<alarm::Entity>(conn).await?;
    read::<alarm_step::Entity>(conn).await?;
    read::<accompaniment::Entity>(conn).await?;
    read::<absence::Entity>(conn).await?;
    read::<duty_shift::Entity>(conn).await?;
    read::<escalation::Entity>(conn).await?;
    read::<notice::Entity>(conn).await?;
    read::<beneficiary::Entity>(conn).await?;
    read::<certification_attempt::Entity>(conn).await?;
    read::<certification_check::Entity>(conn).await?;
    read::<certification_correction::Entity>(conn).await?;
    read::<certification_hand_over::Entity>(conn).await?;
    read::<certification_round::Entity>(conn).await?;
    read::<certification_session::Entity>(conn).await?;
    read::<finding::Entity>(conn).await?;
    read::<finding_visit_task::Entity>(conn).await?;
    read::<visit_round::Entity>(conn).await?;
    read::<kind_requirement::Entity>(conn).await?;
    read::<meal_batch::Entity>(conn).await?;
    read::<meal_list::Entity>(conn).await?;
    read::<meal_recipient::Entity>(conn).await?;
    read::<service_correction::Entity>(conn).await?;
    read::<session::Entity>(conn).await?;
    read::<contact_card::Entity>(conn).await?;
    read::<verification_rule::Entity>(conn).await?;
    read::<visit_attempt::Entity>(conn).await?;
    read::<visit_claim::Entity>(conn).await?;
    read::<visit_report::Entity>(conn).await?;
    read::<visit_task::Entity>(conn).await?;
    read::<volunteer_award::Entity>(conn).await?;
    read::<volunteer_profile::Entity>(conn).await?;
    read::<volunteer_training::Entity>(conn).await
}

async fn read<E: EntityTrait>(conn: &DatabaseConnection) -> Result<(), DbErr> {
    let table = E::default();
    let expected: BTreeSet<_> = E::Column::iter()
        .map(|column| {
            let def = column.def();
            let family = family_of(def.get_column_type(), conn.get_database_backend());
            (column.as_str().to_owned(), family.to_owned(), def.is_null())
        })
        .collect();
    assert_eq!(
        expected,
        stored(conn, table.table_name()).await?,
        "{table:?}"
    );
    let read = rows::fill_and_read::<E>(conn).await?;
    assert!(read > 0, "{table:?}");
    Ok(())
}

/// Columns of a table as the database knows them: name, family of type, whether null is allowed.
async fn stored(
    conn: &DatabaseConnection,
    table: &str,
) -> Result<BTreeSet<(String, String, bool)>, DbErr> {
    let postgres = conn.get_database_backend() == DbBackend::Postgres;
    // `xid` is the database's own column of the change log, unknown to the entity.
    let catalog = if postgres {
        "SELECT column_name, data_type, is_nullable = 'YES' FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name = $1 AND column_name <> 'xid'"
    } else {
        "SELECT name, lower(type), NOT (\"notnull\" OR pk) FROM pragma_table_info($1)"
    };
    let query =
        Statement::from_sql_and_values(conn.get_database_backend(), catalog, [table.into()]);
    conn.query_all_raw(query)
        .await?
        .into_iter()
        .map(|row| {
            let (name, stored_as, nullable): (String, String, bool) =
                row.try_get_many_by_index()?;
            let family = match stored_as.split(['(', '_', ' ']).next() {
                Some("varchar" | "character") => "text",
                Some(family) => family,
                None => "",
            };
            Ok((name, family.to_owned(), nullable))
        })
        .collect()
}

fn family_of(column: &ColumnType, backend: DbBackend) -> &'static str {
    match column {
        ColumnType::String(_) | ColumnType::Text => "text",
        ColumnType::Uuid => "uuid",
        ColumnType::TimestampWithTimeZone => "timestamp",
        ColumnType::Date => "date",
        ColumnType::BigInteger if backend == DbBackend::Postgres => "bigint",
        ColumnType::Integer | ColumnType::BigInteger => "integer",
        ColumnType::Double => "double",
        ColumnType::Boolean => "boolean",
        other => panic!("no table uses {other:?}"),
    }
}

/// An enum's value that the code doesn't know is an error when read, never a panic.
async fn unknown_enum_value_is_an_error(conn: &DatabaseConnection) -> Result<(), DbErr> {
    let id = Uuid::from_u128(1);
    let district = area::ActiveModel {
        id: Set(id),
        parent_id: Set(None),
        kind: Set(AreaKind::District),
        code: Set("341191".to_owned()),
        name: Set("测试区".to_owned()),
        latitude: Set(None),
        longitude: Set(Some(118.3)),
        time_zone: Set("Asia/Shanghai".to_owned()),
        retired_on: Set(None),
        successor_id: Set(None),
        version: Set(1),
        created_at: Set(DateTimeUtc::UNIX_EPOCH),
        updated_at: Set(DateTimeUtc::UNIX_EPOCH),
    };
    area::Entity::insert(district).exec(conn).await?;
    let read = area::Entity::find_by_id(id).one(conn).await?;
    assert_eq!(read.map(|area| area.kind), Some(AreaKind::District));

    conn.execute_unprepared("UPDATE area SET kind = 'PLANET'")
        .await?;
    let read = area::Entity::find()
        .filter(area::Column::Id.eq(id))
        .one(conn)
        .await;
    assert!(matches!(read, Err(DbErr::Type(_))), "{read:?}");

    area::Entity::delete_by_id(id).exec(conn).await?;
    Ok(())
}
