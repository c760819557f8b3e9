//! Divides files into passages: lines that belong together, with their place.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::files::File;
use crate::lines::{self, Kind, Line};

/// Lines of a file, without their text: that stays in the file until it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: String,
    /// The first line, counted from 1.
    pub(crate) first: usize,
    /// The last line, which belongs to the passage.
    pub(crate) last: usize,
    /// The subject: a heading, or an item of a program.
    pub(crate) title: String,
    pub(crate) kind: Kind,
}

/// A passage on its way into the index.
#[derive(Debug)]
pub(crate) struct Passage {
    pub(crate) place: Place,
    pub(crate) text: String,
}

/// A block that is longer ends at the next empty line: shorter ones say too little to be compared.
const LONG: usize = 24;
/// A block that is longer still ends at any line.
const TOO_LONG: usize = 60;

/// Divides a file into blocks, and each block into its prose and its code.
pub(crate) fn of(file: &File) -> Vec<Passage> {
    let lines = lines::of(&file.name, &file.name, &file.text);
    let mut passages = Vec::new();
    let mut first = 0;
    for (index, line) in lines.iter().enumerate() {
        let length = index - first;
        if line.is_heading || (length > LONG && line.text.is_empty()) || length > TOO_LONG {
            passages.extend(block(file, &lines[..index], first));
            first = index;
        }
    }
    passages.extend(block(file, &lines, first));
    passages
}

fn block<'a>(file: &'a File, lines: &'a [Line<'a>], first: usize) -> impl Iterator<Item = Passage> + use<'a> {
    [Kind::Prose, Kind::Code].into_iter().filter_map(move |kind| passage(file, lines, first, kind))
}

fn passage(file: &File, lines: &[Line<'_>], first: usize, kind: Kind) -> Option<Passage> {
    let of_kind = |line: &Line<'_>| line.kind == Some(kind);
    let start = first + lines[first..].iter().position(of_kind)?;
    let end = lines.iter().rposition(of_kind)?;
    let about = lines[end + 1..].iter().position(|line| line.kind != Some(kind) && !line.is_attribute());
    let last =
        about.map(|offset| end + 1 + offset).filter(|index| !lines[*index].text.is_empty()).unwrap_or(end);
    let text: Vec<&str> =
        lines[start..=end].iter().filter(|line| of_kind(line)).map(|line| line.text).collect();
    let place = Place {
        file: file.name.clone(),
        first: start + 1,
        last: last + 1,
        title: lines[start].title.clone(),
        kind,
    };
    Some(Passage { place, text: text.join("\n") })
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, first, last, title, .. } = self;
        write!(formatter, "{file}:{first}")?;
        if last > first {
            write!(formatter, "-{last}")?;
        }
        if title == file { Ok(()) } else { write!(formatter, " ({title})") }
    }
}

/// As one line of text, which is how the trace page shows it best.
impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
