//! Notices as phones see them.

use async_graphql::{ID, SimpleObject};
use entity::notice;

use crate::areas::graphql::{Area, AreaKind};
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// That something asks for you 提醒. It names nobody: what it is about tells more to who may see it.
#[derive(Clone, Debug, SimpleObject)]
pub struct Notice {
    /// The opaque id.
    id: ID,
    /// The alarm it is about.
    alarm_id: Option<ID>,
    /// The elder's late visit it is about.
    escalation_id: Option<ID>,
    /// The booking it is about: a place is held for it, to be accepted in time.
    booking_id: Option<ID>,
    /// Where it is.
    area: Option<Area>,
    /// At which level you were told.
    level: AreaKind,
    /// Whether you were told in somebody's stead 代班.
    stands_in: bool,
    /// From when it is shown.
    shown_at: DateTime,
    /// When you have seen it.
    seen_at: Option<DateTime>,
}

impl Notice {
    /// Shows a notice to whom it was told.
    #[must_use]
    pub fn new(cx: &Cx, row: &notice::Model) -> Self {
        let alarm = |id| Id::<ids::Alarm>::new(id).to_string().into();
        let escalation = |id| Id::<ids::Escalation>::new(id).to_string().into();
        let booking = |id| Id::<ids::Booking>::new(id).to_string().into();
        Self {
            id: Id::<ids::Notice>::new(row.id).to_string().into(),
            alarm_id: row.alarm_id.map(alarm),
            escalation_id: row.escalation_id.map(escalation),
            booking_id: row.booking_id.map(booking),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            level: row.level.into(),
            stands_in: row.stands_in_for.is_some(),
            shown_at: DateTime(row.shown_at),
            seen_at: row.seen_at.map(DateTime),
        }
    }
}
