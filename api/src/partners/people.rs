//! Who acts for a partner.

use chrono::{DateTime, Utc};
use entity::enums::Role;
use entity::partner_member;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::edit::{act, finish, to_edit};
use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const ITS_PEOPLE: &str = "the people of a partner that the scope let through";

/// Lets an account act for a partner. Needs `PARTNER_EDIT` where the partner belongs; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ALREADY_ENDED`, `NOT_ASSIGNABLE` (the account can't sign in, or holds no
/// live grant as `PARTNER` that covers the partner's area).
pub async fn add(cx: &Cx, (partner, account): (Uuid, Uuid), key: Option<Uuid>) -> Result<Outcome> {
    use partner_member::Column as M;
    let request = Request::new("addPartnerPerson", key, &(partner, account));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (row, _) = to_edit(cx, &write, partner).await?;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let wanted = (Permission::OfferEdit, row.area_id);
    let there = holders(write.tx(), (&actor.tree, now), wanted).await?;
    let mut granted = there.iter().filter(|one| one.role == Role::Partner);
    if !granted.any(|one| one.account == account) {
        return Err(Error::refused(Code::NotAssignable).on("accountId"));
    }
    let connection = write.tx().unscoped(ITS_PEOPLE);
    let known = partner_member::Entity::find_by_id((partner, account))
        .one(&connection)
        .await?;
    if known.is_some_and(|known| known.ended_at.is_none()) {
        let outcome = Outcome::of(partner);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let acts = partner_member::ActiveModel {
        partner_id: Set(partner),
        account_id: Set(account),
        added_by: Set(actor.account),
        ended_by: Set(None),
        ended_at: Set(None),
        created_at: Set(now),
    };
    partner_member::Entity::insert(acts)
        .on_conflict(
            OnConflict::columns([M::PartnerId, M::AccountId])
                .update_columns([M::AddedBy, M::EndedBy, M::EndedAt])
                .to_owned(),
        )
        .exec_without_returning(&connection)
        .await?;
    let act = Act {
        details: Some(account.to_string()),
        ..act("addPartnerPerson", &row, "people")
    };
    finish(cx, write, act, Vec::new()).await
}

/// Ends that an account acts for a partner: it sees nothing of it from then on. Needs `PARTNER_EDIT` where the
/// partner belongs; who repeats it succeeds.
///
/// Refused: `NOT_FOUND` (the partner, or that account was never its person), `NOT_PERMITTED`, `ALREADY_ENDED`.
pub async fn end(cx: &Cx, (partner, account): (Uuid, Uuid), key: Option<Uuid>) -> Result<Outcome> {
    use partner_member::Column as M;
    let request = Request::new("endPartnerPerson", key, &(partner, account));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (row, _) = to_edit(cx, &write, partner).await?;
    let connection = write.tx().unscoped(ITS_PEOPLE);
    let known = partner_member::Entity::find_by_id((partner, account))
        .one(&connection)
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("accountId"))?;
    if known.ended_at.is_some() {
        let outcome = Outcome::of(partner);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let now: DateTime<Utc> = cx.app.clock.now();
    partner_member::Entity::update_many()
        .col_expr(M::EndedBy, Expr::value(cx.actor()?.account))
        .col_expr(M::EndedAt, Expr::value(now))
        .filter(M::PartnerId.eq(partner))
        .filter(M::AccountId.eq(account))
        .exec(&connection)
        .await?;
    let act = Act {
        details: Some(account.to_string()),
        ..act("endPartnerPerson", &row, "people")
    };
    finish(cx, write, act, Vec::new()).await
}
