//! Nuanlin's hot paths, written by hand: axum, SQL and serde, without GraphQL and without entities.
//!
//! What the benchmark compares with. Each address does what its operation of the API does: the same token
//! verified, the same rows scoped by its grants, the same values opened or masked, the same audit of what was
//! read, and for a claim the same conditions, audit, change and idempotency rows. It is one statement wherever
//! one can be written.

mod claim;
mod coverage;
mod open_tasks;
mod report;
mod task;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use clap::Parser;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, RecyclingMethod};
use entity::enums::Role;
use nuanlin::access::keys::Keys;
use nuanlin::access::token::{TokenGrants, Tokens};
use nuanlin::clock::Clock;
use tokio_postgres::NoTls;
use uuid::Uuid;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The hot paths by hand.
#[derive(Parser)]
struct Arguments {
    /// The database, `postgres://user@host/name`.
    #[arg(long, env = "DATABASE_URL")]
    database_url: String,
    /// The folder of the keys.
    #[arg(long, env = "NUANLIN_KEYS_DIR")]
    keys_dir: PathBuf,
    /// Where to serve.
    #[arg(long)]
    listen: SocketAddr,
    /// Connections to the database.
    #[arg(long, default_value_t = 8)]
    connections: usize,
}

/// What requests share.
struct Desk {
    pool: Pool,
    tokens: Tokens,
    clock: Clock,
    keys: Keys,
}

/// Who asks.
struct Caller {
    account: Uuid,
    /// Whether they read personal data in full.
    is_staff: bool,
    /// The areas that their grants name.
    areas: Vec<Uuid>,
}

/// What went wrong; nobody is told more.
struct Failure(StatusCode);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        eprintln!("{error:?}");
        Self(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<deadpool_postgres::PoolError> for Failure {
    fn from(_: deadpool_postgres::PoolError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl From<nuanlin::error::Error> for Failure {
    fn from(_: nuanlin::error::Error) -> Self {
        Self(StatusCode::UNAUTHORIZED)
    }
}

impl Desk {
    async fn connection(&self) -> Result<Object, Failure> {
        Ok(self.pool.get().await?)
    }

    fn caller(&self, headers: &HeaderMap) -> Result<Caller, Failure> {
        let token = headers
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(Failure(StatusCode::UNAUTHORIZED))?;
        let claims = self.tokens.verify(&self.clock, token)?;
        let TokenGrants::Listed(grants) = claims.grants else {
            return Err(Failure(StatusCode::FORBIDDEN));
        };
        let is_staff =
            grants.contains_key(&Role::GridLead) || grants.contains_key(&Role::CommunityStaff);
        Ok(Caller {
            account: claims.sub,
            is_staff,
            areas: grants.into_values().flatten().collect(),
        })
    }
}

/// Leaves the audit entry of what was read in full, and of whom.
async fn audit_read(
    client: &Object,
    clock: &Clock,
    (account, action): (Uuid, &str),
    opened: BTreeSet<(&str, Uuid)>,
) -> Result<(), Failure> {
    let statement = client
        .prepare_cached(
            "WITH entry AS (INSERT INTO audit_entry (id, at, actor_id, action, subject_kind, request_id)
                VALUES ($1, $2, $3, $4, 'Operation', $5))
             INSERT INTO audit_subject (entry_id, subject_kind, subject_id)
             SELECT $1, * FROM unnest($6::text[], $7::uuid[])",
        )
        .await?;
    let (id, request) = (clock.new_id(), clock.new_id().to_string());
    let (kinds, subjects): (Vec<&str>, Vec<Uuid>) = opened.into_iter().unzip();
    client
        .execute(
            &statement,
            &[
                &id,
                &clock.now(),
                &account,
                &action,
                &request,
                &kinds,
                &subjects,
            ],
        )
        .await?;
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let keys = Keys::load(&arguments.keys_dir, false)?;
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Fast,
    };
    let mut config: tokio_postgres::Config = arguments.database_url.parse()?;
    // As the server has it for its own connections.
    config.options("-c jit=off -c max_parallel_workers_per_gather=0");
    let manager = Manager::from_config(config, NoTls, recycling);
    let desk = Arc::new(Desk {
        pool: Pool::builder(manager)
            .max_size(arguments.connections)
            .build()?,
        tokens: Tokens::new(&keys)?,
        clock: Clock::system(),
        keys,
    });
    let router = Router::new()
        .route("/readyz", get(async || "ready"))
        .route("/open-tasks", get(open_tasks::open_tasks))
        .route("/tasks/{id}", get(task::task))
        .route("/rounds/{id}/coverage", get(coverage::coverage))
        .route("/tasks/{id}/claim", post(claim::claim))
        .route("/tasks/{id}/report", post(report::report))
        .with_state(desk);
    let listener = tokio::net::TcpListener::bind(arguments.listen).await?;
    axum::serve(listener, router).await?;
    Ok(())
}
