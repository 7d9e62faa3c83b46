//! Spreadsheets that leave the house: right numbers, no more than one may see, and noted.

mod story;
