//! The live counts of a client.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use crate::platform::thread;

use super::counts::Stats;
use super::drop_reason::DropReason;
use super::fallback::Fallback;
use super::run_counts::{RunCallStats, RunStats};

/// The live counts. Callers add to `created` and `dropped`; everything else is the worker's.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// In parts, of which each thread writes its own: all of them write for each span.
    created: [CachePadded<AtomicU64>; STRIPES],
    acknowledged: AtomicU64,
    unknown: AtomicU64,
    requests: AtomicU64,
    retries: AtomicU64,
    worker_restarts: AtomicU64,
    server_restarts: AtomicU64,
    outside_of_runs: AtomicU64,
    spooled: AtomicU64,
    unspooled: AtomicU64,
    kept: AtomicU64,
    spool_syncs: AtomicU64,
    adopted: AtomicU64,
    spool_damaged: AtomicU64,
    /// By [`RunEvent`].
    runs: [AtomicU64; 6],
    /// By [`RunCallEvent`].
    run_calls: [AtomicU64; 4],
    dropped: [AtomicU64; DropReason::ALL.len()],
    has_fallen_back: [AtomicBool; Fallback::ALL.len()],
}

/// As many as there are shards of the queue.
const STRIPES: usize = 16;

/// On cache lines of its own.
#[derive(Debug, Default)]
#[repr(align(128))]
struct CachePadded<T>(T);

/// A step in the life of a run. The last three settle it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunEvent {
    Created,
    Registered,
    Started,
    Finished,
    Lost,
    Unknown,
}

/// An event in the life of a call of a run. All but the first settle it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunCallEvent {
    Created,
    Acknowledged,
    Lost,
    Unknown,
}

impl Counters {
    pub(crate) fn run_call(&self, event: RunCallEvent) {
        self.run_calls[event as usize].fetch_add(1, Relaxed);
    }

    fn run_calls(&self) -> RunCallStats {
        let count = |event: RunCallEvent| self.run_calls[event as usize].load(Relaxed);
        let (acknowledged, lost, unknown) =
            (count(RunCallEvent::Acknowledged), count(RunCallEvent::Lost), count(RunCallEvent::Unknown));
        let created = count(RunCallEvent::Created);
        let outstanding = created.saturating_sub(acknowledged + lost + unknown);
        RunCallStats { created, acknowledged, lost, unknown, outstanding }
    }

    pub(crate) fn run(&self, event: RunEvent) {
        self.runs[event as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn outside_of_runs(&self) {
        self.outside_of_runs.fetch_add(1, Relaxed);
    }

    pub(crate) fn server_restarted(&self) {
        self.server_restarts.fetch_add(1, Relaxed);
    }

    fn runs(&self) -> RunStats {
        let count = |event: RunEvent| self.runs[event as usize].load(Relaxed);
        let (finished, lost, unknown) =
            (count(RunEvent::Finished), count(RunEvent::Lost), count(RunEvent::Unknown));
        let (started, registered) = (count(RunEvent::Started), count(RunEvent::Registered));
        let created = count(RunEvent::Created);
        let outstanding = created.saturating_sub(finished + lost + unknown);
        RunStats { created, registered, started, finished, lost, unknown, outstanding }
    }

    pub(crate) fn created(&self) {
        self.created[thread::number() % STRIPES].0.fetch_add(1, Relaxed);
    }

    pub(crate) fn acknowledged(&self) {
        self.acknowledged.fetch_add(1, Relaxed);
    }

    pub(crate) fn unknown(&self) {
        self.unknown.fetch_add(1, Relaxed);
    }

    pub(crate) fn dropped(&self, reason: DropReason) {
        self.dropped[reason as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn request(&self, is_repeat: bool) {
        self.requests.fetch_add(1, Relaxed);
        self.retries.fetch_add(u64::from(is_repeat), Relaxed);
    }

    pub(crate) fn worker_restarted(&self) {
        self.worker_restarts.fetch_add(1, Relaxed);
    }

    #[cfg(feature = "spool")]
    pub(crate) fn spooled(&self, spans: u64) {
        self.spooled.fetch_add(spans, Relaxed);
    }

    #[cfg(feature = "spool")]
    pub(crate) fn unspooled(&self) {
        self.unspooled.fetch_add(1, Relaxed);
    }

    /// A span that the shutdown leaves in the spool.
    pub(crate) fn kept(&self) {
        self.kept.fetch_add(1, Relaxed);
    }

    #[cfg(feature = "spool")]
    pub(crate) fn spool_synced(&self) {
        self.spool_syncs.fetch_add(1, Relaxed);
    }

    /// A span of another process.
    #[cfg(feature = "spool")]
    pub(crate) fn adopted(&self) {
        self.created();
        self.adopted.fetch_add(1, Relaxed);
    }

    #[cfg(feature = "spool")]
    pub(crate) fn spool_damaged(&self, places: u64) {
        self.spool_damaged.fetch_add(places, Relaxed);
    }

    pub(crate) fn fell_back(&self, fallback: Fallback) {
        self.has_fallen_back[fallback as usize].store(true, Relaxed);
    }

    pub(crate) fn snapshot(&self) -> Stats {
        // Reads settled counts before `created`, so that a span which settles in between is outstanding.
        let dropped = std::array::from_fn(|index| self.dropped[index].load(Relaxed));
        let (acknowledged, unknown) = (self.acknowledged.load(Relaxed), self.unknown.load(Relaxed));
        let created = self.created.iter().map(|stripe| stripe.0.load(Relaxed)).sum::<u64>();
        let settled = acknowledged + unknown + dropped.iter().sum::<u64>();
        Stats {
            created,
            acknowledged,
            unknown,
            outstanding: created.saturating_sub(settled),
            requests: self.requests.load(Relaxed),
            retries: self.retries.load(Relaxed),
            worker_restarts: self.worker_restarts.load(Relaxed),
            server_restarts: self.server_restarts.load(Relaxed),
            outside_of_runs: self.outside_of_runs.load(Relaxed),
            spooled: self.spooled.load(Relaxed),
            unspooled: self.unspooled.load(Relaxed),
            kept: self.kept.load(Relaxed),
            spool_syncs: self.spool_syncs.load(Relaxed),
            adopted: self.adopted.load(Relaxed),
            spool_damaged: self.spool_damaged.load(Relaxed),
            runs: self.runs(),
            run_calls: self.run_calls(),
            dropped,
            has_fallen_back: std::array::from_fn(|index| self.has_fallen_back[index].load(Relaxed)),
        }
    }
}
