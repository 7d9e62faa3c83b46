//! Signing in and out, refreshing, activating, one's password and sessions.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use crate::accounts::activation::{self, Activation};
use crate::accounts::sessions::{self, SignedIn};
use crate::accounts::{refresh, sign_in};
use crate::error::Result;
use crate::ids::{self, Id};
use crate::inputs::optional_text;
use crate::scalars::DateTime;
use crate::schema::{UserError, cx, settle};

const DEVICE: usize = 120;

/// Phone number and password.
#[derive(InputObject)]
pub struct SignInInput {
    /// The mobile number.
    phone: String,
    /// The password.
    password: String,
    /// What the app says about its device, shown in the list of sessions; at most 120 characters.
    device: Option<String>,
}

/// A refresh token.
#[derive(InputObject)]
pub struct RefreshSessionInput {
    /// The token that came with the last answer.
    refresh_token: String,
}

/// A one-time code and the password to set.
#[derive(InputObject)]
pub struct ActivateAccountInput {
    /// The mobile number.
    phone: String,
    /// The first-sign-in code of eight digits.
    code: String,
    /// The password to set: 10 to 128 characters, not easily guessed.
    new_password: String,
    /// What the app says about its device, shown in the list of sessions; at most 120 characters.
    device: Option<String>,
}

/// The old password and the new one.
#[derive(InputObject)]
pub struct ChangePasswordInput {
    /// The password of now.
    current_password: String,
    /// The password to set: 10 to 128 characters, not easily guessed.
    new_password: String,
}

/// Which session to end.
#[derive(Debug, InputObject)]
pub struct RevokeSessionInput {
    /// The session, as `viewer` lists it.
    session_id: ID,
}

macro_rules! token_payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(SimpleObject)]
            pub struct $name {
                /// The token for every request, as `Authorization: Bearer`; absent where refused.
                access_token: Option<String>,
                /// The token for one `refreshSession`; absent where refused.
                refresh_token: Option<String>,
                /// When the access token ends; absent where refused.
                access_token_expires_at: Option<DateTime>,
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                fn of(ctx: &Context<'_>, result: Result<SignedIn>) -> async_graphql::Result<Self> {
                    let (signed_in, user_errors) = settle(ctx, result)?;
                    let (access_token, refresh_token, ends) = signed_in
                        .map(|new| (new.access_token, new.refresh_token, new.access_expires_at))
                        .map_or((None, None, None), |(a, r, e)| (Some(a), Some(r), Some(e)));
                    Ok(Self {
                        access_token,
                        refresh_token,
                        access_token_expires_at: ends.map(DateTime),
                        user_errors,
                    })
                }
            }
        )*
    };
}

token_payloads! {
    SignInPayload
    RefreshSessionPayload
    ActivateAccountPayload
}

macro_rules! bare_payloads {
    ($($name:ident)*) => {
        $(
            /// What came of it.
            #[derive(Debug, SimpleObject)]
            pub struct $name {
                /// Why it was refused; empty when it was done.
                user_errors: Vec<UserError>,
            }

            impl $name {
                fn of(ctx: &Context<'_>, result: Result<()>) -> async_graphql::Result<Self> {
                    let (_, user_errors) = settle(ctx, result)?;
                    Ok(Self { user_errors })
                }
            }
        )*
    };
}

bare_payloads! {
    ChangePasswordPayload
    SignOutPayload
    RevokeSessionPayload
}

/// Mutations of one's own account.
#[derive(Debug, Default)]
pub struct OwnMutations;

#[Object]
impl OwnMutations {
    /// Signs in with phone number and password. Needs no token. Five failures lock for 15 minutes.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Phone number and password.")] input: SignInInput,
    ) -> async_graphql::Result<SignInPayload> {
        let result = async {
            let device = optional_text(input.device.as_deref(), DEVICE, "device")?;
            sign_in::sign_in(cx(ctx), &input.phone, input.password, device).await
        };
        SignInPayload::of(ctx, result.await)
    }

    /// Exchanges a refresh token, once, for new tokens. Needs no access token.
    ///
    /// Repeated within 20 seconds it answers the same refresh token, for lines that broke; used again
    /// later it ends the session.
    async fn refresh_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A refresh token.")] input: RefreshSessionInput,
    ) -> async_graphql::Result<RefreshSessionPayload> {
        let result = refresh::refresh(cx(ctx), &input.refresh_token).await;
        RefreshSessionPayload::of(ctx, result)
    }

    /// Sets the first password by a one-time code, and signs in. Needs no token.
    async fn activate_account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "A one-time code and the password to set.")] input: ActivateAccountInput,
    ) -> async_graphql::Result<ActivateAccountPayload> {
        let result = async {
            let activation = Activation {
                device: optional_text(input.device.as_deref(), DEVICE, "device")?,
                phone: input.phone,
                code: input.code,
                new_password: input.new_password,
            };
            activation::activate(cx(ctx), activation).await
        };
        ActivateAccountPayload::of(ctx, result.await)
    }

    /// Changes your password and ends your other sessions. Needs an access token, but no grant.
    async fn change_password(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The old password and the new one.")] input: ChangePasswordInput,
    ) -> async_graphql::Result<ChangePasswordPayload> {
        let (current, new) = (input.current_password, input.new_password);
        let result = activation::change_password(cx(ctx), current, new).await;
        ChangePasswordPayload::of(ctx, result)
    }

    /// Ends the session that asks. Needs an access token, but no grant.
    async fn sign_out(&self, ctx: &Context<'_>) -> async_graphql::Result<SignOutPayload> {
        SignOutPayload::of(ctx, sessions::sign_out(cx(ctx)).await)
    }

    /// Ends one of your sessions, e.g. on a lost phone. Needs an access token, but no grant.
    async fn revoke_session(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which session to end.")] input: RevokeSessionInput,
    ) -> async_graphql::Result<RevokeSessionPayload> {
        let result = async {
            let id = Id::<ids::Session>::parse(&input.session_id, "sessionId")?;
            sessions::revoke(cx(ctx), id.uuid()).await
        };
        RevokeSessionPayload::of(ctx, result.await)
    }
}
