//! Enums of attachments.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What an attachment is, by its content.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttachmentKind {
    /// A photo.
    Jpeg,
    /// A picture of a screen, as a rule.
    Png,
    /// A scan.
    Pdf,
}
