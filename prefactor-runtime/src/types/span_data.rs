//! Typed data for each kind of span, as in the OpenAI Agents SDK.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::types::json::{AsText, Json, OrEmpty};
use crate::types::usage::Usage;

/// The data of one kind of span: its members and its schema name.
///
/// Implemented by the types of this module and, for kinds of its own, by the program. [`Serialize`] gives the exported members,
/// `type` among them, as the OpenAI Agents SDK exports its span data.
///
/// # Examples
///
/// ```
/// use prefactor::span_data::SpanData;
/// use prefactor::typed_span;
/// use serde::Serialize;
///
/// #[derive(Clone, Serialize)]
/// struct Retrieval {
///     query: String,
///     hits: usize,
/// }
///
/// impl SpanData for Retrieval {
///     const SCHEMA_NAME: &'static str = "agent:retrieval";
/// }
///
/// let span = typed_span(Retrieval { query: "rust agents".to_owned(), hits: 0 });
/// span.update(|data| data.hits = 3);
/// assert_eq!(span.span_data().hits, 3);
/// ```
pub trait SpanData: Serialize + Clone + Send + Sync + 'static {
    /// The Prefactor schema name, as in `agent:llm_call`.
    const SCHEMA_NAME: &'static str;

    /// The usage of a model call, if the data has it.
    fn usage(&self) -> Option<Usage> {
        None
    }
}

macro_rules! setter {
    ($(#[$doc:meta])* $method:ident, $field:ident: Option<String>) => {
        $(#[$doc])*
        pub fn $method(mut self, value: impl Into<String>) -> Self {
            self.$field = Some(value.into());
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: String) => {
        $(#[$doc])*
        pub fn $method(mut self, value: impl Into<String>) -> Self {
            self.$field = value.into();
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Vec<String>) => {
        $(#[$doc])*
        pub fn $method<T: Into<String>>(mut self, values: impl IntoIterator<Item = T>) -> Self {
            self.$field = values.into_iter().map(Into::into).collect();
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Json) => {
        $(#[$doc])*
        pub fn $method<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
            self.$field = Json::of(value);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: Option<Usage>) => {
        $(#[$doc])*
        pub fn $method(mut self, usage: Usage) -> Self {
            self.$field = Some(usage);
            self
        }
    };
    ($(#[$doc:meta])* $method:ident, $field:ident: $type:ty) => {
        $(#[$doc])*
        pub fn $method(mut self, value: $type) -> Self {
            self.$field = value;
            self
        }
    };
}

macro_rules! span_data {
    (
        $(#[$doc:meta])* $name:ident, $schema:literal, [$($required:ident: $required_type:ty),*]
        { $($(#[$field_doc:meta])* $method:ident => $field:ident: [$($type:tt)*];)* }
        $(usage $usage:expr;)?
        export($data:ident, $map:ident) $export:block
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default)]
        #[non_exhaustive]
        #[must_use = "it does nothing until a span has it"]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $($type)*,)*
        }

        impl $name {
            /// Data with the required members alone.
            pub fn new($($required: $required_type),*) -> Self {
                Self { $($required: $required.into(),)* ..Self::default() }
            }

            $(setter! { $(#[$field_doc])* $method, $field: $($type)* })*
        }

        impl SpanData for $name {
            const SCHEMA_NAME: &'static str = $schema;

            $(fn usage(&self) -> Option<Usage> {
                let usage: fn(&Self) -> Option<Usage> = $usage;
                usage(self)
            })?
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let $data = self;
                let mut $map = serializer.serialize_map(None)?;
                $export
                $map.end()
            }
        }
    };
}

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
    /// A call of a tool. An output that is no text is exported as JSON text.
    FunctionSpanData, "agent:tool_call", [name: impl Into<String>] {
        /// The tool's name.
        with_name => name: [String];
        /// Its arguments, as text.
        with_input => input: [Option<String>];
        /// Its returned value.
        with_output => output: [Json];
        /// Data about the MCP server that has the tool.
        with_mcp_data => mcp_data: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "function")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("input", &data.input)?;
        map.serialize_entry("output", &AsText(&data.output))?;
        map.serialize_entry("mcp_data", &data.mcp_data)?;
    }
}

span_data! {
    /// A call of a model, with the messages that were sent and received.
    GenerationSpanData, "agent:llm_call", [] {
        /// The messages that were sent: a list of objects.
        with_input => input: [Json];
        /// The messages that came back: a list of objects.
        with_output => output: [Json];
        /// The model.
        with_model => model: [Option<String>];
        /// The model's settings: an object.
        with_model_config => model_config: [Json];
        /// The usage of the call.
        with_usage => usage: [Option<Usage>];
    }
    usage |data| data.usage.clone();
    export(data, map) {
        map.serialize_entry("type", "generation")?;
        map.serialize_entry("input", &data.input)?;
        map.serialize_entry("output", &data.output)?;
        map.serialize_entry("model", &data.model)?;
        map.serialize_entry("model_config", &data.model_config)?;
        map.serialize_entry("usage", &UsageMap::of(data.usage.as_ref()))?;
    }
}

span_data! {
    /// A call of a model of which the provider keeps the response.
    ResponseSpanData, "agent:llm_response", [] {
        /// The response's id.
        with_response_id => response_id: [Option<String>];
        /// The usage of the call.
        with_usage => usage: [Option<Usage>];
    }
    usage |data| data.usage.clone();
    export(data, map) {
        map.serialize_entry("type", "response")?;
        map.serialize_entry("response_id", &data.response_id)?;
        map.serialize_entry("usage", &UsageMap::of(data.usage.as_ref()))?;
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

span_data! {
    /// Anything else, with a name and data.
    CustomSpanData, "custom", [name: impl Into<String>] {
        /// The name.
        with_name => name: [String];
        /// The data: an object.
        with_data => data: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "custom")?;
        map.serialize_entry("name", &data.name)?;
        map.serialize_entry("data", &OrEmpty(&data.data))?;
    }
}

span_data! {
    /// Speech to text.
    TranscriptionSpanData, "agent:transcription", [] {
        /// The audio, in base64.
        with_input => input: [Option<String>];
        /// The audio's format. Exported as `pcm` where it is not set.
        with_input_format => input_format: [Option<String>];
        /// The text.
        with_output => output: [Option<String>];
        /// The model.
        with_model => model: [Option<String>];
        /// The model's settings: an object.
        with_model_config => model_config: [Json];
    }
    export(data, map) {
        map.serialize_entry("type", "transcription")?;
        map.serialize_entry("input", &Audio(data.input.as_deref(), data.input_format.as_deref()))?;
        map.serialize_entry("output", &data.output)?;
        map.serialize_entry("model", &data.model)?;
        map.serialize_entry("model_config", &data.model_config)?;
    }
}

span_data! {
    /// Text to speech.
    SpeechSpanData, "agent:speech", [] {
        /// The text.
        with_input => input: [Option<String>];
        /// The audio, in base64.
        with_output => output: [Option<String>];
        /// The audio's format. Exported as `pcm` where it is not set.
        with_output_format => output_format: [Option<String>];
        /// The model.
        with_model => model: [Option<String>];
        /// The model's settings: an object.
        with_model_config => model_config: [Json];
        /// When the first byte of audio came, as RFC 3339.
        with_first_content_at => first_content_at: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "speech")?;
        map.serialize_entry("input", &data.input)?;
        map.serialize_entry("output", &Audio(data.output.as_deref(), data.output_format.as_deref()))?;
        map.serialize_entry("model", &data.model)?;
        map.serialize_entry("model_config", &data.model_config)?;
        map.serialize_entry("first_content_at", &data.first_content_at)?;
    }
}

span_data! {
    /// Pieces of speech that belong together.
    SpeechGroupSpanData, "agent:speech_group", [] {
        /// The text.
        with_input => input: [Option<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "speech_group")?;
        map.serialize_entry("input", &data.input)?;
    }
}

span_data! {
    /// A list of the tools of an MCP server.
    McpToolsSpanData, "agent:mcp_tools", [] {
        /// The server's name.
        with_server => server: [Option<String>];
        /// The names of its tools.
        with_result => result: [Vec<String>];
    }
    export(data, map) {
        map.serialize_entry("type", "mcp_tools")?;
        map.serialize_entry("server", &data.server)?;
        map.serialize_entry("result", &data.result)?;
    }
}

/// Audio as the original exports it.
struct Audio<'a>(Option<&'a str>, Option<&'a str>);

impl Serialize for Audio<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("data", self.0.unwrap_or_default())?;
        map.serialize_entry("format", self.1.unwrap_or("pcm"))?;
        map.end()
    }
}

/// Usage under the names of the original.
struct UsageMap<'a>(&'a Usage);

impl UsageMap<'_> {
    fn of(usage: Option<&Usage>) -> Option<UsageMap<'_>> {
        usage.map(UsageMap)
    }
}

impl Serialize for UsageMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let usage = self.0;
        let counts = [
            ("input_tokens", usage.input_tokens),
            ("output_tokens", usage.output_tokens),
            ("total_tokens", usage.total()),
            ("cached_input_tokens", usage.cached_tokens),
        ];
        serializer.collect_map(counts.iter().filter_map(|(name, count)| Some((name, (*count)?))))
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
