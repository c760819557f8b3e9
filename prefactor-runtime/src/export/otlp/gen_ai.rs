//! Messages in the form of the `GenAI` conventions: a role, and parts with a type each.
//!
//! Receivers map messages only where they are JSON text in this form. What a program records is a prompt, or messages as
//! the providers' APIs have them.

use std::borrow::Cow;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::export::json_members::JsonMembers;

/// Members of a payload that hold the input of a model.
const INPUT: [&str; 6] = ["messages", "input", "inputs", "prompt", "question", "query"];
/// Members of a result that hold its output.
const OUTPUT: [&str; 9] =
    ["choices", "messages", "message", "output", "content", "text", "completion", "response", "result"];

/// Appends the input of a model, as JSON text; nothing where the payload has none.
pub(super) fn input_messages(payload: &JsonMembers<'_>, out: &mut Vec<u8>) {
    if let Some(asked) = payload.first(&INPUT) {
        messages(asked, "user", None, out);
    }
}

/// Appends its output, as JSON text; nothing where the result has none.
pub(super) fn output_messages(result: &JsonMembers<'_>, out: &mut Vec<u8>) {
    if let Some(answered) = result.first(&OUTPUT) {
        let reason = result.text(&["finish_reason", "stop_reason"]).unwrap_or_default();
        messages(answered, "assistant", Some(&reason), out);
    }
}

/// Appends the system's instructions, as JSON text: a bare list of parts.
pub(super) fn system_instructions(payload: &JsonMembers<'_>, out: &mut Vec<u8>) {
    if let Some(instructions) = payload.json_text(&["system", "instructions", "system_prompt"]) {
        out.push(b'[');
        text_part(instructions, out);
        out.push(b']');
    }
}

/// Appends messages. `reason` says why an answer ended; input has none.
fn messages(json: &[u8], role: &str, reason: Option<&str>, out: &mut Vec<u8>) {
    let elements: Option<Vec<&RawValue>> =
        json.starts_with(b"[").then(|| serde_json::from_slice(json).ok()).flatten();
    let elements = elements.filter(|all| all.iter().any(|element| element.get().starts_with('{')));
    out.push(b'[');
    match elements {
        Some(elements) => {
            for (number, element) in elements.into_iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                message_text(element.get().as_bytes(), role, reason, out);
            }
        }
        None => message_text(json, role, reason, out),
    }
    out.push(b']');
}

/// Appends one message: a text with a role as it stands, and anything else by what its members mean.
fn message_text(json: &[u8], role: &str, reason: Option<&str>, out: &mut Vec<u8>) {
    if json.starts_with(b"\"") {
        return text_message(json, quoted(role).as_bytes(), quoted(reason).as_bytes(), out);
    }
    if json.starts_with(b"{") {
        let outer = JsonMembers::read(json);
        let inner = outer.object("message");
        let fields = inner.as_ref().unwrap_or(&outer);
        let is_plain =
            !["tool_call_id", "tool_calls", "parts"].iter().any(|name| fields.has(name) || outer.has(name));
        if let Some(content) = fields.json_text(&["content"]).filter(|_| is_plain) {
            let (own_role, own_reason) = (quoted(role), quoted(reason));
            let role = fields.json_text(&["role"]).unwrap_or(own_role.as_bytes());
            let reason = outer.get("finish_reason").unwrap_or(own_reason.as_bytes());
            return text_message(content, role, reason, out);
        }
    }
    let Ok(value) = serde_json::from_slice(json) else { return };
    let mut message = message(value, role);
    if let Some((fields, reason)) = message.as_object_mut().zip(reason) {
        // The conventions require a finish reason, and Phoenix hides answers without one. An empty text means unknown.
        let is_call = fields["parts"]
            .as_array()
            .is_some_and(|parts| parts.iter().any(|part| part["type"] == "tool_call"));
        let reason = if reason.is_empty() && is_call { "tool_call" } else { reason };
        fields.entry("finish_reason").or_insert_with(|| Value::from(reason));
    }
    let _ = serde_json::to_writer(out, &message);
}

/// Appends a message of one text. All are JSON; an empty reason is none.
fn text_message(text: &[u8], role: &[u8], reason: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"role":"#);
    out.extend_from_slice(role);
    out.extend_from_slice(br#","parts":["#);
    text_part(text, out);
    out.push(b']');
    if !reason.is_empty() {
        out.extend_from_slice(br#","finish_reason":"#);
        out.extend_from_slice(reason);
    }
    out.push(b'}');
}

fn text_part(text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"type":"text","content":"#);
    out.extend_from_slice(text);
    out.push(b'}');
}

/// A text as JSON. Nothing of nothing.
fn quoted<'a>(text: impl Into<Option<&'a str>>) -> Cow<'a, str> {
    match text.into() {
        None => Cow::Borrowed(""),
        Some("") => Cow::Borrowed(r#""""#),
        Some("user") => Cow::Borrowed(r#""user""#),
        Some("assistant") => Cow::Borrowed(r#""assistant""#),
        Some(text) => Cow::Owned(Value::from(text).to_string()),
    }
}

fn message(value: Value, role: &str) -> Value {
    let Value::Object(mut fields) = value else {
        return json!({ "role": role, "parts": parts(value) });
    };
    if fields.contains_key("parts") && fields.contains_key("role") {
        return Value::Object(fields);
    }
    let finish_reason = fields.remove("finish_reason");
    if let Some(Value::Object(inner)) = fields.remove("message") {
        fields = inner;
    }
    let role = fields.get("role").and_then(Value::as_str).unwrap_or(role).to_owned();
    let mut parts = match (fields.get("tool_call_id"), fields.get("content")) {
        (Some(id), content) => vec![json!({ "type": "tool_call_response", "id": id, "response": content })],
        (None, Some(content)) => parts(content.clone()),
        (None, None) => match fields.get("text") {
            Some(text) => parts(text.clone()),
            None if fields.contains_key("tool_calls") => Vec::new(),
            None => parts(Value::Object(fields.clone())),
        },
    };
    for call in fields.get("tool_calls").and_then(Value::as_array).into_iter().flatten() {
        let function = call.get("function").unwrap_or(call);
        let arguments = function.get("arguments").cloned().unwrap_or(Value::Null);
        let arguments =
            arguments.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(arguments);
        parts.push(json!({ "type": "tool_call", "id": call["id"], "name": function["name"], "arguments": arguments }));
    }
    let mut message = json!({ "role": role, "parts": parts });
    if let Some(reason) = finish_reason {
        message["finish_reason"] = reason;
    }
    message
}

fn parts(content: Value) -> Vec<Value> {
    match content {
        Value::Null => Vec::new(),
        Value::String(text) => vec![json!({ "type": "text", "content": text })],
        Value::Array(pieces) => pieces.into_iter().map(part).collect(),
        other => vec![json!({ "type": "text", "content": other.to_string() })],
    }
}

fn part(piece: Value) -> Value {
    let text = piece.get("text").or_else(|| piece.get("content")).and_then(Value::as_str).map(str::to_owned);
    match (piece, text) {
        (Value::String(text), _) | (_, Some(text)) => json!({ "type": "text", "content": text }),
        (other, None) => json!({ "type": "text", "content": other.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &[u8]) -> Option<Value> {
        (!text.is_empty()).then(|| serde_json::from_slice(text).unwrap())
    }

    fn input(json: &str) -> Option<Value> {
        let mut out = Vec::new();
        input_messages(&JsonMembers::read(json.as_bytes()), &mut out);
        value(&out)
    }

    fn output(json: &str) -> Option<Value> {
        let mut out = Vec::new();
        output_messages(&JsonMembers::read(json.as_bytes()), &mut out);
        value(&out)
    }

    #[test]
    fn prompts_and_the_messages_of_apis_become_parts() {
        let text =
            |role: &str, text: &str| json!({ "role": role, "parts": [{ "type": "text", "content": text }] });
        assert_eq!(input(r#"{"prompt":"why"}"#), Some(json!([text("user", "why")])));
        assert_eq!(input(r#"{"other":"why"}"#), None);
        assert_eq!(
            input(
                r#"{"messages":[{"role":"system","content":"be"},{"role":"user","content":[{"type":"text","text":"why"}]}]}"#
            ),
            Some(json!([text("system", "be"), text("user", "why")]))
        );
        let calls = r#"{"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"1","content":"2"}]}"#;
        let expected = json!([
            { "role": "assistant", "parts": [{ "type": "tool_call", "id": "1", "name": "f", "arguments": { "a": 1 } }] },
            { "role": "tool", "parts": [{ "type": "tool_call_response", "id": "1", "response": "2" }] },
        ]);
        assert_eq!(input(calls), Some(expected));
        let answer =
            r#"{"choices":[{"message":{"role":"assistant","content":"so"},"finish_reason":"stop"}]}"#;
        let answer = output(answer).unwrap();
        assert_eq!(answer[0]["finish_reason"], "stop");
        assert_eq!(answer[0]["parts"], text("assistant", "so")["parts"]);
    }

    #[test]
    fn answers_say_why_they_ended_or_that_it_is_not_known() {
        for (result, reason) in [
            (r#"{"text":"so"}"#, ""),
            (r#"{"text":"so","stop_reason":"max_tokens"}"#, "max_tokens"),
            (r#"{"choices":[{"message":{"content":"so"},"finish_reason":"length"}]}"#, "length"),
            (
                r#"{"message":{"role":"assistant","tool_calls":[{"id":"1","function":{"name":"f"}}]}}"#,
                "tool_call",
            ),
            (r#"{"messages":[{"role":"assistant","parts":[{"type":"text","content":"so"}]}]}"#, ""),
        ] {
            assert_eq!(output(result).unwrap()[0]["finish_reason"], reason, "{result}");
        }
    }

    #[test]
    fn messages_that_are_in_parts_already_stay_as_they_are() {
        let messages =
            json!({ "messages": [{ "role": "user", "parts": [{ "type": "blob", "data": "x" }] }] });
        assert_eq!(input(&messages.to_string()), Some(messages["messages"].clone()));
    }

    /// A message that is written as it stands says what one that is built would say.
    #[test]
    fn messages_that_are_copied_say_what_built_ones_say() {
        for element in [
            r#""why\n\u00e9""#,
            r#"{"role":"user","content":"why"}"#,
            r#"{"content":"no role"}"#,
            r#"{"role":7,"content":"odd role"}"#,
            r#"{"role":"a","role":"b","content":"x","content":"twice"}"#,
            r#"{"content":"so","finish_reason":"stop"}"#,
            r#"{"content":"so","finish_reason":null}"#,
            r#"{"message":{"role":"assistant","content":"so","finish_reason":"inner"},"finish_reason":{"odd":1}}"#,
            r#"{"message":"a text","content":"so"}"#,
            r#"{"role":"user","content":["a",{"text":"b"}]}"#,
            r#"{"role":"tool","tool_call_id":"1","content":"2"}"#,
            r#"{"role":"assistant","content":"so","tool_calls":[]}"#,
            r#"{"role":"assistant","parts":[]}"#,
            r#"{"parts":[],"content":"so"}"#,
        ] {
            for (list, is_list) in [(format!("[{element},{{}}]"), true), (element.to_owned(), false)] {
                let built = message(serde_json::from_str(element).unwrap(), "user");
                let asked = input(&format!(r#"{{"messages":{list}}}"#)).unwrap();
                assert_eq!(asked[0], built, "{element}");
                assert_eq!(asked.as_array().unwrap().len(), if is_list { 2 } else { 1 }, "{element}");
                let mut built = message(serde_json::from_str(element).unwrap(), "assistant");
                let fields = built.as_object_mut().unwrap();
                fields.entry("finish_reason").or_insert_with(|| json!("why"));
                let result = format!(r#"{{"messages":{list},"stop_reason":"why"}}"#);
                assert_eq!(output(&result).unwrap()[0], built, "{element}");
            }
        }
    }
}
