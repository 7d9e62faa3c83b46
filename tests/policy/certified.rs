//! Beneficiaries, rounds and checks for the matrix.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstance;
use entity::enums::{
    BeneficiaryCategory, CertificationChannel, CertificationRoundStatus,
    CertificationSessionStatus, CheckAttemptReason, CheckOutcome, CheckStatus, Gender, Role,
};
use entity::{
    beneficiary, certification_attempt, certification_check, certification_round,
    certification_session,
};
use nuanlin::ids;
use sea_orm::ActiveModelTrait as _;
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::rows::home;
use crate::support::world::{COMMUNITY, GRID, World};

/// What is called so, if it is of these.
pub async fn thing(world: &World, name: &str) -> Option<String> {
    Some(match name {
        "beneficiary" => World::id::<ids::Beneficiary>(person(world, |_| {}).await),
        "ended" => {
            let ended = |row: &mut beneficiary::ActiveModel| {
                row.ended_on = Set(NaiveDate::from_ymd_opt(2026, 3, 1));
                row.end_reason = Set(Some(CheckOutcome::MovedAway));
            };
            World::id::<ids::Beneficiary>(person(world, ended).await)
        }
        // Name and birth date of a resident.
        "alike" => {
            let home = home(world).await;
            world
                .elder(home, "李秀英", &[Circumstance::LivesAlone])
                .await;
            World::id::<ids::Beneficiary>(person(world, |_| {}).await)
        }
        "roster" => {
            person(world, |_| {}).await;
            World::id::<ids::Area>(world.area(COMMUNITY))
        }
        "certround" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            check(world, round, CheckStatus::Pending).await;
            World::id::<ids::CertificationRound>(round)
        }
        "emptyround" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            World::id::<ids::CertificationRound>(round)
        }
        "certsession" => World::id::<ids::CertificationSession>(session(world).await),
        "check" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let id = check(world, round, CheckStatus::Pending).await;
            World::id::<ids::CertificationCheck>(id)
        }
        "checked" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let id = check(world, round, CheckStatus::Checked).await;
            World::id::<ids::CertificationCheck>(id)
        }
        "certified" => {
            let round = round(world, CertificationRoundStatus::Closed).await;
            let id = check(world, round, CheckStatus::Confirmed).await;
            World::id::<ids::CertificationCheck>(id)
        }
        _ => return None,
    })
}

/// A session of the community that has begun, and a check of its round that has no place yet.
async fn session(world: &World) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let account = world
        .person("许卫东", &[(Role::VeteransStaff, COMMUNITY)])
        .await;
    let round = round(world, CertificationRoundStatus::Open).await;
    check(world, round, CheckStatus::Pending).await;
    let row = certification_session::ActiveModel {
        id: Set(id),
        round_id: Set(round),
        area_id: Set(world.area(COMMUNITY)),
        channel: Set(CertificationChannel::Session),
        venue: Set("退役军人服务站".to_owned()),
        is_institution: Set(false),
        starts_at: Set(now),
        ends_at: Set(now + Duration::hours(2)),
        status: Set(CertificationSessionStatus::Planned),
        planned_by: Set(account.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a session");
    id
}

/// 李秀英 of the first grid.
async fn person(world: &World, change: impl FnOnce(&mut beneficiary::ActiveModel)) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let mut row = beneficiary::ActiveModel {
        id: Set(id),
        area_id: Set(world.area(GRID)),
        grid_id: Set(world.area(GRID)),
        name: Set("李秀英".to_owned()),
        gender: Set(Gender::Female),
        born_on: Set(NaiveDate::from_ymd_opt(1944, 5, 6)),
        category: Set(BeneficiaryCategory::MartyrFamily),
        guardian_name: Set(Some("王芳".to_owned())),
        is_immobile: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    change(&mut row);
    row.insert(&world.raw).await.expect("a beneficiary");
    id
}

async fn round(world: &World, status: CertificationRoundStatus) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let account = world
        .person("许卫东", &[(Role::VeteransStaff, COMMUNITY)])
        .await;
    let row = certification_round::ActiveModel {
        id: Set(id),
        year: Set(2026),
        area_id: Set(world.area(COMMUNITY)),
        categories: Set([BeneficiaryCategory::MartyrFamily].into_iter().collect()),
        opens_on: Set(NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day")),
        closes_on: Set(NaiveDate::from_ymd_opt(2026, 6, 30).expect("a day")),
        grace_days: Set(15),
        confirm_level: Set(4),
        status: Set(status),
        opened_by: Set(account.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a round");
    id
}

async fn check(world: &World, round: Uuid, status: CheckStatus) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let checker = world
        .person("何志刚", &[(Role::VeteransStaff, COMMUNITY)])
        .await;
    let is_checked = status != CheckStatus::Pending;
    let row = certification_check::ActiveModel {
        id: Set(id),
        round_id: Set(round),
        beneficiary_id: Set(person(world, |_| {}).await),
        area_id: Set(world.area(GRID)),
        grid_id: Set(world.area(GRID)),
        category: Set(BeneficiaryCategory::MartyrFamily),
        status: Set(status),
        confirm_level: Set(4),
        attempts: Set(1),
        checked_by: Set(is_checked.then_some(checker.account)),
        checked_at: Set(is_checked.then_some(now)),
        outcome: Set(is_checked.then_some(CheckOutcome::Alive)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a check");
    let attempt = certification_attempt::ActiveModel {
        id: Set(world.clock.new_id()),
        check_id: Set(id),
        account_id: Set(checker.account),
        occurred_at: Set(now),
        channel: Set(CertificationChannel::Home),
        reason: Set(CheckAttemptReason::NotAtHome),
        notes_sealed: Set(None),
        session_id: Set(None),
        created_at: Set(now),
    };
    attempt.insert(&world.raw).await.expect("an attempt");
    id
}
