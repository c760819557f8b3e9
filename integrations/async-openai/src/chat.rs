//! Streams of the chat API: the meaning of their chunks, for annotated functions and for the layer.

use std::collections::BTreeMap;

use async_openai::error::OpenAIError;
use async_openai::types::chat::CreateChatCompletionStreamResponse;
use prefactor_runtime::{ItemMarks, StreamReader, Usage};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::usage;

/// An item of async-openai's stream.
pub type Item = Result<CreateChatCompletionStreamResponse, OpenAIError>;

/// The whole answer of a stream, for `stream(with = ChatAnswer)`: `id`, and `choices` with whole messages, joined by their index.
///
/// The answer has ended when each choice that was seen has a `finish_reason`. The tokens come in a chunk of their own after that,
/// so read the stream to its end. The first chunk of many servers has a role only, and does not count as the first.
///
/// # Examples
///
/// ```
/// use async_openai::Client;
/// use async_openai::config::OpenAIConfig;
/// use async_openai::error::OpenAIError;
/// use async_openai::types::chat::{ChatCompletionResponseStream, CreateChatCompletionRequest};
/// use prefactor::span;
/// use prefactor_async_openai::chat::ChatAnswer;
///
/// #[span("agent:llm_call", skip(client), stream(with = ChatAnswer))]
/// async fn ask(
///     client: &Client<OpenAIConfig>,
///     request: CreateChatCompletionRequest,
/// ) -> Result<ChatCompletionResponseStream, OpenAIError> {
///     client.chat().create_stream(request).await
/// }
/// # let _ = ask;
/// ```
#[derive(Clone, Debug, Default, Serialize)]
pub struct ChatAnswer {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(serialize_with = "values")]
    choices: BTreeMap<u64, Choice>,
    #[serde(skip)]
    usage: Usage,
}

impl StreamReader<Item> for ChatAnswer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let Some(chunk) = item.as_ref().ok().and_then(|chunk| serde_json::to_value(chunk).ok()) else {
            return ItemMarks::new();
        };
        self.event(&chunk, true);
        ItemMarks::new().with_content(Self::is_token(&chunk)).with_end(self.has_ended(1))
    }

    fn usage(&self) -> Option<Usage> {
        Some(self.usage.clone())
    }
}

#[derive(Clone, Debug, Default, Serialize)]
struct Choice {
    index: u64,
    message: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<String>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Message {
    role: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    content: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    refusal: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning_content: String,
    #[serde(serialize_with = "values", skip_serializing_if = "BTreeMap::is_empty")]
    tool_calls: BTreeMap<u64, ToolCall>,
}

#[derive(Clone, Debug, Default, Serialize)]
struct ToolCall {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    function: Function,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Function {
    name: String,
    arguments: String,
}

fn values<T: Serialize, S: Serializer>(map: &BTreeMap<u64, T>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(map.values())
}

impl ChatAnswer {
    /// Takes a chunk. Texts are left out where they are too long to be kept.
    pub(crate) fn event(&mut self, chunk: &Value, is_kept: bool) {
        if self.id.is_none() {
            self.id = text(chunk, "id").filter(|id| !id.is_empty()).map(str::to_owned);
        }
        let mut told = usage::read(chunk.get("usage"));
        told.model = text(chunk, "model").filter(|model| !model.is_empty()).map(str::to_owned);
        usage::merge(&mut self.usage, told);
        for choice in list(chunk, "choices") {
            let index = index(choice);
            let seen = self.choices.entry(index).or_insert_with(|| Choice {
                index,
                message: Message { role: "assistant".to_owned(), ..Message::default() },
                finish_reason: None,
            });
            if let Some(reason) = text(choice, "finish_reason") {
                seen.finish_reason = Some(reason.to_owned());
            }
            if !is_kept {
                continue;
            }
            seen.message.content.push_str(text(choice, "text").unwrap_or_default());
            if let Some(delta) = choice.get("delta") {
                seen.message.delta(delta);
            }
        }
    }

    /// Whether all choices have ended.
    pub(crate) fn has_ended(&self, choices: usize) -> bool {
        self.choices.len() >= choices.max(1)
            && self.choices.values().all(|choice| choice.finish_reason.is_some())
    }

    /// Whether the chunk has something of the answer.
    pub(crate) fn is_token(chunk: &Value) -> bool {
        let has_text = |value: &Value, name| text(value, name).is_some_and(|text| !text.is_empty());
        list(chunk, "choices").any(|choice| {
            let delta = choice.get("delta").unwrap_or(choice);
            ["content", "text", "refusal", "reasoning_content"].iter().any(|name| has_text(delta, name))
                || list(delta, "tool_calls").next().is_some()
        })
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

impl Message {
    fn delta(&mut self, delta: &Value) {
        if let Some(role) = text(delta, "role").filter(|role| !role.is_empty()) {
            role.clone_into(&mut self.role);
        }
        self.content.push_str(text(delta, "content").unwrap_or_default());
        self.refusal.push_str(text(delta, "refusal").unwrap_or_default());
        self.reasoning_content.push_str(text(delta, "reasoning_content").unwrap_or_default());
        for piece in list(delta, "tool_calls") {
            let call = self.tool_calls.entry(index(piece)).or_default();
            call.kind = "function";
            call.id.push_str(text(piece, "id").unwrap_or_default());
            let Some(function) = piece.get("function") else { continue };
            call.function.name.push_str(text(function, "name").unwrap_or_default());
            call.function.arguments.push_str(text(function, "arguments").unwrap_or_default());
        }
    }
}

fn text<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get(name)?.as_str()
}

fn index(value: &Value) -> u64 {
    value.get("index").and_then(Value::as_u64).unwrap_or(0)
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
