//! Planning a session or a slot.

use chrono::{DateTime, Utc};
use entity::enums::{CertificationChannel, ChangeKind};
use entity::{area, certification_session};
use sea_orm::ActiveValue::Set;
use serde::Serialize;
use uuid::Uuid;

use super::reads::look;
use super::rules::{self, Given, LIVE};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::audit::service::Act;
use crate::certifications::rounds;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

/// A session or slot to be planned.
#[derive(Clone, Debug, Serialize)]
pub struct NewSession {
    /// The id the device chose for it.
    pub id: Option<Uuid>,
    /// The round.
    pub round: Uuid,
    /// The area whose people it is for.
    pub area: Uuid,
    /// By what those who come are certified.
    pub channel: CertificationChannel,
    /// Where it is held.
    pub venue: String,
    /// Whether that is an institution where people live.
    pub is_institution: bool,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// How many can come.
    pub capacity: Option<i32>,
}

/// Plans a session in an open round. Needs `CERTIFICATION_PLAN` at its area, which is within the round's, or one to
/// which checks of it were handed.
///
/// Refused: `UUID_INVALID`, `ID_TAKEN`, `NOT_FOUND`, `NOT_PERMITTED`, `ROUND_NOT_OPEN`, `AREA_UNFIT` (neither),
/// and what [`rules::check`] refuses.
pub async fn plan(cx: &Cx, new: NewSession, key: Option<Uuid>) -> Result<Outcome> {
    let actor = cx.actor()?;
    let request = Request::new("planCertificationSession", key, &new);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(Permission::CertificationPlan)?;
    let id = id_of_new(cx, new.id)?;
    let round = rounds::reads::of_session(cx, write.tx(), new.round).await?;
    let round = round.ok_or_else(|| Error::refused(Code::NotFound).on("roundId"))?;
    let (plan, read) = (Permission::CertificationPlan, Permission::AreaRead);
    let (place, grant) = write
        .to_refer_to::<area::Entity>(cx, new.area, plan, read)
        .await
        .map_err(|error| error.on("areaId"))?;
    if let Some(known) = look(cx, write.tx(), id).await? {
        return write.made_before(id, is_same(&known, &new)).await;
    }
    if round.status != rounds::rules::LIVE {
        return Err(Error::refused(Code::RoundNotOpen).on("roundId"));
    }
    let is_within = rounds::reads::covers(write.tx(), round.area_id, place.id).await?
        || rounds::reads::is_handed_to(write.tx(), (round.id, place.id)).await?;
    if !is_within || place.retired_on.is_some() {
        return Err(Error::refused(Code::AreaUnfit).on("areaId"));
    }
    let now = cx.app.clock.now();
    let given = Given {
        channel: new.channel,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        capacity: new.capacity,
    };
    rules::check(given, now)?;
    let row = certification_session::ActiveModel {
        id: Set(id),
        round_id: Set(round.id),
        area_id: Set(place.id),
        channel: Set(new.channel),
        venue: Set(new.venue),
        is_institution: Set(new.is_institution),
        starts_at: Set(new.starts_at),
        ends_at: Set(new.ends_at),
        capacity: Set(new.capacity),
        status: Set(LIVE),
        planned_by: Set(actor.account),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let Some(row) = scope::insert_new(write.tx(), &grant, row).await? else {
        // Of a round or area that the actor does not see, or of another kind.
        return write.made_before(id, false).await;
    };
    let (kind, place) = (ChangeKind::CertificationSession, Some(row.area_id));
    let act = Act {
        action: "planCertificationSession",
        subject_kind: "CertificationSession",
        subject_id: id,
        area_id: place,
        reason: None,
        fields: "status".to_owned(),
        details: None,
    };
    write.record(cx, act, Changed::new(kind, id, place)).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok(outcome)
}

fn is_same(known: &certification_session::Model, new: &NewSession) -> bool {
    (known.round_id, known.area_id, known.channel) == (new.round, new.area, new.channel)
        && (&known.venue, known.is_institution) == (&new.venue, new.is_institution)
        && (known.starts_at, known.ends_at) == (new.starts_at, new.ends_at)
        && known.capacity == new.capacity
}
