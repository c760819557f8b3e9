//! The label of a span, which tells it from others of its type: its name, its first text, its error.

use super::page_json::Json;
use crate::model::Status;

/// Characters of a label; a row has room for about a hundred.
const LENGTH: usize = 160;
/// The depth of the search for a first text when no well-known member holds one.
const DEPTH: u8 = 4;

/// Members that hold the question, in the order of preference.
const QUESTIONS: [&str; 15] = [
    "question",
    "prompt",
    "query",
    "task",
    "user_input",
    "input",
    "goal",
    "instruction",
    "instructions",
    "text",
    "message",
    "content",
    "path",
    "url",
    "command",
];
/// Members that describe the call and not its subject.
const NO_LABELS: [&str; 19] = [
    "id",
    "span_id",
    "trace_id",
    "run_id",
    "name",
    "status",
    "type",
    "kind",
    "role",
    "model",
    "model_name",
    "provider",
    "agent_name",
    "created_at",
    "started_at",
    "finished_at",
    "timestamp",
    "object",
    "error",
];
const HIDDEN: [&str; 2] = ["[REDACTED]", "[redacted]"];

/// The texts of a row beside its type.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Label {
    /// `payload.name`, unless the type has the same words.
    pub(super) name: Option<String>,
    /// The first text of the payload.
    pub(super) text: Option<String>,
    /// Type and message of the error of a failed span.
    pub(super) error: Option<String>,
}

impl Label {
    pub(super) fn of(kind: &str, status: Status, payload: &Json, result: &Json) -> Self {
        let name = payload.get("name").and_then(Json::text).filter(|name| *name != kind).map(shorten);
        let error = (status == Status::Failed).then(|| error(payload, result)).flatten();
        Self { name, text: first_text(payload), error }
    }
}

/// Returns the question of a payload, else its first text.
pub(super) fn first_text(payload: &Json) -> Option<String> {
    let inputs = payload.get("inputs").or_else(|| payload.get("arguments"));
    let places = [Some(payload), inputs].into_iter().flatten();
    let asked = places.clone().find_map(|place| QUESTIONS.iter().find_map(|key| readable(place.get(key)?)));
    asked
        .or_else(|| places.clone().find_map(|place| last_message(place.get("messages")?)))
        .or_else(|| tool(payload, inputs))
        .or_else(|| any_text(payload, DEPTH))
        .or_else(|| numbers(inputs.unwrap_or(payload)))
        .map(|text| shorten(&text))
}

fn readable(value: &Json) -> Option<String> {
    match value {
        Json::List(_) => last_message(value),
        _ => value.text().filter(|text| !HIDDEN.contains(text)).map(str::to_owned),
    }
}

/// Returns the last message of a user, which is the one that is answered; else the last message.
fn last_message(messages: &Json) -> Option<String> {
    let is_users =
        |message: &&Json| matches!(message.get("role").and_then(Json::text), Some("user" | "human"));
    let list = messages.list();
    let found = list.iter().rev().find(is_users).or_else(|| list.last())?;
    if let Some(text) = found.text() {
        return Some(text.to_owned());
    }
    let content = found.get("content").or_else(|| found.get("parts"))?;
    let block =
        content.list().iter().rev().find_map(|block| block.text().or_else(|| block.get("text")?.text()));
    content.text().or(block).map(str::to_owned)
}

/// Returns the tool and the first of its arguments, as in `get_weather Berlin`.
fn tool(payload: &Json, inputs: Option<&Json>) -> Option<String> {
    let name = ["tool_name", "toolName"];
    let place = |key: &&str| payload.get(key).or_else(|| inputs?.get(key))?.text();
    let name = name.iter().find_map(place)?;
    let arguments =
        inputs.and_then(|inputs| inputs.get("arguments").or_else(|| inputs.get("input")).or(Some(inputs)));
    let argument = arguments.and_then(|value| match value {
        Json::Object(members) => members
            .iter()
            .filter(|(_, value)| value.text() != Some(name))
            .find_map(|(_, value)| readable(value)),
        _ => readable(value),
    });
    Some(argument.map_or_else(|| name.to_owned(), |argument| [name, " ", &argument].concat()))
}

fn any_text(value: &Json, depth: u8) -> Option<String> {
    if depth == 0 || value.is_sensitive() {
        return None;
    }
    match value {
        Json::Text(_) => readable(value),
        Json::List(items) => items.iter().find_map(|item| any_text(item, depth - 1)),
        Json::Object(members) => members
            .iter()
            .filter(|(key, _)| {
                !key.starts_with('$') && !key.ends_with("_id") && !NO_LABELS.contains(&key.as_str())
            })
            .find_map(|(_, value)| any_text(value, depth - 1)),
        Json::Number(_) | Json::Other => None,
    }
}

/// Returns numbers, as in `limit 3, offset 20`, where there is no text.
fn numbers(payload: &Json) -> Option<String> {
    let Json::Object(members) = payload else { return None };
    let pairs = members.iter().filter_map(|(key, value)| match value {
        Json::Number(number) => Some(format!("{key} {number}")),
        _ => None,
    });
    Some(pairs.take(3).collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty())
}

/// Returns the error. Integrations put it into the result or the payload, as an object or as text.
fn error(payload: &Json, result: &Json) -> Option<String> {
    let places = [result.get("error"), payload.get("error"), Some(result)];
    places.into_iter().flatten().find_map(|place| {
        let words = ["error_type", "type", "message"].iter().filter_map(|key| place.get(key)?.text());
        let object = words.collect::<Vec<_>>().join(": ");
        if object.is_empty() { place.text().map(shorten) } else { Some(shorten(&object)) }
    })
}

/// Returns one line of at most [`LENGTH`] characters.
pub(super) fn shorten(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(LENGTH * 2));
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if let Some((end, _)) = line.char_indices().nth(LENGTH) {
            line.truncate(end);
            line.push('…');
            break;
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(payload: &str) -> Option<String> {
        first_text(&Json::read(payload))
    }

    #[test]
    fn first_text_prefers_the_question_over_what_comes_first() {
        for (payload, text) in [
            (r#"{"model":"m","question":"Why?"}"#, "Why?"),
            (
                r#"{"inputs":{"model":"m","messages":[{"role":"user","content":"old"},{"role":"user","content":"new"},{"role":"assistant","content":"a"}]}}"#,
                "new",
            ),
            (
                r#"{"messages":[{"role":"user","content":[{"type":"image"},{"type":"text","text":"see"}]}]}"#,
                "see",
            ),
            (r#"{"input":[{"role":"user","content":"hi"}]}"#, "hi"),
            (r#"{"tool_name":"weather","inputs":{"arguments":{"city":"Berlin"}}}"#, "weather Berlin"),
            (r#"{"z":{"deep":"first  in\norder"},"a":"second"}"#, "first in order"),
            (r#"{"limit":3,"offset":20}"#, "limit 3, offset 20"),
        ] {
            assert_eq!(text_of(payload).as_deref(), Some(text), "{payload}");
        }
    }

    #[test]
    fn first_text_takes_nothing_that_is_hidden() {
        for payload in [
            r#"{"prompt":{"$sensitive":"string","value":"secret"}}"#,
            r#"{"question":"[REDACTED]"}"#,
            r#"{"id":"x","model":"m","session_id":"s"}"#,
            "[]",
        ] {
            assert_eq!(text_of(payload), None, "{payload}");
        }
    }

    #[test]
    fn label_takes_the_error_of_failed_spans_only() {
        let result = Json::read(r#"{"error_type":"Timeout","message":"too\nslow"}"#);
        let failed = Label::of("k", Status::Failed, &Json::Other, &result);
        assert_eq!(failed.error.as_deref(), Some("Timeout: too slow"));
        assert_eq!(Label::of("k", Status::Complete, &Json::Other, &result).error, None);
    }

    #[test]
    fn label_cuts_long_text_at_a_character() {
        let long = "ä".repeat(1000);
        let text = text_of(&format!(r#"{{"text":"{long}"}}"#)).unwrap_or_default();
        assert_eq!(text.chars().count(), LENGTH + 1);
    }
}
