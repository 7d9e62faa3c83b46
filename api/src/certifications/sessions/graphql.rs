//! Sessions and slots as the veterans' station sees them.

use async_graphql::{Enum, ID, SimpleObject};

use super::reads::Seen;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::CertificationChannel;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// Where a session or a slot stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::CertificationSessionStatus")]
pub enum CertificationSessionStatus {
    /// It is to be held 已安排.
    Planned,
    /// It was held, and whoever did not come is noted 已举行.
    Held,
    /// It was called off 已取消.
    Cancelled,
}

/// A session 集中认证 or an appointment slot 预约: who is to come are the checks with its id. Needs
/// `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationSession {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The round.
    round_id: ID,
    /// The area whose people it is for.
    area: Option<Area>,
    /// `SESSION` for many at once, `APPOINTMENT` for a slot.
    channel: CertificationChannel,
    /// Where it is held.
    venue: String,
    /// Whether that is an institution where people live.
    is_institution: bool,
    /// When it begins.
    starts_at: DateTime,
    /// When it ends.
    ends_at: DateTime,
    /// How many can come; any number where absent.
    capacity: Option<i32>,
    /// Where it stands in its life.
    status: CertificationSessionStatus,
    /// Why it was cancelled.
    end_reason: Option<String>,
    /// When it was closed or cancelled.
    ended_at: Option<DateTime>,
    /// How many places are taken: by who is to come, and by who came.
    taken_count: i64,
    /// How many came and were checked.
    present_count: i64,
    /// Of how many it is noted that they did not come.
    absent_count: i64,
}

impl CertificationSession {
    /// Shows a session.
    pub fn new(cx: &Cx, seen: Seen) -> Result<Self> {
        let Seen { row, tally } = seen;
        Ok(Self {
            id: Id::<ids::CertificationSession>::new(row.id)
                .to_string()
                .into(),
            version: row.version,
            round_id: Id::<ids::CertificationRound>::new(row.round_id)
                .to_string()
                .into(),
            area: Area::from_tree(&cx.actor()?.tree, row.area_id),
            channel: row.channel.into(),
            venue: row.venue,
            is_institution: row.is_institution,
            starts_at: DateTime(row.starts_at),
            ends_at: DateTime(row.ends_at),
            capacity: row.capacity,
            status: row.status.into(),
            end_reason: row.end_reason,
            ended_at: row.ended_at.map(DateTime),
            taken_count: tally.taken,
            present_count: tally.present,
            absent_count: tally.absent,
        })
    }
}
