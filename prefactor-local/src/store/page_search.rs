//! Search over runs, and over the spans of one run, in the text index and by identifiers.

use std::collections::BTreeSet;

use rusqlite::{OptionalExtension, params_from_iter, types::Value};

use super::{
    page_runs::{RunFilter, RunPage},
    work::Reader,
};
use crate::{error_response::ErrorResponse, pfid};

/// The number of matching spans that are followed to their runs, newest first. A search of each run for the word would
/// collect all spans of the word once for each run.
const MOST_MATCHES: u32 = 20_000;
/// The number of spans of one run in a result.
const MOST_SPANS: u32 = 5_000;
/// The digits of a span's W3C id.
const SPAN_ID_DIGITS: usize = 16;

impl Reader<'_> {
    /// Finds the runs with every word of `text` in one span, or with `text` as an identifier. Of very common words it
    /// searches the newest spans only.
    pub(crate) fn search_runs(
        &self,
        text: &str,
        filter: &RunFilter,
        offset: u32,
        size: u32,
    ) -> Result<RunPage, ErrorResponse> {
        let (mut found, mut is_partial) = (self.runs_by_id(text)?, false);
        if let Some(words) = words(text) {
            let mut statement = self.sql.prepare_cached(
                "SELECT s.agent_instance_id FROM span_text f JOIN agent_span s ON s.seq = f.rowid
                 WHERE span_text MATCH ?1 ORDER BY f.rowid DESC LIMIT ?2",
            )?;
            let (mut rows, mut matches) = (statement.query((&words, MOST_MATCHES))?, 0);
            while let Some(row) = rows.next()? {
                matches += 1;
                found.insert(row.get(0)?);
            }
            is_partial = matches == MOST_MATCHES;
        }
        let mut page = RunPage { runs: Vec::new(), total: 0, offset, is_partial };
        for id in self.in_order(&found, filter)? {
            if (offset..offset.saturating_add(size)).contains(&u32::try_from(page.total).unwrap_or(u32::MAX))
            {
                page.runs.push(self.run(&id)?);
            }
            page.total += 1;
        }
        Ok(page)
    }

    /// Finds the spans of a run with every word of `text`, or with `text` as an identifier.
    pub(crate) fn search_spans(&self, instance: &str, text: &str) -> Result<Vec<String>, ErrorResponse> {
        let mut found = Vec::new();
        if let Some(words) = words(text) {
            let mut statement = self.sql.prepare_cached(
                "SELECT s.id FROM span_text f CROSS JOIN agent_span s ON s.seq = f.rowid
                 WHERE span_text MATCH ?1
                   AND f.rowid >= (SELECT min(seq) FROM agent_span WHERE agent_instance_id = ?2)
                   AND f.rowid <= (SELECT max(seq) FROM agent_span WHERE agent_instance_id = ?2)
                   AND s.agent_instance_id = ?2 LIMIT ?3",
            )?;
            found = statement
                .query_map((&words, instance, MOST_SPANS), |row| row.get(0))?
                .collect::<Result<Vec<_>, _>>()?;
        }
        if let Some(ending) = ending_of_span_id(text) {
            let mut statement = self.sql.prepare_cached(
                "SELECT id FROM agent_span WHERE agent_instance_id = ?1 AND substr(id, -12) = ?2",
            )?;
            for id in statement.query_map((instance, &ending), |row| row.get(0))? {
                found.push(id?);
            }
        }
        Ok(found)
    }

    /// Finds the runs that `text` names: by their own id, their external one, or the id of one of their spans.
    fn runs_by_id(&self, text: &str) -> Result<BTreeSet<String>, ErrorResponse> {
        let text = text.trim();
        let mut found = BTreeSet::new();
        for sql in [
            "SELECT id FROM agent_instance WHERE id = ?1",
            "SELECT id FROM agent_instance WHERE external_identifier = ?1",
            "SELECT agent_instance_id FROM agent_span WHERE id = ?1",
        ] {
            found.extend(
                self.sql.prepare_cached(sql)?.query_row([text], |row| row.get::<_, String>(0)).optional()?,
            );
        }
        if let Some(ending) = ending_of_span_id(text) {
            // The index of identifiers has an eighth of the table's size, so the scan reads the index.
            let sql = "SELECT agent_instance_id FROM agent_span WHERE seq IN
                (SELECT seq FROM agent_span INDEXED BY sqlite_autoindex_agent_span_1
                 WHERE substr(id, -12) = ?1 LIMIT 10)";
            for id in self.sql.prepare_cached(sql)?.query_map([ending], |row| row.get(0))? {
                found.insert(id?);
            }
        }
        Ok(found)
    }

    /// Returns the runs that also pass `filter`, newest first.
    fn in_order(&self, ids: &BTreeSet<String>, filter: &RunFilter) -> Result<Vec<String>, ErrorResponse> {
        let (conditions, values) = filter.to_sql();
        let and = if conditions.is_empty() { " WHERE " } else { " AND " };
        let select = ["SELECT i.rowid FROM agent_instance i", &conditions, and, "i.id = ?"].concat();
        let mut statement = self.sql.prepare_cached(&select)?;
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let values = values.iter().cloned().chain([Value::from(id.clone())]);
            let row = statement.query_row(params_from_iter(values), |row| row.get::<_, i64>(0)).optional()?;
            found.extend(row.map(|row| (row, id.clone())));
        }
        found.sort_unstable_by(|a, b| b.cmp(a));
        Ok(found.into_iter().map(|(_, id)| id).collect())
    }
}

/// Returns the words in the index's syntax, the last one as a prefix. `None` if there is no word.
///
/// Each word is quoted, because operators and column names of the index are ordinary words here.
fn words(text: &str) -> Option<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    let quoted = words.map(|word| ["\"", word, "\""].concat()).collect::<Vec<_>>();
    let is_open = text.ends_with(char::is_alphanumeric);
    (!quoted.is_empty()).then(|| [quoted.join(" AND ").as_str(), if is_open { "*" } else { "" }].concat())
}

/// Returns the last twelve characters of the PFID whose last eight bytes are these 16 hexadecimal digits.
fn ending_of_span_id(text: &str) -> Option<String> {
    let text = text.trim();
    let number = (text.len() == SPAN_ID_DIGITS).then(|| u64::from_str_radix(text, 16).ok()).flatten()?;
    Some(pfid::ending(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_words_are_quoted_and_joined() {
        for (text, query) in [
            ("weather", Some("\"weather\"*")),
            ("agent:read  README", Some("\"agent\" AND \"read\" AND \"README\"*")),
            ("done.", Some("\"done\"")),
            ("NEAR(a) OR \"b\"", Some("\"NEAR\" AND \"a\" AND \"OR\" AND \"b\"")),
            (" -*:^ ", None),
            ("", None),
        ] {
            assert_eq!(words(text).as_deref(), query, "{text}");
        }
    }
}
