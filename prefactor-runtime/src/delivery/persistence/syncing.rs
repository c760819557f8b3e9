//! Decides when written records are synced to the medium, and which flushes wait for that.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::{JoinHandle, spawn_blocking};

use crate::config::spool::Fsync;
use crate::delivery::queue::shards::Reply;
use crate::platform::internal_log::{self, FaultKind};
use crate::spool::writer::Writer;
use crate::types::stats::{Counters, FlushReport};

pub(super) struct Syncing {
    counters: Arc<Counters>,
    /// Beside the worker: a disk may take its time.
    under_way: Option<JoinHandle<io::Result<()>>>,
    synced_at: Instant,
    /// Those who wait for the sync that is under way.
    in_sync: Vec<Waiter>,
    /// Those who wait for the next one.
    waiting: Vec<Waiter>,
    /// Whether what was there at the shutdown is on the medium, once that is known.
    is_closed_safely: Option<bool>,
}

struct Waiter {
    deadline: Instant,
    /// `None` for the shutdown.
    reply: Option<Reply>,
}

impl Syncing {
    pub(super) fn new(counters: Arc<Counters>, now: Instant) -> Self {
        Self {
            counters,
            under_way: None,
            synced_at: now,
            in_sync: Vec::new(),
            waiting: Vec::new(),
            is_closed_safely: None,
        }
    }

    /// Syncs what was written, if each batch is to be synced. Whether that went well.
    pub(super) fn batch(&self, writer: &mut Writer) -> bool {
        if writer.options.fsync != Fsync::EveryBatch || !writer.is_unsynced() {
            return true;
        }
        let is_synced = writer.sync()().is_ok();
        self.count(is_synced);
        is_synced
    }

    /// Replies to a flush once what was written is synced, if it is to be.
    pub(super) fn flush(&mut self, deadline: Instant, reply: Reply, writer: &mut Writer) {
        if self.is_to_wait(writer) {
            self.waiting.push(Waiter { deadline, reply: Some(reply) });
            self.begin_if_due(writer, Instant::now());
        } else {
            reply(self.report(true));
        }
    }

    /// Has a sync follow that a shutdown waits for, if anything is left then: the next one, where there is time for it.
    pub(super) fn close(&mut self, deadline: Instant, writer: &mut Writer) {
        if self.is_to_wait(writer) {
            self.waiting.push(Waiter { deadline, reply: None });
            self.begin_if_due(writer, Instant::now());
        }
    }

    fn is_to_wait(&self, writer: &Writer) -> bool {
        matches!(writer.options.fsync, Fsync::Every(_)) && (writer.is_unsynced() || self.under_way.is_some())
    }

    /// Until when the shutdown waits for a sync, if it does.
    pub(super) fn shutdown_waits_until(&self) -> Option<Instant> {
        self.waiters().find(|waiter| waiter.reply.is_none()).map(|waiter| waiter.deadline)
    }

    /// Whether what the shutdown left is as safe as was asked for.
    pub(super) fn is_closed_safely(&self) -> bool {
        self.is_closed_safely.unwrap_or_else(|| self.shutdown_waits_until().is_none())
    }

    /// Begins a sync beside the worker, if one is due or waited for.
    pub(super) fn begin_if_due(&mut self, writer: &mut Writer, now: Instant) {
        let Fsync::Every(period) = writer.options.fsync else { return };
        let is_urgent =
            self.waiting.iter().any(|waiter| waiter.reply.is_some() || waiter.deadline <= now + period);
        let is_due = is_urgent || now.saturating_duration_since(self.synced_at) >= period;
        let is_needed = writer.is_unsynced() || !self.waiting.is_empty();
        if self.under_way.is_some() || !is_due || !is_needed {
            return;
        }
        self.begin(writer, now);
    }

    /// Begins the sync that the shutdown waits for: nothing more will be written.
    pub(super) fn begin_last(&mut self, writer: &mut Writer) {
        if self.under_way.is_none() && !self.waiting.is_empty() {
            self.begin(writer, Instant::now());
        }
    }

    fn begin(&mut self, writer: &mut Writer, now: Instant) {
        self.in_sync.append(&mut self.waiting);
        self.synced_at = now;
        self.under_way = Some(spawn_blocking(writer.sync()));
    }

    /// Waits for the sync that is under way, and says whether it went well. Dropping the future loses nothing.
    pub(super) async fn ended(&mut self) -> bool {
        match &mut self.under_way {
            Some(handle) => handle.await.is_ok_and(|result| result.is_ok()),
            None => pending().await,
        }
    }

    pub(super) fn on_ended(&mut self, is_synced: bool, writer: &mut Writer) {
        self.under_way = None;
        self.count(is_synced);
        for waiter in std::mem::take(&mut self.in_sync) {
            self.answer(waiter, is_synced);
        }
        self.begin_if_due(writer, Instant::now());
    }

    /// The runtime is gone, with the sync that ran there.
    pub(super) fn recover(&mut self) {
        if self.under_way.take().is_some() {
            self.waiting.append(&mut self.in_sync);
        }
    }

    /// Answers whose deadline has come.
    pub(super) fn expire(&mut self, now: Instant) {
        let is_over = |waiter: &Waiter| waiter.deadline <= now;
        let (over, in_sync) = std::mem::take(&mut self.in_sync).into_iter().partition(is_over);
        self.in_sync = in_sync;
        let (also_over, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(is_over);
        self.waiting = waiting;
        for waiter in [over, also_over].into_iter().flatten() {
            self.answer(waiter, false);
        }
    }

    /// Answers all that wait: nothing more is synced.
    pub(super) fn end(&mut self) {
        for waiter in std::mem::take(&mut self.in_sync).into_iter().chain(std::mem::take(&mut self.waiting)) {
            self.answer(waiter, false);
        }
    }

    /// When something is to be done next.
    pub(super) fn wake_at(&self, writer: &Writer) -> Option<Instant> {
        let sync = match writer.options.fsync {
            Fsync::Every(period)
                if (writer.is_unsynced() || !self.waiting.is_empty()) && self.under_way.is_none() =>
            {
                self.synced_at.checked_add(period)
            }
            _ => None,
        };
        self.waiters().map(|waiter| waiter.deadline).chain(sync).min()
    }

    fn waiters(&self) -> impl Iterator<Item = &Waiter> {
        self.waiting.iter().chain(&self.in_sync)
    }

    fn answer(&mut self, waiter: Waiter, is_synced: bool) {
        match waiter.reply {
            Some(reply) => reply(self.report(is_synced)),
            None => self.is_closed_safely = Some(is_synced),
        }
    }

    fn count(&self, is_synced: bool) {
        if is_synced {
            self.counters.spool_synced();
        } else {
            internal_log::log_rate_limited(
                FaultKind::Spool,
                "the spool cannot be synced to its medium: what is written survives the process, but perhaps no power \
                 cut; look at the disk",
            );
        }
    }

    fn report(&self, is_complete: bool) -> FlushReport {
        FlushReport { is_complete, stats: self.counters.snapshot(), ..FlushReport::default() }
    }
}
