//! No answer and worried: who is told, how it climbs, and how it ends.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::alarms::climb::climb;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

const COMPOUND: &str = "341102006003.01";

async fn task(world: &World, lead: &Person, room: &str) -> String {
    let home = world.household(BUILDING, room).await;
    world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await;
    World::id::<ids::VisitTask>(world.open_task(lead, home).await)
}

async fn raise(world: &World, who: &Person, task: &str, id: Option<Uuid>) -> Answer {
    let query = "mutation($task: ID!, $id: UUID) { raiseAlarm(input: {visitTaskId: $task, id: $id,
        kind: NO_ANSWER_CONCERN, note: \"敲门无人应，屋内有电视声\"}) { ringFirst advice
        alarm { id status level note handlers { name role phone } steps { action told } }
        userErrors { field code } } }";
    world.run(who, query, json!({"task": task, "id": id})).await
}

async fn step(world: &World, who: &Person, alarm: &str, mutation: &str, more: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{alarmId: $id {more}}}) {{
            alarm {{ status climbsAt found steps {{ action by level told }} }} userErrors {{ code }} }} }}"
    );
    world.run(who, &query, json!({"id": alarm})).await
}

on_both! {
    /// The volunteer rings 120 first; lead, secretary and community hear of it at once, whatever the hour.
    async fn an_alarm_is_told_taken_on_and_settled(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let secretary = world.person("赵敏", &[(Role::CompoundSecretary, COMPOUND)]).await;
        let staff = world.person("孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let neighbour = world.person("吴强", &[(Role::GridLead, OTHER_GRID)]).await;
        let task = task(&world, &lead, "101").await;
        let id = world.clock.new_id();
        let raised = raise(&world, &volunteer, &task, Some(id)).await;
        let raised = raised.payload("raiseAlarm");
        assert_eq!(raised["ringFirst"], json!(["120", "110"]));
        assert_eq!(raised["advice"], "请先拨打120或110，再等待网格长联系您");
        let alarm = &raised["alarm"];
        let names: Vec<&Value> = alarm["handlers"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
        assert_eq!(names, [&json!("周建国"), &json!("赵敏"), &json!("孙丽")], "the nearest first");
        assert_eq!(alarm["steps"], json!([{"action": "RAISED", "told": 3}]));
        let alarm = alarm["id"].as_str().unwrap();
        // Repeated by a phone that heard no answer: the same alarm.
        let again = raise(&world, &volunteer, &task, Some(id)).await;
        assert_eq!(again.payload("raiseAlarm")["alarm"]["id"], alarm);
        assert_eq!(world.count("SELECT count(*) FROM alarm").await, 1);

        let stranger = step(&world, &neighbour, alarm, "acknowledgeAlarm", "").await;
        assert_eq!(stranger.user_error_codes("acknowledgeAlarm"), ["NOT_FOUND"]);
        let caller = step(&world, &volunteer, alarm, "acknowledgeAlarm", "").await;
        assert_eq!(caller.error_codes(), ["FORBIDDEN"]);
        let early = step(&world, &lead, alarm, "closeAlarm", ", found: \"人已找到\"").await;
        assert_eq!(early.user_error_codes("closeAlarm"), ["NOT_ACKNOWLEDGED"]);
        for _ in 0..2 {
            let taken = step(&world, &secretary, alarm, "acknowledgeAlarm", "").await;
            assert_eq!(taken.payload("acknowledgeAlarm")["alarm"]["climbsAt"], json!(null));
        }
        let late = step(&world, &lead, alarm, "acknowledgeAlarm", "").await;
        assert_eq!(late.user_error_codes("acknowledgeAlarm"), ["ALREADY_ACKNOWLEDGED"]);
        let closed = step(&world, &lead, alarm, "closeAlarm", ", found: \"老人在邻居家\"").await;
        let closed = &closed.payload("closeAlarm")["alarm"];
        assert_eq!((&closed["status"], &closed["found"]), (&json!("CLOSED"), &json!("老人在邻居家")));
        assert_eq!(closed["steps"], json!([
            {"action": "RAISED", "by": "陈静", "level": "COMMUNITY", "told": 3},
            {"action": "ACKNOWLEDGED", "by": "赵敏", "level": "COMMUNITY", "told": 0},
            {"action": "CLOSED", "by": "周建国", "level": "COMMUNITY", "told": 0}]));
        for action in ["raiseAlarm", "acknowledgeAlarm", "closeAlarm"] {
            assert_eq!(world.audited(action, id).await, 1, "{action}");
        }
        // The caller follows it to its end; nothing of the note stands readable in the database.
        let seen = "query($id: ID!) { alarm(id: $id) { status found } }";
        let seen = world.run(&volunteer, seen, json!({"id": alarm})).await;
        assert_eq!(seen.data("alarm.found"), "老人在邻居家");
        let list = "{ alarms(first: 5, filter: {open: false}) { edges { node { id } } } }";
        let list = world.run(&staff, list, json!({})).await;
        assert_eq!(list.data("alarms.edges.0.node.id"), alarm);
    }

    /// Nobody answers: after ten minutes the street is told, then the district, again and again.
    async fn an_alarm_that_nobody_takes_on_climbs(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let street = world.person("孙丽", &[(Role::CommunityStaff, "341102006")]).await;
        let task = task(&world, &lead, "101").await;
        let raised = raise(&world, &lead, &task, None).await;
        let alarm = raised.payload("raiseAlarm")["alarm"]["id"].as_str().unwrap().to_owned();
        assert_eq!(raised.payload("raiseAlarm")["alarm"]["steps"], json!([{"action": "RAISED", "told": 1}]));
        world.clock.advance(Duration::minutes(10) - Duration::seconds(1));
        assert_eq!(climb(world.app()).await.unwrap(), 0);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(climb(world.app()).await.unwrap(), 1);
        assert_eq!(climb(world.app()).await.unwrap(), 0);
        for _ in 0..2 {
            world.clock.advance(Duration::minutes(10));
            assert_eq!(climb(world.app()).await.unwrap(), 1);
        }
        let street = world.signed_in(street.account, 1,
            vec![(Role::CommunityStaff, world.area("341102006"))]).await;
        let taken = step(&world, &street, &alarm, "acknowledgeAlarm", "").await;
        assert_eq!(taken.payload("acknowledgeAlarm")["alarm"]["steps"], json!([
            {"action": "RAISED", "by": "周建国", "level": "COMMUNITY", "told": 1},
            {"action": "CLIMBED", "by": null, "level": "STREET", "told": 2},
            {"action": "CLIMBED", "by": null, "level": "DISTRICT", "told": 2},
            {"action": "CLIMBED", "by": null, "level": "DISTRICT", "told": 2},
            {"action": "ACKNOWLEDGED", "by": "孙丽", "level": "DISTRICT", "told": 0}]));
        world.clock.advance(Duration::minutes(10));
        assert_eq!(climb(world.app()).await.unwrap(), 0, "somebody is on the way");
    }

    /// Two leads hear the phone at once: one of them takes it on.
    async fn of_many_hands_one_takes_it_on(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let other = world.person("赵敏", &[(Role::GridLead, GRID)]).await;
        let task = task(&world, &lead, "101").await;
        for _ in 0..rounds() {
            let raised = raise(&world, &lead, &task, None).await;
            let alarm = raised.payload("raiseAlarm")["alarm"]["id"].as_str().unwrap().to_owned();
            let (first, second, _) = tokio::join!(
                step(&world, &lead, &alarm, "acknowledgeAlarm", ""),
                step(&world, &other, &alarm, "acknowledgeAlarm", ""),
                climb(world.app()),
            );
            let mut codes = [first, second].map(|answer| {
                answer.user_error_codes("acknowledgeAlarm").join(",")
            });
            codes.sort();
            assert_eq!(codes, ["", "ALREADY_ACKNOWLEDGED"]);
        }
    }
}
