//! What the server does about wishes by itself: silence agrees, and what nobody took on expires.

use chrono::{DateTime, Utc};
use entity::enums::ChangeKind;
use entity::wish;
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, Query, SimpleExpr};
use sea_orm::{ActiveEnum as _, ColumnTrait as _, ConnectionTrait as _, FromQueryResult as _};

use super::moves::after;
use super::rules::Action;
use crate::audit::service::{Act, Author, record_by};
use crate::changes::service::{self as changes, Changed};
use crate::clock::SHANGHAI;
use crate::context::App;
use crate::db::Handle as _;
use crate::error::Result;

const REASON: &str = "the server's own clock closes and expires wishes, wherever they are";

/// How many wishes one transaction moves, so that no write waits long for it.
const BATCH: u64 = 100;

/// Closes what the household has said nothing about for seven days, marked so, and says how many.
pub async fn close_silent_wishes(app: &App) -> Result<usize> {
    use wish::Column as C;
    let now = app.clock.now();
    let due = || Condition::all().add(C::AgreesAt.lte(now));
    let values = || {
        vec![
            (C::IsSilent, Expr::value(true)),
            (C::ClosedAt, Expr::value(now)),
            (C::CodeHash, Expr::value(None::<String>)),
        ]
    };
    in_batches(app, ("closeSilentWish", Action::Close), (due, values)).await
}

/// Ends open wishes whose last day has passed, and says how many.
pub async fn expire_wishes(app: &App) -> Result<usize> {
    use wish::Column as C;
    let today = app.clock.today(SHANGHAI);
    let due = || Condition::all().add(C::ExpiresOn.lt(today));
    let values = || vec![(C::CodeHash, Expr::value(None::<String>))];
    in_batches(app, ("expireWish", Action::Expire), (due, values)).await
}

/// Several servers may do so at once: the condition stands in the update.
async fn in_batches(
    app: &App,
    (name, action): (&'static str, Action),
    (due, values): (
        impl Fn() -> Condition,
        impl Fn() -> Vec<(wish::Column, SimpleExpr)>,
    ),
) -> Result<usize> {
    use wish::Column as C;
    let author = Author::operator(&app.keys, &app.clock);
    let now: DateTime<Utc> = app.clock.now();
    // As text, not as a parameter: only so do both databases use an index over the rows of one state.
    let from: Vec<String> = action
        .steps()
        .map(|(from, _)| format!("\"wish\".\"status\" = '{}'", from.to_value()))
        .collect();
    let fits = || Expr::cust(format!("({})", from.join(" OR ")));
    let mut moved = 0;
    loop {
        let next = Query::select()
            .column(C::Id)
            .from(wish::Entity)
            .and_where(fits())
            .cond_where(due())
            .order_by(C::Id, Order::Asc)
            .limit(BATCH)
            .to_owned();
        let mut update = Query::update();
        update
            .table(wish::Entity)
            .value(C::Status, after(action))
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now)
            .values(values())
            .and_where(C::Id.in_subquery(next))
            .and_where(fits())
            .cond_where(due())
            .returning_all();
        let tx = app.db.begin().await?;
        let rows = tx.unscoped(REASON).query_all(&update).await?;
        let mut changed = Vec::new();
        for row in &rows {
            let row = wish::Model::from_query_result(row, "")?;
            let act = Act {
                action: name,
                subject_kind: "Wish",
                subject_id: row.id,
                area_id: Some(row.area_id),
                reason: None,
                fields: "status".to_owned(),
                details: None,
            };
            record_by(author, &tx, act).await?;
            changed.push(Changed::in_place(
                ChangeKind::Wish,
                row.id,
                Some(row.area_id),
            ));
        }
        changes::record_at(now, &tx, &changed).await?;
        tx.commit().await?;
        moved += rows.len();
        if rows.is_empty() {
            return Ok(moved);
        }
    }
}
