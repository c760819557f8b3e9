//! Opens a database file: checks its owner and its layout, and sets up its connections.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::{
    lock::{Lock, owner_only},
    migrations::{APPLICATION_ID, LAYOUT, migrate},
    work::Reader,
};
use crate::{Error, error_response::ErrorResponse};

/// The first bytes of each SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The places of the layout and of the owner's id in the header, 32 bits each, big-endian.
const USER_VERSION: usize = 60;
const OWNER: usize = 68;
const HEADER: usize = 100;

/// The time for which a statement waits for another program's lock on the file.
const BUSY: Duration = Duration::from_secs(1);

/// Reading connections, one for each request that reads at the same time.
#[derive(Debug)]
pub(super) struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// Opens `path` for one server, and creates it if there is nothing or an empty file.
pub(super) fn open(path: &Path) -> Result<(Connection, Readers, Lock), Error> {
    let failed = |source: io::Error| Error::Database { path: path.into(), source: source.into() };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    owner_only(&mut options);
    let is_new = examine(path, &options.open(path).map_err(failed)?)?;
    let lock = Lock::take(path).map_err(failed)?.ok_or_else(|| Error::DatabaseInUse { path: path.into() })?;
    let connection =
        prepare(path, is_new).map_err(|error| Error::Database { path: path.into(), source: error.into() })?;
    let readers = Readers { path: path.into(), idle: Mutex::default() };
    Ok((connection, readers, lock))
}

/// A database that ends with its connection.
pub(super) fn in_memory() -> Result<Connection, Error> {
    let prepared = Connection::open_in_memory().and_then(|mut connection| {
        set_up(&connection)?;
        migrate(&mut connection)?;
        Ok(connection)
    });
    prepared.map_err(|error| Error::Database { path: ":memory:".into(), source: error.into() })
}

/// Refuses a file that this version does not own, before anything is written. Returns whether it is empty.
fn examine(path: &Path, file: &File) -> Result<bool, Error> {
    let foreign = || Error::ForeignDatabase { path: path.into() };
    let mut header = Vec::with_capacity(HEADER);
    file.take(HEADER as u64)
        .read_to_end(&mut header)
        .map_err(|source| Error::Database { path: path.into(), source: source.into() })?;
    if header.is_empty() {
        return Ok(true);
    }
    if header.len() < HEADER || !header.starts_with(MAGIC) {
        return Err(foreign());
    }
    let word = |at: usize| header[at..at + 4].iter().fold(0_i64, |word, byte| word << 8 | i64::from(*byte));
    let layout = word(USER_VERSION);
    if word(OWNER) != i64::from(APPLICATION_ID) && !(layout == 1 && is_first_layout(path)) {
        return Err(foreign());
    }
    if layout > LAYOUT {
        return Err(Error::DatabaseVersion { path: path.into(), found: layout, expected: LAYOUT });
    }
    Ok(false)
}

/// Whether a file without an owner in its header has the tables of the first layout, which wrote none.
///
/// `immutable` keeps SQLite from writing anything, the files beside the database included.
fn is_first_layout(path: &Path) -> bool {
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    let Some(uri) = uri(path, "immutable=1") else { return false };
    let tables = Connection::open_with_flags(uri, flags).and_then(|connection| {
        connection.query_row(
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table'
             AND name IN ('account', 'agent_deployment', 'agent_instance', 'agent_span', 'idempotency')",
            (),
            |row| row.get::<_, i64>(0),
        )
    });
    tables == Ok(5)
}

/// Returns the path as SQLite's URI, with its special characters escaped.
fn uri(path: &Path, options: &str) -> Option<String> {
    let mut uri = String::from("file:");
    for character in path.to_str()?.chars() {
        match character {
            '%' => uri.push_str("%25"),
            '?' => uri.push_str("%3f"),
            '#' => uri.push_str("%23"),
            _ => uri.push(character),
        }
    }
    Some([&uri, "?", options].concat())
}

fn prepare(path: &Path, is_new: bool) -> rusqlite::Result<Connection> {
    // SQLite needs no mutex, because each connection is used by one thread at a time.
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    set_up(&connection)?;
    if is_new {
        // SQLite takes this setting only before the first table; it frees the pages of deleted runs in small steps.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        // The rollback journal writes the application id into the file itself, not only into the write-ahead log.
        connection.pragma_update(None, "journal_mode", "DELETE")?;
    }
    let found = migrate(&mut connection)?;
    if found == 1 {
        connection.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA auto_vacuum = INCREMENTAL; VACUUM")?;
    }
    connection.execute_batch(
        "PRAGMA journal_mode = WAL;
         -- A power cut may cost the last moments, never the file.
         PRAGMA synchronous = NORMAL;
         -- In pages: the log is copied into the file every 16 MiB or so.
         PRAGMA wal_autocheckpoint = 4000;
         PRAGMA journal_size_limit = 67108864;
         -- In KiB: the pages of the indexes that arriving spans fall into.
         PRAGMA cache_size = -65536;",
    )?;
    Ok(connection)
}

/// Sets up any connection.
fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(BUSY)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    // A text in double quotes that names no column becomes an error instead of a string.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")
}

impl Readers {
    /// Runs `job` on a connection of its own, in one view of the database. Blocks.
    pub(super) fn read<T>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, ErrorResponse>,
    ) -> Result<T, ErrorResponse> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| self.connect(), Ok)?;
        connection.prepare_cached("BEGIN")?.execute(())?;
        let output = job(&Reader { sql: &connection });
        connection.prepare_cached("COMMIT")?.execute(())?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        output
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        set_up(&connection)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.pragma_update(None, "cache_size", -16384)?;
        Ok(connection)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A statement of another's cannot change the schema, nor call a function that a schema names.
    #[test]
    fn connections_are_defensive_and_those_of_readers_only_read() {
        let connection = Connection::open_in_memory().unwrap();
        set_up(&connection).unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        for (option, is_on) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
        ] {
            assert_eq!(connection.db_config(option).unwrap(), is_on, "{option:?}");
        }
        let writable = "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = NULL WHERE name = 't'";
        connection.execute_batch(writable).unwrap_err();
        connection.prepare("SELECT n FROM t WHERE n = \"no column\"").unwrap_err();

        let path = std::env::temp_dir().join(format!("prefactor-local-readers-{}.db", std::process::id()));
        let (connection, readers, lock) = open(&path).unwrap();
        let written = readers.read(|reader| Ok(reader.sql.execute("DELETE FROM account", ())?));
        drop((connection, readers, lock));
        for ending in ["", "-wal", "-shm", "-lock"] {
            let mut file = path.clone().into_os_string();
            file.push(ending);
            let _ = std::fs::remove_file(file);
        }
        written.unwrap_err();
    }
}
