//! What a client and this server agree on: media type, language, status.
//!
//! Follows the GraphQL over HTTP specification (graphql.github.io/graphql-over-http) and
//! RFC 9110 §12 for weights.

use axum::http::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, StatusCode};

use super::refusal::Refusal;
use crate::error::{Language, Stop};

/// The media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells of request errors.
    GraphqlResponse,
    /// `application/json`: the status is 200 for every well-formed request.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// How a request ended, as far as its status is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Execution began: the answer has a `data` entry, with or without errors.
    Executed,
    /// The request was well-formed HTTP, but its operation did not begin or did not end.
    Stopped(Stop),
    /// Not a well-formed GraphQL request: the status is the same for every media type.
    Malformed(StatusCode),
}

/// The status of an answer: the only place that decides it.
#[must_use]
pub const fn status(media: Media, ending: Ending) -> StatusCode {
    match (ending, media) {
        (Ending::Malformed(status), _) => status,
        (Ending::Executed, _) | (Ending::Stopped(_), Media::Json) => StatusCode::OK,
        (Ending::Stopped(stop), Media::GraphqlResponse) => match stop {
            Stop::BadUserInput | Stop::QueryTooComplex | Stop::PersistedQueryNotFound => {
                StatusCode::BAD_REQUEST
            }
            Stop::Unauthenticated | Stop::TokenStale => StatusCode::UNAUTHORIZED,
            Stop::Forbidden => StatusCode::FORBIDDEN,
            Stop::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Stop::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Stop::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
            Stop::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        },
    }
}

/// Picks the answer's media type; absent when the client takes neither (406).
///
/// A missing `Accept`, and wildcards, mean `application/json`, as the specification has it.
#[must_use]
pub fn media(headers: &HeaderMap) -> Option<Media> {
    if !headers.contains_key(ACCEPT) {
        return Some(Media::Json);
    }
    // The weight of each media type comes from the most specific range that covers it.
    let (mut graphql, mut json) = (None, None);
    let mut json_specificity = 0;
    for (range, weight) in weighted(headers, &ACCEPT) {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        if parts.any(is_foreign_charset) {
            continue;
        }
        let specificity = match name.to_ascii_lowercase().as_str() {
            "application/graphql-response+json" => {
                graphql = Some(weight);
                continue;
            }
            "application/json" => 3,
            "application/*" => 2,
            "*/*" => 1,
            _ => continue,
        };
        if specificity > json_specificity {
            json_specificity = specificity;
            json = Some(weight);
        }
    }
    let accepted = |weight: &u16| *weight > 0;
    match (graphql.filter(accepted), json.filter(accepted)) {
        (Some(graphql), Some(json)) if json > graphql => Some(Media::Json),
        (Some(_), _) => Some(Media::GraphqlResponse),
        (None, Some(_)) => Some(Media::Json),
        (None, None) => None,
    }
}

/// The reader's language: Chinese unless English is preferred.
#[must_use]
pub fn language(headers: &HeaderMap) -> Language {
    let mut best = (0, Language::Chinese);
    for (range, weight) in weighted(headers, &ACCEPT_LANGUAGE) {
        let tag = range.split(['-', ';']).next().unwrap_or_default().trim();
        let language = if tag.eq_ignore_ascii_case("en") {
            Language::English
        } else if tag.eq_ignore_ascii_case("zh") || tag == "*" {
            Language::Chinese
        } else {
            continue;
        };
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// Refuses request bodies that are not JSON in UTF-8 (415).
pub fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let unsupported = || {
        Refusal::malformed(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "请求体须为 application/json（UTF-8）",
            "The body must be application/json in UTF-8",
        )
    };
    let text = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(unsupported)?;
    let mut parts = text.split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("application/json"));
    let is_plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_json && is_plain && !parts.any(is_foreign_charset) {
        Ok(())
    } else {
        Err(unsupported())
    }
}

fn is_foreign_charset(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, value)| {
        let value = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("charset")
            && !value.eq_ignore_ascii_case("utf-8")
            && !value.eq_ignore_ascii_case("utf8")
    })
}

/// The ranges of a header with their weights in thousandths.
fn weighted<'h>(
    headers: &'h HeaderMap,
    name: &'h HeaderName,
) -> impl Iterator<Item = (&'h str, u16)> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|range| {
            let weight = range
                .split(';')
                .skip(1)
                .find_map(|parameter| parameter.trim().strip_prefix("q="));
            (range.trim(), weight.map_or(1000, thousandths))
        })
}

/// A weight of RFC 9110 §12.4.2; one that cannot be read counts as 0.
fn thousandths(text: &str) -> u16 {
    let (whole, fraction) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = format!("{fraction}000").chars().take(3).collect();
    let value = whole
        .parse::<u16>()
        .ok()
        .zip(digits.parse::<u16>().ok())
        .map(|(whole, fraction)| whole.saturating_mul(1000).saturating_add(fraction));
    value.unwrap_or(0).min(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn the_media_type_follows_accept() {
        let cases = [
            (
                "application/graphql-response+json",
                Some(Media::GraphqlResponse),
            ),
            ("application/json", Some(Media::Json)),
            ("application/json; charset=utf-8", Some(Media::Json)),
            ("*/*", Some(Media::Json)),
            ("application/*;q=0.5", Some(Media::Json)),
            // Apollo and urql.
            (
                "application/graphql-response+json,application/json;q=0.9",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/graphql-response+json, application/graphql+json, application/json, text/event-stream",
                Some(Media::GraphqlResponse),
            ),
            (
                "application/graphql-response+json;q=0.1, application/json",
                Some(Media::Json),
            ),
            (
                "application/graphql-response+json, */*;q=0.1",
                Some(Media::GraphqlResponse),
            ),
            ("application/json;q=0, */*", None),
            ("application/json; charset=gb18030", None),
            ("text/html", None),
            ("", None),
        ];
        for (accept, expected) in cases {
            assert_eq!(media(&with(ACCEPT, accept)), expected, "{accept}");
        }
        assert_eq!(media(&HeaderMap::new()), Some(Media::Json));
    }

    #[test]
    fn chinese_unless_english_is_preferred() {
        let cases = [
            ("en", Language::English),
            ("en-GB,en;q=0.9", Language::English),
            ("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            ("en;q=0.9, zh-Hans", Language::Chinese),
            ("fr, en;q=0.5", Language::English),
            ("fr", Language::Chinese),
            ("*", Language::Chinese),
        ];
        for (accept, expected) in cases {
            assert_eq!(
                language(&with(ACCEPT_LANGUAGE, accept)),
                expected,
                "{accept}"
            );
        }
        assert_eq!(language(&HeaderMap::new()), Language::Chinese);
    }

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for good in ["application/json", "Application/JSON; charset=\"UTF-8\""] {
            assert!(
                check_content_type(&with(CONTENT_TYPE, good)).is_ok(),
                "{good}"
            );
        }
        for bad in [
            "text/plain",
            "application/json; charset=utf-16",
            "application/graphql",
        ] {
            assert!(
                check_content_type(&with(CONTENT_TYPE, bad)).is_err(),
                "{bad}"
            );
        }
        assert!(check_content_type(&HeaderMap::new()).is_err());
        let mut zipped = with(CONTENT_TYPE, "application/json");
        zipped.insert(CONTENT_ENCODING, "gzip".parse().unwrap());
        assert!(check_content_type(&zipped).is_err());
    }

    #[test]
    fn json_answers_200_where_the_newer_type_tells_the_code() {
        for stop in Stop::ALL {
            let ending = Ending::Stopped(stop);
            assert_eq!(status(Media::Json, ending), StatusCode::OK);
            assert!(status(Media::GraphqlResponse, ending).as_u16() >= 400);
        }
        for media in [Media::Json, Media::GraphqlResponse] {
            assert_eq!(status(media, Ending::Executed), StatusCode::OK);
            let large = StatusCode::PAYLOAD_TOO_LARGE;
            assert_eq!(status(media, Ending::Malformed(large)), large);
        }
    }
}
