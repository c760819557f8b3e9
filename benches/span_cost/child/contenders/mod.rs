//! The contenders: functions under an attribute, and where their spans go.

#[cfg(feature = "peers")]
mod fastrace;
mod floor;
#[cfg(feature = "peers")]
mod opentelemetry;
mod prefactor;

use crate::work::Calls;

/// One way to record the work.
#[derive(Clone, Copy)]
pub(crate) struct Contender {
    /// Makes the calls.
    pub(crate) calls: Calls,
    /// Sets up where the spans go.
    pub(crate) backend: fn() -> Box<dyn Backend>,
}

/// Where spans go: off the caller's thread.
pub(crate) trait Backend: Sync {
    /// Does work whose spans belong to one trace.
    fn in_trace(&self, work: &mut dyn FnMut()) {
        work();
    }

    /// Waits until every span so far has arrived. Not a part of what the caller pays.
    fn settle(&self) {}

    /// How many spans have arrived, or nothing where none are expected.
    fn arrived(&self) -> Option<u64>;
}

/// The contender of that name.
pub(crate) fn of_name(name: &str) -> Option<Contender> {
    let (calls, backend): (Calls, fn() -> Box<dyn Backend>) = match name {
        "plain" => (plain::calls, nowhere),
        "prefactor" => (prefactor::calls, prefactor::backend),
        #[cfg(feature = "peers")]
        "fastrace" => (fastrace::properties::traced_calls, fastrace::backend),
        #[cfg(feature = "peers")]
        "fastrace-one-trace" => (fastrace::properties::calls, fastrace::backend_of_one_trace),
        #[cfg(feature = "peers")]
        "fastrace-json" => (fastrace::json::traced_calls, fastrace::backend),
        #[cfg(feature = "peers")]
        "tracing-json" => (opentelemetry::calls, opentelemetry::backend),
        "floor" => (floor::calls, floor::backend),
        _ => return None,
    };
    Some(Contender { calls, backend })
}

/// No attribute: what all others are measured by.
mod plain {
    use crate::work::{Completion, Error, levels};

    levels!((model, prompt, temperature));
}

struct Nowhere;

impl Backend for Nowhere {
    fn arrived(&self) -> Option<u64> {
        None
    }
}

fn nowhere() -> Box<dyn Backend> {
    Box::new(Nowhere)
}
