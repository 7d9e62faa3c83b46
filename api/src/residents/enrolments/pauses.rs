//! Pauses as intervals, written with the enrolment whose columns are copies of the open one.

use chrono::NaiveDate;
use entity::{care_enrolment, care_pause};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::Result;

const REASON: &str = "written with the enrolment that this transaction holds";

/// Begins a pause of an enrolment.
pub async fn begin(
    cx: &Cx,
    tx: &Tx,
    enrolment: &care_enrolment::Model,
    (from_on, review_on): (NaiveDate, NaiveDate),
) -> Result<()> {
    care_pause::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        enrolment_id: Set(enrolment.id),
        from_on: Set(from_on),
        to_on: Set(None),
        review_on: Set(review_on),
    }
    .insert(&tx.unscoped(REASON))
    .await?;
    Ok(())
}

/// Ends the enrolment's open pause, if there is one; never before it began.
pub async fn end(tx: &Tx, enrolment: &care_enrolment::Model, to_on: NaiveDate) -> Result<()> {
    use care_pause::Column as C;
    let began = Expr::col(C::FromOn);
    let ends = CaseStatement::new()
        .case(began.clone().gt(to_on), began)
        .finally(Expr::value(to_on));
    care_pause::Entity::update_many()
        .col_expr(C::ToOn, ends.into())
        .filter(C::EnrolmentId.eq(enrolment.id))
        .filter(C::ToOn.is_null())
        .exec(&tx.unscoped(REASON))
        .await?;
    Ok(())
}

/// Takes back the enrolment's open pause that began on a day: visits never rested.
pub async fn annul(tx: &Tx, enrolment: &care_enrolment::Model, from_on: NaiveDate) -> Result<()> {
    use care_pause::Column as C;
    care_pause::Entity::delete_many()
        .filter(C::EnrolmentId.eq(enrolment.id))
        .filter(C::FromOn.eq(from_on))
        .filter(C::ToOn.is_null())
        .exec(&tx.unscoped(REASON))
        .await?;
    Ok(())
}
