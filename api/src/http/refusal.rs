//! Why the transport does not pass a request on.

use async_graphql::Pos;
use axum::http::StatusCode;

use super::negotiate::Ending;
use crate::error::{Language, Stop};

/// A request that ends before its operation begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The code clients act on.
    pub stop: Stop,
    /// The status, where it does not depend on the answer's media type.
    pub status: Option<StatusCode>,
    /// Where in the document.
    pub locations: Vec<Pos>,
    chinese: String,
    english: String,
}

impl Refusal {
    /// A refusal in words of its own.
    #[must_use]
    pub fn new(stop: Stop, chinese: impl Into<String>, english: impl Into<String>) -> Self {
        Self {
            stop,
            status: None,
            locations: Vec::new(),
            chinese: chinese.into(),
            english: english.into(),
        }
    }

    /// A request that is not a well-formed GraphQL request over HTTP.
    #[must_use]
    pub fn malformed(
        status: StatusCode,
        chinese: impl Into<String>,
        english: impl Into<String>,
    ) -> Self {
        Self {
            status: Some(status),
            ..Self::new(Stop::BadUserInput, chinese, english)
        }
    }

    /// Something the document has more of than is allowed.
    #[must_use]
    pub fn too_complex(chinese: &str, english: &str, limit: usize) -> Self {
        Self::new(
            Stop::QueryTooComplex,
            format!("查询超出限制：{chinese}（上限{limit}）"),
            format!("The query exceeds a limit: {english} (at most {limit})"),
        )
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self, language: Language) -> &str {
        match language {
            Language::Chinese => &self.chinese,
            Language::English => &self.english,
        }
    }

    /// How the request ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.status
            .map_or(Ending::Stopped(self.stop), Ending::Malformed)
    }
}

/// The code's own sentence.
impl From<Stop> for Refusal {
    fn from(stop: Stop) -> Self {
        Self {
            // Proxies and clients act on this status, whatever media type they asked for.
            status: (stop == Stop::Overloaded).then_some(StatusCode::SERVICE_UNAVAILABLE),
            ..Self::new(
                stop,
                stop.message(Language::Chinese),
                stop.message(Language::English),
            )
        }
    }
}
