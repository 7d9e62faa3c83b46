//! Reading checks: pages of them, with whom they certify and what goes with them.

use entity::enums::{BeneficiaryCategory, CertificationChannel, CheckOutcome, CheckStatus};
use entity::{
    accompaniment, account, beneficiary, certification_attempt, certification_check,
    certification_correction,
};
use sea_orm::sea_query::{
    Alias, Condition, Expr, ExprTrait as _, Func, JoinType, Order, Query, SelectStatement,
};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::beside::beside;
use super::rules::UNRESOLVED;
use crate::access::policy::Permission;
use crate::access::scope::{Scoped, select_columns};
use crate::attachments::service as attachments;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::Result;
use crate::paging::{Page, Rows};

/// Which checks are wanted; absent means any.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Of this round.
    pub round: Option<Uuid>,
    /// In this area or below it.
    pub area: Option<Uuid>,
    /// In one of these states.
    pub status: Vec<CheckStatus>,
    /// To be certified by this channel.
    pub channel: Option<CertificationChannel>,
    /// Of one of these categories.
    pub category: Vec<BeneficiaryCategory>,
    /// Found to be so.
    pub outcome: Option<CheckOutcome>,
    /// Assigned to this account.
    pub assigned_to: Option<Uuid>,
    /// Only those that have not reached an end.
    pub is_unresolved: bool,
    /// Those who are to come, or came, to this session.
    pub session: Option<Uuid>,
    /// Whatever else must hold of them.
    pub also: Option<Condition>,
    /// Those that another station has handed over, instead of those of one's own areas.
    pub is_handed_over: bool,
}

/// What is asked of checks beyond their own columns.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one field that is asked for"
)]
pub struct Columns {
    /// How each beneficiary was certified before.
    pub previous: bool,
    /// The tries that met nobody.
    pub attempts: bool,
    /// The corrections after the round was closed.
    pub corrections: bool,
    /// The files that prove it.
    pub attachments: bool,
    /// Who was asked to come along.
    pub companion: bool,
}

/// A check with whom it certifies.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: certification_check::Model,
    /// Whom it certifies.
    pub person: beneficiary::Model,
    /// The names of who is to do it, did it, sent it back, confirmed and settled it.
    pub names: Names,
    /// The check of an earlier round, where it was asked for.
    pub previous: Option<certification_check::Model>,
    /// The tries, the oldest first, where they were asked for.
    pub attempts: Vec<certification_attempt::Model>,
    /// The corrections, the oldest first, where they were asked for.
    pub corrections: Vec<certification_correction::Model>,
    /// The files, where they were asked for and may be read.
    pub attachments: Vec<attachments::Seen>,
    /// Who was asked to come along, with their name, where it was asked for.
    pub companion: Option<(accompaniment::Model, String)>,
}

/// The names that go with a check.
#[derive(Clone, Debug, Default, FromQueryResult)]
pub struct Names {
    /// Who is to do it.
    pub assignee: Option<String>,
    /// Who checked it.
    pub checker: Option<String>,
    /// Who confirmed it.
    pub confirmer: Option<String>,
    /// Who settled it.
    pub settler: Option<String>,
}

impl FromQueryResult for Seen {
    fn from_query_result(row: &sea_orm::QueryResult, prefix: &str) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            row: certification_check::Model::from_query_result(row, prefix)?,
            person: beneficiary::Model::from_query_result(row, "person_")?,
            names: Names::from_query_result(row, "name_")?,
            previous: None,
            attempts: Vec::new(),
            corrections: Vec::new(),
            attachments: Vec::new(),
            companion: None,
        })
    }
}

fn scoped(cx: &Cx) -> Result<Scoped<'_, certification_check::Entity>> {
    let actor = cx.actor()?;
    actor.require(Permission::BeneficiaryRead)?;
    Ok(actor.scoped::<certification_check::Entity>(Permission::BeneficiaryRead))
}

/// Selects a check, whom it certifies and who had to do with it.
fn shape(select: &mut SelectStatement) {
    use certification_check::Column as C;
    select_columns::<certification_check::Entity>(select, "");
    select_columns::<beneficiary::Entity>(select, "person_");
    select.inner_join(
        beneficiary::Entity,
        Expr::col((beneficiary::Entity, beneficiary::Column::Id))
            .equals((certification_check::Entity, C::BeneficiaryId)),
    );
    for (name, column) in [
        ("assignee", C::AssignedTo),
        ("checker", C::CheckedBy),
        ("confirmer", C::ConfirmedBy),
        ("settler", C::SettledBy),
    ] {
        let who = Alias::new(name);
        select
            .join_as(
                JoinType::LeftJoin,
                account::Entity,
                who.clone(),
                Expr::col((who.clone(), account::Column::Id))
                    .equals((certification_check::Entity, column)),
            )
            .expr_as(
                Expr::col((who, account::Column::Name)),
                Alias::new(format!("name_{name}")),
            );
    }
}

/// Those of these checks that the actor may read, with what is asked of them.
pub async fn some(cx: &Cx, ids: &[Uuid], columns: Columns) -> Result<Vec<Seen>> {
    let rows = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .ids(ids)
        .into_rows(&cx.app.db, shape)
        .await?;
    beside(cx, rows, columns).await
}

/// Those of these checks that the actor may read, within an open write; what hangs on them is left out.
pub(in crate::certifications) async fn within(cx: &Cx, tx: &Tx, ids: &[Uuid]) -> Result<Vec<Seen>> {
    cx.actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .ids(ids)
        .into_rows(tx, shape)
        .await
}

/// One check. Needs `BENEFICIARY_READ` where it is.
pub async fn one(cx: &Cx, id: Uuid, columns: Columns) -> Result<Option<Seen>> {
    scoped(cx)?;
    Ok(some(cx, &[id], columns).await?.pop())
}

/// A page of the checks that the actor may read, in the order of the roster. Needs `BENEFICIARY_READ`.
pub async fn list(
    cx: &Cx,
    filter: &Filter,
    page: &Page<Uuid>,
    columns: Columns,
) -> Result<Rows<Seen>> {
    use certification_check::Column as C;
    let mut scoped = filtered(cx, filter)?;
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.gt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.lt(before));
    }
    let order = if page.backward {
        Order::Desc
    } else {
        Order::Asc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    let rows = scoped.into_rows(&cx.app.db, shape).await?;
    let page = Rows::new(rows, page);
    Ok(Rows {
        rows: beside(cx, page.rows, columns).await?,
        has_next: page.has_next,
        has_previous: page.has_previous,
    })
}

/// How many checks the filter lets through.
pub async fn count(cx: &Cx, filter: &Filter) -> Result<u64> {
    filtered(cx, filter)?.count(&cx.app.db).await
}

/// The checks of a round whose people have one of these hashes of ID numbers, or of these certificates' numbers
/// in capitals. Needs `BENEFICIARY_READ`.
pub async fn of_people(
    cx: &Cx,
    round: Uuid,
    (hashes, certificates): (Vec<String>, Vec<String>),
) -> Result<Vec<Seen>> {
    use beneficiary::Column as B;
    let of = |column| Expr::col((beneficiary::Entity, column));
    let theirs = Condition::any()
        .add(of(B::IdNumberHash).is_in(hashes))
        .add(Func::upper(of(B::CertificateNumber)).is_in(certificates));
    scoped(cx)?
        .filter(certification_check::Column::RoundId.eq(round))
        .filter(theirs)
        .into_rows(&cx.app.db, shape)
        .await
}

/// Who keeps a round from being closed: how many, and the first of them in the order of the roster.
pub async fn unresolved(cx: &Cx, round: Uuid, most: u64) -> Result<(u64, Vec<Seen>)> {
    use certification_check::Column as C;
    let filter = Filter {
        round: Some(round),
        is_unresolved: true,
        ..Filter::default()
    };
    let first = filtered(cx, &filter)?
        .order_by(C::Id, Order::Asc)
        .limit(most)
        .into_rows(&cx.app.db, shape)
        .await?;
    Ok((count(cx, &filter).await?, first))
}

/// Who did not come to a session, the first hundred in the order of the roster.
pub async fn absent_from(cx: &Cx, session: Uuid, columns: Columns) -> Result<Vec<Seen>> {
    use certification_attempt::Column as A;
    use certification_check::Column as C;
    let absent = Query::select()
        .column(A::CheckId)
        .from(certification_attempt::Entity)
        .and_where(A::SessionId.eq(session))
        .to_owned();
    let rows = scoped(cx)?
        .filter(C::Id.in_subquery(absent))
        .order_by(C::Id, Order::Asc)
        .limit(100)
        .into_rows(&cx.app.db, shape)
        .await?;
    beside(cx, rows, columns).await
}

fn filtered<'a>(cx: &'a Cx, filter: &Filter) -> Result<Scoped<'a, certification_check::Entity>> {
    use certification_check::Column as C;
    let mut scoped = scoped(cx)?;
    // Lists and figures of a roster are of those who answer for it.
    if filter.is_handed_over {
        scoped = scoped.shared_only();
    } else if filter.assigned_to.is_none() {
        scoped = scoped.by_area_only();
    }
    if let Some(round) = filter.round {
        scoped = scoped.filter(C::RoundId.eq(round));
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if !filter.status.is_empty() {
        scoped = scoped.filter(C::Status.is_in(filter.status.iter().copied()));
    }
    if let Some(channel) = filter.channel {
        scoped = scoped.filter(C::Channel.eq(channel));
    }
    if !filter.category.is_empty() {
        let categories = filter.category.iter().copied();
        scoped = scoped.filter(C::Category.is_in(categories));
    }
    if let Some(outcome) = filter.outcome {
        scoped = scoped.filter(C::Outcome.eq(outcome));
    }
    if let Some(account) = filter.assigned_to {
        scoped = scoped.filter(C::AssignedTo.eq(account));
    }
    if filter.is_unresolved {
        // In the text, so that the index of unresolved checks fits.
        scoped = scoped.filter(Expr::cust(UNRESOLVED));
    }
    if let Some(session) = filter.session {
        scoped = scoped.filter(C::SessionId.eq(session));
    }
    if let Some(also) = &filter.also {
        scoped = scoped.filter(also.clone());
    }
    Ok(scoped)
}
