//! An answer that came in one piece.

use prefactor_runtime::SpanError;
use serde_json::{Map, Value, json};

use crate::call::{LARGEST, Told};
use crate::request::Api;
use crate::{error, responses, usage};

/// Reads the body of an answer. Where the status says that it failed, only the error in it counts.
pub(crate) fn read(api: Api, bytes: &[u8], is_success: bool, told: &mut Told) {
    if bytes.len() > LARGEST {
        told.result.insert("answer_not_kept".to_owned(), true.into());
        return;
    }
    let answer: Value = match serde_json::from_slice(bytes) {
        Ok(answer) => answer,
        Err(_) if !is_success => return,
        Err(error) => {
            let error = SpanError::new(format!("the answer is no JSON: {error}"));
            told.failure.get_or_insert(error.with_type("invalid_answer"));
            return;
        }
    };
    if let Some(error) = error::of_json(&answer) {
        told.failure.get_or_insert(error);
    }
    if !is_success {
        return;
    }
    let mut read = usage::read(answer.get("usage"));
    read.model = answer.get("model").and_then(Value::as_str).map(str::to_owned);
    usage::merge(&mut told.usage, read);
    match api {
        Api::Chat | Api::Completions => told.result.extend(members(&answer, &["id", "choices"])),
        Api::Responses => responses::tell(&answer, told),
        Api::Embeddings => told.result.extend(vectors(&answer)),
    }
}

/// Some members of an object, those that are not null.
pub(crate) fn members(answer: &Value, names: &[&str]) -> Map<String, Value> {
    let present = names.iter().filter_map(|name| Some(((*name).to_owned(), answer.get(name)?.clone())));
    present.filter(|(_, value)| !value.is_null()).collect()
}

/// How many vectors came, and of which length. Their numbers say nothing to people.
fn vectors(answer: &Value) -> Map<String, Value> {
    let Some(data) = answer.get("data").and_then(Value::as_array) else { return Map::new() };
    let mut result = Map::from_iter([("embeddings".to_owned(), json!(data.len()))]);
    if let Some(first) = data.first().and_then(|first| first.get("embedding")?.as_array()) {
        result.insert("dimensions".to_owned(), json!(first.len()));
    }
    result
}
