//! Reading alarms, and whom they reach.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::enums::{AreaKind, Role};
use entity::{account, alarm, alarm_step};
use sea_orm::sea_query::Order;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use uuid::Uuid;

use super::rules::Action;
use crate::access::holders::{Grants, Holder};
use crate::access::policy::Permission;
use crate::access::protected::own_phone;
use crate::areas::tree::AreaTree;
use crate::context::{App, Cx};
use crate::db::{Handle, Tx};
use crate::duty::roster::Duty;
use crate::error::Result;
use crate::lenient::Lenient;
use crate::notices;
use crate::notices::service::{Subject, Told};
use crate::paging::{Page, Rows};

const STEPS: &str = "the steps of an alarm that the scope let through";
const NAMES: &str = "who handles an alarm is told to those who see it";

/// An alarm with its steps, as one reader sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Its row.
    pub row: alarm::Model,
    /// What was done, the oldest first, with the name of who did it.
    pub steps: Vec<(alarm_step::Model, Option<String>)>,
    /// Whom it reaches now, the nearest first; nobody where that was not asked for. A number that cannot be
    /// opened costs this alone.
    pub handlers: Lenient<Vec<Handler>>,
}

/// What a screen asks for beyond the alarm itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Columns {
    /// Whom it reaches.
    pub handlers: bool,
}

/// Somebody whom an alarm reaches.
#[derive(Clone, Debug)]
pub struct Handler {
    /// Their name.
    pub name: String,
    /// Their phone number.
    pub phone: String,
    /// In which role.
    pub role: Role,
    /// Where that is granted.
    pub area: Uuid,
    /// Whether they are away now.
    pub away: bool,
    /// Whether they are on duty now, by their own turn or in somebody's stead.
    pub on_duty: bool,
}

/// Whom an alarm reaches.
pub(super) struct Reach {
    /// Everybody it reaches, the nearest first.
    pub holders: Vec<Holder>,
    /// Which accounts of them are on duty.
    pub on_duty: Vec<Uuid>,
}

/// Whom an alarm in `area` reaches that was told up to `level`: everybody below it who handles alarms, and
/// who is on duty there in somebody's stead.
pub(super) async fn reached(
    handle: &impl Handle,
    (tree, now): (&AreaTree, DateTime<Utc>),
    (area, level): (Uuid, AreaKind),
) -> Result<Reach> {
    let grants = Grants::load(handle, (tree, now), [area]).await?;
    let duty = Duty::load(handle, &grants, now).await?;
    Ok(reach(tree, (&grants, &duty), (area, level)))
}

fn reach(
    tree: &AreaTree,
    (grants, duty): (&Grants<'_>, &Duty<'_>),
    (area, level): (Uuid, AreaKind),
) -> Reach {
    let everybody = grants.holders(Permission::AlarmHandle, area);
    let below = |holder: &Holder| {
        let kind = tree.get(holder.area).map(|node| node.kind);
        kind.is_some_and(|kind| kind >= level)
    };
    let mut places: Vec<Uuid> = Vec::new();
    for holder in everybody.iter().filter(|holder| below(holder)) {
        if !places.contains(&holder.area) {
            places.push(holder.area);
        }
    }
    let on_duty = places.into_iter().flat_map(|place| duty.at(place));
    let on_duty: Vec<Uuid> = on_duty.map(|one| one.account).collect();
    let reached = |holder: &Holder| below(holder) || on_duty.contains(&holder.account);
    Reach {
        holders: everybody.into_iter().filter(reached).collect(),
        on_duty,
    }
}

/// Tells those whom an alarm reaches, at once and at any hour.
pub(super) async fn tell(app: &App, tx: &Tx, row: &alarm::Model, reached: &[Holder]) -> Result<()> {
    let mut people: Vec<Told> = Vec::with_capacity(reached.len());
    for holder in reached {
        let told = Told {
            account: holder.account,
            stands_in_for: None,
        };
        if !people.contains(&told) {
            people.push(told);
        }
    }
    let subject = (Subject::Alarm(row.id), row.area_id, row.level);
    notices::service::tell(app, tx, &people, subject, app.clock.now()).await
}

/// Whom each of these alarms reaches now, with the numbers to ring; to be shown to those who see the alarms.
async fn handlers(cx: &Cx, rows: &[alarm::Model]) -> Result<Vec<Lenient<Vec<Handler>>>> {
    let (tree, now) = (cx.app.sessions.tree(), cx.app.clock.now());
    let areas = rows.iter().map(|row| row.area_id);
    let grants = Grants::load(&cx.app.db, (&tree, now), areas).await?;
    let duty = Duty::load(&cx.app.db, &grants, now).await?;
    let places = rows.iter().map(|row| (row.area_id, row.level));
    let reaches: Vec<Reach> = places
        .map(|place| reach(&tree, (&grants, &duty), place))
        .collect();
    let holders = reaches.iter().flat_map(|reach| &reach.holders);
    let people: BTreeSet<Uuid> = holders.map(|holder| holder.account).collect();
    let accounts: HashMap<Uuid, account::Model> = account::Entity::find()
        .filter(account::Column::Id.is_in(people))
        .all(&cx.app.db.unscoped(NAMES))
        .await?
        .into_iter()
        .map(|account| (account.id, account))
        .collect();
    let all = reaches.into_iter().map(|Reach { holders, on_duty }| {
        let known = holders
            .into_iter()
            .filter_map(|holder| Some((accounts.get(&holder.account)?, holder)));
        let handlers = known.map(|(account, holder)| {
            Ok(Handler {
                name: account.name.clone(),
                phone: own_phone(&cx.app.keys, &account.phone_sealed)?,
                role: holder.role,
                area: holder.area,
                away: duty.is_away(holder.account),
                on_duty: on_duty.contains(&holder.account),
            })
        });
        Lenient::from(handlers.collect::<Result<Vec<_>>>())
    });
    Ok(all.collect())
}

/// One alarm that the actor handles or has raised.
pub async fn one(cx: &Cx, id: Uuid, columns: Columns) -> Result<Option<Seen>> {
    let actor = cx.actor()?;
    for permission in [Permission::AlarmHandle, Permission::AlarmRaise] {
        let scoped = actor.scoped::<alarm::Entity>(permission).id(id);
        if let Some(row) = scoped.one(&cx.app.db).await? {
            return Ok(seen(cx, vec![row], columns).await?.pop());
        }
    }
    Ok(None)
}

/// Which alarms are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    /// Still open (true), or closed (false).
    pub open: Option<bool>,
    /// In this area or below it.
    pub area: Option<Uuid>,
}

/// A page of the alarms that the actor handles, the newest first. Needs `ALARM_HANDLE`.
pub async fn list(
    cx: &Cx,
    filter: Filter,
    page: &Page<Uuid>,
    columns: Columns,
) -> Result<Rows<Seen>> {
    use alarm::Column as C;
    let mut scoped = cx.actor()?.scoped::<alarm::Entity>(Permission::AlarmHandle);
    if let Some(open) = filter.open {
        let closed = Action::Close.to();
        scoped = scoped.filter(if open {
            C::Status.ne(closed)
        } else {
            C::Status.eq(closed)
        });
    }
    if let Some(area) = filter.area {
        scoped = scoped.below(area);
    }
    if let Some(after) = page.after {
        scoped = scoped.filter(C::Id.lt(after));
    }
    if let Some(before) = page.before {
        scoped = scoped.filter(C::Id.gt(before));
    }
    let order = if page.backward {
        Order::Asc
    } else {
        Order::Desc
    };
    let scoped = scoped.order_by(C::Id, order).limit(page.size + 1);
    let rows = Rows::new(scoped.all(&cx.app.db).await?, page);
    Ok(Rows {
        rows: seen(cx, rows.rows, columns).await?,
        has_next: rows.has_next,
        has_previous: rows.has_previous,
    })
}

async fn seen(cx: &Cx, rows: Vec<alarm::Model>, columns: Columns) -> Result<Vec<Seen>> {
    let all = alarm_step::Entity::find()
        .filter(alarm_step::Column::AlarmId.is_in(rows.iter().map(|row| row.id)))
        .order_by_asc(alarm_step::Column::Revision)
        .all(&cx.app.db.unscoped(STEPS))
        .await?;
    let people = account::Entity::find()
        .filter(account::Column::Id.is_in(all.iter().filter_map(|step| step.account_id)))
        .all(&cx.app.db.unscoped(NAMES))
        .await?;
    let name = |id: Uuid| {
        people
            .iter()
            .find(|one| one.id == id)
            .map(|one| one.name.clone())
    };
    let steps = |alarm: Uuid| {
        let own = all.iter().filter(|step| step.alarm_id == alarm);
        own.map(|step| (step.clone(), step.account_id.and_then(name)))
            .collect()
    };
    let mut reached = if columns.handlers {
        handlers(cx, &rows).await?.into_iter()
    } else {
        Vec::new().into_iter()
    };
    Ok(rows
        .into_iter()
        .map(|row| Seen {
            steps: steps(row.id),
            handlers: reached.next().unwrap_or_else(|| Ok(Vec::new()).into()),
            row,
        })
        .collect())
}
