//! The span manager: turns events of spans and instances into operations for the worker.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use crate::config::sampling::Sampling;
use crate::delivery::pipeline::{Pipeline, PipelineConfig, TransportFactory};
use crate::delivery::queue::shards::Reply;
use crate::delivery::worker::Worker;
use crate::export::health::Health;
use crate::manager::held_bytes::HeldBytes;
use crate::manager::recorders::Counted;
use crate::operation::{
    Account, InstanceKey, InstanceRecord, Note, NoteKind, Operation, SpanFinish, SpanKey, SpanStart,
};
use crate::payload::CaptureLimits;
use crate::platform::clock::Timestamp;
use crate::platform::fork;
use crate::platform::internal_log::{self, FaultKind, NAME_CLEANED};
use crate::platform::per_process::{PerProcess, Succeed};
use crate::platform::timer::Timer;
use crate::types::error::Error;
use crate::types::registration::Registration;
use crate::types::stats::{DropReason, RunCallEvent, RunEvent, Stats};
use crate::types::status::{InstanceStatus, SpanStatus};

/// Payloads that are held for failures may take this part of the queue's bytes.
const HELD_PART: usize = 4;

/// Takes the events of one client's spans and hands them to delivery, never waiting and never failing.
///
/// A forked process inherits the manager without its worker, and the accepted operations stay with the parent process. On the first
/// use in the child, a successor is made, and all calls go to it.
pub(crate) struct SpanManager {
    delivery: Pipeline,
    limits: CaptureLimits,
    config: Arc<PipelineConfig>,
    held_bytes: HeldBytes,
    is_closed: AtomicBool,
    next_instance: AtomicU64,
    process: PerProcess<SpanManager>,
    _counted: (Counted, Option<Counted>),
}

impl SpanManager {
    /// Starts delivery.
    ///
    /// # Errors
    ///
    /// When the transport or the delivery thread cannot be made.
    pub(crate) fn begin(config: PipelineConfig) -> Result<Self, Error> {
        fork::watch_forks();
        let delivery = config.begin()?;
        Ok(Self::new(delivery, Arc::new(config)))
    }

    fn new(delivery: Pipeline, config: Arc<PipelineConfig>) -> Self {
        let (is_closed, next_instance) = (AtomicBool::new(false), AtomicU64::new(0));
        let sampling = &config.sampling;
        let records_nothing = sampling.runs.is_zero() && !sampling.keeps_failures;
        let limits = if records_nothing { CaptureLimits::NOTHING } else { config.limits };
        let counted = (Counted::manager(), (!sampling.kinds.is_empty()).then(Counted::kind_sampler));
        let held_bytes = HeldBytes::new(config.queue.bytes / HELD_PART);
        let process = PerProcess::default();
        Self { delivery, limits, config, held_bytes, is_closed, next_instance, process, _counted: counted }
    }

    /// The capture limits of its spans: nothing once it is closed.
    pub(crate) fn limits(&self) -> CaptureLimits {
        if self.is_closed() { CaptureLimits::NOTHING } else { self.limits }
    }

    /// Whether some runs are recorded and others are not.
    pub(crate) fn is_sampling(&self) -> bool {
        self.config.sampling.runs.is_partial()
    }

    pub(crate) fn sampling(&self) -> &Sampling {
        &self.config.sampling
    }

    pub(crate) fn held_bytes(&self) -> &HeldBytes {
        &self.held_bytes
    }

    pub(crate) fn stats(&self) -> Stats {
        self.delivery.counters.snapshot()
    }

    /// The counts of each processor, by its name.
    pub(crate) fn processor_stats(&self) -> Vec<(String, Stats)> {
        let processors = self.delivery.processors.iter();
        processors.map(|status| (status.name.to_owned(), status.counters.snapshot())).collect()
    }

    /// How each processor is doing, by its name.
    pub(crate) fn processor_health(&self) -> Vec<(String, Health)> {
        let processors = self.delivery.processors.iter();
        processors.map(|status| (status.name.to_owned(), status.health.get())).collect()
    }

    /// Whether spans go to processors alone.
    pub(crate) fn is_without_prefactor(&self) -> bool {
        matches!(self.config.transport, TransportFactory::None)
    }

    /// Whether trace contexts that leave the process name the run and the span.
    pub(crate) fn names_runs(&self) -> bool {
        self.config.names_runs
    }

    pub(crate) fn account(&self) -> &Account {
        &self.delivery.account
    }

    pub(crate) fn timer(&self) -> &Arc<Timer> {
        &self.delivery.timer
    }

    /// Whether this is the worker's own thread.
    pub(crate) fn is_worker(&self) -> bool {
        self.delivery.worker.as_ref().is_some_and(Worker::is_this_thread)
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    /// Closes the manager: it accepts nothing from now on. Returns `true` for the first call.
    pub(crate) fn close(&self) -> bool {
        !self.is_closed.swap(true, Relaxed)
    }

    /// Has the worker attend to a run of which nothing may come.
    pub(crate) fn attend(&self) {
        self.delivery.queue.attend();
    }

    pub(crate) fn flush(&self, deadline: Instant, reply: Reply) {
        self.delivery.queue.flush(deadline, reply);
    }

    pub(crate) fn shutdown(&self, deadline: Instant, status: InstanceStatus, reply: Reply) {
        self.delivery.queue.shutdown(deadline, status, reply);
    }

    /// Registers an instance, and says whether it is recorded. The API hears of those that are.
    pub(crate) fn register(&self, mut registration: Registration) -> (Arc<InstanceRecord>, bool) {
        if registration.clean_names() {
            internal_log::log_rate_limited(FaultKind::Name, NAME_CLEANED);
        }
        let key = InstanceKey(self.next_instance.fetch_add(1, Relaxed));
        let registration =
            Arc::new(InstanceRecord::new(key, registration).terminable_by_default(self.config.is_terminable));
        // The caller's process decides for a joined run whether it is recorded, and counts it.
        let is_own = !registration.is_joined();
        let is_recorded = !is_own || self.config.sampling.runs.decide();
        if is_recorded {
            self.send_registration(&registration);
        }
        (registration, is_recorded)
    }

    /// Tells the API of a run.
    pub(crate) fn send_registration(&self, registration: &Arc<InstanceRecord>) {
        if self.is_inherited() {
            return;
        }
        let count = |event| {
            if !registration.is_joined() {
                self.delivery.counters.run(event);
            }
        };
        count(RunEvent::Created);
        let register = || Operation::Register(Arc::clone(registration));
        if self.delivery.queue.push(&[], register).is_err() {
            count(RunEvent::Lost);
        }
    }

    pub(crate) fn start_instance(&self, instance: InstanceKey, at: Timestamp) {
        self.push(Operation::StartInstance { instance, at });
    }

    pub(crate) fn finish_instance(&self, instance: InstanceKey, status: InstanceStatus, at: Timestamp) {
        self.push(Operation::FinishInstance { instance, status, at });
    }

    pub(crate) fn release_instance(&self, instance: InstanceKey, at: Timestamp) {
        self.push(Operation::ReleaseInstance { instance, at });
    }

    /// Offers a span. Only when it was accepted may its finish follow.
    ///
    /// A refusal is counted here; the caller passes it to [`SpanManager::report`] when it holds no lock. The operation is built in its
    /// place in the queue, because a move costs as much as its payload. Returns the operation's number in the queue.
    #[inline]
    pub(crate) fn start_span(
        &self,
        run: &InstanceRecord,
        arguments: &[u8],
        start: impl FnOnce() -> SpanStart<()>,
    ) -> Result<u64, DropReason> {
        if self.is_inherited() && !self.is_closed() {
            return Ok(0); // the process it comes from has the span too
        }
        self.delivery.counters.created();
        let offer = if self.is_closed() {
            Err(DropReason::AfterShutdown)
        } else {
            self.delivery.queue.offer(arguments, || Operation::StartSpan(start()))
        };
        offer.inspect_err(|reason| {
            self.delivery.counters.dropped(*reason);
            if *reason == DropReason::QueueFull && run.span_refused() {
                self.attend();
            }
        })
    }

    /// Counts a span that was made outside of any run.
    pub(crate) fn outside_of_runs(&self) {
        self.delivery.counters.outside_of_runs();
    }

    /// Counts a span that its run does not take.
    pub(crate) fn not_taken(&self, reason: DropReason) -> DropReason {
        self.delivery.counters.created();
        self.delivery.counters.dropped(reason);
        reason
    }

    /// Ends a span that was accepted, whose start has that number.
    #[inline]
    pub(crate) fn finish_span(&self, start: u64, result: &[u8], finish: impl FnOnce() -> SpanFinish<()>) {
        // The shutdown has cancelled and counted accepted spans that end after it.
        if !self.is_inherited() {
            let _ = self.delivery.queue.push_after(start, result, || Operation::FinishSpan(finish()));
        }
    }

    pub(crate) fn note(&self, instance: InstanceKey, kind: NoteKind, at: Timestamp, payload: &[u8]) {
        if !self.is_inherited() {
            let key = SpanKey::generate(at.unix_millis());
            let note = || Operation::Note(Note { instance, key, kind, at, payload: () });
            self.delivery.counters.run_call(RunCallEvent::Created);
            if self.delivery.queue.push(payload, note).is_err() {
                self.delivery.counters.run_call(RunCallEvent::Lost);
            }
        }
    }

    /// Ends a span that a reference names: counted as a span of its own, for the one who started it has counted that.
    pub(crate) fn finish_by_reference(
        &self,
        instance: InstanceKey,
        key: SpanKey,
        status: SpanStatus,
        at: Timestamp,
        result: &[u8],
    ) {
        if self.is_inherited() {
            return;
        }
        self.delivery.counters.created();
        let finish = || {
            let (has_usage, is_by_reference) = (false, true);
            Operation::FinishSpan(SpanFinish {
                instance,
                key,
                status,
                at,
                result: (),
                has_usage,
                is_by_reference,
            })
        };
        let is_taken = !self.is_closed() && self.delivery.queue.push(result, finish).is_ok();
        if !is_taken {
            self.delivery.counters.dropped(DropReason::AfterShutdown);
            Self::report(Some(DropReason::AfterShutdown));
        }
    }

    fn push(&self, operation: Operation<()>) {
        if !self.is_inherited() {
            let _ = self.delivery.queue.push(&[], || operation);
        }
    }

    /// Logs that spans are being dropped. The program's logger may do anything, so no lock may be held here.
    #[inline]
    pub(crate) fn report(refusal: Option<DropReason>) {
        if let Some(reason) = refusal {
            Self::warn(reason);
        }
    }

    #[cold]
    fn warn(reason: DropReason) {
        match reason {
            DropReason::AfterShutdown => {
                internal_log::log_rate_limited(
                    FaultKind::AfterShutdown,
                    "spans are started after the shutdown: they are dropped and counted; keep the ShutdownGuard until the work is done",
                );
            }
            DropReason::WorkerLost => {
                internal_log::log_rate_limited(
                    FaultKind::Worker,
                    "the delivery thread is gone: spans are dropped and counted; restart the program to deliver again",
                );
            }
            DropReason::RunFinished => {
                internal_log::log_rate_limited(
                    FaultKind::RunFinished,
                    "spans are started in runs that are finished: they are dropped and counted; finish a run when its work is done",
                );
            }
            DropReason::SampledOut => {}
            _ => internal_log::log_rate_limited(
                FaultKind::QueueFull,
                "the queue is full: new spans are dropped and counted; a larger max_queue_bytes keeps more \
                 (PREFACTOR_MAX_QUEUE_BYTES; or max_queue_operations, where it is set)",
            ),
        }
    }
}

impl Succeed for SpanManager {
    fn process(&self) -> &PerProcess<Self> {
        &self.process
    }

    /// A client that was shut down before the fork takes no spans in the child either.
    fn needs_successor(&self) -> bool {
        !self.is_closed()
    }

    fn succeed(&self) -> Arc<Self> {
        let delivery = self.config.begin().unwrap_or_else(|error| {
            internal_log::log_rate_limited(FaultKind::Worker, &format!("in a forked process, {error}"));
            self.config.without_worker()
        });
        Arc::new(Self::new(delivery, Arc::clone(&self.config)))
    }
}

impl fmt::Debug for SpanManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SpanManager").field("stats", &self.stats()).finish_non_exhaustive()
    }
}
