//! A thousand people move between two grids as one act.

use std::time::{Duration, Instant};

use entity::enums::{CareTier, Gender, VisitKind, VisitStatus};
use entity::{care_enrolment, household, household_place, residence, resident, visit_task};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, EntityTrait};
use serde_json::json;
use uuid::Uuid;

use super::{RETIRE, area_id, staff};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, OTHER_GRID, Person, World};

/// People to move: a thousand where races run at length, else a tenth.
fn size() -> usize {
    if rounds() >= 100 { 1_000 } else { 100 }
}

async fn insert<A: ActiveModelTrait + Send>(world: &World, rows: Vec<A>) {
    for part in rows.chunks(500) {
        A::Entity::insert_many(part.to_vec())
            .exec_without_returning(&world.raw)
            .await
            .expect("rows");
    }
}

/// So many people in households of two, each enrolled and with one open visit.
async fn settle(world: &World, planner: &Person, people: usize) {
    let (now, since) = (world.clock.now(), "2024-01-01".parse().unwrap());
    let (area, grid) = (world.area(BUILDING), world.area(GRID));
    let homes: Vec<Uuid> = (0..people / 2).map(|_| world.clock.new_id()).collect();
    let persons: Vec<(Uuid, Uuid)> = (0..people)
        .map(|n| (world.clock.new_id(), homes[n / 2]))
        .collect();
    let home = |(n, id): (usize, &Uuid)| household::ActiveModel {
        id: Set(*id),
        area_id: Set(area),
        grid_id: Set(grid),
        unit: Set("1".to_owned()),
        room: Set(n.to_string()),
        is_center: Set(false),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(world, homes.iter().enumerate().map(home).collect()).await;
    let place = |id: &Uuid| household_place::ActiveModel {
        id: Set(world.clock.new_id()),
        household_id: Set(*id),
        area_id: Set(area),
        from_on: Set(since),
        to_on: Set(None),
    };
    insert(world, homes.iter().map(place).collect()).await;
    let person = |(id, home): &(Uuid, Uuid)| resident::ActiveModel {
        id: Set(*id),
        household_id: Set(*home),
        area_id: Set(area),
        grid_id: Set(grid),
        name: Set("居民甲".to_owned()),
        gender: Set(Gender::Unknown),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(world, persons.iter().map(person).collect()).await;
    let stay = |(id, home): &(Uuid, Uuid)| residence::ActiveModel {
        id: Set(world.clock.new_id()),
        resident_id: Set(*id),
        household_id: Set(*home),
        from_on: Set(since),
        to_on: Set(None),
    };
    insert(world, persons.iter().map(stay).collect()).await;
    let enrolment = |(id, _): &(Uuid, Uuid)| care_enrolment::ActiveModel {
        id: Set(world.clock.new_id()),
        resident_id: Set(*id),
        area_id: Set(area),
        grid_id: Set(grid),
        tier: Set(CareTier::Key),
        from_on: Set(since),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(world, persons.iter().map(enrolment).collect()).await;
    let visit = |(id, home): &(Uuid, Uuid)| visit_task::ActiveModel {
        id: Set(world.clock.new_id()),
        kind: Set(VisitKind::HomeVisit),
        status: Set(VisitStatus::Open),
        household_id: Set(*home),
        resident_id: Set(Some(*id)),
        area_id: Set(area),
        grid_id: Set(grid),
        starts_at: Set(now),
        due_at: Set(now + chrono::Duration::days(2)),
        planned_by: Set(planner.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    insert(world, persons.iter().map(visit).collect()).await;
}

/// Retires the grid with so many people; how long it took, and how many statements.
async fn redraw(db: crate::support::database::TestDatabase, people: usize) -> (Duration, u64) {
    let world = World::new(db).await;
    let clerk = staff(&world).await;
    settle(&world, &clerk, people).await;
    let input = json!({"input": {"areaId": area_id(world.area(GRID)),
        "successorIds": [area_id(world.area(OTHER_GRID))], "reason": "网格调整"}});
    let (started, before) = (Instant::now(), world.app().db.statements());
    world.run(&clerk, RETIRE, input).await.payload("retireArea");
    let (took, statements) = (started.elapsed(), world.app().db.statements() - before);
    let moved = i64::try_from(people).unwrap();
    for table in ["resident", "care_enrolment", "visit_task"] {
        let there = format!(
            "SELECT count(*) FROM {table} t JOIN area a ON a.id = t.grid_id
            WHERE a.code = '{OTHER_GRID}'"
        );
        assert_eq!(world.count(&there).await, moved, "{table}");
    }
    // Half as many households; two buildings new, two and the grid retired.
    let changes = "SELECT count(*) FROM change";
    assert_eq!(world.count(changes).await, moved * 3 + moved / 2 + 5);
    assert_eq!(
        world
            .count("SELECT count(*) FROM audit_entry WHERE action = 'retireArea'")
            .await,
        1
    );
    (took, statements)
}

on_both! {
    async fn a_thousand_people_move_in_under_two_seconds(db: TestDatabase) {
        let people = size();
        let expected = statements_for(&db, people);
        let (took, statements) = redraw(db, people).await;
        println!("{people} people moved in {took:?} by {statements} statements");
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert_eq!(statements, expected);
    }

    async fn ten_people_cost_as_many_statements(db: TestDatabase) {
        let expected = statements_for(&db, 10);
        let (_, statements) = redraw(db, 10).await;
        assert_eq!(statements, expected);
    }
}

/// 33 whatever the number of people. On PostgreSQL the details of the audit go along with its entry, and with it up to
/// 500 announcements.
fn statements_for(db: &crate::support::database::TestDatabase, people: usize) -> u64 {
    match (db.is_postgres(), people) {
        (false, _) => 33,
        (true, ..=100) => 31,
        (true, _) => 32,
    }
}
