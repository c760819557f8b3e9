//! The data of a span beyond its times and its status.

use std::sync::Arc;

use crate::manager::held::Held;
use crate::manager::undecided::{Decided, Undecided};
use crate::payload::{ItemList, Payload, SideLimits};
use crate::types::span_error::SpanError;
use crate::types::status::SpanStatus;
use crate::types::usage::Usage;

/// Data that was set by hand, and errors: most spans have none.
#[derive(Default)]
pub(super) struct Data {
    pub(super) default_payload: Payload,
    pub(super) result: Payload,
    pub(super) error: Option<SpanError>,
    /// The status with which `finish` ends the span.
    pub(super) status: Option<SpanStatus>,
    pub(super) usage: Option<Usage>,
    pub(super) events: ItemList,
    /// Typed span data as it is now; the result's own members take precedence.
    pub(super) typed: Payload,
    /// Whether the span is of a kind that is left out, and was not this time.
    pub(super) is_left_out: bool,
    pub(super) held: Option<Arc<Held>>,
    /// Of spans below that have ended without saying how.
    pub(super) undecided: Undecided,
}

impl Data {
    /// The status of an end that names none.
    pub(super) fn end(&self) -> SpanStatus {
        let by_error = || if self.error.is_some() { SpanStatus::Failed } else { SpanStatus::Complete };
        self.status.unwrap_or_else(by_error)
    }

    /// How the spans below end that did not say it, now that this one ends so.
    pub(super) fn decide_below(&mut self, status: SpanStatus) -> Decided {
        std::mem::take(&mut self.undecided).decide(status, self.error.as_ref())
    }

    /// The result as it is sent: typed data, the error, what was set by hand, what came with the end, usage and events. What a
    /// function returned leaves members that were set by hand as they are; another end replaces them.
    #[cold]
    pub(super) fn take_result(&mut self, end: &[u8], outputs: SideLimits, is_returned: bool) -> Payload {
        let mut payload = std::mem::take(&mut self.typed);
        payload.merge(self.error.as_ref().map(|error| error.to_payload(outputs)).unwrap_or_default());
        let (set, mut end) = (std::mem::take(&mut self.result), Payload::copy_of(end));
        if is_returned {
            end.set(set);
        } else {
            payload.merge(set);
        }
        payload.merge(end);
        // Usage holds no text of the program, so it is sent even if results are not captured.
        let usage = self.usage.as_ref().map(|usage| Payload::of(SideLimits::default(), usage));
        payload.set(usage.unwrap_or_default());
        payload.set(self.events.to_member("events"));
        payload
    }
}
