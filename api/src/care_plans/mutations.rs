//! What can be done with care plans.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::CareRule;
use super::service::{self, NewRule};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::residents::graphql::CareTier;
use crate::scalars::{Date, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::visits::graphql::{VisitKind, VisitMethod};
use crate::write::Outcome;

const RECURRENCE: usize = 200;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The rule as it is now; absent where it was refused, but for a version conflict.
                care_rule: Option<CareRule>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (care_rule, user_errors) = settled(ctx, result).await?;
                    Ok(Self { care_rule, user_errors })
                }
            }
        )*
    };
}

payloads! {
    SetCareRulePayload
    EndCareRulePayload
}

/// How often, how and when elders of one tier are to be visited.
#[derive(Debug, InputObject)]
pub struct SetCareRuleInput {
    /// Where it holds, and below.
    area_id: ID,
    /// Whom it is for.
    tier: CareTier,
    /// Days on which a visit is due: an RFC 5545 rule of FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH,
    /// BYSETPOS and WKST, e.g. `FREQ=WEEKLY;BYDAY=MO`.
    recurrence: String,
    /// The kind of the visits that are planned.
    kind: VisitKind,
    /// The kinds of visit that count as a contact; the planned kind is one of them.
    kinds: Vec<VisitKind>,
    /// The methods that count as a contact.
    methods: Vec<VisitMethod>,
    /// Days before the due day on which the window begins; with `daysAfter` at most 92.
    #[graphql(default)]
    days_before: i32,
    /// Days after the due day on which the window ends, at their end.
    #[graphql(default)]
    days_after: i32,
    /// Begin of the preferred time of day, in minutes after midnight.
    from_minute: Option<i32>,
    /// End of the preferred time of day, in minutes after midnight.
    to_minute: Option<i32>,
    /// The first day on which it holds, not before today; tomorrow where absent.
    from_on: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which rule ends, and when.
#[derive(Debug, InputObject)]
pub struct EndCareRuleInput {
    /// The rule.
    care_rule_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The first day on which it no longer holds, not before today; tomorrow where absent.
    ends_on: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations of care plans.
#[derive(Debug, Default)]
pub struct CarePlanMutations;

#[Object]
impl CarePlanMutations {
    /// Sets how often elders of a tier are visited in an area and below it; the area's rule before it
    /// ends on that day. Needs `CARE_RULE_EDIT` there.
    async fn set_care_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to hold.")] input: SetCareRuleInput,
    ) -> async_graphql::Result<SetCareRulePayload> {
        let result = async {
            let new = NewRule {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                tier: input.tier.into(),
                recurrence: text(&input.recurrence, RECURRENCE, "recurrence")?,
                kind: input.kind.into(),
                kinds: input.kinds.into_iter().map(Into::into).collect(),
                methods: input.methods.into_iter().map(Into::into).collect(),
                days: (input.days_before, input.days_after),
                minutes: (input.from_minute, input.to_minute),
                from_on: input.from_on.map(|on| on.0),
            };
            service::set(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        SetCareRulePayload::of(ctx, result.await).await
    }

    /// Ends an area's own rule; the one of the area above holds again. Needs `CARE_RULE_EDIT` there.
    async fn end_care_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which rule ends, and when.")] input: EndCareRuleInput,
    ) -> async_graphql::Result<EndCareRulePayload> {
        let result = async {
            let id = Id::<ids::CareRule>::parse(&input.care_rule_id, "careRuleId")?.uuid();
            let ends_on = input.ends_on.map(|on| on.0);
            let key = input.idempotency_key.map(|key| key.0);
            service::end(cx(ctx), (id, input.expected_version), ends_on, key).await
        };
        EndCareRulePayload::of(ctx, result.await).await
    }
}

/// The rule after a mutation; and why it was refused, where it was.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<CareRule>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let Some(id) = id else {
        return Ok((None, user_errors));
    };
    let row = service::one(cx(ctx), id).await.at_edge(ctx)?;
    Ok((row.map(|row| CareRule::new(cx(ctx), &row)), user_errors))
}
