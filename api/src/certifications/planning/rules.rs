//! By which channel somebody is best certified, and what each channel costs.

use entity::enums::CertificationChannel as Channel;

/// From this age on people are visited rather than asked to come (ours).
const OLD: i32 = 80;
/// Further than so many metres from where they would come people are visited (ours).
const FAR: i64 = 2000;

/// Why a channel is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// It stands on their record as the best for them.
    Preferred,
    /// They live elsewhere.
    LivesElsewhere,
    /// They live in an institution.
    LivesInInstitution,
    /// They cannot come.
    Immobile,
    /// They are old.
    Age,
    /// They live far from where they would come.
    Distance,
    /// They were certified by it the last time.
    LastTime,
    /// They can come.
    AbleToCome,
}

/// What is on record of somebody.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is one fact")]
pub struct Facts {
    /// Years; unknown where absent.
    pub age: Option<i32>,
    /// Whether they cannot come.
    pub is_immobile: bool,
    /// Whether they live in an institution.
    pub in_institution: bool,
    /// Whether they live in no building of ours and are registered elsewhere.
    pub is_elsewhere: bool,
    /// How many metres they live from where they would come; unknown where absent.
    pub metres: Option<i64>,
    /// Whether a phone number is on record.
    pub has_phone: bool,
    /// The channel that is best for them.
    pub preferred: Option<Channel>,
    /// The channel by which they were certified the last time.
    pub last_time: Option<Channel>,
}

impl Facts {
    /// Whether somebody can be certified by a channel at all, as far as is known.
    #[must_use]
    pub const fn allow(&self, channel: Channel) -> bool {
        match channel {
            Channel::Home => !self.is_elsewhere,
            Channel::Session => self.in_institution || !self.is_immobile && !self.is_elsewhere,
            Channel::Appointment => !self.is_immobile && !self.is_elsewhere,
            Channel::Video => self.has_phone,
            Channel::Online => true,
            Channel::Letter => self.is_elsewhere,
        }
    }
}

/// The channel by which somebody is best certified, and why.
#[must_use]
pub fn propose(facts: Facts) -> (Channel, Reason) {
    let possible = |channel: Option<Channel>| channel.filter(|channel| facts.allow(*channel));
    if let Some(channel) = possible(facts.preferred) {
        return (channel, Reason::Preferred);
    }
    if facts.in_institution {
        (Channel::Session, Reason::LivesInInstitution)
    } else if facts.is_elsewhere && facts.has_phone {
        (Channel::Video, Reason::LivesElsewhere)
    } else if facts.is_elsewhere {
        (Channel::Letter, Reason::LivesElsewhere)
    } else if facts.is_immobile {
        (Channel::Home, Reason::Immobile)
    } else if facts.age.is_some_and(|age| age >= OLD) {
        (Channel::Home, Reason::Age)
    } else if facts.metres.is_some_and(|metres| metres > FAR) {
        (Channel::Home, Reason::Distance)
    } else if let Some(channel) = possible(facts.last_time) {
        (channel, Reason::LastTime)
    } else {
        (Channel::Appointment, Reason::AbleToCome)
    }
}

/// What certifying somebody costs whoever does it, in minutes with the way there (ours).
#[must_use]
pub const fn minutes(channel: Channel) -> i64 {
    match channel {
        Channel::Home => 40,
        Channel::Letter => 20,
        Channel::Appointment | Channel::Video => 15,
        Channel::Session | Channel::Online => 5,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A woman of 70 who lives in a building of ours and has a phone.
    const ABLE: Facts = Facts {
        age: Some(70),
        is_immobile: false,
        in_institution: false,
        is_elsewhere: false,
        metres: None,
        has_phone: true,
        preferred: None,
        last_time: None,
    };

    #[test]
    fn each_is_proposed_what_fits_and_why() {
        let old = Facts {
            age: Some(80),
            ..ABLE
        };
        let immobile = Facts {
            is_immobile: true,
            ..old
        };
        let nursed = Facts {
            in_institution: true,
            ..immobile
        };
        let elsewhere = Facts {
            is_elsewhere: true,
            ..immobile
        };
        let preferring = |facts, channel| Facts {
            preferred: Some(channel),
            last_time: Some(Channel::Session),
            ..facts
        };
        let before = |facts, channel| Facts {
            last_time: Some(channel),
            ..facts
        };
        for (facts, channel, reason) in [
            (ABLE, Channel::Appointment, Reason::AbleToCome),
            (
                Facts { age: None, ..ABLE },
                Channel::Appointment,
                Reason::AbleToCome,
            ),
            (
                Facts {
                    age: Some(79),
                    ..ABLE
                },
                Channel::Appointment,
                Reason::AbleToCome,
            ),
            (old, Channel::Home, Reason::Age),
            (immobile, Channel::Home, Reason::Immobile),
            (nursed, Channel::Session, Reason::LivesInInstitution),
            (elsewhere, Channel::Video, Reason::LivesElsewhere),
            (
                Facts {
                    has_phone: false,
                    ..elsewhere
                },
                Channel::Letter,
                Reason::LivesElsewhere,
            ),
            (
                before(ABLE, Channel::Online),
                Channel::Online,
                Reason::LastTime,
            ),
            (before(old, Channel::Online), Channel::Home, Reason::Age),
            // A letter went to where they do not live any more.
            (
                before(ABLE, Channel::Letter),
                Channel::Appointment,
                Reason::AbleToCome,
            ),
            (
                preferring(old, Channel::Appointment),
                Channel::Appointment,
                Reason::Preferred,
            ),
            (
                preferring(nursed, Channel::Video),
                Channel::Video,
                Reason::Preferred,
            ),
            // What they prefer is not possible any more.
            (
                preferring(immobile, Channel::Appointment),
                Channel::Home,
                Reason::Immobile,
            ),
            (
                preferring(elsewhere, Channel::Home),
                Channel::Video,
                Reason::LivesElsewhere,
            ),
        ] {
            assert_eq!(propose(facts), (channel, reason), "{facts:?}");
        }
    }

    #[test]
    fn whoever_lives_far_is_visited_whatever_was_last_time() {
        for (metres, expected) in [
            (None, (Channel::Online, Reason::LastTime)),
            (Some(2000), (Channel::Online, Reason::LastTime)),
            (Some(2001), (Channel::Home, Reason::Distance)),
        ] {
            let facts = Facts {
                metres,
                last_time: Some(Channel::Online),
                ..ABLE
            };
            assert_eq!(propose(facts), expected, "{metres:?}");
        }
    }

    fn channel() -> impl Strategy<Value = Option<Channel>> {
        prop::option::of(prop::sample::select(vec![
            Channel::Home,
            Channel::Session,
            Channel::Appointment,
            Channel::Video,
            Channel::Online,
            Channel::Letter,
        ]))
    }

    prop_compose! {
        fn anybody()(
            age in prop::option::of(0_i32..110),
            (is_immobile, has_phone) in any::<(bool, bool)>(),
            place in 0_u8..3,
            preferred in channel(),
            last_time in channel(),
            metres in prop::option::of(0_i64..5000),
        ) -> Facts {
            Facts { metres, age, is_immobile, has_phone, preferred, last_time, in_institution: place == 1, is_elsewhere: place == 2 }
        }
    }

    proptest! {
        #[test]
        fn nobody_is_proposed_what_cannot_be(facts in anybody()) {
            let (channel, reason) = propose(facts);
            prop_assert!(facts.allow(channel), "{channel:?}");
            if facts.is_immobile && !facts.in_institution {
                prop_assert!(!matches!(channel, Channel::Appointment | Channel::Session));
            }
            if let Some(preferred) = facts.preferred
                && facts.allow(preferred)
            {
                prop_assert_eq!((channel, reason), (preferred, Reason::Preferred));
            }
        }
    }
}
