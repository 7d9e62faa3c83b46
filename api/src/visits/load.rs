//! Reading visit tasks: the same few statements for one row and for a hundred.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::enums::{VisitKind, VisitMethod, VisitOrigin, VisitOutcome, VisitStatus};
use entity::{account, household, visit_attempt, visit_report, visit_task};
use sea_orm::sea_query::{Expr, ExprTrait as _, SelectStatement};
use sea_orm::{DbErr, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::rules;
use crate::access::protected::View;
use crate::access::scope::{Reaches, Scoped, hung, nest, nested, nests};
use crate::context::Cx;
use crate::db::Handle;
use crate::error::Result;
use crate::households::last_visit::{self, LastVisit};
use crate::households::service::{self as households, HouseholdRow, SeenHousehold};
use crate::lenient::Lenient;
use crate::part::{Part as _, part};
use crate::residents::service::{self as residents, Person};
use crate::visits::reports::rows::{AttemptRow, ReportRow};

/// What a screen asks for beyond the tasks and their households.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// Of the household.
    pub household: households::Columns,
    /// The attempts that met nobody.
    pub attempts: bool,
    /// What was reported.
    pub reports: bool,
}

part! {
    /// A task's own columns. A value that cannot be read costs its field, not the list.
    #[derive(Clone, Debug)]
    #[expect(
        missing_docs,
        reason = "each is the column of that name, described at the entity"
    )]
    pub struct TaskRow of visit_task {
        id: Uuid = Id,
        kind: Lenient<VisitKind> = Kind,
        status: Lenient<VisitStatus> = Status,
        household_id: Uuid = HouseholdId,
        resident_id: Option<Uuid> = ResidentId,
        area_id: Uuid = AreaId,
        starts_at: DateTime<Utc> = StartsAt,
        due_at: DateTime<Utc> = DueAt,
        priority: i32 = Priority,
        instructions: Option<String> = Instructions,
        claimed_by: Option<Uuid> = ClaimedBy,
        claimed_at: Option<DateTime<Utc>> = ClaimedAt,
        lease_until: Option<DateTime<Utc>> = LeaseUntil,
        started_at: Option<DateTime<Utc>> = StartedAt,
        occurred_at: Option<DateTime<Utc>> = OccurredAt,
        reported_by: Option<Uuid> = ReportedBy,
        reported_at: Option<DateTime<Utc>> = ReportedAt,
        verified_at: Option<DateTime<Utc>> = VerifiedAt,
        outcome: Lenient<Option<VisitOutcome>> = Outcome,
        method: Lenient<Option<VisitMethod>> = Method,
        return_remark: Option<String> = ReturnRemark,
        return_due_at: Option<DateTime<Utc>> = ReturnDueAt,
        cancel_reason: Option<String> = CancelReason,
        retry_at: Option<DateTime<Utc>> = RetryAt,
        appointed_at: Option<DateTime<Utc>> = AppointedAt,
        origin: Lenient<VisitOrigin> = Origin,
        follows_id: Option<Uuid> = FollowsId,
        batch_id: Option<Uuid> = BatchId,
        renewals: i32 = Renewals,
        minutes: i32 = Minutes,
        auto_verify_at: Option<DateTime<Utc>> = AutoVerifyAt,
        version: i64 = Version,
        created_at: DateTime<Utc> = CreatedAt,
        updated_at: DateTime<Utc> = UpdatedAt,
    }
}

/// The names under which what hangs on a task stands in its row.
const RESIDENTS: &str = "nested_residents";
const ATTEMPTS: &str = "nested_attempts";
const REPORTS: &str = "nested_reports";

/// A task as its list statement returns it.
struct JoinedRow {
    task: TaskRow,
    household: HouseholdRow,
    claimant: Option<String>,
    last_visit: Option<LastVisit>,
    residents: Option<Vec<Person>>,
    attempts: Option<Vec<AttemptRow>>,
    reports: Option<Vec<ReportRow>>,
}

impl FromQueryResult for JoinedRow {
    fn from_query_result(row: &QueryResult, _prefix: &str) -> Result<Self, DbErr> {
        Ok(Self {
            task: TaskRow::read(row, 0)?,
            household: HouseholdRow::read(row, TaskRow::width())?,
            claimant: row.try_get("", "claimant")?,
            last_visit: LastVisit::read(row)?,
            residents: nested(row, RESIDENTS)?,
            attempts: nested(row, ATTEMPTS)?,
            reports: nested(row, REPORTS)?,
        })
    }
}

/// A task as one reader sees it.
#[derive(Clone, Debug)]
pub struct SeenTask {
    /// Its own columns.
    pub task: TaskRow,
    /// Where it is to be carried out.
    pub household: SeenHousehold,
    /// The name of who holds or held the claim.
    pub claimant: Option<String>,
    /// What the reader may see.
    pub view: View,
    /// Whether the reader holds the claim (live or not).
    pub mine: bool,
    /// Whether the reader wrote the report.
    pub reported_by_me: bool,
    /// Attempts, oldest first, where asked for.
    pub attempts: Vec<AttemptRow>,
    /// Reports, oldest first, where asked for.
    pub reports: Vec<ReportRow>,
    /// Straight-line metres from where the reader stands, in a list of what is near.
    pub metres: Option<i64>,
}

impl Reaches<visit_attempt::Entity> for TaskRow {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> visit_attempt::Column {
        visit_attempt::Column::VisitTaskId
    }
}

impl Reaches<visit_report::Entity> for TaskRow {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> visit_report::Column {
        visit_report::Column::VisitTaskId
    }
}

/// Reads the tasks that `scoped` lets through, in its order, with what `columns` asks for.
pub async fn tasks(
    cx: &Cx,
    handle: &impl Handle,
    scoped: Scoped<'_, visit_task::Entity>,
    columns: Columns,
) -> Result<Vec<SeenTask>> {
    let actor = cx.actor()?;
    let nests = nests(handle, &scoped);
    let mut rows: Vec<JoinedRow> = scoped
        .into_rows(handle, |select| {
            shape(select, columns.household.last_visit);
            if nests {
                nest_what_hangs(select, &columns);
            }
        })
        .await?;
    let people: Vec<_> = rows.iter_mut().map(|row| row.residents.take()).collect();
    let tried: Vec<_> = rows.iter_mut().map(|row| row.attempts.take()).collect();
    let told: Vec<_> = rows.iter_mut().map(|row| row.reports.take()).collect();
    let tasks: Vec<&TaskRow> = rows.iter().map(|row| &row.task).collect();
    let households: Vec<&HouseholdRow> = rows.iter().map(|row| &row.household).collect();
    let residents = match columns.household.residents {
        Some(columns) => {
            let people = hung(handle, &households, people).await?;
            residents::completed(handle, people, &columns).await?
        }
        None => HashMap::new(),
    };
    let mut attempts: HashMap<Uuid, Vec<AttemptRow>> = if columns.attempts {
        hung(handle, &tasks, tried).await?
    } else {
        HashMap::new()
    };
    let mut reports: HashMap<Uuid, Vec<ReportRow>> = if columns.reports {
        hung(handle, &tasks, told).await?
    } else {
        HashMap::new()
    };
    let now = cx.app.clock.now();
    // Two tasks of one household may be seen differently, so people are copied to each.
    Ok(rows
        .into_iter()
        .map(|row| {
            let mine = row.task.claimed_by == Some(actor.account);
            // A state that cannot be read opens nothing.
            let status = row.task.status.get().unwrap_or(VisitStatus::Cancelled);
            let live = mine && rules::is_live(status, row.task.lease_until, now);
            let view = View::of(actor, row.task.area_id, live);
            let people = residents
                .get(&row.household.id)
                .cloned()
                .unwrap_or_default();
            SeenTask {
                household: SeenHousehold {
                    row: row.household,
                    view,
                    residents: residents::seen_for(people, view, row.task.resident_id),
                    last_visit: row.last_visit,
                },
                claimant: row.claimant,
                view,
                mine,
                reported_by_me: row.task.reported_by == Some(actor.account),
                attempts: attempts.remove(&row.task.id).unwrap_or_default(),
                reports: reports.remove(&row.task.id).unwrap_or_default(),
                metres: None,
                task: row.task,
            }
        })
        .collect())
}

fn nest_what_hangs(select: &mut SelectStatement, columns: &Columns) {
    if columns.household.residents.is_some() {
        nest::<HouseholdRow, Person>(select, RESIDENTS);
    }
    if columns.attempts {
        nest::<TaskRow, AttemptRow>(select, ATTEMPTS);
    }
    if columns.reports {
        nest::<TaskRow, ReportRow>(select, REPORTS);
    }
}

fn shape(select: &mut SelectStatement, with_last_visit: bool) {
    use visit_task::Column as C;
    TaskRow::select(select);
    HouseholdRow::select(select);
    select
        .inner_join(
            household::Entity,
            Expr::col((household::Entity, household::Column::Id))
                .equals((visit_task::Entity, C::HouseholdId)),
        )
        .left_join(
            account::Entity,
            Expr::col((account::Entity, account::Column::Id))
                .equals((visit_task::Entity, C::ClaimedBy)),
        )
        .expr_as(
            Expr::col((account::Entity, account::Column::Name)),
            "claimant",
        );
    if with_last_visit {
        last_visit::join(select, Expr::col((visit_task::Entity, C::HouseholdId)));
    }
}
