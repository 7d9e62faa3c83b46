//! Settings, from flags and the environment; every one has a default and a unit.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args};

use crate::access::keys::KeyFolder;
use crate::attachments::store::Store;
use crate::db::Limits;
use crate::error::{Error, Result};

/// Limits that a community sets and use cases ask.
#[derive(Clone, Debug, Args)]
pub struct Settings {
    /// How many live claims a person may hold at once.
    #[arg(
        long,
        env = "NUANLIN_CLAIM_LIMIT",
        default_value_t = 5,
        value_name = "CLAIMS"
    )]
    pub claim_limit: u32,
    /// How many visits a person may claim in a day, counted in Shanghai.
    #[arg(
        long,
        env = "NUANLIN_CLAIMS_A_DAY",
        default_value_t = 20,
        value_name = "CLAIMS"
    )]
    pub claims_a_day: u32,
    /// For how many hours a new visit in a building with a center household is that household's to claim;
    /// 0 lets everybody claim at once.
    #[arg(
        long,
        env = "NUANLIN_CENTER_FIRST_HOURS",
        default_value_t = 0,
        value_name = "HOURS"
    )]
    pub center_first_hours: u32,
    /// How many hours before an appointment a claim can last be given back.
    #[arg(
        long,
        env = "NUANLIN_RELEASE_CUTOFF_HOURS",
        default_value_t = 2,
        value_name = "HOURS"
    )]
    pub release_cutoff_hours: u32,
    /// From which hour of the evening nobody is told of anything but alarms, in the area's time.
    #[arg(
        long,
        env = "NUANLIN_QUIET_FROM_HOUR",
        default_value_t = 21,
        value_name = "HOUR",
        value_parser = clap::value_parser!(u32).range(0..=23)
    )]
    pub quiet_from_hour: u32,
    /// Until which hour of the morning, at most 12 hours later; the same hour as the evening's means never.
    #[arg(
        long,
        env = "NUANLIN_QUIET_UNTIL_HOUR",
        default_value_t = 7,
        value_name = "HOUR",
        value_parser = clap::value_parser!(u32).range(0..=23)
    )]
    pub quiet_until_hour: u32,
}

impl Settings {
    /// Refuses settings that fit into no day.
    pub fn check(&self) -> Result<()> {
        let quiet = (self.quiet_until_hour + 24 - self.quiet_from_hour) % 24;
        if quiet > 12 {
            return Err(Error::internal(
                "quiet hours last 12 hours at most: see NUANLIN_QUIET_FROM_HOUR and NUANLIN_QUIET_UNTIL_HOUR",
            ));
        }
        Ok(())
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            claim_limit: 5,
            claims_a_day: 20,
            center_first_hours: 0,
            release_cutoff_hours: 2,
            quiet_from_hour: 21,
            quiet_until_hour: 7,
        }
    }
}

/// Where the data is, for every command.
#[derive(Clone, Debug, Args)]
pub struct Storage {
    /// The database: `sqlite:///absolute/path.db` (made when missing) or `postgres://user@host/name`.
    #[arg(
        long,
        env = "DATABASE_URL",
        default_value = "sqlite://nuanlin-data/nuanlin.db",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_url: String,

    /// The same PostgreSQL database, asked directly, where `DATABASE_URL` names a connection pooler before it:
    /// migrations and all commands but `serve` use it. The role's settings hold for what goes through the pooler.
    #[arg(
        long,
        env = "NUANLIN_DIRECT_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub direct_url: Option<String>,

    /// The folder of the secret keys. On SQLite: `keys` beside the database, made for a new database.
    #[arg(long, env = "NUANLIN_KEYS_DIR", value_name = "DIR")]
    pub keys_dir: Option<PathBuf>,

    /// Where files are kept, sealed: a folder, or `s3://BUCKET/PREFIX` with credentials, region and
    /// endpoint in the `AWS_*` variables. On SQLite: `attachments` beside the database.
    #[arg(
        long,
        env = "NUANLIN_STORE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub store_url: Option<String>,
}

/// How a server is reached and what it allows.
#[derive(Clone, Debug, Args)]
pub struct Serving {
    /// The address phones reach, for a TLS proxy to stand in front of.
    #[arg(
        long,
        env = "NUANLIN_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "ADDR"
    )]
    pub listen: SocketAddr,

    /// The address of metrics and of readiness in detail: never reachable from outside.
    #[arg(
        long,
        env = "NUANLIN_ADMIN_LISTEN",
        default_value = "127.0.0.1:9090",
        value_name = "ADDR"
    )]
    pub admin_listen: SocketAddr,

    /// Database connections: readers on SQLite, all on PostgreSQL.
    #[arg(
        long,
        env = "NUANLIN_CONNECTIONS",
        default_value_t = 8,
        value_name = "CONNECTIONS"
    )]
    pub connections: u32,

    /// Seconds after which an operation is given up.
    #[arg(
        long,
        env = "NUANLIN_TIMEOUT_SECONDS",
        default_value_t = 10,
        value_name = "SECONDS"
    )]
    pub timeout_seconds: u64,

    /// Operations that run at once; more wait for a moment, and then are answered 503.
    #[arg(
        long,
        env = "NUANLIN_PLACES",
        default_value_t = 64,
        value_name = "OPERATIONS",
        value_parser = clap::value_parser!(u32).range(1..=4096)
    )]
    pub places: u32,

    /// Serves the explorer page at / and lets the schema be asked; for development.
    #[arg(long, env = "NUANLIN_EXPLORER", action = ArgAction::SetTrue)]
    pub explorer: bool,

    /// Limits of use cases.
    #[command(flatten)]
    pub settings: Settings,
}

impl Serving {
    /// The limits for serving from a database.
    #[must_use]
    pub const fn limits(&self, storage: &Storage) -> Limits {
        Limits {
            connections: self.connections,
            statement_timeout: Some(self.timeout()),
            through_pooler: storage.direct_url.is_some(),
        }
    }

    /// How long an operation may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }
}

impl Storage {
    /// The database itself, whatever stands before it.
    pub fn direct(&self) -> Result<&str> {
        match &self.direct_url {
            None => Ok(&self.database_url),
            Some(direct) if !self.is_embedded() && !direct.starts_with("sqlite:") => Ok(direct),
            Some(_) => Err(Error::internal(
                "NUANLIN_DIRECT_URL stands beside a pooler of PostgreSQL: an embedded database has none",
            )),
        }
    }

    /// Whether the database is the embedded one.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        self.database_url.starts_with("sqlite:")
    }

    /// Where a server's keys are. Beside the embedded database they are made on first run; elsewhere
    /// they must come from outside, where every server of the same database can have the same ones.
    pub fn keys(&self) -> Result<KeyFolder> {
        let embedded = self.embedded_folder();
        let make = embedded.is_some();
        match self.keys_dir.clone().or(embedded.map(|f| f.join("keys"))) {
            Some(path) => Ok(KeyFolder {
                path,
                make,
                tell: false,
            }),
            None => Err(Error::internal(
                "NUANLIN_KEYS_DIR must name the folder of the keys; make one with: nuanlin keys DIR",
            )),
        }
    }

    /// Where a command's keys are, which may be the first to work on a new database: where none are
    /// named they are made in the working folder, and it is told.
    pub fn command_keys(&self) -> Result<KeyFolder> {
        if self.keys_dir.is_some() || self.is_embedded() {
            return self.keys();
        }
        Ok(KeyFolder {
            path: PathBuf::from("nuanlin-keys"),
            make: true,
            tell: true,
        })
    }

    /// Opens the store of files. Elsewhere than beside the embedded database it must be named: every
    /// server of the same database keeps its files in the same place.
    pub fn store(&self) -> Result<Store> {
        match (&self.store_url, self.embedded_folder()) {
            (Some(url), _) => Store::open(url),
            (None, Some(folder)) => Store::open(&folder.join("attachments").to_string_lossy()),
            (None, None) => Err(Error::internal(
                "NUANLIN_STORE_URL must name where files are kept: a folder that every server sees, or s3://BUCKET/PREFIX",
            )),
        }
    }

    fn embedded_folder(&self) -> Option<PathBuf> {
        let path = self.database_url.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or(path);
        Some(
            Path::new(path)
                .parent()
                .unwrap_or(Path::new(""))
                .to_path_buf(),
        )
    }
}

/// Refuses variables that begin with `NUANLIN_` and mean nothing: a typing error would be silent.
pub fn check_environment(known: &[String]) -> Result<()> {
    let unknown: Vec<String> = std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| name.starts_with("NUANLIN_") && !name.starts_with("NUANLIN_TEST_"))
        .filter(|name| !known.contains(name))
        .collect();
    if unknown.is_empty() {
        Ok(())
    } else {
        Err(Error::internal(format!(
            "unknown settings in the environment: {}",
            unknown.join(", ")
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_quiet_for_most_of_a_day() {
        for (from, until, fits) in [
            (21, 7, true),
            (9, 9, true),
            (20, 8, true),
            (20, 9, false),
            (7, 21, false),
        ] {
            let settings = Settings {
                quiet_from_hour: from,
                quiet_until_hour: until,
                ..Settings::default()
            };
            assert_eq!(settings.check().is_ok(), fits, "{from} to {until}");
        }
    }
}
