//! Streams of genai. `Start` comes before the request is sent, and `End` after an `Err` too.

use genai::chat::ChatStreamEvent;
use prefactor_runtime::{ItemMarks, StreamReader, Usage};
use serde::Serialize;

use crate::answer::Whole;

/// An item of `ChatStream`.
pub type Item = genai::Result<ChatStreamEvent>;

/// The whole answer of a stream, for `stream(with = Answer)`: `text`, `reasoning`, `tool_calls`, `finish_reason`.
///
/// Tokens are there with `ChatOptions::with_capture_usage(true)` only. Tool calls come in pieces under ids that genai makes up after
/// the first; whole ones, which are recorded, are there with `ChatOptions::with_capture_tool_calls(true)`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Answer(Whole);

impl StreamReader<Item> for Answer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let content = ItemMarks::new().with_content(true);
        match item {
            Ok(ChatStreamEvent::Chunk(chunk)) => {
                self.0.say(&chunk.content);
                content
            }
            Ok(ChatStreamEvent::ReasoningChunk(chunk)) => {
                self.0.reason(&chunk.content);
                content
            }
            Ok(ChatStreamEvent::ThoughtSignatureChunk(_) | ChatStreamEvent::ToolCallChunk(_)) => content,
            Ok(ChatStreamEvent::End(end)) => {
                self.0.end(end.captured_stop_reason.as_ref().map(|reason| format!("{reason:?}")));
                if let Some(usage) = &end.captured_usage {
                    let count = |count: Option<i32>| count.and_then(|count| u64::try_from(count).ok());
                    self.0.used(count(usage.prompt_tokens), count(usage.completion_tokens));
                }
                for call in end.captured_tool_calls().unwrap_or_default() {
                    self.0.call(&call.call_id, &call.fn_name, call.fn_arguments.clone());
                }
                ItemMarks::new().with_end(true)
            }
            Ok(ChatStreamEvent::Start | ChatStreamEvent::Heartbeat) | Err(_) => ItemMarks::new(),
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.0.usage()
    }
}
