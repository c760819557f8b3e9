//! The tokens, the cost and the model of a span, read from what was recorded.

use super::page_json::Json;

/// The usage of one model call. Cached tokens are part of the input; tokens that an API counts beside its input are
/// added to it.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Usage {
    pub(super) model: Option<String>,
    pub(super) input: Option<i64>,
    pub(super) output: Option<i64>,
    pub(super) cached: Option<i64>,
    /// In US dollars, as the agent recorded it.
    pub(super) cost: Option<f64>,
}

/// Names of an input that leaves cached tokens out, each with the names of what it leaves out: Anthropic's, Bedrock's and pi's.
const INPUT_WITHOUT_CACHED: [(&str, [&str; 2]); 3] = [
    ("input_tokens", ["cache_read_input_tokens", "cache_creation_input_tokens"]),
    ("inputTokens", ["cacheReadInputTokens", "cacheWriteInputTokens"]),
    ("input", ["cacheRead", "cacheWrite"]),
];

impl Usage {
    pub(super) fn of(payload: &Json, result: &Json) -> Self {
        let places = [result, payload];
        let usage = places.iter().find_map(|place| {
            let outputs = place.get("outputs");
            let keys = ["token_usage", "usage", "tokens", "usage_metadata", "usageMetadata"];
            keys.iter().find_map(|key| {
                place.get(key).or_else(|| outputs?.get(key)).filter(|usage| matches!(usage, Json::Object(_)))
            })
        });
        let number = |keys: &[&str]| {
            keys.iter().find_map(|key| count(usage?.at(&key.split('.').collect::<Vec<_>>())?))
        };
        let cost = |place: Option<&Json>| {
            let keys = ["total_cost_usd", "cost_usd", "total_cost", "cost"];
            keys.iter().find_map(|key| match place?.get(key)? {
                Json::Number(dollars) if dollars.is_finite() && *dollars >= 0.0 => Some(*dollars),
                _ => None,
            })
        };
        let output = number(&[
            "completion_tokens",
            "output_tokens",
            "output",
            "candidatesTokenCount",
            "completionTokens",
            "outputTokens",
        ]);
        let cached = number(&[
            "cached_tokens",
            "cache_read_input_tokens",
            "prompt_tokens_details.cached_tokens",
            "input_tokens_details.cached_tokens",
            "input_token_details.cache_read",
            "cacheRead",
            "cachedContentTokenCount",
            "cachedInputTokens",
            "cacheReadInputTokens",
            "cached_input_tokens",
            "cache_read_tokens",
            "inputTokenDetails.cacheReadTokens",
            "inputDetails.cacheRead",
            "cachedContentTokens",
        ]);
        let total = || number(&["total_tokens", "totalTokens", "total", "totalTokenCount"]);
        let input = number(&["prompt_tokens", "promptTokenCount", "promptTokens"])
            .or_else(|| {
                INPUT_WITHOUT_CACHED.iter().find_map(|(input, left_out)| {
                    Some(number(&[input])? + left_out.iter().filter_map(|key| number(&[key])).sum::<i64>())
                })
            })
            .or_else(|| Some(total()? - output.unwrap_or(0)).filter(|input| *input >= 0));
        Self {
            model: model(payload, result),
            input,
            output,
            cached,
            cost: cost(usage).or_else(|| cost(Some(result))),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.input.is_none() && self.output.is_none() && self.cost.is_none()
    }
}

fn model(payload: &Json, result: &Json) -> Option<String> {
    let paths: [&[&str]; 11] = [
        &["model"],
        &["model_name"],
        &["inputs", "model"],
        &["inputs", "model_name"],
        &["inputs", "ai.model.id"],
        &["inputs", "ai", "model", "id"],
        &["inputs", "langchain.model.name"],
        &["request", "model"],
        &["token_usage", "model"],
        &["usage", "model"],
        &["outputs", "model"],
    ];
    let found =
        [payload, result].into_iter().find_map(|place| paths.iter().find_map(|path| place.at(path)?.text()));
    found.map(|name| name.chars().take(100).collect())
}

/// A whole number that is not negative.
pub(super) fn count(value: &Json) -> Option<i64> {
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "checked to be a whole number below 2^53")]
        Json::Number(number) if *number >= 0.0 && *number < 9.0e15 && number.fract() == 0.0 => {
            Some(*number as i64)
        }
        _ => None,
    }
}

/// Whether a text may hold tokens or costs.
pub(super) fn may_tell(text: &str) -> bool {
    ["token", "usage", "cost", "Token"].iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Payload, result, and what is read of them: the model, the tokens of input and output, and those of the input that came from a cache.
    type Spelling = (&'static str, &'static str, &'static str, i64, i64, Option<i64>);

    const SPELLINGS: &[Spelling] = &[
        (
            r#"{"model":"a"}"#,
            r#"{"token_usage":{"prompt_tokens":10,"completion_tokens":2,"total_tokens":12}}"#,
            "a",
            10,
            2,
            None,
        ),
        (
            r#"{"inputs":{"model":"b"},"token_usage":{"prompt_tokens":1,"completion_tokens":2}}"#,
            "{}",
            "b",
            1,
            2,
            None,
        ),
        (
            r#"{"request":{"model":"c"}}"#,
            r#"{"usage":{"input_tokens":5,"output_tokens":6,"cache_read_input_tokens":4}}"#,
            "c",
            9,
            6,
            Some(4),
        ),
        (
            "{}",
            r#"{"model":"d","usage":{"prompt_tokens":7,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":3}}}"#,
            "d",
            7,
            1,
            Some(3),
        ),
        (
            r#"{"model":"e","tokens":{"input":1,"output":2,"cacheRead":1,"cacheWrite":3}}"#,
            "{}",
            "e",
            5,
            2,
            Some(1),
        ),
        (
            r#"{"model":"g"}"#,
            r#"{"usage":{"inputTokens":8,"outputTokens":2,"cachedInputTokens":5}}"#,
            "g",
            8,
            2,
            Some(5),
        ),
        (
            r#"{"model":"h"}"#,
            r#"{"usage_metadata":{"input_tokens":8,"output_tokens":2,"input_token_details":{"cache_read":5}}}"#,
            "h",
            8,
            2,
            Some(5),
        ),
        // A turn of openai-agents 0.24.0.
        (
            r#"{"model":"i"}"#,
            r#"{"usage":{"input_tokens":100,"output_tokens":10,"cached_input_tokens":80,"cache_write_input_tokens":0}}"#,
            "i",
            100,
            10,
            Some(80),
        ),
        // `RequestUsage` of pydantic-ai 2.68.0.
        (
            r#"{"model":"j"}"#,
            r#"{"usage":{"input_tokens":100,"output_tokens":10,"cache_read_tokens":80}}"#,
            "j",
            100,
            10,
            Some(80),
        ),
        // `totalUsage` of the AI SDK 7.0.173.
        (
            r#"{"model":"k"}"#,
            r#"{"usage":{"inputTokens":100,"inputTokenDetails":{"noCacheTokens":20,"cacheReadTokens":80,"cacheWriteTokens":0},"outputTokens":10,"totalTokens":110}}"#,
            "k",
            100,
            10,
            Some(80),
        ),
        // `UsageStats` of @mastra/core 1.71.0.
        (
            r#"{"model":"l"}"#,
            r#"{"usage":{"inputTokens":100,"inputDetails":{"text":20,"cacheRead":80},"outputTokens":10}}"#,
            "l",
            100,
            10,
            Some(80),
        ),
        // `GenerationUsage` of genkit 1.42.0.
        (
            r#"{"model":"m"}"#,
            r#"{"usage":{"inputTokens":100,"outputTokens":10,"cachedContentTokens":80}}"#,
            "m",
            100,
            10,
            Some(80),
        ),
        (r#"{"model":"f"}"#, r#"{"usage":{"total_tokens":9,"completion_tokens":4}}"#, "f", 5, 4, None),
    ];

    #[test]
    fn usage_is_read_in_the_spellings_of_the_common_apis() {
        for &(payload, result, model, input, output, cached) in SPELLINGS {
            let usage = Usage::of(&Json::read(payload), &Json::read(result));
            assert_eq!(usage.model.as_deref(), Some(model));
            assert_eq!(
                (usage.input, usage.output, usage.cached),
                (Some(input), Some(output), cached),
                "{model}"
            );
        }
    }

    #[test]
    fn usage_has_no_input_where_the_total_is_less_than_the_output() {
        let usage = Usage::of(&Json::Other, &Json::read(r#"{"usage":{"total_tokens":3,"output_tokens":4}}"#));
        assert_eq!((usage.input, usage.output), (None, Some(4)));
    }

    #[test]
    fn model_that_was_asked_for_comes_before_the_one_that_answered() {
        for (payload, result, model) in [
            (r#"{"model":"asked"}"#, r#"{"model":"answered"}"#, Some("asked")),
            (r#"{"model":null,"inputs":{"model":"asked"}}"#, r#"{"model":"answered"}"#, Some("asked")),
            (r#"{"model":{"id":7}}"#, r#"{"outputs":{"model":"answered"}}"#, Some("answered")),
            (r#"{"model":7}"#, r#"{"model":null}"#, None),
        ] {
            let usage = Usage::of(&Json::read(payload), &Json::read(result));
            assert_eq!(usage.model.as_deref(), model, "{payload} {result}");
        }
    }

    #[test]
    fn usage_takes_no_number_that_is_no_count() {
        for result in [
            r#"{"usage":{"input_tokens":-1}}"#,
            r#"{"usage":{"input_tokens":1.5}}"#,
            r#"{"usage":{"input_tokens":1e300}}"#,
            r#"{"usage":7}"#,
            r#"{"cost":"free"}"#,
        ] {
            assert!(Usage::of(&Json::Other, &Json::read(result)).is_empty(), "{result}");
        }
    }

    #[test]
    fn cost_is_taken_as_it_was_recorded() {
        let usage = Usage::of(&Json::Other, &Json::read(r#"{"total_cost_usd":0.25}"#));
        assert_eq!(usage.cost, Some(0.25));
    }
}
