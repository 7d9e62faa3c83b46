//! What can be done about partners.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::edit::{self, NewPartner};
use super::graphql::Partner;
use super::queries::one;
use super::{people, places};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const NAME: usize = 60;
const REASON: usize = 180;

/// A partner.
#[derive(Debug, InputObject)]
pub struct AddPartnerInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same partner.
    id: Option<Uuid>,
    /// The area that takes it on: a community or above. It is opened to the partner at once.
    area_id: ID,
    /// Its name, at most 60 characters; that of no other partner of the area.
    name: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Another name.
#[derive(Debug, InputObject)]
pub struct RenamePartnerInput {
    /// The partner.
    partner_id: ID,
    /// The version you saw.
    expected_version: i64,
    /// Its name, at most 60 characters; that of no other partner of the area.
    name: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who serves no more.
#[derive(Debug, InputObject)]
pub struct EndPartnerInput {
    /// The partner.
    partner_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who acts for whom.
#[derive(Debug, InputObject)]
pub struct AddPartnerPersonInput {
    /// The partner.
    partner_id: ID,
    /// An account with a live grant as `PARTNER` that covers the partner's area.
    account_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Who acts for whom no more.
#[derive(Debug, InputObject)]
pub struct EndPartnerPersonInput {
    /// The partner.
    partner_id: ID,
    /// The account.
    account_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Where a partner may serve.
#[derive(Debug, InputObject)]
pub struct OpenPartnerAreaInput {
    /// The partner: one of your areas', or one whose id you were given.
    partner_id: ID,
    /// The area, opened with everything below it.
    area_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Where a partner may serve no more.
#[derive(Debug, InputObject)]
pub struct ClosePartnerAreaInput {
    /// The partner.
    partner_id: ID,
    /// The area.
    area_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddPartnerPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RenamePartnerPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct EndPartnerPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddPartnerPersonPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct EndPartnerPersonPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct OpenPartnerAreaPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ClosePartnerAreaPayload {
    /// The partner; absent where it was refused.
    partner: Option<Partner>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of partners.
#[derive(Debug, Default)]
pub struct PartnerMutations;

#[Object]
impl PartnerMutations {
    /// Takes a partner on. Needs `PARTNER_EDIT` at the area.
    async fn add_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: AddPartnerInput,
    ) -> async_graphql::Result<AddPartnerPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let new = NewPartner {
                id: input.id.map(|id| id.0),
                area: area_id(&input.area_id)?,
                name: text(&input.name, NAME, "name")?,
            };
            edit::add(cx(ctx), new, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(AddPartnerPayload {
            partner,
            user_errors,
        })
    }

    /// Renames a partner. Needs `PARTNER_EDIT` where it belongs.
    async fn rename_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and how.")] input: RenamePartnerInput,
    ) -> async_graphql::Result<RenamePartnerPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let partner = (partner_id(&input.partner_id)?, input.expected_version);
            edit::rename(cx(ctx), partner, text(&input.name, NAME, "name")?, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(RenamePartnerPayload {
            partner,
            user_errors,
        })
    }

    /// Ends a partner: nobody acts for it any more, what it offers is withdrawn, and its slots to come that
    /// nobody has booked are called off. Needs `PARTNER_EDIT` where it belongs.
    async fn end_partner(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and why.")] input: EndPartnerInput,
    ) -> async_graphql::Result<EndPartnerPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            edit::end(cx(ctx), partner_id(&input.partner_id)?, reason, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(EndPartnerPayload {
            partner,
            user_errors,
        })
    }

    /// Lets an account act for a partner. Needs `PARTNER_EDIT` where the partner belongs.
    async fn add_partner_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who acts for whom.")] input: AddPartnerPersonInput,
    ) -> async_graphql::Result<AddPartnerPersonPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let who = (
                partner_id(&input.partner_id)?,
                account_id(&input.account_id)?,
            );
            people::add(cx(ctx), who, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(AddPartnerPersonPayload {
            partner,
            user_errors,
        })
    }

    /// Ends that an account acts for a partner. Needs `PARTNER_EDIT` where the partner belongs.
    async fn end_partner_person(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who acts for whom no more.")] input: EndPartnerPersonInput,
    ) -> async_graphql::Result<EndPartnerPersonPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let who = (
                partner_id(&input.partner_id)?,
                account_id(&input.account_id)?,
            );
            people::end(cx(ctx), who, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(EndPartnerPersonPayload {
            partner,
            user_errors,
        })
    }

    /// Opens an area to a partner. Needs `PARTNER_EDIT` at the area, wherever the partner belongs.
    async fn open_partner_area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: OpenPartnerAreaInput,
    ) -> async_graphql::Result<OpenPartnerAreaPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let place = (partner_id(&input.partner_id)?, area_id(&input.area_id)?);
            places::open(cx(ctx), place, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(OpenPartnerAreaPayload {
            partner,
            user_errors,
        })
    }

    /// Closes an area to a partner: what it offers is offered there no more, and withdrawn where that leaves no
    /// place. Needs `PARTNER_EDIT` at the area.
    async fn close_partner_area(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and where.")] input: ClosePartnerAreaInput,
    ) -> async_graphql::Result<ClosePartnerAreaPayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let place = (partner_id(&input.partner_id)?, area_id(&input.area_id)?);
            places::close(cx(ctx), place, key).await
        };
        let (partner, user_errors) = settled(ctx, result.await).await?;
        Ok(ClosePartnerAreaPayload {
            partner,
            user_errors,
        })
    }
}

fn partner_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Partner>::parse(id, "partnerId").map(Id::uuid)
}

fn account_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Account>::parse(id, "accountId").map(Id::uuid)
}

fn area_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Area>::parse(id, "areaId").map(Id::uuid)
}

/// The partner as it is now, with why it was refused.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Partner>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let partner = match id {
        Some(id) => one(cx(ctx), id).await.at_edge(ctx)?,
        None => None,
    };
    Ok((partner, user_errors))
}
