//! Hand-overs as the two stations see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use chrono::Days;

use super::reads::Seen;
use super::rules::is_open;
use crate::access::policy::Permission;
use crate::access::protected::{Protected, of_beneficiary};
use crate::access::sealed::Field;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::BeneficiaryCategory;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};

/// Where a hand-over stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::HandOverStatus")]
pub enum HandOverStatus {
    /// The other station is asked 待接收; the registering one answers.
    Offered,
    /// The other station makes the check 已接收.
    Accepted,
    /// The other station does not, with a reason 已拒收.
    Declined,
    /// Taken back, with a reason 已撤回.
    Withdrawn,
    /// Nobody answered in time, or the check or its round ended before 已过期.
    Expired,
}

/// From whose side hand-overs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "super::reads::Direction")]
pub enum HandOverDirection {
    /// Offered to your station 移入.
    Incoming,
    /// Of checks that your station answers for 移出.
    Outgoing,
}

/// A check that another station is asked to make 移交. Needs `BENEFICIARY_READ` on either side; the other
/// side sees whom it is about while it decides and while it makes the check.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct HandOver {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The check; once it is accepted the other station sees it.
    check_id: ID,
    /// The year that its round certifies.
    year: i32,
    /// The last day on which people of its round are to be certified.
    closes_on: Date,
    /// The last day of grace of its round.
    last_on: Date,
    /// The area that answers for it.
    from_area: Option<Area>,
    /// The area whose station is asked.
    to_area: Option<Area>,
    /// Where it stands in its life.
    status: HandOverStatus,
    /// Why it is offered.
    reason: Option<String>,
    /// When the offer ends if nobody answers.
    expires_at: DateTime,
    /// The name of who offered it.
    offered_by: Option<String>,
    /// When it was offered.
    offered_at: DateTime,
    /// The name of who accepted it.
    accepted_by: Option<String>,
    /// When it was accepted.
    accepted_at: Option<DateTime>,
    /// The name of who declined or withdrew it.
    ended_by: Option<String>,
    /// When it was declined or withdrawn, or had expired.
    ended_at: Option<DateTime>,
    /// Why it was declined or withdrawn.
    end_reason: Option<String>,
    /// The category of whom it is about; absent where you see no more of them.
    category: Option<BeneficiaryCategory>,
    /// The building where they live, when it is one of ours; absent where you see no more of them.
    home: Option<Area>,
    /// The institution where they live; absent where you see no more of them.
    institution: Option<String>,
    #[graphql(skip)]
    seen: Seen,
    #[graphql(skip)]
    is_open: bool,
}

impl HandOver {
    /// Shows a hand-over.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let actor = cx.actor()?;
        // The stations lie outside each other's areas.
        let tree = cx.app.sessions.tree();
        let (row, person, round) = (&seen.row, &seen.person, &seen.round);
        let is_shared = seen.check.handed_to_area_id == Some(row.to_area_id);
        let is_open = actor.may(Permission::BeneficiaryRead, row.from_area_id)
            || is_open(row.status, (row.expires_at, cx.app.clock.now()), is_shared);
        let grace = Days::new(u64::try_from(round.grace_days).unwrap_or_default());
        let home = person.home_area_id.filter(|_| is_open);
        Ok(Self {
            id: Id::<ids::HandOver>::new(row.id).to_string().into(),
            version: row.version,
            check_id: Id::<ids::CertificationCheck>::new(row.check_id)
                .to_string()
                .into(),
            year: round.year,
            closes_on: Date(round.closes_on),
            last_on: Date(round.closes_on + grace),
            from_area: Area::from_tree(&tree, row.from_area_id),
            to_area: Area::from_tree(&tree, row.to_area_id),
            status: row.status.into(),
            reason: is_open.then(|| row.reason.clone()),
            expires_at: DateTime(row.expires_at),
            offered_by: seen.names.offerer.clone(),
            offered_at: DateTime(row.created_at),
            accepted_by: seen.names.acceptor.clone(),
            accepted_at: row.accepted_at.map(DateTime),
            ended_by: seen.names.ender.clone(),
            ended_at: row.ended_at.map(DateTime),
            end_reason: row.end_reason.clone(),
            category: is_open.then(|| seen.check.category.into()),
            home: home.and_then(|id| Area::from_tree(&tree, id)),
            institution: person.institution.clone().filter(|_| is_open),
            is_open,
            seen,
        })
    }
}

#[ComplexObject]
impl HandOver {
    /// The name of whom it is about.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let person = &self.seen.person;
        let name = if self.is_open {
            Protected::Full(Some(person.name.clone()))
        } else {
            Protected::Absent
        };
        opened(ctx, "Beneficiary", person.id, name)
    }

    /// Where they live below the building, or elsewhere.
    async fn address(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let person = &self.seen.person;
        let address = if self.is_open {
            let sealed = person.address_sealed.as_deref();
            of_beneficiary(&cx(ctx).app.keys, Field::Address, sealed).at_edge(ctx)
        } else {
            Ok(Protected::Absent)
        };
        Some(address.map(|address| opened(ctx, "Beneficiary", person.id, address)))
    }
}
