//! Pauses as intervals, written with the enrolment whose columns are copies of the open one.

use chrono::NaiveDate;
use entity::{care_enrolment, care_pause};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait as _};
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;
use crate::write::Write;

const REASON: &str = "written with the enrolment that this write holds";

/// Begins a pause of an enrolment.
pub async fn begin(
    cx: &Cx,
    write: &Write,
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
    .insert(&write.tx().unscoped(REASON))
    .await?;
    Ok(())
}

/// Ends the enrolment's open pause, if there is one; never before it began.
pub async fn end(write: &Write, enrolment: &care_enrolment::Model, to_on: NaiveDate) -> Result<()> {
    use care_pause::Column as C;
    let began = Expr::col(C::FromOn);
    let ends = CaseStatement::new()
        .case(began.clone().gt(to_on), began)
        .finally(Expr::value(to_on));
    care_pause::Entity::update_many()
        .col_expr(C::ToOn, ends.into())
        .filter(C::EnrolmentId.eq(enrolment.id))
        .filter(C::ToOn.is_null())
        .exec(&write.tx().unscoped(REASON))
        .await?;
    Ok(())
}
