//! One operation's panic, slowness or lost client is no other operation's.

use std::io;
use std::sync::{Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use super::*;

#[tokio::test]
async fn a_panic_costs_its_operation_and_tells_nothing() {
    let served = served(SLOW * 5).await;
    for document in ["{ panics }", "mutation { panics }"] {
        let (status, code, answer) = served.ask(document, json!({})).await;
        assert_eq!((status.as_u16(), &*code), (500, "INTERNAL"));
        let error = &answer["errors"][0];
        assert_eq!(
            error["extensions"]["requestId"],
            Uuid::from_u128(7).to_string()
        );
        assert!(!answer.to_string().contains("out of order"), "{answer}");
    }
    assert_eq!(
        served.ask("{ task { id } }", json!({})).await.0,
        StatusCode::OK
    );
}

#[tokio::test]
async fn an_error_without_a_code_is_masked_and_costs_its_field() {
    let served = served(SLOW).await;
    let (status, code, answer) = served.ask("{ fails task { id } }", json!({})).await;
    assert_eq!((status.as_u16(), &*code), (200, "INTERNAL"));
    assert_eq!(answer["data"], json!({"fails": null, "task": {"id": 1}}));
    assert!(!answer.to_string().contains("李奶奶"), "{answer}");
}

#[tokio::test]
async fn what_takes_too_long_is_answered_but_a_mutation_ends() {
    let served = served(SLOW / 4).await;
    for document in ["{ slow }", "mutation { slow }"] {
        let (status, code, _) = served.ask(document, json!({})).await;
        assert_eq!((status.as_u16(), &*code), (504, "TIMEOUT"), "{document}");
    }
    tokio::time::sleep(SLOW * 2).await;
    assert_eq!(served.counts.ended(), 1, "the mutation, not the query");
}

#[tokio::test]
async fn a_lost_client_cancels_a_query_but_not_a_mutation() {
    let served = served(SLOW * 5).await;
    for (count, document) in [(1, "{ slow }"), (2, "mutation { slow }")] {
        let body = json!({"query": document}).to_string();
        let asking = tokio::spawn(served.post(body).send());
        served.counts.until_began(count).await;
        asking.abort();
    }
    tokio::time::sleep(SLOW * 2).await;
    assert_eq!(served.counts.ended(), 1, "the mutation, not the query");
    let figures = served
        .client
        .get(format!("http://{}/metrics", served.admin));
    let figures = figures.send().await.unwrap().text().await.unwrap();
    assert!(
        figures.contains("nuanlin_requests_total{outcome=\"GONE\"} 2"),
        "{figures}"
    );
}

#[tokio::test]
async fn a_stopping_server_finishes_what_it_began_and_takes_nothing_new() {
    let mut served = served(SLOW * 5).await;
    let asked = tokio::spawn(served.post(r#"{"query": "{ slow }"}"#).send());
    let left = tokio::spawn(served.post(r#"{"query": "mutation { slow }"}"#).send());
    served.counts.until_began(2).await;
    left.abort();
    served.stop.take().unwrap().send(()).unwrap();
    let answer = asked.await.unwrap().unwrap().text().await.unwrap();
    assert_eq!(answer, r#"{"data":{"slow":true}}"#);
    assert!(
        (&mut served.ended).await.unwrap(),
        "everything finished in time"
    );
    assert_eq!(served.counts.ended(), 2);
    assert!(served.get("/healthz").send().await.is_err());
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_log_names_schema_fields_and_codes_but_no_value_and_no_text() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .json()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(log.clone())
        .finish();
    // This test's runtime has one thread, so the server's tasks write here too.
    let _guard = tracing::subscriber::set_default(subscriber);
    let served = served(SLOW).await;
    let document = "query secretName($x: String!) { secretAlias: echo(text: $x) }";
    served.ask(document, json!({"x": "secretValue"})).await;
    served
        .ask("{ secretField(x: \"secretValue\") }", json!({}))
        .await;
    served.ask("{ secretSyntax", json!({})).await;
    let request = served.post(r#"{"query": "{ task { id } }"}"#);
    request.bearer_auth("secretToken").send().await.unwrap();
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(
        text.contains(r#""fields":"echo","outcome":"OK","status":200"#),
        "{text}"
    );
    assert!(
        text.contains(r#""fields":"unknown","outcome":"BAD_USER_INPUT","status":400"#),
        "{text}"
    );
    let ours = text
        .lines()
        .filter(|line| line.contains("\"target\":\"nuanlin"));
    for line in ours {
        assert!(!line.contains("secret"), "{line}");
    }
}

#[tokio::test]
async fn a_crowd_is_sent_away_before_anything_began() {
    let served = served_with(Settings {
        places: 1,
        open_fields: &["signIn"],
        ..Settings::default()
    })
    .await;
    // One after another they would take longer than a burst may.
    let body = json!({"query": "mutation { slow }"}).to_string();
    let crowd = (0..16).map(|_| served.post(body.clone()).send());
    let answers = futures_util::future::join_all(crowd).await;
    let mut done = 0;
    for answer in answers.into_iter().map(Result::unwrap) {
        if answer.status() == StatusCode::OK {
            done += 1;
            continue;
        }
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.headers()["retry-after"], "2");
        assert_eq!(read(answer).await.1, "OVERLOADED");
    }
    assert!((1..16).contains(&done), "{done} of 16 were done");
    assert_eq!(served.counts.ended(), done, "who was sent away did nothing");
    let (status, ..) = served.ask("{ task { id } }", json!({})).await;
    assert_eq!(status, StatusCode::OK);
}
