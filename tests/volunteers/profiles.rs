//! Who sees and edits which part of a profile.

use entity::account;
use entity::enums::Role;
use nuanlin::ids;
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use crate::support::database::on_both;
use crate::support::graphql::UserError;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

const PROFILE: &str = "query($id: ID!) { volunteerProfile(accountId: $id) { name version gender idKind
    bornOn { visibility value } idNumber { visibility value } address { value } emergencyName { value }
    emergencyPhone { value } skills insurancePolicy insuranceUntilOn volunteerNumber
    trainings { id training minutes annulledAt annulReason } awards { id kind title annulledAt } } }";

async fn profile(world: &World, who: &Person, of: &Person) -> Value {
    let id = World::id::<ids::Account>(of.account);
    let answer = world.run(who, PROFILE, json!({"id": id})).await;
    answer.data("volunteerProfile").clone()
}

async fn call(world: &World, who: &Person, mutation: &str, input: Value) -> Value {
    let kind = format!("{}{}", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}Input!) {{ done: {mutation}(input: $input) {{
            volunteerProfile {{ version }} userErrors {{ field code }} }} }}"
    );
    let answer = world.run(who, &query, json!({"input": input})).await;
    let errors: Vec<UserError> = answer.user_errors("done");
    let errors: Vec<Value> = errors
        .iter()
        .map(|error| json!([error.code, error.field]))
        .collect();
    if errors.is_empty() {
        answer.data("done.volunteerProfile.version").clone()
    } else {
        json!(errors)
    }
}

fn id(person: &Person) -> String {
    World::id::<ids::Account>(person.account)
}

on_both! {
    async fn a_volunteer_writes_their_own_profile_and_the_lead_the_rest(db: TestDatabase) {
        let world = World::new(db).await;
        let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let mine = json!({"accountId": id(&volunteer), "expectedVersion": 0, "idNumber": "34119119 440506 0022",
            "address": "创业北路18号", "emergencyName": "刘芳", "emergencyPhone": "137 0000 1111", "skills": "急救"});
        assert_eq!(call(&world, &volunteer, "updateVolunteerProfile", mine.clone()).await, 1);
        let seen = profile(&world, &volunteer, &volunteer).await;
        assert_eq!(seen["idNumber"], json!({"visibility": "FULL", "value": "341191194405060022"}));
        assert_eq!(seen["bornOn"]["value"], "1944-05-06", "as the card says");
        assert_eq!((&seen["gender"], &seen["idKind"]), (&json!("FEMALE"), &json!("IDENTITY_CARD")));
        assert_eq!(seen["emergencyPhone"]["value"], "13700001111");
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'VolunteerProfile'").await, 0,
            "one's own profile is no look at another's data");

        assert_eq!(call(&world, &volunteer, "updateVolunteerProfile", mine).await,
            json!([["VERSION_CONFLICT", "expectedVersion"]]));
        let barred = json!({"accountId": id(&volunteer), "expectedVersion": 1, "insurancePolicy": "人保 1"});
        assert_eq!(call(&world, &volunteer, "updateVolunteerProfile", barred).await,
            json!([["NOT_PERMITTED", "insurancePolicy"]]));
        let rest = json!({"accountId": id(&volunteer), "expectedVersion": 1, "insurancePolicy": "人保 1",
            "insuranceUntilOn": "2026-12-31", "volunteerNumber": "341102000001", "joinedOn": "2024-05-01",
            "address": "创业北路18号", "idNumber": "341191********0022"});
        assert_eq!(call(&world, &lead, "updateVolunteerProfile", rest).await,
            json!([["ID_INVALID", "idNumber"]]), "masked otherwise than it is");
        let rest = json!({"accountId": id(&volunteer), "expectedVersion": 1, "insurancePolicy": "人保 1",
            "insuranceUntilOn": "2026-12-31", "volunteerNumber": "341102000001", "address": "创业北路18号"});
        assert_eq!(call(&world, &lead, "updateVolunteerProfile", rest).await, 2);
        let same = json!({"accountId": id(&volunteer), "expectedVersion": 2, "skills": "急救"});
        assert_eq!(call(&world, &lead, "updateVolunteerProfile", same).await, 2, "nothing changed");

        let seen = profile(&world, &lead, &volunteer).await;
        assert_eq!((&seen["insuranceUntilOn"], &seen["address"]["value"]), (&json!("2026-12-31"), &json!("创业北路18号")));
        assert_eq!(world.audited("updateVolunteerProfile", volunteer.account).await, 2);
        assert_eq!(world.changed(volunteer.account).await, 2);
        let read = "SELECT count(*) FROM audit_subject WHERE subject_kind = 'VolunteerProfile'";
        assert_eq!(world.count(read).await, 1, "the lead's look is in the audit");

        let other = world.person("吴强", &[(Role::Volunteer, GRID)]).await;
        let twin = json!({"accountId": id(&other), "expectedVersion": 0, "idNumber": "341191194405060022"});
        assert_eq!(call(&world, &other, "updateVolunteerProfile", twin).await, json!([["ID_NUMBER_TAKEN", "idNumber"]]));
        let born = json!({"accountId": id(&other), "expectedVersion": 0, "idNumber": "341191194405060022",
            "bornOn": "1950-01-01"});
        assert_eq!(call(&world, &other, "updateVolunteerProfile", born).await, json!([["BORN_ON_MISMATCH", "bornOn"]]));
        let passport = json!({"accountId": id(&other), "expectedVersion": 0, "idKind": "PASSPORT", "idNumber": "E123"});
        assert_eq!(call(&world, &other, "updateVolunteerProfile", passport).await, 1);
        let twin = json!({"accountId": id(&other), "expectedVersion": 1, "volunteerNumber": "341102000001"});
        assert_eq!(call(&world, &lead, "updateVolunteerProfile", twin).await,
            json!([["VOLUNTEER_NUMBER_TAKEN", "volunteerNumber"]]));
    }

    async fn a_profile_opens_to_those_alone_in_whose_area_its_volunteer_serves(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let beside = world.person("孙丽", &[(Role::GridLead, OTHER_GRID)]).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let center = world.person("陈静", &[(Role::CenterHousehold, BUILDING)]).await;
        let partner = world.person("超市", &[(Role::Partner, GRID)]).await;
        let list = "query($filter: VolunteerFilter) { volunteers(first: 10, filter: $filter) { totalCount
            edges { node { name trainings { training } } } } }";
        let names = async |who: &Person, filter: Value| -> Vec<String> {
            let answer = world.run(who, list, json!({"filter": filter})).await;
            let edges = answer.data("volunteers.edges").as_array().unwrap();
            assert_eq!(answer.data("volunteers.totalCount"), edges.len());
            let mut names: Vec<String> = edges.iter()
                .map(|edge| edge["node"]["name"].as_str().unwrap().to_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(names(&lead, json!({})).await, ["周建国", "陈静"], "no partner");
        assert_eq!(names(&beside, json!({})).await, ["孙丽"]);
        assert_eq!(names(&staff, json!({})).await, ["周建国", "孙丽", "赵敏", "陈静"]);
        assert_eq!(names(&staff, json!({"role": "CENTER_HOUSEHOLD"})).await, ["陈静"]);
        assert_eq!(names(&center, json!({})).await, [""; 0]);
        let insured = json!({"accountId": id(&center), "expectedVersion": 0, "insuranceUntilOn": "2026-03-31"});
        assert_eq!(call(&world, &lead, "updateVolunteerProfile", insured).await, 1);
        assert_eq!(names(&lead, json!({"uninsuredOn": "2026-03-31"})).await, ["周建国"]);
        assert_eq!(names(&lead, json!({"uninsuredOn": "2026-04-01"})).await, ["周建国", "陈静"]);

        assert_eq!(profile(&world, &center, &center).await["version"], 1, "their own");
        for (who, of) in [(&beside, &center), (&center, &lead), (&lead, &staff), (&staff, &partner)] {
            assert!(profile(&world, who, of).await.is_null());
        }
        assert!(!profile(&world, &partner, &partner).await.is_null(), "everybody their own");
        let own = "{ viewer { volunteerProfile { name version } } }";
        assert_eq!(world.run(&center, own, json!({})).await.data("viewer.volunteerProfile.name"), "陈静");

        let account = account::Entity::find_by_id(center.account).one(&world.raw).await.unwrap();
        assert_eq!(account.unwrap().name, "陈静");
        entity::role_grant::Entity::update_many()
            .col_expr(entity::role_grant::Column::RevokedAt, sea_orm::sea_query::Expr::value(world.clock.now()))
            .exec(&world.raw).await.unwrap();
        assert!(profile(&world, &lead, &center).await.is_null(), "serves no more");
    }

    async fn trainings_and_awards_are_annulled_and_stay(db: TestDatabase) {
        let world = World::new(db).await;
        let volunteer = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let beside = world.person("孙丽", &[(Role::GridLead, OTHER_GRID)]).await;
        let training = |account: &Person, minutes: i32, day: &str| json!({"accountId": id(account),
            "training": "急救", "minutes": minutes, "completedOn": day, "validUntilOn": "2028-03-01"});
        for (who, input, refused) in [
            (&beside, training(&volunteer, 120, "2026-03-01"), json!([["NOT_FOUND", "accountId"]])),
            (&lead, training(&lead, 120, "2026-03-01"), json!([["NOT_PERMITTED", "accountId"]])),
            (&lead, training(&volunteer, 0, "2026-03-01"), json!([["OUT_OF_RANGE", "minutes"]])),
            (&lead, training(&volunteer, 120, "2026-03-03"), json!([["OUT_OF_RANGE", "completedOn"]])),
        ] {
            assert_eq!(call(&world, who, "recordTraining", input).await, refused);
        }
        assert_eq!(world.count("SELECT count(*) FROM volunteer_training").await, 0);
        let mut once = training(&volunteer, 120, "2026-03-02");
        once["idempotencyKey"] = json!("0197a1c2-7f00-7000-8000-000000000001");
        for _ in 0..2 {
            assert_eq!(call(&world, &lead, "recordTraining", once.clone()).await, 0);
        }
        let award = json!({"accountId": id(&volunteer), "kind": "EVALUATION", "title": "2025年度优秀",
            "awardedOn": "2026-01-05"});
        assert_eq!(call(&world, &lead, "recordAward", award).await, 0);
        let seen = profile(&world, &volunteer, &volunteer).await;
        assert_eq!(seen["trainings"].as_array().unwrap().len(), 1, "repeated, one call");
        let input = json!({"trainingId": seen["trainings"][0]["id"], "reason": "同名他人"});
        assert_eq!(call(&world, &beside, "annulTraining", input.clone()).await, json!([["NOT_FOUND", "trainingId"]]));
        assert_eq!(call(&world, &lead, "annulTraining", input.clone()).await, 0);
        assert_eq!(call(&world, &lead, "annulTraining", input).await, json!([["ALREADY_ANNULLED", "trainingId"]]));
        let input = json!({"awardId": seen["awards"][0]["id"], "reason": "年份有误"});
        assert_eq!(call(&world, &lead, "annulAward", input).await, 0);
        let seen = profile(&world, &volunteer, &volunteer).await;
        assert_eq!((&seen["trainings"][0]["annulReason"], &seen["awards"][0]["kind"]),
            (&json!("同名他人"), &json!("EVALUATION")));
        assert!(!seen["awards"][0]["annulledAt"].is_null());
        for action in ["recordTraining", "annulTraining", "recordAward", "annulAward"] {
            assert_eq!(world.audited(action, volunteer.account).await, 1, "{action}");
        }
    }
}
