//! Counts of spans, runs and calls by what became of them: no span is lost without being counted.

use std::collections::BTreeMap;
use std::fmt;

/// Why a span did not reach the platform.
///
/// # Examples
///
/// ```
/// use prefactor::DropReason;
/// use prefactor::testing::Recorder;
///
/// let recorder = Recorder::new();
/// recorder.run(|| prefactor::span("agent:step").complete(&"done"));
/// assert_eq!(recorder.client().stats().dropped(DropReason::QueueFull), 0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DropReason {
    /// The queue was full, by count or by bytes, when the span started.
    QueueFull,
    /// The API does not take a body of the span's size, not even without its payloads.
    TooLarge,
    /// The API refused the span.
    Rejected,
    /// The API refused what the span depends on: its start, or its agent instance.
    DependencyRejected,
    /// The API refused the token until the client was shut down.
    Auth,
    /// The span was never sent: the registration of its run was given up, after responses that were not the API's.
    Protocol,
    /// The deadline of the shutdown came first.
    ShutdownDeadline,
    /// The span was started after the shutdown.
    AfterShutdown,
    /// The span was started in a run that the program had finished.
    RunFinished,
    /// The delivery thread is gone.
    WorkerLost,
    /// The spool was damaged: nothing is left of the run that the span belongs to.
    SpoolLost,
    /// A processor panicked when it was given the span.
    ProcessorPanicked,
    /// The trace was not among those to record, or the span of a kind that is left out: see
    /// [`sample_rate`](crate::ClientBuilder::sample_rate) and [`sample_rate_of`](crate::ClientBuilder::sample_rate_of).
    SampledOut,
}

impl DropReason {
    /// All reasons, in the order of their declaration.
    pub const ALL: [Self; 13] = [
        Self::QueueFull,
        Self::TooLarge,
        Self::Rejected,
        Self::DependencyRejected,
        Self::Auth,
        Self::Protocol,
        Self::ShutdownDeadline,
        Self::AfterShutdown,
        Self::RunFinished,
        Self::WorkerLost,
        Self::SpoolLost,
        Self::ProcessorPanicked,
        Self::SampledOut,
    ];

    /// The reason in snake case, as it is logged.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TooLarge => "too_large",
            Self::Rejected => "rejected",
            Self::DependencyRejected => "dependency_rejected",
            Self::Auth => "auth",
            Self::Protocol => "protocol",
            Self::ShutdownDeadline => "shutdown_deadline",
            Self::AfterShutdown => "after_shutdown",
            Self::RunFinished => "run_finished",
            Self::WorkerLost => "worker_lost",
            Self::SpoolLost => "spool_lost",
            Self::ProcessorPanicked => "processor_panicked",
            Self::SampledOut => "sampled_out",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// A way of delivery that the API refused, and that another replaces. It is tried again ten minutes later.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// for fallback in client.stats().fallbacks() {
///     println!("the API does not support what {fallback:?} replaces");
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Fallback {
    /// Each start and each finish of a span is a request of its own: `/bulk` is refused.
    SingleRequests,
    /// Each finish of a span is a request of its own: `/bulk` takes starts only.
    SingleFinishes,
    /// The API makes the ids of spans: it does not take the client's.
    ServerIds,
    /// Spans that were cancelled after their start end as `failed`, with the error type `Cancelled`.
    CancelledAsFailed,
    /// Spans that were cancelled before their start are made as `pending`, then cancelled: two calls in place of one.
    PendingFirst,
}

impl Fallback {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 5] = [
        Self::SingleRequests,
        Self::SingleFinishes,
        Self::ServerIds,
        Self::CancelledAsFailed,
        Self::PendingFirst,
    ];
}

/// Counts of spans since the client was made. `created = acknowledged + dropped + unknown + outstanding`.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let stats = client.stats();
/// for (reason, count) in stats.drops() {
///     println!("{count} spans were dropped: {}", reason.as_str());
/// }
/// ```
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Spans started, or cancelled before their start.
    pub created: u64,
    /// Spans whose final state the API has accepted.
    pub acknowledged: u64,
    /// Spans that may be on the platform: in flight when the shutdown's deadline came, or given up after responses that were
    /// not the API's.
    pub unknown: u64,
    /// Spans still open or on their way, or kept in the spool by a shutdown.
    pub outstanding: u64,
    /// Requests sent, repeats included.
    pub requests: u64,
    /// Requests repeated.
    pub retries: u64,
    /// How often the delivery thread panicked and was started again.
    pub worker_restarts: u64,
    /// How often the server showed that it had started anew and forgotten what it knew.
    pub server_restarts: u64,
    /// Spans that the program made outside of any run, although it registers runs itself: they are in the default instance. A
    /// task or thread that was not given its [`Context`](crate::Context) makes such spans.
    pub outside_of_runs: u64,
    /// Spans of which the start was written to the spool, so that the end of the process does not lose them.
    pub spooled: u64,
    /// Spans that are kept in memory alone although there is a spool: it is full, or cannot be written.
    pub unspooled: u64,
    /// Spans that the shutdown left in the spool, for the next process to deliver. They are among those outstanding.
    pub kept: u64,
    /// How often the spool was synced to its medium: as `Fsync` says.
    pub spool_syncs: u64,
    /// Spans taken over from the spools of processes that have ended. They are among those created.
    pub adopted: u64,
    /// Places in the spool that were damaged, and files that could not be read: what was whole around them is delivered.
    pub spool_damaged: u64,
    /// Counts of runs.
    pub runs: RunStats,
    /// Counts of calls of runs: quality, alerts and terminations.
    pub run_calls: RunCallStats,
    dropped: [u64; DropReason::ALL.len()],
    has_fallen_back: [bool; Fallback::ALL.len()],
}

/// Counts of runs (agent instances) since the client was made. `created = finished + lost + unknown + outstanding`.
///
/// Runs that are not recorded, because of [`sample_rate`](crate::ClientBuilder::sample_rate), are not counted.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let runs = client.stats().runs;
/// println!("{} of {} runs were registered", runs.registered, runs.created);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunStats {
    /// Runs that the program registered.
    pub created: u64,
    /// Runs whose registration the API has accepted.
    pub registered: u64,
    /// Runs whose start the API has accepted.
    pub started: u64,
    /// Runs whose finish the API has accepted.
    pub finished: u64,
    /// Runs whose registration or finish the API refused, or never received: it shows them as active, or not at all.
    pub lost: u64,
    /// Runs whose finish was sent and got no response that says what became of it.
    pub unknown: u64,
    /// Runs that are not finished, or whose finish is on its way.
    pub outstanding: u64,
}

/// Counts of calls of runs since the client was made: qualities that were recorded or removed, alerts that were raised or
/// cleared, and terminations. `created = acknowledged + lost + unknown + outstanding`.
///
/// # Examples
///
/// ```
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let calls = client.stats().run_calls;
/// println!("{} of {} calls of runs were accepted", calls.acknowledged, calls.created);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunCallStats {
    /// Calls that the program made.
    pub created: u64,
    /// Calls that the API has accepted.
    pub acknowledged: u64,
    /// Calls that the API refused, or never received.
    pub lost: u64,
    /// Calls that were sent and got no response that says what became of them.
    pub unknown: u64,
    /// Calls on their way.
    pub outstanding: u64,
}

impl Stats {
    /// The ways of delivery that the API refused.
    pub fn fallbacks(&self) -> impl Iterator<Item = Fallback> + '_ {
        Fallback::ALL.into_iter().filter(|fallback| self.has_fallen_back[*fallback as usize])
    }

    /// Spans dropped for one reason.
    #[must_use]
    pub const fn dropped(&self, reason: DropReason) -> u64 {
        self.dropped[reason as usize]
    }

    /// Spans dropped, all reasons together.
    #[must_use]
    pub fn dropped_total(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// The reasons for which spans were dropped, with their counts.
    pub fn drops(&self) -> impl Iterator<Item = (DropReason, u64)> + '_ {
        DropReason::ALL
            .into_iter()
            .map(|reason| (reason, self.dropped(reason)))
            .filter(|(_, count)| *count > 0)
    }
}

/// Shows every part by its name: the counts, the drops by reason, the fallbacks.
#[expect(clippy::missing_fields_in_debug, reason = "the arrays are shown by the names of their places")]
impl fmt::Debug for Stats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let drops: BTreeMap<_, _> = self.drops().collect();
        let fallbacks: Vec<_> = self.fallbacks().collect();
        formatter
            .debug_struct("Stats")
            .field("created", &self.created)
            .field("acknowledged", &self.acknowledged)
            .field("dropped", &drops)
            .field("unknown", &self.unknown)
            .field("outstanding", &self.outstanding)
            .field("requests", &self.requests)
            .field("retries", &self.retries)
            .field("worker_restarts", &self.worker_restarts)
            .field("server_restarts", &self.server_restarts)
            .field("outside_of_runs", &self.outside_of_runs)
            .field("spooled", &self.spooled)
            .field("unspooled", &self.unspooled)
            .field("kept", &self.kept)
            .field("spool_syncs", &self.spool_syncs)
            .field("adopted", &self.adopted)
            .field("spool_damaged", &self.spool_damaged)
            .field("runs", &self.runs)
            .field("run_calls", &self.run_calls)
            .field("fallbacks", &fallbacks)
            .finish()
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} spans delivered", self.acknowledged, self.created)?;
        for (reason, count) in self.drops() {
            let cure = if reason == DropReason::QueueFull { ": raise max_queue_bytes" } else { "" };
            write!(formatter, ", {count} dropped ({reason}{cure})")?;
        }
        let outstanding = self.outstanding.saturating_sub(self.kept);
        for (word, count) in [
            ("with unknown outcome", self.unknown),
            ("outstanding", outstanding),
            ("kept in the spool", self.kept),
        ] {
            if count > 0 {
                write!(formatter, ", {count} {word}")?;
            }
        }
        for (word, count) in [("lost", self.runs.lost), ("with unknown outcome", self.runs.unknown)] {
            if count > 0 {
                write!(formatter, ", {count} of {} runs {word}", self.runs.created)?;
            }
        }
        for (word, count) in [("lost", self.run_calls.lost), ("with unknown outcome", self.run_calls.unknown)]
        {
            if count > 0 {
                let made = self.run_calls.created;
                write!(formatter, ", {count} of {made} qualities, alerts and terminations {word}")?;
            }
        }
        Ok(())
    }
}

/// What a flush or a shutdown came to.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # let client = prefactor::testing::Recorder::new().client().clone();
/// let report = client.flush(Duration::from_secs(60));
/// assert!(report.is_complete, "{report}");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "it says whether spans were lost"]
pub struct FlushReport {
    /// Whether everything recorded before the call was settled before its deadline.
    pub is_complete: bool,
    /// The counts at that moment.
    pub stats: Stats,
}

impl fmt::Display for FlushReport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.stats)
    }
}

#[cfg(feature = "enabled")]
pub(crate) use counters::{Counters, RunCallEvent, RunEvent};

#[cfg(feature = "enabled")]
mod counters {
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

    use crate::platform::thread;

    use super::{DropReason, Fallback, RunCallStats, RunStats, Stats};

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

    /// What becomes of a call of a run. All but the first settle it.
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
}

#[cfg(all(test, feature = "enabled"))]
mod tests {
    use super::*;

    #[test]
    fn report_of_a_full_queue_names_the_setting_that_keeps_more() {
        let counters = Counters::default();
        (0..3).for_each(|_| counters.created());
        counters.dropped(DropReason::QueueFull);
        counters.dropped(DropReason::Rejected);
        let report = FlushReport { is_complete: true, stats: counters.snapshot() };
        let text = "0 of 3 spans delivered, 1 dropped (queue_full: raise max_queue_bytes), 1 dropped (rejected), 1 outstanding";
        assert_eq!(report.to_string(), text);
    }

    #[test]
    fn debug_text_names_the_parts_of_stats_and_report() {
        let counters = Counters::default();
        counters.created();
        counters.dropped(DropReason::QueueFull);
        counters.fell_back(Fallback::ALL[0]);
        let report = FlushReport { is_complete: true, stats: counters.snapshot() };
        let text = format!("{report:?}");
        for part in
            ["is_complete: true", "created: 1", "dropped: {QueueFull: 1}", "outstanding: 0", "runs: RunStats"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(text.contains(&format!("fallbacks: [{:?}]", Fallback::ALL[0])), "{text}");
    }
}
