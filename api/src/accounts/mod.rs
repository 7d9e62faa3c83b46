//! Accounts 账号: who signs in, on which devices, and what they are granted where.
//!
//! ```text
//!   added by a lead, staff, an import or a command
//!        │  one-time code, 8 digits, 14 days, 5 tries
//!        ▼
//!   activated: phone and password ──► a session per device ──► access tokens of 15 minutes
//!        │                               │ refresh token: used once, 30 days
//!        │ reset: a new code             │ used again after 20 s: the session ends
//!        ▼                               ▼
//!   no password, no session           SESSION_ENDED: sign in again
//! ```
//!
//! Residents have no accounts. A grant 授权 is a role at an area from one instant to another; nobody
//! grants above their own role or outside their subtree, and the last administrator stays. A change of
//! grants or sessions makes access tokens stale at once, on every server.
//!
//! Who: everybody sees themselves by `viewer`, which also tells those without a live grant which one
//! ended when. `ACCOUNT_READ` shows the accounts with a role in one's areas, `ACCOUNT_MANAGE` adds,
//! grants, resets and disables there; to reset takes a higher role, since whoever gets the code signs in
//! as them. The operator does the same by [`commands`].
//!
//! Where to go next: [`sign_in`], [`refresh`] and [`activation`] for tokens, [`grants`] for who may
//! give what, [`rules`] for the numbers.

pub mod activation;
pub mod attempts;
pub mod authority;
pub mod codes;
pub mod commands;
pub mod grants;
pub mod graphql;
pub mod list;
pub mod manage;
pub mod mutations;
pub mod passwords;
pub mod phone;
pub mod queries;
pub mod refresh;
pub mod rules;
pub mod sessions;
pub mod sign_in;
