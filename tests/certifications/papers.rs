//! Results taken down on paper: recorded as the one who sends them would, once, and row by row.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Station, check_of, many, one, open, registered, states, text, void};
use super::sheets::{book, lines, sent};
use crate::imports::id_number;
use crate::support::database::on_both;
use crate::support::files::send;
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, Person, World};

const HEADER: &str =
    "姓名,身份证号码,优待证号,认证方式,认证结果,认证日期,生效日期,依据,文号,备注,新电话,新地址";

/// The ID number of the one who was registered as the so manieth.
fn number(n: u32) -> String {
    id_number("19440506", n * 2)
}

/// Seven of the community, 赵六 and 赵七 with one certificate's number, and one of the neighbours; a round of
/// the street over all of them.
async fn roster(world: &World, station: &Station) -> String {
    for (n, name) in (1..).zip(["赵一", "赵二", "赵三", "赵四", "赵五", "赵六", "赵七"])
    {
        let certificate = if n < 6 {
            format!("yf{n}")
        } else {
            "YF9".to_owned()
        };
        let more = format!(
            ", category: DISABLED, idNumber: \"{}\", certificateNumber: \"{certificate}\"",
            number(n)
        );
        let area = if n % 2 == 0 { GRID } else { OTHER_GRID };
        registered(world, &station.xu, area, name, &more).await;
    }
    let more = format!(", category: DISABLED, idNumber: \"{}\"", number(8));
    registered(world, &station.meng, FAR_BUILDING, "钱一", &more).await;
    let opened = open(world, &station.meng, "341102006", "DISABLED").await;
    text(&opened.payload("openCertificationRound")["round"]["id"])
}

/// What stands at a check.
async fn check(world: &World, who: &Person, id: &str) -> Value {
    let query = "query($id: ID!) { certificationCheck(id: $id) { status channel outcome checkedBy checkedAt holdsOn
        source reference notes { value } newPhone { value } newAddress { value } } }";
    let answer = world.run(who, query, json!({"id": id})).await;
    answer.data("certificationCheck").clone()
}

on_both! {
    async fn results_are_recorded_once_and_a_bad_row_loses_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = roster(&world, &station).await;
        let Station { xu, he, meng, luo } = &station;
        let five = check_of(&world, xu, &round, "赵五").await;
        many(&world, he, "recordChecks", &[(&five, ", channel: VIDEO, outcome: ALIVE")]).await;
        let row = |notes: &str| vec![
            format!("赵一,{},,上门,健在,2026-03-01,,,,{notes},139 0000 1111,（东）1栋101", number(1)),
            "赵二,,Yf 2,集中认证,健在,2026/3/2,,,,,,".to_owned(),
            format!("赵三,{},YF3,上门,死亡,2026-03-02,2026-02-20,医院证明,滁医〔2026〕3号,,,", number(3)),
            format!("钱四,{},,上门,健在,2026-03-01,,,,,,", number(4)),
            "赵一,,YF1,上门,健在,2026-03-01,,,,,,".to_owned(),
            format!("钱一,{},,上门,健在,2026-03-01,,,,,,", number(8)),
            format!("赵五,{},,上门,健在,2026-03-02,,,,,,", number(5)),
            format!("赵四,{},,上门,去世,2026-03-01,,,,,,", number(4)),
            format!("赵六,{},,,,,,,,,,", number(6)),
            "赵六,,YF9,上门,健在,2026-03-01,,,,,,".to_owned(),
            "赵九,,,上门,健在,2026-03-01,,,,,,".to_owned(),
        ];
        let path = format!("/imports/checks?round={round}");
        let sheet = book(HEADER, &row("-好"));
        let refused = lines(&[
            (7, "NAME_MISMATCH"), (8, "DUPLICATE_IN_FILE"), (9, "NOT_ON_ROSTER"), (10, "ALREADY_CHECKED"),
            (11, "VALUE_MISSING"), (13, "PERSON_AMBIGUOUS"), (14, "VALUE_MISSING"),
        ]);
        let warnings = lines(&[(0, "RESULT_MISSING")]);
        // Of the eight 赵五 alone is checked.
        let before = [7, 0, 1, 0, 0, 0];
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'import:checks'";
        for (how, status, updated) in [("&dryRun=true", 200, 3), ("&allOrNothing=true", 422, 0), ("", 200, 3)] {
            assert_eq!(states(&world, meng, &round).await, before, "nothing so far");
            assert_eq!(world.count(entries).await, 0);
            let done = sent(&world, xu, &format!("{path}{how}"), &sheet).await;
            assert_eq!((done.status, done.counts), (status, json!([0, updated, 0])), "{how}");
            assert_eq!((done.refused, done.warnings), (refused.clone(), warnings.clone()), "{how}");
        }
        assert_eq!(states(&world, meng, &round).await, [4, 0, 4, 0, 0, 0]);
        assert_eq!(world.count(entries).await, 1);
        let first = check_of(&world, xu, &round, "赵一").await;
        assert_eq!(check(&world, xu, &first).await, json!({
            "status": "CHECKED", "channel": "HOME", "outcome": "ALIVE", "checkedBy": "许卫东",
            "checkedAt": "2026-03-01T04:00:00.000Z", "holdsOn": null, "source": null, "reference": null,
            "notes": {"value": "-好"}, "newPhone": {"value": "13900001111"}, "newAddress": {"value": "（东）1栋101"},
        }));
        let third = check_of(&world, xu, &round, "赵三").await;
        let died = check(&world, xu, &third).await;
        assert_eq!((&died["outcome"], &died["holdsOn"]), (&json!("DECEASED"), &json!("2026-02-20")));
        assert_eq!((&died["source"], &died["reference"]), (&json!("医院证明"), &json!("滁医〔2026〕3号")));
        let fifth = check(&world, xu, &five).await;
        assert_eq!((&fifth["channel"], &fifth["checkedBy"]), (&json!("VIDEO"), &json!("何志刚")));

        // The same file again, on another day too; and by a colleague.
        world.clock.advance(chrono::Duration::days(1));
        let again = world.signed_in(xu.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        let done = sent(&world, &again, &path, &sheet).await;
        assert_eq!((done.counts, done.refused), (json!([0, 0, 3]), refused));
        assert_eq!(world.count(entries).await, 1);
        // One is sent back: the old file does not send it again, a mended row does.
        let luo = world.signed_in(luo.account, 1, vec![(Role::VeteransStaff, world.area("341102006"))]).await;
        let back = many(&world, &luo, "returnChecks", &[(&first, ", remark: \"缺照片\"")]).await;
        assert_eq!(one(&back), "RETURNED");
        let done = sent(&world, &again, &path, &sheet).await;
        assert_eq!((done.counts, done.warnings), (json!([0, 0, 3]), lines(&[(4, "CHECK_RETURNED"), (0, "RESULT_MISSING")])));
        assert_eq!(check(&world, &luo, &first).await["status"], "RETURNED");
        let done = sent(&world, &again, &path, &book(HEADER, &row("已补照片"))).await;
        assert_eq!(done.counts, json!([0, 1, 2]));
        let confirmed = many(&world, &luo, "confirmChecks", &[(&third, "")]).await;
        assert_eq!(one(&confirmed), "CONFIRMED");
        let done = sent(&world, &again, &path, &book(HEADER, &row("已补照片"))).await;
        assert_eq!(done.counts, json!([0, 0, 3]), "what is confirmed stands");
    }

    async fn who_may_send_results_of_which_round(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = roster(&world, &station).await;
        let sheet = book(HEADER, &[format!("赵一,{},,上门,健在,2026-03-01,,,,,,", number(1))]);
        let path = format!("/imports/checks?round={round}");
        let problem = async |who: &Person, path: &str| {
            send(&world, Some(who), path, &[], sheet.clone()).await.problem()
        };
        let forbidden = (403, "FORBIDDEN".to_owned());
        for (role, area) in [
            (Role::Volunteer, GRID), (Role::GridLead, GRID), (Role::CommunityStaff, COMMUNITY),
            (Role::Supervisor, "341102006"), (Role::Admin, "341102"),
        ] {
            let other = world.person("某人", &[(role, area)]).await;
            assert_eq!(problem(&other, &path).await, forbidden, "{role:?}");
        }
        let nowhere = World::id::<ids::CertificationRound>(world.clock.new_id());
        let unknown = format!("/imports/checks?round={nowhere}");
        assert_eq!(problem(&station.xu, &unknown).await, (404, "NOT_FOUND".to_owned()));
        assert_eq!(problem(&station.xu, "/imports/checks?round=1").await, (404, "NOT_FOUND".to_owned()));
        for wrong in ["/imports/checks", "/imports/checks?Round=1", "/imports/residents?round=1"] {
            assert_eq!(problem(&station.xu, wrong).await, (400, "BAD_USER_INPUT".to_owned()), "{wrong}");
        }
        // The neighbours' own round is nobody else's.
        registered(&world, &station.meng, FAR_BUILDING, "钱二", ", category: RED_ARMY").await;
        let own = open(&world, &station.meng, "341102006004", "RED_ARMY").await;
        let own = text(&own.payload("openCertificationRound")["round"]["id"]);
        let theirs = format!("/imports/checks?round={own}");
        assert_eq!(problem(&station.xu, &theirs).await, (404, "NOT_FOUND".to_owned()));
        let far = sent(&world, &station.meng, &theirs, &sheet).await;
        assert_eq!(far.refused, lines(&[(4, "NOT_ON_ROSTER")]), "of this round");
        void(&world, &station.meng, &round).await.payload("voidCertificationRound");
        let late = sent(&world, &station.xu, &path, &sheet).await;
        assert_eq!((late.counts, late.refused), (json!([0, 0, 0]), lines(&[(4, "ROUND_NOT_OPEN")])));
    }

    /// A file and a colleague on the phone at once: each check has one result, and who came late is told.
    async fn a_file_and_a_colleague_record_each_check_once(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = roster(&world, &station).await;
        let Station { xu, he, luo, .. } = &station;
        let names = ["赵一", "赵二", "赵三", "赵四"];
        let mut checks = Vec::new();
        for name in names {
            checks.push(check_of(&world, he, &round, name).await);
        }
        let path = format!("/imports/checks?round={round}");
        for turn in 0..rounds() {
            let rows: Vec<String> = (1..).zip(names)
                .map(|(n, name)| format!("{name},{},,上门,健在,2026-03-01,,,,第{turn}次,,", number(n)))
                .collect();
            let sheet = book(HEADER, &rows);
            let by_phone: Vec<(&str, &str)> = checks.iter()
                .map(|id| (id.as_str(), ", channel: VIDEO, outcome: ALIVE")).collect();
            let (file, phone) = tokio::join!(
                sent(&world, xu, &path, &sheet), many(&world, he, "recordChecks", &by_phone));
            let late = phone.iter().filter(|told| *told == "ALREADY_CHECKED").count();
            let recorded = phone.iter().filter(|told| *told == "CHECKED").count();
            assert_eq!(late + recorded, 4, "{phone:?}");
            assert_eq!(file.counts, json!([0, late, 0]), "{file:?} {phone:?}");
            let told = file.refused.iter().filter(|(_, code)| code == "ALREADY_CHECKED").count();
            assert_eq!(told, recorded, "{file:?}");
            let back: Vec<(&str, &str)> = checks.iter()
                .map(|id| (id.as_str(), ", remark: \"再来\"")).collect();
            let back = many(&world, luo, "returnChecks", &back).await;
            assert_eq!(back, ["RETURNED"; 4]);
        }
    }
}
