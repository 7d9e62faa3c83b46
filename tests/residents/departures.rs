//! People die or enter a home: what is to come ends, what was stays.

use entity::enums::{Role, VisitStatus};
use entity::{care_enrolment, resident, visit_task};
use nuanlin::ids;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{clerk, traces, with};
use crate::households::moves::{lived, task};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World};

const DIE: &str = "mutation($input: RecordDeathInput!) { recordDeath(input: $input) {
    resident { version deceasedOn { value } } userErrors { field code } } }";
const ENTER: &str = "mutation($input: EnterInstitutionInput!) { enterInstitution(input: $input) {
    resident { version household { area { name } } } userErrors { field code } } }";

fn die(elder: Uuid, version: i64, on: &str) -> Value {
    json!({"input": {"residentId": World::id::<ids::Resident>(elder), "expectedVersion": version,
        "diedOn": on, "source": "家属电话告知"}})
}

fn enter(elder: Uuid, version: i64, more: &Value) -> Value {
    let base = json!({"residentId": World::id::<ids::Resident>(elder), "expectedVersion": version,
        "name": "乐康养老中心"});
    json!({"input": with(base, more)})
}

async fn statuses(world: &World, tasks: &[Uuid]) -> Vec<VisitStatus> {
    let mut statuses = Vec::new();
    for id in tasks {
        let row = visit_task::Entity::find_by_id(*id).one(&world.raw).await;
        statuses.push(row.unwrap().unwrap().status);
    }
    statuses
}

/// The first day without the only enrolment, and why.
async fn ended(world: &World) -> (Option<String>, Option<String>) {
    let row = care_enrolment::Entity::find()
        .one(&world.raw)
        .await
        .unwrap()
        .unwrap();
    (row.to_on.map(|on| on.to_string()), row.end_reason)
}

on_both! {
    async fn a_death_ends_what_was_to_come(db: TestDatabase) {
        use VisitStatus as S;
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        let mut tasks = Vec::new();
        for status in [S::Open, S::Claimed, S::Returned, S::Reported, S::Verified] {
            tasks.push(task(&world, &lead, home, elder, status).await);
        }
        let of_household = world.open_task(&lead, home).await;
        let before = traces(&world).await;
        for (input, field, code) in [
            (die(elder, 1, "2026-03-03"), "diedOn", "OUT_OF_RANGE"),
            (die(elder, 1, "1944-05-05"), "diedOn", "WINDOW_INVALID"),
            (die(elder, 2, "2026-03-01"), "expectedVersion", "VERSION_CONFLICT"),
        ] {
            let refused = world.run(&lead, DIE, input).await;
            let errors = refused.user_errors("recordDeath");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        assert_eq!(traces(&world).await, before);

        let done = world.run(&lead, DIE, die(elder, 1, "2026-03-01")).await;
        assert_eq!(done.payload("recordDeath")["resident"], json!({"version": 2, "deceasedOn": {"value": "2026-03-01"}}));
        assert_eq!(statuses(&world, &tasks).await, [S::Cancelled, S::Cancelled, S::Cancelled, S::Reported, S::Verified]);
        assert_eq!(statuses(&world, &[of_household]).await, [S::Open]);
        assert_eq!(ended(&world).await, (Some("2026-03-01".to_owned()), Some("去世（家属电话告知）".to_owned())));
        // One entry; the person, the enrolment, three visits and the finding.
        let after = traces(&world).await;
        assert_eq!((after[7] - before[7], after[8] - before[8]), (1, 6));
        assert_eq!(lived(&world, "李秀英", GRID, "2026-02-28").await, 1);
        assert_eq!(lived(&world, "李秀英", GRID, "2026-03-01").await, 0);
        let again = world.run(&lead, DIE, die(elder, 2, "2026-03-01")).await;
        assert_eq!(again.user_error_codes("recordDeath"), ["NO_LONGER_HERE"]);
        let late = world.run(&lead, ENTER, enter(elder, 2, &json!({}))).await;
        assert_eq!(late.user_error_codes("enterInstitution"), ["NO_LONGER_HERE"]);
    }

    async fn a_death_before_the_stay_leaves_no_day_of_it(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        world.run(&staff, DIE, die(elder, 1, "2023-06-01")).await.payload("recordDeath");
        assert_eq!(ended(&world).await.0, Some("2024-01-01".to_owned()));
        assert_eq!(lived(&world, "李秀英", GRID, "2024-01-01").await, 0);
    }

    async fn who_enters_a_home_is_visited_there_no_more(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let (home, ward) = (world.household(BUILDING, "101").await, world.household(OTHER_BUILDING, "养老中心").await);
        let far = world.household(FAR_BUILDING, "养老中心").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        let visit = task(&world, &staff, home, elder, VisitStatus::Claimed).await;
        let at = |household: Uuid| json!({"householdId": World::id::<ids::Household>(household), "onDate": "2026-02-20"});
        let before = traces(&world).await;
        let refused = world.run(&staff, ENTER, enter(elder, 1, &at(far))).await;
        let errors = refused.user_errors("enterInstitution");
        assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some("householdId"), "NOT_FOUND"));
        assert_eq!(traces(&world).await, before);
        let done = world.run(&staff, ENTER, enter(elder, 1, &at(ward))).await;
        assert_eq!(done.payload("enterInstitution")["resident"]["household"]["area"]["name"], "3栋");
        assert_eq!(statuses(&world, &[visit]).await, [VisitStatus::Cancelled]);
        assert_eq!(ended(&world).await, (Some("2026-02-20".to_owned()), Some("入住机构（乐康养老中心）".to_owned())));
        for (day, there, here) in [("2026-02-19", 1, 0), ("2026-02-20", 0, 1)] {
            assert_eq!(lived(&world, "李秀英", GRID, day).await, there, "{day}");
            assert_eq!(lived(&world, "李秀英", OTHER_GRID, day).await, here, "{day}");
        }
        // One entry; the person once, the enrolment, the visit and the finding.
        let after = traces(&world).await;
        assert_eq!((after[7] - before[7], after[8] - before[8]), (1, 4));
    }

    async fn an_institution_without_a_household_is_noted(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        let done = world.run(&staff, ENTER, enter(elder, 1, &json!({}))).await;
        assert_eq!(done.payload("enterInstitution")["resident"]["household"]["area"]["name"], "1栋");
        assert_eq!(ended(&world).await.0, Some("2026-03-02".to_owned()));
        assert_eq!(lived(&world, "李秀英", GRID, "2026-03-02").await, 1);
        let row = resident::Entity::find_by_id(elder).one(&world.raw).await.unwrap().unwrap();
        assert_eq!((row.household_id, row.deceased_on, row.version), (home, None, 2));
    }
}
