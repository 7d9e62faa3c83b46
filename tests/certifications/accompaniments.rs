//! A volunteer comes along to a visit at somebody's home, and is told a name, an address, a time and whom to
//! meet, and nothing of why.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::{answered, far, offered};
use super::people::{Station, check_of, many, one, opened, registered, text, void};
use crate::support::database::{TestDatabase, on_both};
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::statements::Statements;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

const AT: &str = "2026-03-05T01:00:00Z";

/// A station with a volunteer, 刘洋, and 赵一, whose check at home 何志刚 is to make on the 5th at nine.
struct Home {
    world: World,
    station: Station,
    liu: Person,
    round: String,
    check: String,
}

impl Home {
    async fn new(db: TestDatabase) -> Self {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let liu = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let building = World::id::<ids::Area>(world.area(BUILDING));
        let more =
            format!(", category: DISABLED, homeAreaId: \"{building}\", address: \"1单元101\"");
        registered(&world, &station.xu, COMMUNITY, "赵一", &more).await;
        registered(
            &world,
            &station.xu,
            COMMUNITY,
            "钱二",
            ", category: DISABLED",
        )
        .await;
        let round = opened(&world, &station.xu, COMMUNITY).await;
        let check = check_of(&world, &station.xu, &round, "赵一").await;
        let home = Self {
            world,
            station,
            liu,
            round,
            check,
        };
        assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
        home
    }

    async fn schedule(&self, at: &str, channel: &str) -> String {
        let he = World::id::<ids::Account>(self.station.he.account);
        let input = format!(", scheduledFor: \"{at}\", channel: {channel}, assignedToId: \"{he}\"");
        let call = [(self.check.as_str(), input.as_str())];
        many(&self.world, &self.station.xu, "scheduleChecks", &call)
            .await
            .remove(0)
    }

    async fn ask(&self, who: &Person, check: &str, more: &str) -> Answer {
        let query = format!(
            "mutation($check: ID!, $account: ID!) {{ askToAccompany(input: {{checkId: $check, accountId: $account
                {more}}}) {{ check {{ version companion {{ name status at declineReason }} }}
                userErrors {{ field code }} }} }}"
        );
        let account = World::id::<ids::Account>(who.account);
        let input = json!({"check": check, "account": account});
        self.world.run(&self.station.xu, &query, input).await
    }

    async fn asked(&self) {
        // Ids of one millisecond have no order.
        self.world.clock.advance(Duration::milliseconds(1));
        let answer = self.ask(&self.liu, &self.check, "").await;
        assert_eq!(
            answer.payload("askToAccompany")["check"]["companion"],
            json!({"name": "刘洋", "status": "ASKED", "at": "2026-03-05T01:00:00.000Z", "declineReason": null})
        );
    }

    async fn cancel(&self) -> Answer {
        let query = "mutation($check: ID!) { cancelAccompanying(input: {checkId: $check, reason: \"改期\"}) {
            check { companion { status } } userErrors { field code } } }";
        self.world
            .run(&self.station.xu, query, json!({"check": self.check}))
            .await
    }

    /// The newest of what somebody is asked.
    async fn told(&self, who: &Person) -> Value {
        let query = "{ accompaniments(first: 1) { edges { node { id version status at area { name }
            name { visibility masked value } address { visibility value } meet { name phone } } } } }";
        let answer = self.world.run(who, query, json!({})).await;
        answer.data("accompaniments.edges")[0]["node"].clone()
    }

    /// The volunteer's answer: the state, or why not.
    async fn says(&self, who: &Person, mutation: &str, (id, version): (&str, i64)) -> String {
        let reason = match mutation {
            "acceptAccompaniment" => "",
            _ => ", reason: \"临时有事\"",
        };
        let query = format!(
            "mutation {{ {mutation}(input: {{accompanimentId: \"{id}\", expectedVersion: {version} {reason}}}) {{
                accompaniment {{ status }} userErrors {{ code }} }} }}"
        );
        let answer = self.world.run(who, &query, json!({})).await;
        let payload = answer.data(mutation);
        match payload["userErrors"][0]["code"].as_str() {
            Some(code) => code.to_owned(),
            None => text(&payload["accompaniment"]["status"]),
        }
    }

    /// Asks, and lets 刘洋 accept: the id.
    async fn accepted(&self) -> String {
        self.asked().await;
        let told = self.told(&self.liu).await;
        let (id, version) = (text(&told["id"]), told["version"].as_i64().unwrap());
        assert_eq!(
            self.says(&self.liu, "acceptAccompaniment", (&id, version))
                .await,
            "ACCEPTED"
        );
        id
    }
}

/// What is left of one that is over: no name, no address, nobody to meet.
#[track_caller]
fn assert_closed(told: &Value, status: &str) {
    let absent = json!({"visibility": "ABSENT", "masked": null, "value": null});
    assert_eq!((&told["status"], &told["name"]), (&json!(status), &absent));
    assert_eq!(
        told["address"],
        json!({"visibility": "ABSENT", "value": null})
    );
    assert_eq!((&told["meet"], &told["area"]), (&Value::Null, &Value::Null));
}

on_both! {
    /// Planned once more as it is: what the volunteer agreed to stands, with name and address.
    async fn the_same_plan_once_more_asks_nobody_again(db: TestDatabase) {
        let home = Home::new(db).await;
        home.accepted().await;
        assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
        let assign = "mutation($round: ID!, $check: ID!, $he: ID!) { assignChecks(input: {roundId: $round,
            accountIds: [$he], checks: [{checkId: $check}]}) { results { userErrors { code } } userErrors { code } } }";
        let he = World::id::<ids::Account>(home.station.he.account);
        let input = json!({"round": home.round, "check": home.check, "he": he});
        let given = home.world.run(&home.station.xu, assign, input).await;
        assert_eq!(given.payload("assignChecks")["results"], json!([{"userErrors": []}]));
        let told = home.told(&home.liu).await;
        assert_eq!((&told["status"], &told["name"]["value"]), (&json!("ACCEPTED"), &json!("赵一")));
    }

    async fn a_volunteer_comes_along(db: TestDatabase) {
        let home = Home::new(db).await;
        let (world, liu) = (&home.world, &home.liu);
        let other = world.person("陈静", &[(Role::CenterHousehold, OTHER_GRID)]).await;
        let distant = world.person("远方", &[(Role::Volunteer, "341102006004.01.01")]).await;
        let query = "query($check: ID!) { companionCandidates(checkId: $check) { name area { name } } }";
        let found = world.run(&home.station.xu, query, json!({"check": home.check})).await;
        assert_eq!(*found.data("companionCandidates"), json!([
            {"name": "刘洋", "area": {"name": "第1网格"}}, {"name": "陈静", "area": {"name": "第2网格"}}]), "the nearest first");

        for (who, more, field, code) in [
            (&distant, "", "accountId", "NOT_ASSIGNABLE"),
            (&home.station.he, "", "accountId", "NOT_ASSIGNABLE"),
            (liu, ", at: \"2026-03-06T01:00:00Z\"", "at", "OUT_OF_RANGE"),
            (liu, ", expectedVersion: 1", "expectedVersion", "VERSION_CONFLICT"),
        ] {
            let refused = home.ask(who, &home.check, more).await;
            let errors = refused.user_errors("askToAccompany");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
        let unplanned = check_of(world, &home.station.xu, &home.round, "钱二").await;
        let refused = home.ask(liu, &unplanned, "").await;
        assert_eq!(refused.user_error_codes("askToAccompany"), ["NO_HOME_VISIT"]);
        home.asked().await;
        assert_eq!(home.ask(&other, &home.check, "").await.user_error_codes("askToAccompany"), ["ALREADY_ASKED"]);

        // Before they say yes the name is masked; afterwards they know where to go and whom to meet.
        let told = home.told(liu).await;
        let phone = told["meet"]["phone"].clone();
        assert_eq!(told["name"], json!({"visibility": "MASKED", "masked": "赵*", "value": null}));
        assert_eq!((&told["address"]["visibility"], &told["area"]["name"], &told["meet"]["name"]),
            (&json!("ABSENT"), &json!("1栋"), &json!("何志刚")));
        assert!(phone.as_str().is_some_and(|number| number.len() == 11));
        let id = text(&told["id"]);
        assert_eq!(home.says(&other, "acceptAccompaniment", (&id, 1)).await, "NOT_FOUND");
        for _ in 0..2 {
            assert_eq!(home.says(liu, "acceptAccompaniment", (&id, 1)).await, "ACCEPTED");
        }
        let told = home.told(liu).await;
        assert_eq!(told["name"], json!({"visibility": "FULL", "masked": null, "value": "赵一"}));
        assert_eq!(told["address"], json!({"visibility": "FULL", "value": "1单元101"}));
        let alive = ", channel: HOME, outcome: ALIVE";
        assert_eq!(one(&many(world, &home.station.he, "recordChecks", &[(&home.check, alive)]).await), "CHECKED");
        assert_closed(&home.told(liu).await, "OVER");
        assert_eq!(home.says(liu, "declineAccompaniment", (&id, 3)).await, "ALREADY_ENDED");
        for (action, entries) in [("askToAccompany", 1), ("acceptAccompaniment", 1)] {
            let sql = format!("SELECT count(*) FROM audit_entry WHERE action = '{action}'");
            assert_eq!(world.count(&sql).await, entries, "{action}");
        }
    }

    /// What becomes of the check becomes of the accompaniment.
    async fn it_follows_the_check(db: TestDatabase) {
        let home = Home::new(db).await;
        let (world, liu, xu) = (&home.world, &home.liu, &home.station.xu);
        // Another day: asked again, under another version.
        let id = home.accepted().await;
        assert_eq!(home.schedule("2026-03-06T02:00:00Z", "HOME").await, "SCHEDULED");
        let told = home.told(liu).await;
        assert_eq!((&told["status"], &told["at"]), (&json!("ASKED"), &json!("2026-03-06T02:00:00.000Z")));
        assert_eq!(home.says(liu, "acceptAccompaniment", (&id, 2)).await, "VERSION_CONFLICT");
        assert_eq!(home.says(liu, "acceptAccompaniment", (&id, 3)).await, "ACCEPTED");
        // Another channel: nobody is needed.
        assert_eq!(home.schedule(AT, "VIDEO").await, "SCHEDULED");
        assert_closed(&home.told(liu).await, "CANCELLED");
        // Nobody at home: it was made.
        assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
        home.accepted().await;
        let absent = ", channel: HOME, reason: NOT_AT_HOME";
        assert_eq!(one(&many(world, xu, "recordCheckAttempts", &[(&home.check, absent)]).await), "PENDING");
        assert_closed(&home.told(liu).await, "OVER");
        // Declined, called off, and a day at which they are away.
        assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
        home.asked().await;
        let told = home.told(liu).await;
        let own = (text(&told["id"]), told["version"].as_i64().unwrap());
        assert_eq!(home.says(liu, "declineAccompaniment", (&own.0, own.1)).await, "DECLINED");
        let seen = "query($id: ID!) { certificationCheck(id: $id) { companion { status declineReason } } }";
        let seen = world.run(xu, seen, json!({"id": home.check})).await;
        assert_eq!(*seen.data("certificationCheck.companion"), json!({"status": "DECLINED", "declineReason": "临时有事"}));
        home.accepted().await;
        assert_eq!(home.cancel().await.payload("cancelAccompanying")["check"]["companion"]["status"], "CANCELLED");
        assert_eq!(home.cancel().await.user_error_codes("cancelAccompanying"), ["ALREADY_ENDED"]);
        assert_closed(&home.told(liu).await, "CANCELLED");
        home.accepted().await;
        let leave = "mutation { recordAbsence(input: {fromAt: \"2026-03-07T00:00:00Z\", untilAt: \"2026-03-08T00:00:00Z\"}) {
            userErrors { code } } }";
        world.run(liu, leave, json!({})).await.payload("recordAbsence");
        assert_eq!(home.schedule("2026-03-07T01:00:00Z", "HOME").await, "SCHEDULED");
        assert_closed(&home.told(liu).await, "CANCELLED");
        let refused = home.ask(liu, &home.check, "").await;
        assert_eq!(refused.user_error_codes("askToAccompany"), ["ABSENCE_OVERLAPS"]);
        let query = "query($check: ID!) { companionCandidates(checkId: $check) { name } }";
        let found = world.run(xu, query, json!({"check": home.check})).await;
        assert_eq!(*found.data("companionCandidates"), json!([]));
    }

    /// Settled, handed to another station, or in a round that is voided: nobody is needed.
    async fn it_ends_with_the_check(db: TestDatabase) {
        let home = Home::new(db).await;
        let (world, liu, xu) = (&home.world, &home.liu, &home.station.xu);
        let bai = far(world).await;
        home.accepted().await;
        let id = offered(world, xu, &home.check).await;
        assert_eq!(home.told(liu).await["status"], "ACCEPTED", "until it is accepted the visit stands");
        assert_eq!(answered(world, &bai, "acceptHandOvers", &id).await, "ACCEPTED");
        assert_closed(&home.told(liu).await, "CANCELLED");
        let refused = home.ask(liu, &home.check, "").await;
        assert_eq!(refused.user_error_codes("askToAccompany"), ["HANDED_OVER"]);
        assert_eq!(answered(world, xu, "withdrawHandOvers", &id).await, "WITHDRAWN");
        assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
        home.accepted().await;
        void(world, xu, &home.round).await.payload("voidCertificationRound");
        assert_closed(&home.told(liu).await, "CANCELLED");
    }

    /// Name and address are gone the day after, though nobody has written anything.
    async fn it_closes_the_day_after(db: TestDatabase) {
        let home = Home::new(db).await;
        let id = home.accepted().await;
        // From nine on the 2nd to a minute before midnight of the 5th, and the minute after.
        home.world.clock.advance(Duration::hours(3 * 24 + 15) - Duration::minutes(1));
        let grants = || vec![(Role::Volunteer, home.world.area(GRID))];
        let liu = home.world.signed_in(home.liu.account, 1, grants()).await;
        assert_eq!(home.told(&liu).await["name"]["value"], "赵一");
        home.world.clock.advance(Duration::minutes(1));
        assert_closed(&home.told(&liu).await, "ACCEPTED");
        assert_eq!(home.says(&liu, "declineAccompaniment", (&id, 2)).await, "ALREADY_ENDED");
    }

    /// Accepted while it is moved or called off: nobody has said yes to what they did not see.
    async fn accepted_and_moved(db: TestDatabase) {
        let home = Home::new(db).await;
        for turn in 0..rounds() {
            home.asked().await;
            let told = home.told(&home.liu).await;
            let own = (text(&told["id"]), told["version"].as_i64().unwrap());
            let (accepted, _) = tokio::join!(
                home.says(&home.liu, "acceptAccompaniment", (&own.0, own.1)),
                home.schedule("2026-03-06T02:00:00Z", "HOME"),
            );
            assert!(["ACCEPTED", "ASKED", "VERSION_CONFLICT"].contains(&accepted.as_str()), "{accepted}");
            assert_eq!(home.told(&home.liu).await["status"], "ASKED", "turn {turn}");
            assert_eq!(home.schedule(AT, "HOME").await, "SCHEDULED");
            let version = home.told(&home.liu).await["version"].as_i64().unwrap();
            let (accepted, cancelled) = tokio::join!(
                home.says(&home.liu, "acceptAccompaniment", (&own.0, version)),
                home.cancel(),
            );
            assert!(["ACCEPTED", "CANCELLED", "ALREADY_ENDED"].contains(&accepted.as_str()), "{accepted}");
            cancelled.payload("cancelAccompanying");
            assert_closed(&home.told(&home.liu).await, "CANCELLED");
        }
    }
}

/// Nothing that a volunteer asks or says of it looks at what the station keeps, and no answer names it.
async fn nothing_tells_why(db: TestDatabase) {
    let statements = Statements::default();
    let _told = statements.listen();
    let home = Home::new(db).await;
    home.asked().await;
    let told = home.told(&home.liu).await;
    let id = text(&told["id"]);
    statements.take();
    let mut answers = Vec::new();
    for query in [
        "query($id: ID!) { node(id: $id) { id } }",
        "{ accompaniments(first: 5) { edges { cursor node { __typename id version status at area { name }
            name { masked value } address { value } meet { __typename name phone } declineReason } } } }",
        "mutation($id: ID!) { acceptAccompaniment(input: {accompanimentId: $id, expectedVersion: 1}) {
            accompaniment { status name { value } } userErrors { code message } } }",
        "mutation($id: ID!) { acceptAccompaniment(input: {accompanimentId: $id, expectedVersion: 9}) {
            accompaniment { status } userErrors { code message } } }",
        "mutation($id: ID!) { declineAccompaniment(input: {accompanimentId: $id, expectedVersion: 2, reason: \"有事\"}) {
            accompaniment { status declineReason } userErrors { code message } } }",
        "mutation($id: ID!) { declineAccompaniment(input: {accompanimentId: $id, expectedVersion: 1, reason: \"病了\"}) {
            accompaniment { status } userErrors { code message } } }",
    ] {
        let variables = json!({"id": id});
        answers.push(home.world.text(&home.liu, query, variables).await);
    }
    let ran = statements.take();
    assert!(ran.len() > 10, "the statements are told: {ran:?}");
    for line in &ran {
        let names = ["beneficiary", "certification", "category"];
        assert!(!names.iter().any(|name| line.contains(name)), "{line}");
    }
    assert!(answers[2].contains("赵一"), "{}", answers[2]);
    for answer in &answers {
        let lower = answer.to_lowercase();
        for word in [
            "benef", "certif", "veteran", "check", "优抚", "退役", "认证", "核查", "伤残",
        ] {
            assert!(!lower.contains(word), "{word}: {answer}");
        }
    }
}

// On one thread, so that what runs is told to this test.
#[tokio::test]
async fn nothing_tells_why_on_sqlite() {
    nothing_tells_why(TestDatabase::sqlite().await).await;
}

#[tokio::test]
async fn nothing_tells_why_on_postgres() {
    if let Some(db) = TestDatabase::postgres().await {
        nothing_tells_why(db).await;
    }
}
