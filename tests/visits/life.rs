//! Every state × action × role, against a table written by hand from the rules of the domain.

use entity::enums::{Role, VisitStatus};
use entity::visit_task;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

/// Every action, the state in which it leaves a visit, and its call.
const ACTIONS: [(&str, VisitStatus, &str); 13] = [
    (
        "claim",
        VisitStatus::Claimed,
        "claimVisitTask(input: {visitTaskId: $id})",
    ),
    (
        "release",
        VisitStatus::Open,
        "releaseVisitTask(input: {visitTaskId: $id, reason: \"临时有事\"})",
    ),
    (
        "start",
        VisitStatus::Started,
        "startVisitTask(input: {visitTaskId: $id})",
    ),
    (
        "keep",
        VisitStatus::Claimed,
        "recordVisitAttempt(input: {visitTaskId: $id, reason: NOT_AT_HOME, retryAt: \"2026-03-03T01:00:00Z\"})",
    ),
    (
        "reopen",
        VisitStatus::Open,
        "recordVisitAttempt(input: {visitTaskId: $id, reason: NOT_AT_HOME})",
    ),
    (
        "report",
        VisitStatus::Reported,
        "reportVisitTask(input: {visitTaskId: $id, outcome: SEEN_WELL, method: IN_PERSON})",
    ),
    (
        "verify",
        VisitStatus::Verified,
        "verifyVisitTask(input: {visitTaskId: $id})",
    ),
    (
        "return",
        VisitStatus::Returned,
        "returnVisitTask(input: {visitTaskId: $id, remark: \"请补充\", dueAt: \"2026-03-04T01:00:00Z\"})",
    ),
    (
        "cancel",
        VisitStatus::Cancelled,
        "cancelVisitTask(input: {visitTaskId: $id, reason: \"重复\"})",
    ),
    (
        "renew",
        VisitStatus::Claimed,
        "renewVisitTask(input: {visitTaskId: $id})",
    ),
    (
        "appoint",
        VisitStatus::Claimed,
        "appointVisitTask(input: {visitTaskId: $id, appointedAt: \"2026-03-02T03:00:00Z\"})",
    ),
    (
        "reassign",
        VisitStatus::Open,
        "reassignVisitTask(input: {visitTaskId: $id, reason: \"请假\"})",
    ),
    (
        "assign",
        VisitStatus::Claimed,
        "reassignVisitTask(input: {visitTaskId: $id, accountId: $to, reason: \"请假\"})",
    ),
];

/// Rows: who × state; columns: the actions in their order. A dot is success and the action's own state, `=`
/// success that leaves the visit as it was, letters are refusals:
/// c `ALREADY_CLAIMED`, o `NOT_OPEN`, f `ALREADY_FINISHED`, h `NOT_CLAIMED_BY_YOU`, r `ALREADY_REPORTED`,
/// s `ALREADY_STARTED`, n `NOT_REPORTED`, w `OWN_REPORT`, p `NOT_PERMITTED`, x `NOT_FOUND`.
const TABLE: &str = "
                        claim  release  start  keep  reopen  report  verify  return  cancel  renew  appoint  reassign  assign
holder     OPEN         .      h        h      h     h       h       p       p       p       h      h        p         p
holder     CLAIMED      .      .        .      .     .       .       p       p       p       .      .        p         p
holder     STARTED      =      .        .      .     .       .       p       p       p       s      s        p         p
holder     REPORTED     o      r        r      r     r       r       p       p       p       r      r        p         p
holder     RETURNED     =      .        s      s     s       .       p       p       p       s      s        p         p
holder     VERIFIED     f      f        f      f     f       f       p       p       p       f      f        p         p
holder     MISSED       f      h        h      h     h       h       p       p       p       h      h        p         p
holder     CANCELLED    f      f        f      f     f       =       p       p       p       f      f        p         p
other      OPEN         .      h        h      h     h       h       p       p       p       h      h        p         p
other      CLAIMED      c      h        h      h     h       h       p       p       p       h      h        p         p
other      STARTED      c      h        h      h     h       h       p       p       p       h      h        p         p
other      REPORTED     o      h        h      h     h       h       p       p       p       h      h        p         p
other      RETURNED     c      h        h      h     h       h       p       p       p       h      h        p         p
other      VERIFIED     f      h        h      h     h       h       p       p       p       h      h        p         p
other      MISSED       f      h        h      h     h       h       p       p       p       h      h        p         p
other      CANCELLED    f      h        h      h     h       h       p       p       p       h      h        p         p
lead       OPEN         .      h        h      h     h       h       n       n       .       h      h        .         .
lead       CLAIMED      c      h        h      h     h       h       n       n       .       h      h        .         .
lead       STARTED      c      h        h      h     h       h       n       n       .       h      h        .         .
lead       REPORTED     o      h        h      h     h       h       .       .       .       h      h        r         r
lead       RETURNED     c      h        h      h     h       h       n       n       .       h      h        .         .
lead       VERIFIED     f      h        h      h     h       h       f       f       f       h      h        f         f
lead       MISSED       f      h        h      h     h       h       f       f       f       h      h        f         f
lead       CANCELLED    f      h        h      h     h       h       f       f       f       h      h        f         f
secretary  OPEN         .      h        h      h     h       h       n       n       .       h      h        .         .
secretary  CLAIMED      c      h        h      h     h       h       n       n       .       h      h        .         .
secretary  STARTED      c      h        h      h     h       h       n       n       .       h      h        .         .
secretary  REPORTED     o      h        h      h     h       h       .       .       .       h      h        r         r
secretary  RETURNED     c      h        h      h     h       h       n       n       .       h      h        .         .
secretary  VERIFIED     f      h        h      h     h       h       f       f       f       h      h        f         f
secretary  MISSED       f      h        h      h     h       h       f       f       f       h      h        f         f
secretary  CANCELLED    f      h        h      h     h       h       f       f       f       h      h        f         f
staff      OPEN         .      h        h      h     h       h       n       n       .       h      h        .         .
staff      CLAIMED      c      h        h      h     h       h       n       n       .       h      h        .         .
staff      STARTED      c      h        h      h     h       h       n       n       .       h      h        .         .
staff      REPORTED     o      h        h      h     h       h       .       .       .       h      h        r         r
staff      RETURNED     c      h        h      h     h       h       n       n       .       h      h        .         .
staff      VERIFIED     f      h        h      h     h       h       f       f       f       h      h        f         f
staff      MISSED       f      h        h      h     h       h       f       f       f       h      h        f         f
staff      CANCELLED    f      h        h      h     h       h       f       f       f       h      h        f         f
supervisor OPEN         p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor CLAIMED      p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor STARTED      p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor REPORTED     p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor RETURNED     p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor VERIFIED     p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor MISSED       p      h        h      h     h       h       p       p       p       h      h        p         p
supervisor CANCELLED    p      h        h      h     h       h       p       p       p       h      h        p         p
admin      OPEN         x      x        x      x     x       x       x       x       x       x      x        x         x
admin      CLAIMED      x      x        x      x     x       x       x       x       x       x      x        x         x
admin      STARTED      x      x        x      x     x       x       x       x       x       x      x        x         x
admin      REPORTED     x      x        x      x     x       x       x       x       x       x      x        x         x
admin      RETURNED     x      x        x      x     x       x       x       x       x       x      x        x         x
admin      VERIFIED     x      x        x      x     x       x       x       x       x       x      x        x         x
admin      MISSED       x      x        x      x     x       x       x       x       x       x      x        x         x
admin      CANCELLED    x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   OPEN         x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   CLAIMED      x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   STARTED      x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   REPORTED     x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   RETURNED     x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   VERIFIED     x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   MISSED       x      x        x      x     x       x       x       x       x       x      x        x         x
veterans   CANCELLED    x      x        x      x     x       x       x       x       x       x      x        x         x
partner    OPEN         x      x        x      x     x       x       x       x       x       x      x        x         x
partner    CLAIMED      x      x        x      x     x       x       x       x       x       x      x        x         x
partner    STARTED      x      x        x      x     x       x       x       x       x       x      x        x         x
partner    REPORTED     x      x        x      x     x       x       x       x       x       x      x        x         x
partner    RETURNED     x      x        x      x     x       x       x       x       x       x      x        x         x
partner    VERIFIED     x      x        x      x     x       x       x       x       x       x      x        x         x
partner    MISSED       x      x        x      x     x       x       x       x       x       x      x        x         x
partner    CANCELLED    x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   OPEN         x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   CLAIMED      x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   STARTED      x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   REPORTED     x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   RETURNED     x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   VERIFIED     x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   MISSED       x      x        x      x     x       x       x       x       x       x      x        x         x
stranger   CANCELLED    x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  OPEN         x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  CLAIMED      x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  STARTED      x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  REPORTED     x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  RETURNED     x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  VERIFIED     x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  MISSED       x      x        x      x     x       x       x       x       x       x      x        x         x
ungranted  CANCELLED    x      x        x      x     x       x       x       x       x       x      x        x         x
";

fn code(letter: &str) -> Option<&'static str> {
    Some(match letter {
        "." | "=" => return None,
        "c" => "ALREADY_CLAIMED",
        "o" => "NOT_OPEN",
        "f" => "ALREADY_FINISHED",
        "h" => "NOT_CLAIMED_BY_YOU",
        "r" => "ALREADY_REPORTED",
        "s" => "ALREADY_STARTED",
        "n" => "NOT_REPORTED",
        "w" => "OWN_REPORT",
        "p" => "NOT_PERMITTED",
        "x" => "NOT_FOUND",
        other => panic!("no code for {other}"),
    })
}

fn status(word: &str) -> VisitStatus {
    use sea_orm::ActiveEnum as _;
    VisitStatus::try_from_value(&word.to_owned()).expect("a state")
}

/// Puts a task of the holder's into a state, as if it had gone there.
async fn put(world: &World, task: uuid::Uuid, state: VisitStatus, holder: &Person) {
    use VisitStatus as S;
    let held = !matches!(state, S::Open | S::Missed);
    let reported = matches!(state, S::Reported | S::Returned | S::Verified);
    let now = world.clock.now();
    let row = visit_task::Entity::find_by_id(task)
        .one(&world.raw)
        .await
        .unwrap()
        .unwrap();
    let mut row = row.into_active_model();
    row.status = Set(state);
    row.claimed_by = Set(held.then_some(holder.account));
    row.lease_until = Set(held.then_some(now + chrono::Duration::days(1)));
    row.reported_by = Set(reported.then_some(holder.account));
    row.reported_at = Set(reported.then_some(now));
    row.update(&world.raw).await.unwrap();
}

on_both! {
    async fn every_state_action_and_role_is_as_the_table_says(db: TestDatabase) {
        let world = World::new(db).await;
        let planner = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let holder = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let people = [
            ("holder", holder.clone()),
            ("other", world.person("刘洋", &[(Role::CenterHousehold, BUILDING)]).await),
            ("lead", world.person("赵敏", &[(Role::GridLead, GRID)]).await),
            ("secretary", world.person("何书记", &[(Role::CompoundSecretary, "341102006003.01")]).await),
            ("staff", world.person("孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await),
            ("supervisor", world.person("钱伟", &[(Role::Supervisor, "341102006")]).await),
            ("admin", world.person("吴强", &[(Role::Admin, "341102")]).await),
            ("veterans", world.person("郑军", &[(Role::VeteransStaff, "341102006")]).await),
            ("partner", world.person("王店", &[(Role::Partner, COMMUNITY)]).await),
            ("stranger", world.person("冯涛", &[(Role::GridLead, OTHER_GRID)]).await),
            ("ungranted", world.person("陈旧", &[]).await),
        ];
        let helper = world.person("林芳", &[(Role::Volunteer, GRID)]).await;
        let to = World::id::<ids::Account>(helper.account);
        let home = world.household(BUILDING, "101").await;
        let (mut wrong, mut lines) = (Vec::new(), 0);
        for line in TABLE.lines().skip(2) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let [who, state, letters @ ..] = words.as_slice() else { panic!("{line}") };
            assert_eq!(letters.len(), ACTIONS.len(), "{line}");
            let (_, person) = people.iter().find(|(name, _)| name == who).expect("somebody");
            lines += 1;
            for ((action, then, call), letter) in ACTIONS.iter().zip(letters) {
                let task = world.open_task(&planner, home).await;
                put(&world, task, status(state), &holder).await;
                let before = visit_task::Entity::find_by_id(task).one(&world.raw).await.unwrap().unwrap();
                let (to_whom, variables) = match *action {
                    "assign" => (", $to: ID!", json!({"id": World::id::<ids::VisitTask>(task), "to": to})),
                    _ => ("", json!({"id": World::id::<ids::VisitTask>(task)})),
                };
                let query = format!("mutation($id: ID!{to_whom}) {{ payload: {call} {{ userErrors {{ code }} }} }}");
                let answer = world.run(person, &query, variables).await;
                let got = answer.user_error_codes("payload");
                if got != code(letter).into_iter().collect::<Vec<_>>() {
                    wrong.push(format!("{who} {state} {action}: {letter}, but {got:?}"));
                }
                let after = visit_task::Entity::find_by_id(task).one(&world.raw).await.unwrap().unwrap();
                if !got.is_empty() && before != after {
                    wrong.push(format!("{who} {state} {action}: refused, but the row changed"));
                }
                let then = if *letter == "=" { before.status } else { *then };
                if got.is_empty() && after.status != then {
                    wrong.push(format!("{who} {state} {action}: done, but then {:?}", after.status));
                }
                // What was reported of a visit called off is a task that follows it.
                let following = visit_task::Entity::find().filter(visit_task::Column::FollowsId.eq(task));
                for late in following.all(&world.raw).await.unwrap() {
                    world.forget(late.id).await;
                }
                // Five live claims would be the limit.
                world.forget(task).await;
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert_eq!(lines, people.len() * 8, "everybody in every state");
    }

    async fn what_a_lead_reported_is_verified_a_level_above(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let colleague = world.person("赵敏", &[(Role::GridLead, GRID)]).await;
        let secretary = world.person("何书记", &[(Role::CompoundSecretary, "341102006003.01")]).await;
        let home = world.household(BUILDING, "101").await;
        let task = world.open_task(&lead, home).await;
        let id = World::id::<ids::VisitTask>(task);
        for call in [ACTIONS[0].2, ACTIONS[5].2] {
            let query = format!("mutation($id: ID!) {{ payload: {call} {{ userErrors {{ code }} }} }}");
            world.run(&lead, &query, json!({"id": id})).await.payload("payload");
        }
        let verify = "mutation($id: ID!) { payload: verifyVisitTask(input: {visitTaskId: $id}) {
            visitTask { status } userErrors { code } } }";
        for person in [&lead, &colleague] {
            let answer = world.run(person, verify, json!({"id": id})).await;
            assert_eq!(answer.user_error_codes("payload"), ["OWN_REPORT"]);
        }
        let answer = world.run(&secretary, verify, json!({"id": id})).await;
        assert_eq!(answer.payload("payload")["visitTask"]["status"], "VERIFIED");
    }
}
