//! Telling people, and what they were told.

use chrono::{DateTime, Utc};
use entity::enums::AreaKind;
use entity::notice;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use crate::audit::service::Act;
use crate::context::{App, Cx};
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::paging::{Page, Rows};
use crate::write::{Begun, Outcome, Request, Write};

const OWN: &str = "an account's own notices";
const TOLD: &str = "whom the server tells of what asks for them";

/// The most notices that are marked in one step.
const MOST: usize = 100;

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An elder's late visit.
    Escalation(Uuid),
    /// An alarm.
    Alarm(Uuid),
}

/// Somebody to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Who.
    pub account: Uuid,
    /// In whose stead.
    pub stands_in_for: Option<Uuid>,
}

/// Tells people of something at `area` and a level, from `shown_at` on. Whoever was told of it at that
/// level before is told again.
pub async fn tell(
    app: &App,
    tx: &Tx,
    people: &[Told],
    (subject, area, level): (Subject, Uuid, AreaKind),
    shown_at: DateTime<Utc>,
) -> Result<()> {
    use notice::Column as C;
    let (escalation, alarm, unique) = match subject {
        Subject::Escalation(id) => (Some(id), None, C::EscalationId),
        Subject::Alarm(id) => (None, Some(id), C::AlarmId),
    };
    let rows = people.iter().map(|told| notice::ActiveModel {
        id: Set(app.clock.new_id()),
        account_id: Set(told.account),
        area_id: Set(area),
        escalation_id: Set(escalation),
        alarm_id: Set(alarm),
        booking_id: Set(None),
        level: Set(level),
        stands_in_for: Set(told.stands_in_for),
        shown_at: Set(shown_at),
        seen_at: Set(None),
        created_at: Set(app.clock.now()),
    });
    notice::Entity::insert_many(rows)
        .on_conflict(
            OnConflict::columns([unique, C::AccountId, C::Level])
                .update_columns([C::Id, C::ShownAt, C::SeenAt])
                .to_owned(),
        )
        .exec_without_returning(&tx.unscoped(TOLD))
        .await?;
    Ok(())
}

/// A place that is held for a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The booking.
    pub booking: Uuid,
    /// Who entered it.
    pub account: Uuid,
    /// The building of its household.
    pub area: Uuid,
}

/// Tells people of places that are held for what they booked, at once: it ends soon. A booking is held a place
/// once at most.
pub async fn tell_of_places(
    app: &App,
    tx: &Tx,
    places: impl ExactSizeIterator<Item = Place>,
) -> Result<()> {
    if places.len() == 0 {
        return Ok(());
    }
    let now = app.clock.now();
    let rows = places.map(|place| notice::ActiveModel {
        id: Set(app.clock.new_id()),
        account_id: Set(place.account),
        area_id: Set(place.area),
        booking_id: Set(Some(place.booking)),
        level: Set(AreaKind::Building),
        shown_at: Set(now),
        created_at: Set(now),
        ..Default::default()
    });
    notice::Entity::insert_many(rows)
        .exec_without_returning(&tx.unscoped(TOLD))
        .await?;
    Ok(())
}

/// A page of what the actor was told, the newest first; only what they have not seen where `unseen`.
pub async fn list(cx: &Cx, unseen: bool, page: &Page<Uuid>) -> Result<Rows<notice::Model>> {
    use notice::Column as C;
    let mut own = notice::Entity::find()
        .filter(C::AccountId.eq(cx.actor()?.account))
        .filter(C::ShownAt.lte(cx.app.clock.now()));
    if unseen {
        own = own.filter(C::SeenAt.is_null());
    }
    if let Some(after) = page.after {
        own = own.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        own = own.filter(C::Id.gt(before));
    }
    own = if page.backward {
        own.order_by_asc(C::Id)
    } else {
        own.order_by_desc(C::Id)
    };
    let rows = own
        .limit(page.size + 1)
        .all(&cx.app.db.unscoped(OWN))
        .await?;
    Ok(Rows::new(rows, page))
}

/// What everybody was told of one escalation, in order.
pub async fn about(cx: &Cx, escalations: &[Uuid]) -> Result<Vec<notice::Model>> {
    Ok(notice::Entity::find()
        .filter(notice::Column::EscalationId.is_in(escalations.iter().copied()))
        .order_by_asc(notice::Column::ShownAt)
        .order_by_asc(notice::Column::Id)
        .all(&cx.app.db.unscoped(TOLD))
        .await?)
}

/// Marks the actor's own notices as seen, 1 to 100; others' are left as they are. Seen once is seen.
///
/// Refused: `OUT_OF_RANGE`.
pub async fn see(cx: &Cx, ids: Vec<Uuid>, key: Option<Uuid>) -> Result<Outcome> {
    use notice::Column as C;
    let write = match Write::begin(cx, Request::new("markNoticesSeen", key, &ids)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    if ids.is_empty() || ids.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("noticeIds"));
    }
    let seen = notice::Entity::update_many()
        .col_expr(C::SeenAt, Expr::value(cx.app.clock.now()))
        .filter(C::Id.is_in(ids))
        .filter(C::AccountId.eq(cx.actor()?.account))
        .filter(C::SeenAt.is_null())
        .exec_with_returning(&write.tx().unscoped(OWN))
        .await?;
    let outcome = Outcome {
        ids: seen.iter().map(|row| row.id).collect(),
        ..Outcome::default()
    };
    if let Some(first) = outcome.ids.first() {
        let act = Act {
            action: "markNoticesSeen",
            subject_kind: "Notice",
            subject_id: *first,
            area_id: None,
            reason: None,
            fields: "seen_at".to_owned(),
            details: serde_json::to_string(&outcome.ids).ok(),
        };
        write.record_all(cx, act, &[]).await?;
    }
    write.commit(&outcome).await?;
    Ok(outcome)
}
