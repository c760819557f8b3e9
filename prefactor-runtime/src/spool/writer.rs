//! The journal of this process, also while it cannot be written.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::config::spool::SpoolOptions;
use crate::operation::stored::{Mark, RecordId, Snapshot};
use crate::operation::{InstanceRecord, Operation};
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::platform::internal_log::{self, FaultKind};
use crate::spool::directory;
use crate::spool::journal::{self, Journal};
use crate::spool::owner::Owner;
use crate::spool::record;

/// How long a directory that cannot be written is left alone.
const RETRY: Duration = Duration::from_secs(1);
/// How often the directory is looked at: its size, and whether it is there.
const LOOK: Duration = Duration::from_millis(500);

/// The records of this process on disk.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) options: SpoolOptions,
    pub(crate) owner: Owner,
    journal: Option<Journal>,
    /// The number that the next journal begins with, so that numbers of one are never those of another.
    next_number: u64,
    /// Not before then is another try made.
    retry_at: Option<Instant>,
    look_at: Option<Instant>,
    /// Bytes of other journals in the directory.
    others: u64,
    has_snapshots: bool,
    /// A test that holds it has a disk that hangs.
    #[cfg(test)]
    pub(crate) disk: Arc<std::sync::Mutex<()>>,
}

impl Writer {
    pub(crate) fn new(options: SpoolOptions, owner: Owner) -> Self {
        Self {
            options,
            owner,
            journal: None,
            next_number: 1,
            retry_at: None,
            look_at: None,
            others: 0,
            has_snapshots: false,
            #[cfg(test)]
            disk: Arc::default(),
        }
    }

    /// Whether the journal can be written. If it could not, this tries again from time to time, and writes the states of the runs first.
    pub(crate) fn is_ready(&mut self, now: Instant, snapshots: impl FnOnce() -> Vec<Snapshot>) -> bool {
        self.look(now);
        if self.retry_at.is_some_and(|at| now < at) {
            return false;
        }
        if self.journal.as_ref().is_some_and(|journal| !journal.wants_segment()) {
            return true;
        }
        match self.begin_segment(&snapshots()) {
            Ok(()) => {
                self.retry_at = None;
                true
            }
            Err(error) => {
                self.failed(&error, now);
                false
            }
        }
    }

    fn begin_segment(&mut self, snapshots: &[Snapshot]) -> io::Result<()> {
        if self.journal.is_none() {
            directory::prepare(&self.options.path)?;
            let path = directory::new_journal(&self.options.path, Timestamp::now().unix_millis());
            self.journal = Some(Journal::create(path, self.owner.to_json(), self.next_number)?);
        }
        let Some(journal) = &mut self.journal else { return Ok(()) };
        journal.begin_segment()?;
        put_snapshots(journal, snapshots);
        journal.commit()?;
        self.has_snapshots = true;
        Ok(())
    }

    /// Whether the next record begins a segment.
    pub(crate) fn wants_segment(&self) -> bool {
        self.journal.as_ref().is_none_or(Journal::wants_segment)
    }

    /// Whether the states of the runs were written since the last call.
    pub(crate) fn take_has_snapshots(&mut self) -> bool {
        std::mem::take(&mut self.has_snapshots)
    }

    /// Whether the directory was removed since the last look, with its contents.
    fn look(&mut self, now: Instant) {
        if self.look_at.is_some_and(|at| now < at) {
            return;
        }
        self.look_at = Some(now + LOOK);
        self.others = directory::bytes(&self.options.path);
        let Some(journal) = &self.journal else { return };
        self.others = self.others.saturating_sub(journal.bytes());
        if !journal.path().exists() {
            self.next_number = journal.next_number();
            self.journal = None;
            self.retry_at = None;
            internal_log::log_rate_limited(
                FaultKind::Spool,
                "the directory of the spool was removed: it is made again, and its spans are kept in memory alone; keep the directory",
            );
        }
    }

    fn failed(&mut self, error: &io::Error, now: Instant) {
        self.retry_at = Some(now + RETRY);
        internal_log::log_rate_limited(
            FaultKind::Spool,
            &format!(
                "the spool cannot be written ({}): spans are kept in memory until it can; free space in its directory, \
                 or make it writable for this user",
                error.kind()
            ),
        );
    }

    /// Whether the directory has reached its bound.
    pub(crate) fn is_full(&self) -> bool {
        let own = self.journal.as_ref().map_or(0, Journal::bytes);
        let is_full = own + self.others >= self.options.max_bytes;
        if is_full {
            internal_log::log_rate_limited(
                FaultKind::SpoolFull,
                "the spool is full: new spans are kept in memory alone; raise its max_bytes; to \
                 deliver the spans of other agents in it, start these again with the same directory",
            );
        }
        is_full
    }

    /// Adds an operation, whose payload `payload` writes: see [`record::put_operation`].
    pub(crate) fn append(
        &mut self,
        operation: &mut Operation,
        payload: impl FnOnce(&mut Vec<u8>, &mut Payload) -> bool,
    ) -> Option<RecordId> {
        let journal = self.journal.as_mut()?;
        let kind = record::kind_of(operation);
        let number = journal.append(kind, |out| record::put_operation(out, operation, payload));
        Some(RecordId { journal: 0, number })
    }

    pub(crate) fn append_registration(
        &mut self,
        run: &InstanceRecord,
        nonce: &str,
        body: &[u8],
    ) -> Option<RecordId> {
        let journal = self.journal.as_mut()?;
        let number = journal.append(record::kind::REGISTER, |out| {
            record::put_register(out, run.key.0, nonce, body);
        });
        Some(RecordId { journal: 0, number })
    }

    pub(crate) fn note<'a>(&mut self, marks: impl IntoIterator<Item = &'a Mark>) {
        if let Some(journal) = &mut self.journal {
            record::append_marks(journal, marks);
        }
    }

    pub(crate) fn settle(&mut self, number: u64) {
        if let Some(journal) = &mut self.journal {
            journal.settle(number);
        }
    }

    /// Writes the added records, and returns whether that succeeded.
    pub(crate) fn commit(&mut self, now: Instant) -> bool {
        let Some(journal) = &mut self.journal else { return false };
        if !journal.has_news() {
            return true;
        }
        match journal.commit() {
            Ok(()) => {
                if journal.bytes() + self.others > self.options.max_bytes / 2 {
                    journal.remove_spare();
                }
                true
            }
            Err(error) => {
                self.failed(&error, now);
                false
            }
        }
    }

    /// A closure that syncs all records so far to the medium. They count as synced from now on.
    pub(crate) fn sync(&mut self) -> impl FnOnce() -> io::Result<()> + Send + use<> {
        let files: Vec<Arc<File>> = self.journal.as_mut().map(Journal::take_unsynced).unwrap_or_default();
        #[cfg(test)]
        let disk = Arc::clone(&self.disk);
        move || {
            #[cfg(test)]
            drop(disk.lock());
            journal::sync(&files)
        }
    }

    pub(crate) fn is_unsynced(&self) -> bool {
        self.journal.as_ref().is_some_and(Journal::is_unsynced)
    }

    /// Deletes the journal if everything in it is settled, else leaves it to another process.
    pub(crate) fn close(&mut self) -> bool {
        self.journal.take().is_none_or(Journal::close)
    }
}

/// Writes the states of runs.
pub(crate) fn put_snapshots(journal: &mut Journal, snapshots: &[Snapshot]) {
    for run in snapshots {
        let instance = run.instance;
        journal.append(record::kind::RUN, |out| record::put_run(out, run));
        for key in &run.open {
            journal.append(record::kind::OPEN_SPAN, |out| record::put_open_span(out, instance, *key));
        }
        let refused =
            run.refused.iter().map(|(key, parent)| Mark::Refused { instance, key: *key, parent: *parent });
        let renamed =
            run.renamed.iter().map(|(key, id)| Mark::Renamed { instance, key: *key, id: id.clone() });
        record::append_marks(journal, &refused.chain(renamed).collect::<Vec<_>>());
    }
}
