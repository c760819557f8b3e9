//! A span of `tracing` that is recorded, from its creation to its close.

use std::collections::BTreeSet;
use std::time::SystemTime;

use prefactor_runtime::observer::leave_unobserved;
use prefactor_runtime::{Context, Span, SpanError, SpanStatus};
use serde_json::{Map, Value};

use crate::fields::Fields;
use crate::mapping::{self, Failure};

/// Kept in the registry beside the span.
pub(crate) struct Recorded {
    span: Span,
    name: &'static str,
    created_at: SystemTime,
    fields: Fields,
    /// The names of the fields that are in the payload with the values that they have.
    sent: BTreeSet<String>,
    is_started: bool,
    /// The first ERROR event with the span's own target.
    failure: Option<Failure>,
}

impl Recorded {
    /// A span in that context. `None` where nobody would record it.
    pub(crate) fn new(context: Context, name: &'static str, fields: Fields) -> Option<Self> {
        let kind = mapping::kind(&fields, name);
        let span = context.in_scope(|| prefactor_runtime::span(kind));
        if span.is_noop() {
            return None;
        }
        leave_unobserved(&span);
        // A `#[span]` made inside this span starts it with its default payload.
        let payload = payload(&fields, name);
        let sent = payload.keys().cloned().collect();
        let span = span.with_default_payload(&payload);
        Some(Self {
            span,
            name,
            created_at: SystemTime::now(),
            fields,
            sent,
            is_started: false,
            failure: None,
        })
    }

    pub(crate) fn context(&self) -> Context {
        self.span.context()
    }

    pub(crate) fn record(&mut self, fields: Fields) {
        self.sent.retain(|name| !fields.0.contains_key(name));
        self.fields.0.extend(fields.0);
    }

    pub(crate) fn event(&self, name: &str, data: &Map<String, Value>) {
        self.span.add_event(name, data);
    }

    pub(crate) fn fail(&mut self, failure: Failure) {
        self.failure.get_or_insert(failure);
    }

    /// Starts the span with the data so far, as of its creation.
    pub(crate) fn start(&mut self) {
        if std::mem::replace(&mut self.is_started, true) || self.span.started_at().is_some() {
            return;
        }
        let payload = payload(&self.fields, self.name);
        self.sent = payload.keys().cloned().collect();
        self.span.start_at(&payload, self.created_at);
    }

    /// Ends the span as its fields say.
    pub(crate) fn close(mut self) {
        self.start();
        let ended_at = SystemTime::now();
        if let Some(usage) = mapping::usage(&self.fields) {
            self.span.set_usage(&usage);
        }
        let status = match mapping::failure(&self.fields).or(self.failure.take()) {
            Some(Failure { kind, message }) => {
                self.span.set_error(SpanError::new(message).with_type(kind));
                SpanStatus::Failed
            }
            None => mapping::status(self.span.schema_name(), &self.fields),
        };
        self.fields.0.retain(|name, _| !self.sent.contains(name));
        self.span.set_result(&self.fields.0);
        self.span.set_status(status);
        self.span.finish_at(ended_at);
    }
}

/// The data of the work when it begins.
fn payload(fields: &Fields, name: &'static str) -> Map<String, Value> {
    let known = fields.0.iter().filter(|(name, _)| !mapping::is_result(name));
    let title = ("name".to_owned(), Value::from(mapping::title(fields, name)));
    std::iter::once(title).chain(known.map(|(name, value)| (name.clone(), value.clone()))).collect()
}
