//! Recorded spans as a tree of plain values.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::outline;
use crate::export::record::{SpanEvent, SpanId, SpanRecord};
use crate::types::status::SpanStatus;

/// The spans of a test, as a tree in the order in which they started.
///
/// Its [`Display`](fmt::Display) is an outline: one line a span, with its kind and its status.
///
/// # Examples
///
/// ```
/// use prefactor::testing::Recorder;
///
/// let recorder = Recorder::new();
/// recorder.run(|| prefactor::span("agent:step").in_scope(|| prefactor::span("tool:search").complete(&"found")));
/// let trace = recorder.trace();
/// assert_eq!(trace.roots[0].children[0].name, "tool:search");
/// assert_eq!(trace.spans().count(), 2);
/// println!("{trace}");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Trace {
    /// The spans at the top.
    pub roots: Vec<RecordedSpan>,
}

/// One recorded span.
///
/// # Examples
///
/// ```
/// use prefactor::testing::Recorder;
/// use prefactor::{SpanError, SpanStatus};
///
/// let recorder = Recorder::new();
/// recorder.run(|| {
///     let span = prefactor::span("agent:llm_call");
///     span.start(&serde_json::json!({ "prompt": "why" }));
///     span.add_event("retry", &serde_json::json!({ "attempt": 2 }));
///     span.set_error(SpanError::new("overloaded").with_type("Overloaded"));
/// });
/// let trace = recorder.trace();
/// let call = trace.find("agent:llm_call");
/// assert_eq!((call.status, &call.payload["prompt"]), (SpanStatus::Failed, &"why".into()));
/// assert_eq!(call.error.as_ref().unwrap().error_type, "Overloaded");
/// assert_eq!(call.events[0].name, "retry");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedSpan {
    /// The kind of work, as in `agent:llm_call`.
    pub name: String,
    /// How it ended.
    pub status: SpanStatus,
    /// The arguments, as an object.
    pub payload: Value,
    /// The returned value, as an object.
    pub result: Value,
    /// The error of a span that failed by one.
    pub error: Option<RecordedError>,
    /// The events within, in the order of time.
    pub events: Vec<SpanEvent>,
    /// The spans that were made within.
    pub children: Vec<RecordedSpan>,
}

/// A recorded error.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordedError {
    /// The name of its type; `panic` for a panic.
    pub error_type: String,
    /// Its message.
    pub message: String,
}

impl Trace {
    pub(super) fn of(spans: &[Arc<SpanRecord>]) -> Self {
        let mut spans: Vec<_> = spans.to_vec();
        spans.sort_by_key(|span| span.started_at);
        let known: HashMap<SpanId, usize> =
            spans.iter().enumerate().map(|(index, span)| (span.span_id, index)).collect();
        let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
        for (index, span) in spans.iter().enumerate() {
            let parent = span.parent_id.and_then(|parent| known.get(&parent).copied());
            children.entry(parent).or_default().push(index);
        }
        Self { roots: below(None, &spans, &children) }
    }

    /// All spans, each before those within it.
    pub fn spans(&self) -> impl Iterator<Item = &RecordedSpan> {
        let mut stack: Vec<_> = self.roots.iter().rev().collect();
        std::iter::from_fn(move || {
            let span = stack.pop()?;
            stack.extend(span.children.iter().rev());
            Some(span)
        })
    }

    /// The first span of a kind.
    ///
    /// # Panics
    ///
    /// When there is none: the message shows all spans.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| prefactor::span("tool:search").complete(&serde_json::json!({ "hits": 3 })));
    /// assert_eq!(recorder.trace().find("tool:search").result["hits"], 3);
    /// ```
    #[must_use]
    #[track_caller]
    pub fn find(&self, name: &str) -> &RecordedSpan {
        // Not in a closure, whose panics would name this line instead of the caller's.
        let Some(span) = self.spans().find(|span| span.name == name) else {
            panic!("no span `{name}` among:\n{self}");
        };
        span
    }

    /// Compares kinds, statuses and nesting with an outline: one line a span, indented by two spaces a level, as its
    /// [`Display`](fmt::Display) prints it.
    ///
    /// # Panics
    ///
    /// When they differ: the message shows both, line by line.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::testing::Recorder;
    ///
    /// let recorder = Recorder::new();
    /// recorder.run(|| {
    ///     let step = prefactor::span("agent:step");
    ///     step.in_scope(|| prefactor::span("tool:search").complete(&"found"));
    /// });
    /// recorder.trace().assert_outline(&["agent:step complete", "  tool:search complete"]);
    /// ```
    #[track_caller]
    pub fn assert_outline(&self, expected: &[&str]) {
        let outline = self.to_string();
        let actual: Vec<_> = outline.lines().collect();
        assert!(
            expected == actual,
            "the spans are not the expected ones:\n{}",
            outline::diff(expected, &actual)
        );
    }
}

fn below(
    parent: Option<usize>,
    spans: &[Arc<SpanRecord>],
    children: &HashMap<Option<usize>, Vec<usize>>,
) -> Vec<RecordedSpan> {
    let indexes = children.get(&parent).map(Vec::as_slice).unwrap_or_default();
    indexes
        .iter()
        .map(|index| {
            let span = &spans[*index];
            let result: Value = span.result().unwrap_or_default();
            RecordedSpan {
                name: span.schema_name.to_string(),
                status: span.status,
                payload: span.payload().unwrap_or_default(),
                error: RecordedError::of(&result),
                events: span.events(),
                result,
                children: below(Some(*index), spans, children),
            }
        })
        .collect()
}

impl RecordedError {
    fn of(result: &Value) -> Option<Self> {
        let text = |name: &str| result.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        result.get("error_type").map(|_| Self { error_type: text("error_type"), message: text("message") })
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.roots.iter().try_for_each(|span| span.write(formatter, 0))
    }
}

impl RecordedSpan {
    fn write(&self, formatter: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        writeln!(formatter, "{:indent$}{} {}", "", self.name, self.status, indent = 2 * depth)?;
        self.children.iter().try_for_each(|child| child.write(formatter, depth + 1))
    }
}
