//! Records, of which none is ever made: the same fields and methods as with `enabled`.

use std::borrow::Cow;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use serde::de::DeserializeOwned;

use crate::types::agent::Agent;
use crate::types::status::{InstanceStatus, SpanStatus};
use crate::types::usage::Usage;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident: $bytes:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Infallible);

        impl $name {
            /// The bytes.
            #[must_use]
            pub const fn to_bytes(self) -> [u8; $bytes] {
                match self.0 {}
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.0 {}
            }
        }
    )*};
}

ids! {
    /// The id of a trace.
    TraceId: 16;
    /// The id of a span in its trace.
    SpanId: 8;
}

/// A run.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "as in the other form")]
pub struct TraceRecord {
    pub trace_id: TraceId,
    pub agent: Agent,
    pub started_at: Option<SystemTime>,
    pub ended_at: Option<SystemTime>,
    pub status: Option<InstanceStatus>,
    pub external_identifier: Option<String>,
    pub name: Option<String>,
    pub group_id: Option<String>,
    pub session_id: Option<String>,
    pub user_id: Option<String>,
    pub tags: Vec<String>,
}

impl TraceRecord {
    /// The metadata as JSON.
    #[must_use]
    pub fn metadata_json(&self) -> &str {
        match self.trace_id.0 {}
    }

    /// The metadata.
    #[must_use]
    pub fn metadata<T: DeserializeOwned>(&self) -> Option<T> {
        match self.trace_id.0 {}
    }
}

/// A span.
#[derive(Clone, Debug)]
#[non_exhaustive]
#[expect(missing_docs, reason = "as in the other form")]
pub struct SpanRecord {
    pub trace: Arc<TraceRecord>,
    pub span_id: SpanId,
    pub parent_id: Option<SpanId>,
    pub schema_name: Cow<'static, str>,
    pub status: SpanStatus,
    pub started_at: SystemTime,
    pub ended_at: Option<SystemTime>,
}

impl SpanRecord {
    /// The payload as JSON.
    #[must_use]
    pub fn payload_json(&self) -> &str {
        match self.span_id.0 {}
    }

    /// The result as JSON.
    #[must_use]
    pub fn result_json(&self) -> &str {
        match self.span_id.0 {}
    }

    /// The payload.
    #[must_use]
    pub fn payload<T: DeserializeOwned>(&self) -> Option<T> {
        match self.span_id.0 {}
    }

    /// The result.
    #[must_use]
    pub fn result<T: DeserializeOwned>(&self) -> Option<T> {
        match self.span_id.0 {}
    }

    /// The usage of a model call.
    #[must_use]
    pub fn usage(&self) -> Option<Usage> {
        match self.span_id.0 {}
    }

    /// The model that was called.
    #[must_use]
    pub fn model(&self) -> Option<String> {
        match self.span_id.0 {}
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> Vec<SpanEvent> {
        match self.span_id.0 {}
    }
}

/// A point in time within a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "as in the other form")]
pub struct SpanEvent {
    pub name: String,
    pub at: SystemTime,
    never: Infallible,
}

impl SpanEvent {
    /// The data.
    #[must_use]
    pub fn data<T: DeserializeOwned>(&self) -> Option<T> {
        match self.never {}
    }
}
