//! The arguments of jobs on the database: a [`Reader`] to read, a [`Work`] to change.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
};

use rusqlite::Connection;

use crate::{error_response::ErrorResponse, pfid};

/// One consistent view of the database.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(super) sql: &'a Connection,
}

/// One change of the database, which takes effect as a whole or not at all.
#[derive(Debug)]
pub(crate) struct Work<'a> {
    pub(super) reader: Reader<'a>,
    pub(super) state: &'a mut WriterState,
}

impl<'a> Deref for Work<'a> {
    type Target = Reader<'a>;

    fn deref(&self) -> &Reader<'a> {
        &self.reader
    }
}

/// The account and its default environment.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) id: String,
    pub(crate) environment_id: String,
    pub(crate) partition: pfid::Partition,
}

/// The state that the writer keeps from one job to the next. Only its thread reads and writes it.
#[derive(Debug, Default)]
pub(super) struct WriterState {
    pub(super) ids: pfid::Generator,
    /// The row of the account, which every new identifier needs; `None` until it is read.
    pub(super) account: Option<Account>,
    /// Whether spans wait for the text index; true at first, as an earlier process may have left some.
    pub(super) has_unindexed: bool,
    /// The changes of the open transaction, for subscribers.
    pub(super) changes: Vec<Change>,
    /// Whether the open transaction holds a part of an effect, so that it must not be committed.
    pub(super) is_spoilt: bool,
}

/// A run, or a span of it, that was created or changed.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The identifier of the run.
    pub(crate) instance: Arc<str>,
    /// The `seq` of the span; `None` if the run itself changed.
    pub(crate) span: Option<i64>,
}

impl Work<'_> {
    /// Applies all of `effect`, or nothing if it fails or panics.
    pub(crate) fn atomically<T>(
        &mut self,
        effect: impl FnOnce(&mut Self) -> Result<T, ErrorResponse>,
    ) -> Result<T, ErrorResponse> {
        self.sql.prepare_cached("SAVEPOINT effect")?.execute(())?;
        let changes = self.state.changes.len();
        let done = catch_unwind(AssertUnwindSafe(|| effect(self)));
        if !matches!(done, Ok(Ok(_))) {
            self.sql.prepare_cached("ROLLBACK TO effect")?.execute(())?;
            self.state.changes.truncate(changes);
            self.state.account = None;
        }
        self.sql.prepare_cached("RELEASE effect")?.execute(())?;
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Applies an effect that changes nothing before it refuses. It needs no savepoint of
    /// [`atomically`](Self::atomically), for which SQLite copies each changed page. An effect that fails halfway spoils
    /// its transaction.
    pub(super) fn refusing_first<T>(
        &mut self,
        effect: impl FnOnce(&mut Self) -> Result<T, ErrorResponse>,
    ) -> Result<T, ErrorResponse> {
        let (rows, changes) = (self.sql.total_changes(), self.state.changes.len());
        let done = catch_unwind(AssertUnwindSafe(|| effect(self)));
        if !matches!(done, Ok(Ok(_))) {
            self.state.changes.truncate(changes);
            self.state.is_spoilt |= self.sql.total_changes() != rows;
        }
        done.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Notes that a run, or its span `seq`, has changed.
    pub(super) fn changed(&mut self, instance: &str, span: Option<i64>) {
        self.state.changes.push(Change { instance: instance.into(), span });
    }
}
