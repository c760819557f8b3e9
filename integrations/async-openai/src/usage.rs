//! Tokens, in the words of both APIs.

use prefactor_runtime::Usage;
use serde_json::Value;

/// The usage in an object `usage`. Empty where it is null or absent.
pub(crate) fn read(usage: Option<&Value>) -> Usage {
    let Some(usage) = usage else { return Usage::new() };
    let count = |names: [&str; 2]| names.iter().find_map(|name| usage.get(name)?.as_u64());
    let detail =
        |groups: [&str; 2], name: &str| groups.iter().find_map(|group| usage.get(group)?.get(name)?.as_u64());
    let mut read = Usage::new();
    read.input_tokens = count(["prompt_tokens", "input_tokens"]);
    read.output_tokens = count(["completion_tokens", "output_tokens"]);
    read.total_tokens = usage.get("total_tokens").and_then(Value::as_u64);
    read.cached_tokens = detail(["prompt_tokens_details", "input_tokens_details"], "cached_tokens");
    read.reasoning_tokens =
        detail(["completion_tokens_details", "output_tokens_details"], "reasoning_tokens");
    read.cost = usage.get("cost").and_then(Value::as_f64);
    read
}

/// The larger of two counts, each. Servers count up, and some write 0 where they know nothing.
pub(crate) fn merge(into: &mut Usage, other: Usage) {
    into.input_tokens = into.input_tokens.max(other.input_tokens);
    into.output_tokens = into.output_tokens.max(other.output_tokens);
    into.total_tokens = into.total_tokens.max(other.total_tokens);
    into.cached_tokens = into.cached_tokens.max(other.cached_tokens);
    into.reasoning_tokens = into.reasoning_tokens.max(other.reasoning_tokens);
    into.cost = match (into.cost, other.cost) {
        (Some(one), Some(other)) => Some(one.max(other)),
        (one, other) => one.or(other),
    };
    into.model = other.model.or_else(|| into.model.take());
}
