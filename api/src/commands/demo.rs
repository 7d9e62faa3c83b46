//! `nuanlin demo`: a made-up community, served from a folder of its own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use entity::account;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _};
use serde::Serialize;

use super::serve::{listen, run, start_logging};
use super::{Workplace, demo_beneficiaries, demo_meals, demo_partner, demo_visits};
use crate::accounts::passwords::Passwords;
use crate::clock::SHANGHAI;
use crate::config::{Serving, Settings, Storage};
use crate::db::{self, Handle as _};
use crate::demo::{self, DemoAccount};
use crate::error::{Error, Result};
use crate::imports::Checked;
use crate::imports::merge::{Options, import_accounts, import_areas, import_residents};

/// `nuanlin demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// The address to serve at.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    listen: SocketAddr,

    /// The address of metrics and readiness in detail; a free port where the port is 0.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    admin_listen: SocketAddr,

    /// The folder of the demo's database, keys and accounts.json.
    #[arg(long, default_value = "nuanlin-demo", value_name = "DIR")]
    data: PathBuf,

    /// Starts over: what was done in the demo is lost.
    #[arg(long)]
    reset: bool,
}

/// A line of `accounts.json`.
#[derive(Serialize)]
struct AccountLine<'a> {
    role: entity::enums::Role,
    area: &'a str,
    phone: &'a str,
    password: &'a str,
    name: &'a str,
}

impl Demo {
    /// Runs the command until the process is asked to end.
    pub async fn run(self) -> Result<ExitCode> {
        start_logging("warn");
        let folder =
            std::path::absolute(&self.data).map_err(|error| unusable(&self.data, &error))?;
        std::fs::create_dir_all(&folder).map_err(|error| unusable(&folder, &error))?;
        let storage = Storage {
            database_url: format!("sqlite://{}", folder.join("nuanlin.db").display()),
            direct_url: None,
            keys_dir: None,
            store_url: None,
        };
        let serving = Serving {
            listen: self.listen,
            admin_listen: self.admin_listen,
            connections: 8,
            timeout_seconds: 10,
            places: 64,
            explorer: true,
            settings: Settings::default(),
        };
        // A taken address is told before anything is made, or taken from under a demo that runs.
        let listeners = listen(&serving).await?;
        if self.reset {
            remove(&folder)?;
        }
        db::migrate_up(&storage.database_url).await?;
        let place = Workplace::open(&storage, storage.keys()?, serving.limits(&storage)).await?;
        let accounts = demo::demo_accounts(place.clock.today(SHANGHAI));
        load(&place).await?;
        demo_visits::top_up(&place, &accounts).await?;
        demo_meals::open_canteen(&place, &accounts).await?;
        demo_beneficiaries::register(&place, &accounts).await?;
        demo_partner::take_on(&place, &accounts).await?;
        write_accounts(&folder, &accounts)?;
        let address = listeners.public.local_addr().unwrap_or(self.listen);
        introduce(address, &folder, &accounts);
        run(place, storage.store()?, &serving, listeners).await
    }
}

/// Loads the community where it is not there yet: the way of staff's own files.
async fn load(place: &Workplace) -> Result<()> {
    let today = place.clock.today(SHANGHAI);
    let Workplace { db, keys, clock } = place;
    let there = account::Entity::find()
        .count(&db.unscoped("whether the demo is loaded"))
        .await?;
    if there == 0 {
        let options = Options {
            source: "demo".to_owned(),
            ..Options::default()
        };
        import_areas(db, keys, clock, checked(demo::areas()), options.clone()).await?;
        import_residents(
            db,
            keys,
            clock,
            checked(demo::residents(today)),
            options.clone(),
        )
        .await?;
        import_accounts(
            db,
            keys,
            clock,
            checked(demo::accounts(today)),
            options.clone(),
        )
        .await?;
    }
    let hash = Passwords::default().hash(demo::PASSWORD.to_owned()).await?;
    let mut update = Query::update();
    update
        .table(account::Entity)
        .value(account::Column::PasswordHash, hash)
        .value(account::Column::CodeHash, Option::<String>::None)
        .and_where(account::Column::PasswordHash.is_null())
        .and_where(account::Column::CodeHash.is_not_null());
    let tx = db.begin().await?;
    tx.unscoped("the demo's accounts have a known password")
        .execute(&update)
        .await?;
    tx.commit().await
}

/// Rows that were made, not read: there is nothing to say about them.
fn checked<T>(rows: Vec<T>) -> Checked<T> {
    Checked {
        rows,
        findings: Vec::new(),
    }
}

/// Removes what an earlier demo made, and nothing else in the folder.
fn remove(folder: &Path) -> Result<()> {
    let files = folder.join("attachments");
    if files.exists() {
        std::fs::remove_dir_all(&files).map_err(|error| unusable(&files, &error))?;
    }
    for name in [
        "nuanlin.db",
        "nuanlin.db-wal",
        "nuanlin.db-shm",
        "accounts.json",
    ] {
        let path = folder.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(unusable(&path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn write_accounts(folder: &Path, accounts: &[DemoAccount]) -> Result<()> {
    let lines: Vec<AccountLine<'_>> = accounts
        .iter()
        .map(|account| AccountLine {
            role: account.role,
            area: &account.area_code,
            phone: account.phone.as_str(),
            password: account.password,
            name: &account.name,
        })
        .collect();
    let path = folder.join("accounts.json");
    let text =
        serde_json::to_string_pretty(&lines).map_err(|error| Error::Internal(error.into()))?;
    std::fs::write(&path, text).map_err(|error| unusable(&path, &error))
}

/// Says where it is, who can sign in and what to ask first.
fn introduce(address: SocketAddr, folder: &Path, accounts: &[DemoAccount]) {
    println!("暖邻演示社区 · the demo community is served at http://{address}/\n");
    println!(
        "{:<20}{:<24}{:<14}{:<18}name",
        "role", "area", "phone", "password"
    );
    let mut shown: Vec<entity::enums::Role> = Vec::new();
    for account in accounts {
        // Two of a role are enough to play with; the file has them all.
        if shown.iter().filter(|role| **role == account.role).count() < 2 {
            shown.push(account.role);
            println!(
                "{:<20}{:<24}{:<14}{:<18}{}",
                sea_orm::ActiveEnum::to_value(&account.role),
                account.area_code,
                account.phone.as_str(),
                account.password,
                account.name
            );
        }
    }
    println!(
        "… {} in all, for scripts: {}\n",
        accounts.len(),
        folder.join("accounts.json").display()
    );
    println!("Sign in as a volunteer on the page above, then ask:\n{FIRST_QUERY}");
}

const FIRST_QUERY: &str = "
  query OpenVisits {
    visitTasks(first: 5, filter: {status: [OPEN]}) {
      totalCount
      edges { node { id kind dueAt area { name } household { residents { salutation ageBand } } } }
    }
  }
";

fn unusable(path: &Path, error: &std::io::Error) -> Error {
    Error::internal(format!("cannot use {}: {error}", path.display()))
}
