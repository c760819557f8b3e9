//! Members of an object that decide about another: `{"name": "DB_PASSWORD", "value": …}`, `{"token": "Hi", "logprob": …}`.

use std::borrow::Cow;

use crate::payload::tape::{Reader, Token, tag};

/// Members of an object that are looked at.
pub(super) const MAX_MEMBERS: usize = 16;

/// Bytes of an object that are looked at.
const MAX_BYTES: usize = 4 << 10;

/// Names of the member with the value.
const VALUES: [&str; 5] = ["value", "Value", "VALUE", "val", "v"];

/// Names of the member with its name.
const NAMES: [&str; 12] =
    ["name", "Name", "NAME", "key", "Key", "k", "header", "field", "param", "parameter", "variable", "var"];

/// Names of members of an object that describes a value: a JSON schema.
const SCHEMA: [&str; 7] = ["$ref", "anyOf", "oneOf", "allOf", "enum", "const", "description"];

/// Names of types in a JSON schema.
const TYPES: [&str; 7] = ["string", "number", "integer", "boolean", "object", "array", "null"];

/// Whether another member may say of which name that one is the value.
pub(crate) fn is_value(key: &str) -> bool {
    VALUES.contains(&key)
}

/// The members of an object.
pub(crate) trait Siblings {
    /// Goes through the names, and those values that are texts, until one is found.
    fn find(&self, is_found: &mut dyn FnMut(&str, Option<&str>) -> bool);

    /// The name that a member gives to another.
    fn name(&self) -> Option<String> {
        let mut name = None;
        self.find(&mut |key, text| {
            name = text.filter(|_| NAMES.contains(&key)).map(str::to_owned);
            name.is_some()
        });
        name
    }

    /// Whether the object is a piece of text with its probability.
    fn is_piece_of_text(&self) -> bool {
        let mut is_one = false;
        self.find(&mut |key, _| {
            is_one = key.starts_with("logprob") || key == "top_logprobs";
            is_one
        });
        is_one
    }

    /// Whether the object describes a value instead of giving it.
    fn is_schema(&self) -> bool {
        let mut is_one = false;
        self.find(&mut |key, text| {
            is_one = SCHEMA.contains(&key) || key == "type" && text.is_none_or(|text| TYPES.contains(&text));
            is_one
        });
        is_one
    }
}

/// After the tag of the object.
impl Siblings for Reader<'_> {
    fn find(&self, is_found: &mut dyn FnMut(&str, Option<&str>) -> bool) {
        // Reads only the first members: reading all of them for each member would take quadratic time.
        let mut reader = self.head(MAX_BYTES);
        for _ in 0..MAX_MEMBERS {
            if matches!(reader.tag(), Some(tag::END | tag::CUT) | None) {
                return;
            }
            let Some((key, value)) = reader.value().zip(reader.value()) else { return };
            if text(key).is_some_and(|key| is_found(key, text(value))) {
                return;
            }
        }
    }
}

/// Members that lie apart.
impl Siblings for &[(Cow<'_, str>, Reader<'_>)] {
    fn find(&self, is_found: &mut dyn FnMut(&str, Option<&str>) -> bool) {
        let _ = self.iter().take(MAX_MEMBERS).any(|(key, value)| is_found(key, text(*value)));
    }
}

/// The text that comes next, if it is one.
pub(crate) fn text(mut reader: Reader<'_>) -> Option<&str> {
    if reader.tag() != Some(tag::TEXT) {
        return None;
    }
    match reader.next() {
        Some(Token::Text(text)) => Some(text),
        _ => None,
    }
}

/// Whether two texts come next, and then the end of the list.
pub(crate) fn is_pair(mut list: Reader<'_>) -> bool {
    let mut is_text = || list.tag() == Some(tag::TEXT) && list.value().is_some();
    is_text() && is_text() && list.tag() == Some(tag::END)
}
