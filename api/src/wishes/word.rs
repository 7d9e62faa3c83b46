//! The household's word on what was done for it, entered by somebody who had no part in it.

use chrono::{DateTime, Utc};
use entity::enums::{AskedHow, WishWordKind};
use entity::{partner_member, wish, wish_word};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::hands::{follow, rules as hands};
use super::rules::{Action, SETTLED};
use super::step::{About, Call, Held, held, of_wish};
use super::{codes, homes, moves, record};
use crate::access::policy::Permission;
use crate::access::scope::insert;
use crate::access::sealed::{Field, seal};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::Outcome;

const PARTNER: &str = "whether the actor acts for the partner of a wish that the scope let through";
const SAID: &str = "what a household said of a wish that the scope let through";
/// Why a hand's minutes do not count.
const COMPLAINED: &str = "住户投诉";

/// What a household says.
#[derive(Clone, Debug, Serialize)]
pub struct Word {
    /// Whether it is content.
    pub kind: WishWordKind,
    /// 1 to 5, where it gives one.
    pub rating: Option<i32>,
    /// In its words.
    pub words: Option<String>,
    /// How it was said.
    pub how: AskedHow,
    /// Its one-time code, where that is how.
    pub code: Option<String>,
    /// Who of the household said it.
    pub resident: Option<Uuid>,
}

/// Enters what a household says of a fulfilled wish: it agrees, and the wish is closed; or it complains, and the wish
/// is a call again, for which nobody lends a hand any more. A complaint is possible after silence too. Who repeats
/// it succeeds. Needs `WISH_WORD` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OWN_WORD`, `NOT_FULFILLED`, `ALREADY_FINISHED`, `VERSION_CONFLICT`,
/// `OUT_OF_RANGE`, `REQUIRED` (a complaint's words, the code), `CODE_INVALID`, `OWN_CODE`, `RESIDENT_ELSEWHERE`.
pub async fn say(cx: &Cx, call: Call, word: Word) -> Result<Outcome> {
    let action = match word.kind {
        WishWordKind::Agreed => Action::Close,
        WishWordKind::Complaint => Action::Complain,
    };
    let about = About::new("recordWishWord", Permission::WishWord).following(action);
    cx.actor()?.require(Permission::WishWord)?;
    if let Some(code) = &word.code {
        let done = about
            .scoped(cx, call.wish)?
            .filter(wish::Column::Status.is_in(action.steps().map(|(from, _)| from)));
        codes::count_wrong(cx, done, code).await?;
    }
    let mut held = held!(cx, about, (call, &word));
    if had_part(cx, &held).await? {
        return Err(Error::refused(Code::OwnWord).on("wishId"));
    }
    if said_before(cx, &held, &word).await? {
        return held.done_before().await;
    }
    held.lets(action)?;
    check(cx, &held, &word).await?;
    let mut values = values(cx, action, word.rating);
    if action == Action::Complain {
        // A closed wish stays where it was done; what is to be done again is done where they live now.
        values.extend(homes::where_they_live(held.wish.household_id));
    }
    held.carry_out(cx, action, values).await?;
    if action == Action::Complain {
        for leaving in [hands::Action::Leave, hands::Action::Undo] {
            let all = of_wish(held.wish.id);
            follow::leave(&cx.app, held.write.tx(), (leaving, all, COMPLAINED)).await?;
        }
    }
    write_down(cx, &held, word).await?;
    held.finish(cx, ("status,rating,words", None)).await
}

/// Whether the actor lent a hand for what was done, reported it, or acts for who did it.
async fn had_part(cx: &Cx, held: &Held) -> Result<bool> {
    use partner_member::Column as C;
    let me = cx.actor()?.account;
    let mut hands = held.hands.iter();
    if held.wish.fulfilled_by == Some(me) || hands.any(|hand| hand.account_id == me) {
        return Ok(true);
    }
    let Some(partner) = held.wish.partner_id else {
        return Ok(false);
    };
    let acts = partner_member::Entity::find()
        .filter(C::PartnerId.eq(partner))
        .filter(C::AccountId.eq(me))
        .count(&held.write.tx().unscoped(PARTNER))
        .await?;
    Ok(acts > 0)
}

/// Whether the actor has entered the same word last, and nothing has happened since.
async fn said_before(cx: &Cx, held: &Held, word: &Word) -> Result<bool> {
    let last = wish_word::Entity::find()
        .filter(wish_word::Column::WishId.eq(held.wish.id))
        .order_by_desc(wish_word::Column::Id)
        .one(&held.write.tx().unscoped(SAID))
        .await?;
    let stands = match word.kind {
        WishWordKind::Agreed => held.wish.status == SETTLED && !held.wish.is_silent,
        WishWordKind::Complaint => Action::Complain.led_to(held.wish.status),
    };
    let me = cx.actor()?.account;
    Ok(stands
        && last.is_some_and(|last| {
            (last.entered_by, last.kind, last.rating) == (me, word.kind, word.rating)
        }))
}

/// When the household complained last.
pub(super) async fn complained_at(tx: &Tx, wish: Uuid) -> Result<Option<DateTime<Utc>>> {
    let last = wish_word::Entity::find()
        .filter(wish_word::Column::WishId.eq(wish))
        .filter(wish_word::Column::Kind.eq(WishWordKind::Complaint))
        .order_by_desc(wish_word::Column::Id)
        .one(&tx.unscoped(SAID))
        .await?;
    Ok(last.map(|word| word.created_at))
}

async fn check(cx: &Cx, held: &Held, word: &Word) -> Result<()> {
    let refused = |code, field| Err(Error::refused(code).on(field));
    if word.rating.is_some_and(|rating| !(1..=5).contains(&rating)) {
        return refused(Code::OutOfRange, "rating");
    }
    if word.kind == WishWordKind::Complaint && word.words.is_none() {
        return refused(Code::Required, "words");
    }
    if let Some(code) = &word.code {
        codes::check(cx, &held.wish, code)?;
        if held.wish.code_by == Some(cx.actor()?.account) {
            return refused(Code::OwnCode, "code");
        }
    } else if word.how == AskedHow::Code {
        return refused(Code::Required, "code");
    }
    match word.resident {
        Some(person) => {
            record::lives_there(held.write.tx(), (held.wish.household_id, person)).await
        }
        None => Ok(()),
    }
}

fn values(cx: &Cx, action: Action, rating: Option<i32>) -> Vec<(wish::Column, SimpleExpr)> {
    use wish::Column as C;
    let mut values = if action == Action::Complain {
        let mut back = moves::given_back();
        back.push((C::OfferId, Expr::value(None::<Uuid>)));
        // It is asked again, whenever it was to be done first.
        back.push((C::ExpiresOn, Expr::value(None::<chrono::NaiveDate>)));
        back.push((C::Complaints, Expr::col(C::Complaints).add(1)));
        back
    } else {
        vec![
            (C::Rating, Expr::value(rating)),
            (C::ClosedAt, Expr::value(cx.app.clock.now())),
        ]
    };
    values.push((C::CodeHash, Expr::value(None::<String>)));
    values
}

async fn write_down(cx: &Cx, held: &Held, word: Word) -> Result<()> {
    let words = word.words.as_deref();
    let row = wish_word::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        wish_id: Set(held.wish.id),
        kind: Set(word.kind),
        rating: Set(word.rating),
        words_sealed: Set(words
            .map(|words| seal(&cx.app.keys, Field::VisitNotes, words))
            .transpose()?),
        how: Set(word.how),
        resident_id: Set(word.resident),
        entered_by: Set(cx.actor()?.account),
        created_at: Set(cx.app.clock.now()),
    };
    insert(held.write.tx(), &held.grant, row).await?;
    Ok(())
}
