//! Runs and spans as processors see them: plain, owned and redacted.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use crate::types::agent::Agent;
use crate::types::status::{InstanceStatus, SpanStatus};

/// The id of a run in W3C trace contexts and OTLP: 16 bytes, shown as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId(pub(crate) [u8; 16]);

/// The id of a span in W3C trace contexts and OTLP: 8 bytes, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(pub(crate) [u8; 8]);

impl TraceId {
    /// The bytes, in the order in which they are shown.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl SpanId {
    /// The bytes, in the order in which they are shown.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0
    }
}

fn hexadecimal(bytes: &[u8], formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        hexadecimal(&self.0, formatter)
    }
}

/// One run of an agent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TraceRecord {
    /// The run's id.
    pub trace_id: TraceId,
    /// The agent that runs.
    pub agent: Agent,
    /// When the run was started. `None` before it is.
    pub started_at: Option<SystemTime>,
    /// When the run ended. `None` before it has.
    pub ended_at: Option<SystemTime>,
    /// How the run ended. `None` before it has.
    pub status: Option<InstanceStatus>,
}

/// One span: as it is at its start, or as it is at its end.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SpanRecord {
    /// The run to which it belongs.
    pub trace: Arc<TraceRecord>,
    /// The span's id.
    pub span_id: SpanId,
    /// The id of the span above it. `None` at the top of the run.
    pub parent_id: Option<SpanId>,
    /// The kind of work, as in `agent:llm_call`.
    pub schema_name: Cow<'static, str>,
    /// The state: [`SpanStatus::Active`], or how the span ended.
    pub status: SpanStatus,
    /// When the span was started.
    pub started_at: SystemTime,
    /// When the span ended. `None` at its start.
    pub ended_at: Option<SystemTime>,
    pub(crate) payload: Arc<str>,
    pub(crate) result: Arc<str>,
}

impl SpanRecord {
    /// The payload as JSON text: an object, redacted.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        &self.payload
    }

    /// The result payload as JSON text: an object, redacted, and empty at the span's start.
    #[must_use]
    pub fn result_json(&self) -> &str {
        &self.result
    }

    /// The payload as a value, for example a map. `None` when it has another shape.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.payload).ok()
    }

    /// The result payload as a value, for example a map. `None` when it has another shape.
    #[must_use]
    pub fn result<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(&self.result).ok()
    }

    /// What the record occupies in a queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.payload.len() + self.result.len()
    }
}
