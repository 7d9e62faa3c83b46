//! Closing a round when everybody is resolved; voiding one while nothing is confirmed.

use entity::enums::ChangeKind;
use entity::{certification_check, certification_round};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};
use uuid::Uuid;

use super::rules::End;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::certifications::accompanying::follow;
use crate::certifications::checks::rules::{RESOLVED_BY_CHECK, UNRESOLVED};
use crate::certifications::hand_overs::end::end_of_round;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// Closes a round for good. Needs `CERTIFICATION_PLAN` at its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ROUND_NOT_OPEN`, `ROSTER_UNRESOLVED`.
pub async fn close(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("closeCertificationRound", key, &id)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    end(cx, write, (End::Close, id), None).await
}

/// Voids a round, with a reason. Needs `CERTIFICATION_PLAN` at its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ROUND_NOT_OPEN`, `ROUND_CONFIRMED`.
pub async fn void(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("voidCertificationRound", key, &(id, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    end(cx, write, (End::Void, id), Some(reason)).await
}

async fn end(
    cx: &Cx,
    write: Write,
    (end, id): (End, Uuid),
    reason: Option<String>,
) -> Result<Outcome> {
    use certification_round::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    // Held first: whoever was adding to the roster or confirming has finished, and is seen below.
    let (plan, read) = (Permission::CertificationPlan, Permission::BeneficiaryRead);
    let (before, _) = write
        .to_change::<certification_round::Entity>(cx, id, plan, read)
        .await
        .map_err(|error| error.on("roundId"))?;
    let ended = actor
        .scoped::<certification_round::Entity>(Permission::CertificationPlan)
        .id(id)
        .filter(C::Status.eq(end.from()))
        .filter(Expr::exists(in_the_way(end, id)).not())
        .update(write.tx(), |update| {
            update
                .value(C::Status, end.to())
                .value(C::EndReason, reason.clone())
                .value(C::EndedBy, actor.account)
                .value(C::EndedAt, cx.app.clock.now())
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await?
        .pop();
    let outcome = Outcome::of(id);
    let Some(round) = ended else {
        if before.status == end.to() && before.ended_by == Some(actor.account) {
            write.commit(&outcome).await?;
            return Ok(outcome);
        }
        let code = match end {
            _ if before.status != end.from() => Code::RoundNotOpen,
            End::Close => Code::RosterUnresolved,
            End::Void => Code::RoundConfirmed,
        };
        return Err(Error::refused(code).on("roundId"));
    };
    let place = Some(round.area_id);
    let act = Act {
        action: match end {
            End::Close => "closeCertificationRound",
            End::Void => "voidCertificationRound",
        },
        subject_kind: "CertificationRound",
        subject_id: id,
        area_id: place,
        reason,
        fields: "status".to_owned(),
        details: None,
    };
    let mut changed = end_of_round(cx, write.tx(), id).await?;
    changed.extend(follow::end_of_round(cx, write.tx(), id).await?);
    let kind = ChangeKind::CertificationRound;
    changed.push(Changed::in_place(kind, id, place));
    write.record_all(cx, act, &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// The checks that keep a round from its end.
fn in_the_way(end: End, round: Uuid) -> SelectStatement {
    use certification_check::Column as C;
    let mut select = Query::select();
    select
        .expr(Expr::value(1))
        .from(certification_check::Entity)
        .and_where(C::RoundId.eq(round));
    match end {
        // In the text, so that the index of unresolved checks fits.
        End::Close => select.and_where(Expr::cust(UNRESOLVED)),
        End::Void => select.and_where(C::Status.eq(RESOLVED_BY_CHECK)),
    };
    select
}
