//! Lists: what a page shows, how pages follow each other, what they cost.

use entity::circumstances::Circumstance;
use entity::enums::Role;
use entity::visit_task;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use crate::support::database::on_both;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

const SCREEN: &str = "query($first: Int!) { visitTasks(first: $first, filter: {status: [OPEN]}) {
    edges { node { id dueAt household { unit { value } lastVisit { occurredAt }
        residents { name { value } phone { value } circumstances { value } } } } } } }";

/// What is granted, and which tasks are seen then.
type Case<'a> = (&'a [(Role, &'a str)], &'a [&'a str]);

async fn page(world: &World, who: &Person, arguments: &str) -> Value {
    let query = format!(
        "{{ visitTasks({arguments}) {{ totalCount
            edges {{ cursor node {{ id priority dueAt area {{ code }} }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    world
        .run(who, &query, json!({}))
        .await
        .data("visitTasks")
        .clone()
}

fn ids(page: &Value) -> Vec<String> {
    let edges = page["edges"].as_array().expect("edges");
    edges
        .iter()
        .map(|edge| edge["node"]["id"].as_str().expect("an id").to_owned())
        .collect()
}

on_both! {
    /// Without a statement for each row: with a last visit, households, people and the read's audit.
    async fn a_page_costs_the_same_statements_for_one_row_and_for_a_hundred(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        for n in 0..100 {
            let home = world.household(BUILDING, &format!("{n}")).await;
            world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
            let earlier = world.open_task(&lead, home).await;
            let row = visit_task::Entity::find_by_id(earlier).one(&world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            row.status = Set(entity::enums::VisitStatus::Verified);
            row.reported_at = Set(Some(world.clock.now()));
            row.occurred_at = Set(Some(world.clock.now()));
            row.update(&world.raw).await.unwrap();
            world.open_task(&lead, home).await;
        }
        // What a lead opens is audited: in one statement on PostgreSQL, in two on SQLite.
        let audited = if world.database.is_postgres() { 3 } else { 4 };
        for (who, most) in [(&volunteer, 2), (&lead, audited)] {
            let mut costs = Vec::new();
            for first in [1, 10, 100] {
                let before = world.app().db.statements();
                let answer = world.run(who, SCREEN, json!({"first": first})).await;
                costs.push(world.app().db.statements() - before);
                let edges = answer.data("visitTasks.edges").as_array().expect("edges");
                assert_eq!(edges.len(), first);
                assert!(edges[0]["node"]["household"]["lastVisit"]["occurredAt"].is_string());
                assert_eq!(edges[0]["node"]["household"]["residents"].as_array().expect("people").len(), 1);
            }
            assert_eq!(costs, [most; 3]);
        }
        // The lead's three reads opened people's data: three entries, every subject named.
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action LIKE 'read:%'").await, 3);
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'Resident'").await, 111);
    }

    /// With its home, its people, what was tried and what was reported.
    async fn one_visit_costs_one_statement_where_rows_nest(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let task = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        let query = "query($id: ID!) { visitTask(id: $id) { status attempts { reason } reports { revision }
            household { lastVisit { occurredAt } residents { salutation ageBand } } } }";
        let before = world.app().db.statements();
        let answer = world.run(&volunteer, query, json!({"id": task})).await;
        assert_eq!(answer.data("visitTask.household.residents").as_array().map(Vec::len), Some(1));
        let most = if world.database.is_postgres() { 1 } else { 4 };
        assert_eq!(world.app().db.statements() - before, most);
    }

    /// The open visits of many grids are merged in the order of one list, however they lie in the grids.
    async fn open_visits_of_many_grids_are_one_list(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let mut expected = Vec::new();
        for (n, building) in [BUILDING, OTHER_BUILDING, FAR_BUILDING, OTHER_BUILDING].iter().cycle().take(40).enumerate() {
            let home = world.household(building, &format!("{n}")).await;
            let id = world.open_task(&lead, home).await;
            let row = visit_task::Entity::find_by_id(id).one(&world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            // The first eight lie in one grid; later, equal instants of all.
            let hour = if n < 32 && *building == OTHER_BUILDING { 1 } else { 2 + i64::try_from(n).unwrap() % 3 };
            let due = world.clock.now() + chrono::Duration::hours(hour);
            row.due_at = Set(due);
            row.update(&world.raw).await.unwrap();
            if *building != FAR_BUILDING {
                expected.push((due, id));
            }
        }
        expected.sort_unstable();
        let expected: Vec<String> = expected.into_iter().map(|(_, id)| World::id::<ids::VisitTask>(id)).collect();
        let staff = world.person("刘敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let both = world.person("王芳", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        for who in [&staff, &both] {
            for size in [1, 7, 100] {
                let (mut forward, mut after) = (Vec::new(), "null".to_owned());
                loop {
                    let arguments = format!("filter: {{status: [OPEN]}}, first: {size}, after: {after}");
                    let got = page(&world, who, &arguments).await;
                    forward.extend(ids(&got));
                    after = got["pageInfo"]["endCursor"].to_string();
                    if got["pageInfo"]["hasNextPage"] == false { break; }
                }
                assert_eq!(forward, expected, "{size} at a time");
            }
            let last = page(&world, who, "filter: {status: [OPEN]}, last: 9").await;
            assert_eq!(ids(&last), expected[expected.len() - 9..]);
        }
    }

    async fn pages_follow_each_other_without_gap_or_repeat_in_both_orders(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        for n in 0..23 {
            let id = world.open_task(&lead, home).await;
            let row = visit_task::Entity::find_by_id(id).one(&world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            // Equal instants and priorities, so that the id must decide.
            row.due_at = Set(world.clock.now() + chrono::Duration::hours(1 + n % 4));
            row.priority = Set(i32::try_from(n % 3).unwrap());
            row.update(&world.raw).await.unwrap();
        }
        for order in ["DUE", "PRIORITY"] {
            let whole = ids(&page(&world, &lead, &format!("first: 100, orderBy: {order}")).await);
            assert_eq!(whole.len(), 23);
            let (mut forward, mut after) = (Vec::new(), "null".to_owned());
            loop {
                let got = page(&world, &lead, &format!("first: 5, after: {after}, orderBy: {order}")).await;
                assert_eq!(got["totalCount"], 23);
                forward.extend(ids(&got));
                after = got["pageInfo"]["endCursor"].to_string();
                if got["pageInfo"]["hasNextPage"] == false { break; }
            }
            assert_eq!(forward, whole, "{order} forward");
            let (mut backward, mut before) = (Vec::new(), "null".to_owned());
            loop {
                let got = page(&world, &lead, &format!("last: 5, before: {before}, orderBy: {order}")).await;
                let mut part = ids(&got);
                part.extend(backward);
                backward = part;
                before = got["pageInfo"]["startCursor"].to_string();
                if got["pageInfo"]["hasPreviousPage"] == false { break; }
            }
            assert_eq!(backward, whole, "{order} backward");
        }
        // A cursor of one order is none of the other's.
        let due = page(&world, &lead, "first: 1, orderBy: DUE").await;
        let query = format!("{{ visitTasks(first: 1, orderBy: PRIORITY, after: {}) {{ totalCount }} }}", due["pageInfo"]["endCursor"]);
        assert_eq!(world.run(&lead, &query, json!({})).await.error_codes(), ["BAD_USER_INPUT"]);
    }

    async fn wrong_paging_arguments_are_named_and_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        for (arguments, argument) in [
            ("first: -1", "first"),
            ("first: 0", "first"),
            ("first: 101", "first"),
            ("first: 2147483647", "first"),
            ("last: 101", "last"),
            ("filter: {}", "first"),
            ("first: 1, last: 1", "first"),
            ("first: 1, after: \"garbage\"", "after"),
            ("first: 1, after: \"\"", "after"),
        ] {
            let query = format!("{{ visitTasks({arguments}) {{ totalCount }} }}");
            let answer = world.run(&lead, &query, json!({})).await;
            assert_eq!(answer.error_codes(), ["BAD_USER_INPUT"], "{arguments}");
            assert_eq!(answer.json["errors"][0]["extensions"]["argument"], argument, "{arguments}");
        }
    }

    async fn each_sees_the_tasks_of_their_areas_and_nothing_else(db: TestDatabase) {
        let world = World::new(db).await;
        let planner = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let mut tasks = Vec::new();
        for building in [BUILDING, OTHER_BUILDING, FAR_BUILDING] {
            let home = world.household(building, "101").await;
            tasks.push(World::id::<ids::VisitTask>(world.open_task(&planner, home).await));
        }
        let (near, other, far) = (tasks[0].as_str(), tasks[1].as_str(), tasks[2].as_str());
        let cases: [Case<'_>; 8] = [
            (&[(Role::Volunteer, GRID)], &[near]),
            (&[(Role::CenterHousehold, BUILDING)], &[near]),
            (&[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)], &[near, other]),
            (&[(Role::CommunityStaff, COMMUNITY)], &[near, other]),
            (&[(Role::CenterHousehold, FAR_BUILDING), (Role::GridLead, GRID)], &[near, far]),
            (&[(Role::Supervisor, "341102")], &[near, other, far]),
            (&[(Role::VeteransStaff, "341102006")], &[]),
            (&[], &[]),
        ];
        for (grants, expected) in cases {
            let person = world.person("某人", grants).await;
            let got = page(&world, &person, "first: 100").await;
            let mut seen = ids(&got);
            seen.sort();
            let mut expected: Vec<String> = expected.iter().map(|id| (*id).to_owned()).collect();
            expected.sort();
            assert_eq!(seen, expected, "{grants:?}");
            assert_eq!(got["totalCount"], expected.len());
            let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
            let answer = world.run(&person, query, json!({"ids": tasks})).await;
            let nodes: Vec<bool> = answer.data("nodes").as_array().unwrap().iter().map(|node| !node.is_null()).collect();
            let visible: Vec<bool> = tasks.iter().map(|id| expected.contains(id)).collect();
            assert_eq!(nodes, visible, "{grants:?}");
        }
    }
}
