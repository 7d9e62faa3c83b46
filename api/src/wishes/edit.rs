//! Changing what is written of a wish, matching it to an offer, withdrawing it, and giving it a new code.

use chrono::NaiveDate;
use entity::enums::{OfferStatus, ServiceCategory, WishUrgency};
use entity::{area_closure, offer_area, service_offer, wish};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, IdenStatic as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::hands::follow::{Turn, follow};
use super::record::{check_terms, check_words};
use super::rules::Action;
use super::step::{About, Call, Held, Start, begin, held};
use super::{codes, moves};
use crate::access::policy::Permission;
use crate::access::sealed::{Field, seal};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::write::Outcome;

const OFFER: &str = "published offers are for everybody who sees offers";

/// What changes of a wish.
#[derive(Clone, Debug, Serialize)]
pub struct WishEdit {
    /// What kind of service it asks for.
    pub category: Option<ServiceCategory>,
    /// What is wished for.
    pub words: Option<String>,
    /// What else whoever goes there must know.
    pub notes: Edit<String>,
    /// How urgent it is.
    pub urgency: Option<WishUrgency>,
    /// The last day on which it makes sense.
    pub expires_on: Edit<NaiveDate>,
    /// How many helpers it can use.
    pub hands: Option<i32>,
}

/// Changes what is given of a wish that is not fulfilled yet. Needs `WISH_EDIT` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_FINISHED`, `VERSION_CONFLICT`, `PERSONAL_NUMBER`, `DAY_PAST`,
/// `OUT_OF_RANGE`.
pub async fn update(cx: &Cx, call: Call, edit: WishEdit) -> Result<Outcome> {
    let about = About::new("updateWish", Permission::WishEdit);
    let mut held = held!(cx, about, (call, &edit));
    held.lets(Action::Withdraw)?;
    let values = values(cx, &held, edit)?;
    if values.is_empty() {
        return held.done_before().await;
    }
    let fields: Vec<&str> = values.iter().map(|(column, _)| column.as_str()).collect();
    let fields = fields.join(",");
    held.wish = moves::write(&cx.app, held.write.tx(), held.wish.id, values).await?;
    held.finish(cx, (&fields, None)).await
}

fn values(cx: &Cx, held: &Held, edit: WishEdit) -> Result<Vec<(wish::Column, SimpleExpr)>> {
    use wish::Column as C;
    let row = &held.wish;
    let mut values: Vec<(C, SimpleExpr)> = Vec::new();
    if let Some(category) = edit.category.filter(|category| *category != row.category) {
        values.push((C::Category, Expr::value(category)));
    }
    if let Some(words) = edit.words.filter(|words| *words != row.words) {
        check_words(&words)?;
        values.push((C::Words, Expr::value(words)));
    }
    match edit.notes {
        Edit::Keep => {}
        Edit::Clear => values.push((C::NotesSealed, Expr::value(None::<String>))),
        Edit::Set(notes) => {
            let sealed = seal(&cx.app.keys, Field::VisitNotes, &notes)?;
            values.push((C::NotesSealed, Expr::value(sealed)));
        }
    }
    if let Some(urgency) = edit.urgency.filter(|urgency| *urgency != row.urgency) {
        values.push((C::Urgency, Expr::value(urgency)));
    }
    let last = match edit.expires_on {
        Edit::Keep => None,
        Edit::Clear => Some(None),
        Edit::Set(last) => Some(Some(last)),
    };
    check_terms(cx, (last.flatten(), edit.hands.unwrap_or_default()))?;
    if let Some(last) = last.filter(|last| *last != row.expires_on) {
        values.push((C::ExpiresOn, Expr::value(last)));
    }
    if let Some(hands) = edit.hands.filter(|hands| *hands != row.hands) {
        values.push((C::Hands, Expr::value(hands)));
    }
    Ok(values)
}

/// Matches an open wish to an offer, whose partner is then the only one that it calls; or undoes that. Needs `WISH_EDIT`
/// where it is.
///
/// Refused: `NOT_FOUND` (of the offer also where it is not published, past, or not for that place), `NOT_PERMITTED`,
/// `ALREADY_CLAIMED`, `ALREADY_FINISHED`, `VERSION_CONFLICT`.
pub async fn match_offer(cx: &Cx, call: Call, offer: Option<Uuid>) -> Result<Outcome> {
    let about = About::new("matchWish", Permission::WishEdit);
    let mut held = held!(cx, about, (call, &offer));
    held.lets(Action::Take)?;
    if held.wish.offer_id == offer {
        return held.done_before().await;
    }
    if let Some(offer) = offer {
        is_offered(cx, &held, offer).await?;
    }
    let values = vec![(wish::Column::OfferId, Expr::value(offer))];
    held.wish = moves::write(&cx.app, held.write.tx(), held.wish.id, values).await?;
    held.finish(cx, ("offer_id", None)).await
}

/// Whether an offer is there for the household of a wish today.
async fn is_offered(cx: &Cx, held: &Held, offer: Uuid) -> Result<()> {
    use service_offer::Column as C;
    let today = cx.app.clock.today(SHANGHAI);
    let here = Query::select()
        .column((offer_area::Entity, offer_area::Column::OfferId))
        .from(offer_area::Entity)
        .inner_join(
            area_closure::Entity,
            Expr::col((area_closure::Entity, area_closure::Column::AncestorId))
                .equals((offer_area::Entity, offer_area::Column::AreaId)),
        )
        .and_where(area_closure::Column::DescendantId.eq(held.wish.area_id))
        .to_owned();
    let found = service_offer::Entity::find_by_id(offer)
        .filter(C::Status.eq(OfferStatus::Published))
        .filter(C::ValidUntilOn.is_null().or(C::ValidUntilOn.gte(today)))
        .filter(C::Id.in_subquery(here))
        .one(&held.write.tx().unscoped(OFFER))
        .await?;
    match found {
        Some(_) => Ok(()),
        None => Err(Error::refused(Code::NotFound).on("offerId")),
    }
}

/// Withdraws a wish that the household does not want any more; its booking is cancelled and nobody lends a hand. Who
/// repeats it succeeds. Needs `WISH_EDIT` where it is.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_FINISHED`, `VERSION_CONFLICT`.
pub async fn withdraw(cx: &Cx, call: Call, reason: String) -> Result<Outcome> {
    use wish::Column as C;
    let about = About::new("withdrawWish", Permission::WishEdit).following(Action::Withdraw);
    let mut held = held!(cx, about, (call, &reason));
    let me = cx.actor()?.account;
    let before = (held.wish.ended_by, held.wish.end_reason.as_deref());
    if Action::Withdraw.led_to(held.wish.status) && before == (Some(me), Some(&reason)) {
        return held.done_before().await;
    }
    let values = vec![
        (C::EndReason, Expr::value(reason.clone())),
        (C::EndedBy, Expr::value(me)),
        (C::CodeHash, Expr::value(None::<String>)),
    ];
    held.carry_out(cx, Action::Withdraw, values).await?;
    let off = (&[held.wish.id][..], Turn::Off);
    follow(&cx.app, held.write.tx(), off).await?;
    held.finish(cx, ("status,end_reason", Some(reason))).await
}

/// Gives the household a new one-time code in the place of any before: to be handed to it by who is told it, once; a
/// repeat is not told it again. Not for who lends a hand. Needs `WISH_RECORD` where it is, of another role than a
/// volunteer's.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `OWN_CODE`, `ALREADY_FINISHED`, `VERSION_CONFLICT`.
pub async fn issue_code(cx: &Cx, call: Call) -> Result<(Outcome, Option<String>)> {
    let about = About::new("issueWishCode", Permission::WishRecord);
    let mut held = match begin(cx, about, (call, &())).await? {
        Start::Replay(outcome) => return Ok((outcome, None)),
        Start::Held(held) => *held,
    };
    if held.mine(cx)?.is_some() {
        return Err(Error::refused(Code::OwnCode).on("wishId"));
    }
    held.lets(Action::Withdraw)?;
    let actor = cx.actor()?;
    let own = actor.areas_as(Permission::WishRecord, |role| {
        role != entity::enums::Role::Volunteer
    });
    let here = held.wish.area_id;
    if !own.iter().any(|above| actor.tree.covers(*above, here)) {
        return Err(Error::refused(Code::NotPermitted).on("wishId"));
    }
    let code = codes::issue(cx, held.write.tx(), held.wish.id).await?;
    held.wish.version += 1;
    let outcome = held.finish(cx, ("code", None)).await?;
    Ok((outcome, Some(code)))
}
