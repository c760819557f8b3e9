//! The state of one agent instance, shared by its handles, its spans and the contexts in it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use crate::manager::held::HeldRun;
use crate::manager::recorders::Counted;
use crate::manager::span_manager::SpanManager;
use crate::operation::{InstanceKey, InstanceRecord, NoteKind, SpanKey};
use crate::payload::CaptureLimits;
use crate::platform::clock::{RunClock, Timestamp};
use crate::platform::per_process::{PerProcess, Succeed};
use crate::types::registration::Registration;
use crate::types::stats::DropReason;
use crate::types::status::{InstanceStatus, SpanStatus, Terminated};

// Keeps the fields off the cache line of the `Arc`'s count, which each span writes.
#[repr(align(128))]
pub(crate) struct InstanceState {
    manager: Arc<SpanManager>,
    registration: Arc<InstanceRecord>,
    /// Whether it is among those that the sample rate lets pass. If not, the API never hears of it.
    is_recorded: bool,
    /// Whether it is recorded with all of its spans.
    is_plain: bool,
    /// Whether it has started and is recorded with all of its spans, so that a new span needs no decision. The hot path asks this
    /// alone.
    is_routine: AtomicBool,
    /// Where spans are held that may be sent because they fail.
    held: Option<Arc<HeldRun>>,
    clock: RunClock,
    is_started: AtomicBool,
    is_finished: AtomicBool,
    /// When its first span was prepared. Not set where the run had started before.
    first_prepared_at: OnceLock<Timestamp>,
    process: PerProcess<InstanceState>,
    _counted: Counted,
}

impl InstanceState {
    pub(crate) fn register(manager: &Arc<SpanManager>, registration: Registration) -> Self {
        let (registration, is_recorded) = manager.register(registration);
        // The caller's process starts and finishes a run that is joined.
        let is_joined = registration.is_joined();
        let (is_started, is_finished) = (AtomicBool::new(is_joined), AtomicBool::new(is_joined));
        let manager = Arc::clone(manager);
        let sampling = manager.sampling();
        let is_plain = is_recorded && sampling.kinds.is_empty();
        let held = (sampling.keeps_failures && !is_plain)
            .then(|| Arc::new(HeldRun::new(Arc::clone(&manager), Arc::clone(&registration), is_recorded)));
        Self {
            manager,
            registration,
            is_recorded,
            is_plain,
            is_routine: AtomicBool::new(is_plain && is_joined),
            held,
            clock: RunClock::read(),
            is_started,
            is_finished,
            first_prepared_at: OnceLock::new(),
            process: PerProcess::default(),
            _counted: Counted::recorder(),
        }
    }

    pub(crate) fn manager(&self) -> &SpanManager {
        &self.manager
    }

    pub(crate) fn key(&self) -> InstanceKey {
        self.registration.key
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.registration.id()
    }

    pub(crate) fn registration(&self) -> &InstanceRecord {
        &self.registration
    }

    /// The termination signal, if it has come. The worker asks for it from the first call on.
    pub(crate) fn termination(&self) -> Option<Terminated> {
        self.watch();
        self.registration.termination()
    }

    /// Waits for the termination signal, for which the worker asks from the first call on.
    pub(crate) async fn terminated(&self) -> Terminated {
        self.watch();
        self.registration.terminated().await
    }

    fn watch(&self) {
        if self.registration.watch() {
            self.manager.attend();
        }
    }

    /// The clock of the run, which its spans have too: no child starts before its parent.
    #[inline]
    pub(crate) fn clock(&self) -> RunClock {
        self.clock
    }

    pub(crate) fn is_recorded(&self) -> bool {
        self.is_recorded
    }

    /// Whether it is recorded with all of its spans.
    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether it has started and is recorded with all of its spans, so that a new span needs no decision.
    #[inline]
    pub(crate) fn is_routine(&self) -> bool {
        self.is_routine.load(Relaxed)
    }

    /// Decides about a span that is prepared while the run is not routine. Returns whether it is left out, because of its name.
    pub(crate) fn prepares_span(&self, schema_name: &str) -> bool {
        if !self.is_started.load(Relaxed) {
            self.first_prepared_at.get_or_init(|| self.clock().now());
        }
        !self.is_plain && self.leaves_out(schema_name)
    }

    /// Where its spans are held that may be sent because they fail.
    pub(crate) fn held(&self) -> Option<&Arc<HeldRun>> {
        self.held.as_ref()
    }

    /// Whether a span of that name is left out of the run, which is recorded.
    fn leaves_out(&self, schema_name: &str) -> bool {
        self.is_recorded && !self.manager.sampling().takes(schema_name)
    }

    /// Whether the API knows the run, or will.
    fn is_known(&self) -> bool {
        self.is_recorded || self.held.as_ref().is_some_and(|held| held.is_registered())
    }

    /// The capture limits of its spans: nothing where [`InstanceState::refusal`] has a reason, or the client is closed.
    pub(crate) fn limits(&self) -> CaptureLimits {
        if self.refusal().is_none() { self.manager.limits() } else { CaptureLimits::NOTHING }
    }

    /// Whether this process has finished the run. A run that was joined is another process's to finish.
    fn is_over(&self) -> bool {
        self.is_finished.load(Relaxed) && !self.registration.is_joined()
    }

    /// Why the run takes no new span, if so.
    pub(crate) fn refusal(&self) -> Option<DropReason> {
        if !self.is_plain && !self.is_recorded && self.held.is_none() {
            Some(DropReason::SampledOut)
        } else if self.is_over() && !self.manager.is_closed() {
            Some(DropReason::RunFinished)
        } else {
            None
        }
    }

    /// Records a quality, an alert or a termination, before the run's end or after it.
    pub(crate) fn note(&self, kind: NoteKind, payload: &[u8]) {
        if self.is_known() {
            self.start();
            self.manager.note(self.key(), kind, self.clock().now(), payload);
        }
    }

    /// Ends a span by its reference.
    pub(crate) fn finish_span(&self, key: SpanKey, status: SpanStatus, at: Timestamp, result: &[u8]) {
        if self.is_known() {
            self.manager.finish_by_reference(self.key(), key, status, at, result);
        }
    }

    pub(crate) fn start(&self) {
        self.start_with(self.clock().now());
    }

    /// Starts the run with something that happens in it: no later than that, and no later than its first span was prepared, for
    /// that span may start at any time since. The time of the first span cannot be known before, since it may be given.
    pub(crate) fn start_with(&self, at: Timestamp) {
        if !self.is_started.load(Relaxed) {
            self.start_at(self.first_prepared_at.get().map_or(at, |prepared| prepared.earlier(at)));
        }
    }

    pub(crate) fn start_at(&self, at: Timestamp) {
        if !self.is_started.swap(true, Relaxed) {
            self.is_routine.store(self.is_plain, Relaxed);
            if self.is_recorded {
                self.manager.start_instance(self.key(), at);
            } else if let Some(held) = &self.held {
                held.start(at);
            }
        }
    }

    pub(crate) fn finish(&self, status: InstanceStatus) {
        self.finish_at(status, self.clock().now());
    }

    pub(crate) fn finish_at(&self, status: InstanceStatus, at: Timestamp) {
        if self.is_finished.swap(true, Relaxed) {
            return;
        }
        let is_known = self.held.as_ref().is_some_and(|held| held.finish());
        if self.is_recorded || is_known {
            // The API cancels a run that was never started, whatever the status of its finish.
            if status != InstanceStatus::Cancelled {
                self.start_with(at);
            }
            self.manager.finish_instance(self.key(), status, at);
        }
    }
}

impl Succeed for InstanceState {
    fn process(&self) -> &PerProcess<Self> {
        &self.process
    }

    fn needs_successor(&self) -> bool {
        !Arc::ptr_eq(self.manager.current(), &self.manager)
    }

    /// A run of the same agent in the forked process. The inherited one is finished by its own process alone.
    fn succeed(&self) -> Arc<Self> {
        Arc::new(Self::register(self.manager.current(), self.registration.registration.clone()))
    }
}

impl Drop for InstanceState {
    fn drop(&mut self) {
        if self.is_known() {
            self.manager.release_instance(self.key(), self.clock().now());
        }
    }
}

impl fmt::Debug for InstanceState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AgentInstance")
            .field("agent", &self.registration.registration.agent.name())
            .field("id", &self.id())
            .finish_non_exhaustive()
    }
}
