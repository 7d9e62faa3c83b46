//! Packages as phones see them.

use async_graphql::{ID, SimpleObject};

use super::reads::Seen;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::offers::graphql::{OfferStatus, ServiceOffer};

/// A package 便民服务套餐: offers that are shown together under a name. Needs `OFFER_READ`; drafts and withdrawn ones are
/// seen by who may publish them.
#[derive(Clone, Debug, SimpleObject)]
pub struct ServicePackage {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The area that publishes it.
    area: Option<Area>,
    /// Its name.
    title: String,
    /// What it is for.
    description: Option<String>,
    /// Where it stands in its life.
    status: OfferStatus,
    /// Those of its offers that you see, in their order.
    offers: Vec<ServiceOffer>,
}

impl ServicePackage {
    /// Shows a package.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let Seen { row, offers } = seen;
        let offers = offers.into_iter().map(|offer| ServiceOffer::new(cx, offer));
        Ok(Self {
            id: Id::<ids::ServicePackage>::new(row.id).to_string().into(),
            version: row.version,
            area: Area::from_tree(&cx.actor()?.tree, row.area_id),
            title: row.title,
            description: row.description,
            status: row.status.into(),
            offers: offers.collect::<Result<_>>()?,
        })
    }
}
