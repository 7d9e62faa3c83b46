//! Imports that staff send: in their name, within their areas, and what is no spreadsheet.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use entity::audit_entry;
use entity::enums::Role;
use futures_util::stream;
use nuanlin::error::{Error, Stop};
use nuanlin::imports::command::{self, Failure, Kind};
use nuanlin::imports::merge::{Options, Staff};
use rust_xlsxwriter::Workbook;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::{fingerprint, id_number, import, staged};
use crate::support::database::on_both;
use crate::support::files::{Sent, send};
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, Person, World};

const RESIDENTS: &str = "楼栋编码,单元,房号,姓名,身份证号,独居,关爱等级\n";
const ACCOUNTS: &str = "姓名,手机号,角色,区域编码,有效期至\n";
const AREAS: &str = "编码,名称,类型,上级编码,纬度,经度\n";
const MAX: usize = 20 << 20;

async fn sent(world: &World, who: &Person, path: &str, sheet: impl Into<Body>) -> Sent {
    send(world, Some(who), path, &[], sheet).await
}

/// Created, updated, unchanged; then row and code of what was refused.
#[track_caller]
fn told(sent: &Sent) -> (Value, Vec<(u64, String)>) {
    let report = sent.json();
    let refused = report["refused"].as_array().expect("a report").iter();
    let refused = refused.map(|finding| {
        let row = finding["row"].as_u64().expect("a row");
        (row, finding["code"].as_str().expect("a code").to_owned())
    });
    let counts = json!([report["created"], report["updated"], report["unchanged"]]);
    (counts, refused.collect())
}

fn refused(row: u64, code: &str) -> (u64, String) {
    (row, code.to_owned())
}

async fn staff(world: &World) -> Person {
    world
        .person("赵敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

on_both! {
    async fn rows_elsewhere_are_refused_as_if_their_places_were_not_there(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let far = format!("{RESIDENTS}{FAR_BUILDING},1,101,王远,{},是,重点\n", id_number("19400101", 2));
        import(&world, Kind::Residents, &far).await;
        let sheet = format!(
            "{RESIDENTS}{BUILDING},1,101,李秀英,{},是,重点\n\
             {FAR_BUILDING},1,102,赵四,{},,\n\
             341102006003.99,1,101,钱五,{},,\n\
             {BUILDING},1,102,王近,{},,\n",
            id_number("19460305", 4), id_number("19500101", 2), id_number("19500102", 2), id_number("19400101", 2)
        );
        let before = fingerprint(&world).await;
        let expected = (json!([1, 0, 0]), vec![
            refused(3, "AREA_UNKNOWN"), refused(4, "AREA_UNKNOWN"), refused(5, "PERSON_ELSEWHERE"),
        ]);
        let dry = sent(&world, &staff, "/imports/residents?dryRun=true", sheet.clone()).await;
        assert_eq!((dry.status, told(&dry)), (200, expected.clone()));
        assert_eq!(fingerprint(&world).await, before, "a dry run writes nothing");
        let held = sent(&world, &staff, "/imports/residents?allOrNothing=true", sheet.clone()).await;
        assert_eq!((held.status, told(&held)), (422, (json!([0, 0, 0]), expected.1.clone())));
        assert_eq!(fingerprint(&world).await, before, "nor does one that is held back");

        let done = sent(&world, &staff, "/imports/residents", sheet.clone()).await;
        assert_eq!((done.status, told(&done)), (200, expected));
        let text = String::from_utf8(done.bytes.clone()).expect("text");
        assert!(!text.contains("王远"), "nobody elsewhere is named: {text}");
        let messages = done.json()["refused"].clone();
        assert_eq!(messages[0]["message"], messages[1]["message"], "there or not, it is the same");
        assert_eq!(world.count("SELECT count(*) FROM resident").await, 2);
        assert_eq!(staged(&world).await, 0);
        let entries = audit_entry::Entity::find().filter(audit_entry::Column::Action.eq("import:residents"));
        let entries = entries.all(&world.raw).await.expect("entries");
        let authors: Vec<_> = entries.iter().map(|entry| (entry.actor_id, entry.request_id.is_some())).collect();
        assert_eq!(authors, [(None, false), (Some(staff.account), true)]);
        let again = sent(&world, &staff, "/imports/residents", sheet).await;
        assert_eq!(told(&again).0, json!([0, 0, 1]), "the same file says nothing new");
    }

    /// A report that names people who are on record is a reading of their names.
    async fn who_is_named_in_a_report_stands_in_the_audit(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let home = world.household(BUILDING, "301").await;
        world.elder(home, "陈玉兰", &[]).await;
        let sheet = format!("{RESIDENTS}{BUILDING},1,101,李秀英,{},,\n", id_number("19460305", 4));
        let dry = sent(&world, &staff, "/imports/residents?dryRun=true", sheet).await;
        let warned = dry.json()["warnings"][0].clone();
        assert_eq!(warned["code"], "ABSENT_FROM_FILE");
        assert!(warned["message"].as_str().is_some_and(|text| text.contains("陈玉兰")));
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'read:import'").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'Resident'").await, 1);
    }

    async fn accounts_come_with_their_codes_once_and_no_role_above_ones_own(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let far = format!("{ACCOUNTS}吴芳,13900000009,志愿者,{FAR_BUILDING},\n");
        let far = far.replace(FAR_BUILDING, &FAR_BUILDING[..FAR_BUILDING.len() - 3]);
        import(&world, Kind::Accounts, &far).await;
        let sheet = format!(
            "{ACCOUNTS}谢志梅,13900000001,志愿者,{GRID},\n\
             王建军,13900000002,管理员,341102,\n\
             王建军,13900000002,退役军人服务站,{COMMUNITY},\n\
             孙立,13900000003,网格长,341102006004.01.01,\n\
             吴某,13900000009,志愿者,{GRID},\n"
        );
        let done = sent(&world, &staff, "/imports/accounts", sheet.clone()).await;
        assert_eq!((done.status, told(&done)), (200, (json!([1, 0, 0]), vec![
            refused(3, "AREA_UNKNOWN"), refused(4, "ROLE_ABOVE_YOURS"), refused(5, "AREA_UNKNOWN"),
            refused(6, "PHONE_TAKEN"),
        ])));
        assert!(!String::from_utf8_lossy(&done.bytes).contains("吴芳"));
        let codes = done.json()["codes"].clone();
        assert_eq!((codes.as_array().map(Vec::len), &codes[0]["phone"]), (Some(1), &json!("13900000001")));
        assert!(codes[0]["expiresAt"].as_str().is_some_and(|at| at.ends_with("+08:00")));
        assert_eq!(done.header("cache-control"), "private, no-store");
        let activated = world
            .ask(None, "mutation($phone: String!, $code: String!) { activateAccount(input: {
                phone: $phone, code: $code, newPassword: \"correct horse battery\"}) {
                accessToken userErrors { code } } }",
                json!({"phone": "13900000001", "code": codes[0]["code"]}))
            .await;
        assert_eq!(activated.user_error_codes("activateAccount"), [""; 0]);
        let again = sent(&world, &staff, "/imports/accounts", sheet).await;
        assert_eq!((told(&again).0, again.json().get("codes")), (json!([0, 0, 1]), None));

        // An administrator loads accounts, but makes no other administrator by a file.
        let admin = world.person("马丽", &[(Role::Admin, "341102")]).await;
        let sheet = format!("{ACCOUNTS}郑刚,13900000005,管理员,341102,\n胡兰,13900000006,督查人员,341102006,\n");
        let done = sent(&world, &admin, "/imports/accounts", sheet).await;
        assert_eq!(told(&done), (json!([1, 0, 0]), vec![refused(2, "ROLE_ABOVE_YOURS")]));
        assert_eq!(world.count("SELECT count(*) FROM account WHERE name = '郑刚'").await, 0);
    }

    async fn areas_grow_below_ones_own(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let sheet = format!(
            "{AREAS}341102006003.03,新小区,小区,{COMMUNITY},,\n\
             341102006003.03.01,新网格,网格,341102006003.03,,\n\
             {GRID},第一网格,网格,341102006003.01,,\n\
             341102006004.02,他小区,小区,341102006004,,\n\
             341102006004.01,白云新名,小区,341102006004,,\n\
             341102006,新街道名,街道,341102,,\n\
             341199,新区,区,,,\n"
        );
        let done = sent(&world, &staff, "/imports/areas", sheet).await;
        assert_eq!(told(&done), (json!([2, 1, 0]), vec![
            refused(5, "AREA_UNKNOWN"), refused(6, "AREA_UNKNOWN"), refused(7, "AREA_UNKNOWN"),
            refused(8, "AREA_UNKNOWN"),
        ]));
        assert_eq!(world.count("SELECT count(*) FROM area WHERE name IN ('新小区', '新网格', '第一网格')").await, 3);
        assert_eq!(world.count("SELECT count(*) FROM area").await, 18);
    }

    async fn who_may_import_what(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let admin = world.person("马丽", &[(Role::Admin, "341102")]).await;
        let ask = async |who: &Person, kind: &str| {
            sent(&world, who, &format!("/imports/{kind}?dryRun=true"), "x\n").await.status
        };
        for kind in ["areas", "residents", "accounts"] {
            for (role, area) in [
                (Role::Volunteer, GRID), (Role::CenterHousehold, BUILDING), (Role::GridLead, GRID),
                (Role::CompoundSecretary, "341102006003.01"), (Role::VeteransStaff, COMMUNITY),
                (Role::Partner, COMMUNITY), (Role::Supervisor, "341102006"),
            ] {
                let other = world.person("周建国", &[(role, area)]).await;
                assert_eq!(ask(&other, kind).await, 403, "{role:?} {kind}");
            }
            assert_eq!(ask(&staff, kind).await, 200, "{kind}");
            assert_eq!(send(&world, None, &format!("/imports/{kind}"), &[], "x").await.status, 401);
        }
        assert_eq!(ask(&admin, "areas").await, 200);
        assert_eq!(ask(&admin, "accounts").await, 200);
        assert_eq!(ask(&admin, "residents").await, 403);
        // A grant that ended while the file was matched: judged again where it is merged.
        let sheet = format!("{AREAS}341102006003.03,新小区,小区,{COMMUNITY},,\n");
        let stale = Staff {
            account: staff.account,
            request_id: "r".into(),
            grants: vec![(Role::CommunityStaff, world.area(COMMUNITY)), (Role::Admin, world.area("341102"))],
        };
        let options = Options { staff: Some(stale), ..Options::default() };
        let app = world.app();
        let ended = command::run((&app.db, &app.keys, &app.clock), Kind::Areas, sheet.as_bytes(), options).await;
        assert!(matches!(ended, Err(Failure::Server(Error::Stopped(Stop::TokenStale, _)))));
        assert_eq!(world.count("SELECT count(*) FROM area WHERE code = '341102006003.03'").await, 0);
    }

    async fn what_is_no_spreadsheet_is_told_and_nothing_happens(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = staff(&world).await;
        let before = fingerprint(&world).await;
        let (path, mut book) = ("/imports/residents", Workbook::new());
        book.add_worksheet().write(0, 0, "楼栋编码").expect("a cell");
        let whole = book.save_to_buffer().expect("a workbook");
        let cases: Vec<(Vec<u8>, u16, &str)> = vec![
            (Vec::new(), 422, "FILE_EMPTY"),
            (b"\x89PNG\r\n\x1a\n\0\0\0 called list.xlsx".to_vec(), 415, "FILE_UNSUPPORTED"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old".to_vec(), 415, "FILE_UNSUPPORTED"),
            (whole[..whole.len() / 2].to_vec(), 422, "FILE_BROKEN"),
            (b"\xff\xff\xff".to_vec(), 422, "FILE_ENCODING"),
            (format!("姓名,备注\n\"王,好\n{}", "李,好\n".repeat(100)).into_bytes(), 422, "FILE_BROKEN"),
        ];
        for (bytes, status, code) in cases {
            let refused = sent(&world, &staff, path, bytes).await;
            assert_eq!(refused.problem(), (status, code.to_owned()));
        }
        let old = sent(&world, &staff, path, b"\xd0\xcf\x11\xe0 old".to_vec()).await;
        assert!(old.json()["title"].as_str().is_some_and(|title| title.contains("另存为 .xlsx")));
        let english = [("accept-language", "en")];
        let english = send(&world, Some(&staff), path, &english, b"\xd0\xcf\x11\xe0 old".to_vec()).await;
        assert_eq!(english.json()["title"], "Files of this kind are not taken");

        let large = vec![b' '; MAX + 1];
        let length = large.len().to_string();
        let announced = [("content-length", length.as_str())];
        let pieces: Vec<Bytes> = large.chunks(1 << 20).map(Bytes::copy_from_slice).collect();
        let pieces = Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)));
        for (headers, body) in [(&announced[..], Body::from(large)), (&[][..], pieces)] {
            let refused = send(&world, Some(&staff), path, headers, body).await;
            assert_eq!(refused.problem(), (413, "FILE_TOO_LARGE".to_owned()));
        }
        for wrong in ["?dryrun=true", "?dryRun=yes", "?source=x"] {
            let refused = sent(&world, &staff, &format!("{path}{wrong}"), "x").await;
            assert_eq!(refused.problem(), (400, "BAD_USER_INPUT".to_owned()));
        }
        assert_eq!(sent(&world, &staff, "/imports/visits", "x").await.problem(), (404, "NOT_FOUND".to_owned()));
        assert_eq!(fingerprint(&world).await, before);
    }
}
