//! Changing, pausing and ending care enrolments.
//!
//! Every action holds the enrolment's row, asks the life table, and updates at the version it saw.

use chrono::NaiveDate;
use entity::care_enrolment;
use entity::circumstances::{Circumstance, Circumstances};
use entity::enums::{CareTier, ChangeKind};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, SimpleExpr};
use sea_orm::{ColumnTrait as _, IdenStatic as _};
use serde::Serialize;
use uuid::Uuid;

use super::pauses;
use super::rules::{self, Action, State};
use super::service::{act, begin};
use crate::access::policy::Permission;
use crate::access::scope::Grant;
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

type Values = Vec<(care_enrolment::Column, SimpleExpr)>;

/// How an action on one enrolment is called: on which version, by whose key.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The enrolment.
    pub enrolment: Uuid,
    /// The version the actor saw.
    pub expected_version: i64,
    /// The idempotency key.
    pub key: Option<Uuid>,
}

/// What an enrolment becomes.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// How often the resident is visited; absent, it stays.
    pub tier: Option<CareTier>,
    /// What makes them a subject of visits; absent, it stays.
    pub circumstances: Option<Vec<Circumstance>>,
    /// The first day on which it holds; today where absent.
    pub from_on: Option<NaiveDate>,
    /// Why; absent, the reason stays.
    pub reason: Option<String>,
}

/// Gives an enrolment another tier or other circumstances: it ends, and another begins.
///
/// One that began on the same day is corrected instead, since it has no day of its own.
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ENROLMENT_ENDED`, `VERSION_CONFLICT`, `WINDOW_INVALID`,
/// `OUT_OF_RANGE`.
pub async fn change(cx: &Cx, call: Call, change: Change) -> Result<Outcome> {
    use care_enrolment::Column as C;
    let held = hold(cx, "changeEnrolment", Action::Change, call, &change).await?;
    let held = match held {
        Held::Before(outcome) => return Ok(outcome),
        Held::Now(held) => held,
    };
    let tier = change.tier.unwrap_or(held.row.tier);
    let circumstances: Circumstances = match &change.circumstances {
        Some(circumstances) => circumstances.iter().copied().collect(),
        None => held.row.circumstances,
    };
    if tier == held.row.tier && circumstances == held.row.circumstances {
        let outcome = Outcome::of(held.row.id);
        held.write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let today = cx.app.clock.today(SHANGHAI);
    let from_on = change.from_on.unwrap_or(today);
    rules::check_day(from_on, Some(held.row.from_on), today, "fromOn")?;
    let details = serde_json::to_string(&change).ok();
    let reason = change.reason.clone();
    if from_on == held.row.from_on {
        let mut values: Values = vec![
            (C::Tier, tier.into()),
            (C::Circumstances, circumstances.into()),
        ];
        if let Some(reason) = change.reason {
            values.push((C::Reason, reason.into()));
        }
        return held.finish(cx, values, reason, details).await;
    }
    held.succeed(cx, from_on, (tier, circumstances), reason, details)
        .await
}

/// Lets visits rest from a day on (today where absent) until a review.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ENROLMENT_ENDED`, `ALREADY_PAUSED`, `VERSION_CONFLICT`,
/// `WINDOW_INVALID`, `OUT_OF_RANGE`.
pub async fn pause(
    cx: &Cx,
    call: Call,
    (paused_on, review_on): (Option<NaiveDate>, NaiveDate),
    reason: Option<String>,
) -> Result<Outcome> {
    use care_enrolment::Column as C;
    let input = (paused_on, review_on, &reason);
    let held = hold(cx, "pauseEnrolment", Action::Pause, call, &input).await?;
    let held = match held {
        Held::Before(outcome) => return Ok(outcome),
        Held::Now(held) => held,
    };
    let today = cx.app.clock.today(SHANGHAI);
    let paused_on = paused_on.unwrap_or(today);
    rules::check_day(paused_on, Some(held.row.from_on), today, "pausedOn")?;
    rules::check_review(review_on, paused_on)?;
    pauses::begin(cx, held.write.tx(), &held.row, (paused_on, review_on)).await?;
    let values = vec![
        (C::PausedOn, paused_on.into()),
        (C::ReviewOn, review_on.into()),
    ];
    held.finish(cx, values, reason, None).await
}

/// Lets visits go on after a pause.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ENROLMENT_ENDED`, `NOT_PAUSED`, `VERSION_CONFLICT`.
pub async fn resume(cx: &Cx, call: Call) -> Result<Outcome> {
    use care_enrolment::Column as C;
    let held = hold(cx, "resumeEnrolment", Action::Resume, call, &()).await?;
    let held = match held {
        Held::Before(outcome) => return Ok(outcome),
        Held::Now(held) => held,
    };
    let today = cx.app.clock.today(SHANGHAI);
    pauses::end(held.write.tx(), &held.row, today).await?;
    let values = vec![
        (C::PausedOn, Option::<NaiveDate>::None.into()),
        (C::ReviewOn, Option::<NaiveDate>::None.into()),
    ];
    held.finish(cx, values, None, None).await
}

/// Ends an enrolment: `ended_on` is the first day on which it no longer holds.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `ENROLMENT_ENDED`, `VERSION_CONFLICT`, `WINDOW_INVALID`,
/// `OUT_OF_RANGE`.
pub async fn end(cx: &Cx, call: Call, ended_on: NaiveDate, reason: String) -> Result<Outcome> {
    use care_enrolment::Column as C;
    let input = (ended_on, &reason);
    let held = hold(cx, "endEnrolment", Action::End, call, &input).await?;
    let held = match held {
        Held::Before(outcome) => return Ok(outcome),
        Held::Now(held) => held,
    };
    let today = cx.app.clock.today(SHANGHAI);
    rules::check_day(ended_on, Some(held.row.from_on), today, "endedOn")?;
    pauses::end(held.write.tx(), &held.row, ended_on).await?;
    let values = vec![
        (C::ToOn, ended_on.into()),
        (C::EndReason, reason.clone().into()),
    ];
    held.finish(cx, values, Some(reason), None).await
}

/// How an action began.
enum Held {
    /// It was carried out before.
    Before(Outcome),
    /// The enrolment is held, in a state and at a version that allow the action.
    Now(Box<Open>),
}

/// An enrolment held in an open write.
struct Open {
    mutation: &'static str,
    write: Write,
    row: care_enrolment::Model,
    grant: Grant,
}

async fn hold(
    cx: &Cx,
    mutation: &'static str,
    action: Action,
    call: Call,
    input: &(impl Serialize + Sync),
) -> Result<Held> {
    cx.actor()?.require(Permission::EnrolmentEdit)?;
    let input = (call.enrolment, call.expected_version, input);
    let write = match Write::begin(cx, Request::new(mutation, call.key, &input)).await? {
        Begun::Replay(outcome) => return Ok(Held::Before(outcome)),
        Begun::New(write) => write,
    };
    let (row, grant) = write
        .to_change::<care_enrolment::Entity>(
            cx,
            call.enrolment,
            Permission::EnrolmentEdit,
            Permission::ResidentRead,
        )
        .await
        .map_err(|error| error.on("enrolmentId"))?;
    rules::check(action, State::of(row.to_on, row.paused_on))
        .map_err(|error| error.on("enrolmentId"))?;
    if row.version != call.expected_version {
        return Err(Error::Conflict(row.id));
    }
    Ok(Held::Now(Box::new(Open {
        mutation,
        write,
        row,
        grant,
    })))
}

impl Open {
    /// Changes the row, audits, announces and commits.
    async fn finish(
        self,
        cx: &Cx,
        values: Values,
        reason: Option<String>,
        details: Option<String>,
    ) -> Result<Outcome> {
        let fields: Vec<&str> = values.iter().map(|(column, _)| column.as_str()).collect();
        let fields = fields.join(",");
        self.update(cx, values).await?;
        let act = Act {
            details,
            ..act(self.mutation, &self.row, reason, &fields)
        };
        let kind = ChangeKind::CareEnrolment;
        let changed = Changed::in_place(kind, self.row.id, Some(self.row.area_id));
        self.write.record(cx, act, changed).await?;
        let outcome = Outcome::of(self.row.id);
        self.write.commit(&outcome).await?;
        Ok(outcome)
    }

    /// Ends the row and begins its successor on the same day, paused where it was paused.
    async fn succeed(
        self,
        cx: &Cx,
        from_on: NaiveDate,
        (tier, circumstances): (CareTier, Circumstances),
        reason: Option<String>,
        details: Option<String>,
    ) -> Result<Outcome> {
        self.update(cx, vec![(care_enrolment::Column::ToOn, from_on.into())])
            .await?;
        let row = care_enrolment::ActiveModel {
            resident_id: Set(self.row.resident_id),
            area_id: Set(self.row.area_id),
            grid_id: Set(self.row.grid_id),
            tier: Set(tier),
            circumstances: Set(circumstances),
            from_on: Set(from_on),
            reason: Set(reason.clone().or_else(|| self.row.reason.clone())),
            paused_on: Set(self.row.paused_on),
            review_on: Set(self.row.review_on),
            ..Default::default()
        };
        let row = begin(cx, &self.write, &self.grant, row).await?;
        pauses::end(self.write.tx(), &self.row, from_on).await?;
        if let (Some(paused_on), Some(review_on)) = (row.paused_on, row.review_on) {
            let days = (Ord::max(paused_on, from_on), review_on);
            pauses::begin(cx, self.write.tx(), &row, days).await?;
        }
        let (kind, area) = (ChangeKind::CareEnrolment, Some(row.area_id));
        let changed = [
            Changed::in_place(kind, self.row.id, area),
            Changed::new(kind, row.id, area),
        ];
        let act = Act {
            details,
            ..act(self.mutation, &row, reason, "tier,circumstances,from_on")
        };
        self.write.record_all(cx, act, &changed).await?;
        let outcome = Outcome::of(row.id);
        self.write.commit(&outcome).await?;
        Ok(outcome)
    }

    async fn update(&self, cx: &Cx, values: Values) -> Result<()> {
        use care_enrolment::Column as C;
        cx.actor()?
            .scoped::<care_enrolment::Entity>(Permission::EnrolmentEdit)
            .id(self.row.id)
            .filter(C::Version.eq(self.row.version))
            .update(self.write.tx(), |update| {
                update
                    .values(values)
                    .value(C::Version, Expr::col(C::Version).add(1))
                    .value(C::UpdatedAt, cx.app.clock.now());
            })
            .await?
            .pop()
            .map(drop)
            .ok_or(Error::Conflict(self.row.id))
    }
}
