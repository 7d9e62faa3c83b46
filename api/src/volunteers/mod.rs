//! Volunteers 志愿者: who they are beside the account they sign in with, and what they have done.
//!
//! A record holds what 民政部令第67号 asks for: basics (the profile), service, training, awards and
//! evaluation. A volunteer here is whoever holds a role that carries out visits: leads collect hours too.
//!
//! **Service** is derived, never stored: every verified visit that the person reported counts from its
//! start to its end, whole minutes, at most four hours; a minute of two visits counts once. Besides, every
//! hand lent for a wish counts with the minutes that somebody else has verified ([`hands`]). What was
//! counted is not changed: a correction is a counter-entry with a reason.
//!
//! Who: everybody reads and edits their own profile, but not their number, insurance and date of
//! joining. `VOLUNTEER_READ` opens profiles and records of those with a standing role in one's areas,
//! `VOLUNTEER_EDIT` changes them, records trainings and awards and corrects service; nobody does the
//! last three for themselves. A mistaken training or award is annulled with a reason and stays.
//!
//! Where to go next: [`rules`] for how minutes are counted, [`people`] for who may be seen, [`service`]
//! for records and the figures of an area, [`profiles`] and [`entries`] for what is written.

pub mod entries;
pub mod graphql;
pub mod hands;
pub mod mutations;
pub mod people;
pub mod profiles;
pub mod queries;
pub mod rules;
pub mod service;
