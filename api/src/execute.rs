//! From a request with its token to an answer: who asks, the schema, the audit of what was read.

use std::sync::Arc;

use async_graphql::{Request, Response};

use crate::audit;
use crate::context::{App, Cx};
use crate::error::Result;
use crate::exports::service::{self as exports, File, Wanted};
use crate::http::Caller;
use crate::schema::{self, AppSchema};

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
        let app = Arc::clone(&self.app);
        let actor = match &caller.token {
            Some(token) => Some(Arc::new(
                app.sessions
                    .authenticate(&app.db, &app.clock, token.text())
                    .await?,
            )),
            None => None,
        };
        let mut cx = Cx::new(app, actor, caller.language, caller.request_id);
        cx.refused = caller.refused;
        let operation = request.operation_name.clone().unwrap_or_default();
        let mut response = self.schema.execute(request.data(cx.clone())).await;
        schema::restore_paths(&mut response);
        audit::service::record_reads(&cx, &operation).await?;
        Ok(response)
    }

    /// The file that a link stands for, under the rights that its owner has now.
    pub async fn export(&self, link: &str, caller: Caller) -> Result<File> {
        let app = Arc::clone(&self.app);
        let claims = app
            .sessions
            .tokens
            .verify_link::<Wanted>(&app.clock, link)?;
        let owner = (claims.sub, Some(claims.sid));
        let actor = app.sessions.recall(&app.db, &app.clock, owner).await?;
        let cx = Cx::new(
            app,
            Some(Arc::new(actor)),
            caller.language,
            caller.request_id,
        );
        exports::make(&cx, claims.wanted).await
    }
}
