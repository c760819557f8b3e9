//! The shapes of captured values, as JSON Schemas.

use serde_json::{Map, Value, json};

use super::definitions::Definitions;
use super::marker::{self, or_marker};

/// The shape of a value, as far as the attribute can read it off the type.
#[derive(Debug)]
pub enum Shape {
    /// Any shape, because the type names none.
    Anything,
    /// `()`
    Null,
    /// `bool`
    Bool,
    /// An integer of at most 64 bits.
    Integer,
    /// The same without a sign.
    Unsigned,
    /// An integer of 128 bits: a text of digits where 64 do not hold it.
    BigInteger,
    /// A number with a fraction.
    Number,
    /// A text.
    Text,
    /// Any object.
    Object,
    /// Any JSON.
    Json,
    /// `Option`
    Optional(&'static Shape),
    /// A list.
    List(&'static Shape),
    /// A tuple.
    Tuple(&'static [Shape]),
    /// A map.
    Map(&'static Shape),
    /// The type says it itself, by `schemars::JsonSchema`.
    Exact(fn(&mut Definitions) -> Value),
}

impl Shape {
    /// The JSON Schema of a value's recorded form.
    pub(super) fn to_json(&self, definitions: &mut Definitions) -> Value {
        match self {
            Self::Anything | Self::Json => json!({}),
            Self::Null => or_marker(json!({ "type": "null" })),
            Self::Bool => or_marker(json!({ "type": "boolean" })),
            Self::Integer => or_marker(json!({ "type": "integer" })),
            Self::Unsigned => or_marker(json!({ "type": "integer", "minimum": 0 })),
            Self::BigInteger => or_marker(
                json!({ "anyOf": [{ "type": "integer" }, { "type": "string", "pattern": "^-?[0-9]+$" }] }),
            ),
            Self::Number => or_marker(json!({ "type": "number" })),
            Self::Text => or_marker(json!({ "type": "string" })),
            Self::Object => or_marker(json!({ "type": "object" })),
            Self::Optional(of) => match of.to_json(definitions) {
                Value::Object(anything) if anything.is_empty() => Value::Object(anything),
                of => json!({ "anyOf": [{ "type": "null" }, of] }),
            },
            Self::List(of) => or_marker(json!({ "type": "array", "items": of.to_json(definitions) })),
            Self::Tuple(of) => {
                let of: Vec<_> = of.iter().map(|of| of.to_json(definitions)).collect();
                or_marker(json!({ "type": "array", "prefixItems": of }))
            }
            Self::Map(of) => {
                or_marker(json!({ "type": "object", "additionalProperties": of.to_json(definitions) }))
            }
            Self::Exact(schema) => marker::widen(schema(definitions)),
        }
    }

    /// The members of a result whose value has this shape. An object's members are the result's own, and `null` is none; any
    /// other value is the member `result`.
    pub(super) fn result_members(&self, definitions: &mut Definitions) -> Map<String, Value> {
        match self {
            Self::Anything | Self::Json | Self::Object | Self::Map(_) | Self::Null => Map::new(),
            Self::Optional(of) => of.result_members(definitions),
            Self::Exact(schema) => {
                let schema = schema(definitions);
                let mut members = definitions.members_of(&schema);
                members.entry("result").or_insert_with(|| marker::widen(schema));
                members
            }
            of => Map::from_iter([("result".to_owned(), of.to_json(definitions))]),
        }
    }
}
