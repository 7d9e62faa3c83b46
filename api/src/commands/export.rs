//! `nuanlin export`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use entity::{account, area};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::Workplace;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::config::{Settings, Storage};
use crate::context::{App, Cx};
use crate::coverage::rules::Month;
use crate::db::{Handle as _, Limits};
use crate::error::{Code, Error, Language, Result};
use crate::exports::service::{self, Kind, Wanted};

const REASON: &str = "the operator names an account and an area; the account's own rights decide";

/// `nuanlin export monthly-report|missed|service-records --area CODE --month 2026-03 --as PHONE FILE`.
#[derive(Debug, Args)]
pub struct Export {
    /// What to export.
    #[arg(value_enum)]
    kind: ExportKind,
    /// The area's code.
    #[arg(long, value_name = "CODE")]
    area: String,
    /// The month, like 2026-03.
    #[arg(long)]
    month: String,
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
}

impl From<ExportKind> for Kind {
    fn from(kind: ExportKind) -> Self {
        match kind {
            ExportKind::MonthlyReport => Self::MonthlyReport,
            ExportKind::Missed => Self::Missed,
            ExportKind::ServiceRecords => Self::ServiceRecords,
        }
    }
}

impl Export {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let month = Month::parse(&self.month, "month")?;
        let number = Phone::mobile(&self.on_behalf)
            .ok_or_else(|| Error::refused(Code::PhoneInvalid).on("as"))?;
        let place =
            Workplace::open(&self.storage, self.storage.command_keys()?, Limits::COMMAND).await?;
        let hash = sealed::hash(&place.keys, Field::Phone, number.as_str());
        let connection = place.db.unscoped(REASON);
        let not_found = |field| Error::refused(Code::NotFound).on(field);
        let account = account::Entity::find()
            .filter(account::Column::PhoneHash.eq(hash))
            .one(&connection)
            .await?
            .ok_or_else(|| not_found("as"))?;
        let area = area::Entity::find()
            .filter(area::Column::Code.eq(self.area.as_str()))
            .one(&connection)
            .await?
            .ok_or_else(|| not_found("area"))?;
        let app = App::open(place.db, place.clock, place.keys, Settings::default()).await?;
        let app = Arc::new(app);
        let actor = app
            .sessions
            .recall(&app.db, &app.clock, (account.id, None))
            .await?;
        let request: Arc<str> = "nuanlin export".into();
        let cx = Cx::new(
            Arc::clone(&app),
            Some(Arc::new(actor)),
            Language::Chinese,
            request,
        );
        let wanted = Wanted {
            kind: self.kind.into(),
            area: area.id,
            first: month.first,
        };
        let file = service::make(&cx, wanted).await?;
        std::fs::write(&self.file, file.bytes).map_err(|error| {
            Error::internal(format!("cannot write {}: {error}", self.file.display()))
        })?;
        println!("{}", self.file.display());
        app.db.clone().close().await;
        Ok(ExitCode::SUCCESS)
    }
}
