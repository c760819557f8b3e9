//! A live tree of spans on standard error.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _, Write};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::processor::SpanProcessor;
use super::record::{SpanId, SpanRecord, TraceId, TraceRecord};
use crate::platform::untrusted_text::untrusted;
use crate::types::status::{InstanceStatus, SpanStatus};

/// Characters of a name that a line shows.
const MAX_NAME: usize = 80;
/// Characters of an error that a line shows.
const MAX_ERROR: usize = 120;

/// Prints each run as a tree while it happens: a line for each span that ends, with its duration, its status, its tokens and
/// its error, and before it a line for each span above it.
///
/// On a terminal the lines have colours, unless `NO_COLOR` is set. Nothing of arguments and results is shown. The lines are
/// written on the processor's own thread: a terminal that is stopped delays no agent.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use prefactor::Client;
///
/// let client = Client::builder().console().build()?;
/// client.register("researcher").span("agent:run").complete(&"done");
/// assert!(client.shutdown(Duration::from_secs(5)).is_complete);
/// // researcher
/// //   agent:run  0 ms
/// # Ok::<(), prefactor::Error>(())
/// ```
pub struct ConsoleProcessor {
    out: Box<dyn Write + Send>,
    has_colours: bool,
    open: HashMap<SpanId, Open>,
    /// Runs that have a line.
    shown: HashMap<TraceId, Run>,
}

struct Open {
    span: Arc<SpanRecord>,
    /// Whether it has a line already, because a span below it has one.
    is_shown: bool,
}

#[derive(Default)]
struct Run {
    spans: u64,
    failed: u64,
    tokens: u64,
}

/// Terminals have colours, unless `NO_COLOR` is set and not empty (no-color.org).
fn wants_colours(is_terminal: bool, no_color: Option<&OsStr>) -> bool {
    is_terminal && no_color.is_none_or(OsStr::is_empty)
}

#[derive(Clone, Copy)]
enum Colour {
    Bold,
    Dim,
    Red,
    Yellow,
}

impl ConsoleProcessor {
    /// One that prints to standard error.
    #[must_use]
    pub fn new() -> Self {
        let no_color = std::env::var_os("NO_COLOR");
        Self::to(io::stderr(), wants_colours(io::stderr().is_terminal(), no_color.as_deref()))
    }

    /// One that prints into `out`, with or without colours.
    ///
    /// # Examples
    ///
    /// ```
    /// use prefactor::export::ConsoleProcessor;
    ///
    /// let console = ConsoleProcessor::to(std::io::stdout(), false);
    /// # drop(console);
    /// ```
    #[must_use]
    pub fn to(out: impl Write + Send + 'static, has_colours: bool) -> Self {
        Self { out: Box::new(out), has_colours, open: HashMap::new(), shown: HashMap::new() }
    }

    fn line(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.write_all(b"\n");
        let _ = self.out.flush();
    }

    fn paint(&self, colour: Colour, text: &str) -> String {
        let code = match colour {
            Colour::Bold => 1,
            Colour::Dim => 2,
            Colour::Red => 31,
            Colour::Yellow => 33,
        };
        if self.has_colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints the lines of the run and of the spans above, where they are missing. Returns the depth of the span.
    fn show_above(&mut self, span: &SpanRecord) -> usize {
        self.run_line(&span.trace);
        let mut above = Vec::new();
        let mut parent = span.parent_id;
        while let Some(open) = parent.and_then(|id| self.open.get(&id)) {
            above.push(open.span.span_id);
            parent = open.span.parent_id;
            // Stops at a cycle, which wrong parent ids from the program can make.
            if above.len() > self.open.len() {
                break;
            }
        }
        let depth = above.len() + 1;
        for (level, id) in above.iter().rev().enumerate() {
            let Some(open) = self.open.get_mut(id) else { continue };
            if !std::mem::replace(&mut open.is_shown, true) {
                let text = format!("{}{}", indent(level + 1), name(&open.span));
                self.line(&text);
            }
        }
        depth
    }

    fn run_line(&mut self, trace: &TraceRecord) {
        if let Entry::Vacant(run) = self.shown.entry(trace.trace_id) {
            run.insert(Run::default());
            let name = self.paint(Colour::Bold, &untrusted(trace.agent.name(), MAX_NAME));
            let text = format!("{name}  {}", self.paint(Colour::Dim, &short(trace)));
            self.line(&text);
        }
    }
}

impl Default for ConsoleProcessor {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for ConsoleProcessor {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ConsoleProcessor").field("open", &self.open.len()).finish_non_exhaustive()
    }
}

impl SpanProcessor for ConsoleProcessor {
    fn name(&self) -> &'static str {
        "console"
    }

    fn on_span_start(&mut self, span: &Arc<SpanRecord>) {
        self.open.insert(span.span_id, Open { span: Arc::clone(span), is_shown: false });
    }

    fn on_span_end(&mut self, span: &Arc<SpanRecord>) {
        let depth = self.show_above(span);
        let was_shown = self.open.remove(&span.span_id).is_some_and(|open| open.is_shown);
        let tokens = span.usage().and_then(|usage| usage.total()).unwrap_or(0);
        let run = self.shown.entry(span.trace.trace_id).or_default();
        run.spans += 1;
        run.failed += u64::from(span.status == SpanStatus::Failed);
        run.tokens += tokens;
        let mut text = format!("{}{}{}", indent(depth), if was_shown { "= " } else { "" }, name(span));
        let ended = span.ended_at.unwrap_or(SystemTime::now());
        let took = ended.duration_since(span.started_at).unwrap_or_default();
        let _ = write!(text, "  {}", self.paint(Colour::Dim, &duration(took)));
        if tokens > 0 {
            let _ = write!(text, "  {tokens} tokens");
        }
        match span.status {
            SpanStatus::Failed => {
                let result: serde_json::Value = span.result().unwrap_or_default();
                let error =
                    ["error_type", "message"].map(|member| result[member].as_str().unwrap_or_default());
                let error = error.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
                let _ = write!(text, "  {}", self.paint(Colour::Red, "failed"));
                if !error.is_empty() {
                    let _ = write!(text, "  {}", untrusted(&error, MAX_ERROR));
                }
            }
            SpanStatus::Cancelled => {
                let _ = write!(text, "  {}", self.paint(Colour::Yellow, "cancelled"));
            }
            _ => {}
        }
        self.line(&text);
    }

    fn on_trace_end(&mut self, trace: &Arc<TraceRecord>) {
        let Some(run) = self.shown.remove(&trace.trace_id) else { return };
        let (name, id) = (untrusted(trace.agent.name(), MAX_NAME), self.paint(Colour::Dim, &short(trace)));
        let spans = if run.spans == 1 { "span" } else { "spans" };
        let mut text = format!("= {name}  {id}  {} {spans}", run.spans);
        if run.tokens > 0 {
            let _ = write!(text, ", {} tokens", run.tokens);
        }
        if run.failed > 0 {
            let _ = write!(text, ", {}", self.paint(Colour::Red, &format!("{} failed", run.failed)));
        }
        if let Some(status) = trace.status.filter(|status| *status != InstanceStatus::Complete) {
            let _ = write!(text, "  {}", self.paint(Colour::Red, status.as_str()));
        }
        self.line(&text);
    }

    fn flush(&mut self, _: Instant) -> bool {
        self.out.flush().is_ok()
    }
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth.min(30))
}

/// The last digits of a run's trace id: the first ones are the time, which concurrent runs share.
fn short(trace: &TraceRecord) -> String {
    let id = trace.trace_id.to_string();
    id[id.len() - 8..].to_owned()
}

fn name(span: &SpanRecord) -> String {
    let mut name = untrusted(&span.schema_name, MAX_NAME);
    if let Some(model) = span.model() {
        let _ = write!(name, " {}", untrusted(&model, MAX_NAME));
    }
    name
}

fn duration(duration: Duration) -> String {
    match duration.as_millis() {
        millis @ ..1_000 => format!("{millis} ms"),
        millis @ ..60_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        millis => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_of_all_lengths_are_short_to_read() {
        for (millis, text) in [(0, "0 ms"), (999, "999 ms"), (1_234, "1.2 s"), (61_000, "1 min 1 s")] {
            assert_eq!(duration(Duration::from_millis(millis)), text);
        }
    }
}
