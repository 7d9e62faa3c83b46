//! Hands: who carries a wish out 承办, and who helps 协助.
//!
//! ```text
//!  JOINED ──fulfilled──► SERVED ──verify──► VERIFIED: the minutes stand in their service record
//!     └──gives back, did not come──► LEFT ◄──complaint──┘
//! ```
//!
//! A wish without a booking is a call: somebody takes it on whole and is its doer ([`take`]). Where a slot is
//! booked, its partner does it, by its own people or by a volunteer who joins as doer; volunteers join as helpers as
//! far as the wish or the offer has places for them. Whoever joins holds the wish's row, so that the last place is
//! given once; a unique index holds one doer. Nobody joins at a time that they have promised elsewhere
//! ([`crate::promised`]).
//!
//! Minutes are said by who fulfils the wish and count once somebody else has verified them ([`verify`]), after the
//! household has agreed or was silent: never more than the time there was.

pub mod follow;
pub mod join;
pub mod leave;
pub mod mutations;
pub mod rules;
pub mod take;
pub mod verify;
