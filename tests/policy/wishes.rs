//! Wishes of the first grid, in the state in which somebody has to do with them.

use entity::enums::{
    AskedHow, AttachmentKind, HandPart, HandStatus, ServiceCategory, WishStatus, WishUrgency,
    WishWordKind,
};
use entity::{attachment, household, wish, wish_hand, wish_word};
use nuanlin::access::sealed::{self, Field};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, QueryOrder as _};
use uuid::Uuid;

use super::rows::home;
use crate::support::world::{GRID, Person, World};

/// A fresh wish, or what hangs on one: `who` lends the hand that is theirs, `other` every other. None where it is not
/// of this theme.
pub async fn thing(world: &World, (who, other): (&Person, &Person), name: &str) -> Option<String> {
    // Ids are in order from one millisecond to the next.
    world.clock.advance(chrono::Duration::milliseconds(1));
    let id = World::id::<ids::Wish>;
    Some(match name {
        "wish" => id(planted(world, other, WishStatus::Open).await),
        "wishedgrid" => {
            planted(world, other, WishStatus::Open).await;
            World::id::<ids::Area>(world.area(GRID))
        }
        "mywish" | "provable" | "joined" => {
            let wish = planted(world, other, WishStatus::Booked).await;
            let (mine, rest) = match name {
                "joined" => (HandPart::Helper, Some(HandPart::Doer)),
                _ => (HandPart::Doer, None),
            };
            if let Some(part) = rest {
                hand(world, (wish, other), (part, HandStatus::Joined)).await;
            }
            hand(world, (wish, who), (mine, HandStatus::Joined)).await;
            if name == "provable" {
                picture(world, wish, who).await;
            }
            id(wish)
        }
        "roomy" => {
            let wish = planted(world, other, WishStatus::Booked).await;
            hand(world, (wish, other), (HandPart::Doer, HandStatus::Joined)).await;
            id(wish)
        }
        "donewish" | "saidwish" => {
            let wish = planted(world, other, WishStatus::Fulfilled).await;
            hand(world, (wish, other), (HandPart::Doer, HandStatus::Served)).await;
            if name == "saidwish" {
                said(world, wish, other).await;
            }
            id(wish)
        }
        "servedhand" => {
            let wish = planted(world, other, WishStatus::Closed).await;
            hand(world, (wish, other), (HandPart::Doer, HandStatus::Served)).await;
            last_hand(world).await
        }
        "lasthand" => last_hand(world).await,
        _ => return None,
    })
}

async fn planted(world: &World, by: &Person, status: WishStatus) -> Uuid {
    let (id, now, home) = (world.clock.new_id(), world.clock.now(), home(world).await);
    let home = household::Entity::find_by_id(home).one(&world.raw).await;
    let home = home.expect("a query").expect("a household");
    let notes = sealed::seal(&world.app().keys, Field::VisitNotes, "请敲门").expect("a seal");
    wish::ActiveModel {
        id: Set(id),
        household_id: Set(home.id),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        category: Set(ServiceCategory::Repair),
        words: Set("修一下门锁".to_owned()),
        notes_sealed: Set(Some(notes)),
        urgency: Set(WishUrgency::Normal),
        status: Set(status),
        how: Set(AskedHow::Phone),
        recorded_by: Set(by.account),
        hands: Set(1),
        fulfilled_at: Set(Some(now)),
        code_tries: Set(0),
        is_silent: Set(false),
        complaints: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a wish");
    id
}

async fn hand(world: &World, (wish, who): (Uuid, &Person), (part, status): (HandPart, HandStatus)) {
    let now = world.clock.now();
    let row = wish::Entity::find_by_id(wish).one(&world.raw).await;
    let row = row.expect("a query").expect("a wish");
    wish_hand::ActiveModel {
        id: Set(world.clock.new_id()),
        wish_id: Set(wish),
        account_id: Set(who.account),
        area_id: Set(row.area_id),
        grid_id: Set(row.grid_id),
        part: Set(part),
        status: Set(status),
        minutes: Set(Some(30)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a hand");
}

async fn picture(world: &World, wish: Uuid, who: &Person) {
    attachment::ActiveModel {
        id: Set(world.clock.new_id()),
        check_id: Set(None),
        wish_id: Set(Some(wish)),
        kind: Set(AttachmentKind::Jpeg),
        bytes: Set(3),
        sha256: Set("0".repeat(64)),
        object_name: Set(world.clock.new_id()),
        added_by: Set(who.account),
        after_returns: Set(0),
        created_at: Set(world.clock.now()),
    }
    .insert(&world.raw)
    .await
    .expect("a picture");
}

async fn said(world: &World, wish: Uuid, who: &Person) {
    let words = sealed::seal(&world.app().keys, Field::VisitNotes, "很好").expect("a seal");
    wish_word::ActiveModel {
        id: Set(world.clock.new_id()),
        wish_id: Set(wish),
        kind: Set(WishWordKind::Agreed),
        rating: Set(Some(5)),
        words_sealed: Set(Some(words)),
        how: Set(AskedHow::Phone),
        resident_id: Set(None),
        entered_by: Set(who.account),
        created_at: Set(world.clock.now()),
    }
    .insert(&world.raw)
    .await
    .expect("a word");
}

/// The hand of the wish that was made last.
async fn last_hand(world: &World) -> String {
    let last = wish_hand::Entity::find().order_by_desc(wish_hand::Column::Id);
    let last = last.one(&world.raw).await.expect("a query");
    World::id::<ids::WishHand>(last.expect("a hand before").id)
}
