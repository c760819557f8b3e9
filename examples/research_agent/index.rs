//! The full-text index: SQLite's FTS5, in memory.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use rusqlite::Connection;

use crate::lines::Kind;
use crate::passages::{Passage, Place};

/// Words are compared by their stems, so that "spans" finds "span". The table keeps no text (`content=''`):
/// what a passage says is read from its file. A title weighs twice as much as the text below it.
const TABLE: &str =
    "CREATE VIRTUAL TABLE passages USING fts5(title, body, content='', tokenize='porter unicode61');
     INSERT INTO passages (passages, rank) VALUES ('rank', 'bm25(2.0, 1.0)');";

/// Prose and code, each in a database of its own: a search in one does not wait for a search in the other.
pub(crate) struct Index {
    prose: Shelf,
    code: Shelf,
}

struct Shelf {
    connection: Mutex<Connection>,
    /// The place of row n stands at n.
    places: Vec<Place>,
}

impl Index {
    pub(crate) fn of(passages: Vec<Passage>) -> Result<Self, SearchError> {
        let (prose, code) = passages.into_iter().partition(|passage| passage.place.kind == Kind::Prose);
        let shelf = |passages| Shelf::of(passages).map_err(|source| SearchError { source });
        Ok(Self { prose: shelf(prose)?, code: shelf(code)? })
    }

    pub(crate) fn len(&self) -> usize {
        self.prose.places.len() + self.code.places.len()
    }

    /// The best passages of a kind, best first. The query is in FTS5's own language.
    pub(crate) fn search(&self, kind: Kind, query: &str, limit: u32) -> Result<Vec<Place>, SearchError> {
        self.shelf(kind).search(query, limit).map_err(|source| SearchError { source })
    }

    /// How many passages contain a word.
    pub(crate) fn count(&self, word: &str) -> Result<u32, SearchError> {
        let count = |shelf: &Shelf| shelf.count(&quoted(word)).map_err(|source| SearchError { source });
        Ok(count(&self.prose)? + count(&self.code)?)
    }

    fn shelf(&self, kind: Kind) -> &Shelf {
        match kind {
            Kind::Prose => &self.prose,
            Kind::Code => &self.code,
        }
    }
}

impl Shelf {
    fn of(passages: Vec<Passage>) -> rusqlite::Result<Self> {
        let mut connection = Connection::open_in_memory()?;
        connection.execute_batch(TABLE)?;
        let mut places = Vec::with_capacity(passages.len());
        let rows = connection.transaction()?;
        {
            let mut insert = rows.prepare("INSERT INTO passages (rowid, title, body) VALUES (?1, ?2, ?3)")?;
            for (row, Passage { place, text }) in (0_u32..).zip(passages) {
                let title = [&place.title, " ", &place.file].concat();
                insert.execute((row, with_parts_of_names(&title), with_parts_of_names(&text)))?;
                places.push(place);
            }
        }
        rows.commit()?;
        Ok(Self { connection: Mutex::new(connection), places })
    }

    fn search(&self, query: &str, limit: u32) -> rusqlite::Result<Vec<Place>> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut best = connection
            .prepare_cached("SELECT rowid FROM passages WHERE passages MATCH ?1 ORDER BY rank LIMIT ?2")?;
        let rows = best.query_map((query, limit), |row| row.get::<_, u32>(0))?;
        rows.map(|row| Ok(self.places[row? as usize].clone())).collect()
    }

    fn count(&self, query: &str) -> rusqlite::Result<u32> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut count = connection.prepare_cached("SELECT count(*) FROM passages WHERE passages MATCH ?1")?;
        count.query_row([query], |row| row.get(0))
    }
}

/// A word as FTS5 takes it literally, whatever signs are in it.
pub(crate) fn quoted(word: &str) -> String {
    ["\"", &word.replace('"', "\"\""), "\""].concat()
}

/// Puts the words of a name like `HashMap` behind it, so that "map" finds it. FTS5 divides at `_` itself.
pub(crate) fn with_parts_of_names(text: &str) -> String {
    let mut parts = String::with_capacity(text.len() * 2);
    parts.push_str(text);
    parts.push('\n');
    let mut previous = ' ';
    for letter in text.chars() {
        if previous.is_lowercase() && letter.is_uppercase() {
            parts.push(' ');
        }
        parts.push(letter);
        previous = letter;
    }
    parts
}

/// SQLite could not answer, most often because of the query's syntax.
#[derive(Debug)]
pub(crate) struct SearchError {
    source: rusqlite::Error,
}

impl fmt::Display for SearchError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SQLite refused the search: {}", self.source)
    }
}

impl std::error::Error for SearchError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

impl From<rusqlite::Error> for SearchError {
    fn from(source: rusqlite::Error) -> Self {
        Self { source }
    }
}
