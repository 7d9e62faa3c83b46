//! Rosters as phones see them.

use std::collections::HashMap;

use async_graphql::{ID, SimpleObject};
use entity::{absence, duty_shift};
use uuid::Uuid;

use super::reads::{Reachable, Roster};
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::scalars::DateTime;

/// Who answers for an area, to those who work at its desk.
#[derive(Clone, Debug, SimpleObject)]
pub struct DutyRoster {
    /// The area.
    area: Option<Area>,
    /// Who is on duty now: whose turn it is, or everybody who answers for this very area; whoever is away
    /// is replaced by who stands in.
    on_duty: Vec<DutyPerson>,
    /// Shifts that run or are to come, the earliest first; at most 50.
    shifts: Vec<DutyShift>,
    /// Absences that run or are to come, of people granted there or below, the earliest first; at most 50.
    absences: Vec<Absence>,
}

/// Somebody on duty.
#[derive(Clone, Debug, SimpleObject)]
pub struct DutyPerson {
    /// The account.
    account_id: ID,
    /// Their name.
    name: Option<String>,
    /// Their phone number.
    phone: Option<String>,
    /// The name of whom they stand in for 代班.
    stands_in_for: Option<String>,
}

/// Whose turn it is.
#[derive(Clone, Debug, SimpleObject)]
pub struct DutyShift {
    /// The opaque id.
    id: ID,
    /// Where.
    area: Option<Area>,
    /// The account.
    account_id: ID,
    /// Their name.
    name: Option<String>,
    /// First instant on duty.
    from_at: DateTime,
    /// First instant no longer on duty.
    until_at: DateTime,
}

/// Somebody is away.
#[derive(Clone, Debug, SimpleObject)]
pub struct Absence {
    /// The opaque id.
    id: ID,
    /// The account.
    account_id: ID,
    /// Their name.
    name: Option<String>,
    /// First instant away.
    from_at: DateTime,
    /// First instant back.
    until_at: DateTime,
    /// The name of who stands in 代班.
    stand_in: Option<String>,
    /// Why.
    reason: Option<String>,
}

type People = HashMap<Uuid, Reachable>;

fn name(people: &People, id: Uuid) -> Option<String> {
    people.get(&id).map(|person| person.name.clone())
}

fn account(id: Uuid) -> ID {
    Id::<ids::Account>::new(id).to_string().into()
}

impl DutyRoster {
    /// Shows the roster of an area.
    #[must_use]
    pub fn new(cx: &Cx, area: Uuid, roster: &Roster) -> Self {
        let people = &roster.people;
        let on_duty = roster.on_duty.iter().map(|one| DutyPerson {
            account_id: account(one.account),
            name: name(people, one.account),
            phone: people.get(&one.account).map(|person| person.phone.clone()),
            stands_in_for: one.stands_in_for.and_then(|id| name(people, id)),
        });
        let shifts = roster.shifts.iter();
        let absences = roster.absences.iter();
        Self {
            area: Area::from_tree(&cx.app.sessions.tree(), area),
            on_duty: on_duty.collect(),
            shifts: shifts.map(|row| DutyShift::new(cx, row, people)).collect(),
            absences: absences.map(|row| Absence::new(row, people)).collect(),
        }
    }
}

impl DutyShift {
    /// Shows a shift.
    #[must_use]
    pub fn new(cx: &Cx, row: &duty_shift::Model, people: &People) -> Self {
        Self {
            id: Id::<ids::DutyShift>::new(row.id).to_string().into(),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            account_id: account(row.account_id),
            name: name(people, row.account_id),
            from_at: DateTime(row.from_at),
            until_at: DateTime(row.until_at),
        }
    }
}

impl Absence {
    /// Shows an absence.
    #[must_use]
    pub fn new(row: &absence::Model, people: &People) -> Self {
        Self {
            id: Id::<ids::Absence>::new(row.id).to_string().into(),
            account_id: account(row.account_id),
            name: name(people, row.account_id),
            from_at: DateTime(row.from_at),
            until_at: DateTime(row.until_at),
            stand_in: row.stand_in_id.and_then(|id| name(people, id)),
            reason: row.reason.clone(),
        }
    }
}
