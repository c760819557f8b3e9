//! The ids of run and span, for log lines.

use std::fmt;

use prefactor_runtime::Span;

/// The ids of the run and the span that are current on this thread, shown as `trace_id=… span_id=…`: what the page of
/// `prefactor-local` and receivers of OTLP find them by.
///
/// # Examples
///
/// ```
/// use prefactor_tracing::Ids;
///
/// # let recorder = prefactor::testing::Recorder::new();
/// # recorder.run(|| prefactor::span("agent:run").in_scope(|| {
/// if let Some(ids) = Ids::current() {
///     println!("{ids} asking the model");
/// }
/// # assert!(Ids::current().is_some());
/// # }));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ids {
    trace_id: String,
    span_id: String,
}

impl Ids {
    /// The ids of this moment. `None` where no span is current.
    #[must_use]
    pub fn current() -> Option<Self> {
        let span = Span::current();
        Some(Self { trace_id: span.trace_id()?, span_id: span.span_id()? })
    }

    /// The run's id: 32 hexadecimal digits.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// The span's id: 16 hexadecimal digits.
    #[must_use]
    pub fn span_id(&self) -> &str {
        &self.span_id
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "trace_id={} span_id={}", self.trace_id, self.span_id)
    }
}

#[cfg(feature = "fmt")]
pub use with_ids::WithIds;

#[cfg(feature = "fmt")]
mod with_ids {
    use std::fmt;

    use tracing_core::{Event, Subscriber};
    use tracing_subscriber::fmt::format::Writer;
    use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
    use tracing_subscriber::registry::LookupSpan;

    use super::Ids;

    /// A format of log lines with the ids of run and span in front of each line that was written inside a span.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor_tracing::WithIds;
    ///
    /// let subscriber = tracing_subscriber::fmt().event_format(WithIds::new(tracing_subscriber::fmt::format())).finish();
    /// ```
    #[derive(Clone, Debug)]
    pub struct WithIds<F> {
        inner: F,
    }

    impl<F> WithIds<F> {
        /// The format `inner`, with ids in front.
        #[must_use]
        pub fn new(inner: F) -> Self {
            Self { inner }
        }
    }

    impl<S, N, F> FormatEvent<S, N> for WithIds<F>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
        N: for<'a> FormatFields<'a> + 'static,
        F: FormatEvent<S, N>,
    {
        fn format_event(
            &self,
            context: &FmtContext<'_, S, N>,
            mut writer: Writer<'_>,
            event: &Event<'_>,
        ) -> fmt::Result {
            if let Some(ids) = Ids::current() {
                write!(writer, "{ids} ")?;
            }
            self.inner.format_event(context, writer, event)
        }
    }
}
