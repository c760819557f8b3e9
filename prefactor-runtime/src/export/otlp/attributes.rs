//! Attributes of the types that every receiver keeps. Bytes are not among them: a receiver loses the whole span for one.

use super::fields::{Fields, two_digits, varint_len};

/// The field of a span's attributes.
const OF_SPAN: u8 = 9;
/// The field of an event's attributes.
const OF_EVENT: u8 = 3;

/// Appends the attributes of a span or of an event. A key is added once.
#[derive(Debug)]
pub(super) struct Attributes<'a> {
    fields: &'a mut Fields,
    field: u8,
}

/// An attribute of a span whose key and value are written in the program, as it is sent.
macro_rules! literal {
    ($key:expr, $value:expr) => {{
        const LEN: usize = $crate::export::otlp::attributes::literal_len($key, $value);
        const BYTES: [u8; LEN] = $crate::export::otlp::attributes::literal_bytes($key, $value);
        &BYTES as &'static [u8]
    }};
}
pub(super) use literal;

impl<'a> Attributes<'a> {
    pub(super) fn of_span(fields: &'a mut Fields) -> Self {
        Self { fields, field: OF_SPAN }
    }

    pub(super) fn of_event(fields: &'a mut Fields) -> Self {
        Self { fields, field: OF_EVENT }
    }

    /// Attributes of a span that are encoded already.
    #[inline]
    pub(super) fn encoded(&mut self, attributes: &[u8]) {
        self.fields.0.extend_from_slice(attributes);
    }

    #[inline]
    pub(super) fn text(&mut self, key: &str, text: &str) {
        self.utf8(key, text.as_bytes());
    }

    /// Text whose bytes are UTF-8.
    pub(super) fn utf8(&mut self, key: &str, text: &[u8]) {
        let value = 1 + varint_len(text.len()) + text.len();
        self.begin(key, value);
        self.fields.bytes(1, text);
    }

    pub(super) fn bool(&mut self, key: &str, value: bool) {
        self.begin(key, 2);
        self.fields.number(2, u8::from(value));
    }

    pub(super) fn int(&mut self, key: &str, value: u64) {
        let value = value.min(i64::MAX as u64);
        self.begin(key, 1 + varint_len(usize::try_from(value).unwrap_or(usize::MAX)));
        self.fields.0.push(3 << 3);
        self.fields.varint(value);
    }

    /// Receivers drop numbers that are not finite.
    pub(super) fn double(&mut self, key: &str, value: f64) {
        if value.is_finite() {
            self.begin(key, 9);
            self.fields.fixed64(4, value.to_bits());
        }
    }

    pub(super) fn list(&mut self, key: &str, texts: &[String]) {
        self.fields.message(self.field, |pair| {
            pair.bytes(1, key.as_bytes());
            pair.message(2, |any| {
                any.message(5, |list| {
                    for text in texts {
                        list.message(1, |any| any.bytes(1, text.as_bytes()));
                    }
                });
            });
        });
    }

    /// Everything before the value, which has that length.
    #[inline]
    fn begin(&mut self, key: &str, value: usize) {
        let pair = 2 + varint_len(key.len()) + key.len() + varint_len(value) + value;
        let out = &mut self.fields.0;
        out.reserve(pair + 6);
        let (field, key_len) = (self.field << 3 | 2, key.len().to_le_bytes()[0]);
        match (pair, key.len()) {
            (0..=0x7f, _) => {
                out.extend_from_slice(&[field, pair.to_le_bytes()[0], 1 << 3 | 2, key_len]);
                out.extend_from_slice(key.as_bytes());
            }
            (0x80..=0x3fff, 0..=0x7f) => {
                let [low, high] = two_digits(pair);
                out.extend_from_slice(&[field, low, high, 1 << 3 | 2, key_len]);
                out.extend_from_slice(key.as_bytes());
            }
            _ => {
                self.fields.with_length(self.field, pair);
                self.fields.bytes(1, key.as_bytes());
            }
        }
        self.fields.with_length(2, value);
    }
}

/// The length of such an attribute. All lengths in it have one byte.
pub(super) const fn literal_len(key: &str, value: &str) -> usize {
    let pair = 6 + key.len() + value.len();
    assert!(pair < 0x80, "a literal attribute is short");
    2 + pair
}

/// A pair of a key and an `AnyValue` of text, as a span's field.
pub(super) const fn literal_bytes<const LEN: usize>(key: &str, value: &str) -> [u8; LEN] {
    const fn short(len: usize) -> u8 {
        len.to_le_bytes()[0]
    }
    let mut bytes = [0; LEN];
    let mut at = 0;
    let heads = [OF_SPAN << 3 | 2, short(LEN - 2), 1 << 3 | 2, short(key.len())];
    while at < heads.len() {
        bytes[at] = heads[at];
        at += 1;
    }
    let mut from = 0;
    while from < key.len() {
        bytes[at] = key.as_bytes()[from];
        (at, from) = (at + 1, from + 1);
    }
    let heads = [2 << 3 | 2, short(2 + value.len()), 1 << 3 | 2, short(value.len())];
    from = 0;
    while from < heads.len() {
        bytes[at] = heads[from];
        (at, from) = (at + 1, from + 1);
    }
    from = 0;
    while from < value.len() {
        bytes[at] = value.as_bytes()[from];
        (at, from) = (at + 1, from + 1);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;
    use crate::export::otlp::messages::{Span, Value};

    #[test]
    fn attributes_of_every_form_are_read_by_prost_as_they_were_added() {
        let (long, tags) = ("é".repeat(20_000), ["one".to_owned(), String::new()]);
        let mut fields = Fields::default();
        let mut attributes = Attributes::of_span(&mut fields);
        attributes.encoded(literal!("literal", "value"));
        attributes.text("text", &long);
        attributes.text("", "");
        attributes.bool("bool", true);
        attributes.int("int", u64::MAX);
        attributes.int("zero", 0);
        attributes.double("double", -0.5);
        attributes.double("nan", f64::NAN);
        attributes.list("list", &tags);
        let span = Span::decode(&*fields.0).unwrap();
        let read: Vec<_> = span
            .attributes
            .into_iter()
            .map(|pair| (String::from_utf8(pair.key.to_vec()).unwrap(), pair.value.unwrap().value.unwrap()))
            .collect();
        let text = |text: &str| Value::Text(text.to_owned().into());
        let Some((_, Value::List(list))) = read.last() else { panic!("{read:?}") };
        let listed: Vec<_> = list.values.iter().map(|any| any.value.clone().unwrap()).collect();
        assert_eq!(listed, [text("one"), text("")]);
        let expected = [
            ("literal", text("value")),
            ("text", text(&long)),
            ("", text("")),
            ("bool", Value::Bool(true)),
            ("int", Value::Int(i64::MAX)),
            ("zero", Value::Int(0)),
            ("double", Value::Double(-0.5)),
        ];
        assert_eq!(read[..7], expected.map(|(key, value)| (key.to_owned(), value)));
        assert_eq!(read.len(), 8);
    }
}
