//! Publishing offers and withdrawing them.

use entity::service_offer;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use uuid::Uuid;

use super::edit::{act, finish, held, standing_somewhere};
use super::rules::Action;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// Publishes an offer as it was seen. Needs `OFFER_PUBLISH` at its partner's area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner), `VERSION_CONFLICT`, `REQUIRED` (it stands
/// nowhere).
pub async fn publish(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    key: Option<Uuid>,
) -> Result<Outcome> {
    let request = Request::new("publishOffer", key, &(id, expected_version));
    step(
        cx,
        request,
        (Action::Publish, id),
        Some(expected_version),
        None,
    )
    .await
}

/// Withdraws an offer, with a reason: nobody books it any more, and what was booked stays. Needs
/// `OFFER_PUBLISH` at its partner's area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED` (the partner).
pub async fn withdraw(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("withdrawOffer", key, &(id, &reason));
    step(cx, request, (Action::Withdraw, id), None, Some(reason)).await
}

async fn step(
    cx: &Cx,
    request: Request,
    (action, id): (Action, Uuid),
    expected_version: Option<i64>,
    reason: Option<String>,
) -> Result<Outcome> {
    use service_offer::Column as C;
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let (_, before, _) = held(cx, &write, (id, Permission::OfferPublish)).await?;
    let mut scoped = actor
        .scoped::<service_offer::Entity>(Permission::OfferPublish)
        .id(id)
        .filter(C::Status.is_in(action.from()));
    if action == Action::Publish {
        scoped = scoped.filter(C::Id.in_subquery(standing_somewhere()));
    }
    if let Some(version) = expected_version {
        scoped = scoped.filter(C::Version.eq(version));
    }
    let moved = scoped.update(write.tx(), |update| {
        if action == Action::Publish {
            update
                .value(C::PublishedBy, actor.account)
                .value(C::PublishedAt, now);
        }
        update
            .value(C::Status, action.to())
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    let Some(row) = moved.await?.pop() else {
        if before.status == action.to() {
            let outcome = Outcome::of(id);
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        if expected_version.is_some_and(|version| version != before.version) {
            return Err(Error::Conflict(id));
        }
        return Err(Error::refused(Code::Required).on("areaIds"));
    };
    let action = match action {
        Action::Publish => "publishOffer",
        Action::Withdraw => "withdrawOffer",
    };
    let act = Act {
        reason,
        fields: "status".to_owned(),
        details: None,
        ..act(action, &row, &())
    };
    finish(cx, write, act).await
}
