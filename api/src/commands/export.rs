//! `nuanlin export`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use uuid::Uuid;

use super::{Workplace, behalf};
use crate::config::Storage;
use crate::coverage::rules::Month;
use crate::db::Limits;
use crate::error::{Code, Error, Result};
use crate::exports::rounds::List;
use crate::exports::service::{self, Kind, OfMonth, OfRound, Wanted};
use crate::ids::{self, Id};

/// `nuanlin export monthly-report|missed|service-records --area CODE --month 2026-03 --as PHONE FILE`, and
/// `nuanlin export round-register|round-unresolved|round-deceased --round ID --as PHONE FILE`.
#[derive(Debug, Args)]
pub struct Export {
    /// What to export.
    #[arg(value_enum)]
    kind: ExportKind,
    /// The area's code, for what is of a month.
    #[arg(long, value_name = "CODE", required_unless_present = "round")]
    area: Option<String>,
    /// The month, like 2026-03.
    #[arg(long, required_unless_present = "round")]
    month: Option<String>,
    /// The round's id as the API tells it, for the lists of a round.
    #[arg(long, value_name = "ID", conflicts_with_all = ["area", "month"])]
    round: Option<String>,
    /// The phone number of the account on whose behalf: what it may not see is masked, and the audit names it.
    #[arg(long = "as", value_name = "PHONE")]
    on_behalf: String,
    /// The new file.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    storage: Storage,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ExportKind {
    /// The monthly report.
    MonthlyReport,
    /// Whom the month missed.
    Missed,
    /// What volunteers did.
    ServiceRecords,
    /// Everybody on a round's roster.
    RoundRegister,
    /// Who of a round is unresolved.
    RoundUnresolved,
    /// Whose death a round confirmed.
    RoundDeceased,
}

impl Export {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let place =
            Workplace::open(&self.storage, self.storage.command_keys()?, Limits::COMMAND).await?;
        let area = match &self.area {
            Some(code) => behalf::area(&place, code).await?,
            None => None,
        };
        let wanted = self.wanted(area)?;
        let cx = behalf::request_of(place, &self.on_behalf, "nuanlin export").await?;
        let file = service::make(&cx, wanted).await?;
        std::fs::write(&self.file, file.bytes).map_err(|error| {
            Error::internal(format!("cannot write {}: {error}", self.file.display()))
        })?;
        println!("{}", self.file.display());
        cx.app.db.clone().close().await;
        Ok(ExitCode::SUCCESS)
    }

    /// What is to be made; a round has lists of its own.
    fn wanted(&self, area: Option<Uuid>) -> Result<Wanted> {
        let month = |kind| {
            Ok(Wanted::Month(OfMonth {
                kind,
                area: area.ok_or_else(|| Error::refused(Code::NotFound).on("area"))?,
                first: Month::parse(self.month.as_deref().unwrap_or_default(), "month")?.first,
            }))
        };
        let round = |list| {
            let id = self.round.as_deref().unwrap_or_default();
            let round = Id::<ids::CertificationRound>::parse(id, "round")?.uuid();
            Ok(Wanted::Round(OfRound { list, round }))
        };
        match self.kind {
            ExportKind::MonthlyReport => month(Kind::MonthlyReport),
            ExportKind::Missed => month(Kind::Missed),
            ExportKind::ServiceRecords => month(Kind::ServiceRecords),
            ExportKind::RoundRegister => round(List::Register),
            ExportKind::RoundUnresolved => round(List::Unresolved),
            ExportKind::RoundDeceased => round(List::Deceased),
        }
    }
}
