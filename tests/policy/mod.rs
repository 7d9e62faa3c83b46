//! Who gets what: the roles' permissions, every field by every kind of person, and scopes by brute
//! force. The text files beside are for people who answer for the community, not only for programmers.

mod booked;
mod cases;
pub mod cast;
pub mod certified;
mod duty;
mod forest;
mod matrix;
mod meals;
mod offered;
mod oracle;
mod permissions;
mod plant;
pub mod rows;
mod sql;
mod table;
mod wishes;
