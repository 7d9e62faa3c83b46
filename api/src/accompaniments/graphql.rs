//! Accompaniments as the volunteer sees them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::reads::{Meet, Seen};
use super::rules::Shown;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};

/// Where an accompaniment stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AccompanimentStatus")]
pub enum AccompanimentStatus {
    /// The volunteer is asked 待答复.
    Asked,
    /// The volunteer comes along 已接受.
    Accepted,
    /// The volunteer does not come, with a reason 已谢绝.
    Declined,
    /// Nobody is needed any more 已取消.
    Cancelled,
    /// It was made 已结束.
    Over,
}

/// Whom to meet.
#[derive(Clone, Debug, SimpleObject)]
pub struct AccompanimentMeet {
    /// Their name.
    name: String,
    /// Their phone number.
    phone: String,
}

impl From<Meet> for AccompanimentMeet {
    fn from(meet: Meet) -> Self {
        Self {
            name: meet.name,
            phone: meet.phone,
        }
    }
}

/// You are asked to come along to somebody's home 陪同. Name and address are open from your acceptance until
/// it is over, at most to the end of its day. Needs `VISIT_CARRY_OUT`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Accompaniment {
    /// The opaque id.
    id: ID,
    /// Raised by one on every change.
    version: i64,
    /// Where it stands in its life.
    status: AccompanimentStatus,
    /// When to meet.
    at: DateTime,
    /// Where it is; absent once it is over.
    area: Option<Area>,
    /// Whom to meet; absent once it is over.
    meet: Option<AccompanimentMeet>,
    /// Why you do not come.
    decline_reason: Option<String>,
    #[graphql(skip)]
    seen: Seen,
    #[graphql(skip)]
    view: View,
}

impl Accompaniment {
    /// Shows an accompaniment to its volunteer.
    #[must_use]
    pub fn new(cx: &Cx, seen: Seen) -> Self {
        let row = &seen.row;
        let view = match seen.shown {
            Shown::All => View::Claimant,
            Shown::Masked => View::Passer,
            Shown::Nothing => View::Nobody,
        };
        let place = (seen.shown != Shown::Nothing).then_some(row.area_id);
        Self {
            id: Id::<ids::Accompaniment>::new(row.id).to_string().into(),
            version: row.version,
            status: row.status.into(),
            at: DateTime(row.at),
            area: place.and_then(|id| Area::from_tree(&cx.app.sessions.tree(), id)),
            meet: seen.meet.clone().map(Into::into),
            decline_reason: row.decline_reason.clone(),
            view,
            seen,
        }
    }
}

#[ComplexObject]
impl Accompaniment {
    /// Whom you go to.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let row = &self.seen.row;
        opened(ctx, "Accompaniment", row.id, self.view.name(&row.name))
    }

    /// Where that is below the building.
    async fn address(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let row = &self.seen.row;
        let keys = &cx(ctx).app.keys;
        let address = self.view.address(keys, row.address_sealed.as_deref());
        let address = address.at_edge(ctx);
        Some(address.map(|address| opened(ctx, "Accompaniment", row.id, address)))
    }
}
