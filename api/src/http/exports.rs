//! Files by signed link.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};

use super::{Caller, Service, negotiate};
use crate::error::{Error, Stop};
use crate::refusals::Refusals;

const XLSX: HeaderValue =
    HeaderValue::from_static("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");

/// Answers with the file, or says nothing but a status: a link tells no more than that it is no good.
pub async fn file(
    State(service): State<Arc<Service>>,
    Path(link): Path<String>,
    request: Request,
) -> Response {
    let caller = Caller {
        request_id: (service.core.new_id)().to_string().into(),
        language: negotiate::language(request.headers()),
        token: None,
        address: request.extensions().get::<SocketAddr>().map(SocketAddr::ip),
        refused: Refusals::default(),
    };
    let request_id = Arc::clone(&caller.request_id);
    match (service.core.export)(link, caller).await {
        Ok((name, bytes)) => attachment(&name, bytes),
        Err(Error::Stopped(Stop::Unauthenticated | Stop::TokenStale, _)) => {
            StatusCode::UNAUTHORIZED.into_response()
        }
        Err(Error::Stopped(Stop::Forbidden, _)) => StatusCode::FORBIDDEN.into_response(),
        Err(Error::Refused(_)) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, request_id = &*request_id, "an export failed");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn attachment(name: &str, bytes: Vec<u8>) -> Response {
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, XLSX);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    let name = format!("attachment; filename*=UTF-8''{}", percent_encoded(name));
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
