//! How visits end without being made, and how reports come back.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use serde_json::json;

use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, World};

on_both! {
    async fn a_visit_whose_window_has_passed_is_missed_once(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        let app = world.app();
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        world.clock.advance(Duration::days(2));
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 1);
        assert_eq!(miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'MISSED'").await, 1);
        assert_eq!(world.audited("missVisitTask", task).await, 1);
        assert_eq!(world.changed(task).await, 1);
    }

    /// As long as it may be; and it speaks of a person, so the audit's entry holds none of it.
    async fn a_remark_of_five_hundred_characters_comes_back_with_the_report(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let id = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        for call in [
            "claimVisitTask(input: {visitTaskId: $id})",
            "reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL, method: PHONE})",
        ] {
            let query = format!("mutation($id: ID!) {{ done: {call} {{ userErrors {{ code }} }} }}");
            world.run(&volunteer, &query, json!({"id": id})).await.payload("done");
        }
        let remark = "请".repeat(500);
        let query = "mutation($id: ID!, $remark: String!) { returnVisitTask(input: {visitTaskId: $id,
            remark: $remark, dueAt: \"2026-03-04T01:00:00Z\"}) {
            visitTask { returnRemark } userErrors { code } } }";
        let answer = world.run(&lead, query, json!({"id": id, "remark": remark})).await;
        assert_eq!(answer.payload("returnVisitTask")["visitTask"]["returnRemark"], remark.as_str());
        let kept = "SELECT count(*) FROM audit_entry WHERE action = 'returnVisitTask' AND reason IS NOT NULL";
        assert_eq!(world.count(kept).await, 0);
    }
}
