//! JSON as the values of a template.

use liquid_core::{Object, Value, model::KString};
use serde_json::Value as Json;

/// Returns the members of a payload, overlaid by those of a result.
pub(super) fn globals(payload: &Json, result: Option<&Json>) -> Object {
    let members = [Some(payload), result].into_iter().flatten().filter_map(Json::as_object).flatten();
    members.map(|(name, value)| (KString::from_ref(name), from_json(value))).collect()
}

fn from_json(json: &Json) -> Value {
    match json {
        Json::Null => Value::Nil,
        Json::Bool(flag) => Value::scalar(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), _, _) => Value::scalar(whole),
            (None, None, Some(float)) => Value::scalar(float),
            _ => Value::scalar(number.to_string()),
        },
        Json::String(text) => Value::scalar(text.clone()),
        Json::Array(items) => Value::Array(items.iter().map(from_json).collect()),
        Json::Object(members) => Value::Object(
            members.iter().map(|(name, value)| (KString::from_ref(name), from_json(value))).collect(),
        ),
    }
}
