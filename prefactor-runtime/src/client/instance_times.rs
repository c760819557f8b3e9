//! Runs and spans of which the times are given: for what is told afterwards, or by another system.

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
    /// As [`start`](AgentInstance::start), at a time that is given.
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

    /// As [`finish`](AgentInstance::finish), at a time that is given.
    pub fn finish_at(&self, status: InstanceStatus, at: SystemTime) {
        if let Some(instance) = self.current_if_any() {
            instance.finish_at(status, Timestamp::of_system_time(at));
        }
    }

    /// As [`create_span`](AgentInstance::create_span), at a time that is given.
    #[must_use = "nothing else names the span"]
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

    /// As [`finish_span`](AgentInstance::finish_span), at a time that is given.
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
