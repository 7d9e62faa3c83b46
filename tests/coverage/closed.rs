//! A closed month stays what it was; what becomes known later is another version.

use std::sync::Arc;

use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{
    Visit, at, claimed, coverage, day, elder, home_of, paused, visited, wait_until,
};
use crate::findings::story::{decide, found, visit};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, Person, World};
use crate::visits::acts::again;

const CLOSE: &str =
    "mutation($input: CloseCoverageMonthInput!) { closeCoverageMonth(input: $input) {
    coverageVersion { version closedBy contactRate { roster contacted verified missed }
        changes { name { value } figure before after differsIn authors } }
    userErrors { field code } } }";

async fn close(world: &World, who: &Person, code: &str, month: &str) -> Answer {
    let area = World::id::<ids::Area>(world.area(code));
    let input = json!({"areaId": area, "month": month});
    world.run(who, CLOSE, json!({"input": input})).await
}

async fn staff(world: &World) -> Person {
    world
        .person("王主任", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

fn version(answer: &Answer) -> Value {
    answer.payload("closeCoverageMonth")["coverageVersion"].clone()
}

on_both! {
    async fn late_facts_make_a_second_version_with_its_authors(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let seen = elder(&world, BUILDING, "101", CareTier::Key).await;
        visited(&world, &lead, seen, Visit::good(at("2026-03-05T10:00:00"))).await;
        let missed = elder(&world, BUILDING, "102", CareTier::Key).await;
        let early = close(&world, &staff(&world).await, COMMUNITY, "2026-03").await;
        assert_eq!(early.user_error_codes("closeCoverageMonth"), ["MONTH_NOT_OVER"]);

        wait_until(&world, "2026-04-01T00:00:00");
        let clerk = staff(&world).await;
        let refused = close(&world, &clerk, GRID, "2026-03").await;
        assert_eq!(refused.user_error_codes("closeCoverageMonth"), ["AREA_UNFIT"]);
        let refused = close(&world, &clerk, COMMUNITY, "三月").await;
        assert_eq!(refused.user_error_codes("closeCoverageMonth"), ["MONTH_INVALID"]);
        let first = version(&close(&world, &clerk, COMMUNITY, "2026-03").await);
        assert_eq!(first, json!({"version": 1, "closedBy": "王主任", "changes": [],
            "contactRate": {"roster": 2, "contacted": 1, "verified": 1, "missed": 1}}));
        let again = close(&world, &clerk, COMMUNITY, "2026-03").await;
        assert_eq!(again.user_error_codes("closeCoverageMonth"), ["NOTHING_CHANGED"]);
        assert_eq!(coverage(&world, &clerk, COMMUNITY, "2026-03").await["isOutdated"], false);

        // On 3 April a volunteer's report of 20 March comes in.
        wait_until(&world, "2026-04-03T09:00:00");
        let window = (at("2026-03-20T00:00:00"), at("2026-04-08T00:00:00"));
        let task = claimed(&world, (&lead, &volunteer), missed, window).await;
        let volunteer = world.signed_in(volunteer.account, 1, vec![(Role::Volunteer, world.area(GRID))]).await;
        let report = "mutation($id: ID!) { reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL,
            method: IN_PERSON, occurredAt: \"2026-03-20T02:00:00Z\"}) { userErrors { code } } }";
        let id = World::id::<ids::VisitTask>(task);
        world.run(&volunteer, report, json!({"id": id})).await.payload("reportVisitTask");
        let clerk = world.signed_in(clerk.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        assert_eq!(coverage(&world, &clerk, COMMUNITY, "2026-03").await["isOutdated"], true);
        let second = version(&close(&world, &clerk, COMMUNITY, "2026-03").await);
        assert_eq!(second, json!({"version": 2, "closedBy": "王主任",
            "contactRate": {"roster": 2, "contacted": 2, "verified": 1, "missed": 0},
            "changes": [{"name": {"value": "李秀英102"}, "figure": "CONTACT", "before": "MISSED",
                "after": "CONTACTED", "differsIn": ["OUTCOME", "IN_PERSON"], "authors": ["陈静"]}]}));
        let kept = "SELECT count(*) FROM coverage_person p JOIN coverage_month m ON m.id = p.coverage_month_id
            WHERE m.version = 1 AND p.outcome = 'MISSED'";
        assert_eq!(world.count(kept).await, 1, "the first version says what it said");
    }

    /// A round of calls is audited once for many, a confirmed finding by itself, a move by the household:
    /// whoever made the difference is named, also where only a reason or a place differs.
    async fn whatever_is_known_better_has_its_author(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let office = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let called = elder(&world, BUILDING, "101", CareTier::General).await;
        let gone = elder(&world, BUILDING, "102", CareTier::General).await;
        let moving = elder(&world, BUILDING, "103", CareTier::General).await;
        let resting = elder(&world, BUILDING, "104", CareTier::General).await;
        paused(&world, resting, day("2026-03-10"), None).await;
        let told = visit(&world, &lead, gone).await;
        let finding = found(&world, &volunteer, told, "MOVED_AWAY").await.expect("a finding");
        wait_until(&world, "2026-04-01T09:00:00");
        let clerk = staff(&world).await;
        let first = version(&close(&world, &clerk, COMMUNITY, "2026-03").await);
        assert_eq!(first["contactRate"], json!({"roster": 4, "contacted": 0, "verified": 0, "missed": 3}));

        wait_until(&world, "2026-04-02T09:00:00");
        let clerk = again(&world, &clerk, Role::CommunityStaff, COMMUNITY).await;
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let office = again(&world, &office, Role::CommunityStaff, COMMUNITY).await;
        let calls = "mutation($id: ID!) { recordContacts(input: {contacts: [{residentId: $id,
            outcome: SEEN_WELL, occurredAt: \"2026-03-30T10:00:00+08:00\"}]}) {
            results { userErrors { code } } userErrors { code } } }";
        let id = World::id::<ids::Resident>(called);
        let called = world.run(&lead, calls, json!({"id": id})).await;
        assert_eq!(called.payload("recordContacts")["results"], json!([{"userErrors": []}]));
        decide(&world, &clerk, "confirmFinding", &finding, ", onDate: \"2026-03-20\"").await.payload("confirmFinding");
        let home = World::id::<ids::Household>(home_of(&world, moving).await);
        let moved = "mutation($home: ID!, $to: ID!) { moveHousehold(input: {householdId: $home,
            expectedVersion: 1, areaId: $to, onDate: \"2026-03-15\"}) { userErrors { code } } }";
        let to = World::id::<ids::Area>(world.area(OTHER_BUILDING));
        let moved = world.run(&office, moved, json!({"home": home, "to": to})).await;
        moved.payload("moveHousehold");
        let died = "mutation($id: ID!) { recordDeath(input: {residentId: $id, expectedVersion: 1,
            diedOn: \"2026-03-28\", source: \"家属\"}) { userErrors { code } } }";
        let id = World::id::<ids::Resident>(resting);
        world.run(&lead, died, json!({"id": id})).await.payload("recordDeath");

        let second = version(&close(&world, &clerk, COMMUNITY, "2026-03").await);
        let change = |room: u32, before: &str, after: &str, differs: Value, author: &[&str]| {
            json!({"name": {"value": format!("李秀英{room}")}, "figure": "CONTACT", "before": before,
                "after": after, "differsIn": differs, "authors": author})
        };
        let mut changes = second["changes"].as_array().unwrap().clone();
        changes.sort_by_key(|change| change["name"]["value"].to_string());
        assert_eq!(json!(changes), json!([
            change(101, "MISSED", "CONTACTED", json!(["OUTCOME"]), &["周建国"]),
            change(102, "MISSED", "EXCLUDED", json!(["OUTCOME", "REASON"]), &["王主任"]),
            change(103, "MISSED", "MISSED", json!(["PLACE"]), &["赵敏"]),
            // Who records a death is not named.
            change(104, "EXCLUDED", "EXCLUDED", json!(["REASON"]), &[]),
        ]));
    }

    async fn a_month_closed_by_many_at_once_is_closed_once(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        elder(&world, BUILDING, "101", CareTier::Key).await;
        wait_until(&world, "2026-05-01T00:00:00");
        let clerk = staff(&world).await;
        for round in 0..rounds().min(20) {
            let month = format!("20{:02}-03", 25 - round % 20);
            let calls = [0; 6].map(|_| {
                let (world, clerk, month) = (Arc::clone(&world), clerk.clone(), month.clone());
                tokio::spawn(async move {
                    close(&world, &clerk, COMMUNITY, &month).await.user_error_codes("closeCoverageMonth").join("")
                })
            });
            let mut outcomes = Vec::new();
            for call in calls {
                outcomes.push(call.await.expect("no panic"));
            }
            outcomes.sort();
            let mut expected = vec![""; 1];
            expected.extend(["NOTHING_CHANGED"; 5]);
            assert_eq!(outcomes, expected);
            world.clock.advance(Duration::seconds(1));
        }
    }
}
