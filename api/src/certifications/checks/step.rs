//! One action on one check: a conditional update, and why it changed nothing.

use entity::enums::{CertificationChannel, CheckOutcome, CheckStatus};
use entity::{attachment, certification_check, certification_round};
use sea_orm::sea_query::{CaseStatement, Condition, Expr, ExprTrait as _, Query, SimpleExpr};
use sea_orm::{ColumnTrait as _, EntityTrait as _, Iterable as _};
use uuid::Uuid;

use super::rules::{self, Action, Explanation, Facts};
use crate::access::policy::Permission;
use crate::access::scope::highest_level;
use crate::certifications::rounds::reads::is_open;
use crate::certifications::rounds::rules as rounds;
use crate::certifications::scope::SETTLING_LEVEL;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const ROUND: &str = "the round of a check that the scope let through";

/// Values to write.
pub(super) type Values = Vec<(certification_check::Column, SimpleExpr)>;

/// One action on one check.
pub(super) struct Step {
    /// What is done.
    pub action: Action,
    /// The check.
    pub check: Uuid,
    /// The version the actor saw, where they say.
    pub expected_version: Option<i64>,
    /// What is written besides the state.
    pub values: Values,
    /// What must hold besides.
    pub only_if: Vec<Guard>,
    /// A keyed hash of who says what, where the same words once more are the same act.
    pub said: Option<String>,
}

/// Something that must hold besides.
pub(super) struct Guard {
    /// What, asked of the check.
    pub holds: Condition,
    /// Why it is refused otherwise.
    pub code: Code,
}

/// What a step came to.
pub(super) enum Taken {
    /// The check has moved.
    Moved(Box<certification_check::Model>),
    /// The actor did the same before.
    Before,
    /// Nothing has moved.
    Refused(Code),
}

/// The permission that an action needs.
pub(super) const fn permission(action: Action) -> Permission {
    match action {
        Action::Schedule
        | Action::Unschedule
        | Action::Assign
        | Action::PassOn
        | Action::Accompany => Permission::CertificationPlan,
        Action::Attempt | Action::EarlierAttempt | Action::Check => Permission::CertificationCheck,
        Action::Return | Action::Confirm => Permission::CertificationConfirm,
        Action::Settle => Permission::CertificationSettle,
    }
}

impl Step {
    /// Takes the step within an open write in which the rounds are held.
    pub(super) async fn take(&self, cx: &Cx, tx: &Tx) -> Result<Taken> {
        // Between a look that finds nothing and the next that says why, another's step may fit.
        for _ in 0..2 {
            if let Some(row) = self.attempt(cx, tx).await? {
                return Ok(Taken::Moved(Box::new(row)));
            }
            let Some(row) = look(cx, tx, self.check).await? else {
                return Ok(Taken::Refused(Code::NotFound));
            };
            match self.explain(cx, tx, &row).await? {
                Explanation::Possible => {
                    if let Some(code) = self.missed(cx, tx).await? {
                        return Ok(Taken::Refused(code));
                    }
                }
                Explanation::AlreadyMine => return Ok(Taken::Before),
                Explanation::Refused(code) => return Ok(Taken::Refused(code)),
            }
        }
        Ok(Taken::Refused(Code::VersionConflict))
    }

    async fn attempt(&self, cx: &Cx, tx: &Tx) -> Result<Option<certification_check::Model>> {
        use certification_check::Column as C;
        let actor = cx.actor()?;
        let from: Vec<CheckStatus> = self.action.steps().map(|(from, _)| from).collect();
        let mut scoped = actor
            .scoped::<certification_check::Entity>(permission(self.action))
            .id(self.check)
            .filter(C::Status.is_in(from))
            .filter(is_open());
        if self.action.is_anothers() {
            scoped = scoped.filter(
                Condition::any()
                    .add(C::CheckedBy.is_null())
                    .add(C::CheckedBy.ne(actor.account)),
            );
        }
        if let Some(version) = self.expected_version {
            scoped = scoped.filter(C::Version.eq(version));
        }
        if let Some(said) = &self.said {
            let ends = self.action.steps().map(|(_, to)| to);
            scoped = scoped.filter(
                Condition::any()
                    .add(C::Status.is_not_in(ends))
                    .add(C::LastSaid.is_null())
                    .add(C::LastSaid.ne(said.as_str())),
            );
        }
        for guard in &self.only_if {
            scoped = scoped.filter(guard.holds.clone());
        }
        let moved = scoped.update(tx, |update| {
            update
                .values(self.values.clone())
                .value(C::LastSaid, self.said.clone())
                .value(C::Status, after(self.action))
                .value(C::Version, Expr::col(C::Version).add(1))
                .value(C::UpdatedAt, cx.app.clock.now());
        });
        Ok(moved.await?.pop())
    }

    /// The first thing that must hold besides and does not.
    async fn missed(&self, cx: &Cx, tx: &Tx) -> Result<Option<Code>> {
        for guard in &self.only_if {
            let scoped = cx
                .actor()?
                .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
                .id(self.check)
                .filter(guard.holds.clone());
            if scoped.count(tx).await? == 0 {
                return Ok(Some(guard.code));
            }
        }
        Ok(None)
    }

    /// Nothing moved: what is known of the check, and what follows from it.
    async fn explain(
        &self,
        cx: &Cx,
        tx: &Tx,
        row: &certification_check::Model,
    ) -> Result<Explanation> {
        let actor = cx.actor()?;
        let round = certification_round::Entity::find_by_id(row.round_id)
            .one(&tx.unscoped(ROUND))
            .await?
            .ok_or_else(|| Error::internal("a check without its round"))?;
        let needs = permission(self.action);
        let needed = match needs {
            Permission::CertificationConfirm => Some(row.confirm_level),
            Permission::CertificationSettle => Some(Ord::max(row.confirm_level, SETTLING_LEVEL)),
            _ => None,
        };
        let is_high = needed.is_some();
        let level = highest_level(actor, needs, row.area_id);
        let there = row.handed_to_area_id;
        let is_there = there.is_some_and(|area| actor.may(needs, area));
        let done_by_me = match self.action {
            Action::Confirm => row.confirmed_by == Some(actor.account),
            // Who takes back a time that is not planned has what they want.
            Action::Unschedule => true,
            // Said again with other words it is another act, and who is told that it was done would think that
            // the new words stand.
            Action::Check
            | Action::Return
            | Action::Settle
            | Action::Schedule
            | Action::Assign
            | Action::Attempt
            | Action::EarlierAttempt
            | Action::PassOn
            | Action::Accompany => self.said.is_some() && self.said == row.last_said,
        };
        let facts = Facts {
            status: row.status,
            done_by_me,
            own_check: row.checked_by == Some(actor.account),
            // An area that the tree in memory does not know yet is the next attempt's matter.
            permitted: actor.tree.get(row.area_id).is_none()
                || level.is_some_and(|level| needed.is_none_or(|needed| level >= needed))
                || (!is_high && is_there),
            handed_over: !is_high && there.is_some() && !is_there,
            round_open: round.status == rounds::LIVE,
            version_fits: self.expected_version.is_none_or(|seen| seen == row.version),
        };
        Ok(rules::explain(self.action, facts))
    }
}

/// The check, if the actor may see it: what is outside the scope is not found.
pub(in crate::certifications) async fn look(
    cx: &Cx,
    tx: &Tx,
    id: Uuid,
) -> Result<Option<certification_check::Model>> {
    cx.actor()?
        .scoped::<certification_check::Entity>(Permission::BeneficiaryRead)
        .id(id)
        .one(tx)
        .await
}

/// The state after an action, whatever it was before.
pub(in crate::certifications) fn after(action: Action) -> SimpleExpr {
    use certification_check::Column as C;
    let mut case = CaseStatement::new();
    for (from, to) in action.steps() {
        case = case.case(C::Status.eq(from), Expr::value(to));
    }
    case.finally(Expr::col(C::Status)).into()
}

/// That a file is there by which somebody who was found alive is shown, of a kind that their channel takes.
///
/// Whoever confirms proves nothing: the file is another's. What was added before the check was sent back proves
/// nothing of what was found since.
pub(super) fn is_proved(cx: &Cx) -> Result<Guard> {
    use attachment::Column as A;
    use certification_check::Column as C;
    let me = cx.actor()?.account;
    let of = |column| Expr::col((attachment::Entity, column));
    let own = |column| Expr::col((certification_check::Entity, column));
    let mut holds = Condition::any().add(C::Outcome.ne(CheckOutcome::Alive));
    for channel in CertificationChannel::iter() {
        let kinds = rules::files(rules::evidence(channel));
        let mut proved = Condition::all().add(own(C::Channel).eq(channel));
        if !kinds.is_empty() {
            let file = Query::select()
                .expr(Expr::value(1))
                .from(attachment::Entity)
                .and_where(of(A::CheckId).eq(own(C::Id)))
                .and_where(of(A::AfterReturns).eq(own(C::Returns)))
                .and_where(of(A::AddedBy).ne(me))
                .and_where(of(A::Kind).is_in(kinds.iter().copied()))
                .to_owned();
            proved = proved.add(Expr::exists(file));
        }
        holds = holds.add(proved);
    }
    Ok(Guard {
        holds,
        code: Code::EvidenceMissing,
    })
}
