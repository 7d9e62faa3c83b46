//! Many are certified at once at a nursing home: who is asked, who came, who did not.

use chrono::Duration;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{STREET, Station, check_of, many, one, opened, registered, states, text, void};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY";
pub const HOME: &str = "乐康养老中心";

/// Plans a session or slot; `input` is what else it says besides round and area.
pub async fn plan(world: &World, who: &Person, (round, area): (&str, &str), input: &str) -> Answer {
    let query = format!(
        "mutation($round: ID!, $area: ID!) {{ planCertificationSession(input: {{roundId: $round, areaId: $area
            {input}}}) {{ session {{ id status channel venue isInstitution capacity takenCount version }}
            userErrors {{ field code }} }} }}"
    );
    let area = World::id::<ids::Area>(world.area(area));
    world
        .run(who, &query, json!({"round": round, "area": area}))
        .await
}

/// The same, which must succeed; its id.
pub async fn planned(world: &World, who: &Person, place: (&str, &str), input: &str) -> String {
    let answer = plan(world, who, place, input).await;
    text(&answer.payload("planCertificationSession")["session"]["id"])
}

/// A session at the nursing home in five minutes, for two hours.
pub fn at_the_home() -> String {
    format!(
        ", channel: SESSION, venue: \"{HOME}\", isInstitution: true, startsAt: \"2026-03-02T01:05:00Z\",
            endsAt: \"2026-03-02T03:05:00Z\""
    )
}

/// Gives places; state or code of each.
pub async fn add(world: &World, who: &Person, session: &str, checks: &[&str]) -> Vec<String> {
    let answer = adding(world, who, session, checks).await;
    super::people::results(&answer, "addToCertificationSession")
}

pub async fn adding(world: &World, who: &Person, session: &str, checks: &[&str]) -> Answer {
    let query = "mutation($session: ID!, $checks: [ID!]!) { addToCertificationSession(input: {
        sessionId: $session, checkIds: $checks}) { session { takenCount } results { check { status }
        userErrors { code } } userErrors { field code } } }";
    world
        .run(who, query, json!({"session": session, "checks": checks}))
        .await
}

pub async fn close(world: &World, who: &Person, session: &str) -> Answer {
    let query = "mutation($id: ID!) { closeCertificationSession(input: {sessionId: $id}) { session { status
        takenCount presentCount absentCount } absent { beneficiary { name { value } } status attemptCount
        lastAttemptReason scheduledFor sessionId attempts { channel reason occurredAt } }
        userErrors { field code } } }";
    world.run(who, query, json!({"id": session})).await
}

pub async fn cancel(world: &World, who: &Person, session: &str) -> Answer {
    let query = "mutation($id: ID!) { cancelCertificationSession(input: {sessionId: $id, reason: \"下雪\"}) {
        session { status endReason takenCount } userErrors { field code } } }";
    world.run(who, query, json!({"id": session})).await
}

/// Who is proposed, sorted by name: who was registered in one moment has no order.
pub async fn proposed(world: &World, who: &Person, session: &str) -> Vec<String> {
    let query =
        "query($id: ID!) { certificationSessionCandidates(sessionId: $id, first: 100) { totalCount
        edges { node { beneficiary { name { value } } } } } }";
    let answer = world.run(who, query, json!({"id": session})).await;
    let list = answer.data("certificationSessionCandidates");
    let edges = list["edges"].as_array().expect("edges");
    assert_eq!(list["totalCount"], edges.len());
    let names = edges
        .iter()
        .map(|edge| text(&edge["node"]["beneficiary"]["name"]["value"]));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Session, time and tries of a check.
pub async fn told(world: &World, who: &Person, check: &str) -> Value {
    let query =
        "query($id: ID!) { certificationCheck(id: $id) { status channel sessionId scheduledFor
        attemptCount } }";
    let answer = world.run(who, query, json!({"id": check})).await;
    answer.data("certificationCheck").clone()
}

on_both! {
    async fn a_nursing_home_is_certified_in_one_morning(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let home = format!("{FAMILY}, institution: \"{HOME}\"");
        for (name, area, more) in [
            ("赵一", GRID, home.as_str()), ("钱二", GRID, &home), ("吴六", FAR_BUILDING, &home),
            ("孙三", GRID, FAMILY), ("周五", GRID, ", category: MARTYR_FAMILY, institution: \"白云敬老院\""),
        ] {
            registered(&world, &meng, area, name, more).await;
        }
        let round = opened(&world, &meng, STREET).await;
        let mut checks = Vec::new();
        for name in ["赵一", "钱二", "吴六", "孙三"] {
            checks.push(check_of(&world, &meng, &round, name).await);
        }
        let [zhao, qian, wu, sun] = &checks[..] else { panic!("four") };
        let answer = plan(&world, &meng, (&round, STREET), &at_the_home()).await;
        let shown = &answer.payload("planCertificationSession")["session"];
        let session = text(&shown["id"]);
        assert_eq!(*shown, json!({"id": session, "status": "PLANNED", "channel": "SESSION", "venue": HOME,
            "isInstitution": true, "capacity": null, "takenCount": 0, "version": 1}));

        // Who lives there is proposed, to each station those it answers for.
        assert_eq!(proposed(&world, &meng, &session).await, ["吴六", "赵一", "钱二"]);
        assert_eq!(proposed(&world, &xu, &session).await, ["赵一", "钱二"]);
        // The community sends its own to the street's session; it does not end it.
        assert_eq!(add(&world, &xu, &session, &[zhao, qian, wu]).await, ["SCHEDULED", "SCHEDULED", "NOT_FOUND"]);
        assert_eq!(add(&world, &meng, &session, &[wu, zhao, "nonsense"]).await, ["SCHEDULED", "SCHEDULED", "NOT_FOUND"]);
        assert_eq!(proposed(&world, &meng, &session).await, [""; 0]);
        let expected = json!({"status": "SCHEDULED", "channel": "SESSION", "sessionId": session,
            "scheduledFor": "2026-03-02T01:05:00.000Z", "attemptCount": 0});
        assert_eq!(told(&world, &xu, zhao).await, expected);
        assert_eq!(close(&world, &xu, &session).await.user_error_codes("closeCertificationSession"), ["NOT_PERMITTED"]);
        assert_eq!(cancel(&world, &xu, &session).await.user_error_codes("cancelCertificationSession"), ["NOT_PERMITTED"]);
        let early = close(&world, &meng, &session).await;
        assert_eq!(early.user_error_codes("closeCertificationSession"), ["SESSION_NOT_BEGUN"]);
        assert_eq!(states(&world, &meng, &round).await, [2, 3, 0, 0, 0, 0]);

        // Many are recorded in one call; 孙三 came though nobody asked him, and 吴六's entry is wrong.
        world.clock.advance(Duration::minutes(10));
        let there = format!(", channel: SESSION, outcome: ALIVE, sessionId: \"{session}\"");
        let wrong = format!("{there}, newPhone: \"12\"");
        let other = format!(", channel: HOME, outcome: ALIVE, sessionId: \"{session}\"");
        let done = many(&world, &meng, "recordChecks", &[(zhao, &there), (wu, &wrong), (sun, &there)]).await;
        assert_eq!(done, ["CHECKED", "PHONE_INVALID", "CHECKED"]);
        assert_eq!(one(&many(&world, &meng, "recordChecks", &[(wu, &other)]).await), "OUT_OF_RANGE");

        // Who did not come is told, and is to be certified as before.
        let missed = |name| json!({"beneficiary": {"name": {"value": name}}, "status": "PENDING", "attemptCount": 1,
            "lastAttemptReason": "ABSENT", "scheduledFor": null, "sessionId": null,
            "attempts": [{"channel": "SESSION", "reason": "ABSENT", "occurredAt": "2026-03-02T01:10:00.000Z"}]});
        for _ in 0..2 {
            let closed = close(&world, &meng, &session).await;
            let closed = closed.payload("closeCertificationSession");
            assert_eq!(closed["session"], json!({"status": "HELD", "takenCount": 2, "presentCount": 2, "absentCount": 2}));
            let mut absent = closed["absent"].as_array().unwrap().clone();
            absent.sort_by_key(|check| text(&check["beneficiary"]["name"]["value"]));
            assert_eq!(absent, [missed("吴六"), missed("钱二")]);
        }
        assert_eq!(states(&world, &meng, &round).await, [3, 0, 2, 0, 0, 0]);
        let full = adding(&world, &meng, &session, &[qian]).await;
        let errors = full.user_errors("addToCertificationSession");
        assert_eq!((errors[0].field, errors[0].code), (Some("sessionId"), "ALREADY_ENDED"));
        assert_eq!(cancel(&world, &meng, &session).await.user_error_codes("cancelCertificationSession"), ["ALREADY_ENDED"]);
        // 钱二 was there after all: the list is put right, the try stays.
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(qian, &there)]).await), "CHECKED");
        let query = "query($round: ID!) { certificationSessions(first: 5, filter: {roundId: $round, status: HELD}) {
            edges { node { presentCount absentCount } } } }";
        let listed = world.run(&xu, query, json!({"round": round})).await;
        assert_eq!(*listed.data("certificationSessions.edges"), json!([{"node": {"presentCount": 3, "absentCount": 2}}]));
        let query = "query($id: ID!) { certificationChecks(first: 5, filter: {sessionId: $id}) { totalCount } }";
        assert_eq!(*world.run(&meng, query, json!({"id": session})).await.data("certificationChecks.totalCount"), 3);
        for (action, entries) in [("planCertificationSession", 1), ("closeCertificationSession", 1)] {
            let id = nuanlin::ids::Id::<ids::CertificationSession>::parse(&session, "id").unwrap().uuid();
            assert_eq!(world.audited(action, id).await, entries, "{action}");
        }
        assert_eq!(world.count("SELECT count(*) FROM change WHERE kind = 'CERTIFICATION_SESSION'").await, 2);
    }

    /// To a session elsewhere those are asked who live near and can come.
    async fn who_can_come_is_asked_to_the_station(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let at_home = format!("{FAMILY}, homeAreaId: \"{}\"", World::id::<ids::Area>(world.area(BUILDING)));
        let lain = format!("{at_home}, isImmobile: true");
        let nursed = format!("{FAMILY}, institution: \"{HOME}\"");
        for (name, area, more) in [
            ("赵一", GRID, at_home.as_str()), ("钱二", OTHER_GRID, &at_home), ("孙三", GRID, FAMILY),
            ("李四", GRID, &lain), ("周五", GRID, &nursed), ("吴六", OTHER_GRID, FAMILY),
        ] {
            registered(&world, &xu, area, name, more).await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        let tomorrow = ", startsAt: \"2026-03-03T01:00:00Z\", endsAt: \"2026-03-03T03:00:00Z\"";
        let station = format!(", channel: SESSION, venue: \"第1网格活动室\" {tomorrow}");
        let session = planned(&world, &xu, (&round, GRID), &station).await;
        assert_eq!(proposed(&world, &xu, &session).await, ["孙三", "赵一", "钱二"]);
        // Whoever has another appointment is asked no more.
        let zhao = check_of(&world, &xu, &round, "赵一").await;
        let at = ", scheduledFor: \"2026-03-04T01:00:00Z\", channel: HOME";
        assert_eq!(one(&many(&world, &xu, "scheduleChecks", &[(&zhao, at)]).await), "SCHEDULED");
        assert_eq!(proposed(&world, &xu, &session).await, ["孙三", "钱二"]);

        // It is called off: who was to come is expected no more, and nobody tried in vain.
        let qian = check_of(&world, &xu, &round, "钱二").await;
        assert_eq!(add(&world, &xu, &session, &[&qian]).await, ["SCHEDULED"]);
        for _ in 0..2 {
            let cancelled = cancel(&world, &xu, &session).await;
            let shown = &cancelled.payload("cancelCertificationSession")["session"];
            assert_eq!(*shown, json!({"status": "CANCELLED", "endReason": "下雪", "takenCount": 0}));
        }
        let free = json!({"status": "PENDING", "channel": "SESSION", "sessionId": null, "scheduledFor": null,
            "attemptCount": 0});
        assert_eq!(told(&world, &xu, &qian).await, free);
        let there = format!(", channel: SESSION, outcome: ALIVE, sessionId: \"{session}\"");
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&qian, &there)]).await), "ALREADY_ENDED");
    }

    /// Nobody is at two places at the same time, of whatever rounds these are.
    async fn nobody_is_expected_in_two_places(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", FAMILY).await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let earlier = last_year(&world, &xu).await;
        let (this, last) = (check_of(&world, &xu, &round, "赵一").await, check_of(&world, &xu, &earlier, "赵一").await);
        let at = |hours: (u32, u32)| format!(", channel: SESSION, venue: \"退役军人服务站\",
            startsAt: \"2026-03-03T{:02}:00:00Z\", endsAt: \"2026-03-03T{:02}:00:00Z\"", hours.0, hours.1);
        let first = planned(&world, &xu, (&round, COMMUNITY), &at((1, 3))).await;
        let second = planned(&world, &xu, (&round, COMMUNITY), &at((1, 3))).await;
        let overlapping = planned(&world, &xu, (&earlier, COMMUNITY), &at((2, 4))).await;
        let after = planned(&world, &xu, (&earlier, COMMUNITY), &at((3, 4))).await;
        assert_eq!(add(&world, &xu, &first, &[&this]).await, ["SCHEDULED"]);
        assert_eq!(add(&world, &xu, &overlapping, &[&last]).await, ["TIME_CONFLICT"]);
        assert_eq!(add(&world, &xu, &overlapping, &[&this]).await, ["ROUND_UNFIT"], "another round's session");
        assert_eq!(add(&world, &xu, &after, &[&last]).await, ["SCHEDULED"]);
        // In one round nobody has two places: who comes elsewhere leaves the first.
        assert_eq!(add(&world, &xu, &second, &[&this]).await, ["SCHEDULED"]);
        assert_eq!(told(&world, &xu, &this).await["sessionId"], json!(second));
        assert_eq!(add(&world, &xu, &overlapping, &[&last]).await, ["TIME_CONFLICT"]);
        assert_eq!(one(&many(&world, &xu, "unscheduleChecks", &[(&this, "")]).await), "PENDING");
        assert_eq!(one(&many(&world, &xu, "unscheduleChecks", &[(&this, "")]).await), "PENDING", "once more is the same");
        assert_eq!(add(&world, &xu, &overlapping, &[&last]).await, ["SCHEDULED"]);
    }

    async fn what_does_not_fit_is_refused_and_a_repeat_is_one(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", FAMILY).await;
        registered(&world, &meng, FAR_BUILDING, "钱二", ", category: RED_ARMY").await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let at = ", startsAt: \"2026-03-03T01:00:00Z\", endsAt: \"2026-03-03T03:00:00Z\"";
        let venue = ", venue: \"退役军人服务站\"";
        for (who, area, input, field, code) in [
            (&xu, FAR_BUILDING, format!(", channel: SESSION {venue} {at}"), "areaId", "NOT_FOUND"),
            (&xu, STREET, format!(", channel: SESSION {venue} {at}"), "areaId", "NOT_FOUND"),
            (&meng, FAR_BUILDING, format!(", channel: SESSION {venue} {at}"), "areaId", "AREA_UNFIT"),
            (&meng, STREET, format!(", channel: SESSION {venue} {at}"), "areaId", "AREA_UNFIT"),
            (&xu, GRID, format!(", channel: HOME {venue} {at}"), "channel", "OUT_OF_RANGE"),
            (&xu, GRID, format!(", channel: APPOINTMENT {venue} {at}"), "capacity", "REQUIRED"),
            (&xu, GRID, format!(", channel: SESSION, venue: \" \" {at}"), "venue", "REQUIRED"),
            (&xu, GRID, format!(", channel: SESSION, venue: \"{}\" {at}", "站".repeat(61)), "venue", "TOO_LONG"),
            (&xu, GRID, format!(", channel: SESSION {venue}, startsAt: \"2026-03-01T01:00:00Z\",
                endsAt: \"2026-03-01T02:00:00Z\""), "startsAt", "DAY_PAST"),
            (&xu, GRID, format!(", id: \"{}\", channel: SESSION {venue} {at}", uuid::Uuid::from_u128(7)), "id", "UUID_INVALID"),
        ] {
            let refused = plan(&world, who, (&round, area), &input).await;
            let errors = refused.user_errors("planCertificationSession");
            assert_eq!(errors.len(), 1);
            assert_eq!((errors[0].field, errors[0].code), (Some(field), code), "{area} {input}");
        }
        assert_eq!(world.count("SELECT count(*) FROM certification_session").await, 0);
        let own = format!(", id: \"{}\", channel: SESSION {venue} {at}", world.clock.new_id());
        let first = planned(&world, &xu, (&round, GRID), &own).await;
        assert_eq!(planned(&world, &xu, (&round, GRID), &own).await, first);
        let other = plan(&world, &xu, (&round, COMMUNITY), &own).await;
        assert_eq!(other.user_errors("planCertificationSession")[0].code, "ID_TAKEN");
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'planCertificationSession'").await, 1);
        // In a voided round sessions can be called off, and nobody's check moves.
        let check = check_of(&world, &xu, &round, "赵一").await;
        assert_eq!(add(&world, &xu, &first, &[&check]).await, ["SCHEDULED"]);
        void(&world, &xu, &round).await.payload("voidCertificationRound");
        let late = plan(&world, &xu, (&round, GRID), &format!(", channel: SESSION {venue} {at}")).await;
        assert_eq!(late.user_error_codes("planCertificationSession"), ["ROUND_NOT_OPEN"]);
        let own = [(check.as_str(), "")];
        assert_eq!(one(&many(&world, &xu, "unscheduleChecks", &own).await), "ROUND_NOT_OPEN");
        let cancelled = cancel(&world, &xu, &first).await;
        assert_eq!(cancelled.payload("cancelCertificationSession")["session"]["status"], "CANCELLED");
        assert_eq!(told(&world, &xu, &check).await["status"], "SCHEDULED");
    }
}

/// The round of the year before, which is still open.
pub async fn last_year(world: &World, who: &Person) -> String {
    let query =
        "mutation($area: ID!) { openCertificationRound(input: {areaId: $area, year: 2025, categories: [MARTYR_FAMILY],
        closesOn: \"2026-03-31\"}) { round { id } userErrors { code } } }";
    let area = World::id::<ids::Area>(world.area(COMMUNITY));
    let answer = world.run(who, query, json!({"area": area})).await;
    text(&answer.payload("openCertificationRound")["round"]["id"])
}
