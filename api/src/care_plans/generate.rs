//! The server plans visits by the care rules.
//!
//! Run at any time, in any order and by several servers at once it makes the same visits: each has an
//! occasion that is unique in the database.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::enums::{AccountStatus, CareTier, ChangeKind, VisitOrigin, VisitStatus};
use entity::{
    account, care_enrolment, care_pause, household, household_place, residence, resident,
    visit_task,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, OnConflict, Order, Query};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _,
};
use uuid::Uuid;

use super::book::RuleBook;
use super::expected::{self, Due, Enrolled, Visit};
use super::rules::priority;
use crate::access::sealed::{self, Field};
use crate::areas::tree::AreaTree;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::clock::{SHANGHAI, local_date};
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::error::Result;
use crate::visits::rules::{self as life, Action};

const REASON: &str = "the server plans visits by the care rules, wherever they are";

/// How many enrolments one transaction looks at, so that no claim waits long for it.
const BATCH: u64 = 300;

/// No visit that is asked for today has begun longer ago: what is made good, and the longest window.
const ASKED_SINCE: Duration = Duration::days(160);

/// The account that stands for the server where a person must be named. It has no number to sign in
/// with, no grant, and nobody sees it.
pub const SERVER: Uuid = Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001);

/// An open enrolment with what its visits need.
#[derive(Debug, FromQueryResult)]
struct Row {
    id: Uuid,
    resident_id: Uuid,
    tier: CareTier,
    from_on: NaiveDate,
    created_at: DateTime<Utc>,
    household_id: Uuid,
    area_id: Uuid,
    grid_id: Uuid,
    lives_since: Option<NaiveDate>,
    stands_since: Option<NaiveDate>,
    deceased_on: Option<NaiveDate>,
    closed_on: Option<NaiveDate>,
}

/// A visit that was made for an enrolment before.
#[derive(Debug, FromQueryResult)]
struct Made {
    id: Uuid,
    enrolment_id: Uuid,
    occasion: String,
    status: VisitStatus,
    due_at: DateTime<Utc>,
}

/// Makes the visits that care rules ask for and calls off unclaimed ones that they no longer ask for;
/// says how many visits it touched.
pub async fn generate(app: &App) -> Result<usize> {
    let book = RuleBook::read(&app.db).await?;
    let tree = app.sessions.tree();
    let mut near = Near {
        book: &book,
        tree: &tree,
        today: app.clock.today(SHANGHAI),
        known: HashMap::new(),
    };
    let mut touched = call_off_ended(app).await?;
    let mut after = Uuid::nil();
    loop {
        let tx = app.db.begin().await?;
        let rows = enrolments(&tx, after).await?;
        let Some(last) = rows.last() else {
            return Ok(touched);
        };
        after = last.id;
        touched += one_batch(app, tx, &rows, &mut near).await?;
    }
}

/// Due days by area and tier: neighbours share them.
struct Near<'a> {
    book: &'a RuleBook,
    tree: &'a AreaTree,
    today: NaiveDate,
    known: HashMap<(Uuid, CareTier), Vec<Due>>,
}

impl Near<'_> {
    fn of(&mut self, row: &Row) -> Result<&[Due]> {
        let key = (row.area_id, row.tier);
        if !self.known.contains_key(&key) {
            let due = expected::due_days(self.book, self.tree, key, self.today)?;
            self.known.insert(key, due);
        }
        Ok(&self.known[&key])
    }
}

async fn one_batch(app: &App, tx: Tx, rows: &[Row], near: &mut Near<'_>) -> Result<usize> {
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut pauses: HashMap<Uuid, Vec<_>> = HashMap::new();
    for pause in care_pause::Entity::find()
        .filter(care_pause::Column::EnrolmentId.is_in(ids.iter().copied()))
        .all(&tx.unscoped(REASON))
        .await?
    {
        let days = (pause.from_on, pause.to_on, pause.review_on);
        pauses.entry(pause.enrolment_id).or_default().push(days);
    }
    let mut made: HashMap<Uuid, Vec<Made>> = HashMap::new();
    for visit in made_before(app, &tx, &ids).await? {
        made.entry(visit.enrolment_id).or_default().push(visit);
    }
    let now = app.clock.now();
    let (mut missing, mut stale) = (Vec::new(), Vec::new());
    // An area that came since the tree was read is looked at by the next turn.
    let known = rows
        .iter()
        .filter(|row| near.tree.get(row.area_id).is_some());
    for row in known {
        let enrolled = Enrolled {
            id: row.id,
            from_on: row.from_on,
            known_on: [row.lives_since, row.stands_since]
                .into_iter()
                .flatten()
                .fold(local_date(row.created_at, SHANGHAI), Ord::max),
            pauses: pauses.remove(&row.id).unwrap_or_default(),
        };
        let today = near.today;
        let visits = if row.deceased_on.is_some() || row.closed_on.is_some() {
            Vec::new()
        } else {
            expected::visits(&enrolled, near.of(row)?, today)
        };
        let made = made.remove(&row.id).unwrap_or_default();
        let asked: HashSet<&str> = visits.iter().map(|visit| visit.occasion.as_str()).collect();
        let unasked = made
            .iter()
            .filter(|made| made.status == VisitStatus::Open && made.due_at > now)
            .filter(|made| !asked.contains(made.occasion.as_str()));
        stale.extend(unasked.map(|made| made.id));
        let new = visits.iter().filter(|visit| is_missing(visit, &made));
        missing.extend(new.map(|visit| task(app, row, visit)));
    }
    let mut changed = Vec::new();
    if !missing.is_empty() {
        ensure_server(app, &tx).await?;
        // Another server may have made some of them since they were looked for.
        let made = visit_task::Entity::insert_many(missing)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_with_returning(&tx.unscoped(REASON))
            .await?;
        let new = |task: visit_task::Model| {
            Changed::new(ChangeKind::VisitTask, task.id, Some(task.area_id))
        };
        changed.extend(made.into_iter().map(new));
    }
    changed.extend(call_off(app, &tx, &stale, "探访规则已调整或探访已暂停").await?);
    finish(app, tx, &changed).await?;
    Ok(changed.len())
}

/// Whether a visit is still to be made: neither itself, nor one before a pause in the same window that
/// somebody took on.
fn is_missing(visit: &Visit, made: &[Made]) -> bool {
    !made.iter().any(|made| {
        let taken = !matches!(
            made.status,
            VisitStatus::Open | VisitStatus::Cancelled | VisitStatus::Missed
        );
        made.occasion == visit.occasion || (made.occasion == visit.base && taken)
    })
}

fn task(app: &App, row: &Row, visit: &Visit) -> visit_task::ActiveModel {
    let now = app.clock.now();
    visit_task::ActiveModel {
        id: Set(app.clock.new_id()),
        kind: Set(visit.kind),
        status: Set(life::planned(visit.due_at, now)),
        household_id: Set(row.household_id),
        resident_id: Set(Some(row.resident_id)),
        area_id: Set(row.area_id),
        grid_id: Set(row.grid_id),
        starts_at: Set(visit.starts_at),
        due_at: Set(visit.due_at),
        priority: Set(priority(row.tier)),
        planned_by: Set(SERVER),
        verify_level: Set(0),
        attempts: Set(0),
        origin: Set(visit.origin),
        occasion: Set(Some(visit.occasion.clone())),
        enrolment_id: Set(Some(row.id)),
        tier: Set(Some(row.tier)),
        minutes: Set(life::minutes(visit.kind)),
        renewals: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
}

async fn enrolments(tx: &Tx, after: Uuid) -> Result<Vec<Row>> {
    use care_enrolment::Column as E;
    let e = |column: E| Expr::col((care_enrolment::Entity, column));
    let r = |column: resident::Column| Expr::col((resident::Entity, column));
    let mut select = Query::select();
    for column in [E::Id, E::ResidentId, E::Tier, E::FromOn, E::CreatedAt] {
        select.expr(e(column));
    }
    for column in [
        resident::Column::HouseholdId,
        resident::Column::AreaId,
        resident::Column::GridId,
        resident::Column::DeceasedOn,
    ] {
        select.expr(r(column));
    }
    select
        .expr_as(
            Expr::col((residence::Entity, residence::Column::FromOn)),
            "lives_since",
        )
        .expr_as(
            Expr::col((household_place::Entity, household_place::Column::FromOn)),
            "stands_since",
        )
        .expr(Expr::col((household::Entity, household::Column::ClosedOn)))
        .from(care_enrolment::Entity)
        .inner_join(
            resident::Entity,
            r(resident::Column::Id).equals((care_enrolment::Entity, E::ResidentId)),
        )
        .inner_join(
            household::Entity,
            Expr::col((household::Entity, household::Column::Id))
                .equals((resident::Entity, resident::Column::HouseholdId)),
        )
        .left_join(
            residence::Entity,
            Expr::col((residence::Entity, residence::Column::ResidentId))
                .equals((resident::Entity, resident::Column::Id))
                .and(Expr::col((residence::Entity, residence::Column::ToOn)).is_null()),
        )
        .left_join(
            household_place::Entity,
            Expr::col((
                household_place::Entity,
                household_place::Column::HouseholdId,
            ))
            .equals((household::Entity, household::Column::Id))
            .and(Expr::col((household_place::Entity, household_place::Column::ToOn)).is_null()),
        )
        .and_where(e(E::ToOn).is_null())
        .and_where(e(E::Id).gt(after))
        .order_by((care_enrolment::Entity, E::Id), Order::Asc)
        .limit(BATCH)
        // Nobody moves while their visits are made where they live.
        .lock_with_tables(LockType::Share, [resident::Entity]);
    let rows = tx.unscoped(REASON).query_all(&select).await?;
    rows.iter()
        .map(|row| Ok(Row::from_query_result(row, "")?))
        .collect()
}

async fn made_before(app: &App, tx: &Tx, enrolments: &[Uuid]) -> Result<Vec<Made>> {
    use visit_task::Column as C;
    let oldest = app.clock.now() - ASKED_SINCE;
    Ok(visit_task::Entity::find()
        .select_only()
        .columns([C::Id, C::EnrolmentId, C::Occasion, C::Status, C::DueAt])
        .filter(C::EnrolmentId.is_in(enrolments.iter().copied()))
        .filter(C::Origin.is_in([VisitOrigin::Rule, VisitOrigin::Review]))
        .filter(C::Occasion.is_not_null())
        .filter(C::StartsAt.gt(oldest))
        .into_model::<Made>()
        .all(&tx.unscoped(REASON))
        .await?)
}

/// Calls off unclaimed visits of enrolments that have ended.
async fn call_off_ended(app: &App) -> Result<usize> {
    use visit_task::Column as C;
    let mut touched = 0;
    loop {
        let ended = Query::select()
            .column(care_enrolment::Column::Id)
            .from(care_enrolment::Entity)
            .and_where(care_enrolment::Column::ToOn.is_not_null())
            .to_owned();
        let tx = app.db.begin().await?;
        let stale: Vec<Uuid> = visit_task::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::Status.eq(VisitStatus::Open))
            .filter(C::DueAt.gt(app.clock.now()))
            .filter(C::EnrolmentId.in_subquery(ended))
            .limit(BATCH)
            .into_tuple()
            .all(&tx.unscoped(REASON))
            .await?;
        let changed = call_off(app, &tx, &stale, "已不再纳入探访").await?;
        finish(app, tx, &changed).await?;
        touched += changed.len();
        if stale.is_empty() {
            return Ok(touched);
        }
    }
}

/// Cancels those of the visits that nobody has claimed meanwhile. Their occasions are free again: should
/// a rule or a pause be taken back, what it had called off is made anew.
async fn call_off(app: &App, tx: &Tx, visits: &[Uuid], why: &str) -> Result<Vec<Changed>> {
    use visit_task::Column as C;
    if visits.is_empty() {
        return Ok(Vec::new());
    }
    let mut update = Query::update();
    update
        .table(visit_task::Entity)
        .value(C::Status, Action::Cancel.transition().to)
        .value(C::CancelReason, why)
        .value(C::Occasion, Option::<String>::None)
        .value(C::Version, Expr::col(C::Version).add(1))
        .value(C::UpdatedAt, app.clock.now())
        .and_where(C::Id.is_in(visits.iter().copied()))
        .and_where(C::Status.eq(VisitStatus::Open))
        .returning_all();
    let rows = tx.unscoped(REASON).query_all(&update).await?;
    rows.iter()
        .map(|row| {
            let task = visit_task::Model::from_query_result(row, "")?;
            let area = Some(task.area_id);
            Ok(Changed::in_place(ChangeKind::VisitTask, task.id, area))
        })
        .collect()
}

/// Leaves one audit entry for a batch that touched anything, announces it and commits.
async fn finish(app: &App, tx: Tx, changed: &[Changed]) -> Result<()> {
    if let Some(first) = changed.first() {
        let ids: Vec<Uuid> = changed.iter().map(|changed| changed.id).collect();
        let act = Act {
            action: "generateVisits",
            subject_kind: "VisitTask",
            subject_id: first.id,
            area_id: None,
            reason: None,
            fields: "status".to_owned(),
            details: serde_json::to_string(&ids).ok(),
        };
        audit::record_by(Author::operator(&app.keys, &app.clock), &tx, act).await?;
        changes::record_at(app.clock.now(), &tx, changed).await?;
    }
    tx.commit().await
}

/// Makes the server's own account, where it is not there yet.
pub async fn ensure_server(app: &App, tx: &Tx) -> Result<()> {
    let now = app.clock.now();
    let server = account::ActiveModel {
        id: Set(SERVER),
        phone_sealed: Set(sealed::seal(&app.keys, Field::Phone, "")?),
        phone_hash: Set("server".to_owned()),
        name: Set("系统".to_owned()),
        status: Set(AccountStatus::Disabled),
        failed_attempts: Set(0),
        grants_version: Set(1),
        access_changed_at: Set(now),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    account::Entity::insert(server)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&tx.unscoped(REASON))
        .await?;
    Ok(())
}
