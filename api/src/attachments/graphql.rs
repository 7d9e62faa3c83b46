//! Attachments as phones and browsers see them.

use async_graphql::{Enum, ID, SimpleObject};
use serde_json::{Value, json};

use super::service::Seen;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// What an attachment is, by its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AttachmentKind")]
pub enum AttachmentKind {
    /// A photo.
    Jpeg,
    /// A picture of a screen, as a rule.
    Png,
    /// A scan.
    Pdf,
}

/// A file that proves a check or a wish 附件, to those who see what it proves.
#[derive(Clone, Debug, SimpleObject)]
pub struct Attachment {
    /// The opaque id.
    id: ID,
    /// The check it proves, where it is one.
    check_id: Option<ID>,
    /// The wish whose fulfilment it proves, where it is one.
    wish_id: Option<ID>,
    /// What it is, by its content.
    kind: AttachmentKind,
    /// How large it is, in bytes.
    bytes: i64,
    /// The SHA-256 of what is kept, in hexadecimal digits: of an image without what was beside the picture.
    sha256: String,
    /// The name of who added it, the last time.
    added_by: String,
    /// When.
    added_at: DateTime,
    /// Whether it was added since the check was last sent back: an earlier one proves nothing of what was found since.
    is_current: bool,
}

impl From<Seen> for Attachment {
    fn from(seen: Seen) -> Self {
        let row = seen.row;
        Self {
            is_current: row.after_returns == seen.returns,
            id: Id::<ids::Attachment>::new(row.id).to_string().into(),
            check_id: row
                .check_id
                .map(|id| Id::<ids::CertificationCheck>::new(id).to_string().into()),
            wish_id: row
                .wish_id
                .map(|id| Id::<ids::Wish>::new(id).to_string().into()),
            kind: row.kind.into(),
            bytes: row.bytes,
            sha256: row.sha256,
            added_by: seen.adder,
            added_at: DateTime(row.created_at),
        }
    }
}

/// The answer to a file that was sent: the same fields as in the schema.
#[must_use]
pub fn as_json(seen: Seen) -> Value {
    let kind = seen.row.kind;
    let shown = Attachment::from(seen);
    json!({
        "id": shown.id.as_str(),
        "checkId": shown.check_id.as_deref(),
        "wishId": shown.wish_id.as_deref(),
        "kind": kind,
        "bytes": shown.bytes,
        "sha256": shown.sha256,
        "addedBy": shown.added_by,
        "isCurrent": shown.is_current,
        "addedAt": shown.added_at.0.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    })
}

/// A link to a file, for whoever asked for it.
#[derive(Clone, Debug, SimpleObject)]
pub struct AttachmentLink {
    /// The path on this server, to be opened with GET; nothing else needs to be sent along.
    pub path: String,
    /// When the link stops working.
    pub expires_at: DateTime,
}
