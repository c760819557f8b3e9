//! The head of recorded JSON: its keys in their order, as deep and as long as a label needs.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

const DEPTH: u8 = 8;
/// The number of elements of a list that are kept, besides the last one.
const ELEMENTS: usize = 32;
/// Bytes of a text that are kept.
const TEXT: usize = 600;

/// A value of a payload or a result. Values that lie too deep are `Other`, like booleans and `null`.
#[derive(Debug, Default, PartialEq)]
pub(super) enum Json {
    Text(String),
    Number(f64),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
    #[default]
    Other,
}

impl Json {
    /// Parses JSON text; other text is `Other`.
    pub(super) fn read(text: &str) -> Self {
        Head(DEPTH).deserialize(&mut serde_json::Deserializer::from_str(text)).unwrap_or_default()
    }

    /// Returns a member of an object; the last one where a key is repeated.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    pub(super) fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// Returns a text that is not empty.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.trim().is_empty() => Some(text),
            _ => None,
        }
    }

    pub(super) fn list(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// Whether the agent marked the value as sensitive. A label must hold nothing of it.
    pub(super) fn is_sensitive(&self) -> bool {
        self.get("$sensitive").is_some()
    }
}

/// Cuts a text to at most `most` bytes, in whole characters.
pub(super) fn beginning(text: &str, most: usize) -> &str {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Reads a value with at most `depth` levels below it.
struct Head(u8);

impl<'de> DeserializeSeed<'de> for Head {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        if self.0 == 0 {
            return IgnoredAny::deserialize(deserializer).map(|_| Json::Other);
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Head {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(beginning(text, TEXT).to_owned()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Other)
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Other)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of tokens and short labels")]
    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of tokens and short labels")]
    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Json, E> {
        Ok(Json::Number(number))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element_seed(Head(self.0 - 1))? {
            if items.len() > ELEMENTS {
                items.pop();
            }
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            members.push((key, map.next_value_seed(Head(self.0 - 1))?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn object_keeps_the_order_of_its_keys() {
        let Json::Object(members) = Json::read(r#"{"z":1,"a":"x"}"#) else { panic!("not an object") };
        assert_eq!(
            members,
            [("z".to_owned(), Json::Number(1.0)), ("a".to_owned(), Json::Text("x".to_owned()))]
        );
    }

    #[test]
    fn long_list_keeps_its_first_elements_and_the_last() {
        let text = serde_json::to_string(&(0..500).collect::<Vec<_>>()).unwrap_or_default();
        let list = Json::read(&text);
        assert_eq!(list.list().len(), ELEMENTS + 1);
        assert_eq!(list.list().last(), Some(&Json::Number(499.0)));
    }

    #[test]
    fn deep_value_ends_where_a_label_needs_no_more() {
        let text = ["[".repeat(100_000), "]".repeat(100_000)].concat();
        assert_ne!(Json::read(&text), Json::Other);
    }

    #[test]
    fn text_that_is_not_json_is_other() {
        assert_eq!(Json::read("{\"a\":"), Json::Other);
    }
}
