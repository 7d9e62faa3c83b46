//! What can be asked of boards.

use std::collections::BTreeMap;

use async_graphql::{Context, ID, Object};
use uuid::Uuid;

use super::graphql::{
    PublicWishBoard, PublicWishes, WaitingWishes, WishBoard, WishesOfAge, WishesOfArea,
    WishesOfCategory,
};
use super::rules::{self, Counted, broken_down, total};
use super::service::{self, Span};
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// Queries about boards of wishes.
#[derive(Debug, Default)]
pub struct WishBoardQueries;

#[Object]
impl WishBoardQueries {
    /// What becomes of the wishes that were written down in an area on some days, at most a year; null outside your
    /// scope. Needs `WISH_BOARD_READ` there.
    async fn wish_board(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The area.")] area_id: ID,
        #[graphql(desc = "The first day.")] from_on: Date,
        #[graphql(desc = "The first day after.")] to_on: Date,
    ) -> Option<async_graphql::Result<WishBoard>> {
        let found = async {
            let Some((area, span, wishes)) = counted(cx(ctx), &area_id, (from_on, to_on)).await?
            else {
                return Ok(None);
            };
            let partners = if ctx.look_ahead().field("partners").exists() {
                service::work(cx(ctx), area, span).await?
            } else {
                Vec::new()
            };
            Ok(Some(WishBoard {
                partners: partners.into_iter().map(Into::into).collect(),
                ..board(cx(ctx), (area, span), &wishes)
            }))
        };
        found.await.at_edge(ctx).transpose()
    }

    /// What becomes of an area's wishes, for the community's screen: it tells nothing of fewer than five. Null outside
    /// your scope. Needs `WISH_BOARD_READ` there.
    async fn public_wish_board(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The area.")] area_id: ID,
        #[graphql(desc = "The first day.")] from_on: Date,
        #[graphql(desc = "The first day after.")] to_on: Date,
    ) -> Option<async_graphql::Result<PublicWishBoard>> {
        let found = async {
            let found = counted(cx(ctx), &area_id, (from_on, to_on)).await?;
            Ok(found.map(|(area, span, wishes)| public(cx(ctx), (area, span), &wishes)))
        };
        found.await.at_edge(ctx).transpose()
    }
}

/// What a board counts; garbage names no area.
async fn counted(
    cx: &Cx,
    area: &ID,
    (from, to): (Date, Date),
) -> Result<Option<(Uuid, Span, Vec<Counted>)>> {
    cx.actor()?;
    let span = Span::of(from.0, to.0)?;
    let Ok(area) = Id::<ids::Area>::parse(area, "areaId") else {
        return Ok(None);
    };
    let wishes = service::counted(cx, area.uuid(), span).await?;
    Ok(wishes.map(|wishes| (area.uuid(), span, wishes)))
}

fn board(cx: &Cx, (area, span): (Uuid, Span), wishes: &[Counted]) -> WishBoard {
    let tree = cx.app.sessions.tree();
    let mut by_area: Vec<_> = broken_down(wishes, |wish| Some(wish.area))
        .into_iter()
        .collect();
    by_area.sort_by_key(|(id, _)| tree.get(*id).map(|node| node.code.clone()));
    let by_category = broken_down(wishes, |wish| Some(wish.category));
    let by_age = broken_down(wishes, |wish| Some(wish.age));
    let waiting = broken_down(wishes, |wish| wish.waits);
    WishBoard {
        area: Area::from_tree(&tree, area),
        from_on: Date(span.from),
        to_on: Date(span.to),
        total: (&total(wishes)).into(),
        by_area: by_area
            .iter()
            .map(|(id, figures)| WishesOfArea {
                area: Area::from_tree(&tree, *id),
                figures: figures.into(),
            })
            .collect(),
        by_category: by_category
            .iter()
            .map(|(category, figures)| WishesOfCategory {
                category: (*category).into(),
                figures: figures.into(),
            })
            .collect(),
        by_age: by_age
            .iter()
            .map(|(age, figures)| WishesOfAge {
                age: (*age).into(),
                figures: figures.into(),
            })
            .collect(),
        waiting: waiting
            .iter()
            .map(|(waited, figures)| WaitingWishes {
                waited: (*waited).into(),
                count: figures.all(),
            })
            .collect(),
        partners: Vec::new(),
    }
}

fn public(cx: &Cx, (area, span): (Uuid, Span), wishes: &[Counted]) -> PublicWishBoard {
    let tree = cx.app.sessions.tree();
    let all = total(wishes);
    let counts: BTreeMap<_, i64> = broken_down(wishes, |wish| Some(wish.category))
        .into_iter()
        .map(|(category, figures)| (category, figures.all()))
        .collect();
    let rows = rules::merged(&counts).into_iter();
    PublicWishBoard {
        area_name: tree
            .get(area)
            .map(|node| node.name.clone())
            .unwrap_or_default(),
        from_on: Date(span.from),
        to_on: Date(span.to),
        wishes: rules::not_few(all.all()),
        done: rules::not_few(all.done()),
        by_category: rows
            .map(|row| PublicWishes {
                category: row.category.map(Into::into),
                wishes: row.wishes,
            })
            .collect(),
    }
}
