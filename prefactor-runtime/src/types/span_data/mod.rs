//! Typed data for each kind of span, as in the OpenAI Agents SDK.

mod agent;
mod custom;
mod data;
mod declare;
mod model;
mod speech;
mod tool;
mod usage_map;

pub use agent::{AgentSpanData, GuardrailSpanData, HandoffSpanData, TaskSpanData, TurnSpanData};
pub use custom::CustomSpanData;
pub use data::SpanData;
pub use model::{GenerationSpanData, ResponseSpanData};
pub use speech::{SpeechGroupSpanData, SpeechSpanData, TranscriptionSpanData};
pub use tool::{FunctionSpanData, McpToolsSpanData};
