//! `nuanlin import`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::Workplace;
use crate::config::Storage;
use crate::db::Limits;
use crate::error::{Error, Result};
use crate::imports::command;
use crate::imports::merge::Options;

/// `nuanlin import areas|residents|accounts FILE`.
#[derive(Debug, Args)]
pub struct Import {
    /// What the spreadsheet holds.
    #[arg(value_enum)]
    kind: Kind,
    /// The spreadsheet.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only says what would be done.
    #[arg(long)]
    dry_run: bool,
    /// Prints what was done as JSON.
    #[arg(long)]
    json: bool,
    /// Imports nothing if any row is refused.
    #[arg(long)]
    all_or_nothing: bool,
    /// Writes the first-sign-in codes of new accounts to this new file, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    codes: Option<PathBuf>,
    #[command(flatten)]
    storage: Storage,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// The area tree.
    Areas,
    /// Residents, their households, care enrolments and emergency contacts.
    Residents,
    /// Accounts and the roles granted to them.
    Accounts,
}

