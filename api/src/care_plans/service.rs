//! Setting and ending care rules.

use chrono::NaiveDate;
use entity::bits::Bits;
use entity::enums::{CareTier, VisitKind, VisitMethod};
use entity::{area, care_rule};
use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, UpdateStatement};
use serde::Serialize;
use uuid::Uuid;

use super::book::RuleBook;
use super::rules::Rule;
use crate::access::policy::Permission;
use crate::access::scope::{self, Arm, ScopedEntity};
use crate::audit::service::Act;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Tx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

impl ScopedEntity for care_rule::Entity {
    const AREA: care_rule::Column = care_rule::Column::AreaId;
    const GRID: care_rule::Column = care_rule::Column::AreaId;
    const ID: care_rule::Column = care_rule::Column::Id;

    fn arms(permission: Permission) -> &'static [Arm<care_rule::Column>] {
        match permission {
            Permission::VisitRead | Permission::CareRuleEdit => &[Arm::Area],
            _ => &[],
        }
    }
}

/// A rule that somebody sets.
#[derive(Clone, Debug, Serialize)]
pub struct NewRule {
    /// Where it holds, and below.
    pub area: Uuid,
    /// Whom it is for.
    pub tier: CareTier,
    /// Days on which a visit is due, as an RFC 5545 rule without DTSTART.
    pub recurrence: String,
    /// Kind of the tasks it makes.
    pub kind: VisitKind,
    /// Kinds of visit that count as a contact.
    pub kinds: Vec<VisitKind>,
    /// Methods that count as a contact.
    pub methods: Vec<VisitMethod>,
    /// Days before and after the due day.
    pub days: (i32, i32),
    /// Begin and end of the preferred time of day, in minutes after midnight.
    pub minutes: (Option<i32>, Option<i32>),
    /// First day; tomorrow where absent.
    pub from_on: Option<NaiveDate>,
}

/// The rule of a tier as it holds in an area today.
#[derive(Clone, Debug)]
pub struct Effective {
    /// Whom it is for.
    pub tier: CareTier,
    /// What it says.
    pub rule: Rule,
    /// The area it comes from; none where the default holds.
    pub from: Option<Uuid>,
}

/// The rules that hold in an area today, one for each tier. Needs `VISIT_READ` there.
pub async fn effective(cx: &Cx, area: Uuid) -> Result<Vec<Effective>> {
    if !cx.actor()?.may(Permission::VisitRead, area) {
        return Ok(Vec::new());
    }
    let book = RuleBook::read(&cx.app.db).await?;
    let tree = cx.app.sessions.tree();
    let today = cx.app.clock.today(SHANGHAI);
    let tiers = [CareTier::HighRisk, CareTier::Key, CareTier::General];
    Ok(tiers
        .into_iter()
        .map(|tier| Effective {
            tier,
            rule: book.rule(&tree, area, tier, today),
            from: book.row(&tree, area, tier, today).map(|row| row.area_id),
        })
        .collect())
}

/// The area's own rules, past and future ones too, the newest first. Needs `VISIT_READ` there.
pub async fn own(cx: &Cx, area: Uuid) -> Result<Vec<care_rule::Model>> {
    use care_rule::Column as C;
    cx.actor()?
        .scoped::<care_rule::Entity>(Permission::VisitRead)
        .filter(C::AreaId.eq(area))
        .order_by(C::FromOn, sea_orm::sea_query::Order::Desc)
        .order_by(C::Id, sea_orm::sea_query::Order::Desc)
        .limit(100)
        .all(&cx.app.db)
        .await
}

/// One rule that the actor sees.
pub async fn one(cx: &Cx, id: Uuid) -> Result<Option<care_rule::Model>> {
    cx.actor()?
        .scoped::<care_rule::Entity>(Permission::VisitRead)
        .id(id)
        .one(&cx.app.db)
        .await
}

/// Sets the rule of a tier in an area from a day on; the area's rule before it ends on that day.
///
/// Refused: `NOT_FOUND`, `RECURRENCE_INVALID`, `OUT_OF_RANGE`, `WINDOW_INVALID`, `REQUIRED`,
/// `DAY_PAST`.
pub async fn set(cx: &Cx, new: NewRule, key: Option<Uuid>) -> Result<Outcome> {
    cx.actor()?.require(Permission::CareRuleEdit)?;
    let write = match Write::begin(cx, Request::new("setCareRule", key, &new)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    // Holding the area, two people set its rules one after the other.
    let (_, grant) = write
        .to_change::<area::Entity>(cx, new.area, Permission::CareRuleEdit, Permission::AreaRead)
        .await
        .map_err(|error| error.on("areaId"))?;
    let today = cx.app.clock.today(SHANGHAI);
    let from_on = new.from_on.unwrap_or(today + chrono::Days::new(1));
    if from_on < today {
        return Err(Error::refused(Code::DayPast).on("fromOn"));
    }
    let (rule, tier) = (new.rule(from_on), new.tier);
    rule.check()?;
    end_from(cx, write.tx(), (new.area, tier), from_on).await?;
    let now = cx.app.clock.now();
    let row = care_rule::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        area_id: Set(new.area),
        tier: Set(tier),
        recurrence: Set(rule.recurrence),
        kind: Set(rule.kind),
        kinds: Set(rule.kinds),
        methods: Set(rule.methods),
        days_before: Set(rule.days_before),
        days_after: Set(rule.days_after),
        from_minute: Set(rule.from_minute),
        to_minute: Set(rule.to_minute),
        from_on: Set(from_on),
        to_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    };
    let row = scope::insert(write.tx(), &grant, row).await?;
    finish(cx, write, &row, "setCareRule").await
}

/// Ends an area's own rule from a day on (tomorrow where absent); what holds above it holds again.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `DAY_PAST`, `VERSION_CONFLICT`.
pub async fn end(
    cx: &Cx,
    (id, expected_version): (Uuid, i64),
    ends_on: Option<NaiveDate>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    cx.actor()?.require(Permission::CareRuleEdit)?;
    let request = Request::new("endCareRule", key, &(id, expected_version, ends_on));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let (row, _) = write
        .to_change::<care_rule::Entity>(cx, id, Permission::CareRuleEdit, Permission::VisitRead)
        .await
        .map_err(|error| error.on("careRuleId"))?;
    if row.version != expected_version {
        return Err(Error::Conflict(id));
    }
    let today = cx.app.clock.today(SHANGHAI);
    let ends_on = ends_on.unwrap_or(today + chrono::Days::new(1));
    if ends_on < today || row.to_on.is_some_and(|to| to < ends_on) {
        return Err(Error::refused(Code::DayPast).on("endsOn"));
    }
    // One that has not begun never does.
    let to_on = Ord::max(ends_on, row.from_on);
    cx.actor()?
        .scoped::<care_rule::Entity>(Permission::CareRuleEdit)
        .id(id)
        .update(write.tx(), |update| ended(cx, update, to_on))
        .await?;
    finish(cx, write, &row, "endCareRule").await
}

/// Ends what holds on `day` or later; a rule that was to begin later never does.
async fn end_from(cx: &Cx, tx: &Tx, (area, tier): (Uuid, CareTier), day: NaiveDate) -> Result<()> {
    use care_rule::Column as C;
    let own = || {
        let scoped = cx
            .actor()?
            .scoped::<care_rule::Entity>(Permission::CareRuleEdit)
            .filter(C::AreaId.eq(area))
            .filter(C::Tier.eq(tier))
            .filter(C::ToOn.is_null().or(C::ToOn.gt(day)));
        Ok::<_, Error>(scoped)
    };
    own()?
        .filter(C::FromOn.lt(day))
        .update(tx, |update| ended(cx, update, day))
        .await?;
    own()?
        .filter(C::FromOn.gte(day))
        .update(tx, |update| {
            ended(cx, update, Expr::col(C::FromOn));
        })
        .await?;
    Ok(())
}

fn ended(cx: &Cx, update: &mut UpdateStatement, to_on: impl Into<Expr>) {
    use care_rule::Column as C;
    update
        .value(C::ToOn, to_on.into())
        .value(C::Version, Expr::col(C::Version).add(1))
        .value(C::UpdatedAt, cx.app.clock.now());
}

async fn finish(
    cx: &Cx,
    write: Write,
    row: &care_rule::Model,
    mutation: &'static str,
) -> Result<Outcome> {
    let act = Act {
        action: mutation,
        subject_kind: "CareRule",
        subject_id: row.id,
        area_id: Some(row.area_id),
        reason: None,
        fields: "recurrence,kind,kinds,methods,days_before,days_after,from_on,to_on".to_owned(),
        details: None,
    };
    // Phones keep no copy of rules: nothing is announced.
    write.record_all(cx, act, &[]).await?;
    let outcome = Outcome::of(row.id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

impl NewRule {
    fn rule(&self, from_on: NaiveDate) -> Rule {
        let kinds: Bits<VisitKind> = self.kinds.iter().copied().collect();
        let methods: Bits<VisitMethod> = self.methods.iter().copied().collect();
        Rule {
            recurrence: self.recurrence.clone(),
            anchor: from_on,
            kind: self.kind,
            kinds,
            methods,
            days_before: self.days.0,
            days_after: self.days.1,
            from_minute: self.minutes.0,
            to_minute: self.minutes.1,
        }
    }
}
