//! The demo community: synthetic, deterministic, and of the shape of a real one.
//!
//! It is made as rows of the importer, so that it goes the way staff's own files go. The reference
//! community 创业北路社区 is complete; of its neighbours 白云社区 and 龙池社区 there is one small
//! compound each. Which street 龙池社区 belongs to, and the codes below the district, are assumed.
//!
//! Nobody in it exists: ID numbers lie under the area code 341191, which is not assigned, phone
//! numbers in ranges that no operator uses.
//!
//! | file | what |
//! |---|---|
//! | [`mod@areas`] | the tree, its 16 + 4 grids and their buildings |
//! | [`mod@residents`] | households, elders with circumstances and tiers |
//! | [`people`] | a person: name of their generation, birth date, ID number, phone |
//! | [`mod@accounts`] | who signs in, with which roles where |

pub mod accounts;
pub mod areas;
pub mod people;
pub mod residents;

#[cfg(test)]
mod tests;

pub use accounts::{CANTEEN, DemoAccount, PASSWORD, accounts, demo_accounts};
pub use areas::{BAIYUN, LONGCHI, areas};
pub use residents::residents;

/// What the findings of a demo row would name as its sheet.
const SHEET: &str = "演示";
