//! `nuanlin account`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use chrono::{DateTime, NaiveDate, Utc};
use clap::{Args, Subcommand};
use entity::enums::Role;
use sea_orm::ActiveEnum as _;

use super::Workplace;
use crate::accounts::commands::{self, Operator, Place};
use crate::clock::{SHANGHAI, end_of};
use crate::config::Storage;
use crate::db::Limits;
use crate::error::Result;

/// `nuanlin account add|code|grant|revoke|list`.
#[derive(Debug, Args)]
pub struct Account {
    #[command(flatten)]
    storage: Storage,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Adds an account with a role and prints its first-sign-in code.
    Add {
        /// The person's name.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        grant: GrantArgs,
        /// Writes the code to this new file instead, readable by its owner only.
        #[arg(long, value_name = "FILE")]
        codes: Option<PathBuf>,
    },
    /// Issues a new first-sign-in code in place of the password; every session ends.
    Code {
        /// The mobile number.
        #[arg(long)]
        phone: String,
        /// Writes the code to this new file instead, readable by its owner only.
        #[arg(long, value_name = "FILE")]
        codes: Option<PathBuf>,
    },
    /// Grants a role, or changes the end of a grant that stands.
    Grant {
        #[command(flatten)]
        grant: GrantArgs,
    },
    /// Takes a role back.
    Revoke {
        /// The mobile number.
        #[arg(long)]
        phone: String,
        /// The role, e.g. VOLUNTEER.
        #[arg(long, value_parser = role)]
        role: Role,
        /// The area's code.
        #[arg(long, value_name = "CODE")]
        area: String,
    },
    /// Lists accounts with the roles they hold; phone numbers are masked.
    List,
}

/// Whom to grant which role, where, until when.
#[derive(Debug, Args)]
struct GrantArgs {
    /// The mobile number.
    #[arg(long)]
    phone: String,
    /// `VOLUNTEER`, `CENTER_HOUSEHOLD`, `GRID_LEAD`, `COMPOUND_SECRETARY`, `COMMUNITY_STAFF`,
    /// `VETERANS_STAFF`, `PARTNER`, `SUPERVISOR` or `ADMIN`.
    #[arg(long, value_parser = role)]
    role: Role,
    /// The area's code, e.g. 341102006003.02.07.
    #[arg(long, value_name = "CODE")]
    area: String,
    /// The last day of the grant; without end where absent.
    #[arg(long, value_name = "YYYY-MM-DD")]
    valid_until: Option<NaiveDate>,
}

impl GrantArgs {
    fn place(&self) -> Place<'_> {
        Place {
            role: self.role,
            area_code: &self.area,
            valid_until: self.valid_until.map(|day| end_of(day, SHANGHAI)),
        }
    }
}

impl Account {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let place =
            Workplace::open(&self.storage, self.storage.command_keys()?, Limits::COMMAND).await?;
        let operator = Operator {
            db: &place.db,
            keys: &place.keys,
            clock: &place.clock,
        };
        match self.action {
            Action::Add { name, grant, codes } => {
                let (sheet, place) = (codes.as_deref(), grant.place());
                let (_, code) = commands::add(operator, &name, &grant.phone, place, sheet).await?;
                say(&code, sheet);
            }
            Action::Code { phone, codes } => {
                let code = commands::issue_code(operator, &phone, codes.as_deref()).await?;
                say(&code, codes.as_deref());
            }
            Action::Grant { grant } => {
                commands::grant(operator, &grant.phone, grant.place()).await?;
                println!("granted");
            }
            Action::Revoke { phone, role, area } => {
                commands::revoke(operator, &phone, role, &area).await?;
                println!("revoked");
            }
            Action::List => list(&commands::list(operator).await?),
        }
        place.db.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Says the code once, or where it stands: only a hash of it is kept.
fn say(code: &str, sheet: Option<&Path>) {
    match sheet {
        Some(path) => println!("the first-sign-in code is in {}", path.display()),
        None => println!("first-sign-in code (14 days, once): {code}"),
    }
}

fn list(accounts: &[commands::Listed]) {
    for account in accounts {
        println!("{}\t{}\t{}", account.name, account.phone, account.status);
        for grant in &account.grants {
            let until = grant.valid_until.map_or_else(
                || "without end".to_owned(),
                |at| format!("until {}", local(at)),
            );
            println!("\t{}\t{}\t{until}", grant.role.to_value(), grant.area_code);
        }
    }
}

fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&SHANGHAI)
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

fn role(text: &str) -> std::result::Result<Role, String> {
    Role::try_from_value(&text.trim().to_uppercase())
        .map_err(|_| "not a role; see nuanlin account grant --help".to_owned())
}
