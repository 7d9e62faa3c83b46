//! The server's own step: what nobody has seen to in time is told a level higher.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AreaKind, ChangeKind, EscalationStatus};
use entity::escalation;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use uuid::Uuid;

use super::begin::begin_and_settle;
use super::rules::{Quiet, patience};
use crate::access::policy::level;
use crate::areas::tree::AreaTree;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{self as changes, Changed};
use crate::config::Settings;
use crate::context::App;
use crate::db::{Handle as _, Tx};
use crate::duty::roster::{OnDuty, answering, on_duty};
use crate::error::Result;
use crate::notices::service::{Subject, Told, tell};

const REASON: &str = "the server's own clock lets late visits climb, wherever they are";

/// How many escalations one transaction moves.
const BATCH: u64 = 100;

/// When it is tried again where nobody answers at all.
const RETRY: Duration = Duration::hours(1);

/// The quiet hours that a community has set.
#[must_use]
pub fn quiet(settings: &Settings) -> Quiet {
    Quiet {
        from_hour: settings.quiet_from_hour,
        until_hour: settings.quiet_until_hour,
    }
}

/// Settles what was seen to, begins what is late, and lets climb what nobody has seen to in time; says how
/// many it touched.
///
/// Several servers may do so at once: the condition stands in the update.
pub async fn escalate(app: &App) -> Result<usize> {
    let mut touched = begin_and_settle(app).await?;
    loop {
        let moved = climb(app).await?;
        touched += moved;
        if moved == 0 {
            return Ok(touched);
        }
    }
}

async fn climb(app: &App) -> Result<usize> {
    use escalation::Column as C;
    let author = Author {
        keys: &app.keys,
        clock: &app.clock,
        actor: None,
        request_id: None,
    };
    let now = app.clock.now();
    let quiet = quiet(&app.settings);
    let tree = app.sessions.tree();
    let tx = app.db.begin().await?;
    let connection = tx.unscoped(REASON);
    let waiting = escalation::Entity::find()
        .filter(C::ClimbsAt.lte(now))
        .order_by_asc(C::ClimbsAt)
        .limit(BATCH)
        .all(&connection)
        .await?;
    let mut desks = Desks {
        tx: &tx,
        tree: &tree,
        now,
        known: HashMap::new(),
    };
    let mut changed = Vec::with_capacity(waiting.len());
    for row in waiting {
        let next = desks.next(row.area_id, row.level).await?;
        let shown_at = quiet.waking(now);
        let (level, people, climbs_at) = match next {
            Some((level, people)) => (level, people, quiet.after(shown_at, patience(row.tier))),
            None => (row.level, Vec::new(), now + RETRY),
        };
        let moved = escalation::Entity::update_many()
            .col_expr(C::Status, Expr::value(EscalationStatus::Open))
            .col_expr(C::Level, Expr::value(level))
            .col_expr(C::ClimbsAt, Expr::value(Some(climbs_at)))
            .col_expr(C::Version, Expr::value(row.version + 1))
            .col_expr(C::UpdatedAt, Expr::value(now))
            .filter(C::Id.eq(row.id))
            .filter(C::SettledAt.is_null())
            .filter(C::Version.eq(row.version))
            .exec(&connection)
            .await?;
        if moved.rows_affected == 0 {
            continue;
        }
        let place = Some(row.area_id);
        let people: Vec<Told> = people
            .iter()
            .map(|one| Told {
                account: one.account,
                stands_in_for: one.stands_in_for,
            })
            .collect();
        let subject = (Subject::Escalation(row.id), row.area_id, level);
        tell(app, &tx, &people, subject, shown_at).await?;
        let act = Act {
            action: "climbEscalation",
            subject_kind: "Escalation",
            subject_id: row.id,
            area_id: place,
            reason: None,
            fields: "level".to_owned(),
            details: None,
        };
        audit::record_by(author, &tx, act).await?;
        changed.push(Changed::in_place(ChangeKind::Escalation, row.id, place));
    }
    changes::record_at(now, &tx, &changed).await?;
    tx.commit().await?;
    Ok(changed.len())
}

/// Who is on duty where; neighbours share it.
struct Desks<'a> {
    tx: &'a Tx,
    tree: &'a AreaTree,
    now: DateTime<Utc>,
    known: HashMap<Uuid, Vec<OnDuty>>,
}

impl Desks<'_> {
    /// The next level above `told` with somebody on duty, else the highest that has somebody; where
    /// everybody is away, those of the highest level all the same. Nothing where nobody answers at all.
    async fn next(
        &mut self,
        area: Uuid,
        told: AreaKind,
    ) -> Result<Option<(AreaKind, Vec<OnDuty>)>> {
        let mut highest = None;
        let kind = |place| Some((place, self.tree.get(place)?.kind));
        let upwards = self.tree.upwards(area).filter_map(kind);
        let upwards: Vec<(Uuid, AreaKind)> = upwards
            .filter(|(_, kind)| *kind != AreaKind::Building)
            .collect();
        for (place, kind) in &upwards {
            let (place, kind) = (*place, *kind);
            let people = self.on_duty(place).await?;
            if people.is_empty() {
                continue;
            }
            let is_above = level(kind) > level(told);
            highest = Some((kind, people));
            if is_above {
                return Ok(highest);
            }
        }
        if highest.is_none() {
            for (place, kind) in upwards.into_iter().rev() {
                let people = answering(self.tx, (self.tree, self.now), place).await?;
                if !people.is_empty() {
                    return Ok(Some((kind, people)));
                }
            }
        }
        Ok(highest)
    }

    async fn on_duty(&mut self, place: Uuid) -> Result<Vec<OnDuty>> {
        if let Some(known) = self.known.get(&place) {
            return Ok(known.clone());
        }
        let people = on_duty(self.tx, (self.tree, self.now), place).await?;
        self.known.insert(place, people.clone());
        Ok(people)
    }
}
