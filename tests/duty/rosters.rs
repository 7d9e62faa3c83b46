//! Who is away, whose turn it is, and who may say so.

use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::ids;
use serde_json::{Value, json};

use super::story::disable;
use crate::coverage::people::{at, elder, task};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};
use crate::visits::acts::done;

async fn record(world: &World, who: &Person, input: &str, variables: Value) -> Answer {
    let query = format!(
        "mutation($of: ID, $for: ID) {{ recordAbsence(input: {{accountId: $of, standInId: $for, {input}}}) {{
            absence {{ id name standIn reason }} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, variables).await
}

async fn roster(world: &World, who: &Person, area: &str) -> Value {
    let query = "query($id: ID!) { dutyRoster(areaId: $id) { onDuty { name phone standsInFor }
        shifts { name } absences { name standIn reason } } }";
    let id = World::id::<ids::Area>(world.area(area));
    world
        .run(who, query, json!({"id": id}))
        .await
        .data("dutyRoster")
        .clone()
}

const WEEK: &str = "fromAt: \"2026-03-02T00:00:00+08:00\", untilAt: \"2026-03-09T00:00:00+08:00\"";

fn id_of(person: &Person) -> String {
    World::id::<ids::Account>(person.account)
}

on_both! {
    async fn a_roster_tells_who_answers_now(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let second = world.person("吴强", &[(Role::GridLead, GRID)]).await;
        let staff = world.person("孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let neighbour = world.person("钱伟", &[(Role::GridLead, OTHER_GRID)]).await;
        let names = |roster: &Value| -> Vec<String> {
            let people = roster["onDuty"].as_array().unwrap().iter();
            let mut names: Vec<String> = people.map(|one| one["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        let before = roster(&world, &lead, GRID).await;
        assert_eq!(names(&before), ["吴强", "周建国"]);
        assert!(before["onDuty"][0]["phone"].as_str().unwrap().starts_with('1'));
        assert_eq!(roster(&world, &neighbour, GRID).await, Value::Null);

        let reason = format!("{WEEK}, reason: \"婚假\"");
        let away = record(&world, &lead, &reason, json!({"for": id_of(&staff)})).await;
        assert_eq!(away.payload("recordAbsence")["absence"]["standIn"], "孙丽");
        let now = roster(&world, &second, GRID).await;
        let stand_in = now["onDuty"].as_array().unwrap().iter().find(|one| one["name"] == "孙丽").unwrap();
        assert_eq!(stand_in["standsInFor"], "周建国");
        assert_eq!(names(&now), ["吴强", "孙丽"]);
        assert_eq!(now["absences"], json!([{"name": "周建国", "standIn": "孙丽", "reason": "婚假"}]));
        disable(&world, &staff, &second).await;
        assert_eq!(names(&roster(&world, &lead, GRID).await), ["孙丽"]);

        let end = "mutation($id: ID!) { endAbsence(input: {absenceId: $id}) { userErrors { code } } }";
        let id = away.payload("recordAbsence")["absence"]["id"].clone();
        let elsewhere = world.run(&neighbour, end, json!({"id": id})).await;
        assert_eq!(elsewhere.user_error_codes("endAbsence"), ["NOT_FOUND"]);
        world.clock.advance(Duration::minutes(1));
        world.run(&staff, end, json!({"id": id})).await.payload("endAbsence");
        assert_eq!(world.run(&lead, end, json!({"id": id})).await.user_error_codes("endAbsence"), ["ALREADY_ENDED"]);
        assert_eq!(names(&roster(&world, &lead, GRID).await), ["周建国"]);
    }

    async fn an_absence_is_checked(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let neighbour = world.person("钱伟", &[(Role::GridLead, OTHER_GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let other = "fromAt: \"2026-03-09T00:00:00+08:00\", untilAt: \"2026-03-08T00:00:00+08:00\"";
        let past = "fromAt: \"2026-02-20T00:00:00+08:00\", untilAt: \"2026-03-01T00:00:00+08:00\"";
        for (who, input, variables, field, code) in [
            (&lead, other, json!({}), "untilAt", "WINDOW_INVALID"),
            (&lead, past, json!({}), "untilAt", "OUT_OF_RANGE"),
            (&lead, WEEK, json!({"for": id_of(&lead)}), "standInId", "STAND_IN_UNFIT"),
            (&lead, WEEK, json!({"for": id_of(&neighbour)}), "standInId", "STAND_IN_UNFIT"),
            (&lead, WEEK, json!({"of": id_of(&neighbour)}), "accountId", "NOT_FOUND"),
            (&volunteer, WEEK, json!({"of": id_of(&lead)}), "accountId", "NOT_FOUND"),
            (&volunteer, WEEK, json!({"for": id_of(&lead)}), "standInId", "STAND_IN_UNFIT"),
        ] {
            let refused = record(&world, who, input, variables).await;
            let errors = refused.user_errors("recordAbsence");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code), "{input}");
        }
        assert_eq!(world.count("SELECT count(*) FROM absence").await, 0);
        record(&world, &lead, WEEK, json!({"of": id_of(&volunteer)})).await.payload("recordAbsence");
        let twice = record(&world, &volunteer, WEEK, json!({})).await;
        assert_eq!(twice.user_error_codes("recordAbsence"), ["ABSENCE_OVERLAPS"]);
    }

    /// Sent from two phones at once, a holiday is one.
    async fn no_two_absences_of_a_person_overlap(db: TestDatabase) {
        let world = World::new(db).await;
        for round in 0..rounds() {
            let lead = world.person(&format!("周建国{round}"), &[(Role::GridLead, GRID)]).await;
            let (one, other) = tokio::join!(
                record(&world, &lead, WEEK, json!({})),
                record(&world, &lead, WEEK, json!({})),
            );
            let codes = [one.user_error_codes("recordAbsence"), other.user_error_codes("recordAbsence")].concat();
            assert_eq!(codes, ["ABSENCE_OVERLAPS"]);
        }
    }

    /// Her claims lie on the desk for as long as she is away beyond their window.
    async fn a_volunteers_leave_strands_what_she_has_claimed(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let mut claimed = Vec::new();
        for (room, due) in [("101", "2026-03-05T09:00:00"), ("102", "2026-03-20T09:00:00")] {
            let elder = elder(&world, BUILDING, room, CareTier::Key).await;
            let visit = task(&world, &lead, elder, (at("2026-03-02T09:00:00"), at(due))).await;
            let id = World::id::<ids::VisitTask>(visit);
            done(&world, &volunteer, &id, "claimVisitTask", "").await;
            claimed.push(id);
        }
        let desk = "query($id: ID!) { desk(areaId: $id) { stranded { visitTasks { id } } } }";
        let grid = json!({"id": World::id::<ids::Area>(world.area(GRID))});
        assert_eq!(*world.run(&lead, desk, grid.clone()).await.data("desk.stranded.visitTasks"), json!([]));
        record(&world, &volunteer, WEEK, json!({})).await.payload("recordAbsence");
        let stranded = world.run(&lead, desk, grid).await;
        assert_eq!(*stranded.data("desk.stranded.visitTasks"), json!([{"id": claimed[0]}]));
        let bulk = "mutation($ids: [ID!]!) { reassignVisitTasks(input: {visitTaskIds: $ids, reason: \"请假\"}) {
            userErrors { code } } }";
        world.run(&lead, bulk, json!({"ids": claimed[..1]})).await.payload("reassignVisitTasks");
    }

    async fn a_shift_is_planned_where_one_answers(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let neighbour = world.person("钱伟", &[(Role::GridLead, OTHER_GRID)]).await;
        let plan = "mutation($area: ID!, $who: ID!, $from: DateTime!, $until: DateTime!) { planDutyShift(input: {
            areaId: $area, accountId: $who, fromAt: $from, untilAt: $until}) { dutyShift { id name } userErrors { field code } } }";
        let shift = |area: &str, who: &Person, from: &str, until: &str| json!({
            "area": World::id::<ids::Area>(world.area(area)), "who": id_of(who), "from": at(from), "until": at(until)});
        let (morning, evening) = ("2026-03-02T08:00:00", "2026-03-02T20:00:00");
        for (input, field, code) in [
            (shift(BUILDING, &lead, morning, evening), "areaId", "AREA_UNFIT"),
            (shift(GRID, &neighbour, morning, evening), "accountId", "NOT_ON_DUTY_THERE"),
            (shift(OTHER_GRID, &lead, morning, evening), "areaId", "NOT_FOUND"),
            (shift(GRID, &lead, evening, morning), "untilAt", "WINDOW_INVALID"),
        ] {
            let refused = world.run(&lead, plan, input).await;
            let errors = refused.user_errors("planDutyShift");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        let planned = world.run(&lead, plan, shift(GRID, &lead, morning, evening)).await;
        let id = planned.payload("planDutyShift")["dutyShift"]["id"].clone();
        assert_eq!(roster(&world, &lead, GRID).await["shifts"], json!([{"name": "周建国"}]));
        let end = "mutation($id: ID!) { endDutyShift(input: {dutyShiftId: $id}) { userErrors { code } } }";
        let elsewhere = world.run(&neighbour, end, json!({"id": id})).await;
        assert_eq!(elsewhere.user_error_codes("endDutyShift"), ["NOT_FOUND"]);
        world.run(&lead, end, json!({"id": id})).await.payload("endDutyShift");
        assert_eq!(world.run(&lead, end, json!({"id": id})).await.user_error_codes("endDutyShift"), ["ALREADY_ENDED"]);
        assert_eq!(roster(&world, &lead, GRID).await["shifts"], json!([]));
    }
}
