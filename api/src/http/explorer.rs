//! The explorer page: asks this server in a browser, without anything from elsewhere.

use std::sync::LazyLock;

use axum::http::header::{CONTENT_SECURITY_POLICY, REFERRER_POLICY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::handler::respond;

const PAGE: &str = include_str!("explorer.html");

/// Allows the page's own script and style by their hashes, requests to this server, and no more.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash("<script>", "</script>"),
        hash("<style>", "</style>"),
    )
});

fn hash(opening: &str, closing: &str) -> String {
    let inline = PAGE
        .split_once(opening)
        .and_then(|(_, rest)| rest.split_once(closing))
        .map_or("", |(inline, _)| inline);
    format!("sha256-{}", STANDARD.encode(Sha256::digest(inline)))
}

/// The page.
pub async fn page() -> Response {
    let mut response = respond(StatusCode::OK, "text/html; charset=utf-8", PAGE);
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_page_allows_itself_only_and_loads_nothing() {
        let page = page().await;
        let policy = page.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(
            policy.starts_with("default-src 'none'; script-src 'sha256-"),
            "{policy}"
        );
        assert!(
            !policy.contains(&STANDARD.encode(Sha256::digest(""))),
            "a hash of nothing"
        );
        for outside in [
            "http://", "https://", "src=", "@import", "style=", "onclick=",
        ] {
            assert!(!PAGE.contains(outside), "{outside}");
        }
    }
}
