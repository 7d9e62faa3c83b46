//! Coverage: whom the month's visits reached, and by name whom they did not.
//!
//! Two figures, never mixed:
//!
//! - **Monthly contact rate** 月探访率: of all people with a circumstance who were enrolled on a day of
//!   the month, who was contacted in it.
//! - **Plan completion** 计划完成率: of all people whose planned window ended in the month, who was
//!   contacted within every one of them that was not called off.
//!
//! In each: roster = contacted + excluded (with the reason) + missed (by name), always. A contact is a
//! report (waiting to be verified or verified) that the person was seen or spoken to, of a kind and by
//! a method that their care rule counts; the day on which it happened decides, not the day on which it
//! was told. Who was not contacted is excluded if on the last day of the month (or today) they were
//! dead, no longer enrolled or resting from visits; else they were missed. A person belongs to where
//! they lived on that day, whatever happened since.
//!
//! Closing a month keeps figures and names as they stood. What becomes known later makes another
//! version, never a silent change.
//!
//! Who: leads, secretaries and staff read within their areas, names included; supervisors read figures
//! only. Community staff close the months of their community.
//!
//! Where to go next: [`people`] for everybody of a month, `statement` for the one statement behind both
//! figures, [`close`] and [`versions`] for closed months.

mod authors;
pub mod close;
pub mod counting;
pub mod graphql;
pub mod missed;
pub mod mutations;
pub mod people;
pub mod queries;
pub mod rules;
pub mod service;
mod statement;
pub mod versions;
