//! Which checks tell of a death that was confirmed, and how much of it one sees.

use chrono::NaiveDate;
use entity::enums::CheckOutcome;
use entity::{certification_check, certification_correction, certification_round};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, Order, Query, SimpleExpr};
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope::highest_level;
use crate::certifications::checks::reads::{self, Columns, Filter, Seen};
use crate::certifications::checks::rules::RESOLVED_BY_CHECK;
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// A death that was confirmed.
#[derive(Clone, Debug)]
pub struct Death {
    /// The check that found it.
    pub seen: Seen,
    /// The day.
    pub on: Option<NaiveDate>,
    /// Whether the actor sees the ID number in full.
    pub is_full: bool,
}

/// The checks of a year's rounds that found somebody dead, in an area where one is named.
#[must_use]
pub fn of_year(year: i32, area: Option<Uuid>) -> Filter {
    use certification_round::Column as R;
    let rounds = Query::select()
        .column(R::Id)
        .from(certification_round::Entity)
        .and_where(R::Year.eq(year))
        .to_owned();
    Filter {
        area,
        also: Some(confirmed().add(certification_check::Column::RoundId.in_subquery(rounds))),
        ..Filter::default()
    }
}

/// The checks of a round that found somebody dead.
#[must_use]
pub fn of_round(round: Uuid) -> Filter {
    Filter {
        round: Some(round),
        also: Some(confirmed()),
        ..Filter::default()
    }
}

/// That a check was confirmed, and that a death is what it found or was corrected to.
fn confirmed() -> Condition {
    use certification_check::Column as C;
    use certification_correction::Column as K;
    let own = |column| Expr::col((certification_check::Entity, column));
    let correction = |column| Expr::col((certification_correction::Entity, column));
    let last = Query::select()
        .expr(correction(K::Outcome))
        .from(certification_correction::Entity)
        .and_where(correction(K::CheckId).eq(own(C::Id)))
        .and_where(correction(K::Outcome).is_not_null())
        .order_by((certification_correction::Entity, K::Id), Order::Desc)
        .limit(1)
        .to_owned();
    let last = SimpleExpr::SubQuery(None, Box::new(last.into()));
    let found = Func::coalesce([last, own(C::Outcome)]);
    Condition::all()
        .add(own(C::Status).eq(RESOLVED_BY_CHECK))
        .add(Expr::expr(found).eq(CheckOutcome::Deceased))
}

/// A page of such checks, in the order of their rosters. Needs `BENEFICIARY_READ`.
pub async fn list(cx: &Cx, filter: &Filter, page: &Page<Uuid>) -> Result<Rows<Death>> {
    let columns = Columns {
        corrections: true,
        ..Columns::default()
    };
    let found = reads::list(cx, filter, page, columns).await?;
    let deaths = found.rows.into_iter().map(|seen| death(cx, seen));
    Ok(Rows {
        rows: deaths.collect::<Result<_>>()?,
        has_next: found.has_next,
        has_previous: found.has_previous,
    })
}

fn death(cx: &Cx, seen: Seen) -> Result<Death> {
    let row = &seen.row;
    let mut corrected = seen.corrections.iter().rev();
    let on = corrected.find_map(|correction| correction.holds_on);
    let level = highest_level(cx.actor()?, Permission::CertificationConfirm, row.area_id);
    Ok(Death {
        on: on.or(row.holds_on),
        is_full: level.is_some_and(|level| level >= row.confirm_level),
        seen,
    })
}
