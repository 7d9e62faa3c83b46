//! Who is the same person within a file.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use crate::residents::id_number::IdNumber;

use super::super::line::{Line, Place};
use super::ResidentRow;
use super::columns::{ID_NUMBER, NAME};

/// Name, birth date, building, unit and room: who a person is without an ID number.
type PersonKey = (String, Option<NaiveDate>, String, String, String);

/// The people of the rows read so far.
#[derive(Debug, Default)]
pub struct People {
    by_id_number: HashMap<IdNumber, Place>,
    by_name: HashMap<PersonKey, Place>,
    /// Those of `by_name` whose row has an ID number.
    identified: HashSet<PersonKey>,
}

impl People {
    /// Whether the person stands in no earlier row; else this row is refused.
    ///
    /// Two ID numbers are two people. Where one of the rows has none, name, birth date and
    /// household decide.
    pub fn is_first(&mut self, line: &mut Line<'_>, row: &ResidentRow) -> bool {
        if let Some(id_number) = &row.id_number
            && !line.is_first(ID_NUMBER, &mut self.by_id_number, id_number.clone())
        {
            return false;
        }
        let key = (
            row.name.clone(),
            row.born_on,
            row.building_code.clone(),
            row.unit.clone(),
            row.room.clone(),
        );
        let has_number = row.id_number.is_some();
        if has_number && self.identified.contains(&key) {
            return true;
        }
        let first = line.is_first(NAME, &mut self.by_name, key.clone());
        if first && has_number {
            self.identified.insert(key);
        }
        first
    }
}
