//! What a client is told: errors with codes from the closed list, everything else masked.
//!
//! async-graphql turns anything that can be displayed into client text. This is the one place at
//! the edge through which errors leave, so what nobody gave a code is masked, not leaked.

use async_graphql::{ErrorExtensionValues, Response, ServerError, Value};
use serde::Serialize;

use super::negotiate::Ending;
use super::refusal::Refusal;
use crate::error::{Language, Stop};

/// The most errors one answer names: a document can be wrong in very many places.
const MAX_ERRORS: usize = 20;

/// An answer before it is written.
#[derive(Debug)]
pub struct Answer {
    /// What decides the status.
    pub ending: Ending,
    /// The codes of the errors, in order.
    pub codes: Vec<Stop>,
    body: Body,
}

#[derive(Debug, Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<ServerError>,
    /// Absent unless execution began (GraphQL specification §7.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Value>,
}

impl Answer {
    /// The answer to a request that was not executed.
    #[must_use]
    pub fn refused(refusal: &Refusal, language: Language, request_id: &str) -> Self {
        let message = refusal.message(language);
        let mut error = coded(ServerError::new(message, None), refusal.stop, request_id);
        error.locations.clone_from(&refusal.locations);
        Self {
            ending: refusal.ending(),
            codes: vec![refusal.stop],
            body: Body {
                errors: vec![error],
                data: None,
            },
        }
    }

    /// The answer to an operation that was executed, or that validation refused.
    #[must_use]
    pub fn executed(response: Response, language: Language, request_id: &str) -> Self {
        // Only execution gives errors a path, and it gives one to each.
        let is_refused = response.data == Value::Null
            && !response.errors.is_empty()
            && response.errors.iter().all(|error| error.path.is_empty());
        let (errors, codes): (Vec<_>, Vec<_>) = response
            .errors
            .into_iter()
            .take(MAX_ERRORS)
            .map(|error| {
                let stop = code(&error);
                (publish(error, stop, language, request_id), stop)
            })
            .unzip();
        Self {
            ending: match codes.first() {
                Some(stop) if is_refused => Ending::Stopped(*stop),
                _ => Ending::Executed,
            },
            codes,
            body: Body {
                errors,
                data: (!is_refused).then_some(response.data),
            },
        }
    }

    /// The answer's bytes.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&self.body)
    }
}

/// The code of an error: its own if it is on the list, and otherwise what its origin tells.
fn code(error: &ServerError) -> Stop {
    let own = error.extensions.as_ref().and_then(|own| own.get("code"));
    match own {
        Some(Value::String(own)) => Stop::ALL
            .into_iter()
            .find(|stop| stop.code() == own)
            .unwrap_or(Stop::Internal),
        None if error.source.is_none() && (error.path.is_empty() || is_coercion(error)) => {
            Stop::BadUserInput
        }
        Some(_) | None => Stop::Internal,
    }
}

/// Whether an argument could not be read; such errors arise while a field is resolved and are
/// known by nothing but async-graphql's own words (`InputValueError`).
fn is_coercion(error: &ServerError) -> bool {
    error.message.starts_with("Failed to parse \"")
        || error.message.starts_with("Expected input type \"")
}

fn publish(error: ServerError, stop: Stop, language: Language, request_id: &str) -> ServerError {
    let shown = if stop == Stop::Internal {
        tracing::error!(
            request_id,
            path = %path(&error),
            error = error.message,
            "an operation failed"
        );
        ServerError {
            message: stop.message(language).to_owned(),
            source: None,
            extensions: None,
            ..error
        }
    } else {
        error
    };
    coded(shown, stop, request_id)
}

fn coded(mut error: ServerError, stop: Stop, request_id: &str) -> ServerError {
    let extensions = error
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default);
    extensions.set("code", stop.code());
    if stop == Stop::Internal {
        extensions.set("requestId", request_id);
    }
    error
}

fn path(error: &ServerError) -> String {
    use async_graphql::PathSegment::{Field, Index};
    let segments: Vec<String> = error
        .path
        .iter()
        .map(|segment| match segment {
            Field(name) => name.clone(),
            Index(index) => index.to_string(),
        })
        .collect();
    segments.join(".")
}

#[cfg(test)]
mod tests {
    use async_graphql::{Error, ErrorExtensions as _, PathSegment, Pos};

    use super::*;

    fn answer(errors: Vec<ServerError>) -> (Answer, String) {
        let answer = Answer::executed(Response::from_errors(errors), Language::English, "r-1");
        let text = String::from_utf8(answer.to_json().unwrap()).unwrap();
        (answer, text)
    }

    fn resolved(error: Error) -> ServerError {
        error
            .into_server_error(Pos { line: 1, column: 3 })
            .with_path(vec![
                PathSegment::Field("tasks".into()),
                PathSegment::Index(0),
            ])
    }

    #[test]
    fn what_has_no_code_is_masked_and_carries_the_request_id() {
        let unknown = Error::new("row 李奶奶").extend_with(|_, e| e.set("code", "SQLX"));
        for error in [
            Error::new("table visit_task is missing"),
            Error::from(std::io::Error::other("Failed to parse \"x\"")),
            unknown,
        ] {
            let (answer, text) = answer(vec![resolved(error)]);
            assert_eq!(answer.codes, [Stop::Internal]);
            assert_eq!(answer.ending, Ending::Executed);
            assert_eq!(
                text,
                r#"{"errors":[{"message":"Internal error; try again later","locations":[{"line":1,"column":3}],"path":["tasks",0],"extensions":{"code":"INTERNAL","requestId":"r-1"}}],"data":null}"#
            );
        }
    }

    #[test]
    fn validation_and_coercion_are_the_clients_fault_and_keep_their_words() {
        let (refused, text) = answer(vec![ServerError::new("Unknown field \"x\"", None)]);
        assert_eq!(refused.ending, Ending::Stopped(Stop::BadUserInput));
        assert_eq!(
            text,
            r#"{"errors":[{"message":"Unknown field \"x\"","extensions":{"code":"BAD_USER_INPUT"}}]}"#
        );
        let (coerced, text) = answer(vec![resolved(Error::new("Failed to parse \"Date\": no"))]);
        assert_eq!(
            (coerced.ending, coerced.codes),
            (Ending::Executed, vec![Stop::BadUserInput])
        );
        assert!(text.contains("Failed to parse") && text.ends_with(r#""data":null}"#));
    }

    #[test]
    fn a_code_from_the_list_is_kept_with_its_message() {
        let error = Error::new("请先登录").extend_with(|_, e| e.set("code", "UNAUTHENTICATED"));
        let (answer, text) = answer(vec![resolved(error)]);
        assert_eq!(answer.codes, [Stop::Unauthenticated]);
        assert!(text.contains("请先登录"));
    }

    #[test]
    fn very_many_errors_are_cut() {
        let many = (0..500)
            .map(|at| ServerError::new(at.to_string(), None))
            .collect();
        assert_eq!(answer(many).0.codes.len(), MAX_ERRORS);
    }
}
