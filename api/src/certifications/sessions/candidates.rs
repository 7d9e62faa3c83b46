//! Whom to ask to a session: who lives there, or near it and can come.

use entity::{area_closure, beneficiary, certification_check, certification_session};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Func, Query};
use sea_orm::{ColumnTrait as _, IntoSimpleExpr as _};

use crate::access::policy::Permission;
use crate::access::scope;
use crate::certifications::checks::reads::Filter;
use crate::certifications::checks::rules::{Action, PLANNED};
use crate::certifications::rounds::reads as rounds;
use crate::context::Cx;
use crate::error::Result;

/// The checks of the session's round for which no time is planned, of people who live in the institution;
/// or, where it is none, who live in its area, in no institution, and are able to come. Of somebody whose
/// building is unknown the area counts that answers for them. Those whom the actor may plan; of another station's
/// round those that were handed to theirs, wherever they live.
pub async fn wanted(cx: &Cx, session: &certification_session::Model) -> Result<Filter> {
    use beneficiary::Column as B;
    let is_handed_over = !rounds::concerns(cx, session.round_id).await?;
    let mut people = Query::select();
    people.column(B::Id).from(beneficiary::Entity);
    if session.is_institution {
        people.and_where(B::Institution.eq(session.venue.as_str()));
    } else if !is_handed_over {
        let below = Query::select()
            .column(area_closure::Column::DescendantId)
            .from(area_closure::Entity)
            .and_where(area_closure::Column::AncestorId.eq(session.area_id))
            .to_owned();
        let home = Func::coalesce([
            B::HomeAreaId.into_simple_expr(),
            B::AreaId.into_simple_expr(),
        ]);
        people
            .and_where(B::Institution.is_null())
            .and_where(B::IsImmobile.eq(false))
            .and_where(Expr::expr(home).in_subquery(below));
    }
    let (actor, plan) = (cx.actor()?, Permission::CertificationPlan);
    let status = Action::Schedule.steps().map(|(from, _)| from);
    Ok(Filter {
        round: Some(session.round_id),
        is_handed_over,
        status: status.filter(|from| *from != PLANNED).collect(),
        also: Some(
            Condition::all()
                .add(certification_check::Column::BeneficiaryId.in_subquery(people))
                .add(scope::reads::<certification_check::Entity>(actor, plan)),
        ),
        ..Filter::default()
    })
}
