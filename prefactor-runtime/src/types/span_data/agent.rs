//! Data of an agent at work: the agent, its tasks and turns, handoffs and guardrails.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::data::SpanData;
use super::declare::{setter, span_data};
use super::usage_map::UsageMap;
use crate::types::usage::Usage;

span_data! {
    /// An agent at work.
    AgentSpanData, "agent:run", [name: impl Into<String>] {
        /// The agent's name.
        with_name => name: [String];
        /// The agents to which it may hand over.
        with_handoffs => handoffs: [Vec<String>];
        /// The names of its tools.
        with_tools => tools: [Vec<String>];
        /// The type of its output.
        with_output_type => output_type: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "agent")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("handoffs", &data.handoffs)?;
        map.serialize_entry("tools", &data.tools)?;
        map.serialize_entry("output_type", &data.output_type)?;
    }
}

span_data! {
    /// One call of a runner. Exported as a `custom` one, as the original does.
    TaskSpanData, "agent:task", [name: impl Into<String>] {
        /// The task's name.
        with_name => name: [String];
        /// The usage of the task: the sum of its model calls, which a reader that adds up all spans counts again.
        with_usage => usage: [Option<Usage>];
    }
    usage |data| data.usage.clone();
    export(data, map) {
        map.serialize_entry("type", "custom")?;
        map.serialize_entry("name", "task")?;
        map.serialize_entry("data", &TaskData(data))?;
    }
}

span_data! {
    /// One turn of an agent's loop. Exported as a `custom` one, as the original does.
    TurnSpanData, "agent:turn", [turn: u32, agent_name: impl Into<String>] {
        /// The turn's number, from 1.
        with_turn => turn: [u32];
        /// The agent's name.
        with_agent_name => agent_name: [String];
        /// The usage of the turn: the tokens of its model call, which a reader that adds up all spans counts again.
        with_usage => usage: [Option<Usage>];
    }
    usage |data| data.usage.clone();
    export(data, map) {
        map.serialize_entry("type", "custom")?;
        map.serialize_entry("name", "turn")?;
        map.serialize_entry("data", &TurnData(data))?;
    }
}

span_data! {
    /// One agent hands over to another.
    HandoffSpanData, "agent:handoff", [] {
        /// The agent that hands over.
        with_from_agent => from_agent: [Option<String>];
        /// The agent that takes over.
        with_to_agent => to_agent: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "handoff")?;
        map.serialize_entry("from_agent", &data.from_agent)?;
        map.serialize_entry("to_agent", &data.to_agent)?;
    }
}

span_data! {
    /// A check of an agent's input or output.
    GuardrailSpanData, "agent:guardrail", [name: impl Into<String>] {
        /// The guardrail's name.
        with_name => name: [String];
        /// Whether it tripped.
        with_triggered => triggered: [bool];
    }
    export(data, map) {
        map.serialize_entry("type", "guardrail")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("triggered", &data.triggered)?;
    }
}

/// The data of a task, as the original exports it.
struct TaskData<'a>(&'a TaskSpanData);

impl Serialize for TaskData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("sdk_span_type", "task")?;
        map.serialize_entry("name", &self.0.name)?;
        if let Some(usage) = UsageMap::of(self.0.usage.as_ref()) {
            map.serialize_entry("usage", &usage)?;
        }
        map.end()
    }
}

/// The data of a turn, as the original exports it.
struct TurnData<'a>(&'a TurnSpanData);

impl Serialize for TurnData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("sdk_span_type", "turn")?;
        map.serialize_entry("turn", &self.0.turn)?;
        map.serialize_entry("agent_name", &self.0.agent_name)?;
        if let Some(usage) = UsageMap::of(self.0.usage.as_ref()) {
            map.serialize_entry("usage", &usage)?;
        }
        map.end()
    }
}
