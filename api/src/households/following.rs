//! How much hangs on households, counted by the conditions by which it follows them.

use entity::{care_enrolment, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Query, SelectStatement};

use crate::access::policy::Permission;
use crate::context::Cx;
use crate::error::Result;
use crate::visits::moves::{self, Unmade};

/// What [`super::moves::follow`] would take along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Following {
    /// People.
    pub residents: u64,
    /// Their open enrolments.
    pub enrolments: u64,
    /// Visits still to be made to the households or their people.
    pub visits: Unmade,
}

/// What would follow the households whose keys `households` selects.
pub async fn following(cx: &Cx, households: &SelectStatement) -> Result<Following> {
    let (actor, db) = (cx.actor()?, &cx.app.db);
    let there = resident::Column::HouseholdId.in_subquery(households.clone());
    let residents = actor
        .scoped::<resident::Entity>(Permission::ResidentEdit)
        .filter(there.clone())
        .count(db)
        .await?;
    let people = Query::select()
        .column(resident::Column::Id)
        .from(resident::Entity)
        .and_where(there)
        .to_owned();
    let enrolments = actor
        .scoped::<care_enrolment::Entity>(Permission::ResidentEdit)
        .filter(care_enrolment::Column::ToOn.is_null())
        .filter(care_enrolment::Column::ResidentId.in_subquery(people))
        .count(db)
        .await?;
    Ok(Following {
        residents,
        enrolments,
        visits: moves::unmade(cx, households.clone()).await?,
    })
}
