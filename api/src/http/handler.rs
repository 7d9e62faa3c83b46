//! Routes, and the way of one GraphQL request through the transport.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::header::{
    ALLOW, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tokio::sync::OwnedSemaphorePermit;
use tracing::Instrument as _;

use super::answer::Answer;
use super::guard::Guarded;
use super::isolate::{self, Lost};
use super::negotiate::{self, Media};
use super::params::Params;
use super::record::Record;
use super::refusal::Refusal;
use super::{Caller, Service, Token, body, complexity, explorer, files, uploads};
use crate::error::{Error, Stop};
use crate::refusals::Refusals;

/// In how many seconds who was sent away may come back.
const COME_BACK: HeaderValue = HeaderValue::from_static("2");

/// What everybody may reach.
pub fn public(service: Arc<Service>) -> Router {
    let mut router = Router::new()
        .route("/graphql", any(graphql))
        .route("/exports/{link}", get(files::export))
        .route("/attachments", post(uploads::attachment))
        .route("/attachments/{link}", get(files::attachment))
        .route("/imports/{kind}", post(uploads::import))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/healthz", get(async || plain(StatusCode::OK, "ok")))
        .route("/readyz", get(ready));
    if service.settings.explorer {
        router = router.route("/", get(explorer::page));
    }
    router.fallback(not_found).with_state(service)
}

/// What only operators may reach.
pub fn admin(service: Arc<Service>) -> Router {
    Router::new()
        .route("/metrics", get(metrics))
        .route("/healthz", get(async || plain(StatusCode::OK, "ok")))
        .route("/readyz", get(ready_in_detail))
        .fallback(not_found)
        .with_state(service)
}

async fn graphql(State(service): State<Arc<Service>>, request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    let caller = caller(&service, &parts);
    let (request_id, language) = (Arc::clone(&caller.request_id), caller.language);
    let mut record = Record::new(&service.metrics, Arc::clone(&request_id));
    record.refused = caller.refused.clone();
    let span = tracing::info_span!("request", request_id = &*request_id);
    let media = negotiate::media(&parts.headers);
    let answer = exchange(&service, &parts, body, media, caller, &mut record)
        .instrument(span)
        .await
        .map_or_else(
            |refusal| Answer::refused(&refusal, language, &request_id),
            |response| Answer::executed(response, language, &request_id),
        );
    // Who takes neither media type is told so in JSON.
    write(
        &answer,
        media.unwrap_or(Media::Json),
        &parts.method,
        record,
        &request_id,
    )
}

/// Who calls, without the token: whether one is asked for is decided later.
pub(super) fn caller(service: &Service, parts: &Parts) -> Caller {
    Caller {
        request_id: (service.core.new_id)().to_string().into(),
        language: negotiate::language(&parts.headers),
        token: None,
        address: parts.extensions.get::<SocketAddr>().map(SocketAddr::ip),
        refused: Refusals::default(),
    }
}

/// From the HTTP request to what async-graphql answers.
async fn exchange<'s>(
    service: &'s Service,
    parts: &Parts,
    body: Body,
    media: Option<Media>,
    mut caller: Caller,
    record: &mut Record<'s>,
) -> Result<async_graphql::Response, Refusal> {
    let mut params = read(parts, body, media, &mut record.bytes_in).await?;
    let token = bearer(&parts.headers);
    let (guarded, was_kept) = service
        .documents
        .get(params.query.as_deref(), params.sha256.as_deref())?;
    service.metrics.looked_up(was_kept);
    let (operation, roots) = guarded.operation(params.operation_name.as_deref())?;
    let kind = operation.ty;
    record.kind = match kind {
        OperationType::Query => "query",
        OperationType::Mutation if parts.method == Method::GET => {
            return Err(Refusal::malformed(
                StatusCode::METHOD_NOT_ALLOWED,
                "变更操作须使用 POST",
                "Mutations need POST",
            ));
        }
        OperationType::Mutation => "mutation",
        OperationType::Subscription => {
            return Err(Refusal::new(
                Stop::BadUserInput,
                "此地址不支持订阅操作",
                "Subscriptions are not served here",
            ));
        }
    };
    record.fields = roots
        .iter()
        .map(|field| service.facts.label(kind, field))
        .collect();
    let is_open = roots
        .iter()
        .all(|field| service.settings.open_fields.contains(&field.as_str()));
    if !is_open {
        caller.token = token?;
    }
    let request = prepare(service, &guarded, &mut params)?;
    let asked = Instant::now();
    // Who signs in queues for the hashing of passwords instead.
    let place = if is_open {
        None
    } else {
        Some(service.gate.enter().await.ok_or(Stop::Overloaded)?)
    };
    for field in &record.fields {
        service.metrics.executed(field);
    }
    let left = service.settings.timeout.saturating_sub(asked.elapsed());
    run(service, (kind, left), (request, caller), place).await
}

/// The parameters of a request that is well-formed HTTP.
async fn read(
    parts: &Parts,
    body: Body,
    media: Option<Media>,
    bytes_in: &mut usize,
) -> Result<Params, Refusal> {
    let refused = if media.is_none() {
        Some(Refusal::malformed(
            StatusCode::NOT_ACCEPTABLE,
            "只提供 application/graphql-response+json 与 application/json",
            "Only application/graphql-response+json and application/json are served",
        ))
    } else if parts.method == Method::GET {
        return Params::from_query_string(parts.uri.query().unwrap_or_default());
    } else if parts.method == Method::POST {
        negotiate::check_content_type(&parts.headers).err()
    } else {
        Some(Refusal::malformed(
            StatusCode::METHOD_NOT_ALLOWED,
            "只支持 GET 与 POST",
            "Only GET and POST are served",
        ))
    };
    if let Some(refusal) = refused {
        body::discard(&parts.headers, body).await;
        return Err(refusal);
    }
    let bytes = body::read(&parts.headers, body).await?;
    *bytes_in = bytes.len();
    Params::from_body(&bytes)
}

/// The bearer token, if any. Cookies are never looked at.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Option<Token>, Refusal> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let token = value
        .to_str()
        .ok()
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty()
        });
    match token {
        Some((_, token)) => Ok(Some(Token(token.trim().into()))),
        None => Err(Stop::Unauthenticated.into()),
    }
}

fn prepare(service: &Service, guarded: &Guarded, params: &mut Params) -> Result<Request, Refusal> {
    let (operation, _) = guarded.operation(params.operation_name.as_deref())?;
    let variables = params.take_variables(operation)?;
    let cost = complexity::cost(&guarded.document, operation, &variables);
    let limit = service.settings.max_cost;
    if cost > limit {
        return Err(Refusal::new(
            Stop::QueryTooComplex,
            format!("查询开销为{cost}，上限{limit}：请减少字段或每页数量"),
            format!(
                "The query costs {cost} of at most {limit}: ask for fewer fields or smaller pages"
            ),
        ));
    }
    let mut request = Request::new(String::new()).variables(variables);
    request.operation_name = params.operation_name.take();
    request.set_parsed_query(guarded.document.clone());
    Ok(if service.settings.introspection {
        request
    } else {
        request.disable_introspection()
    })
}

async fn run(
    service: &Service,
    (kind, limit): (OperationType, Duration),
    (request, caller): (Request, Caller),
    place: Option<OwnedSemaphorePermit>,
) -> Result<async_graphql::Response, Refusal> {
    let execute = Arc::clone(&service.core.execute);
    // The call itself belongs inside too: it may panic like what it returns. So does its place: a mutation goes on
    // after its client has left.
    let operation = async move {
        let _place = place;
        execute(request, caller).await
    };
    let outcome = match kind {
        OperationType::Mutation => service.mutations.run(limit, operation).await,
        _ => isolate::query(limit, operation).await,
    };
    match outcome {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(Error::Stopped(stop, _))) => Err(stop.into()),
        Ok(Err(error)) => {
            tracing::error!(%error, "an operation failed before it began");
            Err(Stop::Internal.into())
        }
        Err(Lost::Panicked) => Err(Stop::Internal.into()),
        Err(Lost::TimedOut) => Err(Stop::Timeout.into()),
    }
}

fn write(
    answer: &Answer,
    media: Media,
    method: &Method,
    record: Record<'_>,
    request_id: &str,
) -> Response {
    let status = negotiate::status(media, answer.ending);
    let bytes = answer.to_json().unwrap_or_else(|error| {
        tracing::error!(%error, "an answer cannot be written as JSON");
        br#"{"errors":[{"message":"Internal error","extensions":{"code":"INTERNAL"}}]}"#.to_vec()
    });
    let codes: Vec<&str> = answer.codes.iter().map(|stop| stop.code()).collect();
    record.answered(status, &codes, bytes.len());
    let mut response = respond(status, media.content_type(), bytes);
    let headers = response.headers_mut();
    name_request(headers, request_id);
    match status {
        StatusCode::METHOD_NOT_ALLOWED if *method == Method::GET => {
            headers.insert(ALLOW, HeaderValue::from_static("POST"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(ALLOW, HeaderValue::from_static("GET, POST"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(RETRY_AFTER, COME_BACK);
        }
        StatusCode::UNAUTHORIZED => {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        _ => {}
    }
    response
}

/// Tells the client the id under which the log knows its request.
pub(super) fn name_request(headers: &mut HeaderMap, request_id: &str) {
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert("x-request-id", id);
    }
}

/// An answer with the headers that every answer has.
pub(super) fn respond(
    status: StatusCode,
    content_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "private, no-store"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (status, headers, body.into()).into_response()
}

fn plain(status: StatusCode, text: &'static str) -> Response {
    respond(status, "text/plain; charset=utf-8", text)
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response {
    respond(status, Media::Json.content_type(), value.to_string())
}

async fn not_found(request: axum::extract::Request) -> Response {
    let (parts, body) = request.into_parts();
    body::discard(&parts.headers, body).await;
    plain(StatusCode::NOT_FOUND, "not found")
}

async fn jwks(State(service): State<Arc<Service>>) -> Response {
    json(StatusCode::OK, &service.core.jwks)
}

async fn ready(State(service): State<Arc<Service>>) -> Response {
    if (service.core.ready)().await.is_ready {
        plain(StatusCode::OK, "ok")
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "not ready")
    }
}

async fn ready_in_detail(State(service): State<Arc<Service>>) -> Response {
    let readiness = (service.core.ready)().await;
    let status = if readiness.is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    json(status, &readiness.details)
}

async fn metrics(State(service): State<Arc<Service>>) -> Response {
    match service.metrics.text() {
        Ok(text) => respond(
            StatusCode::OK,
            "text/plain; version=0.0.4; charset=utf-8",
            text,
        ),
        Err(error) => {
            tracing::error!(%error, "the figures cannot be written");
            plain(StatusCode::INTERNAL_SERVER_ERROR, "error")
        }
    }
}
