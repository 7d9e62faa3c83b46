//! Files in a bucket: what the server says to a service that speaks S3.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse as _, Response};
use entity::enums::Role;
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use tokio::net::TcpListener;

use super::{bare, has, link, photo, place, rows};
use crate::support::binary::Server;
use crate::support::database::on_both;
use crate::support::files::{check, client};
use crate::support::world::{BUILDING, COMMUNITY, World};

type Objects = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// Keeps whatever is put and gives it back, to whoever signs as AWS wants it.
async fn object(State(objects): State<Objects>, request: Request) -> Response {
    let signature = request
        .headers()
        .get("authorization")
        .map(|value| value.to_str().unwrap_or_default());
    let wanted = "AWS4-HMAC-SHA256 Credential=station/";
    if !signature.is_some_and(|signature| signature.starts_with(wanted)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let (parts, body) = request.into_parts();
    let key = parts.uri.path().to_owned();
    let bytes = to_bytes(body, 8 << 20).await.expect("a body").to_vec();
    let mut objects = objects.lock().expect("no panic");
    match parts.method {
        Method::PUT => {
            objects.insert(key, bytes);
            [("etag", "\"1\"")].into_response()
        }
        _ => match objects.get(&key) {
            Some(bytes) => {
                let headers = [
                    ("etag", "\"1\""),
                    ("last-modified", "Mon, 02 Mar 2026 01:00:00 GMT"),
                ];
                (headers, Body::from(bytes.clone())).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        },
    }
}

on_both! {
    async fn a_bucket_keeps_sealed_files_below_its_prefix(db: TestDatabase) {
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let objects = Objects::default();
        let service = Router::new().fallback(object).with_state(Arc::clone(&objects));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, service).await });
        let server = Server::start(&world.database, &[
            ("NUANLIN_STORE_URL", "s3://evidence/of/chuzhou"),
            ("AWS_ENDPOINT", &endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_REGION", "cn-east-1"),
            ("AWS_ACCESS_KEY_ID", "station"),
            ("AWS_SECRET_ACCESS_KEY", "not a secret"),
        ]).await;

        let url = format!("{}{}", server.base_url(), place(check));
        let sent = client().post(url).bearer_auth(&station.token).body(photo(1)).send();
        let sent = sent.await.expect("an answer");
        assert_eq!(sent.status(), 201);
        let taken: serde_json::Value = sent.json().await.expect("JSON");
        {
            let objects = objects.lock().expect("no panic");
            let (key, bytes) = objects.iter().next().expect("an object");
            assert!(key.starts_with("/evidence/of/chuzhou/attachments/"), "{key}");
            assert!(objects.len() == 1 && !has(bytes, b"the picture itself"));
        }
        let path = link(&world, &station, taken["id"].as_str().expect("an id")).await;
        let open = || client().get(format!("{}{path}", server.base_url())).send();
        let file = open().await.expect("an answer");
        assert_eq!(file.status(), 200);
        assert_eq!(file.bytes().await.expect("a body"), bare(1));

        // Gone from the bucket: our fault, and told as such.
        objects.lock().expect("no panic").clear();
        assert_eq!(open().await.expect("an answer").status(), 500);
        assert_eq!(rows(&world).await, 1);
    }
}
