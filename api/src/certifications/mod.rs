//! Veterans' annual certification 优抚对象年度审核认证: everybody on the roster is certified, nobody missed.
//!
//! ```text
//!  round   OPEN ──close (nobody unresolved)──► CLOSED        check   PENDING ──► SCHEDULED ──► CHECKED ──► CONFIRMED
//!            └───void (nothing confirmed)────► VOIDED                   ▲  └─walk-in────────────►▲ │ ▲
//!                                                                       └──absent── SCHEDULED      ▼ │
//!                                                                                   ▲───────── RETURNED
//!                                                          any unresolved state ──settle──► SETTLED
//! ```
//!
//! A round ([`rounds`]) has a year, an area and categories; its roster is frozen when it is opened: one check
//! ([`checks`]) for each beneficiary, late arrivals with a reason. A round cannot be closed while anybody is
//! unresolved, and says who; closed, it never changes: corrections are entries that point at its checks.
//!
//! | who | what | permission |
//! |---|---|---|
//! | veterans' station | opens, plans, schedules, checks | `CERTIFICATION_PLAN`, `CERTIFICATION_CHECK` |
//! | the same | sends results taken down on paper, each recorded as their check | `IMPORT`, `CERTIFICATION_CHECK` |
//! | the same | exports register, unresolved and deceased | `CERTIFICATION_PLAN` |
//! | the same, granted at the round's level of confirmation (usually the street), to settle and correct at the street, or above | returns; confirms, settles and corrects, never what they checked themselves | `CERTIFICATION_CONFIRM`, `CERTIFICATION_SETTLE` |
//! | the station of another area | makes what was handed to it, and sees nothing else ([`hand_overs`]) | `CERTIFICATION_PLAN`, `CERTIFICATION_CHECK` there |
//! | volunteers | come along to a visit at somebody's home, not told why ([`accompanying`]) | none of these |
//! | community staff, supervisors | totals per round, small ones merged ([`coverage`]) | `CERTIFICATION_COVERAGE_READ` |
//!
//! Many are certified at once at a session, or by appointment at a slot ([`sessions`]); who is
//! certified how, by whom and in which order is planned before ([`planning`]).
//!
//! What a check proposes is written on the beneficiary when it is confirmed; a confirmed death also on the
//! resident, where visits read it and nothing tells where it came from.
//!
//! Where to go next: [`rounds`] for the roster's life, [`checks`] for one person's, [`sessions`] for who comes where
//! and when, [`planning`] for who does what, [`hand_overs`] for who lives elsewhere, [`accompanying`] for who comes
//! along, [`coverage`] for figures, [`deaths`] for those whose benefits stop; who the beneficiaries are is in
//! [`beneficiaries`](crate::beneficiaries), and the evidence of a check in
//! [`attachments`](crate::attachments).

pub mod accompanying;
pub mod checks;
pub mod coverage;
pub mod deaths;
pub mod hand_overs;
pub mod planning;
pub mod rounds;
pub mod scope;
pub mod sessions;
