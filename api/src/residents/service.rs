//! Residents as readers see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::circumstances::Circumstances;
use entity::enums::{CareTier, Gender};
use entity::{care_enrolment, emergency_contact, resident};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{Arm, Reaches, Scoped, ScopedEntity, reach, select_columns};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;
use crate::households::service::HouseholdRow;
use crate::lenient::Lenient;

impl ScopedEntity for resident::Entity {
    const AREA: resident::Column = resident::Column::AreaId;
    const GRID: resident::Column = resident::Column::GridId;
    const ID: resident::Column = resident::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<resident::Column>] {
        match permission {
            Permission::ResidentRead
            | Permission::ResidentIdNumber
            | Permission::ResidentEdit
            | Permission::EnrolmentEdit
            | Permission::VisitPlan => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for care_enrolment::Entity {
    const AREA: care_enrolment::Column = care_enrolment::Column::AreaId;
    const GRID: care_enrolment::Column = care_enrolment::Column::GridId;
    const ID: care_enrolment::Column = care_enrolment::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<care_enrolment::Column>] {
        match permission {
            Permission::ResidentRead | Permission::EnrolmentEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A resident's own columns. A value that cannot be read costs its field, not the list.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(
    missing_docs,
    reason = "each is the column of that name, described at the entity"
)]
pub struct ResidentRow {
    pub id: Uuid,
    pub household_id: Uuid,
    pub area_id: Uuid,
    pub name: String,
    pub gender: Lenient<Gender>,
    pub born_on: Option<NaiveDate>,
    pub id_number_sealed: Option<String>,
    pub phone_sealed: Option<String>,
    pub health_notes_sealed: Option<String>,
    pub relation: Option<String>,
    pub deceased_on: Option<NaiveDate>,
    pub version: i64,
}

/// The open care enrolment of a resident.
#[derive(Clone, Debug, FromQueryResult)]
#[expect(
    missing_docs,
    reason = "each is the column of that name, described at the entity"
)]
pub struct EnrolmentRow {
    pub id: Uuid,
    pub tier: CareTier,
    pub circumstances: Lenient<Circumstances>,
    pub from_on: NaiveDate,
    pub paused_on: Option<NaiveDate>,
    pub review_on: Option<NaiveDate>,
    pub version: i64,
}

/// A resident as one reader sees them.
#[derive(Clone, Debug)]
pub struct SeenResident {
    /// Their own columns.
    pub row: ResidentRow,
    /// Their open care enrolment.
    pub enrolment: Option<EnrolmentRow>,
    /// Whom to call, in order, where asked for.
    pub contacts: Vec<emergency_contact::Model>,
    /// What the reader may see.
    pub view: View,
}

/// What a screen asks for beyond the residents themselves.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    /// Their emergency contacts.
    pub contacts: bool,
}

/// A resident as the list statement returns it.
struct JoinedRow {
    resident: ResidentRow,
    enrolment: Option<EnrolmentRow>,
}

impl FromQueryResult for JoinedRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            resident: ResidentRow::from_query_result(row, "r_")?,
            enrolment: EnrolmentRow::from_query_result_optional(row, "e_")?,
        })
    }
}

impl Reaches<resident::Entity> for HouseholdRow {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> resident::Column {
        resident::Column::HouseholdId
    }
}

impl Reaches<emergency_contact::Entity> for ResidentRow {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> emergency_contact::Column {
        emergency_contact::Column::ResidentId
    }
}

/// The living people of households that a scope let through, by household, not yet shown to anybody.
pub async fn of_households(
    handle: &impl Handle,
    households: &[HouseholdRow],
    columns: Columns,
) -> Result<HashMap<Uuid, Vec<SeenResident>>> {
    let rows = reach::<_, resident::Entity, JoinedRow>(handle, households, |select| {
        shape(select);
        select
            .and_where(Expr::col((resident::Entity, resident::Column::DeceasedOn)).is_null())
            .order_by((resident::Entity, resident::Column::Id), Order::Asc);
    })
    .await?;
    let mut people: HashMap<Uuid, Vec<SeenResident>> = HashMap::new();
    for resident in with_contacts(handle, rows, columns, |_| View::Nobody).await? {
        people
            .entry(resident.row.household_id)
            .or_default()
            .push(resident);
    }
    Ok(people)
}

/// Gives people the view under which they are shown.
#[must_use]
pub fn seen_as(people: Vec<SeenResident>, view: View) -> Vec<SeenResident> {
    people
        .into_iter()
        .map(|resident| SeenResident { view, ..resident })
        .collect()
}

/// Reads the residents that `scoped` lets through, in its order, with what `columns` asks for.
pub async fn seen(
    cx: &Cx,
    handle: &impl Handle,
    scoped: Scoped<'_, resident::Entity>,
    columns: Columns,
) -> Result<Vec<SeenResident>> {
    let actor = cx.actor()?;
    let rows = scoped.into_rows::<JoinedRow>(handle, shape).await?;
    with_contacts(handle, rows, columns, |row| {
        View::of(actor, row.area_id, false)
    })
    .await
}

fn shape(select: &mut SelectStatement) {
    use care_enrolment::Column as C;
    select_columns::<resident::Entity>(select, "r_");
    select_columns::<care_enrolment::Entity>(select, "e_");
    select.left_join(
        care_enrolment::Entity,
        Condition::all()
            .add(
                Expr::col((care_enrolment::Entity, C::ResidentId))
                    .equals((resident::Entity, resident::Column::Id)),
            )
            .add(Expr::col((care_enrolment::Entity, C::ToOn)).is_null()),
    );
}

async fn with_contacts(
    handle: &impl Handle,
    rows: Vec<JoinedRow>,
    columns: Columns,
    view: impl Fn(&ResidentRow) -> View,
) -> Result<Vec<SeenResident>> {
    let mut contacts: HashMap<Uuid, Vec<emergency_contact::Model>> = HashMap::new();
    if columns.contacts {
        let people: Vec<ResidentRow> = rows.iter().map(|row| row.resident.clone()).collect();
        let found = reach::<_, emergency_contact::Entity, emergency_contact::Model>(
            handle,
            &people,
            |select| {
                select_columns::<emergency_contact::Entity>(select, "");
                let position = (
                    emergency_contact::Entity,
                    emergency_contact::Column::Position,
                );
                select.order_by(position, Order::Asc);
            },
        )
        .await?;
        for contact in found {
            contacts
                .entry(contact.resident_id)
                .or_default()
                .push(contact);
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| SeenResident {
            view: view(&row.resident),
            contacts: contacts.remove(&row.resident.id).unwrap_or_default(),
            enrolment: row.enrolment,
            row: row.resident,
        })
        .collect())
}

/// One resident, if the actor may read them.
pub async fn one(cx: &Cx, id: Uuid, columns: Columns) -> Result<Option<SeenResident>> {
    let scoped = cx
        .actor()?
        .scoped::<resident::Entity>(Permission::ResidentRead)
        .id(id);
    Ok(seen(cx, &cx.app.db, scoped, columns).await?.pop())
}
