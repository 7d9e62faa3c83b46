//! Boards: what becomes of wishes, in numbers 微心愿看板.
//!
//! A board counts the wishes that were written down on some days in an area, each once: by the area right below, by
//! category, by the age of who asks and, of open ones, by how long they have waited; every breakdown adds up to the
//! whole. Beside it stands what partners made of the bookings of these days. Needs `WISH_BOARD_READ`; nobody is
//! named but partners.
//!
//! The public board is for the community's screen: of it nothing can be told about anybody, since what is told of
//! fewer than five wishes is told together with others or not at all.

pub mod graphql;
pub mod queries;
pub mod rules;
pub mod service;
