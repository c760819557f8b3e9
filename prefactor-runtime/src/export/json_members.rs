//! The members of a JSON object, each value as its text. Values that are not asked for are not parsed.

use std::borrow::Cow;

/// Names and values, in their order.
#[derive(Default)]
pub(super) struct JsonMembers<'a> {
    members: Vec<(Cow<'a, str>, &'a str)>,
    /// A bit for each length that a name has: most names that are asked for are absent.
    lengths: u64,
}

impl<'a> JsonMembers<'a> {
    /// Finds the members of an object that this crate wrote, and does not check it: a parser takes four times as long. Anything
    /// else has no members.
    pub(super) fn read(json: &'a str) -> Self {
        let mut read = Self::default();
        let bytes = json.as_bytes();
        let mut at = blanks_end(bytes, 0);
        if bytes.get(at) == Some(&b'{') {
            at += 1;
            while let Some((key, value, end)) = member(json, at) {
                if read.members.is_empty() {
                    read.members.reserve(6);
                }
                read.lengths |= bit(&key);
                read.members.push((key, value));
                at = end;
            }
        }
        read
    }

    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        if self.lengths & bit(name) == 0 {
            return None;
        }
        self.members.iter().rev().find(|(theirs, _)| theirs == name).map(|(_, value)| *value)
    }

    /// The first of these members that is there and is not null.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().filter_map(|name| self.get(name)).find(|value| *value != "null")
    }

    /// The first of these members that is a text.
    pub(super) fn text(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| text(self.get(name)?))
    }

    /// The first of these members that is a text, as JSON.
    pub(super) fn json_text(&self, names: &[&str]) -> Option<&'a str> {
        names.iter().filter_map(|name| self.get(name)).find(|value| value.starts_with('"'))
    }

    /// The member of that name, if it is an object.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|value| value.starts_with('{')).map(Self::read)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }
}

/// The content of a JSON text, borrowed where nothing in it is escaped.
fn text(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        serde_json::from_str(json).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inside))
    }
}

const fn bit(name: &str) -> u64 {
    1 << (name.len() % 64)
}

/// The next member of an object, and where it ends.
fn member(json: &str, at: usize) -> Option<(Cow<'_, str>, &str, usize)> {
    let bytes = json.as_bytes();
    let mut at = blanks_end(bytes, at);
    if bytes.get(at) == Some(&b',') {
        at = blanks_end(bytes, at + 1);
    }
    let quote = at;
    let at = (bytes.get(quote) == Some(&b'"')).then(|| string_end(bytes, quote)).flatten()?;
    let key = text(json.get(quote..at)?)?;
    let colon = blanks_end(bytes, at);
    let begin = (bytes.get(colon) == Some(&b':')).then(|| blanks_end(bytes, colon + 1))?;
    let end = value_end(bytes, begin)?;
    Some((key, json.get(begin..end)?, end))
}

fn blanks_end(bytes: &[u8], mut at: usize) -> usize {
    while matches!(bytes.get(at), Some(b' ' | b'\n' | b'\r' | b'\t')) {
        at += 1;
    }
    at
}

fn value_end(bytes: &[u8], begin: usize) -> Option<usize> {
    let mut at = begin;
    let mut depth = 0_usize;
    loop {
        match bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
                continue;
            }
            b'}' | b']' if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => {
                return (at > begin).then_some(at);
            }
            _ => {
                at += 1;
                continue;
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// Where a text ends that begins with the quote there: after the closing one. Takes eight bytes at a step.
fn string_end(bytes: &[u8], quote: usize) -> Option<usize> {
    const LANES: u64 = 0x0101_0101_0101_0101;
    const QUOTES: u64 = LANES * 0x22;
    const BACKSLASHES: u64 = LANES * 0x5c;
    /// The lowest bit that it sets is at the first byte that is zero.
    const fn zeros(word: u64) -> u64 {
        word.wrapping_sub(LANES) & !word & (LANES * 0x80)
    }
    let mut at = quote + 1;
    loop {
        if let Some(eight) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
            let word = u64::from_le_bytes(*eight);
            let found = zeros(word ^ QUOTES) | zeros(word ^ BACKSLASHES);
            if found == 0 {
                at += 8;
                continue;
            }
            at += found.trailing_zeros() as usize / 8;
        }
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;

    proptest! {
        #[test]
        fn members_are_those_that_a_parser_reads(
            texts in proptest::collection::vec(("[ab\"\\\\{}\\[\\],:é ]{0,12}", "(?s:.){0,40}"), 0..8),
            is_pretty in any::<bool>(),
        ) {
            let mut object = Map::new();
            for (number, (key, text)) in texts.into_iter().enumerate() {
                let value = match number % 5 {
                    0 => json!(text),
                    1 => json!({ text.clone(): [text, {}, [[]]], "": null }),
                    2 => json!(number),
                    3 => json!([text, { "a": -1.5e300 }, true]),
                    _ => Value::Null,
                };
                object.insert(key, value);
            }
            let value = Value::Object(object);
            let json = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let json = json.unwrap();
            let members = JsonMembers::read(&json);
            let object = value.as_object().unwrap();
            prop_assert_eq!(members.members.len(), object.len());
            for (key, value) in object {
                let read: Value = serde_json::from_str(members.get(key).unwrap()).unwrap();
                prop_assert_eq!(&read, value);
            }
        }

        #[test]
        fn members_of_text_that_is_no_object_end(text in "[\"\\\\{}\\[\\],:a1 ]{0,24}") {
            let members = JsonMembers::read(&text);
            prop_assert!(members.members.len() <= text.len());
        }
    }

    #[test]
    fn members_are_found_by_their_names_and_the_last_of_two_counts() {
        let long = "n".repeat(64);
        let json = format!(r#"{{"a":1,"\u0062":"x\n","":null,"{long}":{{"a":"in"}},"a":[2]}}"#);
        let members = JsonMembers::read(&json);
        assert_eq!(
            (members.get("a"), members.get("b"), members.get("c")),
            (Some("[2]"), Some(r#""x\n""#), None)
        );
        assert_eq!((members.get(""), members.first(&["", "a"])), (Some("null"), Some("[2]")));
        assert_eq!(
            (members.text(&["a", "b"]).as_deref(), members.json_text(&["a", "b"])),
            (Some("x\n"), Some(r#""x\n""#))
        );
        assert_eq!(members.object(&long).and_then(|inner| inner.text(&["a"])).as_deref(), Some("in"));
        assert!(members.object("a").is_none() && !members.has("aa"));
        assert!(JsonMembers::read("[1]").is_empty() && JsonMembers::read("{}").is_empty());
    }
}
