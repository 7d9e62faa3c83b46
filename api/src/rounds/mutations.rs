//! Starting rounds.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::{RoundCause, VisitRound};
use super::queries::shown;
use super::service::{self, NewRound};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::residents::graphql::CareTier;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::visits::graphql::VisitKind;

const NAME: usize = 60;

/// Whom to visit beyond the care rules, when and why.
#[derive(Debug, InputObject)]
pub struct StartVisitRoundInput {
    /// For this community, compound, grid or building, and below.
    area_id: ID,
    /// What it is called, at most 60 characters.
    name: String,
    /// Why.
    cause: RoundCause,
    /// What kind of visits.
    kind: VisitKind,
    /// For people of these tiers.
    tiers: Vec<CareTier>,
    /// Only these people, at most 100; everybody of the tiers where absent.
    resident_ids: Option<Vec<ID>>,
    /// When their window begins; now where absent.
    starts_at: Option<DateTime>,
    /// When their window ends, at most 31 days later; after a major change at most 24 hours, which is also
    /// what it is where absent. Any other cause needs it.
    due_at: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct StartVisitRoundPayload {
    /// The round; absent where it was refused.
    visit_round: Option<VisitRound>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of rounds.
#[derive(Debug, Default)]
pub struct RoundMutations;

#[Object]
impl RoundMutations {
    /// Starts an event round: a visit for everybody of these tiers whose visits do not rest. Needs
    /// `ROUND_START` at the area.
    async fn start_visit_round(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom to visit, when and why.")] input: StartVisitRoundInput,
    ) -> async_graphql::Result<StartVisitRoundPayload> {
        let area = Id::<ids::Area>::parse(&input.area_id, "areaId").map(Id::uuid);
        let result = async {
            let new = round(&input)?;
            service::start(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (id, user_errors) = settle_on(ctx, result.await)?;
        let mut visit_round = None;
        if let (Some(id), Ok(area)) = (id, area) {
            let id = ID::from(Id::<ids::VisitRound>::new(id).to_string());
            let rounds = shown(cx(ctx), area).await.at_edge(ctx)?;
            visit_round = rounds.into_iter().find(|round| round.id == id);
        }
        Ok(StartVisitRoundPayload {
            visit_round,
            user_errors,
        })
    }
}

fn round(input: &StartVisitRoundInput) -> Result<NewRound> {
    let people = |ids: &Vec<ID>| {
        let ids = ids.iter();
        ids.map(|id| Id::<ids::Resident>::parse(id, "residentIds").map(Id::uuid))
            .collect::<Result<Vec<_>>>()
    };
    Ok(NewRound {
        area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
        name: text(&input.name, NAME, "name")?,
        cause: input.cause.into(),
        kind: input.kind.into(),
        tiers: input.tiers.iter().map(|tier| (*tier).into()).collect(),
        residents: input.resident_ids.as_ref().map(people).transpose()?,
        starts_at: input.starts_at.map(|at| at.0),
        due_at: input.due_at.map(|at| at.0),
    })
}
