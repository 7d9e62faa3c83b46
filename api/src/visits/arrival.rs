//! Whether the visitor was at the door, without tracking anybody.
//!
//! Either the code on the contact card inside the home was read, or the phone said once where it
//! was: that is compared with the building's point and forgotten. It is never stored, logged or hashed.

use entity::enums::Arrival;

use crate::route::Point;

/// How near counts as there, in metres: between high buildings a phone is some fifty metres wrong,
/// and the point of a building stands for all of its entrances and the way in.
pub const NEAR: i64 = 200;

/// What a phone's word for where it is comes to, at a building that stands at `building`.
#[must_use]
pub fn compared(phone: Option<Point>, building: Option<Point>) -> Arrival {
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
    const DOOR: Point = Point {
        latitude: 32.300,
        longitude: 118.300,
    };

    #[test]
    fn two_hundred_metres_are_near_and_more_is_far() {
        // 0.0017° is 189 m, 0.0019° is 211 m.
        assert_eq!(
            compared(Point::new(32.3017, 118.3), Some(DOOR)),
            Arrival::Near
        );
        assert_eq!(
            compared(Point::new(32.3019, 118.3), Some(DOOR)),
            Arrival::Far
        );
        // At 32.3° north a degree of longitude is 94.0 km: 0.0021° is 197 m, 0.0022° is 207 m.
        assert_eq!(
            compared(Point::new(32.3, 118.3021), Some(DOOR)),
            Arrival::Near
        );
        assert_eq!(
            compared(Point::new(32.3, 118.3022), Some(DOOR)),
            Arrival::Far
        );
    }

    #[test]
    fn nothing_is_known_where_either_is_silent() {
        assert_eq!(compared(None, Some(DOOR)), Arrival::Unknown);
        assert_eq!(compared(Some(DOOR), None), Arrival::Unknown);
    }

    #[test]
    fn no_log_shows_where_somebody_stands() {
        assert_eq!(format!("{DOOR:?}"), "Point(…)");
    }
}
