//! `nuanlin serve`: everything put together and listening.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use entity::account;
use sea_orm::{EntityTrait as _, QuerySelect as _};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::Workplace;
use crate::attachments::store::Store;
use crate::config::{Serving, Storage};
use crate::context::App;
use crate::db::Handle as _;
use crate::error::{Error, Result};
use crate::execute::Engine;
use crate::http::server::{Listeners, serve, stop_signal};
use crate::http::{self, Core, Readiness, Service};
use crate::{housekeeping, schema, uploads};

/// How long what is in flight may take to finish once the server is asked to end.
const GRACE: Duration = Duration::from_secs(20);

/// Root fields for those who have no access token yet.
const OPEN_FIELDS: &[&str] = &["signIn", "refreshSession", "activateAccount"];

/// `nuanlin serve`.
#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    serving: Serving,
}

impl Serve {
    /// Runs the command until the process is asked to end.
    pub async fn run(self) -> Result<ExitCode> {
        start_logging("info");
        let place = Workplace::open(
            &self.storage,
            self.storage.keys()?,
            self.serving.limits(&self.storage),
        )
        .await?;
        let listeners = listen(&self.serving).await?;
        if is_empty(&place).await? {
            eprintln!(
                "no account yet; load areas, then make the first administrator:\n  \
                 nuanlin import areas FILE\n  \
                 nuanlin account add --name NAME --phone PHONE --role ADMIN --area CODE"
            );
        }
        run(place, self.storage.store()?, &self.serving, listeners).await
    }
}

/// Logs as JSON on standard error, as much as `NUANLIN_LOG` says, or `usual` where it is not set.
pub(super) fn start_logging(usual: &str) {
    let filter = EnvFilter::try_from_env("NUANLIN_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    tracing_subscriber::fmt()
        .json()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    // What a panic says may hold data; where it happened is enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "a panic; the operation ended, the server goes on");
    }));
}

/// Opens both addresses, so that a taken one, or a setting that makes no sense, is told before anything
/// else is done.
pub(super) async fn listen(serving: &Serving) -> Result<Listeners> {
    serving.settings.check()?;
    let open = async |address| {
        TcpListener::bind(address)
            .await
            .map_err(|error| Error::internal(format!("cannot listen on {address}: {error}")))
    };
    Ok(Listeners {
        public: open(serving.listen).await?,
        admin: open(serving.admin_listen).await?,
    })
}

/// Serves until the process is asked to end.
pub(super) async fn run(
    place: Workplace,
    store: Store,
    serving: &Serving,
    listeners: Listeners,
) -> Result<ExitCode> {
    let settings = serving.settings.clone();
    let app = App::open(place.db, place.clock, place.keys, settings).await?;
    let app = Arc::new(app.keeping(store));
    let service = Arc::new(transport(Arc::clone(&app), serving)?);
    let figures = housekeeping::Figures::new(service.metrics().registry())?;
    let following = tokio::spawn({
        let app = Arc::clone(&app);
        async move {
            tokio::join!(
                app.sessions.follow(&app.db, &app.clock),
                housekeeping::run(&app, &figures),
            )
        }
    });
    tracing::info!(address = %serving.listen, admin = %serving.admin_listen, "serving");
    let stop = async {
        if let Err(error) = stop_signal().await {
            tracing::error!(%error, "cannot wait for signals; ending");
        }
    };
    let finished = serve(service, listeners, GRACE, stop).await;
    following.abort();
    let _ = following.await;
    if let Ok(app) = Arc::try_unwrap(app) {
        app.db.close().await;
    }
    tracing::info!(finished, "ended");
    Ok(ExitCode::SUCCESS)
}

/// The transport before an application.
pub fn transport(app: Arc<App>, serving: &Serving) -> Result<Service> {
    let jwks = serde_json::to_value(app.sessions.tokens.jwks())
        .map_err(|error| Error::Internal(error.into()))?;
    let engine = Engine::new(Arc::clone(&app));
    let (opening, admitting) = (engine.clone(), engine.clone());
    let (clock, watched) = (app.clock.clone(), app);
    let core = Core {
        execute: Arc::new(move |request, caller| {
            let engine = engine.clone();
            Box::pin(async move { engine.execute(request, caller).await })
        }),
        open: Arc::new(move |link, caller| {
            let engine = opening.clone();
            Box::pin(async move { engine.open(&link, &caller).await })
        }),
        admit: Arc::new(move |incoming, caller| {
            Box::pin(uploads::admit(admitting.clone(), incoming, caller))
        }),
        ready: Arc::new(move || {
            let app = Arc::clone(&watched);
            Box::pin(async move { readiness(&app).await })
        }),
        new_id: Arc::new(move || clock.new_id()),
        jwks,
    };
    let settings = http::Settings {
        explorer: serving.explorer,
        introspection: serving.explorer,
        timeout: serving.timeout(),
        places: serving.places as usize,
        open_fields: OPEN_FIELDS,
        ..http::Settings::default()
    };
    Service::new(core, settings, &schema::sdl())
}

/// Ready is who can read from the database and knows the grants of the last seconds.
async fn readiness(app: &App) -> Readiness {
    let database = match app.sessions.refresh(&app.db, &app.clock).await {
        Ok(()) => "ok".to_owned(),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            "not reachable".to_owned()
        }
    };
    let jobs: serde_json::Value = housekeeping::states(app)
        .await
        .unwrap_or_default()
        .into_iter()
        .map(|job| {
            let state = serde_json::json!({
                "finished_at": job.finished_at,
                "failures": job.failures,
                "overdue": job.is_overdue,
            });
            (job.name.to_owned(), state)
        })
        .collect::<serde_json::Map<_, _>>()
        .into();
    Readiness {
        is_ready: database == "ok",
        details: serde_json::json!({
            "database": database,
            "grants_seen_within_5_s": app.sessions.is_fresh(),
            "areas": app.sessions.tree().len(),
            "jobs": jobs,
        }),
    }
}

async fn is_empty(place: &Workplace) -> Result<bool> {
    let first = account::Entity::find()
        .limit(1)
        .one(&place.db.unscoped("whether there is an account at all"))
        .await?;
    Ok(first.is_none())
}
