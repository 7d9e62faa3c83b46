//! The database: SQLite in a file, or PostgreSQL, behind handles that run no statement by themselves.
//!
//! [`Db`] and [`Tx`] do not implement sea-orm's `ConnectionTrait`. A statement runs through a
//! [`crate::access::scope`], which adds who may see what, or through the visible way round,
//! [`Handle::unscoped`]. This is the only module that knows a dialect.

use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use migration::{Migrator, MigratorTrait};
use sea_orm::prelude::async_trait::async_trait;
use sea_orm::sea_query::{
    CommonTableExpression, Expr, ExprTrait as _, Func, FunctionCall, InsertStatement, Query,
    UpdateStatement, WithClause,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _};

use crate::access::scope::Key;
use crate::error::{Error, Result};

/// How a database is opened.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections for reading (SQLite) or for everything (PostgreSQL).
    pub connections: u32,
    /// How long one statement may run; commands that load or migrate have no limit.
    pub statement_timeout: Option<Duration>,
    /// Whether a connection pooler stands between, to which no settings can be given: then those of the
    /// database's role hold.
    pub through_pooler: bool,
}

impl Limits {
    /// For commands: few connections, statements as long as they take.
    pub const COMMAND: Self = Self {
        connections: 4,
        statement_timeout: None,
        through_pooler: false,
    };
}

/// How long a writer waits for another process or connection, and a request for a free connection.
const WAIT: Duration = Duration::from_secs(10);

/// After how many milliseconds who gives way does: well before PostgreSQL looks for deadlocks (a second)
/// and ends whichever of the two it finds first.
const GIVE_WAY: u32 = 400;

/// Whether a transaction failed because another was in its way, and may succeed when begun anew.
#[must_use]
pub fn is_in_the_way(error: &Error) -> bool {
    let Error::Internal(source) = error else {
        return false;
    };
    let code = match source.downcast_ref() {
        Some(
            DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)),
        ) => error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code),
        _ => None,
    };
    // Serialization failure, deadlock, and a lock not given in time.
    matches!(code.as_deref(), Some("40001" | "40P01" | "55P03"))
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Db {
    read: DatabaseConnection,
    write: DatabaseConnection,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Opens `url`: `sqlite:///absolute/path.db` (created when missing) or `postgres://…`.
    pub async fn open(url: &str, limits: Limits) -> Result<Self> {
        let (read, write) = if url.starts_with("sqlite:") {
            let write = sqlite(url, 1, limits).await?;
            (sqlite(url, limits.connections, limits).await?, write)
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = postgres(url, limits).await?;
            (pool.clone(), pool)
        } else {
            return Err(Error::internal(
                "DATABASE_URL must begin with sqlite: or postgres:",
            ));
        };
        Ok(Self {
            read,
            write,
            statements: Arc::default(),
        })
    }

    /// Whether this is the embedded database.
    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Sqlite
    }

    /// Whether joins go from row to row by an index (SQLite), not from set to set by hashing (PostgreSQL).
    ///
    /// For the few statements that read a whole city: each form costs the other database half as much again.
    #[must_use]
    pub fn joins_by_lookup(&self) -> bool {
        self.is_sqlite()
    }

    /// Begins a write transaction; on SQLite it takes the write lock at once.
    ///
    /// While it is open, pass it down: a second one from the same task would wait for it for ever.
    pub async fn begin(&self) -> Result<Tx> {
        let inner = self
            .write
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: self
                    .is_sqlite()
                    .then_some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await?;
        Ok(Tx {
            inner,
            statements: Arc::clone(&self.statements),
        })
    }

    /// How many statements have run so far, transactions' begin and end not counted.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// Closes every connection, so that SQLite folds its log into the file.
    pub async fn close(self) {
        for pool in [self.read, self.write] {
            if let Err(error) = pool.close().await {
                tracing::warn!(%error, "closing the database failed");
            }
        }
    }
}

/// An open write transaction, rolled back unless committed.
#[derive(Debug)]
pub struct Tx {
    inner: DatabaseTransaction,
    statements: Arc<AtomicU64>,
}

impl Tx {
    /// Makes everything written durable.
    pub async fn commit(self) -> Result<()> {
        Ok(self.inner.commit().await?)
    }

    /// Keeps others from writing to these tables until the end; reading and naming their rows go on.
    ///
    /// For merges of many rows: what was checked at the beginning holds until the end. On SQLite an
    /// open write transaction does so anyway.
    pub async fn hold(&self, tables: &[&'static str]) -> Result<()> {
        if self.inner.get_database_backend() == DbBackend::Postgres {
            let tables = tables.join(", ");
            let sql = format!("LOCK TABLE {tables} IN SHARE ROW EXCLUSIVE MODE");
            self.inner.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    /// From now on this transaction fails where another keeps a row from it for a moment, as
    /// [`is_in_the_way`] tells: to be begun anew. For who holds tables that the other may wait for.
    pub async fn give_way(&self) -> Result<()> {
        if self.inner.get_database_backend() == DbBackend::Postgres {
            let sql = format!("SET LOCAL lock_timeout = '{GIVE_WAY}ms'");
            self.inner.execute_unprepared(&sql).await?;
        }
        Ok(())
    }

    /// Leaves everything as it was.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.inner.rollback().await?)
    }
}

/// What statements run on: [`Db`] for reading, [`Tx`] for both.
pub trait Handle: Sync {
    /// The connection behind the handle, for scopes only.
    fn connection(&self, key: Key) -> Connection<'_>;

    /// The visible way round scopes; `reason` says why no scope applies.
    ///
    /// Every use stands in a list that a test compares and that may only shrink.
    fn unscoped(&self, reason: &'static str) -> Connection<'_> {
        tracing::trace!(reason, "unscoped");
        self.connection(Key::unscoped())
    }
}

impl Handle for Db {
    fn connection(&self, _: Key) -> Connection<'_> {
        Connection {
            target: Target::Pool(&self.read),
            statements: &self.statements,
        }
    }
}

impl Handle for Tx {
    fn connection(&self, _: Key) -> Connection<'_> {
        Connection {
            target: Target::Transaction(&self.inner),
            statements: &self.statements,
        }
    }
}

/// A connection handed out by a [`Handle`]; it counts its statements.
#[derive(Debug)]
pub struct Connection<'a> {
    target: Target<'a>,
    statements: &'a AtomicU64,
}

#[derive(Debug)]
enum Target<'a> {
    Pool(&'a DatabaseConnection),
    Transaction(&'a DatabaseTransaction),
}

impl Connection<'_> {
    /// Whether a list may be one value of a statement and be unnested in it (PostgreSQL), so that its text does not
    /// grow with the list.
    #[must_use]
    pub fn takes_lists(&self) -> bool {
        self.get_database_backend() == DbBackend::Postgres
    }

    /// Whether rows may stand in a value of another row (PostgreSQL), as JSON.
    #[must_use]
    pub fn nests_rows(&self) -> bool {
        self.get_database_backend() == DbBackend::Postgres
    }

    /// Runs writes that need nothing of each other; PostgreSQL takes them as one statement, of at most 65,535
    /// values.
    pub async fn execute_all(
        &self,
        inserts: Vec<InsertStatement>,
        update: Option<UpdateStatement>,
    ) -> Result<(), DbErr> {
        if !self.takes_lists() || inserts.is_empty() {
            for insert in &inserts {
                self.execute(insert).await?;
            }
            if let Some(update) = &update {
                self.execute(update).await?;
            }
            return Ok(());
        }
        let mut with = WithClause::new();
        for (n, insert) in inserts.into_iter().enumerate() {
            let mut part = CommonTableExpression::new();
            part.query(insert).table_name(format!("write_{n}"));
            with.cte(part);
        }
        let whole = match update {
            Some(update) => with.query(update),
            None => with.query(Query::select().expr(Expr::cust("1")).to_owned()),
        };
        self.execute(&whole).await?;
        Ok(())
    }
}

/// The values of a list as rows, where it [may be one value](Connection::takes_lists); `of` is its type, such as
/// `uuid[]`. For ids and words of the program: nothing in them is quoted.
pub fn unnested(
    list: impl IntoIterator<Item = impl std::fmt::Display>,
    of: &'static str,
) -> FunctionCall {
    let values: Vec<String> = list.into_iter().map(|one| one.to_string()).collect();
    let list = Expr::value(format!("{{{}}}", values.join(",")));
    Func::cust("unnest").arg(list.cast_as(of))
}

/// Values as one row of JSON, by position, where [rows nest](Connection::nests_rows).
pub fn json_of_values(values: impl IntoIterator<Item = Expr>) -> Expr {
    Func::cust("json_build_array").args(values).into()
}

/// Such rows as the text of one list, where [rows nest](Connection::nests_rows).
#[must_use]
pub fn json_of_rows(row: Expr) -> Expr {
    let list = Func::cust("json_agg").arg(row).cast_as("text");
    Func::coalesce([list, Expr::value("[]")]).into()
}

macro_rules! run {
    ($self:ident.$method:ident($argument:expr)) => {{
        $self.statements.fetch_add(1, Ordering::Relaxed);
        match $self.target {
            Target::Pool(pool) => pool.$method($argument).await,
            Target::Transaction(transaction) => transaction.$method($argument).await,
        }
    }};
}

/// Tells a statement's text, without its values, to whoever asks for `nuanlin::sql` in the log.
fn told(sql: &str) {
    tracing::trace!(target: "nuanlin::sql", sql);
}

#[async_trait]
impl ConnectionTrait for Connection<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self.target {
            Target::Pool(pool) => pool.get_database_backend(),
            Target::Transaction(transaction) => transaction.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        told(&statement.sql);
        run!(self.execute_raw(statement))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        told(sql);
        run!(self.execute_unprepared(sql))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        told(&statement.sql);
        run!(self.query_one_raw(statement))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        told(&statement.sql);
        run!(self.query_all_raw(statement))
    }
}

async fn sqlite(url: &str, connections: u32, limits: Limits) -> Result<DatabaseConnection> {
    let mut options = sqlite_options(url)?.foreign_keys(true);
    let timeout = limits.statement_timeout;
    if timeout.is_none() {
        // Commands load much at once: with the usual 2 MB every index page would be written many times.
        options = options.pragma("cache_size", "-65536");
    }
    let pool = SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .after_connect(move |connection, _| Box::pin(bound_statements(connection, timeout)))
        .before_acquire(move |connection, _| {
            Box::pin(async move {
                bound_statements(connection, timeout).await?;
                // SQLite ends a transaction by itself when the disk is full; a connection that
                // still counts it would refuse every later one.
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(options)
        .await
        .map_err(opening)?;
    Ok(pool.into())
}

/// Interrupts statements of this connection once `timeout` has passed since it was acquired.
async fn bound_statements(
    connection: &mut SqliteConnection,
    timeout: Option<Duration>,
) -> Result<(), sqlx::Error> {
    /// Virtual-machine instructions between two looks at the time: about a millisecond.
    const INSTRUCTIONS: i32 = 100_000;
    if let Some(timeout) = timeout {
        let deadline = Instant::now() + timeout;
        connection
            .lock_handle()
            .await?
            .set_progress_handler(INSTRUCTIONS, move || Instant::now() < deadline);
    }
    Ok(())
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions> {
    let options = SqliteConnectOptions::from_str(url).map_err(opening)?;
    if let Some(folder) = options
        .get_filename()
        .parent()
        .filter(|f| *f != Path::new(""))
    {
        std::fs::create_dir_all(folder).map_err(opening)?;
    }
    Ok(options
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Normal)
        .busy_timeout(WAIT)
        // Rows cross threads one by one; a larger buffer saves wake-ups on lists.
        .row_buffer_size(500)
        .disable_statement_logging())
}

async fn postgres(url: &str, limits: Limits) -> Result<DatabaseConnection> {
    let mut options = PgConnectOptions::from_str(url)
        .map_err(opening)?
        .application_name("nuanlin")
        .disable_statement_logging();
    if !limits.through_pooler {
        // No statement here runs long enough to earn its compilation: a month's coverage took twice as long with
        // it. Nor to earn workers of its own: alone it was no quicker, and two at once took a quarter longer.
        options = options.options([("jit", "off"), ("max_parallel_workers_per_gather", "0")]);
        if let Some(timeout) = limits.statement_timeout {
            options = options.options([("statement_timeout", timeout.as_millis().to_string())]);
        }
    }
    let pool = PgPoolOptions::new()
        .max_connections(limits.connections)
        .acquire_timeout(WAIT)
        // A ping at every acquire would cost as much as a small query; after a pause it is worth it.
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > Duration::from_secs(30) {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .connect_with(options)
        .await
        .map_err(opening)?;
    Ok(pool.into())
}

fn opening(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("cannot open the database: {error}"))
}

/// How the database's schema stands to this program's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// Exactly what this program expects.
    Current,
    /// These migrations have not been applied yet.
    Behind(Vec<String>),
    /// These applied migrations are unknown to this program: it is too old.
    Ahead(Vec<String>),
}

/// What is told where the schema is a newer program's.
#[must_use]
pub fn newer(unknown: &[String]) -> Error {
    Error::internal(format!(
        "the database was migrated by a newer nuanlin ({}); use that one",
        unknown.join(", ")
    ))
}

/// Brings the schema of `url` up to date and returns the names of what was applied; one of a newer
/// program is an error.
pub async fn migrate_up(url: &str) -> Result<Vec<String>> {
    let connection = migration_connection(url).await?;
    let pending = match state(&connection).await? {
        SchemaState::Current => Vec::new(),
        SchemaState::Behind(pending) => pending,
        SchemaState::Ahead(unknown) => return Err(newer(&unknown)),
    };
    for _ in &pending {
        step(&connection, Direction::Up).await?;
    }
    connection.close().await?;
    Ok(pending)
}

/// Takes back the last `steps` migrations and returns how many were.
pub async fn migrate_down(url: &str, steps: u32) -> Result<u32> {
    let connection = migration_connection(url).await?;
    let applied = applied(&connection).await?.len();
    let steps = Ord::min(steps, u32::try_from(applied).unwrap_or(u32::MAX));
    for _ in 0..steps {
        step(&connection, Direction::Down).await?;
    }
    connection.close().await?;
    Ok(steps)
}

/// Compares the schema of `url` with this program's.
pub async fn schema_state(url: &str) -> Result<SchemaState> {
    let connection = migration_connection(url).await?;
    let state = state(&connection).await?;
    connection.close().await?;
    Ok(state)
}

#[derive(Clone, Copy)]
enum Direction {
    Up,
    Down,
}

/// A connection of its own: on SQLite without foreign keys, which rebuilding a table would trip over.
async fn migration_connection(url: &str) -> Result<DatabaseConnection> {
    if url.starts_with("sqlite:") {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .connect_with(sqlite_options(url)?.foreign_keys(false))
            .await
            .map_err(opening)?;
        Ok(pool.into())
    } else {
        postgres(
            url,
            Limits {
                connections: 1,
                statement_timeout: None,
                through_pooler: false,
            },
        )
        .await
    }
}

/// One migration in one transaction, its foreign keys checked before the commit.
async fn step(connection: &DatabaseConnection, direction: Direction) -> Result<()> {
    let sqlite = connection.get_database_backend() == DbBackend::Sqlite;
    let tx = connection
        .begin_with_options(TransactionOptions {
            sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        })
        .await?;
    if !sqlite {
        // Two servers started at once migrate one after the other.
        tx.execute_unprepared("SELECT pg_advisory_xact_lock(7281653)")
            .await?;
    }
    match direction {
        Direction::Up => Migrator::up(&tx, Some(1)).await?,
        Direction::Down => Migrator::down(&tx, Some(1)).await?,
    }
    if sqlite {
        let broken = tx
            .query_all_raw(Statement::from_string(
                DbBackend::Sqlite,
                "PRAGMA foreign_key_check",
            ))
            .await?;
        if !broken.is_empty() {
            return Err(Error::internal(format!(
                "the migration would break {} foreign keys; nothing was changed",
                broken.len()
            )));
        }
    }
    Ok(tx.commit().await?)
}

async fn state(connection: &DatabaseConnection) -> Result<SchemaState> {
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|m| m.name().to_owned())
        .collect();
    let applied = applied(connection).await?;
    let ahead: Vec<String> = applied
        .iter()
        .filter(|name| !known.contains(name))
        .cloned()
        .collect();
    let behind: Vec<String> = known
        .into_iter()
        .filter(|name| !applied.contains(name))
        .collect();
    Ok(if !ahead.is_empty() {
        SchemaState::Ahead(ahead)
    } else if !behind.is_empty() {
        SchemaState::Behind(behind)
    } else {
        SchemaState::Current
    })
}

async fn applied(connection: &DatabaseConnection) -> Result<Vec<String>> {
    let table = match connection.get_database_backend() {
        DbBackend::Sqlite => "SELECT name FROM sqlite_schema WHERE name = 'seaql_migrations'",
        _ => "SELECT relname AS name FROM pg_class WHERE oid = to_regclass('seaql_migrations')",
    };
    let backend = connection.get_database_backend();
    if connection
        .query_one_raw(Statement::from_string(backend, table))
        .await?
        .is_none()
    {
        return Ok(Vec::new());
    }
    let rows = connection
        .query_all_raw(Statement::from_string(
            backend,
            "SELECT version FROM seaql_migrations ORDER BY version",
        ))
        .await?;
    rows.iter()
        .map(|row| Ok(row.try_get::<String>("", "version")?))
        .collect()
}
