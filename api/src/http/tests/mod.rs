//! The transport over real connections, before a small schema of its own.

mod conversation;
mod hostile;
mod isolation;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_graphql::{EmptySubscription, Error as FieldError, ErrorExtensions as _, Object, Schema};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::server::{Listeners, serve};
use super::*;
use crate::error::Stop;

/// How long the slow fields take; tests allow operations less or more than this.
const SLOW: Duration = Duration::from_millis(300);
const RESPONSE: &str = "application/graphql-response+json";

/// Counts what began and what came to its end.
#[derive(Debug, Default)]
struct Counts {
    began: AtomicUsize,
    ended: AtomicUsize,
}

impl Counts {
    async fn slow(&self) -> bool {
        self.began.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(SLOW).await;
        self.ended.fetch_add(1, Ordering::SeqCst);
        true
    }

    fn ended(&self) -> usize {
        self.ended.load(Ordering::SeqCst)
    }

    async fn until_began(&self, count: usize) {
        while self.began.load(Ordering::SeqCst) < count {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
}

fn out_of_order() -> i32 {
    panic!("out of order")
}

fn page(first: Option<i32>) -> Result<Vec<Task>, FieldError> {
    match first {
        Some(first @ 1..=100) => Ok((0..first).map(Task).collect()),
        _ => Err(FieldError::new("first: 1..100")
            .extend_with(|_, e| e.set("code", Stop::BadUserInput.code()))),
    }
}

struct Query(Arc<Counts>);
struct Mutation(Arc<Counts>);
struct Task(i32);

#[Object]
impl Task {
    async fn id(&self) -> i32 {
        self.0
    }

    async fn next(&self) -> Task {
        Task(self.0 + 1)
    }
}

#[Object]
impl Query {
    async fn echo(&self, text: String) -> String {
        text
    }

    async fn tasks(&self, first: Option<i32>) -> Result<Vec<Task>, FieldError> {
        tokio::task::yield_now().await;
        page(first)
    }

    async fn task(&self) -> Task {
        Task(1)
    }

    async fn fails(&self) -> Option<Result<i32, FieldError>> {
        Some(Err(FieldError::new("relation resident, name 李奶奶")))
    }

    async fn panics(&self) -> i32 {
        out_of_order()
    }

    async fn slow(&self) -> bool {
        self.0.slow().await
    }
}

#[Object]
impl Mutation {
    async fn slow(&self) -> bool {
        self.0.slow().await
    }

    async fn panics(&self) -> i32 {
        out_of_order()
    }

    async fn sign_in(&self) -> &str {
        "in"
    }
}

/// A server on this machine for one test.
struct Served {
    public: SocketAddr,
    admin: SocketAddr,
    counts: Arc<Counts>,
    client: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    ended: JoinHandle<bool>,
}

async fn served(timeout: Duration) -> Served {
    served_with(Settings {
        explorer: true,
        introspection: true,
        timeout,
        open_fields: &["signIn"],
        ..Settings::default()
    })
    .await
}

async fn served_with(settings: Settings) -> Served {
    let counts = Arc::new(Counts::default());
    let query = Query(Arc::clone(&counts));
    let schema = Schema::build(query, Mutation(Arc::clone(&counts)), EmptySubscription).finish();
    let sdl = schema.sdl();
    let core = Core {
        execute: Arc::new(move |request, caller| {
            let schema = schema.clone();
            Box::pin(async move {
                match caller.token.as_ref().map(|token| &**token.text()) {
                    None | Some("good") => Ok(schema.execute(request).await),
                    Some("stale") => Err(Stop::TokenStale.into()),
                    Some(_) => Err(Stop::Unauthenticated.into()),
                }
            })
        }),
        open: Arc::new(|_, _| Box::pin(async { Err(Stop::Unauthenticated.into()) })),
        admit: Arc::new(|_, _| Box::pin(async { Err(Stop::Unauthenticated.into()) })),
        ready: Arc::new(|| {
            Box::pin(async {
                Readiness {
                    is_ready: false,
                    details: json!({"database": "away"}),
                }
            })
        }),
        new_id: Arc::new(|| Uuid::from_u128(7)),
        jwks: json!({"keys": []}),
    };
    let service = Arc::new(Service::new(core, settings, &sdl).unwrap());
    let listen = async || TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listeners = Listeners {
        public: listen().await,
        admin: listen().await,
    };
    let (stop, stopped) = oneshot::channel();
    Served {
        public: listeners.public.local_addr().unwrap(),
        admin: listeners.admin.local_addr().unwrap(),
        counts,
        client: client(),
        stop: Some(stop),
        ended: tokio::spawn(serve(service, listeners, SLOW * 5, async {
            stopped.await.unwrap_or_default();
        })),
    }
}

/// A client that trusts nobody: tests speak without TLS, and need no certificates of the system.
fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    client.build().unwrap()
}

impl Served {
    fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("http://{}{path}", self.public))
    }

    fn post(&self, body: impl Into<reqwest::Body>) -> RequestBuilder {
        self.client
            .post(format!("http://{}/graphql", self.public))
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, RESPONSE)
            .body(body)
    }

    /// Status, code of the first error and whole answer of a document.
    async fn ask(&self, document: &str, variables: Value) -> (StatusCode, String, Value) {
        let body = json!({"query": document, "variables": variables}).to_string();
        read(self.post(body).send().await.unwrap()).await
    }
}

async fn read(response: Response) -> (StatusCode, String, Value) {
    let status = response.status();
    let answer: Value = response.json().await.unwrap();
    let code = &answer["errors"][0]["extensions"]["code"];
    (status, code.as_str().unwrap_or_default().to_owned(), answer)
}
