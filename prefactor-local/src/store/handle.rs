//! The handle of the database, which all requests share.

use std::{
    path::Path,
    sync::{Arc, mpsc},
};

use tokio::{
    sync::{broadcast, oneshot},
    task::spawn_blocking,
};

use super::{
    database::{self, Readers},
    lock::Lock,
    work::{Change, Reader, Work},
    writer::Writer,
};
use crate::{Error, error_response::ErrorResponse, pfid::Partition};

/// The database: one thread writes, and connections read beside it.
///
/// A database in memory has one connection only, so the writer does the reading there.
#[derive(Debug)]
pub(crate) struct Store {
    // Fields drop in this order: the lock must go last.
    writer: Writer,
    readers: Option<Arc<Readers>>,
    lock: Option<Lock>,
}

impl Store {
    /// Opens `file`, or a database in memory that ends with the store.
    ///
    /// # Errors
    ///
    /// When the file is another program's, another server's or a newer version's, or cannot be opened.
    pub(crate) fn open(file: Option<&Path>) -> Result<Self, Error> {
        let (connection, readers, lock) = match file {
            Some(file) => {
                let (connection, readers, lock) = database::open(file)?;
                (connection, Some(readers.into()), Some(lock))
            }
            None => (database::in_memory()?, None, None),
        };
        let store = Self { writer: Writer::start(connection)?, readers, lock };
        store.write_blocking(|work| work.ensure_account(Partition::random()?)).map_err(|error| {
            let path = file.unwrap_or(Path::new(":memory:")).into();
            Error::Database { path, source: error.to_json().into() }
        })?;
        Ok(store)
    }

    /// Runs `job` on the writer's thread, for a request of `bytes` bytes. The result comes after the commit; a job that
    /// fails changes nothing.
    ///
    /// # Cancel safety
    ///
    /// A queued job runs, even if its caller does not wait for the result.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        bytes: usize,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        self.write_in_parts(bytes, move |work| work.atomically(job)).await
    }

    /// Runs `job` like [`write`](Self::write), but its effects before a failure stay. Its parts are made atomic one by
    /// one: nested savepoints cost SQLite time in proportion to all changes before.
    pub(crate) async fn write_in_parts<T: Send + 'static>(
        &self,
        bytes: usize,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        let (reply, answer) = oneshot::channel();
        let reply = |output| drop(reply.send(output));
        self.writer.queue(bytes, job, reply)?;
        answer.await.map_err(ErrorResponse::internal)?
    }

    /// Runs `job` on one view of the database, which has everything that was answered before.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, ErrorResponse> + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        match &self.readers {
            Some(readers) => {
                let readers = Arc::clone(readers);
                spawn_blocking(move || readers.read(job)).await.map_err(ErrorResponse::internal)?
            }
            None => self.write_in_parts(0, move |work| job(work)).await,
        }
    }

    /// Runs `job` like [`write`](Self::write), for a thread that may block.
    pub(crate) fn write_blocking<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send + 'static,
    ) -> Result<T, ErrorResponse> {
        // tokio's channel would panic here: its blocking receive refuses to wait on a thread of a runtime.
        let (reply, answer) = mpsc::sync_channel(1);
        let reply = move |output| drop(reply.send(output));
        self.writer.queue(0, move |work| work.atomically(job), reply)?;
        answer.recv().map_err(ErrorResponse::internal)?
    }

    /// Whether the database is in a file.
    pub(crate) fn has_file(&self) -> bool {
        self.readers.is_some()
    }

    /// Writes the server's URL into the lock file, for commands that are given the database.
    pub(crate) fn announce(&self, url: &str) -> std::io::Result<()> {
        self.lock.as_ref().map_or(Ok(()), |lock| lock.announce(url))
    }

    /// Subscribes to the changes of runs and spans, each sent after its commit.
    pub(crate) fn changes(&self) -> broadcast::Receiver<Change> {
        self.writer.changes()
    }
}
