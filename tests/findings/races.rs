//! Two decide at once: one of them does.

use entity::enums::{CareTier, Role};
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::json;

use super::story::{decide, found, visit};
use crate::coverage::people::{elder, enrolment};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, World};

/// One volunteer makes all the visits.
fn busy() -> Settings {
    Settings {
        claims_a_day: 1_000_000,
        ..Settings::default()
    }
}

on_both! {
    /// The lead confirms while the staff reject; the enrolment agrees with who was first.
    async fn one_decision_holds(db: TestDatabase) {
        let world = World::with(db, busy()).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        for round in 0..rounds() {
            let elder = elder(&world, BUILDING, &format!("r{round}"), CareTier::Key).await;
            let task = visit(&world, &lead, elder).await;
            let finding = found(&world, &volunteer, task, "MOVED_AWAY").await.expect("a finding");
            let (confirmed, rejected) = tokio::join!(
                decide(&world, &lead, "confirmFinding", &finding, ""),
                decide(&world, &staff, "rejectFinding", &finding, ", reason: \"回乡\""),
            );
            let confirmed = confirmed.user_error_codes("confirmFinding");
            let rejected = rejected.user_error_codes("rejectFinding");
            assert_eq!(confirmed.len() + rejected.len(), 1);
            let codes: Vec<_> = confirmed.iter().chain(&rejected).collect();
            assert_eq!(codes, [&"ALREADY_DECIDED"]);
            assert_eq!(enrolment(&world, elder).await.to_on.is_some(), confirmed.is_empty());
        }
    }

    /// The lead takes back a death while the staff close the home: nobody lives in a closed home.
    async fn nobody_comes_back_into_a_closed_home(db: TestDatabase) {
        let world = World::with(db, busy()).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let close = "mutation($id: ID!) { closeHousehold(input: {householdId: $id, expectedVersion: 1,
            reason: \"空置\"}) { userErrors { code } } }";
        for round in 0..rounds() {
            let elder = elder(&world, BUILDING, &format!("r{round}"), CareTier::Key).await;
            let task = visit(&world, &lead, elder).await;
            let finding = found(&world, &volunteer, task, "DECEASED").await.expect("a finding");
            let died = ", onDate: \"2026-03-01\", source: \"派出所\"";
            decide(&world, &lead, "confirmFinding", &finding, died).await.payload("confirmFinding");
            let home = "query($id: ID!) { resident(id: $id) { household { id } } }";
            let home = world.run(&staff, home, json!({"id": World::id::<ids::Resident>(elder)})).await;
            let home = home.data("resident.household.id").clone();
            let (closed, undone) = tokio::join!(
                world.run(&staff, close, json!({"id": home})),
                decide(&world, &lead, "undoFinding", &finding, ", reason: \"误记\""),
            );
            let codes = (closed.user_error_codes("closeHousehold"), undone.user_error_codes("undoFinding"));
            assert!(codes.0.is_empty() != codes.1.is_empty(), "{codes:?}");
            let wrong = "SELECT count(*) FROM resident r JOIN household h ON h.id = r.household_id
                WHERE r.deceased_on IS NULL AND h.closed_on IS NOT NULL";
            assert_eq!(world.count(wrong).await, 0);
        }
    }
}
