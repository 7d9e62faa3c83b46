//! For whom an offer is meant, and that no refusal tells why.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstance;
use entity::enums::{CareTier, CareTiers};
use sea_orm::ActiveValue::Set;

use super::alliance::{Alliance, DECLINE, book, booked, code, for_home, slot, step};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, World};

/// Age, circumstance and tier that an offer asks for.
type Asks = (Option<i32>, Option<Circumstance>, Option<CareTier>);

on_both! {
    /// An elder of 81 who lives alone at key tier: booked for what asks for that, refused what asks for more.
    async fn conditions_are_kept(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[Circumstance::LivesAlone]).await;
        let cases: [(Asks, &str); 7] = [
            ((Some(81), None, None), ""),
            ((Some(82), None, None), "NOT_ELIGIBLE"),
            ((None, Some(Circumstance::LivesAlone), None), ""),
            ((None, Some(Circumstance::CareDependent), None), "NOT_ELIGIBLE"),
            ((None, None, Some(CareTier::Key)), ""),
            ((None, None, Some(CareTier::HighRisk)), "NOT_ELIGIBLE"),
            ((Some(60), Some(Circumstance::LivesAlone), Some(CareTier::Key)), ""),
        ];
        for ((age, circumstance, tier), expected) in cases {
            let offer = alliance.offer(&world, |offer| {
                offer.min_age = Set(age);
                offer.circumstances = Set(circumstance.into_iter().collect());
                offer.tiers = Set(tier.into_iter().collect::<CareTiers>());
            }).await;
            let slot = slot(&world, offer, 1, Duration::days(1)).await;
            let answer = book(&world, &alliance.lead, for_home(slot, home)).await;
            assert_eq!(code(&answer, "bookSlot"), expected, "{age:?} {circumstance:?} {tier:?}");
        }
    }

    /// She turns 82 on 6 May 2026: the day of the slot counts, in Shanghai.
    async fn the_day_of_the_slot_counts(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let home = world.household(BUILDING, "101").await;
        world.elder(home, "李秀英", &[]).await;
        let offer = alliance.offer(&world, |offer| offer.min_age = Set(Some(82))).await;
        // Nine in the morning of Monday 2 March; 64 days later it is 5 May, and from 15 hours on 6 May.
        let to_may = NaiveDate::from_ymd_opt(2026, 5, 5).unwrap() - NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        for (later, expected) in [(14, "NOT_ELIGIBLE"), (15, "")] {
            let slot = slot(&world, offer, 1, to_may + Duration::hours(later)).await;
            let answer = book(&world, &alliance.lead, for_home(slot, home)).await;
            assert_eq!(code(&answer, "bookSlot"), expected);
        }
    }

    /// A center household, who may not read circumstances, is refused in the same words whoever lives there.
    async fn a_refusal_tells_nothing_of_a_neighbour(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let special = world.household(BUILDING, "101").await;
        world.elder(special, "李秀英", &[Circumstance::SpecialFamily]).await;
        let other = world.household(BUILDING, "102").await;
        world.elder(other, "王桂珍", &[]).await;
        let offer = alliance.offer(&world, |offer| {
            offer.circumstances = Set([Circumstance::SpecialFamily].into_iter().collect());
        }).await;
        let slot = slot(&world, offer, 5, Duration::days(1)).await;
        let mut told = Vec::new();
        for home in [special, other] {
            let answer = book(&world, &alliance.center, for_home(slot, home)).await;
            assert_eq!(code(&answer, "bookSlot"), "ELIGIBILITY_BY_STAFF");
            told.push(answer.json);
        }
        assert_eq!(told[0], told[1]);
        let answer = book(&world, &alliance.lead, for_home(slot, other)).await;
        assert_eq!(code(&answer, "bookSlot"), "NOT_ELIGIBLE");
        book(&world, &alliance.lead, for_home(slot, special)).await.payload("bookSlot");
    }

    /// Where a household has one live booking of an offer, the second is refused until the first has ended.
    async fn one_booking_of_an_offer_where_it_says_so(db: TestDatabase) {
        let world = World::new(db).await;
        let alliance = Alliance::new(&world).await;
        let home = world.household(BUILDING, "101").await;
        let offer = alliance.offer(&world, |offer| offer.is_single = Set(true)).await;
        let first = slot(&world, offer, 1, Duration::days(1)).await;
        let second = slot(&world, offer, 1, Duration::days(2)).await;
        let booking = booked(&world, &alliance.lead, first, home).await;
        let answer = book(&world, &alliance.lead, for_home(second, home)).await;
        assert_eq!(code(&answer, "bookSlot"), "ALREADY_BOOKED");
        let cancel = ("declineBooking", booking, DECLINE);
        step(&world, &alliance.staff, cancel).await.payload("declineBooking");
        book(&world, &alliance.lead, for_home(second, home)).await.payload("bookSlot");
        assert_eq!(world.count("SELECT count(*) FROM wish").await, 2);
    }
}
