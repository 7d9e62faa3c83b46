//! What clients and server say to each other: media types, statuses, headers, tokens, hashes.

use std::fmt::Write as _;

use reqwest::header::{ALLOW, AUTHORIZATION, CACHE_CONTROL, COOKIE, WWW_AUTHENTICATE};
use sha2::{Digest as _, Sha256};

use super::*;

#[tokio::test]
async fn an_answer_has_its_type_its_headers_and_no_more() {
    let served = served(SLOW).await;
    let response = served
        .post(r#"{"query": "{ echo(text: \"暖邻\") }"}"#)
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers();
    assert_eq!(
        headers[CONTENT_TYPE],
        "application/graphql-response+json; charset=utf-8"
    );
    assert_eq!(headers[CACHE_CONTROL], "private, no-store");
    assert_eq!(headers["x-content-type-options"], "nosniff");
    assert_eq!(headers["x-request-id"], Uuid::from_u128(7).to_string());
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"data":{"echo":"暖邻"}}"#
    );
}

#[tokio::test]
async fn ill_formed_requests_have_the_same_status_for_every_media_type() {
    let served = served(SLOW).await;
    let url = format!("http://{}/graphql", served.public);
    let good = r#"{"query": "{ __typename }"}"#;
    let cases = [
        (served.post("{"), StatusCode::BAD_REQUEST),
        (served.post("[]"), StatusCode::BAD_REQUEST),
        (served.post(""), StatusCode::BAD_REQUEST),
        (
            served.post(good).header(ACCEPT, "text/html"),
            StatusCode::OK,
        ),
        (
            served
                .client
                .post(&url)
                .body(good)
                .header(ACCEPT, "text/html"),
            StatusCode::NOT_ACCEPTABLE,
        ),
        (
            served.client.post(&url).body(good),
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ),
        (
            served.client.put(&url).body(good),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (served.client.delete(&url), StatusCode::METHOD_NOT_ALLOWED),
        (served.client.head(&url), StatusCode::METHOD_NOT_ALLOWED),
        (served.get("/graphql"), StatusCode::BAD_REQUEST),
        (
            served.get("/graphql?query=%7B__typename%7D"),
            StatusCode::OK,
        ),
        (
            served.get("/graphql?query=mutation%7BsignIn%7D"),
            StatusCode::METHOD_NOT_ALLOWED,
        ),
        (served.get("/elsewhere"), StatusCode::NOT_FOUND),
    ];
    for (request, expected) in cases {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), expected, "{response:?}");
        if expected == StatusCode::METHOD_NOT_ALLOWED {
            assert!(
                response.headers()[ALLOW]
                    .to_str()
                    .unwrap()
                    .ends_with("POST")
            );
        }
    }
}

#[tokio::test]
async fn request_errors_tell_their_code_in_the_status_of_the_newer_type_only() {
    let served = served(SLOW).await;
    for document in [
        "{",
        "{ unknown }",
        "query($n: Int!) { tasks(first: $n) { id } }",
        "{ echo(text: 1) }",
    ] {
        let (status, code, answer) = served.ask(document, json!({})).await;
        assert_eq!(
            (status, &*code),
            (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
            "{answer}"
        );
        assert!(answer.get("data").is_none(), "{answer}");
        let body = json!({"query": document}).to_string();
        let response = served
            .client
            .post(format!("http://{}/graphql", served.public));
        let response = response.header(CONTENT_TYPE, "application/json").body(body);
        assert_eq!(response.send().await.unwrap().status(), StatusCode::OK);
    }
    let (status, code, answer) = served.ask("subscription { x }", json!({})).await;
    assert_eq!(
        (status, &*code),
        (StatusCode::BAD_REQUEST, "BAD_USER_INPUT"),
        "{answer}"
    );
}

#[tokio::test]
async fn tokens_come_in_the_header_and_never_in_a_cookie() {
    let served = served(SLOW).await;
    let ask = async |document: &str, authorization: &str| {
        let request = served.post(json!({"query": document}).to_string());
        let response = request
            .header(AUTHORIZATION, authorization)
            .send()
            .await
            .unwrap();
        let challenge = response.headers().contains_key(WWW_AUTHENTICATE);
        let (status, code, _) = read(response).await;
        (status.as_u16(), code, challenge)
    };
    assert_eq!(
        ask("{ __typename }", "Bearer good").await,
        (200, String::new(), false)
    );
    assert_eq!(
        ask("{ __typename }", "bearer stale").await,
        (401, "TOKEN_STALE".into(), true)
    );
    for bad in ["Bearer bad", "Bearer ", "Basic eA==", "good"] {
        let expected = (401, "UNAUTHENTICATED".into(), true);
        assert_eq!(ask("{ __typename }", bad).await, expected, "{bad}");
    }
    // Whoever signs in or refreshes may still carry the token that has ended.
    assert_eq!(ask("mutation { signIn }", "Bearer stale").await.0, 200);
    assert_eq!(
        ask("mutation { signIn panics }", "Bearer stale").await.0,
        401
    );
    let request = served
        .post(r#"{"query": "{ __typename }"}"#)
        .header(COOKIE, "token=bad");
    assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn a_document_may_be_asked_for_by_its_hash_once_it_is_known() {
    let served = served(SLOW).await;
    let document = "query($text: String!) { echo(text: $text) }";
    let hash = Sha256::digest(document)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    let ask = async |query: Option<&str>| {
        let body = json!({"query": query, "extensions": extensions, "variables": {"text": "a"}});
        read(served.post(body.to_string()).send().await.unwrap()).await
    };
    let (status, code, answer) = ask(None).await;
    assert_eq!(
        (status, &*code),
        (StatusCode::BAD_REQUEST, "PERSISTED_QUERY_NOT_FOUND")
    );
    assert_eq!(answer["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(ask(Some("{ __typename }")).await.1, "BAD_USER_INPUT");
    for query in [Some(document), None] {
        assert_eq!(ask(query).await.2, json!({"data": {"echo": "a"}}));
    }
}

#[tokio::test]
async fn introspection_answers_where_it_is_on_and_is_null_where_it_is_off() {
    let document = "{ __schema { queryType { name } } __type(name: \"Task\") { name } }";
    let on = served(SLOW).await;
    let (status, _, answer) = on.ask(document, json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(answer["data"]["__type"]["name"], "Task");
    let off = served_with(Settings::default()).await;
    let (status, _, answer) = off.ask(document, json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert!(answer["data"]["__type"].is_null(), "{answer}");
    assert_eq!(
        off.get("/").send().await.unwrap().status(),
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn operators_see_figures_and_details_where_the_public_does_not() {
    let served = served(SLOW).await;
    let (_, code, _) = served.ask("{ task { id } fails }", json!({})).await;
    assert_eq!(code, "INTERNAL");
    let page = async |address: SocketAddr, path: &str| {
        let response = served
            .client
            .get(format!("http://{address}{path}"))
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    let (status, figures) = page(served.admin, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "nuanlin_requests_total{outcome=\"INTERNAL\"} 1",
        "nuanlin_operations_total{field=\"fails\"} 1",
        "nuanlin_requests_in_flight 0",
    ] {
        assert!(figures.contains(line), "{line} in {figures}");
    }
    assert_eq!(page(served.public, "/metrics").await.0, 404);
    assert_eq!(
        page(served.public, "/readyz").await,
        (503, "not ready".into())
    );
    assert_eq!(
        page(served.admin, "/readyz").await,
        (503, r#"{"database":"away"}"#.into())
    );
    for address in [served.public, served.admin] {
        assert_eq!(page(address, "/healthz").await.0, 200);
    }
    assert_eq!(
        page(served.public, "/.well-known/jwks.json").await.1,
        r#"{"keys":[]}"#
    );
    assert_eq!(page(served.public, "/").await.0, 200);
}
