//! The trait of exporters, which get batches of ended runs and spans.

use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::record::{SpanRecord, TraceRecord};
use crate::types::stats::DropReason;

/// Sends batches of spans that have ended to somewhere else.
///
/// Each exporter has a thread of its own, named `prefactor-` and its [`name`](SpanExporter::name), with a queue of
/// [`max_queue_bytes`](crate::ClientBuilder::max_queue_bytes), counts and pauses after failures of its own. The futures run
/// there in a tokio runtime with timers and I/O; they may block, which delays this exporter alone. An exporter makes one
/// attempt: its queue decides by the [`ExportOutcome`] whether and when to repeat a batch.
///
/// While a destination takes nothing, its queue holds as many spans as it has room for, and tries one batch after pauses of up to
/// 30 s. A
/// batch that fails while others are accepted is tried after them, and given up when that has happened five times: its spans
/// count as [`Rejected`](crate::DropReason::Rejected), or as unknown where the last attempt got no answer.
///
/// For work on single spans as they start and end there is [`SpanProcessor`](super::SpanProcessor).
///
/// # Examples
///
/// ```
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use prefactor::Client;
/// use prefactor::export::{Batch, ExportFuture, ExportOutcome, SpanExporter};
///
/// struct Count(Arc<AtomicUsize>);
///
/// impl SpanExporter for Count {
///     fn name(&self) -> &'static str {
///         "count"
///     }
///
///     fn export(&self, batch: Batch) -> ExportFuture<'_> {
///         Box::pin(async move {
///             self.0.fetch_add(batch.spans().len(), Relaxed);
///             ExportOutcome::accepted()
///         })
///     }
/// }
///
/// let count = Arc::new(AtomicUsize::new(0));
/// let client = Client::builder().exporter(Count(Arc::clone(&count))).build()?;
/// client.register("tester").span("tool:search").complete(&"found");
/// assert!(client.shutdown(Duration::from_secs(5)).is_complete);
/// assert_eq!(count.load(Relaxed), 1);
/// # Ok::<(), prefactor::Error>(())
/// ```
pub trait SpanExporter: Send + Sync + 'static {
    /// A short name, for the thread, the log and the counts.
    fn name(&self) -> &'static str {
        "exporter"
    }

    /// How much goes into a batch, and when.
    fn batching(&self) -> Batching {
        Batching::default()
    }

    /// Sends one batch.
    ///
    /// # Panics
    ///
    /// A panic costs the batch, is counted and logged, and the exporter goes on with the next.
    ///
    /// # Cancel safety
    ///
    /// The future is dropped when the deadline of a shutdown comes first. The spans of the batch then count as unknown.
    fn export(&self, batch: Batch) -> ExportFuture<'_>;
}

/// The future of [`SpanExporter::export`].
pub type ExportFuture<'a> = Pin<Box<dyn Future<Output = ExportOutcome> + Send + 'a>>;

/// How much goes into a batch of an exporter, and when.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use prefactor::export::Batching;
///
/// // Small batches, soon, and one after the other.
/// let batching =
///     Batching::default().max_spans(100).max_bytes(256 << 10).delay(Duration::from_millis(200)).max_in_flight(1);
/// # let _ = batching;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batching {
    pub(super) max_spans: usize,
    pub(super) max_bytes: usize,
    pub(super) delay: Duration,
    pub(super) max_in_flight: usize,
}

impl Default for Batching {
    /// 512 spans, 1 MiB of payloads, one second, four batches at a time.
    fn default() -> Self {
        Self { max_spans: 512, max_bytes: 1 << 20, delay: Duration::from_secs(1), max_in_flight: 4 }
    }
}

impl Batching {
    /// The largest number of spans in a batch, at least 1.
    #[must_use]
    pub fn max_spans(mut self, spans: usize) -> Self {
        self.max_spans = spans.max(1);
        self
    }

    /// The largest number of bytes of payloads in a batch. A single span that is larger goes alone.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long a span waits for others at most.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How many batches are on their way at the same time, at least 1. With 1 they arrive in their order, but for one that fails
    /// more than twice. However many it is, the payloads on their way have at most the bytes of eight full batches.
    #[must_use]
    pub fn max_in_flight(mut self, batches: usize) -> Self {
        self.max_in_flight = batches.max(1);
        self
    }
}

/// Spans, and runs, that have ended.
///
/// A record is for sending: one that is kept may keep up to 16 KiB of its neighbours' payloads alive. To keep data, copy it out of
/// the records, or use a [`SpanProcessor`](super::SpanProcessor).
///
/// # Examples
///
/// ```
/// use prefactor::export::Batch;
///
/// fn lines_of(batch: &Batch) -> Vec<String> {
///     let spans = batch.spans().iter().map(|span| format!("{} {}", span.schema_name, span.status));
///     let runs = batch.ended_traces().iter().map(|run| format!("run {} has ended", run.trace_id));
///     spans.chain(runs).collect()
/// }
/// # assert!(lines_of(&Batch::default()).is_empty());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub(super) spans: Vec<Arc<SpanRecord>>,
    pub(super) traces: Vec<Arc<TraceRecord>>,
}

impl Batch {
    /// The spans, in the order in which they ended.
    #[must_use]
    pub fn spans(&self) -> &[Arc<SpanRecord>] {
        &self.spans
    }

    /// The runs that ended after those spans.
    #[must_use]
    pub fn ended_traces(&self) -> &[Arc<TraceRecord>] {
        &self.traces
    }
}

/// The outcome of a batch.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use prefactor::export::ExportOutcome;
///
/// /// The outcome of a batch by the HTTP status of its destination, and the number of spans that the answer refuses.
/// fn outcome_of(status: Option<u16>, refused: usize) -> ExportOutcome {
///     match status {
///         Some(200..=299) if refused == 0 => ExportOutcome::accepted(),
///         Some(200..=299) => ExportOutcome::partly_accepted(refused, "spans are refused"),
///         Some(401 | 403) => ExportOutcome::unauthorized("the key is refused"),
///         Some(413) => ExportOutcome::too_large("the body is too large"),
///         Some(422) => ExportOutcome::span_rejected("a span is not valid"),
///         Some(429) => ExportOutcome::retry(Some(Duration::from_secs(2)), "too many requests"),
///         Some(500..) => ExportOutcome::retry(None, "the destination is down"),
///         Some(_) => ExportOutcome::rejected("the destination takes no such body"),
///         None => ExportOutcome::unanswered("no answer"),
///     }
/// }
/// # let _ = [None, Some(200), Some(429)].map(|status| outcome_of(status, 0));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use]
pub struct ExportOutcome {
    pub(super) kind: Kind,
    /// For the log.
    pub(super) cause: Cow<'static, str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// All but so many spans are there.
    Accepted { rejected: usize },
    /// Nothing was taken; later it may be.
    Retry { after: Option<Duration> },
    /// No answer: it may have been taken.
    Unanswered,
    /// It will never be taken.
    Rejected(DropReason),
    /// It will not be taken as one: its halves may be.
    Divide(DropReason),
}

impl ExportOutcome {
    /// The destination has every span.
    pub const fn accepted() -> Self {
        Self { kind: Kind::Accepted { rejected: 0 }, cause: Cow::Borrowed("") }
    }

    /// The destination has all but so many spans, and will not take those. `cause` is logged.
    pub fn partly_accepted(rejected: usize, cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Accepted { rejected }, cause: cause.into() }
    }

    /// The destination took nothing and may do so later, `after` that time if it said so. `cause` is logged.
    pub fn retry(after: Option<Duration>, cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Retry { after }, cause: cause.into() }
    }

    /// There was no answer: the destination may have the spans, and gets them again. `cause` is logged.
    pub fn unanswered(cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Unanswered, cause: cause.into() }
    }

    /// The destination will never take the batch. `cause` is logged.
    pub fn rejected(cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Rejected(DropReason::Rejected), cause: cause.into() }
    }

    /// The destination refused the credentials. `cause` is logged.
    pub fn unauthorized(cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Rejected(DropReason::Auth), cause: cause.into() }
    }

    /// The batch is too large: its halves are sent, and a single span is dropped. `cause` is logged.
    pub fn too_large(cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Divide(DropReason::TooLarge), cause: cause.into() }
    }

    /// A span in the batch is refused: its halves are sent, and the span alone is dropped. `cause` is logged.
    pub fn span_rejected(cause: impl Into<Cow<'static, str>>) -> Self {
        Self { kind: Kind::Divide(DropReason::Rejected), cause: cause.into() }
    }
}

#[cfg(feature = "openai")]
impl ExportOutcome {
    /// Whether nothing more comes of sending it again, in parts or later.
    pub(super) fn is_final(&self) -> bool {
        matches!(self.kind, Kind::Rejected(_))
    }

    pub(super) fn cause(&self) -> &str {
        &self.cause
    }
}

impl fmt::Debug for ExportOutcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?} ({})", self.kind, self.cause)
    }
}
