//! Rows that this program can't read: the field fails, and nulls go up as far as they must
//! (GraphQL specification §6.4.4), while keys keep their order.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use sea_orm::ConnectionTrait as _;
use serde_json::{Value, json};

use super::clerk;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, GRID, Person, World};

/// Paths of the errors, and whether their text tells anything.
fn failures(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().expect("errors");
    let mut paths: Vec<String> = errors
        .iter()
        .map(|error| {
            assert_eq!(error["extensions"]["code"], "INTERNAL", "{error}");
            error["path"].to_string()
        })
        .collect();
    paths.sort();
    paths
}

/// The data of the answer as it is sent.
async fn sent(world: &World, who: &Person, query: &str, variables: Value) -> String {
    let (status, text) = world.sent(Some(who.token.clone()), query, variables).await;
    assert_eq!(status, 200);
    let (_, data) = text.split_once(r#""data":"#).expect("data");
    data.strip_suffix('}').expect("an object").to_owned()
}

async fn corrupt(world: &World, sql: &str) {
    world.raw.execute_unprepared(sql).await.expect(sql);
}

on_both! {
    async fn a_broken_seal_costs_its_nullable_field_only(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        corrupt(&world, "UPDATE resident SET phone_sealed = '1.AAAA'").await;
        let query = "query($id: ID!) { resident(id: $id) { relation { value } phone { value }
            name { value } idNumber { visibility } } }";
        let answer = world.run(&lead, query, json!({"id": elder})).await;
        assert_eq!(failures(&answer.json), [r#"["resident","phone"]"#]);
        let sent = sent(&world, &lead, query, json!({"id": elder})).await;
        assert_eq!(sent, r#"{"resident":{"relation":{"value":"户主"},"phone":null,"name":{"value":"李秀英"},"idNumber":{"visibility":"MASKED"}}}"#);

        // It can be set anew.
        let update = "mutation($id: ID!) { updateResident(input: {residentId: $id, expectedVersion: 1,
            phone: \"13812341234\"}) { resident { phone { value } } userErrors { code } } }";
        let repaired = world.run(&lead, update, json!({"id": elder})).await;
        assert_eq!(repaired.payload("updateResident")["resident"]["phone"]["value"], "13812341234");
    }

    async fn an_unknown_gender_costs_the_resident_where_it_is_not_null(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = world.household(BUILDING, "101").await;
        let broken = world.elder(home, "李秀英", &[]).await;
        // Ids of one millisecond are in no order.
        world.clock.advance(Duration::milliseconds(1));
        let other = world.household(BUILDING, "102").await;
        world.elder(other, "王桂珍", &[]).await;
        corrupt(&world, "UPDATE resident SET gender = 'ROBOT' WHERE name = '李秀英'").await;

        let query = "query($id: ID!) { resident(id: $id) { id gender } areas(first: 1) { totalCount } }";
        let id = World::id::<ids::Resident>(broken);
        let answer = world.run(&staff, query, json!({"id": id})).await;
        assert_eq!(failures(&answer.json), [r#"["resident","gender"]"#]);
        assert_eq!(answer.json["data"]["resident"], Value::Null);
        assert_eq!(answer.json["data"]["areas"]["totalCount"], 10);

        // A list of non-null items inside a nullable field: the whole field is null.
        let list = "{ before: __typename residents(first: 5) { edges { node { gender } } }
            households(first: 5) { edges { node { room { value } } } } after: __typename }";
        let answer = world.run(&staff, list, json!({})).await;
        assert_eq!(failures(&answer.json), [r#"["residents","edges",0,"node","gender"]"#]);
        let sent = sent(&world, &staff, list, json!({})).await;
        assert_eq!(sent, r#"{"before":"Query","residents":null,"households":{"edges":[{"node":{"room":{"value":"101"}}},{"node":{"room":{"value":"102"}}}]},"after":"Query"}"#);

        // Without the field, nothing is lost; the salutation does not need it.
        let list = "{ residents(first: 5) { edges { node { salutation name { value } } } } }";
        let answer = world.run(&staff, list, json!({})).await;
        assert_eq!(answer.data("residents.edges.0.node.salutation"), "李老人");
    }

    async fn an_unknown_tier_or_circumstance_costs_the_enrolment(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        corrupt(&world, "UPDATE care_enrolment SET tier = 'GOLD', circumstances = 64").await;
        let query = "query($id: ID!) { resident(id: $id) { tier { value } circumstances { value }
            enrolment { tier fromOn } name { value } enrolments { circumstances } } }";
        let answer = world.run(&staff, query, json!({"id": elder})).await;
        assert_eq!(failures(&answer.json), [r#"["resident","circumstances"]"#,
            r#"["resident","enrolment","tier"]"#, r#"["resident","enrolments",0,"circumstances"]"#,
            r#"["resident","tier"]"#]);
        let sent = sent(&world, &staff, query, json!({"id": elder})).await;
        assert_eq!(sent, r#"{"resident":{"tier":null,"circumstances":null,"enrolment":null,"name":{"value":"李秀英"},"enrolments":null}}"#);
    }
}
