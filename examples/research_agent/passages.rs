//! Files to passages: runs of lines that are about one thing, with their line numbers.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::files::{File, Language};

/// What a passage is made of. Comments in source files are prose: they say why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Prose,
    Code,
}

/// Lines of a file, without their text: that stays in the file until it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// The first line, counted from 1.
    pub(crate) first: usize,
    /// The last line, which belongs to the passage.
    pub(crate) last: usize,
    /// The heading it stands under, or the item it documents or belongs to.
    pub(crate) title: String,
    pub(crate) kind: Kind,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, first, last, title, .. } = self;
        write!(formatter, "{file}:{first}-{last}")?;
        if title == file { Ok(()) } else { write!(formatter, " ({title})") }
    }
}

/// As one line of text, which is how the trace page shows it best.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A passage on its way into the index.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// A passage longer than this is divided at the next empty line.
const LONG: usize = 14;
/// And one longer than this wherever it stands.
const TOO_LONG: usize = 40;

pub(crate) fn of(file: &File) -> Vec<Passage> {
    let lines: Vec<&str> = file.text.lines().collect();
    let mut splitter =
        Splitter { file, lines: &lines, passages: Vec::new(), title: file.name.clone(), is_fenced: false };
    splitter.split();
    splitter.passages
}

struct Splitter<'a> {
    file: &'a File,
    lines: &'a [&'a str],
    passages: Vec<Passage>,
    /// The heading or the item that was met last.
    title: String,
    /// Within a fenced block, where a `#` is not a heading.
    is_fenced: bool,
}

impl Splitter<'_> {
    fn split(&mut self) {
        let mut first = 0;
        let mut kind = None;
        for (index, line) in self.lines.iter().enumerate() {
            let next = self.kind_of(line);
            let heading = self.heading(line);
            let length = index - first;
            let is_gap = without_marker(line).is_empty();
            let is_over = heading.is_some()
                || (next.is_some() && kind.is_some() && next != kind)
                || (length > LONG && is_gap)
                || length > TOO_LONG;
            if is_over {
                self.close(first, index, kind);
                (first, kind) = (index, None);
            }
            kind = kind.or(next);
            if let Some(heading) = heading {
                self.title = heading;
            }
        }
        self.close(first, self.lines.len(), kind);
    }

    /// What a line is made of, or `None` for one that belongs wherever it stands.
    fn kind_of(&mut self, line: &str) -> Option<Kind> {
        let text = without_marker(line);
        if text.starts_with("```") || text.starts_with("~~~") {
            self.is_fenced = !self.is_fenced;
            return Some(Kind::Code);
        }
        match self.file.language {
            _ if text.is_empty() => None,
            Language::Rust if !line.trim_start().starts_with("//") => {
                self.is_fenced = false;
                Some(Kind::Code)
            }
            _ if self.is_fenced => Some(Kind::Code),
            _ => Some(Kind::Prose),
        }
    }

    fn heading(&self, line: &str) -> Option<String> {
        let text = line.trim_start_matches('#');
        let is_heading =
            self.file.language == Language::Markdown && !self.is_fenced && text.len() < line.len();
        is_heading.then(|| text.trim().to_owned()).filter(|heading| !heading.is_empty())
    }

    fn close(&mut self, first: usize, end: usize, kind: Option<Kind>) {
        let lines = &self.lines[first..end];
        let filled = |line: &&str| !without_marker(line).is_empty();
        let (Some(kind), Some(skip), Some(last)) =
            (kind, lines.iter().position(filled), lines.iter().rposition(filled))
        else {
            return;
        };
        let title = self.title_of(&lines[skip..=last], end, kind);
        let text = lines[skip..=last].join("\n");
        let place = Place {
            file: self.file.name.clone(),
            first: first + skip + 1,
            last: first + last + 1,
            title,
            kind,
        };
        self.passages.push(Passage { place, text });
    }

    fn title_of(&mut self, lines: &[&str], end: usize, kind: Kind) -> String {
        if self.file.language == Language::Rust && kind == Kind::Prose {
            return match lines[0].trim_start() {
                line if line.starts_with("//!") => self.file.name.clone(),
                line if line.starts_with("///") => self.documented(end),
                _ => self.title.clone(),
            };
        }
        if self.file.language == Language::Rust {
            let mut items = lines.iter().filter_map(|line| item(line));
            let first = items.next();
            let title = first.clone().unwrap_or_else(|| self.title.clone());
            self.title = items.last().or(first).unwrap_or_else(|| self.title.clone());
            return title;
        }
        self.title.clone()
    }

    /// What a comment that ends before a line is about: an item, or a part of the item met last.
    fn documented(&self, end: usize) -> String {
        let mut following = self.lines[end..].iter().map(|line| line.trim());
        let Some(line) = following.find(|line| !line.starts_with("#[")) else { return self.title.clone() };
        item(line).unwrap_or_else(|| {
            let part: String =
                line.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
            if part.is_empty() { self.title.clone() } else { format!("{}, {part}", self.title) }
        })
    }
}

/// A line without what makes it a comment.
pub(crate) fn without_marker(line: &str) -> &str {
    let line = line.trim();
    let comment = line.strip_prefix("//").map(|text| text.trim_start_matches(['/', '!']));
    comment.unwrap_or(line).trim()
}

/// The item that a line of Rust declares, as in `fn enter`.
fn item(line: &str) -> Option<String> {
    const KEYWORDS: [&str; 9] =
        ["fn", "struct", "enum", "trait", "mod", "type", "union", "impl", "macro_rules!"];
    let mut words = line.split_whitespace();
    let keyword = words.find(|word| !is_modifier(word))?;
    let keyword = KEYWORDS
        .into_iter()
        .find(|known| keyword == *known || (*known == "impl" && keyword.starts_with("impl<")))?;
    if keyword == "impl" {
        return line.trim().strip_suffix('{').map(|line| line.trim().to_owned());
    }
    let name = words.next()?;
    let end = name.find(|end: char| !end.is_alphanumeric() && end != '_').unwrap_or(name.len());
    (end > 0).then(|| format!("{keyword} {}", &name[..end]))
}

fn is_modifier(word: &str) -> bool {
    word.starts_with("pub") || ["async", "const", "unsafe", "extern", "static", "default"].contains(&word)
}
