//! What is said twice, told late or read afterwards: done once, and where it belongs.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::{answered, far, offered};
use super::people::{
    Station, check_of, close, many, one, open, opened, registered, send, states, text,
};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY";

/// A round with 赵一 alone on its roster: the round and the check.
async fn lone(world: &World, xu: &Person) -> (String, String) {
    registered(world, xu, GRID, "赵一", FAMILY).await;
    let round = opened(world, xu, COMMUNITY).await;
    let check = check_of(world, xu, &round, "赵一").await;
    (round, check)
}

async fn told(world: &World, who: &Person, check: &str) -> Value {
    let query = "query($id: ID!) { certificationCheck(id: $id) { status scheduledFor attemptCount lastAttemptAt
        lastAttemptReason } }";
    let answer = world.run(who, query, json!({"id": check})).await;
    answer.data("certificationCheck").clone()
}

on_both! {
    /// The answer was lost on the way: the same words once more, without a key, are the same act.
    async fn the_same_words_once_more_change_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, meng, .. } = Station::new(&world).await;
        let (_, check) = lone(&world, &xu).await;
        let check = check.as_str();
        let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-03-01\", source: \"家属\", notes: \"已火化\"";
        for (who, mutation, words, others, state, code) in [
            (&xu, "scheduleChecks", ", scheduledFor: \"2026-03-04T01:00:00Z\", channel: HOME",
                ", scheduledFor: \"2026-03-05T01:00:00Z\", channel: HOME", "SCHEDULED", "SCHEDULED"),
            (&xu, "recordChecks", died, ", channel: HOME, outcome: ALIVE", "CHECKED", "ALREADY_CHECKED"),
            (&meng, "returnChecks", ", remark: \"缺死亡证明\"", ", remark: \"其他\"", "RETURNED", "NOT_CHECKED"),
            (&meng, "settleChecks", ", expectedVersion: 5, reason: \"境外\"", ", expectedVersion: 5, reason: \"其他\"",
                "SETTLED", "ALREADY_SETTLED"),
        ] {
            let before = world.count("SELECT version FROM certification_check").await;
            for _ in 0..3 {
                assert_eq!(one(&many(&world, who, mutation, &[(check, words)]).await), state, "{mutation}");
            }
            let raised = world.count("SELECT version FROM certification_check").await - before;
            assert_eq!(raised, 1, "{mutation}");
            let entries = format!("SELECT count(*) FROM audit_entry WHERE action = '{mutation}'");
            assert_eq!(world.count(&entries).await, 1);
            if mutation == "recordChecks" {
                let another = many(&world, &he, mutation, &[(check, words)]).await;
                assert_eq!(one(&another), code, "another's words are another act");
            }
            let other = many(&world, who, mutation, &[(check, others)]).await;
            assert_eq!(one(&other), code, "{mutation}");
        }
    }

    /// What is refused as a whole: nobody, and more than a hundred.
    async fn a_call_takes_one_to_a_hundred(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let (_, check) = lone(&world, &xu).await;
        let alive = ", channel: HOME, outcome: ALIVE";
        for (who, mutation, words) in [
            (&xu, "recordChecks", alive), (&xu, "recordCheckAttempts", ", channel: HOME, reason: REFUSED"),
            (&meng, "returnChecks", ", remark: \"x\""),
        ] {
            for count in [0, 101] {
                let refused = send(&world, who, mutation, &vec![(check.as_str(), words); count], "").await;
                assert_eq!(refused.user_error_codes(mutation), ["OUT_OF_RANGE"], "{mutation} {count}");
            }
        }
        assert_eq!(told(&world, &xu, &check).await["status"], "PENDING");
    }

    /// Monday's try reaches the server when Wednesday is planned already: it is counted, and Wednesday stays.
    async fn a_try_told_late_leaves_a_newer_plan(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let (_, check) = lone(&world, &xu).await;
        let check = check.as_str();
        let at = ", scheduledFor: \"2026-03-04T01:00:00Z\", channel: HOME";
        assert_eq!(one(&many(&world, &xu, "scheduleChecks", &[(check, at)]).await), "SCHEDULED");
        let tried = |at: &str, reason: &str| format!(", channel: HOME, reason: {reason}, occurredAt: \"{at}\"");
        let early = tried("2026-03-01T02:00:00Z", "NOT_AT_HOME");
        assert_eq!(one(&many(&world, &xu, "recordCheckAttempts", &[(check, &early)]).await), "SCHEDULED");
        assert_eq!(told(&world, &xu, check).await, json!({"status": "SCHEDULED",
            "scheduledFor": "2026-03-04T01:00:00.000Z", "attemptCount": 1,
            "lastAttemptAt": "2026-03-01T02:00:00.000Z", "lastAttemptReason": "NOT_AT_HOME"}));

        world.clock.advance(Duration::hours(50));
        let xu = world.signed_in(xu.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        let there = tried("2026-03-04T02:00:00Z", "REFUSED");
        assert_eq!(one(&many(&world, &xu, "recordCheckAttempts", &[(check, &there)]).await), "PENDING");
        let between = tried("2026-03-02T03:00:00Z", "UNREACHABLE");
        assert_eq!(one(&many(&world, &xu, "recordCheckAttempts", &[(check, &between)]).await), "PENDING");
        assert_eq!(told(&world, &xu, check).await, json!({"status": "PENDING", "scheduledFor": null,
            "attemptCount": 3, "lastAttemptAt": "2026-03-04T02:00:00.000Z", "lastAttemptReason": "REFUSED"}));
    }

    /// Between two rounds of a year somebody's category changes: they stay on the roster where they are.
    async fn nobody_is_on_two_rosters_of_a_year(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let zhao = registered(&world, &xu, GRID, "赵一", ", category: DISABLED").await;
        open(&world, &xu, COMMUNITY, "DISABLED").await.payload("openCertificationRound");
        let update = "mutation($id: ID!) { updateBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            details: {category: MARTYR_FAMILY}}) { userErrors { code } } }";
        world.run(&xu, update, json!({"id": zhao})).await.payload("updateBeneficiary");
        registered(&world, &xu, GRID, "钱二", FAMILY).await;
        let second = open(&world, &xu, COMMUNITY, "MARTYR_FAMILY").await;
        let second = text(&second.payload("openCertificationRound")["round"]["id"]);
        assert_eq!(states(&world, &xu, &second).await, [1, 0, 0, 0, 0, 0]);
        check_of(&world, &xu, &second, "钱二").await;
        let add = "mutation($round: ID!, $id: ID!) { addToCertificationRound(input: {roundId: $round,
            beneficiaryId: $id, reason: \"类别变更\"}) { userErrors { code } } }";
        let refused = world.run(&xu, add, json!({"round": second, "id": zhao})).await;
        assert_eq!(refused.user_error_codes("addToCertificationRound"), ["ROUND_UNFIT"]);
    }

    /// Closed in March and read in May, it was on time.
    async fn a_closed_round_was_as_fast_as_it_was(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let (round, check) = lone(&world, &xu).await;
        let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-03-01\", source: \"家属\"";
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, died)]).await), "CHECKED");
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        close(&world, &xu, &round).await.payload("closeCertificationRound");
        world.clock.advance(Duration::days(60));
        let xu = world.signed_in(xu.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        let query = "query($id: ID!) { certificationCoverage(roundId: $id) { forecastOn isOnTime } }";
        let read = world.run(&xu, query, json!({"id": round})).await;
        assert_eq!(*read.data("certificationCoverage"), json!({"forecastOn": "2026-03-02", "isOnTime": true}));
    }

    /// Half of four are certified in two days: two days more.
    async fn the_forecast_follows_the_pace(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        for name in ["赵一", "钱二", "孙三", "李四"] {
            registered(&world, &xu, GRID, name, FAMILY).await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        world.clock.advance(Duration::days(1));
        let xu = world.signed_in(xu.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        let meng = world.signed_in(meng.account, 1, vec![(Role::VeteransStaff, world.area("341102006"))]).await;
        let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-03-01\", source: \"家属\"";
        for name in ["赵一", "钱二"] {
            let check = check_of(&world, &xu, &round, name).await;
            assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, died)]).await), "CHECKED");
            assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        }
        let query = "query($id: ID!, $area: ID!) { certificationCoverage(roundId: $id, areaId: $area) {
            forecastOn isOnTime neededPerDay figure { roster } } }";
        let grid = World::id::<ids::Area>(world.area(GRID));
        let read = world.run(&xu, query, json!({"id": round, "area": grid})).await;
        // Two a day are needed on no day: 29 are left, the 3rd and the 31st included.
        assert_eq!(*read.data("certificationCoverage"), json!({"forecastOn": "2026-03-05", "isOnTime": true,
            "neededPerDay": 1, "figure": {"roster": 4}}));
    }

    /// The station that took a check on plans it like its own: it is proposed, and given to its own people.
    async fn what_was_handed_over_is_planned_there(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        let (round, check) = lone(&world, &xu).await;
        let offer = offered(&world, &xu, &check).await;
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &offer).await, "ACCEPTED");
        let query = "query($round: ID!, $handed: Boolean!) { certificationPlanProposal(first: 5, filter: {
            roundId: $round, isHandedOver: $handed}) { edges { node { channel check { id } } } } }";
        let there = world.run(&bai, query, json!({"round": round, "handed": true})).await;
        assert_eq!(*there.data("certificationPlanProposal.edges"),
            json!([{"node": {"channel": "APPOINTMENT", "check": {"id": check}}}]));
        let here = world.run(&xu, query, json!({"round": round, "handed": false})).await;
        assert_eq!(*here.data("certificationPlanProposal.edges"), json!([]), "nobody plans what another makes");
        let assign = "mutation($round: ID!, $check: ID!) { assignChecks(input: {roundId: $round, checks: [
            {checkId: $check, channel: HOME}]}) { results { check { assignedTo channel } userErrors { code } }
            userErrors { code } } }";
        let given = world.run(&bai, assign, json!({"round": round, "check": check})).await;
        assert_eq!(given.payload("assignChecks")["results"],
            json!([{"check": {"assignedTo": "徐国民", "channel": "HOME"}, "userErrors": []}]));
        let refused = world.run(&xu, assign, json!({"round": round, "check": check})).await;
        assert_eq!(refused.payload("assignChecks")["results"][0]["userErrors"], json!([{"code": "NOT_ASSIGNABLE"}]));
    }
}
