//! Reading what boards count: a constant number of statements.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use entity::enums::{BookingStatus, CancelledBy, ServiceCategory, WishStatus};
use entity::{booking, partner, resident, wish};
use sea_orm::sea_query::{
    Alias, CaseStatement, Condition, Expr, ExprTrait as _, Query, SelectStatement, SimpleExpr,
};
use sea_orm::{ColumnTrait as _, FromQueryResult};
use uuid::Uuid;

use super::rules::{Counted, LONGEST, Work, age_band, wait_band};
use crate::access::policy::Permission;
use crate::areas::tree::AreaTree;
use crate::clock::{SHANGHAI, begin_of};
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::wishes::rules::FIRST;

/// Which days: from the first to before the last.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
}

impl Span {
    /// Refused: `WINDOW_INVALID`, `OUT_OF_RANGE` (longer than a year).
    pub fn of(from: NaiveDate, to: NaiveDate) -> Result<Self> {
        if to <= from {
            return Err(Error::refused(Code::WindowInvalid).on("toOn"));
        }
        if (to - from).num_days() > LONGEST {
            return Err(Error::refused(Code::OutOfRange).on("toOn"));
        }
        Ok(Self { from, to })
    }

    fn instants(self) -> (DateTime<Utc>, DateTime<Utc>) {
        (begin_of(self.from, SHANGHAI), begin_of(self.to, SHANGHAI))
    }
}

#[derive(FromQueryResult)]
struct Row {
    area_id: Uuid,
    category: ServiceCategory,
    status: WishStatus,
    rating: Option<i32>,
    created_at: DateTime<Utc>,
    born_on: Option<NaiveDate>,
}

/// The wishes that were written down in an area on some days; absent outside the scope. Needs `WISH_BOARD_READ`.
pub async fn counted(cx: &Cx, area: Uuid, span: Span) -> Result<Option<Vec<Counted>>> {
    use wish::Column as C;
    let actor = cx.actor()?;
    actor.require(Permission::WishBoardRead)?;
    if !actor.may(Permission::WishBoardRead, area) {
        return Ok(None);
    }
    let (from, to) = span.instants();
    let rows: Vec<Row> = actor
        .scoped::<wish::Entity>(Permission::WishBoardRead)
        .below(area)
        .filter(C::CreatedAt.gte(from))
        .filter(C::CreatedAt.lt(to))
        .into_rows(&cx.app.db, shape)
        .await?;
    let (now, today) = (cx.app.clock.now(), cx.app.clock.today(SHANGHAI));
    let tree = cx.app.sessions.tree();
    let counted = rows.into_iter().map(|row| Counted {
        area: child(&tree, (area, row.area_id)),
        category: row.category,
        status: row.status,
        rating: row.rating,
        age: age_band(row.born_on.map(|born_on| age_on(born_on, today))),
        waits: (row.status == FIRST).then(|| wait_band((now - row.created_at).num_days())),
    });
    Ok(Some(counted.collect()))
}

fn shape(select: &mut SelectStatement) {
    use wish::Column as C;
    for column in [C::AreaId, C::Category, C::Status, C::Rating, C::CreatedAt] {
        select.column((wish::Entity, column));
    }
    select
        .column((resident::Entity, resident::Column::BornOn))
        .left_join(
            resident::Entity,
            Expr::col((resident::Entity, resident::Column::Id))
                .equals((wish::Entity, C::ResidentId)),
        );
}

fn age_on(born_on: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - born_on.year();
    if (day.month(), day.day()) < (born_on.month(), born_on.day()) {
        years - 1
    } else {
        years
    }
}

/// The area right below `above` in which `area` lies; `above` itself where that is it.
fn child(tree: &AreaTree, (above, area): (Uuid, Uuid)) -> Uuid {
    let below = tree.upwards(area).take_while(|one| *one != above);
    below.last().unwrap_or(above)
}

/// A partner with what it made of bookings.
#[derive(Clone, Debug)]
pub struct PartnerWork {
    /// The partner.
    pub partner: Uuid,
    /// Its name.
    pub name: String,
    /// What it made of them.
    pub work: Work,
}

#[derive(FromQueryResult)]
struct Booked {
    partner_id: Uuid,
    name: String,
    status: BookingStatus,
    cancelled_by: Option<CancelledBy>,
    rating: Option<i32>,
}

/// What partners made of the bookings for these days in an area, by name. The caller has checked that the area may be
/// read.
pub async fn work(cx: &Cx, area: Uuid, span: Span) -> Result<Vec<PartnerWork>> {
    use booking::Column as C;
    let (from, to) = span.instants();
    let rows: Vec<Booked> = cx
        .actor()?
        .scoped::<booking::Entity>(Permission::WishBoardRead)
        .below(area)
        .filter(C::StartsAt.gte(from))
        .filter(C::StartsAt.lt(to))
        .into_rows(&cx.app.db, booked)
        .await?;
    let mut found: BTreeMap<(String, Uuid), Work> = BTreeMap::new();
    for row in rows {
        let work = found.entry((row.name, row.partner_id)).or_default();
        work.add((row.status, row.cancelled_by), row.rating);
    }
    let found = found.into_iter();
    Ok(found
        .map(|((name, partner), work)| PartnerWork {
            partner,
            name,
            work,
        })
        .collect())
}

/// The household's rating, for the booking that it is of: after a complaint another may have carried the wish out.
fn rating() -> SimpleExpr {
    use booking::Column as C;
    let later = Alias::new("later");
    let of_later = |column| Expr::col((Alias::new("later"), column));
    let own = |column| Expr::col((booking::Entity, column));
    let done_later = Query::select()
        .expr(Expr::value(1))
        .from_as(booking::Entity, later)
        .and_where(of_later(C::WishId).equals((booking::Entity, C::WishId)))
        .and_where(of_later(C::Status).eq(BookingStatus::Done))
        .and_where(of_later(C::CreatedAt).gt(own(C::CreatedAt)))
        .to_owned();
    let is_of_it = Condition::all()
        .add(
            Expr::col((wish::Entity, wish::Column::PartnerId))
                .equals((booking::Entity, C::PartnerId)),
        )
        .add(Expr::exists(done_later).not());
    CaseStatement::new()
        .case(is_of_it, Expr::col((wish::Entity, wish::Column::Rating)))
        .into()
}

fn booked(select: &mut SelectStatement) {
    use booking::Column as C;
    for column in [C::PartnerId, C::Status, C::CancelledBy] {
        select.column((booking::Entity, column));
    }
    select
        .expr_as(rating(), "rating")
        .expr_as(
            Expr::col((partner::Entity, partner::Column::Name)),
            Alias::new("name"),
        )
        .inner_join(
            partner::Entity,
            Expr::col((partner::Entity, partner::Column::Id))
                .equals((booking::Entity, C::PartnerId)),
        )
        .inner_join(
            wish::Entity,
            Expr::col((wish::Entity, wish::Column::Id)).equals((booking::Entity, C::WishId)),
        );
}
