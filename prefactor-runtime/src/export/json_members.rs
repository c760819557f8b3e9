//! The members of a JSON object, each value as its text. Values that are not asked for are not parsed.

use std::borrow::Cow;

use crate::payload::{JsonText, PLACE};

/// Names and values, in their order.
pub(super) struct JsonMembers<'a> {
    json: &'a [u8],
    members: Members<'a>,
    /// The bits of the names: most that are asked for are absent.
    bits: u64,
}

enum Members<'a> {
    /// By the places that the renderer noted.
    Noted(&'a [u8]),
    /// Found in the text.
    Found(Vec<(Cow<'a, str>, &'a [u8])>),
}

impl<'a> JsonMembers<'a> {
    /// The members of a payload.
    pub(super) fn of(text: &'a JsonText) -> Self {
        let (json, places) = (text.as_bytes(), text.places());
        if places.is_empty() {
            return Self::read(json);
        }
        let bits = places.chunks_exact(PLACE).filter_map(|place| name_at(json, place).map(bit));
        Self { json, members: Members::Noted(places), bits: bits.fold(0, |all, bit| all | bit) }
    }

    /// Finds the members of an object that this crate wrote, and does not check it: a parser takes four times as long. Anything
    /// else has no members.
    pub(super) fn read(json: &'a [u8]) -> Self {
        let (mut members, mut bits) = (Vec::new(), 0);
        let mut at = blanks_end(json, 0);
        if json.get(at) == Some(&b'{') {
            at += 1;
            while let Some((name, value, end)) = member(json, at) {
                if members.is_empty() {
                    members.reserve(6);
                }
                bits |= bit(name.as_bytes());
                members.push((name, value));
                at = end;
            }
        }
        Self { json, members: Members::Found(members), bits }
    }

    /// The value under a name, as JSON text.
    #[inline]
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        if self.bits & bit(name.as_bytes()) == 0 { None } else { self.find(name) }
    }

    fn find(&self, name: &str) -> Option<&'a [u8]> {
        match &self.members {
            Members::Noted(places) => {
                let places = places.rchunks_exact(PLACE);
                let mut places = places.filter(|place| name_at(self.json, place) == Some(name.as_bytes()));
                let [_, value, end] = numbers(places.next()?)?;
                self.json.get(value..end)
            }
            Members::Found(members) => {
                members.iter().rev().find(|(theirs, _)| theirs == name).map(|(_, value)| *value)
            }
        }
    }

    /// The first of these members that is there and is not null.
    pub(super) fn first(&self, names: &[&str]) -> Option<&'a [u8]> {
        names.iter().filter_map(|name| self.get(name)).find(|value| *value != b"null")
    }

    /// The first of these members that is a text.
    pub(super) fn text(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        names.iter().find_map(|name| text(self.get(name)?))
    }

    /// The first of these members that is a text, as JSON.
    pub(super) fn json_text(&self, names: &[&str]) -> Option<&'a [u8]> {
        names.iter().filter_map(|name| self.get(name)).find(|value| value.starts_with(b"\""))
    }

    /// The member of that name, if it is an object.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        self.get(name).filter(|value| value.starts_with(b"{")).map(Self::read)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bits == 0
    }
}

/// The numbers of a place: where the name begins, where the value begins, and where that ends.
#[inline]
fn numbers(place: &[u8]) -> Option<[usize; 3]> {
    let (name, rest) = place.split_first_chunk()?;
    let (value, rest) = rest.split_first_chunk()?;
    Some([*name, *value, *rest.first_chunk()?].map(|number| u32::from_le_bytes(number) as usize))
}

/// The name of a member, which is followed by a quote and a colon.
#[inline]
fn name_at<'a>(json: &'a [u8], place: &[u8]) -> Option<&'a [u8]> {
    let [name, value, _] = numbers(place)?;
    json.get(name..value.checked_sub(2)?)
}

/// The content of a JSON text, borrowed where nothing in it is escaped.
fn text(json: &[u8]) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix(b"\"")?.strip_suffix(b"\"")?;
    if inside.contains(&b'\\') {
        serde_json::from_slice(json).ok().map(Cow::Owned)
    } else {
        std::str::from_utf8(inside).ok().map(Cow::Borrowed)
    }
}

/// One of 64 bits, by the length of a name and its beginning.
#[inline]
const fn bit(name: &[u8]) -> u64 {
    let first = if name.is_empty() { 0 } else { name[0] as usize };
    1 << ((name.len() + 7 * first) % 64)
}

/// The next member of an object, and where it ends.
fn member(json: &[u8], at: usize) -> Option<(Cow<'_, str>, &[u8], usize)> {
    let mut at = blanks_end(json, at);
    if json.get(at) == Some(&b',') {
        at = blanks_end(json, at + 1);
    }
    let quote = at;
    let at = (json.get(quote) == Some(&b'"')).then(|| string_end(json, quote)).flatten()?;
    let name = text(json.get(quote..at)?)?;
    let colon = blanks_end(json, at);
    let begin = (json.get(colon) == Some(&b':')).then(|| blanks_end(json, colon + 1))?;
    let end = value_end(json, begin)?;
    Some((name, json.get(begin..end)?, end))
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
    use crate::payload::byte_arena::ByteArena;
    use crate::payload::{MemberPlaces, Payload};
    use crate::redaction::Redaction;

    fn count(members: &JsonMembers<'_>) -> usize {
        match &members.members {
            Members::Noted(places) => places.len() / PLACE,
            Members::Found(found) => found.len(),
        }
    }

    proptest! {
        #[test]
        fn members_that_the_renderer_noted_are_those_that_are_found(
            names in proptest::collection::vec("[ab]{0,3}|[\"\\\\\n\u{0}é]{1,2}|password|[a-z]{30,60}", 0..90),
            texts in proptest::collection::vec("(?s:.){0,60}", 90),
        ) {
            let mut payload = Payload::default();
            for (number, (name, text)) in names.iter().zip(&texts).enumerate() {
                match number % 4 {
                    0 => payload.insert(name, text),
                    1 => payload.insert(name, &json!({ name.clone(): [text], "value": number })),
                    2 => payload.insert(name, &number),
                    _ => payload.insert(name, &Some(text)),
                }
            }
            let (redaction, mut arena) = (Redaction::default(), ByteArena::default());
            let mut places = MemberPlaces::default();
            for is_sent in [false, true, true] {
                let text = payload.clone().render_once(&redaction, is_sent, &mut arena, &mut places);
                let (noted, found) = (JsonMembers::of(&text), JsonMembers::read(text.as_bytes()));
                let is_noted = matches!(noted.members, Members::Noted(_));
                let is_escaped = |name: &String| name.contains(['\\', '"', '\n', '\0']);
                let is_left_out = names.is_empty() || names.len() > 64 || names.iter().any(is_escaped);
                prop_assert!(is_noted || is_left_out);
                prop_assert_eq!(count(&noted), count(&found));
                prop_assert_eq!((noted.bits, noted.is_empty()), (found.bits, found.is_empty()));
                for name in names.iter().map(String::as_str).chain(["value", "[REDACTED]"]) {
                    prop_assert_eq!(noted.get(name), found.get(name));
                }
                prop_assert!(serde_json::from_str::<Value>(text.as_str()).is_ok());
            }
        }

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
            let members = JsonMembers::read(json.as_bytes());
            let object = value.as_object().unwrap();
            prop_assert_eq!(count(&members), object.len());
            for (key, value) in object {
                let read: Value = serde_json::from_slice(members.get(key).unwrap()).unwrap();
                prop_assert_eq!(&read, value);
            }
        }

        #[test]
        fn members_of_text_that_is_no_object_end(text in "[\"\\\\{}\\[\\],:a1 ]{0,24}") {
            let members = JsonMembers::read(text.as_bytes());
            prop_assert!(count(&members) <= text.len());
        }
    }

    #[test]
    fn members_are_found_by_their_names_and_the_last_of_two_counts() {
        let long = "n".repeat(64);
        let json = format!(r#"{{"a":1,"\u0062":"x\n","":null,"{long}":{{"a":"in"}},"a":[2]}}"#);
        let members = JsonMembers::read(json.as_bytes());
        assert_eq!(
            (members.get("a"), members.get("b"), members.get("c")),
            (Some(&b"[2]"[..]), Some(&br#""x\n""#[..]), None)
        );
        assert_eq!((members.get(""), members.first(&["", "a"])), (Some(&b"null"[..]), Some(&b"[2]"[..])));
        assert_eq!(
            (members.text(&["a", "b"]).as_deref(), members.json_text(&["a", "b"])),
            (Some("x\n"), Some(&br#""x\n""#[..]))
        );
        assert_eq!(members.object(&long).and_then(|inner| inner.text(&["a"])).as_deref(), Some("in"));
        assert!(members.object("a").is_none() && !members.has("aa"));
        assert!(JsonMembers::read(b"[1]").is_empty() && JsonMembers::read(b"{}").is_empty());
    }
}
