//! A migrated database of its own for every test, on SQLite and on PostgreSQL.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use migration::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::postgres::{PREFIX, Postgres, connect};

/// A database that no other test sees; it goes when this is dropped.
pub struct TestDatabase {
    /// As in `DATABASE_URL`.
    pub url: String,
    directory: TempDir,
    on_postgres: Option<Duplicate>,
}

impl TestDatabase {
    /// A migrated SQLite file.
    pub async fn sqlite() -> Self {
        static TEMPLATE: OnceCell<Vec<u8>> = OnceCell::const_new();
        let template = TEMPLATE.get_or_init(sqlite_template).await;
        let database = Self::in_file();
        let file = database.directory().join(FILE);
        std::fs::write(file, template).expect("a temporary file");
        database
    }

    /// A migrated PostgreSQL database, or none where the machine has no PostgreSQL.
    pub async fn postgres() -> Option<Self> {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let server = Postgres::shared().await?;
        let template = TEMPLATE.get_or_init(|| postgres_template(server)).await;
        let duplicate = Duplicate::of(server, template).await;
        Some(Self::on(server, duplicate))
    }

    /// Another database of the same kind, empty and not migrated.
    pub async fn empty(&self) -> Self {
        match &self.on_postgres {
            None => Self::in_file(),
            Some(first) => Self::on(first.server, Duplicate::of(first.server, "template0").await),
        }
    }

    fn in_file() -> Self {
        let directory = TempDir::new().expect("a temporary directory");
        TestDatabase {
            url: format!("sqlite://{}", directory.path().join(FILE).display()),
            directory,
            on_postgres: None,
        }
    }

    fn on(server: &'static Postgres, duplicate: Duplicate) -> Self {
        TestDatabase {
            url: server.url(&duplicate.name),
            directory: TempDir::new().expect("a temporary directory"),
            on_postgres: Some(duplicate),
        }
    }

    /// A directory of this test's own, for keys and files beside the database.
    pub fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Whether this is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        self.on_postgres.is_some()
    }

    /// One connection past the program under test: to corrupt rows, or to look.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await.expect("a test's database answers")
    }

    /// The number that a `SELECT count(*) …` answers.
    pub async fn count(&self, sql: &str) -> i64 {
        let connection = self.connect().await;
        let statement = Statement::from_string(connection.get_database_backend(), sql);
        let row = connection.query_one_raw(statement).await.expect(sql);
        let count = row.expect("count(*) answers one row").try_get_by_index(0);
        connection.close().await.expect("closing");
        count.expect("a number")
    }
}

const FILE: &str = "nuanlin.db";

/// The bytes of a migrated file: held in memory, so that nothing needs removing at the end.
async fn sqlite_template() -> Vec<u8> {
    let database = TestDatabase::in_file();
    migrate(&database.url).await;
    let file = database.directory().join(FILE);
    let pending = file.with_extension("db-wal");
    assert!(!pending.exists(), "the last connection empties the log");
    std::fs::read(file).expect("a migrated file")
}

async fn postgres_template(server: &'static Postgres) -> String {
    let name = format!("{PREFIX}template");
    let create = format!("CREATE DATABASE {name} TEMPLATE template0");
    server.administer(&create).await.expect(&create);
    migrate(&server.url(&name)).await;
    name
}

async fn migrate(url: &str) {
    let connection = connect(url).await.expect("an empty database answers");
    Migrator::up(&connection, None).await.expect("migrations");
    connection.close().await.expect("closing");
}

/// A copy of a template database, dropped with the test.
struct Duplicate {
    server: &'static Postgres,
    name: String,
}

impl Duplicate {
    async fn of(server: &'static Postgres, template: &str) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{PREFIX}{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        server.administer(&create).await.expect(&create);
        Duplicate { server, name }
    }
}

impl Drop for Duplicate {
    fn drop(&mut self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let server = self.server;
        // A runtime can't wait inside another one's worker, a thread of its own can.
        let dropping = std::thread::spawn(move || {
            tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .expect("a runtime")
                .block_on(server.administer(&drop))
        });
        // A throw-away cluster is removed as a whole: no test need wait for it.
        if server.is_given() && !matches!(dropping.join(), Ok(Ok(()))) {
            eprintln!("could not drop {}", self.name);
        }
    }
}

/// Writes a test twice, as `name::sqlite` and `name::postgres`.
///
/// `on_both! { async fn claims(db: TestDatabase) { … } }`; several may stand in one call. The
/// PostgreSQL half passes where the machine has no PostgreSQL, and says so once.
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($db:ident: TestDatabase) $body:block)+) => {$(
        mod $name {
            #[allow(unused_imports, reason = "a body may need nothing from outside")]
            use super::*;
            use $crate::support::database::TestDatabase;

            async fn scenario($db: TestDatabase) $body

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                scenario(TestDatabase::sqlite().await).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if let Some(db) = TestDatabase::postgres().await {
                    scenario(db).await;
                }
            }
        }
    )+};
}
pub(crate) use on_both;

#[cfg(test)]
mod tests {
    use super::*;

    const APPLIED: &str = "SELECT count(*) FROM seaql_migrations";

    on_both! {
        async fn databases_are_migrated_and_separate(db: TestDatabase) {
            let other = if db.is_postgres() {
                TestDatabase::postgres().await.expect("as the first")
            } else {
                TestDatabase::sqlite().await
            };
            let applied = db.count(APPLIED).await;
            assert!(applied > 0);
            let connection = db.connect().await;
            connection
                .execute_unprepared("DELETE FROM seaql_migrations")
                .await
                .expect("a row of one's own");
            assert_eq!(db.count(APPLIED).await, 0);
            assert_eq!(other.count(APPLIED).await, applied);
        }

        async fn an_empty_sibling_has_no_tables(db: TestDatabase) {
            let empty = db.empty().await;
            let catalogue = if db.is_postgres() {
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            } else {
                "SELECT count(*) FROM sqlite_master"
            };
            assert_eq!(empty.count(catalogue).await, 0);
            assert!(empty.url != db.url);
        }
    }
}
