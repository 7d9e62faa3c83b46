//! What follows from a person's data alone.

use chrono::{Datelike as _, NaiveDate};
use entity::enums::Gender;

use super::id_number::{IdNumber, IdNumberError};
use crate::accounts::phone::Phone;
use crate::error::{Code, Error, Result};

/// How many characters health notes may have, typed or imported.
pub const LONGEST_NOTES: usize = 2000;

/// Full years of age on `day`.
#[must_use]
pub fn age(born_on: NaiveDate, day: NaiveDate) -> i32 {
    let birthday_to_come = (day.month(), day.day()) < (born_on.month(), born_on.day());
    day.year() - born_on.year() - i32::from(birthday_to_come)
}

/// A person's age as visitors may know it, e.g. `80-84`; under 60 in steps of twenty.
#[must_use]
pub fn age_band(age: i32) -> String {
    match age {
        ..18 => "0-17".to_owned(),
        18..40 => "18-39".to_owned(),
        40..60 => "40-59".to_owned(),
        90.. => "90+".to_owned(),
        _ => {
            let from = age / 5 * 5;
            format!("{from}-{}", from + 4)
        }
    }
}

/// How a neighbour would speak of the person: 李奶奶, 王爷爷, 陈女士.
#[must_use]
pub fn salutation(name: &str, gender: Gender, age: Option<i32>) -> String {
    /// Surnames of two characters that are still common.
    const COMPOUND: [&str; 6] = ["欧阳", "上官", "司马", "诸葛", "夏侯", "皇甫"];
    let surname: String = if COMPOUND.iter().any(|surname| name.starts_with(surname)) {
        name.chars().take(2).collect()
    } else {
        name.chars().take(1).collect()
    };
    let title = match (gender, age.is_some_and(|age| age >= 60)) {
        (Gender::Female, true) => "奶奶",
        (Gender::Male, true) => "爷爷",
        (Gender::Female, false) => "女士",
        (Gender::Male, false) => "先生",
        (Gender::Unknown, true) => "老人",
        (Gender::Unknown, false) => "居民",
    };
    format!("{surname}{title}")
}

/// Whether birth date and gender, where known, are those of the ID number (GB 11643).
pub fn check_identity(
    id_number: &IdNumber,
    born_on: Option<NaiveDate>,
    gender: Gender,
) -> Result<()> {
    if born_on.is_some_and(|born_on| born_on != id_number.born_on()) {
        Err(Error::refused(Code::BornOnMismatch).on("bornOn"))
    } else if gender != Gender::Unknown && gender != id_number.gender() {
        Err(Error::refused(Code::GenderMismatch).on("gender"))
    } else {
        Ok(())
    }
}

/// A birth date that a living person may have on `today`.
pub fn check_born_on(born_on: NaiveDate, today: NaiveDate) -> Result<()> {
    /// Nobody is on record to have lived longer than 122 years.
    const OLDEST: i32 = 130;
    if born_on > today || age(born_on, today) > OLDEST {
        return Err(Error::refused(Code::OutOfRange).on("bornOn"));
    }
    Ok(())
}

/// Reads an ID number given as the input field `field`.
pub fn id_number(text: &str, field: &'static str) -> Result<IdNumber> {
    IdNumber::parse(text).map_err(|error| {
        Error::refused(match error {
            IdNumberError::Shape | IdNumberError::BirthDate => Code::IdInvalid,
            IdNumberError::Checksum => Code::IdChecksum,
        })
        .on(field)
    })
}

/// Reads a phone number, mobile or landline, given as the input field `field`.
pub fn phone(text: &str, field: &'static str) -> Result<Phone> {
    Phone::any(text).ok_or_else(|| Error::refused(Code::PhoneInvalid).on(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn one_is_a_year_older_on_the_birthday() {
        assert_eq!(age(day(1946, 3, 5), day(2026, 3, 4)), 79);
        assert_eq!(age(day(1946, 3, 5), day(2026, 3, 5)), 80);
    }

    #[test]
    fn an_age_band_says_no_more_than_it_must() {
        assert_eq!(age_band(83), "80-84");
        assert_eq!(age_band(97), "90+");
        assert_eq!(age_band(12), "0-17");
    }

    #[test]
    fn an_id_number_speaks_of_birth_date_and_gender() {
        let number = id_number("34119120040403762X", "idNumber").unwrap();
        let born_on = Some(day(2004, 4, 3));
        assert!(check_identity(&number, born_on, Gender::Female).is_ok());
        assert!(check_identity(&number, None, Gender::Unknown).is_ok());
        assert!(check_identity(&number, Some(day(2004, 4, 4)), Gender::Female).is_err());
        assert!(check_identity(&number, born_on, Gender::Male).is_err());
    }

    #[test]
    fn nobody_is_born_tomorrow_or_before_memory() {
        let today = day(2026, 3, 4);
        assert!(check_born_on(today, today).is_ok());
        assert!(check_born_on(day(2026, 3, 5), today).is_err());
        assert!(check_born_on(day(1890, 1, 1), today).is_err());
    }

    #[test]
    fn neighbours_say_granny_li() {
        assert_eq!(salutation("李秀英", Gender::Female, Some(81)), "李奶奶");
        assert_eq!(salutation("欧阳建国", Gender::Male, Some(70)), "欧阳爷爷");
        assert_eq!(salutation("陈静", Gender::Female, None), "陈女士");
    }
}
