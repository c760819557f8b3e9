//! The lines of a file: which are prose, which are code, and what each is about.

use serde::Serialize;

/// What a line is made of. Comments in source files are prose: they say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Prose,
    Code,
}

#[derive(Debug)]
pub(crate) struct Line<'a> {
    /// Without what makes it a comment.
    pub(crate) text: &'a str,
    /// `None` for what is not searched: empty lines, rulers, and fenced commands with their output.
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

/// The lines of a file, or of a part of one that is about `title`.
pub(crate) fn of<'a>(file: &str, title: &str, text: &'a str) -> Vec<Line<'a>> {
    let written: Vec<&str> = text.lines().collect();
    let is_rust = file.ends_with(".rs");
    let mut title = title.to_owned();
    let mut fence = None;
    let mut lines = Vec::with_capacity(written.len());
    for (index, line) in written.iter().enumerate() {
        let text = without_marker(line, is_rust);
        let is_comment = !is_rust || is_comment(line);
        let heading = if is_rust || fence.is_some() { None } else { heading(text) };
        let kind = if is_comment {
            kind_of_prose(text, &mut fence)
        } else {
            Some(Kind::Code).filter(|_| !text.is_empty())
        };
        if !is_comment {
            fence = None;
        }
        let found = if is_rust && !is_comment { item(text) } else { heading.clone() };
        title = found.unwrap_or(title);
        let own = match line.trim_start() {
            line if is_rust && line.starts_with("//!") => file.to_owned(),
            line if is_rust && line.starts_with("///") => documented(&written[index..], &title),
            _ => title.clone(),
        };
        lines.push(Line { text, kind, title: own, is_heading: heading.is_some() });
    }
    lines
}

/// Follows the fences. What they enclose is code, unless it is something for a terminal.
fn kind_of_prose(text: &str, fence: &mut Option<Kind>) -> Option<Kind> {
    const TERMINAL: [&str; 5] = ["bash", "console", "sh", "shell", "text"];
    let language = text.strip_prefix("```").or_else(|| text.strip_prefix("~~~"));
    match (language, &fence) {
        // `Prose` stands for a fence whose inside is left out.
        (Some(language), None) => {
            *fence = Some(if TERMINAL.contains(&language) { Kind::Prose } else { Kind::Code });
            None
        }
        (Some(_), Some(_)) => {
            *fence = None;
            None
        }
        (None, Some(Kind::Code)) if !text.is_empty() => Some(Kind::Code),
        (None, None) if text.chars().any(char::is_alphanumeric) => Some(Kind::Prose),
        _ => None,
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn without_marker(line: &str, is_rust: bool) -> &str {
    let line = line.trim();
    let comment = line.strip_prefix("//").filter(|_| is_rust);
    comment.map_or(line, |text| text.trim_start_matches(['/', '!']).trim_start())
}

fn heading(text: &str) -> Option<String> {
    let words = text.trim_start_matches('#');
    (words.len() < text.len() && words.starts_with(' ')).then(|| words.trim().replace('`', ""))
}

/// What a comment is about that begins these lines: an item, or a part of the item before it.
fn documented(lines: &[&str], before: &str) -> String {
    let mut following = lines.iter().filter(|line| !is_comment(line)).map(|line| line.trim());
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
