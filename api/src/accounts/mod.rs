//! Accounts: who signs in, and by which phone number.

pub mod phone;
