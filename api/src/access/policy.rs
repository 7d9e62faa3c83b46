//! Which role holds which permission: one exhaustive table, deny by default.

use entity::enums::{AreaKind, Role};
use sea_orm::Iterable as _;

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $permission:ident,)*) => {
        /// Something a role may allow its holder to do within the granted areas.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, async_graphql::Enum)]
        pub enum Permission {
            $($(#[doc = $doc])* $permission,)*
        }

        impl Permission {
            /// Every permission there is, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$permission,)*];
        }
    };
}

permissions! {
    /// See areas: codes, names, where they lie.
    AreaRead,
    /// See accounts and the roles granted to them.
    AccountRead,
    /// Add accounts, issue first-sign-in codes, grant and revoke roles up to one's own.
    AccountManage,
    /// List households and their places.
    HouseholdRead,
    /// Add and change households.
    HouseholdEdit,
    /// Read residents in full: names, addresses, phones, care circumstances, emergency contacts.
    ResidentRead,
    /// Read ID numbers in full.
    ResidentIdNumber,
    /// Add and change residents and their emergency contacts.
    ResidentEdit,
    /// Enrol residents in care visits, change their tier, end an enrolment.
    EnrolmentEdit,
    /// See visit tasks; personal data stays masked.
    VisitRead,
    /// Plan visits.
    VisitPlan,
    /// Claim open visits and carry them out.
    VisitClaim,
    /// Release, start and report what one has claimed: its holder, whatever became of their grant.
    VisitCarryOut,
    /// Verify or return what others reported.
    VisitVerify,
    /// Cancel visits.
    VisitCancel,
    /// Give a visit to another person.
    VisitReassign,
    /// Record visits and calls that nobody had claimed.
    VisitRecord,
    /// Set how often elders of a tier are visited, who is fit for a kind and how reports are verified.
    CareRuleEdit,
    /// Start event rounds: extreme weather, a festival, a major change.
    RoundStart,
    /// Keep the lists of whom meals are delivered to.
    MealEdit,
    /// Replace the contact card in a home.
    ContactCardEdit,
    /// Confirm, reject and undo what reports found: deaths, moves, hospital stays.
    FindingConfirm,
    /// Raise an alarm about a visit one sees.
    AlarmRaise,
    /// See, acknowledge and close alarms.
    AlarmHandle,
    /// Read coverage figures; names need `RESIDENT_READ`.
    CoverageRead,
    /// Close a month of coverage.
    CoverageClose,
    /// Work at the desk: what is at risk, overdue or waits, and who is on duty.
    DeskRead,
    /// Set who is on duty and who stands in.
    DutyEdit,
    /// Read volunteers' profiles and service records in full.
    VolunteerRead,
    /// Edit volunteers' profiles, trainings and awards; correct service records.
    VolunteerEdit,
    /// Re-draw areas and move whole groups of people.
    AreaEdit,
    /// Export reports and lists.
    Export,
    /// Learn who is a beneficiary 优抚对象, read their records and checks.
    BeneficiaryRead,
    /// Add and change beneficiaries, match them to residents.
    BeneficiaryEdit,
    /// Open, close and void rounds of certification; schedule and assign checks.
    CertificationPlan,
    /// Check beneficiaries.
    CertificationCheck,
    /// Confirm or return what others checked; holds when granted at the round's level of confirmation, usually the
    /// street, or above.
    CertificationConfirm,
    /// Settle what cannot be checked, correct closed rounds; when granted at the street or above.
    CertificationSettle,
    /// Read the totals of rounds, without names.
    CertificationCoverageRead,
    /// Import spreadsheets, as far as one's other permissions go.
    Import,
    /// Add areas and correct their names by a file.
    AreaImport,
    /// Add evidence to what one checks.
    EvidenceAdd,
    /// See evidence and open it.
    EvidenceRead,
    /// See partners, their people and where they may serve; a partner's people see their own.
    PartnerRead,
    /// Add and end partners, open areas to them, name their people.
    PartnerEdit,
    /// See published offers, packages and slots.
    OfferRead,
    /// Write offers and packages, plan slots; a partner's people those of their own.
    OfferEdit,
    /// Publish and withdraw offers and packages.
    OfferPublish,
    /// See bookings; a partner's people those of their own offers.
    BookingRead,
    /// Book slots for households, accept and cancel in their name.
    BookingMake,
    /// Confirm bookings, call them off, say who did not come; a partner's people those of their own offers.
    BookingDecide,
    /// See wishes; personal data stays masked.
    WishRead,
    /// Write down what a household wishes.
    WishRecord,
    /// Change, match and withdraw wishes.
    WishEdit,
    /// Take wishes on, carry them out and help with them.
    WishHelp,
    /// Enter what a household says of what was done for it.
    WishWord,
    /// Verify the minutes of whoever lent a hand.
    WishVerify,
    /// Read the boards of wishes: numbers, nobody's name.
    WishBoardRead,
}

/// Whether `role` holds `permission` at the areas it is granted for.
#[must_use]
#[expect(clippy::too_many_lines, reason = "one table, an arm for each role")]
pub const fn allows(role: Role, permission: Permission) -> bool {
    use Permission as P;
    match role {
        Role::Volunteer | Role::CenterHousehold => match permission {
            P::BookingRead | P::BookingMake => matches!(role, Role::CenterHousehold),
            P::AreaRead
            | P::VisitRead
            | P::VisitClaim
            | P::VisitCarryOut
            | P::VisitRecord
            | P::AlarmRaise
            | P::OfferRead
            | P::WishRead
            | P::WishRecord
            | P::WishHelp
            | P::WishWord => true,
            _ => false,
        },
        Role::GridLead | Role::CompoundSecretary => match permission {
            P::AreaRead
            | P::AccountRead
            | P::AccountManage
            | P::HouseholdRead
            | P::ResidentRead
            | P::ResidentEdit
            | P::EnrolmentEdit
            | P::VisitRead
            | P::VisitPlan
            | P::VisitClaim
            | P::VisitCarryOut
            | P::VisitVerify
            | P::VisitCancel
            | P::VisitReassign
            | P::VisitRecord
            | P::MealEdit
            | P::ContactCardEdit
            | P::FindingConfirm
            | P::AlarmRaise
            | P::AlarmHandle
            | P::CoverageRead
            | P::DeskRead
            | P::DutyEdit
            | P::VolunteerRead
            | P::VolunteerEdit
            | P::PartnerRead
            | P::OfferRead
            | P::BookingRead
            | P::BookingMake
            | P::WishRead
            | P::WishRecord
            | P::WishEdit
            | P::WishHelp
            | P::WishWord
            | P::WishVerify
            | P::WishBoardRead => true,
            P::HouseholdEdit
            | P::ResidentIdNumber
            | P::CareRuleEdit
            | P::RoundStart
            | P::CoverageClose
            | P::AreaEdit
            | P::Export
            | P::BeneficiaryRead
            | P::BeneficiaryEdit
            | P::CertificationPlan
            | P::CertificationCheck
            | P::CertificationConfirm
            | P::CertificationSettle
            | P::CertificationCoverageRead
            | P::Import
            | P::AreaImport
            | P::EvidenceAdd
            | P::EvidenceRead
            | P::PartnerEdit
            | P::OfferEdit
            | P::OfferPublish
            | P::BookingDecide => false,
        },
        Role::CommunityStaff => match permission {
            P::AreaRead
            | P::AccountRead
            | P::AccountManage
            | P::HouseholdRead
            | P::HouseholdEdit
            | P::ResidentRead
            | P::ResidentIdNumber
            | P::ResidentEdit
            | P::EnrolmentEdit
            | P::VisitRead
            | P::VisitPlan
            | P::VisitClaim
            | P::VisitCarryOut
            | P::VisitVerify
            | P::VisitCancel
            | P::VisitReassign
            | P::VisitRecord
            | P::CareRuleEdit
            | P::RoundStart
            | P::MealEdit
            | P::ContactCardEdit
            | P::FindingConfirm
            | P::AlarmRaise
            | P::AlarmHandle
            | P::CoverageRead
            | P::CoverageClose
            | P::DeskRead
            | P::DutyEdit
            | P::VolunteerRead
            | P::VolunteerEdit
            | P::AreaEdit
            | P::Export
            | P::CertificationCoverageRead
            | P::Import
            | P::AreaImport
            | P::PartnerRead
            | P::PartnerEdit
            | P::OfferRead
            | P::OfferEdit
            | P::OfferPublish
            | P::BookingRead
            | P::BookingMake
            | P::BookingDecide
            | P::WishRead
            | P::WishRecord
            | P::WishEdit
            | P::WishHelp
            | P::WishWord
            | P::WishVerify
            | P::WishBoardRead => true,
            P::BeneficiaryRead
            | P::BeneficiaryEdit
            | P::CertificationPlan
            | P::CertificationCheck
            | P::CertificationConfirm
            | P::CertificationSettle
            | P::EvidenceAdd
            | P::EvidenceRead => false,
        },
        Role::VeteransStaff => matches!(
            permission,
            P::AreaRead
                | P::BeneficiaryRead
                | P::BeneficiaryEdit
                | P::CertificationPlan
                | P::CertificationCheck
                | P::CertificationConfirm
                | P::CertificationSettle
                | P::CertificationCoverageRead
                | P::Import
                | P::EvidenceAdd
                | P::EvidenceRead
        ),
        Role::Partner => matches!(
            permission,
            P::AreaRead
                | P::PartnerRead
                | P::OfferRead
                | P::OfferEdit
                | P::BookingRead
                | P::BookingDecide
                | P::WishRead
                | P::WishHelp
        ),
        Role::Supervisor => {
            matches!(
                permission,
                P::AreaRead
                    | P::VisitRead
                    | P::CoverageRead
                    | P::CertificationCoverageRead
                    | P::WishBoardRead
            )
        }
        Role::Admin => matches!(
            permission,
            P::AreaRead | P::AccountRead | P::AccountManage | P::Import | P::AreaImport
        ),
    }
}

/// The roles that `granter` may grant and take away: its own and those below it.
#[must_use]
pub const fn grantable(granter: Role) -> &'static [Role] {
    use Role as R;
    match granter {
        R::Volunteer | R::CenterHousehold | R::VeteransStaff | R::Partner | R::Supervisor => &[],
        R::GridLead => &[R::Volunteer, R::CenterHousehold, R::GridLead],
        R::CompoundSecretary => &[
            R::Volunteer,
            R::CenterHousehold,
            R::GridLead,
            R::CompoundSecretary,
        ],
        R::CommunityStaff => &[
            R::Volunteer,
            R::CenterHousehold,
            R::GridLead,
            R::CompoundSecretary,
            R::Partner,
            R::CommunityStaff,
        ],
        R::Admin => &[
            R::Volunteer,
            R::CenterHousehold,
            R::GridLead,
            R::CompoundSecretary,
            R::CommunityStaff,
            R::VeteransStaff,
            R::Partner,
            R::Supervisor,
            R::Admin,
        ],
    }
}

/// Whether who holds `granter` may put a code in the place of a password of somebody who holds `role`:
/// whoever gets the code signs in as them, so it takes a higher role. Administrators have none above them.
#[must_use]
pub fn may_reset(granter: Role, role: Role) -> bool {
    let is_higher = granter != role || granter == Role::Admin;
    is_higher && grantable(granter).contains(&role)
}

/// The kind of area that stands so high.
#[must_use]
pub fn kind_at(wanted: i32) -> Option<AreaKind> {
    AreaKind::iter().find(|kind| level(*kind) == wanted)
}

/// How high an area stands: a building 0, the district 5. A report of one level is verified above it.
#[must_use]
pub const fn level(kind: AreaKind) -> i32 {
    match kind {
        AreaKind::Building => 0,
        AreaKind::Grid => 1,
        AreaKind::Compound => 2,
        AreaKind::Community => 3,
        AreaKind::Street => 4,
        AreaKind::District => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_moves_places_moves_what_hangs_on_them() {
        for role in Role::iter() {
            for (moves, follows) in [
                (Permission::AreaEdit, Permission::HouseholdEdit),
                (Permission::HouseholdEdit, Permission::ResidentEdit),
            ] {
                assert!(
                    !allows(role, moves) || allows(role, follows),
                    "{role:?} would move households and leave their people behind"
                );
            }
        }
    }

    #[test]
    fn whoever_claims_or_verifies_visits_reads_them() {
        for role in Role::iter() {
            for does in [Permission::VisitClaim, Permission::VisitVerify] {
                assert!(
                    !allows(role, does) || allows(role, Permission::VisitRead),
                    "{role:?} would have visits to work on that they may not read"
                );
            }
        }
    }

    #[test]
    fn nobody_grants_what_allows_more_than_they_may_themselves() {
        for granter in Role::iter().filter(|role| *role != Role::Admin) {
            for granted in grantable(granter) {
                for permission in Permission::ALL {
                    assert!(
                        allows(granter, *permission) || !allows(*granted, *permission),
                        "{granter:?} could hand out {permission:?} by granting {granted:?}"
                    );
                }
            }
        }
    }
}
