//! The attributes of each kind of span, beside those of all spans.

use std::borrow::Cow;

use serde_json::Value;

use super::attributes::Attributes;
use super::gen_ai;
use super::parts::{Parts, function_name};
use super::vocabulary::Vocabulary;
use crate::export::json_members::JsonMembers;
use crate::export::kind::Kind;
use crate::export::usage_json;
use crate::types::usage::Usage;

/// Adds the attributes of that kind. `scratch` is memory that is used again.
pub(super) fn add(
    attributes: &mut Attributes<'_>,
    vocabulary: &Vocabulary,
    kind: Kind,
    parts: &Parts<'_>,
    scratch: &mut Vec<u8>,
) {
    match kind {
        Kind::Model => model(attributes, vocabulary, parts, scratch),
        Kind::Tool if parts.typed.is_some() => function(attributes, vocabulary, parts.asked()),
        Kind::Tool => tool(attributes, vocabulary, parts),
        Kind::Agent => {
            let name = parts.payload.text(&["agent_name", "name"]);
            let name = name.unwrap_or_else(|| Cow::Borrowed(parts.record.trace.agent.name()));
            attributes.text("gen_ai.agent.name", &name);
            attributes.text("agent.name", &name);
        }
        Kind::Retrieval if vocabulary.has_content => {
            if let Some(query) = parts.payload.text(&["query", "question", "text", "input"]) {
                attributes.text("gen_ai.retrieval.query.text", &query);
            }
        }
        _ => {}
    }
}

fn model(attributes: &mut Attributes<'_>, vocabulary: &Vocabulary, parts: &Parts<'_>, scratch: &mut Vec<u8>) {
    let (payload, asked) = (&parts.payload, parts.asked());
    if vocabulary.has_content {
        let mut add = |key: &str, write: &dyn Fn(&mut Vec<u8>)| {
            scratch.clear();
            write(scratch);
            if !scratch.is_empty() {
                attributes.utf8(key, scratch);
            }
        };
        add("gen_ai.input.messages", &|json| gen_ai::input_messages(asked, json));
        add("gen_ai.output.messages", &|json| gen_ai::output_messages(&parts.result, json));
        add("gen_ai.system_instructions", &|json| gen_ai::system_instructions(payload, json));
    }
    let config = parts.typed.and_then(|_| asked.first(&["model_config"])).map(JsonMembers::read);
    parameters(attributes, vocabulary, config.as_ref().unwrap_or(payload));
    if let Some(id) = parts.typed.and_then(|_| asked.text(&["response_id"])) {
        attributes.text("gen_ai.response.id", &id);
    }
}

fn tool(attributes: &mut Attributes<'_>, vocabulary: &Vocabulary, parts: &Parts<'_>) {
    let name = parts.tool_name(&parts.payload);
    attributes.text("gen_ai.tool.name", &name);
    attributes.text("tool.name", &name);
    if let Some(id) = parts.payload.text(&["tool_call_id", "call_id"]) {
        attributes.text("gen_ai.tool.call.id", &id);
    }
    if vocabulary.has_content {
        if !parts.payload.is_empty() {
            attributes.utf8("gen_ai.tool.call.arguments", parts.payload_json);
        }
        if !parts.result.is_empty() {
            attributes.utf8("gen_ai.tool.call.result", parts.result_json);
        }
    }
}

/// A tool by typed span data, whose input and output are texts.
fn function(attributes: &mut Attributes<'_>, vocabulary: &Vocabulary, data: &JsonMembers<'_>) {
    if let Some(name) = function_name(data) {
        attributes.text("gen_ai.tool.name", &name);
        attributes.text("tool.name", &name);
    }
    let texts = [("input", "gen_ai.tool.call.arguments"), ("output", "gen_ai.tool.call.result")];
    for (member, key) in texts.into_iter().filter(|_| vocabulary.has_content) {
        if let Some(text) = data.text(&[member]) {
            attributes.text(key, &text);
        }
    }
}

fn parameters(attributes: &mut Attributes<'_>, vocabulary: &Vocabulary, payload: &JsonMembers<'_>) {
    let number = |name: &str| -> Option<f64> { serde_json::from_slice(payload.get(name)?).ok() };
    for (name, key) in [
        ("temperature", "gen_ai.request.temperature"),
        ("top_p", "gen_ai.request.top_p"),
        ("frequency_penalty", "gen_ai.request.frequency_penalty"),
        ("presence_penalty", "gen_ai.request.presence_penalty"),
    ] {
        if let Some(number) = number(name) {
            attributes.double(key, number);
        }
    }
    for (names, key) in [
        (&["max_tokens", "max_output_tokens", "max_completion_tokens"][..], "gen_ai.request.max_tokens"),
        (&["seed"], "gen_ai.request.seed"),
    ] {
        let number = payload.first(names).and_then(|number| serde_json::from_slice(number).ok());
        if let Some(number) = number {
            attributes.int(key, number);
        }
    }
    if let Some(tools) = payload.first(&["tools"]).filter(|_| vocabulary.has_content) {
        attributes.utf8("gen_ai.tool.definitions", tools);
    }
}

/// The model and its usage.
pub(super) fn usage(attributes: &mut Attributes<'_>, parts: &Parts<'_>, model: Option<&str>) {
    let Parts { payload, result, .. } = parts;
    if let Some(model) = model {
        attributes.text("gen_ai.request.model", model);
        attributes.text("llm.model_name", model);
    }
    if let Some(model) = result.text(&["model"]) {
        attributes.text("gen_ai.response.model", &model);
    }
    let Some(usage) = usage_in(result).or_else(|| usage_in(payload)) else { return };
    if let Some(provider) = &usage.provider {
        attributes.text("gen_ai.provider.name", provider);
        attributes.text("llm.provider", provider);
    }
    let total = usage.total_tokens.or_else(|| Some(usage.input_tokens?.saturating_add(usage.output_tokens?)));
    for (keys, count) in [
        (&["gen_ai.usage.input_tokens", "llm.token_count.prompt"][..], usage.input_tokens),
        (&["gen_ai.usage.output_tokens", "llm.token_count.completion"], usage.output_tokens),
        (
            &["gen_ai.usage.cache_read.input_tokens", "llm.token_count.prompt_details.cache_read"],
            usage.cached_tokens,
        ),
        (
            &["gen_ai.usage.reasoning.output_tokens", "llm.token_count.completion_details.reasoning"],
            usage.reasoning_tokens,
        ),
        (&["llm.token_count.total"], total),
    ] {
        for key in keys {
            if let Some(count) = count {
                attributes.int(key, count);
            }
        }
    }
    if let Some(cost) = usage.cost {
        attributes.double("gen_ai.usage.cost", cost);
        attributes.double("llm.cost.total", cost);
    }
    if let Some(is_hit) = usage.cache_hit {
        attributes.bool("prefactor.cache_hit", is_hit);
    }
}

/// Usage, of which only the members that tell it are read.
fn usage_in(members: &JsonMembers<'_>) -> Option<Usage> {
    const OTHERS: [&str; 3] = ["provider", "cost", "cache_hit"];
    let is_told = |name: &&str| members.has(name);
    if !usage_json::PLACES.iter().any(is_told) && !OTHERS.iter().any(is_told) {
        return None;
    }
    let names = || usage_json::PLACES.iter().chain(&OTHERS);
    let read = |name: &str| serde_json::from_slice::<Value>(members.get(name)?).ok();
    let told: Value =
        names().chain(&["result"]).filter_map(|name| Some(((*name).to_owned(), read(name)?))).collect();
    Usage::in_json(&told)
}
