//! Lives at random: whatever was paused, moved or set anew, and however often the server looked, the visits
//! still to be made are those that the rules ask for today.

use chrono::{DateTime, Datelike as _, Days, Duration, NaiveDate, Utc};
use entity::enums::CareTier;
use entity::resident;
use nuanlin::care_plans::generate::generate;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sea_orm::EntityTrait as _;
use uuid::Uuid;

use super::histories::{Office, Window, look, midnight, to_be_made};
use crate::coverage::people::{day, elder, wait_until};
use crate::support::database::on_both;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, GRID, OTHER_BUILDING, OTHER_GRID, World};

on_both! {
    /// Thirty days at random: the server looks on some of them, at any hour, twice at once.
    async fn whatever_happened_the_visits_are_those_that_today_asks_for(db: TestDatabase) {
        let world = World::new(db).await;
        let seeds = rounds().min(12);
        let mut lives = Vec::new();
        for seed in 0..seeds {
            for person in 0..2 {
                let life = Life::random(u8::try_from(seed * 2 + person).unwrap());
                let room = format!("{seed}{person:02}");
                let elder = elder(&world, BUILDING, &room, CareTier::HighRisk).await;
                let row = resident::Entity::find_by_id(elder).one(&world.raw).await.unwrap().expect("a person");
                let other = world.household(OTHER_BUILDING, &room).await;
                lives.push(Lived { life, elder, homes: [row.household_id, other], moved: 0, pauses: Vec::new() });
            }
        }
        let office = Office::of(&world).await;
        let first = day("2026-03-02");
        let mut rules = [vec![(first, 0, 6)], vec![(first, 1, 2)]];
        office.rule(GRID, "MO", 6).await;
        office.rule(OTHER_GRID, "TU", 2).await;
        for today in 0..DAYS {
            let date = first + Days::new(today);
            if today > 0 {
                wait_until(&world, &format!("{date}T01:00:00"));
            }
            if today % 7 == 3 {
                // The rule of the first grid changes every Thursday, to and fro.
                let (weekday, byday, after) = if today % 14 == 3 { (2, "WE", 3) } else { (0, "MO", 6) };
                office.rule(GRID, byday, after).await;
                rules[0].push((date, weekday, after));
            }
            for lived in &mut lives {
                lived.live(&office, today, date).await;
            }
            let looks = lives.iter().filter(|lived| lived.life.looks[usize::try_from(today).unwrap()]).count();
            if looks > 0 {
                world.clock.advance(Duration::hours(i64::try_from(looks).unwrap() % 20));
                let app = world.app();
                let (one, other) = tokio::join!(generate(app), generate(app));
                assert!(one.is_ok() && other.is_ok());
            }
        }
        let today = first + Days::new(DAYS);
        wait_until(&world, &format!("{today}T09:00:00"));
        look(&world).await;
        for (number, lived) in lives.iter().enumerate() {
            let asked = lived.asked(&rules[lived.moved % 2], (today, world.clock.now()));
            assert_eq!(to_be_made(&world, lived.elder).await, asked, "life {number}: {:?} {:?}", lived.life, lived.pauses);
        }
        let twice = "SELECT count(*) FROM (SELECT resident_id, starts_at, due_at FROM visit_task
            WHERE status = 'OPEN' GROUP BY resident_id, starts_at, due_at HAVING count(*) > 1) AS twice";
        assert_eq!(world.count(twice).await, 0);
        assert_eq!(world.count("SELECT count(*) FROM visit_task WHERE grid_id NOT IN
            (SELECT grid_id FROM resident WHERE id = visit_task.resident_id) AND status = 'OPEN'").await, 0);
    }
}

/// How many days a random life lasts.
const DAYS: u64 = 30;

/// What happens to somebody on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Nothing,
    /// A pause begins, or the one that runs ends.
    Rest(u64),
    Move,
}

#[derive(Clone, Debug)]
struct Life {
    events: Vec<Event>,
    looks: Vec<bool>,
}

impl Life {
    fn random(seed: u8) -> Self {
        let event = prop_oneof![
            8 => Just(Event::Nothing),
            2 => (1..12_u64).prop_map(Event::Rest),
            1 => Just(Event::Move),
        ];
        let length = usize::try_from(DAYS).unwrap();
        let life = (
            prop::collection::vec(event, length),
            prop::collection::vec(prop::bool::weighted(0.3), length),
        );
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
        let mut runner = TestRunner::new_with_rng(Config::default(), rng);
        let (events, looks) = life.new_tree(&mut runner).unwrap().current();
        Self { events, looks }
    }
}

/// From when to when somebody's visits rested, and when that was to be looked at.
type Pause = (NaiveDate, Option<NaiveDate>, NaiveDate);

struct Lived {
    life: Life,
    elder: Uuid,
    homes: [Uuid; 2],
    moved: usize,
    pauses: Vec<Pause>,
}

impl Lived {
    async fn live(&mut self, office: &Office<'_>, today: u64, date: NaiveDate) {
        match self.life.events[usize::try_from(today).unwrap()] {
            Event::Nothing => {}
            Event::Move => {
                self.moved += 1;
                office.move_to(self.elder, self.homes[self.moved % 2]).await;
            }
            Event::Rest(review) => {
                if let Some((_, to @ None, _)) = self.pauses.last_mut() {
                    *to = Some(date);
                    office.resume(self.elder).await;
                } else {
                    let review_on = date + Days::new(review);
                    self.pauses.push((date, None, review_on));
                    office.pause(self.elder, review_on).await;
                }
            }
        }
    }

    /// By hand: the windows that are not over of the due days of the next week, each by the rule of its
    /// day, as far as no pause took more than half of them.
    fn asked(
        &self,
        rules: &[(NaiveDate, u32, u64)],
        (today, now): (NaiveDate, DateTime<Utc>),
    ) -> Vec<Window> {
        if let Some((_, None, review_on)) = self.pauses.last() {
            let since = (today - *review_on).num_days();
            let first = *review_on + Duration::days(since - since.rem_euclid(7));
            let window = (midnight(first), midnight(first + Days::new(4)));
            return if since >= 0 && window.1 > now {
                vec![window]
            } else {
                Vec::new()
            };
        }
        let mut windows = Vec::new();
        for ahead in -7..=7 {
            let due_on = today + Duration::days(ahead);
            let Some((_, weekday, after)) = rules.iter().rfind(|(from, ..)| *from <= due_on) else {
                continue;
            };
            let last = due_on + Days::new(*after);
            if due_on.weekday().num_days_from_monday() != *weekday || last < today {
                continue;
            }
            let (mut starts_at, due_at) = (midnight(due_on), midnight(last + Days::new(1)));
            let planned_on = due_on - Days::new(7);
            let mut pauses = self.pauses.iter().rev();
            let rested =
                pauses.find(|(from, to, _)| *from <= last && to.is_some_and(|to| to >= planned_on));
            if let Some((_, Some(to), _)) = rested {
                let left = (last - (*to).max(due_on)).num_days() + 1;
                if left * 2 < (last - due_on).num_days() + 1 {
                    continue;
                }
                starts_at = starts_at.max(midnight(*to));
            }
            windows.push((starts_at, due_at));
        }
        windows
    }
}
