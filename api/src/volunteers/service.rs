//! Reading profiles and service: the same few statements for one volunteer and for a hundred.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use entity::enums::{VisitKind, VisitMethod, VisitStatus};
use entity::{
    account, area_closure, service_correction, visit_task, volunteer_award, volunteer_profile,
    volunteer_training,
};
use sea_orm::sea_query::{Expr, Order, Query, SelectStatement};
use sea_orm::{ActiveEnum as _, ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::hands::{self, Hand};
use super::people::Person;
use super::rules::{self, Counted, Days, Reported};
use crate::access::keys::Keys;
use crate::access::protected::{self, Protected};
use crate::access::scope::{reach, select_columns};
use crate::access::sealed::Field;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;

/// What a screen asks for beyond the profile itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    /// Trainings.
    pub trainings: bool,
    /// Awards and evaluations.
    pub awards: bool,
}

/// A volunteer as those see them who may.
#[derive(Clone, Debug)]
pub struct SeenVolunteer {
    /// The account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// What is known of them; nothing until somebody wrote it down.
    pub profile: Option<volunteer_profile::Model>,
    /// Trainings, the newest first, with those annulled.
    pub trainings: Vec<volunteer_training::Model>,
    /// Awards and evaluations, the newest first, with those annulled.
    pub awards: Vec<volunteer_award::Model>,
    /// Whether the reader is the volunteer.
    pub mine: bool,
}

impl SeenVolunteer {
    /// A sealed value of the profile.
    pub fn sealed(
        &self,
        keys: &Keys,
        field: Field,
        pick: impl Fn(&volunteer_profile::Model) -> Option<&String>,
    ) -> Result<Protected<String>> {
        let sealed = self.profile.as_ref().and_then(pick);
        protected::of_profile(keys, field, sealed.map(String::as_str))
    }
}

/// The profiles of these people, in their order.
pub async fn profiles(
    cx: &Cx,
    people: Vec<Person>,
    columns: Columns,
) -> Result<Vec<SeenVolunteer>> {
    let (me, db) = (cx.actor()?.account, &cx.app.db);
    let mut known: HashMap<Uuid, volunteer_profile::Model> =
        all::<volunteer_profile::Entity>(db, &people, volunteer_profile::Column::AccountId)
            .await?
            .into_iter()
            .map(|row| (row.account_id, row))
            .collect();
    let mut trainings: HashMap<Uuid, Vec<_>> = HashMap::new();
    if columns.trainings {
        use volunteer_training::Column as C;
        for row in all::<volunteer_training::Entity>(db, &people, C::CompletedOn).await? {
            trainings.entry(row.account_id).or_default().push(row);
        }
    }
    let mut awards: HashMap<Uuid, Vec<_>> = HashMap::new();
    if columns.awards {
        use volunteer_award::Column as C;
        for row in all::<volunteer_award::Entity>(db, &people, C::AwardedOn).await? {
            awards.entry(row.account_id).or_default().push(row);
        }
    }
    Ok(people
        .into_iter()
        .map(|person| SeenVolunteer {
            id: person.id,
            name: person.name,
            profile: known.remove(&person.id),
            trainings: trainings.remove(&person.id).unwrap_or_default(),
            awards: awards.remove(&person.id).unwrap_or_default(),
            mine: person.id == me,
        })
        .collect())
}

/// Everything of a kind that belongs to these people, the newest first.
async fn all<F>(handle: &impl Handle, people: &[Person], order: F::Column) -> Result<Vec<F::Model>>
where
    F: sea_orm::EntityTrait,
    Person: crate::access::scope::Reaches<F>,
{
    reach::<_, F, F::Model>(handle, people, |select| {
        select_columns::<F>(select, "");
        select.order_by((F::default(), order), Order::Desc);
    })
    .await
}

/// One verified visit in a service record.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The task.
    pub task: Uuid,
    /// The day to which it counts.
    pub on: NaiveDate,
    /// What kind of visit.
    pub kind: VisitKind,
    /// What it counts.
    pub counted: Counted,
}

/// A volunteer's service between two days.
#[derive(Clone, Debug)]
pub struct ServiceRecord {
    /// The volunteer.
    pub id: Uuid,
    /// Which days.
    pub days: Days,
    /// Minutes of these days, corrections included.
    pub minutes: i64,
    /// Minutes of all days, corrections included.
    pub minutes_ever: i64,
    /// Visits of these days, in order of time.
    pub entries: Vec<Entry>,
    /// Hands lent on these days, in order of time.
    pub hands: Vec<Hand>,
    /// Corrections that count to these days, in order.
    pub corrections: Vec<service_correction::Model>,
}

/// The service record of somebody whom the reader may see, in three statements.
pub async fn record(handle: &impl Handle, person: &Person, days: Days) -> Result<ServiceRecord> {
    let people = std::slice::from_ref(person);
    let entries = entries(work(handle, people).await?);
    let hands = hands::hands(handle, people).await?;
    let corrections = corrections(handle, people).await?;
    let minutes_ever = sum(&entries, &hands, &corrections);
    let entries: Vec<Entry> = entries
        .into_iter()
        .filter(|entry| days.holds(entry.on))
        .collect();
    let hands: Vec<Hand> = hands
        .into_iter()
        .filter(|hand| days.holds(hand.on()))
        .collect();
    let corrections: Vec<_> = corrections
        .into_iter()
        .filter(|row| days.holds(row.counts_on))
        .collect();
    Ok(ServiceRecord {
        id: person.id,
        days,
        minutes: sum(&entries, &hands, &corrections),
        minutes_ever,
        entries,
        hands,
        corrections,
    })
}

/// All minutes of somebody whom the reader may see.
pub(super) async fn minutes_ever(handle: &impl Handle, person: &Person) -> Result<i64> {
    let people = std::slice::from_ref(person);
    let entries = entries(work(handle, people).await?);
    let hands = hands::hands(handle, people).await?;
    Ok(sum(&entries, &hands, &corrections(handle, people).await?))
}

fn sum(entries: &[Entry], hands: &[Hand], corrections: &[service_correction::Model]) -> i64 {
    let counted: i64 = entries.iter().map(|entry| entry.counted.minutes).sum();
    let lent: i64 = hands.iter().map(|hand| i64::from(hand.minutes)).sum();
    let corrected: i64 = corrections.iter().map(|row| i64::from(row.minutes)).sum();
    counted + lent + corrected
}

#[derive(Clone, Debug, FromQueryResult)]
struct Work {
    id: Uuid,
    reported_by: Uuid,
    area_id: Uuid,
    kind: VisitKind,
    method: Option<VisitMethod>,
    started_at: Option<DateTime<Utc>>,
    occurred_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    minutes: i32,
}

/// Selects verified visits in order of time.
fn select_work(select: &mut SelectStatement) {
    use visit_task::Column as C;
    for column in [
        C::Id,
        C::ReportedBy,
        C::AreaId,
        C::Kind,
        C::Method,
        C::StartedAt,
        C::OccurredAt,
        C::EndedAt,
        C::Minutes,
    ] {
        select.column((visit_task::Entity, column));
    }
    select
        .and_where(verified())
        .and_where(C::OccurredAt.is_not_null())
        .order_by((visit_task::Entity, C::OccurredAt), Order::Asc)
        .order_by((visit_task::Entity, C::Id), Order::Asc);
}

/// As text, not as a parameter: only so do both databases use the index over verified visits.
fn verified() -> Expr {
    let verified = VisitStatus::Verified.to_value();
    Expr::cust(format!("\"visit_task\".\"status\" = '{verified}'"))
}

async fn work(handle: &impl Handle, people: &[Person]) -> Result<Vec<Work>> {
    reach::<_, visit_task::Entity, Work>(handle, people, select_work).await
}

async fn corrections(
    handle: &impl Handle,
    people: &[Person],
) -> Result<Vec<service_correction::Model>> {
    use service_correction::Column as C;
    reach::<_, service_correction::Entity, _>(handle, people, |select| {
        select_columns::<service_correction::Entity>(select, "");
        select
            .order_by((service_correction::Entity, C::CountsOn), Order::Asc)
            .order_by((service_correction::Entity, C::Id), Order::Asc);
    })
    .await
}

/// What each of one volunteer's visits counts.
fn entries(work: Vec<Work>) -> Vec<Entry> {
    let spans: Vec<rules::Span> = work
        .iter()
        .map(|work| {
            rules::span(&Reported {
                started_at: work.started_at,
                occurred_at: work.occurred_at,
                ended_at: work.ended_at,
                method: work.method,
                expected: work.minutes,
            })
        })
        .collect();
    work.into_iter()
        .zip(rules::count(&spans))
        .map(|(work, counted)| Entry {
            task: work.id,
            on: local_date(work.occurred_at, SHANGHAI),
            kind: work.kind,
            counted,
        })
        .collect()
}

/// What one volunteer did in some areas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VolunteerMinutes {
    /// The account.
    pub id: Uuid,
    /// The name.
    pub name: String,
    /// How many verified visits.
    pub visits: i64,
    /// For how many wishes verified hands were lent.
    pub wishes: i64,
    /// Minutes, with the corrections made there.
    pub minutes: i64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    visits: i64,
    wishes: i64,
    minutes: i64,
}

const REASON: &str = "minutes of service in areas that the caller may report on";

/// Minutes by volunteer for work in these areas and below, by name; for reports of an area.
///
/// A constant number of statements. Work elsewhere at the same time still counts only once, for
/// whichever began first. The caller has checked that the areas may be reported on.
pub async fn minutes_by_volunteer(
    handle: &impl Handle,
    areas: &[Uuid],
    days: Days,
) -> Result<Vec<VolunteerMinutes>> {
    let connection = handle.unscoped(REASON);
    let below: HashSet<Uuid> = rows::<Below>(&connection, &below(areas))
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let (from, to) = days.around();
    let mut select = Query::select();
    select
        .from(visit_task::Entity)
        .and_where(visit_task::Column::OccurredAt.gte(from))
        .and_where(visit_task::Column::OccurredAt.lt(to));
    select_work(&mut select);
    let mut by_person: HashMap<Uuid, Vec<Work>> = HashMap::new();
    for work in rows::<Work>(&connection, &select).await? {
        by_person.entry(work.reported_by).or_default().push(work);
    }
    let mut found: HashMap<Uuid, Figures> = HashMap::new();
    for (person, work) in by_person {
        let areas: Vec<Uuid> = work.iter().map(|work| work.area_id).collect();
        for (entry, area) in entries(work).iter().zip(areas) {
            if days.holds(entry.on) && below.contains(&area) {
                let figures = found.entry(person).or_default();
                figures.visits += 1;
                figures.minutes += entry.counted.minutes;
            }
        }
    }
    for row in rows::<service_correction::Model>(&connection, &corrected(days)).await? {
        if below.contains(&row.area_id) {
            found.entry(row.account_id).or_default().minutes += i64::from(row.minutes);
        }
    }
    for (person, (wishes, minutes)) in hands::of_areas(&connection, (&below, days)).await? {
        let figures = found.entry(person).or_default();
        figures.wishes += wishes;
        figures.minutes += minutes;
    }
    named(&connection, found).await
}

#[derive(FromQueryResult)]
struct Below {
    id: Uuid,
}

fn below(areas: &[Uuid]) -> SelectStatement {
    use area_closure::Column as C;
    Query::select()
        .distinct()
        .expr_as(Expr::col(C::DescendantId), "id")
        .from(area_closure::Entity)
        .and_where(C::AncestorId.is_in(areas.iter().copied()))
        .to_owned()
}

fn corrected(days: Days) -> SelectStatement {
    use service_correction::Column as C;
    let mut select = Query::select();
    select_columns::<service_correction::Entity>(&mut select, "");
    select
        .from(service_correction::Entity)
        .and_where(C::CountsOn.gte(days.from))
        .and_where(C::CountsOn.lt(days.to));
    select
}

/// Puts names to the figures, in their order.
async fn named(
    connection: &impl sea_orm::ConnectionTrait,
    mut found: HashMap<Uuid, Figures>,
) -> Result<Vec<VolunteerMinutes>> {
    let select = Query::select()
        .columns([account::Column::Id, account::Column::Name])
        .from(account::Entity)
        .and_where(account::Column::Id.is_in(found.keys().copied()))
        .order_by(account::Column::Name, Order::Asc)
        .order_by(account::Column::Id, Order::Asc)
        .to_owned();
    let people = rows::<Person>(connection, &select).await?;
    Ok(people
        .into_iter()
        .filter_map(|person| {
            let figures = found.remove(&person.id)?;
            Some(VolunteerMinutes {
                id: person.id,
                name: person.name,
                visits: figures.visits,
                wishes: figures.wishes,
                minutes: figures.minutes,
            })
        })
        .collect())
}

async fn rows<R: FromQueryResult>(
    connection: &impl sea_orm::ConnectionTrait,
    select: &SelectStatement,
) -> Result<Vec<R>> {
    let rows = connection.query_all(select).await?;
    Ok(rows
        .iter()
        .map(|row| R::from_query_result(row, ""))
        .collect::<Result<_, _>>()?)
}
