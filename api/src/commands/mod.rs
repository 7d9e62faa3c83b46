//! The commands of the binary: each is a thin caller of what the library does.
//!
//! Exit codes: 0 done, 1 it failed, 2 the command line was wrong, 3 an import was held back because
//! rows were refused.

pub mod account;
mod behalf;
pub mod demo;
mod demo_beneficiaries;
mod demo_meals;
mod demo_partner;
mod demo_visits;
pub mod export;
pub mod generate;
pub mod import;
pub mod migrate;
pub mod serve;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser, Subcommand};

use crate::access::keyring;
use crate::access::keys::{KeyFolder, Keys};
use crate::clock::Clock;
use crate::config::{Storage, check_environment};
use crate::db::{Db, Limits, SchemaState, newer, schema_state};
use crate::error::{Error, Result};

/// Nuanlin 暖邻: the backend of a community's volunteers, elders and staff.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves a made-up community from a folder of its own: to try, to develop, to show.
    Demo(demo::Demo),
    /// Fills an empty database with a made-up community or city, to measure with.
    Generate(generate::Generate),
    /// Serves the app.
    Serve(serve::Serve),
    /// Brings the database's schema up to date, takes it back, or says where it stands.
    Migrate(migrate::Migrate),
    /// Prints the GraphQL schema.
    Schema,
    /// Loads a spreadsheet: .xlsx, or .csv in UTF-8 or GB18030.
    Import(import::Import),
    /// Writes a month's report, whom it missed or what volunteers did to an .xlsx file.
    Export(export::Export),
    /// Adds accounts, hands out first-sign-in codes, grants and revokes roles.
    Account(account::Account),
    /// Makes the secret keys for a deployment in an empty folder.
    Keys {
        /// Where.
        #[arg(value_name = "DIR")]
        folder: std::path::PathBuf,
    },
}

/// Runs the command that the arguments name.
pub async fn run() -> ExitCode {
    let cli = Cli::parse();
    let result = match check_environment(&known_variables()) {
        Ok(()) => cli.command.run().await,
        Err(error) => Err(error),
    };
    result.unwrap_or_else(|error| {
        eprintln!("nuanlin: {}", explain(&error));
        ExitCode::FAILURE
    })
}

impl Command {
    async fn run(self) -> Result<ExitCode> {
        match self {
            Self::Demo(demo) => demo.run().await,
            Self::Generate(generate) => generate.run().await,
            Self::Serve(serve) => serve.run().await,
            Self::Migrate(migrate) => migrate.run().await,
            Self::Schema => {
                print!("{}", crate::schema::sdl());
                Ok(ExitCode::SUCCESS)
            }
            Self::Import(import) => import.run().await,
            Self::Export(export) => export.run().await,
            Self::Account(account) => account.run().await,
            Self::Keys { folder } => {
                Keys::load(&folder, true)?;
                println!(
                    "the keys are in {}; keep a copy where the data is not",
                    folder.display()
                );
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

/// What an operator reads of an error.
fn explain(error: &Error) -> String {
    match error {
        Error::Refused(refusal) => format!(
            "{} ({})",
            refusal.code.message(crate::error::Language::Chinese),
            refusal.code.message(crate::error::Language::English)
        ),
        Error::Internal(source) => source.to_string(),
        other => other.to_string(),
    }
}

/// The variables that some command understands.
fn known_variables() -> Vec<String> {
    fn collect(command: &clap::Command, known: &mut Vec<String>) {
        known.extend(
            command
                .get_arguments()
                .filter_map(|argument| argument.get_env()?.to_str().map(ToOwned::to_owned)),
        );
        for sub in command.get_subcommands() {
            collect(sub, known);
        }
    }
    let mut known = vec!["NUANLIN_LOG".to_owned()];
    collect(&Cli::command(), &mut known);
    known
}

/// What a command that works on the data needs: the database, migrated, and the keys it was made with.
pub(crate) struct Workplace {
    /// The database.
    pub db: Db,
    /// The keys.
    pub keys: Keys,
    /// The system's clock.
    pub clock: Clock,
}

impl Workplace {
    /// Opens the database with its keys, refusing a schema that is not this program's.
    pub async fn open(storage: &Storage, keys: KeyFolder, limits: Limits) -> Result<Self> {
        match schema_state(storage.direct()?).await? {
            SchemaState::Current => {}
            SchemaState::Behind(missing) => {
                return Err(Error::internal(format!(
                    "the database lacks {} migrations; run: nuanlin migrate up",
                    missing.len()
                )));
            }
            SchemaState::Ahead(unknown) => return Err(newer(&unknown)),
        }
        let url = if limits.through_pooler {
            &storage.database_url
        } else {
            storage.direct()?
        };
        let db = Db::open(url, limits).await?;
        let keys = keyring::open(&db, &keys).await?;
        Ok(Self {
            db,
            keys,
            clock: Clock::system(),
        })
    }
}
