//! Who dies, is in hospital, moves or leaves gets no meal, and nobody tells the list.

use entity::enums::{Meal, Role};
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use super::kitchen::{
    batch, batch_id, cook, door_id, doors, fed, list, meal, put, served, text, tick,
};
use crate::coverage::people::{enrolment, wait_until};
use crate::findings::story::decide;
use crate::support::database::on_both;
use crate::support::world::{COMMUNITY, GRID, OTHER_BUILDING, Person, World};
use crate::visits::acts::{act, again};

/// What a list says of somebody who is on it: who they are there, and why they get no meal today.
async fn listed(world: &World, who: &Person, (list, elder): (&str, Uuid)) -> (String, Value) {
    let query = "query($id: ID!) { mealList(id: $id) { recipients { id residentId resting } } }";
    let shown = world.run(who, query, json!({"id": list})).await;
    let all = shown
        .data("mealList.recipients")
        .as_array()
        .expect("recipients");
    let id = World::id::<ids::Resident>(elder);
    let one = all.iter().find(|one| one["residentId"] == id.as_str());
    let one = one.expect("somebody on the list");
    (text(&one["id"]), one["resting"].clone())
}

async fn finding(world: &World, task: Uuid) -> String {
    use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
    let row = entity::finding::Entity::find()
        .filter(entity::finding::Column::VisitTaskId.eq(task))
        .one(&world.raw)
        .await
        .unwrap()
        .expect("a finding");
    World::id::<ids::Finding>(row.id)
}

on_both! {
    /// Lunch finds her in hospital. Confirmed, she gets no meal until it is taken back, and then dinner.
    async fn a_hospital_stay_rests_the_meals_and_its_undo_brings_them_back(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (list, _) = fed(&world, &lead, GRID, 2).await;
        let lunch = batch(&world, "2026-03-02", Meal::Lunch).await;
        let dinner = batch(&world, "2026-03-02", Meal::Dinner).await;
        for row in [&lunch, &dinner] {
            meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(row))).await.payload("claimMealBatch");
        }
        let at = doors(&world, &lunch).await;
        tick(&world, &volunteer, &lunch, &[(&at[0], "outcome: IN_HOSPITAL")]).await.payload("tickMealDoors");
        let found = finding(&world, at[0].id).await;
        decide(&world, &lead, "confirmFinding", &found, ", reviewOn: \"2026-03-20\"").await.payload("confirmFinding");
        let found_in = (list.as_str(), at[0].resident_id.unwrap());
        assert_eq!(listed(&world, &lead, found_in).await.1, "PAUSED");
        cook(&world).await;
        let rests = [
            "03-02 LUNCH CLAIMED: CLAIMED REPORTED",
            "03-02 DINNER CLAIMED: CANCELLED CLAIMED",
            "03-03 LUNCH OPEN: CANCELLED OPEN",
            "03-03 DINNER OPEN: CANCELLED OPEN",
        ];
        assert_eq!(served(&world).await, rests);
        wait_until(&world, "2026-03-02T11:00:00");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        decide(&world, &lead, "undoFinding", &found, ", reason: \"同名误记\"").await.payload("undoFinding");
        assert_eq!(listed(&world, &lead, found_in).await.1, Value::Null);
        cook(&world).await;
        let back = [
            "03-02 LUNCH CLAIMED: CLAIMED REPORTED",
            "03-02 DINNER CLAIMED: CLAIMED CLAIMED",
            "03-03 LUNCH OPEN: OPEN OPEN",
            "03-03 DINNER OPEN: OPEN OPEN",
        ];
        assert_eq!(served(&world).await, back, "the door is again with who holds the batch");
        assert_eq!(cook(&world).await, 0);
    }

    /// She is let go the same day: dinner is brought, although lunch was called off by the finding.
    async fn who_comes_home_gets_the_next_meal(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (_, elders) = fed(&world, &lead, GRID, 1).await;
        let lunch = batch(&world, "2026-03-02", Meal::Lunch).await;
        meal(&world, &volunteer, "claimMealBatch", &format!("mealBatchId: \"{}\"", batch_id(&lunch))).await.payload("claimMealBatch");
        let at = doors(&world, &lunch).await;
        tick(&world, &volunteer, &lunch, &[(&at[0], "outcome: IN_HOSPITAL")]).await.payload("tickMealDoors");
        let found = finding(&world, at[0].id).await;
        decide(&world, &lead, "confirmFinding", &found, ", reviewOn: \"2026-03-20\"").await.payload("confirmFinding");
        cook(&world).await;
        assert_eq!(served(&world).await[1], "03-02 DINNER CALLED_OFF: CANCELLED");
        let row = enrolment(&world, elders[0]).await;
        let resume = "mutation($id: ID!, $version: Int!) { resumeEnrolment(input: {enrolmentId: $id,
            expectedVersion: $version}) { userErrors { code } } }";
        let id = World::id::<ids::CareEnrolment>(row.id);
        world.run(&lead, resume, json!({"id": id, "version": row.version})).await.payload("resumeEnrolment");
        cook(&world).await;
        assert_eq!(served(&world).await[1..], [
            "03-02 DINNER OPEN: OPEN",
            "03-03 LUNCH OPEN: OPEN",
            "03-03 DINNER OPEN: OPEN",
        ]);
        // What a lead calls off by hand stays so.
        let dinner = batch(&world, "2026-03-02", Meal::Dinner).await;
        let door = door_id(&doors(&world, &dinner).await[0]);
        act(&world, &lead, &door, "cancelVisitTask", ", reason: \"女儿来做饭\"").await.payload("cancelVisitTask");
        cook(&world).await;
        assert_eq!(doors(&world, &dinner).await[0].cancel_reason.as_deref().map(|why| why.contains("女儿")), Some(true));
        assert!(served(&world).await[1].ends_with(": CANCELLED"));
    }

    /// A death ends the meals; a move within the list's area takes them along; one beyond it lets them rest.
    async fn deaths_and_moves_need_no_word_to_the_list(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let compound = list(&world, &staff, "341102006003.01").await;
        let (grid, elders) = fed(&world, &staff, GRID, 2).await;
        let (first, _) = listed(&world, &staff, (&grid, elders[0])).await;
        meal(&world, &staff, "removeMealRecipient", &format!("mealRecipientId: \"{first}\", reason: \"换食堂\"")).await.payload("removeMealRecipient");
        assert_eq!(put(&world, &staff, &compound, (&elders[..1], "[DINNER]")).await, [""]);

        let home = world.household(OTHER_BUILDING, "301").await;
        let relocate = "mutation($id: ID!, $home: ID!) { moveResident(input: {residentId: $id, expectedVersion: 1,
            householdId: $home}) { userErrors { code } } }";
        let home = World::id::<ids::Household>(home);
        for elder in &elders {
            let id = World::id::<ids::Resident>(*elder);
            world.run(&staff, relocate, json!({"id": id, "home": home})).await.payload("moveResident");
        }
        assert_eq!(listed(&world, &staff, (&compound, elders[0])).await.1, Value::Null);
        assert_eq!(listed(&world, &staff, (&grid, elders[1])).await.1, "ELSEWHERE");
        cook(&world).await;
        let there = format!("SELECT count(*) FROM visit_task t JOIN area a ON a.id = t.area_id
            WHERE t.status = 'OPEN' AND a.code = '{OTHER_BUILDING}'");
        assert_eq!(world.count(&there).await, 2, "today's and tomorrow's dinner of the compound's list");
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'OPEN'").await, 2);

        let died = "mutation($id: ID!) { recordDeath(input: {residentId: $id, expectedVersion: 2,
            diedOn: \"2026-03-02\", source: \"家属\"}) { userErrors { code } } }";
        let id = World::id::<ids::Resident>(elders[0]);
        world.run(&staff, died, json!({"id": id})).await.payload("recordDeath");
        assert_eq!(listed(&world, &staff, (&compound, elders[0])).await.1, "DECEASED");
        cook(&world).await;
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE status = 'OPEN'").await, 0);
        assert_eq!(world.count("SELECT count(*) FROM meal_batch WHERE status = 'OPEN'").await, 0);
    }
}
