//! The transport: GraphQL over HTTP, and what operators ask of a server.
//!
//! A request's way: [`handler`] settles media type and language ([`negotiate`]), reads the body
//! ([`body`]) and its parameters ([`params`]), finds the guarded document ([`documents`],
//! [`guard`], [`scan`]), prices it ([`complexity`]), waits for a place ([`gate`]), runs it apart from all others ([`isolate`])
//! and answers ([`answer`]). Whatever is refused on the way is a [`refusal::Refusal`].
//!
//! Files come in by [`uploads`] and go out by signed link ([`files`]); what is refused there is told
//! as a [`problem`].
//!
//! The transport knows nothing of the application but the closures in [`Core`].

pub mod answer;
pub mod body;
pub mod complexity;
pub mod documents;
pub mod explorer;
pub mod facts;
pub mod files;
pub mod gate;
pub mod guard;
pub mod handler;
pub mod isolate;
pub mod metrics;
pub mod negotiate;
pub mod params;
pub mod problem;
pub mod record;
pub mod refusal;
pub mod scan;
pub mod server;
pub mod uploads;

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Request, Response};
use futures_util::future::BoxFuture;
use uuid::Uuid;

use self::documents::Documents;
use self::facts::SchemaFacts;
use self::gate::Gate;
use self::isolate::Mutations;
use self::metrics::Metrics;
use crate::error::{Error, Language, Result};
use crate::refusals::Refusals;

/// Who calls, as far as the transport can tell.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Names the request in answers, logs and the audit.
    pub request_id: Arc<str>,
    /// The language to answer in.
    pub language: Language,
    /// The bearer token as it came, not verified. Absent too for [`Settings::open_fields`].
    pub token: Option<Token>,
    /// The address the connection came from: a proxy's, behind a proxy.
    pub address: Option<IpAddr>,
    /// Where refusals are noted that come in payloads, for the figures.
    pub refused: Refusals,
}

/// A bearer token; its text never shows in a log.
#[derive(Clone)]
pub struct Token(Arc<str>);

impl Token {
    /// The token's text.
    #[must_use]
    pub fn text(&self) -> &Arc<str> {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Whether the server can do its work.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// Whether requests should be sent here.
    pub is_ready: bool,
    /// What was looked at, for operators.
    pub details: serde_json::Value,
}

/// Authenticates a caller and executes an operation.
///
/// `Error::Stopped` before the operation begins becomes the answer; other errors are masked.
pub type Execute =
    Arc<dyn Fn(Request, Caller) -> BoxFuture<'static, Result<Response, Error>> + Send + Sync>;

/// A signed link, as its path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// To a spreadsheet that is made when it is opened.
    Export(String),
    /// To a file that is kept.
    Attachment(String),
}

/// A file on its way out.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// What it is called.
    pub name: String,
    /// What it is, as `Content-Type` says it.
    pub content_type: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Gives the file that a link stands for.
///
/// `Error::Stopped` becomes 401 or 403, a refusal 404; other errors are masked.
pub type Open =
    Arc<dyn Fn(Link, Caller) -> BoxFuture<'static, Result<Outgoing, Error>> + Send + Sync>;

/// What the application gives the transport.
#[derive(Clone)]
pub struct Core {
    /// Authenticates and executes.
    pub execute: Execute,
    /// Gives the file that a signed link stands for.
    pub open: Open,
    /// Judges who may send a file, before its body is read.
    pub admit: uploads::Admit,
    /// Looks whether the server is ready.
    pub ready: Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>,
    /// Makes a request's id.
    pub new_id: Arc<dyn Fn() -> Uuid + Send + Sync>,
    /// The public keys that verify access tokens (RFC 7517).
    pub jwks: serde_json::Value,
}

/// What an operator decides.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether `/` shows the explorer page.
    pub explorer: bool,
    /// Whether `__schema` and `__type` answer; both are null otherwise.
    pub introspection: bool,
    /// The most an operation may cost, see [`complexity`].
    pub max_cost: u64,
    /// How long an operation may take.
    pub timeout: Duration,
    /// How many operations run at once; of further ones a burst waits and the rest is sent away, see [`gate`].
    pub places: usize,
    /// Root fields of those who have no valid token yet: a token that comes along is not looked at.
    pub open_fields: &'static [&'static str],
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            explorer: false,
            introspection: false,
            max_cost: 5000,
            timeout: Duration::from_secs(10),
            places: 64,
            open_fields: &[],
        }
    }
}

/// The transport of one server.
pub struct Service {
    core: Core,
    settings: Settings,
    facts: SchemaFacts,
    documents: Documents,
    metrics: Metrics,
    mutations: Mutations,
    gates: uploads::Gates,
    gate: Gate,
}

impl Service {
    /// Puts a transport before a core whose schema is `sdl`.
    pub fn new(core: Core, settings: Settings, sdl: &str) -> Result<Self> {
        let internal = |error: Box<dyn std::error::Error + Send + Sync>| Error::Internal(error);
        Ok(Self {
            core,
            gate: Gate::new(settings.places),
            settings,
            facts: SchemaFacts::read(sdl).map_err(|error| internal(error.into()))?,
            documents: Documents::default(),
            metrics: Metrics::new().map_err(|error| internal(error.into()))?,
            mutations: Mutations::default(),
            gates: uploads::Gates::default(),
        })
    }

    /// The server's figures, to which the core may add its own.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

#[cfg(test)]
mod tests;
