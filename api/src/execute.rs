//! From a request with its token to an answer: who asks, the schema, the audit of what was read.

use std::sync::Arc;

use async_graphql::{Request, Response};
use serde::de::DeserializeOwned;

use crate::attachments::service as attachments;
use crate::audit;
use crate::context::{App, Cx};
use crate::error::Result;
use crate::exports::service as exports;
use crate::http::{Caller, Link, Outgoing};
use crate::schema::{self, AppSchema};

/// The media type of .xlsx.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The application behind one server, with its schema.
#[derive(Clone)]
pub struct Engine {
    /// What every request shares.
    pub app: Arc<App>,
    schema: AppSchema,
}

impl Engine {
    /// Puts the schema before an application.
    #[must_use]
    pub fn new(app: Arc<App>) -> Self {
        Self {
            app,
            schema: schema::build(),
        }
    }

    /// Executes one operation; what it opened of protected data is in the audit before it answers.
    ///
    /// Errors stop the operation before it begins (a token that is no good) or after (the audit of
    /// reads could not be written: then nothing is answered).
    pub async fn execute(&self, request: Request, caller: Caller) -> Result<Response> {
        let cx = self.context(&caller).await?;
        let operation = request.operation_name.clone().unwrap_or_default();
        let mut response = self.schema.execute(request.data(cx.clone())).await;
        schema::restore_paths(&mut response);
        audit::service::record_reads(&cx, &operation).await?;
        Ok(response)
    }

    /// A request's context: whose the token is, if there is one, and that it still holds.
    pub async fn context(&self, caller: &Caller) -> Result<Cx> {
        let app = Arc::clone(&self.app);
        let actor = match &caller.token {
            Some(token) => Some(Arc::new(
                app.sessions
                    .authenticate(&app.db, &app.clock, token.text())
                    .await?,
            )),
            None => None,
        };
        let request_id = Arc::clone(&caller.request_id);
        let mut cx = Cx::new(app, actor, caller.language, request_id);
        cx.refused = caller.refused.clone();
        Ok(cx)
    }

    /// The file that a link stands for, under the rights that its owner has now.
    pub async fn open(&self, link: &Link, caller: &Caller) -> Result<Outgoing> {
        match link {
            Link::Export(text) => {
                let (cx, wanted) = self.owner(text, caller).await?;
                let file = exports::make(&cx, wanted).await?;
                Ok(Outgoing {
                    name: file.name,
                    content_type: XLSX,
                    bytes: file.bytes,
                })
            }
            Link::Attachment(text) => {
                let (cx, wanted) = self.owner(text, caller).await?;
                let file = attachments::open(&cx, wanted).await?;
                audit::service::record_reads(&cx, "attachment").await?;
                Ok(Outgoing {
                    name: file.name,
                    content_type: file.content_type,
                    bytes: file.bytes,
                })
            }
        }
    }

    /// Whose link it is, with the grants of now, and what it stands for.
    async fn owner<W: DeserializeOwned>(&self, link: &str, caller: &Caller) -> Result<(Cx, W)> {
        let app = Arc::clone(&self.app);
        let claims = app.sessions.tokens.verify_link::<W>(&app.clock, link)?;
        let owner = (claims.sub, Some(claims.sid));
        let actor = app.sessions.recall(&app.db, &app.clock, owner).await?;
        let request_id = Arc::clone(&caller.request_id);
        let cx = Cx::new(app, Some(Arc::new(actor)), caller.language, request_id);
        Ok((cx, claims.wanted))
    }
}
