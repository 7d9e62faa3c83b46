//! Rounds as the veterans' station sees them.

use async_graphql::{Enum, ID, SimpleObject};
use chrono::Days;
use entity::certification_round;

use crate::access::policy::kind_at;
use crate::areas::graphql::{Area, AreaKind};
use crate::beneficiaries::graphql::BeneficiaryCategory;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::{Date, DateTime};

/// Where a round stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CertificationRoundStatus")]
pub enum CertificationRoundStatus {
    /// Its roster is frozen; people are being certified 进行中.
    Open,
    /// Everybody is resolved; it never changes again 已结束.
    Closed,
    /// It was a mistake: nothing was confirmed in it 已作废.
    Voided,
}

/// A round of certification 认证批次. Needs `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationRound {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The year that it certifies.
    year: i32,
    /// The area it is for, and below.
    area: Option<Area>,
    /// The categories that it certifies.
    categories: Vec<BeneficiaryCategory>,
    /// The day on which it was opened and its roster frozen.
    opens_on: Date,
    /// The last day on which people are to be certified.
    closes_on: Date,
    /// The last day of grace.
    last_on: Date,
    /// The kind of area at which checks are confirmed, at least.
    confirm_level: Option<AreaKind>,
    /// Where it stands in its life.
    status: CertificationRoundStatus,
    /// When it was closed or voided.
    ended_at: Option<DateTime>,
    /// Why it was voided.
    end_reason: Option<String>,
}

impl CertificationRound {
    /// Shows a round.
    pub fn new(cx: &Cx, row: certification_round::Model) -> Result<Self> {
        let grace = Days::new(u64::try_from(row.grace_days).unwrap_or_default());
        Ok(Self {
            id: Id::<ids::CertificationRound>::new(row.id)
                .to_string()
                .into(),
            version: row.version,
            year: row.year,
            area: Area::from_tree(&cx.actor()?.tree, row.area_id),
            categories: row.categories.iter().map(Into::into).collect(),
            opens_on: Date(row.opens_on),
            closes_on: Date(row.closes_on),
            last_on: Date(row.closes_on + grace),
            confirm_level: kind_at(row.confirm_level).map(Into::into),
            status: row.status.into(),
            ended_at: row.ended_at.map(DateTime),
            end_reason: row.end_reason,
        })
    }
}
