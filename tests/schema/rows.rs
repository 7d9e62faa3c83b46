//! A row in every table, with a value in every column, for the entities to read.

use std::collections::HashMap;

use chrono::{Days, Duration, NaiveDate};
use entity::enums::{
    AccompanimentStatus, AccountStatus, AlarmAction, AlarmKind, AlarmStatus, AreaKind, Arrival,
    AskedHow, AttachmentKind, AttemptReason, AwardKind, BeneficiaryCategory, BookingStatus,
    CancelledBy, CareTier, CertificationChannel, CertificationRoundStatus,
    CertificationSessionStatus, ChangeKind, ChangeOp, CheckAttemptReason, CheckOutcome,
    CheckStatus, CoverageFigure, CoverageOutcome, CoverageReason, EscalationCause,
    EscalationStatus, FindingStatus, Gender, HandOverStatus, HandPart, HandStatus, IdKind,
    ImportAction, Meal, MealBatchStatus, OfferStatus, PartnerStatus, Role, RoundCause,
    ServiceCategory, SlotStatus, VerificationMode, VisitKind, VisitMethod, VisitOrigin,
    VisitOutcome, VisitStatus, Wellbeing, WishProof, WishStatus, WishUrgency, WishWordKind,
};
use sea_orm::prelude::{DateTimeUtc, Uuid};
use sea_orm::sea_query::Query;
use sea_orm::{
    ActiveEnum, ColumnTrait, ColumnType, ConnectionTrait, DatabaseConnection, DbBackend, DbErr,
    EntityTrait, IdenStatic, Iterable, Statement, Value,
};

macro_rules! words {
    ($($name:ident)*) => {
        /// A value of the enum with this name, as it is stored.
        fn word(name: &str) -> String {
            match name {
                $(stringify!($name) => {
                    let first = <$name as Iterable>::iter().next().expect("a value");
                    first.to_value()
                })*
                other => panic!("the list lacks {other}"),
            }
        }
    };
}

words! {
    AccompanimentStatus AccountStatus AlarmAction AlarmKind AlarmStatus AreaKind Arrival AttachmentKind AttemptReason AwardKind BeneficiaryCategory CareTier CertificationChannel CertificationRoundStatus CertificationSessionStatus ChangeKind ChangeOp CheckAttemptReason CheckOutcome CheckStatus CoverageFigure CoverageOutcome CoverageReason EscalationCause EscalationStatus FindingStatus Gender HandOverStatus IdKind ImportAction Meal
    MealBatchStatus Role RoundCause VerificationMode VisitKind VisitMethod VisitOrigin VisitOutcome
    VisitStatus Wellbeing PartnerStatus ServiceCategory OfferStatus SlotStatus WishStatus WishUrgency AskedHow WishProof WishWordKind BookingStatus CancelledBy HandPart HandStatus
}

/// Lets rows name what is not there: the tables are filled in any order.
pub async fn forget_references(conn: &DatabaseConnection) -> Result<(), DbErr> {
    if conn.get_database_backend() == DbBackend::Sqlite {
        return Ok(()); // The connection does not check them.
    }
    let keys = "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
        FROM pg_constraint WHERE contype = 'f'";
    let keys = Statement::from_string(DbBackend::Postgres, keys);
    for key in conn.query_all_raw(keys).await? {
        let drop: String = key.try_get_by_index(0)?;
        conn.execute_unprepared(&drop).await?;
    }
    Ok(())
}

/// Writes a row with a value in every column, and reads it; returns how many rows were read.
///
/// What an entity's enum does not know it refuses by the enum's name: then it gets one of its words.
pub async fn fill_and_read<E: EntityTrait>(conn: &DatabaseConnection) -> Result<usize, DbErr> {
    let table = E::default().table_ref();
    let mut words: HashMap<String, String> = HashMap::new();
    loop {
        let columns: Vec<E::Column> = E::Column::iter().collect();
        let values: Vec<_> = (1..)
            .zip(&columns)
            .map(|(at, column)| {
                let name = column.as_str();
                let text = words.get(name).map_or(name, String::as_str);
                value(column.def().get_column_type(), at, text).into()
            })
            .collect();
        let mut insert = Query::insert();
        insert
            .into_table(table.clone())
            .columns(columns)
            .values_panic(values);
        conn.execute(&insert).await?;
        let unknown = match E::find().all(conn).await {
            Ok(rows) => return Ok(rows.len()),
            Err(DbErr::Type(text)) => text,
            Err(error) => return Err(error),
        };
        let (_, unknown) = unknown.split_once("unexpected value for ").expect(&unknown);
        let (name, column) = unknown.split_once(" enum: ").expect(unknown);
        assert!(words.insert(column.to_owned(), word(name)).is_none());
        let delete = Query::delete().from_table(table.clone()).to_owned();
        conn.execute(&delete).await?;
    }
}

/// A value of a column; later columns have later days, as intervals have.
fn value(column: &ColumnType, at: u32, text: &str) -> Value {
    let day = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
    match column {
        ColumnType::String(_) | ColumnType::Text => text.into(),
        ColumnType::Uuid => Uuid::from_u128(at.into()).into(),
        ColumnType::TimestampWithTimeZone => {
            (DateTimeUtc::UNIX_EPOCH + Duration::days(at.into())).into()
        }
        ColumnType::Date => (day + Days::new(at.into())).into(),
        ColumnType::Integer => 1_i32.into(),
        ColumnType::BigInteger => 1_i64.into(),
        ColumnType::Double => 1.5_f64.into(),
        ColumnType::Boolean => true.into(),
        other => panic!("no table uses {other:?}"),
    }
}
