//! A month's report, by link and by command.

use std::io::Cursor;
use std::process::Command;

use axum::body::Body;
use calamine::{Reader as _, Xlsx};
use chrono::Duration;
use entity::enums::{CareTier, Role};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use serde_json::json;
use tower::ServiceExt as _;

use crate::coverage::people::{Visit, at, elder, visited, wait_until};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person, World};

const REQUEST: &str =
    "mutation($area: ID!, $kind: ExportKind!) { requestExport(input: {areaId: $area,
    kind: $kind, month: \"2026-03\"}) { export { path expiresAt } userErrors { field code } } }";

async fn link(world: &World, who: &Person, kind: &str) -> String {
    link_to(world, who, kind, COMMUNITY).await
}

async fn link_to(world: &World, who: &Person, kind: &str, code: &str) -> String {
    let area = World::id::<ids::Area>(world.area(code));
    let answer = world
        .run(who, REQUEST, json!({"area": area, "kind": kind}))
        .await;
    answer.payload("requestExport")["export"]["path"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn opened(world: &World, path: &str) -> (u16, Vec<u8>) {
    let request = axum::http::Request::get(path).body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (status, bytes.to_vec())
}

/// The cells of a sheet as text, row by row.
fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(bytes.to_vec())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    range
        .rows()
        .map(|row| row.iter().map(ToString::to_string).collect())
        .collect()
}

/// Of three in the first grid one was seen, one called in vain, one forgotten; one in the second was seen.
async fn march(world: &World, lead: &Person) {
    let tier = CareTier::General;
    let seen = elder(world, BUILDING, "101", tier).await;
    elder(world, BUILDING, "102", tier).await;
    let wicked = elder(world, BUILDING, "103", tier).await;
    let other = elder(world, OTHER_BUILDING, "101", tier).await;
    sea_orm::ActiveModelTrait::update(
        entity::resident::ActiveModel {
            id: Set(wicked),
            name: Set("=HYPERLINK(\"http://x\")".to_owned()),
            ..Default::default()
        },
        &world.raw,
    )
    .await
    .unwrap();
    for person in [seen, other] {
        visited(world, lead, person, Visit::good(at("2026-03-10T10:00:00"))).await;
    }
}

on_both! {
    async fn the_monthly_report_adds_up_and_is_noted(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID), (Role::GridLead, OTHER_GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        march(&world, &lead).await;
        wait_until(&world, "2026-04-01T09:00:00");
        let staff = world.signed_in(staff.account, 1, vec![(Role::CommunityStaff, world.area(COMMUNITY))]).await;
        let path = link(&world, &staff, "MONTHLY_REPORT").await;
        let (status, bytes) = opened(&world, &path).await;
        assert_eq!(status, 200);
        let figures = cells(&bytes, "月探访率");
        assert!(figures[0][0].ends_with("2026年03月 未结账 截至2026-04-01 月探访率"), "{}", figures[0][0]);
        assert_eq!(figures[1][..3], ["网格", "应访人数", "已访人数"]);
        // Grid, roster, contacted, verified, waiting, in person, remote, excluded, missed.
        assert_eq!(figures[2][1..9], ["3", "1", "1", "0", "1", "0", "0", "2"]);
        assert_eq!(figures[3][1..9], ["1", "1", "1", "0", "1", "0", "0", "0"]);
        assert_eq!(figures[4][0..9], ["合计", "4", "2", "2", "0", "2", "0", "0", "2"]);
        assert_eq!(figures[4][9], "0.5");
        let missed = cells(&bytes, "未访名单");
        let names: Vec<&str> = missed[2..].iter().map(|row| row[3].as_str()).collect();
        assert_eq!(names.len(), 2);
        assert!(names.contains(&"李秀英102") && names.contains(&"'=HYPERLINK(\"http://x\")"), "{names:?}");
        // Two visits by the lead, verified, of unknown length: what they count is told by their record.
        let service = cells(&bytes, "志愿服务");
        assert_eq!(service[2][..2], ["周建国", "2"]);
        assert_eq!(world.audited("export", world.area(COMMUNITY)).await, 1);
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'Resident'").await, 2);

        let close = "mutation($area: ID!) { closeCoverageMonth(input: {areaId: $area, month: \"2026-03\"}) {
            userErrors { code } } }";
        let area = World::id::<ids::Area>(world.area(COMMUNITY));
        world.run(&staff, close, json!({"area": area})).await.payload("closeCoverageMonth");
        let (_, bytes) = opened(&world, &path).await;
        assert!(cells(&bytes, "月探访率")[0][0].contains("已结账 第1版 2026-04-01"));
        // A grid's sheet tells its part of the community's closed month, whatever is known by now.
        let late = "UPDATE visit_task SET status = 'CANCELLED'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, late).await.unwrap();
        for (code, row) in [(GRID, ["合计", "3", "1"]), (OTHER_GRID, ["合计", "1", "1"]),
            ("341102006003.01", ["合计", "4", "2"])] {
            let path = link_to(&world, &staff, "MONTHLY_REPORT", code).await;
            let figures = cells(&opened(&world, &path).await.1, "月探访率");
            assert!(figures[0][0].contains("已结账 第1版 2026-04-01"), "{}", figures[0][0]);
            assert_eq!(figures.last().unwrap()[..3], row, "{code}");
        }
        let missed = link(&world, &staff, "MISSED").await;
        assert_eq!(cells(&opened(&world, &missed).await.1, "未访名单").len(), 4);
    }

    /// Work of February that turned out not to be any is taken back in March.
    async fn a_month_of_corrections_alone_is_below_zero(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        sea_orm::ActiveModelTrait::insert(
            entity::service_correction::ActiveModel {
                id: Set(world.clock.new_id()),
                account_id: Set(volunteer.account),
                area_id: Set(world.area(GRID)),
                minutes: Set(-90),
                counts_on: Set("2026-03-02".parse().unwrap()),
                reason: Set("重复登记".to_owned()),
                recorded_by: Set(staff.account),
                created_at: Set(world.clock.now()),
            },
            &world.raw,
        )
        .await
        .unwrap();
        let path = link(&world, &staff, "SERVICE_RECORDS").await;
        let service = cells(&opened(&world, &path).await.1, "志愿服务");
        assert_eq!(service[2], ["陈静", "0", "-90", "−1小时30分", "0"]);
    }

    /// A link is its asker's, for five minutes, as long as they may.
    async fn a_link_ends_with_its_time_the_session_or_the_right(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let supervisor = world.person("钱伟", &[(Role::Supervisor, "341102006")]).await;
        let area = World::id::<ids::Area>(world.area(COMMUNITY));
        for other in [&lead, &supervisor] {
            let refused = world.run(other, REQUEST, json!({"area": area, "kind": "MISSED"})).await;
            assert_eq!(refused.error_codes(), ["FORBIDDEN"]);
        }
        let street = World::id::<ids::Area>(world.area("341102006"));
        let above = world.run(&staff, REQUEST, json!({"area": street, "kind": "MISSED"})).await;
        assert_eq!(above.user_error_codes("requestExport"), ["NOT_FOUND"]);
        let path = link(&world, &staff, "SERVICE_RECORDS").await;
        assert_eq!(opened(&world, &path).await.0, 200);
        // An access token is no link, and a link no access token.
        assert_eq!(opened(&world, &format!("/exports/{}", staff.token)).await.0, 401);
        assert_eq!(opened(&world, &format!("{path}x")).await.0, 401);
        let link_as_token = path.trim_start_matches("/exports/");
        let answer = world.ask(Some(link_as_token.into()), "{ viewer { account { id } } }", json!({})).await;
        assert_eq!(answer.error_codes(), ["UNAUTHENTICATED"]);
        world.clock.advance(Duration::minutes(5) - Duration::seconds(1));
        assert_eq!(opened(&world, &path).await.0, 200);
        world.clock.advance(Duration::seconds(1));
        assert_eq!(opened(&world, &path).await.0, 401);

        let path = link(&world, &staff, "SERVICE_RECORDS").await;
        let ended = "UPDATE role_grant SET revoked_at = created_at WHERE role = 'COMMUNITY_STAFF'";
        sea_orm::ConnectionTrait::execute_unprepared(&world.raw, ended).await.unwrap();
        assert_eq!(opened(&world, &path).await.0, 403);
    }
}

/// The same file by command, on behalf of an account.
#[test]
fn the_command_writes_the_report_of_the_demo_community() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("report.xlsx");
    let database = format!("sqlite://{}", data.path().join("n.db").display());
    let run = |args: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_nuanlin"))
            .args(args)
            .env("DATABASE_URL", &database)
            .output()
            .unwrap()
    };
    assert!(run(&["migrate", "up"]).status.success());
    let areas = data.path().join("areas.csv");
    let place = "编码,名称,类型,上级编码,纬度,经度\n341102,琅琊区,区,,,\n341102006,清流街道,街道,341102,,\n\
        341102006003,创业北路社区,社区,341102006,,\n";
    std::fs::write(&areas, place).unwrap();
    let imported = run(&["import", "areas", areas.to_str().unwrap()]);
    assert!(
        imported.status.success(),
        "{}",
        String::from_utf8_lossy(&imported.stderr)
    );
    let added = run(&[
        "account",
        "add",
        "--phone",
        "13900001111",
        "--name",
        "赵敏",
        "--role",
        "COMMUNITY_STAFF",
        "--area",
        "341102006003",
    ]);
    assert!(
        added.status.success(),
        "{}",
        String::from_utf8_lossy(&added.stderr)
    );
    let export = |phone: &str| {
        run(&[
            "export",
            "monthly-report",
            "--area",
            "341102006003",
            "--month",
            "2026-03",
            "--as",
            phone,
            file.to_str().unwrap(),
        ])
    };
    let nobody = export("13900002222");
    assert_eq!(nobody.status.code(), Some(1));
    assert!(!file.exists());
    let made = export("13900001111");
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(cells(&bytes, "月探访率")[2][..2], ["合计", "0"]);
}
