//! Setters for spans made by hand: parent, times, status, and members that are known later.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::Serialize;

use crate::context::new_span::new_span;
use crate::payload::Payload;
use crate::span::handle::Span;
use crate::types::status::SpanStatus;

impl Span {
    /// Prepares a span under this one, also where another span is current. A parent that has not started yet is started with it.
    ///
    /// # Examples
    ///
    /// ```
    /// let answer = prefactor::span("agent:answer");
    /// let search = answer.child("tool:search");
    /// search.complete(&serde_json::json!({ "hits": 3 }));
    /// ```
    pub fn child(&self, schema_name: impl Into<Cow<'static, str>>) -> Self {
        Self::owner(new_span(schema_name.into(), Some(self.context())))
    }

    /// As [`start`](Span::start), at a time that the caller gives: for work that was done before it is recorded.
    ///
    /// The time is sent as it is, to the microsecond: whether a child lies within its parent is up to the caller. A run that has not
    /// started yet starts with its first span, no later than that span's time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// let ended = SystemTime::now();
    /// let span = prefactor::span("tool:build");
    /// span.start_at(&serde_json::json!({ "target": "all" }), ended - Duration::from_secs(90));
    /// span.complete_at(&serde_json::json!({ "warnings": 0 }), ended);
    /// ```
    pub fn start_at<T: Serialize + ?Sized>(&self, payload: &T, at: SystemTime) {
        if let Some(span) = &self.inner {
            Payload::lend(span.limits().inputs, payload, |tape| span.start_at(tape, at));
        }
    }

    /// As [`complete`](Span::complete), at a time that the caller gives.
    pub fn complete_at<T: Serialize + ?Sized>(&self, result: &T, at: SystemTime) {
        self.finish_as_at(SpanStatus::Complete, result, at);
    }

    /// As [`fail`](Span::fail), at a time that the caller gives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// let (begun, failed) = (SystemTime::now() - Duration::from_secs(90), SystemTime::now());
    /// let span = prefactor::span("tool:build");
    /// span.start_at(&(), begun);
    /// span.fail_at(&serde_json::json!({ "exit_code": 101 }), failed);
    /// ```
    pub fn fail_at<T: Serialize + ?Sized>(&self, result: &T, at: SystemTime) {
        self.finish_as_at(SpanStatus::Failed, result, at);
    }

    /// As [`finish`](Span::finish), at a time that the caller gives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use prefactor::SpanStatus;
    ///
    /// let span = prefactor::span("tool:build");
    /// span.set_status(SpanStatus::Failed);
    /// span.finish_at(SystemTime::now());
    /// ```
    pub fn finish_at(&self, at: SystemTime) {
        if let Some(span) = &self.inner {
            span.finish_at(None, &[], Some(at));
        }
    }

    fn finish_as_at<T: Serialize + ?Sized>(&self, status: SpanStatus, result: &T, at: SystemTime) {
        if let Some(span) = &self.inner {
            let finish = |tape: &[u8]| span.finish_at(Some(status), tape, Some(at));
            Payload::lend(span.limits().outputs, result, finish);
        }
    }

    /// Sets the status with which [`finish`](Span::finish), or dropping the handle, ends the span. The last call wins; `Pending` and
    /// `Active` are not final and are ignored. Does not end the span.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::SpanStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let span = prefactor::span("agent:step");
    ///     span.set_status(SpanStatus::Failed);
    /// }); // dropping the handle ends it
    /// assert_eq!(recorder.trace().find("agent:step").status, SpanStatus::Failed);
    /// ```
    pub fn set_status(&self, status: SpanStatus) {
        if let Some(span) = self.inner.as_ref().filter(|_| status.is_final()) {
            span.set_status(status);
        }
    }

    pub(crate) fn leave_open(&self) -> Option<crate::types::pfid::Pfid> {
        self.inner.as_ref()?.leave_open()
    }

    /// Sets one member of the result, for a value that is known only while the span is open. The last value of a name wins.
    ///
    /// The payload is fixed when the span starts, so later values are part of the result.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::{Span, span};
    ///
    /// #[span("tool:fetch")]
    /// fn fetch(url: &str) -> usize {
    ///     Span::current().record("status_code", &200);
    ///     url.len()
    /// }
    /// # fetch("https://example.com");
    /// ```
    pub fn record<T: Serialize + ?Sized>(&self, name: &str, value: &T) {
        if let Some(span) = &self.inner {
            let member = Payload::of_members(span.limits().outputs, |members| members.insert(name, value));
            span.merge_result(member);
        }
    }
}
