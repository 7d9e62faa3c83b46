//! What can be asked of attachments.

use async_graphql::{Context, ID, Object};

use super::graphql::Attachment;
use super::service;
use crate::error::{Error, Stop};
use crate::ids::{self, Id};
use crate::schema::{AtEdge as _, cx};

/// Queries about attachments.
#[derive(Debug, Default)]
pub struct AttachmentQueries;

#[Object]
impl AttachmentQueries {
    /// The files that prove a check, at most 20, or a wish, at most 5, in the order in which they were added; null
    /// outside your scope. Those of a check need `EVIDENCE_READ`, those of a wish `RESIDENT_READ` or to carry it
    /// out. One of the two is named.
    async fn attachments(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The check's id.")] check_id: Option<ID>,
        #[graphql(desc = "The wish's id.")] wish_id: Option<ID>,
    ) -> Option<async_graphql::Result<Vec<Attachment>>> {
        let found = async {
            cx(ctx).actor()?;
            match (&check_id, &wish_id) {
                (Some(id), None) => match Id::<ids::CertificationCheck>::parse(id, "checkId") {
                    Ok(check) => service::of_check(cx(ctx), check.uuid()).await,
                    Err(_) => Ok(None),
                },
                (None, Some(id)) => match Id::<ids::Wish>::parse(id, "wishId") {
                    Ok(wish) => service::of_wish(cx(ctx), wish.uuid()).await,
                    Err(_) => Ok(None),
                },
                _ => Err(Error::Stopped(Stop::BadUserInput, Some("checkId"))),
            }
        };
        let shown = found
            .await
            .map(|found| found.map(|seen| seen.into_iter().map(Into::into).collect()));
        shown.at_edge(ctx).transpose()
    }
}
