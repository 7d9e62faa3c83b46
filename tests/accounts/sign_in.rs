//! By phone number and password, and out again.

use chrono::Duration;
use entity::enums::Role;
use serde_json::json;

use super::{PASSWORD, member, place, refresh, sign_in, turned_away};
use crate::support::database::on_both;
use crate::support::world::{GRID, World};

const PHONE: &str = "13900000001";
const STRANGER: &str = "13900000002";

on_both! {
    async fn one_signs_in_by_password_and_out(db: TestDatabase) {
        let world = World::new(db).await;
        let member = member(&world, PHONE, place(Role::Volunteer, GRID)).await;

        let answer = sign_in(&world, " 139-0000-0001", PASSWORD).await;
        let token: std::sync::Arc<str> = answer.payload("signIn")["accessToken"].as_str().unwrap().into();
        let again = answer.payload("signIn")["refreshToken"].as_str().unwrap().to_owned();
        assert_eq!(answer.data("signIn.accessTokenExpiresAt"), "2026-03-02T01:15:00.000Z");
        let sessions = "{ viewer { sessions { device isCurrent } } }";
        let answer = world.ask(Some(token.clone()), sessions, json!({})).await;
        let mut sessions = answer.data("viewer.sessions").as_array().unwrap().clone();
        sessions.sort_by_key(|session| session["isCurrent"].as_bool());
        assert_eq!(sessions, [
            json!({"device": null, "isCurrent": false}),
            json!({"device": "Redmi 12", "isCurrent": true}),
        ]);

        let out = world.ask(Some(token.clone()), "mutation { signOut { userErrors { code } } }", json!({})).await;
        assert_eq!(out.user_error_codes("signOut"), [""; 0]);
        assert_eq!(turned_away(&world, &token).await, ["TOKEN_STALE"]);
        assert_eq!(refresh(&world, &again).await.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        assert_eq!(turned_away(&world, &member.access).await, [""; 0], "the other session lives on");
        let entries = "SELECT count(*) FROM audit_entry WHERE action IN ('signIn', 'signOut')";
        assert_eq!(world.database.count(entries).await, 2);
        let plain = format!("SELECT count(*) FROM refresh_token WHERE token_hash = '{again}'");
        assert_eq!(world.database.count(&plain).await, 0, "only hashes are stored");
    }

    async fn an_unknown_number_answers_as_a_known_one_at_the_same_price(db: TestDatabase) {
        let world = World::new(db).await;
        member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let mut prices = Vec::new();
        for phone in [PHONE, STRANGER] {
            let (hashed, statements) = (world.app().passwords.hashed(), world.app().db.statements());
            for _ in 0..5 {
                let answer = sign_in(&world, phone, "wrong password").await;
                assert_eq!(answer.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
                assert!(answer.data("signIn.accessToken").is_null());
            }
            let locked = sign_in(&world, phone, PASSWORD).await;
            assert_eq!(locked.user_error_codes("signIn"), ["TEMPORARILY_LOCKED"]);
            prices.push((
                world.app().passwords.hashed() - hashed,
                world.app().db.statements() - statements,
            ));
        }
        assert_eq!(prices[0], prices[1]);
        assert_eq!(prices[0].0, 5, "a locked number costs no hashing");

        world.clock.advance(Duration::minutes(15));
        let answer = sign_in(&world, STRANGER, PASSWORD).await;
        assert_eq!(answer.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        let answer = sign_in(&world, PHONE, "wrong again").await;
        assert_eq!(answer.user_error_codes("signIn"), ["CREDENTIALS_INVALID"], "counting begins anew");
        sign_in(&world, PHONE, PASSWORD).await.payload("signIn");
        let failures = "SELECT count(*) FROM account WHERE failed_attempts > 0";
        assert_eq!(world.database.count(failures).await, 0);
    }

    async fn a_flood_of_guesses_gets_no_further_than_the_lock(db: TestDatabase) {
        let world = World::new(db).await;
        member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let guesses = (0..12).map(|_| sign_in(&world, PHONE, "wrong password"));
        futures_util::future::join_all(guesses).await;
        let answer = sign_in(&world, PHONE, PASSWORD).await;
        assert_eq!(answer.user_error_codes("signIn"), ["TEMPORARILY_LOCKED"]);
        let counted = "SELECT count(*) FROM account WHERE failed_attempts = 5";
        assert_eq!(world.database.count(counted).await, 1);
    }

    async fn the_right_password_ten_times_at_once_is_ten_sessions(db: TestDatabase) {
        let world = World::new(db).await;
        member(&world, PHONE, place(Role::Volunteer, GRID)).await;
        let answers = futures_util::future::join_all((0..10).map(|_| sign_in(&world, PHONE, PASSWORD))).await;
        for answer in &answers {
            answer.payload("signIn");
        }
        assert_eq!(world.database.count("SELECT count(*) FROM session").await, 11);
    }

    async fn what_is_no_number_or_device_is_refused_by_field(db: TestDatabase) {
        let world = World::new(db).await;
        let answer = sign_in(&world, "12345", PASSWORD).await;
        let errors = answer.user_errors("signIn");
        assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "PHONE_INVALID", Some("phone")));
    }
}
