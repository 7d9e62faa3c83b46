//! Writing packages down, changing, publishing and withdrawing them.

use entity::enums::ChangeKind;
use entity::{area, package_offer, service_package};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use uuid::Uuid;

use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::inputs::Edit;
use crate::offers::rules::{Action, FIRST, MOST};
use crate::partners::rules::takes_on;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

const ITS_OFFERS: &str = "which offers a package shows that the scope let through";

/// A package to be written down.
#[derive(Clone, Debug, Serialize)]
pub struct NewPackage {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// The area that publishes it.
    pub area: Uuid,
    /// Its name.
    pub title: String,
    /// What it is for.
    pub description: Option<String>,
    /// Its offers, in their order.
    pub offers: Vec<Uuid>,
}

/// What becomes of a package; what is absent stays as it is.
#[derive(Clone, Debug, Serialize)]
pub struct PackageEdit {
    /// The package.
    pub package: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// Its name.
    pub title: Option<String>,
    /// What it is for.
    pub description: Edit<String>,
    /// Its offers, all of them in their order.
    pub offers: Option<Vec<Uuid>>,
}

/// Writes a package down, as a draft. Needs `OFFER_PUBLISH` at its area.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND` (the area, or an offer), `NOT_PERMITTED`, `AREA_UNFIT` (below a
/// community, or retired), `REQUIRED`, `OUT_OF_RANGE`, `NAME_TAKEN`.
pub async fn add(cx: &Cx, new: NewPackage, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("addPackage", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let publish = Permission::OfferPublish;
    actor.require(publish)?;
    let id = id_of_new(cx, new.id)?;
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, publish, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    let known = actor.scoped::<service_package::Entity>(publish).id(id);
    if let Some(known) = known.one(write.tx()).await? {
        let offers = offers_of(write.tx(), id).await?;
        let is_same = known.area_id == new.area
            && known.title == new.title
            && known.description == new.description
            && offers == new.offers;
        return write.made_before(id, is_same).await;
    }
    if !takes_on(place.kind) || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    are_seen(cx, write.tx(), &new.offers).await?;
    title_is_free(cx, write.tx(), (place.id, &new.title)).await?;
    let row = service_package::ActiveModel {
        id: Set(id),
        area_id: Set(place.id),
        title: Set(new.title.clone()),
        description: Set(new.description.clone()),
        status: Set(FIRST),
        created_by: Set(actor.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let Some(row) = scope::insert_new(write.tx(), &grant, row).await? else {
        return write.made_before(id, false).await;
    };
    show(write.tx(), id, &new.offers).await?;
    let changed = Changed::new(ChangeKind::ServicePackage, id, Some(row.area_id));
    finish(cx, write, act("addPackage", &row, "title,offers"), changed).await
}

/// Changes a package. Needs `OFFER_PUBLISH` at its area.
///
/// Refused: `NOT_FOUND` (the package, or an offer), `NOT_PERMITTED`, `VERSION_CONFLICT`, `REQUIRED`, `OUT_OF_RANGE`,
/// `NAME_TAKEN`.
pub async fn change(cx: &Cx, edit: PackageEdit, key: Option<Uuid>) -> Result<Outcome> {
    use service_package::Column as C;
    let write = match Write::begin(cx, Request::new("changePackage", key, &edit)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let before = held(cx, &write, edit.package).await?;
    if before.version != edit.expected_version {
        return Err(Error::Conflict(edit.package));
    }
    if let Some(offers) = &edit.offers {
        are_seen(cx, write.tx(), offers).await?;
        package_offer::Entity::delete_many()
            .filter(package_offer::Column::PackageId.eq(edit.package))
            .exec(&write.tx().unscoped(ITS_OFFERS))
            .await?;
        show(write.tx(), edit.package, offers).await?;
    }
    let title = edit.title.unwrap_or_else(|| before.title.clone());
    if title != before.title {
        title_is_free(cx, write.tx(), (before.area_id, &title)).await?;
    }
    let row = cx
        .actor()?
        .scoped::<service_package::Entity>(Permission::OfferPublish)
        .id(edit.package)
        .filter(C::Version.eq(edit.expected_version))
        .update(write.tx(), |update| {
            update
                .value(C::Title, title)
                .value(C::Description, edit.description.of(before.description))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        })
        .await
        // Another package was given the name a moment ago.
        .map_err(|error| error.where_unique("title", Code::NameTaken, "title"))?
        .pop()
        .ok_or(Error::Conflict(edit.package))?;
    let changed = Changed::in_place(ChangeKind::ServicePackage, row.id, Some(row.area_id));
    finish(
        cx,
        write,
        act("changePackage", &row, "title,offers"),
        changed,
    )
    .await
}

/// Publishes a package as it was seen. Needs `OFFER_PUBLISH` at its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `VERSION_CONFLICT`.
pub async fn publish(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    key: Option<Uuid>,
) -> Result<Outcome> {
    let request = Request::new("publishPackage", key, &(id, expected_version));
    step(
        cx,
        request,
        (Action::Publish, id),
        (Some(expected_version), None),
    )
    .await
}

/// Withdraws a package, with a reason. Needs `OFFER_PUBLISH` at its area; who repeats it succeeds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`.
pub async fn withdraw(cx: &Cx, id: Uuid, reason: String, key: Option<Uuid>) -> Result<Outcome> {
    let request = Request::new("withdrawPackage", key, &(id, &reason));
    step(cx, request, (Action::Withdraw, id), (None, Some(reason))).await
}

async fn step(
    cx: &Cx,
    request: Request,
    (action, id): (Action, Uuid),
    (expected_version, reason): (Option<i64>, Option<String>),
) -> Result<Outcome> {
    use service_package::Column as C;
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let before = held(cx, &write, id).await?;
    let mut scoped = cx
        .actor()?
        .scoped::<service_package::Entity>(Permission::OfferPublish)
        .id(id)
        .filter(C::Status.is_in(action.from()));
    if let Some(version) = expected_version {
        scoped = scoped.filter(C::Version.eq(version));
    }
    let moved = scoped.update(write.tx(), |update| {
        update
            .value(C::Status, action.to())
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, cx.app.clock.now());
    });
    let Some(row) = moved.await?.pop() else {
        if before.status != action.to() {
            return Err(Error::Conflict(id));
        }
        let outcome = Outcome::of(id);
        write.commit(&outcome).await?;
        return Ok(outcome);
    };
    let name = match action {
        Action::Publish => "publishPackage",
        Action::Withdraw => "withdrawPackage",
    };
    let act = Act {
        reason,
        ..act(name, &row, "status")
    };
    let changed = Changed::in_place(ChangeKind::ServicePackage, row.id, Some(row.area_id));
    finish(cx, write, act, changed).await
}

/// A package to be changed, held until the end: `NOT_FOUND`, `NOT_PERMITTED` on `packageId`.
async fn held(cx: &Cx, write: &Write, id: Uuid) -> Result<service_package::Model> {
    let publish = Permission::OfferPublish;
    cx.actor()?.require(publish)?;
    let held = write.to_refer_to::<service_package::Entity>(cx, id, publish, Permission::OfferRead);
    let (row, _) = held.await.map_err(|error| error.on("packageId"))?;
    Ok(row)
}

async fn finish(cx: &Cx, write: Write, act: Act, changed: Changed) -> Result<Outcome> {
    let outcome = Outcome::of(act.subject_id);
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn act(action: &'static str, row: &service_package::Model, fields: &str) -> Act {
    Act {
        action,
        subject_kind: "ServicePackage",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}

/// Refuses offers of which the actor does not see one.
async fn are_seen(cx: &Cx, tx: &Tx, offers: &[Uuid]) -> Result<()> {
    let refused = |code| Err(Error::refused(code).on("offerIds"));
    if offers.is_empty() {
        return refused(Code::Required);
    }
    if offers.len() > MOST {
        return refused(Code::OutOfRange);
    }
    let seen = cx
        .actor()?
        .scoped::<entity::service_offer::Entity>(Permission::OfferRead)
        .ids(offers)
        .count(tx)
        .await?;
    if usize::try_from(seen).is_ok_and(|seen| seen == offers.len()) {
        Ok(())
    } else {
        refused(Code::NotFound)
    }
}

async fn show(tx: &Tx, package: Uuid, offers: &[Uuid]) -> Result<()> {
    let rows = offers.iter().zip(0..);
    let rows = rows.map(|(offer, position)| package_offer::ActiveModel {
        package_id: Set(package),
        offer_id: Set(*offer),
        position: Set(position),
    });
    package_offer::Entity::insert_many(rows)
        .exec_without_returning(&tx.unscoped(ITS_OFFERS))
        .await?;
    Ok(())
}

async fn offers_of(tx: &Tx, package: Uuid) -> Result<Vec<Uuid>> {
    let rows = package_offer::Entity::find()
        .filter(package_offer::Column::PackageId.eq(package))
        .order_by_asc(package_offer::Column::Position)
        .all(&tx.unscoped(ITS_OFFERS))
        .await?;
    Ok(rows.into_iter().map(|one| one.offer_id).collect())
}

/// Refuses a title that a package of the area has.
async fn title_is_free(cx: &Cx, tx: &Tx, (area, title): (Uuid, &str)) -> Result<()> {
    use service_package::Column as C;
    let same = cx
        .actor()?
        .scoped::<service_package::Entity>(Permission::OfferPublish)
        .filter(C::AreaId.eq(area))
        .filter(C::Title.eq(title))
        .count(tx);
    match same.await? {
        0 => Ok(()),
        _ => Err(Error::refused(Code::NameTaken).on("title")),
    }
}
