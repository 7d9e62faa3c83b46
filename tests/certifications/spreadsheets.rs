//! The lists of a round as spreadsheets: counted, harmless, filled in by hand and sent back.

use entity::enums::Role;
use nuanlin::access::protected;
use nuanlin::ids;
use sea_orm::EntityTrait as _;
use serde_json::json;

use super::people::{Station, check_of, close, many, open, registered, states, text};
use super::sheets::{book, cells, sent};
use crate::imports::id_number;
use crate::support::binary::command;
use crate::support::database::on_both;
use crate::support::files;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, Person, World};

const REQUEST: &str =
    "mutation($round: ID!, $list: CertificationList!) { requestCertificationExport(input: {
    roundId: $round, list: $list}) { export { path expiresAt } userErrors { field code } } }";

const SWORN: &str = "=HYPERLINK(\"http://x\")";

fn number(n: u32) -> String {
    id_number("19440506", n * 2)
}

pub async fn list(world: &World, who: &Person, round: &str, list: &str) -> Vec<u8> {
    let answer = world
        .run(who, REQUEST, json!({"round": round, "list": list}))
        .await;
    let path = text(&answer.payload("requestCertificationExport")["export"]["path"]);
    let opened = files::opened(world, &path).await;
    assert_eq!(opened.status, 200);
    opened.bytes
}

/// The rows below title and headings by name, without their numbers: a roster has no order among those who
/// came to it at once. 一 comes before 三, 三 before 二.
fn people(rows: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = rows[2..].iter().map(|row| row[1..].to_vec()).collect();
    rows.sort();
    rows
}

/// Of five 赵一 is alive and waits, 赵二 is confirmed dead, 赵三 is said to be, 赵四 was not met, 钱一 is the
/// neighbours'.
async fn round(world: &World, station: &Station) -> String {
    let Station { xu, meng, luo, .. } = station;
    let home = World::id::<ids::Area>(world.area(BUILDING));
    let more = [
        format!(
            ", phone: \"13900001111\", homeAreaId: \"{home}\", address: \"1单元101\", certificateNumber: \"YF1\""
        ),
        ", institution: \"乐康养老中心\"".to_owned(),
        ", registeredElsewhere: \"合肥市\"".to_owned(),
        ", preferredChannel: HOME".to_owned(),
    ];
    for (n, more) in (1..).zip(more) {
        let name = ["赵一", "赵二", "赵三", "赵四"][n as usize - 1];
        let more = format!(", category: DISABLED, idNumber: \"{}\"{more}", number(n));
        registered(world, xu, GRID, name, &more).await;
    }
    registered(world, meng, FAR_BUILDING, "钱一", ", category: DISABLED").await;
    let opened = open(world, meng, "341102006", "DISABLED").await;
    let round = text(&opened.payload("openCertificationRound")["round"]["id"]);
    let mut checks = Vec::new();
    for name in ["赵一", "赵二", "赵三", "赵四"] {
        checks.push(check_of(world, xu, &round, name).await);
    }
    let died = |source: &str| {
        format!(", channel: HOME, outcome: DECEASED, holdsOn: \"2026-02-20\", source: {source}")
    };
    let (two, three) = (
        died("\"家属\", reference: \"3号\""),
        died(&json!(SWORN).to_string()),
    );
    many(
        world,
        xu,
        "recordChecks",
        &[
            (
                &checks[0],
                ", channel: HOME, outcome: ALIVE, notes: \"-好\", newPhone: \"13900002222\"",
            ),
            (&checks[1], &two),
            (&checks[2], &three),
        ],
    )
    .await;
    many(
        world,
        xu,
        "recordCheckAttempts",
        &[(&checks[3], ", channel: HOME, reason: NOT_AT_HOME")],
    )
    .await;
    many(world, luo, "confirmChecks", &[(&checks[1], "")]).await;
    round
}

on_both! {
    async fn the_lists_of_a_round_are_counted_and_noted(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = round(&world, &station).await;
        let Station { xu, meng, .. } = &station;
        let register = cells(&list(&world, xu, &round, "REGISTER").await, "认证名册");
        assert_eq!(register[0][0], "清流街道 2026年度确认认证名册 截至2026-03-02");
        assert_eq!(register[1].join(" "), "序号 姓名 身份证号 优待证号 优抚类别 户籍地 居住地 联系电话 拟认证方式 状态 \
            认证方式 认证结果 认证日期 生效日期 依据 文号 备注 新电话 新地址 核查人 复核人");
        let rows = people(&register);
        let row = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
        let one = number(1);
        assert_eq!(rows[0], row(&format!("赵一|{one}|YF1|伤残人员|第1网格|创业北路小区1栋1单元101|13900001111|上门|待复核|\
            上门|健在|2026-03-02||||'-好|13900002222||许卫东|")));
        assert_eq!(rows[2][4..6], ["第1网格", "乐康养老中心"]);
        assert_eq!(rows[2][8..], row("已确认|上门|去世|2026-03-02|2026-02-20|家属|3号||||许卫东|罗兰"));
        assert_eq!(rows[1][4], "合肥市");
        assert_eq!(rows[1][13], format!("'{SWORN}"), "nothing runs");
        assert_eq!(rows[3][7..], row("上门|待认证|||||||||||"));
        assert_eq!(rows.len(), 4, "the neighbours' is the street's to see");
        let all = cells(&list(&world, meng, &round, "REGISTER").await, "认证名册");
        assert_eq!(people(&all).len(), 5);

        let open = people(&cells(&list(&world, xu, &round, "UNRESOLVED").await, "未完成名单"));
        let names: Vec<&str> = open.iter().map(|row| row[0].as_str()).collect();
        assert_eq!(names, ["赵一", "赵三", "赵四"]);
        assert_eq!(open[2][8..], row("待认证|||1|2026-03-02|不在家|"));
        let told = close(&world, meng, &round).await;
        let street = people(&cells(&list(&world, meng, &round, "UNRESOLVED").await, "未完成名单"));
        assert_eq!(*told.data("closeCertificationRound.unresolvedCount"), street.len());

        let (full, masked) = (number(2), protected::mask_id_number(&number(2)));
        for (who, id) in [(xu, masked), (meng, full)] {
            let dead = people(&cells(&list(&world, who, &round, "DECEASED").await, "死亡名单"));
            assert_eq!(dead, [row(&format!("赵二|{id}||伤残人员|第1网格|乐康养老中心|2026-02-20|家属|3号|许卫东|罗兰"))],
                "whose death nobody has confirmed goes on to be paid");
        }
        let subject = ids::Id::<ids::CertificationRound>::parse(&round, "id").unwrap().uuid();
        assert_eq!(world.audited("export", subject).await, 6);
        // Twice the register: four and five; unresolved: three and four; twice the one who has died.
        let opened = "SELECT count(*) FROM audit_subject s JOIN audit_entry e ON e.id = s.entry_id
            WHERE e.action = 'read:export' AND s.subject_kind = 'Beneficiary'";
        assert_eq!(world.count(opened).await, 4 + 5 + 3 + 4 + 1 + 1);
    }

    /// Printed, filled in, sent back: what is new is recorded, what stood there already is not.
    async fn the_register_is_filled_in_by_hand_and_sent_back(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = round(&world, &station).await;
        let xu = &station.xu;
        let register = cells(&list(&world, xu, &round, "REGISTER").await, "认证名册");
        let path = format!("/imports/checks?round={round}");
        let filled = |fill: &dyn Fn(&mut Vec<String>)| {
            let rows: Vec<String> = register[2..].iter().map(|row| {
                let mut row = row.clone();
                fill(&mut row);
                row.join(",")
            }).collect();
            book(&register[1].join(","), &rows)
        };
        let as_it_is = sent(&world, xu, &path, &filled(&|_| {})).await;
        assert_eq!((as_it_is.counts, as_it_is.refused), (json!([0, 0, 3]), vec![]));
        assert_eq!(as_it_is.warnings, [(0, "RESULT_MISSING".to_owned())]);
        let sheet = filled(&|row| {
            if row[1] == "赵四" {
                (row[10], row[11], row[12]) = ("上门".to_owned(), "健在".to_owned(), "2026-03-01".to_owned());
            }
        });
        let done = sent(&world, xu, &path, &sheet).await;
        assert_eq!((done.counts, done.refused, done.warnings), (json!([0, 1, 3]), vec![], vec![]));
        // 钱一 of the neighbours pends; 赵一, 赵三 and 赵四 wait; 赵二 is confirmed.
        assert_eq!(states(&world, &station.meng, &round).await, [1, 0, 3, 0, 1, 0]);
        let after = cells(&list(&world, xu, &round, "REGISTER").await, "认证名册");
        let printed = after[2..].iter().map(|row| row.join(",")).collect::<Vec<_>>();
        let again = sent(&world, xu, &path, &book(&after[1].join(","), &printed)).await;
        assert_eq!((again.counts, again.warnings), (json!([0, 0, 4]), vec![]));
    }

    /// From a roster as a file to its results as a file, more than one transaction takes.
    async fn a_hundred_and_twenty_are_sent_as_files(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let roster: Vec<String> = (1..=120)
            .map(|n| format!("李兰{n},{},伤残人员,{COMMUNITY},{BUILDING}", number(n)))
            .collect();
        let roster = book("姓名,身份证号,优抚类别,户籍地编码,居住地楼栋编码", &roster);
        let done = sent(&world, &xu, "/imports/beneficiaries", &roster).await;
        assert_eq!((done.counts, done.warnings), (json!([120, 0, 0]), vec![]));
        let round = open(&world, &xu, COMMUNITY, "DISABLED").await;
        let round = text(&round.payload("openCertificationRound")["round"]["id"]);
        let register = cells(&list(&world, &xu, &round, "REGISTER").await, "认证名册");
        assert_eq!(register.len(), 122);
        let filled: Vec<String> = register[2..].iter().map(|row| {
            let mut row = row.clone();
            (row[10], row[11], row[12]) = ("上门".to_owned(), "健在".to_owned(), "2026-03-01".to_owned());
            row.join(",")
        }).collect();
        let (path, filled) = (format!("/imports/checks?round={round}"), book(&register[1].join(","), &filled));
        let done = sent(&world, &xu, &path, &filled).await;
        assert_eq!((done.counts, done.refused), (json!([0, 120, 0]), vec![]));
        assert_eq!(states(&world, &xu, &round).await, [0, 0, 120, 0, 0, 0]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'import:checks'";
        assert_eq!(world.count(entries).await, 2, "a hundred, and twenty");
        let again = sent(&world, &xu, &path, &filled).await;
        assert_eq!(again.counts, json!([0, 0, 120]));
        assert_eq!(world.count(entries).await, 2);
    }

    async fn the_lists_are_the_stations_alone(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = round(&world, &station).await;
        for (role, area) in [
            (Role::Volunteer, GRID), (Role::GridLead, GRID), (Role::CompoundSecretary, "341102006003.01"),
            (Role::CommunityStaff, COMMUNITY), (Role::Supervisor, "341102006"), (Role::Admin, "341102"),
        ] {
            let other = world.person("某人", &[(role, area)]).await;
            for list in ["REGISTER", "UNRESOLVED", "DECEASED"] {
                let refused = world.run(&other, REQUEST, json!({"round": round, "list": list})).await;
                assert_eq!(refused.error_codes(), ["FORBIDDEN"], "{role:?} {list}");
            }
        }
        let far = world.person("白云站", &[(Role::VeteransStaff, "341102006004")]).await;
        assert_eq!(people(&cells(&list(&world, &far, &round, "REGISTER").await, "认证名册")).len(), 1);
        let nowhere = World::id::<ids::CertificationRound>(world.clock.new_id());
        let unknown = world.run(&far, REQUEST, json!({"round": nowhere, "list": "REGISTER"})).await;
        assert_eq!(unknown.user_error_codes("requestCertificationExport"), ["NOT_FOUND"]);
        // A link is good as long as its asker may.
        let answer = world.run(&far, REQUEST, json!({"round": round, "list": "REGISTER"})).await;
        let path = text(&answer.payload("requestCertificationExport")["export"]["path"]);
        let ended = "UPDATE role_grant SET revoked_at = created_at WHERE role = 'VETERANS_STAFF'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, ended).await.unwrap();
        assert_eq!(files::opened(&world, &path).await.status, 403);
    }

    /// The same by command, on behalf of an account; what was corrected later has the last word.
    async fn the_command_writes_the_lists(db: TestDatabase) {
        let world = World::new(db).await;
        let station = Station::new(&world).await;
        let round = round(&world, &station).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let phone = async |who: &Person| {
            let row = entity::account::Entity::find_by_id(who.account).one(&world.raw).await.unwrap().unwrap();
            protected::own_phone(&world.app().keys, &row.phone_sealed).unwrap()
        };
        let (luo, staff) = (phone(&station.luo).await, phone(&staff).await);
        let file = world.database.directory().join("list.xlsx");
        let run = |args: &[&str]| {
            let mut export = command(&world.database);
            export.arg("export").args(args).arg(&file).output().unwrap()
        };
        let refused = run(&["round-deceased", "--round", &round, "--as", &staff]);
        assert_eq!((refused.status.code(), file.exists()), (Some(1), false));
        let both = run(&["round-deceased", "--round", &round, "--month", "2026-03", "--as", &luo]);
        assert_eq!((both.status.code(), file.exists()), (Some(2), false));
        let monthly = run(&["monthly-report", "--round", &round, "--as", &luo]);
        assert_eq!((monthly.status.code(), file.exists()), (Some(1), false));
        let made = run(&["round-deceased", "--round", &round, "--as", &luo]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert_eq!(cells(&std::fs::read(&file).unwrap(), "死亡名单").len(), 3);

        let rest = "UPDATE certification_check SET status = 'SETTLED' WHERE status <> 'CONFIRMED'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, rest).await.unwrap();
        close(&world, &station.meng, &round).await.payload("closeCertificationRound");
        let dead = check_of(&world, &station.luo, &round, "赵二").await;
        let correct = "mutation($id: ID!) { correctCheck(input: {checkId: $id, outcome: MOVED_AWAY, reason: \"同名\"}) {
            userErrors { code } } }";
        world.run(&station.luo, correct, json!({"id": dead})).await.payload("correctCheck");
        let made = run(&["round-deceased", "--round", &round, "--as", &luo]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        assert_eq!(cells(&std::fs::read(&file).unwrap(), "死亡名单").len(), 2, "nobody");
    }
}
