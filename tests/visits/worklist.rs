//! What somebody can do today, in one list.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, Role, VisitStatus};
use entity::visit_task;
use nuanlin::access::policy::level;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ConnectionTrait as _, DbBackend, EntityTrait as _, IntoActiveModel as _,
    Statement,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::{TestDatabase, on_both};
use crate::support::statements::Statements;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};

async fn page(world: &World, who: &Person, arguments: &str) -> (Vec<String>, Value) {
    let query = format!(
        "{{ worklist({arguments}) {{ edges {{ node {{ id }} }}
            pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let answer = world.run(who, &query, json!({})).await;
    let edges = answer.data("worklist.edges").as_array().expect("edges");
    let id = |edge: &Value| edge["node"]["id"].as_str().expect("an id").to_owned();
    let ids = edges.iter().map(id).collect();
    (ids, answer.data("worklist.pageInfo").clone())
}

/// How SQLite reads what these statements of the log ask.
async fn plans(world: &World, statements: &[String]) -> String {
    let mut plans = String::new();
    for line in statements {
        let Some((_, sql)) = line.split_once("sql=\"") else {
            continue;
        };
        let sql = sql.trim_end().trim_end_matches('"').replace("\\\"", "\"");
        let explain =
            Statement::from_string(DbBackend::Sqlite, format!("EXPLAIN QUERY PLAN {sql}"));
        for row in world.raw.query_all_raw(explain).await.expect("a plan") {
            plans += &row.try_get::<String>("", "detail").expect("a step");
            plans.push('\n');
        }
    }
    plans
}

/// The index's condition must stand in the statement as it was made, or SQLite walks past everything that is done.
#[tokio::test]
async fn visits_in_hand_are_read_by_their_index_on_sqlite() {
    let world = World::new(TestDatabase::sqlite().await).await;
    let staff = world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await;
    let log = Statements::default();
    let _hears = log.listen();
    for list in [
        "visitTasks(first: 20, filter: {status: [REPORTED]})",
        "visitTasks(first: 20, filter: {status: [CLAIMED, STARTED]})",
        "worklist(first: 20)",
    ] {
        log.take();
        let query = format!("{{ {list} {{ edges {{ node {{ id }} }} }} }}");
        world
            .run(&staff, &query, json!({}))
            .await
            .data(list.split('(').next().expect("a name"));
        let plans = plans(&world, &log.take()).await;
        assert!(plans.contains("visit_task_in_hand_"), "{list}:\n{plans}");
    }
}

on_both! {
    /// Own claims, open visits and others' reports are one list by the end of their windows, whatever its pages;
    /// what others hold, what begins tomorrow, one's own reports and what lies elsewhere are not on it.
    async fn it_merges_claims_open_visits_and_reports_to_verify(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID), (Role::GridLead, OTHER_GRID)]).await;
        let staff = world.person("刘敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let other = world.person("陈静", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        let now = world.clock.now();
        let (mut expected, mut of_staff) = (Vec::new(), Vec::new());
        for n in 0..56_i64 {
            let building = [BUILDING, OTHER_BUILDING, FAR_BUILDING][usize::try_from(n % 3).unwrap()];
            let home = world.household(building, &format!("{n}")).await;
            let id = world.open_task(&lead, home).await;
            let row = visit_task::Entity::find_by_id(id).one(&world.raw).await.unwrap().unwrap();
            let mut row = row.into_active_model();
            // Many end at the same moment, so that the id must decide.
            let due = now + Duration::hours(1 + n * 5 % 4);
            row.due_at = Set(due);
            let (status, holder, reporter) = match n / 3 % 6 {
                0 => ([VisitStatus::Claimed, VisitStatus::Started, VisitStatus::Returned][usize::try_from(n / 18).unwrap() % 3], Some(&lead), None),
                2 => (VisitStatus::Reported, Some(&other), Some(&other)),
                3 => (VisitStatus::Claimed, Some(&other), None),
                4 => (VisitStatus::Reported, Some(&lead), Some(&lead)),
                _ => (VisitStatus::Open, None, None),
            };
            let tomorrow = n / 3 % 6 == 5;
            row.status = Set(status);
            // Some reports are to be verified above the lead.
            let high = status == VisitStatus::Reported && n / 18 == 1;
            if high {
                row.verify_level = Set(level(AreaKind::Community));
            }
            row.claimed_by = Set(holder.map(|who| who.account));
            row.reported_by = Set(reporter.map(|who| who.account));
            if tomorrow {
                row.starts_at = Set(now + Duration::days(2));
                row.due_at = Set(now + Duration::days(3));
            }
            row.update(&world.raw).await.unwrap();
            let (mine, foreign) = (holder.is_some_and(|who| who.account == lead.account), building == FAR_BUILDING);
            let listed = match status {
                VisitStatus::Open => !foreign && !tomorrow,
                VisitStatus::Reported => !foreign && !mine && !high,
                // Whoever holds a claim sees it wherever it is.
                _ => mine,
            };
            if listed {
                expected.push((due, id));
            }
            let of_all = [VisitStatus::Open, VisitStatus::Reported].contains(&status);
            if of_all && !foreign && !tomorrow {
                of_staff.push((due, id));
            }
        }
        let in_order = |mut rows: Vec<(DateTime<Utc>, Uuid)>| -> Vec<String> {
            rows.sort_unstable();
            rows.into_iter().map(|(_, id)| World::id::<ids::VisitTask>(id)).collect()
        };
        let (expected, of_staff) = (in_order(expected), in_order(of_staff));
        assert_eq!((expected.len(), of_staff.len()), (21, 18));
        let (whole, _) = page(&world, &lead, "first: 100").await;
        assert_eq!(whole, expected);
        for size in [1, 4, 22] {
            let (mut forward, mut after) = (Vec::new(), "null".to_owned());
            let (mut backward, mut before) = (Vec::new(), "null".to_owned());
            loop {
                let (ids, info) = page(&world, &lead, &format!("first: {size}, after: {after}")).await;
                forward.extend(ids);
                after = info["endCursor"].to_string();
                if info["hasNextPage"] == false { break; }
            }
            loop {
                let (ids, info) = page(&world, &lead, &format!("last: {size}, before: {before}")).await;
                backward.splice(0..0, ids);
                before = info["startCursor"].to_string();
                if info["hasPreviousPage"] == false { break; }
            }
            assert_eq!((&forward, &backward), (&expected, &expected), "{size} at a time");
        }
        assert_eq!(page(&world, &staff, "first: 100").await.0, of_staff, "nothing is theirs");
    }
}
