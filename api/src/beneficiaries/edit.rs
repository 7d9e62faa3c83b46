//! Adding and changing beneficiaries, and noting that somebody is one no more.

use chrono::NaiveDate;
use entity::enums::{ChangeKind, CheckOutcome, CheckStatus, Gender};
use entity::{area, beneficiary, certification_check};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, Iterable as _, QueryFilter as _,
    QueryOrder as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::changes::{Changes, Details};
use super::probes;
use super::rules::check_end;
use crate::access::policy::Permission;
use crate::access::scope::{self, highest_level};
use crate::audit::service::{Act, Author};
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::residents::enrolments::rules::check_day;
use crate::write::{Begun, Outcome, Request, Write};

const TAKEN: &str = "whose an ID number is that is taken; nothing of them is told";
const ENDED: &str = "what ended somebody whom the scope let through";

/// A beneficiary to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewBeneficiary {
    /// The id the device chose for them.
    pub id: Option<Uuid>,
    /// Where they are registered: who answers for them.
    pub area: Uuid,
    /// What is said of them.
    pub details: Details,
}

/// Values to write.
pub(super) type Values = Vec<(beneficiary::Column, SimpleExpr)>;

/// Adds a beneficiary. Needs `BENEFICIARY_EDIT` where they are registered.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`, `ID_TAKEN`, `BENEFICIARY_KNOWN`, and what [`Changes::of`]
/// refuses; stopped: `RATE_LIMITED` ([`probes`]).
pub async fn add(cx: &Cx, new: NewBeneficiary, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("addBeneficiary", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::BeneficiaryEdit)?;
    if let Some(id) = new.id {
        let known = actor
            .scoped::<beneficiary::Entity>(Permission::BeneficiaryEdit)
            .id(id);
        if known.count(write.tx()).await? > 0 {
            // The same create, repeated.
            return Ok(Outcome::of(id));
        }
    }
    let (edit, read) = (Permission::BeneficiaryEdit, Permission::AreaRead);
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, edit, read)
        .await
        .map_err(|error| error.on("areaId"))?;
    if place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let given = Changes::of(cx, &blank(cx, &new), &new.details)?;
    if given.row.id_number_hash.is_set() {
        probes::check(&cx.app.clock, write.tx(), actor.account).await?;
    }
    let mut row = given.row;
    for column in beneficiary::Column::iter() {
        // What the details leave alone is written as it stands.
        if let sea_orm::ActiveValue::Unchanged(value) = row.get(column) {
            row.set(column, value);
        }
    }
    let number = row.id_number_hash.clone().take().flatten();
    let row = match scope::insert_new(write.tx(), &grant, row).await {
        Ok(Some(row)) => row,
        Ok(None) => return Err(Error::refused(Code::IdTaken).on("id")),
        Err(error) => return Err(refused(cx, (write, known(error)), number).await),
    };
    let changed = Changed::new(ChangeKind::Beneficiary, row.id, Some(row.area_id));
    let act = act("addBeneficiary", &row, given.fields.join(","), Some(&new));
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Why a record was not written, once it is noted whom that tells of.
async fn refused(cx: &Cx, (write, error): (Write, Error), number: Option<String>) -> Error {
    drop(write);
    match &error {
        Error::Refused(refusal) if refusal.code == Code::BeneficiaryKnown => {
            told(cx, number).await.err().unwrap_or(error)
        }
        _ => error,
    }
}

/// Notes that the actor is told of somebody with this ID number whom they do not see. `RATE_LIMITED` after many.
async fn told(cx: &Cx, number: Option<String>) -> Result<()> {
    use beneficiary::Column as C;
    let whose = C::IdNumberHash.eq(number);
    let known = beneficiary::Entity::find()
        .filter(whose.clone())
        .one(&cx.app.db.unscoped(TAKEN))
        .await?;
    let scoped = cx
        .actor()?
        .scoped::<beneficiary::Entity>(Permission::BeneficiaryRead);
    let seen = scoped.filter(whose).count(&cx.app.db).await?;
    let hidden = known.filter(|_| seen == 0);
    let people = hidden.into_iter().map(|person| person.id).collect();
    probes::note(&cx.app.db, Author::of(cx), &people).await
}

/// A record of which nothing is known but where it belongs.
fn blank(cx: &Cx, new: &NewBeneficiary) -> beneficiary::Model {
    let now = cx.app.clock.now();
    let grid = cx.actor.as_ref().map(|actor| actor.tree.grid_of(new.area));
    beneficiary::Model {
        id: new.id.unwrap_or_else(|| cx.app.clock.new_id()),
        resident_id: None,
        match_decided: false,
        area_id: new.area,
        grid_id: grid.unwrap_or(new.area),
        name: String::new(),
        gender: Gender::Unknown,
        born_on: None,
        id_number_sealed: None,
        id_number_hash: None,
        phone_sealed: None,
        phone_hash: None,
        category: entity::enums::BeneficiaryCategory::Disabled,
        certificate_number: None,
        registered_elsewhere: None,
        home_area_id: None,
        institution: None,
        address_sealed: None,
        health_notes_sealed: None,
        is_immobile: false,
        preferred_channel: None,
        guardian_name: None,
        guardian_phone_sealed: None,
        ended_on: None,
        end_reason: None,
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Changes what is given of a beneficiary. Needs `BENEFICIARY_EDIT` where they are registered.
///
/// Refused: `NOT_FOUND`, `VERSION_CONFLICT`, `BENEFICIARY_KNOWN`, and what [`Changes::of`] refuses; stopped:
/// `RATE_LIMITED` ([`probes`]).
pub async fn update(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    details: Details,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let request = Request::new("updateBeneficiary", key, &(id, expected_version, &details));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    let changes = Changes::of(cx, &row, &details)?;
    let number = match &changes.row.id_number_hash {
        Set(number) => number.clone(),
        Unchanged(_) | sea_orm::ActiveValue::NotSet => None,
    };
    if number.is_some() {
        probes::check(&cx.app.clock, write.tx(), cx.actor()?.account).await?;
    }
    if changes.fields.is_empty() {
        let outcome = Outcome::of(id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let values: Values = beneficiary::Column::iter()
        .filter_map(|column| match changes.row.get(column) {
            Set(value) => Some((column, SimpleExpr::Value(value))),
            Unchanged(_) | sea_orm::ActiveValue::NotSet => None,
        })
        .collect();
    let act = act(
        "updateBeneficiary",
        &row,
        changes.fields.join(","),
        Some(&details),
    );
    match write_down(cx, write, &row, (values, act)).await {
        Err(Error::Refused(refusal)) if refusal.code == Code::BeneficiaryKnown => {
            told(cx, number).await?;
            Err(Error::Refused(refusal))
        }
        done => done,
    }
}

/// Notes from which day somebody is a beneficiary no more, and why. Needs `BENEFICIARY_EDIT`.
///
/// Refused: `NOT_FOUND`, `VERSION_CONFLICT`, `ALREADY_ENDED`, `OUT_OF_RANGE`, `WINDOW_INVALID`.
pub async fn end(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    (on, reason): (NaiveDate, CheckOutcome),
    key: Option<Uuid>,
) -> Result<Outcome> {
    use beneficiary::Column as C;
    let request = Request::new("endBeneficiary", key, &(id, expected_version, on, reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    check_end(reason)?;
    if row.ended_on.is_some() {
        return Err(Error::refused(Code::AlreadyEnded).on("beneficiaryId"));
    }
    check_day(on, row.born_on, cx.app.clock.today(SHANGHAI), "endedOn")?;
    let values = vec![
        (C::EndedOn, Expr::value(on)),
        (C::EndReason, Expr::value(reason)),
    ];
    let act = act(
        "endBeneficiary",
        &row,
        "ended_on,end_reason".to_owned(),
        Some(&on),
    );
    write_down(cx, write, &row, (values, act)).await
}

/// Takes an end back: somebody is a beneficiary as before. Needs `BENEFICIARY_EDIT`, and of an end that a check was
/// confirmed for `CERTIFICATION_CONFIRM` as high as that check; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `VERSION_CONFLICT`.
pub async fn reinstate(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    reason: String,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use beneficiary::Column as C;
    let request = Request::new(
        "reinstateBeneficiary",
        key,
        &(id, expected_version, &reason),
    );
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let row = to_edit(cx, &write, id, expected_version).await?;
    if row.ended_on.is_none() {
        let outcome = Outcome::of(id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let confirm = Permission::CertificationConfirm;
    let own = highest_level(cx.actor()?, confirm, row.area_id);
    let needed = confirmed_at(write.tx(), &row).await?;
    if needed.is_some_and(|needed| own.is_none_or(|own| own < needed)) {
        return Err(Error::refused(Code::NotPermitted).on("beneficiaryId"));
    }
    let values = vec![
        (C::EndedOn, Expr::value(Option::<NaiveDate>::None)),
        (C::EndReason, Expr::value(Option::<CheckOutcome>::None)),
    ];
    let fields = "ended_on,end_reason".to_owned();
    let act = Act {
        reason: Some(reason),
        ..act("reinstateBeneficiary", &row, fields, None::<&()>)
    };
    write_down(cx, write, &row, (values, act)).await
}

/// The level at which the end of somebody who is held was confirmed, if a check was confirmed for it.
async fn confirmed_at(tx: &Tx, person: &beneficiary::Model) -> Result<Option<i32>> {
    use certification_check::Column as C;
    let check = certification_check::Entity::find()
        .filter(C::BeneficiaryId.eq(person.id))
        .filter(C::Status.eq(CheckStatus::Confirmed))
        .filter(C::Outcome.eq(person.end_reason))
        .filter(C::HoldsOn.eq(person.ended_on))
        .order_by_desc(C::ConfirmLevel)
        .one(&tx.unscoped(ENDED))
        .await?;
    Ok(check.map(|check| check.confirm_level))
}

/// The record an edit is about, held until the end, at the version the actor saw.
pub(super) async fn to_edit(
    cx: &Cx,
    write: &Write,
    id: Uuid,
    expected_version: i64,
) -> Result<beneficiary::Model> {
    cx.actor()?.require(Permission::BeneficiaryEdit)?;
    let (edit, read) = (Permission::BeneficiaryEdit, Permission::BeneficiaryRead);
    let (row, _) = write
        .to_change::<beneficiary::Entity>(cx, id, edit, read)
        .await
        .map_err(|error| error.on("beneficiaryId"))?;
    if row.version == expected_version {
        Ok(row)
    } else {
        Err(Error::Conflict(id))
    }
}

/// Writes columns of a record that is held, and what else a write leaves.
pub(super) async fn write_down(
    cx: &Cx,
    write: Write,
    row: &beneficiary::Model,
    (values, act): (Values, Act),
) -> Result<Outcome> {
    use beneficiary::Column as C;
    cx.actor()?
        .scoped::<beneficiary::Entity>(Permission::BeneficiaryEdit)
        .id(row.id)
        .filter(C::Version.eq(row.version))
        .update(write.tx(), |update| {
            update
                .values(values)
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        .map_err(known)?
        .pop()
        .ok_or(Error::Conflict(row.id))?;
    let changed = Changed::in_place(ChangeKind::Beneficiary, row.id, Some(row.area_id));
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// That the number is known is all that is told: not of whom, nor where.
fn known(error: Error) -> Error {
    error
        .where_unique("id_number_hash", Code::BeneficiaryKnown, "idNumber")
        // Of whom it is known that others have matched them was judged before.
        .where_unique("resident_id", Code::NotFound, "residentId")
}

/// The audit entry of a change; `details` hold the new values and are sealed.
pub(super) fn act(
    action: &'static str,
    row: &beneficiary::Model,
    fields: String,
    details: Option<&impl Serialize>,
) -> Act {
    Act {
        action,
        subject_kind: "Beneficiary",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields,
        // Inputs are plain structs, which always have a JSON form.
        details: details.and_then(|details| serde_json::to_string(details).ok()),
    }
}

impl NewBeneficiary {
    /// Whether the details say what a record must say: name and category.
    pub fn check(&self) -> Result<()> {
        let required = |field| Err(Error::refused(Code::Required).on(field));
        match (&self.details.name, &self.details.category) {
            (Edit::Set(_), Edit::Set(_)) => Ok(()),
            (Edit::Set(_), _) => required("category"),
            _ => required("name"),
        }
    }
}
