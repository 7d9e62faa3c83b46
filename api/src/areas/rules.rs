//! What holds of areas, without a database.

use chrono::{Duration, NaiveDate};
use entity::enums::AreaKind;

use crate::error::{Code, Error, Result};

/// The level at which an area may hang below one of `parent`'s level, among those that people add.
///
/// Districts, streets and communities have statistical codes and come by import.
pub fn check_kind(kind: AreaKind, parent: AreaKind) -> Result<()> {
    use AreaKind as K;
    let fits = match kind {
        K::District | K::Street | K::Community => false,
        K::Compound => parent == K::Community,
        K::Grid => matches!(parent, K::Community | K::Compound),
        K::Building => parent == K::Grid,
    };
    if fits {
        Ok(())
    } else {
        Err(Error::refused(Code::AreaUnfit).on("parentId"))
    }
}

/// How far back many households may be moved at once: whoever came later would lose their days at
/// the old place, so a map is not drawn anew for a past that was counted.
pub const FURTHEST_BACK: Duration = Duration::days(31);

/// Checks the first day of an act on many.
pub fn check_on(on: NaiveDate, today: NaiveDate) -> Result<()> {
    if on > today || on < today - FURTHEST_BACK {
        return Err(Error::refused(Code::OutOfRange).on("onDate"));
    }
    Ok(())
}

/// The next local number below an area: one more than the highest ever given, so that none returns.
#[must_use]
pub fn next_number<'a>(codes: impl Iterator<Item = &'a str>) -> u32 {
    codes
        .filter_map(|code| code.rsplit('.').next()?.parse::<u32>().ok())
        .max()
        .unwrap_or_default()
        .saturating_add(1)
}

/// The code of an area below one with the code `parent`, e.g. `341102006003.02.07`.
#[must_use]
pub fn code(parent: &str, number: u32) -> String {
    format!("{parent}.{number:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_never_given_twice() {
        assert_eq!(next_number([].into_iter()), 1);
        assert_eq!(next_number(["3.02.07.01", "3.02.07.12"].into_iter()), 13);
        assert_eq!(next_number(["3.02.07.A1"].into_iter()), 1);
        assert_eq!(code("341102006003.02", 7), "341102006003.02.07");
        assert_eq!(code("341102006003.02", 107), "341102006003.02.107");
    }

    #[test]
    fn the_past_is_a_month_long() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let today = day("2028-03-31");
        for (on, fits) in [
            ("2028-03-31", true),
            ("2028-02-29", true),
            ("2028-02-28", false),
            ("2028-04-01", false),
        ] {
            assert_eq!(check_on(day(on), today).is_ok(), fits, "{on}");
        }
    }

    #[test]
    fn a_building_stands_in_a_grid() {
        assert!(check_kind(AreaKind::Building, AreaKind::Grid).is_ok());
        assert!(check_kind(AreaKind::Building, AreaKind::Compound).is_err());
        assert!(check_kind(AreaKind::Grid, AreaKind::Compound).is_ok());
        assert!(check_kind(AreaKind::Compound, AreaKind::Street).is_err());
        assert!(check_kind(AreaKind::Community, AreaKind::Street).is_err());
    }
}
