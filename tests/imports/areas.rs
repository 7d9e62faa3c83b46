//! Areas: found by code, placed below their parents, in effect at once.

use nuanlin::imports::command::Kind;
use nuanlin::imports::merge::Options;

use super::{codes, counts, fingerprint, import, import_with, staged};
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, World};

const HEADER: &str = "编码,名称,类型,上级编码,纬度,经度\n";

/// A new compound with a grid and two buildings, children before parents.
const NEW: &str = "341102006003.03.07.02,12栋,楼栋,341102006003.03.07,,\n\
    341102006003.03.07,第7网格,网格,341102006003.03,32.3086,118.3172\n\
    341102006003.03,创业苑小区,小区,341102006003,,\n\
    341102006003.03.07.01,11栋,楼栋,341102006003.03.07,,\n";

on_both! {
    async fn a_tree_is_added_with_its_closure_and_twice_changes_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let sheet = format!("{HEADER}{NEW}{COMMUNITY},创业北路社区,社区,341102006,,\n");
        let report = import(&world, Kind::Areas, &sheet).await;
        assert_eq!((counts(&report), codes(&report)), ((4, 0, 1), vec![]));
        let above = "SELECT count(*) FROM area_closure c JOIN area a ON a.id = c.descendant_id
            WHERE a.code = '341102006003.03.07.02'";
        assert_eq!(world.count(above).await, 6, "itself and five levels above");
        let depth = "SELECT CAST(max(depth) AS bigint) FROM area_closure c
            JOIN area a ON a.id = c.descendant_id WHERE a.code = '341102006003.03.07.02'";
        assert_eq!(world.count(depth).await, 5);
        let changes = "SELECT count(*) FROM change WHERE kind = 'AREA'";
        assert_eq!(world.count(changes).await, 4);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'import:areas'";
        assert_eq!(world.count(entries).await, 1);

        // A server beside it sees the new tree at its next look, which is twice a second.
        world.app().sessions.refresh(&world.app().db, &world.clock).await.expect("a look");
        assert_eq!(world.app().sessions.tree().len(), 20);

        let before = fingerprint(&world).await;
        let again = import(&world, Kind::Areas, &sheet).await;
        assert_eq!(counts(&again), (0, 0, 5));
        assert_eq!(fingerprint(&world).await, before);
    }

    async fn names_and_places_change_but_no_area_moves(db: TestDatabase) {
        let world = World::new(db).await;
        let sheet = format!(
            "{HEADER}{COMMUNITY},创业北路新社区,社区,341102006,32.3,118.3\n\
             {GRID},第1网格,网格,341102006003.02,,\n\
             341102006003.01.02,第2网格,楼栋,341102006003.01,,\n\
             341102006003.09.01,第9网格,网格,341102006003.09,,\n\
             341102006003.09.01.01,某栋,楼栋,341102006003.09.01,,\n\
             341102006003.01.03,第3网格,网格,341102006003.01.01.01,,\n"
        );
        let report = import(&world, Kind::Areas, &sheet).await;
        assert_eq!(counts(&report), (0, 1, 0));
        assert_eq!(codes(&report), [
            (3, "D", "AREA_MOVED"),
            (4, "C", "AREA_MOVED"),
            (5, "D", "AREA_UNKNOWN"),
            (6, "D", "AREA_UNKNOWN"),
            (7, "D", "AREA_PARENT_INVALID"),
        ]);
        let renamed = "SELECT count(*) FROM area WHERE name = '创业北路新社区' AND version = 2
            AND latitude = 32.3";
        assert_eq!(world.count(renamed).await, 1);
        // Without coordinates those on record stay.
        let sheet = format!("{HEADER}{COMMUNITY},创业北路新社区,社区,341102006,,\n");
        assert_eq!(counts(&import(&world, Kind::Areas, &sheet).await), (0, 0, 1));
    }

    async fn a_dry_run_and_a_refused_whole_write_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let before = fingerprint(&world).await;
        let sheet = format!("{HEADER}{NEW}9,某网格,网格,8,,\n");
        let dry = Options { dry_run: true, ..Options::default() };
        let report = import_with(&world, Kind::Areas, &sheet, dry).await;
        assert_eq!((counts(&report), codes(&report)), ((4, 0, 0), vec![(6, "D", "AREA_UNKNOWN")]));
        let whole = Options { all_or_nothing: true, ..Options::default() };
        let report = import_with(&world, Kind::Areas, &sheet, whole).await;
        assert_eq!((counts(&report), report.held_back), ((0, 0, 0), true));
        assert_eq!(fingerprint(&world).await, before);
        // What reading the file refused holds everything back as well.
        let sheet = format!("{HEADER}{NEW}9,某网格,片区,{COMMUNITY},,\n");
        let whole = Options { all_or_nothing: true, ..Options::default() };
        assert!(import_with(&world, Kind::Areas, &sheet, whole).await.held_back);
        assert_eq!(fingerprint(&world).await, before);
        assert_eq!(counts(&import(&world, Kind::Areas, &sheet).await), (4, 0, 0));
        assert_eq!(staged(&world).await, 0);
    }
}
