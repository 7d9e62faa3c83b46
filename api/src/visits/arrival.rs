//! Whether the visitor was at the door, without tracking anybody.
//!
//! Either the code on the contact card inside the home was read, or the phone said once where it
//! was: that is compared with the building's point and forgotten. It is never stored, logged or hashed.

use std::fmt;

use entity::enums::Arrival;

/// How near counts as there, in metres: between high buildings a phone is some fifty metres wrong,
/// and the point of a building stands for all of its entrances and the way in.
pub const NEAR: f64 = 200.0;

/// Where a phone is at one moment, in degrees of WGS 84.
#[derive(Clone, Copy, PartialEq)]
pub struct Position {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
}

/// A position is for one comparison; no log shows it.
impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Position(…)")
    }
}

impl Position {
    /// Whether there is such a place.
    #[must_use]
    pub fn is_possible(self) -> bool {
        (-90.0..=90.0).contains(&self.latitude) && (-180.0..=180.0).contains(&self.longitude)
    }

    /// The distance to another place in metres, on a sphere.
    fn metres_to(self, other: Self) -> f64 {
        /// The mean radius of the earth.
        const RADIUS: f64 = 6_371_000.0;
        let (from, to) = (self.latitude.to_radians(), other.latitude.to_radians());
        let north = (to - from) / 2.0;
        let east = (other.longitude - self.longitude).to_radians() / 2.0;
        let half_chord = north.sin().powi(2) + from.cos() * to.cos() * east.sin().powi(2);
        2.0 * RADIUS * half_chord.sqrt().asin()
    }
}

/// What a phone's word for where it is comes to, at a building that stands at `building`.
#[must_use]
pub fn compared(phone: Option<Position>, building: Option<Position>) -> Arrival {
    match (phone, building) {
        (Some(phone), Some(building)) if phone.metres_to(building) <= NEAR => Arrival::Near,
        (Some(_), Some(_)) => Arrival::Far,
        _ => Arrival::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousandth of a degree of latitude is 111.2 m anywhere.
    const DOOR: Position = Position {
        latitude: 32.300,
        longitude: 118.300,
    };

    fn at(latitude: f64, longitude: f64) -> Option<Position> {
        Some(Position {
            latitude,
            longitude,
        })
    }

    #[test]
    fn two_hundred_metres_are_near_and_more_is_far() {
        // 0.0017° is 189 m, 0.0019° is 211 m.
        assert_eq!(compared(at(32.3017, 118.3), Some(DOOR)), Arrival::Near);
        assert_eq!(compared(at(32.3019, 118.3), Some(DOOR)), Arrival::Far);
        // At 32.3° north a degree of longitude is 94.0 km: 0.0021° is 197 m, 0.0022° is 207 m.
        assert_eq!(compared(at(32.3, 118.3021), Some(DOOR)), Arrival::Near);
        assert_eq!(compared(at(32.3, 118.3022), Some(DOOR)), Arrival::Far);
    }

    #[test]
    fn nothing_is_known_where_either_is_silent() {
        assert_eq!(compared(None, Some(DOOR)), Arrival::Unknown);
        assert_eq!(compared(Some(DOOR), None), Arrival::Unknown);
    }

    #[test]
    fn impossible_places_are_told_and_no_log_shows_any() {
        assert!(DOOR.is_possible());
        for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0)] {
            let place = Position {
                latitude,
                longitude,
            };
            assert!(!place.is_possible());
        }
        assert_eq!(format!("{DOOR:?}"), "Position(…)");
    }
}
