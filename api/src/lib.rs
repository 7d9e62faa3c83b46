//! x

pub mod accounts;
pub mod demo;
pub mod imports;
pub mod residents;
pub mod text;
