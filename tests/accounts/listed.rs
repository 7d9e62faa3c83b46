//! The accounts that those who answer for an area see.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::DISTRICT;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, Person, World};

const LIST: &str = "query($filter: AccountFilter, $first: Int, $after: String, $last: Int) {
    accounts(filter: $filter, first: $first, after: $after, last: $last) { totalCount
        pageInfo { hasNextPage hasPreviousPage endCursor }
        edges { node { name phone { visibility masked } grants { role area { code } } } } } }";

/// A person whose id comes after everybody's before: within a millisecond ids have no order.
async fn next(world: &World, name: &str, grants: &[(Role, &str)]) -> Person {
    world.clock.advance(Duration::milliseconds(1));
    world.person(name, grants).await
}

async fn names(world: &World, who: &Person, filter: Value) -> Vec<String> {
    let answer = world
        .run(who, LIST, json!({"first": 100, "filter": filter}))
        .await;
    let edges = answer.data("accounts.edges").as_array().unwrap();
    let names: Vec<String> = edges
        .iter()
        .map(|edge| edge["node"]["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(answer.data("accounts.totalCount"), names.len());
    names
}

on_both! {
    async fn a_lead_sees_who_holds_a_role_in_the_grid_down_to_its_buildings(db: TestDatabase) {
        let world = World::new(db).await;
        let admin = next(&world, "管理员", &[(Role::Admin, DISTRICT)]).await;
        let lead = next(&world, "周建国", &[(Role::GridLead, GRID)]).await;
        let center = next(&world, "陈静", &[(Role::CenterHousehold, BUILDING), (Role::Volunteer, OTHER_GRID)]).await;
        next(&world, "吴强", &[(Role::Volunteer, OTHER_GRID), (Role::Volunteer, GRID)]).await;
        let far = next(&world, "远方", &[(Role::Volunteer, FAR_BUILDING)]).await;
        let staff = next(&world, "孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;

        assert_eq!(names(&world, &lead, json!({})).await, ["周建国", "陈静", "吴强"]);
        assert_eq!(names(&world, &lead, json!({"role": "VOLUNTEER"})).await, ["吴强"]);
        assert_eq!(names(&world, &staff, json!({})).await, ["周建国", "陈静", "吴强", "孙丽"]);
        let below = json!({"areaId": World::id::<ids::Area>(world.area(BUILDING))});
        assert_eq!(names(&world, &staff, below).await, ["陈静"]);
        assert_eq!(names(&world, &admin, json!({})).await.len(), 6);
        assert_eq!(names(&world, &center, json!({})).await, [""; 0], "volunteers see no accounts");

        let one = "query($id: ID!) { account(id: $id) { name phone { visibility value } grants { area { code } } }
            node(id: $id) { id } }";
        let answer = world.run(&lead, one, json!({"id": World::id::<ids::Account>(center.account)})).await;
        assert_eq!(answer.data("account.grants"), &json!([{"area": {"code": BUILDING}}]), "only what lies in scope");
        assert_eq!(answer.data("account.phone.visibility"), "FULL");
        assert!(!answer.data("node.id").is_null());
        let answer = world.run(&lead, one, json!({"id": World::id::<ids::Account>(far.account)})).await;
        assert!(answer.data("account").is_null() && answer.data("node").is_null());
        let reads = "SELECT count(*) FROM audit_subject WHERE subject_kind = 'Account'";
        assert!(world.database.count(reads).await > 0, "numbers read in full are in the audit");
    }

    async fn pages_hold_each_account_once_in_a_constant_number_of_statements(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = next(&world, "孙丽", &[(Role::CommunityStaff, COMMUNITY)]).await;
        for n in 0..5 {
            next(&world, &format!("志愿者{n}"), &[(Role::Volunteer, GRID), (Role::Volunteer, OTHER_GRID)]).await;
        }
        let pages = "query($first: Int, $after: String) { accounts(first: $first, after: $after) {
            pageInfo { hasNextPage endCursor } edges { node { name grants { role } } } } }";
        let (mut after, mut seen) = (json!(null), Vec::new());
        for page in 0..3 {
            let before = world.app().db.statements();
            let answer = world.run(&staff, pages, json!({"first": 2, "after": after})).await;
            assert_eq!(world.app().db.statements() - before, 2);
            assert_eq!(answer.data("accounts.pageInfo.hasNextPage"), page < 2);
            after = answer.data("accounts.pageInfo.endCursor").clone();
            for edge in answer.data("accounts.edges").as_array().unwrap() {
                seen.push(edge["node"]["name"].as_str().unwrap().to_owned());
            }
        }
        assert_eq!(seen, ["孙丽", "志愿者0", "志愿者1", "志愿者2", "志愿者3", "志愿者4"]);
        let last = world.run(&staff, LIST, json!({"last": 2})).await;
        assert_eq!(last.data("accounts.edges.1.node.name"), "志愿者4");
        assert_eq!(last.data("accounts.pageInfo.hasPreviousPage"), true);
        let none = world.run(&staff, LIST, json!({})).await;
        assert_eq!(none.error_codes(), ["BAD_USER_INPUT"]);
    }
}
