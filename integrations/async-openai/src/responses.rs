//! Streams of the Responses API: the meaning of their events, for annotated functions and for the layer.

use std::collections::BTreeMap;

use async_openai::error::OpenAIError;
use async_openai::types::responses::ResponseStreamEvent;
use prefactor_runtime::{ItemMarks, SpanError, StreamReader, Usage};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::call::Told;
use crate::{error, usage, whole};

/// An item of async-openai's stream.
pub type Item = Result<ResponseStreamEvent, OpenAIError>;

/// The whole answer of a stream, for `stream(with = ResponsesAnswer)`: `id`, `status` and `output`.
///
/// The answer has ended with the event `response.completed`, or `response.incomplete` where it was as long as it may be. There is no
/// other marker: `None` comes when the server closes the connection. Failures are items that are `Ok`.
#[derive(Clone, Debug, Default, Serialize)]
pub struct ResponsesAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    incomplete_details: Option<Value>,
    #[serde(serialize_with = "output")]
    output: BTreeMap<u64, Output>,
    #[serde(skip)]
    usage: Usage,
}

impl StreamReader<Item> for ResponsesAnswer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let Some(event) = item.as_ref().ok().and_then(|event| serde_json::to_value(event).ok()) else {
            return ItemMarks::new();
        };
        self.event(&event, true);
        let marks = ItemMarks::new().with_content(Self::is_token(&event)).with_end(is_end(&event));
        match failure(&event) {
            Some(error) => marks.with_failure(error),
            None => marks,
        }
    }

    fn usage(&self) -> Option<Usage> {
        Some(self.usage.clone())
    }
}

/// An item of the output: as the server sent it, and the pieces so far as long as it is not done.
#[derive(Clone, Debug, Default)]
struct Output {
    item: Option<Value>,
    is_done: bool,
    text: String,
    arguments: String,
}

fn output<S: Serializer>(items: &BTreeMap<u64, Output>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(items.values().map(Output::whole))
}

impl Output {
    fn whole(&self) -> Value {
        let mut item = self.item.clone().unwrap_or_else(|| json!({ "type": "message", "role": "assistant" }));
        if !self.is_done {
            if !self.text.is_empty() {
                item["content"] = json!([{ "type": "output_text", "text": self.text }]);
            }
            if !self.arguments.is_empty() {
                item["arguments"] = self.arguments.clone().into();
            }
        }
        item
    }
}

impl ResponsesAnswer {
    /// Takes an event. Texts are left out where they are too long to be kept.
    pub(crate) fn event(&mut self, event: &Value, is_kept: bool) {
        if let Some(response) = event.get("response") {
            self.response(response, is_kept);
        }
        let Some(index) = event.get("output_index").and_then(Value::as_u64).filter(|_| is_kept) else {
            return;
        };
        let output = self.output.entry(index).or_default();
        let delta = event.get("delta").and_then(Value::as_str).unwrap_or_default();
        match kind(event) {
            "response.output_item.added" => output.item = event.get("item").cloned(),
            "response.output_item.done" => {
                output.item = event.get("item").cloned();
                output.is_done = true;
            }
            "response.output_text.delta" | "response.refusal.delta" => output.text.push_str(delta),
            "response.function_call_arguments.delta" => output.arguments.push_str(delta),
            _ => {}
        }
    }

    /// The response as it is now: at its start without an output, at its end with the whole.
    fn response(&mut self, response: &Value, is_kept: bool) {
        let text = |name| response.get(name).and_then(Value::as_str).map(str::to_owned);
        self.id = text("id").or_else(|| self.id.take());
        self.status = text("status").or_else(|| self.status.take());
        self.incomplete_details = response.get("incomplete_details").filter(|told| !told.is_null()).cloned();
        let mut told = usage::read(response.get("usage"));
        told.model = text("model");
        usage::merge(&mut self.usage, told);
        let items = response.get("output").and_then(Value::as_array).filter(|_| is_kept);
        for (index, item) in (0..).zip(items.into_iter().flatten()) {
            let output = self.output.entry(index).or_default();
            output.item = Some(item.clone());
            output.is_done = true;
        }
    }

    /// Whether and how the event ends the answer.
    pub(crate) fn tell_end(event: &Value, told: &mut Told) {
        if let Some(error) = failure(event) {
            told.failure.get_or_insert(error);
        }
        told.has_ended |= is_end(event) || kind(event) == "response.failed";
    }

    /// Whether the event has something of the answer.
    pub(crate) fn is_token(event: &Value) -> bool {
        kind(event).rsplit('.').next() == Some("delta")
    }

    /// The members of the result, and the usage.
    pub(crate) fn into_parts(mut self) -> (Map<String, Value>, Usage) {
        let usage = std::mem::take(&mut self.usage);
        let result = match serde_json::to_value(self) {
            Ok(Value::Object(members)) => members,
            _ => Map::new(),
        };
        (result, usage)
    }
}

/// Reads a response that came in one piece.
pub(crate) fn tell(response: &Value, told: &mut Told) {
    told.result.extend(whole::members(response, &["id", "status", "output", "incomplete_details"]));
    status(response, told);
}

/// A response that failed or was cancelled says so by its status; `error` may say why.
fn status(response: &Value, told: &mut Told) {
    match response.get("status").and_then(Value::as_str) {
        Some("failed") => {
            told.failure.get_or_insert(error::of_json(response).unwrap_or_else(failed));
        }
        Some("cancelled") => told.is_cancelled = true,
        _ => {}
    }
}

fn is_end(event: &Value) -> bool {
    matches!(kind(event), "response.completed" | "response.incomplete")
}

/// The error of an event.
fn failure(event: &Value) -> Option<SpanError> {
    match kind(event) {
        "error" => error::of_json(event),
        "response.failed" => {
            let told = event.get("response").and_then(error::of_json);
            Some(told.unwrap_or_else(failed))
        }
        _ => None,
    }
}

fn failed() -> SpanError {
    SpanError::new("the response failed").with_type("failed")
}

fn kind(event: &Value) -> &str {
    event.get("type").and_then(Value::as_str).unwrap_or_default()
}
