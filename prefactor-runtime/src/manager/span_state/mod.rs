//! The state of one span, shared by its handles, its future and its place in the context.

mod data;
mod finish;
mod observe;
mod set;
mod start;

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::manager::instance_state::InstanceState;
use crate::manager::observer::Observed;
use crate::operation::SpanKey;
use crate::payload::CaptureLimits;
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;
use data::Data;

pub(crate) struct SpanState {
    key: SpanKey,
    parent: Option<SpanKey>,
    /// Always there, but in a span that is over and kept to be used again.
    instance: Option<Arc<InstanceState>>,
    schema_name: Cow<'static, str>,
    prepared_at: Timestamp,
    /// Whether the start was offered, and refused. Written under the lock of `state`; read without it.
    phase: AtomicU8,
    /// Never held while user code runs. Offering to the queue happens under it, so that a start on one thread
    /// and a finish on another arrive in that order.
    state: Mutex<State>,
    observed: Observed,
}

const PREPARED: u8 = 0;
const STARTED: u8 = 1;
const DROPPED: u8 = 2;
/// Kept in memory, to be sent if it fails or a span below it does.
const HELD: u8 = 3;

struct State {
    status: SpanStatus,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
    /// Of the start that was accepted, in the queue.
    number: u64,
    data: Option<Box<Data>>,
}

impl State {
    const NEW: Self =
        Self { status: SpanStatus::Pending, started_at: None, ended_at: None, number: 0, data: None };

    fn data(&mut self) -> &mut Data {
        self.data.get_or_insert_default()
    }
}

impl SpanState {
    /// Prepares a span of a run.
    pub(super) fn new(
        schema_name: Cow<'static, str>,
        instance: Arc<InstanceState>,
        parent: Option<SpanKey>,
    ) -> Self {
        let prepared_at = instance.clock().now();
        let key = SpanKey::generate(prepared_at.unix_millis());
        let (phase, state) = (AtomicU8::new(PREPARED), Mutex::new(State::NEW));
        let observed = Observed::new();
        Self { key, parent, instance: Some(instance), schema_name, prepared_at, phase, state, observed }
    }

    /// As [`SpanState::new`], in the place of a span that is over. Made elsewhere and moved, it would be written twice.
    pub(super) fn renew(
        &mut self,
        schema_name: Cow<'static, str>,
        instance: Arc<InstanceState>,
        parent: Option<SpanKey>,
    ) {
        self.prepared_at = instance.clock().now();
        self.key = SpanKey::generate(self.prepared_at.unix_millis());
        (self.parent, self.instance, self.schema_name) = (parent, Some(instance), schema_name);
        *self.phase.get_mut() = PREPARED;
        *self.state.get_mut().unwrap_or_else(PoisonError::into_inner) = State::NEW;
        self.observed = Observed::new();
    }

    pub(crate) fn instance(&self) -> Option<Arc<InstanceState>> {
        self.instance.clone()
    }

    /// The id in the API, once it is final.
    pub(crate) fn id(&self) -> Option<Pfid> {
        self.id_of(self.key)
    }

    pub(crate) fn parent_id(&self) -> Option<Pfid> {
        self.id_of(self.parent?)
    }

    fn id_of(&self, key: SpanKey) -> Option<Pfid> {
        self.instance.as_ref()?.manager().account().known_span_id(key)
    }

    /// The id of the run: 32 hexadecimal digits.
    pub(crate) fn trace_id(&self) -> Option<String> {
        Some(self.instance.as_ref()?.registration().trace_id_text())
    }

    /// The id in W3C trace contexts: 16 hexadecimal digits.
    pub(crate) fn span_id(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.key.w3c_bytes()))
    }

    pub(crate) fn schema_name(&self) -> &str {
        &self.schema_name
    }

    #[inline]
    pub(crate) fn is_prepared(&self) -> bool {
        self.phase.load(Relaxed) == PREPARED
    }

    /// The span itself or, if it was dropped, the one above it.
    pub(crate) fn nearest_sent(&self) -> Option<SpanKey> {
        if self.phase.load(Relaxed) < DROPPED {
            return Some(self.key);
        }
        // A run that is left out sends none of its spans, so each counts as sent.
        let is_missing = self.instance.as_ref().is_some_and(|run| run.is_recorded());
        if is_missing { self.parent } else { Some(self.key) }
    }

    /// Whether the start was refused.
    #[inline]
    pub(crate) fn is_dropped(&self) -> bool {
        self.phase.load(Relaxed) == DROPPED
    }

    pub(crate) fn status(&self) -> SpanStatus {
        self.lock().status
    }

    /// Whether the span's data reaches the API: false once it was dropped, left out by the sample rate, or ended.
    pub(crate) fn is_recording(&self) -> bool {
        let may_be_sent = |instance: &Arc<InstanceState>| instance.is_recorded() || instance.held().is_some();
        let is_recorded = self.instance.as_ref().is_some_and(may_be_sent);
        is_recorded && !self.is_dropped() && self.lock().ended_at.is_none()
    }

    pub(crate) fn started_at(&self) -> Option<SystemTime> {
        self.lock().started_at.map(Timestamp::to_system_time)
    }

    /// The time since the start.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        Timestamp::now().to_system_time().duration_since(self.started_at()?).ok()
    }

    pub(crate) fn ended_at(&self) -> Option<SystemTime> {
        self.lock().ended_at.map(Timestamp::to_system_time)
    }

    pub(crate) fn error(&self) -> Option<SpanError> {
        self.lock().data.as_ref().and_then(|data| data.error.clone())
    }

    /// The capture limits of the span: nothing once it was dropped.
    #[inline]
    pub(crate) fn limits(&self) -> CaptureLimits {
        if self.is_dropped() { CaptureLimits::NOTHING } else { self.limits_of_children() }
    }

    /// The capture limits of other spans of its run.
    #[inline]
    pub(crate) fn limits_of_children(&self) -> CaptureLimits {
        self.instance.as_ref().map_or(CaptureLimits::NOTHING, |instance| instance.limits())
    }

    /// Takes everything out of a span that nobody refers to any more.
    pub(super) fn clear(&mut self) {
        self.instance = None;
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        state.data = None;
    }

    /// This moment in the span's run.
    #[inline]
    fn now(&self) -> Timestamp {
        self.instance.as_ref().map_or_else(Timestamp::now, |instance| instance.clock().now())
    }

    #[inline]
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for SpanState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = formatter.debug_struct("Span");
        debug
            .field("schema_name", &self.schema_name)
            .field("span_id", &self.span_id())
            .field("parent_id", &self.parent_id());
        debug.field("status", &self.status()).finish_non_exhaustive()
    }
}
