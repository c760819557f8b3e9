//! The whole answer of a stream.

use std::collections::BTreeMap;
use std::sync::Once;

use prefactor_runtime::Usage;
use serde::{Serialize, Serializer};
use serde_json::Value;

/// The answer that each client's reader builds: text, reasoning, tool calls, why it ended, tokens.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Whole {
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty", serialize_with = "values")]
    tool_calls: BTreeMap<usize, ToolCall>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finish_reason: Option<String>,
    #[serde(skip)]
    usage: Usage,
}

#[derive(Clone, Debug, Default, Serialize)]
struct ToolCall {
    id: String,
    name: String,
    /// Text that comes in pieces, or a value.
    arguments: Value,
}

fn values<S: Serializer>(calls: &BTreeMap<usize, ToolCall>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(calls.values())
}

impl Default for Whole {
    fn default() -> Self {
        static ANNOUNCED: Once = Once::new();
        ANNOUNCED.call_once(|| {
            prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        });
        Self {
            text: String::new(),
            reasoning: String::new(),
            tool_calls: BTreeMap::new(),
            finish_reason: None,
            usage: Usage::new(),
        }
    }
}

#[cfg_attr(
    not(all(feature = "async-anthropic", feature = "genai", feature = "ollama-rs", feature = "rig")),
    expect(dead_code, reason = "each client has some of it")
)]
impl Whole {
    pub(crate) fn usage(&self) -> Option<Usage> {
        (!self.usage.is_empty()).then(|| self.usage.clone())
    }

    /// Begins anew, and keeps the usage.
    pub(crate) fn restart(&mut self) {
        *self = Self { usage: std::mem::take(&mut self.usage), ..Self::default() };
    }

    pub(crate) fn say(&mut self, piece: &str) {
        self.text.push_str(piece);
    }

    pub(crate) fn reason(&mut self, piece: &str) {
        self.reasoning.push_str(piece);
    }

    pub(crate) fn end(&mut self, reason: Option<String>) {
        self.finish_reason = reason.or_else(|| self.finish_reason.take());
    }

    /// A whole tool call.
    pub(crate) fn call(&mut self, id: &str, name: &str, arguments: Value) {
        let call = ToolCall { id: id.to_owned(), name: name.to_owned(), arguments };
        self.tool_calls.insert(self.tool_calls.len(), call);
    }

    /// Names the tool call of that index, whose arguments come in pieces.
    pub(crate) fn begin_call(&mut self, index: usize, id: &str, name: &str) {
        let call = self.tool_calls.entry(index).or_default();
        id.clone_into(&mut call.id);
        name.clone_into(&mut call.name);
    }

    /// Adds a piece of the arguments of the tool call of that index.
    pub(crate) fn arguments(&mut self, index: usize, piece: &str) {
        let arguments = &mut self.tool_calls.entry(index).or_default().arguments;
        match arguments {
            Value::String(text) => text.push_str(piece),
            other => *other = piece.into(),
        }
    }

    pub(crate) fn model(&mut self, model: &str) {
        self.usage.model = Some(model.to_owned());
    }

    /// Counts of tokens. The larger one is right: servers count up, and some clients write 0 where the server said nothing.
    pub(crate) fn used(&mut self, input: Option<u64>, output: Option<u64>) {
        self.usage.input_tokens = self.usage.input_tokens.max(input);
        self.usage.output_tokens = self.usage.output_tokens.max(output);
    }
}
