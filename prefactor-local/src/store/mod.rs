//! Everything that is kept, and the only SQL.
//!
//! One connection behind a mutex: SQLite has one writer anyway, every statement here is short, and a
//! thread of its own with a queue would only move the waiting. Callers come from blocking threads, never
//! from the one that accepts connections.

mod account;
mod agent;
mod idempotency;
mod instance;
mod list;
mod span;
mod trace;
mod version;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(crate) use self::{
    idempotency::Request,
    instance::NewInstance,
    list::{Filter, Order, Page, Pagination, Rows, Sorted},
    span::{NewSpan, SpanEnd},
    trace::Run,
    version::{AgentVersion, SchemaVersion, SpanType},
};
use crate::{Error, error_response::ErrorResponse, pfid, pfid::Partition};

const LAYOUT: i64 = 1;

/// The database.
#[derive(Debug)]
pub(crate) struct Store(Mutex<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Connection,
    ids: pfid::Generator,
}

/// One transaction, with what it takes to make identifiers in it.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    sql: Transaction<'a>,
    ids: &'a mut pfid::Generator,
}

impl Store {
    /// Opens `file`, or a database in memory that ends with the store.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let path = file.unwrap_or(Path::new(":memory:"));
        let failed =
            |source: Box<dyn std::error::Error + Send + Sync>| Error::Database { path: path.into(), source };
        let connection = match file {
            Some(file) => Connection::open(file),
            None => Connection::open_in_memory(),
        };
        let mut connection = connection.map_err(|error| failed(error.into()))?;
        let found = prepare(&mut connection).map_err(|error| failed(error.into()))?;
        if found != LAYOUT {
            return Err(Error::DatabaseVersion { path: path.into(), found, expected: LAYOUT });
        }
        let store = Self(Mutex::new(Inner { connection, ids: pfid::Generator::default() }));
        store
            .transaction(|work| work.ensure_account(Partition::random()?))
            .map_err(|error| failed(error.to_json().into()))?;
        Ok(store)
    }

    /// Runs `work` as one transaction, which is undone when it refuses.
    pub(crate) fn transaction<T>(
        &self,
        work: impl FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse>,
    ) -> Result<T, ErrorResponse> {
        let mut inner = self.lock();
        let Inner { connection, ids } = &mut *inner;
        let sql = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut open = Work { sql, ids };
        let output = work(&mut open)?;
        open.sql.commit()?;
        Ok(output)
    }

    /// A panic while the lock was held rolled its transaction back, so the database is still good.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sets the connection up, creates the tables of a new database, and tells which layout it has.
fn prepare(connection: &mut Connection) -> rusqlite::Result<i64> {
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         PRAGMA synchronous = NORMAL;
         PRAGMA busy_timeout = 5000;
         PRAGMA foreign_keys = ON;
         PRAGMA trusted_schema = OFF;",
    )?;
    connection.set_prepared_statement_cache_capacity(64);
    let open = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let empty = open.query_row("SELECT count(*) = 0 FROM sqlite_schema", (), |row| row.get(0))?;
    if empty {
        open.execute_batch(include_str!("schema.sql"))?;
        open.pragma_update(None, "user_version", LAYOUT)?;
    }
    let layout = open.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    open.commit()?;
    Ok(layout)
}
