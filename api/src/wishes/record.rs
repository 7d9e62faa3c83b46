//! Writing a wish down.

use chrono::NaiveDate;
use entity::enums::{AskedHow, ChangeKind, Role, ServiceCategory, WishUrgency};
use entity::{household, resident, visit_task, wish};
use sea_orm::ActiveValue::Set;
use sea_orm::EntityTrait as _;
use serde::Serialize;
use uuid::Uuid;

use super::codes;
use super::rules::{FIRST, holds_number};
use crate::access::policy::Permission;
use crate::access::scope::{Grant, insert_new};
use crate::access::sealed::{Field, seal};
use crate::audit::service::Act;
use crate::changes::service::Changed;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::visits::rules::is_live;
use crate::write::{Begun, Outcome, Request, Write, id_of_new};

const HOME: &str = "whether somebody lives in the household that the scope let through";
const SAME: &str = "whether a wish under this key is the one that is written down again";

/// How many helpers a wish can use at most.
const MOST_HANDS: i32 = 20;

/// A wish to be written down.
#[derive(Clone, Debug, Serialize)]
pub struct NewWish {
    /// Who of the household asks, where it is one person's wish.
    pub resident: Option<Uuid>,
    /// What kind of service it asks for.
    pub category: ServiceCategory,
    /// What is wished for, with nothing in it that tells who asks.
    pub words: String,
    /// What else whoever goes there must know.
    pub notes: Option<String>,
    /// How urgent it is.
    pub urgency: WishUrgency,
    /// How the household said it.
    pub how: AskedHow,
    /// The visit during which it was said.
    pub visit_task: Option<Uuid>,
    /// The last day on which it makes sense.
    pub expires_on: Option<NaiveDate>,
    /// How many helpers it can use.
    pub hands: i32,
}

/// Writes a wish of `home` down within an open write, under the key `id`; absent where that key is taken.
pub(super) async fn write_down(
    cx: &Cx,
    tx: &Tx,
    grant: &Grant,
    (home, id, new): (&household::Model, Uuid, NewWish),
) -> Result<Option<(wish::Model, Changed)>> {
    let now = cx.app.clock.now();
    let notes = new
        .notes
        .map(|notes| seal(&cx.app.keys, Field::VisitNotes, &notes))
        .transpose()?;
    let row = wish::ActiveModel {
        id: Set(id),
        household_id: Set(home.id),
        resident_id: Set(new.resident),
        area_id: Set(home.area_id),
        grid_id: Set(home.grid_id),
        category: Set(new.category),
        words: Set(new.words),
        notes_sealed: Set(notes),
        urgency: Set(new.urgency),
        status: Set(FIRST),
        how: Set(new.how),
        recorded_by: Set(cx.actor()?.account),
        visit_task_id: Set(new.visit_task),
        expires_on: Set(new.expires_on),
        hands: Set(new.hands),
        code_tries: Set(0),
        is_silent: Set(false),
        complaints: Set(0),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let row = insert_new(tx, grant, row).await?;
    Ok(row.map(|row| {
        let changed = Changed::new(ChangeKind::Wish, row.id, Some(row.area_id));
        (row, changed)
    }))
}

/// A wish as somebody tells it for a household.
#[derive(Clone, Debug, Serialize)]
pub struct Recording {
    /// The id that the phone chose for it.
    pub id: Option<Uuid>,
    /// The household.
    pub household: Uuid,
    /// What it wishes for.
    pub new: NewWish,
    /// Whether it gets a one-time code at once.
    pub with_code: bool,
}

/// Writes a household's wish down, with a one-time code to be handed to it where that is wanted: it is told once, and
/// not again to a repeat. Needs `WISH_RECORD` where the household lives; a volunteer does it while they hold a live
/// claim on a visit there, which is named.
///
/// Refused: `NOT_FOUND`, `NO_LONGER_HERE`, `NOT_CLAIMED_BY_YOU`, `PERSONAL_NUMBER`, `DAY_PAST`, `OUT_OF_RANGE`,
/// `RESIDENT_ELSEWHERE`, `UUID_INVALID`, `ID_TAKEN`.
pub async fn record(
    cx: &Cx,
    told: Recording,
    key: Option<Uuid>,
) -> Result<(Outcome, Option<String>)> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("recordWish", key, &told)).await? {
        Begun::Replay(outcome) => return Ok((outcome, None)),
        Begun::New(write) => write,
    };
    actor.require(Permission::WishRecord)?;
    let id = id_of_new(cx, told.id)?;
    let (home, grant) = actor
        .scoped::<household::Entity>(Permission::WishRecord)
        .id(told.household)
        .one_to_refer_to(write.tx())
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("householdId"))?;
    on_the_spot(cx, write.tx(), (&home, told.new.visit_task)).await?;
    if home.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    check_words(&told.new.words)?;
    check_terms(cx, (told.new.expires_on, told.new.hands))?;
    if let Some(person) = told.new.resident {
        lives_there(write.tx(), (home.id, person)).await?;
    }
    let words = told.new.words.clone();
    let Some((row, changed)) = write_down(cx, write.tx(), &grant, (&home, id, told.new)).await?
    else {
        let known = wish::Entity::find_by_id(id)
            .one(&write.tx().unscoped(SAME))
            .await?;
        let is_same = known.is_some_and(|known| {
            (known.recorded_by, known.household_id) == (actor.account, home.id)
                && known.words == words
        });
        return Ok((write.made_before(id, is_same).await?, None));
    };
    let code = if told.with_code {
        Some(codes::issue(cx, write.tx(), id).await?)
    } else {
        None
    };
    let act = Act {
        action: "recordWish",
        subject_kind: "Wish",
        subject_id: id,
        area_id: Some(row.area_id),
        reason: None,
        fields: "category,words,notes,urgency".to_owned(),
        details: None,
    };
    write.record(cx, act, changed).await?;
    let outcome = Outcome::of(id);
    write.commit(&outcome).await?;
    Ok((outcome, code))
}

/// Whoever only makes visits hears wishes while they are at one; others where they answer for the household.
async fn on_the_spot(
    cx: &Cx,
    tx: &Tx,
    (home, visit): (&household::Model, Option<Uuid>),
) -> Result<()> {
    let actor = cx.actor()?;
    let own = actor.areas_as(Permission::WishRecord, |role| role != Role::Volunteer);
    let answers = own
        .iter()
        .any(|above| actor.tree.covers(*above, home.area_id));
    let permission = if answers {
        Permission::VisitRead
    } else {
        Permission::VisitCarryOut
    };
    let Some(visit) = visit else {
        return if answers {
            Ok(())
        } else {
            Err(Error::refused(Code::NotFound).on("householdId"))
        };
    };
    let task = actor.scoped::<visit_task::Entity>(permission).id(visit);
    let task = task.one(tx).await?;
    let task = task.filter(|task| task.household_id == home.id);
    let now = cx.app.clock.now();
    match task {
        None => Err(Error::refused(Code::NotFound).on("visitTaskId")),
        Some(task) if !answers && !is_live(task.status, task.lease_until, now) => {
            Err(Error::refused(Code::NotClaimedByYou).on("visitTaskId"))
        }
        Some(_) => Ok(()),
    }
}

/// What all may read who may take it on tells nobody's number: `PERSONAL_NUMBER`.
pub(super) fn check_words(words: &str) -> Result<()> {
    if holds_number(words) {
        Err(Error::refused(Code::PersonalNumber).on("words"))
    } else {
        Ok(())
    }
}

/// The last day lies ahead, and a handful of helpers is enough: `DAY_PAST`, `OUT_OF_RANGE`.
pub(super) fn check_terms(cx: &Cx, (last, hands): (Option<NaiveDate>, i32)) -> Result<()> {
    let today = cx.app.clock.today(SHANGHAI);
    if last.is_some_and(|last| last < today) {
        return Err(Error::refused(Code::DayPast).on("expiresOn"));
    }
    if !(0..=MOST_HANDS).contains(&hands) {
        return Err(Error::refused(Code::OutOfRange).on("hands"));
    }
    Ok(())
}

/// Whether somebody alive lives in a household: `RESIDENT_ELSEWHERE`.
pub(super) async fn lives_there(tx: &Tx, (home, person): (Uuid, Uuid)) -> Result<()> {
    let found = resident::Entity::find_by_id(person)
        .one(&tx.unscoped(HOME))
        .await?;
    let lives = found.is_some_and(|row| row.household_id == home && row.deceased_on.is_none());
    if lives {
        Ok(())
    } else {
        Err(Error::refused(Code::ResidentElsewhere).on("onBehalfOfId"))
    }
}
