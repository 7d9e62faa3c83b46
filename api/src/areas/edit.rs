//! Adding areas, and hanging new ones into the tree.

use std::collections::HashMap;

use entity::enums::{AreaKind, ChangeKind};
use entity::{area, area_closure};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::rules;
use crate::access::policy::Permission;
use crate::access::sessions::{Epoch, announce};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

pub(super) const TREE: &str = "the tree of areas is what scopes are made from";

/// An area to be added.
#[derive(Clone, Debug, Serialize)]
pub struct NewArea {
    /// The id the phone chose for it.
    pub id: Option<Uuid>,
    /// The area above.
    pub parent: Uuid,
    /// Its level.
    pub kind: AreaKind,
    /// Its name.
    pub name: String,
    /// Degrees north and east, WGS 84.
    pub point: Option<(f64, f64)>,
}

/// Adds a compound, a grid or a building; its code is the next below its parent's. Needs `AREA_EDIT`
/// there.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`, `OUT_OF_RANGE`, `UUID_INVALID`, `ID_TAKEN`.
pub async fn add(cx: &Cx, new: NewArea, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    actor.require(Permission::AreaEdit)?;
    let write = match Write::begin(cx, Request::new("addArea", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    // First the announcement, as in every change of the tree: they go one after another.
    announce(write.tx(), Epoch::Areas).await?;
    let id = id_of_new(cx, new.id)?;
    let (parent, _) = write
        .to_refer_to::<area::Entity>(cx, new.parent, Permission::AreaEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("parentId"))?;
    if parent.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("parentId"));
    }
    rules::check_kind(new.kind, parent.kind)?;
    let possible = |(north, east): (f64, f64)| north.abs() <= 90.0 && east.abs() <= 180.0;
    if new.point.is_some_and(|point| !possible(point)) {
        return Err(Error::refused(Code::OutOfRange).on("point"));
    }
    let known = actor
        .scoped::<area::Entity>(Permission::AreaEdit)
        .id(id)
        .one(write.tx())
        .await?;
    if let Some(known) = known {
        let is_same = known.parent_id == Some(parent.id)
            && (known.kind, &known.name) == (new.kind, &new.name)
            && known.latitude.zip(known.longitude) == new.point;
        return write.made_before(id, is_same).await;
    }
    let twig = Twig {
        id,
        parent: &parent,
        kind: new.kind,
        name: new.name,
        point: (
            new.point.map(|(north, _)| north),
            new.point.map(|(_, east)| east),
        ),
    };
    hang(cx, write.tx(), vec![twig]).await?;
    let outcome = Outcome::of(id);
    let act = act("addArea", id, "parent,kind,code,name,latitude,longitude");
    let changed = Changed::new(ChangeKind::Area, id, Some(id));
    write.record(cx, act, changed).await?;
    write.commit(&outcome).await?;
    cx.app.sessions.see(&cx.app.db, &cx.app.clock).await;
    Ok(outcome)
}

/// A new area and the one it hangs below, which this transaction holds.
pub(super) struct Twig<'a> {
    pub id: Uuid,
    pub parent: &'a area::Model,
    pub kind: AreaKind,
    pub name: String,
    pub point: (Option<f64>, Option<f64>),
}

/// Writes new areas, numbered on below each parent in the order given, with their places in the tree.
pub(super) async fn hang(cx: &Cx, tx: &Tx, twigs: Vec<Twig<'_>>) -> Result<()> {
    let (connection, now) = (tx.unscoped(TREE), cx.app.clock.now());
    let parents: Vec<Uuid> = twigs.iter().map(|twig| twig.parent.id).collect();
    let siblings = area::Entity::find()
        .filter(area::Column::ParentId.is_in(parents.clone()))
        .all(&connection)
        .await?;
    let ancestors = area_closure::Entity::find()
        .filter(area_closure::Column::DescendantId.is_in(parents))
        .all(&connection)
        .await?;
    let mut numbers: HashMap<Uuid, u32> = HashMap::new();
    let (mut rows, mut places) = (Vec::new(), Vec::new());
    for Twig {
        id,
        parent,
        kind,
        name,
        point,
    } in twigs
    {
        let number = numbers.entry(parent.id).or_insert_with(|| {
            let below = siblings
                .iter()
                .filter(|row| row.parent_id == Some(parent.id));
            rules::next_number(below.map(|row| row.code.as_str()))
        });
        rows.push(area::ActiveModel {
            id: Set(id),
            parent_id: Set(Some(parent.id)),
            kind: Set(kind),
            code: Set(rules::code(&parent.code, *number)),
            name: Set(name),
            latitude: Set(point.0),
            longitude: Set(point.1),
            time_zone: Set(parent.time_zone.clone()),
            retired_on: Set(None),
            successor_id: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        });
        *number += 1;
        places.push((id, id, 0));
        let upwards = ancestors
            .iter()
            .filter(|place| place.descendant_id == parent.id);
        places.extend(upwards.map(|place| (place.ancestor_id, id, place.depth + 1)));
    }
    area::Entity::insert_many(rows)
        .exec_without_returning(&connection)
        .await
        .map_err(Error::from)
        // The key, as either database calls it.
        .map_err(|error| error.where_unique("area.id", Code::IdTaken, "id"))
        .map_err(|error| error.where_unique("area_pkey", Code::IdTaken, "id"))?;
    let places =
        places
            .into_iter()
            .map(|(ancestor, descendant, depth)| area_closure::ActiveModel {
                ancestor_id: Set(ancestor),
                descendant_id: Set(descendant),
                depth: Set(depth),
            });
    area_closure::Entity::insert_many(places)
        .exec_without_returning(&connection)
        .await?;
    Ok(())
}

pub(super) fn act(action: &'static str, id: Uuid, fields: &str) -> Act {
    Act {
        action,
        subject_kind: "Area",
        subject_id: id,
        area_id: Some(id),
        reason: None,
        fields: fields.to_owned(),
        details: None,
    }
}
