//! Sends batches to an OTLP receiver, and reads its answers.

use bytes::Bytes;
use prost::Message as _;

use super::bodies::Bodies;
use super::messages::ExportTraceServiceResponse;
use super::request::encode;
use super::vocabulary::Vocabulary;
use crate::export::exporter::{Batch, Batching, ExportFuture, ExportOutcome, SpanExporter};
use crate::platform::untrusted_text::untrusted;
use crate::transport::http::endpoint::{Answer, Endpoint};

/// The one that all receivers take: without parameters.
const CONTENT_TYPE: &str = "application/x-protobuf";
/// Characters of a receiver's message that a log line quotes.
const MAX_QUOTED_CHARACTERS: usize = 200;

pub(super) struct OtlpExporter {
    pub(super) name: &'static str,
    pub(super) endpoint: Endpoint,
    pub(super) vocabulary: Vocabulary,
    pub(super) batching: Batching,
    pub(super) bodies: Bodies,
    #[cfg(feature = "otlp-gzip")]
    pub(super) is_packed: bool,
}

impl SpanExporter for OtlpExporter {
    fn name(&self) -> &'static str {
        self.name
    }

    fn batching(&self) -> Batching {
        self.batching
    }

    fn export(&self, batch: Batch) -> ExportFuture<'_> {
        Box::pin(async move {
            if batch.spans().is_empty() {
                return ExportOutcome::accepted();
            }
            let spans = batch.spans().iter().map(|span| &**span);
            let body = encode(&self.vocabulary, spans, self.bodies.take());
            self.bodies.note(&body);
            let count = batch.spans().len();
            drop(batch);
            let outcome = self.send(body.clone(), count).await;
            self.bodies.give_back(body);
            outcome
        })
    }
}

impl OtlpExporter {
    async fn send(&self, body: Bytes, count: usize) -> ExportOutcome {
        #[cfg(feature = "otlp-gzip")]
        if self.is_packed {
            let headers = crate::transport::http::endpoint::HeaderText::new("gzip");
            let headers: Vec<_> = headers.iter().map(|gzip| ("content-encoding", gzip)).collect();
            return judge(self.endpoint.post(CONTENT_TYPE, &headers, packed(&body).into()).await, count);
        }
        judge(self.endpoint.post(CONTENT_TYPE, &[], body).await, count)
    }
}

#[cfg(feature = "otlp-gzip")]
fn packed(body: &[u8]) -> Vec<u8> {
    use std::io::Write as _;

    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let _ = encoder.write_all(body);
    encoder.finish().unwrap_or_default()
}

/// The protocol's table: 429, 502, 503 and 504 later, everything else never.
fn judge(answer: Result<Answer, crate::transport::SendError>, count: usize) -> ExportOutcome {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.is_connection_closed() => return ExportOutcome::retry(None, error.to_string()),
        Err(error) => return ExportOutcome::unanswered(error.to_string()),
    };
    let status = answer.status;
    match status {
        200..=299 if answer.is_html => ExportOutcome::rejected(
            "the answer is a page for people: check the endpoint, which ends in /v1/traces as a rule",
        ),
        200..=299 => accepted(&answer.body, count),
        429 | 502 | 503 | 504 => ExportOutcome::retry(answer.retry_after, format!("HTTP {status}")),
        401 | 403 => ExportOutcome::unauthorized(format!(
            "HTTP {status}: check the headers, which hold the credentials"
        )),
        404 | 405 => ExportOutcome::rejected(format!(
            "HTTP {status}: check the endpoint, which ends in /v1/traces as a rule"
        )),
        413 => ExportOutcome::too_large("HTTP 413"),
        415 => ExportOutcome::rejected("HTTP 415: the receiver does not take OTLP as protobuf"),
        300..=399 => ExportOutcome::rejected(format!(
            "HTTP {status}: redirects are not followed, so that no other server gets the headers"
        )),
        _ => ExportOutcome::rejected(format!("HTTP {status}")),
    }
}

/// An answer that cannot be read is of a receiver that says nothing in it.
fn accepted(body: &[u8], count: usize) -> ExportOutcome {
    let partial = ExportTraceServiceResponse::decode(body).ok().and_then(|response| response.partial_success);
    let Some(partial) = partial.filter(|partial| partial.rejected_spans > 0) else {
        return ExportOutcome::accepted();
    };
    let rejected = usize::try_from(partial.rejected_spans).unwrap_or(count).min(count);
    ExportOutcome::partly_accepted(rejected, untrusted(&partial.error_message, MAX_QUOTED_CHARACTERS))
}
