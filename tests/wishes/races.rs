//! Many at once: one doer, no more helpers than there are places, and one end.

use std::sync::Arc;

use entity::enums::Role;
use futures_util::future::join_all;
use nuanlin::config::Settings;

use super::town::Town;
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{GRID, Person, World};

async fn volunteers(town: &Town, many: usize) -> Vec<Person> {
    let mut people = Vec::new();
    for number in 0..many {
        people.push(
            town.world
                .person(&format!("志愿者{number}"), &[(Role::Volunteer, GRID)])
                .await,
        );
    }
    people
}

/// What each of them is told, all at the same time.
async fn all_at_once(
    town: &Arc<Town>,
    people: &[Person],
    (mutation, wish): (&'static str, &str),
) -> Vec<String> {
    let acts = people.iter().cloned().map(|who| {
        let (town, wish) = (Arc::clone(town), wish.to_owned());
        tokio::spawn(async move { town.act(&who, mutation, (&wish, "")).await })
    });
    let told = join_all(acts).await.into_iter();
    told.map(|told| told.expect("no panic")).collect()
}

fn count(told: &[String], what: &str) -> usize {
    told.iter().filter(|one| *one == what).count()
}

async fn many(db: crate::support::database::TestDatabase) -> Arc<Town> {
    let settings = Settings {
        claims_a_day: 1000,
        ..Settings::default()
    };
    Arc::new(Town::within(World::with(db, settings).await).await)
}

on_both! {
    /// Two hundred volunteers join for one place: exactly one gets it.
    async fn two_hundred_join_for_one_place(db: TestDatabase) {
        let town = many(db).await;
        let wish = town.wish(", helpersWanted: 1").await;
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let people = volunteers(&town, 200).await;
        let told = all_at_once(&town, &people, ("joinWish", &wish)).await;
        assert_eq!((count(&told, "BOOKED"), count(&told, "SESSION_FULL")), (1, 199));
        assert_eq!(town.world.count("SELECT count(*) FROM wish_hand WHERE part = 'HELPER' AND status = 'JOINED'").await, 1);
    }

    /// Many take one call on: one has it.
    async fn one_takes_it_on(db: TestDatabase) {
        let town = many(db).await;
        let people = volunteers(&town, 12).await;
        for _ in 0..rounds() {
            let wish = town.wish("").await;
            let told = all_at_once(&town, &people, ("takeWish", &wish)).await;
            assert_eq!((count(&told, "BOOKED"), count(&told, "ALREADY_CLAIMED")), (1, 11));
        }
    }

    /// Fulfilled and withdrawn at once: one of both, and the hands are as the wish is.
    async fn fulfilled_or_withdrawn(db: TestDatabase) {
        let town = many(db).await;
        for _ in 0..rounds() {
            let (wish, code) = town.told("").await;
            assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
            let done = format!(", code: \"{code}\" {}", town.minutes(&wish, &[("刘洋", 30)]).await);
            let (fulfilled, withdrawn) = tokio::join!(
                town.act(&town.liu, "fulfilWish", (&wish, &done)),
                town.act(&town.zhou, "withdrawWish", (&wish, ", reason: \"不需要了\"")),
            );
            let told = (fulfilled.as_str(), withdrawn.as_str());
            assert!([("FULFILLED", "ALREADY_FINISHED"), ("ALREADY_FINISHED", "WITHDRAWN"),
                ("NOT_CLAIMED_BY_YOU", "WITHDRAWN"), ("NOT_FOUND", "WITHDRAWN"), ("CODE_INVALID", "WITHDRAWN")].contains(&told), "{told:?}");
        }
        let strays = "SELECT count(*) FROM wish_hand h JOIN wish w ON w.id = h.wish_id
            WHERE (w.status = 'WITHDRAWN') <> (h.status = 'LEFT')";
        assert_eq!(town.world.count(strays).await, 0);
    }

    /// Given back while another joins: nobody stays with a wish that is a call again.
    async fn given_back_and_joined(db: TestDatabase) {
        let town = many(db).await;
        for _ in 0..rounds() {
            let wish = town.wish(", helpersWanted: 1").await;
            assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
            let (back, joined) = tokio::join!(
                town.act(&town.liu, "giveWishBack", (&wish, ", reason: \"有事\"")),
                town.act(&town.chen, "joinWish", (&wish, "")),
            );
            assert_eq!(back, "OPEN");
            assert!(["BOOKED", "OPEN", "NOT_OPEN"].contains(&joined.as_str()), "{joined}");
        }
        let stays = "SELECT count(*) FROM wish_hand h JOIN wish w ON w.id = h.wish_id
            WHERE w.status = 'OPEN' AND h.status <> 'LEFT'";
        assert_eq!(town.world.count(stays).await, 0);
    }

    /// Wrong codes at once are counted one after the other: five are too many, however fast.
    async fn wrong_codes_at_once(db: TestDatabase) {
        let town = many(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let minutes = town.minutes(&wish, &[("刘洋", 30)]).await;
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let tries = (0..5).map(|_| {
            let (town, wish) = (Arc::clone(&town), wish.clone());
            let more = format!(", code: \"{wrong}\" {minutes}");
            tokio::spawn(async move { town.act(&town.liu, "fulfilWish", (&wish, &more)).await })
        });
        for told in join_all(tries).await {
            assert_eq!(told.expect("no panic"), "CODE_INVALID");
        }
        let more = format!(", code: \"{code}\" {minutes}");
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &more)).await, "CODE_INVALID");
    }
}
