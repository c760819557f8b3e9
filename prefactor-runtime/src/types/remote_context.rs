//! A position in a trace of another process.

use std::fmt;

use crate::types::carrier::Extractor;
use crate::types::traceparent::TraceParent;
use crate::types::tracestate::TraceState;

/// The names of the two headers, and of the two variables of a child process.
pub(crate) const TRACEPARENT: &str = "traceparent";
pub(crate) const TRACESTATE: &str = "tracestate";

/// The caller's place in its trace, as another process has sent it in W3C trace context headers.
///
/// Headers are written by strangers, so reading them has no effect of its own. A program that trusts the caller
/// [joins](crate::Client::join) its run; any program may [link](crate::Client::register_linked) a run of its own to it.
///
/// # Examples
///
/// ```
/// use std::collections::HashMap;
///
/// use prefactor::propagation::RemoteContext;
///
/// let headers = HashMap::from([(
///     "traceparent".to_owned(),
///     "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".to_owned(),
/// )]);
/// # #[cfg(feature = "enabled")]
/// # {
/// let caller = RemoteContext::extract(&headers).expect("it is well-formed");
/// assert_eq!(caller.trace_id(), "0af7651916cd43dd8448eb211c80319c");
/// assert_eq!((&*caller.span_id(), caller.is_sampled()), ("b7ad6b7169203331", true));
/// assert!(!caller.is_joinable() && caller.run_id().is_none(), "it is not a run of Prefactor");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RemoteContext {
    pub(crate) parent: TraceParent,
    pub(crate) state: TraceState,
}

impl RemoteContext {
    /// Reads `traceparent` and `tracestate`. `None` without a well-formed `traceparent`; of several the first counts.
    ///
    /// Format: W3C Trace Context. Flags other than the first bit are passed over, and malformed members of `tracestate` too.
    #[cfg(feature = "enabled")]
    #[must_use]
    pub fn extract<C: Extractor + ?Sized>(carrier: &C) -> Option<Self> {
        Self::read(carrier)
    }

    /// `None`: the feature `enabled` is off.
    #[cfg(not(feature = "enabled"))]
    #[must_use]
    pub fn extract<C: ?Sized>(_: &C) -> Option<Self> {
        None
    }

    /// Reads the variables `TRACEPARENT` and `TRACESTATE`, which a caller sets by [`Context::inject_env`](crate::Context::inject_env).
    ///
    /// Call it once, at the start, and only in a program that is meant to be started in this way: a shell or a CI job may
    /// have set them for itself.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::propagation::RemoteContext;
    ///
    /// let caller = RemoteContext::from_env(); // `None` where nobody has set the variables
    /// # drop(caller);
    /// ```
    #[must_use]
    pub fn from_env() -> Option<Self> {
        let variables: std::collections::BTreeMap<String, String> = [TRACEPARENT, TRACESTATE]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), std::env::var(name.to_ascii_uppercase()).ok()?)))
            .collect();
        Self::extract(&variables)
    }

    #[cfg_attr(not(feature = "enabled"), expect(dead_code, reason = "nothing is read"))]
    fn read<C: Extractor + ?Sized>(carrier: &C) -> Option<Self> {
        let parent = TraceParent::parse(carrier.values(TRACEPARENT).first()?)?;
        Some(Self { parent, state: TraceState::parse(&carrier.values(TRACESTATE)) })
    }

    /// The caller's trace: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.parent.trace_id))
    }

    /// The caller's span: 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> String {
        format!("{:016x}", u64::from_be_bytes(self.parent.span_id))
    }

    /// Whether the caller says that it records the trace.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.parent.is_sampled
    }

    /// Whether the caller, or a caller of the caller, is in a run of Prefactor that can be [joined](crate::Client::join).
    #[must_use]
    pub fn is_joinable(&self) -> bool {
        self.state.own.is_some()
    }

    /// The run's id in the API, if the caller knew it.
    #[must_use]
    pub fn run_id(&self) -> Option<&str> {
        self.state.own.as_ref()?.run_id.as_deref()
    }
}

impl fmt::Debug for RemoteContext {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RemoteContext")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .field("run_id", &self.run_id())
            .finish_non_exhaustive()
    }
}
