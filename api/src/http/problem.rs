//! Why a file was not taken: RFC 9457 problem details with a code for phones and a sentence for people.

use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::negotiate::{Ending, Media, status};
use super::refusal::Refusal;
use crate::error::{Code, Error, Language, Stop};

/// The media type of a problem.
pub const CONTENT_TYPE: &str = "application/problem+json; charset=utf-8";

/// After how many seconds a client that was turned away comes again.
const COME_AGAIN: HeaderValue = HeaderValue::from_static("5");

/// What a client is told instead of what it asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The answer's status.
    pub status: StatusCode,
    /// A code of `ErrorCode` or of the top-level errors; it never changes.
    pub code: &'static str,
    /// The sentence for people.
    pub title: String,
}

impl Problem {
    /// A code's problem in the reader's language.
    #[must_use]
    pub fn refused(code: Code, language: Language) -> Self {
        let status = match code {
            Code::NotFound => StatusCode::NOT_FOUND,
            Code::NotPermitted => StatusCode::FORBIDDEN,
            Code::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Code::FileUnsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Code::FileEmpty
            | Code::FileBroken
            | Code::FileEncrypted
            | Code::FileEncoding
            | Code::Required => StatusCode::UNPROCESSABLE_ENTITY,
            // What a state does not allow now.
            _ => StatusCode::CONFLICT,
        };
        Self {
            status,
            code: code.code(),
            title: code.message(language).to_owned(),
        }
    }

    /// What stops the whole request.
    #[must_use]
    pub fn stopped(stop: Stop, language: Language) -> Self {
        Self {
            status: status(Media::GraphqlResponse, Ending::Stopped(stop)),
            code: stop.code(),
            title: stop.message(language).to_owned(),
        }
    }

    /// An error in the reader's language; one of ours is masked, and the log has it.
    #[must_use]
    pub fn of(error: &Error, language: Language) -> Self {
        match error {
            Error::Refused(refusal) => Self::refused(refusal.code, language),
            Error::Conflict(_) => Self::refused(Code::VersionConflict, language),
            Error::Stopped(stop, _) => Self::stopped(*stop, language),
            Error::Internal(_) => Self::stopped(Stop::Internal, language),
        }
    }

    /// A refusal of the transport.
    #[must_use]
    pub fn transport(refusal: &Refusal, language: Language) -> Self {
        Self {
            status: status(Media::GraphqlResponse, refusal.ending()),
            code: refusal.stop.code(),
            title: refusal.message(language).to_owned(),
        }
    }

    /// The answer's body; the request's id goes along where only the log knows more.
    #[must_use]
    pub fn body(&self, request_id: &str) -> Value {
        let mut body = json!({
            "status": self.status.as_u16(),
            "code": self.code,
            "title": self.title,
        });
        if self.status.is_server_error() {
            body["requestId"] = request_id.into();
        }
        body
    }

    /// The headers that belong to the status.
    pub fn mark(&self, headers: &mut HeaderMap) {
        match self.status {
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            StatusCode::TOO_MANY_REQUESTS => {
                headers.insert(RETRY_AFTER, COME_AGAIN);
            }
            _ => {}
        }
    }
}
