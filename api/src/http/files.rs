//! Files by signed link.

use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use tracing::Instrument as _;

use super::handler::{caller, name_request};
use super::record::Record;
use super::{Link, Outgoing, Service};
use crate::error::{Error, Stop};

/// A spreadsheet, made now.
pub async fn export(
    state: State<Arc<Service>>,
    Path(link): Path<String>,
    request: Request,
) -> Response {
    file(state, ("exports", Link::Export(link)), request).await
}

/// A file that is kept.
pub async fn attachment(
    state: State<Arc<Service>>,
    Path(link): Path<String>,
    request: Request,
) -> Response {
    file(state, ("attachments", Link::Attachment(link)), request).await
}

/// Answers with the file, or says nothing but a status: a link tells no more than that it is no good.
async fn file(
    State(service): State<Arc<Service>>,
    (label, link): (&'static str, Link),
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let caller = caller(&service, &parts);
    let request_id = Arc::clone(&caller.request_id);
    let mut record = Record::new(&service.metrics, Arc::clone(&request_id));
    record.kind = "file";
    record.fields = vec![label];
    let span = tracing::info_span!("request", request_id = &*request_id);
    let opened = async {
        // Held until the file is ready to be written: so many are in memory at once, and no more.
        let _place = service.gates.outgoing().await?;
        (service.core.open)(link, caller).await
    };
    let mut response = match opened.instrument(span).await {
        Ok(file) => {
            record.answered(StatusCode::OK, &[], file.bytes.len());
            sent(file)
        }
        Err(error) => {
            let (status, code) = told(&error);
            if status == StatusCode::INTERNAL_SERVER_ERROR {
                tracing::error!(%error, request_id = &*request_id, "a file was not sent");
            }
            record.answered(status, &[code], 0);
            status.into_response()
        }
    };
    name_request(response.headers_mut(), &request_id);
    response
}

/// What is told of a file that is not sent.
fn told(error: &Error) -> (StatusCode, &'static str) {
    match error {
        Error::Stopped(stop @ (Stop::Unauthenticated | Stop::TokenStale), _) => {
            (StatusCode::UNAUTHORIZED, stop.code())
        }
        Error::Stopped(stop @ Stop::Forbidden, _) => (StatusCode::FORBIDDEN, stop.code()),
        Error::Stopped(stop @ Stop::RateLimited, _) => (StatusCode::TOO_MANY_REQUESTS, stop.code()),
        Error::Refused(refusal) => (StatusCode::NOT_FOUND, refusal.code.code()),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, Stop::Internal.code()),
    }
}

/// The file, to be kept by whoever asked and by nobody on the way; a browser shows and runs none of it.
fn sent(file: Outgoing) -> Response {
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; sandbox"),
    );
    let name = format!(
        "attachment; filename*=UTF-8''{}",
        percent_encoded(&file.name)
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    response
}

/// A file's name as RFC 8187 writes it.
fn percent_encoded(name: &str) -> String {
    use std::fmt::Write as _;
    name.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
        text
    })
}
