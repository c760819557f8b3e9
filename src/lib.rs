#![doc = include_str!("crate.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub use prefactor_macros::span;
pub use prefactor_runtime::{
    Agent, AgentInstance, Client, ClientBuilder, Context, ContextGuard, DropReason, Error, Fallback,
    FlushReport, InstanceStatus, Pfid, Purpose, RedactionMode, Registration, RunStats, ShutdownGuard,
    ShutdownOnSignal, Signal, Span, SpanError, SpanFutureExt, SpanStatus, SpanStreamExt, Stats, StreamStep,
    Terminated, Usage, WithContext, check_terminated, client, current_span, custom_span, init, propagation,
    span, thread, transport,
};

#[cfg(feature = "tokio")]
pub use prefactor_runtime::task;

#[cfg(feature = "enabled")]
pub use prefactor_runtime::{export, testing};

#[cfg(feature = "enabled")]
#[doc(hidden)]
pub use prefactor_runtime::macro_support as __private;

#[cfg(any(doc, doctest))]
pub mod guide;

/// README's examples are tests. The crate's own page is `crate.md`, whose links rustdoc checks.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
