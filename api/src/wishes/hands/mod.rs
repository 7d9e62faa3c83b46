//! Hands: who carries a wish out, and who helps.

pub mod follow;
