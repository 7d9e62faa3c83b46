//! Files that are sent: a request with the file as its body, nothing around it.
//!
//! Who may send what is judged before the body is read ([`Admit`]), and again when it is there. So many
//! bodies are held at once as [`Gates`] has places; what is being written goes on to its end whoever
//! leaves, as mutations do.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::CONTENT_ENCODING;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures_util::future::BoxFuture;
use serde_json::Value;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tracing::Instrument as _;
use uuid::Uuid;

use super::body::{self, Bounds, Unread};
use super::handler::{bearer, caller, name_request, respond};
use super::isolate::Lost;
use super::problem::{self, Problem};
use super::record::Record;
use super::refusal::Refusal;
use super::{Caller, Service};
use crate::error::{Code, Error, Language, Result, Stop};

/// What a file is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To be kept beside something.
    Attachment,
    /// To be read as rows of this kind.
    Import(String),
}

/// What is known of a file before its body is read.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// What it is for.
    pub purpose: Purpose,
    /// The parameters of the address, in their order.
    pub parameters: Vec<(String, String)>,
    /// The client's key for this call: repeating it is one call.
    pub key: Option<Uuid>,
}

/// The answer to a file that was taken, or that was read and tells why it was not.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The answer's status.
    pub status: StatusCode,
    /// The code of what was refused, if anything.
    pub code: Option<&'static str>,
    /// The answer's body.
    pub body: Value,
}

/// Takes the body of a file that was admitted.
pub type Take = Box<dyn FnOnce(Bytes) -> BoxFuture<'static, Result<Receipt>> + Send>;

/// Judges whether the caller may send this file, and says what takes its body.
pub type Admit = Arc<dyn Fn(Incoming, Caller) -> BoxFuture<'static, Result<Take>> + Send + Sync>;

/// How many files are in memory at once, by what they are for.
#[derive(Debug)]
pub struct Gates {
    attachments: Arc<Semaphore>,
    imports: Arc<Semaphore>,
    outgoing: Arc<Semaphore>,
}

impl Default for Gates {
    fn default() -> Self {
        Self {
            // Received, stripped and sealed it is there three times: 240 MB at most.
            attachments: Arc::new(Semaphore::new(16)),
            // A workbook may unpack to 256 MB, and merges wait for each other anyway.
            imports: Arc::new(Semaphore::new(1)),
            outgoing: Arc::new(Semaphore::new(16)),
        }
    }
}

/// How long somebody waits for a place before they are asked to come again.
const WAIT: Duration = Duration::from_secs(10);

impl Gates {
    /// A place for a file on its way out; `RATE_LIMITED` where none becomes free in time.
    pub async fn outgoing(&self) -> Result<OwnedSemaphorePermit> {
        place(&self.outgoing).await
    }

    async fn incoming(&self, purpose: &Purpose) -> Result<OwnedSemaphorePermit> {
        place(match purpose {
            Purpose::Attachment => &self.attachments,
            Purpose::Import(_) => &self.imports,
        })
        .await
    }
}

async fn place(gate: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit> {
    match timeout(WAIT, Arc::clone(gate).acquire_owned()).await {
        Ok(Ok(place)) => Ok(place),
        // It is never closed.
        Ok(Err(_)) | Err(_) => Err(Stop::RateLimited.into()),
    }
}

impl Purpose {
    const fn label(&self) -> &'static str {
        match self {
            Self::Attachment => "attachments",
            Self::Import(_) => "imports",
        }
    }

    /// A photo over a slow line, a roster over a quick one.
    const fn bounds(&self) -> Bounds {
        match self {
            Self::Attachment => Bounds {
                max_bytes: 5 << 20,
                time: Duration::from_mins(1),
            },
            Self::Import(_) => Bounds {
                max_bytes: 20 << 20,
                time: Duration::from_mins(2),
            },
        }
    }

    /// How long a client waits for what becomes of its file; the work itself goes on to its end.
    const fn patience(&self) -> Duration {
        match self {
            Self::Attachment => Duration::from_secs(30),
            Self::Import(_) => Duration::from_mins(5),
        }
    }
}

/// Takes a file that is kept.
pub async fn attachment(state: State<Arc<Service>>, request: Request) -> Response {
    upload(state, Purpose::Attachment, request).await
}

/// Takes a spreadsheet.
pub async fn import(
    state: State<Arc<Service>>,
    Path(kind): Path<String>,
    request: Request,
) -> Response {
    upload(state, Purpose::Import(kind), request).await
}

async fn upload(
    State(service): State<Arc<Service>>,
    purpose: Purpose,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let caller = caller(&service, &parts);
    let (request_id, language) = (Arc::clone(&caller.request_id), caller.language);
    let mut record = Record::new(&service.metrics, Arc::clone(&request_id));
    record.kind = "upload";
    record.fields = vec![purpose.label()];
    let span = tracing::info_span!("request", request_id = &*request_id);
    let taken = exchange(&service, (purpose, caller), (parts, body), &mut record);
    match taken.instrument(span).await {
        Ok(receipt) => {
            let text = receipt.body.to_string();
            let codes: Vec<&'static str> = receipt.code.into_iter().collect();
            record.answered(receipt.status, &codes, text.len());
            let content_type = if receipt.code.is_some() {
                problem::CONTENT_TYPE
            } else {
                "application/json; charset=utf-8"
            };
            named(respond(receipt.status, content_type, text), &request_id)
        }
        Err(refused) => {
            let problem = refused.told(language);
            if let Refused::Error(error @ Error::Internal(_)) = &refused {
                tracing::error!(%error, request_id = &*request_id, "a file was not taken");
            }
            let text = problem.body(&request_id).to_string();
            record.answered(problem.status, &[problem.code], text.len());
            let mut response = respond(problem.status, problem::CONTENT_TYPE, text);
            problem.mark(response.headers_mut());
            named(response, &request_id)
        }
    }
}

fn named(mut response: Response, request_id: &str) -> Response {
    name_request(response.headers_mut(), request_id);
    response
}

/// Why a file was not taken.
enum Refused {
    Error(Error),
    Transport(Refusal),
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self::Transport(refusal)
    }
}

impl Refused {
    fn told(&self, language: Language) -> Problem {
        match self {
            Self::Error(error) => Problem::of(error, language),
            Self::Transport(refusal) => Problem::transport(refusal, language),
        }
    }
}

/// From the request to what became of its file; a body that is not wanted is read and forgotten.
async fn exchange(
    service: &Service,
    (purpose, mut caller): (Purpose, Caller),
    (parts, body): (Parts, Body),
    record: &mut Record<'_>,
) -> Result<Receipt, Refused> {
    let admitted = async {
        check_encoding(&parts.headers)?;
        let incoming = Incoming {
            key: key(&parts.headers)?,
            parameters: parameters(&parts),
            purpose: purpose.clone(),
        };
        caller.token = bearer(&parts.headers)?;
        let take = (service.core.admit)(incoming, caller).await?;
        let place = service.gates.incoming(&purpose).await?;
        Ok::<_, Refused>((take, place))
    };
    let (take, place) = match admitted.await {
        Ok(admitted) => admitted,
        Err(refused) => {
            body::discard(&parts.headers, body).await;
            return Err(refused);
        }
    };
    let bytes = body::read_within(&parts.headers, body, purpose.bounds())
        .await
        .map_err(unread)?;
    record.bytes_in = bytes.len();
    // The place is kept until the work ends, also when nobody waits for it any more.
    let taking = async move {
        let receipt = take(bytes).await;
        drop(place);
        receipt
    };
    match service.mutations.run(purpose.patience(), taking).await {
        Ok(receipt) => Ok(receipt?),
        Err(Lost::Panicked) => Err(Error::from(Stop::Internal).into()),
        Err(Lost::TimedOut) => Err(Error::from(Stop::Timeout).into()),
    }
}

fn unread(why: Unread) -> Refused {
    match why {
        Unread::TooLarge => Error::refused(Code::FileTooLarge).into(),
        Unread::Cut => Refusal::malformed(
            StatusCode::BAD_REQUEST,
            "文件未完整收到，请重新发送",
            "The file did not arrive in full; send it again",
        )
        .into(),
        Unread::Slow => Refusal::malformed(
            StatusCode::REQUEST_TIMEOUT,
            "文件发送过慢，请在网络较好时重试",
            "The file took too long to arrive; try again on a better line",
        )
        .into(),
    }
}

/// A packed body would have to be unpacked to be measured.
fn check_encoding(headers: &HeaderMap) -> Result<(), Refusal> {
    let is_plain = headers
        .get(CONTENT_ENCODING)
        .is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    if is_plain {
        Ok(())
    } else {
        Err(Refusal::malformed(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "请直接发送文件本身，不要压缩请求体",
            "Send the file itself, without Content-Encoding",
        ))
    }
}

/// The client's own key for this call.
fn key(headers: &HeaderMap) -> Result<Option<Uuid>, Refusal> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default().trim().trim_matches('"');
    Uuid::try_parse(text).map(Some).map_err(|_| {
        Refusal::malformed(
            StatusCode::BAD_REQUEST,
            "Idempotency-Key须为UUID",
            "Idempotency-Key must be a UUID",
        )
    })
}

fn parameters(parts: &Parts) -> Vec<(String, String)> {
    form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
        .into_owned()
        .collect()
}
