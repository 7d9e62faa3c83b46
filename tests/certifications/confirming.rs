//! What whoever confirms has before their eyes, and what they must not overwrite unseen.

use chrono::Duration;
use entity::enums::Role;
use entity::resident;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde_json::{Value, json};

use super::people::{Station, check_of, many, one, opened, photographed, registered};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY, phone: \"13900001111\", bornOn: \"1944-05-06\"";

async fn confirm(world: &World, who: &Person, check: &str, versions: (i64, i64)) -> Value {
    let query = "mutation($checks: [ConfirmCheckInput!]!) { confirmChecks(input: {checks: $checks}) { results {
        check { status } userErrors { code } } userErrors { code } } }";
    let item =
        json!({"checkId": check, "expectedVersion": versions.0, "beneficiaryVersion": versions.1});
    let answer = world.run(who, query, json!({"checks": [item]})).await;
    let result = answer.payload("confirmChecks")["results"][0].clone();
    let code = &result["userErrors"][0]["code"];
    if code.is_null() {
        result["check"]["status"].clone()
    } else {
        code.clone()
    }
}

on_both! {
    /// Between check and confirmation the clerk corrects the number: it is not overwritten unseen.
    async fn a_number_changed_meanwhile_is_looked_at_first(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, meng, .. } = Station::new(&world).await;
        let id = registered(&world, &xu, GRID, "赵一", FAMILY).await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let found = ", channel: HOME, outcome: ALIVE, newPhone: \"13900002222\"";
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, found)]).await), "CHECKED");
        photographed(&world, &xu, &[&check]).await;
        let update = "mutation($id: ID!) { updateBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            details: {name: \"赵一\", category: MARTYR_FAMILY, phone: \"13900003333\"}}) {
            beneficiary { version } userErrors { field code } } }";
        let updated = world.run(&he, update, json!({"id": id})).await;
        assert_eq!(updated.payload("updateBeneficiary")["beneficiary"]["version"], 2);

        assert_eq!(confirm(&world, &meng, &check, (2, 1)).await, "VERSION_CONFLICT");
        let query = "query($id: ID!) { certificationCheck(id: $id) { version newPhone { value }
            attachments { kind addedBy } beneficiary { version phone { value } } } }";
        let seen = world.run(&meng, query, json!({"id": check})).await;
        assert_eq!(*seen.data("certificationCheck"), json!({"version": 2, "newPhone": {"value": "13900002222"},
            "attachments": [{"kind": "JPEG", "addedBy": "许卫东"}],
            "beneficiary": {"version": 2, "phone": {"value": "13900003333"}}}));
        assert_eq!(confirm(&world, &meng, &check, (1, 2)).await, "VERSION_CONFLICT");
        assert_eq!(confirm(&world, &meng, &check, (2, 2)).await, "CONFIRMED");
        assert_eq!(confirm(&world, &meng, &check, (2, 2)).await, "CONFIRMED", "a repeat is the same act");
        let seen = world.run(&meng, query, json!({"id": check})).await;
        assert_eq!(seen.data("certificationCheck.beneficiary.phone.value"), "13900002222");
    }

    /// The street does not see the resident's record, so it replaces no number that is newer than the check.
    async fn the_residents_newer_number_stays(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let mut residents = Vec::new();
        for (room, name) in [("101", "赵一"), ("102", "钱二")] {
            let home = world.household(BUILDING, room).await;
            let resident = world.elder(home, name, &[]).await;
            let id = registered(&world, &xu, GRID, name, FAMILY).await;
            let matched = "mutation($id: ID!, $resident: ID!) { matchBeneficiary(input: {beneficiaryId: $id,
                expectedVersion: 1, residentId: $resident}) { userErrors { code } } }";
            let input = json!({"id": id, "resident": World::id::<ids::Resident>(resident)});
            world.run(&xu, matched, input).await.payload("matchBeneficiary");
            residents.push(resident);
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        world.clock.advance(Duration::seconds(1));
        let mut checks = Vec::new();
        for (name, phone) in [("赵一", "13900004444"), ("钱二", "13900005555")] {
            let check = check_of(&world, &xu, &round, name).await;
            let found = format!(", channel: HOME, outcome: ALIVE, newPhone: \"{phone}\"");
            assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, &found)]).await), "CHECKED");
            photographed(&world, &xu, &[&check]).await;
            checks.push(check);
        }
        world.clock.advance(Duration::seconds(1));
        let row = resident::ActiveModel {
            id: Set(residents[1]),
            updated_at: Set(world.clock.now()),
            ..Default::default()
        };
        row.update(&world.raw).await.expect("a change");
        for check in &checks {
            assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(check, "")]).await), "CONFIRMED");
        }
        let before = resident::Entity::find_by_id(residents[1]).one(&world.raw).await.unwrap().unwrap();
        let query = "query($id: ID!) { resident(id: $id) { phone { value } } }";
        let shown = async |resident| {
            let id = World::id::<ids::Resident>(resident);
            let answer = world.run(&lead, query, json!({"id": id})).await;
            answer.data("resident.phone.value").clone()
        };
        assert_eq!(shown(residents[0]).await, "13900004444");
        assert_eq!(shown(residents[1]).await, format!("138{:08}", before.id.as_u128() % 100_000_000));
    }
}
