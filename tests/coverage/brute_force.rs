//! Random histories: the figures and the names equal what looking at each person by hand gives.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, Duration, NaiveDate, Utc};
use entity::enums::{Role, VisitKind};
use entity::{care_enrolment, care_rule};
use nuanlin::ids;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::histories::{self, History, Moment, OUTCOMES, Rule};
use super::people::{
    Visit, at, coverage, died, elder, home_of, names, paused, set_enrolment, visited, wait_until,
    window,
};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{
    BUILDING, COMMUNITY, DISTRICT, GRID, OTHER_BUILDING, OTHER_GRID, Person, World,
};
use crate::visits::acts::again;

/// How many people of a random community.
const PEOPLE: usize = 24;
/// The last year that the calendar of coverage knows, and a round has one of its own.
const MOST_ROUNDS: usize = 70;

/// One of the two figures, judged by hand.
type Judge = fn(&History, &[Rule], (u64, u64)) -> Option<&'static str>;

/// February to April of one year.
struct Year<'a> {
    world: &'a World,
    staff: &'a Person,
    number: i32,
}

impl Year<'_> {
    fn on(&self, days: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.number, 2, 1).expect("a day") + Days::new(days)
    }

    fn instant(&self, (days, second): Moment) -> DateTime<Utc> {
        at(&format!("{}T00:00:00", self.on(days))) + Duration::seconds(second)
    }

    async fn rule(&self, rule: &Rule) {
        let (id, now) = (self.world.clock.new_id(), self.world.clock.now());
        let area = if rule.of_grid { GRID } else { COMMUNITY };
        care_rule::ActiveModel {
            id: Set(id),
            area_id: Set(self.world.area(area)),
            tier: Set(rule.tier),
            recurrence: Set("FREQ=MONTHLY;BYMONTHDAY=8".to_owned()),
            kind: Set(VisitKind::HomeVisit),
            kinds: Set(rule.kinds.iter().copied().collect()),
            methods: Set(rule.methods.iter().copied().collect()),
            days_before: Set(0),
            days_after: Set(0),
            from_minute: Set(None),
            to_minute: Set(None),
            from_on: Set(self.on(rule.begin)),
            to_on: Set(rule.end.map(|end| self.on(end))),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        }
        .insert(&self.world.raw)
        .await
        .expect("a rule");
    }

    async fn lives(&self, room: &str, history: &History) {
        let (world, staff) = (self.world, self.staff);
        let (here, there) = if history.other_grid {
            (OTHER_BUILDING, BUILDING)
        } else {
            (BUILDING, OTHER_BUILDING)
        };
        let person = elder(world, here, room, history.tier).await;
        let ended = history.ended.map(|day| self.on(day));
        set_enrolment(world, person, |row| row.to_on = Set(ended)).await;
        if let Some(day) = history.died {
            died(world, person, self.on(day)).await;
        }
        for (from, to) in &history.pauses {
            paused(world, person, self.on(*from), to.map(|to| self.on(to))).await;
        }
        for one in &history.visits {
            let visit = Visit {
                at: self.instant(one.at),
                kind: one.kind,
                method: one.method,
                outcome: one.outcome,
                status: one.status,
            };
            visited(world, staff, person, visit).await;
        }
        for one in &history.windows {
            let times = (self.instant(one.begin), self.instant(one.end));
            window(world, staff, person, times, one.status).await;
        }
        if let Some((day, household)) = history.moved {
            self.moves(person, (there, room), (day, household)).await;
        }
    }

    /// The person, or the household as a whole, moves to another building from a day on.
    async fn moves(
        &self,
        person: Uuid,
        (there, room): (&str, &str),
        (day, household): (u64, bool),
    ) {
        let world = self.world;
        let (mutation, who, to) = if household {
            let home = home_of(world, person).await;
            (
                "moveHousehold(input: {householdId: $who, areaId: $to, expectedVersion: 1, onDate: $on})",
                World::id::<ids::Household>(home),
                World::id::<ids::Area>(world.area(there)),
            )
        } else {
            let home = world.household(there, room).await;
            (
                "moveResident(input: {residentId: $who, householdId: $to, expectedVersion: 1, onDate: $on})",
                World::id::<ids::Resident>(person),
                World::id::<ids::Household>(home),
            )
        };
        let query = format!(
            "mutation($who: ID!, $to: ID!, $on: Date!) {{ done: {mutation} {{ userErrors {{ code }} }} }}"
        );
        let variables = json!({"who": who, "to": to, "on": self.on(day)});
        let answer = world.run(self.staff, &query, variables).await;
        answer.payload("done");
    }

    /// Nobody of this year is left for the next.
    async fn ends(&self) {
        let last = NaiveDate::from_ymd_opt(self.number, 6, 1).expect("a day");
        care_rule::Entity::delete_many()
            .exec(&self.world.raw)
            .await
            .expect("a deletion");
        care_enrolment::Entity::update_many()
            .col_expr(care_enrolment::Column::ToOn, Expr::value(last))
            .filter(care_enrolment::Column::ToOn.is_null())
            .exec(&self.world.raw)
            .await
            .expect("an end");
    }
}

/// Compares a figure with the people whom it should have.
fn compare(figure: &Value, missed: &Value, judged: &BTreeMap<String, &'static str>, message: &str) {
    for outcome in OUTCOMES {
        let count = judged.values().filter(|found| **found == outcome).count();
        assert_eq!(figure[outcome], json!(count), "{message} {outcome}");
    }
    assert_eq!(figure["roster"], json!(judged.len()), "{message}");
    let expected = judged.iter().filter(|(_, found)| **found == "missed");
    let expected: Vec<String> = expected.map(|(name, _)| name.clone()).collect();
    assert_eq!(names(missed), expected, "{message}");
}

on_both! {
    async fn figures_and_names_equal_brute_force(db: TestDatabase) {
        let world = World::new(db).await;
        let staff = world.person("王主任", &[(Role::CommunityStaff, COMMUNITY)]).await;
        let whole = world.person("赵主任", &[(Role::CommunityStaff, DISTRICT)]).await;
        for round in 0..rounds().min(MOST_ROUNDS) {
            let seed = [u8::try_from(round).expect("few") + 1; 32];
            let seed = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
            let mut runner = TestRunner::new_with_rng(Config::default(), seed);
            let year = 2026 + i32::try_from(round).expect("few");
            wait_until(&world, &format!("{year}-06-01T00:00:00"));
            let staff = again(&world, &staff, Role::CommunityStaff, COMMUNITY).await;
            // The whole tree is counted by another form of the statement than a part of it.
            let whole = again(&world, &whole, Role::CommunityStaff, DISTRICT).await;
            let place = Year { world: &world, staff: &staff, number: year };
            let rules = histories::rules().new_tree(&mut runner).expect("rules").current();
            for rule in &rules {
                place.rule(rule).await;
            }
            let mut people = BTreeMap::new();
            for number in 0..PEOPLE {
                let history = histories::history().new_tree(&mut runner).expect("a history").current();
                let room = format!("{year}{}", 10 + number);
                place.lives(&room, &history).await;
                people.insert(format!("李秀英{room}"), history);
            }
            for (month, days) in histories::months(year) {
                for (who, code, grid) in [
                    (&whole, DISTRICT, None),
                    (&staff, COMMUNITY, None),
                    (&staff, GRID, Some(false)),
                    (&staff, OTHER_GRID, Some(true)),
                ] {
                    let message = format!("round {round}, {month} in {code}");
                    let found = coverage(&world, who, code, &month).await;
                    let here: Vec<(&String, &History)> = people.iter().filter(|(_, history)| {
                        grid.is_none_or(|other| history.is_in_other_grid(days.1 - 1) == other)
                    }).collect();
                    let judged = |judge: Judge| {
                        let judged = here.iter().filter_map(|(name, history)| {
                            Some(((*name).clone(), judge(history, &rules, days)?))
                        });
                        judged.collect::<BTreeMap<_, _>>()
                    };
                    compare(&found["contactRate"], &found["missed"], &judged(History::contact), &message);
                    compare(&found["planCompletion"], &found["planMissed"], &judged(History::plan),
                        &format!("plan, {message}"));
                    let children = found["children"].as_array().unwrap();
                    let sum: u64 = children.iter().map(|child| child["contactRate"]["roster"].as_u64().unwrap()).sum();
                    assert_eq!(found["contactRate"]["roster"].as_u64(), Some(sum), "{message}: the areas below add up");
                }
            }
            place.ends().await;
        }
    }
}
