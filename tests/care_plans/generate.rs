//! The server plans visits by the rules: once, however it is run.

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, Role};
use entity::{care_enrolment, care_pause, resident, visit_task};
use nuanlin::care_plans::generate::generate;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, World};

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Moves the clock on to this instant.
fn wait_until(world: &World, then: &str) {
    world.clock.advance(at(then) - world.clock.now());
}

async fn elder(world: &World, building: &str, room: &str, tier: CareTier) -> Uuid {
    let home = world.household(building, room).await;
    let elder = world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await;
    care_enrolment::Entity::update_many()
        .col_expr(care_enrolment::Column::Tier, Expr::value(tier))
        .filter(care_enrolment::Column::ResidentId.eq(elder))
        .exec(&world.raw)
        .await
        .expect("a tier");
    elder
}

async fn enrolment(world: &World, elder: Uuid) -> care_enrolment::Model {
    care_enrolment::Entity::find()
        .filter(care_enrolment::Column::ResidentId.eq(elder))
        .one(&world.raw)
        .await
        .expect("a query")
        .expect("an enrolment")
}

/// State, occasion (without the enrolment) and window of everything planned, in order: as the community's
/// list of visits tells it, but for the occasion, which is the server's own.
async fn planned(world: &World) -> Vec<String> {
    let staff = [(Role::CommunityStaff, COMMUNITY)];
    let staff = world.person("王主任", &staff).await;
    let query = "{ visitTasks(first: 100) { pageInfo { hasNextPage }
        edges { node { id status startsAt dueAt } } } }";
    let answer = world.run(&staff, query, json!({})).await;
    assert_eq!(*answer.data("visitTasks.pageInfo.hasNextPage"), false);
    let rows = visit_task::Entity::find().all(&world.raw).await;
    let rows = rows.expect("tasks");
    let mut tasks = Vec::new();
    for edge in answer.data("visitTasks.edges").as_array().expect("edges") {
        let text = |field: &str| edge["node"][field].as_str().expect("text").to_owned();
        let own = rows
            .iter()
            .find(|row| World::id::<ids::VisitTask>(row.id) == text("id"));
        // What the server called off has no occasion any more.
        let occasion = own
            .expect("its row")
            .occasion
            .clone()
            .unwrap_or("gone::".to_owned());
        let (origin, rest) = occasion.split_once(':').expect("a word");
        let (_, on) = rest.split_once(':').expect("a day");
        let local = |field| {
            (at(&text(field)) + Duration::hours(8))
                .format("%m-%dT%H:%M")
                .to_string()
        };
        let (from, to) = (local("startsAt"), local("dueAt"));
        tasks.push(format!("{} {origin} {on} {from}..{to}", text("status")));
    }
    assert_eq!(tasks.len(), rows.len(), "whatever was planned is listed");
    tasks.sort();
    tasks
}

on_both! {
    /// Weekly for high risk, monthly for the key tier, quarterly for the general one.
    async fn every_tier_is_visited_as_often_as_its_rule_says(db: TestDatabase) {
        let world = World::new(db).await;
        let tiers = [CareTier::HighRisk, CareTier::Key, CareTier::General];
        for (room, tier) in ["101", "102", "103"].into_iter().zip(tiers) {
            elder(&world, BUILDING, room, tier).await;
        }
        assert_eq!(generate(world.app()).await.unwrap(), 4);
        // Monday 2 March: this week and the next; March; and the second quarter is a month away. The
        // window of the first quarter ends on 25 March and has begun before anybody knew of her, but
        // she is enrolled since 2024.
        assert_eq!(planned(&world).await, [
            "OPEN rule 2026-01-01 01-01T00:00..03-26T00:00",
            "OPEN rule 2026-03-01 03-01T00:00..03-29T00:00",
            "OPEN rule 2026-03-02 03-02T00:00..03-09T00:00",
            "OPEN rule 2026-03-09 03-09T00:00..03-16T00:00",
        ]);
        assert_eq!(generate(world.app()).await.unwrap(), 0, "nothing twice");
        assert_eq!(world.count("SELECT count(*) FROM change WHERE kind = 'VISIT_TASK'").await, 4);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'generateVisits'").await, 1);
        // A week begins at midnight in Shanghai.
        wait_until(&world, "2026-03-08T15:59:59Z");
        assert_eq!(generate(world.app()).await.unwrap(), 0);
        wait_until(&world, "2026-03-08T16:00:00Z");
        assert_eq!(generate(world.app()).await.unwrap(), 1, "the week of the 16th");
    }

    /// Ten days without a server: what ended meanwhile is there as missed, and named.
    async fn what_a_server_slept_through_is_missed_not_forgotten(db: TestDatabase) {
        let world = World::new(db).await;
        elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        wait_until(&world, "2026-03-25T02:00:00Z");
        generate(world.app()).await.unwrap();
        assert_eq!(planned(&world).await, [
            "MISSED rule 2026-03-02 03-02T00:00..03-09T00:00",
            "MISSED rule 2026-03-09 03-09T00:00..03-16T00:00",
            "MISSED rule 2026-03-16 03-16T00:00..03-23T00:00",
            "OPEN rule 2026-03-23 03-23T00:00..03-30T00:00",
            "OPEN rule 2026-03-30 03-30T00:00..04-06T00:00",
        ]);
    }

    async fn a_pause_calls_visits_off_until_its_review(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        generate(world.app()).await.unwrap();
        let id = World::id::<ids::CareEnrolment>(enrolment(&world, elder).await.id);
        let pause = "mutation($id: ID!) { pauseEnrolment(input: {enrolmentId: $id, expectedVersion: 1,
            reviewOn: \"2026-03-06\", reason: \"住院\"}) { userErrors { code } } }";
        world.run(&staff, pause, json!({"id": id})).await.payload("pauseEnrolment");
        assert_eq!(generate(world.app()).await.unwrap(), 1);
        assert_eq!(planned(&world).await, ["CANCELLED gone  03-01T00:00..03-29T00:00"]);
        assert_eq!(generate(world.app()).await.unwrap(), 0);

        wait_until(&world, "2026-03-06T01:00:00Z");
        assert_eq!(generate(world.app()).await.unwrap(), 1);
        let staff = world.signed_in(staff.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        let resume = "mutation($id: ID!) { resumeEnrolment(input: {enrolmentId: $id, expectedVersion: 2}) {
            userErrors { code } } }";
        world.run(&staff, resume, json!({"id": id})).await.payload("resumeEnrolment");
        generate(world.app()).await.unwrap();
        assert_eq!(planned(&world).await, [
            "CANCELLED gone  03-01T00:00..03-29T00:00",
            "CANCELLED gone  03-06T00:00..03-10T00:00",
            "OPEN rule 2026-03-01:2026-03-06 03-06T00:00..03-29T00:00",
        ]);
        let pauses = care_pause::Entity::find().all(&world.raw).await.unwrap();
        assert_eq!(pauses.len(), 1);
        assert_eq!((pauses[0].from_on, pauses[0].to_on), (day("2026-03-02"), Some(day("2026-03-06"))));
    }

    /// Who has claimed a visit keeps it; what nobody has is called off.
    async fn an_end_and_a_death_call_off_what_nobody_has_claimed(db: TestDatabase) {
        let world = World::new(db).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let ended = elder(&world, BUILDING, "101", CareTier::Key).await;
        let dead = elder(&world, BUILDING, "102", CareTier::Key).await;
        let claimed = elder(&world, BUILDING, "103", CareTier::Key).await;
        generate(world.app()).await.unwrap();
        let task = visit_task::Entity::find().filter(visit_task::Column::ResidentId.eq(claimed))
            .one(&world.raw).await.unwrap().expect("a visit");
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
        let id = World::id::<ids::VisitTask>(task.id);
        world.run(&volunteer, claim, json!({"id": id})).await.payload("claimVisitTask");
        for elder in [ended, claimed] {
            let row = enrolment(&world, elder).await;
            care_enrolment::ActiveModel { id: Set(row.id), to_on: Set(Some(day("2026-03-02"))), ..Default::default() }
                .update(&world.raw).await.unwrap();
        }
        resident::ActiveModel { id: Set(dead), deceased_on: Set(Some(day("2026-03-01"))), ..Default::default() }
            .update(&world.raw).await.unwrap();
        assert_eq!(generate(world.app()).await.unwrap(), 2);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'CANCELLED'").await, 2);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'CLAIMED'").await, 1);
    }

    async fn another_rule_plans_other_visits(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        generate(world.app()).await.unwrap();
        let set = "mutation($area: ID!) { setCareRule(input: {areaId: $area, tier: HIGH_RISK,
            recurrence: \"FREQ=MONTHLY;BYMONTHDAY=8,18,28\", kind: HOME_VISIT, kinds: [HOME_VISIT],
            methods: [IN_PERSON, PHONE], fromMinute: 510, toMinute: 660}) { userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(GRID));
        world.run(&staff, set, json!({"area": area})).await.payload("setCareRule");
        generate(world.app()).await.unwrap();
        assert_eq!(planned(&world).await, [
            "CANCELLED gone  03-09T00:00..03-16T00:00",
            "OPEN rule 2026-03-02 03-02T00:00..03-09T00:00",
            "OPEN rule 2026-03-08 03-08T08:30..03-08T11:00",
        ]);
    }

    /// Two servers, many times, at the same moment: the same visits, each made and told of once.
    async fn two_servers_at_once_make_every_visit_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        for room in 0..20 {
            let building = if room % 2 == 0 { BUILDING } else { OTHER_BUILDING };
            elder(&world, building, &format!("2{room:02}"), CareTier::HighRisk).await;
        }
        for round in 0..i64::try_from(rounds()).unwrap().min(10) {
            let runs = [0; 4].map(|_| {
                let world = Arc::clone(&world);
                tokio::spawn(async move { generate(world.app()).await.expect("visits") })
            });
            let mut made = 0;
            for run in runs {
                made += run.await.expect("no panic");
            }
            let new = if round == 0 { 40 } else { 20 };
            assert_eq!(made, new, "round {round}");
            let all = 20 * (2 + round);
            assert_eq!(world.count("SELECT count(*) FROM visit_task").await, all);
            let told = "SELECT count(DISTINCT object_id) FROM change WHERE kind = 'VISIT_TASK' AND area_before IS NULL";
            assert_eq!(world.count(told).await, all);
            world.clock.advance(Duration::days(7));
            let app = world.app();
            miss_past_visits(&app.db, &app.keys, &app.clock).await.unwrap();
        }
    }
}
