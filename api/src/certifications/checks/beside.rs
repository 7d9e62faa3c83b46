//! What hangs on checks: tries, corrections, files, who comes along, and how people were certified before.

use std::collections::HashMap;

use entity::enums::CertificationRoundStatus;
use entity::{
    accompaniment, certification_attempt, certification_check, certification_correction,
    certification_round,
};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, Query, SelectStatement};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::reads::{Columns, Seen};
use super::rules::UNRESOLVED;
use crate::access::policy::Permission;
use crate::accompaniments::reads::asked;
use crate::attachments::service as attachments;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

const BESIDE: &str = "what hangs on checks that the scope let through";

/// Reads what hangs on checks, each kind in one statement however many they are.
pub(super) async fn beside(cx: &Cx, mut rows: Vec<Seen>, columns: Columns) -> Result<Vec<Seen>> {
    let ids: Vec<Uuid> = rows.iter().map(|seen| seen.row.id).collect();
    if ids.is_empty() {
        return Ok(rows);
    }
    let connection = cx.app.db.unscoped(BESIDE);
    if columns.attempts {
        use certification_attempt::Column as A;
        let attempts = certification_attempt::Entity::find()
            .filter(A::CheckId.is_in(ids.iter().copied()))
            .order_by_asc(A::Id)
            .all(&connection)
            .await?;
        for seen in &mut rows {
            let own = attempts.iter().filter(|one| one.check_id == seen.row.id);
            seen.attempts = own.cloned().collect();
        }
    }
    if columns.corrections {
        use certification_correction::Column as K;
        let corrections = certification_correction::Entity::find()
            .filter(K::CheckId.is_in(ids.iter().copied()))
            .order_by_asc(K::Id)
            .all(&connection)
            .await?;
        for seen in &mut rows {
            let own = corrections.iter().filter(|one| one.check_id == seen.row.id);
            seen.corrections = own.cloned().collect();
        }
    }
    if columns.attachments {
        let files = attachments::of_checks(cx, &ids).await?;
        for seen in &mut rows {
            let own = files
                .iter()
                .filter(|file| file.row.check_id == Some(seen.row.id));
            seen.attachments = own.cloned().collect();
        }
    }
    if columns.previous {
        previous(cx, &mut rows).await?;
    }
    if columns.companion {
        let named = rows.iter().filter_map(|seen| seen.row.accompaniment_id);
        let asked = asked(cx, &named.collect::<Vec<_>>()).await?;
        for seen in &mut rows {
            let own = |row: &accompaniment::Model| Some(row.id) == seen.row.accompaniment_id;
            seen.companion = asked.iter().find(|(row, _)| own(row)).cloned();
        }
    }
    Ok(rows)
}

/// Rounds that count for nothing.
fn voided() -> SelectStatement {
    use certification_round::Column as R;
    Query::select()
        .column(R::Id)
        .from(certification_round::Entity)
        .and_where(R::Status.eq(CertificationRoundStatus::Voided))
        .to_owned()
}

/// The last check of an earlier round of each person that reached an end.
async fn previous(cx: &Cx, rows: &mut [Seen]) -> Result<()> {
    use certification_check::Column as C;
    let people: Vec<Uuid> = rows.iter().map(|seen| seen.person.id).collect();
    let earlier = cx
        .actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .filter(C::BeneficiaryId.is_in(people))
        .filter(Expr::cust(UNRESOLVED).not())
        .filter(C::RoundId.not_in_subquery(voided()))
        .order_by(C::Id, Order::Desc)
        .all(&cx.app.db)
        .await?;
    let mut of: HashMap<Uuid, Vec<certification_check::Model>> = HashMap::new();
    for check in earlier {
        of.entry(check.beneficiary_id).or_default().push(check);
    }
    for seen in rows {
        let own = of.get(&seen.person.id).into_iter().flatten();
        let mut before = own.filter(|check| check.id < seen.row.id);
        seen.previous = before.next().cloned();
    }
    Ok(())
}
