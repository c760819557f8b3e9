//! The start of a span, and whether it is sent.

use std::sync::atomic::Ordering::Relaxed;
use std::time::SystemTime;

use super::{DROPPED, HELD, STARTED, SpanState, State};
use crate::manager::held::Held;
use crate::manager::span_manager::SpanManager;
use crate::operation::SpanStart;
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;

impl SpanState {
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

    /// The one place where a span is offered to the queue. Does nothing after the first time.
    #[must_use]
    pub(super) fn send_start(
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
        if !instance.is_routine() && self.start_run_or_hold(state, payload, at) {
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
        state.number = offer.unwrap_or_default();
        self.phase.store(if offer.is_err() { DROPPED } else { STARTED }, Relaxed);
        offer.err()
    }

    /// Starts the run with its first span. Says whether the span's start is held instead of sent.
    #[cold]
    fn start_run_or_hold(&self, state: &mut State, payload: Option<&[u8]>, at: Timestamp) -> bool {
        let Some(instance) = &self.instance else { return false };
        if instance.refusal().is_none() {
            instance.start_with(at);
        }
        !instance.is_plain() && self.hold(state, payload, at)
    }

    /// Holds the start, where the span is to be sent only if it fails.
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
        instance.start_with(self.prepared_at);
        (state.started_at, state.status) = (Some(self.prepared_at), SpanStatus::Active);
        self.phase.store(DROPPED, Relaxed);
        instance.manager().not_taken(DropReason::SampledOut);
    }
}
