//! Proposals and ways as the veterans' station sees them.

use async_graphql::{Enum, ID, SimpleObject};

use super::assignees::Assignee;
use super::proposal::Proposed;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::CertificationChannel;
use crate::certifications::checks::graphql::CertificationCheck;
use crate::certifications::checks::reads::Seen;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::route::{Leg, minutes};

/// Why a channel is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "super::rules::Reason")]
pub enum CertificationChannelReason {
    /// It stands on their record as the best for them, and is possible 本人意愿.
    Preferred,
    /// They are registered elsewhere and live in no building of ours 异地居住.
    LivesElsewhere,
    /// They live in an institution 机构养老.
    LivesInInstitution,
    /// They cannot come 行动不便.
    Immobile,
    /// They are 80 or older 高龄.
    Age,
    /// They live more than two kilometres from where they would come 路途较远.
    Distance,
    /// They were certified by it the last time 沿用上年方式.
    LastTime,
    /// They can come, and nothing else speaks for another way 可自行前往.
    AbleToCome,
}

/// By which channel somebody is best certified.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationProposal {
    /// The check, as it is.
    check: CertificationCheck,
    /// By which channel.
    channel: CertificationChannel,
    /// Why.
    reason: CertificationChannelReason,
}

impl CertificationProposal {
    /// Shows a proposal.
    pub fn new(cx: &Cx, proposed: Proposed) -> Result<Self> {
        Ok(Self {
            check: CertificationCheck::new(cx, proposed.seen)?,
            channel: proposed.channel.into(),
            reason: proposed.reason.into(),
        })
    }
}

/// Your home visits in the order in which to make them.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationRoute {
    /// The home visits in the order of their times, those of one time in the order of the way; those whose
    /// building has no point on record last.
    stops: Vec<CertificationRouteStop>,
    /// Straight-line metres of the whole way, as far as points are known.
    metres: i64,
    /// Minutes of the whole way on foot, as far as points are known; without the visits themselves.
    minutes: i64,
}

/// A home visit and the way to it.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationRouteStop {
    /// The check.
    check: CertificationCheck,
    /// Straight-line metres from the stop before; absent where the building has no point on record.
    metres: Option<i64>,
    /// Minutes on foot from the stop before; absent where the building has no point on record.
    minutes: Option<i64>,
}

impl CertificationRoute {
    /// Shows a way to the reader it was made for.
    pub fn new(cx: &Cx, way: Vec<(Seen, Leg)>) -> Result<Self> {
        let stops = way.into_iter().map(|(seen, leg)| {
            Ok(CertificationRouteStop {
                check: CertificationCheck::new(cx, seen)?,
                metres: leg.metres,
                minutes: leg.metres.map(minutes),
            })
        });
        let stops: Vec<CertificationRouteStop> = stops.collect::<Result<_>>()?;
        Ok(Self {
            metres: stops.iter().filter_map(|stop| stop.metres).sum(),
            minutes: stops.iter().filter_map(|stop| stop.minutes).sum(),
            stops,
        })
    }
}

/// Somebody who may be given checks.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationAssignee {
    /// The account, for `assignedToId`.
    account_id: ID,
    /// The name.
    name: String,
    /// Where they are granted.
    area: Option<Area>,
}

impl CertificationAssignee {
    /// Shows a colleague.
    pub fn new(cx: &Cx, one: Assignee) -> Result<Self> {
        Ok(Self {
            account_id: Id::<ids::Account>::new(one.account).to_string().into(),
            name: one.name,
            area: Area::from_tree(&cx.actor()?.tree, one.area),
        })
    }
}
