//! Exports as phones and browsers ask for them.

use async_graphql::{Enum, SimpleObject};

use super::service::Kind;
use crate::scalars::DateTime;

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Kind")]
pub enum ExportKind {
    /// The monthly report 月报表: both figures by grid, whom they missed and leave out, what volunteers did.
    MonthlyReport,
    /// Whom the month missed 未访名单.
    Missed,
    /// What volunteers did 志愿服务记录.
    ServiceRecords,
}

/// A link to a file, for whoever asked for it.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExportLink {
    /// The path on this server, to be opened with GET; nothing else needs to be sent along.
    pub path: String,
    /// When the link stops working.
    pub expires_at: DateTime,
}
