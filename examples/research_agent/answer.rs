//! The answer and its sources.

use serde::Serialize;

use crate::extract::Excerpt;
use crate::passages::Place;
use crate::terminal;

/// A text with citations, and the cited passages.
#[derive(Debug, Serialize)]
pub(crate) struct Answer {
    text: String,
    /// The model, if a model wrote the text.
    written_by: Option<String>,
    sources: Vec<Source>,
}

#[derive(Debug, Serialize)]
struct Source {
    number: usize,
    place: Place,
}

impl Answer {
    /// Numbers the citations in the order in which they appear, and leaves out those of passages that do not
    /// exist: a model may make them up.
    pub(crate) fn of(draft: &str, excerpts: &[Excerpt], written_by: Option<&str>) -> Self {
        let (mut text, mut sources, mut rest) = (String::new(), Vec::new(), draft.trim());
        while let Some(start) = rest.find('[') {
            let (before, bracket) = rest.split_at(start);
            let Some((cited, after)) = citation(bracket) else {
                text.push_str(before);
                text.push('[');
                rest = &bracket[1..];
                continue;
            };
            let numbers =
                cited.iter().filter_map(|number| excerpts.iter().find(|excerpt| excerpt.number == *number));
            let numbers: Vec<usize> = numbers.map(|excerpt| number_of(&mut sources, excerpt)).collect();
            text.push_str(if numbers.is_empty() { before.trim_end() } else { before });
            text.extend(numbers.iter().map(|number| format!("[{number}]")));
            rest = after;
        }
        text.push_str(rest);
        Self { text, written_by: written_by.map(str::to_owned), sources }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The answer as it is printed.
    pub(crate) fn to_text(&self) -> String {
        let author = match &self.written_by {
            Some(model) => format!("Answer by {model}"),
            None => {
                "Answer, quoted from the files, since no model is configured (--help says how)".to_owned()
            }
        };
        let mut lines = vec![terminal::cut(&author, terminal::WIDTH), String::new()];
        lines.extend(self.text.lines().map(|paragraph| {
            let is_item = paragraph.starts_with(['•', '-', '*']);
            terminal::wrap(paragraph, "  ", if is_item { "    " } else { "  " })
        }));
        lines.push("\nSources".to_owned());
        if self.sources.is_empty() {
            lines.push("  none: the answer cites no passage".to_owned());
        }
        let sources = self.sources.iter().map(|Source { number, place }| format!("[{number}] {place}"));
        lines.extend(sources.map(|source| terminal::wrap(&source, "  ", "      ")));
        lines.join("\n")
    }
}

/// Reads `[2]` or `[2, 3]`, and returns the rest of the text.
fn citation(text: &str) -> Option<(Vec<usize>, &str)> {
    let (inside, rest) = text.strip_prefix('[')?.split_once(']')?;
    let numbers: Result<Vec<usize>, _> = inside.split(',').map(|number| number.trim().parse()).collect();
    Some((numbers.ok()?, rest))
}

fn number_of(sources: &mut Vec<Source>, excerpt: &Excerpt) -> usize {
    let known = sources.iter().find(|source| source.place == excerpt.place);
    if let Some(source) = known {
        return source.number;
    }
    let number = sources.len() + 1;
    sources.push(Source { number, place: excerpt.place.clone() });
    number
}
