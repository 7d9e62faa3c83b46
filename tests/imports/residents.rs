//! Residents: who is who, what differs, and what stays.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, Role};
use entity::{care_enrolment, emergency_contact, residence, resident, visit_task};
use nuanlin::imports::command::Kind;
use nuanlin::imports::merge::Options;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait as _, EntityTrait as _,
    QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::{codes, counts, fingerprint, id_number, import, import_with, staged};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, World};

const HEADER: &str = "楼栋编码,单元,房号,姓名,身份证号,出生日期,联系电话,独居,空巢,关爱等级,党员中心户,\
    紧急联系人,紧急联系电话,备注\n";

/// A household of two, an elder alone, and a man without ID number.
fn roster() -> String {
    let (mother, elder) = (id_number("19460305", 2), id_number("19440506", 4));
    format!(
        "{HEADER}{BUILDING},1,101,李秀英,{mother},,13800000001,,是,重点,是,王芳,13700000001,听力不好\n\
         {BUILDING},1,101,王建国,,1944-01-02,,,,,,,,\n\
         {BUILDING},1,201,陈玉兰,{elder},,,是,,高风险,,,,\n"
    )
}

async fn person(world: &World, name: &str) -> resident::Model {
    let named = resident::Entity::find().filter(resident::Column::Name.eq(name));
    let found = named.one(&world.raw).await.expect("a query");
    found.expect("a resident of this name")
}

async fn enrolments(world: &World, resident: uuid::Uuid) -> Vec<care_enrolment::Model> {
    care_enrolment::Entity::find()
        .filter(care_enrolment::Column::ResidentId.eq(resident))
        .order_by_id_asc()
        .all(&world.raw)
        .await
        .expect("enrolments")
}

on_both! {
    async fn a_roster_is_loaded_and_twice_changes_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let report = import(&world, Kind::Residents, &roster()).await;
        assert_eq!((counts(&report), codes(&report)), ((3, 0, 0), vec![]));
        let elder = person(&world, "陈玉兰").await;
        assert_eq!(elder.grid_id, world.area(&BUILDING[..18]));
        assert_eq!(elder.born_on, NaiveDate::from_ymd_opt(1944, 5, 6));
        let care = enrolments(&world, elder.id).await;
        assert_eq!((care.len(), care[0].tier), (1, CareTier::HighRisk));
        assert_eq!(care[0].from_on, NaiveDate::from_ymd_opt(2026, 3, 2).unwrap());
        assert_eq!(care[0].circumstances.iter().collect::<Vec<_>>(), [Circumstance::LivesAlone]);
        assert_eq!(world.count("SELECT count(*) FROM household WHERE is_center").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM emergency_contact").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM residence WHERE to_on IS NULL").await, 3);
        // Two households, three people, two enrolments, one contact.
        assert_eq!(world.count("SELECT count(*) FROM change").await, 8);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry").await, 1);

        let before = fingerprint(&world).await;
        world.clock.advance(Duration::days(1));
        let again = import(&world, Kind::Residents, &roster()).await;
        assert_eq!((counts(&again), codes(&again)), ((0, 0, 3), vec![]));
        assert_eq!(fingerprint(&world).await, before);
    }

    async fn what_differs_is_changed_and_what_is_empty_stays(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster()).await;
        world.clock.advance(Duration::days(1));
        let (mother, elder) = (id_number("19460305", 2), id_number("19440506", 4));
        // Another phone and notes; a name that differs; an ID number for who had none; a tier only.
        let found = id_number("19440102", 5);
        let sheet = format!(
            "{HEADER}{BUILDING},1,101,李秀瑛,{mother},,13800000009,,,,,,,白内障\n\
             {BUILDING},1,101,王建国,{found},,,,,,,,,\n\
             {BUILDING},1,201,陈玉兰,{elder},,,,,重点,,王芳,,\n"
        );
        let before = person(&world, "李秀英").await;
        let report = import(&world, Kind::Residents, &sheet).await;
        assert_eq!(counts(&report), (0, 3, 0));
        assert_eq!(codes(&report), [
            (2, "J", "ENROLMENT_KEPT"),
            (2, "D", "NAME_DIFFERS"),
            (4, "J", "CIRCUMSTANCE_MISSING"),
        ]);
        assert!(report.warnings[2].message.contains("保持原有情形"));
        let after = person(&world, "李秀英").await;
        assert_eq!(after.version, 2);
        assert_ne!(after.phone_hash, before.phone_hash);
        assert_ne!(after.health_notes_sealed, before.health_notes_sealed);
        assert_eq!(after.id_number_sealed, before.id_number_sealed);
        assert_eq!(enrolments(&world, after.id).await.len(), 1);
        assert!(person(&world, "王建国").await.id_number_hash.is_some());
        let care = enrolments(&world, person(&world, "陈玉兰").await.id).await;
        let today = NaiveDate::from_ymd_opt(2026, 3, 3);
        assert_eq!((care[0].to_on, care[0].tier), (today, CareTier::HighRisk));
        assert_eq!((care[1].to_on, care[1].tier), (None, CareTier::Key));
        assert_eq!(Some(care[1].from_on), today);
        assert_eq!(care[1].circumstances, care[0].circumstances);

        // On its first day an interval is corrected, and a contact keeps what the sheet leaves out.
        let sheet = format!("{HEADER}{BUILDING},1,201,陈玉兰,{elder},,,,是,一般,,,13700000009,\n");
        let report = import(&world, Kind::Residents, &sheet).await;
        assert_eq!(counts(&report), (0, 1, 0));
        let absent: Vec<_> = report.warnings.iter().map(|w| (w.row, w.code.as_str())).collect();
        assert_eq!(absent, [(0, "ABSENT_FROM_FILE"); 2], "{:?}", report.warnings);
        let care = enrolments(&world, person(&world, "陈玉兰").await.id).await;
        assert_eq!((care.len(), care[1].tier, care[1].version), (2, CareTier::General, 2));
        let contacts = emergency_contact::Entity::find().order_by_id_asc().all(&world.raw).await.expect("contacts");
        assert_eq!((contacts[1].name.as_str(), contacts[1].phone_hash.is_some()), ("王芳", true));
    }

    async fn who_is_found_elsewhere_has_moved(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster()).await;
        let planner = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let old = person(&world, "陈玉兰").await;
        let (theirs, of_all) = (world.open_task(&planner, old.household_id).await,
            world.open_task(&planner, old.household_id).await);
        visit_task::ActiveModel { id: Set(theirs), resident_id: Set(Some(old.id)), ..Default::default() }
            .update(&world.raw)
            .await
            .expect("a visit");
        world.clock.advance(Duration::days(10));
        let elder = id_number("19440506", 4);
        let sheet = format!("{HEADER}{OTHER_BUILDING},,301,陈玉兰,{elder},,,是,,高风险,,,,\n");
        let report = import(&world, Kind::Residents, &sheet).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 1, 0), vec![]));
        let moved = person(&world, "陈玉兰").await;
        assert_eq!((moved.area_id, moved.version), (world.area(OTHER_BUILDING), 2));
        let stays = residence::Entity::find()
            .filter(residence::Column::ResidentId.eq(moved.id))
            .order_by_asc(residence::Column::FromOn)
            .all(&world.raw)
            .await
            .expect("stays");
        let today = NaiveDate::from_ymd_opt(2026, 3, 12);
        assert_eq!((stays.len(), stays[0].to_on, stays[1].to_on), (2, today, None));
        assert_eq!((Some(stays[1].from_on), stays[1].household_id), (today, moved.household_id));
        let care = enrolments(&world, moved.id).await;
        assert_eq!((care.len(), care[0].grid_id), (1, moved.grid_id));
        let change = entity::change::Entity::find()
            .filter(entity::change::Column::ObjectId.is_in([moved.id, care[0].id]))
            .filter(entity::change::Column::AreaBefore.eq(world.area(BUILDING)))
            .filter(entity::change::Column::AreaAfter.eq(world.area(OTHER_BUILDING)))
            .all(&world.raw)
            .await
            .expect("changes");
        assert_eq!(change.len(), 2);
        // A visit still to be made goes along, one to the household as a whole stays.
        for (task, home, version) in [(theirs, moved.household_id, 2), (of_all, old.household_id, 1)] {
            let row = visit_task::Entity::find_by_id(task).one(&world.raw).await.expect("a query").expect("a visit");
            assert_eq!((row.household_id, row.version), (home, version));
            assert_eq!(world.changed(task).await, u64::from(version == 2));
        }

        // Back on the same day: the stay that began today is corrected, none is empty.
        let sheet = format!("{HEADER}{BUILDING},1,101,陈玉兰,{elder},,,是,,高风险,,,,\n");
        assert_eq!(counts(&import(&world, Kind::Residents, &sheet).await), (0, 1, 0));
        let stays = "SELECT count(*) FROM residence WHERE from_on = to_on";
        assert_eq!(world.count(stays).await, 0);
    }

    async fn what_only_the_database_knows_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster()).await;
        world.raw.execute_unprepared("UPDATE resident SET deceased_on = '2026-03-01'
            WHERE name = '陈玉兰'").await.expect("an update");
        let (mother, elder) = (id_number("19460305", 2), id_number("19440506", 4));
        let (twin, other) = (id_number("19500101", 2), id_number("19500101", 4));
        let sheet = format!(
            "{HEADER}341102006003.09.09,1,101,甲,,,,,,,,,,\n\
             341102006003.01.01,1,101,乙,,,,,,,,,,\n\
             {BUILDING},1,201,陈玉兰,{elder},,,是,,高风险,,,,\n\
             {BUILDING},1,301,张伟,{twin},,,,,,,,,\n\
             {BUILDING},1,301,张伟,{other},,,,,,,,,\n\
             {OTHER_BUILDING},1,101,李秀英,{mother},,,,,,,,,\n\
             {BUILDING},1,101,李秀英,,,,,,,,,,\n"
        );
        let report = import(&world, Kind::Residents, &sheet).await;
        let refused: Vec<_> = report.refused.iter().map(|f| (f.row, f.column.as_str(), f.code.as_str())).collect();
        assert_eq!(refused, [
            (2, "A", "AREA_UNKNOWN"),
            (3, "A", "AREA_UNKNOWN"),
            (4, "D", "PERSON_DECEASED"),
            (8, "D", "DUPLICATE_IN_FILE"),
        ]);
        assert_eq!(counts(&report), (2, 1, 0));
        let sheet = format!("{HEADER}{BUILDING},1,301,张伟,,,,,,,,,,\n");
        let report = import(&world, Kind::Residents, &sheet).await;
        assert_eq!(codes(&report)[0], (2, "D", "PERSON_AMBIGUOUS"));
        assert_eq!(staged(&world).await, 0);
    }

    async fn a_dry_run_and_a_refused_whole_write_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let before = fingerprint(&world).await;
        let sheet = format!("{}{BUILDING}.9,1,101,甲,,,,,,,,,,\n", roster());
        let dry = Options { dry_run: true, ..Options::default() };
        assert_eq!(counts(&import_with(&world, Kind::Residents, &sheet, dry).await), (3, 0, 0));
        assert_eq!(fingerprint(&world).await, before);
        let whole = Options { all_or_nothing: true, ..Options::default() };
        let report = import_with(&world, Kind::Residents, &sheet, whole).await;
        assert_eq!((counts(&report), report.held_back), ((0, 0, 0), true));
        assert_eq!(fingerprint(&world).await, before);
        let json = serde_json::to_value(&report).expect("JSON");
        let keys: Vec<_> = json.as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["created", "refused", "unchanged", "updated", "warnings"]);
        let keys: Vec<_> = json["refused"][0].as_object().expect("an object").keys().collect();
        assert_eq!(keys, ["code", "column", "message", "row", "sheet"]);
    }

    /// What a sheet may say of somebody's health may be written back as it was read.
    async fn long_notes_can_be_written_back(db: TestDatabase) {
        let world = World::new(db).await;
        let notes = "听力不好。".repeat(400);
        let sheet = format!("楼栋编码,单元,房号,姓名,备注\n{BUILDING},1,101,李秀英,{notes}\n");
        let report = import(&world, Kind::Residents, &sheet).await;
        assert_eq!((counts(&report), codes(&report)), ((1, 0, 0), vec![]));
        let staff = world.person("刘敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let shown = "{ residents(first: 1) { edges { node { id version healthNotes { value } } } } }";
        let shown = world.run(&staff, shown, json!({})).await;
        let person = shown.data("residents.edges")[0]["node"].clone();
        assert_eq!(person["healthNotes"]["value"], notes);
        let update = "mutation($input: UpdateResidentInput!) { updateResident(input: $input) {
            resident { version } userErrors { field code } } }";
        let input = json!({"residentId": person["id"], "expectedVersion": 1, "healthNotes": notes});
        let same = world.run(&staff, update, json!({"input": input})).await;
        assert_eq!(same.payload("updateResident")["resident"]["version"], 1, "nothing changed");
    }
}
