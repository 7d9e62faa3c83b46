//! Reading wishes: the same few statements for one and for a hundred.

use std::collections::{HashMap, HashSet};

use entity::enums::{BookingStatus, Role};
use entity::{account, household, wish, wish_hand, wish_word};
use sea_orm::sea_query::{Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ColumnTrait as _, DbErr, EntityTrait, FromQueryResult, QueryResult};
use uuid::Uuid;

use super::hands::rules::{FIRST as JOINED, LENT};
use super::rules::TAKEN;
use super::who;
use crate::access::actor::Actor;
use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::access::scope::{Reaches, Scoped, reach, select_columns};
use crate::context::Cx;
use crate::error::Result;
use crate::households::service::{self as households, SeenHousehold};
use crate::residents::service as residents;

/// What a screen asks for beyond the wishes themselves.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    /// The household that asks.
    pub household: Option<households::Columns>,
    /// Who lends a hand.
    pub hands: bool,
    /// What the household said of it.
    pub words: bool,
}

/// A hand with the name of whose it is.
#[derive(Clone, Debug)]
pub struct SeenHand {
    /// Its row.
    pub row: wish_hand::Model,
    /// Who lends it.
    pub name: String,
}

/// A household's word with the name of who entered it.
#[derive(Clone, Debug)]
pub struct SeenWord {
    /// Its row.
    pub row: wish_word::Model,
    /// Who entered it.
    pub name: String,
}

macro_rules! with_name {
    ($($seen:ident of $model:ty;)*) => {
        $(
            impl FromQueryResult for $seen {
                fn from_query_result(row: &QueryResult, prefix: &str) -> Result<Self, DbErr> {
                    Ok(Self {
                        row: <$model>::from_query_result(row, prefix)?,
                        name: row.try_get(prefix, "whose_name")?,
                    })
                }
            }
        )*
    };
}

with_name! {
    SeenHand of wish_hand::Model;
    SeenWord of wish_word::Model;
}

/// A wish as one reader sees it.
#[derive(Clone, Debug)]
pub struct SeenWish {
    /// Its row.
    pub row: wish::Model,
    /// What the reader may see of whose it is.
    pub view: View,
    /// Whether the reader lends a hand and has not left.
    pub lends: bool,
    /// Whether the reader acts for the partner that carries it out.
    pub acts: bool,
    /// The household, where asked for.
    pub household: Option<SeenHousehold>,
    /// Who lends a hand, where asked for: everybody to staff and to who carries it out, oneself to others.
    pub hands: Vec<SeenHand>,
    /// What the household said of it, where asked for; to staff alone.
    pub words: Vec<SeenWord>,
}

impl Reaches<household::Entity> for wish::Model {
    fn key(&self) -> Uuid {
        self.household_id
    }
    fn column() -> household::Column {
        household::Column::Id
    }
}

impl Reaches<wish_hand::Entity> for wish::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> wish_hand::Column {
        wish_hand::Column::WishId
    }
}

impl Reaches<wish_word::Entity> for wish::Model {
    fn key(&self) -> Uuid {
        self.id
    }
    fn column() -> wish_word::Column {
        wish_word::Column::WishId
    }
}

/// Reads the wishes that `scoped` lets through, in its order, with what `columns` asks for.
pub async fn wishes(
    cx: &Cx,
    scoped: Scoped<'_, wish::Entity>,
    columns: &Columns,
) -> Result<Vec<SeenWish>> {
    let (actor, db) = (cx.actor()?, &cx.app.db);
    let rows = scoped.all(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let mut hands = by_wish(
        reach::<_, wish_hand::Entity, SeenHand>(db, &rows, lent).await?,
        |hand| hand.row.wish_id,
    );
    let mut words = HashMap::new();
    if columns.words {
        let found = reach::<_, wish_word::Entity, SeenWord>(db, &rows, said).await?;
        words = by_wish(found, |word| word.row.wish_id);
    }
    let homes = match &columns.household {
        Some(columns) => households::of_rows(db, &rows, columns).await?,
        None => HashMap::new(),
    };
    let unsure = unsure(cx, &rows).await?;
    let partners = if actor.ever(Permission::WishHelp) {
        who::partners(cx, db).await?
    } else {
        Vec::new()
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let hands = hands.remove(&row.id).unwrap_or_default();
            let mine = |hand: &SeenHand| hand.row.account_id == actor.account;
            // For a partner only as long as they act for it.
            let still =
                |hand: &SeenHand| hand.row.partner_id.is_none_or(|of| partners.contains(&of));
            let comes = hands
                .iter()
                .any(|hand| mine(hand) && still(hand) && hand.row.status == JOINED);
            let acts = acts(actor, &row, &partners);
            let is_live = TAKEN.contains(&row.status) && !unsure.contains(&row.id);
            let view = view(actor, &row, is_live && (comes || acts));
            let household = homes.get(&row.household_id).cloned();
            let lends = hands.iter().any(mine);
            let sees_all = view.is_staff() || acts || lends;
            SeenWish {
                household: household.map(|home| SeenHousehold {
                    view,
                    residents: residents::seen_for(home.residents, view, row.resident_id),
                    // Who serves a household learns nothing of its visits.
                    last_visit: home.last_visit.filter(|_| view.is_staff()),
                    row: home.row,
                }),
                lends,
                hands: if columns.hands && sees_all {
                    hands
                } else {
                    Vec::new()
                },
                words: if view.is_staff() {
                    words.remove(&row.id).unwrap_or_default()
                } else {
                    Vec::new()
                },
                acts,
                view,
                row,
            }
        })
        .collect())
}

/// Those of the taken wishes whose booking is not confirmed: nobody is to come for sure, and knows the household.
async fn unsure(cx: &Cx, rows: &[wish::Model]) -> Result<HashSet<Uuid>> {
    let taken = rows.iter().filter(|row| TAKEN.contains(&row.status));
    let taken: Vec<Uuid> = taken.map(|row| row.id).collect();
    if taken.is_empty() {
        return Ok(HashSet::new());
    }
    let bookings = who::bookings_of(&cx.app.db, &taken).await?.into_iter();
    let unsure = bookings.filter(|(_, status)| *status != BookingStatus::Confirmed);
    Ok(unsure.map(|(wish, _)| wish).collect())
}

/// Whether the actor acts, as a partner's person there, for the partner that carries a wish out.
fn acts(actor: &Actor, row: &wish::Model, partners: &[Uuid]) -> bool {
    let there = || {
        let areas = actor.areas_as(Permission::WishRead, |role| role == Role::Partner);
        areas
            .iter()
            .any(|above| actor.tree.covers(*above, row.area_id))
    };
    row.partner_id.is_some_and(|id| partners.contains(&id)) && there()
}

/// What the actor sees of whose wish it is.
fn view(actor: &Actor, row: &wish::Model, is_live: bool) -> View {
    match View::of(actor, row.area_id, is_live) {
        View::Nobody if actor.may(Permission::WishHelp, row.area_id) => View::Passer,
        view => view,
    }
}

fn lent(select: &mut SelectStatement) {
    use wish_hand::Column as C;
    select_columns::<wish_hand::Entity>(select, "");
    whose(select, (wish_hand::Entity, C::AccountId));
    select
        .and_where(Expr::col((wish_hand::Entity, C::Status)).is_in(LENT))
        .order_by((wish_hand::Entity, C::Id), Order::Asc);
}

fn said(select: &mut SelectStatement) {
    use wish_word::Column as C;
    select_columns::<wish_word::Entity>(select, "");
    whose(select, (wish_word::Entity, C::EnteredBy));
    select.order_by((wish_word::Entity, C::Id), Order::Asc);
}

fn whose<E: EntityTrait>(select: &mut SelectStatement, (entity, column): (E, E::Column)) {
    select
        .expr_as(
            Expr::col((account::Entity, account::Column::Name)),
            "whose_name",
        )
        .inner_join(
            account::Entity,
            account::Column::Id.into_expr().equals((entity, column)),
        );
}

fn by_wish<T>(rows: Vec<T>, wish: impl Fn(&T) -> Uuid) -> HashMap<Uuid, Vec<T>> {
    let mut grouped: HashMap<Uuid, Vec<T>> = HashMap::new();
    for row in rows {
        grouped.entry(wish(&row)).or_default().push(row);
    }
    grouped
}
