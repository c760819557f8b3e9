//! The API without the feature `enabled`: the same names and signatures, of no size and no effect.
//!
//! A library can use the whole API with `default-features = false` and leave the choice to the application.
//! The crate `tests/disabled/program` compiles one program against both forms, so that they cannot drift apart.

mod builder;
mod client;
mod context;
pub mod export;
mod extensions;
mod instance;
mod span;
mod thread_and_task;
mod trace;
mod typed;
mod types;

pub use builder::ClientBuilder;
pub use client::{Client, ShutdownGuard, ShutdownOnSignal, client, init};
pub use context::{Context, ContextGuard, WithContext};
pub use extensions::{SpanFutureExt, SpanStreamExt};
pub use instance::{AgentInstance, check_terminated, run, run_value};
pub use span::{CurrentSpan, Span, current_span, custom_span, span};
#[cfg(feature = "tokio")]
pub use thread_and_task::task;
pub use thread_and_task::thread;
pub use trace::{TraceBuilder, trace};
pub use typed::{TypedSpan, typed_span};

const _: () = assert!(
    size_of::<(Client, ShutdownGuard, ClientBuilder, AgentInstance, Span, Context, ContextGuard)>() == 0
);
