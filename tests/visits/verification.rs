//! Who looks at a report: a person, by rule or by doubt, or else the server in time.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use nuanlin::visits::verification::job::{auto_verify, draw};
use serde_json::{Value, json};

use super::acts::{act, done, meant_for, state};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// Sets the rule of home visits in an area.
pub async fn set_rule(world: &World, staff: &Person, area: &str, rule: &str) -> Answer {
    let query = format!(
        "mutation($area: ID!) {{ setVerificationRule(input: {{areaId: $area, kind: HOME_VISIT {rule}}}) {{
            verificationRules {{ area {{ name }} mode percent hours version }} userErrors {{ field code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(area));
    world.run(staff, &query, json!({"area": area})).await
}

async fn reported(
    world: &World,
    (lead, visitor): (&Person, &Person),
    room: &str,
    report: &str,
) -> uuid::Uuid {
    let home = world.household(BUILDING, room).await;
    let task = world.open_task(lead, home).await;
    let id = World::id::<ids::VisitTask>(task);
    done(world, visitor, &id, "claimVisitTask", "").await;
    done(world, visitor, &id, "reportVisitTask", report).await;
    task
}

const WELL: &str = ", outcome: SEEN_WELL, method: IN_PERSON";

on_both! {
    async fn the_server_verifies_what_nobody_looked_at_in_time(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let people = (&lead, &volunteer);
        let before = reported(&world, people, "101", WELL).await;
        set_rule(&world, &staff, COMMUNITY, ", mode: AUTO, hours: 24").await.payload("setVerificationRule");
        let well = reported(&world, people, "102", WELL).await;
        let doubts = [
            ", outcome: NEEDS_HELP, method: IN_PERSON",
            ", outcome: DECEASED, method: IN_PERSON",
            ", outcome: SEEN_WELL, method: IN_PERSON, needs: \"需要换灯泡\"",
            ", outcome: SEEN_WELL, method: IN_PERSON, wellbeing: {mood: POOR}",
            ", outcome: SEEN_WELL, method: IN_PERSON, proposedTier: HIGH_RISK",
            ", outcome: SEEN_WELL, method: IN_PERSON, phoneTime: \"2026-03-02T09:05:01+08:00\"",
        ];
        let mut waiting = vec![before];
        for (at, doubt) in doubts.iter().enumerate() {
            waiting.push(reported(&world, people, &format!("20{at}"), doubt).await);
        }
        let app = world.app();
        world.clock.advance(Duration::hours(24) - Duration::seconds(1));
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 1);
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        assert_eq!(state(&world, well).await, "VERIFIED");
        assert_eq!(world.audited("autoVerifyVisitTask", well).await, 1);
        for task in waiting {
            assert_eq!(state(&world, task).await, "REPORTED");
        }
    }

    /// An alarm that was raised at the door, or when the report was filed already, is a person's matter.
    async fn a_visit_with_an_alarm_waits_for_a_person(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        set_rule(&world, &staff, COMMUNITY, ", mode: AUTO, hours: 1").await.payload("setVerificationRule");
        let raise = "mutation($id: ID!) { raiseAlarm(input: {visitTaskId: $id, kind: MEDICAL}) { userErrors { code } } }";
        let (before, after) = (["claimVisitTask", "raiseAlarm", "reportVisitTask"],
            ["claimVisitTask", "reportVisitTask", "raiseAlarm"]);
        let mut tasks = Vec::new();
        for (room, steps) in [("101", before), ("102", after)] {
            let home = world.household(BUILDING, room).await;
            let task = world.open_task(&lead, home).await;
            let id = World::id::<ids::VisitTask>(task);
            for step in steps {
                match step {
                    "raiseAlarm" => {
                        world.run(&lead, raise, json!({"id": id})).await.payload(step);
                    }
                    "reportVisitTask" => {
                        done(&world, &volunteer, &id, step, WELL).await;
                    }
                    _ => {
                        done(&world, &volunteer, &id, step, "").await;
                    }
                }
            }
            tasks.push(task);
        }
        world.clock.advance(Duration::days(1));
        let app = world.app();
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 0);
        for task in tasks {
            assert_eq!(state(&world, task).await, "REPORTED");
        }
    }

    /// The grid draws fifty of a hundred for somebody's eyes, by the visits' own numbers and no dice; the
    /// server verifies the others at once.
    async fn a_sample_leaves_some_to_a_person(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let rules = set_rule(&world, &staff, COMMUNITY, ", mode: AUTO, hours: 1").await;
        assert_eq!(rules.payload("setVerificationRule")["verificationRules"][0]["hours"], 1);
        set_rule(&world, &staff, GRID, ", mode: SAMPLE, percent: 50").await.payload("setVerificationRule");
        let mut all = Vec::new();
        for at in 0..12 {
            all.push(reported(&world, (&lead, &volunteer), &format!("3{at:02}"), WELL).await);
        }
        let app = world.app();
        let ends = |task| if draw(&app.keys, task) < 50 { "REPORTED" } else { "VERIFIED" };
        let expected = all.iter().filter(|task| ends(**task) == "VERIFIED").count();
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), expected);
        world.clock.advance(Duration::days(8));
        assert_eq!(auto_verify(&app.db, &app.keys, &world.clock).await.unwrap(), 0, "the sample waits");
        for task in all {
            assert_eq!(state(&world, task).await, ends(task));
        }
    }

    async fn rules_are_checked_and_the_nearest_shows_first(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        for (rule, code, field) in [
            (", mode: SAMPLE", "REQUIRED", "percent"),
            (", mode: SAMPLE, percent: 100", "OUT_OF_RANGE", "percent"),
            (", mode: AUTO, hours: 169", "OUT_OF_RANGE", "hours"),
            (", mode: ALL, expectedVersion: 3", "VERSION_CONFLICT", "expectedVersion"),
        ] {
            let refused = set_rule(&world, &staff, COMMUNITY, rule).await;
            let error = &refused.data("setVerificationRule")["userErrors"][0];
            assert_eq!((error["code"].as_str(), error["field"].as_str()), (Some(code), Some(field)));
        }
        set_rule(&world, &staff, COMMUNITY, ", mode: ALL").await.payload("setVerificationRule");
        let set = set_rule(&world, &staff, GRID, ", tier: KEY, mode: AUTO, hours: 4").await;
        let modes: Vec<&Value> = set.payload("setVerificationRule")["verificationRules"]
            .as_array().unwrap().iter().map(|rule| &rule["mode"]).collect();
        assert_eq!(modes, [&json!("AUTO"), &json!("ALL")]);
        let gone = set_rule(&world, &staff, GRID, ", tier: KEY").await;
        assert_eq!(gone.payload("setVerificationRule")["verificationRules"].as_array().unwrap().len(), 1);
        let not_theirs = set_rule(&world, &lead, GRID, ", mode: ALL").await;
        assert_eq!(not_theirs.error_codes(), ["FORBIDDEN"]);
    }

    /// The card hangs behind the door: who reads its code was inside. Nobody is tracked.
    async fn arrival_is_known_by_the_card_or_by_a_coarse_distance(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let household = World::id::<ids::Household>(home);
        let card = "mutation($id: ID!) { replaceContactCard(input: {householdId: $id}) { code userErrors { code } } }";
        let first = world.run(&lead, card, json!({"id": household})).await;
        let first = first.payload("replaceContactCard")["code"].as_str().unwrap().to_owned();
        let second = world.run(&lead, card, json!({"id": household})).await;
        let second = second.payload("replaceContactCard")["code"].as_str().unwrap().to_lowercase();
        let id = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        let with = |code: &str| format!("{WELL}, arrivalCode: \"{code}\"");
        let old = act(&world, &volunteer, &id, "reportVisitTask", &with(&first)).await;
        assert_eq!(old.user_error_codes("reportVisitTask"), ["CODE_INVALID"]);
        assert_eq!(world.count("SELECT count(*) FROM contact_card WHERE failed_tries = 1").await, 1);
        done(&world, &volunteer, &id, "reportVisitTask", &with(&second)).await;
        assert_eq!(world.count("SELECT count(*) FROM contact_card WHERE failed_tries <> 0").await, 0);
        let shown = "query($id: ID!) { visitTask(id: $id) { reports { arrival isClockOff } } }";
        let shown = world.run(&lead, shown, json!({"id": id})).await;
        assert_eq!(*shown.data("visitTask.reports"), json!([{"arrival": "CODE", "isClockOff": false}]));
        // A place that is none is refused; nothing is stored of one that is.
        let nowhere = act(&world, &volunteer, &id, "reportVisitTask",
            &format!("{WELL}, position: {{latitude: 91, longitude: 0}}")).await;
        assert_eq!(nowhere.user_error_codes("reportVisitTask"), ["OUT_OF_RANGE"]);
    }

    /// What the volunteer noticed becomes another tier and another visit, by one tap each.
    async fn a_need_becomes_a_tier_and_a_visit(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let task = world.open_task(&lead, home).await;
        meant_for(&world, task, &World::id::<ids::Resident>(elder)).await;
        let id = World::id::<ids::VisitTask>(task);
        done(&world, &volunteer, &id, "claimVisitTask", "").await;
        done(&world, &volunteer, &id, "reportVisitTask",
            ", outcome: NEEDS_HELP, method: IN_PERSON, needs: \"不能自己做饭\", proposedTier: HIGH_RISK").await;
        let accept = "mutation($id: ID!) { acceptProposedTier(input: {visitTaskId: $id}) {
            enrolment { tier } userErrors { code } } }";
        let own = world.run(&volunteer, accept, json!({"id": id})).await;
        assert_eq!(own.error_codes(), ["FORBIDDEN"]);
        for _ in 0..2 {
            let accepted = world.run(&lead, accept, json!({"id": id})).await;
            assert_eq!(accepted.payload("acceptProposedTier")["enrolment"]["tier"], "HIGH_RISK");
        }
        let plan = "mutation($home: ID!, $id: ID!) { planVisitTask(input: {householdId: $home,
            kind: MEAL_DELIVERY, startsAt: \"2026-03-02T10:00:00Z\", dueAt: \"2026-03-03T10:00:00Z\",
            followsId: $id}) { visitTask { origin followsId } userErrors { field code } } }";
        let home = World::id::<ids::Household>(home);
        let planned = world.run(&lead, plan, json!({"home": home, "id": id})).await;
        assert_eq!(planned.payload("planVisitTask")["visitTask"],
            json!({"origin": "FOLLOW_UP", "followsId": id}));
    }
}
