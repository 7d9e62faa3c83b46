//! `nuanlin migrate`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::config::Storage;
use crate::db::{self, SchemaState};
use crate::error::Result;

/// `nuanlin migrate up|down|status`.
#[derive(Debug, Args)]
pub struct Migrate {
    #[command(subcommand)]
    direction: Direction,
}

#[derive(Debug, Subcommand)]
enum Direction {
    /// Applies every migration that is missing.
    Up {
        #[command(flatten)]
        storage: Storage,
    },
    /// Takes the last migrations back. What they had added is lost.
    Down {
        #[command(flatten)]
        storage: Storage,
        /// How many.
        #[arg(long, default_value_t = 1, value_name = "MIGRATIONS")]
        steps: u32,
    },
    /// Says which migrations are missing; exits with 1 unless the schema is current.
    Status {
        #[command(flatten)]
        storage: Storage,
    },
}

impl Migrate {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        match self.direction {
            Direction::Up { storage } => {
                let applied = db::migrate_up(storage.direct()?).await?;
                for name in &applied {
                    println!("applied {name}");
                }
                println!("the schema is current");
                Ok(ExitCode::SUCCESS)
            }
            Direction::Down { storage, steps } => {
                let taken = db::migrate_down(storage.direct()?, steps).await?;
                println!("took back {taken} migrations");
                Ok(ExitCode::SUCCESS)
            }
            Direction::Status { storage } => {
                Ok(status(&db::schema_state(storage.direct()?).await?))
            }
        }
    }
}

fn status(state: &SchemaState) -> ExitCode {
    let (word, names) = match state {
        SchemaState::Current => {
            println!("the schema is current");
            return ExitCode::SUCCESS;
        }
        SchemaState::Behind(names) => ("missing", names),
        SchemaState::Ahead(names) => ("unknown to this program", names),
    };
    for name in names {
        println!("{word}: {name}");
    }
    ExitCode::FAILURE
}
