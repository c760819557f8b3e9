#![doc = include_str!("crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub use prefactor_macros::span;
pub use prefactor_runtime::{
    Agent, AgentInstance, Client, ClientBuilder, Context, ContextGuard, CurrentSpan, DropReason, Error,
    Fallback, FlushReport, InstanceStatus, ItemMarks, Json, Pfid, Purpose, RedactionMode, Registration,
    RunCallStats, RunStats, Sensitive, Severity, ShutdownGuard, ShutdownOnSignal, Signal, Span, SpanError,
    SpanFutureExt, SpanRef, SpanStatus, SpanStreamExt, Stats, StreamReader, StreamStep, Terminated,
    TraceBuilder, TypedSpan, Usage, WithContext, adapters, check_terminated, client, current_span,
    custom_span, init, propagation, run, run_value, span, span_data, thread, trace, transport, typed_span,
};

#[cfg(feature = "tokio")]
pub use prefactor_runtime::task;
#[cfg(feature = "spool")]
#[cfg_attr(docsrs, doc(cfg(feature = "spool")))]
pub use prefactor_runtime::{Fsync, SpoolOptions};

#[cfg(feature = "enabled")]
pub use prefactor_runtime::testing;
pub use prefactor_runtime::{export, schema};

#[cfg(feature = "api")]
#[cfg_attr(docsrs, doc(cfg(feature = "api")))]
pub use prefactor_runtime::api;

#[cfg(feature = "async-openai")]
#[cfg_attr(docsrs, doc(cfg(feature = "async-openai")))]
#[doc(inline)]
pub use prefactor_async_openai as async_openai;

#[cfg(feature = "rmcp")]
#[cfg_attr(docsrs, doc(cfg(feature = "rmcp")))]
#[doc(inline)]
pub use prefactor_rmcp as rmcp;

#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
#[doc(inline)]
pub use prefactor_tower as tower;

#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
#[doc(inline)]
pub use prefactor_tracing as tracing;

#[cfg(feature = "enabled")]
#[doc(hidden)]
pub use prefactor_runtime::macro_support as __private;

#[cfg(any(doc, doctest))]
pub mod guide;

/// README's examples are tests. The crate's own page is `crate.md`, whose links rustdoc checks.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
