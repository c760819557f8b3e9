//! Tells model calls from other requests, and reads their input.

use reqwest::{Method, Request};
use serde_json::{Map, Value};

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Chat,
    /// The older API, whose choices have a text.
    Completions,
    Responses,
    Embeddings,
}

/// A request to a model.
#[derive(Debug)]
pub(crate) struct ModelRequest {
    pub(crate) api: Api,
    /// The JSON of the request, and its name for people.
    pub(crate) payload: Map<String, Value>,
    pub(crate) model: Option<String>,
    /// How many answers there will be.
    pub(crate) choices: usize,
    pub(crate) host: String,
}

impl ModelRequest {
    /// `None` for a request that asks no model.
    pub(crate) fn read(request: &Request) -> Option<Self> {
        let path = request.url().path().trim_end_matches('/');
        let (api, operation) = [
            ("/chat/completions", Api::Chat, "chat"),
            ("/completions", Api::Completions, "text_completion"),
            ("/responses", Api::Responses, "chat"),
            ("/embeddings", Api::Embeddings, "embeddings"),
        ]
        .into_iter()
        .find_map(|(end, api, operation)| path.ends_with(end).then_some((api, operation)))?;
        if request.method() != Method::POST {
            return None;
        }
        let Value::Object(mut payload) = serde_json::from_slice(request.body()?.as_bytes()?).ok()? else {
            return None;
        };
        let model = payload.get("model").and_then(Value::as_str).map(str::to_owned);
        let name =
            model.as_ref().map_or_else(|| operation.to_owned(), |model| format!("{operation} {model}"));
        let choices = payload.get("n").and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
        payload.insert("name".to_owned(), name.into());
        let host = request.url().host_str().unwrap_or_default().to_owned();
        Some(Self { api, payload, model, choices: choices.unwrap_or(1), host })
    }

    pub(crate) const fn schema_name(&self) -> &'static str {
        match self.api {
            Api::Chat | Api::Completions | Api::Responses => "agent:llm_call",
            Api::Embeddings => "agent:embeddings",
        }
    }

    /// Who runs the model, by the address.
    pub(crate) fn provider(&self) -> &str {
        match self.host.as_str() {
            "api.openai.com" => "openai",
            host if host.ends_with(".openai.azure.com") => "azure.ai.openai",
            host => host,
        }
    }
}
