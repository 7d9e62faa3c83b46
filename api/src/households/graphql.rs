//! Households as phones see them.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};

use super::service::SeenHousehold;
use crate::areas::graphql::Area;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::residents::graphql::Resident;
use crate::visits::graphql::LastVisit;

/// A household: who lives behind one door of a building.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Household {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The building it lives in.
    area: Option<Area>,
    /// Whether it is a center household 党员中心户.
    is_center: bool,
    #[graphql(skip)]
    seen: SeenHousehold,
}

impl Household {
    /// Shows a household to the reader it was read for.
    #[must_use]
    pub fn new(cx: &crate::context::Cx, seen: SeenHousehold) -> Self {
        Self {
            id: Id::<ids::Household>::new(seen.row.id).to_string().into(),
            version: seen.row.version,
            area: Area::from_tree(&cx.app.sessions.tree(), seen.row.area_id),
            is_center: seen.row.is_center,
            seen,
        }
    }
}

#[ComplexObject]
impl Household {
    /// The unit 单元. Needs `RESIDENT_READ` or a live claim on a visit here.
    async fn unit(&self, ctx: &Context<'_>) -> ProtectedString {
        opened(
            ctx,
            "Household",
            self.seen.row.id,
            self.seen.view.door(&self.seen.row.unit),
        )
    }

    /// The room. Needs `RESIDENT_READ` or a live claim on a visit here.
    async fn room(&self, ctx: &Context<'_>) -> ProtectedString {
        opened(
            ctx,
            "Household",
            self.seen.row.id,
            self.seen.view.door(&self.seen.row.room),
        )
    }

    /// The people who live here.
    async fn residents(&self) -> Vec<Resident> {
        self.seen
            .residents
            .iter()
            .cloned()
            .map(Resident::new)
            .collect()
    }

    /// The last visit that was reported, by whomever.
    async fn last_visit(&self) -> Option<LastVisit> {
        self.seen.last_visit.clone().map(LastVisit::from)
    }
}
