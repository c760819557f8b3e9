//! `show`: a run as a tree that fits the width of the terminal.

use std::collections::HashMap;

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr as _;

use super::{
    Error,
    arguments::Options,
    output::{cut, printable, say, say_json, width},
    progress::Progress,
    remote::{Remote, segment},
};

pub(super) fn show(remote: &Remote, run: &str, options: &Options) -> Result<(), Error> {
    let run = segment(run)?;
    let instance = remote.get(&format!("/api/v1/agent_instance/{run}"))?;
    let spans = spans(remote, run, &instance["details"]["span_counts"]["total"])?;
    if options.json {
        return say_json(&json!({"run": instance["details"], "spans": spans}));
    }
    let details = &instance["details"];
    let reason =
        details["termination_reason"].as_str().map(|reason| format!(": {reason}")).unwrap_or_default();
    let head =
        format!("{run}  {}{reason}, {} spans", details["status"].as_str().unwrap_or_default(), spans.len());
    say(cut(&printable(&head), width()))?;
    draw(&spans, width(), &mut |line| say(line))
}

fn spans(remote: &Remote, run: &str, total: &Value) -> Result<Vec<Value>, Error> {
    let (mut spans, mut after) = (Vec::new(), Some(0));
    let mut progress = Progress::new();
    while let Some(number) = after {
        let lines = remote.lines(&format!("/local/spans?run={run}&after={number}"))?;
        for line in lines.text.lines() {
            spans.push(serde_json::from_str(line)?);
        }
        progress.draw(|| format!("read {} of {total} spans", spans.len()));
        after = lines.next;
    }
    Ok(spans)
}

/// Draws each span on a line of its own below its parent. A span stands at the top if its parent is missing, or if it
/// is the first of a circle of parents.
fn draw(
    spans: &[Value],
    width: usize,
    print: &mut dyn FnMut(String) -> Result<(), Error>,
) -> Result<(), Error> {
    let places: HashMap<&str, usize> =
        spans.iter().enumerate().filter_map(|(place, span)| Some((span["id"].as_str()?, place))).collect();
    let mut children: HashMap<Option<usize>, Vec<usize>> = HashMap::new();
    for (place, span) in spans.iter().enumerate() {
        let parent = span["parent_span_id"].as_str().and_then(|id| places.get(id)).copied();
        children.entry(parent.filter(|parent| *parent != place)).or_default().push(place);
    }
    let by_start = |place: &usize| (start(&spans[*place]), *place);
    open_cycles(spans.len(), &mut children);
    for places in children.values_mut() {
        places.sort_by_key(by_start);
    }
    // The loop has its own stack, because recursion over a deep run would overflow the thread's.
    let mut waiting: Vec<(usize, String, bool)> = Vec::new();
    let push = |waiting: &mut Vec<_>, parent: Option<usize>, indent: &str| {
        let places = children.get(&parent).map(Vec::as_slice).unwrap_or_default();
        for (index, place) in places.iter().enumerate().rev() {
            waiting.push((*place, indent.to_owned(), index + 1 == places.len()));
        }
    };
    push(&mut waiting, None, "");
    while let Some((place, indent, is_last)) = waiting.pop() {
        let branch = if is_last { "└─ " } else { "├─ " };
        print(line(&spans[place], &[&indent, branch].concat(), width))?;
        let step = if is_last { "   " } else { "│  " };
        let indent = if indent.chars().count() < width / 2 { indent + step } else { indent };
        push(&mut waiting, Some(place), &indent);
    }
    Ok(())
}

/// Moves one span of each circle of parents to the top, so that the tree has every span.
fn open_cycles(count: usize, children: &mut HashMap<Option<usize>, Vec<usize>>) {
    let mut is_reached = vec![false; count];
    let mut reach = |top: Vec<usize>, children: &HashMap<Option<usize>, Vec<usize>>| {
        let mut waiting = top;
        while let Some(place) = waiting.pop() {
            if !std::mem::replace(&mut is_reached[place], true) {
                waiting.extend(children.get(&Some(place)).into_iter().flatten());
            }
        }
        is_reached.iter().position(|is_reached| !is_reached)
    };
    let mut lost = reach(children.get(&None).cloned().unwrap_or_default(), children);
    while let Some(place) = lost {
        for places in children.values_mut() {
            places.retain(|child| *child != place);
        }
        children.entry(None).or_default().push(place);
        lost = reach(vec![place], children);
    }
}

fn line(span: &Value, indent: &str, width: usize) -> String {
    let mark = match span["status"].as_str() {
        Some("complete") => "✓",
        Some("failed") => "✗",
        Some("cancelled") => "–",
        _ => "…",
    };
    let right = duration(span).map(|duration| format!("  {duration}")).unwrap_or_default();
    let name = format!("{indent}{mark} {}  {}", span["schema_name"].as_str().unwrap_or_default(), name(span));
    let room = width.saturating_sub(right.width());
    let left = cut(&printable(name.trim_end()), room);
    let space = room.saturating_sub(left.width());
    format!("{left}{:space$}{right}", "")
}

/// Returns the label of a span beside its type: its name, its error, or nothing.
pub(super) fn name(span: &Value) -> String {
    let error = ["result_payload", "payload"].into_iter().find_map(|side| {
        let error = &span[side];
        error["message"].as_str().or_else(|| error["error"]["message"].as_str())
    });
    let name = span["payload"]["name"].as_str().unwrap_or_default();
    match error.filter(|_| span["status"] == "failed") {
        Some(error) if name.is_empty() => error.to_owned(),
        Some(error) => format!("{name}: {error}"),
        None => name.to_owned(),
    }
}

fn start(span: &Value) -> Option<&str> {
    span["started_at"].as_str().or_else(|| span["inserted_at"].as_str())
}

fn duration(span: &Value) -> Option<String> {
    let at = |name: &str| span[name].as_str()?.parse::<jiff::Timestamp>().ok();
    let seconds = at("finished_at")?.duration_since(at("started_at")?).as_secs_f64();
    Some(if seconds < 1.0 { format!("{:.0} ms", 1e3 * seconds) } else { format!("{seconds:.2} s") })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(spans: &[Value], width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        let drawn = draw(spans, width, &mut |line| {
            lines.push(line.trim_end().to_owned());
            Ok(())
        });
        assert!(drawn.is_ok());
        lines
    }

    fn span(id: &str, parent: Option<&str>, started: &str) -> Value {
        json!({"id": id, "parent_span_id": parent, "schema_name": id, "status": "complete", "started_at": started})
    }

    #[test]
    fn tree_puts_children_below_their_parents_in_the_order_of_their_start() {
        let spans =
            [span("late", Some("root"), "2"), span("root", None, "0"), span("early", Some("root"), "1")];
        assert_eq!(drawn(&spans, 80), ["└─ ✓ root", "   ├─ ✓ early", "   └─ ✓ late"]);
    }

    #[test]
    fn tree_shows_spans_whose_parent_is_missing_or_themselves_at_the_top() {
        let spans = [span("a", Some("gone"), "0"), span("b", Some("b"), "1")];
        assert_eq!(drawn(&spans, 80), ["├─ ✓ a", "└─ ✓ b"]);
    }

    #[test]
    fn tree_shows_spans_that_are_each_others_parents() {
        let spans = [
            span("a", None, "0"),
            span("b", Some("c"), "1"),
            span("c", Some("b"), "2"),
            span("d", Some("c"), "3"),
        ];
        assert_eq!(drawn(&spans, 80), ["├─ ✓ a", "└─ ✓ b", "   └─ ✓ c", "      └─ ✓ d"]);
    }

    #[test]
    fn tree_of_wide_characters_fits_the_width() {
        let mut wide = span("工具", None, "2026-01-31T12:00:00Z");
        wide["finished_at"] = "2026-01-31T12:00:01.5Z".into();
        wide["payload"] = json!({"name": "日本語の長い名前を持つスパン"});
        assert_eq!(drawn(&[wide], 30), ["└─ ✓ 工具  日本語の長…  1.50 s"]);
    }

    #[test]
    fn tree_of_any_depth_fits_the_width() {
        let spans: Vec<_> = (0..5000)
            .map(|depth: u32| {
                let parent = depth.checked_sub(1).map(|parent| parent.to_string());
                span(&depth.to_string(), parent.as_deref(), "0")
            })
            .collect();
        let lines = drawn(&spans, 40);
        assert_eq!(lines.len(), 5000);
        assert!(lines.iter().all(|line| line.chars().count() <= 40));
    }
}
