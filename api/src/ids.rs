//! Typed ids: opaque to clients, checked for their kind when they come back.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::error::{Code, Error};

/// What an id can belong to; the tag is the first byte of the opaque form and never changes.
pub trait Kind {
    /// The byte that tells this kind from every other.
    const TAG: u8;
    /// The GraphQL type's name.
    const NAME: &'static str;
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $tag:literal;)*) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub enum $kind {}
            impl Kind for $kind {
                const TAG: u8 = $tag;
                const NAME: &'static str = stringify!($kind);
            }
        )*

        /// An id whose kind is only known once it is read, as `node(id:)` takes it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum AnyId {
            $(
                $(#[$doc])*
                $kind(Id<$kind>),
            )*
        }

        impl AnyId {
            /// Reads an opaque id; unknown kinds and garbage are absent.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let (tag, uuid) = decode(text)?;
                match tag {
                    $($tag => Some(Self::$kind(Id::new(uuid))),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A person who signs in.
    Account = 1;
    /// A place in the area tree.
    Area = 2;
    /// A care enrolment.
    CareEnrolment = 3;
    /// An emergency contact of a resident.
    EmergencyContact = 4;
    /// A role granted to an account at an area.
    RoleGrant = 5;
    /// A household.
    Household = 6;
    /// A person who lives in a household.
    Resident = 7;
    /// A signed-in device.
    Session = 8;
    /// A visit to a household.
    VisitTask = 9;
    /// One try at a visit that met nobody.
    VisitAttempt = 10;
    /// What was reported of a visit.
    VisitReport = 11;
    /// The care rule of a tier in an area.
    CareRule = 12;
    /// What a visit found that ends or suspends visits.
    Finding = 14;
    /// Somebody is away.
    Absence = 17;
    /// Whose turn it is.
    DutyShift = 18;
    /// An elder's late visit that climbs.
    Escalation = 19;
    /// What somebody was told.
    Notice = 20;
    /// A list of whom meals are delivered to.
    MealList = 24;
    /// A person on a meal list.
    MealRecipient = 25;
    /// A batch of meals.
    MealBatch = 26;
    /// A closed month of coverage.
    CoverageMonth = 13;
    /// An alarm.
    Alarm = 15;
    /// An event round of visits.
    VisitRound = 16;
    /// Somebody whose benefits are certified every year.
    Beneficiary = 60;
    /// A round of certification.
    CertificationRound = 61;
    /// One beneficiary in one round.
    CertificationCheck = 62;
    /// A file that proves a check.
    Attachment = 63;
    /// A session or an appointment slot of certification.
    CertificationSession = 65;
    /// A check that another station is asked to make.
    HandOver = 68;
    /// That a volunteer is asked to come along.
    Accompaniment = 69;
    /// A partner of the community.
    Partner = 70;
    /// What a partner does for households.
    ServiceOffer = 71;
    /// Offers under one name.
    ServicePackage = 72;
    /// The same slot again and again.
    SlotSeries = 73;
    /// When an offer can be booked.
    ServiceSlot = 74;
    /// Something small that a household asks for.
    Wish = 75;
    /// A household's place in a slot.
    Booking = 76;
    /// Somebody who lends a hand for a wish.
    WishHand = 77;
    /// A training of a volunteer.
    VolunteerTraining = 40;
    /// An award to a volunteer, or an evaluation.
    VolunteerAward = 41;
    /// A correction of a service record.
    ServiceCorrection = 42;
}

/// A UUIDv7 that names its kind.
pub struct Id<K> {
    uuid: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// Gives a primary key its kind.
    #[must_use]
    pub const fn new(uuid: Uuid) -> Self {
        Self {
            uuid,
            kind: PhantomData,
        }
    }

    /// The primary key.
    #[must_use]
    pub const fn uuid(self) -> Uuid {
        self.uuid
    }
}

impl<K: Kind> Id<K> {
    /// Reads an opaque id given as the input field `field`.
    ///
    /// Garbage and ids of another kind are `NOT_FOUND`, like ids that name nothing.
    pub fn parse(text: &str, field: &'static str) -> Result<Self, Error> {
        match decode(text) {
            Some((tag, uuid)) if tag == K::TAG => Ok(Self::new(uuid)),
            _ => Err(Error::refused(Code::NotFound).on(field)),
        }
    }
}

/// The kind's byte and the key's sixteen in URL-safe Base64: 23 characters.
impl<K: Kind> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [K::TAG; 17];
        bytes[1..].copy_from_slice(self.uuid.as_bytes());
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}

fn decode(text: &str) -> Option<(u8, Uuid)> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (tag, uuid) = bytes.split_first()?;
    Some((*tag, Uuid::from_slice(uuid).ok()?))
}

impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.uuid == other.uuid
    }
}
impl<K> Eq for Id<K> {}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.uuid.hash(state);
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.uuid.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_not_found() {
        let uuid = Uuid::from_u128(7);
        let text = Id::<Resident>::new(uuid).to_string();
        assert_eq!(Id::<Resident>::parse(&text, "id").unwrap().uuid(), uuid);
        assert!(Id::<Household>::parse(&text, "id").is_err());
        assert_eq!(AnyId::parse(&text), Some(AnyId::Resident(Id::new(uuid))));
    }

    #[test]
    fn garbage_is_not_an_id() {
        for text in ["", "x", "AAAA", "汉字", &"A".repeat(10_000)] {
            assert!(AnyId::parse(text).is_none());
        }
    }
}
