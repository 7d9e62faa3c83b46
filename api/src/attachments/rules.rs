//! Which checks take evidence, and how much.

use entity::enums::{AttachmentKind, CheckStatus};

/// The states of a check in which evidence is added: until another has decided on it.
pub const OPEN: &[CheckStatus] = &[
    CheckStatus::Pending,
    CheckStatus::Scheduled,
    CheckStatus::Checked,
    CheckStatus::Returned,
];

/// How many files a check has at most.
pub const MOST: u64 = 20;

/// How many files a wish has at most.
pub const MOST_OF_WISH: u64 = 5;

/// What a kind is called on the way out.
#[must_use]
pub const fn content_type(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Jpeg => "image/jpeg",
        AttachmentKind::Png => "image/png",
        AttachmentKind::Pdf => "application/pdf",
    }
}

/// How a file of this kind is named.
#[must_use]
pub const fn extension(kind: AttachmentKind) -> &'static str {
    match kind {
        AttachmentKind::Jpeg => "jpg",
        AttachmentKind::Png => "png",
        AttachmentKind::Pdf => "pdf",
    }
}
