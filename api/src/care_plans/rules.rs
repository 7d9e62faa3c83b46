//! What a care rule says, and the rules that hold where a community has set none.

use entity::bits::Bits;
use entity::enums::{CareTier, VisitKind, VisitMethod};

/// How often, how and when elders of one tier are visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Days on which a visit is due, as an RFC 5545 rule without DTSTART.
    pub recurrence: String,
    /// Kind of the tasks it makes.
    pub kind: VisitKind,
    /// Kinds of visit that count as a contact.
    pub kinds: Bits<VisitKind>,
    /// Methods that count as a contact.
    pub methods: Bits<VisitMethod>,
    /// Days before the due day on which the window begins.
    pub days_before: i32,
    /// Days after the due day on which the window ends, at their end.
    pub days_after: i32,
    /// Begin of the preferred time of day, in minutes after midnight.
    pub from_minute: Option<i32>,
    /// End of the preferred time of day, in minutes after midnight.
    pub to_minute: Option<i32>,
}

impl Rule {
    /// Whether a visit of this kind by this method counts as a contact.
    #[must_use]
    pub fn counts(&self, kind: VisitKind, method: VisitMethod) -> bool {
        self.kinds.contains(kind) && self.methods.contains(method)
    }

    /// The rule where a community has set none: weekly in person for high risk, monthly in person for
    /// the key tier, quarterly by any method for the general one.
    #[must_use]
    pub fn default_of(tier: CareTier) -> Self {
        use VisitMethod as M;
        let in_person = [M::InPerson].into_iter().collect();
        let any = [M::InPerson, M::Phone, M::Video, M::Neighbour, M::Hotline]
            .into_iter()
            .collect();
        let (recurrence, methods, days_before, days_after) = match tier {
            CareTier::HighRisk => ("FREQ=WEEKLY;BYDAY=MO", in_person, 0, 6),
            CareTier::Key => ("FREQ=MONTHLY;BYMONTHDAY=1", in_person, 0, 27),
            CareTier::General => ("FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=1", any, 0, 83),
        };
        Self {
            recurrence: recurrence.to_owned(),
            kind: VisitKind::HomeVisit,
            kinds: [
                VisitKind::HomeVisit,
                VisitKind::SafetyCheck,
                VisitKind::FestivalVisit,
            ]
            .into_iter()
            .collect(),
            methods,
            days_before,
            days_after,
            from_minute: None,
            to_minute: None,
        }
    }
}
