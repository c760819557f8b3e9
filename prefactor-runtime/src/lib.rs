//! Spans, context and delivery behind the `prefactor` crate.
//!
//! Depend on `prefactor`, which re-exports everything here together with the `#[span]` attribute.

mod agent;
mod error;
mod id;
mod span_error;
mod stats;
mod status;
pub mod transport;

pub use agent::Agent;
pub use error::Error;
pub use id::Pfid;
pub use span_error::SpanError;
pub use stats::{DropReason, Fallback, Report, Stats};
pub use status::{InstanceStatus, Signal, SpanStatus, Terminated};

#[cfg(feature = "enabled")]
mod on {
    pub use crate::builder::ClientBuilder;
    pub use crate::client::Client;
    pub use crate::context::{Context, Entered};
    pub use crate::future::{InContext, InSpan};
    pub use crate::guard::Guard;
    pub use crate::install::{client, init};
    pub use crate::instance::{AgentInstance, check_terminated};
    pub use crate::signal::ShutdownOnSignal;
    pub use crate::span::{Span, current_span, custom_span, span};
}

#[cfg(feature = "enabled")]
mod alarm;
#[cfg(feature = "enabled")]
mod answer;
#[cfg(feature = "enabled")]
mod builder;
#[cfg(feature = "enabled")]
mod call;
#[cfg(feature = "enabled")]
mod callsite;
#[cfg(feature = "enabled")]
mod client;
#[cfg(feature = "enabled")]
mod clock;
#[cfg(feature = "enabled")]
mod config;
#[cfg(feature = "enabled")]
mod context;
#[cfg(feature = "enabled")]
mod delivery;
#[cfg(feature = "enabled")]
mod diagnostics;
#[cfg(feature = "enabled")]
mod exit_hook;
#[cfg(feature = "enabled")]
mod future;
#[cfg(feature = "enabled")]
mod guard;
#[cfg(feature = "enabled")]
mod install;
#[cfg(feature = "enabled")]
mod instance;
#[cfg(feature = "enabled")]
mod manager;
#[cfg(feature = "enabled")]
mod operation;
#[cfg(feature = "enabled")]
mod outcome;
#[cfg(feature = "enabled")]
mod pages;
#[cfg(feature = "enabled")]
mod panics;
#[cfg(feature = "enabled")]
mod payload;
#[cfg(feature = "enabled")]
mod place;
#[cfg(feature = "enabled")]
mod process;
#[cfg(feature = "enabled")]
mod random;
#[cfg(feature = "enabled")]
mod recipe;
#[cfg(feature = "enabled")]
mod redaction;
#[cfg(feature = "enabled")]
mod returns;
#[cfg(feature = "enabled")]
mod running;
#[cfg(feature = "enabled")]
mod sampling;
#[cfg(feature = "enabled")]
mod signal;
#[cfg(feature = "enabled")]
mod span;
#[cfg(feature = "enabled")]
mod stream;
#[cfg(feature = "enabled")]
mod ways;
#[cfg(feature = "enabled")]
mod wire;

#[cfg(feature = "enabled")]
#[doc(hidden)]
pub mod private;

#[cfg(not(feature = "enabled"))]
mod off;

#[cfg(not(feature = "enabled"))]
pub use off::*;
#[cfg(feature = "enabled")]
pub use on::*;
