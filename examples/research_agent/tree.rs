//! The trace as a tree of lines.

use crate::terminal::{WIDTH, cut, wrap};
use crate::trace::{Arguments, StoredSpan};

/// Start, duration and status, with the gaps before them.
const COLUMNS: usize = 12 + 12 + 10;

/// One line for each span, below the one that called it, and the error of each that failed.
pub(crate) fn draw(spans: &[StoredSpan]) -> String {
    let Some(first) = spans.first() else { return String::new() };
    let mut tree = Tree { spans, first, lines: vec![line("Trace", "start", "duration", "status")] };
    // A span whose parent the server does not have still belongs in the picture.
    let is_known = |id: &str| spans.iter().any(|span| span.id == id);
    for root in spans.iter().filter(|span| !span.parent_span_id.as_deref().is_some_and(is_known)) {
        tree.add(root, "", "");
    }
    tree.lines.join("\n")
}

struct Tree<'a> {
    spans: &'a [StoredSpan],
    first: &'a StoredSpan,
    lines: Vec<String>,
}

impl<'a> Tree<'a> {
    /// Adds a span with what is below it. `branch` leads to its own line, `trunk` past it to the lines below.
    fn add(&mut self, span: &'a StoredSpan, branch: &str, trunk: &str) {
        let what = telling(&span.payload);
        let room = (WIDTH - COLUMNS).saturating_sub(branch.chars().count());
        let name = cut(&span.schema_name, room);
        let what = cut(&what, room.saturating_sub(name.chars().count() + 2));
        let name = format!("{branch}{name}  {what}");
        let start = span
            .start_after(self.first)
            .map_or_else(String::new, |start| ["+", &milliseconds(start)].concat());
        let duration = span.duration().map_or_else(|| "open".to_owned(), milliseconds);
        self.lines.push(line(&name, &start, &duration, &cut(&span.status, 10)));

        let spans = self.spans;
        let children: Vec<_> =
            spans.iter().filter(|child| child.parent_span_id.as_deref() == Some(&span.id)).collect();
        if let Some(error) = error(span) {
            let stem = [trunk, if children.is_empty() { "     " } else { "│    " }].concat();
            self.lines.push(wrap(&error, &stem, &stem));
        }
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (fork, pass) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.add(child, &[trunk, fork].concat(), &[trunk, pass].concat());
        }
    }
}

fn line(name: &str, start: &str, duration: &str, status: &str) -> String {
    format!("{name:0$} {start:>11} {duration:>11}  {status}", WIDTH - COLUMNS).trim_end().to_owned()
}

/// What tells one call of a function from another.
fn telling(arguments: &Arguments) -> String {
    let Arguments { kind, query, place, model, question } = arguments;
    let kind = kind.as_ref().map(|kind| format!("{kind}: "));
    let what = [query, place, model, question].into_iter().flatten().next();
    [kind.unwrap_or_default(), what.cloned().unwrap_or_default()].concat()
}

fn error(span: &StoredSpan) -> Option<String> {
    let failure = span.result_payload.as_ref().filter(|_| span.status == "failed")?;
    let kind = failure.error_type.as_deref().unwrap_or("error");
    // The last part of the type's path, as in `SearchError`.
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    Some(format!("{kind}: {}", failure.message.as_deref().unwrap_or("no message")))
}

fn milliseconds(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}
