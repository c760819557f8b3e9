//! The one thread that changes the database, and its bounded queue.
//!
//! SQLite has one writer at a time. So the jobs of all requests run one after the other, and all that wait share one
//! transaction: a transaction for each would cost more than its job. A job that fails is undone alone. Answers are sent
//! after the commit.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::Connection;
use tokio::sync::broadcast;

use super::work::{Change, Reader, Work, WriterState};
use crate::{Error, error_response::ErrorResponse};

/// The jobs that may wait, and the bytes of their requests. Beyond either, requests are answered with 429.
const MOST_WAITING: usize = 1024;
const MOST_WAITING_BYTES: usize = 32 << 20;

/// The greatest wait of a batch's first job: then it is committed although more jobs wait.
const BATCH: Duration = Duration::from_millis(10);

/// The time for which the queue must be empty before other work is done, and the longest delay of that work.
const QUIET: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(1);

/// The spans that are indexed between two looks at the queue.
const SLICE: u32 = 64;

/// The changes that a subscriber may lag behind before it has to read everything again.
const CHANGES: usize = 4096;

/// The sending side of the queue.
pub(super) struct Writer {
    /// `None` only while the writer is being dropped.
    queue: Option<SyncSender<Queued>>,
    waiting_bytes: Arc<AtomicUsize>,
    changes: broadcast::Sender<Change>,
    thread: Option<JoinHandle<()>>,
}

struct Queued {
    job: Box<dyn Job>,
    bytes: usize,
}

/// A job with the channel for its result.
trait Job: Send {
    fn run(&mut self, work: &mut Work<'_>);
    /// Sends the result: the error of the batch, or the job's own.
    fn answer(self: Box<Self>, error: Option<ErrorResponse>);
}

struct Task<F, T, R> {
    body: Option<F>,
    output: Option<Result<T, ErrorResponse>>,
    reply: R,
}

impl<F, T, R> Job for Task<F, T, R>
where
    F: FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send,
    T: Send,
    R: FnOnce(Result<T, ErrorResponse>) + Send,
{
    fn run(&mut self, work: &mut Work<'_>) {
        let Some(body) = self.body.take() else { return };
        let done = catch_unwind(AssertUnwindSafe(|| body(work)));
        self.output = Some(done.unwrap_or_else(|_| Err(ErrorResponse::internal("the request panicked"))));
    }

    fn answer(self: Box<Self>, error: Option<ErrorResponse>) {
        let output = match (error, self.output) {
            (Some(error), _) => Err(error),
            (None, Some(output)) => output,
            (None, None) => return,
        };
        (self.reply)(output);
    }
}

impl Writer {
    pub(super) fn start(connection: Connection) -> Result<Self, Error> {
        let (queue, jobs) = sync_channel(MOST_WAITING);
        let waiting_bytes = Arc::new(AtomicUsize::new(0));
        let changes = broadcast::Sender::new(CHANGES);
        let worker = Worker {
            connection,
            state: WriterState { has_unindexed: true, ..WriterState::default() },
            jobs,
            waiting_bytes: Arc::clone(&waiting_bytes),
            changes: changes.clone(),
            last_upkeep: Instant::now(),
        };
        let thread = thread::Builder::new()
            .name("prefactor-writer".to_owned())
            .spawn(move || worker.run())
            .map_err(Error::Thread)?;
        Ok(Self { queue: Some(queue), waiting_bytes, changes, thread: Some(thread) })
    }

    /// Queues a job for a request of `bytes` bytes. `reply` is called on the writer's thread after the commit.
    pub(super) fn queue<T: Send + 'static>(
        &self,
        bytes: usize,
        body: impl FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send + 'static,
        reply: impl FnOnce(Result<T, ErrorResponse>) + Send + 'static,
    ) -> Result<(), ErrorResponse> {
        let before = self.waiting_bytes.fetch_add(bytes, Ordering::Relaxed);
        let queued = Queued { job: Box::new(Task { body: Some(body), output: None, reply }), bytes };
        let fits = before == 0 || before + bytes <= MOST_WAITING_BYTES;
        let sent = match &self.queue {
            Some(queue) if fits => queue.try_send(queued).map_err(|error| match error {
                TrySendError::Full(_) => ErrorResponse::too_many_requests(),
                TrySendError::Disconnected(_) => ErrorResponse::internal("the writer has ended"),
            }),
            _ => Err(ErrorResponse::too_many_requests()),
        };
        if let Err(error) = sent {
            self.waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            return Err(error);
        }
        Ok(())
    }

    pub(super) fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }
}

impl Drop for Writer {
    /// Lets the thread finish the queued jobs and close the database.
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("waiting_bytes", &self.waiting_bytes).finish_non_exhaustive()
    }
}

/// The state of the writer's thread.
struct Worker {
    connection: Connection,
    state: WriterState,
    jobs: Receiver<Queued>,
    waiting_bytes: Arc<AtomicUsize>,
    changes: broadcast::Sender<Change>,
    last_upkeep: Instant,
}

impl Worker {
    fn run(mut self) {
        while let Some(first) = self.next() {
            self.batch(first);
            if self.state.has_unindexed && self.last_upkeep.elapsed() >= PATIENCE {
                self.upkeep();
            }
        }
        let _ = self.connection.execute_batch("PRAGMA optimize");
    }

    /// Returns the next job, and uses the time until it comes; `None` when the queue is closed.
    fn next(&mut self) -> Option<Queued> {
        while self.state.has_unindexed {
            match self.jobs.recv_timeout(QUIET) {
                Ok(job) => return Some(job),
                Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {}
            }
            while self.state.has_unindexed {
                match self.jobs.try_recv() {
                    Ok(job) => return Some(job),
                    Err(TryRecvError::Disconnected) => return None,
                    Err(TryRecvError::Empty) => self.upkeep(),
                }
            }
        }
        self.jobs.recv().ok()
    }

    /// Runs `first` and all waiting jobs in one transaction, then sends all results.
    fn batch(&mut self, first: Queued) {
        let Self { connection, state, jobs, waiting_bytes, .. } = self;
        let (started, mut done, mut next) = (Instant::now(), Vec::new(), Some(first));
        let begun = statement(connection, "BEGIN IMMEDIATE");
        let mut work = Work { reader: Reader { sql: connection }, state };
        while let Some(Queued { mut job, bytes }) = next {
            if begun.is_ok() {
                job.run(&mut work);
            }
            waiting_bytes.fetch_sub(bytes, Ordering::Relaxed);
            done.push(job);
            // After a failed BEGIN all queued jobs fail at once: each alone would wait for the lock in vain.
            let goes_on = begun.is_err() || (!work.state.is_spoilt && started.elapsed() < BATCH);
            next = if goes_on { jobs.try_recv().ok() } else { None };
        }
        let ended = begun.and_then(|()| if self.state.is_spoilt { Err(self.undo()) } else { self.commit() });
        for job in done {
            job.answer(ended.as_ref().err().cloned());
        }
    }

    fn commit(&mut self) -> Result<(), ErrorResponse> {
        let committed = statement(&self.connection, "COMMIT");
        if committed.is_err() {
            self.roll_back();
        }
        if self.changes.receiver_count() == 0 {
            self.state.changes.clear();
        }
        for change in self.state.changes.drain(..) {
            let _ = self.changes.send(change);
        }
        committed
    }

    /// Undoes a batch with a job that failed halfway, most often by an error of the disk. The other jobs may be sent
    /// again.
    fn undo(&mut self) -> ErrorResponse {
        self.roll_back();
        ErrorResponse::unavailable(
            "a request in the same batch failed half done, so nothing of it was stored: send this again",
        )
    }

    fn roll_back(&mut self) {
        let _ = self.connection.execute_batch("ROLLBACK");
        self.state.account = None;
        self.state.changes.clear();
        self.state.is_spoilt = false;
    }

    /// Does a small part of the work that no request waits for.
    fn upkeep(&mut self) {
        self.last_upkeep = Instant::now();
        let indexed = statement(&self.connection, "BEGIN IMMEDIATE").and_then(|()| {
            let mut work = Work { reader: Reader { sql: &self.connection }, state: &mut self.state };
            let has_more = work.atomically(|work| work.index_text(SLICE));
            self.commit()?;
            has_more
        });
        self.state.has_unindexed = indexed.unwrap_or(false);
    }
}

fn statement(connection: &Connection, sql: &'static str) -> Result<(), ErrorResponse> {
    connection.prepare_cached(sql)?.execute(())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[test]
    fn batch_with_a_job_that_failed_half_done_leaves_nothing_of_those_that_were_refused() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (n INTEGER)").unwrap();
        let writer = Writer::start(connection).unwrap();
        let (told, answers) = mpsc::channel();
        let (leave, leaves) = mpsc::channel::<()>();
        writer.queue(0, move |_| Ok(leaves.recv().is_ok()), |_| ()).unwrap();
        for n in 0..9 {
            let told = told.clone();
            let half_done = move |work: &mut Work<'_>| {
                work.sql.execute("INSERT INTO t VALUES (?1)", [n])?;
                if n % 3 == 1 { Err(ErrorResponse::internal("the disk is gone")) } else { Ok(()) }
            };
            let answer = move |output: Result<(), ErrorResponse>| told.send((n, output.is_ok())).unwrap();
            writer.queue(0, move |work| work.refusing_first(half_done), answer).unwrap();
        }
        leave.send(()).unwrap();
        let done: Vec<i64> = answers.iter().take(9).filter_map(|(n, is_done)| is_done.then_some(n)).collect();
        let (rows, stored) = mpsc::channel();
        let read = |work: &mut Work<'_>| {
            let mut statement = work.sql.prepare("SELECT n FROM t ORDER BY rowid")?;
            Ok(statement.query_map((), |row| row.get(0))?.collect::<Result<Vec<i64>, _>>()?)
        };
        writer.queue(0, read, move |output| rows.send(output.unwrap()).unwrap()).unwrap();
        assert_eq!(stored.recv().unwrap(), done);
        assert!(done.iter().all(|n| n % 3 != 1), "{done:?}");
        assert!(done.contains(&8), "the writer goes on: {done:?}");
    }
}
