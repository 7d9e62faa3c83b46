//! Beneficiaries 优抚对象: whom the veterans' station certifies every year.
//!
//! That somebody is one is sensitive, whatever else is known of them: only `BENEFICIARY_READ` in scope
//! tells it. No field, filter, order or count of residents or households looks at these rows, and no
//! statement of another slice joins them: whoever lacks the permission gets the same answers from the same
//! statements. The station reads names and phones here and not from residents, of whom it learns only who
//! may be the same person ([`matching`]).
//!
//! Who is registered in an area is that area's to answer for, wherever they live. The station there adds,
//! edits, ends, reinstates and matches them (`BENEFICIARY_EDIT`); nobody else reads them. An end that a confirmed check
//! wrote is taken back by whoever could confirm it.
//!
//! A roster comes as a file ([`imports::beneficiaries`](crate::imports::beneficiaries)): whose ID number and name
//! are a resident's is matched by it; whom a resident may be is listed until a person decides.
//!
//! Where to go next: [`edit`] and [`changes`] for what is written, [`matching`] for the resident that somebody
//! is, [`reads`] for lists; their yearly certification is in [`certifications`](crate::certifications).

pub mod changes;
pub mod edit;
pub mod graphql;
pub mod matching;
pub mod mutations;
pub mod probes;
pub mod queries;
pub mod reads;
pub mod rules;
