//! Tells the kind of a span's work by its schema name, for destinations that show kinds differently.

/// The kinds that receivers know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Model,
    Embedding,
    Agent,
    Workflow,
    Tool,
    Retrieval,
    Reranker,
    Guardrail,
    Evaluator,
    Other,
}

/// Words of a schema name, with the kind that each says. The first that is found decides.
const WORDS: [(&[&str], Kind); 8] = [
    (&["tool", "function", "mcp"], Kind::Tool),
    (&["embedding", "embeddings", "embed"], Kind::Embedding),
    (&["rerank", "reranker", "reranking"], Kind::Reranker),
    (&["retrieval", "retriever", "retrieve"], Kind::Retrieval),
    (&["guardrail", "guardrails", "moderation"], Kind::Guardrail),
    (&["evaluator", "evaluation", "eval"], Kind::Evaluator),
    (
        &[
            "llm",
            "chat",
            "completion",
            "generation",
            "generate",
            "model",
            "response",
            "speech",
            "transcription",
        ],
        Kind::Model,
    ),
    (&["workflow", "chain", "pipeline", "task", "turn"], Kind::Workflow),
];

impl Kind {
    /// The kind of a schema name, such as `agent:llm_call`, by its parts: whole parts before single words.
    pub(super) fn of(schema_name: &str) -> Self {
        let name = schema_name.to_ascii_lowercase();
        let words = || name.split(|character: char| !character.is_ascii_alphanumeric());
        for (known, kind) in WORDS {
            if words().any(|word| known.contains(&word)) {
                return kind;
            }
        }
        // `agent:plan` is a step of an agent; `agent:run` and `agent` are the agent.
        match name.rsplit(':').next() {
            Some("agent" | "invoke_agent" | "create_agent" | "subagent") => Self::Agent,
            Some("run" | "invoke") if name.starts_with("agent:") => Self::Agent,
            _ => Self::Other,
        }
    }

    /// The value of `openinference.span.kind`.
    #[cfg(feature = "otlp")]
    pub(super) const fn openinference(self) -> &'static str {
        match self {
            Self::Model => "LLM",
            Self::Embedding => "EMBEDDING",
            Self::Agent => "AGENT",
            Self::Workflow | Self::Other => "CHAIN",
            Self::Tool => "TOOL",
            Self::Retrieval => "RETRIEVER",
            Self::Reranker => "RERANKER",
            Self::Guardrail => "GUARDRAIL",
            Self::Evaluator => "EVALUATOR",
        }
    }

    /// The value of `langfuse.observation.type`.
    #[cfg(feature = "otlp")]
    pub(super) const fn langfuse(self) -> &'static str {
        match self {
            Self::Model => "generation",
            Self::Embedding => "embedding",
            Self::Agent => "agent",
            Self::Workflow => "chain",
            Self::Tool => "tool",
            Self::Retrieval | Self::Reranker => "retriever",
            Self::Guardrail => "guardrail",
            Self::Evaluator => "evaluator",
            Self::Other => "span",
        }
    }

    /// The value of `gen_ai.operation.name` in the conventions' v1.41, for the kinds that have one.
    #[cfg(feature = "otlp")]
    pub(super) const fn operation(self) -> Option<&'static str> {
        match self {
            Self::Model => Some("chat"),
            Self::Embedding => Some("embeddings"),
            Self::Agent => Some("invoke_agent"),
            Self::Workflow => Some("invoke_workflow"),
            Self::Tool => Some("execute_tool"),
            Self::Retrieval => Some("retrieval"),
            Self::Reranker | Self::Guardrail | Self::Evaluator | Self::Other => None,
        }
    }

    /// Whether the work is done by another service, as a rule.
    #[cfg(feature = "otlp")]
    pub(super) const fn is_remote(self) -> bool {
        matches!(self, Self::Model | Self::Embedding | Self::Retrieval | Self::Reranker)
    }
}

/// The name of a tool by a schema name such as `tool:search` or `agent:tools:search`; the whole name where no part is.
pub(super) fn tool_name(schema_name: &str) -> &str {
    let last = schema_name.rsplit(':').next().unwrap_or(schema_name);
    if matches!(last, "tool" | "tool_call" | "function" | "execute_tool") { schema_name } else { last }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schema_names_of_all_kinds_are_told_apart() {
        for (name, kind) in [
            ("agent:llm_call", Kind::Model),
            ("openai:generation", Kind::Model),
            ("agent:run", Kind::Agent),
            ("agent", Kind::Agent),
            ("agent:plan", Kind::Other),
            ("tool:search", Kind::Tool),
            ("agent:tool_call", Kind::Tool),
            ("agent:retrieval", Kind::Retrieval),
            ("db:embed", Kind::Embedding),
            ("guardrail:pii", Kind::Guardrail),
            ("openai:task", Kind::Workflow),
            ("test:outer", Kind::Other),
            ("", Kind::Other),
        ] {
            assert_eq!(Kind::of(name), kind, "{name}");
        }
        assert_eq!(tool_name("tool:search"), "search");
        assert_eq!(tool_name("agent:tool_call"), "agent:tool_call");
    }
}
