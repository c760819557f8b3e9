//! Attributes of a span: constant keys, and values of the types that every receiver keeps.

use bytes::Bytes;

use super::messages::{AnyValue, KeyValue, List, Value};

/// The attributes of a span, an event or a resource, in the order in which they are added. A key is added once.
#[derive(Default)]
pub(super) struct Attributes(pub(super) Vec<KeyValue>);

impl Attributes {
    /// A text that is written in the program.
    pub(super) fn literal(&mut self, key: &'static str, text: &'static str) {
        self.bytes(key, Bytes::from_static(text.as_bytes()));
    }

    pub(super) fn text(&mut self, key: &'static str, text: impl Into<String>) {
        self.bytes(key, Bytes::from(text.into()));
    }

    /// A text that is shared: UTF-8.
    pub(super) fn bytes(&mut self, key: &'static str, text: Bytes) {
        self.push(key, Value::Text(text));
    }

    pub(super) fn bool(&mut self, key: &'static str, value: bool) {
        self.push(key, Value::Bool(value));
    }

    pub(super) fn int(&mut self, key: &'static str, value: u64) {
        self.push(key, Value::Int(i64::try_from(value).unwrap_or(i64::MAX)));
    }

    /// Receivers drop what is no finite number.
    pub(super) fn double(&mut self, key: &'static str, value: f64) {
        if value.is_finite() {
            self.push(key, Value::Double(value));
        }
    }

    pub(super) fn list(&mut self, key: &'static str, texts: &[String]) {
        let values = texts.iter().map(|text| any(Value::Text(Bytes::from(text.clone())))).collect();
        self.push(key, Value::List(List { values }));
    }

    /// A key that is not written in the program.
    pub(super) fn named(&mut self, key: String, text: String) {
        self.0.push(KeyValue { key: Bytes::from(key), value: Some(any(Value::Text(Bytes::from(text)))) });
    }

    fn push(&mut self, key: &'static str, value: Value) {
        self.0.push(KeyValue { key: Bytes::from_static(key.as_bytes()), value: Some(any(value)) });
    }
}

fn any(value: Value) -> AnyValue {
    AnyValue { value: Some(value) }
}
