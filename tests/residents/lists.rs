//! Lists of residents: filters, orders, exact search.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::access::sealed::{Field, hash};
use nuanlin::ids;
use serde_json::{Value, json};

use super::{clerk, id_number};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::{
    BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World,
};

const LIST: &str = "query($first: Int, $after: String, $filter: ResidentFilter,
    $order: ResidentOrder! = ADDED) { residents(first: $first, after: $after, filter: $filter,
    orderBy: $order) { totalCount pageInfo { hasNextPage endCursor }
    edges { node { name { value } } } } }";

const ADD: &str = "mutation($input: AddResidentInput!) { addResident(input: $input) {
    resident { id } userErrors { field code } } }";

fn names(answer: &Answer) -> Vec<String> {
    let edges = answer.data("residents.edges").as_array().unwrap();
    let name = |edge: &Value| edge["node"]["name"]["value"].as_str().unwrap().to_owned();
    edges.iter().map(name).collect()
}

on_both! {
    async fn filters_orders_and_pages(db: TestDatabase) {
        let world = World::new(db).await;
        let (staff, lead) = (clerk(&world).await, world.person("周建国", &[(Role::GridLead, GRID)]).await);
        let home = world.household(BUILDING, "101").await;
        let other = world.household(OTHER_BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        // Ids of one millisecond are in no order.
        world.clock.advance(Duration::milliseconds(1));
        world.elder(other, "王桂珍", &[Circumstance::CareDependent, Circumstance::EmptyNest]).await;
        world.elder(world.household(FAR_BUILDING, "1").await, "赵玉兰", &[]).await;
        let home = World::id::<ids::Household>(home);
        for (name, born_on) in [("张大爷", json!("1930-01-02")), ("张小宝", Value::Null)] {
            world.clock.advance(Duration::milliseconds(1));
            let input = json!({"input": {"householdId": home, "name": name, "bornOn": born_on}});
            world.run(&staff, ADD, input).await.payload("addResident");
        }
        let everybody = ["李秀英", "王桂珍", "张大爷", "张小宝"];
        for (who, filter, expected) in [
            (&staff, json!({}), &everybody[..]),
            (&lead, json!({}), &["李秀英", "张大爷", "张小宝"]),
            (&staff, json!({"enrolled": true}), &["李秀英", "王桂珍"]),
            (&staff, json!({"enrolled": false}), &["张大爷", "张小宝"]),
            (&staff, json!({"tier": ["KEY", "HIGH_RISK"]}), &["李秀英", "王桂珍"]),
            (&staff, json!({"tier": ["GENERAL"]}), &[]),
            (&staff, json!({"enrolled": false, "tier": ["KEY"]}), &[]),
            (&staff, json!({"circumstance": ["EMPTY_NEST", "LEFT_BEHIND"]}), &["王桂珍"]),
            (&staff, json!({"areaId": World::id::<ids::Area>(world.area(OTHER_GRID))}), &["王桂珍"]),
        ] {
            let variables = json!({"first": 10, "filter": filter});
            let answer = world.run(who, LIST, variables).await;
            assert_eq!(names(&answer), expected, "{filter}");
            assert_eq!(answer.data("residents.totalCount"), expected.len());
        }
        let mut seen = Vec::new();
        let mut after = Value::Null;
        loop {
            let page = json!({"first": 1, "after": after, "order": "AGE"});
            let page = world.run(&staff, LIST, page).await;
            seen.extend(names(&page));
            after = page.data("residents.pageInfo.endCursor").clone();
            if page.data("residents.pageInfo.hasNextPage") == &json!(false) {
                break;
            }
        }
        assert_eq!(seen, ["张大爷", "李秀英", "王桂珍", "张小宝"]);
        let mixed = world.run(&staff, LIST, json!({"first": 1, "after": after})).await;
        assert_eq!(mixed.error_codes(), ["BAD_USER_INPUT"]);
    }

    async fn exact_search_by_phone_and_id_number(db: TestDatabase) {
        let world = World::new(db).await;
        let (staff, lead) = (clerk(&world).await, world.person("周建国", &[(Role::GridLead, GRID)]).await);
        let number = id_number("19500101", 12);
        for (building, name, phone) in [(BUILDING, "李秀英", "13812341234"), (OTHER_BUILDING, "王桂珍", "0550-3021234")] {
            let home = World::id::<ids::Household>(world.household(building, "101").await);
            let id_number = (name == "李秀英").then_some(&number);
            let input = json!({"householdId": home, "name": name, "phone": phone, "idNumber": id_number});
            world.run(&staff, ADD, json!({"input": input})).await.payload("addResident");
        }
        let find = async |who, filter: Value| world.run(who, LIST, json!({"first": 5, "filter": filter})).await;
        let phone = json!({"phone": "+86 138-1234-1234"});
        assert_eq!(names(&find(&lead, phone).await), ["李秀英"]);
        assert_eq!(names(&find(&staff, json!({"phone": "(0550)3021234"})).await), ["王桂珍"]);
        assert_eq!(names(&find(&lead, json!({"phone": "05503021234"})).await), [""; 0]);
        assert_eq!(names(&find(&staff, json!({"idNumber": number})).await), ["李秀英"]);
        assert_eq!(find(&lead, json!({"idNumber": number})).await.error_codes(), ["FORBIDDEN"]);
        // Staff in one grid, lead in the other: the number is searched where ID numbers may be read.
        let grants = [(Role::GridLead, GRID), (Role::CommunityStaff, OTHER_GRID)];
        let both = world.person("吴桂兰", &grants).await;
        assert_eq!(names(&find(&both, json!({"idNumber": number})).await), [""; 0]);
        let all = [(Role::GridLead, GRID), (Role::CommunityStaff, COMMUNITY)];
        let all = world.person("吴桂兰", &all).await;
        assert_eq!(names(&find(&all, json!({"idNumber": number})).await), ["李秀英"]);
        for filter in [json!({"phone": "12345"}), json!({"idNumber": "34119"}), json!({"areaId": "x"})] {
            assert_eq!(find(&staff, filter).await.error_codes(), ["BAD_USER_INPUT"]);
        }
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        assert_eq!(find(&volunteer, json!({})).await.error_codes(), ["FORBIDDEN"]);
        let stored = hash(&world.app().keys, Field::IdNumber, &number);
        let count = format!("SELECT count(*) FROM resident WHERE id_number_hash = '{stored}'");
        assert_eq!(world.database.count(&count).await, 1);
    }

    async fn a_page_costs_the_same_statements_whatever_its_size(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        for room in 0..12 {
            let home = world.household(BUILDING, &format!("{room}")).await;
            world.elder(home, "李秀英", &[]).await;
        }
        let query = "query($n: Int) { residents(first: $n) { edges { node { name { value }
            emergencyContacts { name { value } } enrolments { tier } household { room { value }
            lastVisit { kind } residents { name { value } household { room { value } } } } } } } }";
        let mut costs = Vec::new();
        for n in [1, 10] {
            let before = world.app().db.statements();
            world.run(&staff, query, json!({"n": n})).await.data("residents");
            costs.push(world.app().db.statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
    }
}
