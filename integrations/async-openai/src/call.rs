//! One call of a model, from the request to the end of the answer.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::header::{CONTENT_TYPE, HeaderMap};
use prefactor_runtime::{Context, Span, SpanError, SpanStatus, Usage};
use reqwest::StatusCode;
use serde_json::{Map, Value, json};

use crate::chat::ChatAnswer;
use crate::error;
use crate::events::Events;
use crate::layer::Settings;
use crate::request::{Api, ModelRequest};
use crate::responses::ResponsesAnswer;
use crate::usage;
use crate::whole;

/// Of a longer answer the rest is not kept.
pub(crate) const LARGEST: usize = 8 << 20;

/// The span of a call. Dropped before its end it is cancelled.
pub(crate) struct Call {
    span: Span,
    settings: Arc<Settings>,
    api: Api,
    choices: usize,
    provider: String,
    began: Instant,
    status: Option<StatusCode>,
    reading: Reading,
    /// The answer so far, from the stream and the body.
    told: Told,
    is_over: bool,
}

/// A part of the server's answer.
enum Reading {
    Nothing,
    Whole(Vec<u8>),
    Stream(Box<Stream>),
}

struct Stream {
    events: Events,
    answer: StreamedAnswer,
    count: u64,
    bytes: usize,
    first_after: Option<Duration>,
}

enum StreamedAnswer {
    Chat(ChatAnswer),
    Responses(ResponsesAnswer),
}

/// The facts of an answer.
#[derive(Default)]
pub(crate) struct Told {
    pub(crate) result: Map<String, Value>,
    pub(crate) usage: Usage,
    /// The first failure before the end marker.
    pub(crate) failure: Option<SpanError>,
    /// The first failure after it, which does not spoil an answer that is complete.
    late_failure: Option<SpanError>,
    /// The answer has said that it is complete.
    pub(crate) has_ended: bool,
    pub(crate) is_cancelled: bool,
}

impl Told {
    fn fail(&mut self, error: SpanError) {
        let first = if self.has_ended { &mut self.late_failure } else { &mut self.failure };
        first.get_or_insert(error);
    }
}

impl Call {
    /// Starts the span of a request. `None` where nobody would record it.
    pub(crate) fn start(asked: ModelRequest, settings: Arc<Settings>) -> Option<Self> {
        let span = prefactor_runtime::span(asked.schema_name());
        if span.is_noop() {
            return None;
        }
        span.start(&asked.payload);
        let provider = settings.provider.as_deref().unwrap_or_else(|| asked.provider()).to_owned();
        let mut told = Told::default();
        told.usage.model = asked.model;
        Some(Self {
            span,
            settings,
            api: asked.api,
            choices: asked.choices,
            provider,
            began: Instant::now(),
            status: None,
            reading: Reading::Nothing,
            told,
            is_over: false,
        })
    }

    pub(crate) fn context(&self) -> Context {
        self.span.context()
    }

    /// The head of the answer has come.
    pub(crate) fn respond(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.status = Some(status);
        let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let answer = match self.api {
            Api::Chat | Api::Completions => StreamedAnswer::Chat(ChatAnswer::default()),
            Api::Responses | Api::Embeddings => StreamedAnswer::Responses(ResponsesAnswer::default()),
        };
        self.reading = if kind.trim_start().to_ascii_lowercase().starts_with("text/event-stream") {
            let events = Events::default();
            Reading::Stream(Box::new(Stream { events, answer, count: 0, bytes: 0, first_after: None }))
        } else {
            Reading::Whole(Vec::new())
        };
    }

    /// A part of the body has come.
    pub(crate) fn read(&mut self, bytes: &[u8]) {
        if self.is_over {
            return;
        }
        match &mut self.reading {
            Reading::Nothing => {}
            Reading::Whole(whole) => {
                let room = (LARGEST + 1).saturating_sub(whole.len());
                whole.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
            }
            Reading::Stream(stream) => {
                stream.read(bytes, self.began, self.choices, &mut self.told);
                if stream.is_over(&self.told) {
                    self.finish(SpanStatus::Complete);
                }
            }
        }
    }

    /// The body has come to its end.
    pub(crate) fn end(&mut self) {
        if self.is_over {
            return;
        }
        if let Reading::Whole(bytes) = &mut self.reading {
            let bytes = std::mem::take(bytes);
            let is_success = self.status.is_none_or(|status| status.is_success());
            whole::read(self.api, &bytes, is_success, &mut self.told);
        }
        if matches!(self.reading, Reading::Stream(_)) && !self.told.has_ended {
            self.told.fail(error::truncated());
        }
        self.finish(SpanStatus::Complete);
    }

    pub(crate) fn fail(&mut self, error: SpanError) {
        self.told.fail(error);
        self.finish(SpanStatus::Complete);
    }

    /// Ends the span. `otherwise` is the status of an answer that did not fail.
    fn finish(&mut self, otherwise: SpanStatus) {
        if std::mem::replace(&mut self.is_over, true) {
            return;
        }
        let mut told = std::mem::take(&mut self.told);
        if let Some(status) = self.status {
            told.result.insert("status_code".to_owned(), status.as_u16().into());
            if !status.is_success() {
                told.failure.get_or_insert_with(|| error::of_status(status));
            }
        }
        if let Reading::Stream(stream) = std::mem::replace(&mut self.reading, Reading::Nothing) {
            stream.finish(&mut told);
        }
        if let Some(error) = &told.late_failure {
            told.result.insert("error_after_end".to_owned(), error.message().into());
        }
        let mut usage = told.usage;
        usage.provider = Some(self.provider.clone());
        if let Some(cost) = self.settings.cost.as_ref().and_then(|cost| cost(&usage)) {
            usage.cost = Some(cost);
        }
        self.span.set_result(&told.result);
        self.span.set_usage(&usage);
        let status = match told.failure {
            Some(error) => {
                self.span.set_error(error);
                SpanStatus::Failed
            }
            None if told.is_cancelled => SpanStatus::Cancelled,
            None if told.has_ended => SpanStatus::Complete,
            None => otherwise,
        };
        self.span.set_status(status);
        self.span.finish();
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.finish(SpanStatus::Cancelled);
    }
}

impl Stream {
    fn read(&mut self, bytes: &[u8], began: Instant, choices: usize, told: &mut Told) {
        self.bytes = self.bytes.saturating_add(bytes.len());
        let is_kept = self.bytes <= LARGEST;
        let Self { events, answer, count, first_after, .. } = self;
        events.push(bytes, |data| {
            if data == b"[DONE]" {
                told.has_ended |= matches!(answer, StreamedAnswer::Chat(_));
                return;
            }
            *count += 1;
            let event = match serde_json::from_slice(data) {
                Ok(event) => event,
                Err(error) => {
                    let error = SpanError::new(format!("an event is no JSON: {error}"));
                    return told.fail(error.with_type("invalid_answer"));
                }
            };
            if let Some(error) = error::of_json(&event) {
                told.fail(error);
            }
            let is_first = match answer {
                StreamedAnswer::Chat(answer) => {
                    answer.event(&event, is_kept);
                    told.has_ended |= answer.has_ended(choices);
                    ChatAnswer::is_token(&event)
                }
                StreamedAnswer::Responses(answer) => {
                    answer.event(&event, is_kept);
                    ResponsesAnswer::tell_end(&event, told);
                    ResponsesAnswer::is_token(&event)
                }
            };
            if first_after.is_none() && is_first {
                *first_after = Some(began.elapsed());
            }
        });
    }

    /// Whether nothing follows that counts. In the chat's form the usage comes after the last choice has ended.
    fn is_over(&self, told: &Told) -> bool {
        told.has_ended && matches!(self.answer, StreamedAnswer::Responses(_))
    }

    fn finish(self, told: &mut Told) {
        let (result, usage) = match self.answer {
            StreamedAnswer::Chat(answer) => answer.into_parts(),
            StreamedAnswer::Responses(answer) => answer.into_parts(),
        };
        told.result.extend(result);
        usage::merge(&mut told.usage, usage);
        told.result.insert("items".to_owned(), self.count.into());
        if let Some(first) = self.first_after {
            let micros = u32::try_from(first.as_micros()).unwrap_or(u32::MAX);
            told.result.insert("time_to_first_token_ms".to_owned(), json!(f64::from(micros) / 1_000.0));
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Call")
            .field("api", &self.api)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}
