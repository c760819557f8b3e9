//! Idempotency: a request that is sent again takes effect once and gets its first answer again.

use std::fmt;

use rusqlite::OptionalExtension;
use sha2::{Digest, Sha256};

use super::work::Work;
use crate::{
    envelope,
    error_response::ErrorResponse,
    fingerprint::Fingerprint,
    model::{AgentSpan, Control},
};

/// The identity of a request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// A hash of the caller's token and of the action with its object, such as `agent_spans/ID/finish`.
    pub(crate) scope: Fingerprint,
    pub(crate) key: Option<String>,
}

/// The effect of a request whose fields have been read; the writer applies it.
pub(crate) struct Effect {
    request: Request,
    body: Body,
}

enum Body {
    Text(Giving<String>),
    Span(Giving<Told>),
}

/// A span, and the control signal beside it.
type Told = (AgentSpan, Option<Control>);

type Giving<T> = Box<dyn FnOnce(&mut Work<'_>) -> Result<T, ErrorResponse> + Send>;

/// The stored form of a first answer.
enum First {
    Text(String),
    /// The answer follows from the span's row.
    Span(i64),
}

impl Effect {
    /// Returns the JSON text of the answer, which is stored.
    pub(crate) fn new(
        request: Request,
        body: impl FnOnce(&mut Work<'_>) -> Result<String, ErrorResponse> + Send + 'static,
    ) -> Self {
        Self { request, body: Body::Text(Box::new(body)) }
    }

    /// Returns a span. Its answer is not stored, for there are many: a repeated request gets the span and the control
    /// signal as they are then. It refuses before it changes anything.
    pub(crate) fn span(
        request: Request,
        body: impl FnOnce(&mut Work<'_>) -> Result<Told, ErrorResponse> + Send + 'static,
    ) -> Self {
        Self { request, body: Body::Span(Box::new(body)) }
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Effect").field("request", &self.request).finish_non_exhaustive()
    }
}

impl Work<'_> {
    /// Applies all of `effect` or nothing, unless the same request has been applied, and returns the answer. Errors are
    /// not stored: nothing happened, so a repeated request is tried again.
    pub(crate) fn once(&mut self, effect: Effect) -> Result<String, ErrorResponse> {
        let Effect { request, body } = effect;
        match body {
            Body::Text(_) => self.atomically(|work| work.perform_once(request, body)),
            Body::Span(_) => self.refusing_first(|work| work.perform_once(request, body)),
        }
    }

    fn perform_once(&mut self, Request { scope, key }: Request, body: Body) -> Result<String, ErrorResponse> {
        let Some(key) = key else { return Ok(self.perform(body)?.0) };
        let hash = match self.find(scope, &key)? {
            Ok(First::Text(answer)) => return Ok(answer),
            Ok(First::Span(seq)) => {
                let span = self.span_at(seq)?;
                let control = self.control(&span.agent_instance_id)?;
                return envelope::controlled(&span, control);
            }
            Err(free) => free,
        };
        let (answer, span) = self.perform(body)?;
        let kept = if span.is_none() { Some(&answer) } else { None };
        self.sql
            .prepare_cached("INSERT INTO idempotency (hash, digest, span, answer) VALUES (?1, ?2, ?3, ?4)")?
            .execute((hash, digest(scope, &key), span, kept))?;
        Ok(answer)
    }

    fn perform(&mut self, body: Body) -> Result<(String, Option<i64>), ErrorResponse> {
        match body {
            Body::Text(body) => Ok((body(self)?, None)),
            Body::Span(body) => {
                let (span, control) = body(self)?;
                Ok((envelope::controlled(&span, control)?, Some(span.seq)))
            }
        }
    }

    /// Returns the first answer, or the number under which to store one.
    fn find(&self, scope: Fingerprint, key: &str) -> Result<Result<First, Fingerprint>, ErrorResponse> {
        let mut statement =
            self.sql.prepare_cached("SELECT digest, key, span, answer FROM idempotency WHERE hash = ?1")?;
        let (mut hash, digest) = (scope.and(key), digest(scope, key));
        loop {
            let row = statement.query_row([hash], |row| {
                let is_this = match row.get_ref(1)?.as_str_or_null()? {
                    None => row.get::<_, i64>(0)? == digest,
                    // Rows from before layout 7 have the key itself, and the scope.
                    Some(kept) => kept == key && row.get::<_, Fingerprint>(0)? == scope,
                };
                let span: Option<i64> = row.get(2)?;
                let first = match span {
                    Some(seq) => First::Span(seq),
                    None => First::Text(row.get::<_, Option<String>>(3)?.unwrap_or_default()),
                };
                Ok(is_this.then_some(first))
            });
            match row.optional()? {
                None => return Ok(Err(hash)),
                Some(Some(first)) => return Ok(Ok(first)),
                Some(None) => hash = hash.next(),
            }
        }
    }
}

/// Hashes key and scope into the 64 bits that name a request, beside the number of its row.
fn digest(scope: Fingerprint, key: &str) -> i64 {
    let hash = Sha256::new().chain_update(scope.to_bytes()).chain_update(key).finalize();
    hash.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes))
}
