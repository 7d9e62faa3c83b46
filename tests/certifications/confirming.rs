//! What whoever confirms has before their eyes, and what they must not overwrite unseen.

use chrono::Duration;
use entity::enums::Role;
use entity::resident;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _};
use serde_json::{Value, json};

use super::people::{Station, check_of, many, one, opened, photographed, registered, text};
use super::secrecy::matched;
use crate::attachments::{add, id_of, pdf, photo};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

const FAMILY: &str = ", category: MARTYR_FAMILY, phone: \"13900001111\", bornOn: \"1944-05-06\"";

/// Opens a round of martyrs' families with more of its input said; its id, or field and code of the refusal.
async fn begun(world: &World, who: &Person, more: &str) -> Result<String, (String, String)> {
    let query = format!(
        "mutation($area: ID!) {{ openCertificationRound(input: {{areaId: $area,
            categories: [MARTYR_FAMILY], closesOn: \"2026-03-31\" {more}}}) {{
            round {{ id confirmLevel }} userErrors {{ field code }} }} }}"
    );
    let area = json!({"area": World::id::<ids::Area>(world.area(COMMUNITY))});
    let answer = world.run(who, &query, area).await;
    let opened = answer.data("openCertificationRound");
    match opened["userErrors"].as_array().expect("errors").first() {
        Some(error) => Err((text(&error["field"]), text(&error["code"]))),
        None => Ok(text(&opened["round"]["id"])),
    }
}

/// Records a check, and the state or code of it.
async fn found(world: &World, who: &Person, check: &str, found: &str) -> String {
    many(world, who, "recordChecks", &[(check, found)])
        .await
        .remove(0)
}

async fn confirmed(world: &World, who: &Person, check: &str) -> String {
    many(world, who, "confirmChecks", &[(check, "")])
        .await
        .remove(0)
}

async fn sent(world: &World, who: &Person, check: &str, file: Vec<u8>) -> String {
    let id = ids::Id::<ids::CertificationCheck>::parse(check, "id").expect("a check's id");
    id_of(&add(world, who, id.uuid(), file).await)
}

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
    /// A scan proves a letter and nobody's face; who certified themselves in the app has its number.
    async fn each_channel_is_proved_in_its_way(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let channels = ["HOME", "SESSION", "APPOINTMENT", "VIDEO", "LETTER", "ONLINE"];
        for channel in channels {
            registered(&world, &xu, GRID, channel, FAMILY).await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        for channel in channels {
            let check = check_of(&world, &xu, &round, channel).await;
            let said = format!(", channel: {channel}, outcome: ALIVE, reference: \"2026-12\"");
            assert_eq!(found(&world, &xu, &check, &said).await, "CHECKED");
            let alone = if channel == "ONLINE" { "CONFIRMED" } else { "EVIDENCE_MISSING" };
            assert_eq!(confirmed(&world, &meng, &check).await, alone, "{channel}");
            if channel == "ONLINE" {
                continue;
            }
            sent(&world, &xu, &check, pdf(&[], "", "")).await;
            let by_scan = if channel == "LETTER" { "CONFIRMED" } else { "EVIDENCE_MISSING" };
            assert_eq!(confirmed(&world, &meng, &check).await, by_scan, "{channel}");
            if channel != "LETTER" {
                sent(&world, &xu, &check, photo(1)).await;
                assert_eq!(confirmed(&world, &meng, &check).await, "CONFIRMED", "{channel}");
            }
        }
    }

    /// The photo is blurred. What proves the second visit is added after it was asked for.
    async fn what_was_added_before_a_return_proves_nothing_since(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", FAMILY).await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let alive = ", channel: HOME, outcome: ALIVE";
        assert_eq!(found(&world, &xu, &check, alive).await, "CHECKED");
        let blurred = sent(&world, &xu, &check, photo(1)).await;
        let back = [(check.as_str(), ", remark: \"照片不清\"")];
        assert_eq!(one(&many(&world, &meng, "returnChecks", &back).await), "RETURNED");
        assert_eq!(found(&world, &xu, &check, alive).await, "CHECKED");
        assert_eq!(confirmed(&world, &meng, &check).await, "EVIDENCE_MISSING");
        let list = "query($id: ID!) { attachments(checkId: $id) { isCurrent addedBy } }";
        let listed = async || {
            let answer = world.run(&xu, list, json!({"id": check})).await;
            answer.data("attachments").clone()
        };
        assert_eq!(listed().await, json!([{"isCurrent": false, "addedBy": "许卫东"}]));
        // Whoever sends the same file again stands for it anew; the one who confirms does so for nobody.
        assert_eq!(sent(&world, &meng, &check, photo(1)).await, blurred);
        assert_eq!(listed().await, json!([{"isCurrent": true, "addedBy": "孟凡"}]));
        assert_eq!(confirmed(&world, &meng, &check).await, "EVIDENCE_MISSING");
        sent(&world, &xu, &check, photo(2)).await;
        assert_eq!(confirmed(&world, &meng, &check).await, "CONFIRMED");
        assert_eq!(world.audited("addAttachment", ids::Id::<ids::CertificationCheck>::parse(&check, "id").unwrap().uuid()).await, 3);
    }

    /// A community that confirms by itself; what the street checks is still confirmed at the street.
    async fn a_round_says_where_it_is_confirmed_and_never_below_who_checked(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, meng, luo } = Station::new(&world).await;
        let top = world.person("沈局", &[(Role::VeteransStaff, "341102")]).await;
        for name in ["赵一", "钱二", "孙三"] {
            registered(&world, &xu, GRID, name, FAMILY).await;
        }
        for level in ["GRID", "COMPOUND", "BUILDING"] {
            let refused = begun(&world, &xu, &format!(", year: 2026, confirmLevel: {level}")).await;
            assert_eq!(refused, Err(("confirmLevel".to_owned(), "OUT_OF_RANGE".to_owned())));
        }
        let round = begun(&world, &xu, ", year: 2026, confirmLevel: COMMUNITY").await.expect("a round");
        let (zhao, qian) = (check_of(&world, &xu, &round, "赵一").await, check_of(&world, &xu, &round, "钱二").await);
        let sun = check_of(&world, &xu, &round, "孙三").await;
        let alive = ", channel: HOME, outcome: ALIVE";
        for (who, check) in [(&xu, &zhao), (&meng, &qian)] {
            assert_eq!(found(&world, who, check, alive).await, "CHECKED");
            sent(&world, who, check, photo(1)).await;
        }
        assert_eq!(confirmed(&world, &xu, &zhao).await, "OWN_CHECK");
        assert_eq!(confirmed(&world, &he, &zhao).await, "CONFIRMED");
        assert_eq!(confirmed(&world, &he, &qian).await, "NOT_PERMITTED");
        assert_eq!(one(&many(&world, &he, "returnChecks", &[(&qian, ", remark: \"x\"")]).await), "NOT_PERMITTED");
        assert_eq!(one(&many(&world, &luo, "returnChecks", &[(&qian, ", remark: \"x\"")]).await), "RETURNED");
        // Checked anew by the community it is the community's to confirm.
        assert_eq!(found(&world, &xu, &qian, alive).await, "CHECKED");
        sent(&world, &xu, &qian, photo(2)).await;
        assert_eq!(confirmed(&world, &he, &qian).await, "CONFIRMED");
        // Settling stays with the street.
        let why = [(sun.as_str(), ", reason: \"境外居住\"")];
        assert_eq!(one(&many(&world, &he, "settleChecks", &why).await), "NOT_PERMITTED");
        assert_eq!(one(&many(&world, &luo, "settleChecks", &why).await), "SETTLED");

        let round = begun(&world, &xu, ", year: 2025, confirmLevel: DISTRICT").await.expect("a round");
        let check = check_of(&world, &xu, &round, "赵一").await;
        assert_eq!(found(&world, &xu, &check, alive).await, "CHECKED");
        sent(&world, &xu, &check, photo(1)).await;
        assert_eq!(confirmed(&world, &meng, &check).await, "NOT_PERMITTED");
        assert_eq!(confirmed(&world, &top, &check).await, "CONFIRMED");
        let usual = begun(&world, &xu, ", year: 2027").await.expect("a round");
        let query = "query($id: ID!) { certificationRound(id: $id) { confirmLevel } }";
        for (round, level) in [(round, "DISTRICT"), (usual, "STREET")] {
            let answer = world.run(&xu, query, json!({"id": round})).await;
            assert_eq!(answer.data("certificationRound.confirmLevel"), level);
        }
    }

    /// What was known last year is beside what is proposed now; health is written on the beneficiary alone.
    async fn last_year_stands_beside_and_health_is_written_when_confirmed(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "赵一", &[]).await;
        let person = registered(&world, &xu, GRID, "赵一", FAMILY).await;
        matched(&world, &xu, &person, elder).await;
        registered(&world, &xu, GRID, "钱二", FAMILY).await;
        let round = begun(&world, &xu, ", year: 2025").await.expect("a round");
        let (zhao, qian) = (check_of(&world, &xu, &round, "赵一").await, check_of(&world, &xu, &round, "钱二").await);
        let ill = ", channel: VIDEO, outcome: ALIVE, newHealthNotes: \"卧床\"";
        assert_eq!(found(&world, &xu, &zhao, ill).await, "CHECKED");
        sent(&world, &xu, &zhao, photo(1)).await;
        let query = "query($id: ID!) { beneficiary(id: $id) { healthNotes { value } } }";
        let health = async || {
            let answer = world.run(&xu, query, json!({"id": person})).await;
            answer.data("beneficiary.healthNotes.value").clone()
        };
        assert_eq!(health().await, Value::Null, "not yet");
        assert_eq!(confirmed(&world, &meng, &zhao).await, "CONFIRMED");
        assert_eq!(health().await, "卧床");
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let resident = json!({"id": World::id::<ids::Resident>(elder)});
        let resident = world.run(&lead, "query($id: ID!) { resident(id: $id) { version healthNotes { value } } }", resident).await;
        assert_eq!(*resident.data("resident"), json!({"version": 1, "healthNotes": {"value": "听力不好"}}));
        let why = [(qian.as_str(), ", reason: \"境外居住\"")];
        assert_eq!(one(&many(&world, &meng, "settleChecks", &why).await), "SETTLED");

        world.clock.advance(Duration::minutes(1));
        // One that was voided is no earlier round.
        let voided = begun(&world, &xu, ", year: 2026").await.expect("a round");
        let void = "mutation($id: ID!) { voidCertificationRound(input: {roundId: $id, reason: \"重复\"}) { userErrors { code } } }";
        world.run(&xu, void, json!({"id": voided})).await.payload("voidCertificationRound");
        world.clock.advance(Duration::minutes(1));
        let round = begun(&world, &xu, ", year: 2026").await.expect("a round");
        let query = "query($id: ID!) { certificationCheck(id: $id) { previous { checkId status channel checkedAt outcome
            settleReason } } }";
        for (name, expected) in [
            ("赵一", json!({"checkId": zhao, "status": "CONFIRMED", "channel": "VIDEO", "outcome": "ALIVE",
                "checkedAt": "2026-03-02T01:00:00.000Z", "settleReason": null})),
            ("钱二", json!({"checkId": qian, "status": "SETTLED", "channel": null, "outcome": null,
                "checkedAt": null, "settleReason": "境外居住"})),
        ] {
            let check = check_of(&world, &xu, &round, name).await;
            let answer = world.run(&meng, query, json!({"id": check})).await;
            assert_eq!(*answer.data("certificationCheck.previous"), expected);
        }
    }

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
