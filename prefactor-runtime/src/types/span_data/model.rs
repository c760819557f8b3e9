//! Data of calls of a model.

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::data::SpanData;
use super::declare::{setter, span_data};
use super::usage_map::UsageMap;
use crate::types::json::Json;
use crate::types::usage::Usage;

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
