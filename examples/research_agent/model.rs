//! A model behind an OpenAI-compatible endpoint.

use std::env;
use std::fmt;
use std::time::Duration;

use prefactor::span;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::extract::Excerpt;
use crate::terminal;

const OPENAI: &str = "https://api.openai.com/v1";
const DEFAULT_MODEL: &str = "gpt-4o-mini";
/// The longest wait for a model's answer.
const TIMEOUT: Duration = Duration::from_secs(60);

const INSTRUCTION: &str = "Answer the question from the numbered passages alone. Cite the passage behind each \
    statement by its number in brackets, like [2]. If the passages do not answer it, say so. Write plain text, \
    at most 120 words.";

/// The address and the key of the model. It has no `Debug`, because of the key.
pub(crate) struct Model {
    client: reqwest::Client,
    base: String,
    key: Option<String>,
    name: String,
}

/// One message of a conversation.
#[derive(Debug, Serialize)]
pub(crate) struct Message {
    role: &'static str,
    content: String,
}

/// The model's answer.
#[derive(Debug, Serialize)]
pub(crate) struct Completion {
    pub(crate) text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Usage>,
}

/// The usage, where the endpoint reports it.
#[derive(Debug, Deserialize, Serialize)]
struct Usage {
    prompt_tokens: u64,
    completion_tokens: u64,
}

#[derive(Deserialize)]
struct Answer {
    choices: Vec<Choice>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Reply,
}

#[derive(Deserialize)]
struct Reply {
    content: Option<String>,
}

impl Model {
    /// Returns the model that the environment names, if it does.
    pub(crate) fn from_environment() -> Result<Option<Self>, ModelError> {
        let variable = |name: &str| env::var(name).ok().filter(|value| !value.trim().is_empty());
        let (base, key) = (variable("OPENAI_BASE_URL"), variable("OPENAI_API_KEY"));
        if base.is_none() && key.is_none() {
            return Ok(None);
        }
        let base = base.unwrap_or_else(|| OPENAI.to_owned()).trim_end_matches('/').to_owned();
        let name = variable("OPENAI_MODEL").unwrap_or_else(|| DEFAULT_MODEL.to_owned());
        let client = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(ModelError::unreachable)?;
        Ok(Some(Self { client, base, key, name }))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Asks the model. The payload of the span leaves out `self`, and so the key.
    #[span("agent:llm_call")]
    pub(crate) async fn complete(&self, model: &str, messages: &[Message]) -> Result<Completion, ModelError> {
        let mut request = self.client.post([&self.base, "/chat/completions"].concat());
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        let request = request.json(&json!({ "model": model, "messages": messages }));
        let response = request.send().await.map_err(ModelError::unreachable)?;
        let status = response.status();
        let body = response.text().await.map_err(ModelError::unreachable)?;
        if !status.is_success() {
            return Err(ModelError::Refused { status, message: self.without_key(&refusal(&body)) });
        }
        let answer: Answer = serde_json::from_str(&body).map_err(ModelError::Malformed)?;
        let text = answer.choices.into_iter().find_map(|choice| choice.message.content);
        let text = text.filter(|text| !text.trim().is_empty()).ok_or(ModelError::Silent)?;
        Ok(Completion { text, usage: answer.usage })
    }

    /// An endpoint that refuses a key may repeat it, and errors are recorded.
    fn without_key(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| text.replace(key, "[key]"))
    }
}

impl Message {
    /// The question, and the passages to answer it by.
    pub(crate) fn about(question: &str, excerpts: &[Excerpt]) -> Vec<Self> {
        let passages =
            excerpts.iter().map(|Excerpt { number, place, text }| format!("[{number}] {place}\n{text}\n"));
        let content = format!("{}\nQuestion: {question}", passages.collect::<Vec<_>>().join("\n"));
        vec![Self { role: "system", content: INSTRUCTION.to_owned() }, Self { role: "user", content }]
    }
}

/// Returns the message of a refusal: the protocol has a place for it, but proxies answer otherwise.
fn refusal(body: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let message = json.pointer("/error/message").and_then(serde_json::Value::as_str);
    message.unwrap_or(body).to_owned()
}

/// The reason why the model gave no answer.
#[derive(Debug)]
pub(crate) enum ModelError {
    Unreachable(reqwest::Error),
    Refused { status: StatusCode, message: String },
    Malformed(serde_json::Error),
    Silent,
}

impl ModelError {
    fn unreachable(error: reqwest::Error) -> Self {
        // The address may contain a password.
        Self::Unreachable(error.without_url())
    }
}

impl fmt::Display for ModelError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(error) if error.is_timeout() => {
                write!(formatter, "the model did not answer within {} s: try again", TIMEOUT.as_secs())
            }
            Self::Unreachable(error) => {
                write!(formatter, "cannot reach the model ({}): check OPENAI_BASE_URL", root_cause(error))
            }
            Self::Refused { status, message } => {
                let cure = match status.as_u16() {
                    401 | 403 => "check OPENAI_API_KEY",
                    404 => "check OPENAI_BASE_URL and OPENAI_MODEL",
                    429 | 500.. => "try again later",
                    _ => "check OPENAI_MODEL",
                };
                let message = terminal::cut(message, 200);
                write!(formatter, "the model's endpoint answered {status} ({message}): {cure}")
            }
            Self::Malformed(error) => {
                write!(formatter, "the answer is not a chat completion ({error}): check OPENAI_BASE_URL")
            }
            Self::Silent => {
                formatter.write_str("the model answered without a text: try another OPENAI_MODEL")
            }
        }
    }
}

impl std::error::Error for ModelError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreachable(error) => Some(error),
            Self::Malformed(error) => Some(error),
            Self::Refused { .. } | Self::Silent => None,
        }
    }
}

/// The last error of the chain: the first one only says that sending failed.
fn root_cause(error: &dyn std::error::Error) -> &dyn std::error::Error {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause
}
