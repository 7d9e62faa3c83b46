//! Whose partners are whose.

use entity::{partner, partner_area};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query, SelectStatement};

use crate::access::policy::Permission;
use crate::access::scope::{Arm, Near, ScopedEntity};

impl ScopedEntity for partner::Entity {
    const AREA: partner::Column = partner::Column::AreaId;
    // A partner belongs to a community or above, where an area is its own grid.
    const GRID: partner::Column = partner::Column::AreaId;
    const ID: partner::Column = partner::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<partner::Column>] {
        use partner::Column as C;
        match permission {
            Permission::PartnerRead => &[
                Arm::AreaButPartner,
                Arm::Partner(C::Id),
                Arm::Offered(C::Id, serving),
            ],
            // Whoever may write a partner's offers may do it for this partner.
            Permission::OfferEdit => &[Arm::AreaButPartner, Arm::Partner(C::Id)],
            Permission::PartnerEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// The partners to whom an area near is opened.
pub(super) fn serving(near: &Near) -> SelectStatement {
    use partner_area::Column as P;
    Query::select()
        .column((partner_area::Entity, P::PartnerId))
        .from(partner_area::Entity)
        .and_where(Expr::col((partner_area::Entity, P::ClosedAt)).is_null())
        .and_where(near.holds(Expr::col((partner_area::Entity, P::AreaId))))
        .to_owned()
}
