//! Reading hand-overs: what one's station offers, what it is offered, and whom one can ask.

use entity::enums::HandOverStatus;
use entity::{
    account, beneficiary, certification_check, certification_hand_over, certification_round,
};
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, JoinType, Order, SelectStatement};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::scope::{Scoped, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// How many stations are proposed.
const PROPOSED: usize = 20;

/// From whose side hand-overs are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Offered to one's station.
    Incoming,
    /// Of checks that one's station answers for.
    Outgoing,
}

/// A hand-over with its check, whom it certifies, its round and who had to do with it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: certification_hand_over::Model,
    /// The check.
    pub check: certification_check::Model,
    /// Whom it certifies: for the other side only while it must know.
    pub person: beneficiary::Model,
    /// The round.
    pub round: certification_round::Model,
    /// The names of who offered, accepted and ended it.
    pub names: Names,
}

/// The names that go with a hand-over.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub struct Names {
    /// Who offered it.
    pub offerer: Option<String>,
    /// Who accepted it.
    pub acceptor: Option<String>,
    /// Who declined or withdrew it.
    pub ender: Option<String>,
}

impl FromQueryResult for Seen {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: certification_hand_over::Model::from_query_result(row, prefix)?,
            check: certification_check::Model::from_query_result(row, "check_of_")?,
            person: beneficiary::Model::from_query_result(row, "person_")?,
            round: certification_round::Model::from_query_result(row, "round_of_")?,
            names: Names::from_query_result(row, "name_")?,
        })
    }
}

fn shape(select: &mut SelectStatement) {
    use certification_check::Column as K;
    use certification_hand_over::Column as C;
    select_columns::<certification_hand_over::Entity>(select, "");
    select_columns::<certification_check::Entity>(select, "check_of_");
    select_columns::<beneficiary::Entity>(select, "person_");
    select_columns::<certification_round::Entity>(select, "round_of_");
    let own = |column: C| (certification_hand_over::Entity, column);
    let check = |column: K| (certification_check::Entity, column);
    select
        .inner_join(
            certification_check::Entity,
            Expr::col(check(K::Id)).equals(own(C::CheckId)),
        )
        .inner_join(
            beneficiary::Entity,
            Expr::col((beneficiary::Entity, beneficiary::Column::Id))
                .equals(check(K::BeneficiaryId)),
        )
        .inner_join(
            certification_round::Entity,
            Expr::col((certification_round::Entity, certification_round::Column::Id))
                .equals(check(K::RoundId)),
        );
    for (name, column) in [
        ("offerer", C::OfferedBy),
        ("acceptor", C::AcceptedBy),
        ("ender", C::EndedBy),
    ] {
        let who = Alias::new(name);
        select
            .join_as(
                JoinType::LeftJoin,
                account::Entity,
                who.clone(),
                Expr::col((who.clone(), account::Column::Id)).equals(own(column)),
            )
            .expr_as(
                Expr::col((who, account::Column::Name)),
                Alias::new(format!("name_{name}")),
            );
    }
}

/// Those of these hand-overs that the actor may read.
pub async fn some(cx: &Cx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    let scoped = cx
        .actor()?
        .scoped::<certification_hand_over::Entity>(Permission::BeneficiaryRead);
    scoped.ids(ids).into_rows(&cx.app.db, shape).await
}

fn filtered<'a>(
    cx: &'a Cx,
    direction: Direction,
    states: &[HandOverStatus],
) -> Result<Scoped<'a, certification_hand_over::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::BeneficiaryRead)?;
    let scoped = actor.scoped::<certification_hand_over::Entity>(Permission::BeneficiaryRead);
    let scoped = match direction {
        Direction::Incoming => scoped.shared_only(),
        Direction::Outgoing => scoped.by_area_only(),
    };
    Ok(if states.is_empty() {
        scoped
    } else {
        let states = states.iter().copied();
        scoped.filter(certification_hand_over::Column::Status.is_in(states))
    })
}

/// A page of hand-overs, the newest first. Needs `BENEFICIARY_READ`.
pub async fn list(
    cx: &Cx,
    (direction, states): (Direction, &[HandOverStatus]),
    page: &Page<Uuid>,
) -> Result<Rows<Seen>> {
    use certification_hand_over::Column as C;
    let mut scoped = filtered(cx, direction, states)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.gt(before));
    }
    let order = if page.backward {
        Order::Asc
    } else {
        Order::Desc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    let rows = scoped.into_rows(&cx.app.db, shape).await?;
    Ok(Rows::new(rows, page))
}

/// How many hand-overs there are.
pub async fn count(cx: &Cx, (direction, states): (Direction, &[HandOverStatus])) -> Result<u64> {
    filtered(cx, direction, states)?.count(&cx.app.db).await
}

/// Areas whose stations can be asked, outside the actor's own: those whose name holds `name`, by code.
/// Needs `CERTIFICATION_PLAN`.
pub fn stations(cx: &Cx, name: &str) -> Result<Vec<Uuid>> {
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    let tree = &actor.tree;
    let own = actor.areas(Permission::CertificationPlan);
    let tops = own.iter().filter_map(|area| tree.upwards(*area).last());
    let mut found: Vec<(&str, Uuid)> = tops
        .flat_map(|top| tree.down_to_grids(top))
        .filter_map(|area| tree.get(area).map(|node| (node, area)))
        .filter(|(node, area)| {
            rules::is_fit(node.kind)
                && node.retired_on.is_none()
                && node.name.contains(name)
                && !own
                    .iter()
                    .any(|mine| tree.covers(*mine, *area) || tree.covers(*area, *mine))
        })
        .map(|(node, area)| (node.code.as_str(), area))
        .collect();
    found.sort_unstable();
    found.dedup();
    Ok(found.into_iter().take(PROPOSED).map(|(_, id)| id).collect())
}
