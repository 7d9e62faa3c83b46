//! What can be done about packages.

use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object, SimpleObject};

use super::edit::{self, NewPackage, PackageEdit};
use super::graphql::ServicePackage;
use super::queries::one;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::{optional_text, text, text_edit};
use crate::scalars::Uuid;
use crate::schema::{AtEdge as _, UserError, cx, settle_on};
use crate::write::Outcome;

const TITLE: usize = 60;
const DESCRIPTION: usize = 500;
const REASON: usize = 180;

/// A package.
#[derive(Debug, InputObject)]
pub struct AddPackageInput {
    /// A UUIDv7 that your device chose for it, so that a repeat is the same package.
    id: Option<Uuid>,
    /// The area that publishes it: a community or above.
    area_id: ID,
    /// Its name, at most 60 characters; that of no other package of the area.
    title: String,
    /// What it is for, at most 500 characters.
    description: Option<String>,
    /// The offers that it shows, 1 to 50, in their order.
    offer_ids: Vec<ID>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What becomes of a package; what is left out stays as it is.
#[derive(Debug, InputObject)]
pub struct ChangePackageInput {
    /// The package.
    package_id: ID,
    /// The version you saw.
    expected_version: i64,
    /// Its name, at most 60 characters; that of no other package of the area.
    title: Option<String>,
    /// What it is for, at most 500 characters; nothing where null.
    description: MaybeUndefined<String>,
    /// The offers that it shows, all of them, 1 to 50, in their order.
    offer_ids: Option<Vec<ID>>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is published.
#[derive(Debug, InputObject)]
pub struct PublishPackageInput {
    /// The package.
    package_id: ID,
    /// The version you saw: nothing is published that was changed since.
    expected_version: i64,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What is withdrawn.
#[derive(Debug, InputObject)]
pub struct WithdrawPackageInput {
    /// The package.
    package_id: ID,
    /// Why, at most 180 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct AddPackagePayload {
    /// The package; absent where it was refused.
    package: Option<ServicePackage>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct ChangePackagePayload {
    /// The package; absent where it was refused.
    package: Option<ServicePackage>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct PublishPackagePayload {
    /// The package; absent where it was refused.
    package: Option<ServicePackage>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct WithdrawPackagePayload {
    /// The package; absent where it was refused.
    package: Option<ServicePackage>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of packages.
#[derive(Debug, Default)]
pub struct PackageMutations;

#[Object]
impl PackageMutations {
    /// Writes a package down, as a draft. Needs `OFFER_PUBLISH` at its area.
    async fn add_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shows.")] input: AddPackageInput,
    ) -> async_graphql::Result<AddPackagePayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let description = input.description.as_deref();
            let new = NewPackage {
                id: input.id.map(|id| id.0),
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                title: text(&input.title, TITLE, "title")?,
                description: optional_text(description, DESCRIPTION, "description")?,
                offers: offer_ids(&input.offer_ids)?,
            };
            edit::add(cx(ctx), new, key).await
        };
        let (package, user_errors) = settled(ctx, result.await).await?;
        Ok(AddPackagePayload {
            package,
            user_errors,
        })
    }

    /// Changes a package. Needs `OFFER_PUBLISH` at its area.
    async fn change_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What it shows instead.")] input: ChangePackageInput,
    ) -> async_graphql::Result<ChangePackagePayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let title = input.title.as_deref();
            let title = title.map(|title| text(title, TITLE, "title"));
            let edit = PackageEdit {
                package: package_id(&input.package_id)?,
                expected_version: input.expected_version,
                title: title.transpose()?,
                description: text_edit(input.description, DESCRIPTION, "description")?,
                offers: input.offer_ids.as_deref().map(offer_ids).transpose()?,
            };
            edit::change(cx(ctx), edit, key).await
        };
        let (package, user_errors) = settled(ctx, result.await).await?;
        Ok(ChangePackagePayload {
            package,
            user_errors,
        })
    }

    /// Publishes a package as you saw it. Needs `OFFER_PUBLISH` at its area.
    async fn publish_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one.")] input: PublishPackageInput,
    ) -> async_graphql::Result<PublishPackagePayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let package = (package_id(&input.package_id)?, input.expected_version);
            edit::publish(cx(ctx), package, key).await
        };
        let (package, user_errors) = settled(ctx, result.await).await?;
        Ok(PublishPackagePayload {
            package,
            user_errors,
        })
    }

    /// Withdraws a package. Needs `OFFER_PUBLISH` at its area.
    async fn withdraw_package(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which one, and why.")] input: WithdrawPackageInput,
    ) -> async_graphql::Result<WithdrawPackagePayload> {
        let key = input.idempotency_key.map(|key| key.0);
        let result = async {
            let reason = text(&input.reason, REASON, "reason")?;
            edit::withdraw(cx(ctx), package_id(&input.package_id)?, reason, key).await
        };
        let (package, user_errors) = settled(ctx, result.await).await?;
        Ok(WithdrawPackagePayload {
            package,
            user_errors,
        })
    }
}

fn package_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::ServicePackage>::parse(id, "packageId").map(Id::uuid)
}

/// Their keys, each once, in the order in which they were named first.
fn offer_ids(ids: &[ID]) -> Result<Vec<uuid::Uuid>> {
    let mut offers = Vec::with_capacity(ids.len());
    for id in ids {
        let id = Id::<ids::ServiceOffer>::parse(id, "offerIds")?.uuid();
        if !offers.contains(&id) {
            offers.push(id);
        }
    }
    Ok(offers)
}

/// The package as it is now, with why it was refused.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<ServicePackage>, Vec<UserError>)> {
    let (id, user_errors) = settle_on(ctx, result)?;
    let package = match id {
        Some(id) => one(cx(ctx), id).await.at_edge(ctx)?,
        None => None,
    };
    Ok((package, user_errors))
}
