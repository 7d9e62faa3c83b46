//! Whose a batch is: races, limits, giving back and giving on.

use std::sync::Arc;

use entity::enums::{Meal, Role};
use futures_util::future::join_all;
use nuanlin::config::Settings;
use nuanlin::ids;
use serde_json::json;

use super::kitchen::{batch, batch_id, cook, doors, fed, meal, put, served, tick};
use crate::coverage::people::wait_until;
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};
use crate::visits::acts::{act, again};

/// How many people reach for the batch.
const HANDS: usize = 50;

async fn claim(world: &World, who: &Person, row: &entity::meal_batch::Model) -> String {
    let input = format!("mealBatchId: \"{}\"", batch_id(row));
    let answer = meal(world, who, "claimMealBatch", &input).await;
    answer.user_error_codes("claimMealBatch").join(",")
}

on_both! {
    /// Taking the state out of the batch's UPDATE lets a second claim through, and this fails.
    async fn of_fifty_claims_one_takes_the_batch_with_every_door(db: TestDatabase) {
        let world = Arc::new(World::new(db).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        fed(&world, &lead, GRID, 5).await;
        let row = batch(&world, "2026-03-03", Meal::Dinner).await;
        let mut people = Vec::with_capacity(HANDS);
        for n in 0..HANDS {
            people.push(world.person(&format!("志愿者{n}"), &[(Role::Volunteer, GRID)]).await);
        }
        for round in 0..rounds() {
            let claims = people.iter().cloned().map(|person| {
                let (world, row) = (Arc::clone(&world), row.clone());
                tokio::spawn(async move { claim(&world, &person, &row).await })
            });
            let outcomes: Vec<String> =
                join_all(claims).await.into_iter().map(|outcome| outcome.expect("no panic")).collect();
            let winners: Vec<usize> = (0..HANDS).filter(|n| outcomes[*n].is_empty()).collect();
            assert_eq!(winners.len(), 1, "{outcomes:?}");
            assert_eq!(outcomes.iter().filter(|codes| *codes == "ALREADY_CLAIMED").count(), HANDS - 1);
            let winner = &people[winners[0]];
            for door in doors(&world, &row).await {
                assert_eq!(door.claimed_by, Some(winner.account));
                assert_eq!(door.lease_until, Some(row.due_at));
            }
            assert_eq!(world.audited("claimMealBatch", row.id).await, u64::try_from(round + 1).unwrap());
            assert_eq!(claim(&world, winner, &row).await, "", "the holder's repeat is success");
            let back = meal(&world, winner, "releaseMealBatch", &format!("mealBatchId: \"{}\", reason: \"再来\"", batch_id(&row))).await;
            back.payload("releaseMealBatch");
        }
    }

    /// Twenty doors are one claim, of the limit and of the day.
    async fn a_batch_counts_as_one(db: TestDatabase) {
        let world = World::with(db, Settings { claim_limit: 2, claims_a_day: 3, ..Settings::default() }).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        fed(&world, &lead, GRID, 20).await;
        let lunch = batch(&world, "2026-03-02", Meal::Lunch).await;
        let dinner = batch(&world, "2026-03-02", Meal::Dinner).await;
        let tomorrow = batch(&world, "2026-03-03", Meal::Lunch).await;
        let home = world.household(BUILDING, "999").await;
        let single = World::id::<ids::VisitTask>(world.open_task(&lead, home).await);
        assert_eq!(claim(&world, &volunteer, &lunch).await, "");
        act(&world, &volunteer, &single, "claimVisitTask", "").await.payload("claimVisitTask");
        assert_eq!(claim(&world, &volunteer, &dinner).await, "CLAIM_LIMIT");
        act(&world, &volunteer, &single, "releaseVisitTask", ", reason: \"有事\"").await.payload("releaseVisitTask");
        assert_eq!(claim(&world, &volunteer, &dinner).await, "");
        let refused = act(&world, &volunteer, &single, "claimVisitTask", "").await;
        assert_eq!(refused.user_error_codes("claimVisitTask"), ["CLAIM_LIMIT"]);
        // Lunch is done; it was the third claim of the day.
        wait_until(&world, "2026-03-02T11:10:00");
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        let at = doors(&world, &lunch).await;
        let said: Vec<_> = at.iter().map(|door| (door, "outcome: SEEN_WELL")).collect();
        tick(&world, &volunteer, &lunch, &said).await.payload("tickMealDoors");
        assert_eq!(claim(&world, &volunteer, &tomorrow).await, "DAILY_CLAIM_LIMIT");
        assert_eq!(doors(&world, &tomorrow).await.iter().filter(|door| door.claimed_by.is_some()).count(), 0);
        wait_until(&world, "2026-03-03T00:00:00");
        let volunteer = again(&world, &volunteer, Role::Volunteer, GRID).await;
        assert_eq!(claim(&world, &volunteer, &tomorrow).await, "", "another day");
    }

    /// What is told stays told; the rest goes back, or to somebody else.
    async fn giving_back_and_giving_on_leave_what_was_told(db: TestDatabase) {
        let world = World::new(db).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let first = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let second = world.person("刘洋", &[(Role::Volunteer, GRID)]).await;
        let stranger = world.person("吴芳", &[(Role::Volunteer, OTHER_GRID)]).await;
        fed(&world, &lead, GRID, 3).await;
        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        let id = batch_id(&row);
        assert_eq!(claim(&world, &stranger, &row).await, "NOT_FOUND");
        assert_eq!(claim(&world, &first, &row).await, "");
        let at = doors(&world, &row).await;
        tick(&world, &first, &row, &[(&at[0], "outcome: SEEN_WELL")]).await.payload("tickMealDoors");
        let foreign = meal(&world, &second, "releaseMealBatch", &format!("mealBatchId: \"{id}\", reason: \"有事\"")).await;
        assert_eq!(foreign.user_error_codes("releaseMealBatch"), ["NOT_CLAIMED_BY_YOU"]);
        meal(&world, &first, "releaseMealBatch", &format!("mealBatchId: \"{id}\", reason: \"扭了脚\"")).await.payload("releaseMealBatch");
        assert_eq!(served(&world).await[0], "03-02 LUNCH OPEN: OPEN OPEN REPORTED");
        let refused = tick(&world, &first, &row, &[(&at[1], "attemptReason: NOT_AT_HOME")]).await;
        assert_eq!(refused.user_error_codes("tickMealDoors"), ["NOT_CLAIMED_BY_YOU"]);

        let to = |who: &Person| format!("mealBatchId: \"{id}\", accountId: \"{}\", reason: \"替班\"", World::id::<ids::Account>(who.account));
        let unfit = meal(&world, &lead, "reassignMealBatch", &to(&stranger)).await;
        let errors = unfit.user_errors("reassignMealBatch");
        assert_eq!((errors.len(), errors[0].code, errors[0].field), (1, "NOT_ASSIGNABLE", Some("accountId")));
        let not_a_lead = world.run(&second, &format!("mutation {{ reassignMealBatch(input: {{{}}}) {{ userErrors {{ code }} }} }}", to(&second)), json!({})).await;
        assert_eq!(not_a_lead.error_codes(), ["FORBIDDEN"]);
        meal(&world, &lead, "reassignMealBatch", &to(&second)).await.payload("reassignMealBatch");
        assert_eq!(served(&world).await[0], "03-02 LUNCH CLAIMED: CLAIMED CLAIMED REPORTED");
        let at = doors(&world, &row).await;
        assert_eq!(at.iter().filter(|door| door.claimed_by == Some(second.account)).count(), 2);
        assert_eq!(at.iter().filter(|door| door.claimed_by == Some(first.account)).count(), 1, "who was there stays named");
        let open = format!("mealBatchId: \"{id}\", reason: \"请假\"");
        meal(&world, &lead, "reassignMealBatch", &open).await.payload("reassignMealBatch");
        assert_eq!(served(&world).await[0], "03-02 LUNCH OPEN: OPEN OPEN REPORTED");
        wait_until(&world, "2026-03-02T12:30:00");
        let lead = again(&world, &lead, Role::GridLead, GRID).await;
        let late = meal(&world, &lead, "reassignMealBatch", &to(&second)).await;
        assert_eq!(late.user_error_codes("reassignMealBatch"), ["WINDOW_PASSED"]);
    }

    /// Who brings meals must have the training that the community asks for.
    async fn who_lacks_the_training_brings_no_meals(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("赵敏", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        fed(&world, &staff, GRID, 2).await;
        let set = "mutation($id: ID!) { setKindRequirement(input: {areaId: $id, kind: MEAL_DELIVERY,
            training: \"食品安全\"}) { userErrors { code } } }";
        let community = World::id::<ids::Area>(world.area(COMMUNITY));
        world.run(&staff, set, json!({"id": community})).await.payload("setKindRequirement");
        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        assert_eq!(claim(&world, &volunteer, &row).await, "TRAINING_MISSING");
        assert_eq!(served(&world).await[0], "03-02 LUNCH OPEN: OPEN OPEN");
        assert_eq!(world.count("SELECT count(*) FROM visit_claim").await, 0);
    }

    /// Somebody is put on the list, or the server looks, while the batch is claimed and given back: whoever
    /// holds it in the end holds every door of it, and where nobody does every door is open.
    async fn a_door_that_is_added_goes_with_its_batch(db: TestDatabase) {
        use crate::coverage::people::elder;
        let world = Arc::new(World::with(db, Settings { claims_a_day: 1_000_000, ..Settings::default() }).await);
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let (list, _) = fed(&world, &lead, GRID, 2).await;
        let row = batch(&world, "2026-03-02", Meal::Lunch).await;
        for round in 0..rounds() {
            let new = [elder(&world, BUILDING, &format!("n{round}"), entity::enums::CareTier::Key).await];
            let adding = put(&world, &lead, &list, (&new, "[LUNCH]"));
            let (claimed, added, _) = tokio::join!(claim(&world, &volunteer, &row), adding, cook(&world));
            assert_eq!((claimed.as_str(), added), ("", vec![String::new()]));
            for door in doors(&world, &row).await {
                assert_eq!(door.claimed_by, Some(volunteer.account), "round {round}");
            }
            let new = [elder(&world, BUILDING, &format!("m{round}"), entity::enums::CareTier::Key).await];
            let adding = put(&world, &lead, &list, (&new, "[LUNCH]"));
            let back = format!("mealBatchId: \"{}\", reason: \"再来\"", batch_id(&row));
            let (back, added, _) = tokio::join!(meal(&world, &volunteer, "releaseMealBatch", &back), adding, cook(&world));
            back.payload("releaseMealBatch");
            assert_eq!(added, [""]);
            assert_eq!(doors(&world, &row).await.iter().filter(|door| door.claimed_by.is_some()).count(), 0, "round {round}");
        }
    }
}
