//! Households as phones see them.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};

use super::last_visit;
use super::service::SeenHousehold;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::residents::graphql::Resident;
use crate::scalars::{Date, DateTime};
use crate::schema::AtEdge as _;
use crate::visits::graphql::{VisitKind, VisitMethod};

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
    /// The first day on which it no longer exists; absent while it does.
    closed_on: Option<Date>,
    /// The household its people went to, where it was closed by a merger.
    merged_into_id: Option<ID>,
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
            closed_on: seen.row.closed_on.map(Date),
            merged_into_id: seen
                .row
                .merged_into_id
                .map(|id| Id::<ids::Household>::new(id).to_string().into()),
            area: Area::from_tree(&cx.app.sessions.tree(), seen.row.area_id),
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

    /// Whether it is a center household 党员中心户: there is one to a building, so it tells the door.
    /// Needs `RESIDENT_READ` or a live claim on a visit here.
    async fn is_center(&self) -> Option<bool> {
        let told = matches!(self.seen.view, View::Staff { .. } | View::Claimant);
        told.then_some(self.seen.row.is_center)
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
        self.seen.last_visit.clone().map(|seen| LastVisit { seen })
    }
}

/// The last visit to a household that was reported.
#[derive(Clone, Debug)]
pub struct LastVisit {
    seen: last_visit::LastVisit,
}

/// The last visit to a household that was reported.
#[Object]
impl LastVisit {
    /// What kind of visit it was.
    fn kind(&self, ctx: &Context<'_>) -> async_graphql::Result<VisitKind> {
        self.seen.kind.get().map(VisitKind::from).at_edge(ctx)
    }

    /// When it happened, by the visitor's clock.
    async fn occurred_at(&self) -> Option<DateTime> {
        self.seen.occurred_at.map(DateTime)
    }

    /// How the household was met.
    async fn method(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<VisitMethod>> {
        let method = self.seen.method.get().at_edge(ctx).transpose()?;
        Some(method.map(VisitMethod::from))
    }
}
