//! The limits of OpenAI's own address: values of 100,000 bytes, and usage of model calls only.

use serde_json::{Map, Value, json};

use crate::payload::markers::CUT_SUFFIX;

/// Of the compact JSON text of an input or an output, its quotes included.
const MAX_BYTES: usize = 100_000;

/// Cuts inputs and outputs, and moves counts that the server does not know.
pub(super) fn span_data(data: &mut Value) {
    let Some(data) = data.as_object_mut() else { return };
    let is_generation = data.get("type").and_then(Value::as_str) == Some("generation");
    for name in ["input", "output"] {
        if let Some(value) = data.get_mut(name) {
            if is_generation {
                without_reasoning(value);
            }
            cut(value, MAX_BYTES);
        }
    }
    if let Some(usage) = data.remove("usage").filter(|_| is_generation) {
        data.insert("usage".into(), usage_of_generation(usage));
    }
}

/// `input_tokens` and `output_tokens`, and all else under `details`; nothing without both.
fn usage_of_generation(usage: Value) -> Value {
    let Value::Object(mut usage) = usage else { return Value::Null };
    let counts = ["input_tokens", "output_tokens"].map(|name| usage.remove(name).filter(Value::is_number));
    let [Some(input), Some(output)] = counts else { return Value::Null };
    let details = usage.remove("details");
    let mut details = details.and_then(|details| details.as_object().cloned()).unwrap_or_default();
    details.extend(usage.into_iter().filter(|(_, value)| !value.is_null()));
    let mut kept = Map::from_iter([("input_tokens".to_owned(), input), ("output_tokens".to_owned(), output)]);
    if !details.is_empty() {
        kept.insert("details".into(), details.into());
    }
    Value::Object(kept)
}

/// Removes the reasoning of a model, which the server does not take.
fn without_reasoning(value: &mut Value) {
    let is_reasoning = |value: &Value| {
        matches!(
            value.get("type").and_then(Value::as_str),
            Some("reasoning" | "thinking" | "redacted_thinking")
        )
    };
    let Value::Array(messages) = value else { return };
    messages.retain(|message| !is_reasoning(message));
    for message in messages.iter_mut().filter_map(Value::as_object_mut) {
        for name in ["reasoning", "reasoning_content", "thinking_blocks", "thinking"] {
            message.remove(name);
        }
        if let Some(Value::Array(parts)) = message.get_mut("content") {
            parts.retain(|part| !is_reasoning(part));
        }
    }
}

/// Makes a value no longer than so many bytes of JSON, in its own shape: the largest parts are cut first. Returns its
/// length. Each value is measured once for each level above it.
fn cut(value: &mut Value, max: usize) -> usize {
    let length = json_length(value);
    if length <= max {
        return length;
    }
    match value {
        Value::String(text) => *text = cut_text(text, max),
        Value::Array(elements) => {
            let lengths: Vec<_> = elements.iter().map(json_length).collect();
            let keep = shares(&lengths, 1, max.saturating_sub(2));
            let mut keep = keep.into_iter();
            elements.retain_mut(|element| match keep.next().flatten() {
                Some(share) => cut(element, share) <= share,
                None => false,
            });
        }
        Value::Object(members) => {
            let lengths: Vec<_> = members.values().map(json_length).collect();
            let names: usize = members.keys().map(|name| text_length(name) + 2).sum();
            let keep = shares(&lengths, 0, max.saturating_sub(2 + names));
            let mut keep = keep.into_iter();
            members.retain(|_, member| match keep.next().flatten() {
                Some(share) => cut(member, share) <= share,
                None => false,
            });
        }
        _ => {
            *value = json!({ "truncated": true, "original_type": "number", "preview": "<number truncated>" });
        }
    }
    json_length(value)
}

/// How long each part may be so that all are within `max`: the long ones share what the short ones leave. `None`: no room.
fn shares(lengths: &[usize], separator: usize, max: usize) -> Vec<Option<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|index| lengths[*index]);
    let mut shares = vec![None; lengths.len()];
    let (mut room, mut left) = (max, lengths.len());
    for index in order {
        let share = (room / left.max(1)).saturating_sub(separator);
        let share = lengths[index].min(share);
        if share >= lengths[index] || share >= CUT_SUFFIX.len() + 2 {
            shares[index] = Some(share);
            room = room.saturating_sub(share + separator);
        }
        left -= 1;
    }
    shares
}

/// The longest beginning that leaves room for the suffix.
fn cut_text(text: &str, max: usize) -> String {
    let Some(room) = max.checked_sub(CUT_SUFFIX.len() + 2) else { return String::new() };
    let mut length = 0;
    let end = text.char_indices().find(|(_, character)| {
        length += escaped_length(*character);
        length > room
    });
    let end = end.map_or(text.len(), |(index, _)| index);
    format!("{}{CUT_SUFFIX}", &text[..end])
}

fn json_length(value: &Value) -> usize {
    match value {
        Value::Null => 4,
        Value::Bool(value) => {
            if *value {
                4
            } else {
                5
            }
        }
        Value::Number(number) => number.to_string().len(),
        Value::String(text) => text_length(text),
        Value::Array(elements) => {
            2 + elements.iter().map(json_length).sum::<usize>() + elements.len().saturating_sub(1)
        }
        Value::Object(members) => {
            let length = |(name, value): (&String, &Value)| text_length(name) + 1 + json_length(value);
            2 + members.iter().map(length).sum::<usize>() + members.len().saturating_sub(1)
        }
    }
}

fn text_length(text: &str) -> usize {
    2 + text.chars().map(escaped_length).sum::<usize>()
}

fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        '\0'..='\u{1f}' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::needless_pass_by_value, reason = "a literal is given")]
    fn cleaned(input: Value) -> Value {
        let mut data = json!({ "type": "generation", "input": input });
        span_data(&mut data);
        data["input"].take()
    }

    #[test]
    fn lengths_are_those_of_the_text() {
        let value = json!({ "a\"\n": ["é", 1.5, null, true, false, "\u{1}"], "b": {} });
        assert_eq!(json_length(&value), value.to_string().len());
    }

    #[test]
    fn texts_are_cut_at_the_byte() {
        assert_eq!(cleaned(json!("x".repeat(99_998))), json!("x".repeat(99_998)));
        let cut = cleaned(json!("x".repeat(100_000)));
        assert_eq!(cut.as_str().unwrap().len(), 99_998);
        assert!(cut.as_str().unwrap().ends_with(CUT_SUFFIX));
        for text in ["\"".repeat(100_000), "é".repeat(80_000), "\u{1}".repeat(50_000)] {
            let cut = cleaned(json!(text));
            assert!(cut.to_string().len() <= MAX_BYTES && cut.as_str().unwrap().ends_with(CUT_SUFFIX));
        }
    }

    #[test]
    fn messages_keep_their_shape_and_their_short_members() {
        let input = json!([
            { "role": "user", "content": "x".repeat(150_000) },
            { "role": "assistant", "content": "short" },
        ]);
        let cut = cleaned(input);
        assert!(
            cut.to_string().len() <= MAX_BYTES && cut.to_string().len() > 90_000,
            "{}",
            cut.to_string().len()
        );
        assert_eq!((&cut[0]["role"], &cut[1]["content"]), (&json!("user"), &json!("short")));
        assert!(cut[0]["content"].as_str().unwrap().ends_with(CUT_SUFFIX));
    }

    #[test]
    fn long_lists_of_small_elements_are_cut_within_the_limit() {
        let cut = cleaned(json!((0..20_000_u32).map(|number| number * 1_000).collect::<Vec<_>>()));
        assert!(cut.to_string().len() <= MAX_BYTES, "{}", cut.to_string().len());
        assert!(!cut.as_array().unwrap().is_empty());
    }

    #[test]
    fn usage_has_two_counts_and_details() {
        let mut data = json!({
            "type": "generation",
            "usage": { "input_tokens": 1, "output_tokens": 2, "total_tokens": 3, "details": { "a": 1 }, "none": null },
        });
        span_data(&mut data);
        let expected =
            json!({ "input_tokens": 1, "output_tokens": 2, "details": { "a": 1, "total_tokens": 3 } });
        assert_eq!(data["usage"], expected);
        for usage in
            [json!({ "input_tokens": 1 }), json!({ "input_tokens": true, "output_tokens": 1 }), json!(1)]
        {
            let mut data = json!({ "type": "generation", "usage": usage });
            span_data(&mut data);
            assert_eq!(data["usage"], Value::Null);
        }
        let mut data = json!({ "type": "custom", "usage": { "input_tokens": 1, "output_tokens": 2 } });
        span_data(&mut data);
        assert_eq!(data, json!({ "type": "custom" }));
    }

    #[test]
    fn thoughts_of_a_model_are_removed() {
        let input = json!([
            { "type": "reasoning", "summary": [] },
            { "role": "assistant", "reasoning": "x", "content": [{ "type": "thinking" }, { "type": "text", "text": "y" }] },
        ]);
        let expected = json!([{ "role": "assistant", "content": [{ "type": "text", "text": "y" }] }]);
        assert_eq!(cleaned(input), expected);
    }
}
