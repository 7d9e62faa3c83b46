//! What visits find that ends or suspends the need for more.

mod races;
pub mod story;
