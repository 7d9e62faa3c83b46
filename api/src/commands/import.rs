//! `nuanlin import`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::Workplace;
use crate::config::Storage;
use crate::db::Limits;
use crate::error::{Error, Result};
use crate::imports::command::{self, Failure};
use crate::imports::merge::Options;

/// `nuanlin import areas|residents|accounts|beneficiaries FILE`.
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
    /// Imports nothing if any row is refused. Everything is then merged in one transaction, which for a
    /// long roster takes seconds in which others wait to write.
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
    /// Beneficiaries, matched with residents where that is certain.
    Beneficiaries,
}

impl From<Kind> for command::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Areas => Self::Areas,
            Kind::Residents => Self::Residents,
            Kind::Accounts => Self::Accounts,
            Kind::Beneficiaries => Self::Beneficiaries,
        }
    }
}

impl Import {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let bytes = std::fs::read(&self.file).map_err(|error| {
            Error::internal(format!("cannot read {}: {error}", self.file.display()))
        })?;
        let place =
            Workplace::open(&self.storage, self.storage.command_keys()?, Limits::COMMAND).await?;
        let options = Options {
            dry_run: self.dry_run,
            all_or_nothing: self.all_or_nothing,
            source: self
                .file
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            codes: self.codes,
            staff: None,
        };
        let kind = command::Kind::from(self.kind);
        let tools = (&place.db, &place.keys, &place.clock);
        let report = match command::run(tools, kind, &bytes, options).await {
            Ok(report) => report,
            Err(Failure::Server(error)) => return Err(error),
            Err(failure @ Failure::File(_)) => return Err(Error::internal(failure.to_string())),
        };
        if self.json {
            let text =
                serde_json::to_string(&report).map_err(|error| Error::Internal(error.into()))?;
            println!("{text}");
        } else {
            print!("{}", command::summary(&report, kind, self.dry_run));
        }
        place.db.close().await;
        Ok(ExitCode::from(command::exit_code(&report)))
    }
}
