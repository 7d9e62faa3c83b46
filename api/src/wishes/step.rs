//! One act about one wish: judged, its booking and itself held in this order, then done and announced.

use entity::enums::ChangeKind;
use entity::{wish, wish_hand};
use sea_orm::sea_query::{Condition, SimpleExpr};
use serde::Serialize;
use uuid::Uuid;

use super::rules::{self, Action};
use super::{bookings, moves, who};
use crate::access::policy::Permission;
use crate::access::scope::{Grant, Scoped};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::promised;
use crate::write::{Begun, Outcome, Request, Write};

/// Which wish, as which version, and the client's key.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// The wish.
    pub wish: Uuid,
    /// The version the actor saw, where another is to be refused.
    pub expected_version: Option<i64>,
    /// The client's key for this call.
    pub key: Option<Uuid>,
}

/// Whose wishes an act is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Those where the actor holds the permission.
    Scope,
    /// Those that are still a call to the actor, or that they see anyway.
    Called,
    /// Those that the actor sees, wherever they are by now.
    Seen,
    /// Those that the actor carries out, wherever they are by now.
    Carried,
}

/// Whose wishes an act is about, and what must be held for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct About {
    /// The mutation.
    pub mutation: &'static str,
    /// By which permission.
    pub permission: Permission,
    /// Whose wishes.
    pub whose: Whose,
    /// What is done about the wish, for its live booking to follow first.
    pub follows: Option<Action>,
    /// Whether it is a promise of the actor's, which are made one after the other.
    pub promises: bool,
}

impl About {
    /// An act under this permission, without anything else.
    pub(super) const fn new(mutation: &'static str, permission: Permission) -> Self {
        Self {
            mutation,
            permission,
            whose: Whose::Scope,
            follows: None,
            promises: false,
        }
    }

    /// As [`About::new`], with the live booking following.
    pub(super) const fn following(self, action: Action) -> Self {
        Self {
            follows: Some(action),
            ..self
        }
    }

    /// About other wishes than those of the permission's own scope.
    pub(super) const fn of(self, whose: Whose) -> Self {
        Self { whose, ..self }
    }

    /// A promise of the actor's.
    pub(super) const fn promising(self) -> Self {
        Self {
            promises: true,
            ..self
        }
    }

    /// The wish, as far as the actor may do it.
    pub(super) fn scoped(self, cx: &Cx, wish: Uuid) -> Result<Scoped<'_, wish::Entity>> {
        let actor = cx.actor()?;
        let own = || actor.scoped::<wish::Entity>(self.permission).id(wish);
        let seen = || actor.scoped::<wish::Entity>(Permission::WishRead).id(wish);
        Ok(match self.whose {
            Whose::Scope => own(),
            Whose::Called => own().filter(who::called(actor)),
            Whose::Seen => seen(),
            Whose::Carried => seen().filter(who::carried_by(actor)),
        })
    }
}

/// A wish that is held, with what is known of it since.
pub(super) struct Held {
    /// The open write.
    pub write: Write,
    /// The mutation.
    pub mutation: &'static str,
    /// The row.
    pub wish: wish::Model,
    /// That the permission holds where it is.
    pub grant: Grant,
    /// Who lends a hand and has not left.
    pub hands: Vec<wish_hand::Model>,
    /// What is to be announced besides the wish.
    pub changed: Vec<Changed>,
    /// Whether it is the version that the actor saw.
    is_current: bool,
}

/// How an act began.
pub(super) enum Start {
    /// It was done before under its key.
    Replay(Outcome),
    /// The wish is held.
    Held(Box<Held>),
}

/// Begins an act: the wish must be there for the actor.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED` (seen, but not theirs to act on), `NOT_CLAIMED_BY_YOU` (seen, but carried
/// out by others), and what its booking refuses.
pub(super) async fn begin(
    cx: &Cx,
    about: About,
    (call, input): (Call, &(impl Serialize + Sync)),
) -> Result<Start> {
    let actor = cx.actor()?;
    let seen = (call.wish, call.expected_version, input);
    let request = Request::new(about.mutation, call.key, &seen);
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(Start::Replay(outcome)),
        Begun::New(write) => write,
    };
    actor.require(about.permission)?;
    let tx = write.tx();
    if about.promises {
        promised::hold(tx, actor.account).await?;
    }
    let Some(before) = about.scoped(cx, call.wish)?.one(tx).await? else {
        let visible = actor.scoped::<wish::Entity>(Permission::WishRead);
        let code = match visible.id(call.wish).count(tx).await? {
            0 => Code::NotFound,
            _ if about.whose == Whose::Carried => Code::NotClaimedByYou,
            _ => Code::NotPermitted,
        };
        return Err(Error::refused(code).on("wishId"));
    };
    let changed = match about.follows {
        Some(action) if action.fits(before.status) => {
            bookings::follow::follow(cx, tx, (before.id, action)).await?
        }
        _ => Vec::new(),
    };
    let held = about.scoped(cx, call.wish)?.one_to_change(tx).await?;
    // Gone between two looks: as if it had not been there.
    let (wish, grant) = held.ok_or_else(|| Error::refused(Code::NotFound).on("wishId"))?;
    // What the booking's following has written is no news to who asked for it.
    let fits = |seen: i64| seen == wish.version || (seen == before.version && !changed.is_empty());
    let is_current = call.expected_version.is_none_or(fits);
    let hands = who::hands_of(tx, &[wish.id]).await?;
    Ok(Start::Held(Box::new(Held {
        write,
        mutation: about.mutation,
        wish,
        grant,
        hands,
        changed,
        is_current,
    })))
}

/// Begins an act, or answers with what it was before.
macro_rules! held {
    ($cx:expr, $about:expr, $call:expr) => {
        match $crate::wishes::step::begin($cx, $about, $call).await? {
            $crate::wishes::step::Start::Replay(outcome) => return Ok(outcome),
            $crate::wishes::step::Start::Held(held) => *held,
        }
    };
}

pub(super) use held;

impl Held {
    /// The hand that the actor lends and that goes on.
    pub(super) fn mine(&self, cx: &Cx) -> Result<Option<&wish_hand::Model>> {
        let me = cx.actor()?.account;
        let mut hands = self.hands.iter();
        Ok(hands.find(|hand| {
            hand.account_id == me && super::hands::rules::CARRIED.contains(&hand.status)
        }))
    }

    /// Whether an action can be done now: what its state refuses, and then `VERSION_CONFLICT`.
    pub(super) fn lets(&self, action: Action) -> Result<()> {
        if action.fits(self.wish.status) {
            return self.in_version();
        }
        let code = rules::explain(action, self.wish.status);
        Err(Error::refused(code).on("wishId"))
    }

    /// Whether it is as the actor saw it: `VERSION_CONFLICT`.
    pub(super) fn in_version(&self) -> Result<()> {
        if self.is_current {
            Ok(())
        } else {
            Err(Error::Conflict(self.wish.id))
        }
    }

    /// Moves the wish, or says why it does not let itself be moved.
    pub(super) async fn carry_out(
        &mut self,
        cx: &Cx,
        action: Action,
        values: Vec<(wish::Column, SimpleExpr)>,
    ) -> Result<()> {
        self.lets(action)?;
        let one = (action, &[self.wish.id][..]);
        let moved = moves::carry_out(&cx.app, self.write.tx(), one, values).await?;
        let Some(wish) = moved.into_iter().next() else {
            let code = rules::explain(action, self.wish.status);
            return Err(Error::refused(code).on("wishId"));
        };
        self.wish = wish;
        Ok(())
    }

    /// Ends an act that had been done before: nothing changed.
    pub(super) async fn done_before(self) -> Result<Outcome> {
        let outcome = Outcome::of(self.wish.id);
        self.write.commit(&outcome).await?;
        Ok(outcome)
    }

    /// Audits, announces and commits.
    pub(super) async fn finish(
        mut self,
        cx: &Cx,
        (fields, reason): (&str, Option<String>),
    ) -> Result<Outcome> {
        let area = Some(self.wish.area_id);
        let act = Act {
            action: self.mutation,
            subject_kind: "Wish",
            subject_id: self.wish.id,
            area_id: area,
            reason,
            fields: fields.to_owned(),
            details: None,
        };
        let own = Changed::in_place(ChangeKind::Wish, self.wish.id, area);
        self.changed
            .retain(|one| one.kind != ChangeKind::Wish || one.id != self.wish.id);
        self.changed.push(own);
        self.write.record_all(cx, act, &self.changed).await?;
        self.done_before().await
    }
}

/// All hands of a wish, as a condition.
pub(super) fn of_wish(wish: Uuid) -> Condition {
    use sea_orm::ColumnTrait as _;
    Condition::all().add(wish_hand::Column::WishId.eq(wish))
}
