//! The span manager: turns what happens to spans and instances into operations for the worker.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

use crate::agent::Agent;
use crate::clock::Timestamp;
use crate::delivery::Queue;
use crate::diagnostics::{self, Fault};
use crate::operation::{Account, InstanceKey, Operation, Registration, SpanFinish, SpanStart};
use crate::payload::Limits;
use crate::stats::{Counters, DropReason};
use crate::status::InstanceStatus;

/// Managers alive in the process. Zero is the answer to the first question of the hot path: is anybody there?
static MANAGERS: AtomicUsize = AtomicUsize::new(0);

/// Whether any client is there that could take a span.
#[inline]
#[must_use]
pub fn is_anybody_there() -> bool {
    MANAGERS.load(Relaxed) != 0
}

/// Takes the events of one client's spans and hands them to delivery, never waiting and never failing.
pub(crate) struct SpanManager {
    queue: Queue,
    counters: Arc<Counters>,
    account: Arc<Account>,
    limits: Limits,
    is_closed: AtomicBool,
    next_instance: AtomicU64,
}

impl SpanManager {
    pub(crate) fn new(queue: Queue, counters: Arc<Counters>, account: Arc<Account>, limits: Limits) -> Self {
        MANAGERS.fetch_add(1, Relaxed);
        let (is_closed, next_instance) = (AtomicBool::new(false), AtomicU64::new(0));
        Self { queue, counters, account, limits, is_closed, next_instance }
    }

    /// What may be captured for its spans.
    pub(crate) fn limits(&self) -> Limits {
        self.limits
    }

    pub(crate) fn queue(&self) -> &Queue {
        &self.queue
    }

    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }

    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.is_closed.load(Relaxed)
    }

    /// Says that nothing will be accepted any more. `true` for the first who says so.
    pub(crate) fn close(&self) -> bool {
        !self.is_closed.swap(true, Relaxed)
    }

    pub(crate) fn register(&self, agent: Agent) -> Arc<Registration> {
        let key = InstanceKey(self.next_instance.fetch_add(1, Relaxed));
        let registration = Arc::new(Registration::new(key, agent));
        self.push(Operation::Register(Arc::clone(&registration)));
        registration
    }

    pub(crate) fn start_instance(&self, instance: InstanceKey) {
        self.push(Operation::StartInstance { instance, at: Timestamp::now() });
    }

    pub(crate) fn finish_instance(&self, instance: InstanceKey, status: InstanceStatus) {
        self.push(Operation::FinishInstance { instance, status, at: Timestamp::now() });
    }

    pub(crate) fn release_instance(&self, instance: InstanceKey) {
        self.push(Operation::ReleaseInstance { instance, at: Timestamp::now() });
    }

    /// Offers a span. Only when it was accepted may its finish follow.
    ///
    /// A refusal is counted here; the caller passes it to [`SpanManager::report`] when it holds no lock.
    pub(crate) fn start_span(&self, start: SpanStart) -> Result<(), DropReason> {
        self.counters.created();
        let offer = if self.is_closed() {
            Err(DropReason::AfterShutdown)
        } else {
            self.queue.offer(Operation::StartSpan(start))
        };
        offer.inspect_err(|reason| self.counters.dropped(*reason))
    }

    pub(crate) fn finish_span(&self, finish: SpanFinish) {
        // An accepted span that ends after the shutdown was cancelled and counted by it.
        self.push(Operation::FinishSpan(finish));
    }

    fn push(&self, operation: Operation) {
        // The worker is gone after the shutdown only, and then this is no news.
        let _ = self.queue.push(operation);
    }

    /// Says that spans are being dropped. The program's logger may do anything, so no lock may be held here.
    #[cold]
    pub(crate) fn report(reason: DropReason) {
        match reason {
            DropReason::AfterShutdown => {
                diagnostics::warn(
                    Fault::AfterShutdown,
                    "spans are started after the shutdown: they are dropped and counted",
                );
            }
            DropReason::WorkerLost => {
                diagnostics::warn(
                    Fault::Worker,
                    "the delivery thread is gone: spans are dropped and counted",
                );
            }
            _ => diagnostics::warn(Fault::QueueFull, "the queue is full: new spans are dropped and counted"),
        }
    }
}

impl Drop for SpanManager {
    fn drop(&mut self) {
        MANAGERS.fetch_sub(1, Relaxed);
    }
}

impl fmt::Debug for SpanManager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SpanManager")
            .field("stats", &self.counters.snapshot())
            .finish_non_exhaustive()
    }
}
