//! Scopes by brute force: random worlds in which lists, counts, lookups, nested fields and updates
//! show exactly what parent pointers say.

use std::collections::BTreeSet;

use entity::enums::Role;
use entity::{area, care_enrolment, certification_check, household, resident, visit_task};
use nuanlin::access::actor::Actor;
use nuanlin::access::policy::Permission as P;
use nuanlin::access::scope::ScopedEntity;
use nuanlin::ids::{self, Kind};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _};
use sea_orm::{ModelTrait as _, Value};
use serde_json::json;
use uuid::Uuid;

use super::forest::{ACTORS, Forest, forests};
use super::plant::plant;
use crate::support::database::on_both;
use crate::support::world::{Person, World};

/// Worlds per database.
const CASES: u32 = 10;

type Ids = BTreeSet<Uuid>;

fn tasks(forest: &Forest, actor: usize, permission: P) -> Ids {
    let reached = forest.tasks.iter().filter(|task| {
        let by_area = forest.may(actor, permission, task.area);
        let mine = task.claimed_by == Some(actor);
        match permission {
            P::VisitRead | P::AlarmRaise => by_area || mine,
            P::VisitCarryOut => mine,
            P::VisitClaim
            | P::VisitCancel
            | P::VisitReassign
            | P::VisitRecord
            | P::FindingConfirm
            | P::MealEdit
            | P::DeskRead
            | P::AreaEdit
            | P::CertificationConfirm
            | P::ResidentEdit => by_area,
            P::VisitVerify => forest
                .levels(actor, permission, task.area)
                .iter()
                .any(|level| *level >= task.verify_level),
            _ => false,
        }
    });
    reached.map(|task| task.id).collect()
}

fn homes(forest: &Forest, actor: usize, permission: P) -> Ids {
    let opens = matches!(
        permission,
        P::HouseholdRead
            | P::HouseholdEdit
            | P::ResidentRead
            | P::ResidentEdit
            | P::ContactCardEdit
            | P::WishRecord
            | P::BookingMake
            | P::VisitPlan
    );
    let all = forest.homes.iter().filter(|_| opens);
    all.filter(|home| forest.may(actor, permission, home.area))
        .map(|home| home.id)
        .collect()
}

fn people(forest: &Forest, actor: usize, permission: P) -> Ids {
    let opens = matches!(
        permission,
        P::ResidentRead
            | P::ResidentIdNumber
            | P::ResidentEdit
            | P::EnrolmentEdit
            | P::FindingConfirm
            | P::VisitRecord
            | P::BeneficiaryEdit
            | P::CertificationConfirm
            | P::VisitPlan
            | P::BookingMake
            | P::MealEdit
    );
    let all = forest.people.iter().filter(|_| opens);
    all.filter(|one| forest.may(actor, permission, one.area))
        .map(|one| one.id)
        .collect()
}

/// Enrolments have the ids of their people in these worlds.
fn enrolments(forest: &Forest, actor: usize, permission: P) -> Ids {
    match permission {
        P::ResidentRead | P::ResidentEdit | P::EnrolmentEdit | P::MealEdit => {
            people(forest, actor, permission)
        }
        P::RoundStart | P::DeskRead | P::CertificationConfirm => {
            let people = forest.people.iter();
            people
                .filter(|one| forest.may(actor, permission, one.area))
                .map(|one| one.id)
                .collect()
        }
        _ => Ids::new(),
    }
}

fn areas(forest: &Forest, actor: usize, permission: P) -> Ids {
    let opens = matches!(
        permission,
        P::AreaRead
            | P::HouseholdEdit
            | P::AreaEdit
            | P::CareRuleEdit
            | P::RoundStart
            | P::MealEdit
            | P::DutyEdit
            | P::BeneficiaryEdit
            | P::CertificationPlan
            | P::PartnerEdit
            | P::OfferPublish
            | P::CoverageClose
    );
    let all = forest.areas.iter().enumerate().filter(|_| opens);
    all.filter(|(at, _)| forest.may(actor, permission, *at))
        .map(|(_, area)| area.id)
        .collect()
}

/// Every permission on one table: rows, count, and an update that is rolled back.
async fn check<E: ScopedEntity>(
    world: &World,
    actor: &Actor,
    expected: impl Fn(P) -> Ids,
) -> usize {
    let db = &world.app().db;
    let table = E::default().table_name().to_owned();
    let ids = |rows: Vec<E::Model>| -> Ids {
        let id = |row: &E::Model| match row.get(E::ID) {
            Value::Uuid(Some(id)) => id,
            other => panic!("{other:?} is no id"),
        };
        rows.iter().map(id).collect()
    };
    let mut reached = 0;
    for permission in P::ALL {
        let expected = expected(*permission);
        let rows = actor.scoped::<E>(*permission).all(db).await.expect("rows");
        assert_eq!(ids(rows), expected, "{permission:?} on {table}");
        let count = actor
            .scoped::<E>(*permission)
            .count(db)
            .await
            .expect("a count");
        assert_eq!(
            count,
            expected.len() as u64,
            "count of {permission:?} on {table}"
        );
        let tx = db.begin().await.expect("a transaction");
        let version = Alias::new("version");
        let changed = actor.scoped::<E>(*permission).update(&tx, |update| {
            update.value(version.clone(), Expr::col(version).add(1));
        });
        let changed = ids(changed.await.expect("an update"));
        assert_eq!(changed, expected, "update by {permission:?} on {table}");
        for id in &expected {
            let row = actor
                .scoped::<E>(*permission)
                .id(*id)
                .one_to_change(&tx)
                .await;
            assert!(row.expect("a row").is_some(), "{permission:?} on {table}");
        }
        tx.rollback().await.expect("a rollback");
        reached += expected.len();
    }
    reached
}

fn opaque<K: Kind>(ids: &Ids) -> BTreeSet<String> {
    ids.iter().map(|id| World::id::<K>(*id)).collect()
}

/// The ids of every page of a list, with its count; and what stands at `nested` of each.
async fn walk(world: &World, who: &Person, list: &str, node: &str) -> Vec<serde_json::Value> {
    let (mut nodes, mut after) = (Vec::new(), serde_json::Value::Null);
    loop {
        let query = format!(
            "query($after: String) {{ {list}(first: 7, after: $after) {{ totalCount
                pageInfo {{ hasNextPage endCursor }} edges {{ node {{ {node} }} }} }} }}"
        );
        let answer = world.run(who, &query, json!({"after": after})).await;
        let page = answer.data(list).clone();
        let edges = page["edges"].as_array().expect("edges");
        nodes.extend(edges.iter().map(|edge| edge["node"].clone()));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            assert_eq!(page["totalCount"], nodes.len(), "{list}");
            return nodes;
        }
    }
}

fn ids_of(nodes: &[serde_json::Value]) -> BTreeSet<String> {
    let ids = nodes
        .iter()
        .map(|node| node["id"].as_str().expect("an id").to_owned());
    let ids: Vec<String> = ids.collect();
    let different: BTreeSet<String> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), different.len(), "one row twice");
    different
}

/// Whoever reaches a household reaches all who live there.
fn assert_residents(forest: &Forest, home: &serde_json::Value) {
    let id = home["id"].as_str().expect("an id");
    let at = forest
        .homes
        .iter()
        .find(|one| World::id::<ids::Household>(one.id) == id);
    let at = at.expect("a household of the forest").home;
    let living = forest.people.iter().filter(|one| one.home == at);
    let living: Ids = living.map(|one| one.id).collect();
    let shown = home["residents"].as_array().expect("residents");
    assert_eq!(ids_of(shown), opaque::<ids::Resident>(&living));
}

/// What phones see: lists page by page, nested fields, and everything by id.
async fn check_answers(world: &World, forest: &Forest, actor: usize, who: &Person) {
    let tasks = opaque::<ids::VisitTask>(&tasks(forest, actor, P::VisitRead));
    let homes = opaque::<ids::Household>(&homes(forest, actor, P::HouseholdRead));
    let people = opaque::<ids::Resident>(&people(forest, actor, P::ResidentRead));
    let areas = opaque::<ids::Area>(&areas(forest, actor, P::AreaRead));

    let shown = walk(
        world,
        who,
        "visitTasks",
        "id household { id residents { id } }",
    )
    .await;
    assert_eq!(ids_of(&shown), tasks, "visitTasks");
    for task in &shown {
        assert_residents(forest, &task["household"]);
    }
    let work = "{ worklist(first: 100) { edges { node { id } } } }";
    let work = world.run(who, work, json!({})).await;
    let work = work
        .data("worklist.edges")
        .as_array()
        .expect("edges")
        .clone();
    let work: Vec<_> = work.iter().map(|edge| edge["node"].clone()).collect();
    assert!(ids_of(&work).is_subset(&tasks), "worklist");
    assert_eq!(
        ids_of(&walk(world, who, "areas", "id").await),
        areas,
        "areas"
    );
    if forest.ever(actor, P::HouseholdRead) {
        let shown = walk(world, who, "households", "id residents { id }").await;
        assert_eq!(ids_of(&shown), homes, "households");
        for home in &shown {
            assert_residents(forest, home);
        }
    }
    if forest.ever(actor, P::ResidentRead) {
        let shown = walk(world, who, "residents", "id").await;
        assert_eq!(ids_of(&shown), people, "residents");
    }

    let mut all: Vec<String> = Vec::new();
    all.extend(
        forest
            .tasks
            .iter()
            .map(|one| World::id::<ids::VisitTask>(one.id)),
    );
    all.extend(
        forest
            .homes
            .iter()
            .map(|one| World::id::<ids::Household>(one.id)),
    );
    all.extend(
        forest
            .people
            .iter()
            .map(|one| World::id::<ids::Resident>(one.id)),
    );
    all.extend(
        forest
            .areas
            .iter()
            .map(|one| World::id::<ids::Area>(one.id)),
    );
    let visible = |id: &String| {
        [&tasks, &homes, &people, &areas]
            .iter()
            .any(|ids| ids.contains(id))
    };
    for some in all.chunks(100) {
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        let answer = world.run(who, query, json!({"ids": some})).await;
        let nodes = answer.data("nodes").as_array().expect("nodes");
        for (id, node) in some.iter().zip(nodes) {
            let expected = if visible(id) {
                json!({"id": id})
            } else {
                json!(null)
            };
            assert_eq!(*node, expected, "nodes");
        }
    }
    for some in all.chunks(40) {
        let fields = some.iter().enumerate();
        let fields = fields.fold(String::new(), |text, (n, id)| {
            text + &format!("n{n}: node(id: \"{id}\") {{ id }} ")
        });
        let answer = world.run(who, &format!("{{ {fields} }}"), json!({})).await;
        for (n, id) in some.iter().enumerate() {
            let expected = if visible(id) {
                json!({"id": id})
            } else {
                json!(null)
            };
            assert_eq!(*answer.data(&format!("n{n}")), expected, "node");
        }
    }
}

async fn check_forest(world: &World, accounts: &[Uuid], forest: &Forest) -> usize {
    plant(world, forest, accounts).await;
    let mut reached = 0;
    for (actor, account) in accounts.iter().enumerate() {
        let grants = forest.grants[actor].iter();
        let grants: Vec<(Role, Uuid)> = grants
            .map(|(role, at)| (*role, forest.areas[*at].id))
            .collect();
        let who = world.signed_in(*account, 1, grants).await;
        let app = world.app();
        let known = app
            .sessions
            .authenticate(&app.db, &app.clock, &who.token)
            .await;
        let known = known.expect("an actor");
        reached += check::<area::Entity>(world, &known, |p| areas(forest, actor, p)).await;
        reached += check::<household::Entity>(world, &known, |p| homes(forest, actor, p)).await;
        reached += check::<resident::Entity>(world, &known, |p| people(forest, actor, p)).await;
        reached +=
            check::<care_enrolment::Entity>(world, &known, |p| enrolments(forest, actor, p)).await;
        reached +=
            check::<certification_check::Entity>(world, &known, |p| forest.checks(actor, p)).await;
        reached += check::<visit_task::Entity>(world, &known, |p| tasks(forest, actor, p)).await;
        for permission in P::ALL {
            for (at, area) in forest.areas.iter().enumerate() {
                let proof = known.grant_at(*permission, area.id);
                assert_eq!(
                    proof.is_ok(),
                    forest.may(actor, *permission, at),
                    "{permission:?}"
                );
            }
        }
        check_answers(world, forest, actor, &who).await;
    }
    reached
}

on_both! {
    async fn scopes_show_what_brute_force_shows(db: TestDatabase) {
        let world = World::new(db).await;
        let mut accounts = Vec::new();
        for _ in 0..ACTORS {
            accounts.push(world.person("某人", &[]).await.account);
        }
        let config = Config { cases: CASES, max_shrink_iters: 40, failure_persistence: None, ..Config::default() };
        // The same worlds every time, so that a failure is everybody's failure.
        let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
        let reached = std::cell::Cell::new(0);
        let outcome = tokio::task::block_in_place(|| {
            let outcome = runner.run(&forests(), |forest| {
                let check = check_forest(&world, &accounts, &forest);
                reached.set(reached.get() + tokio::runtime::Handle::current().block_on(check));
                Ok(())
            });
            outcome.map_err(|error| error.to_string())
        });
        if let Err(error) = outcome {
            panic!("{error}");
        }
        assert!(reached.get() > 1000, "worlds in which nobody reaches much prove little");
    }
}
