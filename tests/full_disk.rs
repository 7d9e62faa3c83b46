//! A disk that was full for a moment.

use entity::enums::Role;
use nuanlin::db::Handle as _;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, World};

on_both! {
    /// The database ends such a transaction by itself (SQLite without being asked to); whoever writes
    /// next finds a connection that works.
    async fn the_next_write_goes_on_after_one_that_found_no_room(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        let (full, grow) = if world.database.is_postgres() {
            // PostgreSQL's own limit for one transaction's temporary files stands in for the disk's.
            ("SET LOCAL temp_file_limit = 0; SET LOCAL work_mem = '64kB'",
             "SELECT count(*) FROM (SELECT n FROM generate_series(1, 200000) n ORDER BY n DESC) t")
        } else {
            // What SQLite does when it finds no room even to undo the statement.
            ("CREATE TEMP TRIGGER full AFTER UPDATE ON area
                BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
             "UPDATE area SET name = '满'")
        };
        let tx = world.app().db.begin().await.expect("a transaction");
        let connection = tx.unscoped("a test fills the disk");
        connection.execute_unprepared(full).await.expect("a limit");
        connection.execute_unprepared(grow).await.expect_err("no room");
        drop(tx);

        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) {
            visitTask { status } userErrors { code } } }";
        let answer = world.run(&volunteer, claim, json!({"id": World::id::<ids::VisitTask>(task)})).await;
        assert_eq!(answer.payload("claimVisitTask")["visitTask"]["status"], "CLAIMED");
    }
}
