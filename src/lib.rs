#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub use prefactor_macros::span;
pub use prefactor_runtime::{
    Agent, AgentInstance, Client, ClientBuilder, Context, DropReason, Entered, Error, Fallback, Guard,
    InContext, InSpan, InstanceStatus, Pfid, Report, ShutdownOnSignal, Signal, Span, SpanError, SpanStatus,
    Stats, Terminated, check_terminated, client, current_span, custom_span, init, span, transport,
};

#[cfg(feature = "enabled")]
#[doc(hidden)]
pub use prefactor_runtime::macro_support as __private;
