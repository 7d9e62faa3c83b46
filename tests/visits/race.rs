//! Many hands reach for one task at the same moment.

use std::sync::Arc;

use entity::enums::Role;
use futures_util::future::join_all;
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::json;

use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, Person, World};

const CLAIM: &str = "mutation($id: ID!, $key: UUID) {
    claimVisitTask(input: {visitTaskId: $id, idempotencyKey: $key}) {
        visitTask { status claim { isMine } } userErrors { code } } }";

/// How many people reach for the task.
const HANDS: usize = 200;

async fn crowd(world: &World) -> Vec<Person> {
    let mut people = Vec::with_capacity(HANDS);
    for n in 0..HANDS {
        people.push(
            world
                .person(&format!("志愿者{n}"), &[(Role::Volunteer, GRID)])
                .await,
        );
    }
    people
}

on_both! {
    /// Taking `status IN (…)` out of the UPDATE lets a second claim through, and this fails.
    async fn of_two_hundred_claims_one_succeeds(db: TestDatabase) {
        // Who is quick wins many rounds: the limit of live claims is another test's matter.
        let world = Arc::new(World::with(db, Settings { claim_limit: 1000, claims_a_day: 1_000_000, ..Settings::default() }).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let people = crowd(&world).await;
        let home = world.household(BUILDING, "101").await;
        for _ in 0..rounds() {
            let task = world.open_task(&lead, home).await;
            let id = World::id::<ids::VisitTask>(task);
            let claims = people.iter().cloned().map(|person| {
                let (world, id) = (Arc::clone(&world), id.clone());
                tokio::spawn(async move {
                    let answer = world.run(&person, CLAIM, json!({"id": id})).await;
                    answer.user_error_codes("claimVisitTask").first().map(|code| (*code).to_owned())
                })
            });
            let outcomes: Vec<Option<String>> =
                join_all(claims).await.into_iter().map(|outcome| outcome.expect("no panic")).collect();
            assert_eq!(outcomes.iter().filter(|code| code.is_none()).count(), 1);
            let refused = outcomes.iter().flatten();
            assert_eq!(refused.filter(|code| *code == "ALREADY_CLAIMED").count(), HANDS - 1);
            assert_eq!(world.audited("claimVisitTask", task).await, 1);
            assert_eq!(world.changed(task).await, 1);
        }
    }

    async fn the_holders_repeat_is_success_and_leaves_no_trace(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        for _ in 0..3 {
            let id = World::id::<ids::VisitTask>(task);
            let answer = world.run(&volunteer, CLAIM, json!({"id": id})).await;
            assert_eq!(answer.payload("claimVisitTask")["visitTask"]["claim"]["isMine"], true);
        }
        assert_eq!(world.audited("claimVisitTask", task).await, 1);
        assert_eq!(world.changed(task).await, 1);
    }

    async fn fifty_duplicates_of_one_call_are_one_call(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let plan = "mutation($home: ID!, $key: UUID!, $kind: VisitKind!) { planVisitTask(input: {
            householdId: $home, kind: $kind, startsAt: \"2026-03-03T01:00:00Z\",
            dueAt: \"2026-03-04T01:00:00Z\", idempotencyKey: $key}) {
            visitTask { id version } userErrors { field code } } }";
        let key = "0195a000-0000-7000-8000-000000000001";
        let home = World::id::<ids::Household>(home);
        let calls = (0..50).map(|_| {
            let (world, lead, home) = (Arc::clone(&world), lead.clone(), home.clone());
            tokio::spawn(async move {
                let variables = json!({"home": home, "key": key, "kind": "HOME_VISIT"});
                world.run(&lead, plan, variables).await.payload("planVisitTask")["visitTask"]["id"].clone()
            })
        });
        let mut ids: Vec<String> = join_all(calls)
            .await
            .into_iter()
            .map(|id| id.expect("no panic").as_str().expect("an id").to_owned())
            .collect();
        ids.dedup();
        assert_eq!(ids.len(), 1);
        assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM change").await, 1);

        let variables = json!({"home": home, "key": key, "kind": "SAFETY_CHECK"});
        let other = world.run(&lead, plan, variables).await;
        let errors = other.user_errors("planVisitTask");
        assert_eq!(errors.len(), 1);
        assert_eq!((errors[0].code, errors[0].field), ("IDEMPOTENCY_KEY_REUSED", Some("idempotencyKey")));
        // Another person's key is another key.
        let variables = json!({"id": ids[0], "key": key});
        world.run(&volunteer, CLAIM, variables).await.payload("claimVisitTask");
    }

    /// The count of live claims is in the claim's own WHERE, and claims of one person queue.
    async fn nobody_claims_more_than_the_limit_with_many_hands(db: TestDatabase) {
        let world = Arc::new(World::with(db, Settings { claim_limit: 5, claims_a_day: 1_000_000, ..Settings::default() }).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        for round in 0..rounds() {
            let volunteer = world.person(&format!("陈静{round}"), &[(Role::Volunteer, GRID)]).await;
            let mut claims = Vec::new();
            for _ in 0..20 {
                let task = world.open_task(&lead, home).await;
                let (world, volunteer) = (Arc::clone(&world), volunteer.clone());
                claims.push(tokio::spawn(async move {
                    let id = World::id::<ids::VisitTask>(task);
                    let answer = world.run(&volunteer, CLAIM, json!({"id": id})).await;
                    answer.user_error_codes("claimVisitTask").join(",")
                }));
            }
            let outcomes: Vec<String> =
                join_all(claims).await.into_iter().map(|outcome| outcome.expect("no panic")).collect();
            assert_eq!(outcomes.iter().filter(|codes| codes.is_empty()).count(), 5);
            assert_eq!(outcomes.iter().filter(|codes| *codes == "CLAIM_LIMIT").count(), 15);
        }
    }
    /// A phone that chose the task's id sends it twice at once: one task, and both calls name it. Another
    /// plan under the same id is refused.
    async fn two_plans_with_one_id_are_one_plan(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = World::id::<ids::Household>(world.household(BUILDING, "101").await);
        let plan = "mutation($id: UUID!, $home: ID!, $kind: VisitKind!) { planVisitTask(input: {
            id: $id, householdId: $home, kind: $kind, startsAt: \"2026-03-03T01:00:00Z\",
            dueAt: \"2026-03-04T01:00:00Z\"}) { visitTask { id } userErrors { code } } }";
        for _ in 0..rounds() {
            let id = world.clock.new_id();
            let calls = ["HOME_VISIT", "HOME_VISIT", "SAFETY_CHECK"].map(|kind| {
                let (world, lead, home) = (Arc::clone(&world), lead.clone(), home.clone());
                tokio::spawn(async move {
                    let variables = json!({"id": id, "home": home, "kind": kind});
                    let answer = world.run(&lead, plan, variables).await;
                    answer.user_error_codes("planVisitTask").join(",")
                })
            });
            let [one, other, foreign]: [String; 3] = join_all(calls)
                .await
                .into_iter()
                .map(|outcome| outcome.expect("no panic"))
                .collect::<Vec<_>>()
                .try_into()
                .expect("three answers");
            assert_eq!(one, other, "the same plan is the same answer");
            let mut answers = [one, foreign];
            answers.sort();
            assert_eq!(answers, ["", "ID_TAKEN"]);
            assert_eq!(world.audited("planVisitTask", id).await, 1);
            assert_eq!(world.changed(id).await, 1);
        }
    }
}
