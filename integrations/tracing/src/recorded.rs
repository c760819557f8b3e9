//! A span of `tracing` that is recorded, from its creation to its close.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::SystemTime;

use prefactor_runtime::observer::{decide_below, leave_unobserved};
use prefactor_runtime::{Context, Span};
use serde_json::{Map, Value};
use tracing_core::Metadata;

use crate::ending::{self, End};
use crate::fields::Fields;
use crate::mapping::{self, Failure};
use crate::place::{Last, Parent, Place};

/// Kept in the registry beside the span.
pub(crate) struct Recorded {
    span: Span,
    metadata: &'static Metadata<'static>,
    created_at: SystemTime,
    /// The span above.
    above: Span,
    /// The same, if it is the layer's.
    parent: Option<Arc<Parent>>,
    as_parent: Arc<Parent>,
    fields: Fields,
    /// The names of the fields that are in the payload with the values that they have.
    sent: BTreeSet<String>,
    is_started: bool,
    /// The first ERROR event with the span's own target.
    failure: Option<Failure>,
}

impl Recorded {
    /// A span in that place. `None` where nobody would record it.
    pub(crate) fn new(place: Place, metadata: &'static Metadata<'static>, fields: Fields) -> Option<Self> {
        let kind = mapping::kind(&fields, metadata.name());
        let span = place.context.in_scope(|| prefactor_runtime::span(kind));
        if span.is_noop() {
            return None;
        }
        decide_below(&place.above);
        leave_unobserved(&span);
        // A `#[span]` made inside this span starts it with its default payload.
        let payload = payload(&fields, metadata.name());
        let sent = payload.keys().cloned().collect();
        let span = span.with_default_payload(&payload);
        Some(Self {
            as_parent: Parent::of(&span),
            span,
            metadata,
            created_at: SystemTime::now(),
            above: place.above,
            parent: place.parent,
            fields,
            sent,
            is_started: false,
            failure: None,
        })
    }

    /// The span, as others see it that are made below it.
    pub(crate) fn as_parent(&self) -> Arc<Parent> {
        Arc::clone(&self.as_parent)
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
        let payload = payload(&self.fields, self.metadata.name());
        self.sent = payload.keys().cloned().collect();
        self.span.start_at(&payload, self.created_at);
    }

    /// Ends the span: by its fields, by what is below it, or by what is above it.
    pub(crate) fn close(mut self) {
        self.start();
        let ended_at = SystemTime::now();
        let usage = mapping::usage(&self.fields);
        if let Some(usage) = &usage {
            self.span.set_usage(usage);
        }
        let kind = self.span.schema_name();
        let failed_tool = || {
            let tool = self.fields.text("tool.name").filter(|_| kind == "agent:tool_call")?;
            self.parent.as_ref()?.failure_of_tool(tool)
        };
        let failure = mapping::failure(&self.fields).or_else(failed_tool).or(self.failure.take());
        let silent = || ending::end(kind, &self.fields, self.metadata, &self.as_parent.below());
        let end = failure.map_or_else(silent, End::Failed);
        if let Some(parent) = &self.parent {
            let has_tokens = usage.is_some_and(|usage| usage.input_tokens.or(usage.output_tokens).is_some());
            let is_model_call = kind == "agent:llm_call";
            parent.hear(Last { is_model_call, end: end.clone() }, has_tokens);
        }
        self.fields.0.retain(|name, _| !self.sent.contains(name));
        self.span.set_result(&self.fields.0);
        ending::finish(self.span, ended_at, end, &self.above);
    }
}

/// The data of the work when it begins.
fn payload(fields: &Fields, name: &'static str) -> Map<String, Value> {
    let known = fields.0.iter().filter(|(name, _)| !mapping::is_result(name));
    let title = ("name".to_owned(), Value::from(mapping::title(fields, name)));
    std::iter::once(title).chain(known.map(|(name, value)| (name.clone(), value.clone()))).collect()
}
