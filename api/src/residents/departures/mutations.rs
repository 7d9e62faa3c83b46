//! Recording that residents left for good.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::service::{self, Death, Entry};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::residents::graphql::Resident;
use crate::residents::mutations::settled;
use crate::scalars::{Date, Uuid};
use crate::schema::{UserError, cx};
use crate::write::Outcome;

/// With what stands before them, the reasons fit in their 200 characters.
const SOURCE: usize = 180;

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The resident as they are now; absent where it was refused, but for a version
                /// conflict.
                resident: Option<Resident>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (resident, user_errors) = settled(ctx, result).await?;
                    Ok(Self { resident, user_errors })
                }
            }
        )*
    };
}

payloads! {
    RecordDeathPayload
    EnterInstitutionPayload
}

/// Who died, when, and who says so.
#[derive(Debug, InputObject)]
pub struct RecordDeathInput {
    /// The resident.
    resident_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// The day of death, not after today.
    died_on: Date,
    /// Who says so: family, hospital, police; at most 180 characters.
    source: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who enters which institution.
#[derive(Debug, InputObject)]
pub struct EnterInstitutionInput {
    /// The resident.
    resident_id: ID,
    /// The version you saw; another one is refused.
    expected_version: i64,
    /// What the institution is called, at most 180 characters.
    name: String,
    /// The household that stands for it, where there is one: they live there from then on. Else
    /// they stay registered where they are.
    household_id: Option<ID>,
    /// The first day there, not after today; today where absent.
    on_date: Option<Date>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Mutations for residents who leave for good.
#[derive(Debug, Default)]
pub struct DepartureMutations;

#[Object]
impl DepartureMutations {
    /// Records a death that no visit found: the enrolment and the stay end on that day, visits still
    /// to be made are called off. Needs `RESIDENT_EDIT` and `FINDING_CONFIRM` where they live.
    async fn record_death(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who died, when, and who says so.")] input: RecordDeathInput,
    ) -> async_graphql::Result<RecordDeathPayload> {
        let result = async {
            let death = Death {
                resident: Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid(),
                expected_version: input.expected_version,
                on: input.died_on.0,
                source: text(&input.source, SOURCE, "source")?,
            };
            service::record_death(cx(ctx), death, input.idempotency_key.map(|key| key.0)).await
        };
        RecordDeathPayload::of(ctx, result.await).await
    }

    /// Records that somebody lives in an institution from a day on: the enrolment ends, visits still
    /// to be made are called off. Needs `RESIDENT_EDIT` and `FINDING_CONFIRM` where they live.
    async fn enter_institution(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who enters which institution.")] input: EnterInstitutionInput,
    ) -> async_graphql::Result<EnterInstitutionPayload> {
        let result = async {
            let household = input.household_id.as_ref();
            let household = household
                .map(|id| Id::<ids::Household>::parse(id, "householdId"))
                .transpose()?;
            let entry = Entry {
                resident: Id::<ids::Resident>::parse(&input.resident_id, "residentId")?.uuid(),
                expected_version: input.expected_version,
                on: input.on_date.map(|on| on.0),
                name: text(&input.name, SOURCE, "name")?,
                household: household.map(Id::uuid),
            };
            let key = input.idempotency_key.map(|key| key.0);
            service::enter_institution(cx(ctx), entry, key).await
        };
        EnterInstitutionPayload::of(ctx, result.await).await
    }
}
