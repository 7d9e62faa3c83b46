//! Exports as phones and browsers ask for them.

use async_graphql::{Enum, SimpleObject};

use super::rounds::List;
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

/// A list of a round of certification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "List")]
pub enum CertificationList {
    /// Everybody on the roster with what was found 名册; filled in by hand, it can be imported.
    Register,
    /// Who has not reached an end, with the last try 未完成名单.
    Unresolved,
    /// Whose death was confirmed 死亡名单, for whoever stops benefits.
    Deceased,
}

/// A link to a file, for whoever asked for it.
#[derive(Clone, Debug, SimpleObject)]
pub struct ExportLink {
    /// The path on this server, to be opened with GET; nothing else needs to be sent along.
    pub path: String,
    /// When the link stops working.
    pub expires_at: DateTime,
}

impl ExportLink {
    /// The link of a token that ends then.
    #[must_use]
    pub fn new((token, ends): (String, chrono::DateTime<chrono::Utc>)) -> Self {
        Self {
            path: format!("/exports/{token}"),
            expires_at: DateTime(ends),
        }
    }
}
