//! Request bodies: bounded in size and time.
//!
//! A body that is too large is read to its end all the same, within bounds, and thrown away:
//! many clients read no answer before they have sent everything, and a connection closed under
//! them loses the answer.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, EXPECT};
use axum::http::{HeaderMap, StatusCode};
use http_body_util::BodyExt as _;
use tokio::time::timeout;

use super::refusal::Refusal;

/// The largest body of a request, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// How long a client may take to send it.
const READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How much of a refused body is read before the connection is closed.
const MAX_DISCARDED: usize = 64 * 1024 * 1024;
/// How long a refused body is read before the connection is closed.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(30);

/// How large a body may be and how long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// The most bytes.
    pub max_bytes: usize,
    /// The time from the first byte to the last.
    pub time: Duration,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// It has more bytes than it may.
    TooLarge,
    /// It ended before its end.
    Cut,
    /// It took longer than it may.
    Slow,
}

/// Reads a GraphQL request's body of at most [`MAX_BYTES`]; 413 for larger ones, 408 for slow ones.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Refusal> {
    let bounds = Bounds {
        max_bytes: MAX_BYTES,
        time: READ_TIMEOUT,
    };
    read_within(headers, body, bounds)
        .await
        .map_err(|why| match why {
            Unread::TooLarge => Refusal::malformed(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("请求体过大（上限{MAX_BYTES}字节）"),
                format!("The body is too large (at most {MAX_BYTES} bytes)"),
            ),
            Unread::Cut => Refusal::malformed(
                StatusCode::BAD_REQUEST,
                "请求体未完整收到",
                "The body did not arrive in full",
            ),
            Unread::Slow => Refusal::malformed(
                StatusCode::REQUEST_TIMEOUT,
                "请求体发送过慢",
                "The body took too long to arrive",
            ),
        })
}

/// Reads a body as long as it keeps to its bounds; no more of it is ever held than they allow.
pub async fn read_within(
    headers: &HeaderMap,
    mut body: Body,
    bounds: Bounds,
) -> Result<Bytes, Unread> {
    let announced = headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > bounds.max_bytes) {
        discard(headers, body).await;
        return Err(Unread::TooLarge);
    }
    let collecting = collect(&mut body, announced, bounds.max_bytes);
    match timeout(bounds.time, collecting).await {
        Ok(Ok(Some(bytes))) => Ok(bytes),
        Ok(Ok(None)) => {
            discard(headers, body).await;
            Err(Unread::TooLarge)
        }
        Ok(Err(_)) => Err(Unread::Cut),
        Err(_) => Err(Unread::Slow),
    }
}

/// Reads and forgets what a client still sends, so that it gets round to reading the answer.
pub async fn discard(headers: &HeaderMap, mut body: Body) {
    // Such a client waits for leave to send, and the answer denies it.
    if headers.contains_key(EXPECT) {
        return;
    }
    let reading = async {
        let mut left = MAX_DISCARDED;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => return,
            }
        }
    };
    // Whoever is slower than this finds the connection closed.
    timeout(DISCARD_TIMEOUT, reading).await.unwrap_or_default();
}

/// The whole body, or nothing once it exceeds `max_bytes`.
async fn collect(
    body: &mut Body,
    announced: Option<usize>,
    max_bytes: usize,
) -> Result<Option<Bytes>, axum::Error> {
    let mut bytes = Vec::with_capacity(announced.unwrap_or_default());
    while let Some(frame) = body.frame().await {
        if let Some(data) = frame?.data_ref() {
            if bytes.len() + data.len() > max_bytes {
                return Ok(None);
            }
            bytes.extend_from_slice(data);
        }
    }
    Ok(Some(bytes.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_may_be_just_as_large_as_allowed() {
        let body = |length: usize| Body::from(vec![b' '; length]);
        let none = HeaderMap::new();
        assert_eq!(read(&none, body(MAX_BYTES)).await.unwrap().len(), MAX_BYTES);
        for announced in [None, Some(MAX_BYTES + 1)] {
            let mut headers = HeaderMap::new();
            if let Some(length) = announced {
                headers.insert(CONTENT_LENGTH, length.into());
            }
            let refusal = read(&headers, body(MAX_BYTES + 1)).await.unwrap_err();
            assert_eq!(refusal.status, Some(StatusCode::PAYLOAD_TOO_LARGE));
        }
    }
}
