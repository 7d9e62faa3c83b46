//! Partners as phones see them.

use async_graphql::{Enum, ID, SimpleObject};

use super::reads::Seen;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// Whether a partner works with the community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::PartnerStatus")]
pub enum PartnerStatus {
    /// It does.
    Active,
    /// It does not any more 已终止.
    Ended,
}

/// A partner 社区合伙人: a shop, an alliance, an institution that serves the community. Needs `PARTNER_READ`;
/// somebody who acts for a partner sees their own alone.
#[derive(Clone, Debug, SimpleObject)]
pub struct Partner {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change of its name or state.
    version: i64,
    /// The area that took it on.
    area: Option<Area>,
    /// Its name.
    name: String,
    /// Whether it works with the community.
    status: PartnerStatus,
    /// Why it ended.
    end_reason: Option<String>,
    /// When it ended.
    ended_at: Option<DateTime>,
    /// The areas that are opened to it, each with everything below.
    areas: Vec<Area>,
    /// Who acts for it.
    people: Vec<PartnerPerson>,
}

/// Somebody who acts for a partner.
#[derive(Clone, Debug, SimpleObject)]
pub struct PartnerPerson {
    /// The account.
    account_id: ID,
    /// Their name.
    name: String,
}

impl Partner {
    /// Shows a partner.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let Seen { row, areas, people } = seen;
        let tree = &cx.actor()?.tree;
        let areas = areas.into_iter();
        let people = people.into_iter().map(|person| PartnerPerson {
            account_id: Id::<ids::Account>::new(person.account_id)
                .to_string()
                .into(),
            name: person.name,
        });
        Ok(Self {
            id: Id::<ids::Partner>::new(row.id).to_string().into(),
            version: row.version,
            area: Area::from_tree(tree, row.area_id),
            name: row.name,
            status: row.status.into(),
            end_reason: row.end_reason,
            ended_at: row.ended_at.map(DateTime),
            areas: areas.filter_map(|id| Area::from_tree(tree, id)).collect(),
            people: people.collect(),
        })
    }
}
