//! First sign-in by code, and changing the password.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::accounts::commands::add;
use nuanlin::ids;
use serde_json::json;

use super::{
    PASSWORD, activate, member, member_of, operator, place, refresh, sign_in, turned_away,
};
use crate::support::database::on_both;
use crate::support::world::{GRID, World};

const PHONE: &str = "13900000001";

on_both! {
    async fn a_code_sets_the_first_password_once(db: TestDatabase) {
        let world = World::new(db).await;
        let (account, code) = add(operator(&world), "李敏", PHONE, place(Role::Volunteer, GRID), None).await.unwrap();
        let early = sign_in(&world, PHONE, PASSWORD).await;
        assert_eq!(early.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        let weak = activate(&world, PHONE, &code, "1234567890").await;
        let errors = weak.user_errors("activateAccount");
        assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "PASSWORD_WEAK", Some("newPassword")));

        let done = activate(&world, PHONE, &format!(" {code} "), PASSWORD).await;
        let member = member_of(account, PHONE, done.payload("activateAccount"));
        assert_eq!(turned_away(&world, &member.access).await, [""; 0]);
        sign_in(&world, PHONE, PASSWORD).await.payload("signIn");
        let again = activate(&world, PHONE, &code, "another good one").await;
        assert_eq!(again.user_error_codes("activateAccount"), ["CODE_INVALID"]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'activateAccount'";
        assert_eq!(world.database.count(entries).await, 1);
    }

    async fn the_fifth_wrong_code_kills_the_right_one(db: TestDatabase) {
        let world = World::new(db).await;
        let (_, code) = add(operator(&world), "李敏", PHONE, place(Role::Volunteer, GRID), None).await.unwrap();
        let wrong = if code == "00000000" { "11111111" } else { "00000000" };
        for phone in [PHONE, "13900000009"] {
            for _ in 0..5 {
                let answer = activate(&world, phone, wrong, PASSWORD).await;
                let errors = answer.user_errors("activateAccount");
                assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "CODE_INVALID", Some("code")));
            }
            let locked = activate(&world, phone, &code, PASSWORD).await;
            assert_eq!(locked.user_error_codes("activateAccount"), ["TEMPORARILY_LOCKED"]);
        }
        world.clock.advance(Duration::minutes(15));
        let dead = activate(&world, PHONE, &code, PASSWORD).await;
        assert_eq!(dead.user_error_codes("activateAccount"), ["CODE_INVALID"]);
    }

    async fn the_fifth_try_may_be_the_right_one(db: TestDatabase) {
        let world = World::new(db).await;
        let (_, code) = add(operator(&world), "李敏", PHONE, place(Role::Volunteer, GRID), None).await.unwrap();
        let wrong = if code == "00000000" { "11111111" } else { "00000000" };
        for _ in 0..4 {
            activate(&world, PHONE, wrong, PASSWORD).await;
        }
        activate(&world, PHONE, &code, PASSWORD).await.payload("activateAccount");
        sign_in(&world, PHONE, PASSWORD).await.payload("signIn");
    }

    async fn a_code_holds_for_fourteen_days(db: TestDatabase) {
        let world = World::new(db).await;
        let (_, code) = add(operator(&world), "李敏", PHONE, place(Role::Volunteer, GRID), None).await.unwrap();
        world.clock.advance(Duration::days(14));
        let late = activate(&world, PHONE, &code, PASSWORD).await;
        assert_eq!(late.user_error_codes("activateAccount"), ["CODE_INVALID"]);
    }

    async fn a_code_used_twice_at_once_opens_one_session(db: TestDatabase) {
        let world = World::new(db).await;
        let (_, code) = add(operator(&world), "李敏", PHONE, place(Role::Volunteer, GRID), None).await.unwrap();
        let tries = (0..4).map(|_| activate(&world, PHONE, &code, PASSWORD));
        let answers = futures_util::future::join_all(tries).await;
        let refused = answers.iter().filter(|answer| !answer.user_error_codes("activateAccount").is_empty());
        assert_eq!(refused.count(), 3);
        assert_eq!(world.database.count("SELECT count(*) FROM session").await, 1);
    }

    async fn a_new_password_ends_the_other_sessions(db: TestDatabase) {
        let world = World::new(db).await;
        let first = member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let second = sign_in(&world, PHONE, PASSWORD).await;
        let second = member_of(first.account, PHONE, second.payload("signIn"));
        let change = "mutation($input: ChangePasswordInput!) { changePassword(input: $input) {
            userErrors { field code } } }";
        let input = |current: &str, new: &str| json!({"input": {"currentPassword": current, "newPassword": new}});

        let answer = world.run(&first.person(), change, input("not this one", "a new long one")).await;
        let errors = answer.user_errors("changePassword");
        assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "CREDENTIALS_INVALID", Some("currentPassword")));
        let answer = world.run(&first.person(), change, input(PASSWORD, "short")).await;
        assert_eq!(answer.user_error_codes("changePassword"), ["PASSWORD_WEAK"]);
        world.run(&first.person(), change, input(PASSWORD, "a new long one")).await.payload("changePassword");

        assert_eq!(turned_away(&world, &first.access).await, [""; 0]);
        assert_eq!(turned_away(&world, &second.access).await, ["TOKEN_STALE"]);
        assert_eq!(refresh(&world, &second.refresh).await.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        assert_eq!(sign_in(&world, PHONE, PASSWORD).await.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        sign_in(&world, PHONE, "a new long one").await.payload("signIn");
    }

    async fn one_ends_a_session_of_ones_own_only(db: TestDatabase) {
        let world = World::new(db).await;
        let first = member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let other = member(&world, "13900000002", place(Role::Volunteer, GRID)).await;
        let second = sign_in(&world, PHONE, PASSWORD).await;
        let second = member_of(first.account, PHONE, second.payload("signIn"));
        let devices = "{ viewer { sessions { id isCurrent } } }";
        let answer = world.run(&second.person(), devices, json!({})).await;
        let sessions = answer.data("viewer.sessions").as_array().unwrap();
        let lost = sessions.iter().find(|session| session["isCurrent"] == false).unwrap()["id"].clone();
        let revoke = "mutation($id: ID!) { revokeSession(input: {sessionId: $id}) { userErrors { field code } } }";

        for foreign in [lost.clone(), json!("AAAA"), json!(World::id::<ids::Account>(first.account))] {
            let answer = world.run(&other.person(), revoke, json!({"id": foreign})).await;
            let errors = answer.user_errors("revokeSession");
            assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "NOT_FOUND", Some("sessionId")));
        }
        for _ in 0..2 {
            world.run(&second.person(), revoke, json!({"id": lost})).await.payload("revokeSession");
        }
        assert_eq!(turned_away(&world, &first.access).await, ["TOKEN_STALE"]);
        assert_eq!(turned_away(&world, &second.access).await, [""; 0]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'revokeSession'";
        assert_eq!(world.database.count(entries).await, 1);
    }
}
