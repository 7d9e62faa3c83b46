//! Requests made to exhaust the server: each gets its answer, with the right code, cheaply.

use std::fmt::Write as _;
use std::time::Instant;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

#[tokio::test]
async fn hostile_documents_are_refused_at_once_with_their_code() {
    let served = served(SLOW).await;
    let aliases = (0..1000).fold(String::new(), |mut text, at| {
        write!(text, "a{at}:__typename ").unwrap();
        text
    });
    let mut fan_out = String::from("{ ...f0 }");
    for level in 0..30 {
        let spreads = format!("...f{} ", level + 1).repeat(20);
        write!(fan_out, " fragment f{level} on Query {{ {spreads} }}").unwrap();
    }
    let paged = format!(
        "{}id{}",
        "{ tasks(first: 100) { next ".repeat(3) + "{",
        "} }".repeat(3) + "}"
    );
    for (document, expected) in [
        (format!("{{ {aliases} }}"), "QUERY_TOO_COMPLEX"),
        (fan_out, "QUERY_TOO_COMPLEX"),
        ("{ task ".repeat(2000), "QUERY_TOO_COMPLEX"),
        ("[".repeat(10_000), "QUERY_TOO_COMPLEX"),
        (paged, "QUERY_TOO_COMPLEX"),
        (
            format!("{{ {} }}", "task { next { next { id } } } ".repeat(150)),
            "QUERY_TOO_COMPLEX",
        ),
        (
            "{ ...a } fragment a on Query { ...a }".into(),
            "BAD_USER_INPUT",
        ),
        ("{ tasks(first: -1) { id } }".into(), "BAD_USER_INPUT"),
        (
            "{ tasks(first: 2147483647) { id } }".into(),
            "BAD_USER_INPUT",
        ),
        (
            "{ tasks(first: 99999999999999999999) { id } }".into(),
            "BAD_USER_INPUT",
        ),
        ("{ tasks { id } }".into(), "BAD_USER_INPUT"),
        ("\u{1}\u{2}".into(), "BAD_USER_INPUT"),
    ] {
        let start = Instant::now();
        let (_, code, answer) = served.ask(&document, json!({})).await;
        assert_eq!(code, expected, "{document:.60} {answer}");
        // Far below what these would cost unguarded, far above what a busy machine adds.
        assert!(start.elapsed() < Duration::from_secs(1), "{document:.60}");
    }
}

#[tokio::test]
async fn hostile_variables_are_refused_with_their_code() {
    let served = served(SLOW).await;
    let document = "query($n: Int, $x: String = \"a\") { tasks(first: $n) { id } echo(text: $x) }";
    let wide = json!({"n": 1, "x": vec![1; 5000]});
    assert_eq!(served.ask(document, wide).await.1, "QUERY_TOO_COMPLEX");
    for n in [
        json!(-1),
        json!(i32::MAX),
        json!(i64::MAX),
        json!("1"),
        json!([1]),
        json!(1.5),
    ] {
        assert_eq!(
            served.ask(document, json!({"n": n})).await.1,
            "BAD_USER_INPUT",
            "{n}"
        );
    }
    for opening in ["[", "{\"query\":", "{\"variables\":{\"a\":["] {
        let request = served.post(opening.repeat(60_000 / opening.len()));
        let (status, code, _) = read(request.send().await.unwrap()).await;
        assert_eq!((status.as_u16(), &*code), (400, "BAD_USER_INPUT"));
        let request = served.post(opening.repeat(100_000));
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::PAYLOAD_TOO_LARGE
        );
    }
}

/// Sends `head`, then a body of `length` bytes in pieces, then reads one answer.
async fn speak(stream: &mut TcpStream, head: &str, length: usize, is_chunked: bool) -> String {
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b' '; 64 * 1024];
    let mut left = length;
    while left > 0 {
        let size = left.min(piece.len());
        if is_chunked {
            stream
                .write_all(format!("{size:x}\r\n").as_bytes())
                .await
                .unwrap();
        }
        stream.write_all(&piece[..size]).await.unwrap();
        if is_chunked {
            stream.write_all(b"\r\n").await.unwrap();
        }
        left -= size;
    }
    if is_chunked {
        stream.write_all(b"0\r\n\r\n").await.unwrap();
    }
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        assert_ne!(stream.read_buf(&mut answer).await.unwrap(), 0, "no answer");
    }
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn a_body_of_30_mb_gets_its_answer_and_the_connection_stays() {
    let served = served(SLOW).await;
    let length = 30 * 1024 * 1024;
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let mut stream = TcpStream::connect(served.public).await.unwrap();
    let announced = format!("{head}content-length: {length}\r\n\r\n");
    let chunked = format!("{head}transfer-encoding: chunked\r\n\r\n");
    let elsewhere = announced.replace("application/json", "text/plain");
    for (head, is_chunked, expected) in [
        (announced, false, "HTTP/1.1 413"),
        (chunked, true, "HTTP/1.1 413"),
        (elsewhere, false, "HTTP/1.1 415"),
    ] {
        let answer = speak(&mut stream, &head, length, is_chunked).await;
        assert!(answer.starts_with(expected), "{answer}");
        assert!(answer.contains("BAD_USER_INPUT"), "{answer}");
        let body = r#"{"query":"{ __typename }"}"#;
        let small = format!(
            "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = speak(&mut stream, &small, 0, false).await;
        assert!(
            answer.ends_with(r#"{"data":{"__typename":"Query"}}"#),
            "{answer}"
        );
    }
    let patient = format!("{head}content-length: {length}\r\nexpect: 100-continue\r\n\r\n");
    let answer = speak(&mut stream, &patient, 0, false).await;
    assert!(
        answer.starts_with("HTTP/1.1 413"),
        "it need not send: {answer}"
    );
}

#[tokio::test]
async fn heads_that_are_too_large_or_garbage_are_answered() {
    let served = served(SLOW).await;
    for (head, expected) in [
        (
            format!("GET /?{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(100_000)),
            "HTTP/1.1 4",
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nhost: x\r\na: {}\r\n\r\n",
                "a".repeat(100_000)
            ),
            "HTTP/1.1 431",
        ),
        ("\u{1}\u{2}\r\n\r\n".to_owned(), "HTTP/1.1 400"),
    ] {
        let mut stream = TcpStream::connect(served.public).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_buf(&mut answer).await.unwrap();
        let answer = String::from_utf8_lossy(&answer);
        assert!(answer.starts_with(expected), "{answer}");
    }
}
