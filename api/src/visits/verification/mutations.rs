//! What can be done with verification rules.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::graphql::{VerificationMode, VerificationRule};
use super::queries::shown;
use super::rules::Rule;
use super::settings::{self, NewRule};
use crate::ids::{self, Id};
use crate::residents::graphql::CareTier;
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::visits::graphql::VisitKind;

/// How reports of a kind are to be verified.
#[derive(Debug, InputObject)]
pub struct SetVerificationRuleInput {
    /// Where it holds, and below.
    area_id: ID,
    /// For this kind of visit.
    kind: VisitKind,
    /// For people of this tier; absent for every tier without its own.
    tier: Option<CareTier>,
    /// Which reports a person must verify; absent takes the rule away, so that the one above holds.
    mode: Option<VerificationMode>,
    /// Of a hundred reports, how many a person must verify, 1 to 99; with `SAMPLE`.
    percent: Option<i32>,
    /// After how many hours the server verifies, 1 to 168; with `AUTO`.
    hours: Option<i32>,
    /// The version you saw, 0 for none; where given, another one is refused.
    expected_version: Option<i64>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct SetVerificationRulePayload {
    /// The rules that now stand at the area and above it; absent where it was refused.
    verification_rules: Option<Vec<VerificationRule>>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of verification rules.
#[derive(Debug, Default)]
pub struct VerificationMutations;

#[Object]
impl VerificationMutations {
    /// Sets which reports of a kind a person must verify in an area and below it; reports that wait stay
    /// as they are. Needs `CARE_RULE_EDIT` there.
    async fn set_verification_rule(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to hold.")] input: SetVerificationRuleInput,
    ) -> async_graphql::Result<SetVerificationRulePayload> {
        let result = async {
            let (percent, hours) = (input.percent, input.hours);
            let new = NewRule {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                kind: input.kind.into(),
                tier: input.tier.map(Into::into),
                rule: input.mode.map(|mode| Rule {
                    mode: mode.into(),
                    percent,
                    hours,
                }),
                expected_version: input.expected_version,
            };
            settings::set(cx(ctx), new, input.idempotency_key.map(|key| key.0)).await
        };
        let (area, user_errors) = settle_on(ctx, result.await)?;
        let verification_rules = match area {
            Some(area) => Some(shown(cx(ctx), area).await.at_edge(ctx)?),
            None => None,
        };
        Ok(SetVerificationRulePayload {
            verification_rules,
            user_errors,
        })
    }
}
