//! Duty 值班: who answers for an area now, who is away, and who stands in 代班.
//!
//! Everybody who works at an area's desk answers for it (`DESK_READ`, granted at that very area), unless
//! shifts are planned for it: then those whose turn it is. Whoever is away is replaced by who stands in for
//! them, and otherwise left out; so is a disabled account. Everybody records their own absence; leads and
//! staff (`DUTY_EDIT`) those of their people, and plan shifts.
//!
//! A volunteer who is away loses nothing: their claims lie on the desk as stranded, to be reassigned.
//! Where to go next: [`roster`] for who is on duty, [`absences`] and [`shifts`] for what changes it.

pub mod absences;
pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod reads;
pub mod roster;
pub mod rules;
pub mod shifts;
