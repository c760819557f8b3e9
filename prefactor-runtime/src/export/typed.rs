//! Reads the typed data of a span, whose kind and parts need not be guessed from names.

#[cfg(feature = "otlp")]
use super::kind::Kind;

/// The data of `prefactor::span_data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    Agent,
    /// A task, a turn: exported as `custom`.
    Step,
    Function,
    Generation,
    Response,
    Handoff,
    Guardrail,
    Custom,
    Transcription,
    Speech,
    SpeechGroup,
    McpTools,
}

/// Schema names, with the type that the data itself says.
const NAMES: [(&str, &str, Typed); 13] = [
    ("agent:run", "agent", Typed::Agent),
    ("agent:task", "custom", Typed::Step),
    ("agent:turn", "custom", Typed::Step),
    ("agent:tool_call", "function", Typed::Function),
    ("agent:llm_call", "generation", Typed::Generation),
    ("agent:llm_response", "response", Typed::Response),
    ("agent:handoff", "handoff", Typed::Handoff),
    ("agent:guardrail", "guardrail", Typed::Guardrail),
    ("custom", "custom", Typed::Custom),
    ("agent:transcription", "transcription", Typed::Transcription),
    ("agent:speech", "speech", Typed::Speech),
    ("agent:speech_group", "speech_group", Typed::SpeechGroup),
    ("agent:mcp_tools", "mcp_tools", Typed::McpTools),
];

impl Typed {
    /// The data of a span with that schema name. `says` tells whether its payload or its result says that type: other spans may
    /// have the name too.
    pub(super) fn of(schema_name: &str, says: impl FnOnce(&str) -> bool) -> Option<Self> {
        let (_, kind, typed) = NAMES.iter().find(|(name, ..)| *name == schema_name)?;
        says(kind).then_some(*typed)
    }

    #[cfg(feature = "otlp")]
    pub(super) const fn kind(self) -> Kind {
        match self {
            Self::Agent => Kind::Agent,
            Self::Step | Self::SpeechGroup => Kind::Workflow,
            Self::Function => Kind::Tool,
            Self::Generation | Self::Response | Self::Transcription | Self::Speech => Kind::Model,
            Self::Guardrail => Kind::Guardrail,
            Self::Handoff | Self::Custom | Self::McpTools => Kind::Other,
        }
    }

    /// The members of the data beside `type`, in the order of the Agents SDK.
    #[cfg(feature = "openai")]
    pub(super) const fn members(self) -> &'static [&'static str] {
        match self {
            Self::Agent => &["name", "handoffs", "tools", "output_type"],
            Self::Step | Self::Custom => &["name", "data"],
            Self::Function => &["name", "input", "output", "mcp_data"],
            Self::Generation => &["input", "output", "model", "model_config", "usage"],
            Self::Response => &["response_id", "usage"],
            Self::Handoff => &["from_agent", "to_agent"],
            Self::Guardrail => &["name", "triggered"],
            Self::Transcription => &["input", "output", "model", "model_config"],
            Self::Speech => &["input", "output", "model", "model_config", "first_content_at"],
            Self::SpeechGroup => &["input"],
            Self::McpTools => &["server", "result"],
        }
    }
}
