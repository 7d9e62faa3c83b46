//! x

pub mod accounts;
pub mod imports;
pub mod residents;
pub mod text;
