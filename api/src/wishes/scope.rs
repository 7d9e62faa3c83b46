//! Whose wishes, bookings and hands are whose.

use entity::{booking, wish, wish_hand};

use crate::access::policy::Permission;
use crate::access::scope::{Arm, ScopedEntity};

impl ScopedEntity for wish::Entity {
    const AREA: wish::Column = wish::Column::AreaId;
    const GRID: wish::Column = wish::Column::GridId;
    const ID: wish::Column = wish::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<wish::Column>] {
        use wish::Column as C;
        match permission {
            // A partner sees the wishes that it carries out, whoever lends a hand those they lend it for.
            Permission::WishRead => &[
                Arm::AreaButPartner,
                Arm::Partner(C::PartnerId),
                Arm::Lent(C::Id),
            ],
            // Nobody's yet, a wish is a call to the partners that work there too.
            Permission::WishHelp => &[Arm::AreaButPartner, Arm::AreaOpened],
            // Who moves or closes a household takes its wishes along.
            Permission::WishRecord
            | Permission::ResidentRead
            | Permission::ResidentEdit
            | Permission::WishEdit
            | Permission::WishWord
            | Permission::WishVerify
            | Permission::WishBoardRead
            | Permission::BookingMake => &[Arm::Area],
            _ => &[],
        }
    }
}

impl ScopedEntity for booking::Entity {
    const AREA: booking::Column = booking::Column::AreaId;
    const GRID: booking::Column = booking::Column::GridId;
    const ID: booking::Column = booking::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<booking::Column>] {
        use booking::Column as C;
        match permission {
            Permission::BookingRead | Permission::BookingDecide => {
                &[Arm::AreaButPartner, Arm::Partner(C::PartnerId)]
            }
            Permission::BookingMake | Permission::WishBoardRead | Permission::ResidentEdit => {
                &[Arm::Area]
            }
            _ => &[],
        }
    }
}

impl ScopedEntity for wish_hand::Entity {
    const AREA: wish_hand::Column = wish_hand::Column::AreaId;
    const GRID: wish_hand::Column = wish_hand::Column::GridId;
    const ID: wish_hand::Column = wish_hand::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<wish_hand::Column>] {
        use wish_hand::Column as C;
        match permission {
            Permission::WishHelp => &[Arm::Mine(C::AccountId)],
            Permission::WishRead => &[
                Arm::AreaButPartner,
                Arm::Mine(C::AccountId),
                Arm::Partner(C::PartnerId),
            ],
            Permission::WishVerify | Permission::ResidentEdit => &[Arm::Area],
            _ => &[],
        }
    }
}
