//! Somebody edits a record between the matching of a row and its merge.

use nuanlin::imports::command::Kind;
use sea_orm::ConnectionTrait as _;

use super::{codes, counts, id_number, import, staged};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, World};

const HEADER: &str = "楼栋编码,单元,房号,姓名,身份证号,联系电话\n";

/// Edits a resident as soon as a row about them is staged; `when` says how often.
async fn edit_when_staged(world: &World, when: &str) {
    let edit = format!(
        "UPDATE resident SET relation = '户主', version = version + 1
         WHERE id = NEW.resident_id AND {when};"
    );
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
}
