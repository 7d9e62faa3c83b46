//! A resident moves: stay, enrolment and visits go along.

use entity::enums::{Role, VisitStatus};
use entity::{care_enrolment, residence, resident, visit_task};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{clerk, traces};
use crate::households::moves::lived;
use crate::support::database::on_both;
use crate::support::world::{
    BUILDING, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

const MOVE: &str = "mutation($input: MoveResidentInput!) { moveResident(input: $input) {
    resident { version household { id area { name } residents { name { value } } } }
    userErrors { field code } } }";

fn input(resident: Uuid, version: i64, household: Uuid) -> Value {
    json!({"input": {"residentId": World::id::<ids::Resident>(resident), "expectedVersion": version,
        "householdId": World::id::<ids::Household>(household)}})
}

/// A visit to the resident in this state, which the volunteer holds unless it is open.
async fn task(
    world: &World,
    planner: &Person,
    home: Uuid,
    resident: Uuid,
    status: VisitStatus,
) -> Uuid {
    let id = world.open_task(planner, home).await;
    let held = status != VisitStatus::Open;
    visit_task::ActiveModel {
        id: Set(id),
        resident_id: Set(Some(resident)),
        status: Set(status),
        claimed_by: Set(held.then_some(planner.account)),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .unwrap();
    id
}

on_both! {
    async fn everything_that_is_still_to_come_goes_along(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let (old, new) = (world.household(BUILDING, "101").await, world.household(OTHER_BUILDING, "301").await);
        let elder = world.elder(old, "李秀英", &[]).await;
        let mut tasks = Vec::new();
        for status in [VisitStatus::Open, VisitStatus::Claimed, VisitStatus::Returned,
            VisitStatus::Reported, VisitStatus::Verified] {
            tasks.push(task(&world, &staff, old, elder, status).await);
        }
        let of_household = world.open_task(&staff, old).await;

        let moved = world.run(&staff, MOVE, input(elder, 1, new)).await;
        let home = &moved.payload("moveResident")["resident"]["household"];
        assert_eq!(home["area"]["name"], "3栋");
        assert_eq!(home["residents"][0]["name"]["value"], "李秀英");
        let row = resident::Entity::find_by_id(elder).one(&world.raw).await.unwrap().unwrap();
        assert_eq!((row.household_id, row.area_id, row.grid_id, row.version),
            (new, world.area(OTHER_BUILDING), world.area(OTHER_GRID), 2));
        let enrolment = care_enrolment::Entity::find().one(&world.raw).await.unwrap().unwrap();
        assert_eq!((enrolment.grid_id, enrolment.version), (world.area(OTHER_GRID), 2));
        let stays = residence::Entity::find()
            .filter(residence::Column::ResidentId.eq(elder))
            .order_by_asc(residence::Column::FromOn)
            .all(&world.raw)
            .await
            .unwrap();
        let today = world.clock.today(nuanlin::clock::SHANGHAI);
        assert_eq!(stays.len(), 2);
        assert_eq!((stays[0].household_id, stays[0].to_on), (old, Some(today)));
        assert_eq!((stays[1].household_id, stays[1].from_on, stays[1].to_on), (new, today, None));
        for (n, id) in tasks.iter().chain([&of_household]).enumerate() {
            let row = visit_task::Entity::find_by_id(*id).one(&world.raw).await.unwrap().unwrap();
            let expected = if n < 3 { (new, world.area(OTHER_GRID), 2) } else { (old, world.area(GRID), 1) };
            assert_eq!((row.household_id, row.grid_id, row.version), expected, "task {n}");
        }
        // One entry; one change each for the resident, the enrolment and three tasks.
        assert_eq!(traces(&world).await[7..], [1, 5]);
        let crossing = "SELECT count(*) FROM change WHERE area_before <> area_after";
        assert_eq!(world.database.count(crossing).await, 5);

        let again = world.run(&staff, MOVE, input(elder, 2, new)).await;
        assert_eq!(again.payload("moveResident")["resident"]["version"], 2);
        assert_eq!(traces(&world).await[7..], [1, 5]);
        // Corrected on the same day, there is no stay of no day.
        let third = world.household(BUILDING, "102").await;
        world.run(&staff, MOVE, input(elder, 2, third)).await.payload("moveResident");
        let open = format!("SELECT count(*) FROM residence WHERE from_on = '{today}'");
        assert_eq!(world.database.count(&open).await, 1);
        assert_eq!(world.database.count("SELECT count(*) FROM residence").await, 2);
    }

    async fn a_move_told_late_counts_from_its_day(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let (old, new) = (world.household(BUILDING, "101").await, world.household(OTHER_BUILDING, "301").await);
        let elder = world.elder(old, "李秀英", &[]).await;
        let on = |day: &str| {
            let mut input = input(elder, 1, new);
            input["input"]["onDate"] = json!(day);
            input
        };
        for (day, code) in [("2026-03-03", "OUT_OF_RANGE"), ("2023-12-31", "WINDOW_INVALID")] {
            let refused = world.run(&staff, MOVE, on(day)).await;
            let errors = refused.user_errors("moveResident");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some("onDate"), code));
        }
        world.run(&staff, MOVE, on("2026-02-16")).await.payload("moveResident");
        for (day, there, here) in [("2026-02-15", 1, 0), ("2026-02-16", 0, 1)] {
            assert_eq!(lived(&world, "李秀英", GRID, day).await, there, "{day}");
            assert_eq!(lived(&world, "李秀英", OTHER_GRID, day).await, here, "{day}");
        }
    }

    async fn both_ends_must_lie_within_scope(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        let beyond = world.household(OTHER_BUILDING, "101").await;
        let far = world.household(FAR_BUILDING, "101").await;
        let stranger = world.elder(far, "赵玉兰", &[]).await;
        let before = traces(&world).await;
        for (input, field, code) in [
            (input(elder, 1, beyond), "householdId", "NOT_FOUND"),
            (input(stranger, 1, home), "residentId", "NOT_FOUND"),
            (input(elder, 7, home), "expectedVersion", "VERSION_CONFLICT"),
        ] {
            let refused = world.run(&lead, MOVE, input).await;
            let errors = refused.user_errors("moveResident");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        resident::ActiveModel { id: Set(elder), deceased_on: Set(Some("2026-03-01".parse().unwrap())), ..Default::default() }
            .update(&world.raw)
            .await
            .unwrap();
        let other = world.household(BUILDING, "102").await;
        let refused = world.run(&lead, MOVE, input(elder, 1, other)).await;
        assert_eq!(refused.user_error_codes("moveResident"), ["NO_LONGER_HERE"]);
        assert_eq!(traces(&world).await, before);
    }
}
