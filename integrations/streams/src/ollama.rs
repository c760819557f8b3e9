//! Streams of ollama-rs. The server's message of an error is not an item: then the end marker is missing.

use ollama_rs::generation::chat::ChatMessageResponse;
use prefactor_runtime::{ItemMarks, StreamReader, Usage};
use serde::Serialize;

use crate::answer::Whole;

/// An item of `ChatMessageResponseStream`. Its error says nothing, the reason is on the standard error.
pub type Item = Result<ChatMessageResponse, ()>;

/// The whole answer of a stream, for `stream(with = Answer)`: `text`, `reasoning` and `tool_calls`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Answer(Whole);

impl StreamReader<Item> for Answer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let Ok(response) = item else { return ItemMarks::new() };
        let message = &response.message;
        let thinking = message.thinking.as_deref().unwrap_or_default();
        self.0.model(&response.model);
        self.0.say(&message.content);
        self.0.reason(thinking);
        for call in &message.tool_calls {
            self.0.call("", &call.function.name, call.function.arguments.clone());
        }
        if let Some(counts) = &response.final_data {
            self.0.used(Some(counts.prompt_eval_count), Some(counts.eval_count));
        }
        let has_content =
            !message.content.is_empty() || !thinking.is_empty() || !message.tool_calls.is_empty();
        ItemMarks::new().with_content(has_content).with_end(response.done)
    }

    fn usage(&self) -> Option<Usage> {
        self.0.usage()
    }
}
