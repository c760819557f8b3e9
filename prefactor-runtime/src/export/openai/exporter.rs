//! Sends runs and spans to OpenAI's traces ingest, and reads the answers.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::body;
use crate::export::exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
use crate::export::record::{TraceId, TraceRecord};
use crate::operation::SpanKey;
use crate::transport::SendError;
use crate::transport::http::endpoint::{Answer, Endpoint, HeaderText};

/// Items of a request, as the official client has it: half of them may be runs.
const MAX_SPANS: usize = 64;
/// Runs that are known to the server. With more at a time the oldest are sent once more, which it takes.
const MAX_RUNS: usize = 10_000;

pub(super) struct OpenAiExporter {
    pub(super) endpoint: Endpoint,
    pub(super) keys: Keys,
    /// Whether it is OpenAI's own address, which has limits.
    pub(super) is_default: bool,
    pub(super) has_content: bool,
    /// Runs that the server has.
    pub(super) known: Mutex<Vec<TraceId>>,
    /// The runs of the last batch that need not go again with the rest of it.
    pub(super) settled: Mutex<Settled>,
}

/// Spans of some keys that are settled while those of others are not.
#[derive(Default)]
pub(super) struct Settled {
    accepted: HashSet<SpanKey>,
    refused: HashSet<SpanKey>,
    /// Why they were refused.
    cause: String,
}

/// The program's rule for keys.
pub(super) type KeyForTrace = Arc<dyn Fn(&TraceRecord) -> Option<String> + Send + Sync>;

pub(super) struct Keys {
    pub(super) key: Option<HeaderText>,
    pub(super) key_for: Option<KeyForTrace>,
}

impl Keys {
    /// The header for a run; `None` where there is no key for it.
    fn of(&self, trace: &TraceRecord) -> Option<HeaderText> {
        let own = self.key_for.as_ref().and_then(|rule| rule(trace)).map(Zeroizing::new);
        match own {
            Some(key) => HeaderText::new(&Zeroizing::new(format!("Bearer {}", key.as_str()))),
            None => self.key.clone(),
        }
    }
}

/// The items of one key.
struct Group {
    key: HeaderText,
    runs: Vec<TraceId>,
    items: Vec<String>,
    spans: Vec<SpanKey>,
}

impl SpanExporter for OpenAiExporter {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn batching(&self) -> Batching {
        // Sends one request at a time: a run must arrive before its spans.
        Batching::default().max_spans(MAX_SPANS).delay(Duration::from_secs(1)).max_in_flight(1)
    }

    fn export(&self, batch: Batch) -> ExportFuture<'_> {
        Box::pin(async move {
            let (groups, without_key) = self.groups(&batch);
            let mut pending = None;
            for group in groups {
                let body = format!(r#"{{"data":[{}]}}"#, group.items.join(","));
                let answer = self
                    .endpoint
                    .post("application/json", &[("authorization", &group.key)], body.into_bytes().into())
                    .await;
                let judged = judge(answer);
                let is_alone = group.spans.len() == batch.spans().len();
                if judged == ExportOutcome::accepted() {
                    self.remember(group.runs);
                    self.settled().accepted.extend(group.spans);
                } else if is_alone {
                    return judged;
                } else if judged.is_final() {
                    let mut settled = self.settled();
                    settled.refused.extend(group.spans);
                    judged.cause().clone_into(&mut settled.cause);
                } else {
                    pending.get_or_insert(judged);
                }
            }
            if let Some(pending) = pending {
                return pending;
            }
            self.forget(&batch);
            let Settled { refused, cause, .. } = std::mem::take(&mut *self.settled());
            match (refused.len(), without_key) {
                (0, 0) => ExportOutcome::accepted(),
                (0, _) => ExportOutcome::partly_accepted(
                    without_key,
                    "there is no key for their run: set OPENAI_API_KEY",
                ),
                (refused, _) => ExportOutcome::partly_accepted(refused + without_key, cause),
            }
        })
    }
}

impl OpenAiExporter {
    /// One group for each key, in the order of the first span of each, and the number of spans without a key.
    fn groups(&self, batch: &Batch) -> (Vec<Group>, usize) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut settled = self.settled();
        settled.keep(batch);
        let (mut groups, mut without_key): (Vec<Group>, _) = (Vec::new(), 0);
        for span in batch.spans().iter().filter(|span| !settled.has(span.key)) {
            let Some(key) = self.keys.of(&span.trace) else {
                without_key += 1;
                continue;
            };
            let place = groups.iter().position(|group| group.key == key).unwrap_or_else(|| {
                groups.push(Group { key, runs: Vec::new(), items: Vec::new(), spans: Vec::new() });
                groups.len() - 1
            });
            let group = &mut groups[place];
            let run = span.trace.trace_id;
            if !known.contains(&run) && !group.runs.contains(&run) {
                group.runs.push(run);
                group.items.push(body::trace(&span.trace));
            }
            group.items.push(body::span(span, self.is_default, self.has_content));
            group.spans.push(span.key);
        }
        (groups, without_key)
    }

    fn settled(&self) -> MutexGuard<'_, Settled> {
        self.settled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, runs: Vec<TraceId>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.extend(runs);
        let too_many = known.len().saturating_sub(MAX_RUNS);
        known.drain(..too_many);
    }

    fn forget(&self, batch: &Batch) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|run| !batch.ended_traces().iter().any(|trace| trace.trace_id == *run));
    }
}

impl Settled {
    /// Forgets runs that are not in the batch: the one before was given up, or divided.
    fn keep(&mut self, batch: &Batch) {
        if !self.accepted.is_empty() || !self.refused.is_empty() {
            let keys: HashSet<_> = batch.spans().iter().map(|span| span.key).collect();
            self.accepted.retain(|key| keys.contains(key));
            self.refused.retain(|key| keys.contains(key));
        }
    }

    fn has(&self, key: SpanKey) -> bool {
        self.accepted.contains(&key) || self.refused.contains(&key)
    }
}

/// As the official client decides, and beside it: `Retry-After` counts with every status, and one bad item is found.
fn judge(answer: Result<Answer, SendError>) -> ExportOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.is_connection_closed() => return ExportOutcome::retry(None, error.to_string()),
        Err(error) => return ExportOutcome::unanswered(error.to_string()),
    };
    let status = answer.status;
    let is_final = answer.should_retry == Some(false);
    match status {
        200..=299 => ExportOutcome::accepted(),
        408 | 409 | 429 | 500..=599 if !is_final => {
            ExportOutcome::retry(answer.retry_after, format!("HTTP {status}"))
        }
        401 | 403 => ExportOutcome::unauthorized(format!("HTTP {status}: check OPENAI_API_KEY")),
        413 => ExportOutcome::too_large("HTTP 413"),
        400 | 422 => ExportOutcome::span_rejected(format!("HTTP {status}")),
        300..=399 => ExportOutcome::rejected(format!(
            "HTTP {status}: redirects are not followed, so that no other server gets the key"
        )),
        _ => ExportOutcome::rejected(format!("HTTP {status}")),
    }
}
