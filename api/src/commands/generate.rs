//! `nuanlin generate`: a made-up city, to measure with.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use super::Workplace;
use crate::config::Storage;
use crate::db::{self, Limits};
use crate::error::Result;
use crate::generate::{PASSWORD, STORM, Size, generate, phone_of};

/// `nuanlin generate`.
#[derive(Debug, Args)]
pub struct Generate {
    #[command(flatten)]
    storage: Storage,

    /// How much: a community, or a district of 63.
    #[arg(long, value_enum, default_value = "s", value_name = "SIZE")]
    size: Size,
}

impl Generate {
    /// Runs the command.
    pub async fn run(self) -> Result<ExitCode> {
        let began = Instant::now();
        db::migrate_up(self.storage.direct()?).await?;
        let keys = self.storage.command_keys()?;
        let place = Workplace::open(&self.storage, keys, Limits::COMMAND).await?;
        let progress = |done: u32, all: u32| {
            if done == all || done.is_multiple_of(all.div_ceil(20)) {
                let seconds = began.elapsed().as_secs();
                eprintln!("{done} of {all} grids, {seconds} s");
            }
        };
        generate((&place.db, &place.keys, &place.clock), self.size, progress).await?;
        println!("everybody's password is {PASSWORD}");
        for (number, who) in [
            (0, "staff of the district"),
            (1, "supervisor of the district"),
            (2, "veterans' station of the district"),
            (4, "staff of the first community"),
            (5, "lead of its first grid"),
            (6, "a volunteer of that grid"),
        ] {
            println!("{}  {who}", phone_of(number));
        }
        println!("and {STORM} volunteers of the first community, the last phone numbers");
        Ok(ExitCode::SUCCESS)
    }
}
