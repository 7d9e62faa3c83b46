//! Who takes partners on, who acts for them, and what they do, told in one line each.

use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::graphql::Answer;
use crate::support::world::{COMMUNITY, GRID, Person, World};

/// The other community of the street.
pub const ELSEWHERE: &str = "341102006004";

/// 刘敏 of the community's office, 郑海 and 钱进 who act for a partner each, 李娜 who helps in 第1网格.
pub struct Quarter {
    pub liu: Person,
    pub zheng: Person,
    pub qian: Person,
    pub li: Person,
}

impl Quarter {
    pub async fn new(world: &World) -> Self {
        Self {
            liu: world
                .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
                .await,
            zheng: world.person("郑海", &[(Role::Partner, COMMUNITY)]).await,
            qian: world.person("钱进", &[(Role::Partner, COMMUNITY)]).await,
            li: world.person("李娜", &[(Role::Volunteer, GRID)]).await,
        }
    }

    /// A partner that 刘敏 takes on, for whom `person` acts; its id.
    pub async fn partner(&self, world: &World, name: &str, person: &Person) -> String {
        let input = json!({"areaId": area(world, COMMUNITY), "name": name});
        let added = call(world, &self.liu, "addPartner", input, "partner { id }").await;
        let id = text(&added.payload("addPartner")["partner"]["id"]);
        let input =
            json!({"partnerId": id, "accountId": World::id::<ids::Account>(person.account)});
        let named = call(world, &self.liu, "addPartnerPerson", input, "").await;
        named.payload("addPartnerPerson");
        id
    }

    /// An offer of 郑海's partner in the whole community, published by 刘敏; its id.
    pub async fn published(&self, world: &World, partner: &str, title: &str) -> String {
        let input = offer(world, partner, title, COMMUNITY);
        let id = added(world, &self.zheng, input).await;
        let input = json!({"offerId": id, "expectedVersion": 1});
        let answer = call(world, &self.liu, "publishOffer", input, "").await;
        answer.payload("publishOffer");
        id
    }
}

/// Runs one mutation; `shown` is what else is asked for.
pub async fn call(
    world: &World,
    who: &Person,
    mutation: &str,
    input: Value,
    shown: &str,
) -> Answer {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {shown} userErrors {{ field code }} }} }}"
    );
    world.run(who, &query, json!({"input": input})).await
}

/// Each refusal as field and code.
pub fn refused<'a>(answer: &'a Answer, mutation: &str) -> Vec<(Option<&'a str>, &'a str)> {
    let errors = answer.user_errors(mutation).into_iter();
    errors.map(|error| (error.field, error.code)).collect()
}

/// What an offer takes that is free and open to everybody.
pub fn offer(world: &World, partner: &str, title: &str, place: &str) -> Value {
    json!({"partnerId": partner, "title": title, "category": "APPLIANCE_CLEANING",
        "areaIds": [area(world, place)]})
}

/// Writes an offer down; its id.
pub async fn added(world: &World, who: &Person, input: Value) -> String {
    let answer = call(world, who, "addOffer", input, "offer { id }").await;
    text(&answer.payload("addOffer")["offer"]["id"])
}

/// Plans one slot `hours` from now, for an hour; its id.
pub async fn slot(world: &World, who: &Person, offer: &str, hours: i64, capacity: i32) -> String {
    let at = |hours| (world.clock.now() + chrono::Duration::hours(hours)).to_rfc3339();
    let slot = json!({"startsAt": at(hours), "endsAt": at(hours + 1), "capacity": capacity});
    let input = json!({"offerId": offer, "slots": [slot]});
    let shown = "results { slot { id } userErrors { code } }";
    let answer = call(world, who, "planSlots", input, shown).await;
    text(&answer.payload("planSlots")["results"][0]["slot"]["id"])
}

/// The slots that somebody sees of an offer: local day, hour and minute, places, state.
pub async fn slots(world: &World, who: &Person, offer: &str) -> Vec<String> {
    let query = "query($id: ID!) { serviceSlots(first: 100, filter: {offerId: $id}) {
        edges { node { startsAt capacity status } } } }";
    let answer = world.run(who, query, json!({"id": offer})).await;
    let edges = answer.data("serviceSlots.edges").as_array().expect("edges");
    let told = edges.iter().map(|edge| {
        let node = &edge["node"];
        let at: chrono::DateTime<chrono::Utc> =
            text(&node["startsAt"]).parse().expect("an instant");
        let at = at
            .with_timezone(&nuanlin::clock::SHANGHAI)
            .format("%m-%d %H:%M");
        format!("{at} {} {}", node["capacity"], text(&node["status"]))
    });
    told.collect()
}

/// The titles of the offers that somebody sees, sorted: the ids of one moment have no order.
pub async fn catalogue(world: &World, who: &Person, filter: &str) -> Vec<String> {
    let query = format!(
        "{{ serviceOffers(first: 100, filter: {{{filter}}}) {{ totalCount edges {{ node {{ title }} }} }} }}"
    );
    let answer = world.run(who, &query, json!({})).await;
    let edges = answer
        .data("serviceOffers.edges")
        .as_array()
        .expect("edges");
    let titles = edges.iter().map(|edge| text(&edge["node"]["title"]));
    let mut titles: Vec<_> = titles.collect();
    titles.sort_unstable();
    assert_eq!(
        *answer.data("serviceOffers.totalCount"),
        json!(titles.len())
    );
    titles
}

pub fn area(world: &World, code: &str) -> String {
    World::id::<ids::Area>(world.area(code))
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

/// The primary key behind an opaque id.
pub fn key<K: ids::Kind>(id: &str) -> Uuid {
    ids::Id::<K>::parse(id, "id").expect("an id").uuid()
}
