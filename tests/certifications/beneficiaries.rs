//! Records of beneficiaries: added once, changed, ended and taken back, and seen by the station alone.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Station, check_of, many, open, register, registered, text};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, World};

const NUMBER: &str = "341191194405060022";

on_both! {
    async fn a_record_is_added_once_and_changed(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let more = format!(", category: DISABLED, idNumber: \"{NUMBER}\", phone: \"139 0000 2222\",
            homeAreaId: \"{}\", address: \"1单元101\", guardianName: \"王芳\", guardianPhone: \"13700001111\"",
            World::id::<ids::Area>(world.area(BUILDING)));
        let id = registered(&world, &xu, GRID, "李秀英", &more).await;
        for (name, more, field, code) in [
            ("李英", format!(", category: DISABLED, idNumber: \"{NUMBER}\""), "idNumber", "BENEFICIARY_KNOWN"),
            ("李英", ", category: DISABLED, idNumber: \"341191194405060021\"".to_owned(), "idNumber", "ID_CHECKSUM"),
            ("李英", format!(", category: DISABLED, idNumber: \"{NUMBER}\", gender: MALE"), "gender", "GENDER_MISMATCH"),
            ("李英", String::new(), "category", "REQUIRED"),
            ("李英", ", category: DISABLED, phone: \"12\"".to_owned(), "phone", "PHONE_INVALID"),
        ] {
            let refused = register(&world, &xu, GRID, name, &more).await;
            let errors = refused.user_errors("addBeneficiary");
            assert_eq!(errors.len(), 1);
            assert_eq!((errors[0].field, errors[0].code), (Some(field), code));
        }
        // The neighbours' building is outside, and so is whoever is registered there.
        let refused = register(&world, &xu, FAR_BUILDING, "李英", ", category: DISABLED").await;
        assert_eq!(refused.user_error_codes("addBeneficiary"), ["NOT_FOUND"]);
        let far = registered(&world, &meng, FAR_BUILDING, "李英", ", category: DISABLED").await;
        let query = "query($id: ID!) { beneficiary(id: $id) { version gender categoryName categoryFullName
            name { value } bornOn { value } idNumber { visibility value } phone { value } address { value }
            guardianPhone { value } home { name } isImmobile endedOn endReason } }";
        assert!(world.run(&xu, query, json!({"id": far})).await.data("beneficiary").is_null());
        let seen = world.run(&xu, query, json!({"id": id})).await;
        assert_eq!(*seen.data("beneficiary"), json!({
            "version": 1, "gender": "FEMALE", "categoryName": "伤残人员",
            "categoryFullName": "残疾军人、伤残人民警察、伤残公务员、伤残民兵民工",
            "name": {"value": "李秀英"}, "bornOn": {"value": "1944-05-06"},
            "idNumber": {"visibility": "FULL", "value": NUMBER}, "phone": {"value": "13900002222"},
            "address": {"value": "1单元101"}, "guardianPhone": {"value": "13700001111"},
            "home": {"name": "1栋"}, "isImmobile": false, "endedOn": null, "endReason": null,
        }));
        let update = "mutation($id: ID!, $version: Int!, $details: BeneficiaryDetails!) {
            updateBeneficiary(input: {beneficiaryId: $id, expectedVersion: $version, details: $details}) {
            beneficiary { version isImmobile institution home { name } phone { value } } userErrors { field code } } }";
        let change = |version: i64, details| json!({"id": id, "version": version, "details": details});
        // Written back as it is: nothing.
        let same = world.run(&xu, update, change(1, json!({"phone": "13900002222", "idNumber": NUMBER}))).await;
        assert_eq!(same.payload("updateBeneficiary")["beneficiary"]["version"], 1);
        let both = world.run(&xu, update, change(1, json!({"institution": "乐康养老中心"}))).await;
        assert_eq!(both.user_error_codes("updateBeneficiary"), ["AREA_UNFIT"]);
        let moved = json!({"institution": "乐康养老中心", "homeAreaId": null, "isImmobile": true, "phone": null});
        let moved = world.run(&xu, update, change(1, moved)).await;
        assert_eq!(moved.payload("updateBeneficiary")["beneficiary"], json!({
            "version": 2, "isImmobile": true, "institution": "乐康养老中心", "home": null, "phone": {"value": null}}));
        let late = world.run(&xu, update, change(1, json!({"isImmobile": false}))).await;
        assert_eq!(late.user_error_codes("updateBeneficiary"), ["VERSION_CONFLICT"]);
        let subject = ids::Id::<ids::Beneficiary>::parse(&id, "id").unwrap().uuid();
        assert_eq!(world.audited("updateBeneficiary", subject).await, 1);
    }

    async fn an_end_can_be_taken_back(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let id = registered(&world, &xu, GRID, "李秀英", ", category: DISABLED").await;
        let end = "mutation($id: ID!, $version: Int!, $reason: CheckOutcome!) { endBeneficiary(input: {beneficiaryId: $id,
            expectedVersion: $version, endedOn: \"2026-03-01\", reason: $reason}) { beneficiary { endedOn endReason }
            userErrors { code } } }";
        let alive = world.run(&xu, end, json!({"id": id, "version": 1, "reason": "ALIVE"})).await;
        assert_eq!(alive.user_error_codes("endBeneficiary"), ["OUT_OF_RANGE"]);
        let ended = world.run(&xu, end, json!({"id": id, "version": 1, "reason": "MOVED_AWAY"})).await;
        assert_eq!(ended.payload("endBeneficiary")["beneficiary"], json!({"endedOn": "2026-03-01", "endReason": "MOVED_AWAY"}));
        let again = world.run(&xu, end, json!({"id": id, "version": 2, "reason": "DECEASED"})).await;
        assert_eq!(again.user_error_codes("endBeneficiary"), ["ALREADY_ENDED"]);
        let count = "{ beneficiaries(first: 1) { totalCount } ended: beneficiaries(first: 1, filter: {isEnded: true}) { totalCount } }";
        let counted = world.run(&xu, count, json!({})).await;
        assert_eq!((counted.data("beneficiaries.totalCount"), counted.data("ended.totalCount")), (&json!(0), &json!(1)));
        let back = "mutation($id: ID!) { reinstateBeneficiary(input: {beneficiaryId: $id, expectedVersion: 2,
            reason: \"误登\"}) { beneficiary { endedOn endReason version } userErrors { code } } }";
        let back = world.run(&xu, back, json!({"id": id})).await;
        assert_eq!(back.payload("reinstateBeneficiary")["beneficiary"], json!({"endedOn": null, "endReason": null, "version": 3}));
    }

    /// One resident is one beneficiary; nobody is matched with whom the station does not answer for.
    async fn a_resident_is_matched_once(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        let far = world.household(FAR_BUILDING, "101").await;
        let far = World::id::<ids::Resident>(world.elder(far, "李秀英", &[]).await);
        let first = registered(&world, &xu, GRID, "李秀英", ", category: DISABLED, bornOn: \"1944-05-06\"").await;
        let second = registered(&world, &xu, GRID, "李秀英", ", category: RED_ARMY, bornOn: \"1944-05-06\"").await;
        let query = "query($id: ID!) { beneficiaryCandidates(id: $id) { residentId } }";
        let found = world.run(&xu, query, json!({"id": first})).await;
        assert_eq!(*found.data("beneficiaryCandidates"), json!([{"residentId": elder}]), "not the neighbour");
        let settle = "mutation($id: ID!, $resident: ID) { matchBeneficiary(input: {beneficiaryId: $id,
            expectedVersion: 1, residentId: $resident}) { beneficiary { residentId } userErrors { field code } } }";
        for (id, resident, codes) in [
            (&first, &far, &["NOT_FOUND"][..]),
            (&first, &elder, &[]),
            (&second, &elder, &["ALREADY_MATCHED"]),
        ] {
            let answer = world.run(&xu, settle, json!({"id": id, "resident": resident})).await;
            assert_eq!(answer.user_error_codes("matchBeneficiary"), codes);
        }
    }

    /// Totals are for others too, where they are not small; people are not.
    async fn others_read_totals_and_no_more(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let supervisor = world.person("沈督", &[(Role::Supervisor, "341102006")]).await;
        for n in 0..6 {
            registered(&world, &xu, GRID, &format!("赵{n}"), ", category: DISABLED").await;
        }
        registered(&world, &meng, FAR_BUILDING, "钱一", ", category: DISABLED").await;
        let opened = open(&world, &meng, "341102006", "DISABLED").await;
        let round = text(&opened.payload("openCertificationRound")["round"]["id"]);
        let check = check_of(&world, &meng, &round, "赵1").await;
        many(&world, &xu, "recordChecks", &[(&check, ", channel: HOME, outcome: ALIVE")]).await;
        let query = "{ certificationTotals(year: 2026, first: 5) { edges { node { roster totals { statuses count } } } } }";
        let all = world.run(&supervisor, query, json!({})).await;
        assert_eq!(*all.data("certificationTotals.edges.0.node.roster"), 7);
        let own = world.run(&staff, query, json!({})).await;
        assert_eq!(*own.data("certificationTotals.edges.0.node.roster"), 6, "of their community alone");
        let cells = own.data("certificationTotals.edges.0.node.totals").as_array().unwrap();
        let shown: Vec<i64> = cells.iter().map(|cell| cell["count"].as_i64().unwrap()).filter(|n| *n > 0).collect();
        assert_eq!(shown, [6], "five pending and one checked are six of either");
        let far = world.person("钱敏", &[(Role::CommunityStaff, "341102006004")]).await;
        let small = world.run(&far, query, json!({})).await;
        assert_eq!(*small.data("certificationTotals.edges.0.node"), json!({"roster": null, "totals": null}));
        // What is granted below a community is in no total, and takes none away.
        let both = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY), (Role::CommunityStaff, "341102006004.01.01")]).await;
        let both = world.run(&both, query, json!({})).await;
        assert_eq!(*both.data("certificationTotals.edges.0.node.roster"), 6);
        let low = world.person("王敏", &[(Role::CommunityStaff, GRID)]).await;
        let low = world.run(&low, query, json!({})).await;
        assert_eq!(*low.data("certificationTotals.edges"), json!([]));

        // A second round of the year: both are there, one a page.
        let other = open(&world, &xu, COMMUNITY, "RED_ARMY").await;
        assert_eq!(other.user_error_codes("openCertificationRound"), ["NOBODY_THERE"]);
        registered(&world, &xu, GRID, "孙红", ", category: RED_ARMY").await;
        world.clock.advance(chrono::Duration::seconds(1));
        open(&world, &xu, COMMUNITY, "RED_ARMY").await.payload("openCertificationRound");
        let page = "query($after: String) { certificationTotals(year: 2026, first: 1, after: $after) {
            edges { cursor node { roster } } pageInfo { hasNextPage } } }";
        let first = world.run(&supervisor, page, json!({})).await;
        assert_eq!(*first.data("certificationTotals.edges.0.node.roster"), Value::Null, "one alone is not counted");
        assert_eq!(*first.data("certificationTotals.pageInfo.hasNextPage"), true);
        let after = first.data("certificationTotals.edges.0.cursor");
        let second = world.run(&supervisor, page, json!({"after": after})).await;
        assert_eq!(*second.data("certificationTotals.edges.0.node.roster"), 7);
        assert_eq!(*second.data("certificationTotals.pageInfo.hasNextPage"), false);
        for (who, query) in [
            (&staff, "{ beneficiaries(first: 1) { totalCount } }"),
            (&supervisor, "{ certificationChecks(first: 1) { totalCount } }"),
            (&staff, "{ certificationRounds(first: 1) { edges { cursor } } }"),
        ] {
            assert_eq!(world.run(who, query, json!({})).await.error_codes(), ["FORBIDDEN"]);
        }
    }
}
