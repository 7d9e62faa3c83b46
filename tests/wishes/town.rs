//! People of 创业北路社区 with wishes: an elder, who answers for her, who helps, and two partners.

use entity::bits::Bits;
use entity::enums::{
    AskedHow, BookingStatus, OfferStatus, PartnerStatus, Role, ServiceCategory, SlotStatus,
    WishStatus,
};
use entity::{
    booking, offer_area, partner, partner_area, partner_member, service_offer, service_slot, wish,
};
use nuanlin::ids::{self, Id};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::graphql::Answer;
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_GRID, Person, World};

/// When what is booked begins: the 5th at nine in Shanghai, two hours.
pub const AT: &str = "2026-03-05T01:00:00.000Z";

const PEOPLE: &[(&str, Role, &str)] = &[
    ("周敏", Role::CommunityStaff, COMMUNITY),
    ("王建国", Role::GridLead, GRID),
    ("张大姐", Role::CenterHousehold, BUILDING),
    ("刘洋", Role::Volunteer, GRID),
    ("陈晨", Role::Volunteer, GRID),
    ("何平", Role::Volunteer, OTHER_GRID),
    ("钱师傅", Role::Partner, COMMUNITY),
    ("孙老板", Role::Partner, COMMUNITY),
];

/// 李秀英 of 101 and whoever has to do with her wishes.
pub struct Town {
    pub world: World,
    /// Community staff.
    pub zhou: Person,
    /// Grid lead.
    pub wang: Person,
    /// Center household of the building.
    pub zhang: Person,
    /// Volunteers of the grid.
    pub liu: Person,
    pub chen: Person,
    /// Volunteer of the other grid.
    pub he: Person,
    /// Of the alliance, which works in the first grid.
    pub qian: Person,
    /// Of a shop that works in the other grid.
    pub sun: Person,
    pub alliance: Uuid,
    pub shop: Uuid,
    pub home: Uuid,
    pub elder: Uuid,
}

impl Town {
    pub async fn new(db: TestDatabase) -> Self {
        Self::within(World::new(db).await).await
    }

    pub async fn within(world: World) -> Self {
        let mut people = Vec::new();
        for (name, role, area) in PEOPLE {
            people.push(world.person(name, &[(*role, *area)]).await);
        }
        let people: [Person; 8] = people.try_into().unwrap_or_else(|_| panic!("eight"));
        let [zhou, wang, zhang, liu, chen, he, qian, sun] = people;
        let alliance = partner(&world, &zhou, ("周百通联盟", GRID), &qian).await;
        let shop = partner(&world, &zhou, ("便民超市", OTHER_GRID), &sun).await;
        let home = world.household(BUILDING, "101").await;
        let elder = world.elder(home, "李秀英", &[]).await;
        Self {
            world,
            zhou,
            wang,
            zhang,
            liu,
            chen,
            he,
            qian,
            sun,
            alliance,
            shop,
            home,
            elder,
        }
    }

    /// So much later, when everybody has signed in again.
    pub async fn later(&mut self, by: chrono::Duration) {
        self.world.clock.advance(by);
        let world = &self.world;
        let people = [
            &mut self.zhou,
            &mut self.wang,
            &mut self.zhang,
            &mut self.liu,
            &mut self.chen,
            &mut self.he,
            &mut self.qian,
            &mut self.sun,
        ];
        for (person, (_, role, area)) in people.into_iter().zip(PEOPLE) {
            let grants = vec![(*role, world.area(area))];
            *person = world.signed_in(person.account, 1, grants).await;
        }
    }

    /// Writes a wish of the household down as somebody.
    pub async fn record(&self, who: &Person, more: &str) -> Answer {
        let query = format!(
            "mutation($home: ID!) {{ recordWish(input: {{householdId: $home, how: IN_PERSON,
                category: APPLIANCE_CLEANING {more}}}) {{ code wish {{ id version status }}
                userErrors {{ field code }} }} }}"
        );
        let home = World::id::<ids::Household>(self.home);
        self.world.run(who, &query, json!({"home": home})).await
    }

    /// A wish for a clean air conditioner, asked by 李秀英: its id.
    pub async fn wish(&self, more: &str) -> String {
        self.told(more).await.0
    }

    /// As [`Town::wish`], with the household's code, which the community was told.
    pub async fn told(&self, more: &str) -> (String, String) {
        // Ids of one millisecond have no order.
        self.world.clock.advance(chrono::Duration::milliseconds(1));
        let elder = World::id::<ids::Resident>(self.elder);
        let more = format!(
            ", words: \"清洗空调一台\", notes: \"门铃坏了，请敲门\", withCode: true, onBehalfOfId: \"{elder}\" {more}"
        );
        let answer = self.record(&self.zhou, &more).await;
        let payload = answer.payload("recordWish");
        (text(&payload["wish"]["id"]), text(&payload["code"]))
    }

    /// What came of an act on a wish: the wish's state, or why it was refused.
    pub async fn act(&self, who: &Person, mutation: &str, (wish, more): (&str, &str)) -> String {
        let query = format!(
            "mutation($id: ID!) {{ {mutation}(input: {{wishId: $id {more}}}) {{ wish {{ status }}
                userErrors {{ code }} }} }}"
        );
        let answer = self.world.run(who, &query, json!({"id": wish})).await;
        let codes = answer.user_error_codes(mutation);
        if let Some(code) = codes.first() {
            return (*code).to_owned();
        }
        // What is not theirs to see any more has no state for them.
        let status = &answer.data(mutation)["wish"]["status"];
        status.as_str().unwrap_or("DONE").to_owned()
    }

    /// A wish as somebody sees it.
    pub async fn see(&self, who: &Person, wish: &str) -> Value {
        let query = "query($id: ID!) { wish(id: $id) { status version isSilent rating complaints proof partnerId
            startsAt isMine onBehalfOfId notes { value }
            household { room { value } residents { name { value masked } salutation } }
            hands { id name part status minutes } householdWords { kind rating words { value } } } }";
        let answer = self.world.run(who, query, json!({"id": wish})).await;
        answer.data("wish").clone()
    }

    /// The words of the wishes that call somebody.
    pub async fn calls(&self, who: &Person) -> Vec<String> {
        let query = "{ wishCalls(first: 50) { edges { node { id } } } }";
        nodes(
            self.world
                .run(who, query, json!({}))
                .await
                .data("wishCalls"),
        )
    }

    /// The ids of the wishes that somebody sees.
    pub async fn wishes(&self, who: &Person, filter: &str) -> Vec<String> {
        let query = format!(
            "{{ wishes(first: 50, filter: {{{filter}}}) {{ edges {{ node {{ id }} }} }} }}"
        );
        nodes(self.world.run(who, &query, json!({})).await.data("wishes"))
    }

    /// The hand that somebody lends for a wish, as the community sees it: its id.
    pub async fn hand(&self, wish: &str, name: &str) -> String {
        let seen = self.see(&self.zhou, wish).await;
        let hands = seen["hands"].as_array().expect("hands").clone();
        let hand = hands.into_iter().find(|hand| hand["name"] == name);
        text(&hand.unwrap_or_else(|| panic!("no hand of {name}: {seen:#}"))["id"])
    }

    /// How long somebody served, as an input.
    pub async fn minutes(&self, wish: &str, served: &[(&str, i32)]) -> String {
        let mut all = Vec::new();
        for (name, minutes) in served {
            let hand = self.hand(wish, name).await;
            all.push(format!("{{handId: \"{hand}\", minutes: {minutes}}}"));
        }
        format!(", minutes: [{}]", all.join(", "))
    }

    /// Books a slot of the alliance's offer for a wish, past the server: from [`AT`] on, for two hours.
    pub async fn book(&self, wish: &str, offer: Uuid, status: BookingStatus) -> Uuid {
        let (now, id) = (self.world.clock.now(), self.world.clock.new_id());
        let slot = self.slot(offer).await;
        let row = wish::Entity::find_by_id(key(wish)).one(&self.world.raw);
        let row = row.await.expect("a query").expect("a wish");
        booking::ActiveModel {
            id: Set(id),
            slot_id: Set(slot.id),
            offer_id: Set(offer),
            partner_id: Set(slot.partner_id),
            wish_id: Set(row.id),
            household_id: Set(row.household_id),
            area_id: Set(row.area_id),
            grid_id: Set(row.grid_id),
            status: Set(status),
            ticket: Set(1),
            is_single: Set(false),
            starts_at: Set(slot.starts_at),
            ends_at: Set(slot.ends_at),
            how: Set(AskedHow::Phone),
            booked_by: Set(self.zhou.account),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.world.raw)
        .await
        .expect("a booking");
        let mut row = row.into_active_model();
        row.status = Set(WishStatus::Booked);
        row.offer_id = Set(Some(offer));
        row.partner_id = Set(Some(slot.partner_id));
        row.starts_at = Set(Some(slot.starts_at));
        row.ends_at = Set(Some(slot.ends_at));
        row.update(&self.world.raw).await.expect("a booked wish");
        id
    }

    async fn slot(&self, offer: Uuid) -> service_slot::Model {
        self.slot_of(offer, (AT, 1), 1).await
    }

    /// A slot of an offer from then on, for two hours, with so many places, all free.
    pub async fn open_slot(&self, offer: Uuid, (at, places): (&str, i32)) -> Uuid {
        self.slot_of(offer, (at, places), 0).await.id
    }

    async fn slot_of(
        &self,
        offer: Uuid,
        (at, capacity): (&str, i32),
        booked: i32,
    ) -> service_slot::Model {
        let now = self.world.clock.now();
        let starts = at.parse().expect("an instant");
        let offer = service_offer::Entity::find_by_id(offer).one(&self.world.raw);
        let offer = offer.await.expect("a query").expect("an offer");
        service_slot::ActiveModel {
            id: Set(self.world.clock.new_id()),
            offer_id: Set(offer.id),
            partner_id: Set(offer.partner_id),
            area_id: Set(offer.area_id),
            starts_at: Set(starts),
            ends_at: Set(starts + chrono::Duration::hours(2)),
            capacity: Set(capacity),
            booked: Set(booked),
            waiting: Set(0),
            last_ticket: Set(booked),
            status: Set(SlotStatus::Open),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&self.world.raw)
        .await
        .expect("a slot")
    }

    /// A wish of another household, asked by one of its people, with its code.
    pub async fn told_by(&self, home: Uuid, person: Uuid) -> (String, String) {
        self.world.clock.advance(chrono::Duration::milliseconds(1));
        let query = "mutation($home: ID!, $person: ID!) { recordWish(input: {householdId: $home, onBehalfOfId: $person,
            how: PHONE, category: APPLIANCE_CLEANING, words: \"清洗空调和油烟机\", withCode: true}) {
            code wish { id } userErrors { field code } } }";
        let home = World::id::<ids::Household>(home);
        let person = World::id::<ids::Resident>(person);
        let input = json!({"home": home, "person": person});
        let answer = self.world.run(&self.zhou, query, input).await;
        let payload = answer.payload("recordWish");
        (text(&payload["wish"]["id"]), text(&payload["code"]))
    }

    /// Books a slot for a wish, as the community: the booking's state.
    pub async fn book_for(&self, wish: &str, slot: Uuid) -> String {
        let query = "mutation($slot: ID!, $wish: ID!) { bookSlot(input: {slotId: $slot, wishId: $wish, how: PHONE}) {
            booking { status } userErrors { field code } } }";
        let slot = World::id::<ids::ServiceSlot>(slot);
        let answer = self
            .world
            .run(&self.zhou, query, json!({"slot": slot, "wish": wish}))
            .await;
        text(&answer.payload("bookSlot")["booking"]["status"])
    }

    /// A published offer of a partner in the first grid, which can use so many helpers.
    pub async fn offer(&self, partner: Uuid, hands: i32) -> Uuid {
        let world = &self.world;
        let (now, id) = (world.clock.now(), world.clock.new_id());
        service_offer::ActiveModel {
            id: Set(id),
            partner_id: Set(partner),
            area_id: Set(world.area(COMMUNITY)),
            title: Set(format!("空调清洗{}", id.simple())),
            category: Set(ServiceCategory::ApplianceCleaning),
            price_fen: Set(0),
            circumstances: Set(Bits::default()),
            tiers: Set(Bits::default()),
            minutes: Set(60),
            hands: Set(hands),
            needs_confirmation: Set(false),
            is_single: Set(true),
            cutoff_minutes: Set(0),
            confirm_minutes: Set(60),
            valid_from_on: Set(chrono::NaiveDate::from_ymd_opt(2026, 1, 1).expect("a day")),
            status: Set(OfferStatus::Published),
            published_by: Set(Some(self.zhou.account)),
            published_at: Set(Some(now)),
            created_by: Set(self.zhou.account),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&world.raw)
        .await
        .expect("an offer");
        offer_area::ActiveModel {
            offer_id: Set(id),
            area_id: Set(world.area(GRID)),
        }
        .insert(&world.raw)
        .await
        .expect("an area of an offer");
        id
    }
}

/// A partner of the community that works in an area, and one of its people.
pub async fn partner(
    world: &World,
    by: &Person,
    (name, area): (&str, &str),
    person: &Person,
) -> Uuid {
    let (now, id) = (world.clock.now(), world.clock.new_id());
    partner::ActiveModel {
        id: Set(id),
        area_id: Set(world.area(COMMUNITY)),
        name: Set(name.to_owned()),
        status: Set(PartnerStatus::Active),
        created_by: Set(by.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a partner");
    partner_area::ActiveModel {
        partner_id: Set(id),
        area_id: Set(world.area(area)),
        opened_by: Set(by.account),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("an opened area");
    partner_member::ActiveModel {
        partner_id: Set(id),
        account_id: Set(person.account),
        added_by: Set(by.account),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a member");
    id
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// The primary key of a wish.
pub fn key(wish: &str) -> Uuid {
    Id::<ids::Wish>::parse(wish, "id").expect("a wish").uuid()
}

fn nodes(list: &Value) -> Vec<String> {
    let edges = list["edges"].as_array().expect("edges");
    edges.iter().map(|edge| text(&edge["node"]["id"])).collect()
}
