//! Personal data on its way out: full, masked or absent, decided row by row.

use entity::circumstances::{Circumstance, Circumstances};
use entity::enums::CareTier;

use super::actor::Actor;
use super::keys::Keys;
use super::policy::Permission;
use super::sealed::{self, Field};
use crate::error::Result;

/// How much of a protected value the reader sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Protected<T> {
    /// All of it; absent inside means that nothing is known.
    Full(Option<T>),
    /// Only this form, e.g. `138****1234`.
    Masked(String),
    /// Nothing, not even whether there is a value.
    Absent,
}

impl<T> Protected<T> {
    /// Whether the reader saw a value in full: such a read is audited.
    #[must_use]
    pub const fn is_opened(&self) -> bool {
        matches!(self, Self::Full(Some(_)))
    }
}

/// What a reader may see of a person and a household.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Staff in scope with [`Permission::ResidentRead`]; the ID number only with its own permission.
    Staff {
        /// Whether [`Permission::ResidentIdNumber`] holds too.
        id_number: bool,
    },
    /// The holder of a live claim: what the visit needs.
    Claimant,
    /// Others who may claim the task: what one must know to decide.
    Passer,
    /// Those who only read numbers: nothing that tells who it is.
    Nobody,
}

impl View {
    /// The reader's view of what belongs to `area`; `claimed` says that they hold a live claim there.
    #[must_use]
    pub fn of(actor: &Actor, area: uuid::Uuid, claimed: bool) -> Self {
        if actor.may(Permission::ResidentRead, area) {
            Self::Staff {
                id_number: actor.may(Permission::ResidentIdNumber, area),
            }
        } else if claimed {
            Self::Claimant
        } else if actor.may(Permission::VisitClaim, area) {
            Self::Passer
        } else {
            Self::Nobody
        }
    }

    /// Whether the reader is staff in scope, who read what nobody else does.
    #[must_use]
    pub const fn is_staff(self) -> bool {
        matches!(self, Self::Staff { .. })
    }

    /// A name: in full to staff and the claimant, as 李\*\* to others.
    #[must_use]
    pub fn name(self, name: &str) -> Protected<String> {
        match self {
            Self::Staff { .. } | Self::Claimant => Protected::Full(Some(name.to_owned())),
            Self::Passer => Protected::Masked(mask_name(name)),
            Self::Nobody => Protected::Absent,
        }
    }

    /// A unit or room: below the building, so for staff and the claimant only.
    #[must_use]
    pub fn door(self, text: &str) -> Protected<String> {
        match self {
            Self::Staff { .. } | Self::Claimant => {
                Protected::Full((!text.is_empty()).then(|| text.to_owned()))
            }
            Self::Passer | Self::Nobody => Protected::Absent,
        }
    }

    /// A sealed phone number: in full to staff and the claimant, absent to others.
    pub fn phone(self, keys: &Keys, sealed: Option<&str>) -> Result<Protected<String>> {
        match self {
            Self::Staff { .. } | Self::Claimant => open(keys, Field::Phone, sealed),
            Self::Passer | Self::Nobody => Ok(Protected::Absent),
        }
    }

    /// A sealed address below the building: for staff and who goes there.
    pub fn address(self, keys: &Keys, sealed: Option<&str>) -> Result<Protected<String>> {
        match self {
            Self::Staff { .. } | Self::Claimant => open(keys, Field::Address, sealed),
            Self::Passer | Self::Nobody => Ok(Protected::Absent),
        }
    }

    /// A sealed ID number: masked to staff without the permission, absent to visitors.
    pub fn id_number(self, keys: &Keys, sealed: Option<&str>) -> Result<Protected<String>> {
        match self {
            Self::Staff { id_number: true } => open(keys, Field::IdNumber, sealed),
            Self::Staff { id_number: false } => Ok(match open(keys, Field::IdNumber, sealed)? {
                Protected::Full(Some(number)) => Protected::Masked(mask_id_number(&number)),
                other => other,
            }),
            Self::Claimant | Self::Passer | Self::Nobody => Ok(Protected::Absent),
        }
    }

    /// Sealed notes on health: what a visitor must know, so the claimant reads them too.
    pub fn health_notes(self, keys: &Keys, sealed: Option<&str>) -> Result<Protected<String>> {
        match self {
            Self::Staff { .. } | Self::Claimant => open(keys, Field::HealthNotes, sealed),
            Self::Passer | Self::Nobody => Ok(Protected::Absent),
        }
    }

    /// Sealed notes of a visit: for staff, and for the claimant who goes there next.
    pub fn visit_notes(self, keys: &Keys, sealed: Option<&str>) -> Result<Protected<String>> {
        match self {
            Self::Staff { .. } | Self::Claimant => open(keys, Field::VisitNotes, sealed),
            Self::Passer | Self::Nobody => Ok(Protected::Absent),
        }
    }

    /// A value that only staff may read, such as a birth date or a care tier.
    #[must_use]
    pub fn staff_only<T>(self, value: Option<T>) -> Protected<T> {
        match self {
            Self::Staff { .. } => Protected::Full(value),
            Self::Claimant | Self::Passer | Self::Nobody => Protected::Absent,
        }
    }

    /// Care circumstances; that a family lost its only child is never shown to a volunteer.
    #[must_use]
    pub fn circumstances(self, known: Circumstances) -> Protected<Vec<Circumstance>> {
        match self {
            Self::Staff { .. } => Protected::Full(Some(known.iter().collect())),
            Self::Claimant => Protected::Full(Some(
                known
                    .iter()
                    .filter(|circumstance| *circumstance != Circumstance::SpecialFamily)
                    .collect(),
            )),
            Self::Passer | Self::Nobody => Protected::Absent,
        }
    }

    /// A care tier: staff only.
    #[must_use]
    pub fn tier(self, tier: Option<CareTier>) -> Protected<CareTier> {
        self.staff_only(tier)
    }
}

/// Opens an account's own phone number: for itself, and for those who manage accounts in scope.
pub fn own_phone(keys: &Keys, sealed: &str) -> Result<String> {
    sealed::open(keys, Field::Phone, sealed)
}

/// Opens a sealed value of a volunteer's profile: for the volunteer, and for those who answer for
/// volunteers in scope. Nobody else is shown a profile.
pub fn of_profile(keys: &Keys, field: Field, sealed: Option<&str>) -> Result<Protected<String>> {
    open(keys, field, sealed)
}

/// Opens a sealed value of a beneficiary or their check: for the veterans' station in scope. Nobody else
/// is shown one.
pub fn of_beneficiary(
    keys: &Keys,
    field: Field,
    sealed: Option<&str>,
) -> Result<Protected<String>> {
    open(keys, field, sealed)
}

/// What was written of an alarm, for whoever sees the alarm at all.
pub fn alarm_text(keys: &Keys, sealed: &str) -> Result<String> {
    sealed::open(keys, Field::VisitNotes, sealed)
}

/// Opens a file that proves something, for whoever sees what it proves.
pub fn evidence(keys: &Keys, name: uuid::Uuid, sealed: &[u8]) -> Result<Vec<u8>> {
    sealed::open_file(keys, name, sealed)
}

/// Whether `written` is what is stored, or its masked form: writing that back changes nothing.
///
/// A stored value that does not open is no value that could be written back.
#[must_use]
pub fn is_stored(keys: &Keys, field: Field, sealed: Option<&str>, written: &str) -> bool {
    let Some(Ok(stored)) = sealed.map(|sealed| sealed::open(keys, field, sealed)) else {
        return false;
    };
    let masked = match field {
        Field::Phone => mask_phone(&stored),
        Field::IdNumber => mask_id_number(&stored),
        Field::HealthNotes
        | Field::VisitNotes
        | Field::Address
        | Field::AuditDetails
        | Field::Evidence => {
            return stored == written;
        }
    };
    written == stored || written == masked
}

/// Lets a check look at a stored ID number, which goes nowhere else.
pub fn check_id_number<T>(
    keys: &Keys,
    sealed: Option<&str>,
    check: impl FnOnce(&str) -> T,
) -> Result<Option<T>> {
    sealed
        .map(|sealed| sealed::open(keys, Field::IdNumber, sealed))
        .transpose()
        .map(|number| number.map(|number| check(&number)))
}

fn open(keys: &Keys, field: Field, sealed: Option<&str>) -> Result<Protected<String>> {
    sealed
        .map(|sealed| sealed::open(keys, field, sealed))
        .transpose()
        .map(Protected::Full)
}

/// 李小红 becomes 李\*\*.
#[must_use]
pub fn mask_name(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| {
        let rest = characters.count().max(1);
        std::iter::once(first)
            .chain(std::iter::repeat_n('*', rest))
            .collect()
    })
}

/// 13812341234 becomes 138\*\*\*\*1234.
#[must_use]
pub fn mask_phone(phone: &str) -> String {
    mask_middle(phone, 3, 4)
}

/// The first six digits (the county) and the last stay.
#[must_use]
pub fn mask_id_number(number: &str) -> String {
    mask_middle(number, 6, 1)
}

fn mask_middle(text: &str, head: usize, tail: usize) -> String {
    let length = text.chars().count();
    if length <= head + tail {
        return "*".repeat(length);
    }
    text.chars()
        .enumerate()
        .map(|(n, c)| {
            if n < head || n >= length - tail {
                c
            } else {
                '*'
            }
        })
        .collect()
}
