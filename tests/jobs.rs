//! What servers do by themselves, and which of them does it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Duration, Utc};
use nuanlin::error::Error;
use nuanlin::housekeeping::JOBS;
use nuanlin::jobs::{self, Job, Turn};
use serde_json::{Value, json};

use crate::support::binary::Server;
use crate::support::database::on_both;
use crate::support::world::World;

static ON_SQLITE: AtomicUsize = AtomicUsize::new(0);
static ON_POSTGRES: AtomicUsize = AtomicUsize::new(0);

/// A job that takes a moment and counts how often it was done.
fn slow(postgres: bool) -> Job {
    Job {
        name: "slow",
        every: Duration::minutes(1),
        run: if postgres {
            |_| Box::pin(at_it(&ON_POSTGRES))
        } else {
            |_| Box::pin(at_it(&ON_SQLITE))
        },
    }
}

async fn at_it(done: &AtomicUsize) -> Result<usize, Error> {
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    Ok(done.fetch_add(1, Ordering::SeqCst) + 1)
}

/// Asks again until there is an answer, for a minute.
async fn until<T>(ask: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask().await {
            return answer;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("not within a minute");
}

on_both! {
    async fn of_many_servers_one_does_the_job_and_again_when_it_is_due(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let job = slow(world.database.is_postgres());
        for turn in 1..=2 {
            let looks = [0; 8].map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { job.turn(world.app()).await.expect("a turn") })
            });
            let mut done = Vec::new();
            for look in looks {
                done.push(look.await.expect("no panic"));
            }
            assert_eq!(done.iter().filter(|look| **look == Turn::Done(turn)).count(), 1);
            assert_eq!(done.iter().filter(|look| **look == Turn::Rests).count(), 7);
            world.clock.advance(Duration::seconds(59));
            assert_eq!(job.turn(world.app()).await.unwrap(), Turn::Rests);
            world.clock.advance(Duration::seconds(1));
        }
    }

    async fn a_failure_is_counted_and_tried_again(db: TestDatabase) {
        let world = World::new(db).await;
        let fails = Job {
            name: "odd",
            every: Duration::minutes(1),
            run: |_| Box::pin(async { Err(Error::internal("not today")) }),
        };
        let panics = Job { run: |_| Box::pin(async { std::panic::panic_any(()) }), ..fails };
        let works = Job { run: |_| Box::pin(async { Ok(0) }), ..fails };
        assert_eq!(fails.turn(world.app()).await.unwrap(), Turn::Failed);
        assert_eq!(panics.turn(world.app()).await.unwrap(), Turn::Failed);
        let begun = world.clock.now();
        let state = async || jobs::states((&world.app().db, world.clock.now()), &[works], begun).await.unwrap()[0];
        assert_eq!((state().await.failures, state().await.finished_at), (2, None));
        assert_eq!(works.turn(world.app()).await.unwrap(), Turn::Done(0));
        assert_eq!((state().await.failures, state().await.finished_at), (0, Some(world.clock.now())));
    }

    /// Three pauses and a turn's time after it was last done (or could first have been) a job is overdue,
    /// whether it hangs, fails or was never begun.
    async fn a_job_that_stops_is_told(db: TestDatabase) {
        let world = World::new(db).await;
        let works = Job { name: "odd", every: Duration::minutes(10), run: |_| Box::pin(async { Ok(1) }) };
        let never = Job { name: "never", ..works };
        let begun = world.clock.now();
        let overdue = async || -> Vec<bool> {
            let (db, now) = (&world.app().db, world.clock.now());
            let states = jobs::states((db, now), &[works, never], begun).await.unwrap();
            states.iter().map(|state| state.is_overdue).collect()
        };
        world.clock.advance(Duration::minutes(10));
        works.turn(world.app()).await.unwrap();
        world.clock.advance(Duration::minutes(35));
        assert_eq!(overdue().await, [false, false]);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(overdue().await, [false, true]);
        world.clock.advance(Duration::minutes(10));
        assert_eq!(overdue().await, [true, true]);
    }

    /// A server that died at it holds the job no longer than its lease.
    async fn a_dead_servers_job_is_taken_over(db: TestDatabase) {
        let world = World::new(db).await;
        let hangs = Job {
            name: "odd",
            every: Duration::minutes(1),
            run: |_| Box::pin(std::future::pending()),
        };
        let works = Job { run: |_| Box::pin(async { Ok(7) }), ..hangs };
        let soon = std::time::Duration::from_millis(100);
        tokio::time::timeout(soon, hangs.turn(world.app())).await.expect_err("it hangs");
        assert_eq!(works.turn(world.app()).await.unwrap(), Turn::Rests);
        world.clock.advance(Duration::minutes(15));
        assert_eq!(works.turn(world.app()).await.unwrap(), Turn::Done(7));
    }

    /// Operators read it of a running server: done, and when; and once nobody does it any more, that too.
    async fn a_running_server_tells_when_its_jobs_were_done(db: TestDatabase) {
        let server = Server::start(&db, &[]).await;
        let details = async || -> Value {
            let answer = reqwest::get(format!("{}/readyz", server.admin_url())).await.expect("an answer");
            answer.json().await.expect("JSON")
        };
        let metrics = async || {
            let answer = reqwest::get(format!("{}/metrics", server.admin_url())).await.expect("an answer");
            answer.text().await.expect("text")
        };
        let all_done = |jobs: &Value| JOBS.iter().all(|job| jobs[job.name]["finished_at"].is_string());
        let done = until(async || Some(details().await["jobs"].clone()).filter(all_done)).await;
        for job in JOBS {
            let state = &done[job.name];
            assert_eq!((&state["failures"], &state["overdue"]), (&json!(0), &json!(false)), "{}", job.name);
        }
        let finished = done["generateVisits"]["finished_at"].as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
        let line = format!("nuanlin_job_finished_timestamp_seconds{{job=\"generateVisits\"}} {}", finished.timestamp());
        until(async || Some(metrics().await).filter(|text| text.contains(&line))).await;
        assert!(metrics().await.contains("nuanlin_job_overdue{job=\"generateVisits\"} 0"));
    }
}
