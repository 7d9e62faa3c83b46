//! What a row of a roster changes, given what is on record.

use entity::enums::AreaKind;
use entity::{area, beneficiary, import_beneficiary};
use uuid::Uuid;

use crate::access::sealed::Field;
use crate::error::Result;

use super::super::super::beneficiaries::{HOME, ID_NUMBER, INSTITUTION, NAME, PHONE, REGISTERED};
use super::super::super::{BeneficiaryRow, Code};
use super::super::residents::hidden;
use super::super::{Import, Outcome, Verdicts};
use super::known::{Known, Likeness, Person};
use super::{Areas, Wanted};

/// Where a row places somebody.
#[derive(Clone, Debug)]
pub struct Places {
    /// Where they are registered, or live: who answers for them.
    area: Uuid,
    grid: Uuid,
    /// Where they are registered, when that is no area of ours.
    elsewhere: Option<String>,
    /// The building where they live.
    home: Option<Uuid>,
}

/// Finds the places of a row; none if that refuses it.
pub fn places(
    areas: &Areas,
    row: &BeneficiaryRow,
    ordinal: usize,
    verdicts: &mut Verdicts,
) -> Option<Places> {
    let in_institution = row.institution.is_some();
    let (mut home, cell) = (None, (HOME, row.home_code.as_deref().unwrap_or_default()));
    if let Some(code) = &row.home_code {
        let found = areas.by_code.get(code);
        let Some(found) = found.filter(|a| in_institution || a.kind == AreaKind::Building) else {
            let message = "没有这个编码的楼栋，请核对或先导入区域";
            verdicts.find(ordinal, cell, Code::AreaUnknown, message);
            return None;
        };
        if found.retired_on.is_some() {
            verdicts.find(ordinal, cell, Code::AreaRetired, "该楼栋已停用");
            return None;
        }
        home = Some(found);
    }
    let registered = areas.registered(&row.registered, ordinal, verdicts)?;
    let answers = match (registered, home) {
        (Some(area), _) => area,
        (None, Some(home)) if areas.reached.contains(&home.id) => home,
        (None, Some(_)) => {
            let message = "户籍地和居住地都不在您的管辖范围内";
            verdicts.find(ordinal, cell, Code::AreaUnknown, message);
            return None;
        }
        (None, None) => {
            let message = "户籍地不在本系统，请填居住地（或机构所在区域）编码，由居住地负责认证";
            verdicts.find(ordinal, cell, Code::ValueMissing, message);
            return None;
        }
    };
    let elsewhere = registered.is_none().then(|| row.registered.clone());
    if elsewhere.is_some() {
        let cell = (REGISTERED, row.registered.as_str());
        let message = format!("户籍地不在本系统，由居住地“{}”负责认证", answers.name);
        verdicts.find(ordinal, cell, Code::RegisteredElsewhere, message);
    } else if in_institution && home.is_some() {
        let cell = (INSTITUTION, row.institution.as_deref().unwrap_or_default());
        let message = "同时填了楼栋和集中供养机构，已按住在机构登记";
        verdicts.find(ordinal, cell, Code::HomeAmbiguous, message);
    }
    Some(Places {
        area: answers.id,
        grid: areas.tree.grid_of(answers.id),
        elsewhere,
        home: home.filter(|_| !in_institution).map(|home| home.id),
    })
}

impl Areas {
    /// The area of ours in which somebody is registered, if it is one; none at all if that refuses the row.
    #[expect(clippy::option_option, reason = "refused, elsewhere, or one of ours")]
    fn registered(
        &self,
        text: &str,
        ordinal: usize,
        verdicts: &mut Verdicts,
    ) -> Option<Option<&area::Model>> {
        let found = self.by_code.get(text);
        let (code, message) = match found {
            Some(found) if !self.reached.contains(&found.id) => {
                (Code::AreaUnknown, "没有这个区域，或它不在您的管辖范围内")
            }
            Some(found) if found.retired_on.is_some() => (Code::AreaRetired, "该区域已停用"),
            Some(found) => return Some(Some(found)),
            None if self.tops.iter().any(|top| text.starts_with(top.as_str())) => {
                (Code::AreaUnknown, "没有这个区域，或它不在您的管辖范围内")
            }
            None => return Some(None),
        };
        verdicts.find(ordinal, (REGISTERED, text), code, message);
        None
    }
}

/// The row to stage, if it changes anything.
pub fn row(
    import: &Import<'_>,
    known: &Known,
    verdicts: &mut Verdicts,
    wanted: &Wanted<'_>,
) -> Result<Option<import_beneficiary::Model>> {
    let Some(before) = person(import, known, verdicts, wanted) else {
        return Ok(None);
    };
    let (row, places, ordinal) = (wanted.row, &wanted.places, wanted.ordinal);
    let id = before.map_or_else(|| import.clock.new_id(), |before| before.id);
    let name = before.map_or(row.name.as_str(), |before| before.name.as_str());
    let on_record = before.and_then(|before| before.resident_id);
    let newly = match on_record {
        Some(_) => None,
        None => resident(import, known, verdicts, wanted, (before, id, name)),
    };
    let number = Some(row.id_number.as_str());
    let stored = before.map(|before| (&before.id_number_sealed, &before.id_number_hash));
    let (id_number_sealed, id_number_hash) = hidden(import.keys, Field::IdNumber, number, stored)?;
    let phone = phone(known, verdicts, wanted, before);
    let stored = before.map(|before| (&before.phone_sealed, &before.phone_hash));
    let (phone_sealed, phone_hash) = hidden(import.keys, Field::Phone, phone, stored)?;
    let kept = |new: &Option<String>, stored: fn(&beneficiary::Model) -> &Option<String>| {
        new.clone().or_else(|| stored(before?).clone())
    };
    let (home_area_id, institution) = match (places.home, &row.institution) {
        // What is not said of a home stays as it is.
        (None, None) => before.map_or((None, None), |before| {
            (before.home_area_id, before.institution.clone())
        }),
        (home, institution) => (home, institution.clone()),
    };
    let staged = import_beneficiary::Model {
        import_id: import.id,
        ordinal: i32::try_from(ordinal).unwrap_or(i32::MAX),
        beneficiary_id: id,
        expected_version: before.map(|before| before.version),
        resident_id: on_record.or(newly),
        is_newly_matched: newly.is_some(),
        area_id: before.map_or(places.area, |before| before.area_id),
        grid_id: before.map_or(places.grid, |before| before.grid_id),
        name: name.to_owned(),
        gender: row.id_number.gender(),
        born_on: Some(row.id_number.born_on()),
        id_number_sealed,
        id_number_hash,
        phone_sealed,
        phone_hash,
        category: row.category,
        certificate_number: kept(&row.certificate_number, |before| &before.certificate_number),
        registered_elsewhere: places.elsewhere.clone(),
        home_area_id,
        institution,
        is_immobile: row
            .is_immobile
            .or(before.map(|before| before.is_immobile))
            .unwrap_or_default(),
        preferred_channel: row
            .channel
            .or(before.and_then(|before| before.preferred_channel)),
        created_at: import.now,
    };
    verdicts.outcomes[ordinal] = match before {
        None => Outcome::Created,
        Some(before) if says(&staged, before) => return Ok(None),
        Some(_) => Outcome::Updated,
    };
    Ok(Some(staged))
}

/// The phone number that a row brings; none in the place of one that a check brought and another confirmed.
fn phone<'w>(
    known: &Known,
    verdicts: &mut Verdicts,
    wanted: &Wanted<'w>,
    before: Option<&beneficiary::Model>,
) -> Option<&'w str> {
    let new = wanted.row.phone.as_ref()?;
    let Some(before) = before.filter(|before| known.is_phone_confirmed(before)) else {
        return Some(new.as_str());
    };
    if before.phone_hash.as_ref() != wanted.phone_hash.as_ref() {
        let message = "登记的联系电话已在认证中核实，未更改；如有变化请在系统中修改";
        verdicts.find(wanted.ordinal, (PHONE, ""), Code::PhoneKept, message);
    }
    None
}

/// Whether a staged row says what is on record.
fn says(staged: &import_beneficiary::Model, before: &beneficiary::Model) -> bool {
    !staged.is_newly_matched
        && staged.gender == before.gender
        && staged.born_on == before.born_on
        && staged.id_number_hash == before.id_number_hash
        && staged.phone_hash == before.phone_hash
        && staged.category == before.category
        && staged.certificate_number == before.certificate_number
        && staged.registered_elsewhere == before.registered_elsewhere
        && staged.home_area_id == before.home_area_id
        && staged.institution == before.institution
        && staged.is_immobile == before.is_immobile
        && staged.preferred_channel == before.preferred_channel
}

/// Whom the row is about, if they are on record; none at all if that refuses the row.
#[expect(clippy::option_option, reason = "refused, new, or on record")]
fn person<'k>(
    import: &Import<'_>,
    known: &'k Known,
    verdicts: &mut Verdicts,
    wanted: &Wanted<'_>,
) -> Option<Option<&'k beneficiary::Model>> {
    let name = wanted.row.name.as_str();
    let (column, code, message) = match known.person(import, wanted) {
        Person::New => return Some(None),
        Person::Elsewhere(person) => {
            verdicts.elsewhere.insert(person);
            (
                ID_NUMBER,
                Code::PersonElsewhere,
                "该身份证号在您的管辖范围外已有登记，请联系上级服务站",
            )
        }
        Person::Ambiguous => (
            NAME,
            Code::PersonAmbiguous,
            "登记有多位同名同生日、没有身份证号的人，请先在系统中补填身份证号",
        ),
        Person::Known(person) if person.ended_on.is_some() => (
            NAME,
            Code::BenefitEnded,
            "已登记不再是优抚对象，请核对；如有误请先在系统中恢复",
        ),
        Person::Known(person) => {
            told(verdicts, wanted, person);
            return Some(Some(person));
        }
    };
    let value = if column == NAME { name } else { "" };
    verdicts.find(wanted.ordinal, (column, value), code, message);
    None
}

/// Tells what a file says otherwise and does not change.
fn told(verdicts: &mut Verdicts, wanted: &Wanted<'_>, person: &beneficiary::Model) {
    let name = wanted.row.name.as_str();
    if person.name != name {
        let message = format!("该身份证号登记姓名为“{}”，未更改，请核对", person.name);
        verdicts.opened.push(("Beneficiary", person.id));
        verdicts.find(wanted.ordinal, (NAME, name), Code::NameDiffers, message);
    }
    if person.area_id != wanted.places.area {
        let cell = (REGISTERED, wanted.row.registered.as_str());
        let message = "与系统中负责认证的区域不同，导入不能更改，请办理移交";
        verdicts.find(wanted.ordinal, cell, Code::RegistrationKept, message);
    }
}

/// The resident whom the beneficiary turns out to be; a doubtful one is told, unless a person has decided.
fn resident(
    import: &Import<'_>,
    known: &Known,
    verdicts: &mut Verdicts,
    wanted: &Wanted<'_>,
    (before, id, name): (Option<&beneficiary::Model>, Uuid, &str),
) -> Option<Uuid> {
    let (person, message) = match known.likeness(import, wanted, (id, name)) {
        Likeness::Same(_) if before.is_some_and(|before| before.match_decided) => return None,
        Likeness::Same(resident) => return Some(resident),
        Likeness::Nobody => return None,
        Likeness::OtherName(person) => (
            person,
            "该身份证号的居民登记姓名不同，未匹配，请在系统中核对",
        ),
        Likeness::Taken(person) => (
            person,
            "该身份证号的居民已与另一优抚对象匹配，未匹配，请在系统中核对",
        ),
        Likeness::NameAndBirth(person) => (
            person,
            "有同名同生日的居民，未匹配，请在系统中核对是否同一人",
        ),
    };
    if !before.is_some_and(|before| before.match_decided) {
        let cell = (NAME, wanted.row.name.as_str());
        // That there is such a resident is told here alone, and so it is noted.
        verdicts.opened.push(("Resident", person));
        verdicts.find(wanted.ordinal, cell, Code::MatchDoubtful, message);
    }
    None
}
