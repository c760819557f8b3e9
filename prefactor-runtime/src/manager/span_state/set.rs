//! Setters of a span's data.

use serde::ser::SerializeStruct as _;
use serde::{Serialize, Serializer};

use super::SpanState;
use crate::payload::Payload;
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;
use crate::types::usage::Usage;

/// Events of one span.
const MAX_EVENTS: usize = 128;
/// Bytes of the events of one span, on the tape.
const MAX_EVENT_BYTES: usize = 64 << 10;

impl SpanState {
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

    /// Merges usage: members that are `None` here keep their value.
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
}

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
