//! What servers do by themselves: each job under a lease, so that one of several servers does it.
//!
//! A job is safe to run twice all the same: a server that was held up may go on after its lease. A
//! failure or a panic of one job stops neither the others nor its next turn, and is told: `failures`
//! counts them until the job succeeds again.

use std::panic::AssertUnwindSafe;

use chrono::{DateTime, Duration, Utc};
use entity::job;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query, UpdateStatement};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _};
use uuid::Uuid;

use crate::context::App;
use crate::db::{Db, Handle as _};
use crate::error::{Error, Result};

const REASON: &str = "jobs belong to the server";

/// How long a server may be at one job before another takes over.
const LEASE: Duration = Duration::minutes(15);

/// How long one turn may take: less than the lease, so that no two servers are at it.
const LONGEST: std::time::Duration = std::time::Duration::from_mins(14);

/// After how many of its pauses a job that was not done is overdue, beside the time a turn may take.
const LATE: i32 = 3;

/// Something to be done again and again.
#[derive(Clone, Copy)]
pub struct Job {
    /// Its name, which never changes.
    pub name: &'static str,
    /// The pause between the end of one turn and the beginning of the next.
    pub every: Duration,
    /// Does it, and says how much there was to do.
    pub run: for<'a> fn(&'a App) -> BoxFuture<'a, Result<usize>>,
}

/// What one look at a job came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is not due, or another server is at it.
    Rests,
    /// It was done: so much.
    Done(usize),
    /// It failed; the log knows more.
    Failed,
}

impl Job {
    /// Does the job if it is due and no other server is at it.
    pub async fn turn(&self, app: &App) -> Result<Turn> {
        let holder = app.clock.new_id();
        // Most looks find nothing due; they write nothing.
        if !self.is_due(app).await? || !self.take(app, holder).await? {
            return Ok(Turn::Rests);
        }
        let at_it = AssertUnwindSafe((self.run)(app)).catch_unwind();
        let outcome = match tokio::time::timeout(LONGEST, at_it).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Error::internal("the job panicked; see the log")),
            Err(_) => Err(Error::internal("the job took too long; it goes on later")),
        };
        let turn = match outcome {
            Ok(done) => Turn::Done(done),
            Err(error) => {
                tracing::warn!(job = self.name, %error, "a job failed; it will be tried again");
                Turn::Failed
            }
        };
        self.give_back(app, holder, turn != Turn::Failed).await?;
        Ok(turn)
    }

    async fn is_due(&self, app: &App) -> Result<bool> {
        let now = app.clock.now();
        let known = job::Entity::find_by_id(self.name)
            .one(&app.db.unscoped(REASON))
            .await?;
        Ok(known.is_none_or(|job| {
            job.lease_until.is_none_or(|until| until <= now)
                && job.finished_at.is_none_or(|at| at <= now - self.every)
        }))
    }

    async fn take(&self, app: &App, holder: Uuid) -> Result<bool> {
        use job::Column as C;
        let now = app.clock.now();
        let mut known = Query::insert();
        known
            .into_table(job::Entity)
            .columns([C::Name])
            .values_panic([self.name.into()])
            .on_conflict(OnConflict::new().do_nothing().to_owned());
        let mut take = Query::update();
        take.table(job::Entity)
            .value(C::Holder, holder)
            .value(C::LeaseUntil, now + LEASE)
            .value(C::StartedAt, now)
            .and_where(C::Name.eq(self.name))
            .and_where(C::LeaseUntil.is_null().or(C::LeaseUntil.lte(now)))
            .and_where(
                C::FinishedAt
                    .is_null()
                    .or(C::FinishedAt.lte(now - self.every)),
            );
        let tx = app.db.begin().await?;
        tx.unscoped(REASON).execute(&known).await?;
        let taken = tx.unscoped(REASON).execute(&take).await?.rows_affected();
        tx.commit().await?;
        Ok(taken == 1)
    }

    async fn give_back(&self, app: &App, holder: Uuid, succeeded: bool) -> Result<()> {
        use job::Column as C;
        let mut give: UpdateStatement = Query::update();
        give.table(job::Entity)
            .value(C::Holder, Option::<Uuid>::None)
            .value(C::LeaseUntil, Option::<DateTime<Utc>>::None)
            .and_where(C::Name.eq(self.name))
            .and_where(C::Holder.eq(holder));
        if succeeded {
            give.value(C::FinishedAt, app.clock.now())
                .value(C::Failures, 0);
        } else {
            give.value(C::Failures, Expr::col(C::Failures).add(1));
        }
        let tx = app.db.begin().await?;
        tx.unscoped(REASON).execute(&give).await?;
        tx.commit().await
    }
}

/// How it stands with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Its name.
    pub name: &'static str,
    /// When it was last done, by any server.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often it has failed since.
    pub failures: i32,
    /// Whether it should have been done by now.
    pub is_overdue: bool,
}

/// How it stands with each of `jobs`, those too that were never begun, on a server that runs since then.
pub async fn states(
    (db, now): (&Db, DateTime<Utc>),
    jobs: &[Job],
    since: DateTime<Utc>,
) -> Result<Vec<State>> {
    let known = job::Entity::find().all(&db.unscoped(REASON)).await?;
    let state = |job: &Job| {
        let row = known.iter().find(|row| row.name == job.name);
        let finished_at = row.and_then(|row| row.finished_at);
        // A server that has just begun makes good first what was left while none ran.
        let waits_since = finished_at.map_or(since, |at| Ord::max(at, since));
        State {
            name: job.name,
            finished_at,
            failures: row.map_or(0, |row| row.failures),
            is_overdue: waits_since + job.every * LATE + LEASE < now,
        }
    };
    Ok(jobs.iter().map(state).collect())
}
