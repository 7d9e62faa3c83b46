//! Verification rules: reading, setting, and the one that holds for a visit.

use entity::enums::{CareTier, VisitKind};
use entity::{area, verification_rule};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use uuid::Uuid;

use super::rules::Rule;
use crate::access::policy::Permission;
use crate::access::scope;
use crate::areas::tree::AreaTree;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::Handle;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "verification rules are settings that everybody's reports follow";
const SET: &str = "the rule of an area that the scope let through";

/// Which rule is set, and to what.
#[derive(Clone, Debug, Serialize)]
pub struct NewRule {
    /// For this area and below.
    pub area: Uuid,
    /// For this kind of visit.
    pub kind: VisitKind,
    /// For people of this tier; none for every tier without its own.
    pub tier: Option<CareTier>,
    /// What it says; none takes it away, so that the one above holds.
    pub rule: Option<Rule>,
    /// The version the actor saw; checked where given.
    pub expected_version: Option<i64>,
}

/// The rules that stand at an area and above it, the nearest first. Needs `VISIT_VERIFY` there.
pub async fn at(cx: &Cx, area: Uuid) -> Result<Option<Vec<verification_rule::Model>>> {
    let actor = cx.actor()?;
    actor.require(Permission::VisitVerify)?;
    if !actor.may(Permission::VisitVerify, area) {
        return Ok(None);
    }
    let upwards: Vec<Uuid> = actor.tree.upwards(area).collect();
    let mut rules = verification_rule::Entity::find()
        .filter(verification_rule::Column::AreaId.is_in(upwards.iter().copied()))
        .order_by_asc(verification_rule::Column::Id)
        .all(&cx.app.db.unscoped(REASON))
        .await?;
    rules.sort_by_key(|rule| upwards.iter().position(|area| *area == rule.area_id));
    Ok(Some(rules))
}

/// Sets a rule, or takes it away. Needs `CARE_RULE_EDIT` at the area.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `REQUIRED`, `OUT_OF_RANGE`, `VERSION_CONFLICT`.
pub async fn set(cx: &Cx, new: NewRule, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("setVerificationRule", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CareRuleEdit)?;
    // The area's row is held, so rules of one area are set one after the other.
    let (_, grant) = write
        .to_change::<area::Entity>(cx, new.area, Permission::CareRuleEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    if let Some(rule) = new.rule {
        rule.check()
            .map_err(|(code, field)| Error::refused(code).on(field))?;
    }
    let outcome = Outcome::of(new.area);
    if put(cx, &write, &grant, &new).await? {
        let act = Act {
            action: "setVerificationRule",
            subject_kind: "Area",
            subject_id: new.area,
            area_id: Some(new.area),
            reason: None,
            fields: "mode,percent,hours".to_owned(),
            details: serde_json::to_string(&new).ok(),
        };
        write.record_all(cx, act, &[]).await?;
    }
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Puts the rule where the old one was, and says whether anything changed.
async fn put(cx: &Cx, write: &Write, grant: &scope::Grant, new: &NewRule) -> Result<bool> {
    use verification_rule::Column as C;
    let connection = write.tx().unscoped(SET);
    let now = cx.app.clock.now();
    let known = verification_rule::Entity::find()
        .filter(C::AreaId.eq(new.area))
        .filter(C::Kind.eq(new.kind))
        .filter(match new.tier {
            Some(tier) => C::Tier.eq(tier),
            None => C::Tier.is_null(),
        })
        .one(&connection)
        .await?;
    let version = known.as_ref().map_or(0, |known| known.version);
    if new.expected_version.is_some_and(|seen| seen != version) {
        return Err(Error::refused(Code::VersionConflict).on("expectedVersion"));
    }
    match (known, new.rule) {
        (None, None) => return Ok(false),
        (Some(known), None) => {
            verification_rule::Entity::delete_by_id(known.id)
                .exec(&connection)
                .await?;
        }
        (Some(known), Some(rule)) => {
            let mut row = known.into_active_model();
            row.mode = Set(rule.mode);
            row.percent = Set(rule.percent);
            row.hours = Set(rule.hours);
            row.version = Set(version + 1);
            row.updated_at = Set(now);
            row.update(&connection).await?;
        }
        (None, Some(rule)) => {
            let row = verification_rule::ActiveModel {
                id: Set(cx.app.clock.new_id()),
                area_id: Set(new.area),
                kind: Set(new.kind),
                tier: Set(new.tier),
                mode: Set(rule.mode),
                percent: Set(rule.percent),
                hours: Set(rule.hours),
                version: Set(1),
                created_at: Set(now),
                updated_at: Set(now),
            };
            scope::insert(write.tx(), grant, row).await?;
        }
    }
    Ok(true)
}

/// The rule that holds for visits of a kind to a person of a tier in `area`, where there is one.
pub(in crate::visits) async fn holding(
    handle: &impl Handle,
    tree: &AreaTree,
    (area, kind, tier): (Uuid, VisitKind, Option<CareTier>),
) -> Result<Option<Rule>> {
    let rules = verification_rule::Entity::find()
        .filter(verification_rule::Column::Kind.eq(kind))
        .all(&handle.unscoped(REASON))
        .await?;
    let found = tree.upwards(area).find_map(|above| {
        let here = || rules.iter().filter(|rule| rule.area_id == above);
        let own = here().find(|rule| rule.tier.is_some() && rule.tier == tier);
        own.or_else(|| here().find(|rule| rule.tier.is_none()))
    });
    Ok(found.map(|rule| Rule {
        mode: rule.mode,
        percent: rule.percent,
        hours: rule.hours,
    }))
}
