//! Runs and spans whose times the caller gives: for work that is recorded afterwards, or by another system.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::Serialize;

use crate::client::instance::AgentInstance;
use crate::operation::SpanKey;
use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::span_ref::SpanRef;
use crate::types::status::{InstanceStatus, SpanStatus};

impl AgentInstance {
    /// As [`start`](AgentInstance::start), at a time that the caller gives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use prefactor::InstanceStatus;
    /// use prefactor::testing::Recorder;
    ///
    /// let ended = SystemTime::now();
    /// let run = Recorder::new().client().register("importer");
    /// run.start_at(ended - Duration::from_secs(60));
    /// run.finish_at(InstanceStatus::Complete, ended);
    /// ```
    pub fn start_at(&self, at: SystemTime) {
        if let Some(instance) = self.current() {
            instance.start_at(Timestamp::of_system_time(at));
        }
    }

    /// As [`finish`](AgentInstance::finish), at a time that the caller gives.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use prefactor::InstanceStatus;
    ///
    /// # let run = prefactor::testing::Recorder::new().client().register("importer");
    /// let begun = SystemTime::now() - Duration::from_secs(60);
    /// run.start_at(begun);
    /// run.finish_at(InstanceStatus::Failed, begun + Duration::from_secs(45));
    /// ```
    pub fn finish_at(&self, status: InstanceStatus, at: SystemTime) {
        if let Some(instance) = self.current_if_any() {
            instance.finish_at(status, Timestamp::of_system_time(at));
        }
    }

    /// As [`create_span`](AgentInstance::create_span), at a time that the caller gives.
    ///
    /// A run that has not started yet starts with its first span, no later than that span's time. Where spans are recorded in
    /// another order than that of their times, call [`start_at`](AgentInstance::start_at) first.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    ///
    /// use prefactor::SpanStatus;
    /// use serde_json::json;
    ///
    /// # let run = prefactor::testing::Recorder::new().client().register("importer");
    /// let asked = SystemTime::now() - Duration::from_secs(3_600);
    /// if let Some(span) = run.create_span_at("human:approval", &json!({ "amount": 120 }), asked) {
    ///     let answered = asked + Duration::from_secs(600);
    ///     run.finish_span_at(&span, SpanStatus::Complete, &json!({ "approved": true }), answered);
    /// }
    /// ```
    #[must_use = "only the reference names the span"]
    pub fn create_span_at<T: Serialize + ?Sized>(
        &self,
        schema_name: impl Into<Cow<'static, str>>,
        payload: &T,
        at: SystemTime,
    ) -> Option<SpanRef> {
        let span = self.span(schema_name);
        span.start_at(payload, at);
        span.leave_open().map(SpanRef)
    }

    /// As [`finish_span`](AgentInstance::finish_span), at a time that the caller gives.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::time::SystemTime;
    ///
    /// use prefactor::{SpanRef, SpanStatus};
    ///
    /// # fn answered(run: &prefactor::AgentInstance, approval: &SpanRef, at: SystemTime) {
    /// run.finish_span_at(approval, SpanStatus::Complete, &serde_json::json!({ "approved": true }), at);
    /// # }
    /// ```
    pub fn finish_span_at<T: Serialize + ?Sized>(
        &self,
        span: &SpanRef,
        status: SpanStatus,
        result: &T,
        at: SystemTime,
    ) {
        let Some(instance) = self.current().filter(|_| status.is_final()) else { return };
        let (key, at) = (SpanKey::of_id(span.0), Timestamp::of_system_time(at));
        let finish = |tape: &[u8]| instance.finish_span(key, status, at, tape);
        Payload::lend(instance.limits().outputs, result, finish);
    }
}
