//! Access tokens that are no good.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Duration;
use entity::enums::Role;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use nuanlin::access::keys::Keys;
use nuanlin::access::token::{NewToken, Tokens};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DISTRICT, turned_away};
use crate::support::database::on_both;
use crate::support::world::{GRID, World};

/// A good token's claims, one of them replaced.
fn claims_with(token: &str, name: &str, value: Value) -> Value {
    let part = token.split('.').nth(1).unwrap();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
    claims[name] = value;
    claims
}

fn signed(world: &World, header: &Header, claims: &Value) -> Arc<str> {
    use ed25519_dalek::pkcs8::EncodePrivateKey as _;
    let (_, key) = world.app().keys.token.last_key_value().unwrap();
    let key = EncodingKey::from_ed_der(key.to_pkcs8_der().unwrap().as_bytes());
    jsonwebtoken::encode(header, claims, &key).unwrap().into()
}

fn header(algorithm: Algorithm) -> Header {
    let mut header = Header::new(algorithm);
    header.kid = Some("1".to_owned());
    header
}

on_both! {
    async fn only_ones_own_issuer_algorithm_and_times_are_good(db: TestDatabase) {
        let world = World::new(db).await;
        let person = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let good = claims_with(&person.token, "unused", json!(null));
        assert_eq!(turned_away(&world, &signed(&world, &header(Algorithm::EdDSA), &good)).await, [""; 0]);

        let now = world.clock.now().timestamp();
        let mut bad: Vec<Arc<str>> = ["", "x", "a.b.c", "汉字", &"A".repeat(9000)]
            .into_iter()
            .map(Into::into)
            .collect();
        for (name, value) in [
            ("iss", json!("somebody")),
            ("aud", json!("another-app")),
            ("exp", json!(now)),
            ("nbf", json!(now + 120)),
            ("sub", json!("not a uuid")),
            ("grants", json!(null)),
        ] {
            let claims = claims_with(&person.token, name, value);
            bad.push(signed(&world, &header(Algorithm::EdDSA), &claims));
        }
        let mut unknown = header(Algorithm::EdDSA);
        unknown.kid = Some("2".to_owned());
        bad.push(signed(&world, &unknown, &good));
        bad.push(signed(&world, &Header::new(Algorithm::EdDSA), &good));
        let public = world.app().keys.token[&1].verifying_key().to_bytes();
        let shared = EncodingKey::from_secret(&public);
        bad.push(jsonwebtoken::encode(&header(Algorithm::HS256), &good, &shared).unwrap().into());
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT","kid":"1"}"#);
        let body = URL_SAFE_NO_PAD.encode(good.to_string());
        bad.push(format!("{none}.{body}.").into());
        let (head, signature) = person.token.rsplit_once('.').unwrap();
        let head = head.split_once('.').unwrap().0;
        let more = claims_with(&person.token, "grants", json!({"ADMIN": [world.area(DISTRICT)]}));
        bad.push(format!("{head}.{}.{signature}", URL_SAFE_NO_PAD.encode(more.to_string())).into());
        let folder = tempfile::tempdir().unwrap();
        let foreign = Tokens::new(&Keys::load(folder.path(), true).unwrap()).unwrap();
        let new = NewToken {
            account: person.account,
            session: Uuid::nil(),
            grants_version: 1,
            grants: vec![(Role::Admin, world.area(DISTRICT))],
            next_boundary: None,
        };
        bad.push(foreign.mint(&world.clock, new).unwrap().0.into());
        for token in &bad {
            assert_eq!(turned_away(&world, token).await, ["UNAUTHENTICATED"], "{token}");
        }
    }

    async fn a_token_lives_fifteen_minutes(db: TestDatabase) {
        let world = World::new(db).await;
        let person = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        world.clock.advance(Duration::minutes(15) - Duration::seconds(1));
        assert_eq!(turned_away(&world, &person.token).await, [""; 0]);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(turned_away(&world, &person.token).await, ["UNAUTHENTICATED"]);
    }
}
