//! The end of a span: once, with the status and the result that it comes to.

use std::any::Any;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, MutexGuard};
use std::time::SystemTime;

use serde::Serialize;

use super::{HELD, STARTED, SpanState, State};
use crate::manager::held::{End, Held};
use crate::manager::outcome::Outcome;
use crate::manager::panics;
use crate::manager::span_manager::SpanManager;
use crate::operation::SpanFinish;
use crate::payload::{Captured, Payload};
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;

impl SpanState {
    /// Ends the span once. Without a status it is `failed` when an error was set, else `complete`.
    pub(crate) fn finish(&self, status: Option<SpanStatus>, result: &[u8]) {
        self.finish_at(status, result, None);
    }

    /// As [`SpanState::finish`], at a time that the program gives.
    pub(crate) fn finish_at(&self, status: Option<SpanStatus>, result: &[u8], at: Option<SystemTime>) {
        self.end(status, result, at, false);
    }

    /// As [`SpanState::finish`], with the returned value of a function: members that were set by hand stay.
    pub(crate) fn finish_returned(&self, status: Option<SpanStatus>, result: &[u8]) {
        self.end(status, result, None, true);
    }

    fn end(&self, status: Option<SpanStatus>, result: &[u8], at: Option<SystemTime>, is_returned: bool) {
        let mut state = self.lock();
        if state.ended_at.is_some() {
            return;
        }
        let status =
            status.unwrap_or_else(|| state.data.as_ref().map_or(SpanStatus::Complete, |data| data.end()));
        // The API cancels only pending spans, so a span that was never started is sent as pending.
        let first = if status == SpanStatus::Cancelled { SpanStatus::Pending } else { SpanStatus::Active };
        let at = at.map_or_else(|| self.now(), Timestamp::of_system_time);
        let refusal = self.send_start(&mut state, first, None, at);
        state.ended_at = Some(at);
        state.status = status;
        match state.data.as_deref_mut() {
            Some(data) => {
                let result = data.take_result(result, self.limits().outputs, is_returned);
                let end = End { status, at, has_usage: data.usage.is_some() };
                let held = data.held.clone().filter(|_| self.phase.load(Relaxed) == HELD);
                let below = data.decide_below(status);
                self.end_with_data(state, end, &result, held);
                below.tell();
            }
            None if self.is_dropped() => drop(state),
            None => {
                self.send_finish(state.number, status, at, result, false);
                drop(state);
            }
        }
        SpanManager::report(refusal);
        self.observed.close();
    }

    /// Sends the end of a span that has more than its function gave, or hands it to the run that holds the span back.
    #[cold]
    fn end_with_data(
        &self,
        state: MutexGuard<'_, State>,
        end: End,
        result: &Payload,
        held: Option<Arc<Held>>,
    ) {
        if held.is_none() && !self.is_dropped() {
            self.send_finish(state.number, end.status, end.at, result.tape(), end.has_usage);
        }
        drop(state);
        if let Some(held) = held {
            held.finish(end, result.tape());
        }
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
        self.send_finish(state.number, SpanStatus::Active, at, &[], false);
        let below = state.data.as_deref_mut().map(|data| data.decide_below(SpanStatus::Active));
        drop(state);
        if let Some(below) = below {
            below.tell();
        }
        self.observed.close();
        let account = self.instance.as_ref()?.manager().account();
        Some(account.known_span_id(self.key).unwrap_or_else(|| self.key.in_partition(0)))
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

    pub(crate) fn finish_panicked(&self, panic: &(dyn Any + Send)) {
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

    fn send_finish(&self, start: u64, status: SpanStatus, at: Timestamp, tape: &[u8], has_usage: bool) {
        if let Some(instance) = &self.instance {
            let (instance, manager) = (instance.key(), instance.manager());
            manager.finish_span(start, tape, || SpanFinish {
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
}
