//! Accepting, declining and withdrawing hand-overs, each judged by itself.

use entity::enums::ChangeKind;
use entity::{certification_check, certification_hand_over};
use sea_orm::sea_query::{Expr, ExprTrait as _, LockType, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde::Serialize;
use uuid::Uuid;

use super::end::note;
use super::offer::{cannot_pass, hold_rounds, round_of};
use super::rules::{self, Action, Explanation, Facts, MOST};
use crate::access::policy::Permission;
use crate::audit::service::Author;
use crate::certifications::accompanying::follow::follow;
use crate::certifications::checks::rules as checks;
use crate::certifications::checks::step::after;
use crate::changes::service::{self as changes, Changed};
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const CHECK: &str = "the check of a hand-over that the scope let through";

/// One answer to one hand-over.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// The hand-over.
    pub hand_over: Uuid,
    /// The version the actor saw, where they say.
    pub expected_version: Option<i64>,
    /// Why it is declined or withdrawn.
    pub reason: Option<String>,
}

/// The permission that an action needs, on the side whose it is.
const fn permission(action: Action) -> Permission {
    match action {
        Action::Accept | Action::Decline => Permission::CertificationCheck,
        Action::Withdraw | Action::Expire => Permission::CertificationPlan,
    }
}

/// Carries out up to a hundred answers of one kind; one that is refused leaves the others as they are.
/// Whoever repeats one succeeds.
///
/// The outcome has one id and one code for each, in their order. Refused as a whole: `OUT_OF_RANGE`. Each:
/// `NOT_FOUND`, `NOT_PERMITTED`, `HANDED_OVER` (accepted already), `ALREADY_ENDED`, `OWN_OFFER`,
/// `VERSION_CONFLICT`, and where the check cannot pass: `ALREADY_SETTLED`, `ROUND_NOT_OPEN`,
/// `ALREADY_CHECKED`.
pub async fn answer(
    cx: &Cx,
    (mutation, action): (&'static str, Action),
    answers: Vec<Answer>,
    key: Option<Uuid>,
) -> Result<Outcome> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new(mutation, key, &answers)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    actor.require(permission(action))?;
    if answers.is_empty() || answers.len() > MOST {
        return Err(Error::refused(Code::OutOfRange).on("handOvers"));
    }
    let ids: Vec<Uuid> = answers.iter().map(|one| one.hand_over).collect();
    let seen = actor
        .scoped::<certification_hand_over::Entity>(Permission::BeneficiaryRead)
        .ids(&ids)
        .all(write.tx())
        .await?;
    hold_rounds(write.tx(), seen.iter().map(|row| row.check_id).collect()).await?;
    let mut outcome = Outcome {
        codes: vec![None; ids.len()],
        ids,
    };
    // In the order of their checks, as every other call holds them.
    let check_of = |id: Uuid| seen.iter().find(|row| row.id == id).map(|row| row.check_id);
    let mut order: Vec<usize> = (0..answers.len()).collect();
    order.sort_by_key(|at| check_of(answers[*at].hand_over));
    let mut changed = Vec::new();
    for at in order {
        let moved = match check_of(answers[at].hand_over) {
            Some(check) => one(cx, write.tx(), (mutation, action), (&answers[at], check)).await,
            None => Err(Error::refused(Code::NotFound)),
        };
        match moved {
            Ok(announced) => changed.extend(announced),
            Err(Error::Refused(refusal)) => outcome.codes[at] = Some(refusal.code),
            Err(error) => return Err(error),
        }
    }
    if changed.is_empty() {
        return Ok(outcome);
    }
    changes::record(cx, write.tx(), &changed).await?;
    write.commit(&outcome).await?;
    Ok(outcome)
}

/// Carries out one, and says what changed; nothing where it was done before.
async fn one(
    cx: &Cx,
    tx: &Tx,
    (mutation, action): (&'static str, Action),
    (answer, check): (&Answer, Uuid),
) -> Result<Vec<Changed>> {
    // Held first: neither is it checked or confirmed meanwhile, nor passed elsewhere.
    let check = certification_check::Entity::find_by_id(check)
        .lock(LockType::NoKeyUpdate)
        .one(&tx.unscoped(CHECK))
        .await?
        .ok_or_else(|| Error::internal("a hand-over without its check"))?;
    // What the actor may no longer see, or has done before, is told before what the check stands for.
    let before = look(cx, tx, answer.hand_over).await?;
    match explain(cx, action, (answer, &before))? {
        Explanation::AlreadyMine => return Ok(Vec::new()),
        Explanation::Refused(code) => return Err(Error::refused(code)),
        Explanation::Possible => {}
    }
    // Taken back before it was accepted, the check has gone nowhere.
    let passes = action == Action::Accept || before.status == Action::Accept.to();
    let round = round_of(tx, &check).await?;
    if passes && let Some(code) = cannot_pass(&check, &round) {
        return Err(Error::refused(code));
    }
    let Some(row) = moved(cx, tx, action, answer).await? else {
        // It moved between the look and the update, or the scope is another by now.
        let now = look(cx, tx, answer.hand_over).await?;
        return match explain(cx, action, (answer, &now))? {
            Explanation::AlreadyMine => Ok(Vec::new()),
            Explanation::Refused(code) => Err(Error::refused(code)),
            Explanation::Possible => Err(Error::refused(Code::VersionConflict)),
        };
    };
    let reason = answer.reason.as_deref();
    let mut changed = note(Author::of(cx), tx, (&row, mutation), reason).await?;
    if passes {
        let to = (action == Action::Accept).then_some(row.to_area_id);
        pass_on(cx, tx, check.id, to).await?;
        changed.extend(follow(cx, tx, (&check, &check, checks::Action::PassOn)).await?);
        let kind = ChangeKind::CertificationCheck;
        let places = [row.from_area_id, row.to_area_id];
        changed.extend(places.map(|place| Changed::in_place(kind, check.id, Some(place))));
    }
    Ok(changed)
}

async fn look(cx: &Cx, tx: &Tx, id: Uuid) -> Result<certification_hand_over::Model> {
    let found = cx
        .actor()?
        .scoped::<certification_hand_over::Entity>(Permission::BeneficiaryRead)
        .id(id)
        .one(tx)
        .await?;
    found.ok_or_else(|| Error::refused(Code::NotFound))
}

/// The conditional update: life, side, time, that who accepts did not offer, and the version.
async fn moved(
    cx: &Cx,
    tx: &Tx,
    action: Action,
    answer: &Answer,
) -> Result<Option<certification_hand_over::Model>> {
    use certification_hand_over::Column as C;
    let (actor, now) = (cx.actor()?, cx.app.clock.now());
    let mut scoped = actor
        .scoped::<certification_hand_over::Entity>(permission(action))
        .id(answer.hand_over)
        .filter(C::Status.is_in(action.from()));
    if let Some(version) = answer.expected_version {
        scoped = scoped.filter(C::Version.eq(version));
    }
    let values: Vec<(C, SimpleExpr)> = if action == Action::Accept {
        scoped = scoped
            .filter(C::OfferedBy.ne(actor.account))
            .filter(C::ExpiresAt.gt(now));
        vec![
            (C::AcceptedBy, Expr::value(actor.account)),
            (C::AcceptedAt, Expr::value(now)),
        ]
    } else {
        vec![
            (C::EndedBy, Expr::value(actor.account)),
            (C::EndedAt, Expr::value(now)),
            (C::EndReason, Expr::value(answer.reason.clone())),
        ]
    };
    let moved = scoped.update(tx, |update| {
        update
            .values(values)
            .value(C::Status, action.to())
            .value(C::Version, Expr::col(C::Version).add(1))
            .value(C::UpdatedAt, now);
    });
    Ok(moved.await?.pop())
}

fn explain(
    cx: &Cx,
    action: Action,
    (answer, row): (&Answer, &certification_hand_over::Model),
) -> Result<Explanation> {
    let actor = cx.actor()?;
    let (by, side) = match action {
        Action::Accept => (row.accepted_by, row.to_area_id),
        Action::Decline => (row.ended_by, row.to_area_id),
        Action::Withdraw | Action::Expire => (row.ended_by, row.from_area_id),
    };
    let same_words = action == Action::Accept || row.end_reason == answer.reason;
    let facts = Facts {
        status: row.status,
        done_by_me: by == Some(actor.account) && same_words,
        // An area that the tree in memory does not know yet is the update's matter.
        permitted: actor.tree.get(side).is_none() || actor.may(permission(action), side),
        past: row.expires_at <= cx.app.clock.now(),
        own_offer: row.offered_by == actor.account,
        version_fits: answer
            .expected_version
            .is_none_or(|seen| seen == row.version),
    };
    Ok(rules::explain(action, facts))
}

/// Gives a check that is held to a station, or back: what was planned by the other falls.
async fn pass_on(cx: &Cx, tx: &Tx, check: Uuid, to: Option<Uuid>) -> Result<()> {
    use certification_check::Column as K;
    let action = checks::Action::PassOn;
    let passed = certification_check::Entity::update_many()
        .col_expr(K::HandedToAreaId, Expr::value(to))
        .col_expr(K::AssignedTo, Expr::value(None::<Uuid>))
        .col_expr(
            K::ScheduledFor,
            Expr::value(None::<chrono::DateTime<chrono::Utc>>),
        )
        .col_expr(K::SessionId, Expr::value(None::<Uuid>))
        .col_expr(K::AccompanimentId, Expr::value(None::<Uuid>))
        .col_expr(K::Status, after(action))
        .col_expr(K::Version, Expr::col(K::Version).add(1))
        .col_expr(K::UpdatedAt, Expr::value(cx.app.clock.now()))
        .filter(K::Id.eq(check))
        .filter(K::Status.is_in(action.steps().map(|(from, _)| from)))
        .exec(&tx.unscoped(CHECK))
        .await?;
    match passed.rows_affected {
        1 => Ok(()),
        _ => Err(Error::internal("a check that was held cannot pass")),
    }
}
