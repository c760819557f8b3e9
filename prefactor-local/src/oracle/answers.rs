//! Changes of answers, and the usual codes.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, json, value::RawValue};

/// The code that the API gives with a status.
pub(super) const fn code_of(status: u16) -> &'static str {
    match status {
        400 => "bad_request",
        401 => "bad_authtoken",
        403 => "forbidden",
        404 => "not_found",
        405 => "method_not_allowed",
        409 => "invalid_action",
        413 => "payload_too_large",
        422 => "validation_errors",
        429 => "rate_limited",
        500.. => "internal_error",
        _ => "unknown",
    }
}

/// A bulk answer, with its outputs in the order in which they stand.
#[derive(Deserialize)]
struct Bulk {
    outputs: Outputs,
}

struct Outputs(Vec<(String, Box<RawValue>)>);

impl Bulk {
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

fn bulk<'a>(outputs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let outputs: Vec<_> =
        outputs.into_iter().map(|(key, output)| format!("{}:{output}", Value::from(key))).collect();
    format!(r#"{{"status":"success","outputs":{{{}}}}}"#, outputs.join(","))
}

/// Leaves outputs out by their index. Answers to single requests stay as they are.
pub(super) fn without_outputs(text: &str, is_kept: &dyn Fn(usize) -> bool) -> String {
    let Some(Bulk { outputs: Outputs(outputs) }) = Bulk::read(text) else { return text.to_owned() };
    let kept = outputs.iter().enumerate().filter(|(place, _)| is_kept(*place));
    bulk(kept.map(|(_, (key, output))| (key.as_str(), output.get())))
}

/// Puts an output under an unknown key first, then each key twice with the true output last.
pub(super) fn with_strange_outputs(text: &str) -> String {
    let Some(Bulk { outputs: Outputs(outputs) }) = Bulk::read(text) else { return text.to_owned() };
    let stranger = r#"{"status":"success","details":{"id":"stranger"}}"#;
    let error = r#"{"status":"error","code":"conflict","message":"scripted"}"#;
    let twice = outputs.iter().flat_map(|(key, output)| [(key.as_str(), error), (key, output.get())]);
    bulk([("a-stranger-to-all", stranger)].into_iter().chain(twice))
}

/// In the one answer, or in each output.
pub(super) fn with_control(text: &str, control: &Value) -> String {
    let Some(Bulk { outputs: Outputs(outputs) }) = Bulk::read(text) else {
        return with_control_at_top(text, control);
    };
    let outputs: Vec<_> =
        outputs.iter().map(|(key, output)| (key, with_control_at_top(output.get(), control))).collect();
    bulk(outputs.iter().map(|(key, output)| (key.as_str(), output.as_str())))
}

pub(super) fn with_control_at_top(text: &str, control: &Value) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    if let Some(answer) = answer.as_object_mut() {
        answer.insert("control".to_owned(), control.clone());
    }
    json!(answer).to_string()
}

impl<'de> Deserialize<'de> for Outputs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;

        impl<'de> Visitor<'de> for InOrder {
            type Value = Outputs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Outputs, A::Error> {
                let mut outputs = Vec::new();
                while let Some(output) = map.next_entry()? {
                    outputs.push(output);
                }
                Ok(Outputs(outputs))
            }
        }

        deserializer.deserialize_map(InOrder)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BULK: &str = r#"{"status":"success","outputs":{"k2":{"n":2},"k1":{"n":1}}}"#;

    #[test]
    fn outputs_are_left_out_by_their_place() {
        let text = without_outputs(BULK, &|place| place != 0);
        assert_eq!(text, r#"{"status":"success","outputs":{"k1":{"n":1}}}"#);
    }

    #[test]
    fn key_stands_twice_and_last_with_the_true_output() {
        let text = with_strange_outputs(BULK);
        assert_eq!(text.matches(r#""k1":"#).count(), 2);
        assert!(text.contains("a-stranger-to-all"));
        assert!(text.ends_with(r#""k1":{"n":1}}}"#), "{text}");
    }

    #[test]
    fn control_is_said_once_or_in_each_output() {
        let control = json!({"terminate": true});
        assert_eq!(with_control(BULK, &control).matches("terminate").count(), 2);
        assert_eq!(with_control(r#"{"status":"success"}"#, &control).matches("terminate").count(), 1);
        assert_eq!(with_control_at_top(BULK, &control).matches("terminate").count(), 1);
    }
}
