//! SQL written by hand keeps within the scope too, or does not run.

use entity::enums::{Role, VisitStatus};
use entity::visit_task;
use nuanlin::access::policy::Permission;
use nuanlin::access::scope::ScopedSql;
use sea_orm::{ActiveEnum as _, FromQueryResult};

use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, World};

const COUNT: &str = "SELECT count(*) AS n FROM visit_task AS t
    WHERE t.version < ? AND {scope:t} AND t.status = ?";

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

on_both! {
    async fn it_counts_what_the_list_counts(db: TestDatabase) {
        let world = World::new(db).await;
        let planner = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        for building in [BUILDING, BUILDING, OTHER_BUILDING, FAR_BUILDING] {
            let home = world.household(building, &format!("{:?}", world.clock.now())).await;
            world.open_task(&planner, home).await;
            world.clock.advance(chrono::Duration::seconds(1));
        }
        for (role, area, expected) in [
            (Role::Volunteer, GRID, 2),
            (Role::CenterHousehold, OTHER_BUILDING, 1),
            (Role::CommunityStaff, COMMUNITY, 3),
            (Role::Supervisor, "341102", 4),
            (Role::Partner, COMMUNITY, 0),
        ] {
            let person = world.person("某人", &[(role, area)]).await;
            let app = world.app();
            let actor = app.sessions.authenticate(&app.db, &app.clock, &person.token).await.unwrap();
            let rows: Vec<Count> = ScopedSql::new(&actor, COUNT)
                .scope::<visit_task::Entity>("t", Permission::VisitRead)
                .bind(100_i64)
                .bind(VisitStatus::Open.to_value())
                .rows(&app.db)
                .await
                .unwrap();
            assert_eq!(rows[0].n, expected, "{role:?}");

            let unscoped = ScopedSql::new(&actor, "SELECT count(*) AS n FROM visit_task");
            assert!(unscoped.rows::<Count>(&app.db).await.is_err());
            let forgotten = ScopedSql::new(&actor, COUNT).bind(100_i64).bind("OPEN");
            assert!(forgotten.rows::<Count>(&app.db).await.is_err());
            let misplaced = ScopedSql::new(&actor, "SELECT count(*) AS n FROM visit_task AS t")
                .scope::<visit_task::Entity>("t", Permission::VisitRead);
            assert!(misplaced.rows::<Count>(&app.db).await.is_err());
        }
    }
}
