//! Streams of rig's agents: `agent.prompt(…).stream()`.

use prefactor_runtime::{ItemMarks, StreamReader, Usage};
use rig::agent::MultiTurnStreamItem;
use rig::completion::PromptError;
use rig::streaming::{Item as Streamed, StreamEvent};
use serde::Serialize;
use serde_json::Value;

use crate::answer::Whole;

/// An item of `StreamingResult`.
pub type Item = Result<MultiTurnStreamItem, PromptError>;

/// The whole answer of a stream, for `stream(with = Answer)`: `text`, `reasoning` and `tool_calls` of all turns.
///
/// It begins anew where a hook has rejected a turn.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Answer(Whole);

impl StreamReader<Item> for Answer {
    fn read(&mut self, item: &Item) -> ItemMarks {
        match item {
            Ok(MultiTurnStreamItem::StreamAssistantItem(Streamed::Event(event))) => self.event(event),
            Ok(MultiTurnStreamItem::ToolCall { tool_call }) => {
                let mut call = serde_json::to_value(tool_call).unwrap_or_default();
                let arguments = call["function"]["arguments"].take();
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                self.0.call(&text(&call["id"]), &text(&call["function"]["name"]), arguments);
                ItemMarks::new()
            }
            Ok(MultiTurnStreamItem::ModelTurnRetried { .. }) => {
                self.0.restart();
                ItemMarks::new().with_restart(true)
            }
            Ok(MultiTurnStreamItem::FinalResponse(response)) => {
                let usage = response.usage();
                self.0.used(usage.input_tokens, usage.output_tokens);
                ItemMarks::new().with_end(true)
            }
            _ => ItemMarks::new(),
        }
    }

    fn usage(&self) -> Option<Usage> {
        self.0.usage()
    }
}

impl Answer {
    fn event(&mut self, event: &StreamEvent) -> ItemMarks {
        match event {
            StreamEvent::Text { text, .. } => self.0.say(text),
            StreamEvent::Reasoning { text, .. } => self.0.reason(text),
            StreamEvent::Arguments { .. } => {}
            _ => return ItemMarks::new(),
        }
        ItemMarks::new().with_content(true)
    }
}
