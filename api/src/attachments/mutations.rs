//! Asking for a file.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::AttachmentLink;
use super::service::{self, Wanted};
use crate::ids::{self, Id};
use crate::scalars::DateTime;
use crate::schema::{UserError, cx, settle};

/// Which file.
#[derive(Debug, InputObject)]
pub struct RequestAttachmentLinkInput {
    /// The attachment.
    attachment_id: ID,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RequestAttachmentLinkPayload {
    /// The link; absent where it was refused.
    link: Option<AttachmentLink>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of attachments.
#[derive(Debug, Default)]
pub struct AttachmentMutations;

#[Object]
impl AttachmentMutations {
    /// Makes a link to a file that lasts five minutes; every opening of it is noted in the audit. Needs
    /// `EVIDENCE_READ` at its check; at its wish `RESIDENT_READ`, or to carry it out. Files are added with
    /// `POST /attachments?checkId=…` or `?wishId=…`, the file as body.
    async fn request_attachment_link(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: RequestAttachmentLinkInput,
    ) -> async_graphql::Result<RequestAttachmentLinkPayload> {
        let linked = async {
            let id = Id::<ids::Attachment>::parse(&input.attachment_id, "attachmentId")?;
            let wanted = Wanted {
                attachment: id.uuid(),
            };
            service::link(cx(ctx), wanted).await
        };
        let (link, user_errors) = settle(ctx, linked.await)?;
        Ok(RequestAttachmentLinkPayload {
            link: link.map(|(token, ends)| AttachmentLink {
                path: format!("/attachments/{token}"),
                expires_at: DateTime(ends),
            }),
            user_errors,
        })
    }
}
