//! Accounts: signing in, tokens, grants.

mod activation;
mod commands;
mod grants;
mod listed;
mod managed;
mod refresh;
mod sign_in;
mod tokens;
mod viewer;

use std::sync::Arc;

use entity::enums::Role;
use nuanlin::accounts::commands::{Operator, Place, add};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::graphql::Answer;
use crate::support::world::{Person, World};

/// The root of the tree.
const DISTRICT: &str = "341102";
/// A password that is good enough.
const PASSWORD: &str = "correct horse battery";

/// Somebody who signed in by password.
#[derive(Clone)]
struct Member {
    account: Uuid,
    phone: String,
    access: Arc<str>,
    refresh: String,
}

impl Member {
    fn person(&self) -> Person {
        Person {
            account: self.account,
            token: Arc::clone(&self.access),
        }
    }
}

fn operator(world: &World) -> Operator<'_> {
    let app = world.app();
    Operator {
        db: &app.db,
        keys: &app.keys,
        clock: &app.clock,
    }
}

/// A place without an end.
const fn place(role: Role, area_code: &str) -> Place<'_> {
    Place {
        role,
        area_code,
        valid_until: None,
    }
}

/// An account made by command and activated with its code.
async fn member(world: &World, phone: &str, place: Place<'_>) -> Member {
    let (account, code) = add(operator(world), "王建国", phone, place, None)
        .await
        .expect("an account");
    let answer = activate(world, phone, &code, PASSWORD).await;
    member_of(account, phone, answer.payload("activateAccount"))
}

fn member_of(account: Uuid, phone: &str, payload: &Value) -> Member {
    let text = |field: &str| payload[field].as_str().expect(field).to_owned();
    Member {
        account,
        phone: phone.to_owned(),
        access: text("accessToken").into(),
        refresh: text("refreshToken"),
    }
}

async fn activate(world: &World, phone: &str, code: &str, password: &str) -> Answer {
    let query = "mutation($input: ActivateAccountInput!) { activateAccount(input: $input) {
        accessToken refreshToken accessTokenExpiresAt userErrors { field code message } } }";
    let input = json!({"phone": phone, "code": code, "newPassword": password});
    world.ask(None, query, json!({"input": input})).await
}

async fn sign_in(world: &World, phone: &str, password: &str) -> Answer {
    let query = "mutation($input: SignInInput!) { signIn(input: $input) {
        accessToken refreshToken accessTokenExpiresAt userErrors { field code message } } }";
    let input = json!({"phone": phone, "password": password, "device": "Redmi 12"});
    world.ask(None, query, json!({"input": input})).await
}

async fn refresh(world: &World, token: &str) -> Answer {
    let query = "mutation($token: String!) { refreshSession(input: {refreshToken: $token}) {
        accessToken refreshToken accessTokenExpiresAt userErrors { field code message } } }";
    world.ask(None, query, json!({"token": token})).await
}

/// The codes with which a token is turned away; none if it is good.
async fn turned_away(world: &World, token: &Arc<str>) -> Vec<String> {
    let query = "{ viewer { account { id } } }";
    let answer = world.ask(Some(Arc::clone(token)), query, json!({})).await;
    answer
        .error_codes()
        .into_iter()
        .map(ToOwned::to_owned)
        .collect()
}
