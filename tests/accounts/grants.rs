//! Who may give which role where, and that one administrator always stays.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{DISTRICT, turned_away};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, Person, World};

const GRANT: &str = "mutation($input: GrantRoleInput!) { grantRole(input: $input) {
    grant { id role area { code } validFrom validUntil } account { grants { id } endedGrants { id } }
    userErrors { field code } } }";
const REVOKE: &str = "mutation($input: RevokeRoleInput!) { revokeRole(input: $input) {
    grant { isRevoked endedAt } account { grants { id } } userErrors { field code } } }";

async fn grant(
    world: &World,
    by: &Person,
    to: Uuid,
    role: &str,
    area: &str,
    more: Value,
) -> Answer {
    let mut input = json!({
        "accountId": World::id::<ids::Account>(to),
        "role": role,
        "areaId": World::id::<ids::Area>(world.area(area)),
    });
    input
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    world.run(by, GRANT, json!({"input": input})).await
}

async fn revoke(world: &World, by: &Person, grant: &Value) -> Answer {
    let input = json!({"grantId": grant, "reason": "调离"});
    world.run(by, REVOKE, json!({"input": input})).await
}

/// The opaque id of somebody's only grant.
async fn only_grant(world: &World, of: Uuid) -> Value {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let found = entity::role_grant::Entity::find()
        .filter(entity::role_grant::Column::AccountId.eq(of))
        .filter(entity::role_grant::Column::RevokedAt.is_null())
        .one(&world.raw)
        .await
        .unwrap()
        .unwrap();
    json!(World::id::<ids::RoleGrant>(found.id))
}

#[track_caller]
fn assert_refused(answer: &Answer, mutation: &str, code: &str, field: &str) {
    let errors = answer.user_errors(mutation);
    assert_eq!(errors.len(), 1, "{:#}", answer.json);
    assert_eq!((errors[0].code, errors[0].field), (code, Some(field)));
}

on_both! {
    async fn a_lead_grants_up_to_their_own_role_within_their_subtree(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = world.person("陈静", &[(Role::Volunteer, BUILDING)]).await;
        let far = world.person("远方", &[(Role::Volunteer, FAR_BUILDING)]).await;

        let done = grant(&world, &lead, helper.account, "CENTER_HOUSEHOLD", BUILDING, json!({})).await;
        assert_eq!(done.payload("grantRole")["grant"]["area"]["code"], BUILDING);
        assert_eq!(done.data("grantRole.account.grants").as_array().unwrap().len(), 2);
        assert_eq!(turned_away(&world, &helper.token).await, ["TOKEN_STALE"]);
        assert_eq!(turned_away(&world, &lead.token).await, [""; 0]);

        let refused = [
            (helper.account, "GRID_LEAD", BUILDING, "AREA_KIND_UNFIT", "areaId"),
            (helper.account, "COMMUNITY_STAFF", GRID, "ROLE_ABOVE_YOURS", "role"),
            (helper.account, "ADMIN", GRID, "ROLE_ABOVE_YOURS", "role"),
            (helper.account, "VOLUNTEER", OTHER_GRID, "NOT_FOUND", "areaId"),
            (helper.account, "VOLUNTEER", COMMUNITY, "NOT_FOUND", "areaId"),
            (helper.account, "ADMIN", DISTRICT, "NOT_FOUND", "areaId"),
            (far.account, "VOLUNTEER", GRID, "NOT_FOUND", "accountId"),
            (Uuid::nil(), "VOLUNTEER", GRID, "NOT_FOUND", "accountId"),
        ];
        let before = (
            world.database.count("SELECT count(*) FROM role_grant").await,
            world.database.count("SELECT count(*) FROM audit_entry").await,
            world.database.count("SELECT value FROM epoch WHERE name = 'access'").await,
        );
        for (account, role, area, code, field) in refused {
            let answer = grant(&world, &lead, account, role, area, json!({})).await;
            assert_refused(&answer, "grantRole", code, field);
        }
        let after = (
            world.database.count("SELECT count(*) FROM role_grant").await,
            world.database.count("SELECT count(*) FROM audit_entry").await,
            world.database.count("SELECT value FROM epoch WHERE name = 'access'").await,
        );
        assert_eq!(before, after, "a refusal writes nothing");
        let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let answer = grant(&world, &volunteer, volunteer.account, "VOLUNTEER", GRID, json!({})).await;
        assert_eq!(answer.error_codes(), ["FORBIDDEN"]);
    }

    async fn a_lead_whose_grant_ended_a_moment_ago_grants_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        // The token still carries the role; only SQL knows that it is gone.
        world.raw.execute_unprepared("UPDATE role_grant SET revoked_at = valid_from WHERE role = 'GRID_LEAD'")
            .await.unwrap();
        let answer = grant(&world, &lead, helper.account, "VOLUNTEER", GRID, json!({})).await;
        assert_refused(&answer, "grantRole", "NOT_FOUND", "areaId");
    }

    async fn dates_bound_a_grant_and_granting_again_moves_its_end(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = world.person("陈静", &[(Role::Volunteer, BUILDING)]).await;
        let at = |days| json!((world.clock.now() + Duration::days(days)).to_rfc3339());
        for (from, until) in [(json!(null), at(-1)), (at(3), at(3)), (at(3), at(2))] {
            let dates = json!({"validFrom": from, "validUntil": until});
            let answer = grant(&world, &lead, helper.account, "VOLUNTEER", GRID, dates).await;
            assert_refused(&answer, "grantRole", "WINDOW_INVALID", "validUntil");
        }
        let first = grant(&world, &lead, helper.account, "VOLUNTEER", GRID,
            json!({"validFrom": at(-9), "validUntil": at(2)})).await;
        assert_eq!(first.payload("grantRole")["grant"]["validFrom"], "2026-03-02T01:00:00.000Z");
        let id = first.data("grantRole.grant.id").clone();
        let longer = grant(&world, &lead, helper.account, "VOLUNTEER", GRID, json!({"validUntil": at(4)})).await;
        assert_eq!(longer.payload("grantRole")["grant"]["id"], id);
        assert_eq!(longer.data("grantRole.grant.validUntil"), "2026-03-06T01:00:00.000Z");

        world.clock.advance(Duration::days(5));
        let lead = world.signed_in(lead.account, 1, vec![(Role::GridLead, world.area(GRID))]).await;
        let gone = revoke(&world, &lead, &id).await;
        assert_refused(&gone, "revokeRole", "GRANT_ENDED", "grantId");
        let anew = grant(&world, &lead, helper.account, "VOLUNTEER", GRID, json!({})).await;
        assert_ne!(anew.payload("grantRole")["grant"]["id"], id);
        assert_eq!(anew.data("grantRole.account.endedGrants"), &json!([{"id": id}]));
    }

    async fn a_role_is_taken_back_once_and_by_those_who_may_grant_it(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let other = world.person("吴强", &[(Role::GridLead, OTHER_GRID)]).await;
        let staff = world.person("孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let helper = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let admin = world.person("管理员", &[(Role::Admin, DISTRICT)]).await;
        let id = only_grant(&world, helper.account).await;
        assert_refused(&revoke(&world, &other, &id).await, "revokeRole", "NOT_FOUND", "grantId");
        let above = only_grant(&world, staff.account).await;
        assert_refused(&revoke(&world, &lead, &above).await, "revokeRole", "NOT_FOUND", "grantId");
        let done = revoke(&world, &lead, &id).await;
        assert_eq!(done.payload("revokeRole")["grant"]["isRevoked"], true);
        assert_eq!(turned_away(&world, &helper.token).await, ["TOKEN_STALE"]);
        assert_refused(&revoke(&world, &lead, &id).await, "revokeRole", "GRANT_ENDED", "grantId");
        let veterans = world.person("郑军", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let id = only_grant(&world, veterans.account).await;
        assert_refused(&revoke(&world, &staff, &id).await, "revokeRole", "ROLE_ABOVE_YOURS", "grantId");
        revoke(&world, &admin, &id).await.payload("revokeRole");
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'revokeRole'";
        assert_eq!(world.database.count(entries).await, 2);
        let changes = "SELECT count(*) FROM change WHERE kind = 'ACCOUNT'";
        assert_eq!(world.database.count(changes).await, 2);
    }

    async fn a_repeated_grant_under_its_key_is_one_grant(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let helper = world.person("陈静", &[(Role::Volunteer, BUILDING)]).await;
        let key = json!({"idempotencyKey": "0197a1c2-7f00-7000-8000-000000000001"});
        let calls = (0..5).map(|_| grant(&world, &lead, helper.account, "VOLUNTEER", GRID, key.clone()));
        let answers = futures_util::future::join_all(calls).await;
        for answer in &answers {
            assert_eq!(answer.payload("grantRole"), answers[0].payload("grantRole"));
        }
        assert_eq!(world.database.count("SELECT count(*) FROM audit_entry").await, 1);
        let other = grant(&world, &lead, helper.account, "CENTER_HOUSEHOLD", BUILDING, key).await;
        assert_refused(&other, "grantRole", "IDEMPOTENCY_KEY_REUSED", "idempotencyKey");
    }

    async fn the_last_administrator_stays(db: TestDatabase) {
        let world = World::new(db).await;
        let admin = world.person("管理员", &[(Role::Admin, DISTRICT)]).await;
        let own = only_grant(&world, admin.account).await;
        assert_refused(&revoke(&world, &admin, &own).await, "revokeRole", "LAST_ADMINISTRATOR", "grantId");
        let until = json!({"validUntil": (world.clock.now() + Duration::days(30)).to_rfc3339()});
        let bounded = grant(&world, &admin, admin.account, "ADMIN", DISTRICT, until.clone()).await;
        assert_refused(&bounded, "grantRole", "LAST_ADMINISTRATOR", "validUntil");
        let disable = "mutation($id: ID!) { disableAccount(input: {accountId: $id, reason: \"离职\"}) {
            userErrors { field code } } }";
        let id = json!({"id": World::id::<ids::Account>(admin.account)});
        let disabled = world.run(&admin, disable, id.clone()).await;
        assert_refused(&disabled, "disableAccount", "LAST_ADMINISTRATOR", "accountId");

        // One whose role ends some day does not count, one without end does.
        let second = world.person("副管理员", &[(Role::Volunteer, GRID)]).await;
        grant(&world, &admin, second.account, "ADMIN", DISTRICT, until).await.payload("grantRole");
        assert_refused(&revoke(&world, &admin, &own).await, "revokeRole", "LAST_ADMINISTRATOR", "grantId");
        grant(&world, &admin, second.account, "ADMIN", DISTRICT, json!({})).await.payload("grantRole");
        world.run(&admin, disable, id).await.payload("disableAccount");
        assert_eq!(turned_away(&world, &admin.token).await, ["TOKEN_STALE"]);
    }

    async fn two_administrators_who_revoke_each_other_leave_one(db: TestDatabase) {
        let world = World::new(db).await;
        for _ in 0..rounds() {
            let earlier = "UPDATE role_grant SET revoked_at = valid_from WHERE revoked_at IS NULL";
            world.raw.execute_unprepared(earlier).await.unwrap();
            let first = world.person("甲", &[(Role::Admin, DISTRICT)]).await;
            let second = world.person("乙", &[(Role::Admin, DISTRICT)]).await;
            let (one, two) = (only_grant(&world, first.account).await, only_grant(&world, second.account).await);
            let (a, b) = futures_util::join!(revoke(&world, &first, &two), revoke(&world, &second, &one));
            let done = [&a, &b].into_iter().filter(|answer| {
                answer.error_codes().is_empty() && answer.user_error_codes("revokeRole").is_empty()
            });
            assert_eq!(done.count(), 1, "{:#} {:#}", a.json, b.json);
            let left = "SELECT count(*) FROM role_grant WHERE role = 'ADMIN' AND revoked_at IS NULL";
            assert_eq!(world.database.count(left).await, 1);
        }
    }
}
