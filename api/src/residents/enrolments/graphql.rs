//! Care enrolments as phones see them.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};

use crate::ids::{self, Id};
use crate::residents::graphql::{CareTier, Circumstance};
use crate::residents::service::EnrolmentRow;
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// A care enrolment 纳入探访: from when to when somebody is a subject of visits. Shown only to those
/// with `RESIDENT_READ` where the resident lives.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CareEnrolment {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The first day.
    from_on: Date,
    /// The first day on which it no longer holds; absent while it does.
    to_on: Option<Date>,
    /// Why they were enrolled.
    reason: Option<String>,
    /// Why it ended.
    end_reason: Option<String>,
    /// Since when visits rest; absent while they go on.
    paused_on: Option<Date>,
    /// The day on which the pause is looked at again.
    review_on: Option<Date>,
    #[graphql(skip)]
    row: EnrolmentRow,
}

impl CareEnrolment {
    /// Shows an enrolment to somebody who reads its resident in full, and notes that for the audit.
    #[must_use]
    pub fn opened(ctx: &Context<'_>, row: EnrolmentRow) -> Self {
        cx(ctx).opened("Resident", row.resident_id);
        Self {
            id: Id::<ids::CareEnrolment>::new(row.id).to_string().into(),
            version: row.version,
            from_on: Date(row.from_on),
            to_on: row.to_on.map(Date),
            reason: row.reason.clone(),
            end_reason: row.end_reason.clone(),
            paused_on: row.paused_on.map(Date),
            review_on: row.review_on.map(Date),
            row,
        }
    }
}

#[ComplexObject]
impl CareEnrolment {
    /// Care tier 关爱等级: how often they are visited.
    fn tier(&self, ctx: &Context<'_>) -> async_graphql::Result<CareTier> {
        self.row.tier.get().map(CareTier::from).at_edge(ctx)
    }

    /// What makes them a subject of visits.
    fn circumstances(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Circumstance>> {
        let known = self.row.circumstances.get().at_edge(ctx)?;
        Ok(known.iter().map(Circumstance::from).collect())
    }
}
