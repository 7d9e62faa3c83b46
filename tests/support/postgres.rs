//! The PostgreSQL that tests run on: a given one, or a throw-away cluster.
//!
//! `TEST_DATABASE_URL` names a server whose databases called `nuanlin_test_*` belong to the
//! tests; one test process at a time may use it. Without it a cluster is made from the
//! installed programs. libtest has no teardown, so a watchdog shell owns the cluster and ends
//! it when its standard input closes, which happens however the test process dies.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Url;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DbErr};
use tokio::sync::OnceCell;

/// Every database that tests create begins with this.
pub const PREFIX: &str = "nuanlin_test_";

/// `$1`: directory of the programs, `$2`: the cluster's own directory.
///
/// The shell's own group keeps Ctrl-C away from it; no durability is wanted from a cluster
/// that dies with the tests.
const WATCHDOG: &str = r#"
"$1/initdb" --pgdata="$2/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C --no-sync \
    >"$2/log" 2>&1 || { cat "$2/log" >&2; cd /; rm -rf "$2"; exit 1; }
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c max_connections=300 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off \
    -c wal_level=minimal -c max_wal_senders=0 >>"$2/log" 2>&1 &
read -r _
kill -QUIT $!
wait $!
cd /
rm -rf "$2"
"#;

/// A PostgreSQL server that tests may create databases in.
pub struct Postgres {
    admin: Url,
    /// Keeper of a throw-away cluster; its standard input stays open as long as this process.
    watchdog: Option<Child>,
}

impl Postgres {
    /// The server of this test process, or none when the machine has none.
    ///
    /// Panics instead of answering none when `NUANLIN_TEST_REQUIRE_POSTGRES` is `1`.
    pub async fn shared() -> Option<&'static Postgres> {
        static SHARED: OnceCell<Option<Postgres>> = OnceCell::const_new();
        SHARED.get_or_init(Self::find).await.as_ref()
    }

    async fn find() -> Option<Postgres> {
        if let Ok(given) = std::env::var("TEST_DATABASE_URL") {
            let admin = Url::parse(&given).expect("TEST_DATABASE_URL is a URL");
            let postgres = Postgres {
                admin,
                watchdog: None,
            };
            postgres.drop_leftovers().await;
            return Some(postgres);
        }
        match programs().and_then(|bin| Some((bin, owner()?))) {
            Some((bin, owner)) => {
                let directory = scratch(&owner);
                Some(Self::start(&bin, &directory, &owner).await)
            }
            None if std::env::var("NUANLIN_TEST_REQUIRE_POSTGRES").as_deref() == Ok("1") => {
                panic!(
                    "PostgreSQL is required, but neither TEST_DATABASE_URL nor its programs are there"
                )
            }
            None => {
                // Written past libtest, which swallows what passing tests print.
                let _ = writeln!(
                    std::io::stderr(),
                    "PostgreSQL half SKIPPED: neither TEST_DATABASE_URL nor PostgreSQL's programs are there"
                );
                None
            }
        }
    }

    async fn start(bin: &Path, directory: &Path, owner: &Owner) -> Postgres {
        let mut watchdog = Command::new("sh");
        watchdog
            .args(["-c", WATCHDOG, "sh"])
            .args([bin, directory])
            .current_dir(directory)
            .env("LC_ALL", "C")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        if let Owner::Other { uid, gid } = owner {
            watchdog.uid(*uid).gid(*gid);
        }
        let mut watchdog = watchdog.spawn().expect("a shell");

        let socket = directory.to_str().expect("a temporary path is text");
        let admin = format!("postgres://postgres@localhost/postgres?host={socket}");
        let admin = Url::parse(&admin).expect("a cluster's address is a URL");
        for _ in 0..600 {
            if let Ok(connection) = connect(admin.as_str()).await {
                connection.close().await.expect("closing");
                return Postgres {
                    admin,
                    watchdog: Some(watchdog),
                };
            }
            let ended = watchdog.try_wait().expect("own child");
            assert!(ended.is_none(), "initdb failed, see above");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
        panic!("PostgreSQL did not answer within 30 s:\n{log}");
    }

    /// Whether it stays when the tests are over.
    pub fn is_given(&self) -> bool {
        self.watchdog.is_none()
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        let mut url = self.admin.clone();
        url.set_path(database);
        url.into()
    }

    /// Runs a statement that belongs to no test's database, like `CREATE DATABASE`.
    pub async fn administer(&self, sql: &str) -> Result<(), DbErr> {
        let connection = connect(self.admin.as_str()).await?;
        connection.execute_unprepared(sql).await?;
        connection.close().await
    }

    /// What an earlier test process, killed before its guards ran, left on a given server.
    async fn drop_leftovers(&self) {
        let connection = connect(self.admin.as_str())
            .await
            .expect("TEST_DATABASE_URL answers");
        let names = sea_orm::Statement::from_string(
            sea_orm::DbBackend::Postgres,
            format!("SELECT datname FROM pg_database WHERE starts_with(datname, '{PREFIX}')"),
        );
        for row in connection.query_all_raw(names).await.expect("pg_database") {
            let name: String = row.try_get("", "datname").expect("a name");
            let drop = format!(r#"DROP DATABASE "{name}" WITH (FORCE)"#);
            connection.execute_unprepared(&drop).await.expect("drop");
        }
        connection.close().await.expect("closing");
    }
}

/// One connection, without statement logging; makes a SQLite file that is missing.
///
/// Foreign keys are off on SQLite, as migrations and rows corrupted on purpose want them.
pub async fn connect(url: &str) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(1)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| sqlite.create_if_missing(true).foreign_keys(false));
    Database::connect(options).await
}

/// The directory of the newest installed `initdb` and `postgres`.
fn programs() -> Option<PathBuf> {
    // Debian keeps them out of PATH, one directory for each major version.
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((version(path.file_name()?)?, path.join("bin"))))
        .filter(|(_, bin)| complete(bin))
        .max();
    debian.map(|(_, bin)| bin).or_else(|| {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path).find(|bin| complete(bin))
    })
}

fn version(directory: &OsStr) -> Option<u32> {
    directory.to_str()?.parse().ok()
}

fn complete(bin: &Path) -> bool {
    bin.join("initdb").is_file() && bin.join("postgres").is_file()
}

/// Whose processes the cluster's are: both programs refuse to run as root.
enum Owner {
    Oneself,
    Other { uid: u32, gid: u32 },
}

/// Oneself, or `postgres` where tests run as root; none when that user is missing.
fn owner() -> Option<Owner> {
    // The owner of this directory in /proc is the process's effective user.
    if !std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0) {
        return Some(Owner::Oneself);
    }
    let id = |flag| {
        let answer = Command::new("id").args([flag, "postgres"]).output().ok()?;
        String::from_utf8(answer.stdout).ok()?.trim().parse().ok()
    };
    Some(Owner::Other {
        uid: id("-u")?,
        gid: id("-g")?,
    })
}

/// A private directory of the owner's; the watchdog removes it.
fn scratch(owner: &Owner) -> PathBuf {
    let directory = tempfile::Builder::new()
        .prefix("nuanlin-postgres-")
        .tempdir()
        .expect("a temporary directory")
        .keep();
    if let Owner::Other { uid, gid } = owner {
        chown(&directory, Some(*uid), Some(*gid)).expect("root may give a directory away");
    }
    directory
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};

    use super::*;

    const HOLD: &str = "NUANLIN_TEST_HOLD_CLUSTER";

    /// Stands for a test process: makes a cluster, names its directory, waits to be killed.
    #[tokio::test]
    async fn hold_a_cluster_when_asked() {
        if std::env::var_os(HOLD).is_none() {
            return;
        }
        let (Some(bin), Some(owner)) = (programs(), owner()) else {
            return;
        };
        let directory = scratch(&owner);
        let _cluster = Postgres::start(&bin, &directory, &owner).await;
        println!("\ncluster {}", directory.display());
        tokio::time::sleep(Duration::from_mins(1)).await;
    }

    #[test]
    fn a_cluster_ends_with_a_killed_test_process() {
        let this = std::env::current_exe().expect("this test binary");
        let mut holder = Command::new(this)
            .args(["--exact", "--nocapture"])
            .arg("support::postgres::tests::hold_a_cluster_when_asked")
            .env(HOLD, "1")
            .stdout(Stdio::piped())
            .spawn()
            .expect("this test binary runs");
        let lines = BufReader::new(holder.stdout.take().expect("piped")).lines();
        let directory = lines
            .map_while(Result::ok)
            .find_map(|line| Some(PathBuf::from(line.strip_prefix("cluster ")?)));
        let ran = directory
            .as_ref()
            .is_some_and(|cluster| cluster.join("data/postmaster.pid").exists());

        holder.kill().expect("own child");
        holder.wait().expect("own child");

        let Some(directory) = directory else {
            assert!(programs().is_none() || owner().is_none(), "no cluster");
            return;
        };
        assert!(ran);
        for _ in 0..200 {
            // Removed only when PostgreSQL has ended.
            if !directory.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the cluster in {} outlived its tests", directory.display());
    }
}
