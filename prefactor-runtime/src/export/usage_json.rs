//! Reads usage out of JSON: in this crate's own form, and in the forms of model clients' response types.

use serde_json::Value;

use crate::types::usage::Usage;

/// Where responses keep their usage.
pub(super) const PLACES: [&str; 5] =
    ["token_usage", "usage", "usage_metadata", "usageMetadata", "usage_details"];
const INPUT: [&str; 5] =
    ["/prompt_tokens", "/input_tokens", "/promptTokenCount", "/promptTokens", "/inputTokens"];
const OUTPUT: [&str; 5] =
    ["/completion_tokens", "/output_tokens", "/candidatesTokenCount", "/completionTokens", "/outputTokens"];
const TOTAL: [&str; 3] = ["/total_tokens", "/totalTokenCount", "/totalTokens"];
const CACHED: [&str; 5] = [
    "/cached_tokens",
    "/prompt_tokens_details/cached_tokens",
    "/input_tokens_details/cached_tokens",
    "/cache_read_input_tokens",
    "/cachedContentTokenCount",
];
const REASONING: [&str; 4] = [
    "/reasoning_tokens",
    "/completion_tokens_details/reasoning_tokens",
    "/output_tokens_details/reasoning_tokens",
    "/thoughtsTokenCount",
];

impl Usage {
    /// The usage in an object, or in the object under its member `result`. `None` where there is none.
    pub(crate) fn in_json(object: &Value) -> Option<Self> {
        Self::at(object).or_else(|| Self::at(object.get("result")?))
    }

    fn at(object: &Value) -> Option<Self> {
        let counts = PLACES.iter().find_map(|place| object.get(place).filter(|counts| counts.is_object()));
        let count = |paths: &[&str]| paths.iter().find_map(|path| counts?.pointer(path)?.as_u64());
        let text = |name: &str| object.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = |name: &str| object.get(name).or_else(|| counts?.get(name)).and_then(Value::as_f64);
        let mut usage = Self {
            input_tokens: count(&INPUT),
            output_tokens: count(&OUTPUT),
            cached_tokens: count(&CACHED),
            reasoning_tokens: count(&REASONING),
            total_tokens: count(&TOTAL),
            ..Self::default()
        };
        // Anthropic's count of input tokens leaves out those read from the cache or written to it.
        if let Some(read) = count(&["/cache_read_input_tokens"]) {
            let written = count(&["/cache_creation_input_tokens"]).unwrap_or(0);
            usage.input_tokens =
                usage.input_tokens.map(|input| input.saturating_add(read).saturating_add(written));
        }
        usage.cost = number("cost");
        usage.cache_hit = object.get("cache_hit").and_then(Value::as_bool);
        if usage.is_empty() {
            return None;
        }
        (usage.model, usage.provider) = (text("model"), text("provider"));
        Some(usage)
    }
}
