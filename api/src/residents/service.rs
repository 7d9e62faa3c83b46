//! Residents as readers see them.

use std::collections::HashMap;

use chrono::NaiveDate;
use entity::circumstances::Circumstances;
use entity::enums::{CareTier, Gender};
use entity::{care_enrolment, emergency_contact, resident};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{DbErr, EntityTrait, FromQueryResult, QueryResult};
use serde::Deserialize;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{
    Arm, Hanging, Reaches, Scoped, ScopedEntity, reach, read_hung, select_columns,
};
use crate::context::Cx;
use crate::db::{Handle, json_of_values};
use crate::error::Result;
use crate::households::service::{self as households, HouseholdRow, SeenHousehold};
use crate::lenient::Lenient;
use crate::part::{Part as _, part};

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
            | Permission::FindingConfirm
            | Permission::VisitRecord
            // Who matches a beneficiary finds the resident; who confirms a death writes it on them.
            | Permission::BeneficiaryEdit
            | Permission::CertificationConfirm
            | Permission::VisitPlan
            | Permission::BookingMake
            | Permission::MealEdit => &[Arm::Area],
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
            // Who moves a resident moves their open enrolment.
            Permission::ResidentRead
            | Permission::ResidentEdit
            | Permission::RoundStart
            | Permission::DeskRead
            | Permission::MealEdit
            | Permission::CertificationConfirm
            | Permission::EnrolmentEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

part! {
    /// A resident's own columns. A value that cannot be read costs its field, not the list.
    #[derive(Clone, Debug, Deserialize)]
    #[expect(
        missing_docs,
        reason = "each is the column of that name, described at the entity"
    )]
    pub struct ResidentRow of resident {
        id: Uuid = Id,
        household_id: Uuid = HouseholdId,
        area_id: Uuid = AreaId,
        name: String = Name,
        gender: Lenient<Gender> = Gender,
        born_on: Option<NaiveDate> = BornOn,
        id_number_sealed: Option<String> = IdNumberSealed,
        phone_sealed: Option<String> = PhoneSealed,
        health_notes_sealed: Option<String> = HealthNotesSealed,
        relation: Option<String> = Relation,
        deceased_on: Option<NaiveDate> = DeceasedOn,
        version: i64 = Version,
    }
}

part! {
    /// A care enrolment's own columns. A value that cannot be read costs its field, not the list.
    #[derive(Clone, Debug, Deserialize, FromQueryResult)]
    #[expect(
        missing_docs,
        reason = "each is the column of that name, described at the entity"
    )]
    pub struct EnrolmentRow of care_enrolment {
        id: Uuid = Id,
        resident_id: Uuid = ResidentId,
        tier: Lenient<CareTier> = Tier,
        circumstances: Lenient<Circumstances> = Circumstances,
        from_on: NaiveDate = FromOn,
        to_on: Option<NaiveDate> = ToOn,
        reason: Option<String> = Reason,
        end_reason: Option<String> = EndReason,
        paused_on: Option<NaiveDate> = PausedOn,
        review_on: Option<NaiveDate> = ReviewOn,
        version: i64 = Version,
    }
}

/// A resident as one reader sees them.
#[derive(Clone, Debug)]
pub struct SeenResident {
    /// Their own columns.
    pub row: ResidentRow,
    /// Their open care enrolment.
    pub enrolment: Option<EnrolmentRow>,
    /// Every care enrolment, the latest first, where asked for.
    pub enrolments: Vec<EnrolmentRow>,
    /// Whom to call, in order, where asked for.
    pub contacts: Vec<emergency_contact::Model>,
    /// Where they live, where asked for.
    pub household: Option<Box<SeenHousehold>>,
    /// What the reader may see.
    pub view: View,
}

/// What a screen asks for beyond the residents themselves.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Their emergency contacts.
    pub contacts: bool,
    /// Their enrolments, past ones included.
    pub enrolments: bool,
    /// Where they live.
    pub household: Option<Box<households::Columns>>,
}

/// A resident with their open care enrolment, as statements return them.
#[derive(Clone, Debug, Deserialize)]
pub struct Person {
    resident: ResidentRow,
    enrolment: Option<EnrolmentRow>,
}

impl FromQueryResult for Person {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            resident: ResidentRow::read(row, 0)?,
            enrolment: match row.try_get_by_index::<Option<Uuid>>(ResidentRow::width())? {
                Some(_) => Some(EnrolmentRow::read(row, ResidentRow::width())?),
                None => None,
            },
        })
    }
}

/// The living people of a household.
impl Hanging for Person {
    type Entity = resident::Entity;

    fn shape(select: &mut SelectStatement) {
        with_enrolment(select);
        select
            .and_where(Expr::col((resident::Entity, resident::Column::DeceasedOn)).is_null())
            .order_by((resident::Entity, resident::Column::Id), Order::Asc);
    }

    fn select(select: &mut SelectStatement) {
        ResidentRow::select(select);
        EnrolmentRow::select(select);
    }

    fn json() -> Expr {
        let enrolled = Expr::col((care_enrolment::Entity, care_enrolment::Column::Id));
        let enrolment = CaseStatement::new().case(enrolled.is_not_null(), EnrolmentRow::json());
        json_of_values([ResidentRow::json(), enrolment.into()])
    }

    fn on(&self) -> Uuid {
        self.resident.household_id
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

impl Reaches<care_enrolment::Entity> for ResidentRow {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> care_enrolment::Column {
        care_enrolment::Column::ResidentId
    }
}

/// The living people of households that a scope let through, by household, not yet shown to anybody.
pub async fn of_households<S: Reaches<resident::Entity> + Sync>(
    handle: &impl Handle,
    households: &[S],
    columns: &Columns,
) -> Result<HashMap<Uuid, Vec<SeenResident>>> {
    let people = read_hung(handle, households).await?;
    completed(handle, people, columns).await
}

/// The people of households, by household, with what `columns` asks for; not yet shown to anybody.
pub(crate) async fn completed(
    handle: &impl Handle,
    people: HashMap<Uuid, Vec<Person>>,
    columns: &Columns,
) -> Result<HashMap<Uuid, Vec<SeenResident>>> {
    let people = people.into_values().flatten().collect();
    let people = complete(handle, people, columns).await?;
    Ok(by_key(people, |resident| resident.row.household_id))
}

/// Gives people, and where they live, the view under which they are shown.
#[must_use]
pub fn seen_as(people: Vec<SeenResident>, view: View) -> Vec<SeenResident> {
    people
        .into_iter()
        .map(|resident| SeenResident {
            view,
            household: resident
                .household
                .map(|household| Box::new(household.seen_as(view))),
            ..resident
        })
        .collect()
}

/// As [`seen_as`], but a claim opens only the person it is about; where it is about the whole household,
/// everybody.
#[must_use]
pub fn seen_for(people: Vec<SeenResident>, view: View, about: Option<Uuid>) -> Vec<SeenResident> {
    let (meant, others): (Vec<_>, Vec<_>) = people
        .into_iter()
        .partition(|person| about.is_none_or(|about| about == person.row.id));
    let beside = match view {
        View::Claimant => View::Passer,
        view => view,
    };
    let mut shown = seen_as(meant, view);
    shown.extend(seen_as(others, beside));
    shown
}

/// Reads the residents that `scoped` lets through; `more` adds their order to the statement.
pub(super) async fn seen(
    cx: &Cx,
    scoped: Scoped<'_, resident::Entity>,
    columns: &Columns,
    more: impl FnOnce(&mut SelectStatement),
) -> Result<Vec<SeenResident>> {
    let actor = cx.actor()?;
    let rows = scoped.into_rows::<Person>(&cx.app.db, |select| {
        Person::select(select);
        with_enrolment(select);
        more(select);
    });
    let people = complete(&cx.app.db, rows.await?, columns).await?;
    Ok(people
        .into_iter()
        .flat_map(|resident| {
            let view = View::of(actor, resident.row.area_id, false);
            seen_as(vec![resident], view)
        })
        .collect())
}

fn with_enrolment(select: &mut SelectStatement) {
    use care_enrolment::Column as C;
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

/// Reads what hangs on people, not yet shown to anybody.
async fn complete(
    handle: &impl Handle,
    rows: Vec<Person>,
    columns: &Columns,
) -> Result<Vec<SeenResident>> {
    let people: Vec<ResidentRow> = rows.iter().map(|row| row.resident.clone()).collect();
    let mut contacts = HashMap::new();
    if columns.contacts {
        let position = emergency_contact::Column::Position;
        let found = hanging::<emergency_contact::Entity, emergency_contact::Model>(
            handle,
            &people,
            (position, Order::Asc),
        );
        contacts = by_key(found.await?, |contact| contact.resident_id);
    }
    let mut enrolments = HashMap::new();
    if columns.enrolments {
        let from_on = care_enrolment::Column::FromOn;
        let found = hanging::<care_enrolment::Entity, EnrolmentRow>(
            handle,
            &people,
            (from_on, Order::Desc),
        );
        enrolments = by_key(found.await?, |enrolment| enrolment.resident_id);
    }
    let homes = match &columns.household {
        Some(columns) => households::of_residents(handle, &people, columns).await?,
        None => HashMap::new(),
    };
    Ok(rows
        .into_iter()
        .map(|row| SeenResident {
            view: View::Nobody,
            contacts: contacts.remove(&row.resident.id).unwrap_or_default(),
            enrolments: enrolments.remove(&row.resident.id).unwrap_or_default(),
            // People of one household each know it.
            household: homes.get(&row.resident.household_id).cloned().map(Box::new),
            enrolment: row.enrolment,
            row: row.resident,
        })
        .collect())
}

async fn hanging<F, R>(
    handle: &impl Handle,
    people: &[ResidentRow],
    (column, order): (F::Column, Order),
) -> Result<Vec<R>>
where
    F: EntityTrait,
    R: FromQueryResult,
    ResidentRow: Reaches<F>,
{
    reach::<_, F, R>(handle, people, |select| {
        select_columns::<F>(select, "");
        select.order_by((F::default(), column), order);
    })
    .await
}

fn by_key<T>(rows: Vec<T>, key: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut grouped: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        grouped.entry(key(&row)).or_default().push(row);
    }
    grouped
}

/// Those of these residents that the actor may read, in no order.
pub async fn some(cx: &Cx, ids: &[Uuid], columns: &Columns) -> Result<Vec<SeenResident>> {
    let scoped = cx
        .actor()?
        .scoped::<resident::Entity>(Permission::ResidentRead)
        .ids(ids);
    seen(cx, scoped, columns, |_| ()).await
}
