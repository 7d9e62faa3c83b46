//! The roster as the station gets it: imported once, matched where that is certain, within its areas.

use entity::enums::Role;
use nuanlin::imports::command::{Kind, summary};
use nuanlin::imports::merge::Options;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::people::{Station, registered, text};
use super::sheets::{book, lines, sent};
use crate::imports::{codes, counts, fingerprint, id_number, import, import_with, staged};
use crate::support::database::on_both;
use crate::support::files::send;
use crate::support::rounds::rounds;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, Person, World,
};

const HEADER: &str = "序号,姓名,身份证号,联系电话,优抚类别,优待证号,户籍地编码,居住地楼栋编码,集中供养机构,行动不便,拟认证方式";
const PATH: &str = "/imports/beneficiaries";

/// Those whom a resident may be, which nobody has decided, by name.
async fn undecided(world: &World, who: &Person) -> Vec<(String, String)> {
    let query =
        "{ beneficiaries(first: 100, filter: {isUndecided: true}) { totalCount edges { node { id
        name { value } } } } }";
    let answer = world.run(who, query, json!({})).await;
    let edges = answer.data("beneficiaries.edges").as_array().unwrap();
    assert_eq!(*answer.data("beneficiaries.totalCount"), edges.len());
    let told = |edge: &Value| {
        let node = &edge["node"];
        (text(&node["name"]["value"]), text(&node["id"]))
    };
    let mut people: Vec<_> = edges.iter().map(told).collect();
    people.sort();
    people
}

async fn settled(world: &World, who: &Person, id: &str, resident: Option<&Value>) {
    let query = "mutation($id: ID!, $resident: ID) { matchBeneficiary(input: {beneficiaryId: $id,
        expectedVersion: 1, residentId: $resident}) { beneficiary { version } userErrors { code } } }";
    let answer = world
        .run(who, query, json!({"id": id, "resident": resident}))
        .await;
    assert_eq!(
        answer.payload("matchBeneficiary")["beneficiary"]["version"],
        2
    );
}

/// What the station knows of somebody.
async fn known(world: &World, who: &Person, name: &str) -> Value {
    let query = "query($name: String) { beneficiaries(first: 2, filter: {name: $name}) { edges { node {
        area { name } registeredElsewhere category certificateNumber home { name } institution isImmobile
        preferredChannel residentId phone { value } idNumber { value } bornOn { value } gender version } } } }";
    let answer = world.run(who, query, json!({"name": name})).await;
    let edges = answer
        .data("beneficiaries.edges")
        .as_array()
        .unwrap()
        .clone();
    assert_eq!(edges.len(), 1, "{name} once");
    edges[0]["node"].clone()
}

/// Of three residents one is 李秀英, one has the number of a 王建国 under another name, one may be 赵玉兰.
async fn residents(world: &World) {
    let sheet = format!(
        "楼栋编码,单元,房号,姓名,身份证号,出生日期\n{BUILDING},1,101,李秀英,{},\n\
         {OTHER_BUILDING},1,101,王建军,{},\n{BUILDING},1,102,赵玉兰,,1946-03-05\n",
        id_number("19440506", 2),
        id_number("19450102", 1)
    );
    let report = import(world, Kind::Residents, &sheet).await;
    assert_eq!(counts(&report), (3, 0, 0));
}

/// Fifteen rows from row 4 on, and a total.
fn roster() -> Vec<u8> {
    let typo = format!("{}1", &id_number("19480101", 2)[..17]);
    assert_ne!(typo, id_number("19480101", 2));
    let rows = [
        format!(
            "1,李秀英,{},13900001111,伤残人员,YF1,{COMMUNITY},{BUILDING},,是,上门",
            id_number("19440506", 2)
        ),
        format!(
            "2,王建国,{},139 0000 2222,烈士遗属,YF2,{GRID},{OTHER_BUILDING},,否,集中",
            id_number("19450102", 1)
        ),
        format!(
            "3,赵玉兰,{},,烈士老年子女,,{COMMUNITY},{BUILDING},,,",
            id_number("19460305", 4)
        ),
        format!(
            "4,钱德福,{},,参战退役人员,,341191001002,{BUILDING},,,视频",
            id_number("19470101", 1)
        ),
        format!(
            "5,孙桂芳,{},,三红,,{COMMUNITY},{BUILDING},乐康养老中心,√,",
            id_number("19300101", 2)
        ),
        format!("6,周兰,{typo},,三属,,{COMMUNITY},{BUILDING},,,"),
        format!("7,吴兰,#341191194801010028,,三属,,{COMMUNITY},{BUILDING},,,"),
        format!(
            "8,李秀英,{},13900001111,伤残人员,YF1,{COMMUNITY},{BUILDING},,是,上门",
            id_number("19440506", 2)
        ),
        format!(
            "9,郑兰,{},,三属,,341102006033,{BUILDING},,,",
            id_number("19480102", 2)
        ),
        format!(
            "10,冯兰,{},,三属,,341102006004,{BUILDING},,,",
            id_number("19480103", 2)
        ),
        format!(
            "11,陈兰,{},,三属,,河南省信阳市,,,,",
            id_number("19480104", 2)
        ),
        format!(
            "12,褚兰,{},,三属,,河南省信阳市,{COMMUNITY},福寿园养老院,,",
            id_number("19480105", 2)
        ),
        format!(
            "13,卫兰,{},,三属,,{COMMUNITY},{BUILDING},,,",
            id_number("19480106", 2)
        ),
        format!(
            "14,蒋兰,{},,老兵,,{COMMUNITY},{BUILDING},,,",
            id_number("19480107", 2)
        ),
        "合计,14人".to_owned(),
    ];
    book(HEADER, &rows)
}

on_both! {
    async fn a_roster_is_imported_once_and_the_doubtful_are_decided_by_a_person(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        residents(&world).await;
        let more = format!(", category: DISABLED, idNumber: \"{}\"", id_number("19480106", 2));
        registered(&world, &meng, FAR_BUILDING, "卫兰", &more).await;
        let (before, sheet) = (fingerprint(&world).await, roster());
        let refused = lines(&[
            (9, "ID_CHECKSUM"), (10, "ID_PRECISION_LOST"), (11, "DUPLICATE_IN_FILE"), (12, "AREA_UNKNOWN"),
            (13, "AREA_UNKNOWN"), (14, "VALUE_MISSING"), (16, "PERSON_ELSEWHERE"), (17, "CATEGORY_UNKNOWN"),
        ]);
        let warnings = lines(&[
            (5, "MATCH_DOUBTFUL"), (6, "MATCH_DOUBTFUL"), (7, "REGISTERED_ELSEWHERE"), (8, "HOME_AMBIGUOUS"),
            (15, "REGISTERED_ELSEWHERE"),
        ]);
        for (how, status, created) in [("?dryRun=true", 200, 6), ("?allOrNothing=true", 422, 0), ("", 200, 6)] {
            assert_eq!(fingerprint(&world).await, before, "nothing so far");
            let done = sent(&world, &xu, &format!("{PATH}{how}"), &sheet).await;
            assert_eq!((done.status, done.counts), (status, json!([created, 0, 0])), "{how}");
            assert_eq!((done.refused, done.warnings), (refused.clone(), warnings.clone()), "{how}");
            assert!(!done.text.contains("王建军"), "a resident's name is not the station's: {}", done.text);
            assert!(!done.text.contains("19440506"), "no number is told: {}", done.text);
        }
        assert_eq!(world.count("SELECT count(*) FROM change WHERE kind = 'BENEFICIARY'").await, 7);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'import:beneficiaries'
            AND actor_id IS NOT NULL AND request_id IS NOT NULL").await, 1);
        assert_eq!(staged(&world).await, 0);

        let li = known(&world, &xu, "李秀英").await;
        assert!(li["residentId"].is_string(), "number and name are the same");
        assert_eq!((&li["area"]["name"], &li["home"]["name"]), (&json!("创业北路社区"), &json!("1栋")));
        assert_eq!(li["phone"]["value"], "13900001111");
        assert_eq!(li["idNumber"]["value"], id_number("19440506", 2));
        assert_eq!((&li["bornOn"]["value"], &li["gender"]), (&json!("1944-05-06"), &json!("FEMALE")));
        assert_eq!((&li["category"], &li["certificateNumber"]), (&json!("DISABLED"), &json!("YF1")));
        assert_eq!((&li["isImmobile"], &li["preferredChannel"]), (&json!(true), &json!("HOME")));
        let wang = known(&world, &xu, "王建国").await;
        assert_eq!((&wang["category"], &wang["isImmobile"]), (&json!("MARTYR_FAMILY"), &json!(false)));
        assert!(wang["residentId"].is_null());
        let qian = known(&world, &xu, "钱德福").await;
        assert_eq!((&qian["area"]["name"], &qian["registeredElsewhere"]), (&json!("1栋"), &json!("341191001002")));
        let sun = known(&world, &xu, "孙桂芳").await;
        assert_eq!((&sun["home"], &sun["institution"]), (&Value::Null, &json!("乐康养老中心")));
        let chu = known(&world, &xu, "褚兰").await;
        assert_eq!((&chu["area"]["name"], &chu["home"]), (&json!("创业北路社区"), &Value::Null));
        assert_eq!((&chu["institution"], &chu["registeredElsewhere"]), (&json!("福寿园养老院"), &json!("河南省信阳市")));

        let open = undecided(&world, &xu).await;
        let names: Vec<&str> = open.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["王建国", "赵玉兰"]);
        let candidates = "query($id: ID!) { beneficiaryCandidates(id: $id) { residentId likeness name { value } } }";
        let of_wang = world.run(&xu, candidates, json!({"id": open[0].1})).await;
        let of_wang = of_wang.data("beneficiaryCandidates.0");
        assert_eq!((&of_wang["likeness"], &of_wang["name"]["value"]), (&json!("ID_NUMBER_ONLY"), &json!("王建军")));
        let of_zhao = world.run(&xu, candidates, json!({"id": open[1].1})).await;
        assert_eq!(*of_zhao.data("beneficiaryCandidates.0.likeness"), "NAME_AND_BIRTH");
        settled(&world, &xu, &open[0].1, Some(&of_wang["residentId"])).await;
        settled(&world, &xu, &open[1].1, None).await;
        assert_eq!(undecided(&world, &xu).await, []);

        let before = fingerprint(&world).await;
        let again = sent(&world, &xu, PATH, &sheet).await;
        assert_eq!((again.counts, again.refused), (json!([0, 0, 6]), refused));
        assert_eq!(again.warnings, warnings[2..], "what was decided is not asked again");
        assert_eq!(fingerprint(&world).await, before, "the same file says nothing new");
    }

    async fn a_later_roster_keeps_what_it_leaves_out_and_moves_nobody(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let by_hand = ", category: DISABLED, bornOn: \"1944-05-06\", isImmobile: true, certificateNumber: \"YF1\",
            institution: \"乐康养老中心\"";
        registered(&world, &xu, GRID, "李秀英", by_hand).await;
        let numbered = |born| format!(", category: DISABLED, phone: \"13900003333\", idNumber: \"{}\"", id_number(born, 2));
        registered(&world, &xu, GRID, "王兰英", &numbered("19450101")).await;
        let ended = registered(&world, &xu, GRID, "赵玉兰", &numbered("19460101")).await;
        registered(&world, &xu, COMMUNITY, "储秀兰", &numbered("19470101")).await;
        let end = "mutation($id: ID!) { endBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            endedOn: \"2026-03-01\", reason: DECEASED}) { userErrors { code } } }";
        world.run(&xu, end, json!({"id": ended})).await.payload("endBeneficiary");
        let rows = [
            format!("1,李秀英,{},13900001111,伤残人员,,{GRID},{BUILDING},,否,视频", id_number("19440506", 2)),
            format!("2,王兰,{},,伤残人员,,{COMMUNITY},,,,", id_number("19450101", 2)),
            format!("3,赵玉兰,{},,伤残人员,,{GRID},,,,", id_number("19460101", 2)),
        ];
        let sheet = book(HEADER, &rows);
        let done = sent(&world, &xu, PATH, &sheet).await;
        assert_eq!((done.status, done.counts, done.refused), (200, json!([0, 1, 1]), lines(&[(6, "BENEFIT_ENDED")])));
        assert_eq!(done.warnings, lines(&[(5, "NAME_DIFFERS"), (5, "REGISTRATION_KEPT"), (0, "ABSENT_FROM_FILE")]));
        assert!(done.text.contains("王兰英") && done.text.contains("储秀兰"));
        // Two names on record were told, and that is noted.
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'Beneficiary'").await, 2);
        let li = known(&world, &xu, "李秀英").await;
        assert_eq!(li["idNumber"]["value"], id_number("19440506", 2), "the record had none");
        assert_eq!((&li["certificateNumber"], &li["isImmobile"]), (&json!("YF1"), &json!(false)));
        assert_eq!((&li["home"]["name"], &li["institution"]), (&json!("1栋"), &Value::Null), "she has moved home");
        assert_eq!((&li["preferredChannel"], &li["version"]), (&json!("VIDEO"), &json!(2)));
        let wang = known(&world, &xu, "王兰英").await;
        assert_eq!((&wang["area"]["name"], &wang["phone"]["value"]), (&json!("第1网格"), &json!("13900003333")));
        assert_eq!(wang["version"], 1);
        let again = sent(&world, &xu, PATH, &sheet).await;
        assert_eq!(again.counts, json!([0, 0, 2]));
    }

    async fn the_station_imports_and_nobody_else(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let rows = [format!("1,李秀英,{},,伤残人员,,341102006004,{FAR_BUILDING},,,", id_number("19440506", 2))];
        let sheet = book(HEADER, &rows);
        for (role, area) in [
            (Role::Volunteer, GRID), (Role::CenterHousehold, BUILDING), (Role::GridLead, GRID),
            (Role::CompoundSecretary, "341102006003.01"), (Role::CommunityStaff, COMMUNITY),
            (Role::Partner, COMMUNITY), (Role::Supervisor, "341102006"), (Role::Admin, "341102"),
        ] {
            let other = world.person("某人", &[(role, area)]).await;
            let refused = send(&world, Some(&other), PATH, &[], sheet.clone()).await;
            assert_eq!(refused.problem(), (403, "FORBIDDEN".to_owned()), "{role:?}");
        }
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let query = "{ beneficiaries(first: 1, filter: {isUndecided: true}) { totalCount } }";
        assert_eq!(world.run(&staff, query, json!({})).await.error_codes(), ["FORBIDDEN"]);
        // What two roles allow by halves, neither allows.
        let both = world.person("赵敏", &[(Role::CommunityStaff, "341102006004"), (Role::VeteransStaff, COMMUNITY)]).await;
        for who in [&xu, &both] {
            let outside = sent(&world, who, PATH, &sheet).await;
            assert_eq!((outside.counts, outside.refused), (json!([0, 0, 0]), lines(&[(4, "AREA_UNKNOWN")])));
        }
        let street = sent(&world, &meng, PATH, &sheet).await;
        assert_eq!(street.counts, json!([1, 0, 0]));
        // Who answers for nobody there neither matches nor learns who may be the same.
        let row = format!("楼栋编码,单元,房号,姓名,身份证号\n{FAR_BUILDING},1,101,王远,{}\n", id_number("19500101", 2));
        import(&world, Kind::Residents, &row).await;
        for name in ["王远", "王近"] {
            let rows = [format!("1,{name},{},,伤残人员,,{COMMUNITY},,,,", id_number("19500101", 2))];
            let done = sent(&world, &xu, &format!("{PATH}?dryRun=true"), &book(HEADER, &rows)).await;
            assert_eq!((done.counts, done.warnings), (json!([1, 0, 0]), vec![]));
        }
    }

    /// The operator's command reaches everywhere; an edit in between is kept, two imports at once are one.
    async fn an_edit_is_kept_and_two_imports_are_one(db: TestDatabase) {
        let world = World::new(db).await;
        let sheet = |phone: &str| {
            let rows: Vec<String> = (1..=40).map(|n| format!(
                "{n},李兰{n},{},{phone},三属,,{COMMUNITY},{BUILDING},,,\n", id_number("19440506", n * 2)
            )).collect();
            format!("{HEADER}\n{}", rows.concat())
        };
        for round in 0..rounds() {
            let phone = format!("139000011{round:02}");
            let sheet = sheet(&phone);
            let (one, other) = tokio::join!(
                import(&world, Kind::Beneficiaries, &sheet), import(&world, Kind::Beneficiaries, &sheet));
            let (one, other) = (counts(&one), counts(&other));
            assert_eq!(one.0 + other.0, if round == 0 { 40 } else { 0 }, "{one:?} {other:?}");
            assert_eq!(one.1 + other.1, if round == 0 { 0 } else { 40 }, "{one:?} {other:?}");
            assert_eq!(one.2 + other.2, 40, "{one:?} {other:?}");
        }
        assert_eq!(world.count("SELECT count(*) FROM beneficiary").await, 40);
        // One record that never rests while rows are staged.
        let edit = "UPDATE beneficiary SET health_notes_sealed = 'x', version = version + 1
            WHERE id = NEW.beneficiary_id AND name = '李兰1';";
        let trigger = if world.database.is_postgres() {
            format!("CREATE FUNCTION edit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {edit} RETURN NULL; END $$;
                CREATE TRIGGER edit AFTER INSERT ON import_beneficiary FOR EACH ROW EXECUTE FUNCTION edit();")
        } else {
            format!("CREATE TRIGGER edit AFTER INSERT ON import_beneficiary BEGIN {edit} END;")
        };
        world.raw.execute_unprepared(&trigger).await.expect("a trigger");
        let held = Options { all_or_nothing: true, ..Options::default() };
        let held = import_with(&world, Kind::Beneficiaries, &sheet("13900002222"), held).await;
        assert_eq!((counts(&held), codes(&held)), ((0, 0, 0), vec![(2, "", "CHANGED_MEANWHILE")]));
        let done = import(&world, Kind::Beneficiaries, &sheet("13900002222")).await;
        assert_eq!((counts(&done), codes(&done)), ((0, 39, 0), vec![(2, "", "CHANGED_MEANWHILE")]));
        assert!(summary(&done, Kind::Beneficiaries, false).contains("更新 39 人"));
        assert_eq!(world.count("SELECT count(DISTINCT phone_hash) FROM beneficiary").await, 2);
        assert_eq!(staged(&world).await, 0);
    }
}
