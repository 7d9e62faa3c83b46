//! Refresh tokens: used once, with a grace, and what a second holder brings about.

use std::sync::Arc;

use chrono::Duration;
use entity::enums::Role;

use super::{Member, member, place, refresh, turned_away};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{GRID, World};

async fn start(world: &World) -> Member {
    member(world, "13900000001", place(Role::Volunteer, GRID)).await
}

fn successor(answer: &Answer) -> String {
    answer.payload("refreshSession")["refreshToken"]
        .as_str()
        .unwrap()
        .to_owned()
}

fn access(answer: &Answer) -> Arc<str> {
    answer.payload("refreshSession")["accessToken"]
        .as_str()
        .unwrap()
        .into()
}

on_both! {
    async fn a_token_is_exchanged_and_within_the_grace_again(db: TestDatabase) {
        let world = World::new(db).await;
        let member = start(&world).await;
        let first = refresh(&world, &member.refresh).await;
        assert_ne!(successor(&first), member.refresh);
        assert_eq!(turned_away(&world, &access(&first)).await, [""; 0]);
        world.clock.advance(Duration::seconds(20));
        let again = refresh(&world, &member.refresh).await;
        assert_eq!(successor(&again), successor(&first));
        assert_ne!(access(&again), access(&first));
        assert_eq!(turned_away(&world, &access(&again)).await, [""; 0]);
        assert_eq!(world.database.count("SELECT count(*) FROM refresh_token").await, 2);
    }

    async fn after_the_grace_the_session_ends_for_both_holders(db: TestDatabase) {
        let world = World::new(db).await;
        let member = start(&world).await;
        let first = refresh(&world, &member.refresh).await;
        world.clock.advance(Duration::seconds(21));
        let reused = refresh(&world, &member.refresh).await;
        assert_eq!(reused.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        let next = refresh(&world, &successor(&first)).await;
        assert_eq!(next.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        assert_eq!(turned_away(&world, &access(&first)).await, ["TOKEN_STALE"]);
        assert_eq!(turned_away(&world, &member.access).await, ["TOKEN_STALE"]);
        refresh(&world, &member.refresh).await;
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'refreshSession'";
        assert_eq!(world.database.count(entries).await, 1, "it ends once");
        let reason = "SELECT count(*) FROM session WHERE revoke_reason = 'REUSE'";
        assert_eq!(world.database.count(reason).await, 1);
    }

    async fn a_late_duplicate_gets_its_successor_though_it_is_used(db: TestDatabase) {
        let world = World::new(db).await;
        let member = start(&world).await;
        let first = successor(&refresh(&world, &member.refresh).await);
        let second = successor(&refresh(&world, &first).await);
        world.clock.advance(Duration::seconds(20));
        let late = refresh(&world, &member.refresh).await;
        assert_eq!(successor(&late), first);
        assert_eq!(turned_away(&world, &access(&late)).await, [""; 0]);
        assert_eq!(successor(&refresh(&world, &first).await), second);
        let kept = world.database.count("SELECT count(*) FROM refresh_token").await;
        assert_eq!(kept, 3, "no second line of successors");

        world.clock.advance(Duration::milliseconds(1));
        let reused = refresh(&world, &member.refresh).await;
        assert_eq!(reused.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        let last = refresh(&world, &second).await;
        assert_eq!(last.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
    }

    async fn twenty_at_once_get_one_successor(db: TestDatabase) {
        let world = World::new(db).await;
        let mut token = start(&world).await.refresh;
        for round in 1..=rounds() {
            let answers = futures_util::future::join_all((0..20).map(|_| refresh(&world, &token))).await;
            token = successor(&answers[0]);
            for answer in &answers {
                assert_eq!(successor(answer), token);
            }
            let kept = world.database.count("SELECT count(*) FROM refresh_token").await;
            assert_eq!(kept, i64::try_from(round).unwrap() + 1);
        }
    }

    async fn a_session_lives_thirty_days_from_its_last_refresh(db: TestDatabase) {
        let world = World::new(db).await;
        let mut token = start(&world).await.refresh;
        for _ in 0..2 {
            world.clock.advance(Duration::days(29));
            token = successor(&refresh(&world, &token).await);
        }
        world.clock.advance(Duration::days(30));
        let late = refresh(&world, &token).await;
        assert_eq!(late.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
    }

    async fn what_is_no_token_is_no_session(db: TestDatabase) {
        let world = World::new(db).await;
        start(&world).await;
        for token in ["", "x", "汉字", &"A".repeat(43)] {
            let answer = refresh(&world, token).await;
            assert_eq!(answer.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        }
    }
}
