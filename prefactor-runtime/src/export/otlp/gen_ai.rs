//! Messages in the form of the `GenAI` conventions: a role, and parts that say what they are.
//!
//! Receivers map messages only where they are JSON text in this form. What a program records is a prompt, or messages as
//! the providers' APIs have them.

use serde_json::{Value, json};

use crate::export::json_members::JsonMembers;

/// Members of a payload that hold what a model is asked.
const INPUT: [&str; 6] = ["messages", "input", "inputs", "prompt", "question", "query"];
/// Members of a result that hold what it answers.
const OUTPUT: [&str; 9] =
    ["choices", "messages", "message", "output", "content", "text", "completion", "response", "result"];

/// What a model was asked, as JSON text.
pub(super) fn input_messages(payload: &JsonMembers<'_>) -> Option<String> {
    let asked: Value = serde_json::from_str(payload.first(&INPUT)?.get()).ok()?;
    texts(messages(asked, "user"))
}

/// What it answered, as JSON text.
pub(super) fn output_messages(result: &JsonMembers<'_>) -> Option<String> {
    let answered: Value = serde_json::from_str(result.first(&OUTPUT)?.get()).ok()?;
    let reason = result.text(&["finish_reason", "stop_reason"]).unwrap_or_default();
    let mut messages = messages(answered, "assistant");
    for fields in messages.iter_mut().filter_map(Value::as_object_mut) {
        // The conventions require a finish reason, and Phoenix hides answers without one. An empty text means unknown.
        let is_call = fields["parts"]
            .as_array()
            .is_some_and(|parts| parts.iter().any(|part| part["type"] == "tool_call"));
        let reason = if reason.is_empty() && is_call { "tool_call" } else { reason.as_str() };
        fields.entry("finish_reason").or_insert_with(|| Value::from(reason));
    }
    texts(messages)
}

/// The system's instructions, as JSON text: a bare list of parts.
pub(super) fn system_instructions(payload: &JsonMembers<'_>) -> Option<String> {
    let text = payload.text(&["system", "instructions", "system_prompt"])?;
    Some(json!([{ "type": "text", "content": text }]).to_string())
}

fn texts(messages: Vec<Value>) -> Option<String> {
    (!messages.is_empty()).then(|| Value::Array(messages).to_string())
}

fn messages(value: Value, role: &str) -> Vec<Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            elements.into_iter().map(|element| message(element, role)).collect()
        }
        other => vec![message(other, role)],
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

    fn input(json: &str) -> Option<Value> {
        input_messages(&JsonMembers::read(json)).map(|text| serde_json::from_str(&text).unwrap())
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
        let answer: Value =
            serde_json::from_str(&output_messages(&JsonMembers::read(answer)).unwrap()).unwrap();
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
            let messages = output_messages(&JsonMembers::read(result)).unwrap();
            let messages: Value = serde_json::from_str(&messages).unwrap();
            assert_eq!(messages[0]["finish_reason"], reason, "{result}");
        }
    }

    #[test]
    fn messages_that_are_in_parts_already_stay_as_they_are() {
        let messages =
            json!({ "messages": [{ "role": "user", "parts": [{ "type": "blob", "data": "x" }] }] });
        assert_eq!(input(&messages.to_string()), Some(messages["messages"].clone()));
    }
}
