//! The station that took a check on plans a session with it and sends its result on paper; of the round it sees
//! nothing else.

use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::{FAR, answered, far, offered};
use super::people::{Station, check_of, many, one, opened, photographed, registered, text};
use super::sheets::{book, lines, sent};
use crate::imports::id_number;
use crate::support::database::on_both;
use crate::support::files::send;
use crate::support::graphql::Answer;
use crate::support::world::{COMMUNITY, GRID, Person, World};

const HOME: &str = "乐康养老中心";

fn number(n: u32) -> String {
    id_number("19440506", n * 2)
}

/// Three of the first community who live in a home elsewhere; the round, and a check of each.
async fn begun(world: &World, xu: &Person) -> (String, [String; 3]) {
    for (n, name) in (1..).zip(["赵一", "钱二", "孙三"]) {
        let more = format!(
            ", category: MARTYR_FAMILY, institution: \"{HOME}\", idNumber: \"{}\"",
            number(n)
        );
        registered(world, xu, GRID, name, &more).await;
    }
    let round = opened(world, xu, COMMUNITY).await;
    let mut checks = Vec::new();
    for name in ["赵一", "钱二", "孙三"] {
        checks.push(check_of(world, xu, &round, name).await);
    }
    (round, checks.try_into().expect("three"))
}

async fn plan(world: &World, who: &Person, round: &str, area: &str) -> Answer {
    let query = "mutation($round: ID!, $area: ID!, $venue: String!) { planCertificationSession(input: {roundId: $round,
        areaId: $area, channel: SESSION, venue: $venue, isInstitution: true, startsAt: \"2026-03-03T01:00:00Z\",
        endsAt: \"2026-03-03T03:00:00Z\"}) { session { id } userErrors { field code } } }";
    let area = World::id::<ids::Area>(world.area(area));
    let variables = json!({"round": round, "area": area, "venue": HOME});
    world.run(who, query, variables).await
}

fn refusal(answer: &Answer, mutation: &str) -> (String, String) {
    let errors = answer.user_errors(mutation);
    assert_eq!(errors.len(), 1);
    (
        errors[0].field.unwrap_or_default().to_owned(),
        errors[0].code.to_owned(),
    )
}

async fn join(world: &World, who: &Person, session: &str, checks: &[&String]) -> Vec<String> {
    let query = "mutation($session: ID!, $checks: [ID!]!) { addToCertificationSession(input: {sessionId: $session,
        checkIds: $checks}) { results { check { status } userErrors { code } } userErrors { code } } }";
    let variables = json!({"session": session, "checks": checks});
    let answer = world.run(who, query, variables).await;
    let results = answer.payload("addToCertificationSession")["results"]
        .as_array()
        .cloned();
    let told = |one: &Value| match one["userErrors"][0]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => text(&one["check"]["status"]),
    };
    results.expect("results").iter().map(told).collect()
}

on_both! {
    async fn a_session_with_what_was_handed_over_and_nobody_else(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        let (round, [zhao, qian, sun]) = begun(&world, &xu).await;
        let offer = offered(&world, &xu, &zhao).await;
        let unknown = plan(&world, &bai, &round, FAR).await;
        assert_eq!(refusal(&unknown, "planCertificationSession"), ("roundId".to_owned(), "NOT_FOUND".to_owned()));
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &offer).await, "ACCEPTED");
        let session = plan(&world, &bai, &round, FAR).await;
        let session = text(&session.payload("planCertificationSession")["session"]["id"]);
        // Where nothing was handed to, there is no session of this round: for neither of the two.
        let elsewhere = plan(&world, &bai, &round, COMMUNITY).await;
        assert_eq!(refusal(&elsewhere, "planCertificationSession").0, "areaId");
        let foreign = plan(&world, &xu, &round, FAR).await;
        assert_eq!(refusal(&foreign, "planCertificationSession").0, "areaId");

        let wanted = "query($id: ID!) { certificationSessionCandidates(sessionId: $id, first: 9) { totalCount
            edges { node { id } } } }";
        let proposed = world.run(&bai, wanted, json!({"id": session})).await;
        assert_eq!(*proposed.data("certificationSessionCandidates"),
            json!({"totalCount": 1, "edges": [{"node": {"id": zhao}}]}));
        assert_eq!(join(&world, &bai, &session, &[&zhao, &qian]).await, ["SCHEDULED", "NOT_FOUND"]);
        // The other station neither sees that session nor fills it.
        let seen = world.run(&xu, "query($id: ID!) { certificationSession(id: $id) { venue } }", json!({"id": session})).await;
        assert_eq!(*seen.data("certificationSession"), Value::Null);
        let refused = world.run(&xu, "mutation($session: ID!, $check: ID!) { addToCertificationSession(input: {
            sessionId: $session, checkIds: [$check]}) { userErrors { field code } } }",
            json!({"session": session, "check": sun})).await;
        assert_eq!(refused.user_error_codes("addToCertificationSession"), ["NOT_FOUND"]);
        let round_of = "query($id: ID!) { certificationRound(id: $id) { status } certificationChecks(first: 9, filter:
            {roundId: $id}) { totalCount } }";
        let round_of = world.run(&bai, round_of, json!({"id": round})).await;
        assert_eq!((round_of.data("certificationRound"), round_of.data("certificationChecks.totalCount")), (&Value::Null, &json!(0)));

        let came = format!(", channel: SESSION, outcome: ALIVE, sessionId: \"{session}\"");
        assert_eq!(one(&many(&world, &bai, "recordChecks", &[(&zhao, &came)]).await), "CHECKED");
        photographed(&world, &bai, &[&zhao]).await;
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&zhao, "")]).await), "CONFIRMED");
        let tally = "query($id: ID!) { certificationSession(id: $id) { presentCount } }";
        let tally = world.run(&bai, tally, json!({"id": session})).await;
        assert_eq!(*tally.data("certificationSession.presentCount"), 1);
    }

    async fn results_on_paper_of_what_was_handed_over_and_no_other(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        let (round, [zhao, ..]) = begun(&world, &xu).await;
        let header = "姓名,身份证号,认证方式,认证结果,认证日期";
        let rows = [(1, "赵一"), (2, "钱二")].map(|(n, name)| format!("{name},{},上门,健在,2026-03-01", number(n)));
        let (sheet, path) = (book(header, &rows), format!("/imports/checks?round={round}"));
        let offer = offered(&world, &xu, &zhao).await;
        let early = send(&world, Some(&bai), &path, &[], sheet.clone()).await;
        assert_eq!(early.problem(), (404, "NOT_FOUND".to_owned()));
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &offer).await, "ACCEPTED");
        let done = sent(&world, &bai, &path, &sheet).await;
        // 钱二 is on that roster, which is not this station's to know.
        assert_eq!((done.counts, done.refused), (json!([0, 1, 0]), lines(&[(5, "NOT_ON_ROSTER")])));
        // The registering station has it no more.
        let rows = [format!("赵一,{},视频,健在,2026-03-01", number(1))];
        let again = sent(&world, &xu, &path, &book(header, &rows)).await;
        assert_eq!((again.counts, again.refused), (json!([0, 0, 0]), lines(&[(4, "CHECK_REFUSED")])));
        let query = "query($id: ID!) { certificationCheck(id: $id) { status channel checkedBy } }";
        let seen = world.run(&xu, query, json!({"id": zhao})).await;
        assert_eq!(*seen.data("certificationCheck"), json!({"status": "CHECKED", "channel": "HOME", "checkedBy": "徐国民"}));
    }
}
