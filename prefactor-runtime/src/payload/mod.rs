//! The payload of a span: captured values on their way to the worker.
//!
//! [`Payload`] is opaque. Callers put values in, the worker takes JSON text out, and nothing outside this
//! folder knows what it is in between.

mod capture;
mod probe;

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

pub use probe::{
    Arguments, Probe, ViaDebug, ViaNothing, ViaSerialize, ViaTypeName, debug, demand_shown, display, redacted,
};

pub(crate) use capture::{debug_text, display_text};
pub(crate) use probe::Captured;

/// A JSON object in parts, joined by the worker. Later keys replace earlier ones.
#[derive(Clone, Default)]
pub(crate) struct Payload {
    parts: Vec<Part>,
}

#[derive(Clone)]
enum Part {
    Member { key: Cow<'static, str>, json: String },
    Object { json: String },
}

impl Payload {
    /// Captures a value: an object as it is, `null` as nothing, anything else as `{"result": value}`.
    pub(crate) fn of<T: Serialize + ?Sized>(value: &T) -> Self {
        Self::of_json(capture::json_text(value))
    }

    pub(crate) fn of_json(json: String) -> Self {
        let part = match json.as_bytes().first() {
            Some(b'{') if json != "{}" => Part::Object { json },
            _ if json == "{}" || json == "null" => return Self::default(),
            _ => Part::Member { key: Cow::Borrowed("result"), json },
        };
        Self { parts: vec![part] }
    }

    /// Adds one member.
    pub(crate) fn insert<T: Serialize + ?Sized>(&mut self, key: impl Into<Cow<'static, str>>, value: &T) {
        self.insert_json(key.into(), capture::json_text(value));
    }

    pub(crate) fn insert_json(&mut self, key: Cow<'static, str>, json: String) {
        self.parts.push(Part::Member { key, json });
    }

    /// Adds the members of another payload, which replace those of the same name.
    pub(crate) fn merge(&mut self, other: Self) {
        self.parts.extend(other.parts);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What the payload weighs in the queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        self.parts.iter().map(|part| size_of::<Part>() + part.json().len()).sum()
    }

    /// The JSON object.
    pub(crate) fn render(&self) -> Box<RawValue> {
        if let [Part::Object { json }] = self.parts.as_slice()
            && let Ok(object) = RawValue::from_string(json.clone())
        {
            return object;
        }
        let mut members: Vec<(Cow<'_, str>, &RawValue)> = Vec::with_capacity(self.parts.len());
        for part in &self.parts {
            for (key, value) in part.members() {
                match members.iter_mut().find(|(present, _)| *present == key) {
                    Some(member) => member.1 = value,
                    None => members.push((key, value)),
                }
            }
        }
        serde_json::value::to_raw_value(&Members(members)).unwrap_or_else(|_| RawValue::NULL.to_owned())
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values are the user's data and have no place in logs.
        formatter.debug_struct("Payload").field("parts", &self.parts.len()).finish_non_exhaustive()
    }
}

impl Part {
    fn json(&self) -> &str {
        match self {
            Self::Member { json, .. } | Self::Object { json } => json,
        }
    }

    fn members(&self) -> Vec<(Cow<'_, str>, &RawValue)> {
        match self {
            Self::Member { key, json } => {
                serde_json::from_str(json).map(|value| (Cow::Borrowed(&**key), value)).into_iter().collect()
            }
            Self::Object { json } => {
                let mut deserializer = serde_json::Deserializer::from_str(json);
                deserializer.deserialize_map(MembersVisitor).unwrap_or_default()
            }
        }
    }
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

/// Reads an object into a list: a map would lose the order that the user's type gave its fields.
struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, &RawValue>()? {
            members.push((Cow::Owned(key), value));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_object_is_taken_as_it_is() {
        assert_eq!(Payload::of(&BTreeMap::from([("a", 1)])).render().get(), r#"{"a":1}"#);
    }

    #[test]
    fn another_value_is_wrapped() {
        assert_eq!(Payload::of(&vec![1, 2]).render().get(), r#"{"result":[1,2]}"#);
        assert_eq!(Payload::of("\"quoted\"").render().get(), r#"{"result":"\"quoted\""}"#);
    }

    #[test]
    fn nothing_gives_the_empty_object() {
        assert_eq!(Payload::of(&()).render().get(), "{}");
        assert_eq!(Payload::of(&BTreeMap::<&str, u8>::new()).render().get(), "{}");
    }

    #[test]
    fn later_members_replace_earlier_ones_in_place() {
        let mut payload = Payload::of(&serde_json::json!({"a": 1, "b": [2]}));
        payload.merge(Payload::of(&serde_json::json!({"b": "new", "c": null})));
        payload.insert("a", &7);
        assert_eq!(payload.render().get(), r#"{"a":7,"b":"new","c":null}"#);
    }
}
