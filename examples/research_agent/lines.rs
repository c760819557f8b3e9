//! The lines of a file: prose or code, and the subject of each.

use serde::Serialize;

/// The kind of a line. Comments in source files are prose, because they give reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Prose,
    Code,
}

#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// The text without the signs of a comment.
    pub(crate) text: &'a str,
    /// `None` for lines that are not searched: empty lines, rulers, and fenced commands with their output.
    pub(crate) kind: Option<Kind>,
    /// The heading it stands under, or the item it documents or belongs to.
    pub(crate) title: String,
    pub(crate) is_heading: bool,
}

impl Line<'_> {
    pub(crate) fn is_attribute(&self) -> bool {
        self.text.starts_with("#[")
    }
}

/// The content of a fence.
enum Fence {
    Code,
    Terminal,
}

/// The lines of a file, or of a part of one that is about `title`.
pub(crate) fn of<'a>(file: &str, title: &str, text: &'a str) -> Vec<Line<'a>> {
    if is_rust(file) { rust(file, title, text) } else { markdown(title, text) }
}

pub(crate) fn is_rust(file: &str) -> bool {
    file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("rs"))
}

fn markdown<'a>(title: &str, text: &'a str) -> Vec<Line<'a>> {
    let (mut title, mut fence) = (title.to_owned(), None);
    let lines = text.lines().map(str::trim).map(|text| {
        let heading = heading(text).filter(|_| fence.is_none());
        let (is_heading, kind) = (heading.is_some(), kind_of_prose(text, &mut fence));
        title = heading.unwrap_or_else(|| title.clone());
        Line { text, kind, title: title.clone(), is_heading }
    });
    lines.collect()
}

fn rust<'a>(file: &str, title: &str, text: &'a str) -> Vec<Line<'a>> {
    let written: Vec<&str> = text.lines().map(str::trim).collect();
    let (mut current, mut fence) = (title.to_owned(), None);
    let lines = written.iter().enumerate().map(|(index, line)| {
        let (text, kind) = if is_comment(line) {
            let text = line.trim_start_matches(['/', '!']).trim_start();
            (text, kind_of_prose(text, &mut fence))
        } else {
            (fence, current) = (None, item(line).unwrap_or_else(|| current.clone()));
            (*line, (!line.is_empty()).then_some(Kind::Code))
        };
        let title = match line {
            line if line.starts_with("//!") => file.to_owned(),
            line if line.starts_with("///") => documented(&written[index..], &current),
            _ => current.clone(),
        };
        Line { text, kind, title, is_heading: false }
    });
    lines.collect()
}

/// Follows the fences. What they enclose is code, unless it is something for a terminal.
fn kind_of_prose(text: &str, fence: &mut Option<Fence>) -> Option<Kind> {
    const TERMINAL: [&str; 5] = ["bash", "console", "sh", "shell", "text"];
    if let Some(language) = text.strip_prefix("```").or_else(|| text.strip_prefix("~~~")) {
        *fence = match fence {
            Some(_) => None,
            None if TERMINAL.contains(&language) => Some(Fence::Terminal),
            None => Some(Fence::Code),
        };
        return None;
    }
    match fence {
        Some(Fence::Code) => (!text.is_empty()).then_some(Kind::Code),
        Some(Fence::Terminal) => None,
        // Skips the targets of Markdown links: they are addresses.
        None if text.starts_with('[') && text.contains("]: ") => None,
        None => text.contains(char::is_alphanumeric).then_some(Kind::Prose),
    }
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//")
}

fn heading(text: &str) -> Option<String> {
    let words = text.trim_start_matches('#');
    (words.len() < text.len() && words.starts_with(' ')).then(|| words.trim().replace('`', ""))
}

/// Returns the subject of a comment that begins these lines: an item, or a part of the item before it.
fn documented(lines: &[&str], before: &str) -> String {
    let mut following = lines.iter().filter(|line| !is_comment(line));
    let Some(line) = following.find(|line| !line.starts_with("#[")) else { return before.to_owned() };
    item(line).unwrap_or_else(|| {
        let name =
            line.split_whitespace().find(|word| !is_modifier(word)).map(identifier).unwrap_or_default();
        if name.is_empty() { before.to_owned() } else { format!("{before}, {name}") }
    })
}

/// The item that a line of Rust declares, as in `fn enter`.
fn item(line: &str) -> Option<String> {
    const KEYWORDS: [&str; 8] = ["enum", "fn", "macro_rules!", "mod", "struct", "trait", "type", "union"];
    if line.starts_with("impl") {
        return line.strip_suffix('{').map(|line| line.trim().to_owned());
    }
    let mut words = line.split_whitespace().skip_while(|word| is_modifier(word));
    let keyword = words.next().filter(|word| KEYWORDS.contains(word))?;
    let name = identifier(words.next()?);
    (!name.is_empty()).then(|| format!("{keyword} {name}"))
}

fn is_modifier(word: &str) -> bool {
    word.starts_with("pub") || ["async", "const", "extern", "static", "unsafe"].contains(&word)
}

fn identifier(word: &str) -> &str {
    let end = word.find(|end: char| !end.is_alphanumeric() && end != '_').unwrap_or(word.len());
    &word[..end]
}
