//! Who is put on a list, and taken off.

use std::collections::{HashMap, HashSet};

use entity::bits::Bits;
use entity::enums::Meal;
use entity::{care_enrolment, meal_list, meal_recipient, resident};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, OnConflict, Query};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use uuid::Uuid;

use super::lists::{act, finish, to_edit};
use super::rules::MOST_ADDED;
use crate::access::policy::Permission;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::Handle as _;
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const FED: &str = "who is on a list that the scope let through";
const ELSEWHERE: &str = "whether somebody whom the scope let through is on another list";

/// Who is put on a list, for which meals.
#[derive(Clone, Debug, Serialize)]
pub struct Adding {
    /// The list.
    pub list: Uuid,
    /// The people, 1 to 100.
    pub residents: Vec<Uuid>,
    /// The meals they get from today on.
    pub meals: Vec<Meal>,
}

/// Puts people on a list, each by itself; who is on it gets these meals from now on. Needs `MEAL_EDIT` at
/// the list and where they live.
///
/// The outcome has one id and one code for each, in their order: the recipient, or nil and why it was
/// refused (`NOT_FOUND`, `NO_LONGER_HERE`, `NOT_ENROLLED`, `OUTSIDE_MEAL_AREA`, `ON_ANOTHER_MEAL_LIST`).
/// Refused as a whole: `NOT_FOUND`, `ALREADY_ENDED`, `REQUIRED`, `OUT_OF_RANGE`.
pub async fn add(cx: &Cx, adding: Adding, key: Option<Uuid>) -> Result<Outcome> {
    let write = match Write::begin(cx, Request::new("addMealRecipients", key, &adding)).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let list = to_edit(cx, &write, adding.list, None).await?;
    if adding.residents.is_empty() || adding.residents.len() > MOST_ADDED {
        return Err(Error::refused(Code::OutOfRange).on("residentIds"));
    }
    let meals: Bits<Meal> = adding.meals.iter().copied().collect();
    if meals.is_empty() {
        return Err(Error::refused(Code::Required).on("meals"));
    }
    let (fit, refused) = fit(cx, &write, &list, &adding.residents).await?;
    let known = put(cx, &write, (&list, meals), &fit).await?;
    let mut outcome = Outcome::default();
    for resident in &adding.residents {
        let on = known.get(resident);
        let own = on.filter(|row| row.meal_list_id == list.id);
        outcome.ids.push(own.map_or(Uuid::nil(), |row| row.id));
        outcome.codes.push(match (own, refused.get(resident)) {
            (Some(_), _) => None,
            (None, Some(code)) => Some(*code),
            (None, None) => Some(Code::OnAnotherMealList),
        });
    }
    if outcome.codes.iter().all(Option::is_some) {
        return Ok(outcome);
    }
    let act = act("addMealRecipients", &list, "recipients", &adding);
    finish(cx, write, act, outcome).await
}

/// Which of the people can get meals, held so that they do not move meanwhile; and why others cannot.
async fn fit(
    cx: &Cx,
    write: &Write,
    list: &meal_list::Model,
    residents: &[Uuid],
) -> Result<(HashSet<Uuid>, HashMap<Uuid, Code>)> {
    use care_enrolment::Column as E;
    let actor = cx.actor()?;
    let people = actor
        .scoped::<resident::Entity>(Permission::MealEdit)
        .ids(residents)
        .all_to_change(write.tx())
        .await?;
    let enrolled: HashSet<Uuid> = actor
        .scoped::<care_enrolment::Entity>(Permission::MealEdit)
        .filter(E::ResidentId.is_in(residents.iter().copied()))
        .filter(E::ToOn.is_null())
        .all(write.tx())
        .await?
        .into_iter()
        .map(|row| row.resident_id)
        .collect();
    let tree = cx.app.sessions.tree();
    let mut fit = HashSet::new();
    let mut refused: HashMap<Uuid, Code> =
        residents.iter().map(|id| (*id, Code::NotFound)).collect();
    for person in people {
        let code = if person.deceased_on.is_some() {
            Code::NoLongerHere
        } else if !enrolled.contains(&person.id) {
            Code::NotEnrolled
        } else if !tree.covers(list.area_id, person.area_id) {
            Code::OutsideMealArea
        } else {
            refused.remove(&person.id);
            fit.insert(person.id);
            continue;
        };
        refused.insert(person.id, code);
    }
    Ok((fit, refused))
}

/// Writes those who are on no list yet, and the meals of those who are on this one; says on which list each
/// is by now.
async fn put(
    cx: &Cx,
    write: &Write,
    (list, meals): (&meal_list::Model, Bits<Meal>),
    fit: &HashSet<Uuid>,
) -> Result<HashMap<Uuid, meal_recipient::Model>> {
    use meal_recipient::Column as M;
    if fit.is_empty() {
        return Ok(HashMap::new());
    }
    let now = cx.app.clock.now();
    let mut fit: Vec<Uuid> = fit.iter().copied().collect();
    fit.sort_unstable();
    let rows = fit.iter().map(|resident| meal_recipient::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        meal_list_id: Set(list.id),
        resident_id: Set(*resident),
        meals: Set(meals),
        from_on: Set(cx.app.clock.today(SHANGHAI)),
        to_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    });
    meal_recipient::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(&write.tx().unscoped(FED))
        .await?;
    let open = meal_recipient::Entity::find()
        .filter(M::ResidentId.is_in(fit.iter().copied()))
        .filter(M::ToOn.is_null())
        .all(&write.tx().unscoped(ELSEWHERE))
        .await?;
    let others = open
        .iter()
        .filter(|row| row.meal_list_id == list.id && row.meals != meals);
    let others: Vec<Uuid> = others.map(|row| row.id).collect();
    meal_recipient::Entity::update_many()
        .col_expr(M::Meals, Expr::value(meals.bits()))
        .col_expr(M::Version, Expr::col(M::Version).add(1))
        .col_expr(M::UpdatedAt, Expr::value(now))
        .filter(M::Id.is_in(others))
        .exec(&write.tx().unscoped(FED))
        .await?;
    Ok(open.into_iter().map(|row| (row.resident_id, row)).collect())
}

/// Takes somebody off a list from today on; who repeats it succeeds. Needs `MEAL_EDIT` at the list.
///
/// Refused: `NOT_FOUND`, `ALREADY_ENDED` with the list.
pub async fn remove(
    cx: &Cx,
    recipient: Uuid,
    reason: String,
    key: Option<Uuid>,
) -> Result<Outcome> {
    use meal_recipient::Column as M;
    let request = Request::new("removeMealRecipient", key, &(recipient, &reason));
    let write = match Write::begin(cx, request).await? {
        Begun::Replay(outcome) => return Ok(outcome),
        Begun::New(write) => write,
    };
    let actor = cx.actor()?;
    actor.require(Permission::MealEdit)?;
    let of = Query::select()
        .column(M::MealListId)
        .from(meal_recipient::Entity)
        .and_where(M::Id.eq(recipient))
        .to_owned();
    let list = actor
        .scoped::<meal_list::Entity>(Permission::MealEdit)
        .filter(meal_list::Column::Id.in_subquery(of))
        .one(write.tx())
        .await?;
    let list = list.ok_or_else(|| Error::refused(Code::NotFound).on("mealRecipientId"))?;
    let list = to_edit(cx, &write, list.id, None).await?;
    let off = meal_recipient::Entity::update_many()
        .col_expr(M::ToOn, Expr::value(cx.app.clock.today(SHANGHAI)))
        .col_expr(M::Version, Expr::col(M::Version).add(1))
        .col_expr(M::UpdatedAt, Expr::value(cx.app.clock.now()))
        .filter(M::Id.eq(recipient))
        .filter(M::ToOn.is_null())
        .exec(&write.tx().unscoped(FED))
        .await?;
    let outcome = Outcome {
        ids: vec![list.id, recipient],
        codes: Vec::new(),
    };
    if off.rows_affected == 0 {
        write.commit(&outcome).await?;
        return Ok(outcome);
    }
    let mut act = act("removeMealRecipient", &list, "recipients", &recipient);
    act.reason = Some(reason);
    finish(cx, write, act, outcome).await
}
