//! Accounts: a code for who is new, grants for who fits, tokens outdated for who is known.

use std::os::unix::fs::PermissionsExt as _;

use chrono::{Duration, TimeZone as _, Utc};
use entity::enums::Role;
use entity::role_grant;
use nuanlin::imports::command::{self, Kind};
use nuanlin::imports::merge::Options;
use sea_orm::{ConnectionTrait as _, EntityTrait as _};
use serde_json::json;

use super::{codes, counts, fingerprint, import, import_with, staged};
use crate::support::database::on_both;
use crate::support::world::{GRID, World};

const HEADER: &str = "姓名,手机号,角色,区域编码,有效期至\n";

on_both! {
    async fn new_people_get_a_code_that_activates_their_account(db: TestDatabase) {
        let world = World::new(db).await;
        let sheet = format!(
            "{HEADER}谢志梅,13900000001,志愿者,{GRID},2026-12-31\n\
             谢志梅,13900000001,网格长,{GRID},\n\
             王建军,13900000002,小区支部书记,341102006003.01,\n"
        );
        let file = world.database.directory().join("codes.csv");
        let options = Options { codes: Some(file.clone()), ..Options::default() };
        let report = import_with(&world, Kind::Accounts, &sheet, options).await;
        assert_eq!((counts(&report), codes(&report)), ((3, 0, 0), vec![]));
        let written = std::fs::read_to_string(&file).expect("a sheet of codes");
        assert!(written.starts_with("\u{feff}姓名,手机号,一次性验证码,有效期至\r\n"));
        assert_eq!(written.lines().count(), 3, "one code per account");
        let mode = std::fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert!(!serde_json::to_string(&report).expect("JSON").contains(&report.codes[0].code));
        let grants = role_grant::Entity::find().all(&world.raw).await.expect("grants");
        let ends: Vec<_> = grants.iter().filter_map(|grant| grant.valid_until).collect();
        assert_eq!(ends, [Utc.with_ymd_and_hms(2026, 12, 31, 16, 0, 0).unwrap()], "midnight in Shanghai");
        assert!(grants.iter().all(|grant| grant.granted_by.is_none()));

        let activated = world
            .ask(None, "mutation($phone: String!, $code: String!) { activateAccount(input: {
                phone: $phone, code: $code, newPassword: \"correct horse battery\"}) {
                accessToken userErrors { code } } }",
                json!({"phone": "13900000001", "code": report.codes[0].code}))
            .await;
        assert_eq!(activated.user_error_codes("activateAccount"), [""; 0]);
        let summary = command::summary(&report, Kind::Accounts, false);
        assert!(summary.contains("新增 3 项授权") && !summary.contains("13900000001"));

        let before = fingerprint(&world).await;
        let again = import(&world, Kind::Accounts, &sheet).await;
        assert_eq!((counts(&again), again.codes.len()), ((0, 0, 3), 0));
        assert_eq!(fingerprint(&world).await, before);
    }

    async fn the_end_of_a_grant_changes_and_an_empty_one_keeps_it(db: TestDatabase) {
        let world = World::new(db).await;
        let row = |until: &str| format!("{HEADER}谢志梅,13900000001,志愿者,{GRID},{until}\n");
        assert_eq!(counts(&import(&world, Kind::Accounts, &row("2026-12-31")).await), (1, 0, 0));
        let versions = "SELECT CAST(sum(grants_version) AS bigint) FROM account";
        assert_eq!(world.count(versions).await, 1);
        let longer = import(&world, Kind::Accounts, &row("2027-12-31")).await;
        assert_eq!(counts(&longer), (0, 1, 0));
        assert_eq!(world.count(versions).await, 2, "tokens with the old end are stale");
        let kept = import(&world, Kind::Accounts, &row("")).await;
        assert_eq!((counts(&kept), codes(&kept)), ((0, 0, 1), vec![(2, "E", "GRANT_END_KEPT")]));
    }

    async fn what_cannot_be_granted_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let sheet = format!(
            "{HEADER}甲,13900000001,网格长,341102006003,\n\
             乙,13900000002,志愿者,341102006003.99,\n\
             丙,13900000003,志愿者,{GRID},2026-03-01\n\
             丁,13900000004,志愿者,{GRID},2026-03-02\n\
             戊,13900000004,小区支部书记,341102006003.01,\n"
        );
        let file = world.database.directory().join("codes.csv");
        let options = Options { codes: Some(file.clone()), ..Options::default() };
        let report = import_with(&world, Kind::Accounts, &sheet, options.clone()).await;
        assert_eq!(counts(&report), (2, 0, 0));
        assert_eq!(codes(&report), [
            (2, "D", "ROLE_UNFIT"),
            (3, "D", "AREA_UNKNOWN"),
            (4, "E", "GRANT_EXPIRED"),
            (6, "A", "NAME_DIFFERS"),
        ]);
        assert_eq!(world.count("SELECT count(*) FROM account").await, 2);
        let changes = "SELECT count(*) FROM change WHERE kind = 'ACCOUNT'";
        assert_eq!(world.count(changes).await, 1);

        // A sheet of codes is never written over: the accounts would lose theirs.
        let sheet = format!("{HEADER}己,13900000009,志愿者,{GRID},\n");
        let app = world.app();
        let tools = (&app.db, &app.keys, &app.clock);
        let failed = command::run(tools, Kind::Accounts, sheet.as_bytes(), options).await;
        assert!(failed.is_err());
        assert_eq!(world.count("SELECT count(*) FROM account").await, 2);
        assert!(file.exists());

        let raw = "UPDATE account SET status = 'DISABLED'";
        world.raw.execute_unprepared(raw).await.expect("an update");
        let sheet = format!("{HEADER}丁,13900000004,志愿者,341102006003.01.02,\n");
        let report = import(&world, Kind::Accounts, &sheet).await;
        assert_eq!(codes(&report), [(2, "B", "ACCOUNT_DISABLED")]);
    }

    /// An administrator stays, whatever a file says; what else it says is imported.
    async fn the_last_administrator_stays(db: TestDatabase) {
        let world = World::new(db).await;
        let row = |until: &str| format!("{HEADER}王建国,13900000001,管理员,341102,{until}\n");
        import(&world, Kind::Accounts, &row("")).await;
        let ends = "SELECT count(*) FROM role_grant WHERE valid_until IS NOT NULL";
        let before = fingerprint(&world).await;
        for until in ["2026-02-28", "2026-12-31"] {
            let refused = import(&world, Kind::Accounts, &row(until)).await;
            assert_eq!((counts(&refused), codes(&refused)), ((0, 0, 0), vec![(2, "E", "LAST_ADMINISTRATOR")]));
            assert_eq!(world.count(ends).await, 0);
            assert_eq!(fingerprint(&world).await, before);
        }
        let sheet = format!("{}谢志梅,13900000002,志愿者,{GRID},\n", row("2026-12-31"));
        let all = Options { all_or_nothing: true, ..Options::default() };
        let held = import_with(&world, Kind::Accounts, &sheet, all).await;
        assert!(held.held_back);
        assert_eq!(fingerprint(&world).await, before);
        let report = import(&world, Kind::Accounts, &sheet).await;
        assert_eq!((counts(&report), codes(&report)), ((1, 0, 0), vec![(2, "E", "LAST_ADMINISTRATOR")]));
        assert_eq!((world.count(ends).await, staged(&world).await), (0, 0));

        // With another of the same file who can still sign in, the first may end.
        let sheet = format!("{}孙丽,13900000003,管理员,341102,\n", row("2026-12-31"));
        let report = import(&world, Kind::Accounts, &sheet).await;
        assert_eq!((counts(&report), codes(&report)), ((1, 1, 0), vec![]));
        assert_eq!(world.count(ends).await, 1);
    }

    /// Who never activated their account and whose code has expired administers nothing.
    async fn an_expired_code_makes_no_administrator(db: TestDatabase) {
        let world = World::new(db).await;
        let row = |name: &str, phone: &str, until: &str| format!("{name},{phone},管理员,341102,{until}\n");
        let sheet = format!("{HEADER}{}{}", row("王建国", "13900000001", ""), row("孙丽", "13900000003", ""));
        let report = import(&world, Kind::Accounts, &sheet).await;
        let activate = "mutation($phone: String!, $code: String!) { activateAccount(input: {phone: $phone,
            code: $code, newPassword: \"correct horse battery\"}) { userErrors { code } } }";
        let variables = json!({"phone": report.codes[0].phone, "code": report.codes[0].code});
        world.ask(None, activate, variables).await.payload("activateAccount");
        let until = format!("{HEADER}{}", row("王建国", "13900000001", "2026-12-31"));
        world.clock.advance(Duration::days(14) + Duration::seconds(1));
        let refused = import(&world, Kind::Accounts, &until).await;
        assert_eq!((counts(&refused), codes(&refused)), ((0, 0, 0), vec![(2, "E", "LAST_ADMINISTRATOR")]));
    }

    /// What ended in January and begins again in March was not held in February.
    async fn a_grant_that_ended_is_not_lengthened_over_its_gap(db: TestDatabase) {
        let world = World::new(db).await;
        let row = |until: &str| format!("{HEADER}谢志梅,13900000001,志愿者,{GRID},{until}\n");
        import(&world, Kind::Accounts, &row("2026-03-02")).await;
        world.clock.advance(Duration::days(30));
        let report = import(&world, Kind::Accounts, &row("2026-12-31")).await;
        assert_eq!((counts(&report), codes(&report)), ((1, 0, 0), vec![]));
        let mut grants = role_grant::Entity::find().all(&world.raw).await.expect("grants");
        grants.sort_by_key(|grant| grant.valid_from);
        let [old, new] = grants.try_into().expect("two grants");
        let end = Utc.with_ymd_and_hms(2026, 3, 2, 16, 0, 0).unwrap();
        assert_eq!((old.valid_until, old.revoked_at), (Some(end), Some(end)));
        assert_eq!((new.valid_from, new.revoked_at), (world.clock.now(), None));
        let again = import(&world, Kind::Accounts, &row("2026-12-31")).await;
        assert_eq!((counts(&again), codes(&again)), ((0, 0, 1), vec![]));
        // A last day that has passed brings nothing back.
        world.clock.advance(Duration::days(365));
        let late = import(&world, Kind::Accounts, &row("2027-01-31")).await;
        assert_eq!((counts(&late), codes(&late)), ((0, 0, 0), vec![(2, "E", "GRANT_EXPIRED")]));
    }
}
