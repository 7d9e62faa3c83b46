//! `nuanlin import`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{Workplace, behalf};
use crate::config::Storage;
use crate::db::Limits;
use crate::error::{Code, Error, Result};
use crate::imports::command::{self, Failure};
use crate::imports::merge::{Options, Report};
use crate::imports::upload;

/// `nuanlin import areas|residents|accounts|beneficiaries FILE`, and
/// `nuanlin import partners --area CODE --as PHONE FILE`.
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
    /// The code of the area that takes partners on.
    #[arg(long, value_name = "CODE", required_if_eq("kind", "partners"))]
    area: Option<String>,
    /// The phone number of the account in whose name partners are taken on.
    #[arg(long = "as", value_name = "PHONE", required_if_eq("kind", "partners"))]
    on_behalf: Option<String>,
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
    /// Partners and what they offer, as drafts.
    Partners,
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
            codes: self.codes.clone(),
            staff: None,
        };
        let kind = match self.kind {
            Kind::Areas => Some(command::Kind::Areas),
            Kind::Residents => Some(command::Kind::Residents),
            Kind::Accounts => Some(command::Kind::Accounts),
            Kind::Beneficiaries => Some(command::Kind::Beneficiaries),
            Kind::Partners => None,
        };
        let done = match kind {
            Some(kind) => {
                let tools = (&place.db, &place.keys, &place.clock);
                let done = command::run(tools, kind, &bytes, options).await;
                place.db.close().await;
                done
            }
            None => self.partners(place, &bytes, options).await,
        };
        let report = match done {
            Ok(report) => report,
            Err(Failure::Server(error)) => return Err(error),
            Err(failure @ Failure::File(_)) => return Err(Error::internal(failure.to_string())),
        };
        if self.json {
            let text =
                serde_json::to_string(&report).map_err(|error| Error::Internal(error.into()))?;
            println!("{text}");
        } else {
            let unit = kind.map_or("项服务", command::Kind::unit);
            print!("{}", command::told(&report, unit, self.dry_run));
        }
        Ok(ExitCode::from(command::exit_code(&report)))
    }

    /// Takes partners on in somebody's name, who may.
    async fn partners(
        &self,
        place: Workplace,
        bytes: &[u8],
        options: Options,
    ) -> Result<Report, Failure> {
        let code = self.area.as_deref().unwrap_or_default();
        let area = behalf::area(&place, code).await?;
        let area = area.ok_or_else(|| Error::refused(Code::NotFound).on("area"))?;
        let phone = self.on_behalf.as_deref().unwrap_or_default();
        let cx = behalf::request_of(place, phone, "nuanlin import").await?;
        let report = upload::partners_of(&cx, area, bytes, options).await?;
        cx.app.db.clone().close().await;
        Ok(report)
    }
}
