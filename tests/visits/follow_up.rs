//! A need that a report names becomes a visit by one tap.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::Duration;
use entity::enums::Role;
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::{Value, json};

use super::acts::{done, meant_for};
use crate::coverage::people::{elder, home_of};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

async fn tap(world: &World, who: &Person, task: &str, more: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ followUpNeed(input: {{visitTaskId: $id {more}}}) {{
            visitTask {{ id kind status origin followsId startsAt dueAt instructions {{ value }} }} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"id": task})).await
}

fn made(answer: &Answer) -> Value {
    answer.payload("followUpNeed")["visitTask"].clone()
}

fn refusal(answer: &Answer) -> (Option<&str>, &str) {
    let errors = answer.user_errors("followUpNeed");
    assert_eq!(errors.len(), 1);
    (errors[0].field, errors[0].code)
}

/// A visit to an elder that a volunteer has made.
async fn reported(
    world: &World,
    (lead, volunteer): (&Person, &Person),
    (room, needs): (&str, &str),
) -> String {
    let elder = elder(world, BUILDING, room, entity::enums::CareTier::Key).await;
    let task = world.open_task(lead, home_of(world, elder).await).await;
    meant_for(world, task, &World::id::<ids::Resident>(elder)).await;
    let id = World::id::<ids::VisitTask>(task);
    done(world, volunteer, &id, "claimVisitTask", "").await;
    let report = format!(", outcome: SEEN_WELL, method: IN_PERSON {needs}");
    done(world, volunteer, &id, "reportVisitTask", &report).await;
    id
}

on_both! {
    async fn a_need_becomes_one_visit_however_often_it_is_tapped(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let elsewhere = world.person("孙亮", &[(Role::GridLead, OTHER_GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let people = (&lead, &volunteer);
        let well = reported(&world, people, ("101", "")).await;
        assert_eq!(refusal(&tap(&world, &lead, &well, "").await), (Some("visitTaskId"), "NOTHING_NEEDED"));
        let told = reported(&world, people, ("102", ", needs: \"客厅换灯泡\"")).await;
        assert_eq!(tap(&world, &volunteer, &told, "").await.error_codes(), ["FORBIDDEN"]);
        assert_eq!(refusal(&tap(&world, &elsewhere, &told, "").await), (Some("visitTaskId"), "NOT_FOUND"));
        let past = tap(&world, &lead, &told, ", dueAt: \"2026-03-02T09:00:00+08:00\"").await;
        assert_eq!(refusal(&past).0, Some("dueAt"));
        assert_eq!(world.count("SELECT count(*) FROM visit_task").await, 2);

        let first = made(&tap(&world, &lead, &told, "").await);
        assert_eq!(first, json!({"id": first["id"], "kind": "HOME_VISIT", "status": "OPEN", "origin": "FOLLOW_UP",
            "followsId": told, "startsAt": "2026-03-02T01:00:00.000Z", "dueAt": "2026-03-05T01:00:00.000Z",
            "instructions": {"value": "客厅换灯泡"}}));
        let alike = "SELECT count(*) FROM visit_task f JOIN visit_task t ON t.id = f.follows_id
            WHERE f.resident_id = t.resident_id AND f.household_id = t.household_id AND f.area_id = t.area_id";
        assert_eq!(world.count(alike).await, 1, "for the same person behind the same door");
        // Tapped again later, by another, for something else: it is there already.
        world.clock.advance(Duration::minutes(1));
        let second = tap(&world, &staff, &told, ", kind: SAFETY_CHECK, dueAt: \"2026-03-04T09:00:00+08:00\"").await;
        assert_eq!(made(&second), first);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'followUpNeed'").await, 1);

        // Sent back and completed, the report names another need, which is another visit.
        done(&world, &lead, &told, "returnVisitTask", ", remark: \"还缺什么\", dueAt: \"2026-03-03T10:00:00+08:00\"").await;
        done(&world, &volunteer, &told, "reportVisitTask",
            ", outcome: SEEN_WELL, method: IN_PERSON, needs: \"检查燃气\"").await;
        let more = tap(&world, &lead, &told, ", kind: SAFETY_CHECK, dueAt: \"2026-03-04T09:00:00+08:00\"").await;
        let more = made(&more);
        assert_eq!((&more["kind"], &more["dueAt"], &more["instructions"]["value"]),
            (&json!("SAFETY_CHECK"), &json!("2026-03-04T01:00:00.000Z"), &json!("检查燃气")));
        assert_ne!(more["id"], first["id"]);
    }

    /// The lead and the office tap at the same moment.
    async fn taps_at_once_make_one_visit(db: TestDatabase) {
        // One volunteer makes every round's visit, on one day.
        let settings = Settings { claims_a_day: 1000, ..Settings::default() };
        let world = Arc::new(World::with(db, settings).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        for round in 0..rounds() {
            let room = format!("{}", 101 + round);
            let needs = (room.as_str(), ", needs: \"灯泡\"");
            let told = reported(&world, (&lead, &volunteer), needs).await;
            let taps = [&lead, &staff, &lead, &staff].map(|who| {
                let (world, who, told) = (Arc::clone(&world), who.clone(), told.clone());
                tokio::spawn(async move { made(&tap(&world, &who, &told, "").await)["id"].to_string() })
            });
            let mut visits = BTreeSet::new();
            for tap in taps {
                visits.insert(tap.await.expect("no panic"));
            }
            assert_eq!(visits.len(), 1, "round {round}");
        }
        let made = world.count("SELECT count(*) FROM visit_task WHERE origin = 'FOLLOW_UP'").await;
        assert_eq!(made, i64::try_from(rounds()).unwrap());
    }
}
