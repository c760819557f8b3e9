//! The text index, from words to spans.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::work::Work;
use crate::error_response::ErrorResponse;

/// The bytes of a text that are indexed: an index of whole files would outgrow the spans.
const MOST_TEXT: usize = 64 << 10;

impl Work<'_> {
    /// Marks a span as not indexed yet, or as changed since.
    pub(super) fn text_changed(&mut self, seq: i64) -> Result<(), ErrorResponse> {
        self.sql
            .prepare_cached("INSERT INTO span_text_pending (seq) VALUES (?1) ON CONFLICT DO NOTHING")?
            .execute([seq])?;
        self.state.has_unindexed = true;
        Ok(())
    }

    /// Indexes up to `most` of the marked spans; returns whether there may be more.
    ///
    /// A search calls this first, so that it finds the newest spans.
    pub(crate) fn index_text(&mut self, most: u32) -> Result<bool, ErrorResponse> {
        let mut waiting = self.sql.prepare_cached(
            "SELECT p.seq, s.schema_name, t.payload, t.result_payload
             FROM span_text_pending p
             LEFT JOIN agent_span s ON s.seq = p.seq
             LEFT JOIN agent_span_payload t ON t.seq = p.seq
             ORDER BY p.seq LIMIT ?1",
        )?;
        let mut index =
            self.sql.prepare_cached("INSERT OR REPLACE INTO span_text (rowid, words) VALUES (?1, ?2)")?;
        let mut forget = self.sql.prepare_cached("DELETE FROM span_text_pending WHERE seq = ?1")?;
        let (mut rows, mut seen) = (waiting.query([most])?, Vec::new());
        while let Some(row) = rows.next()? {
            let seq: i64 = row.get(0)?;
            seen.push(seq);
            let Some(name) = row.get::<_, Option<String>>(1)? else { continue };
            let mut words = Words(name);
            for column in [2, 3] {
                if let Some(json) = row.get::<_, Option<String>>(column)? {
                    words.add_json(&json);
                }
            }
            index.execute((seq, words.0))?;
        }
        for seq in &seen {
            forget.execute([seq])?;
        }
        Ok(seen.len() >= usize::try_from(most).unwrap_or(usize::MAX))
    }
}

/// Returns the texts of a JSON value: keys, strings and numbers, without its punctuation and escapes.
struct Words(String);

impl Words {
    fn add_json(&mut self, json: &str) {
        let mut deserializer = serde_json::Deserializer::from_str(json);
        let _ = DeserializeSeed::deserialize(Collect(self), &mut deserializer);
    }

    fn add(&mut self, word: &str) {
        let mut room = MOST_TEXT.saturating_sub(self.0.len()).min(word.len());
        while !word.is_char_boundary(room) {
            room -= 1;
        }
        self.0.push('\n');
        self.0.push_str(&word[..room]);
    }
}

struct Collect<'a>(&'a mut Words);

impl<'de> DeserializeSeed<'de> for Collect<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Collect<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.0.add(text);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, number: i64) -> Result<(), E> {
        self.0.add(&number.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, number: u64) -> Result<(), E> {
        self.0.add(&number.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, number: f64) -> Result<(), E> {
        self.0.add(&number.to_string());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element_seed(Collect(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Collect(self.0))?.is_some() {
            map.next_value_seed(Collect(self.0))?;
        }
        Ok(())
    }
}
