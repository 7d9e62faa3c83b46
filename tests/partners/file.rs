//! Partners from a spreadsheet.

use entity::enums::Role;
use futures_util::future::join_all;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

use super::people::{ELSEWHERE, Quarter, area, call, catalogue};
use crate::support::binary::command;
use crate::support::database::on_both;
use crate::support::files::{Sent, send};
use crate::support::rounds::rounds;
use crate::support::world::{COMMUNITY, GRID, Person, World};

/// A list as the office fills it in: a title, who filled it in, the header, a row per service, a sheet of advice.
fn sheet(rows: &[[&str; 5]]) -> Vec<u8> {
    let mut book = Workbook::new();
    let list = book.add_worksheet();
    list.write(0, 0, "社区合伙人便民服务清单").expect("a cell");
    list.write(1, 0, "填表单位：创业北路社区").expect("a cell");
    let header = ["单位名称", "类别", "联系人", "联系电话", "服务名称"];
    for (row, cells) in [&header].into_iter().chain(rows).enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            let (row, column) = (
                u32::try_from(row).expect("few"),
                u16::try_from(column).expect("few"),
            );
            list.write(row + 2, column, *cell).expect("a cell");
        }
    }
    let advice = book.add_worksheet();
    advice
        .write(0, 0, "填表说明：每项服务一行")
        .expect("a cell");
    book.save_to_buffer().expect("a workbook")
}

const ROWS: [[&str; 5]; 3] = [
    [
        "周百通公益服务联盟",
        "家电清洗",
        "郑海",
        "13812341234",
        "空调清洗",
    ],
    [
        "周百通公益服务联盟",
        "家电清洗",
        "郑海",
        "13812341234",
        "油烟机清洗",
    ],
    ["康民大药房", "义诊", "", "", "免费量血压"],
];

async fn sent(world: &World, who: &Person, more: &str, rows: &[[&str; 5]]) -> Sent {
    let path = format!("/imports/partners?area={}{more}", area(world, COMMUNITY));
    send(world, Some(who), &path, &[], sheet(rows)).await
}

/// Created, updated, unchanged; then row, column and code of what was refused.
fn told(sent: &Sent) -> Value {
    let report = sent.json();
    let refused = report["refused"].as_array().expect("a report").iter();
    let refused: Vec<_> = refused
        .map(|one| json!([one["row"], one["column"], one["code"]]))
        .collect();
    json!([
        report["created"],
        report["updated"],
        report["unchanged"],
        refused
    ])
}

const ALL: &str = "SELECT (SELECT count(*) FROM partner) + (SELECT count(*) FROM service_offer)
    + (SELECT count(*) FROM audit_entry) + (SELECT count(*) FROM change)";

on_both! {
    async fn a_list_comes_in_as_drafts(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let liu = &quarter.liu;
        let before = world.count(ALL).await;
        let dry = sent(&world, liu, "&dryRun=true", &ROWS).await;
        assert_eq!((dry.status, told(&dry)), (200, json!([3, 0, 0, []])));
        assert_eq!(world.count(ALL).await, before);
        let done = sent(&world, liu, "", &ROWS).await;
        assert_eq!((done.status, told(&done)), (200, json!([3, 0, 0, []])));
        // Two partners, three drafts, one entry, five changes.
        assert_eq!(world.count(ALL).await, before + 2 + 3 + 1 + 5);
        assert_eq!(catalogue(&world, liu, "status: [DRAFT]").await, ["免费量血压", "油烟机清洗", "空调清洗"]);
        assert!(catalogue(&world, &quarter.li, "").await.is_empty());
        let query = "{ serviceOffers(first: 9) { edges { node { id title category contactName contactPhone { value }
            areas { name } } } } }";
        let answer = world.run(liu, query, json!({})).await;
        let edges = answer.data("serviceOffers.edges").as_array().expect("edges").iter();
        let shown = edges.map(|edge| &edge["node"]).find(|offer| offer["title"] == "空调清洗").expect("an offer");
        assert_eq!((&shown["category"], &shown["contactName"], &shown["contactPhone"]["value"], &shown["areas"]),
            (&json!("APPLIANCE_CLEANING"), &json!("郑海"), &json!("13812341234"), &json!([{"name": "创业北路社区"}])));
        // The same once more says nothing new.
        let before = world.count(ALL).await;
        assert_eq!(told(&sent(&world, liu, "", &ROWS).await), json!([0, 0, 3, []]));
        assert_eq!(world.count(ALL).await, before);
        // What is published stays so, with another number; an empty cell takes nothing away.
        let input = json!({"offerId": shown["id"], "expectedVersion": 1});
        call(&world, liu, "publishOffer", input, "").await.payload("publishOffer");
        let later = [
            ["周百通公益服务联盟", "家电清洗", "", "13812340000", "空调清洗"],
            ["康民大药房", "健康", "", "", "免费量血压"],
        ];
        assert_eq!(told(&sent(&world, liu, "", &later).await), json!([0, 1, 1, []]));
        let query = "{ serviceOffers(first: 9, filter: {status: [PUBLISHED]}) { edges { node { title contactName contactPhone { value } } } } }";
        let shown = json!([{"node": {"title": "空调清洗", "contactName": "郑海", "contactPhone": {"value": "13812340000"}}}]);
        assert_eq!(*world.run(liu, query, json!({})).await.data("serviceOffers.edges"), shown);
    }

    async fn what_is_wrong_with_a_row_leaves_the_others(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let liu = &quarter.liu;
        let gone = quarter.partner(&world, "惠民超市", &quarter.qian).await;
        let input = json!({"partnerId": gone, "reason": "合作到期"});
        call(&world, liu, "endPartner", input, "").await.payload("endPartner");
        let rows = [
            ROWS[0],
            ["周百通公益服务联盟", "算命", "", "", "看相"],
            ["惠民超市", "代购", "马明", "13812341234", "日用品代购"],
            ["康民大药房", "健康", "", "12", "免费量血压"],
            ROWS[0],
        ];
        let refused = json!([[5, "B", "CATEGORY_UNKNOWN"], [6, "A", "OFFER_REFUSED"], [7, "D", "PHONE_INVALID"],
            [8, "E", "DUPLICATE_IN_FILE"]]);
        let before = world.count(ALL).await;
        let held = sent(&world, liu, "&allOrNothing=true", &rows).await;
        assert_eq!((held.status, &told(&held)[3]), (422, &refused));
        assert_eq!(world.count(ALL).await, before);
        let done = sent(&world, liu, "", &rows).await;
        assert_eq!((done.status, told(&done)), (200, json!([1, 0, 0, refused])));
        assert_eq!(catalogue(&world, liu, "").await, ["空调清洗"]);
    }

    /// Only for one's own community, and only by its office.
    async fn whoever_may_take_partners_on_sends_the_list(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let sun = world.person("孙丽", &[(Role::CommunityStaff, ELSEWHERE)]).await;
        let before = world.count(ALL).await;
        for (who, path, code) in [
            (&sun, format!("?area={}", area(&world, COMMUNITY)), "NOT_FOUND"),
            (&quarter.zheng, format!("?area={}", area(&world, COMMUNITY)), "FORBIDDEN"),
            (&quarter.li, format!("?area={}", area(&world, GRID)), "FORBIDDEN"),
            (&quarter.liu, format!("?area={}", area(&world, GRID)), "AREA_UNFIT"),
            (&quarter.liu, String::new(), "BAD_USER_INPUT"),
        ] {
            let path = format!("/imports/partners{path}");
            let answer = send(&world, Some(who), &path, &[], sheet(&ROWS)).await;
            assert_eq!(answer.json()["code"], json!(code), "{path}");
        }
        assert_eq!(world.count(ALL).await, before);
    }

    async fn an_operator_imports_in_somebodys_name(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        let file = world.database.directory().join("partners.xlsx");
        std::fs::write(&file, sheet(&ROWS)).expect("a file");
        let phone = |who: &Person| format!("139{:08}", who.account.as_u128() % 100_000_000);
        let run = |more: &[&str]| {
            let mut command = command(&world.database);
            command.args(["import", "partners"]).arg(&file).args(more);
            command.output().expect("a command")
        };
        let done = run(&["--area", COMMUNITY, "--as", &phone(&quarter.liu)]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let text = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(text.contains("新增 3 项服务，更新 0 项服务"), "{text}");
        assert_eq!(catalogue(&world, &quarter.liu, "status: [DRAFT]").await.len(), 3);
        // A volunteer may not, and somebody must.
        let refused = run(&["--area", COMMUNITY, "--as", &phone(&quarter.li)]);
        assert_eq!(refused.status.code(), Some(1));
        assert_eq!(run(&["--area", COMMUNITY]).status.code(), Some(2));
        assert_eq!(run(&["--area", "341102009", "--as", &phone(&quarter.liu)]).status.code(), Some(1));
    }

    /// The same list sent twice at once says its things once.
    async fn a_list_sent_twice_at_once_is_one(db: TestDatabase) {
        let world = World::new(db).await;
        let quarter = Quarter::new(&world).await;
        for round in 0..rounds() {
            let name = format!("合伙人{round}");
            let rows = [[name.as_str(), "维修", "", "", "水电维修"]];
            let both = join_all((0..2).map(|_| sent(&world, &quarter.liu, "", &rows))).await;
            let mut told: Vec<String> = both.iter().map(|one| told(one).to_string()).collect();
            told.sort_unstable();
            assert_eq!(told, ["[0,0,1,[]]", "[1,0,0,[]]"]);
        }
    }
}
