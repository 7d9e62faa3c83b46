//! The operator's commands.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::access::keys::Keys;
use nuanlin::accounts::commands::{self, Operator, Place};
use nuanlin::clock::Clock;
use nuanlin::db::{Db, Limits};
use nuanlin::error::{Code, Error};

use super::{DISTRICT, PASSWORD, activate, member, operator, place, sign_in, turned_away};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, World};

const PHONE: &str = "13900000001";

#[track_caller]
fn code<T>(result: Result<T, Error>) -> Code {
    match result {
        Err(Error::Refused(refusal)) => refusal.code,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("not refused"),
    }
}

on_both! {
    async fn an_empty_database_says_what_to_import_first(db: TestDatabase) {
        let (keys, clock) = (Keys::load(&db.directory().join("keys"), true).unwrap(), Clock::system());
        let open = Db::open(&db.url, Limits::COMMAND).await.unwrap();
        let op = Operator { db: &open, keys: &keys, clock: &clock };
        let refused = commands::add(op, "管理员", PHONE, place(Role::Admin, DISTRICT), None).await.unwrap_err();
        assert!(refused.to_string().contains("nuanlin import areas FILE"), "{refused}");
        assert_eq!(db.count("SELECT count(*) FROM account").await, 0);
    }

    async fn the_operator_adds_grants_revokes_and_issues_codes(db: TestDatabase) {
        let world = World::new(db).await;
        let op = operator(&world);
        let admin = member(&world, PHONE, place(Role::Admin, DISTRICT)).await;
        assert_eq!(code(commands::add(op, "重复", PHONE, place(Role::Volunteer, GRID), None).await), Code::PhoneTaken);
        assert_eq!(code(commands::add(op, "错号", "1", place(Role::Volunteer, GRID), None).await), Code::PhoneInvalid);
        assert_eq!(code(commands::add(op, "错区", "13900000002", place(Role::Volunteer, "9"), None).await), Code::NotFound);
        assert_eq!(code(commands::add(op, "错级", "13900000002", place(Role::GridLead, BUILDING), None).await), Code::AreaKindUnfit);
        world.clock.advance(Duration::milliseconds(1));
        let until = Some(world.clock.now() + Duration::days(7));
        commands::grant(op, PHONE, Place { valid_until: until, ..place(Role::Volunteer, GRID) }).await.unwrap();
        let listed = commands::list(op).await.unwrap();
        assert_eq!(listed.len(), 1, "a refusal writes nothing");
        assert_eq!((listed[0].name.as_str(), listed[0].phone.as_str(), listed[0].status), ("王建国", "139****0001", "ACTIVE"));
        let grants: Vec<_> = listed[0].grants.iter().map(|grant| (grant.role, grant.area_code.as_str(), grant.valid_until)).collect();
        assert_eq!(grants, [(Role::Admin, DISTRICT, None), (Role::Volunteer, GRID, until)]);

        commands::revoke(op, PHONE, Role::Volunteer, GRID).await.unwrap();
        assert_eq!(code(commands::revoke(op, PHONE, Role::Volunteer, GRID).await), Code::NotFound);
        assert_eq!(code(commands::revoke(op, PHONE, Role::Admin, DISTRICT).await), Code::LastAdministrator);
        let fresh = commands::issue_code(op, PHONE, None).await.unwrap();
        assert_eq!(code(commands::issue_code(op, "13900000007", None).await), Code::NotFound);
        world.app().sessions.refresh(&world.app().db, &world.clock).await.unwrap();
        assert_eq!(turned_away(&world, &admin.access).await, ["TOKEN_STALE"]);
        assert_eq!(sign_in(&world, PHONE, PASSWORD).await.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        activate(&world, PHONE, &fresh, "another good one").await.payload("activateAccount");
        let entries = "SELECT count(*) FROM audit_entry WHERE actor_id IS NULL AND request_id IS NULL";
        assert_eq!(world.database.count(entries).await, 4);
    }
}
