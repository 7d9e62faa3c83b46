//! An alliance that cleans air conditioners, its slots, and who books them.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstances;
use entity::enums::{CareTiers, OfferStatus, PartnerStatus, Role, ServiceCategory, SlotStatus};
use entity::{
    booking, offer_area, partner, partner_area, partner_member, service_offer, service_slot, wish,
};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// 周百通公益服务联盟 with its worker, and the people of 创业北路社区.
pub struct Alliance {
    pub staff: Person,
    pub lead: Person,
    pub center: Person,
    pub worker: Person,
    pub partner: Uuid,
    /// 空调清洗: needs nobody's confirmation, and a household books it as often as it likes.
    pub offer: Uuid,
}

impl Alliance {
    pub async fn new(world: &World) -> Self {
        let staff = world
            .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
            .await;
        let partner = partner(world, &staff, "周百通公益服务联盟").await;
        let worker = world.person("周百通", &[(Role::Partner, COMMUNITY)]).await;
        acts_for(world, &staff, (partner, &worker)).await;
        Self {
            lead: world.person("周建国", &[(Role::GridLead, GRID)]).await,
            center: world
                .person("陈桂芳", &[(Role::CenterHousehold, BUILDING)])
                .await,
            worker,
            partner,
            offer: offer(world, &staff, partner, |_| {}).await,
            staff,
        }
    }

    /// Lets time pass, after which everybody signs in again.
    pub async fn wait(&mut self, world: &World, by: Duration) {
        world.clock.advance(by);
        for (who, role, area) in [
            (&mut self.staff, Role::CommunityStaff, COMMUNITY),
            (&mut self.lead, Role::GridLead, GRID),
            (&mut self.center, Role::CenterHousehold, BUILDING),
            (&mut self.worker, Role::Partner, COMMUNITY),
        ] {
            let grants = vec![(role, world.area(area))];
            *who = world.signed_in(who.account, 1, grants).await;
        }
    }

    /// A slot of the alliance's offer tomorrow.
    pub async fn slot(&self, world: &World, capacity: i32) -> Uuid {
        slot(world, self.offer, capacity, Duration::days(1)).await
    }

    /// Another offer of the alliance.
    pub async fn offer(
        &self,
        world: &World,
        change: impl FnOnce(&mut service_offer::ActiveModel),
    ) -> Uuid {
        offer(world, &self.staff, self.partner, change).await
    }
}

/// A partner of the community, to whom it is opened.
pub async fn partner(world: &World, staff: &Person, name: &str) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let row = partner::ActiveModel {
        id: Set(id),
        area_id: Set(world.area(COMMUNITY)),
        name: Set(name.to_owned()),
        status: Set(PartnerStatus::Active),
        created_by: Set(staff.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a partner");
    let opened = partner_area::ActiveModel {
        partner_id: Set(id),
        area_id: Set(world.area(COMMUNITY)),
        opened_by: Set(staff.account),
        created_at: Set(now),
        ..Default::default()
    };
    opened.insert(&world.raw).await.expect("an area");
    id
}

/// Lets somebody act for a partner.
pub async fn acts_for(world: &World, staff: &Person, (partner, who): (Uuid, &Person)) {
    let row = partner_member::ActiveModel {
        partner_id: Set(partner),
        account_id: Set(who.account),
        added_by: Set(staff.account),
        created_at: Set(world.clock.now()),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a member");
}

/// A published offer for the whole community: an hour to accept a place, a day's notice to cancel.
pub async fn offer(
    world: &World,
    staff: &Person,
    partner: Uuid,
    change: impl FnOnce(&mut service_offer::ActiveModel),
) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let mut row = service_offer::ActiveModel {
        id: Set(id),
        partner_id: Set(partner),
        area_id: Set(world.area(COMMUNITY)),
        // A partner has each title once.
        title: Set(format!("空调清洗 {id}")),
        category: Set(ServiceCategory::ApplianceCleaning),
        price_fen: Set(0),
        circumstances: Set(Circumstances::default()),
        tiers: Set(CareTiers::default()),
        minutes: Set(60),
        hands: Set(1),
        needs_confirmation: Set(false),
        is_single: Set(false),
        cutoff_minutes: Set(720),
        confirm_minutes: Set(60),
        valid_from_on: Set(NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day")),
        status: Set(OfferStatus::Published),
        published_by: Set(Some(staff.account)),
        published_at: Set(Some(now)),
        created_by: Set(staff.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    change(&mut row);
    row.insert(&world.raw).await.expect("an offer");
    let place = offer_area::ActiveModel {
        offer_id: Set(id),
        area_id: Set(world.area(COMMUNITY)),
    };
    place.insert(&world.raw).await.expect("an area");
    id
}

/// A slot of two hours that begins in a while.
pub async fn slot(world: &World, offer: Uuid, capacity: i32, begins_in: Duration) -> Uuid {
    let (id, now) = (world.clock.new_id(), world.clock.now());
    let of = service_offer::Entity::find_by_id(offer)
        .one(&world.raw)
        .await
        .expect("a query")
        .expect("an offer");
    let row = service_slot::ActiveModel {
        id: Set(id),
        offer_id: Set(offer),
        partner_id: Set(of.partner_id),
        area_id: Set(of.area_id),
        starts_at: Set(now + begins_in),
        ends_at: Set(now + begins_in + Duration::hours(2)),
        capacity: Set(capacity),
        booked: Set(0),
        waiting: Set(0),
        last_ticket: Set(0),
        status: Set(SlotStatus::Open),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    row.insert(&world.raw).await.expect("a slot");
    id
}

/// A household of a building with somebody of 81 who lives alone.
pub async fn home(world: &World, building: &str, room: &str) -> Uuid {
    let home = world.household(building, room).await;
    let alone = [entity::circumstances::Circumstance::LivesAlone];
    world.elder(home, "李秀英", &alone).await;
    home
}

/// As many households of the first building.
pub async fn homes(world: &World, count: usize) -> Vec<Uuid> {
    let mut homes = Vec::with_capacity(count);
    for n in 0..count {
        homes.push(world.household(BUILDING, &format!("{}", 1000 + n)).await);
    }
    homes
}

const BOOK: &str = "mutation($input: BookSlotInput!) { bookSlot(input: $input) {
    booking { id status ticket placeInQueue version } userErrors { field code } } }";

/// What a booking says.
pub fn for_home(slot: Uuid, home: Uuid) -> Value {
    json!({
        "slotId": World::id::<ids::ServiceSlot>(slot),
        "householdId": World::id::<ids::Household>(home),
        "how": "PHONE",
    })
}

/// Books; `input` as [`for_home`] has it.
pub async fn book(world: &World, who: &Person, input: Value) -> Answer {
    world.run(who, BOOK, json!({"input": input})).await
}

/// Books a slot for a household, which nothing refuses; the booking's key.
pub async fn booked(world: &World, who: &Person, slot: Uuid, home: Uuid) -> Uuid {
    let answer = book(world, who, for_home(slot, home)).await;
    let id = answer.payload("bookSlot")["booking"]["id"].clone();
    key(&id)
}

/// The primary key behind an opaque id of a booking.
pub fn key(id: &Value) -> Uuid {
    let id = id.as_str().expect("an id");
    ids::Id::<ids::Booking>::parse(id, "id")
        .expect("a booking")
        .uuid()
}

/// Takes a step of one booking; `more` is what else the input says.
pub async fn step(
    world: &World,
    who: &Person,
    (mutation, booking, more): (&str, Uuid, &str),
) -> Answer {
    let query = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{bookingId: $id {more}}}) {{
            booking {{ status version endReason cancelledBy }} userErrors {{ field code }} }} }}"
    );
    let id = World::id::<ids::Booking>(booking);
    world.run(who, &query, json!({"id": id})).await
}

/// The household cancels by phone.
pub const CANCEL: &str = ", reason: \"家里来客人\", how: PHONE";
/// It takes the place by phone.
pub const ACCEPT: &str = ", how: PHONE";
/// The partner cannot.
pub const DECLINE: &str = ", reason: \"师傅生病\"";

/// The one code of an answer, or nothing.
pub fn code(answer: &Answer, mutation: &str) -> String {
    answer.user_error_codes(mutation).join(",")
}

/// Ticket and state of every booking of a slot, in order.
pub async fn queue(world: &World, slot: Uuid) -> Vec<(i32, String)> {
    use sea_orm::ActiveEnum as _;
    let rows = rows(world, slot).await.into_iter();
    rows.map(|row| (row.ticket, row.status.to_value()))
        .collect()
}

/// The bookings of a slot, by ticket.
pub async fn rows(world: &World, slot: Uuid) -> Vec<booking::Model> {
    booking::Entity::find()
        .filter(booking::Column::SlotId.eq(slot))
        .order_by_asc(booking::Column::Ticket)
        .all(&world.raw)
        .await
        .expect("bookings")
}

/// The row of a slot.
pub async fn slot_row(world: &World, slot: Uuid) -> service_slot::Model {
    let found = service_slot::Entity::find_by_id(slot).one(&world.raw).await;
    found.expect("a query").expect("a slot")
}

/// The wish of a booking.
pub async fn wish_of(world: &World, booking: Uuid) -> wish::Model {
    let row = booking::Entity::find_by_id(booking).one(&world.raw).await;
    let id = row.expect("a query").expect("a booking").wish_id;
    let found = wish::Entity::find_by_id(id).one(&world.raw).await;
    found.expect("a query").expect("a wish")
}

/// A slot's counts are what its bookings say, each ticket was drawn once, and nobody waits beside a free place.
pub async fn assert_counted(world: &World, slot: Uuid) {
    use entity::enums::{BookingStatus as S, WishStatus};
    let (row, bookings) = (slot_row(world, slot).await, rows(world, slot).await);
    let count = |states: &[S]| {
        let some = bookings.iter().filter(|one| states.contains(&one.status));
        i32::try_from(some.count()).expect("few")
    };
    let placed = count(&[S::Requested, S::Offered, S::Confirmed, S::Done, S::NoShow]);
    assert_eq!(row.booked, placed, "booked of {row:?}");
    assert_eq!(row.waiting, count(&[S::Waitlisted]), "waiting of {row:?}");
    assert!(row.booked <= row.capacity, "oversold: {row:?}");
    let tickets: Vec<i32> = bookings.iter().map(|one| one.ticket).collect();
    let all: Vec<i32> = (1..=row.last_ticket).collect();
    assert_eq!(tickets, all, "each ticket once, without a gap");
    let is_open = row.status == SlotStatus::Open && row.starts_at > world.clock.now();
    assert!(
        row.waiting == 0 || !is_open || row.booked == row.capacity,
        "somebody waits beside a free place: {row:?}"
    );
    for one in &bookings {
        let live = matches!(
            one.status,
            S::Requested | S::Offered | S::Confirmed | S::Waitlisted
        );
        let wish = wish_of(world, one.id).await;
        if live {
            assert_eq!(wish.status, WishStatus::Booked, "{one:?}");
            assert_eq!(wish.starts_at, Some(one.starts_at));
        }
    }
}
