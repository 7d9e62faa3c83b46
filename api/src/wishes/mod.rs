//! Micro-wishes 微心愿: something small that a household asks for, and who does it.
//!
//! ```text
//!  wish   OPEN ──book, take──► BOOKED ──begin──► IN_PROGRESS ──fulfil──► FULFILLED ──agree, silence──► CLOSED
//!           ▲ └─last day──► EXPIRED │ └──────────────fulfil─────────────────▲  └──complaint──► OPEN
//!           └────given back─────────┴───────────◄──┘         any unfinished state: withdraw ──► WITHDRAWN
//! ```
//!
//! **Telling one.** Residents have no accounts: staff, leads and center households write a wish down where they answer
//! for the household, a volunteer while they hold a live claim on a visit there ([`record`]). Its words are read by all
//! who may take it on, so they hold no number; what else there is to know is protected. With it, or later, whoever
//! wrote it down may be told a **one-time code** of six digits to hand to the household ([`codes`]): kept as a keyed
//! hash, for 30 days, ended by five wrong tries.
//!
//! **Doing it.** A wish without a booking is a call ([`list::calls`]) to volunteers, center households and leads, and
//! to partners' people where the community opened a place to their partner (scope arm `AreaOpened`); matched to an
//! offer, of partners to that offer's alone. Whoever takes it on does it ([`hands`]); a slot may be booked for it
//! instead ([`bookings`]). Whoever is to come for sure (they have taken it on, or its booking is confirmed) sees the
//! household as the holder of a visit's claim does, until it is done; everybody else sees it masked ([`load`]). A
//! partner's people see the wishes that their partner carries out and no other by any path; whoever lends a hand
//! keeps sight of the wish whatever became of their area (scope arm `Lent`).
//!
//! **Proving it.** The code, which nobody who lends a hand was told, or a picture by one of them ([`fulfil`]). Then the
//! household has its word, entered by somebody who had no part in it ([`word`]): content, with a rating, or a
//! complaint, which makes the wish a call again. Silence agrees after seven days and is marked so ([`lapse`]). Minutes
//! count in service records once another has verified them, after that.
//!
//! **Who may**: `WISH_RECORD` tells, `WISH_EDIT` changes, matches and withdraws, `WISH_HELP` takes on and helps,
//! `WISH_WORD` enters the household's word, `WISH_VERIFY` verifies minutes, `WISH_BOARD_READ` reads [`boards`].
//!
//! Every act on one wish goes through [`step`]: slot, booking, wish and hands are held in this order, its booking
//! follows first. Wishes follow their households ([`homes`]).
//!
//! Where to go next: [`rules`] for the life, [`step`] for how one act runs, [`hands`] for who does it.

pub mod boards;
pub mod bookings;
pub mod codes;
pub mod edit;
pub mod fulfil;
pub mod graphql;
pub mod hands;
pub mod homes;
pub mod lapse;
pub mod list;
pub mod load;
pub mod moves;
pub mod mutations;
pub mod queries;
pub mod record;
pub mod rules;
pub mod scope;
pub mod step;
pub mod who;
pub mod word;
