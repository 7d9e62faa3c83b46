//! Access tokens: short-lived, signed with Ed25519, carrying the actor's live grants.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use entity::enums::Role;
use jsonwebtoken::jwk::{Jwk, JwkSet};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode_header};
use quick_cache::sync::Cache;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::keys::Keys;
use crate::clock::Clock;
use crate::error::{Error, Result, Stop};

/// How long an access token lives at most.
pub const LIFETIME: Duration = Duration::minutes(15);

/// Above this many grants the token says `server` and the server's table supplies them.
const MAX_GRANTS: usize = 32;

/// Seconds by which another server's clock may be ahead of this one's.
const SKEW: i64 = 60;

const ISSUER: &str = "nuanlin";
const AUDIENCE: &str = "nuanlin-app";
const LINK_AUDIENCE: &str = "nuanlin-link";

/// How long a link lives.
const LINK_LIFETIME: Duration = Duration::minutes(5);

/// Verified tokens kept, so that a signature is checked once: 64 µs, half of what a claim costs.
const CACHED_TOKENS: usize = 10_000;

/// A grant as the token carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TokenGrants {
    /// Role by role, the areas granted.
    Listed(BTreeMap<Role, Vec<Uuid>>),
    /// Too many to list: always the text `server`.
    Server(String),
}

/// The claims of an access token (RFC 7519, with grants of our own).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    iss: String,
    aud: String,
    /// The account.
    pub sub: Uuid,
    /// The session.
    pub sid: Uuid,
    jti: Uuid,
    /// Seconds since 1970 at which it ends.
    pub exp: i64,
    nbf: i64,
    iat: i64,
    /// The version of the account's grants it was made from.
    pub gv: i64,
    /// The grants that were live then.
    pub grants: TokenGrants,
}

/// The claims of a link to a file: no access token, and none is a link.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LinkClaims<W> {
    iss: String,
    aud: String,
    /// Whose link it is.
    pub sub: Uuid,
    /// The session in which it was asked for.
    pub sid: Uuid,
    exp: i64,
    /// What it stands for.
    pub wanted: W,
}

/// What a new token says.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// The account.
    pub account: Uuid,
    /// The session.
    pub session: Uuid,
    /// The version of the account's grants.
    pub grants_version: i64,
    /// The grants that are live now.
    pub grants: Vec<(Role, Uuid)>,
    /// The next moment at which a grant of the account begins or ends.
    pub next_boundary: Option<DateTime<Utc>>,
}

/// Makes and checks access tokens.
#[derive(Debug)]
pub struct Tokens {
    signing: (String, EncodingKey),
    checking: BTreeMap<String, DecodingKey>,
    jwks: JwkSet,
    verified: Cache<[u8; 32], Claims>,
}

impl Tokens {
    /// Takes the signing keys; the newest signs.
    pub fn new(keys: &Keys) -> Result<Self> {
        let mut signing = None;
        let mut checking = BTreeMap::new();
        let mut jwks = JwkSet { keys: Vec::new() };
        for (number, key) in &keys.token {
            let kid = number.to_string();
            let der = key.to_pkcs8_der().map_err(|_| unusable(&kid))?;
            let encoding = EncodingKey::from_ed_der(der.as_bytes());
            let decoding = DecodingKey::from_ed_der(key.verifying_key().as_bytes());
            let mut jwk = Jwk::from_decoding_key(&decoding, Some(Algorithm::EdDSA))
                .map_err(|_| unusable(&kid))?;
            jwk.common.key_id = Some(kid.clone());
            checking.insert(kid.clone(), decoding);
            jwks.keys.push(jwk);
            signing = Some((kid, encoding));
        }
        Ok(Self {
            signing: signing.ok_or_else(|| unusable("newest"))?,
            checking,
            jwks,
            verified: Cache::new(CACHED_TOKENS),
        })
    }

    /// The public keys, for whoever checks tokens elsewhere (RFC 7517).
    #[must_use]
    pub const fn jwks(&self) -> &JwkSet {
        &self.jwks
    }

    /// Signs a token and says when it ends.
    pub fn mint(&self, clock: &Clock, new: NewToken) -> Result<(String, DateTime<Utc>)> {
        let now = clock.now();
        let ends = new
            .next_boundary
            .map_or(now + LIFETIME, |boundary| boundary.min(now + LIFETIME));
        let grants = if new.grants.len() > MAX_GRANTS {
            TokenGrants::Server("server".to_owned())
        } else {
            let mut listed: BTreeMap<Role, Vec<Uuid>> = BTreeMap::new();
            for (role, area) in new.grants {
                listed.entry(role).or_default().push(area);
            }
            TokenGrants::Listed(listed)
        };
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: new.account,
            sid: new.session,
            jti: clock.new_id(),
            exp: ends.timestamp(),
            nbf: now.timestamp(),
            iat: now.timestamp(),
            gv: new.grants_version,
            grants,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.signing.0.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.signing.1)
            .map_err(|error| Error::Internal(error.into()))?;
        Ok((token, ends))
    }

    /// Checks signature, issuer, audience and times of a token: `UNAUTHENTICATED` where one fails.
    pub fn verify(&self, clock: &Clock, token: &str) -> Result<Claims> {
        let digest: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let claims = if let Some(claims) = self.verified.get(&digest) {
            claims
        } else {
            let claims = self.check(token).ok_or(Stop::Unauthenticated)?;
            self.verified.insert(digest, claims.clone());
            claims
        };
        let now = clock.now().timestamp();
        if now >= claims.exp || now < claims.nbf - SKEW {
            return Err(Stop::Unauthenticated.into());
        }
        Ok(claims)
    }

    /// Signs a link that stands for `wanted`, and says when it ends.
    pub fn mint_link<W: Serialize>(
        &self,
        clock: &Clock,
        (account, session): (Uuid, Uuid),
        wanted: W,
    ) -> Result<(String, DateTime<Utc>)> {
        let ends = clock.now() + LINK_LIFETIME;
        let claims = LinkClaims {
            iss: ISSUER.to_owned(),
            aud: LINK_AUDIENCE.to_owned(),
            sub: account,
            sid: session,
            exp: ends.timestamp(),
            wanted,
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.signing.0.clone());
        let token = jsonwebtoken::encode(&header, &claims, &self.signing.1)
            .map_err(|error| Error::Internal(error.into()))?;
        Ok((token, ends))
    }

    /// Checks a link: whose it is and what it stands for; `UNAUTHENTICATED` where it is no good or over.
    pub fn verify_link<W: DeserializeOwned>(
        &self,
        clock: &Clock,
        link: &str,
    ) -> Result<LinkClaims<W>> {
        let claims: LinkClaims<W> = self
            .decode(link, LINK_AUDIENCE, &["exp", "iss", "aud", "sub"])
            .ok_or(Stop::Unauthenticated)?;
        if clock.now().timestamp() >= claims.exp {
            return Err(Stop::Unauthenticated.into());
        }
        Ok(claims)
    }

    fn check(&self, token: &str) -> Option<Claims> {
        self.decode(token, AUDIENCE, &["exp", "nbf", "iss", "aud", "sub"])
    }

    fn decode<C: DeserializeOwned>(
        &self,
        token: &str,
        audience: &str,
        required: &[&str],
    ) -> Option<C> {
        let header = decode_header(token).ok()?;
        let key = self.checking.get(header.kid.as_deref()?)?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(required);
        // Times are checked against the injected clock; the library would read the system's.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        let data = jsonwebtoken::decode::<C>(token, key, &validation).ok()?;
        Some(data.claims)
    }
}

fn unusable(kid: &str) -> Error {
    Error::internal(format!("the token key {kid} cannot be used"))
}
