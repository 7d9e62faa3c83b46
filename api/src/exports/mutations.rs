//! Asking for an export.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::{ExportKind, ExportLink};
use super::service::{self, Wanted};
use crate::coverage::rules::Month;
use crate::ids::{self, Id};
use crate::scalars::DateTime;
use crate::schema::{UserError, cx, settle};

/// Which file.
#[derive(Debug, InputObject)]
pub struct RequestExportInput {
    /// What.
    kind: ExportKind,
    /// Where.
    area_id: ID,
    /// The month, like 2026-03.
    month: String,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RequestExportPayload {
    /// The link; absent where it was refused.
    export: Option<ExportLink>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of exports.
#[derive(Debug, Default)]
pub struct ExportMutations;

#[Object]
impl ExportMutations {
    /// Makes a link to an .xlsx file that lasts five minutes; opening it is noted in the audit. Needs
    /// `EXPORT` at the area.
    #[expect(clippy::unused_async, reason = "a mutation of the schema is a future")]
    async fn request_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: RequestExportInput,
    ) -> async_graphql::Result<RequestExportPayload> {
        let linked = || {
            let wanted = Wanted {
                kind: input.kind.into(),
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                first: Month::parse(&input.month, "month")?.first,
            };
            service::check(cx(ctx), wanted)?;
            let actor = cx(ctx).actor()?;
            let tokens = &cx(ctx).app.sessions.tokens;
            tokens.mint_link(&cx(ctx).app.clock, (actor.account, actor.session), wanted)
        };
        let (link, user_errors) = settle(ctx, linked())?;
        Ok(RequestExportPayload {
            export: link.map(|(token, ends)| ExportLink {
                path: format!("/exports/{token}"),
                expires_at: DateTime(ends),
            }),
            user_errors,
        })
    }
}
