//! Exports to .xlsx: the monthly report 月报表, whom a month missed, what volunteers did, and the lists of a
//! round of certification.
//!
//! Staff ask for a link ([`mutations`]); it is signed, names who asked and what for, and lasts five
//! minutes. Whoever opens it in time gets the file under the rights that the asker has then: masked by the
//! same rules as on a screen, noted in the audit with everybody whose data it opened. Nothing is stored.
//! `nuanlin export` makes the same files on behalf of an account.
//!
//! The numbers of a closed month are those of its last version; the sheet says which. Where to go next:
//! [`service`] for the way of a request, [`monthly`] and [`rounds`] for the sheets, [`workbook`] for how cells are kept
//! from being read as formulas.

pub mod deceased;
pub mod graphql;
pub mod monthly;
pub mod mutations;
pub mod rounds;
pub mod service;
pub mod volunteering;
pub mod workbook;
