//! The contenders: functions under an attribute, and a destination of their spans.

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
    /// Sets up the destination of the spans.
    pub(crate) backend: fn() -> Box<dyn Backend>,
}

/// The destination of spans, off the caller's thread.
pub(crate) trait Backend: Sync {
    /// Does work whose spans belong to one trace.
    fn in_trace(&self, work: &mut dyn FnMut()) {
        work();
    }

    /// Waits until every span so far has arrived. The caller does not pay for this.
    fn settle(&self) {}

    /// Returns the number of spans that have arrived; `None` where none are expected.
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

/// No attribute: the base of all others.
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
