//! Beneficiaries, rounds and checks for the matrix.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstance;
use entity::enums::{
    AccompanimentStatus, BeneficiaryCategory, CertificationChannel, CertificationRoundStatus,
    CertificationSessionStatus, CheckAttemptReason, CheckOutcome, CheckStatus, Gender,
    HandOverStatus, Role,
};
use entity::{
    accompaniment as accompaniments, beneficiary, certification_attempt, certification_check,
    certification_hand_over, certification_round, certification_session,
};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use super::rows::{home, volunteer};
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
        // Another on its roster than on that of the year before.
        "nextround" => {
            let last = round(world, CertificationRoundStatus::Open).await;
            check(world, last, CheckStatus::Pending).await;
            let row = certification_round::Entity::find_by_id(last);
            let row = row.one(&world.raw).await.expect("a query");
            let mut row = row.expect("a round").into_active_model();
            row.year = Set(2025);
            row.update(&world.raw).await.expect("a change");
            let this = round(world, CertificationRoundStatus::Open).await;
            check(world, this, CheckStatus::Pending).await;
            World::id::<ids::CertificationRound>(this)
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
        "homecheck" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let id = check(world, round, CheckStatus::Pending).await;
            at_home(world, id, None).await;
            // Somebody who could be asked along.
            volunteer(world).await;
            World::id::<ids::CertificationCheck>(id)
        }
        "accompanied" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let id = check(world, round, CheckStatus::Pending).await;
            let asked = accompaniment(world, volunteer(world).await.account).await;
            at_home(world, id, Some(asked)).await;
            World::id::<ids::CertificationCheck>(id)
        }
        "handover" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let check = check(world, round, CheckStatus::Pending).await;
            World::id::<ids::HandOver>(hand_over(world, check).await)
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
        // Where somebody's death was confirmed.
        "dead" => {
            let round = round(world, CertificationRoundStatus::Open).await;
            let id = check(world, round, CheckStatus::Confirmed).await;
            let row = certification_check::ActiveModel {
                id: Set(id),
                outcome: Set(Some(CheckOutcome::Deceased)),
                ..Default::default()
            };
            row.update(&world.raw).await.expect("a change");
            World::id::<ids::Area>(world.area(COMMUNITY))
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

/// A check of somebody in the first grid, who was not at home once.
pub async fn check(world: &World, round: Uuid, status: CheckStatus) -> Uuid {
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

/// An offer of a check of the first grid to the station of the other community.
async fn hand_over(world: &World, check: Uuid) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let offerer = world
        .person("许卫东", &[(Role::VeteransStaff, COMMUNITY)])
        .await;
    let row = certification_hand_over::ActiveModel {
        id: Set(id),
        check_id: Set(check),
        from_area_id: Set(world.area(GRID)),
        to_area_id: Set(world.area("341102006004")),
        status: Set(HandOverStatus::Offered),
        reason: Set("住在白云社区".to_owned()),
        offered_by: Set(offerer.account),
        expires_at: Set(now + chrono::Duration::days(14)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a hand-over");
    id
}

/// Plans a check at home for the day after tomorrow.
async fn at_home(world: &World, check: Uuid, accompaniment: Option<Uuid>) {
    let row = certification_check::Entity::find_by_id(check);
    let row = row.one(&world.raw).await.expect("a query");
    let mut row = row.expect("a check").into_active_model();
    row.status = Set(CheckStatus::Scheduled);
    row.channel = Set(Some(CertificationChannel::Home));
    row.scheduled_for = Set(Some(world.clock.now() + chrono::Duration::days(2)));
    row.accompaniment_id = Set(accompaniment);
    row.update(&world.raw).await.expect("a change");
}

/// That somebody is asked to come along the day after tomorrow.
pub async fn accompaniment(world: &World, account: Uuid) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let station = world
        .person("许卫东", &[(Role::VeteransStaff, COMMUNITY)])
        .await;
    let row = accompaniments::ActiveModel {
        id: Set(id),
        account_id: Set(account),
        area_id: Set(world.area(GRID)),
        status: Set(AccompanimentStatus::Asked),
        at: Set(now + chrono::Duration::days(2)),
        closes_at: Set(now + chrono::Duration::days(3)),
        name: Set("李秀英".to_owned()),
        address_sealed: Set(None),
        meet_id: Set(station.account),
        decline_reason: Set(None),
        asked_by: Set(station.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    row.insert(&world.raw).await.expect("an accompaniment");
    id
}
