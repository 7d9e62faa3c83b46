//! What the server does by itself, a little at a time: visits are planned by the care rules, ones whose
//! window has passed become missed, and what has served its time is cleared away.

use std::time::Duration;

use chrono::{DateTime, Duration as Span, Utc};
use entity::{
    accompaniment, idempotency_key, import_account, import_area, import_beneficiary,
    import_resident, refresh_token, session,
};
use prometheus::{IntGaugeVec, Opts, Registry};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait, StatementBuilder};

use crate::alarms::climb::climb;
use crate::attachments::sweep::sweep;
use crate::care_plans::generate::generate;
use crate::certifications::hand_overs::end::expire_hand_overs;
use crate::clock::Clock;
use crate::context::App;
use crate::db::{Db, Handle as _};
use crate::error::{Error, Result};
use crate::escalations::climb::escalate;
use crate::jobs::{self, Job, Turn};
use crate::meals::generate::generate_meals;
use crate::offers::slots::make::make_slots;
use crate::visits::claims::lapse::reopen_returned;
use crate::visits::lapse::miss_past_visits;
use crate::visits::verification::job::auto_verify;
use crate::wishes::bookings::lapse::lapse_bookings;
use crate::wishes::lapse::{close_silent_wishes, expire_wishes};

/// How long the outcome of a call is kept for its repeats, and a session after its end.
const KEPT: Span = Span::days(30);
/// How long it is kept to whom a volunteer was asked along, after they are shown it no more: for questions.
const REMEMBERED: Span = Span::days(30);
/// How long staged rows are kept: no import takes that long.
const STAGED: Span = Span::days(1);
/// How many rows one transaction removes, so that no write waits long for it.
const BATCH: u64 = 500;
/// The pause between two looks at what is due.
const EVERY: Duration = Duration::from_secs(20);

/// Everything the server does by itself.
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
        name: "generateMeals",
        every: Span::minutes(10),
        run: |app| Box::pin(generate_meals(app)),
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
        name: "expireHandOvers",
        every: Span::minutes(1),
        run: |app| Box::pin(expire_hand_overs(&app.db, &app.keys, &app.clock)),
    },
    Job {
        name: "closeSilentWishes",
        every: Span::minutes(10),
        run: |app| Box::pin(close_silent_wishes(app)),
    },
    Job {
        name: "expireWishes",
        every: Span::minutes(10),
        run: |app| Box::pin(expire_wishes(app)),
    },
    Job {
        name: "lapseBookings",
        every: Span::minutes(1),
        run: |app| Box::pin(lapse_bookings(app)),
    },
    Job {
        name: "makeSlots",
        every: Span::minutes(10),
        run: |app| Box::pin(make_slots(app)),
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
    Job {
        name: "purgeSessions",
        every: Span::hours(1),
        run: |app| Box::pin(purge_sessions(&app.db, &app.clock)),
    },
    Job {
        name: "purgeStaged",
        every: Span::hours(1),
        run: |app| Box::pin(purge_staged(&app.db, &app.clock)),
    },
    Job {
        name: "purgeAccompaniments",
        every: Span::hours(1),
        run: |app| Box::pin(purge_accompaniments(&app.db, &app.clock)),
    },
];

/// When jobs were last done, for operators.
#[derive(Clone, Debug)]
pub struct Figures {
    finished: IntGaugeVec,
    failures: IntGaugeVec,
    overdue: IntGaugeVec,
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
            overdue: gauge(
                "job_overdue",
                "1 where a job should have been done by now, else 0",
            )
            .map_err(told)?,
        })
    }

    async fn tell(&self, app: &App) -> Result<()> {
        for job in states(app).await? {
            let finished = job.finished_at.map_or(0, |at| at.timestamp());
            let name = [job.name];
            self.finished.with_label_values(&name).set(finished);
            self.failures
                .with_label_values(&name)
                .set(job.failures.into());
            self.overdue
                .with_label_values(&name)
                .set(job.is_overdue.into());
        }
        Ok(())
    }
}

/// How it stands with everything the server does by itself.
pub async fn states(app: &App) -> Result<Vec<jobs::State>> {
    jobs::states((&app.db, app.clock.now()), JOBS, app.begun_at).await
}

/// Does what is due for as long as the server runs. Several servers share the work; no job waits for
/// another, which may take long or hang.
pub async fn run(app: &App, figures: &Figures) {
    let turns = JOBS.iter().map(|job| again_and_again(job, app));
    let tell = async {
        loop {
            if let Err(error) = figures.tell(app).await {
                tracing::warn!(%error, "the jobs' figures were not read");
            }
            tokio::time::sleep(EVERY).await;
        }
    };
    futures_util::future::join(futures_util::future::join_all(turns), tell).await;
}

async fn again_and_again(job: &Job, app: &App) {
    loop {
        match job.turn(app).await {
            Ok(Turn::Done(0) | Turn::Rests | Turn::Failed) => {}
            Ok(Turn::Done(done)) => tracing::info!(job = job.name, done, "done"),
            Err(error) => tracing::warn!(job = job.name, %error, "a job was not begun"),
        }
        tokio::time::sleep(EVERY).await;
    }
}

/// Removes idempotency keys older than 30 days and says how many.
pub async fn purge_keys(db: &Db, clock: &Clock) -> Result<usize> {
    use idempotency_key::Column as C;
    let old = Query::select()
        .columns([C::AccountId, C::Key])
        .from(idempotency_key::Entity)
        .and_where(C::CreatedAt.lt(clock.now() - KEPT))
        .limit(BATCH)
        .to_owned();
    let delete = Query::delete()
        .from_table(idempotency_key::Entity)
        .and_where(Expr::tuple([Expr::col(C::AccountId), Expr::col(C::Key)]).in_subquery(old))
        .to_owned();
    in_batches(db, &delete).await
}

/// Removes sessions that ended 30 days ago, and refresh tokens past their own end; says how many of both.
///
/// A used token goes with its end as well: until then, it tells that somebody else has it.
pub async fn purge_sessions(db: &Db, clock: &Clock) -> Result<usize> {
    use refresh_token::Column as T;
    use session::Column as S;
    let now = clock.now();
    let tokens = |which: Condition| {
        let old = Query::select()
            .column(T::TokenHash)
            .from(refresh_token::Entity)
            .cond_where(which)
            .limit(BATCH)
            .to_owned();
        Query::delete()
            .from_table(refresh_token::Entity)
            .and_where(T::TokenHash.in_subquery(old))
            .to_owned()
    };
    let ended = || {
        Condition::any()
            .add(S::ExpiresAt.lt(now - KEPT))
            .add(S::RevokedAt.lt(now - KEPT))
    };
    let of_ended = Query::select()
        .column(S::Id)
        .from(session::Entity)
        .cond_where(ended())
        .to_owned();
    let sessions = Query::select()
        .column(S::Id)
        .from(session::Entity)
        .cond_where(ended())
        .limit(BATCH)
        .to_owned();
    let sessions = Query::delete()
        .from_table(session::Entity)
        .and_where(S::Id.in_subquery(sessions))
        .to_owned();
    let past = Condition::all().add(T::ExpiresAt.lt(now));
    let orphaned = Condition::all().add(T::SessionId.in_subquery(of_ended));
    Ok(in_batches(db, &tokens(past)).await?
        + in_batches(db, &tokens(orphaned)).await?
        + in_batches(db, &sessions).await?)
}

/// Removes what imports that were cut short had staged more than a day ago; says how many rows.
pub async fn purge_staged(db: &Db, clock: &Clock) -> Result<usize> {
    let before = clock.now() - STAGED;
    Ok(purge_of::<import_area::Entity>(db, before).await?
        + purge_of::<import_resident::Entity>(db, before).await?
        + purge_of::<import_account::Entity>(db, before).await?
        + purge_of::<import_beneficiary::Entity>(db, before).await?)
}

/// Rows of one staging table; all have the same key.
async fn purge_of<E: EntityTrait>(db: &Db, before: DateTime<Utc>) -> Result<usize> {
    let key = || [Expr::col("import_id"), Expr::col("ordinal")];
    let old = Query::select()
        .exprs(key())
        .from(E::default().table_ref())
        .and_where(Expr::col("created_at").lt(before))
        .limit(BATCH)
        .to_owned();
    let delete = Query::delete()
        .from_table(E::default().table_ref())
        .and_where(Expr::tuple(key()).in_subquery(old))
        .to_owned();
    in_batches(db, &delete).await
}

/// Erases name and address of whom volunteers were asked to go to, 30 days after the day; says how many.
pub async fn purge_accompaniments(db: &Db, clock: &Clock) -> Result<usize> {
    use accompaniment::Column as C;
    let old = Query::select()
        .column(C::Id)
        .from(accompaniment::Entity)
        .and_where(C::ClosesAt.lt(clock.now() - REMEMBERED))
        .and_where(C::Name.ne(""))
        .limit(BATCH)
        .to_owned();
    let erase = Query::update()
        .table(accompaniment::Entity)
        .value(C::Name, "")
        .value(C::AddressSealed, None::<String>)
        .and_where(C::Id.in_subquery(old))
        .to_owned();
    in_batches(db, &erase).await
}

/// Runs a deletion or a change of at most [`BATCH`] rows until none is left; each is a transaction of its own.
async fn in_batches(db: &Db, statement: &impl StatementBuilder) -> Result<usize> {
    let mut removed = 0;
    loop {
        let tx = db.begin().await?;
        let gone = tx
            .unscoped("what is past its time, whoever's it was")
            .execute(statement)
            .await?
            .rows_affected();
        tx.commit().await?;
        removed += usize::try_from(gone).unwrap_or_default();
        if gone < BATCH {
            return Ok(removed);
        }
    }
}
