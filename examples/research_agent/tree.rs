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
        let name = [branch, &span.schema_name, "  ", &telling(&span.payload)].concat();
        let start = span
            .start_after(self.first)
            .map_or_else(String::new, |start| ["+", &milliseconds(start)].concat());
        let duration = span.duration().map_or_else(|| "open".to_owned(), milliseconds);
        self.lines.push(line(&name, &start, &duration, &span.status));

        let spans = self.spans;
        let children: Vec<_> =
            spans.iter().filter(|child| child.parent_span_id.as_deref() == Some(&span.id)).collect();
        if let Some(error) = error(span) {
            let stem = [trunk, if children.is_empty() { "     " } else { "│    " }].concat();
            let indent = stem.chars().count();
            let wrapped = wrap(&error, indent);
            self.lines.extend(wrapped.lines().map(|line| [&stem, line.trim_start()].concat()));
        }
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (fork, pass) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.add(child, &[trunk, fork].concat(), &[trunk, pass].concat());
        }
    }
}

fn line(name: &str, start: &str, duration: &str, status: &str) -> String {
    let width = WIDTH - COLUMNS;
    // Cleaned and cut in the tree's own columns, but with the lines of the tree kept at its left.
    let drawn = name.chars().take_while(|sign| "│├└─ ".contains(*sign)).count();
    let (lines, text) = name.split_at(name.char_indices().nth(drawn).map_or(name.len(), |(index, _)| index));
    let name = [lines, &cut(text, width.saturating_sub(drawn))].concat();
    let status = cut(status, 9);
    format!("{name:width$} {start:>11} {duration:>11}  {status}")
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
