//! Adding, resetting and disabling accounts.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    DISTRICT, PASSWORD, activate, member, member_of, place, refresh, sign_in, turned_away,
};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

const ADD: &str = "mutation($input: AddAccountInput!) { addAccount(input: $input) {
    code account { id name phone { value } grants { role area { code } } } userErrors { field code } } }";
const RESET: &str =
    "mutation($id: ID!, $key: UUID) { resetAccount(input: {accountId: $id, reason: \"忘记密码\",
    idempotencyKey: $key}) { code account { id } userErrors { field code } } }";
const DISABLE: &str =
    "mutation($id: ID!) { disableAccount(input: {accountId: $id, reason: \"离职\"}) {
    account { status } userErrors { field code } } }";
const ENABLE: &str = "mutation($id: ID!) { enableAccount(input: {accountId: $id}) {
    account { status } userErrors { field code } } }";
const KEY: &str = "0197a1c2-7f00-7000-8000-000000000001";

async fn add(world: &World, by: &Person, phone: &str, role: &str, area: &str) -> Answer {
    let area = World::id::<ids::Area>(world.area(area));
    let input = json!({"name": "何平", "phone": phone, "role": role, "areaId": area, "idempotencyKey": KEY});
    world.run(by, ADD, json!({"input": input})).await
}

fn id(account: Uuid) -> Value {
    json!({"id": World::id::<ids::Account>(account)})
}

#[track_caller]
fn assert_refused(answer: &Answer, mutation: &str, code: &str, field: &str) {
    let errors = answer.user_errors(mutation);
    assert_eq!(errors.len(), 1, "{:#}", answer.json);
    assert_eq!((errors[0].code, errors[0].field), (code, Some(field)));
}

on_both! {
    async fn a_lead_adds_a_volunteer_who_signs_in_by_the_code(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        for (phone, role, area, code, field) in [
            ("1390000", "VOLUNTEER", GRID, "PHONE_INVALID", "phone"),
            ("13900000001", "VOLUNTEER", OTHER_GRID, "NOT_FOUND", "areaId"),
            ("13900000001", "COMPOUND_SECRETARY", GRID, "ROLE_ABOVE_YOURS", "role"),
            ("13900000001", "CENTER_HOUSEHOLD", GRID, "AREA_KIND_UNFIT", "areaId"),
        ] {
            assert_refused(&add(&world, &lead, phone, role, area).await, "addAccount", code, field);
        }
        assert_eq!(world.database.count("SELECT count(*) FROM account").await, 1);

        let added = add(&world, &lead, "139 0000 0001", "VOLUNTEER", GRID).await;
        let payload = added.payload("addAccount");
        assert_eq!(payload["account"]["phone"]["value"], "13900000001");
        assert_eq!(payload["account"]["grants"], json!([{"role": "VOLUNTEER", "area": {"code": GRID}}]));
        let code = payload["code"].as_str().unwrap();
        let again = add(&world, &lead, "13900000001", "VOLUNTEER", GRID).await;
        assert_eq!(again.payload("addAccount")["account"]["id"], payload["account"]["id"]);
        assert!(again.data("addAccount.code").is_null(), "a code is shown once");
        activate(&world, "13900000001", code, PASSWORD).await.payload("activateAccount");

        let other = world.person("吴强", &[(Role::GridLead, OTHER_GRID)]).await;
        let taken = add(&world, &other, "13900000001", "VOLUNTEER", OTHER_GRID).await;
        assert_refused(&taken, "addAccount", "PHONE_TAKEN", "phone");
        let stored = "SELECT count(*) FROM account WHERE phone_sealed LIKE '%13900000001%'";
        assert_eq!(world.database.count(stored).await, 0);
    }

    async fn a_reset_ends_all_sessions_and_shows_its_code_once(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = member(&world, "13900000001", place(Role::Volunteer, GRID)).await;
        let call = json!({"id": World::id::<ids::Account>(helper.account), "key": KEY});
        let reset = world.run(&lead, RESET, call.clone()).await;
        let code = reset.payload("resetAccount")["code"].as_str().unwrap().to_owned();
        assert_eq!(turned_away(&world, &helper.access).await, ["TOKEN_STALE"]);
        assert_eq!(refresh(&world, &helper.refresh).await.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        let old = sign_in(&world, &helper.phone, PASSWORD).await;
        assert_eq!(old.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        let replay = world.run(&lead, RESET, call).await;
        assert!(replay.payload("resetAccount")["code"].is_null());
        let done = activate(&world, &helper.phone, &code, "another good one").await;
        let fresh = member_of(helper.account, &helper.phone, done.payload("activateAccount"));
        assert_eq!(turned_away(&world, &fresh.access).await, [""; 0]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'resetAccount' AND reason = '忘记密码'";
        assert_eq!(world.database.count(entries).await, 1);
    }

    async fn nobody_resets_oneself_nor_those_who_hold_more(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let more = world.person("陈静", &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        let staff = world.person("孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let mixed = world.person("多职", &[(Role::Volunteer, GRID), (Role::Admin, DISTRICT)]).await;
        for (account, code) in [
            (lead.account, "NOT_PERMITTED"),
            (more.account, "NOT_PERMITTED"),
            (mixed.account, "NOT_PERMITTED"),
            (staff.account, "NOT_FOUND"),
        ] {
            assert_refused(&world.run(&lead, RESET, id(account)).await, "resetAccount", code, "accountId");
        }
        assert_refused(&world.run(&staff, DISABLE, id(mixed.account)).await, "disableAccount", "NOT_PERMITTED", "accountId");
        world.run(&staff, RESET, id(more.account)).await.payload("resetAccount");
    }

    /// Whoever gets the code signs in as them, and could verify their own visits.
    async fn nobody_resets_their_equals_but_administrators(db: TestDatabase) {
        let world = World::new(db).await;
        let compound = "341102006003.01";
        let levels = [(Role::GridLead, GRID), (Role::CompoundSecretary, compound), (Role::CommunityStaff, COMMUNITY)];
        let mut below: Option<Person> = None;
        for (role, area) in levels {
            let one = world.person("周建国", &[(role, area)]).await;
            let other = world.person("孙丽", &[(role, area)]).await;
            let refused = world.run(&one, RESET, id(other.account)).await;
            assert_refused(&refused, "resetAccount", "NOT_PERMITTED", "accountId");
            assert_eq!(turned_away(&world, &other.token).await, [""; 0]);
            if let Some(below) = below {
                world.run(&one, RESET, id(below.account)).await.payload("resetAccount");
            }
            below = Some(other);
        }
        let one = world.person("管理员", &[(Role::Admin, DISTRICT)]).await;
        let other = world.person("副管理员", &[(Role::Admin, DISTRICT)]).await;
        world.run(&one, RESET, id(other.account)).await.payload("resetAccount");
        world.run(&one, RESET, id(below.expect("staff").account)).await.payload("resetAccount");
    }

    /// A taken number tells of an account elsewhere: that is written down, and not told without end.
    async fn nobody_finds_out_by_trying_who_has_an_account_elsewhere(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let other = world.person("王强", &[(Role::GridLead, OTHER_GRID)]).await;
        member(&world, "13900000001", place(Role::Volunteer, GRID)).await;
        let far = member(&world, "13900000002", place(Role::Volunteer, OTHER_GRID)).await;
        let keyless = async |by: &Person, phone: &str| {
            let input = json!({"name": "何平", "phone": phone, "role": "VOLUNTEER",
                "areaId": World::id::<ids::Area>(world.area(GRID))});
            world.run(by, ADD, json!({"input": input})).await
        };
        let probes = "SELECT count(*) FROM audit_entry WHERE action = 'addAccount:phoneTaken'";
        // Of whom one sees anyway nothing is noted.
        assert_refused(&keyless(&lead, "13900000001").await, "addAccount", "PHONE_TAKEN", "phone");
        assert_eq!(world.count(probes).await, 0);
        for _ in 0..2 {
            // Neither is it kept under a key.
            let refused = add(&world, &lead, "13900000002", "VOLUNTEER", GRID).await;
            assert_refused(&refused, "addAccount", "PHONE_TAKEN", "phone");
        }
        let calls = (0..30).map(|_| keyless(&lead, "13900000002"));
        let answers = futures_util::future::join_all(calls).await;
        let told = answers.iter().filter(|answer| answer.error_codes().is_empty());
        assert_eq!(told.count(), 18, "of twenty a day");
        assert_eq!(world.count(probes).await, 20);
        assert_eq!(world.audited("addAccount:phoneTaken", far.account).await, 20);
        // A free number is told no more either: the difference would tell.
        for phone in ["13900000002", "13900000003"] {
            assert_eq!(keyless(&lead, phone).await.error_codes(), ["RATE_LIMITED"]);
        }
        assert_eq!(world.count("SELECT count(*) FROM account").await, 4);
        let forbidden = keyless(&other, "13900000002").await;
        assert_refused(&forbidden, "addAccount", "NOT_FOUND", "areaId");

        world.clock.advance(Duration::hours(16));
        let tomorrow = world.signed_in(lead.account, 1, vec![(Role::GridLead, world.area(GRID))]).await;
        keyless(&tomorrow, "13900000003").await.payload("addAccount");
    }

    async fn a_disabled_account_is_out_until_it_is_enabled(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = member(&world, "13900000001", place(Role::CenterHousehold, BUILDING)).await;
        let refused = world.run(&lead, "mutation($id: ID!) { disableAccount(input: {accountId: $id, reason: \" \"}) {
            userErrors { field code } } }", id(helper.account)).await;
        assert_refused(&refused, "disableAccount", "REQUIRED", "reason");
        for _ in 0..2 {
            let done = world.run(&lead, DISABLE, id(helper.account)).await;
            assert_eq!(done.payload("disableAccount")["account"]["status"], "DISABLED");
        }
        assert_eq!(turned_away(&world, &helper.access).await, ["TOKEN_STALE"]);
        assert_eq!(refresh(&world, &helper.refresh).await.user_error_codes("refreshSession"), ["SESSION_ENDED"]);
        let answer = sign_in(&world, &helper.phone, PASSWORD).await;
        assert_eq!(answer.user_error_codes("signIn"), ["CREDENTIALS_INVALID"]);
        let done = world.run(&lead, ENABLE, id(helper.account)).await;
        assert_eq!(done.payload("enableAccount")["account"]["status"], "ACTIVE");
        let answer = sign_in(&world, &helper.phone, PASSWORD).await;
        let fresh = member_of(helper.account, &helper.phone, answer.payload("signIn"));
        assert_eq!(turned_away(&world, &fresh.access).await, [""; 0]);
        let entries = "SELECT count(*) FROM audit_entry WHERE action IN ('disableAccount', 'enableAccount')";
        assert_eq!(world.database.count(entries).await, 2, "what changes nothing leaves no entry");
    }
}
