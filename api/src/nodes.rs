//! Looking things up by id, whatever kind they are: Relay's `node` and `nodes`.

use std::collections::HashMap;

use async_graphql::{Context, ID, Interface, Object};
use uuid::Uuid;

use crate::accounts::graphql::Account;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::Beneficiary;
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::hand_overs::graphql::HandOver;
use crate::error::{Error, Result, Stop};
use crate::households::graphql::Household;
use crate::ids::{AnyId, Id};
use crate::offers::graphql::ServiceOffer;
use crate::offers::packages::graphql::ServicePackage;
use crate::offers::slots::graphql::ServiceSlot;
use crate::partners::graphql::Partner;
use crate::residents::graphql::Resident;
use crate::schema::{AtEdge as _, cx};
use crate::visits::graphql::VisitTask;
use crate::wishes::bookings::graphql::Booking;
use crate::wishes::graphql::Wish;
use crate::{
    accounts, areas, beneficiaries, certifications, households, offers, partners, residents,
    visits, wishes,
};

/// Anything with an id.
#[expect(
    clippy::large_enum_variant,
    reason = "at most a hundred of an answer are held"
)]
#[derive(Clone, Debug, Interface)]
#[graphql(field(name = "id", ty = "&ID", desc = "The opaque id."))]
pub enum Node {
    /// A place in the tree.
    Area(Area),
    /// A household.
    Household(Household),
    /// A person who signs in.
    Account(Account),
    /// A person of a household.
    Resident(Resident),
    /// A visit.
    VisitTask(VisitTask),
    /// A beneficiary.
    Beneficiary(Beneficiary),
    /// One beneficiary in one round.
    CertificationCheck(CertificationCheck),
    /// A check that another station is asked to make.
    HandOver(HandOver),
    /// Something small that a household asks for.
    Wish(Wish),
    /// A household's place in a slot.
    Booking(Booking),
    /// A partner.
    Partner(Partner),
    /// An offer of a partner.
    ServiceOffer(ServiceOffer),
    /// Offers under one name.
    ServicePackage(ServicePackage),
    /// A slot of an offer.
    ServiceSlot(ServiceSlot),
}

/// Queries for any kind.
#[derive(Debug, Default)]
pub struct NodeQueries;

/// How many ids `nodes` takes.
const MAX_NODES: usize = 100;

#[Object]
impl NodeQueries {
    /// The object with this id; null for ids that are unknown, foreign or outside your scope.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The object's id.")] id: ID,
    ) -> Option<async_graphql::Result<Node>> {
        let found = find(ctx, &[id]).await;
        found
            .map(|mut nodes| nodes.pop().flatten())
            .at_edge(ctx)
            .transpose()
    }

    /// The objects with these ids (at most 100), in their order, each null as in `node`.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Their ids.")] ids: Vec<ID>,
    ) -> Option<async_graphql::Result<Vec<Option<Node>>>> {
        let found = if ids.len() > MAX_NODES {
            Err(Error::Stopped(Stop::BadUserInput, Some("ids")))
        } else {
            find(ctx, &ids).await
        };
        Some(found.at_edge(ctx))
    }
}

/// Reads each kind once, however many ids there are, under the kind's own permission.
async fn find(ctx: &Context<'_>, ids: &[ID]) -> Result<Vec<Option<Node>>> {
    let cx = cx(ctx);
    cx.actor()?;
    let parsed: Vec<Option<AnyId>> = ids.iter().map(|id| AnyId::parse(id)).collect();
    let of = |pick: fn(AnyId) -> Option<Uuid>| -> Vec<Uuid> {
        let mut ids: Vec<Uuid> = parsed.iter().flatten().copied().filter_map(pick).collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let mut nodes: HashMap<AnyId, Node> = HashMap::new();
    macro_rules! read {
        ($kind:ident, $some:expr, $argument:expr) => {
            let wanted = of(|id| match id {
                AnyId::$kind(id) => Some(id.uuid()),
                _ => None,
            });
            if !wanted.is_empty() {
                let found = $some($argument, &wanted).await?;
                nodes.extend(
                    found
                        .into_iter()
                        .map(|(id, node)| (AnyId::$kind(Id::new(id)), Node::$kind(node))),
                );
            }
        };
    }
    read!(Area, areas::queries::some, cx);
    read!(Household, households::queries::some, ctx);
    read!(Resident, residents::queries::some, ctx);
    read!(VisitTask, visits::queries::some, ctx);
    read!(Account, accounts::queries::some, cx);
    read!(Beneficiary, beneficiaries::queries::some, ctx);
    read!(
        CertificationCheck,
        certifications::checks::queries::some,
        ctx
    );
    read!(HandOver, certifications::hand_overs::queries::some, cx);
    read!(Wish, wishes::queries::some, ctx);
    read!(Booking, wishes::bookings::queries::some, ctx);
    read!(Partner, partners::queries::some, cx);
    read!(ServiceOffer, offers::queries::some, cx);
    read!(ServicePackage, offers::packages::queries::some, cx);
    read!(ServiceSlot, offers::slots::queries::some, cx);
    Ok(parsed
        .into_iter()
        .map(|id| nodes.get(&id?).cloned())
        .collect())
}
