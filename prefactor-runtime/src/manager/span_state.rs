//! The state of one span, shared by its handles, its future and its place in the context.

use std::borrow::Cow;
use std::fmt;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use crate::manager::held::{End, Held};
use crate::manager::instance_state::InstanceState;
#[cfg(feature = "observer")]
use crate::manager::observer::NewScope;
use crate::manager::observer::{Entered, Observed};
use crate::manager::outcome::Outcome;
use crate::manager::panics;
use crate::manager::span_manager::SpanManager;
use crate::operation::{SpanFinish, SpanKey, SpanStart};
use crate::payload::{CaptureLimits, Captured, ItemList, Payload, SideLimits};
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;
use crate::types::usage::Usage;

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
    data: Option<Box<Data>>,
}

/// What was set by hand, or went wrong: most spans have nothing of it.
#[derive(Default)]
struct Data {
    default_payload: Payload,
    result: Payload,
    error: Option<SpanError>,
    /// What `finish` ends the span as.
    status: Option<SpanStatus>,
    usage: Option<Usage>,
    events: ItemList,
    /// What goes under the result: typed span data, as it is now.
    typed: Payload,
    /// Whether the span is of a kind that is left out, and was not this time.
    is_left_out: bool,
    held: Option<Arc<Held>>,
}

/// Events of one span.
const MAX_EVENTS: usize = 128;
/// Bytes of the events of one span, on the tape.
const MAX_EVENT_BYTES: usize = 64 << 10;

/// An event as it is captured.
struct Event<'a, T: ?Sized> {
    name: &'a str,
    at: String,
    data: &'a T,
}

impl<T: Serialize + ?Sized> Serialize for Event<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut event = serializer.serialize_struct("Event", 3)?;
        event.serialize_field("name", self.name)?;
        event.serialize_field("at", &self.at)?;
        event.serialize_field("data", self.data)?;
        event.end()
    }
}

impl State {
    const NEW: Self = Self { status: SpanStatus::Pending, started_at: None, ended_at: None, data: None };

    fn data(&mut self) -> &mut Data {
        self.data.get_or_insert_default()
    }
}

impl SpanState {
    /// Prepares a span of a run, and starts the run.
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

    pub(crate) fn start(&self, tape: &[u8]) {
        self.start_with(Some(tape), self.now());
    }

    pub(crate) fn start_at(&self, tape: &[u8], at: SystemTime) {
        self.start_with(Some(tape), Timestamp::of_system_time(at));
    }

    /// Starts a span that was prepared just now, to be started: the time it took to capture the payload is its own.
    pub(crate) fn start_as_prepared(&self, arguments: &[u8]) {
        self.start_with(Some(arguments), self.prepared_at);
    }

    /// Starts the span with its default payload.
    pub(crate) fn start_by_default(&self) {
        if self.is_prepared() {
            self.start_with(None, self.now());
        }
    }

    fn start_with(&self, payload: Option<&[u8]>, at: Timestamp) {
        let refusal = self.send_start(&mut self.lock(), SpanStatus::Active, payload, at);
        SpanManager::report(refusal);
    }

    /// Ends the span once. Without a status it is `failed` when an error was set, else `complete`.
    pub(crate) fn finish(&self, status: Option<SpanStatus>, result: &[u8]) {
        self.finish_at(status, result, None);
    }

    /// As [`SpanState::finish`], at a time that the program gives.
    pub(crate) fn finish_at(&self, status: Option<SpanStatus>, result: &[u8], at: Option<SystemTime>) {
        self.end(status, result, at, false);
    }

    /// As [`SpanState::finish`], with what a function returned: members that were set by hand stay.
    pub(crate) fn finish_returned(&self, status: Option<SpanStatus>, result: &[u8]) {
        self.end(status, result, None, true);
    }

    fn end(&self, status: Option<SpanStatus>, result: &[u8], at: Option<SystemTime>, is_returned: bool) {
        let mut state = self.lock();
        if state.ended_at.is_some() {
            return;
        }
        let has_failed = state.data.as_ref().is_some_and(|data| data.error.is_some());
        let status = status.or_else(|| state.data.as_ref()?.status);
        let status = status.unwrap_or(if has_failed { SpanStatus::Failed } else { SpanStatus::Complete });
        // The API cancels only pending spans, so a span that was never started is sent as pending.
        let first = if status == SpanStatus::Cancelled { SpanStatus::Pending } else { SpanStatus::Active };
        let at = at.map_or_else(|| self.now(), Timestamp::of_system_time);
        let refusal = self.send_start(&mut state, first, None, at);
        state.ended_at = Some(at);
        state.status = status;
        let merged = state.data.as_mut().map(|data| {
            let outputs = self.limits().outputs;
            let mut payload = std::mem::take(&mut data.typed);
            payload.merge(data.error.as_ref().map(|error| error.to_payload(outputs)).unwrap_or_default());
            let (set, mut result) = (std::mem::take(&mut data.result), Payload::copy_of(result));
            if is_returned {
                result.set(set);
            } else {
                payload.merge(set);
            }
            payload.merge(result);
            // Usage holds no text of the program, so it is sent even if results are not captured.
            payload.set(
                data.usage
                    .as_ref()
                    .map(|usage| Payload::of(SideLimits::default(), usage))
                    .unwrap_or_default(),
            );
            payload.set(data.events.to_member("events"));
            payload
        });
        let has_usage = state.data.as_ref().is_some_and(|data| data.usage.is_some());
        let result = merged.as_ref().map_or(result, Payload::tape);
        let held = match self.phase.load(Relaxed) {
            DROPPED => None,
            HELD => state.data.as_ref().and_then(|data| data.held.clone()),
            _ => {
                self.send_finish(status, at, result, has_usage);
                None
            }
        };
        drop(state);
        if let Some(held) = held {
            held.finish(End { status, at, has_usage }, result);
        }
        SpanManager::report(refusal);
        self.observed.close();
    }

    /// Ends the span with a result that was not captured yet.
    pub(crate) fn finish_as<T: Serialize + ?Sized>(&self, status: SpanStatus, result: &T) {
        Payload::lend(self.limits().outputs, result, |tape| self.finish(Some(status), tape));
    }

    /// Leaves a span that has started to another process, which ends it by its reference. `None` if it could not be sent.
    pub(crate) fn leave_open(&self) -> Option<Pfid> {
        let mut state = self.lock();
        // A span that sampling holds back may never be sent, so another process could not end it.
        if state.ended_at.is_some() || self.phase.load(Relaxed) != STARTED {
            return None;
        }
        let at = self.now();
        state.ended_at = Some(at);
        self.send_finish(SpanStatus::Active, at, &[], false);
        drop(state);
        self.observed.close();
        let account = self.instance.as_ref()?.manager().account();
        Some(account.known_span_id(self.key).unwrap_or_else(|| self.key.in_partition(0)))
    }

    /// Tells the observer that the span becomes current, until what is returned is dropped.
    #[cfg(feature = "observer")]
    #[inline]
    pub(crate) fn enter(&self) -> Entered {
        self.observed.enter(&|tell| {
            let trace_id = self.trace_id().unwrap_or_default();
            tell(&NewScope { schema_name: &self.schema_name, trace_id: &trace_id, span_id: &self.span_id() });
        })
    }

    /// There is no observer.
    #[cfg(not(feature = "observer"))]
    #[inline]
    #[expect(clippy::unused_self, reason = "as the other has it")]
    pub(crate) const fn enter(&self) -> Entered {
        Entered::NONE
    }

    /// Keeps the span from the observer.
    #[cfg(feature = "observer")]
    pub(crate) fn leave_unobserved(&self) {
        self.observed.close();
    }

    pub(crate) fn cancel(&self) {
        self.finish(Some(SpanStatus::Cancelled), &[]);
    }

    /// Ends the span as its function ended, with user code kept apart from locks and panics. For a span that was dropped
    /// nothing is read.
    pub(crate) fn finish_with(&self, outcome: &mut dyn FnMut() -> Outcome) {
        if self.is_dropped() {
            return self.finish(None, &[]);
        }
        match Outcome::read(self.limits().outputs, outcome) {
            Ok(outcome) => self.finish_by(outcome),
            Err(_) => {
                Payload::lend(self.limits().outputs, "<capture panicked>", |tape| self.finish(None, tape));
            }
        }
    }

    fn finish_by(&self, outcome: Outcome) {
        match outcome {
            Outcome::Complete(None) => self.finish(None, &[]),
            Outcome::Complete(Some(result)) => result.with_tape(|tape| self.finish_returned(None, tape)),
            Outcome::CountsAsFailed(error, result) => {
                let result = result.map(Captured::into_payload).unwrap_or_default();
                self.set_error(*error);
                self.finish_returned(Some(SpanStatus::Failed), result.tape());
            }
            Outcome::Failed(error) => self.finish_failed(*error),
            Outcome::Used(used) => {
                let (usage, outcome) = *used;
                self.set_usage(usage);
                self.finish_by(outcome);
            }
        }
    }

    pub(crate) fn finish_panicked(&self, panic: &(dyn std::any::Any + Send)) {
        self.finish_failed(panics::error_of(panic));
    }

    /// A panic passes through the handle's owner, where its payload is out of reach.
    pub(crate) fn finish_unwound(&self) {
        self.finish_failed(panics::unwinding_since(self.prepared_at));
    }

    /// As [`SpanState::finish_unwound`], through a call that the thread entered when it had seen so many panics.
    pub(crate) fn finish_call_unwound(&self, panics: u64) {
        self.finish_failed(panics::unwinding(panics));
    }

    pub(crate) fn finish_failed(&self, error: SpanError) {
        self.set_error(error);
        self.finish(Some(SpanStatus::Failed), &[]);
    }

    /// The one place where a span is offered to the queue. Does nothing after the first time.
    #[must_use]
    fn send_start(
        &self,
        state: &mut State,
        status: SpanStatus,
        payload: Option<&[u8]>,
        at: Timestamp,
    ) -> Option<DropReason> {
        if !self.is_prepared() {
            return None;
        }
        state.started_at = Some(at);
        state.status = status;
        let instance = self.instance.as_ref()?;
        if !instance.is_plain() && self.hold(state, payload, at) {
            return None;
        }
        if let Some(reason) = instance.refusal() {
            self.phase.store(DROPPED, Relaxed);
            return Some(instance.manager().not_taken(reason));
        }
        let default_payload = state.data.as_mut().map(|data| std::mem::take(&mut data.default_payload));
        let payload = payload.or(default_payload.as_ref().map(Payload::tape)).unwrap_or_default();
        let offer = instance.manager().start_span(instance.registration(), payload, || SpanStart {
            instance: instance.key(),
            key: self.key,
            parent: self.parent,
            schema_name: self.schema_name.clone(),
            status,
            at,
            payload: (),
        });
        self.phase.store(if offer.is_err() { DROPPED } else { STARTED }, Relaxed);
        offer.err()
    }

    /// Holds the start, where the span is to be sent only if it fails.
    #[cold]
    fn hold(&self, state: &mut State, payload: Option<&[u8]>, at: Timestamp) -> bool {
        let Some(instance) = &self.instance else { return false };
        let Some(run) = instance.held().filter(|_| instance.refusal().is_none()) else { return false };
        let status = state.status;
        let data = state.data();
        if instance.is_recorded() && !data.is_left_out {
            return false;
        }
        let payload = payload.unwrap_or_else(|| data.default_payload.tape());
        let keys = (self.key, self.parent);
        let held = Held::new(run, keys, self.schema_name.clone(), (status, at), payload);
        data.held = Some(held);
        self.phase.store(HELD, Relaxed);
        true
    }

    /// Leaves the span out, because of its kind.
    #[cold]
    pub(crate) fn leave_out(&self) {
        let Some(instance) = &self.instance else { return };
        let mut state = self.lock();
        if instance.held().is_some() {
            state.data().is_left_out = true;
            return;
        }
        (state.started_at, state.status) = (Some(self.prepared_at), SpanStatus::Active);
        self.phase.store(DROPPED, Relaxed);
        instance.manager().not_taken(DropReason::SampledOut);
    }

    fn send_finish(&self, status: SpanStatus, at: Timestamp, tape: &[u8], has_usage: bool) {
        if let Some(instance) = &self.instance {
            let (instance, manager) = (instance.key(), instance.manager());
            manager.finish_span(tape, || SpanFinish {
                instance,
                key: self.key,
                status,
                at,
                result: (),
                has_usage,
                is_by_reference: false,
            });
        }
    }

    pub(crate) fn set_default_payload(&self, payload: Payload) {
        self.lock().data().default_payload = payload;
    }

    pub(crate) fn merge_result(&self, data: Payload) {
        self.lock().data().result.merge(data);
    }

    pub(crate) fn replace_result(&self, output: Payload) {
        self.lock().data().result = output;
    }

    pub(crate) fn set_status(&self, status: SpanStatus) {
        self.lock().data().status = Some(status);
    }

    /// Adds to what was set before: what is unknown here stays as it was.
    pub(crate) fn set_usage(&self, usage: Usage) {
        let mut state = self.lock();
        let known = state.data().usage.take().unwrap_or_default();
        state.data().usage = Some(known.updated(usage));
    }

    pub(crate) fn set_span_data(&self, data: Payload) {
        let mut state = self.lock();
        if self.is_prepared() {
            state.data().default_payload = data.clone();
        }
        state.data().typed = data;
    }

    pub(crate) fn add_event<T: Serialize + ?Sized>(&self, name: &str, data: &T) {
        let event = Event { name, at: self.now().to_rfc3339(), data };
        Payload::lend(self.limits().outputs, &event, |tape| {
            let mut state = self.lock();
            if state.ended_at.is_none() {
                state.data().events.push_tape(tape, MAX_EVENTS, MAX_EVENT_BYTES);
            }
        });
    }

    pub(crate) fn set_error(&self, error: SpanError) {
        self.lock().data().error = Some(error);
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
    pub(crate) fn is_dropped(&self) -> bool {
        self.phase.load(Relaxed) == DROPPED
    }

    pub(crate) fn status(&self) -> SpanStatus {
        self.lock().status
    }

    /// Whether what happens in the span reaches the API: false once it was dropped, left out by the sample rate, or ended.
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

    /// What may be captured for it: nothing once it was dropped.
    pub(crate) fn limits(&self) -> CaptureLimits {
        if self.is_dropped() { CaptureLimits::NOTHING } else { self.limits_of_children() }
    }

    /// What may be captured for other spans of its run.
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
    fn now(&self) -> Timestamp {
        self.instance.as_ref().map_or_else(Timestamp::now, |instance| instance.clock().now())
    }

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
