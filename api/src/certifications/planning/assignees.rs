//! Who may be given the checks of a place: the colleagues whose names one plans with.

use std::collections::{BTreeSet, HashMap};

use entity::account;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use uuid::Uuid;

use crate::access::holders::holders;
use crate::access::policy::Permission;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::Result;

const NAMES: &str = "the names of colleagues, to whoever plans with them";

/// Somebody who may be given checks.
#[derive(Clone, Debug)]
pub struct Assignee {
    /// The account.
    pub account: Uuid,
    /// The name.
    pub name: String,
    /// Where they are granted, the nearest.
    pub area: Uuid,
}

/// Those who may check at an area, who are granted nearest to it first. Needs `CERTIFICATION_PLAN` there; nobody
/// elsewhere.
pub async fn assignees(cx: &Cx, area: Uuid) -> Result<Vec<Assignee>> {
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    if !actor.may(Permission::CertificationPlan, area) {
        return Ok(Vec::new());
    }
    let wanted = (Permission::CertificationCheck, area);
    let found = holders(&cx.app.db, (&actor.tree, cx.app.clock.now()), wanted).await?;
    let names: HashMap<Uuid, String> = account::Entity::find()
        .select_only()
        .columns([account::Column::Id, account::Column::Name])
        .filter(account::Column::Id.is_in(found.iter().map(|holder| holder.account)))
        .into_tuple::<(Uuid, String)>()
        .all(&cx.app.db.unscoped(NAMES))
        .await?
        .into_iter()
        .collect();
    let mut seen = BTreeSet::new();
    let each = found
        .into_iter()
        .filter(|holder| seen.insert(holder.account));
    let each = each.map(|holder| Assignee {
        account: holder.account,
        name: names.get(&holder.account).cloned().unwrap_or_default(),
        area: holder.area,
    });
    Ok(each.collect())
}
