//! What a request carries: the application, who asks, in which language, and what was opened to them.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::access::actor::Actor;
use crate::access::keys::Keys;
use crate::access::sessions::Sessions;
use crate::accounts::passwords::Passwords;
use crate::attachments::store::Store;
use crate::clock::Clock;
use crate::config::Settings;
use crate::db::Db;
use crate::error::{Language, Result, Stop};
use crate::refusals::Refusals;

/// What every request of one server shares.
#[derive(Debug)]
pub struct App {
    /// The database.
    pub db: Db,
    /// Time and new ids.
    pub clock: Clock,
    /// Secret keys.
    pub keys: Keys,
    /// Limits and durations that a community sets.
    pub settings: Settings,
    /// Which tokens still hold, and the area tree.
    pub sessions: Sessions,
    /// Since when this server runs.
    pub begun_at: DateTime<Utc>,
    /// Checks passwords without keeping the server from other work.
    pub passwords: Passwords,
    /// Keeps files; nothing until [`App::keeping`] names a place.
    pub store: Store,
}

impl App {
    /// Puts together what requests share, reading grants and the area tree for the first time.
    pub async fn open(db: Db, clock: Clock, keys: Keys, settings: Settings) -> Result<Self> {
        let sessions = Sessions::load(&db, &clock, &keys).await?;
        Ok(Self {
            begun_at: clock.now(),
            db,
            clock,
            keys,
            settings,
            sessions,
            passwords: Passwords::default(),
            store: Store::default(),
        })
    }

    /// The same application, which keeps files there.
    #[must_use]
    pub fn keeping(self, store: Store) -> Self {
        Self { store, ..self }
    }
}

/// One request: what services and resolvers are given.
#[derive(Clone, Debug)]
pub struct Cx {
    /// What is shared.
    pub app: Arc<App>,
    /// Who asks, absent without a token.
    pub actor: Option<Arc<Actor>>,
    /// The reader's language.
    pub language: Language,
    /// Names the request in answers, logs and the audit.
    pub request_id: Arc<str>,
    opened: Arc<Mutex<BTreeSet<(&'static str, Uuid)>>>,
    /// What was refused in payloads so far.
    pub refused: Refusals,
}

impl Cx {
    /// A request's context, nothing opened yet.
    #[must_use]
    pub fn new(
        app: Arc<App>,
        actor: Option<Arc<Actor>>,
        language: Language,
        request_id: Arc<str>,
    ) -> Self {
        Self {
            app,
            actor,
            language,
            request_id,
            opened: Arc::default(),
            refused: Refusals::default(),
        }
    }

    /// The signed-in person; `UNAUTHENTICATED` without one.
    pub fn actor(&self) -> Result<&Actor> {
        self.actor
            .as_deref()
            .ok_or_else(|| Stop::Unauthenticated.into())
    }

    /// Notes that a protected value of this subject was read in full, for the audit.
    pub fn opened(&self, kind: &'static str, subject: Uuid) {
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((kind, subject));
    }

    /// Takes what was opened so far.
    #[must_use]
    pub fn take_opened(&self) -> BTreeSet<(&'static str, Uuid)> {
        std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
