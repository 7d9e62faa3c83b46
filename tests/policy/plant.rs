//! Plants a forest into a database in place of what was there.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstances;
use entity::enums::{
    BeneficiaryCategory, CareTier, CertificationRoundStatus, CheckStatus, Gender, VisitKind,
    VisitStatus,
};
use entity::{
    area, area_closure, beneficiary, care_enrolment, certification_check, certification_round,
    household, resident, visit_task,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelBehavior, ActiveModelTrait, ConnectionTrait as _, EntityTrait as _};
use uuid::Uuid;

use super::forest::Forest;
use crate::support::world::World;

/// Replaces areas and what lies in them, and lets the server know; the actors have these accounts.
pub async fn plant(world: &World, forest: &Forest, accounts: &[Uuid]) {
    for table in [
        "certification_check",
        "certification_round",
        "beneficiary",
        "visit_task",
        "care_enrolment",
        "resident",
        "household",
        "role_grant",
        "area_closure",
        "area",
    ] {
        let sql = format!("DELETE FROM {table}");
        world.raw.execute_unprepared(&sql).await.expect(&sql);
    }
    places(world, forest).await;
    people(world, forest).await;
    tasks(world, forest, accounts).await;
    checks(world, forest, accounts).await;
    let sql = "UPDATE epoch SET value = value + 1 WHERE name = 'areas'";
    world.raw.execute_unprepared(sql).await.expect(sql);
    let app = world.app();
    app.sessions
        .refresh(&app.db, &app.clock)
        .await
        .expect("a look");
}

async fn places(world: &World, forest: &Forest) {
    let area_id = |at: usize| forest.areas[at].id;
    let now = world.clock.now();
    insert(
        world,
        forest
            .areas
            .iter()
            .enumerate()
            .map(|(at, one)| area::ActiveModel {
                id: Set(one.id),
                parent_id: Set(one.parent.map(area_id)),
                kind: Set(one.kind),
                code: Set(format!("{at:04}")),
                name: Set(format!("{at}")),
                time_zone: Set("Asia/Shanghai".to_owned()),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            }),
    )
    .await;
    insert(
        world,
        (0..forest.areas.len()).flat_map(|at| {
            forest
                .upwards(at)
                .zip(0..)
                .map(move |(above, depth)| area_closure::ActiveModel {
                    ancestor_id: Set(area_id(above)),
                    descendant_id: Set(area_id(at)),
                    depth: Set(depth),
                })
        }),
    )
    .await;
    insert(
        world,
        forest.homes.iter().map(|one| household::ActiveModel {
            id: Set(one.id),
            area_id: Set(area_id(one.area)),
            grid_id: Set(area_id(forest.grid(one.area))),
            unit: Set("1".to_owned()),
            room: Set(format!("{}", one.home)),
            is_center: Set(false),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }),
    )
    .await;
}

async fn people(world: &World, forest: &Forest) {
    let area_id = |at: usize| forest.areas[at].id;
    let now = world.clock.now();
    let since = NaiveDate::from_ymd_opt(2024, 1, 1);
    insert(
        world,
        forest.people.iter().map(|one| resident::ActiveModel {
            id: Set(one.id),
            household_id: Set(forest.homes[one.home].id),
            area_id: Set(area_id(one.area)),
            grid_id: Set(area_id(forest.grid(one.area))),
            name: Set("李秀英".to_owned()),
            gender: Set(Gender::Female),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }),
    )
    .await;
    insert(
        world,
        forest.people.iter().map(|one| care_enrolment::ActiveModel {
            id: Set(one.id),
            resident_id: Set(one.id),
            area_id: Set(area_id(one.area)),
            grid_id: Set(area_id(forest.grid(one.area))),
            tier: Set(CareTier::Key),
            circumstances: Set(Circumstances::default()),
            from_on: Set(since.expect("a day")),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }),
    )
    .await;
}

async fn tasks(world: &World, forest: &Forest, accounts: &[Uuid]) {
    let area_id = |at: usize| forest.areas[at].id;
    let now = world.clock.now();
    insert(
        world,
        forest.tasks.iter().map(|one| visit_task::ActiveModel {
            id: Set(one.id),
            kind: Set(VisitKind::HomeVisit),
            status: Set(match one.claimed_by {
                Some(_) => VisitStatus::Claimed,
                None => VisitStatus::Open,
            }),
            household_id: Set(forest.homes[one.home].id),
            area_id: Set(area_id(one.area)),
            grid_id: Set(area_id(forest.grid(one.area))),
            starts_at: Set(now),
            due_at: Set(now + Duration::hours(i64::from(one.verify_level) + 1)),
            priority: Set(0),
            planned_by: Set(accounts[0]),
            claimed_by: Set(one.claimed_by.map(|actor| accounts[actor])),
            attempts: Set(0),
            verify_level: Set(one.verify_level),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }),
    )
    .await;
}

/// A check with the id and area of each task, handed to where its household lives.
async fn checks(world: &World, forest: &Forest, accounts: &[Uuid]) {
    let area_id = |at: usize| forest.areas[at].id;
    let (now, round) = (world.clock.now(), world.clock.new_id());
    let day = NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day");
    let category = BeneficiaryCategory::Disabled;
    let rounds = certification_round::ActiveModel {
        id: Set(round),
        year: Set(2026),
        area_id: Set(area_id(0)),
        categories: Set([category].into_iter().collect()),
        opens_on: Set(day),
        closes_on: Set(day),
        grace_days: Set(0),
        confirm_level: Set(4),
        status: Set(CertificationRoundStatus::Open),
        opened_by: Set(accounts[0]),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(world, std::iter::once(rounds)).await;
    insert(
        world,
        forest.tasks.iter().map(|one| beneficiary::ActiveModel {
            id: Set(one.id),
            area_id: Set(area_id(one.area)),
            grid_id: Set(area_id(forest.grid(one.area))),
            name: Set("李秀英".to_owned()),
            gender: Set(Gender::Female),
            category: Set(category),
            is_immobile: Set(false),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }),
    )
    .await;
    insert(
        world,
        forest
            .tasks
            .iter()
            .map(|one| certification_check::ActiveModel {
                id: Set(one.id),
                round_id: Set(round),
                beneficiary_id: Set(one.id),
                area_id: Set(area_id(one.area)),
                grid_id: Set(area_id(forest.grid(one.area))),
                category: Set(category),
                status: Set(CheckStatus::Pending),
                confirm_level: Set(one.verify_level),
                handed_to_area_id: Set(forest.handed_to(one).map(area_id)),
                attempts: Set(0),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
                ..Default::default()
            }),
    )
    .await;
}

async fn insert<A>(world: &World, rows: impl Iterator<Item = A>)
where
    A: ActiveModelTrait + ActiveModelBehavior + Send,
{
    let rows: Vec<A> = rows.collect();
    if !rows.is_empty() {
        let insert = A::Entity::insert_many(rows);
        insert
            .exec_without_returning(&world.raw)
            .await
            .expect("rows");
    }
}
