//! Runs and spans as processors see them: plain, owned and redacted.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::operation::SpanKey;
use crate::payload::JsonText;
use crate::platform::rfc3339::parse_rfc3339;
use crate::types::agent::Agent;
use crate::types::pfid::Pfid;
use crate::types::status::{InstanceStatus, SpanStatus};
use crate::types::usage::Usage;

/// The id of a run in W3C trace contexts and OTLP: 16 bytes, shown as 32 hexadecimal digits.
///
/// # Examples
///
/// ```
/// use prefactor::export::MemoryProcessor;
/// use prefactor::Client;
///
/// let memory = MemoryProcessor::new();
/// let client = Client::builder().processor(memory.clone()).build()?;
/// let run = client.register("tester");
/// run.span("tool:search").complete(&"found");
/// client.flush(std::time::Duration::from_secs(5));
/// let span = &memory.spans()[0];
/// assert_eq!(Some(span.trace.trace_id.to_string()), run.trace_id());
/// assert_eq!((span.trace.trace_id.to_bytes().len(), span.span_id.to_bytes().len()), (16, 8));
/// # Ok::<(), prefactor::Error>(())
/// ```
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
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use prefactor::export::{SpanProcessor, TraceRecord};
///
/// /// Prints each run when it has ended.
/// struct Runs;
///
/// impl SpanProcessor for Runs {
///     fn on_trace_end(&mut self, run: &Arc<TraceRecord>) {
///         let plan = run.metadata::<serde_json::Value>().unwrap_or_default()["plan"].clone();
///         println!("{} of {}: {:?}, plan {plan}, all of it {}", run.trace_id, run.agent.name(), run.status, run.metadata_json());
///     }
/// }
/// # let _ = Runs;
/// ```
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
    /// The identifier that the program gave the run. `None` where it left that to the client.
    pub external_identifier: Option<String>,
    /// The name of the workflow, as in `trace(workflow_name)`.
    pub name: Option<String>,
    /// The group: runs with one group id belong together.
    pub group_id: Option<String>,
    /// The session to which the run belongs.
    pub session_id: Option<String>,
    /// The user for whom the run is made.
    pub user_id: Option<String>,
    /// The run's tags.
    pub tags: Vec<String>,
    /// The run's id in a file.
    pub(crate) id: Pfid,
    pub(crate) metadata: JsonText,
}

impl TraceRecord {
    /// The run's metadata as JSON text: an object, redacted, and empty where there is none.
    #[must_use]
    pub fn metadata_json(&self) -> &str {
        self.metadata.as_str()
    }

    /// The run's metadata as a value, for example a map. `None` when it has another shape.
    #[must_use]
    pub fn metadata<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.metadata.as_str()).ok()
    }
}

/// One span: as it is at its start, or as it is at its end.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use prefactor::export::{SpanProcessor, SpanRecord};
///
/// /// Prints each model call: its prompt, its usage and its events.
/// struct Calls;
///
/// impl SpanProcessor for Calls {
///     fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
///         let payload: serde_json::Value = span.payload().unwrap_or_default();
///         println!("{:?} was asked {} with {}", span.model(), payload["prompt"], span.payload_json());
///         if let Some(usage) = span.usage() {
///             println!("it used {:?} tokens and answered {}", usage.total(), span.result_json());
///         }
///         for event in span.events() {
///             println!("{} {:?}", event.name, event.data::<serde_json::Value>());
///         }
///     }
/// }
/// # let _ = Calls;
/// ```
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
    /// From which the ids of other destinations follow.
    pub(crate) key: SpanKey,
    pub(crate) parent_key: Option<SpanKey>,
    pub(crate) payload: JsonText,
    pub(crate) result: JsonText,
}

/// The bytes that a record occupies beside itself: its place in a queue, which may have room for twice as many, and the overhead of
/// the allocator.
const BESIDE: usize = 128;

impl TraceRecord {
    /// The bytes that the record occupies in a queue.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + BESIDE + self.agent.name().len()
    }
}

impl SpanRecord {
    /// The payload as JSON text: an object, redacted.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        self.payload.as_str()
    }

    /// The result payload as JSON text: an object, redacted, and empty at the span's start.
    #[must_use]
    pub fn result_json(&self) -> &str {
        self.result.as_str()
    }

    /// The payload as a value, for example a map. `None` when it has another shape.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.payload.as_str()).ok()
    }

    /// The result payload as a value, for example a map. `None` when it has another shape.
    #[must_use]
    pub fn result<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_str(self.result.as_str()).ok()
    }

    /// The usage of a model call, read from the result, else from the payload: `token_usage` and the members beside it, or the
    /// usual `usage` of a response. `None` where there is no usage.
    ///
    /// Each call reads the JSON text again.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        let payload = || self.payload::<Value>();
        let told = self.result::<Value>().and_then(|result| Usage::in_json(&result));
        let mut usage = told.or_else(|| Usage::in_json(&payload()?))?;
        if usage.model.is_none() {
            usage.model = self.model();
        }
        Some(usage)
    }

    /// The model: the result's member `model`, else the payload's.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        let model = |object: Option<Value>| Some(object?.get("model")?.as_str()?.to_owned());
        model(self.result()).or_else(|| model(self.payload()))
    }

    /// The events, in the order in which they happened: the result's member `events`. Empty at the span's start.
    ///
    /// Each call reads the JSON text again.
    #[must_use]
    pub fn events(&self) -> Vec<SpanEvent> {
        let result: Option<Value> = self.result();
        let events = result.as_ref().and_then(|result| result.get("events")?.as_array());
        events.into_iter().flatten().filter_map(SpanEvent::read).collect()
    }

    /// The bytes that the record occupies in a queue.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + BESIDE + self.payload.weight() + self.result.weight()
    }
}

/// A point in time within a span: a retry, a check of a budget, a guardrail that tripped.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct SpanEvent {
    /// The event's name.
    pub name: String,
    /// When it happened.
    pub at: SystemTime,
    pub(crate) data: Value,
}

impl SpanEvent {
    /// The data, as a value. `None` when it has another shape.
    #[must_use]
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        T::deserialize(&self.data).ok()
    }

    fn read(event: &Value) -> Option<Self> {
        let micros = parse_rfc3339(event.get("at")?.as_str()?)?;
        let at = UNIX_EPOCH + Duration::from_micros(micros);
        let data = event.get("data").cloned().unwrap_or(Value::Null);
        Some(Self { name: event.get("name")?.as_str()?.to_owned(), at, data })
    }
}
