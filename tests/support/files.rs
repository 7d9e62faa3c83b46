//! Files that are sent and opened, and the checks they prove.

use axum::body::Body;
use axum::http::header::AUTHORIZATION;
use axum::http::{HeaderMap, Request};
use chrono::NaiveDate;
use entity::enums::{BeneficiaryCategory, CertificationRoundStatus, CheckStatus, Gender};
use entity::{beneficiary, certification_check, certification_round};
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::world::{COMMUNITY, Person, World};

/// A client that trusts nobody: tests speak without TLS, and need no certificates of the system.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
    client.build().expect("a client")
}

/// What came back.
pub struct Sent {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub bytes: Vec<u8>,
}

impl Sent {
    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("{}", self.status))
    }

    /// Status and code of a problem.
    #[track_caller]
    pub fn problem(&self) -> (u16, String) {
        let kind = self.headers["content-type"].to_str().unwrap_or_default();
        assert_eq!(kind, "application/problem+json; charset=utf-8");
        let body = self.json();
        assert_eq!(body["status"], self.status);
        assert!(
            body["title"]
                .as_str()
                .is_some_and(|title| !title.is_empty())
        );
        (
            self.status,
            body["code"].as_str().unwrap_or_default().to_owned(),
        )
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or_default())
    }
}

/// Sends a body as somebody, or as nobody.
pub async fn send(
    world: &World,
    who: Option<&Person>,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Sent {
    let mut request = Request::post(path);
    if let Some(who) = who {
        request = request.header(AUTHORIZATION, format!("Bearer {}", who.token));
    }
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    answered(world, request.body(body.into()).expect("a request")).await
}

/// Opens a path as a browser would.
pub async fn opened(world: &World, path: &str) -> Sent {
    answered(
        world,
        Request::get(path).body(Body::empty()).expect("a request"),
    )
    .await
}

async fn answered(world: &World, request: Request<Body>) -> Sent {
    let response = world
        .router
        .clone()
        .oneshot(request)
        .await
        .expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    Sent {
        status,
        headers,
        bytes: bytes.expect("a body").to_vec(),
    }
}

/// A check of somebody in a building, in a round of its own.
pub async fn check(world: &World, opener: &Person, building: &str) -> Uuid {
    let (now, area) = (world.clock.now(), world.area(building));
    let grid = world.area(&building[..building.len() - 3]);
    let person = beneficiary::ActiveModel {
        id: Set(world.clock.new_id()),
        area_id: Set(area),
        grid_id: Set(grid),
        name: Set("张德胜".to_owned()),
        gender: Set(Gender::Male),
        category: Set(BeneficiaryCategory::WarParticipant),
        is_immobile: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let person = person.insert(&world.raw).await.expect("a beneficiary");
    let day = |day| NaiveDate::from_ymd_opt(2026, 3, day).expect("a day");
    let round = certification_round::ActiveModel {
        id: Set(world.clock.new_id()),
        year: Set(2026),
        area_id: Set(world.area(COMMUNITY)),
        categories: Set([BeneficiaryCategory::WarParticipant].into_iter().collect()),
        opens_on: Set(day(1)),
        closes_on: Set(day(31)),
        grace_days: Set(0),
        confirm_level: Set(4),
        status: Set(CertificationRoundStatus::Open),
        opened_by: Set(opener.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let round = round.insert(&world.raw).await.expect("a round");
    let check = certification_check::ActiveModel {
        id: Set(world.clock.new_id()),
        round_id: Set(round.id),
        beneficiary_id: Set(person.id),
        area_id: Set(area),
        grid_id: Set(grid),
        category: Set(BeneficiaryCategory::WarParticipant),
        status: Set(CheckStatus::Pending),
        confirm_level: Set(4),
        attempts: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    check.insert(&world.raw).await.expect("a check").id
}
