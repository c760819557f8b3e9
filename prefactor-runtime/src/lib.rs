//! Spans, context and delivery behind the `prefactor` crate.
//!
//! Depend on `prefactor`, which re-exports everything here together with the `#[span]` attribute.
// Marks what needs a feature; `enabled`, which nearly all needs, is said once in the guide.
#![cfg_attr(docsrs, feature(doc_cfg), doc(auto_cfg(hide(feature = "enabled"))))]

pub mod transport;
mod types;

/// Schemas of an agent's spans, qualities and alerts, for the platform.
pub mod schema {
    pub use crate::types::schema::named::NamedSchema;
    pub use crate::types::schema::registry::SchemaRegistry;
    pub use crate::types::schema::risk::{
        Classification, DataCategory, DataRisk, Permission, Presence, RiskAction,
    };
    pub use crate::types::schema::span_type::SpanType;
}

/// Crates that record spans of other crates' work.
pub mod adapters {
    pub use crate::types::adapters::announce;
}

/// W3C trace context between processes: what is injected into and extracted from.
pub mod propagation {
    pub use crate::types::baggage::Baggage;
    pub use crate::types::carrier::{Extractor, Injector};
    pub use crate::types::remote_context::RemoteContext;
}

/// Typed data of spans, as the OpenAI Agents SDK has it.
pub mod span_data {
    pub use crate::types::span_data::*;
}

pub use types::agent::Agent;
pub use types::alert::Severity;
pub use types::error::Error;
pub use types::json::Json;
pub use types::pfid::Pfid;
pub use types::redaction_mode::RedactionMode;
pub use types::registration::{Purpose, Registration};
pub use types::sensitive::Sensitive;
pub use types::span_error::SpanError;
pub use types::span_ref::SpanRef;
pub use types::stats::{DropReason, Fallback, FlushReport, RunCallStats, RunStats, Stats};
pub use types::status::{InstanceStatus, Signal, SpanStatus, Terminated};
pub use types::stream_reader::{ItemMarks, StreamReader};
pub use types::stream_step::StreamStep;
pub use types::usage::Usage;

/// All that records and delivers spans. The path keeps its folders beside this file.
#[cfg(feature = "enabled")]
#[path = "."]
mod enabled {
    #[cfg(feature = "api")]
    pub mod api;
    pub(crate) mod client;
    pub(crate) mod config;
    pub(crate) mod context;
    pub(crate) mod delivery;
    pub mod export;
    pub(crate) mod instrument;
    #[doc(hidden)]
    pub mod macro_support;
    pub(crate) mod manager;
    pub(crate) mod operation;
    pub(crate) mod payload;
    pub(crate) mod platform;
    pub(crate) mod redaction;
    pub(crate) mod span;
    #[cfg(feature = "spool")]
    pub(crate) mod spool;
    #[cfg(feature = "spool")]
    #[doc(hidden)]
    pub mod spool_tool;
    pub mod testing;
    pub(crate) mod wire;

    /// For `prefactor-tracing`, in lockstep: not covered by semver.
    #[cfg(feature = "observer")]
    #[doc(hidden)]
    pub mod observer {
        pub use crate::manager::observer::{NewScope, Scope, SpanObserver, observe};
        pub use crate::manager::undecided::Above;
        pub use crate::span::undecided::{decide_below, end_with, is_same};
        pub use crate::span::unobserved::leave_unobserved;
    }

    pub use client::builder::ClientBuilder;
    pub use client::global::{client, init, run, run_value};
    pub use client::guard::ShutdownGuard;
    pub use client::handle::Client;
    pub use client::instance::{AgentInstance, check_terminated};
    pub use client::signal::ShutdownOnSignal;
    pub use client::trace::{TraceBuilder, trace};
    #[cfg(feature = "spool")]
    pub use config::spool::{Fsync, SpoolOptions};
    pub use context::{Context, ContextGuard, WithContext};
    pub use span::future_ext::SpanFutureExt;
    pub use span::handle::{Span, current_span, custom_span, span};
    pub use span::stream_ext::SpanStreamExt;
    #[cfg(feature = "tokio")]
    pub use span::task;
    pub use span::thread;
    pub use span::typed::{CurrentSpan, TypedSpan, typed_span};
}
#[cfg(not(feature = "enabled"))]
mod disabled;

#[cfg(not(feature = "enabled"))]
pub use disabled::*;
#[cfg(feature = "enabled")]
pub use enabled::*;
