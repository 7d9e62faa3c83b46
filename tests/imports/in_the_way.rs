//! An import's merge and people's edits that wait for each other: the import gives way, and nobody's
//! edit fails.

use std::sync::Arc;
use std::time::Duration;

use entity::enums::Role;
use nuanlin::ids;
use nuanlin::imports::command::Kind;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{counts, id_number, import, staged};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, Person, World};

/// The tables that a merge holds, in the order in which it takes them.
const HELD: [&str; 6] = [
    "household",
    "household_place",
    "resident",
    "residence",
    "care_enrolment",
    "emergency_contact",
];

/// Waits until somebody waits for a lock in this database, or `is_over`.
async fn somebody_waits(world: &World, is_over: impl Fn() -> bool) {
    let waiting = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    for _ in 0..1000 {
        if is_over() || world.count(waiting).await > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody waits");
}

fn lock(tables: &[&str]) -> String {
    format!(
        "LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE",
        tables.join(", ")
    )
}

async fn staff(world: &World) -> Person {
    world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await
}

/// A mutation of a household of two with a contact each, and the rest of what it needs.
async fn prepared(world: &World, n: usize, mutation: &str) -> (String, Value) {
    let home = world.household(BUILDING, &format!("{n}01")).await;
    let other = world.household(BUILDING, &format!("{n}02")).await;
    let elder = world.elder(home, "李秀英", &[]).await;
    world.elder(home, "王桂珍", &[]).await;
    let household = |id: Uuid| World::id::<ids::Household>(id);
    let elder = World::id::<ids::Resident>(elder);
    let (kind, input) = match mutation {
        "setEmergencyContacts" => (
            "SetEmergencyContactsInput",
            json!({"residentId": elder, "expectedVersion": 1, "contacts": [{"name": "王芳"}]}),
        ),
        "splitHousehold" => (
            "SplitHouseholdInput",
            json!({"householdId": household(home), "expectedVersion": 1, "residentIds": [elder],
                "unit": "2", "room": format!("{n}03")}),
        ),
        _ => (
            "MergeHouseholdsInput",
            json!({"fromHouseholdId": household(home), "expectedVersion": 1,
                "intoHouseholdId": household(other)}),
        ),
    };
    let text = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ field code }} }} }}"
    );
    (text, json!({ "input": input }))
}

on_both! {
    async fn the_import_gives_way_and_is_tried_again(db: TestDatabase) {
        let world = World::new(db).await;
        if !world.database.is_postgres() {
            return; // One writer at a time: nobody waits for who waits.
        }
        let (one, other) = (id_number("19460305", 2), id_number("19440506", 4));
        let header = "楼栋编码,单元,房号,姓名,身份证号,联系电话,紧急联系人,紧急联系电话\n";
        let sheet = |phone: &str, more: &str| {
            format!("{header}{BUILDING},1,101,李秀英,{one},{phone},王芳,{phone}\n{more}")
        };
        import(&world, Kind::Residents, &sheet("13800000001", "")).await;
        let more = format!("{BUILDING},1,101,陈玉兰,{other},,,\n");
        for (phone, more, first, then, expected) in [
            // It waits for a table; the edit then wants one that it holds.
            ("13800000002", "", "UPDATE emergency_contact SET name = name", "UPDATE household SET is_center = is_center", (0, 1, 0)),
            // It waits for a row that the edit holds, while the edit wants a table.
            ("13800000002", more.as_str(), "SELECT id FROM household FOR UPDATE", "UPDATE resident SET name = name", (1, 0, 1)),
        ] {
            let edit = world.raw.begin().await.expect("a transaction");
            edit.execute_unprepared(first).await.expect(first);
            let sheet = sheet(phone, more);
            let editing = async {
                somebody_waits(&world, || false).await;
                edit.execute_unprepared(then).await.expect("an edit that goes on");
                edit.commit().await.expect("a commit");
            };
            let (report, ()) = futures_util::join!(import(&world, Kind::Residents, &sheet), editing);
            assert_eq!(counts(&report), expected, "{:?}", report.refused.first());
        }
        assert_eq!(world.count("SELECT count(*) FROM audit_entry").await, 3, "one of each import");
        assert_eq!(staged(&world).await, 0);
    }

    /// Whatever the merge has taken so far, an edit that waits for it holds nothing that it takes next.
    async fn edits_take_tables_in_the_merges_order(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        if !world.database.is_postgres() {
            return;
        }
        let staff = staff(&world).await;
        for (round, mutation) in ["setEmergencyContacts", "splitHousehold", "mergeHouseholds"].into_iter().enumerate() {
            for taken in 1..HELD.len() {
                let (text, input) = prepared(&world, 10 * (round + 1) + taken, mutation).await;
                let merge = world.raw.begin().await.expect("a transaction");
                merge.execute_unprepared(&lock(&HELD[..taken])).await.expect("tables");
                let (server, staff) = (Arc::clone(&world), staff.clone());
                let edit = tokio::spawn(async move { server.run(&staff, &text, input).await });
                somebody_waits(&world, || edit.is_finished()).await;
                let next = format!("{} NOWAIT", lock(&HELD[taken..]));
                let free = merge.execute_unprepared(&next).await;
                assert!(free.is_ok(), "{mutation} waits for {} and holds what comes after", HELD[taken - 1]);
                merge.commit().await.expect("a commit");
                edit.await.expect("no panic").payload(mutation);
            }
        }
    }
}
