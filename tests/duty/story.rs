//! A visit is late: who is told, in which order, and that nobody is woken.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Timelike as _, Utc};
use entity::enums::{CareTier, Role};
use entity::{escalation, notice, visit_task};
use nuanlin::clock::SHANGHAI;
use nuanlin::escalations::climb::escalate;
use nuanlin::ids;
use nuanlin::visits::lapse::miss_past_visits;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::coverage::people::{at, elder, task};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

const COMPOUND: &str = "341102006003.01";

/// What the server does by itself, once.
pub async fn tick(world: &World) {
    let app = world.app();
    miss_past_visits(&app.db, &app.keys, &world.clock)
        .await
        .expect("missed");
    escalate(app).await.expect("escalated");
}

/// Lets the server do its part every half an hour until `then`, by the clock in Shanghai.
pub async fn live_until(world: &World, then: &str) {
    tick(world).await;
    while world.clock.now() < at(then) {
        let step = Ord::min(Duration::minutes(30), at(then) - world.clock.now());
        world.clock.advance(step);
        tick(world).await;
    }
}

/// The same person with a fresh token.
pub async fn awake(world: &World, who: &Person, grants: &[(Role, &str)]) -> Person {
    let grants = grants.iter().map(|(role, area)| (*role, world.area(area)));
    world.signed_in(who.account, 1, grants.collect()).await
}

/// What somebody is shown of escalations, the earliest first: level, hour in Shanghai, in whose stead.
pub async fn told(world: &World, who: &Person, grants: &[(Role, &str)]) -> Vec<String> {
    let who = awake(world, who, grants).await;
    let list = "{ notices(first: 50) { edges { node { level shownAt standsIn escalationId } } } }";
    let list = world.run(&who, list, json!({})).await;
    let edges = list.data("notices.edges").as_array().unwrap().clone();
    let mut told: Vec<String> = Vec::new();
    for edge in edges.iter().rev() {
        let node = &edge["node"];
        let shown: DateTime<Utc> = node["shownAt"].as_str().unwrap().parse().unwrap();
        let shown = shown.with_timezone(&SHANGHAI).format("%d %H:%M");
        let stead = if node["standsIn"] == true {
            " 代班"
        } else {
            ""
        };
        told.push(format!(
            "{} {shown}{stead}",
            node["level"].as_str().unwrap()
        ));
    }
    told
}

/// The late visits that somebody is shown now.
async fn shown_to(world: &World, who: &Person) -> Vec<Uuid> {
    let notices = notice::Entity::find()
        .filter(notice::Column::AccountId.eq(who.account))
        .filter(notice::Column::ShownAt.lte(world.clock.now()));
    let notices = notices.all(&world.raw).await.unwrap();
    let about: Vec<Uuid> = notices.iter().filter_map(|one| one.escalation_id).collect();
    let escalations = escalation::Entity::find().filter(escalation::Column::Id.is_in(about));
    let escalations = escalations.all(&world.raw).await.unwrap();
    escalations.iter().map(|one| one.visit_task_id).collect()
}

pub async fn disable(world: &World, admin: &Person, who: &Person) {
    let query = "mutation($id: ID!) { disableAccount(input: {accountId: $id, reason: \"离职\"}) { userErrors { code } } }";
    let id = World::id::<ids::Account>(who.account);
    world
        .run(admin, query, json!({"id": id}))
        .await
        .payload("disableAccount");
}

async fn away(
    world: &World,
    who: &Person,
    (from, until): (&str, &str),
    stand_in: Option<&Person>,
) -> Answer {
    let query = "mutation($from: DateTime!, $until: DateTime!, $for: ID) { recordAbsence(input: {
        fromAt: $from, untilAt: $until, standInId: $for, reason: \"年假\"}) {
        absence { id standIn } userErrors { field code } } }";
    let stand_in = stand_in.map(|person| World::id::<ids::Account>(person.account));
    world
        .run(
            who,
            query,
            json!({"from": at(from), "until": at(until), "for": stand_in}),
        )
        .await
}

/// The escalations on a desk.
async fn desk(world: &World, who: &Person) -> Vec<Value> {
    let query = "query($id: ID!) { desk(areaId: $id) { escalations { id cause status level takenBy
        climbsAt residentName { value } told { name level standsIn } } } }";
    let id = World::id::<ids::Area>(world.area(GRID));
    let desk = world.run(who, query, json!({"id": id})).await;
    desk.data("desk.escalations").as_array().unwrap().clone()
}

async fn take_on(world: &World, who: &Person, id: &Value) -> Answer {
    let query = "mutation($id: ID!) { takeOnEscalation(input: {escalationId: $id}) {
        escalation { status climbsAt takenBy } userErrors { code } } }";
    world.run(who, query, json!({"id": id})).await
}

struct Cast {
    lead: Person,
    secretary: Person,
    staff: Person,
}

const LEAD: &[(Role, &str)] = &[(Role::GridLead, GRID)];
const SECRETARY: &[(Role, &str)] = &[(Role::CompoundSecretary, COMPOUND)];
const STAFF: &[(Role, &str)] = &[(Role::CommunityStaff, COMMUNITY)];

async fn cast(world: &World) -> Cast {
    Cast {
        lead: world.person("周建国", LEAD).await,
        secretary: world.person("赵敏", SECRETARY).await,
        staff: world.person("孙丽", STAFF).await,
    }
}

/// A visit to an elder in the hour before `due`.
async fn planned(world: &World, lead: &Person, (room, tier): (&str, CareTier), due: &str) -> Uuid {
    let elder = elder(world, BUILDING, room, tier).await;
    task(world, lead, elder, (at(due) - Duration::hours(1), at(due))).await;
    elder
}

on_both! {
    /// Nobody has claimed it, then it is missed; nobody acts, and it climbs by waking hours until the
    /// secretary has her on the phone.
    async fn a_late_visit_climbs_until_somebody_has_seen_the_person(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, secretary, staff } = cast(&world).await;
        let elder = planned(&world, &lead, ("101", CareTier::HighRisk), "2026-03-02T10:00:00").await;
        tick(&world).await;
        assert_eq!(desk(&world, &lead).await[0]["cause"], "AT_RISK");
        live_until(&world, "2026-03-03T08:00:00").await;
        assert_eq!(told(&world, &lead, LEAD).await, ["GRID 02 09:00"]);
        assert_eq!(told(&world, &secretary, SECRETARY).await, ["COMPOUND 02 13:00"]);
        // Told at five in the afternoon, and again the next morning, not at nine in the evening.
        assert_eq!(told(&world, &staff, STAFF).await, ["COMMUNITY 03 07:00"], "the latest of two");
        let secretary = awake(&world, &secretary, SECRETARY).await;
        let open = desk(&world, &secretary).await;
        assert_eq!((&open[0]["cause"], &open[0]["level"], &open[0]["residentName"]["value"]),
            (&json!("OVERDUE"), &json!("COMMUNITY"), &json!("李秀英101")));
        let call = "mutation($id: ID!) { recordContacts(input: {contacts: [{residentId: $id, outcome: SEEN_WELL}]}) {
            results { userErrors { code } } } }";
        world.run(&secretary, call, json!({"id": World::id::<ids::Resident>(elder)})).await;
        tick(&world).await;
        assert!(desk(&world, &secretary).await.is_empty());
        let late = take_on(&world, &secretary, &open[0]["id"]).await;
        assert_eq!(late.user_error_codes("takeOnEscalation"), ["ALREADY_SETTLED"]);
        live_until(&world, "2026-03-04T08:00:00").await;
        assert_eq!(told(&world, &staff, STAFF).await.len(), 1, "it climbs no more");
    }

    /// Whatever the hour in which the visit was missed, and whoever of those who answer is gone: within a
    /// day somebody on duty is shown it.
    async fn every_overdue_high_risk_elder_reaches_somebody_within_a_day(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, staff, .. } = cast(&world).await;
        let second = world.person("钱伟", STAFF).await;
        for hour in 0..24 {
            let due = at("2026-03-02T10:00:00") + Duration::hours(hour);
            let due = due.with_timezone(&SHANGHAI).format("%Y-%m-%dT%H:%M:%S").to_string();
            planned(&world, &lead, (&format!("{hour:02}"), CareTier::HighRisk), &due).await;
        }
        // The lead has left, the secretary's grant has ended, one of the staff is on leave.
        disable(&world, &staff, &lead).await;
        let revoke = "UPDATE role_grant SET revoked_at = created_at WHERE role = 'COMPOUND_SECRETARY'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, revoke).await.unwrap();
        away(&world, &staff, ("2026-03-02T09:00:00", "2026-03-09T09:00:00"), Some(&second)).await.payload("recordAbsence");
        let mut first: HashMap<Uuid, DateTime<Utc>> = HashMap::new();
        for _ in 0..100 {
            tick(&world).await;
            for visit in shown_to(&world, &second).await {
                first.entry(visit).or_insert_with(|| world.clock.now());
            }
            world.clock.advance(Duration::minutes(30));
        }
        let missed = visit_task::Entity::find().filter(visit_task::Column::Status.eq("MISSED"));
        let missed = missed.all(&world.raw).await.unwrap();
        assert_eq!(missed.len(), 24);
        for visit in missed {
            let shown = first.get(&visit.id).expect("somebody is told");
            assert!(*shown - visit.due_at <= Duration::hours(24), "{} at {shown}", visit.due_at);
        }
        let others = "SELECT count(*) FROM notice n JOIN account a ON a.id = n.account_id WHERE a.name <> '钱伟'";
        assert_eq!(world.count(others).await, 0);
        // Nobody is shown anything between nine in the evening and seven in the morning.
        let shown = notice::Entity::find().all(&world.raw).await.unwrap();
        for notice in shown {
            let hour = notice.shown_at.with_timezone(&SHANGHAI).hour();
            assert!((7..21).contains(&hour), "{}", notice.shown_at);
        }
    }

    /// The lead is at a wedding; the secretary stands in, and is told first and in her name.
    async fn whoever_stands_in_is_told_instead(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, secretary, .. } = cast(&world).await;
        planned(&world, &lead, ("101", CareTier::HighRisk), "2026-03-02T10:00:00").await;
        let recorded = away(&world, &lead, ("2026-03-02T09:00:00", "2026-03-02T18:00:00"), Some(&secretary)).await;
        assert_eq!(recorded.payload("recordAbsence")["absence"]["standIn"], "赵敏");
        tick(&world).await;
        assert!(told(&world, &lead, LEAD).await.is_empty());
        assert_eq!(told(&world, &secretary, SECRETARY).await, ["GRID 02 09:00 代班"]);
    }

    /// On the weekend one of the staff has the grid's turn.
    async fn whose_turn_it_is_is_told(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, staff, .. } = cast(&world).await;
        planned(&world, &lead, ("101", CareTier::HighRisk), "2026-03-02T10:00:00").await;
        let plan = "mutation($area: ID!, $who: ID!) { planDutyShift(input: {areaId: $area, accountId: $who,
            fromAt: \"2026-03-02T08:00:00+08:00\", untilAt: \"2026-03-02T20:00:00+08:00\"}) { userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(GRID));
        let who = World::id::<ids::Account>(staff.account);
        world.run(&lead, plan, json!({"area": area, "who": who})).await.payload("planDutyShift");
        tick(&world).await;
        assert!(told(&world, &lead, LEAD).await.is_empty());
        assert_eq!(told(&world, &staff, STAFF).await, ["GRID 02 09:00"]);
    }

    /// Taken on, it waits for a waking day; a promise alone settles nothing.
    async fn taking_it_on_stops_the_clock_for_a_day(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, secretary, .. } = cast(&world).await;
        planned(&world, &lead, ("101", CareTier::HighRisk), "2026-03-02T10:00:00").await;
        tick(&world).await;
        let id = desk(&world, &lead).await[0]["id"].clone();
        for _ in 0..2 {
            let taken = take_on(&world, &lead, &id).await;
            assert_eq!(taken.payload("takeOnEscalation")["escalation"],
                json!({"status": "TAKEN", "takenBy": "周建国", "climbsAt": "2026-03-03T01:00:00.000Z"}));
        }
        let other = take_on(&world, &secretary, &id).await;
        assert_eq!(other.user_error_codes("takeOnEscalation"), ["ALREADY_ACKNOWLEDGED"]);
        live_until(&world, "2026-03-03T08:30:00").await;
        assert!(told(&world, &secretary, SECRETARY).await.is_empty());
        live_until(&world, "2026-03-03T09:00:00").await;
        assert_eq!(told(&world, &secretary, SECRETARY).await, ["COMPOUND 03 09:00"]);
    }

    /// Two servers look at once; a claim that lapses; somebody enters hospital; a lower tier waits longer.
    async fn each_person_climbs_once(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, secretary, .. } = cast(&world).await;
        for room in 0..20 {
            planned(&world, &lead, (&format!("{room}"), CareTier::Key), "2026-03-02T10:00:00").await;
        }
        tick(&world).await;
        assert!(desk(&world, &lead).await.is_empty(), "only high risk is told before it is late");
        world.clock.advance(Duration::hours(1));
        let app = world.app();
        miss_past_visits(&app.db, &app.keys, &world.clock).await.unwrap();
        let (one, other) = tokio::join!(escalate(app), escalate(app));
        // SQLite's writers queue; on PostgreSQL the slower of two may find its rows taken.
        assert!(one.is_ok() && other.is_ok());
        tick(&world).await;
        assert_eq!(world.count("SELECT count(*) FROM escalation").await, 20);
        assert_eq!(world.count("SELECT count(*) FROM notice").await, 20);
        live_until(&world, "2026-03-02T17:30:00").await;
        assert!(told(&world, &secretary, SECRETARY).await.is_empty());
        let pause = "UPDATE care_enrolment SET paused_on = '2026-03-02'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, pause).await.unwrap();
        live_until(&world, "2026-03-02T18:30:00").await;
        assert!(told(&world, &secretary, SECRETARY).await.is_empty(), "nobody waits for them any more");
    }

    /// An alarm wakes whom it must: at two in the morning, at once.
    async fn an_alarm_knows_no_quiet_hours(db: TestDatabase) {
        let world = World::new(db).await;
        let Cast { lead, .. } = cast(&world).await;
        let elder = elder(&world, BUILDING, "101", CareTier::Key).await;
        let visit = task(&world, &lead, elder, (at("2026-03-02T09:00:00"), at("2026-03-04T09:00:00"))).await;
        world.clock.advance(Duration::hours(17));
        let lead = awake(&world, &lead, LEAD).await;
        let raise = "mutation($id: ID!) { raiseAlarm(input: {visitTaskId: $id, kind: MEDICAL}) {
            alarm { handlers { name away } } userErrors { code } } }";
        let raised = world.run(&lead, raise, json!({"id": World::id::<ids::VisitTask>(visit)})).await;
        assert_eq!(raised.payload("raiseAlarm")["alarm"]["handlers"][0], json!({"name": "周建国", "away": false}));
        assert_eq!(told(&world, &lead, LEAD).await, ["COMMUNITY 03 02:00"]);
        let see = "mutation { all: markNoticesSeen(input: {noticeIds: []}) { userErrors { code } } }";
        assert_eq!(world.run(&lead, see, json!({})).await.user_error_codes("all"), ["OUT_OF_RANGE"]);
        let mine = "{ notices(first: 5, unseen: true) { edges { node { id } } } }";
        let id = world.run(&lead, mine, json!({})).await.data("notices.edges")[0]["node"]["id"].clone();
        let see = "mutation($id: ID!) { markNoticesSeen(input: {noticeIds: [$id]}) { marked userErrors { code } } }";
        for marked in [1, 0] {
            let seen = world.run(&lead, see, json!({"id": id})).await;
            assert_eq!(seen.payload("markNoticesSeen")["marked"], marked);
        }
        assert_eq!(*world.run(&lead, mine, json!({})).await.data("notices.edges"), json!([]));
    }
}
