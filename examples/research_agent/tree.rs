//! The trace as a tree of lines.

use crate::terminal::{WIDTH, cut, wrap};
use crate::trace::{Arguments, StoredSpan};

/// Start, duration and status, with the gaps before them.
const COLUMNS: usize = 12 + 12 + 10;
/// The deepest level that is drawn with all lines that lead to it.
const MAX_INDENTED: usize = 10;
/// Columns before the last line of a deeper level.
const INDENT: usize = 3 * MAX_INDENTED;

/// One line for each span, below the one that called it, and the error of each that failed.
pub(crate) fn draw(spans: &[StoredSpan]) -> String {
    let Some(first) = spans.first() else { return String::new() };
    let mut tree = Tree { spans, first, lines: vec![line("Trace", "start", "duration", "status")] };
    let is_known = |id: &str| spans.iter().any(|span| span.id == id);
    for root in spans.iter().filter(|span| !span.parent_span_id.as_deref().is_some_and(is_known)) {
        tree.add(root, 0, "", "");
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
    fn add(&mut self, span: &'a StoredSpan, depth: usize, branch: &str, trunk: &str) {
        let (branch, trunk) = (&folded(branch, depth), &folded(trunk, depth));
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
            let stem = [trunk.as_str(), if children.is_empty() { "     " } else { "│    " }].concat();
            self.lines.push(wrap(&error, &stem, &stem));
        }
        for (index, child) in children.iter().enumerate() {
            let is_last = index + 1 == children.len();
            let (fork, pass) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.add(child, depth + 1, &[trunk.as_str(), fork].concat(), &[trunk.as_str(), pass].concat());
        }
    }
}

/// Lines that lead deeper than a third of the page begin with the depth instead, so that room is left for names.
fn folded(lines: &str, depth: usize) -> String {
    if depth <= MAX_INDENTED {
        return lines.to_owned();
    }
    let nearest: String = lines.chars().skip(lines.chars().count().saturating_sub(3)).collect();
    format!("{:INDENT$}{nearest}", format!("⋯ {depth}"))
}

fn line(name: &str, start: &str, duration: &str, status: &str) -> String {
    format!("{name:0$} {start:>11} {duration:>11}  {status}", WIDTH - COLUMNS).trim_end().to_owned()
}

/// The argument that tells one call of a function from another.
fn telling(arguments: &Arguments) -> String {
    let Arguments { kind, query, place, model, question } = arguments;
    let kind = kind.as_ref().map(|kind| format!("{kind}: "));
    let what = [query, place, model, question].into_iter().flatten().next();
    [kind.unwrap_or_default(), what.cloned().unwrap_or_default()].concat()
}

fn error(span: &StoredSpan) -> Option<String> {
    let failure = span.result_payload.as_ref().filter(|_| span.status == "failed")?;
    let kind = failure.error_type.as_deref().unwrap_or("error");
    let kind = kind.rsplit("::").next().unwrap_or(kind);
    Some(format!("{kind}: {}", failure.message.as_deref().unwrap_or("no message")))
}

fn milliseconds(micros: u64) -> String {
    format!("{}.{:02} ms", micros / 1_000, micros % 1_000 / 10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn chain_of_forty_levels_keeps_its_names_and_the_width_of_the_page() {
        let span = |depth: usize| {
            let parent = depth.checked_sub(1).map(|above| above.to_string());
            let span = json!({ "id": depth.to_string(), "parent_span_id": parent, "schema_name": "agent:step",
                "status": "complete", "payload": { "query": "why" } });
            serde_json::from_value::<StoredSpan>(span).unwrap()
        };
        let tree = draw(&(0..=40).map(span).collect::<Vec<_>>());
        assert!(tree.lines().all(|line| line.chars().count() <= WIDTH), "{tree}");
        let deepest = tree.lines().last().unwrap();
        assert!(deepest.starts_with("⋯ 40") && deepest.contains("└─ agent:step  why"), "{deepest}");
        assert!(tree.lines().nth(11).unwrap().starts_with(&" ".repeat(27)), "{tree}");
    }
}
