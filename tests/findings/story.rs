//! Found dead, in hospital, gone: a report proposes, another person confirms, and it can be taken back.

use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::coverage::people::{day, elder, enrolment};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};
use crate::visits::acts::{again, done, meant_for, state};

/// A visit to an elder, to be made.
pub async fn visit(world: &World, lead: &Person, elder: Uuid) -> Uuid {
    use sea_orm::EntityTrait as _;
    let row = entity::resident::Entity::find_by_id(elder);
    let home = row.one(&world.raw).await.unwrap().unwrap().household_id;
    let task = world.open_task(lead, home).await;
    meant_for(world, task, &World::id::<ids::Resident>(elder)).await;
    task
}

/// A volunteer goes and reports this outcome; the finding's id, if there is one.
pub async fn found(world: &World, who: &Person, task: Uuid, outcome: &str) -> Option<String> {
    let id = World::id::<ids::VisitTask>(task);
    done(world, who, &id, "claimVisitTask", "").await;
    let report = format!(", outcome: {outcome}, method: IN_PERSON");
    done(world, who, &id, "reportVisitTask", &report).await;
    proposed(world, task).await
}

async fn proposed(world: &World, task: Uuid) -> Option<String> {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
    let row = entity::finding::Entity::find()
        .filter(entity::finding::Column::VisitTaskId.eq(task))
        .order_by_desc(entity::finding::Column::Id)
        .one(&world.raw);
    let row = row.await.unwrap();
    row.map(|row| World::id::<ids::Finding>(row.id))
}

pub async fn decide(world: &World, who: &Person, mutation: &str, id: &str, more: &str) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{findingId: $id {more}}}) {{
            finding {{ status holdsOn reviewOn remark undoableUntil residentName {{ value }} }}
            userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"id": id})).await
}

fn refusal(answer: &Answer, mutation: &str) -> (Option<String>, String) {
    let errors = answer.user_errors(mutation);
    assert_eq!(errors.len(), 1);
    (
        errors[0].field.map(str::to_owned),
        errors[0].code.to_owned(),
    )
}

const DIED: &str = ", onDate: \"2026-03-01\", source: \"派出所\"";

async fn cast(world: &World) -> (Person, Person, Person) {
    (
        world.person("周建国", &[(Role::GridLead, GRID)]).await,
        world
            .person("赵敏", &[(Role::CommunityStaff, COMMUNITY)])
            .await,
        world.person("陈静", &[(Role::Volunteer, GRID)]).await,
    )
}

on_both! {
    /// The neighbour says that she died. Until the lead has it from the police, she is enrolled.
    async fn a_death_is_a_proposal_until_it_is_confirmed_and_can_be_taken_back(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, staff, volunteer) = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::HighRisk).await;
        let (told, next) = (visit(&world, &lead, elder).await, visit(&world, &lead, elder).await);
        let finding = found(&world, &volunteer, told, "DECEASED").await.expect("a finding");
        assert_eq!(enrolment(&world, elder).await.to_on, None);
        assert_eq!(state(&world, next).await, "OPEN");
        let desk = "query($id: ID!) { desk(areaId: $id) { proposedFindings } }";
        let grid = json!({"id": World::id::<ids::Area>(world.area(GRID))});
        assert_eq!(*world.run(&lead, desk, grid.clone()).await.data("desk.proposedFindings"), 1);

        for (more, field, code) in [
            (", source: \"派出所\"", "onDate", "REQUIRED"),
            (", onDate: \"2026-03-01\"", "source", "REQUIRED"),
            (", onDate: \"2026-03-03\", source: \"派出所\"", "onDate", "OUT_OF_RANGE"),
            (", onDate: \"1940-01-01\", source: \"派出所\"", "onDate", "WINDOW_INVALID"),
        ] {
            let refused = decide(&world, &lead, "confirmFinding", &finding, more).await;
            assert_eq!(refusal(&refused, "confirmFinding"), (Some(field.to_owned()), code.to_owned()), "{more}");
        }
        assert_eq!(enrolment(&world, elder).await.to_on, None);

        for _ in 0..2 {
            let done = decide(&world, &lead, "confirmFinding", &finding, DIED).await;
            let shown = &done.payload("confirmFinding")["finding"];
            assert_eq!((&shown["status"], &shown["holdsOn"], &shown["remark"]),
                (&json!("CONFIRMED"), &json!("2026-03-01"), &json!("派出所")));
            assert_eq!(shown["undoableUntil"], "2026-05-31T01:00:00.000Z");
        }
        let ended = enrolment(&world, elder).await;
        assert_eq!((ended.to_on, ended.end_reason.as_deref()), (Some(day("2026-03-01")), Some("去世（派出所）")));
        assert_eq!(state(&world, next).await, "CANCELLED");
        assert_eq!(state(&world, told).await, "REPORTED", "what was reported stays");
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE deceased_on = '2026-03-01'").await, 1);
        assert_eq!(*world.run(&lead, desk, grid).await.data("desk.proposedFindings"), 0);

        // It was the sister. Two weeks later the staff close the home, and then she opens her door.
        world.clock.advance(Duration::days(14));
        let staff = again(&world, &staff, Role::CommunityStaff, COMMUNITY).await;
        let home = "query($id: ID!) { resident(id: $id) { household { id version } } }";
        let home = world.run(&staff, home, json!({"id": World::id::<ids::Resident>(elder)})).await;
        let close = "mutation($id: ID!, $version: Int!) { closeHousehold(input: {householdId: $id,
            expectedVersion: $version, reason: \"空置\"}) { userErrors { code } } }";
        let household = home.data("resident.household").clone();
        world.run(&staff, close, json!({"id": household["id"], "version": household["version"]})).await
            .payload("closeHousehold");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let refused = decide(&world, &lead, "undoFinding", &finding, ", reason: \"本人在家\"").await;
        assert_eq!(refused.user_error_codes("undoFinding"), ["NOT_PERMITTED"], "a home is opened by staff");
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE deceased_on IS NULL").await, 0);
        for _ in 0..2 {
            let undone = decide(&world, &staff, "undoFinding", &finding, ", reason: \"本人在家\"").await;
            assert_eq!(undone.payload("undoFinding")["finding"]["status"], "UNDONE");
        }
        let again = enrolment(&world, elder).await;
        assert_eq!((again.to_on, again.end_reason), (None, None));
        assert_eq!(state(&world, next).await, "OPEN");
        for sql in [
            "SELECT count(*) FROM resident WHERE deceased_on IS NULL",
            "SELECT count(*) FROM residence WHERE to_on IS NULL",
            "SELECT count(*) FROM household WHERE closed_on IS NULL",
            "SELECT count(*) FROM household_place WHERE to_on IS NULL",
            "SELECT count(*) FROM audit_entry WHERE action = 'confirmFinding'",
            "SELECT count(*) FROM audit_entry WHERE action = 'undoFinding'",
        ] {
            assert_eq!(world.count(sql).await, 1, "{sql}");
        }
    }

    /// A stay in hospital lets visits rest until the review; discharged early, it is as if it had not been.
    async fn a_hospital_stay_rests_the_visits_until_its_review(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, _, volunteer) = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let (told, next) = (visit(&world, &lead, elder).await, visit(&world, &lead, elder).await);
        let finding = found(&world, &volunteer, told, "IN_HOSPITAL").await.expect("a finding");
        let refused = decide(&world, &lead, "confirmFinding", &finding, "").await;
        assert_eq!(refusal(&refused, "confirmFinding"), (Some("reviewOn".to_owned()), "REQUIRED".to_owned()));
        let review = ", reviewOn: \"2026-03-20\", source: \"女儿\"";
        let done = decide(&world, &lead, "confirmFinding", &finding, review).await;
        let shown = &done.payload("confirmFinding")["finding"];
        assert_eq!((&shown["holdsOn"], &shown["reviewOn"]), (&json!("2026-03-02"), &json!("2026-03-20")));
        let rests = enrolment(&world, elder).await;
        assert_eq!((rests.to_on, rests.paused_on, rests.review_on), (None, Some(day("2026-03-02")), Some(day("2026-03-20"))));
        assert_eq!(world.count("SELECT count(*) FROM care_pause WHERE to_on IS NULL").await, 1);
        assert_eq!(state(&world, next).await, "CANCELLED");
        decide(&world, &lead, "undoFinding", &finding, ", reason: \"同名误记\"").await.payload("undoFinding");
        let goes_on = enrolment(&world, elder).await;
        assert_eq!((goes_on.paused_on, goes_on.review_on), (None, None));
        assert_eq!(world.count("SELECT count(*) FROM care_pause").await, 0);
        assert_eq!(state(&world, next).await, "OPEN");
    }

    /// Moved away, in a home for the aged, or no visits wanted: the enrolment ends with the reason.
    async fn whoever_leaves_is_enrolled_no_more(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, _, volunteer) = cast(&world).await;
        for (room, outcome, more, reason) in [
            ("101", "MOVED_AWAY", "", "已搬离"),
            ("102", "IN_INSTITUTION", ", source: \"乐康养老中心\"", "入住机构（乐康养老中心）"),
            ("103", "REFUSES_VISITS", ", onDate: \"2026-03-01\"", "拒绝探访"),
        ] {
            let elder = elder(&world, BUILDING, room, CareTier::Key).await;
            let task = visit(&world, &lead, elder).await;
            let finding = found(&world, &volunteer, task, outcome).await.expect("a finding");
            decide(&world, &lead, "confirmFinding", &finding, more).await.payload("confirmFinding");
            let ended = enrolment(&world, elder).await;
            assert!(ended.to_on.is_some());
            assert_eq!(ended.end_reason.as_deref(), Some(reason));
        }
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE deceased_on IS NOT NULL").await, 0);
    }

    async fn a_rejected_finding_changes_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, _, volunteer) = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let (told, next) = (visit(&world, &lead, elder).await, visit(&world, &lead, elder).await);
        let finding = found(&world, &volunteer, told, "MOVED_AWAY").await.expect("a finding");
        for _ in 0..2 {
            let rejected = decide(&world, &lead, "rejectFinding", &finding, ", reason: \"回乡几天\"").await;
            assert_eq!(rejected.payload("rejectFinding")["finding"]["status"], "REJECTED");
        }
        assert_eq!(enrolment(&world, elder).await.to_on, None);
        assert_eq!(state(&world, next).await, "OPEN");
        for (mutation, more, code) in [
            ("confirmFinding", "", "ALREADY_DECIDED"),
            ("undoFinding", ", reason: \"错\"", "NOT_CONFIRMED"),
        ] {
            let refused = decide(&world, &lead, mutation, &finding, more).await;
            assert_eq!(refused.user_error_codes(mutation), [code]);
        }
    }

    /// Who was at the door does not decide; nor does the lead of another grid, who does not learn of it.
    async fn nobody_decides_on_what_they_reported(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, staff, volunteer) = cast(&world).await;
        let neighbour = world.person("吴强", &[(Role::GridLead, OTHER_GRID)]).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let task = visit(&world, &lead, elder).await;
        let finding = found(&world, &lead, task, "MOVED_AWAY").await.expect("a finding");
        for (who, mutation, more, code) in [
            (&lead, "confirmFinding", "", "OWN_REPORT"),
            (&lead, "rejectFinding", ", reason: \"错\"", "OWN_REPORT"),
            (&neighbour, "confirmFinding", "", "NOT_FOUND"),
        ] {
            let refused = decide(&world, who, mutation, &finding, more).await;
            assert_eq!(refused.user_error_codes(mutation), [code]);
        }
        let refused = decide(&world, &volunteer, "confirmFinding", &finding, "").await;
        assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        decide(&world, &staff, "confirmFinding", &finding, "").await.payload("confirmFinding");
    }

    /// The lead sends the report back; the volunteer had knocked at the wrong door.
    async fn a_later_report_takes_back_what_an_earlier_one_proposed(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, _, volunteer) = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let task = visit(&world, &lead, elder).await;
        let first = found(&world, &volunteer, task, "MOVED_AWAY").await.expect("a finding");
        let id = World::id::<ids::VisitTask>(task);
        let back = ", remark: \"请再核对门牌\", dueAt: \"2026-03-04T01:00:00Z\"";
        done(&world, &lead, &id, "returnVisitTask", back).await;
        done(&world, &volunteer, &id, "reportVisitTask", ", outcome: SEEN_WELL, method: IN_PERSON").await;
        let refused = decide(&world, &lead, "confirmFinding", &first, "").await;
        assert_eq!(refused.user_error_codes("confirmFinding"), ["ALREADY_DECIDED"]);
        let list = "{ findings(first: 5, filter: {status: WITHDRAWN}) { edges { node { id outcome } } } }";
        let list = world.run(&lead, list, json!({})).await;
        assert_eq!(*list.data("findings.edges"), json!([{"node": {"id": first, "outcome": "MOVED_AWAY"}}]));
    }

    /// 90 days, not a minute more.
    async fn a_confirmation_stands_after_ninety_days(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, _, volunteer) = cast(&world).await;
        let mut findings = Vec::new();
        for room in ["101", "102"] {
            let elder = elder(&world, BUILDING, room, CareTier::Key).await;
            let task = visit(&world, &lead, elder).await;
            let finding = found(&world, &volunteer, task, "MOVED_AWAY").await.expect("a finding");
            decide(&world, &lead, "confirmFinding", &finding, "").await.payload("confirmFinding");
            findings.push(finding);
        }
        world.clock.advance(Duration::days(90) - Duration::minutes(1));
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let reason = ", reason: \"又搬回来了\"";
        decide(&world, &lead, "undoFinding", &findings[0], reason).await.payload("undoFinding");
        world.clock.advance(Duration::minutes(1));
        let late = decide(&world, &lead, "undoFinding", &findings[1], reason).await;
        assert_eq!(late.user_error_codes("undoFinding"), ["UNDO_TOO_LATE"]);
    }

    /// What was recorded without a visit, for the wrong neighbour, is taken back the same way.
    async fn a_recorded_death_can_be_taken_back(db: TestDatabase) {
        let world = World::new(db).await;
        let (lead, ..) = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let next = visit(&world, &lead, elder).await;
        let die = "mutation($id: ID!) { recordDeath(input: {residentId: $id, expectedVersion: 1,
            diedOn: \"2026-03-01\", source: \"社区医院\"}) { userErrors { code } } }";
        world.run(&lead, die, json!({"id": World::id::<ids::Resident>(elder)})).await.payload("recordDeath");
        let list = "{ findings(first: 5) { edges { node { id outcome status proposedBy remark visitTaskId } } } }";
        let list = world.run(&lead, list, json!({})).await;
        let node: &Value = &list.data("findings.edges")[0]["node"];
        assert_eq!((&node["outcome"], &node["status"], &node["proposedBy"], &node["remark"], &node["visitTaskId"]),
            (&json!("DECEASED"), &json!("CONFIRMED"), &Value::Null, &json!("社区医院"), &Value::Null));
        let id = node["id"].as_str().unwrap();
        decide(&world, &lead, "undoFinding", id, ", reason: \"登记错人\"").await.payload("undoFinding");
        assert_eq!(enrolment(&world, elder).await.to_on, None);
        assert_eq!(state(&world, next).await, "OPEN");
    }
}
