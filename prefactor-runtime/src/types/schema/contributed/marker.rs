//! Markers that capture writes in the place of a value. Every schema of a payload allows them everywhere.

use serde_json::{Map, Value, json};

use crate::payload::markers;

/// The name of its definition.
pub(super) const NAME: &str = "prefactor_marker";

/// The schema of a marker: see the list in [`markers`].
pub(super) fn definition() -> Value {
    let within = [markers::REDACTED.trim_end_matches(']'), markers::CUT_MARK];
    let whole = [
        markers::TOO_DEEP,
        markers::FAILED,
        markers::PANICKED,
        markers::LOCKED,
        markers::NOT_A_NUMBER,
        markers::INFINITY,
        markers::NEGATIVE_INFINITY,
    ];
    let within = within.map(escaped).join("|");
    let whole = whole.map(escaped).join("|");
    let member = |name: &str| json!({ "type": "object", "required": [name] });
    json!({
        "description": "In the place of a value that was hidden, cut or not captured",
        "anyOf": [
            { "type": "string", "pattern": format!("{within}|^({whole})$") },
            member(markers::TRUNCATED),
            member(markers::BYTES),
            member("$sensitive"),
            { "type": "array", "contains": member(markers::TRUNCATED) },
        ],
    })
}

/// The text as a regular expression. The markers have no letter that needs more.
fn escaped(text: &str) -> String {
    text.replace('.', "\\.").replace('[', "\\[").replace(']', "\\]")
}

/// The schema, or a marker.
pub(super) fn or_marker(schema: Value) -> Value {
    let choices = vec![schema, json!({ "$ref": format!("#/$defs/{NAME}") })];
    Map::from_iter([("anyOf".to_owned(), choices.into())]).into()
}

/// Turns a schema of values into one of their recorded form, which allows a marker in every place.
pub(super) fn widen(schema: Value) -> Value {
    match schema {
        Value::Object(schema) if schema.keys().any(|key| constrains(key)) => or_marker(inside(schema)),
        schema => schema,
    }
}

/// As [`widen`], for a schema beside others of which one has to hold: the marker is allowed there once.
pub(super) fn inside(schema: Map<String, Value>) -> Value {
    let mut widened = Map::new();
    for (key, value) in schema {
        match (&*key, value) {
            // Two hidden values are equal, so uniqueness would not hold.
            ("uniqueItems", _) => {}
            ("oneOf" | "anyOf", Value::Array(choices)) => put_choices(&mut widened, choices),
            ("allOf" | "prefixItems", Value::Array(schemas)) => {
                widened.insert(key, schemas.into_iter().map(widen).collect());
            }
            ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                let schemas: Map<_, _> = schemas.into_iter().map(|(name, of)| (name, widen(of))).collect();
                widened.insert(key, schemas.into());
            }
            ("items" | "additionalProperties", of) => {
                widened.insert(key, widen(of));
            }
            (_, value) => {
                widened.insert(key, value);
            }
        }
    }
    widened.into()
}

fn put_choices(schema: &mut Map<String, Value>, choices: Vec<Value>) {
    let choices: Value = choices
        .into_iter()
        .map(|choice| match choice {
            Value::Object(choice) => inside(choice),
            choice => choice,
        })
        .collect();
    if schema.contains_key("anyOf") {
        schema.insert("allOf".into(), json!([{ "anyOf": choices }]));
    } else {
        schema.insert("anyOf".into(), choices);
    }
}

fn constrains(key: &str) -> bool {
    !["title", "description", "default", "examples", "format", "deprecated", "readOnly", "writeOnly"]
        .contains(&key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_schema_allows_a_marker() {
        let marker = json!({ "$ref": "#/$defs/prefactor_marker" });
        let given = json!({
            "type": "object",
            "properties": {
                "tags": { "type": "array", "items": { "type": "string" }, "uniqueItems": true },
                "kind": { "oneOf": [{ "const": "a" }, { "const": "b" }] },
                "any": { "description": "anything" },
            },
            "additionalProperties": false,
        });
        let text = json!({ "anyOf": [{ "type": "string" }, marker] });
        let expected = json!({ "anyOf": [{
            "type": "object",
            "properties": {
                "tags": { "anyOf": [{ "type": "array", "items": text }, marker] },
                "kind": { "anyOf": [{ "anyOf": [{ "const": "a" }, { "const": "b" }] }, marker] },
                "any": { "description": "anything" },
            },
            "additionalProperties": false,
        }, marker] });
        assert_eq!(widen(given), expected);
    }

    #[test]
    fn one_of_beside_any_of_keeps_both() {
        let given = json!({ "anyOf": [{ "type": "string" }], "oneOf": [{ "minLength": 1 }] });
        let widened = widen(given);
        assert_eq!(widened["anyOf"][0]["anyOf"], json!([{ "type": "string" }]));
        assert_eq!(widened["anyOf"][0]["allOf"], json!([{ "anyOf": [{ "minLength": 1 }] }]));
    }
}
