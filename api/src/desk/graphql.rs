//! The desk as phones see it.

use async_graphql::{ComplexObject, Context, ID, Object, SimpleObject};
use uuid::Uuid;

use super::service::{self, Pile, Unseen};
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::escalations;
use crate::escalations::graphql::Escalation;
use crate::findings;
use crate::ids::{self, Id};
use crate::protected::{ProtectedCareTier, ProtectedString, opened};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};
use crate::visits::graphql::VisitTask;
use crate::visits::queries::columns;

/// What in an area asks for somebody today.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Desk {
    /// The area.
    area: Option<Area>,
    /// Unclaimed, and the window ends within a day 即将逾期.
    at_risk: DeskPile,
    /// Claimed by somebody who can no longer make it: away until its window ends, disabled, or without a
    /// grant there 需改派.
    stranded: DeskPile,
    /// Missed in the last seven days, or still held beyond the end of the window 逾期未访.
    missed: DeskPile,
    /// Sent back, not yet completed 退回补充.
    returned: DeskPile,
    /// Reported, and a person must verify it 待核实.
    waiting: DeskPile,
    #[graphql(skip)]
    place: Uuid,
}

/// Visits that ask for the same.
#[derive(Clone, Copy, Debug)]
pub struct DeskPile {
    place: Uuid,
    pile: Pile,
}

/// Somebody whom nobody has seen or spoken to for long.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct UnseenPerson {
    /// Who, as an opaque id.
    resident_id: ID,
    /// The building.
    area: Option<Area>,
    /// The last contact; absent where none is on record.
    last_contact_at: Option<DateTime>,
    #[graphql(skip)]
    person: Unseen,
    #[graphql(skip)]
    view: View,
}

impl Desk {
    /// The desk of an area that the actor may see.
    #[must_use]
    pub fn new(cx: &Cx, place: Uuid) -> Self {
        let pile = |pile| DeskPile { place, pile };
        Self {
            area: Area::from_tree(&cx.app.sessions.tree(), place),
            at_risk: pile(Pile::AtRisk),
            stranded: pile(Pile::Stranded),
            missed: pile(Pile::Missed),
            returned: pile(Pile::Returned),
            waiting: pile(Pile::Waiting),
            place,
        }
    }
}

#[ComplexObject]
impl Desk {
    /// How many findings wait to be confirmed 待确认的探访发现; `findings` lists them.
    async fn proposed_findings(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<u64>> {
        let waiting = findings::reads::waiting(cx(ctx), self.place).await;
        Some(waiting.at_edge(ctx))
    }

    /// Elders' visits that are late, or will be, and climb until somebody acts, those longest waiting first;
    /// at most 50.
    async fn escalations(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<Escalation>>> {
        let open = escalations::service::open(cx(ctx), self.place).await;
        let shown = open.and_then(|(open, people)| {
            let open = open.into_iter();
            open.map(|seen| Escalation::new(cx(ctx), seen, &people))
                .collect()
        });
        Some(shown.at_edge(ctx))
    }

    /// Whom nobody has seen or spoken to for so many days (1 to 366), those longest unseen first; at most 50.
    async fn unseen(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For how many days.", default = 30)] days: i32,
    ) -> Option<async_graphql::Result<Vec<UnseenPerson>>> {
        let days = i64::from(days.clamp(1, 366));
        let people = service::unseen(cx(ctx), self.place, days).await;
        let shown = people.and_then(|people| {
            let actor = cx(ctx).actor()?;
            let tree = &actor.tree;
            let people = people.into_iter().map(|person| UnseenPerson {
                resident_id: Id::<ids::Resident>::new(person.resident_id)
                    .to_string()
                    .into(),
                area: Area::from_tree(tree, person.area_id),
                last_contact_at: person.last_at.map(DateTime),
                view: View::of(actor, person.area_id, false),
                person,
            });
            Ok(people.collect())
        });
        Some(shown.at_edge(ctx))
    }
}

/// Visits that ask for the same.
#[Object]
impl DeskPile {
    /// How many.
    async fn count(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<u64>> {
        Some(
            service::count(cx(ctx), self.place, self.pile)
                .await
                .at_edge(ctx),
        )
    }

    /// The first of them, the earliest end of window first; at most 50.
    async fn visit_tasks(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<VisitTask>>> {
        let columns = columns(&ctx.look_ahead());
        let tasks = service::tasks(cx(ctx), self.place, self.pile, columns).await;
        let shown = tasks.map(|tasks| {
            let tasks = tasks.into_iter();
            tasks.map(|task| VisitTask::new(cx(ctx), task)).collect()
        });
        Some(shown.at_edge(ctx))
    }
}

#[ComplexObject]
impl UnseenPerson {
    /// Their name. Needs `RESIDENT_READ`.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = self.view.name(&self.person.name);
        opened(ctx, "Resident", self.person.resident_id, name)
    }

    /// Their tier. Needs `RESIDENT_READ`.
    async fn tier(&self, ctx: &Context<'_>) -> ProtectedCareTier {
        let tier = self.view.tier(Some(self.person.tier));
        opened(ctx, "Resident", self.person.resident_id, tier)
    }
}
