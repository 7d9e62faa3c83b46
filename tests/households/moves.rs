//! A household moves: people, enrolments and visits still to be made follow, history stays.

use chrono::Duration;
use entity::enums::{Role, VisitStatus};
use entity::{household_place, visit_task};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{staff, traces};
use crate::support::database::on_both;
use crate::support::world::{
    BUILDING, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

const MOVE: &str = "mutation($input: MoveHouseholdInput!) { moveHousehold(input: $input) {
    household { version area { name } room { value } residents { name { value } } }
    userErrors { field code } } }";
const CLAIM: &str = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) {
    visitTask { status } userErrors { code } } }";
const RELEASE: &str = "mutation($id: ID!) { releaseVisitTask(input: {visitTaskId: $id,
    reason: \"改天\"}) { visitTask { status } userErrors { code } } }";
const OPEN: &str = "{ visitTasks(first: 20, filter: {status: [OPEN]}) { totalCount } }";

fn input(home: Uuid, version: i64, area: Uuid, more: &Value) -> Value {
    let base = json!({"householdId": World::id::<ids::Household>(home), "expectedVersion": version,
        "areaId": World::id::<ids::Area>(area)});
    json!({"input": crate::residents::with(base, more)})
}

/// How many people of this name lived, on that day, in the area with this code or below it.
pub async fn lived(world: &World, name: &str, code: &str, day: &str) -> i64 {
    let held = |table: &str| {
        format!("{table}.from_on <= '{day}' AND ({table}.to_on IS NULL OR {table}.to_on > '{day}')")
    };
    let (stay, place) = (held("r"), held("p"));
    let sql = format!(
        "SELECT count(*) FROM residence r JOIN household_place p ON p.household_id = r.household_id
        JOIN resident x ON x.id = r.resident_id JOIN area_closure c ON c.descendant_id = p.area_id
        JOIN area a ON a.id = c.ancestor_id
        WHERE x.name = '{name}' AND a.code = '{code}' AND {stay} AND {place}"
    );
    world.count(&sql).await
}

/// A visit to a resident in this state, which `holder` holds unless it is open.
pub async fn task(
    world: &World,
    holder: &Person,
    home: Uuid,
    resident: Uuid,
    status: VisitStatus,
) -> Uuid {
    let id = world.open_task(holder, home).await;
    let held = status != VisitStatus::Open;
    visit_task::ActiveModel {
        id: Set(id),
        resident_id: Set(Some(resident)),
        status: Set(status),
        claimed_by: Set(held.then_some(holder.account)),
        ..Default::default()
    }
    .update(&world.raw)
    .await
    .unwrap();
    id
}

async fn grid_of(world: &World, task: Uuid) -> Uuid {
    let row = visit_task::Entity::find_by_id(task).one(&world.raw).await;
    row.unwrap().unwrap().grid_id
}

on_both! {
    async fn work_follows_and_history_stays(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let old = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let new = world.person("刘洋", &[(Role::Volunteer, OTHER_GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let neighbour = world.household(BUILDING, "102").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        world.elder(neighbour, "赵玉兰", &[]).await;
        let mut tasks = Vec::new();
        for status in [VisitStatus::Open, VisitStatus::Started, VisitStatus::Returned,
            VisitStatus::Reported, VisitStatus::Verified, VisitStatus::Missed] {
            tasks.push(task(&world, &clerk, home, elder, status).await);
        }
        let claimed = world.open_task(&clerk, home).await;
        let beside = world.open_task(&clerk, neighbour).await;
        let id = json!({"id": World::id::<ids::VisitTask>(claimed)});
        world.run(&old, CLAIM, id.clone()).await.payload("claimVisitTask");
        let before = traces(&world).await;

        let yesterday = json!({"onDate": "2026-03-01", "room": "301"});
        let to = input(home, 1, world.area(OTHER_BUILDING), &yesterday);
        let moved = world.run(&clerk, MOVE, to).await;
        let shown = &moved.payload("moveHousehold")["household"];
        assert_eq!((shown["version"].as_i64(), &shown["area"]["name"], &shown["room"]["value"]),
            (Some(2), &json!("3栋"), &json!("301")));
        assert_eq!(shown["residents"][0]["name"]["value"], "李秀英");
        // One entry; the household, the resident, the enrolment and four visits were announced.
        let after = traces(&world).await;
        assert_eq!((after[2] - before[2], after[3] - before[3]), (1, 7));
        let crossed = "SELECT count(*) FROM change WHERE area_before <> area_after";
        assert_eq!(world.count(crossed).await, 7);
        let enrolled = "SELECT count(*) FROM care_enrolment e JOIN resident r ON r.id = e.resident_id
            AND r.grid_id = e.grid_id AND r.area_id = e.area_id AND r.version = e.version";
        assert_eq!(world.count(enrolled).await, 2);
        for (n, id) in tasks.iter().enumerate() {
            let expected = if n < 3 { OTHER_GRID } else { GRID };
            assert_eq!(grid_of(&world, *id).await, world.area(expected), "task {n}");
        }
        assert_eq!(grid_of(&world, beside).await, world.area(GRID));

        // Open work is the new grid's; a claim stays with its holder, who may give it back.
        assert_eq!(world.run(&old, OPEN, json!({})).await.data("visitTasks.totalCount"), 1);
        assert_eq!(world.run(&new, OPEN, json!({})).await.data("visitTasks.totalCount"), 1);
        let open = json!({"id": World::id::<ids::VisitTask>(tasks[0])});
        assert_eq!(world.run(&old, CLAIM, open.clone()).await.user_error_codes("claimVisitTask"), ["NOT_FOUND"]);
        world.run(&new, CLAIM, open).await.payload("claimVisitTask");
        assert_eq!(world.run(&old, RELEASE, id).await.user_error_codes("releaseVisitTask"), [""; 0]);
        assert_eq!(world.run(&new, OPEN, json!({})).await.data("visitTasks.totalCount"), 1);

        // By day: the last of February belongs to the old grid, the first of March to the new one.
        for (day, there, here) in [("2026-02-28", 1, 0), ("2026-03-01", 0, 1), ("2026-03-02", 0, 1)] {
            assert_eq!(lived(&world, "李秀英", GRID, day).await, there, "{day}");
            assert_eq!(lived(&world, "李秀英", OTHER_GRID, day).await, here, "{day}");
        }
        // Moved again on the same day, the stay is corrected; one day later it ends.
        let same = json!({"onDate": "2026-03-01", "room": "301"});
        let back = input(home, 2, world.area("341102006003.02.03.01"), &same);
        world.run(&clerk, MOVE, back).await.payload("moveHousehold");
        let stays = household_place::Entity::find()
            .filter(household_place::Column::HouseholdId.eq(home))
            .order_by_asc(household_place::Column::FromOn)
            .all(&world.raw)
            .await
            .unwrap();
        assert_eq!(stays.len(), 2);
        assert_eq!((stays[1].area_id, stays[1].to_on), (world.area("341102006003.02.03.01"), None));
    }

    async fn a_day_and_a_month_begin_at_midnight_in_shanghai(db: TestDatabase) {
        let world = World::new(db).await;
        let (one, two) = (world.household(BUILDING, "101").await, world.household(BUILDING, "102").await);
        world.elder(one, "李秀英", &[]).await;
        world.elder(two, "王桂珍", &[]).await;
        let other = world.area(OTHER_BUILDING);
        // Half a second before midnight of the last of March in Shanghai: 15:59:59.5 in UTC.
        world.clock.advance(Duration::days(29) + Duration::hours(15) - Duration::milliseconds(500));
        let clerk = staff(&world).await;
        world.run(&clerk, MOVE, input(one, 1, other, &json!({}))).await.payload("moveHousehold");
        let tomorrow = input(two, 1, other, &json!({"onDate": "2026-04-01"}));
        assert_eq!(world.run(&clerk, MOVE, tomorrow.clone()).await.user_error_codes("moveHousehold"), ["OUT_OF_RANGE"]);
        world.clock.advance(Duration::milliseconds(500));
        world.run(&clerk, MOVE, tomorrow).await.payload("moveHousehold");
        for (name, day, there, here) in [
            ("李秀英", "2026-03-30", 1, 0), ("李秀英", "2026-03-31", 0, 1),
            ("王桂珍", "2026-03-31", 1, 0), ("王桂珍", "2026-04-01", 0, 1),
        ] {
            assert_eq!(lived(&world, name, GRID, day).await, there, "{name} {day}");
            assert_eq!(lived(&world, name, OTHER_GRID, day).await, here, "{name} {day}");
        }
        // A leap day is a day: told in 2028, a move of 29 February counts from there.
        world.clock.advance(Duration::days(700));
        let clerk = staff(&world).await;
        let leap = input(one, 2, world.area(BUILDING), &json!({"onDate": "2028-02-29"}));
        world.run(&clerk, MOVE, leap).await.payload("moveHousehold");
        assert_eq!(lived(&world, "李秀英", OTHER_GRID, "2028-02-28").await, 1);
        assert_eq!(lived(&world, "李秀英", GRID, "2028-02-29").await, 1);
    }

    async fn another_door_of_the_building_is_told_to_nobody_else(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[]).await;
        let task = world.open_task(&clerk, home).await;
        let before = traces(&world).await;
        let door = json!({"room": "201", "unit": null});
        let to = input(home, 1, world.area(BUILDING), &door);
        let moved = world.run(&clerk, MOVE, to.clone()).await;
        assert_eq!(moved.payload("moveHousehold")["household"]["room"]["value"], "201");
        let after = traces(&world).await;
        assert_eq!([after[1] - before[1], after[2] - before[2], after[3] - before[3]], [0, 1, 1]);
        assert_eq!(world.changed(task).await, 0);
        // Where it is already, nothing is to be done.
        let again = input(home, 2, world.area(BUILDING), &door);
        assert_eq!(world.run(&clerk, MOVE, again).await.user_error_codes("moveHousehold"), [""; 0]);
        assert_eq!(traces(&world).await, after);
    }

    async fn what_does_not_fit_is_refused_and_leaves_no_trace(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.household(OTHER_BUILDING, "101").await;
        let far = world.household(FAR_BUILDING, "9").await;
        let other = world.area(OTHER_BUILDING);
        let before = traces(&world).await;
        let room = json!({"room": "301"});
        for (input, field, code) in [
            (input(home, 1, other, &json!({})), "room", "HOUSEHOLD_EXISTS"),
            (input(home, 3, other, &room), "expectedVersion", "VERSION_CONFLICT"),
            (input(home, 1, world.area(FAR_BUILDING), &room), "areaId", "NOT_FOUND"),
            (input(home, 1, world.area(OTHER_GRID), &room), "areaId", "AREA_UNFIT"),
            (input(far, 1, other, &room), "householdId", "NOT_FOUND"),
            (input(home, 1, other, &json!({"room": "301", "onDate": "2026-03-03"})), "onDate", "OUT_OF_RANGE"),
            (input(home, 1, other, &json!({"room": "301", "onDate": "2019-12-31"})), "onDate", "WINDOW_INVALID"),
        ] {
            let refused = world.run(&clerk, MOVE, input).await;
            let errors = refused.user_errors("moveHousehold");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        let forbidden = world.run(&lead, MOVE, input(home, 1, other, &room)).await;
        assert_eq!(forbidden.error_codes(), ["FORBIDDEN"]);
        assert_eq!(traces(&world).await, before);
    }
}
