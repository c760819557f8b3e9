//! Streams of async-anthropic. It sends a request again where a stream breaks off, and goes on in the same stream.

use async_anthropic::errors::AnthropicError;
use async_anthropic::types::{ContentBlockDelta, MessageContent, MessagesStreamEvent, Usage as Tokens};
use prefactor_runtime::{ItemMarks, StreamReader, Usage};
use serde::Serialize;

use crate::answer::Whole;

/// An item of `CreateMessagesResponseStream`.
pub type Item = Result<MessagesStreamEvent, AnthropicError>;

/// The whole answer of a stream, for `stream(with = Answer)`: `text`, `tool_calls`, `finish_reason`.
///
/// The end marker is `MessageStop`. Stop reading there: `None` comes when the server closes the connection.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Answer(Whole);

impl StreamReader<Item> for Answer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        let Ok(event) = item else { return ItemMarks::new() };
        match event {
            MessagesStreamEvent::MessageStart { message, usage } => {
                self.0.restart();
                self.0.model(&message.model);
                self.count(message.usage.as_ref());
                self.count(usage.as_ref());
                return ItemMarks::new().with_restart(true);
            }
            MessagesStreamEvent::ContentBlockStart {
                index,
                content_block: MessageContent::ToolUse(tool),
            } => {
                self.0.begin_call(*index, &tool.id, &tool.name);
            }
            MessagesStreamEvent::ContentBlockDelta { index, delta } => {
                match delta {
                    ContentBlockDelta::TextDelta { text } => self.0.say(text),
                    ContentBlockDelta::InputJsonDelta { partial_json } => {
                        self.0.arguments(*index, partial_json);
                    }
                }
                return ItemMarks::new().with_content(true);
            }
            MessagesStreamEvent::MessageDelta { delta, usage } => {
                self.0.end(delta.stop_reason.clone());
                self.count(usage.as_ref());
            }
            _ => {}
        }
        ItemMarks::new().with_end(matches!(event, MessagesStreamEvent::MessageStop))
    }

    fn usage(&self) -> Option<Usage> {
        self.0.usage()
    }
}

impl Answer {
    fn count(&mut self, tokens: Option<&Tokens>) {
        if let Some(tokens) = tokens {
            self.0.used(tokens.input_tokens.map(u64::from), tokens.output_tokens.map(u64::from));
        }
    }
}
