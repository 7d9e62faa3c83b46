//! Alarms as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};

use super::reads::{Handler, Seen};
use crate::access::protected::alarm_text;
use crate::accounts::graphql::Role;
use crate::areas::graphql::{Area, AreaKind};
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::scalars::DateTime;
use crate::schema::{AtEdge as _, cx};

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AlarmKind")]
pub enum AlarmKind {
    /// No answer, and reason to worry 无人应答且令人担忧.
    NoAnswerConcern,
    /// Somebody needs a doctor 突发疾病.
    Medical,
    /// Fire or gas 火灾或燃气.
    FireGas,
    /// Something else, told in the note.
    Other,
}

/// Where an alarm stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AlarmStatus")]
pub enum AlarmStatus {
    /// Nobody has taken it on yet 待响应.
    Raised,
    /// Somebody takes care of it 处置中.
    Acknowledged,
    /// Settled, with what was found 已办结.
    Closed,
}

/// What was done about an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AlarmAction")]
pub enum AlarmAction {
    /// Somebody raised it 上报.
    Raised,
    /// Nobody acknowledged it in time: it went a level up 逐级上报.
    Climbed,
    /// Somebody took it on 响应.
    Acknowledged,
    /// It was settled 办结.
    Closed,
}

/// An alarm 紧急上报, to those who handle it and to who raised it.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Alarm {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// What it is about.
    kind: AlarmKind,
    /// Where it stands in its life.
    status: AlarmStatus,
    /// Where it is.
    area: Option<Area>,
    /// The visit during which it was raised.
    visit_task_id: ID,
    /// When it reached the server.
    raised_at: DateTime,
    /// Up to which level it has been told.
    level: AreaKind,
    /// When it climbs unless somebody takes it on.
    climbs_at: Option<DateTime>,
    /// When somebody took it on.
    acknowledged_at: Option<DateTime>,
    /// When it was settled.
    closed_at: Option<DateTime>,
    /// What was done, the oldest first.
    steps: Vec<AlarmStep>,
    #[graphql(skip)]
    seen: Seen,
}

/// One thing that was done about an alarm.
#[derive(Clone, Debug, SimpleObject)]
pub struct AlarmStep {
    /// What.
    action: AlarmAction,
    /// The name of who did it; absent where the server did.
    by: Option<String>,
    /// Up to which level it was told then.
    level: AreaKind,
    /// How many people it was told to.
    told: i32,
    /// When.
    at: DateTime,
}

/// Somebody whom an alarm reaches, to be rung.
#[derive(Clone, Debug, SimpleObject)]
pub struct AlarmHandler {
    /// Their name.
    name: String,
    /// Their phone number.
    phone: String,
    /// In which role.
    role: Role,
    /// Where that is granted.
    area: Option<Area>,
    /// Whether they are away now: ring the others first.
    away: bool,
    /// Whether they are on duty now, by their own turn or in somebody's stead 值班: ring them first.
    on_duty: bool,
}

impl Alarm {
    /// Shows an alarm.
    #[must_use]
    pub fn new(cx: &Cx, seen: Seen) -> Self {
        let row = &seen.row;
        let steps = seen.steps.iter().map(|(step, by)| AlarmStep {
            action: step.action.into(),
            by: by.clone(),
            level: step.level.into(),
            told: step.told,
            at: DateTime(step.at),
        });
        Self {
            id: Id::<ids::Alarm>::new(row.id).to_string().into(),
            version: row.version,
            kind: row.kind.into(),
            status: row.status.into(),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            visit_task_id: Id::<ids::VisitTask>::new(row.visit_task_id)
                .to_string()
                .into(),
            raised_at: DateTime(row.raised_at),
            level: row.level.into(),
            climbs_at: row.climbs_at.map(DateTime),
            acknowledged_at: row.acknowledged_at.map(DateTime),
            closed_at: row.closed_at.map(DateTime),
            steps: steps.collect(),
            seen,
        }
    }
}

#[ComplexObject]
impl Alarm {
    /// What the caller said; to those who handle the alarm and to who raised it.
    async fn note(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.written(ctx, self.seen.row.note_sealed.as_deref())
    }

    /// What was found; to those who handle the alarm and to who raised it.
    async fn found(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<String>> {
        self.written(ctx, self.seen.row.found_sealed.as_deref())
    }

    /// Whom it reaches now, the nearest first, with numbers to ring.
    async fn handlers(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<Vec<AlarmHandler>>> {
        let tree = cx(ctx).app.sessions.tree();
        let shown = |handler: Handler| AlarmHandler {
            area: Area::from_tree(&tree, handler.area),
            name: handler.name,
            phone: handler.phone,
            role: handler.role.into(),
            away: handler.away,
            on_duty: handler.on_duty,
        };
        let handlers = self.seen.handlers.get();
        let handlers = handlers.map(|all| all.into_iter().map(shown).collect());
        Some(handlers.at_edge(ctx))
    }
}

impl Alarm {
    /// What was written of an alarm speaks of a person: reading it is in the audit.
    fn written(
        &self,
        ctx: &Context<'_>,
        sealed: Option<&str>,
    ) -> Option<async_graphql::Result<String>> {
        let text = alarm_text(&cx(ctx).app.keys, sealed?);
        cx(ctx).opened("Alarm", self.seen.row.id);
        Some(text.at_edge(ctx))
    }
}
