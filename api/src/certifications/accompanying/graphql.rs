//! Who comes along to a check, as the station sees it.

use async_graphql::{ID, SimpleObject};
use entity::accompaniment;

use super::candidates::Candidate;
use crate::accompaniments::graphql::AccompanimentStatus;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// Who was asked to come along to a check.
#[derive(Clone, Debug, SimpleObject)]
pub struct CheckCompanion {
    /// Their account.
    account_id: ID,
    /// Their name.
    name: String,
    /// Whether they come.
    status: AccompanimentStatus,
    /// When to meet.
    at: DateTime,
    /// Why they do not come.
    decline_reason: Option<String>,
}

impl From<(accompaniment::Model, String)> for CheckCompanion {
    fn from((row, name): (accompaniment::Model, String)) -> Self {
        Self {
            account_id: Id::<ids::Account>::new(row.account_id).to_string().into(),
            name,
            status: row.status.into(),
            at: DateTime(row.at),
            decline_reason: row.decline_reason,
        }
    }
}

/// A volunteer who can be asked to come along.
#[derive(Clone, Debug, SimpleObject)]
pub struct CompanionCandidate {
    /// Their account.
    account_id: ID,
    /// Their name.
    name: String,
    /// Where they serve.
    area: Option<Area>,
}

impl CompanionCandidate {
    /// Shows a volunteer.
    pub fn new(cx: &Cx, candidate: Candidate) -> Result<Self> {
        Ok(Self {
            account_id: Id::<ids::Account>::new(candidate.account)
                .to_string()
                .into(),
            name: candidate.name,
            area: Area::from_tree(&cx.actor()?.tree, candidate.area),
        })
    }
}
