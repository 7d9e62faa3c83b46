//! From a file that was sent, with its token, to what became of it.

use axum::body::Bytes;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::attachments::graphql::as_json;
use crate::attachments::service::{self as attachments, New, Subject};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Language, Result, Stop};
use crate::execute::Engine;
use crate::http::Caller;
use crate::http::problem::Problem;
use crate::http::uploads::{Incoming, Purpose, Receipt, Take};
use crate::ids::{self, Id};
use crate::imports::command::Failure;
use crate::imports::merge::Report;
use crate::imports::sheet::FileError;
use crate::imports::upload::{self as imports, Wanted};

/// Judges whether the caller may send this file, and says what takes its body.
///
/// The token is looked at again when the body is there: a grant may have ended meanwhile.
pub async fn admit(engine: Engine, incoming: Incoming, caller: Caller) -> Result<Take> {
    let cx = engine.context(&caller).await?;
    match &incoming.purpose {
        Purpose::Attachment => {
            let wanted = New {
                of: subject(&incoming.parameters)?,
                key: incoming.key,
            };
            attachments::check(&cx, wanted).await?;
            Ok(Box::new(move |bytes| {
                Box::pin(async move {
                    let cx = engine.context(&caller).await?;
                    attach(&cx, wanted, bytes).await
                })
            }))
        }
        Purpose::Import(kind) => {
            let wanted = Wanted::read(kind, &incoming.parameters)?;
            imports::check(&cx, wanted).await?;
            Ok(Box::new(move |bytes| {
                Box::pin(async move {
                    let cx = engine.context(&caller).await?;
                    import(&cx, wanted, &bytes).await
                })
            }))
        }
    }
}

/// The check or the wish that an address names, and nothing else.
fn subject(parameters: &[(String, String)]) -> Result<Subject> {
    match parameters {
        [(name, value)] if name == "checkId" => {
            let id = Id::<ids::CertificationCheck>::parse(value, "checkId")?;
            Ok(Subject::Check(id.uuid()))
        }
        [(name, value)] if name == "wishId" => {
            let id = Id::<ids::Wish>::parse(value, "wishId")?;
            Ok(Subject::Wish(id.uuid()))
        }
        _ => Err(Error::Stopped(Stop::BadUserInput, Some("checkId"))),
    }
}

async fn attach(cx: &Cx, wanted: New, bytes: Bytes) -> Result<Receipt> {
    let seen = attachments::add(cx, wanted, bytes.into()).await?;
    Ok(Receipt {
        status: StatusCode::CREATED,
        code: None,
        body: as_json(seen),
    })
}

/// 422 with the report where refused rows held the others back, or with what is wrong with the file.
async fn import(cx: &Cx, wanted: Wanted, bytes: &[u8]) -> Result<Receipt> {
    match imports::import(cx, wanted, bytes).await {
        Ok(report) => Ok(Receipt {
            status: if report.held_back {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::OK
            },
            code: None,
            body: told(&report)?,
        }),
        Err(Failure::Server(error)) => Err(error),
        Err(Failure::File(error)) => Ok(unreadable(cx, &error)),
    }
}

/// The report as the command prints it for scripts, with the codes that are told nowhere else.
fn told(report: &Report) -> Result<Value> {
    let mut body = serde_json::to_value(report).map_err(|error| Error::Internal(error.into()))?;
    if !report.codes.is_empty() {
        let codes = report.codes.iter().map(|issued| {
            let until = issued.expires_at.with_timezone(&SHANGHAI);
            json!({
                "name": issued.name,
                "phone": issued.phone,
                "code": issued.code,
                "expiresAt": until.to_rfc3339(),
            })
        });
        body["codes"] = codes.collect();
    }
    Ok(body)
}

/// What is wrong with a file as a whole; in Chinese with the sheet and the row.
fn unreadable(cx: &Cx, error: &FileError) -> Receipt {
    let code = match error {
        FileError::Empty => Code::FileEmpty,
        FileError::TooLarge
        | FileError::UnpacksTooLarge
        | FileError::TooManyRows(_)
        | FileError::TooManyColumns(_) => Code::FileTooLarge,
        FileError::OldOrEncrypted | FileError::Unsupported => Code::FileUnsupported,
        FileError::Encoding => Code::FileEncoding,
        FileError::Quotes(_) | FileError::Broken(_) => Code::FileBroken,
    };
    let mut problem = Problem::refused(code, cx.language);
    if cx.language == Language::Chinese {
        problem.title = error.to_string();
    }
    Receipt {
        status: problem.status,
        code: Some(problem.code),
        body: problem.body(&cx.request_id),
    }
}
