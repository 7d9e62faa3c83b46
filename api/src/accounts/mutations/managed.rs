//! Adding accounts, granting and revoking roles, resetting, disabling and enabling.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use entity::enums::AccountStatus;

use crate::accounts::attempts::mobile;
use crate::accounts::grants::{self, NewGrant};
use crate::accounts::graphql::{Account, Role, RoleGrant};
use crate::accounts::manage::{self, Issued};
use crate::accounts::queries;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::text;
use crate::scalars::{DateTime, Uuid};
use crate::schema::{AtEdge as _, UserError, cx, settle};
use crate::write::Outcome;

const NAME: usize = 40;
const REASON: usize = 200;

/// A person and their first role.
#[derive(InputObject)]
pub struct AddAccountInput {
    /// The person's name, at most 40 characters.
    name: String,
    /// Their mobile number, which they sign in with.
    phone: String,
    /// What they are granted.
    role: Role,
    /// Where.
    area_id: ID,
    /// Until when; without end where absent.
    valid_until: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// A role for an account.
#[derive(Debug, InputObject)]
pub struct GrantRoleInput {
    /// The account.
    account_id: ID,
    /// What it is granted.
    role: Role,
    /// Where.
    area_id: ID,
    /// From when; from now on where absent or past.
    valid_from: Option<DateTime>,
    /// Until when; without end where absent. A grant that stands gets this end.
    valid_until: Option<DateTime>,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which grant to take back, and why.
#[derive(Debug, InputObject)]
pub struct RevokeRoleInput {
    /// The grant.
    grant_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which account, and why.
#[derive(Debug, InputObject)]
pub struct ResetAccountInput {
    /// The account.
    account_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which account, and why.
#[derive(Debug, InputObject)]
pub struct DisableAccountInput {
    /// The account.
    account_id: ID,
    /// Why, at most 200 characters.
    reason: String,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

/// Which account.
#[derive(Debug, InputObject)]
pub struct EnableAccountInput {
    /// The account.
    account_id: ID,
    /// A UUID of your own for this call: repeating it is one call.
    idempotency_key: Option<Uuid>,
}

macro_rules! payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The account as it is now; absent where it was refused.
                account: Option<Account>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (_, account, user_errors) = settled(ctx, result).await?;
                    Ok(Self { account, user_errors })
                }
            }
        )*
    };
}

payloads! {
    DisableAccountPayload
    EnableAccountPayload
}

macro_rules! grant_payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// The account as it is now; absent where it was refused.
                account: Option<Account>,
                /// The grant as it is now; absent where it was refused.
                grant: Option<RoleGrant>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Outcome>) -> async_graphql::Result<Self> {
                    let (outcome, account, user_errors) = settled(ctx, result).await?;
                    let id = outcome.and_then(|outcome| outcome.ids.get(1).copied());
                    let grant = account.as_ref().zip(id).and_then(|(account, id)| account.grant(cx(ctx), id));
                    Ok(Self { account, grant, user_errors })
                }
            }
        )*
    };
}

grant_payloads! {
    GrantRolePayload
    RevokeRolePayload
}

macro_rules! code_payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(SimpleObject)]
            pub struct $name {
                /// The account as it is now; absent where it was refused.
                account: Option<Account>,
                /// The first-sign-in code, to hand over; shown once, so a repeated call has none.
                code: Option<String>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                async fn of(ctx: &Context<'_>, result: Result<Issued>) -> async_graphql::Result<Self> {
                    let (result, code) = match result {
                        Ok(issued) => (Ok(issued.outcome), issued.code),
                        Err(error) => (Err(error), None),
                    };
                    let (_, account, user_errors) = settled(ctx, result).await?;
                    Ok(Self { account, code, user_errors })
                }
            }
        )*
    };
}

code_payloads! {
    AddAccountPayload
    ResetAccountPayload
}

/// Mutations of accounts that one manages.
#[derive(Debug, Default)]
pub struct ManagedMutations;

#[Object]
impl ManagedMutations {
    /// Adds an account with a first role and a code for its first sign-in. Needs `ACCOUNT_MANAGE`. Who is
    /// told 20 times a day that a number is taken by somebody they do not see is `RATE_LIMITED` until midnight.
    async fn add_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A person and their first role.")] input: AddAccountInput,
    ) -> async_graphql::Result<AddAccountPayload> {
        let result = async {
            let new = NewGrant {
                role: input.role.into(),
                area: area(&input.area_id)?,
                from: None,
                until: input.valid_until.map(|at| at.0),
            };
            let (name, phone) = (text(&input.name, NAME, "name")?, mobile(&input.phone)?);
            manage::add(cx(ctx), name, phone, new, key(input.idempotency_key)).await
        };
        AddAccountPayload::of(ctx, result.await).await
    }

    /// Grants a role up to your own within your areas. Needs `ACCOUNT_MANAGE`.
    async fn grant_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A role for an account.")] input: GrantRoleInput,
    ) -> async_graphql::Result<GrantRolePayload> {
        let result = async {
            let new = NewGrant {
                role: input.role.into(),
                area: area(&input.area_id)?,
                from: input.valid_from.map(|at| at.0),
                until: input.valid_until.map(|at| at.0),
            };
            let account = account_id(&input.account_id)?;
            grants::grant_role(cx(ctx), account, new, key(input.idempotency_key)).await
        };
        GrantRolePayload::of(ctx, result.await).await
    }

    /// Takes a role back, up to your own within your areas. Needs `ACCOUNT_MANAGE`.
    async fn revoke_role(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which grant to take back, and why.")] input: RevokeRoleInput,
    ) -> async_graphql::Result<RevokeRolePayload> {
        let result = async {
            let grant = Id::<ids::RoleGrant>::parse(&input.grant_id, "grantId")?;
            let reason = text(&input.reason, REASON, "reason")?;
            grants::revoke_role(cx(ctx), grant.uuid(), reason, key(input.idempotency_key)).await
        };
        RevokeRolePayload::of(ctx, result.await).await
    }

    /// Issues a new code in place of a lost password; all sessions end. Needs `ACCOUNT_MANAGE` and
    /// a role above every one that the account holds; administrators reset each other.
    async fn reset_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account, and why.")] input: ResetAccountInput,
    ) -> async_graphql::Result<ResetAccountPayload> {
        let result = async {
            let account = account_id(&input.account_id)?;
            let reason = text(&input.reason, REASON, "reason")?;
            manage::reset(cx(ctx), account, reason, key(input.idempotency_key)).await
        };
        ResetAccountPayload::of(ctx, result.await).await
    }

    /// Lets an account sign in no more; all sessions end. Needs `ACCOUNT_MANAGE` and the right to
    /// grant every role the account holds.
    async fn disable_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account, and why.")] input: DisableAccountInput,
    ) -> async_graphql::Result<DisableAccountPayload> {
        let result = async {
            let account = account_id(&input.account_id)?;
            let reason = Some(text(&input.reason, REASON, "reason")?);
            let (status, key) = (AccountStatus::Disabled, key(input.idempotency_key));
            manage::set_status(cx(ctx), account, status, reason, key).await
        };
        DisableAccountPayload::of(ctx, result.await).await
    }

    /// Lets a disabled account sign in again. Needs `ACCOUNT_MANAGE` and the right to grant every
    /// role the account holds.
    async fn enable_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which account.")] input: EnableAccountInput,
    ) -> async_graphql::Result<EnableAccountPayload> {
        let result = async {
            let account = account_id(&input.account_id)?;
            let (status, key) = (AccountStatus::Active, key(input.idempotency_key));
            manage::set_status(cx(ctx), account, status, None, key).await
        };
        EnableAccountPayload::of(ctx, result.await).await
    }
}

fn area(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Area>::parse(id, "areaId").map(Id::uuid)
}

fn account_id(id: &ID) -> Result<uuid::Uuid> {
    Id::<ids::Account>::parse(id, "accountId").map(Id::uuid)
}

fn key(key: Option<Uuid>) -> Option<uuid::Uuid> {
    key.map(|key| key.0)
}

/// The outcome of a mutation with its account under the rights of now, or why it was refused.
async fn settled(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<Outcome>, Option<Account>, Vec<UserError>)> {
    let (outcome, user_errors) = settle(ctx, result)?;
    let account = match &outcome {
        Some(outcome) => {
            let id = outcome.id().at_edge(ctx)?;
            queries::one(cx(ctx), Id::new(id)).await.at_edge(ctx)?
        }
        None => None,
    };
    Ok((outcome, account, user_errors))
}
