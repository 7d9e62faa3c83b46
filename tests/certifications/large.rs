//! A round of six hundred, from the roster's file to the closed round: forty in two nursing homes, twelve
//! registered elsewhere, some on paper, some handed over; every count is worked out by hand.

use chrono::Duration;
use serde_json::{Value, json};

use super::hand_overs::{FAR, answered, far, offer};
use super::people::{Station, close, opened, photographed, results, states, text};
use super::sessions;
use super::sheets::{book, cells, lines, sent};
use super::spreadsheets::list;
use crate::imports::id_number;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};

const PEOPLE: usize = 600;
const HOMES: [&str; 2] = ["乐康养老中心", "白云敬老院"];

/// The ID number of the so manieth.
fn number(n: usize) -> String {
    let (year, month, day) = (1930 + n % 30, 1 + n / 30 % 12, 1 + n / 360);
    id_number(&format!("{year}{month:02}{day:02}"), 1)
}

/// A row of the roster.
fn row(n: usize) -> String {
    let category = if n.is_multiple_of(3) {
        "伤残人员"
    } else {
        "三属"
    };
    let (grid, building) = if n.is_multiple_of(2) {
        (GRID, BUILDING)
    } else {
        (OTHER_GRID, OTHER_BUILDING)
    };
    let registered = if n >= 588 { "河南省信阳市" } else { grid };
    let (building, home) = match HOMES.get(n / 20) {
        Some(home) => ("", *home),
        None => (building, ""),
    };
    format!(
        "赵{n},{},{category},{registered},{building},{home}",
        number(n)
    )
}

/// Six hundred from row 4 on, five of them twice, and three whose number is none.
fn roster_file() -> Vec<u8> {
    let mut rows: Vec<String> = (0..PEOPLE).chain(100..105).map(row).collect();
    let typo = |n: usize| {
        let right = number(n);
        let wrong = if right.ends_with('1') { "2" } else { "1" };
        format!("{}{wrong}", &right[..17])
    };
    for (name, id) in [
        ("错一", typo(700)),
        ("错二", typo(701)),
        ("错三", "#341191194801010028".to_owned()),
    ] {
        rows.push(format!("{name},{id},三属,{GRID},{BUILDING},"));
    }
    book(
        "姓名,身份证号,优抚类别,户籍地编码,居住地楼栋编码,集中供养机构",
        &rows,
    )
}

/// A check with the versions that whoever confirms it has seen.
#[derive(Clone)]
struct Check {
    id: String,
    version: Value,
    beneficiary_version: Value,
}

/// The checks of a round in the order of the numbers in the names of whom they certify.
async fn roster(world: &World, who: &Person, round: &str) -> Vec<Check> {
    let query =
        "query($round: ID!, $after: String) { certificationChecks(first: 100, after: $after,
        filter: {roundId: $round}) { pageInfo { hasNextPage endCursor }
        edges { node { id version beneficiary { version name { value } } } } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let variables = json!({"round": round, "after": after});
        let answer = world.run(who, query, variables).await;
        let page = answer.data("certificationChecks");
        for edge in page["edges"].as_array().expect("edges") {
            let node = &edge["node"];
            let name = text(&node["beneficiary"]["name"]["value"]);
            let number: usize = name.trim_start_matches('赵').parse().expect("a number");
            let check = Check {
                id: text(&node["id"]),
                version: node["version"].clone(),
                beneficiary_version: node["beneficiary"]["version"].clone(),
            };
            all.push((number, check));
        }
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    all.sort_by_key(|(number, _)| *number);
    let numbers: Vec<usize> = all.iter().map(|(number, _)| *number).collect();
    assert_eq!(numbers, (0..PEOPLE).collect::<Vec<_>>(), "each once");
    all.into_iter().map(|(_, check)| check).collect()
}

/// Calls of a hundred, as phones send them: in variables, for the document stays short. State or code of each.
async fn many(
    world: &World,
    who: &Person,
    (mutation, item): (&str, &str),
    checks: &[Value],
) -> Vec<String> {
    let query = format!(
        "mutation($checks: [{item}!]!) {{ {mutation}(input: {{checks: $checks}}) {{
            results {{ check {{ status }} userErrors {{ code }} }} userErrors {{ code }} }} }}"
    );
    let mut done = Vec::new();
    for some in checks.chunks(100) {
        let answer = world.run(who, &query, json!({"checks": some})).await;
        done.extend(results(&answer, mutation));
    }
    done
}

async fn record(world: &World, who: &Person, checks: &[Value]) {
    let done = many(world, who, ("recordChecks", "RecordCheckInput"), checks).await;
    assert_eq!(done, vec!["CHECKED"; checks.len()]);
}

/// Twelve have died, twelve moved away.
fn is_alive(n: usize) -> bool {
    n % 50 > 1
}

/// Six cannot be met.
fn is_away(n: usize) -> bool {
    n % 100 == 2
}

fn found(n: usize, id: &str, channel: &str) -> Value {
    let mut found = json!({"checkId": id, "channel": channel, "outcome": "ALIVE"});
    if !is_alive(n) {
        found["outcome"] = if n.is_multiple_of(50) {
            json!("DECEASED")
        } else {
            json!("MOVED_AWAY")
        };
        found["holdsOn"] = json!("2026-02-01");
        found["source"] = json!("社区");
    }
    if channel == "LETTER" {
        found["reference"] = json!(format!("豫退役函〔2026〕{n}号"));
    }
    found
}

/// The two nursing homes in one morning: of forty one does not come.
async fn at_the_homes(world: &World, xu: &Person, round: &str, checks: &[Check]) {
    let mut planned = Vec::new();
    for (venue, of) in HOMES.into_iter().zip([0..20, 20..40]) {
        let input = format!(
            ", channel: SESSION, venue: \"{venue}\", isInstitution: true, startsAt: \"2026-03-02T01:05:00Z\",
                endsAt: \"2026-03-02T03:05:00Z\""
        );
        let session = sessions::planned(world, xu, (round, COMMUNITY), &input).await;
        let ids: Vec<&str> = checks[of.clone()]
            .iter()
            .map(|check| check.id.as_str())
            .collect();
        assert_eq!(
            sessions::proposed(world, xu, &session).await.len(),
            20,
            "{venue}"
        );
        assert_eq!(
            sessions::add(world, xu, &session, &ids).await,
            ["SCHEDULED"; 20]
        );
        planned.push((session, of));
    }
    assert_eq!(states(world, xu, round).await, [560, 40, 0, 0, 0, 0]);
    world.clock.advance(Duration::minutes(10));
    for ((session, of), absent) in planned.into_iter().zip([&["赵2"][..], &[]]) {
        let mut came = Vec::new();
        for n in of.filter(|n| !is_away(*n)) {
            let mut check = found(n, &checks[n].id, "SESSION");
            check["sessionId"] = json!(session);
            came.push(check);
        }
        record(world, xu, &came).await;
        let closed = sessions::close(world, xu, &session).await;
        let told = closed.payload("closeCertificationSession");
        let named = told["absent"].as_array().expect("names").iter();
        let named: Vec<_> = named
            .map(|one| text(&one["beneficiary"]["name"]["value"]))
            .collect();
        assert_eq!(named, absent);
        assert_eq!(told["session"]["presentCount"], came.len());
    }
    assert_eq!(states(world, xu, round).await, [561, 0, 39, 0, 0, 0]);
}

/// A hundred were visited with paper and pen: 102 is not there to be met, and one is on no roster.
async fn on_paper(world: &World, he: &Person, round: &str) {
    let mut rows = Vec::new();
    for n in (100..200).filter(|n| !is_away(*n)) {
        let ended = match n % 50 {
            0 => "死亡,2026-03-01,2026-02-01,社区",
            1 => "迁出,2026-03-01,2026-02-01,社区",
            _ => "健在,2026-03-01,,",
        };
        rows.push(format!("赵{n},{},上门,{ended}", number(n)));
    }
    rows.push(format!("赵900,{},上门,健在,2026-03-01,,", number(900)));
    let sheet = book(
        "姓名,身份证号,认证方式,认证结果,认证日期,生效日期,依据",
        &rows,
    );
    let path = format!("/imports/checks?round={round}");
    let done = sent(world, he, &path, &sheet).await;
    assert_eq!(done.counts, json!([0, 99, 0]));
    assert_eq!(done.refused, lines(&[(103, "NOT_ON_ROSTER")]));
    assert_eq!(
        sent(world, he, &path, &sheet).await.counts,
        json!([0, 0, 99])
    );
    assert_eq!(states(world, he, round).await, [462, 0, 138, 0, 0, 0]);
}

/// Four live in the far community: its station takes three.
async fn elsewhere(world: &World, xu: &Person, round: &str, checks: &[Check]) {
    let bai = far(world).await;
    let offers: Vec<_> = checks[203..207]
        .iter()
        .map(|check| (check.id.as_str(), FAR, ""))
        .collect();
    let offered = offer(world, xu, &offers).await;
    let offered = offered.payload("offerHandOvers")["results"]
        .as_array()
        .cloned()
        .expect("results");
    for (turn, one) in offered.iter().enumerate() {
        let id = text(&one["handOver"]["id"]);
        let (mutation, state) = if turn < 3 {
            ("acceptHandOvers", "ACCEPTED")
        } else {
            ("declineHandOvers", "DECLINED")
        };
        assert_eq!(answered(world, &bai, mutation, &id).await, state);
    }
    let theirs: Vec<Value> = (203..206)
        .map(|n| found(n, &checks[n].id, "HOME"))
        .collect();
    record(world, &bai, &theirs).await;
    assert_eq!(states(world, xu, round).await, [459, 0, 141, 0, 0, 0]);
}

/// Names, states and last tries of those who keep the round from being closed, in the order of names.
async fn unresolved(world: &World, who: &Person, round: &str) -> (Value, Vec<Value>) {
    let refused = close(world, who, round).await;
    assert_eq!(
        refused.user_error_codes("closeCertificationRound"),
        ["ROSTER_UNRESOLVED"]
    );
    let named = refused
        .data("closeCertificationRound.unresolved")
        .as_array()
        .cloned();
    let told = |one: &Value| {
        json!([
            one["beneficiary"]["name"]["value"],
            one["status"],
            one["lastAttemptReason"]
        ])
    };
    let mut named: Vec<Value> = named.expect("names").iter().map(told).collect();
    named.sort_by_key(Value::to_string);
    (
        refused
            .data("closeCertificationRound.unresolvedCount")
            .clone(),
        named,
    )
}

on_both! {
    async fn six_hundred_are_certified_and_nobody_is_missed(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let Station { xu, he, meng, luo } = &station;
        let file = roster_file();
        let imported = sent(&world, xu, "/imports/beneficiaries", &file).await;
        assert_eq!((imported.status, imported.counts), (200, json!([600, 0, 0])));
        let twice = (604..609).map(|row| (row, "DUPLICATE_IN_FILE"));
        let wrong = [(609, "ID_CHECKSUM"), (610, "ID_CHECKSUM"), (611, "ID_PRECISION_LOST")];
        assert_eq!(imported.refused, lines(&twice.chain(wrong).collect::<Vec<_>>()));
        let from_afar: Vec<_> = (592..604).map(|row| (row, "REGISTERED_ELSEWHERE")).collect();
        assert_eq!(imported.warnings, lines(&from_afar));
        let again = sent(&world, xu, "/imports/beneficiaries", &file).await;
        assert_eq!(again.counts, json!([0, 0, 600]));

        let before = world.app().db.statements();
        let round = opened(&world, xu, COMMUNITY).await;
        let statements = world.app().db.statements() - before;
        assert!(statements < 20, "{statements} statements open a round of {PEOPLE}");
        assert_eq!(states(&world, xu, &round).await, [600, 0, 0, 0, 0, 0]);
        let checks = roster(&world, xu, &round).await;
        at_the_homes(&world, xu, &round, &checks).await;
        on_paper(&world, he, &round).await;
        elsewhere(&world, xu, &round, &checks).await;

        // Everybody else at home, who moved away by video, who is registered elsewhere by letter.
        let rest: Vec<Value> = (40..PEOPLE)
            .filter(|n| !(100..200).contains(n) && !(203..206).contains(n) && !is_away(*n))
            .map(|n| {
                let channel = if n >= 588 { "LETTER" } else if n % 50 == 1 { "VIDEO" } else { "HOME" };
                found(n, &checks[n].id, channel)
            })
            .collect();
        assert_eq!(rest.len(), 453);
        record(&world, xu, &rest).await;
        assert_eq!(states(&world, xu, &round).await, [6, 0, 594, 0, 0, 0]);
        let (count, named) = unresolved(&world, xu, &round).await;
        assert_eq!((count, named.len()), (json!(600), 50), "checked is not confirmed");

        // The street sends two back, who are recorded again, and confirms whoever is shown.
        let alive = (0..PEOPLE).filter(|n| is_alive(*n) && !is_away(*n));
        let alive: Vec<&str> = alive.map(|n| checks[n].id.as_str()).collect();
        assert_eq!(alive.len(), 570);
        photographed(&world, xu, &alive).await;
        let back: Vec<Value> = checks[60..62].iter().map(|check| json!({"checkId": check.id, "remark": "照片不清"})).collect();
        assert_eq!(many(&world, meng, ("returnChecks", "ReturnCheckInput"), &back).await, ["RETURNED"; 2]);
        assert_eq!(states(&world, xu, &round).await, [6, 0, 592, 2, 0, 0]);
        let mended: Vec<Value> = (60..62).map(|n| found(n, &checks[n].id, "HOME")).collect();
        record(&world, xu, &mended).await;
        photographed(&world, xu, &[&checks[60].id, &checks[61].id]).await;
        let seen = roster(&world, meng, &round).await;
        let confirm: Vec<Value> = (0..PEOPLE).filter(|n| !is_away(*n)).map(|n| json!({"checkId": seen[n].id,
            "expectedVersion": seen[n].version, "beneficiaryVersion": seen[n].beneficiary_version})).collect();
        let done = many(&world, meng, ("confirmChecks", "ConfirmCheckInput"), &confirm).await;
        assert_eq!(done, vec!["CONFIRMED"; 594]);
        assert_eq!(states(&world, xu, &round).await, [6, 0, 0, 0, 594, 0]);

        // Closing is refused with the names of six; they are settled, and it closes.
        let (count, named) = unresolved(&world, xu, &round).await;
        assert_eq!(count, 6);
        assert_eq!(named, [json!(["赵102", "PENDING", null]), json!(["赵2", "PENDING", "ABSENT"]),
            json!(["赵202", "PENDING", null]), json!(["赵302", "PENDING", null]),
            json!(["赵402", "PENDING", null]), json!(["赵502", "PENDING", null])]);
        let settle: Vec<Value> = (0..PEOPLE).filter(|n| is_away(*n)).map(|n| json!({"checkId": seen[n].id,
            "expectedVersion": seen[n].version, "reason": "长期在外"})).collect();
        let done = many(&world, luo, ("settleChecks", "SettleCheckInput"), &settle).await;
        assert_eq!(done, ["SETTLED"; 6]);
        let closed = close(&world, xu, &round).await;
        assert_eq!(closed.payload("closeCertificationRound")["round"]["status"], "CLOSED");
        assert_eq!(states(&world, xu, &round).await, [0, 0, 0, 0, 594, 6]);

        let query = "query($id: ID!) { certificationCoverage(roundId: $id) { forecastOn isOnTime
            figure { resolved outcomes { outcome count } } byChannel { channel figure { roster } }
            byCategory { category figure { roster } } } }";
        let coverage = world.run(xu, query, json!({"id": round})).await;
        let figure = |roster: i64| json!({"roster": roster});
        // Five of the settled were never planned; 40 were at the homes; of nine who moved away and are in neither
        // home nor paper a video was made; twelve letters; the rest at home.
        assert_eq!(*coverage.data("certificationCoverage"), json!({
            "forecastOn": "2026-03-02", "isOnTime": true,
            "figure": {"resolved": 600, "outcomes": [
                {"outcome": "ALIVE", "count": 570}, {"outcome": "DECEASED", "count": 12},
                {"outcome": "MOVED_AWAY", "count": 12}, {"outcome": "BENEFIT_ENDED", "count": 0}]},
            "byChannel": [
                {"channel": null, "figure": figure(5)}, {"channel": "HOME", "figure": figure(534)},
                {"channel": "SESSION", "figure": figure(40)}, {"channel": "VIDEO", "figure": figure(9)},
                {"channel": "LETTER", "figure": figure(12)}],
            "byCategory": [
                {"category": "DISABLED", "figure": figure(200)}, {"category": "MARTYR_FAMILY", "figure": figure(400)}],
        }));
        assert_eq!(world.count("SELECT count(*) FROM beneficiary WHERE ended_on IS NULL").await, 576);
        // Title, headings, people.
        for (name, sheet, rows) in [("REGISTER", "认证名册", 602), ("UNRESOLVED", "未完成名单", 2), ("DECEASED", "死亡名单", 14)] {
            assert_eq!(cells(&list(&world, xu, &round, name).await, sheet).len(), rows, "{name}");
        }
    }
}
