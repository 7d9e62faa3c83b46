//! Adding and changing residents and whom to call about them.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::{clerk, id_number, traces, with};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, FAR_BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World};

const FIELDS: &str = "id version gender name { value } bornOn { value }
    idNumber { visibility masked value } phone { value } healthNotes { value } relation { value }
    household { room { value } } emergencyContacts { id version name { value } phone { value }
    relation { value } }";

fn add() -> String {
    format!(
        "mutation($input: AddResidentInput!) {{ addResident(input: $input) {{
        resident {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    )
}

fn update() -> String {
    format!(
        "mutation($input: UpdateResidentInput!) {{ updateResident(input: $input) {{
        resident {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    )
}

fn set_contacts() -> String {
    format!(
        "mutation($input: SetEmergencyContactsInput!) {{ setEmergencyContacts(input: $input) {{
        resident {{ {FIELDS} }} userErrors {{ field code message }} }} }}"
    )
}

on_both! {
    async fn a_resident_is_added_once_with_sealed_values(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = World::id::<ids::Household>(world.household(BUILDING, "101").await);
        let number = id_number("19440506", 2);
        let input = json!({"input": {"id": world.clock.new_id(), "householdId": home,
            "name": " 李秀英 ", "idNumber": number, "phone": "+86 138 1234 1234",
            "healthNotes": "听力不好", "relation": "户主", "idempotencyKey": world.clock.new_id()}});
        let added = world.run(&staff, &add(), input.clone()).await;
        let resident = added.payload("addResident")["resident"].clone();
        assert_eq!(resident["name"]["value"], "李秀英");
        assert_eq!(resident["gender"], "FEMALE");
        assert_eq!(resident["bornOn"]["value"], "1944-05-06");
        assert_eq!(resident["idNumber"]["value"], number);
        assert_eq!(resident["phone"]["value"], "13812341234");
        assert_eq!(resident["household"]["room"]["value"], "101");
        let before = traces(&world).await;
        assert_eq!(before, [1, 1, 1, 0, 0, 0, 1, 1, 1]);
        let stays = "SELECT count(*) FROM residence WHERE from_on = '2026-03-02' AND to_on IS NULL";
        assert_eq!(world.database.count(stays).await, 1);
        let plain = "SELECT count(*) FROM resident WHERE phone_sealed LIKE '%1234%'
            OR id_number_sealed LIKE '%19440506%' OR id_number_hash LIKE '%19440506%'";
        assert_eq!(world.database.count(plain).await, 0);

        let again = world.run(&staff, &add(), input.clone()).await;
        assert_eq!(again.payload("addResident")["resident"]["id"], resident["id"]);
        let other = json!({"input": with(input["input"].clone(), &json!({"name": "王桂珍"}))});
        let reused = world.run(&staff, &add(), other).await;
        assert_eq!(reused.user_error_codes("addResident"), ["IDEMPOTENCY_KEY_REUSED"]);
        let same = json!({"input": with(input["input"].clone(), &json!({"idempotencyKey": null}))});
        let same = world.run(&staff, &add(), same).await;
        assert_eq!(same.payload("addResident")["resident"]["id"], resident["id"]);
        assert_eq!(traces(&world).await, before);
    }

    async fn bad_input_leaves_everything_as_it_was(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let far = world.person("何平", &[(Role::GridLead, FAR_BUILDING)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        let home = World::id::<ids::Household>(home);
        let there = world.household(FAR_BUILDING, "101").await;
        let there = World::id::<ids::Household>(there);
        let taken = id_number("19600101", 3);
        let input = json!({"input": {"householdId": there, "name": "赵玉兰", "idNumber": taken}});
        world.run(&far, &add(), input).await.payload("addResident");
        let before = traces(&world).await;

        let number = id_number("19500101", 12);
        let wrong = format!("{}{}", &number[..17], if number.ends_with('0') { '1' } else { '0' });
        let bad = [
            (json!({"phone": "12345"}), "phone", "PHONE_INVALID"),
            (json!({"phone": "139****9999"}), "phone", "PHONE_INVALID"),
            (json!({"idNumber": wrong}), "idNumber", "ID_CHECKSUM"),
            (json!({"idNumber": "341191"}), "idNumber", "ID_INVALID"),
            (json!({"idNumber": number, "bornOn": "1950-01-02"}), "bornOn", "BORN_ON_MISMATCH"),
            (json!({"idNumber": number, "bornOn": "1950-01-01", "gender": "MALE"}), "gender", "GENDER_MISMATCH"),
            (json!({"idNumber": taken, "bornOn": null, "gender": null}), "idNumber", "ID_NUMBER_TAKEN"),
            (json!({"idNumber": null, "bornOn": "2026-03-03"}), "bornOn", "OUT_OF_RANGE"),
            (json!({"name": "  "}), "name", "REQUIRED"),
            (json!({"name": "李".repeat(41)}), "name", "TOO_LONG"),
            (json!({"healthNotes": "听".repeat(2001)}), "healthNotes", "TOO_LONG"),
        ];
        let key = world.clock.new_id();
        for (fields, field, code) in &bad {
            let new = json!({"householdId": home, "name": "张三", "idempotencyKey": key});
            let answer = world.run(&lead, &add(), json!({"input": with(new, fields)})).await;
            let errors = answer.user_errors("addResident");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(*field), *code));
            let edit = json!({"residentId": elder, "expectedVersion": 1, "idempotencyKey": key});
            // What stands in the ID number must agree when either is given.
            let fields = if *code == "ID_NUMBER_TAKEN" {
                with(fields.clone(), &json!({"bornOn": "1960-01-01", "gender": "MALE"}))
            } else {
                fields.clone()
            };
            let answer = world.run(&lead, &update(), json!({"input": with(edit, &fields)})).await;
            let errors = answer.user_errors("updateResident");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some(*field), *code));
            assert!(!answer.json.to_string().contains("赵玉兰"));
        }
        let answer = world.run(&lead, &update(), json!({"input": {"residentId": elder,
            "expectedVersion": 1, "name": null}})).await;
        assert_eq!(answer.user_error_codes("updateResident"), ["REQUIRED"]);
        for (id, code) in [(&home, "NOT_FOUND"), (&there, "NOT_FOUND")] {
            let input = json!({"input": {"householdId": id, "name": "张三", "phone": "13812341234"}});
            if *id != home {
                let answer = world.run(&lead, &add(), input).await;
                assert_eq!(answer.user_error_codes("addResident"), [code]);
            }
            let input = json!({"input": {"residentId": id, "expectedVersion": 1}});
            let answer = world.run(&lead, &update(), input).await;
            assert_eq!(answer.user_error_codes("updateResident"), [code]);
        }
        assert_eq!(traces(&world).await, before);
    }

    async fn only_what_is_given_changes_and_masks_change_nothing(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = World::id::<ids::Household>(world.household(BUILDING, "101").await);
        let number = id_number("19440506", 2);
        let input = json!({"input": {"householdId": home, "name": "李秀英", "idNumber": number,
            "phone": "13812341234", "healthNotes": "听力不好", "relation": "户主"}});
        let added = world.run(&staff, &add(), input).await;
        let resident = added.payload("addResident")["resident"].clone();
        let before = traces(&world).await;

        let seen = json!({"residentId": resident["id"], "expectedVersion": 1, "name": "李**",
            "phone": "138****1234", "idNumber": format!("341191***********{}", &number[17..]),
            "healthNotes": "听力不好", "bornOn": "1944-05-06"});
        let same = world.run(&lead, &update(), json!({"input": seen})).await;
        let shown = &same.payload("updateResident")["resident"];
        assert_eq!((&shown["version"], &shown["phone"]["value"]), (&json!(1), &json!("13812341234")));
        let written = json!({"residentId": resident["id"], "expectedVersion": 1,
            "phone": "138-1234-1234", "idNumber": number});
        world.run(&lead, &update(), json!({"input": written})).await.payload("updateResident");
        assert_eq!(traces(&world).await, before);

        let edit = json!({"input": {"residentId": resident["id"], "expectedVersion": 1,
            "phone": "0550-3021234", "relation": null, "healthNotes": "  "}});
        let edited = world.run(&lead, &update(), edit).await;
        let edited = &edited.payload("updateResident")["resident"];
        assert_eq!(edited["version"], 2);
        assert_eq!(edited["phone"]["value"], "0550-3021234");
        assert_eq!(edited["name"]["value"], "李秀英");
        assert_eq!((&edited["relation"]["value"], &edited["healthNotes"]["value"]), (&Value::Null, &Value::Null));
        let entries = "SELECT count(*) FROM audit_entry JOIN audit_detail ON entry_id = id
            WHERE action = 'updateResident' AND fields = 'phone,health_notes,relation'
            AND details_hash IS NOT NULL AND details_sealed NOT LIKE '%3021234%'";
        assert_eq!(world.database.count(entries).await, 1);
        let changes = "SELECT count(*) FROM change WHERE kind = 'RESIDENT'";
        assert_eq!(world.database.count(changes).await, 2);
    }

    async fn of_two_edits_one_wins_and_the_other_gets_what_is_there(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = clerk(&world).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        let edit = |fields: Value| json!({"input": with(
            json!({"residentId": elder, "expectedVersion": 1}), &fields)});
        let (query, other) = (update(), set_contacts());
        let (first, second, third) = tokio::join!(
            world.run(&staff, &query, edit(json!({"relation": "母亲"}))),
            world.run(&staff, &query, edit(json!({"relation": "奶奶"}))),
            world.run(&staff, &other, edit(json!({"contacts": []}))),
        );
        let mut refused = Vec::new();
        for (answer, mutation) in [(&first, "updateResident"), (&second, "updateResident"),
            (&third, "setEmergencyContacts")] {
            refused.extend(answer.user_error_codes(mutation));
            let shown = answer.data(mutation);
            assert_eq!(shown["resident"]["version"], 2, "{shown}");
        }
        assert_eq!(refused, ["VERSION_CONFLICT", "VERSION_CONFLICT"]);
        assert_eq!(traces(&world).await[7..], [1, 1]);
    }

    async fn who_may_not_edit_is_told_no_more_than_they_see(db: TestDatabase) {
        let world = World::new(db).await;
        let home = world.household(OTHER_BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        let edit = json!({"input": {"residentId": elder, "expectedVersion": 1, "relation": "母亲"}});
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let answer = world.run(&lead, &update(), edit.clone()).await;
        assert_eq!(answer.user_error_codes("updateResident"), ["NOT_FOUND"]);
        assert_eq!(answer.data("updateResident.resident"), &Value::Null);
        for (role, area) in [(Role::Volunteer, OTHER_GRID), (Role::Supervisor, OTHER_GRID)] {
            let who = world.person("陈静", &[(role, area)]).await;
            let answer = world.run(&who, &update(), edit.clone()).await;
            assert_eq!(answer.error_codes(), ["FORBIDDEN"]);
        }
        let answer = world.ask(None, &update(), edit).await;
        assert_eq!(answer.error_codes(), ["UNAUTHENTICATED"]);
    }

    async fn contacts_are_one_list_that_keeps_its_ids(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await);
        let other = World::id::<ids::Resident>(world.elder(home, "王桂珍", &[]).await);
        let set = async |resident: &str, version: i64, contacts: Value| {
            let input = json!({"residentId": resident, "expectedVersion": version, "contacts": contacts});
            world.run(&lead, &set_contacts(), json!({"input": input})).await
        };
        let shown = set(&elder, 1, json!([{"name": "王明", "phone": "13900002222"}])).await;
        let first = shown.payload("setEmergencyContacts")["resident"]["emergencyContacts"][0].clone();
        let both = json!([{"name": "王芳", "relation": "女儿"},
            {"id": first["id"], "name": "王明", "phone": "139****2222"}]);
        let shown = set(&elder, 2, both).await;
        let resident = shown.payload("setEmergencyContacts")["resident"].clone();
        let list = &resident["emergencyContacts"];
        assert_eq!((&list[0]["name"]["value"], &list[1]["name"]["value"]), (&json!("王芳"), &json!("王明")));
        assert_eq!(list[1]["id"], first["id"]);
        assert_eq!(list[1]["phone"]["value"], "13900002222");
        assert_eq!(resident["version"], 3);
        let before = traces(&world).await;
        let same = json!([{"id": list[0]["id"], "name": "王芳", "relation": "女儿"},
            {"id": list[1]["id"], "name": "王明", "phone": "13900002222"}]);
        let same = set(&elder, 3, same).await;
        assert_eq!(same.payload("setEmergencyContacts")["resident"]["version"], 3);
        let six: Vec<Value> = (0..6).map(|n| json!({"name": format!("王{n}")})).collect();
        for (contacts, code) in [
            (json!(six), "OUT_OF_RANGE"),
            (json!([{"name": "王明", "phone": "110110"}]), "PHONE_INVALID"),
            (json!([{"name": ""}]), "REQUIRED"),
            (json!([{"id": elder, "name": "王明"}]), "NOT_FOUND"),
            (json!([{"id": first["id"], "name": "甲"}, {"id": first["id"], "name": "乙"}]), "NOT_FOUND"),
        ] {
            let refused = set(&elder, 3, contacts).await;
            assert_eq!(refused.user_error_codes("setEmergencyContacts"), [code]);
        }
        // Nobody's contact moves to another resident.
        let foreign = set(&other, 1, json!([{"id": first["id"], "name": "王明"}])).await;
        assert_eq!(foreign.user_error_codes("setEmergencyContacts"), ["NOT_FOUND"]);
        assert_eq!(traces(&world).await, before);
    }
}
