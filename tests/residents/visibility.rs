//! What each role sees of one resident, field by field.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::clerk;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, Person, World};

const RESIDENT: &str = "
    fragment one on Resident {
        name { ...seen } bornOn { visibility masked value } idNumber { ...seen } phone { ...seen }
        healthNotes { ...seen } relation { ...seen } tier { visibility masked value }
        circumstances { visibility masked value } emergencyContacts { name { ...seen }
        phone { ...seen } } enrolment { tier circumstances } enrolments { tier }
        household { room { ...seen } } salutation ageBand }
    fragment seen on ProtectedString { visibility masked value }";

/// One line per field: what is seen of it.
fn matrix(resident: &Value) -> String {
    let contact = &resident["emergencyContacts"][0];
    let mut lines = Vec::new();
    for (name, field) in [
        ("name", &resident["name"]),
        ("bornOn", &resident["bornOn"]),
        ("idNumber", &resident["idNumber"]),
        ("phone", &resident["phone"]),
        ("healthNotes", &resident["healthNotes"]),
        ("relation", &resident["relation"]),
        ("tier", &resident["tier"]),
        ("circumstances", &resident["circumstances"]),
        ("contact name", &contact["name"]),
        ("contact phone", &contact["phone"]),
        ("room", &resident["household"]["room"]),
    ] {
        // Whoever may not see contacts is not told whether there are any.
        let visibility = field["visibility"].as_str().unwrap_or("NONE");
        let shown = match visibility {
            "FULL" => &field["value"],
            "MASKED" => &field["masked"],
            _ => &Value::Null,
        };
        let (masked, value) = (field["masked"].is_null(), field["value"].is_null());
        assert!(masked || visibility == "MASKED", "{name}: {field}");
        assert!(value || visibility == "FULL", "{name}: {field}");
        let shown = if name == "phone" { &Value::Null } else { shown };
        lines.push(format!("{name}: {visibility} {shown}"));
    }
    lines.push(format!("enrolment: {}", resident["enrolment"]));
    lines.push(format!("enrolments: {}", resident["enrolments"]));
    lines.push(format!(
        "{} {}",
        resident["salutation"], resident["ageBand"]
    ));
    lines.join("\n")
}

async fn through_task(world: &World, who: &Person, task: &str) -> Value {
    let query = format!(
        "query($id: ID!) {{ visitTask(id: $id) {{ household {{ residents {{ ...one }} }} }} }}
        {RESIDENT}"
    );
    let answer = world.run(who, &query, json!({"id": task})).await;
    answer.data("visitTask.household.residents.0").clone()
}

async fn by_id(world: &World, who: &Person, resident: &str) -> Value {
    let query = format!("query($id: ID!) {{ resident(id: $id) {{ ...one }} }} {RESIDENT}");
    let answer = world.run(who, &query, json!({"id": resident})).await;
    answer.data("resident").clone()
}

async fn act(world: &World, who: &Person, mutation: &str, task: &str) {
    let more = if mutation == "releaseVisitTask" {
        ", reason: \"有事\""
    } else {
        ""
    };
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{visitTaskId: $id{more}}}) {{
        userErrors {{ code }} }} }}"
    );
    world
        .run(who, &query, json!({"id": task}))
        .await
        .payload(mutation);
}

const STAFF: &str = r#"name: FULL "李秀英"
bornOn: FULL "1944-05-06"
idNumber: FULL "34119119440506002X"
phone: FULL null
healthNotes: FULL "听力不好"
relation: FULL "户主"
tier: FULL "KEY"
circumstances: FULL ["LIVES_ALONE","SPECIAL_FAMILY"]
contact name: FULL "王芳"
contact phone: FULL "13700001111"
room: FULL "101"
enrolment: {"circumstances":["LIVES_ALONE","SPECIAL_FAMILY"],"tier":"KEY"}
enrolments: [{"tier":"KEY"}]
"李奶奶" "80-84""#;

const CLAIMANT: &str = r#"name: FULL "李秀英"
bornOn: ABSENT null
idNumber: ABSENT null
phone: FULL null
healthNotes: FULL "听力不好"
relation: FULL "户主"
tier: ABSENT null
circumstances: FULL ["LIVES_ALONE"]
contact name: FULL "王芳"
contact phone: FULL "13700001111"
room: FULL "101"
enrolment: null
enrolments: null
"李奶奶" "80-84""#;

const PASSER: &str = r#"name: MASKED "李**"
bornOn: ABSENT null
idNumber: ABSENT null
phone: ABSENT null
healthNotes: ABSENT null
relation: ABSENT null
tier: ABSENT null
circumstances: ABSENT null
contact name: NONE null
contact phone: NONE null
room: ABSENT null
enrolment: null
enrolments: null
"李奶奶" "80-84""#;

on_both! {
    async fn the_matrix_of_roles_and_claims(db: TestDatabase) {
        let world = World::new(db).await;
        let (staff, lead) = (clerk(&world).await, world.person("周建国", &[(Role::GridLead, GRID)]).await);
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let center = world.person("孙玉梅", &[(Role::CenterHousehold, BUILDING)]).await;
        let supervisor = world.person("郑伟", &[(Role::Supervisor, COMMUNITY)]).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world
            .elder(home, "李秀英", &[Circumstance::LivesAlone, Circumstance::SpecialFamily])
            .await;
        let task = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        let elder = World::id::<ids::Resident>(elder);

        let of_lead = STAFF.replace(r#"FULL "34119119440506002X""#, r#"MASKED "341191***********X""#);
        assert_eq!(matrix(&by_id(&world, &staff, &elder).await), STAFF);
        assert_eq!(matrix(&by_id(&world, &lead, &elder).await), of_lead);
        assert_eq!(matrix(&through_task(&world, &lead, &task).await), of_lead);
        let nobody = PASSER
            .replace(r#"MASKED "李**""#, "ABSENT null")
            .replace(r#""李奶奶""#, "null");
        assert_eq!(matrix(&through_task(&world, &supervisor, &task).await), nobody);
        for who in [&volunteer, &center, &supervisor] {
            assert_eq!(by_id(&world, who, &elder).await, Value::Null);
        }

        // Before the claim, while it is live, after its release.
        assert_eq!(matrix(&through_task(&world, &volunteer, &task).await), PASSER);
        act(&world, &volunteer, "claimVisitTask", &task).await;
        assert_eq!(matrix(&through_task(&world, &volunteer, &task).await), CLAIMANT);
        assert_eq!(matrix(&through_task(&world, &center, &task).await), PASSER);
        act(&world, &volunteer, "releaseVisitTask", &task).await;
        assert_eq!(matrix(&through_task(&world, &volunteer, &task).await), PASSER);

        // Until the lease ends with the planned window.
        act(&world, &volunteer, "claimVisitTask", &task).await;
        act(&world, &volunteer, "startVisitTask", &task).await;
        world.clock.advance(Duration::days(2));
        let later = world
            .signed_in(volunteer.account, 1, vec![(Role::Volunteer, world.area(GRID))])
            .await;
        assert_eq!(matrix(&through_task(&world, &later, &task).await), PASSER);
    }

    async fn reading_in_full_leaves_one_entry_with_its_subjects(db: TestDatabase) {
        let world = World::new(db).await;
        let (near, far) = (clerk(&world).await, world.person("何平", &[(Role::CommunityStaff, "341102006004")]).await);
        let mut people = Vec::new();
        for building in [BUILDING, FAR_BUILDING] {
            let home = world.household(building, "101").await;
            people.push(World::id::<ids::Resident>(world.elder(home, "李秀英", &[]).await));
        }
        let list = "query List { residents(first: 10) { edges { node { id name { value } } } } }";
        let answer = world.run(&near, list, json!({})).await;
        assert_eq!(answer.data("residents.edges"), &json!([{"node":
            {"id": people[0], "name": {"value": "李秀英"}}}]));
        let reads = "SELECT count(*) FROM audit_entry WHERE action LIKE 'read%'";
        assert_eq!(world.database.count(reads).await, 1);
        assert_eq!(world.database.count("SELECT count(*) FROM audit_subject").await, 1);
        assert_eq!(by_id(&world, &far, &people[0]).await, Value::Null);
        assert_eq!(world.database.count(reads).await, 1);
    }
}
