//! Escalations as phones see them.

use std::collections::HashMap;

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use uuid::Uuid;

use super::service::Seen;
use crate::access::protected::View;
use crate::areas::graphql::{Area, AreaKind};
use crate::context::Cx;
use crate::duty::reads::Reachable;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedCareTier, ProtectedString, opened};
use crate::scalars::DateTime;

/// Why an elder's visit climbs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::EscalationCause")]
pub enum EscalationCause {
    /// Nobody has claimed it and its window ends within a day 即将逾期.
    AtRisk,
    /// Its window has passed 逾期未访.
    Overdue,
}

/// Where an escalation stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::EscalationStatus")]
pub enum EscalationStatus {
    /// Nobody has taken it on 待响应.
    Open,
    /// Somebody takes care of it 处理中.
    Taken,
    /// The person was contacted, or is to be visited no more 已办结.
    Settled,
}

/// An elder's visit that is late, or will be, and climbs until somebody acts 逐级上报.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Escalation {
    /// The opaque id.
    id: ID,
    /// Raised by one on every change.
    version: i64,
    /// What is wrong.
    cause: EscalationCause,
    /// Where it stands in its life.
    status: EscalationStatus,
    /// The building.
    area: Option<Area>,
    /// The visit.
    visit_task_id: ID,
    /// Who waits for it, as an opaque id.
    resident_id: ID,
    /// Up to which level it has been told; the building's where nobody has been told yet.
    level: AreaKind,
    /// Since when it waits.
    since_at: DateTime,
    /// When it climbs unless the person is seen.
    climbs_at: Option<DateTime>,
    /// The name of who took it on last.
    taken_by: Option<String>,
    /// When.
    taken_at: Option<DateTime>,
    /// When it was settled.
    settled_at: Option<DateTime>,
    /// Who was told, the earliest first.
    told: Vec<ToldPerson>,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    seen: Seen,
}

/// Somebody who was told of an escalation.
#[derive(Clone, Debug, SimpleObject)]
pub struct ToldPerson {
    /// Their name.
    name: Option<String>,
    /// Their phone number.
    phone: Option<String>,
    /// At which level.
    level: AreaKind,
    /// Whether they stand in for somebody 代班.
    stands_in: bool,
    /// From when they are shown it.
    shown_at: DateTime,
    /// When they said that they have seen it.
    seen_at: Option<DateTime>,
}

impl Escalation {
    /// Shows an escalation with the people it names.
    pub fn new(cx: &Cx, seen: Seen, people: &HashMap<Uuid, Reachable>) -> Result<Self> {
        let (actor, row) = (cx.actor()?, &seen.row);
        let named = |id: &Uuid| people.get(id).map(|person| person.name.clone());
        let told = seen.notices.iter().map(|notice| ToldPerson {
            name: named(&notice.account_id),
            phone: people
                .get(&notice.account_id)
                .map(|person| person.phone.clone()),
            level: notice.level.into(),
            stands_in: notice.stands_in_for.is_some(),
            shown_at: DateTime(notice.shown_at),
            seen_at: notice.seen_at.map(DateTime),
        });
        Ok(Self {
            id: Id::<ids::Escalation>::new(row.id).to_string().into(),
            version: row.version,
            cause: row.cause.into(),
            status: row.status.into(),
            area: Area::from_tree(&actor.tree, row.area_id),
            visit_task_id: Id::<ids::VisitTask>::new(row.visit_task_id)
                .to_string()
                .into(),
            resident_id: Id::<ids::Resident>::new(row.resident_id).to_string().into(),
            level: row.level.into(),
            since_at: DateTime(row.since_at),
            climbs_at: row.climbs_at.map(DateTime),
            taken_by: row.taken_by.as_ref().and_then(named),
            taken_at: row.taken_at.map(DateTime),
            settled_at: row.settled_at.map(DateTime),
            told: told.collect(),
            view: View::of(actor, row.area_id, false),
            seen,
        })
    }
}

#[ComplexObject]
impl Escalation {
    /// The name of who waits. Needs `RESIDENT_READ`.
    async fn resident_name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = self.view.name(&self.seen.name);
        opened(ctx, "Resident", self.seen.row.resident_id, name)
    }

    /// Their tier when it began. Needs `RESIDENT_READ`.
    async fn tier(&self, ctx: &Context<'_>) -> ProtectedCareTier {
        let tier = self.view.tier(Some(self.seen.row.tier));
        opened(ctx, "Resident", self.seen.row.resident_id, tier)
    }
}
