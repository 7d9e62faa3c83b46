//! Which resident a beneficiary is: by ID number for certain, else for a person to decide.

use chrono::NaiveDate;
use entity::{beneficiary, resident};
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait as _, Order, Query};
use uuid::Uuid;

use super::edit::{act, to_edit, write_down};
use super::reads;
use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

/// How many candidates are shown.
const MOST: u64 = 20;

/// Why a resident may be the beneficiary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likeness {
    /// The ID number is the same.
    IdNumber,
    /// The ID number is the same and the name is not.
    IdNumberOnly,
    /// Name and birth date are the same.
    NameAndBirth,
    /// Name and phone number are the same.
    NameAndPhone,
}

/// A resident who may be the beneficiary.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The resident.
    pub id: Uuid,
    /// Where they live.
    pub area: Uuid,
    /// The name.
    pub name: String,
    /// The birth date.
    pub born_on: Option<NaiveDate>,
    /// Why they may be the same.
    pub likeness: Likeness,
}

/// The residents who may be a beneficiary, the surest first. Needs `BENEFICIARY_EDIT` where they live;
/// nobody for a beneficiary outside the scope.
pub async fn candidates(cx: &Cx, id: Uuid) -> Result<Vec<Candidate>> {
    use resident::Column as R;
    let actor = cx.actor()?;
    actor.require(Permission::BeneficiaryEdit)?;
    let Some(row) = reads::one(cx, id).await? else {
        return Ok(Vec::new());
    };
    let residents = actor
        .scoped::<resident::Entity>(Permission::BeneficiaryEdit)
        .filter(may_be(actor, &row))
        .order_by(R::Id, Order::Asc)
        .limit(MOST)
        .all(&cx.app.db)
        .await?;
    let mut found: Vec<Candidate> = residents
        .into_iter()
        .map(|resident| Candidate {
            likeness: likeness(&row, &resident),
            id: resident.id,
            area: resident.area_id,
            name: resident.name,
            born_on: resident.born_on,
        })
        .collect();
    found.sort_by_key(|candidate| candidate.likeness as u8);
    Ok(found)
}

/// The residents who may be this beneficiary.
fn may_be(actor: &Actor, row: &beneficiary::Model) -> Condition {
    alike([
        Expr::value(row.id_number_hash.clone()),
        Expr::value(row.name.as_str()),
        Expr::value(row.born_on),
        Expr::value(row.phone_hash.clone()),
    ])
    .add(is_theirs(actor, Expr::value(row.id)))
}

/// That no other beneficiary is the resident whom the actor does not see: of them nothing is told.
fn is_theirs(actor: &Actor, beneficiary: Expr) -> Condition {
    use beneficiary::Column as B;
    const OTHER: &str = "other";
    let other = |column| Expr::col((Alias::new(OTHER), column));
    let read = Permission::BeneficiaryRead;
    let hidden = Query::select()
        .expr(Expr::value(1))
        .from_as(beneficiary::Entity, Alias::new(OTHER))
        .and_where(other(B::ResidentId).eq(Expr::col((resident::Entity, resident::Column::Id))))
        .and_where(other(B::Id).ne(beneficiary))
        .cond_where(scope::reads_as::<beneficiary::Entity>(actor, read, OTHER).not())
        .to_owned();
    Condition::all().add(Expr::exists(hidden).not())
}

/// The beneficiaries whom some resident may be, which nobody has decided: each row is asked for candidates.
pub(super) fn is_undecided(actor: &Actor) -> Condition {
    use beneficiary::Column as C;
    let of = |column| Expr::col((beneficiary::Entity, column));
    let someone = Query::select()
        .expr(Expr::value(1))
        .from(resident::Entity)
        .cond_where(scope::reads::<resident::Entity>(
            actor,
            Permission::BeneficiaryEdit,
        ))
        .cond_where(alike(
            [C::IdNumberHash, C::Name, C::BornOn, C::PhoneHash].map(of),
        ))
        .cond_where(is_theirs(actor, of(C::Id)))
        .to_owned();
    Condition::all()
        .add(C::ResidentId.is_null())
        .add(C::MatchDecided.eq(false))
        .add(Expr::exists(someone))
}

/// The residents who may be a beneficiary of this number, name, birth date and phone number. Who has another
/// number is another person.
fn alike([number, name, born_on, phone]: [Expr; 4]) -> Condition {
    use resident::Column as R;
    let of = |column| Expr::col((resident::Entity, column));
    let besides = Condition::any()
        .add(of(R::BornOn).eq(born_on))
        .add(of(R::PhoneHash).eq(phone));
    let unnumbered = Condition::any()
        .add(of(R::IdNumberHash).is_null())
        .add(number.clone().is_null());
    let named = Condition::all()
        .add(of(R::Name).eq(name))
        .add(besides)
        .add(unnumbered);
    let either = Condition::any()
        .add(of(R::IdNumberHash).eq(number))
        .add(named);
    Condition::all().add(either)
}

fn likeness(row: &beneficiary::Model, resident: &resident::Model) -> Likeness {
    let same_number = row.id_number_hash.is_some() && row.id_number_hash == resident.id_number_hash;
    match (same_number, row.name == resident.name) {
        (true, true) => Likeness::IdNumber,
        (true, false) => Likeness::IdNumberOnly,
        _ if row.born_on.is_some() && row.born_on == resident.born_on => Likeness::NameAndBirth,
        _ => Likeness::NameAndPhone,
    }
}

/// Notes which resident a beneficiary is, of those who may be, or that none is known to be. Needs
/// `BENEFICIARY_EDIT` where they are registered and where the resident lives.
///
/// Refused: `NOT_FOUND` (also of a resident who is none of [`candidates`]), `VERSION_CONFLICT`, `ALREADY_MATCHED`.
pub async fn settle(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    resident: Option<Uuid>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use beneficiary::Column as C;
    let request = Request::new("matchBeneficiary", key, &(id, expected_version, resident));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    if let Some(resident) = resident {
        let actor = cx.actor()?;
        let found = actor
            .scoped::<resident::Entity>(Permission::BeneficiaryEdit)
            .id(resident)
            .filter(may_be(actor, &row))
            .one_to_refer_to(write.tx());
        if found.await?.is_none() {
            return Err(Error::refused(Code::NotFound).on("residentId"));
        }
        let others = actor
            .scoped::<beneficiary::Entity>(Permission::BeneficiaryRead)
            .filter(C::ResidentId.eq(resident))
            .filter(C::Id.ne(row.id));
        if others.count(write.tx()).await? > 0 {
            return Err(Error::refused(Code::AlreadyMatched).on("residentId"));
        }
    }
    let values = vec![
        (C::ResidentId, Expr::value(resident)),
        (C::MatchDecided, Expr::value(true)),
    ];
    let act = act(
        "matchBeneficiary",
        &row,
        "resident".to_owned(),
        Some(&resident),
    );
    write_down(cx, write, &row, (values, act)).await
}
