//! What one sees of oneself, above all when one sees nothing else.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::accounts::commands::{Place, grant, revoke};
use serde_json::json;

use super::{
    DISTRICT, PASSWORD, member, member_of, operator, place, refresh, sign_in, turned_away,
};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, OTHER_GRID, World};

const PHONE: &str = "13900000001";
const VIEWER: &str = "{ viewer { account { name status phone { visibility value } }
    grants { role area { code } validUntil endedAt isRevoked }
    upcomingGrants { role } endedGrants { role area { code } endedAt isRevoked } permissions } }";

on_both! {
    async fn without_a_token_there_is_no_viewer(db: TestDatabase) {
        let world = World::new(db).await;
        let answer = world.ask(None, VIEWER, json!({})).await;
        assert_eq!(answer.error_codes(), ["UNAUTHENTICATED"]);
        assert!(answer.json["data"]["viewer"].is_null());
    }

    async fn one_sees_ones_roles_and_what_they_allow(db: TestDatabase) {
        let world = World::new(db).await;
        let member = member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let answer = world.run(&member.person(), VIEWER, json!({})).await;
        let viewer = answer.data("viewer");
        assert_eq!(viewer["account"], json!({"name": "王建国", "status": "ACTIVE",
            "phone": {"visibility": "FULL", "value": PHONE}}));
        assert_eq!(viewer["grants"], json!([{"role": "VOLUNTEER", "area": {"code": GRID},
            "validUntil": null, "endedAt": null, "isRevoked": false}]));
        assert_eq!(viewer["permissions"],
            json!(["AREA_READ", "VISIT_READ", "VISIT_CLAIM", "VISIT_CARRY_OUT", "VISIT_RECORD", "ALARM_RAISE",
                "OFFER_READ", "WISH_READ", "WISH_RECORD", "WISH_HELP", "WISH_WORD"]));
        let reads = "SELECT count(*) FROM audit_entry WHERE action LIKE 'read:%'";
        assert_eq!(world.database.count(reads).await, 0, "one's own number is no look at another's data");
    }

    async fn a_token_ends_with_the_grant_and_the_viewer_says_so(db: TestDatabase) {
        let world = World::new(db).await;
        let soon = Place { valid_until: Some(world.clock.now() + Duration::minutes(5)), ..place(Role::Volunteer, GRID) };
        let member = member(&world, PHONE, soon).await;
        world.clock.advance(Duration::minutes(5) - Duration::seconds(1));
        assert_eq!(turned_away(&world, &member.access).await, [""; 0]);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(turned_away(&world, &member.access).await, ["UNAUTHENTICATED"]);

        let fresh = refresh(&world, &member.refresh).await;
        let fresh = member_of(member.account, PHONE, fresh.payload("refreshSession"));
        let answer = world.run(&fresh.person(), VIEWER, json!({})).await;
        let viewer = answer.data("viewer");
        assert_eq!((&viewer["grants"], &viewer["permissions"]), (&json!([]), &json!([])));
        assert_eq!(viewer["endedGrants"], json!([{"role": "VOLUNTEER", "area": {"code": GRID},
            "endedAt": "2026-03-02T01:05:00.000Z", "isRevoked": false}]));
        let list = "{ visitTasks(first: 5) { totalCount edges { cursor } } }";
        let tasks = world.run(&fresh.person(), list, json!({})).await;
        assert_eq!(tasks.data("visitTasks"), &json!({"totalCount": 0, "edges": []}));
    }

    async fn a_revoked_grant_makes_the_token_stale_on_the_next_look(db: TestDatabase) {
        let world = World::new(db).await;
        let member = member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        revoke(operator(&world), PHONE, Role::Volunteer, GRID).await.unwrap();
        // What the server's own look at the numbers does twice a second.
        world.app().sessions.refresh(&world.app().db, &world.clock).await.unwrap();
        assert_eq!(turned_away(&world, &member.access).await, ["TOKEN_STALE"]);
        let fresh = refresh(&world, &member.refresh).await;
        let fresh = member_of(member.account, PHONE, fresh.payload("refreshSession"));
        let answer = world.run(&fresh.person(), VIEWER, json!({})).await;
        assert_eq!(answer.data("viewer.endedGrants.0.isRevoked"), true);
    }

    async fn more_than_thirty_two_grants_are_supplied_by_the_server(db: TestDatabase) {
        let world = World::new(db).await;
        let member = member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let roles = [Role::Volunteer, Role::CenterHousehold, Role::GridLead, Role::CompoundSecretary,
            Role::CommunityStaff, Role::VeteransStaff, Role::Partner, Role::Supervisor, Role::Admin];
        let codes = [DISTRICT, "341102006", "341102006003", "341102006004", "341102006003.01", "341102006003.02",
            GRID, OTHER_GRID, "341102006003.02.03", BUILDING, "341102006003.01.01.02", "341102006003.01.02.01", "341102006003.02.03.01"];
        for role in roles {
            for code in codes {
                // Roles that do not fit the level are refused; the others add up to more than 32.
                let _ = grant(operator(&world), PHONE, place(role, code)).await;
            }
        }
        let held = world.database.count("SELECT count(*) FROM role_grant").await;
        assert!(held > 32, "{held}");
        let answer = sign_in(&world, PHONE, PASSWORD).await;
        let many = member_of(member.account, PHONE, answer.payload("signIn"));
        assert!(many.access.len() < 4096);
        let answer = world.run(&many.person(), VIEWER, json!({})).await;
        assert_eq!(i64::try_from(answer.data("viewer.grants").as_array().unwrap().len()).unwrap(), held);
        let permissions = answer.data("viewer.permissions").as_array().unwrap();
        assert!(permissions.contains(&json!("RESIDENT_ID_NUMBER")));
    }
}
