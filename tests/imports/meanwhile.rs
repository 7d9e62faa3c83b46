//! Somebody edits a record between the matching of a row and its merge.

use entity::household;
use nuanlin::imports::command::{Kind, exit_code};
use nuanlin::imports::merge::Options;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _};

use super::{codes, counts, id_number, import, import_with, staged};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, World};

const HEADER: &str = "楼栋编码,单元,房号,姓名,身份证号,联系电话\n";

/// Edits a resident as soon as a row about them is staged; `when` says how often.
async fn edit_when_staged(world: &World, when: &str) {
    let edit = format!(
        "UPDATE resident SET relation = '户主', version = version + 1
         WHERE id = NEW.resident_id AND {when};"
    );
    when_staged(world, &edit).await;
}

/// Runs a statement as soon as a row is staged.
async fn when_staged(world: &World, edit: &str) {
    let sql = if world.database.is_postgres() {
        format!(
            "CREATE FUNCTION edit() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN {edit} RETURN NULL; END $$;
             CREATE TRIGGER edit AFTER INSERT ON import_resident
                FOR EACH ROW EXECUTE FUNCTION edit();"
        )
    } else {
        format!("CREATE TRIGGER edit AFTER INSERT ON import_resident BEGIN {edit} END;")
    };
    world.raw.execute_unprepared(&sql).await.expect("a trigger");
}

fn roster(phone: &str) -> String {
    let (one, other) = (id_number("19460305", 2), id_number("19440506", 4));
    format!(
        "{HEADER}{BUILDING},1,101,李秀英,{one},{phone}\n{BUILDING},1,201,陈玉兰,{other},{phone}\n"
    )
}

on_both! {
    async fn an_edit_is_kept_and_the_row_matched_again(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster("13800000001")).await;
        edit_when_staged(&world, "version = 1 AND name = '李秀英'").await;
        let report = import(&world, Kind::Residents, &roster("13800000002")).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 2, 0), vec![]));
        // The edit raised the version to 2, the merge to 3; both are there.
        let both = "SELECT count(*) FROM resident WHERE relation = '户主' AND version = 3";
        assert_eq!(world.count(both).await, 1);
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE version = 2").await, 1);
        assert_eq!(world.count("SELECT count(*) FROM audit_entry").await, 2);
        assert_eq!(staged(&world).await, 0);
    }

    async fn a_record_that_never_rests_is_left_alone(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster("13800000001")).await;
        edit_when_staged(&world, "name = '李秀英'").await;
        let report = import(&world, Kind::Residents, &roster("13800000002")).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 1, 0), vec![(2, "", "CHANGED_MEANWHILE")]));
        let phones = "SELECT count(DISTINCT phone_hash) FROM resident";
        assert_eq!(world.count(phones).await, 2, "the edited one keeps the old phone");
        assert_eq!(staged(&world).await, 0);
    }

    /// What is matched again is merged with all the others or not at all.
    async fn a_record_that_never_rests_holds_all_of_them_back(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster("13800000001")).await;
        edit_when_staged(&world, "name = '李秀英'").await;
        let all = Options { all_or_nothing: true, ..Options::default() };
        let report = import_with(&world, Kind::Residents, &roster("13800000002"), all).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 0, 0), vec![(2, "", "CHANGED_MEANWHILE")]));
        assert!(report.held_back && exit_code(&report) == 3);
        let phones = "SELECT count(DISTINCT phone_hash) FROM resident";
        assert_eq!(world.count(phones).await, 1, "nobody has the new phone");
        assert_eq!(world.count("SELECT count(*) FROM audit_entry").await, 1);
        assert_eq!(staged(&world).await, 0);
    }

    async fn a_record_that_comes_to_rest_is_merged_with_the_others(db: TestDatabase) {
        let world = World::new(db).await;
        import(&world, Kind::Residents, &roster("13800000001")).await;
        edit_when_staged(&world, "version = 1 AND name = '李秀英'").await;
        let all = Options { all_or_nothing: true, ..Options::default() };
        let report = import_with(&world, Kind::Residents, &roster("13800000002"), all).await;
        assert_eq!((counts(&report), codes(&report)), ((0, 2, 0), vec![]));
        assert_eq!(world.count("SELECT count(*) FROM audit_entry").await, 2);
        assert_eq!(staged(&world).await, 0);
    }

    async fn nobody_is_settled_in_a_building_that_is_retired_meanwhile(db: TestDatabase) {
        let world = World::new(db).await;
        let retire = format!("UPDATE area SET retired_on = '2026-03-02' WHERE code = '{BUILDING}';");
        when_staged(&world, &retire).await;
        let report = import(&world, Kind::Residents, &roster("13800000001")).await;
        assert_eq!(counts(&report), (0, 0, 0));
        assert_eq!(report.refused.len(), 2);
        assert_eq!(world.count("SELECT count(*) FROM resident").await, 0);
        assert_eq!(staged(&world).await, 0);
    }

    async fn behind_a_closed_households_door_another_begins(db: TestDatabase) {
        let world = World::new(db).await;
        let old = world.household(BUILDING, "101").await;
        household::ActiveModel { id: Set(old), closed_on: Set(Some("2026-02-01".parse().unwrap())), ..Default::default() }
            .update(&world.raw)
            .await
            .unwrap();
        let report = import(&world, Kind::Residents, &roster("13800000001")).await;
        assert_eq!((counts(&report), codes(&report)), ((2, 0, 0), vec![]));
        let doors = "SELECT count(*) FROM household WHERE unit = '1' AND room = '101'";
        assert_eq!(world.count(doors).await, 2);
        assert_eq!(world.count(&format!("{doors} AND closed_on IS NULL")).await, 1);
        let again = import(&world, Kind::Residents, &roster("13800000001")).await;
        assert_eq!(counts(&again), (0, 0, 2));
    }
}
