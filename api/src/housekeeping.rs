//! What the server does by itself, a little at a time: visits are planned by the care rules, ones whose
//! window has passed become missed, and what has served its time is cleared away.

use std::time::Duration;

use chrono::Duration as Span;
use entity::idempotency_key;
use prometheus::{IntGaugeVec, Opts, Registry};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _};

use crate::alarms::climb::climb;
use crate::attachments::sweep::sweep;
use crate::care_plans::generate::generate;
use crate::clock::Clock;
use crate::context::App;
use crate::db::{Db, Handle as _};
use crate::error::{Error, Result};
use crate::escalations::climb::escalate;
use crate::jobs::{self, Job, Turn};
use crate::visits::claims::lapse::reopen_returned;
use crate::visits::lapse::miss_past_visits;
use crate::visits::verification::job::auto_verify;

/// How long the outcome of a call is kept for its repeats.
const KEPT: Span = Span::days(30);
/// How many keys one transaction removes, so that no write waits long for it.
const BATCH: u64 = 500;
/// The pause between two looks at what is due.
const EVERY: Duration = Duration::from_secs(20);

/// Everything the server does by itself, in this order.
pub const JOBS: &[Job] = &[
    Job {
        name: "climbAlarms",
        every: Span::minutes(1),
        run: |app| Box::pin(climb(app)),
    },
    Job {
        name: "generateVisits",
        every: Span::minutes(10),
        run: |app| Box::pin(generate(app)),
    },
    Job {
        name: "missPastVisits",
        every: Span::minutes(1),
        run: |app| Box::pin(miss_past_visits(&app.db, &app.keys, &app.clock)),
    },
    Job {
        name: "escalateVisits",
        every: Span::minutes(1),
        run: |app| Box::pin(escalate(app)),
    },
    Job {
        name: "reopenReturnedVisits",
        every: Span::minutes(1),
        run: |app| Box::pin(reopen_returned(&app.db, &app.keys, &app.clock)),
    },
    Job {
        name: "autoVerifyVisits",
        every: Span::minutes(1),
        run: |app| Box::pin(auto_verify(&app.db, &app.keys, &app.clock)),
    },
    Job {
        name: "sweepFiles",
        every: Span::days(1),
        run: |app| Box::pin(sweep(app)),
    },
    Job {
        name: "purgeKeys",
        every: Span::hours(1),
        run: |app| Box::pin(purge_keys(&app.db, &app.clock)),
    },
];

/// When jobs were last done, for operators.
#[derive(Clone, Debug)]
pub struct Figures {
    finished: IntGaugeVec,
    failures: IntGaugeVec,
}

impl Figures {
    /// Figures at zero, told under `/metrics`.
    pub fn new(registry: &Registry) -> Result<Self> {
        let gauge = |name: &str, help: &str| {
            let gauge = IntGaugeVec::new(Opts::new(name, help).namespace("nuanlin"), &["job"])?;
            registry.register(Box::new(gauge.clone()))?;
            Ok(gauge)
        };
        let told = |error: prometheus::Error| Error::Internal(error.into());
        Ok(Self {
            finished: gauge(
                "job_finished_timestamp_seconds",
                "When a job was last done, by any server",
            )
            .map_err(told)?,
            failures: gauge(
                "job_failures",
                "How often a job has failed since it was last done",
            )
            .map_err(told)?,
        })
    }

    async fn tell(&self, app: &App) -> Result<()> {
        for job in jobs::known(&app.db).await? {
            let finished = job.finished_at.map_or(0, |at| at.timestamp());
            let name = [job.name.as_str()];
            self.finished.with_label_values(&name).set(finished);
            self.failures
                .with_label_values(&name)
                .set(job.failures.into());
        }
        Ok(())
    }
}

/// Does what is due for as long as the server runs. Several servers share the work.
pub async fn run(app: &App, figures: &Figures) {
    loop {
        for job in JOBS {
            match job.turn(app).await {
                Ok(Turn::Done(0) | Turn::Rests | Turn::Failed) => {}
                Ok(Turn::Done(done)) => tracing::info!(job = job.name, done, "done"),
                Err(error) => tracing::warn!(job = job.name, %error, "a job was not begun"),
            }
        }
        if let Err(error) = figures.tell(app).await {
            tracing::warn!(%error, "the jobs' figures were not read");
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Removes idempotency keys older than 30 days and says how many.
pub async fn purge_keys(db: &Db, clock: &Clock) -> Result<usize> {
    use idempotency_key::Column as C;
    let mut removed = 0;
    loop {
        let old = Query::select()
            .columns([C::AccountId, C::Key])
            .from(idempotency_key::Entity)
            .and_where(C::CreatedAt.lt(clock.now() - KEPT))
            .limit(BATCH)
            .to_owned();
        let mut delete = Query::delete();
        delete
            .from_table(idempotency_key::Entity)
            .and_where(Expr::tuple([Expr::col(C::AccountId), Expr::col(C::Key)]).in_subquery(old));
        let tx = db.begin().await?;
        let gone = tx
            .unscoped("keys past their time, whoever's they were")
            .execute(&delete)
            .await?
            .rows_affected();
        tx.commit().await?;
        removed += usize::try_from(gone).unwrap_or_default();
        if gone < BATCH {
            return Ok(removed);
        }
    }
}
