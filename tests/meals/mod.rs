//! Meals: lists, the batches made of them, and the round from door to door.

mod claims;
mod kitchen;
mod made;
mod rests;
mod story;
