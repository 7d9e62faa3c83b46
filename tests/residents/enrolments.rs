//! Enrolling in care visits, changing, pausing, ending.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::{clerk, traces, with};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

/// Runs one of the mutations that differ only in their name.
async fn run(world: &World, who: &Person, mutation: &str, input: Value) -> Answer {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ enrolment {{ id version tier
        circumstances fromOn toOn reason endReason pausedOn reviewOn }}
        userErrors {{ field code message }} }} }}"
    );
    world.run(who, &query, json!({"input": input})).await
}

async fn history(world: &World, who: &Person, resident: &str) -> Value {
    let query = "query($id: ID!) { resident(id: $id) { tier { value } enrolment { id }
        enrolments { id tier fromOn toOn } } }";
    let answer = world.run(who, query, json!({"id": resident})).await;
    answer.data("resident").clone()
}

/// A resident of the first grid who is not enrolled.
async fn newcomer(world: &World, who: &Person) -> String {
    let home = World::id::<ids::Household>(world.household(BUILDING, "101").await);
    let query = "mutation($input: AddResidentInput!) { addResident(input: $input) {
        resident { id } userErrors { field code } } }";
    let input = json!({"input": {"householdId": home, "name": "李秀英", "bornOn": "1944-05-06"}});
    let added = world.run(who, query, input).await;
    added.payload("addResident")["resident"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The same account at a later time: the first token is only good for a quarter of an hour.
async fn later(world: &World, who: &Person, days: i64) -> Person {
    world.clock.advance(Duration::days(days));
    let grants = vec![(Role::CommunityStaff, world.area(COMMUNITY))];
    world.signed_in(who.account, 1, grants).await
}

on_both! {
    async fn from_enrolment_to_its_end(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let resident = newcomer(&world, &staff).await;
        let input = json!({"residentId": resident, "tier": "GENERAL", "reason": "独居",
            "circumstances": ["LIVES_ALONE"], "idempotencyKey": world.clock.new_id()});
        let enrolled = run(&world, &staff, "enrolResident", input.clone()).await;
        let first = enrolled.payload("enrolResident")["enrolment"].clone();
        assert_eq!((&first["fromOn"], &first["tier"]), (&json!("2026-03-02"), &json!("GENERAL")));
        let again = run(&world, &staff, "enrolResident", input).await;
        assert_eq!(again.payload("enrolResident")["enrolment"]["id"], first["id"]);
        let second = json!({"residentId": resident, "tier": "KEY", "circumstances": []});
        let second = run(&world, &staff, "enrolResident", second).await;
        assert_eq!(second.user_error_codes("enrolResident"), ["ALREADY_ENROLLED"]);

        // On its first day it is corrected; later it ends and another begins.
        let change = json!({"enrolmentId": first["id"], "expectedVersion": 1, "tier": "KEY"});
        let changed = run(&world, &staff, "changeEnrolment", change).await;
        let changed = &changed.payload("changeEnrolment")["enrolment"];
        assert_eq!((&changed["id"], &changed["version"], &changed["tier"]), (&first["id"], &json!(2), &json!("KEY")));
        let staff = later(&world, &staff, 30).await;
        let pause = json!({"enrolmentId": first["id"], "expectedVersion": 2, "reviewOn": "2026-05-01",
            "reason": "住院"});
        let paused = run(&world, &staff, "pauseEnrolment", pause).await;
        let paused = &paused.payload("pauseEnrolment")["enrolment"];
        assert_eq!((&paused["pausedOn"], &paused["reviewOn"]), (&json!("2026-04-01"), &json!("2026-05-01")));
        let staff = later(&world, &staff, 10).await;
        let change = json!({"enrolmentId": first["id"], "expectedVersion": 3, "tier": "HIGH_RISK",
            "circumstances": ["LIVES_ALONE", "CARE_DEPENDENT"], "fromOn": "2026-04-10"});
        let changed = run(&world, &staff, "changeEnrolment", change).await;
        let next = changed.payload("changeEnrolment")["enrolment"].clone();
        assert_ne!(next["id"], first["id"]);
        assert_eq!((&next["version"], &next["reason"], &next["pausedOn"]), (&json!(1), &json!("独居"), &json!("2026-04-01")));
        let resumed = json!({"enrolmentId": next["id"], "expectedVersion": 1});
        let resumed = run(&world, &staff, "resumeEnrolment", resumed).await;
        assert_eq!(resumed.payload("resumeEnrolment")["enrolment"]["pausedOn"], Value::Null);
        let shown = history(&world, &staff, &resident).await;
        assert_eq!(shown["tier"]["value"], "HIGH_RISK");
        assert_eq!(shown["enrolments"], json!([
            {"id": next["id"], "tier": "HIGH_RISK", "fromOn": "2026-04-10", "toOn": null},
            {"id": first["id"], "tier": "KEY", "fromOn": "2026-03-02", "toOn": "2026-04-10"}]));

        let end = json!({"enrolmentId": next["id"], "expectedVersion": 2, "endedOn": "2026-04-11", "reason": "搬走"});
        let ended = run(&world, &staff, "endEnrolment", end).await;
        assert_eq!(ended.payload("endEnrolment")["enrolment"]["endReason"], "搬走");
        let shown = history(&world, &staff, &resident).await;
        assert_eq!((&shown["enrolment"], &shown["tier"]["value"]), (&Value::Null, &Value::Null));
        // The first day belongs to an enrolment, the last does not: on that day another may begin.
        let anew = json!({"residentId": resident, "tier": "KEY", "circumstances": [], "fromOn": "2026-04-10"});
        let overlap = run(&world, &staff, "enrolResident", anew.clone()).await;
        assert_eq!(overlap.user_error_codes("enrolResident"), ["ENROLMENT_OVERLAPS"]);
        let anew = with(anew, &json!({"fromOn": "2026-04-11"}));
        run(&world, &staff, "enrolResident", anew).await.payload("enrolResident");
        // An entry each for adding, enrolling twice, changing twice, pausing, resuming and ending.
        assert_eq!(traces(&world).await[7], 8);
    }

    async fn refusals_name_the_state_before_the_version(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let resident = newcomer(&world, &staff).await;
        let input = json!({"residentId": resident, "tier": "KEY", "circumstances": ["EMPTY_NEST"]});
        let enrolled = run(&world, &staff, "enrolResident", input).await;
        let id = enrolled.payload("enrolResident")["enrolment"]["id"].clone();
        let before = traces(&world).await;
        let on = |version: i64, more: Value| with(json!({"enrolmentId": id, "expectedVersion": version}), &more);
        for (mutation, input, field, code) in [
            ("resumeEnrolment", on(9, json!({})), "enrolmentId", "NOT_PAUSED"),
            ("pauseEnrolment", on(1, json!({"reviewOn": "2026-03-02"})), "reviewOn", "WINDOW_INVALID"),
            ("pauseEnrolment", on(1, json!({"reviewOn": "2027-03-04"})), "reviewOn", "OUT_OF_RANGE"),
            ("pauseEnrolment", on(1, json!({"pausedOn": "2026-03-03", "reviewOn": "2026-04-02"})), "pausedOn", "OUT_OF_RANGE"),
            ("changeEnrolment", on(1, json!({"tier": "GENERAL", "fromOn": "2026-03-01"})), "fromOn", "WINDOW_INVALID"),
            ("changeEnrolment", on(1, json!({"tier": "GENERAL", "fromOn": "2026-03-03"})), "fromOn", "OUT_OF_RANGE"),
            ("endEnrolment", on(1, json!({"endedOn": "2026-03-01", "reason": "搬走"})), "endedOn", "WINDOW_INVALID"),
            ("endEnrolment", on(1, json!({"endedOn": "2026-03-02", "reason": " "})), "reason", "REQUIRED"),
            ("endEnrolment", on(2, json!({"endedOn": "2026-03-02", "reason": "搬走"})), "expectedVersion", "VERSION_CONFLICT"),
        ] {
            let refused = run(&world, &staff, mutation, input).await;
            let errors = refused.user_errors(mutation);
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
            let conflict = code == "VERSION_CONFLICT";
            assert_eq!(refused.data(mutation)["enrolment"]["id"] == id, conflict, "{mutation} {code}");
        }
        let same = run(&world, &staff, "changeEnrolment", on(1, json!({"tier": "KEY"}))).await;
        assert_eq!(same.payload("changeEnrolment")["enrolment"]["version"], 1);
        assert_eq!(traces(&world).await, before);
        let end = on(1, json!({"endedOn": "2026-03-02", "reason": "误录"}));
        run(&world, &staff, "endEnrolment", end.clone()).await.payload("endEnrolment");
        let twice = run(&world, &staff, "endEnrolment", end).await;
        assert_eq!(twice.user_error_codes("endEnrolment"), ["ENROLMENT_ENDED"]);

        let elsewhere = world.person("周建国", &[(Role::GridLead, OTHER_GRID)]).await;
        let refused = run(&world, &elsewhere, "resumeEnrolment", on(1, json!({}))).await;
        assert_eq!(refused.user_error_codes("resumeEnrolment"), ["NOT_FOUND"]);
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let refused = run(&world, &volunteer, "resumeEnrolment", on(1, json!({}))).await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
    }

    async fn two_leads_enrol_at_once_and_one_succeeds(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let resident = newcomer(&world, &staff).await;
        let input = json!({"residentId": resident, "tier": "KEY", "circumstances": ["LIVES_ALONE"]});
        let (first, second) = tokio::join!(
            run(&world, &staff, "enrolResident", input.clone()),
            run(&world, &staff, "enrolResident", input),
        );
        let refused: Vec<&str> = [&first, &second]
            .iter()
            .flat_map(|answer| answer.user_error_codes("enrolResident"))
            .collect();
        assert_eq!(refused, ["ALREADY_ENROLLED"]);
        assert_eq!(world.database.count("SELECT count(*) FROM care_enrolment").await, 1);
    }
}
