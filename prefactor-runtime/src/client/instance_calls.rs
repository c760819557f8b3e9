//! Calls about a run besides its spans: quality, alerts, its termination, and spans that another process ends.

use std::borrow::Cow;

use serde::Serialize;

use crate::client::instance::AgentInstance;
use crate::context::Context;
use crate::context::new_span::{new_span, new_span_under};
use crate::operation::{NoteKind, SpanKey};
use crate::payload::Payload;
use crate::span::handle::Span;
use crate::types::alert::Severity;
use crate::types::span_ref::SpanRef;
use crate::types::status::SpanStatus;

impl AgentInstance {
    /// Records the quality of the run, under a name that its quality schemas declare, or removes it with `None`. Returns at
    /// once. It may be called after the run has ended; a run that has not started is started.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn judge(run: &prefactor::AgentInstance) {
    /// run.record_quality("rating", Some(&serde_json::json!({ "stars": 4 })));
    /// run.record_quality::<()>("draft_rating", None);
    /// # }
    /// ```
    pub fn record_quality<T: Serialize + ?Sized>(&self, name: impl Into<String>, payload: Option<&T>) {
        let name = name.into();
        match payload {
            Some(payload) => self.note(NoteKind::Quality { name }, payload),
            None => self.note(NoteKind::QualityRemoved { name }, &()),
        }
    }

    /// Raises an alert of a name that the run's alert schemas declare. Returns at once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::Severity;
    ///
    /// # fn check(run: &prefactor::AgentInstance) {
    /// run.raise_alert("budget", Severity::Warning, &serde_json::json!({ "spent_usd": 4.2 }));
    /// run.clear_alert("budget");
    /// # }
    /// ```
    pub fn raise_alert<T: Serialize + ?Sized>(
        &self,
        name: impl Into<String>,
        severity: Severity,
        payload: &T,
    ) {
        self.note(NoteKind::AlertRaised { name: name.into(), severity }, payload);
    }

    /// Clears an alert. Returns at once.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn check(run: &prefactor::AgentInstance) {
    /// run.clear_alert("budget");
    /// # }
    /// ```
    pub fn clear_alert(&self, name: impl Into<String>) {
        self.note(NoteKind::AlertCleared { name: name.into() }, &());
    }

    /// Asks the platform to end the run, for a reason that must not be empty. Returns at once; the answer arrives as the
    /// [termination](AgentInstance::terminated) of the run.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # fn check(run: &prefactor::AgentInstance, spent_usd: f64) {
    /// if spent_usd > 5.0 {
    ///     run.terminate("the budget of 5 USD is spent");
    /// }
    /// # }
    /// ```
    pub fn terminate(&self, reason: impl Into<String>) {
        self.note(NoteKind::Terminate { reason: reason.into() }, &());
    }

    fn note<T: Serialize + ?Sized>(&self, kind: NoteKind, payload: &T) {
        if let Some(instance) = self.current() {
            Payload::lend(instance.limits().outputs, payload, |tape| instance.note(kind, tape));
        }
    }

    /// Starts a span that stays open when this process ends, and returns a reference for the process that will end it. `None`
    /// where nothing is recorded.
    ///
    /// It goes under the current span if that belongs to this run.
    ///
    /// # Examples
    ///
    /// A request for an approval, which a web service answers hours later:
    ///
    /// ```no_run
    /// use prefactor::{Client, SpanRef, SpanStatus};
    ///
    /// # fn store(_: String) {}
    /// # fn ask(run: &prefactor::AgentInstance) {
    /// let span = run.create_span("human:approval", &serde_json::json!({ "amount": 120 }));
    /// store(span.map(|span| span.to_string()).unwrap_or_default());
    /// # }
    ///
    /// # fn answered(client: &Client, run_id: &str, stored: &str) -> Result<(), prefactor::Error> {
    /// // In the other process:
    /// let span: SpanRef = stored.parse()?;
    /// client.attach(run_id).finish_span(&span, SpanStatus::Complete, &serde_json::json!({ "approved": true }));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "only the reference names the span"]
    pub fn create_span<T: Serialize + ?Sized>(
        &self,
        schema_name: impl Into<Cow<'static, str>>,
        payload: &T,
    ) -> Option<SpanRef> {
        Self::left_open(&self.span(schema_name), payload)
    }

    /// As [`create_span`](AgentInstance::create_span), under a span that a reference names.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::SpanRef;
    /// use serde_json::json;
    ///
    /// # fn ask(run: &prefactor::AgentInstance, approval: &SpanRef) {
    /// let comment = run.create_span_under(approval, "human:comment", &json!({ "asked": "the owner" }));
    /// # drop(comment);
    /// # }
    /// ```
    #[must_use = "only the reference names the span"]
    pub fn create_span_under<T: Serialize + ?Sized>(
        &self,
        parent: &SpanRef,
        schema_name: impl Into<Cow<'static, str>>,
        payload: &T,
    ) -> Option<SpanRef> {
        Self::left_open(&self.span_under(parent, schema_name), payload)
    }

    /// Prepares a span under a span that a reference names, which another process may have started.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::SpanRef;
    ///
    /// # fn note(run: &prefactor::AgentInstance, approval: &SpanRef) {
    /// run.span_under(approval, "human:reminder").complete(&serde_json::json!({ "sent": true }));
    /// # }
    /// ```
    pub fn span_under(&self, parent: &SpanRef, schema_name: impl Into<Cow<'static, str>>) -> Span {
        let parent = SpanKey::of_id(parent.0);
        Span::owner(self.current().and_then(|instance| new_span_under(schema_name.into(), instance, parent)))
    }

    fn left_open<T: Serialize + ?Sized>(span: &Span, payload: &T) -> Option<SpanRef> {
        span.start(payload);
        span.leave_open().map(SpanRef)
    }

    /// Ends a span that a reference names, wherever it was started. Returns at once.
    ///
    /// It is counted as a span of its own in [`Stats`](crate::Stats). `Pending` and `Active` are no ends and are ignored.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use prefactor::{SpanRef, SpanStatus};
    ///
    /// # fn answered(client: &prefactor::Client, run_id: &str, approval: &SpanRef) {
    /// let run = client.attach(run_id);
    /// run.finish_span(approval, SpanStatus::Complete, &serde_json::json!({ "approved": true }));
    /// # }
    /// ```
    pub fn finish_span<T: Serialize + ?Sized>(&self, span: &SpanRef, status: SpanStatus, result: &T) {
        let Some(instance) = self.current().filter(|_| status.is_final()) else { return };
        let key = SpanKey::of_id(span.0);
        Payload::lend(instance.limits().outputs, result, |tape| {
            instance.finish_span(key, status, instance.clock().now(), tape);
        });
    }

    /// Prepares a span at the top of the run, also where a span of the run is current.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let step = prefactor::span("agent:step");
    ///     let _entered = step.enter();
    ///     recorder.instance().top_span("agent:heartbeat").complete(&());
    ///     step.finish();
    /// });
    /// assert_eq!(recorder.trace().roots.len(), 2, "the heartbeat is no child of the step");
    /// ```
    pub fn top_span(&self, schema_name: impl Into<Cow<'static, str>>) -> Span {
        Span::owner(new_span(schema_name.into(), Some(Context::of_instance(self.current()))))
    }
}
