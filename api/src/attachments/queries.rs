//! What can be asked of attachments.

use async_graphql::{Context, ID, Object};

use super::graphql::Attachment;
use super::service;
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about attachments.
#[derive(Debug, Default)]
pub struct AttachmentQueries;

#[Object]
impl AttachmentQueries {
    /// The files that prove a check, in the order in which they were added, at most 20; null outside your
    /// scope. Needs `EVIDENCE_READ`.
    async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The check's id.")] check_id: ID,
    ) -> Option<async_graphql::Result<Vec<Attachment>>> {
        let found = async {
            cx(ctx).actor()?;
            let Ok(check) = Id::<ids::CertificationCheck>::parse(&check_id, "checkId") else {
                return Ok(None);
            };
            service::of_check(cx(ctx), check.uuid()).await
        };
        let shown = found
            .await
            .map(|found| found.map(|seen| seen.into_iter().map(Into::into).collect()));
        shown.at_edge(ctx).transpose()
    }
}
