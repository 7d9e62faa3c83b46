//! A check is handed to the station where the person lives, and comes back confirmed.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::certifications::hand_overs::end::expire_hand_overs;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::people::{
    STREET, Station, check_of, close, many, one, opened, registered, states, text, void,
};
use crate::attachments::{add, bare};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{COMMUNITY, GRID, Person, World};

/// The community where people live who are registered in the first.
pub const FAR: &str = "341102006004";

const FAMILY: &str =
    ", category: MARTYR_FAMILY, institution: \"乐康养老中心\", address: \"3楼301\"";
const ALIVE: &str = ", channel: SESSION, outcome: ALIVE";

/// 徐国民 of the far community's station.
pub async fn far(world: &World) -> Person {
    world.person("徐国民", &[(Role::VeteransStaff, FAR)]).await
}

/// Offers checks to areas, each with what else the input says.
pub async fn offer(world: &World, who: &Person, offers: &[(&str, &str, &str)]) -> Answer {
    let offers: Vec<String> = offers
        .iter()
        .map(|(check, area, more)| {
            let area = World::id::<ids::Area>(world.area(area));
            format!("{{checkId: \"{check}\", toAreaId: \"{area}\", reason: \"住在白云\" {more}}}")
        })
        .collect();
    let query = format!(
        "mutation {{ offerHandOvers(input: {{offers: [{}]}}) {{ results {{ handOver {{ id status
            expiresAt lastOn }} userErrors {{ code }} }} userErrors {{ field code }} }} }}",
        offers.join(", ")
    );
    world.run(who, &query, json!({})).await
}

/// Offers one check to the far community, which must succeed; the hand-over's id.
pub async fn offered(world: &World, who: &Person, check: &str) -> String {
    let answer = offer(world, who, &[(check, FAR, "")]).await;
    text(&answer.payload("offerHandOvers")["results"][0]["handOver"]["id"])
}

/// Accepts, declines or withdraws one hand-over: its state, or why not.
pub async fn answered(world: &World, who: &Person, mutation: &str, id: &str) -> String {
    let reason = match mutation {
        "acceptHandOvers" => "",
        _ => ", reason: \"已搬回\"",
    };
    let query = format!(
        "mutation {{ {mutation}(input: {{handOvers: [{{handOverId: \"{id}\" {reason}}}]}}) {{
            results {{ handOver {{ status }} userErrors {{ code }} }} userErrors {{ code }} }} }}"
    );
    let answer = world.run(who, &query, json!({})).await;
    told(&answer, mutation).remove(0)
}

/// State or code of each hand-over of a bulk mutation.
fn told(answer: &Answer, mutation: &str) -> Vec<String> {
    let results = answer.payload(mutation)["results"].as_array().cloned();
    let told = |one: &Value| match one["userErrors"][0]["code"].as_str() {
        Some(code) => code.to_owned(),
        None => text(&one["handOver"]["status"]),
    };
    results.expect("results").iter().map(told).collect()
}

/// How many checks somebody's own list has, how many were handed to them, and how many offers they see.
async fn sees(world: &World, who: &Person) -> [i64; 3] {
    let query = "{ own: certificationChecks(first: 1) { totalCount }
        handed: certificationChecks(first: 1, filter: {isHandedOver: true}) { totalCount }
        offers: certificationHandOvers(direction: INCOMING, first: 1) { totalCount } }";
    let answer = world.run(who, query, json!({})).await;
    ["own", "handed", "offers"]
        .map(|list| answer.data(&format!("{list}.totalCount")).as_i64().unwrap())
}

/// A check as somebody sees it.
async fn seen(world: &World, who: &Person, check: &str) -> Value {
    let query = "query($id: ID!) { certificationCheck(id: $id) { status scheduledFor assignedTo
        handedTo { name } beneficiary { name { value } } } }";
    let answer = world.run(who, query, json!({"id": check})).await;
    answer.data("certificationCheck").clone()
}

/// Whom a hand-over is about, as somebody sees it.
async fn about(world: &World, who: &Person, id: &str) -> Value {
    let query =
        "query($id: ID!) { node(id: $id) { ... on HandOver { status category institution reason
        name { visibility value } address { visibility value } } } }";
    world
        .run(who, query, json!({"id": id}))
        .await
        .data("node")
        .clone()
}

fn hidden(status: &str) -> Value {
    let absent = json!({"visibility": "ABSENT", "value": null});
    json!({"status": status, "category": null, "institution": null, "reason": null,
        "name": absent, "address": absent})
}

fn open(status: &str) -> Value {
    json!({"status": status, "category": "MARTYR_FAMILY", "institution": "乐康养老中心", "reason": "住在白云",
        "name": {"visibility": "FULL", "value": "赵一"}, "address": {"visibility": "FULL", "value": "3楼301"}})
}

/// A round of two of the first community; the check of 赵一, who lives in the far one.
async fn begun(world: &World, station: &Station) -> (String, String) {
    for name in ["赵一", "钱二"] {
        registered(world, &station.xu, GRID, name, FAMILY).await;
    }
    let round = opened(world, &station.xu, COMMUNITY).await;
    let check = check_of(world, &station.xu, &round, "赵一").await;
    (round, check)
}

on_both! {
    async fn the_station_where_they_live_makes_the_check(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let Station { xu, he, meng, luo } = &station;
        let bai = far(&world).await;
        let (round, check) = begun(&world, &station).await;
        let other = check_of(&world, xu, &round, "钱二").await;

        // Whom can be asked is told by name, and nobody of one's own areas.
        let stations = "query($name: String!) { handOverStations(name: $name) { name } }";
        for (name, expected) in [("白云", json!([{"name": "白云社区"}])), ("创业", json!([])), ("街道", json!([]))] {
            let answer = world.run(xu, stations, json!({"name": name})).await;
            assert_eq!(*answer.data("handOverStations"), expected, "{name}");
        }

        let at = format!(", scheduledFor: \"2026-03-05T01:00:00Z\", channel: HOME, assignedToId: \"{}\"",
            World::id::<ids::Account>(he.account));
        assert_eq!(one(&many(&world, xu, "scheduleChecks", &[(&check, &at)]).await), "SCHEDULED");
        assert_eq!(sees(&world, &bai).await, [0, 0, 0]);
        let answer = offer(&world, xu, &[(&check, FAR, "")]).await;
        let shown = &answer.payload("offerHandOvers")["results"][0]["handOver"];
        let id = text(&shown["id"]);
        // Two weeks, to the end of the day in Shanghai.
        assert_eq!((&shown["status"], &shown["expiresAt"], &shown["lastOn"]),
            (&json!("OFFERED"), &json!("2026-03-16T16:00:00.000Z"), &json!("2026-04-10")));

        // Who decides sees whom it is about through the offer, and no more.
        assert_eq!(sees(&world, &bai).await, [0, 0, 1]);
        assert_eq!(about(&world, &bai, &id).await, open("OFFERED"));
        assert!(seen(&world, &bai, &check).await.is_null());
        assert_eq!(one(&many(&world, &bai, "recordChecks", &[(&check, ALIVE)]).await), "NOT_FOUND");
        assert_eq!(answered(&world, xu, "acceptHandOvers", &id).await, "NOT_PERMITTED");
        assert_eq!(answered(&world, &bai, "withdrawHandOvers", &id).await, "NOT_PERMITTED");
        assert_eq!(seen(&world, xu, &check).await["status"], "SCHEDULED", "until then the first answers");

        // Accepted, the plan falls, and the other schedules and checks; twice is once.
        for _ in 0..2 {
            assert_eq!(answered(&world, &bai, "acceptHandOvers", &id).await, "ACCEPTED");
        }
        let accepted = json!({"status": "PENDING", "scheduledFor": null, "assignedTo": null,
            "handedTo": {"name": "白云社区"}, "beneficiary": {"name": {"value": "赵一"}}});
        for who in [&bai, xu] {
            assert_eq!(seen(&world, who, &check).await, accepted);
        }
        assert!(seen(&world, &bai, &other).await.is_null());
        assert_eq!(sees(&world, &bai).await, [0, 1, 1]);
        assert_eq!(sees(&world, xu).await, [2, 0, 0]);
        for (mutation, input) in [("scheduleChecks", at.as_str()), ("recordChecks", ALIVE),
            ("recordCheckAttempts", ", channel: HOME, reason: NOT_AT_HOME")] {
            assert_eq!(one(&many(&world, xu, mutation, &[(&check, input)]).await), "HANDED_OVER", "{mutation}");
        }
        assert_eq!(one(&many(&world, &bai, "scheduleChecks", &[(&check, &at)]).await), "NOT_ASSIGNABLE");
        let at = format!(", scheduledFor: \"2026-03-06T01:00:00Z\", assignedToId: \"{}\"",
            World::id::<ids::Account>(bai.account));
        assert_eq!(one(&many(&world, &bai, "scheduleChecks", &[(&check, &at)]).await), "SCHEDULED");
        let mine = "{ certificationChecks(first: 5, filter: {isMine: true}) { totalCount } }";
        assert_eq!(*world.run(&bai, mine, json!({})).await.data("certificationChecks.totalCount"), 1);
        let key = ids::Id::<ids::CertificationCheck>::parse(&check, "id").unwrap().uuid();
        assert_eq!(add(&world, &bai, key, bare(1)).await.status, 201);
        assert_eq!(one(&many(&world, &bai, "recordChecks", &[(&check, ALIVE)]).await), "CHECKED");
        let files = "query($id: ID!) { attachments(checkId: $id) { addedBy } }";
        for who in [&bai, xu] {
            let answer = world.run(who, files, json!({"id": check})).await;
            assert_eq!(*answer.data("attachments"), json!([{"addedBy": "徐国民"}]));
        }

        // The roster and its figures stay where they were; so does the confirming.
        assert_eq!(states(&world, xu, &round).await, [1, 0, 1, 0, 0, 0]);
        assert_eq!(answered(&world, xu, "withdrawHandOvers", &id).await, "ALREADY_CHECKED");
        assert_eq!(one(&many(&world, &bai, "confirmChecks", &[(&check, "")]).await), "NOT_PERMITTED");
        let back = many(&world, meng, "returnChecks", &[(&check, ", remark: \"请补充\"")]).await;
        assert_eq!(one(&back), "RETURNED");
        assert_eq!(one(&many(&world, &bai, "recordChecks", &[(&check, ALIVE)]).await), "CHECKED");
        assert_eq!(add(&world, &bai, key, bare(2)).await.status, 201);
        let refused = close(&world, xu, &round).await;
        assert_eq!(*refused.data("closeCertificationRound.unresolvedCount"), 2);
        assert_eq!(one(&many(&world, luo, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        assert!(seen(&world, &bai, &check).await.is_null(), "what is done is no longer theirs to see");
        assert_eq!(about(&world, &bai, &id).await, hidden("ACCEPTED"));
        assert_eq!(about(&world, xu, &id).await, open("ACCEPTED"));
        assert_eq!(sees(&world, &bai).await, [0, 0, 1]);

        // Offered and accepted, each noted on both sides.
        for area in [GRID, FAR] {
            let sql = format!("SELECT count(*) FROM audit_entry e JOIN area a ON a.id = e.area_id
                WHERE e.subject_kind = 'HandOver' AND a.code = '{area}'");
            assert_eq!(world.count(&sql).await, 2, "{area}");
        }
        let row = ids::Id::<ids::HandOver>::parse(&id, "id").unwrap().uuid();
        assert_eq!(world.changed(row).await, 4);
    }

    /// What cannot be offered, each for itself.
    async fn one_bad_offer_does_not_lose_the_rest(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (xu, bai) = (&station.xu, far(&world).await);
        let (round, check) = begun(&world, &station).await;
        let other = check_of(&world, xu, &round, "钱二").await;
        let checked = many(&world, xu, "recordChecks", &[(&other, ALIVE)]).await;
        assert_eq!(one(&checked), "CHECKED");
        let chosen = format!(", id: \"{}\"", world.clock.new_id());
        let offers = [
            (check.as_str(), "341102006004.01", ""),
            (&check, COMMUNITY, ""),
            (&check, STREET, ""),
            ("nonsense", FAR, ""),
            (&other, FAR, ""),
            (&check, FAR, &chosen),
            (&check, FAR, ""),
        ];
        let expected = ["AREA_UNFIT", "AREA_UNFIT", "AREA_UNFIT", "NOT_FOUND", "ALREADY_CHECKED", "OFFERED", "HANDED_OVER"];
        assert_eq!(told(&offer(&world, xu, &offers).await, "offerHandOvers"), expected);
        // The same again is the same; another's id is taken; what one may not see is not there.
        let again = [(check.as_str(), FAR, chosen.as_str())];
        assert_eq!(told(&offer(&world, xu, &again).await, "offerHandOvers"), ["OFFERED"]);
        assert_eq!(told(&offer(&world, &station.he, &again).await, "offerHandOvers"), ["ID_TAKEN"]);
        assert_eq!(told(&offer(&world, &bai, &again).await, "offerHandOvers"), ["NOT_FOUND"]);
        assert_eq!(world.count("SELECT count(*) FROM certification_hand_over").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'offerHandOvers'").await, 2);

        let none = offer(&world, xu, &[]).await;
        assert_eq!(none.user_error_codes("offerHandOvers"), ["OUT_OF_RANGE"]);
        let late = "mutation($check: ID!, $area: ID!, $day: Date, $reason: String!) { offerHandOvers(input: {answerBy: $day,
            offers: [{checkId: $check, toAreaId: $area, reason: $reason}]}) { userErrors { field code } } }";
        for (day, reason, field, code) in [
            ("2026-03-01", "住在白云", "answerBy", "DAY_PAST"),
            ("2026-05-02", "住在白云", "answerBy", "OUT_OF_RANGE"),
            ("2026-03-05", " ", "offers.reason", "REQUIRED"),
        ] {
            let area = World::id::<ids::Area>(world.area(FAR));
            let input = json!({"check": check, "area": area, "day": day, "reason": reason});
            let refused = world.run(xu, late, input).await;
            let errors = refused.user_errors("offerHandOvers");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(field), code));
        }
    }

    /// Declined, taken back before and after it was accepted, and offered again each time.
    async fn it_comes_back(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (xu, bai) = (&station.xu, far(&world).await);
        let (_, check) = begun(&world, &station).await;
        let first = offered(&world, xu, &check).await;
        assert_eq!(answered(&world, xu, "declineHandOvers", &first).await, "NOT_PERMITTED");
        assert_eq!(answered(&world, &bai, "declineHandOvers", &first).await, "DECLINED");
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &first).await, "ALREADY_ENDED");
        assert_eq!(about(&world, &bai, &first).await, hidden("DECLINED"));
        let second = offered(&world, xu, &check).await;
        assert_eq!(answered(&world, xu, "withdrawHandOvers", &second).await, "WITHDRAWN");
        assert_eq!(answered(&world, &bai, "declineHandOvers", &second).await, "ALREADY_ENDED");
        let third = offered(&world, xu, &check).await;
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &third).await, "ACCEPTED");
        let again = offer(&world, &bai, &[(&check, COMMUNITY, "")]).await;
        assert_eq!(told(&again, "offerHandOvers"), ["HANDED_OVER"], "it is not handed on");
        let at = ", scheduledFor: \"2026-03-06T01:00:00Z\"";
        assert_eq!(one(&many(&world, &bai, "scheduleChecks", &[(&check, at)]).await), "SCHEDULED");
        assert_eq!(answered(&world, &bai, "withdrawHandOvers", &third).await, "NOT_PERMITTED");
        for _ in 0..2 {
            assert_eq!(answered(&world, xu, "withdrawHandOvers", &third).await, "WITHDRAWN");
        }
        assert!(seen(&world, &bai, &check).await.is_null());
        let mine = seen(&world, xu, &check).await;
        assert_eq!((&mine["status"], &mine["scheduledFor"], &mine["handedTo"]), (&json!("PENDING"), &Value::Null, &Value::Null));
        assert_eq!(one(&many(&world, &bai, "recordChecks", &[(&check, ALIVE)]).await), "NOT_FOUND");
        assert_eq!(one(&many(&world, xu, "recordChecks", &[(&check, ALIVE)]).await), "CHECKED");
        let query = "query($status: [HandOverStatus!]) { certificationHandOvers(direction: OUTGOING, first: 5,
            status: $status) { totalCount edges { node { status endedBy endReason } } } }";
        let all = world.run(xu, query, json!({})).await;
        assert_eq!(*all.data("certificationHandOvers.totalCount"), 3);
        let declined = world.run(xu, query, json!({"status": ["DECLINED"]})).await;
        assert_eq!(*declined.data("certificationHandOvers.edges"), json!([
            {"node": {"status": "DECLINED", "endedBy": "徐国民", "endReason": "已搬回"}}]));
        let none = world.run(&bai, query, json!({})).await;
        assert_eq!(*none.data("certificationHandOvers.totalCount"), 0, "none of theirs");
    }

    /// An offer that nobody answers ends with its time, whether the server has noted it yet or not.
    async fn time_ends_an_offer(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let bai = far(&world).await;
        let (_, check) = begun(&world, &station).await;
        let id = offered(&world, &station.xu, &check).await;
        let app = world.app();
        assert_eq!(expire_hand_overs(&app.db, &app.keys, &app.clock).await.unwrap(), 0);
        // From nine on the 2nd to midnight after the 16th.
        world.clock.advance(Duration::hours(14 * 24 + 15));
        let bai = world.signed_in(bai.account, 1, vec![(Role::VeteransStaff, world.area(FAR))]).await;
        assert_eq!(about(&world, &bai, &id).await, hidden("OFFERED"));
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &id).await, "ALREADY_ENDED");
        assert_eq!(expire_hand_overs(&app.db, &app.keys, &app.clock).await.unwrap(), 1);
        assert_eq!(expire_hand_overs(&app.db, &app.keys, &app.clock).await.unwrap(), 0);
        assert_eq!(about(&world, &bai, &id).await, hidden("EXPIRED"));
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'expireHandOver' AND actor_id IS NULL").await, 2);
        let xu = world.signed_in(station.xu.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        offered(&world, &xu, &check).await;
    }

    /// The end of a check, and of its round, ends what was offered and what was shared.
    async fn the_end_of_a_check_ends_it(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (xu, bai) = (&station.xu, far(&world).await);
        let (round, check) = begun(&world, &station).await;
        let other = check_of(&world, xu, &round, "钱二").await;
        let (first, second) = (offered(&world, xu, &check).await, offered(&world, xu, &other).await);
        let settled = many(&world, &station.meng, "settleChecks", &[(&check, ", reason: \"境外\"")]).await;
        assert_eq!(one(&settled), "SETTLED");
        assert_eq!(about(&world, &bai, &first).await, hidden("EXPIRED"));
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &second).await, "ACCEPTED");
        assert!(!seen(&world, &bai, &other).await.is_null());
        void(&world, xu, &round).await.payload("voidCertificationRound");
        assert!(seen(&world, &bai, &other).await.is_null());
        assert_eq!(about(&world, &bai, &second).await, hidden("ACCEPTED"));
        assert_eq!(answered(&world, xu, "withdrawHandOvers", &second).await, "ROUND_NOT_OPEN");
        let refused = offer(&world, xu, &[(&other, FAR, "")]).await;
        assert_eq!(told(&refused, "offerHandOvers"), ["ROUND_NOT_OPEN"]);
    }

    /// Somebody who answers for both sides still takes on nothing that they offered: rule and database.
    async fn another_accepts(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let (_, check) = begun(&world, &station).await;
        let id = offered(&world, &station.meng, &check).await;
        assert_eq!(answered(&world, &station.meng, "acceptHandOvers", &id).await, "OWN_OFFER");
        let own = "UPDATE certification_hand_over SET accepted_by = offered_by";
        let refused = world.raw.execute_unprepared(own).await.expect_err("refused");
        assert!(refused.to_string().contains("accepted_by_another"), "{refused}");
        assert_eq!(answered(&world, &station.luo, "acceptHandOvers", &id).await, "ACCEPTED");
        let twice = "INSERT INTO certification_hand_over (id, check_id, from_area_id, to_area_id, status, reason,
            offered_by, expires_at, version, created_at, updated_at) SELECT check_id, check_id, from_area_id, to_area_id,
            'OFFERED', reason, offered_by, expires_at, 1, created_at, updated_at FROM certification_hand_over";
        let refused = world.raw.execute_unprepared(twice).await.expect_err("refused");
        assert!(refused.to_string().to_lowercase().contains("unique"), "{refused}");
    }
}
