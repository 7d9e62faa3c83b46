//! What grows in a town's offices: certification, partners, wishes, service.

use chrono::{Duration, NaiveDate};
use entity::enums::{
    AttachmentKind, BeneficiaryCategory, CertificationChannel, CheckOutcome, CheckStatus, HandPart,
    HandStatus, Role, ServiceCategory, WishStatus,
};
use entity::{
    attachment, certification_check, certification_correction, certification_session, resident,
    service_correction, service_slot, wish, wish_hand,
};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, Iterable as _,
    QueryFilter as _, QueryOrder as _,
};

use super::town::{Town, key};
use crate::bookings::alliance;
use crate::policy::cast::PARTNER;
use crate::policy::certified::check;
use crate::policy::rows::home;
use crate::support::world::{COMMUNITY, GRID};

/// How many wishes of a kind the public board tells of.
const ENOUGH: usize = 5;

impl Town {
    /// A check of another category in the new grid, one to be planned, one to be made by the asker at home, a
    /// corrected one; somebody without a place in the session; a resident who could be a beneficiary; files.
    pub(super) async fn certification(&self) {
        let world = &self.world;
        let (now, round) = (
            world.clock.now(),
            self.key::<ids::CertificationRound>("round"),
        );
        let new = check(world, round, CheckStatus::Confirmed).await;
        let which = self.grown as usize;
        let category = BeneficiaryCategory::iter().nth(which);
        let channel = CertificationChannel::iter().nth(which);
        let grid = self.key::<ids::Area>("newgrid");
        let row = certification_check::ActiveModel {
            id: Set(new),
            area_id: Set(grid),
            grid_id: Set(grid),
            category: Set(category.expect("a category")),
            channel: Set(Some(channel.expect("a channel"))),
            ..Default::default()
        };
        row.update(&world.raw).await.expect("a change");
        check(world, round, CheckStatus::Pending).await;
        let alike = home(world).await;
        world.elder(alike, "赵玉兰", &[]).await;
        let row = certification_check::ActiveModel {
            id: Set(check(world, round, CheckStatus::Scheduled).await),
            channel: Set(Some(CertificationChannel::Home)),
            scheduled_for: Set(Some(now + Duration::hours(2))),
            assigned_to: Set(Some(self.me.account)),
            ..Default::default()
        };
        row.update(&world.raw).await.expect("a change");
        let row = certification_correction::ActiveModel {
            id: Set(world.clock.new_id()),
            check_id: Set(check(world, round, CheckStatus::Confirmed).await),
            account_id: Set(self.me.account),
            outcome: Set(Some(CheckOutcome::Alive)),
            holds_on: Set(None),
            reason: Set("误登".to_owned()),
            created_at: Set(now),
        };
        row.insert(&world.raw).await.expect("a correction");
        let session = self.key::<ids::CertificationSession>("session");
        let session = certification_session::Entity::find_by_id(session);
        let session = session
            .one(&world.raw)
            .await
            .expect("a query")
            .expect("a session");
        check(world, session.round_id, CheckStatus::Pending).await;
        for check in [new, self.key::<ids::CertificationCheck>("attached")] {
            let row = attachment::ActiveModel {
                id: Set(world.clock.new_id()),
                check_id: Set(Some(check)),
                wish_id: Set(None),
                kind: Set(AttachmentKind::Jpeg),
                bytes: Set(3),
                sha256: Set(format!("{:064}", self.grown)),
                object_name: Set(world.clock.new_id()),
                added_by: Set(self.me.account),
                after_returns: Set(0),
                created_at: Set(now),
            };
            row.insert(&world.raw).await.expect("an attachment");
        }
    }

    /// A partner for whom the asker acts; in the slot another booking; of the offer another series, the latest with
    /// more slots than those before.
    pub(super) async fn partners(&mut self) {
        let world = &self.world;
        let partner = alliance::partner(world, &self.me, &format!("合伙人{}", self.grown)).await;
        alliance::acts_for(world, &self.me, (partner, &self.me)).await;
        let slot = self.key::<ids::ServiceSlot>("slot");
        let staff = world
            .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
            .await;
        alliance::booked(world, &staff, slot, home(world).await).await;
        let ends = NaiveDate::from_ymd_opt(2026, 3, 2).expect("a day");
        let ends = ends + Duration::weeks(2 * i64::from(self.grown));
        let input = format!(
            "offerId: $offer, recurrence: \"FREQ=WEEKLY;BYDAY=SU\", startsOn: \"2026-03-02\",
            endsOn: \"{ends}\", beginMinute: {}, minutes: 30, capacity: 3",
            480 + 30 * self.grown
        );
        let everybody = self.cast.everybody();
        let worker = everybody[PARTNER].expect("a worker");
        let made = self
            .done(worker, "planSlotSeries", &input, "series { id }")
            .await;
        let series = made["series"]["id"].as_str().expect("an id").to_owned();
        // Every other week is left out by the change that is asked for; half of those slots are booked.
        let own = service_slot::Column::SeriesId.eq(key::<ids::SlotSeries>(&series));
        let slots = service_slot::Entity::find().filter(own);
        let slots = slots.order_by_desc(service_slot::Column::StartsAt);
        let slots = slots.all(&world.raw).await.expect("slots");
        let others = slots.into_iter().step_by(2);
        for slot in others.take(self.grown as usize / 2) {
            let mut row = slot.into_active_model();
            row.booked = Set(1);
            row.update(&world.raw).await.expect("a booked slot");
        }
        self.things.insert("series", series);
    }

    /// Minutes of the asker's for a wish in the new grid, and minutes taken from them; wishes that wait there.
    pub(super) async fn service(&self) {
        let world = &self.world;
        let (now, grid) = (world.clock.now(), self.key::<ids::Area>("newgrid"));
        let last = wish::Entity::find().order_by_desc(wish::Column::Id);
        let row = last
            .one(&world.raw)
            .await
            .expect("a query")
            .expect("a wish");
        let mut row = row.into_active_model();
        row.id = Set(world.clock.new_id());
        row.area_id = Set(grid);
        row.grid_id = Set(grid);
        row.category = Set(ServiceCategory::iter()
            .nth(self.grown as usize)
            .expect("a category"));
        row.status = Set(WishStatus::Closed);
        let wish = row.insert(&world.raw).await.expect("a wish");
        // Somebody of another age who has waited for another time.
        let which = self.grown as usize - 1;
        let elder = world.elder(wish.household_id, "李秀英", &[]).await;
        let row = resident::ActiveModel {
            id: Set(elder),
            born_on: Set(NaiveDate::from_ymd_opt(
                [1930, 1940, 1950, 1960][which],
                1,
                1,
            )),
            ..Default::default()
        };
        row.update(&world.raw).await.expect("a birthday");
        for _ in 0..ENOUGH {
            let mut row = wish.clone().into_active_model();
            row.id = Set(world.clock.new_id());
            row.resident_id = Set(Some(elder));
            row.status = Set(WishStatus::Open);
            row.created_at = Set(now - Duration::days([1, 5, 10, 40][which]));
            row.insert(&world.raw).await.expect("a wish");
        }
        let row = wish_hand::ActiveModel {
            id: Set(world.clock.new_id()),
            wish_id: Set(wish.id),
            account_id: Set(self.me.account),
            area_id: Set(wish.area_id),
            grid_id: Set(wish.grid_id),
            part: Set(HandPart::Doer),
            status: Set(HandStatus::Verified),
            starts_at: Set(Some(now - Duration::hours(1))),
            ends_at: Set(Some(now)),
            minutes: Set(Some(30)),
            verified_at: Set(Some(now)),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(&world.raw).await.expect("a hand");
        let row = service_correction::ActiveModel {
            id: Set(world.clock.new_id()),
            account_id: Set(self.me.account),
            area_id: Set(world.area(GRID)),
            minutes: Set(-5),
            counts_on: Set(world.clock.today(nuanlin::clock::SHANGHAI)),
            reason: Set("重复".to_owned()),
            recorded_by: Set(self.me.account),
            created_at: Set(now),
        };
        row.insert(&world.raw).await.expect("a correction");
    }
}
