//! A foreign crate's own spans, as any subscriber of `tracing` sees them, which our records are compared with.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use prefactor::testing::{RecordedSpan, Recorder, Trace};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

/// A span about a model, an agent or a tool: its kind and that of the nearest one above it, its tokens, its model.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    kind: String,
    above: Option<String>,
    input_tokens: Option<String>,
    output_tokens: Option<String>,
    model: Option<String>,
}

/// Runs a body under the layer, and gives back what was recorded. It is the same that the crate reported.
pub(crate) async fn recorded<F: Future>(body: F) -> (F::Output, Trace) {
    let recorder = Recorder::new();
    let report = Report::default();
    let subscriber = tracing_subscriber::registry().with(prefactor::tracing::layer()).with(report.clone());
    let default = tracing::subscriber::set_default(subscriber);
    let output = recorder.run_async(body).await;
    drop(default);
    let trace = recorder.trace();
    let mut lines = Vec::new();
    trace.roots.iter().for_each(|root| add(root, None, &mut lines));
    lines.sort();
    assert_eq!(lines, report.lines(), "what was recorded, and what the crate reported");
    (output, trace)
}

fn add(span: &RecordedSpan, above: Option<&str>, lines: &mut Vec<Line>) {
    let is_theirs = span.payload["name"].is_string();
    if is_theirs {
        let usage = &span.result["token_usage"];
        let count = |name: &str| usage[name].as_u64().map(|count| count.to_string());
        lines.push(Line {
            kind: span.name.clone(),
            above: above.map(str::to_owned),
            input_tokens: count("prompt_tokens"),
            output_tokens: count("completion_tokens"),
            model: span.result["model"].as_str().map(str::to_owned),
        });
    }
    let above = if is_theirs { Some(span.name.as_str()) } else { above };
    span.children.iter().for_each(|child| add(child, above, lines));
}

/// A layer that keeps the spans that closed.
#[derive(Clone, Default)]
struct Report(Arc<Mutex<Vec<Line>>>);

#[derive(Default)]
struct Seen(BTreeMap<&'static str, String>);

impl Report {
    fn lines(&self) -> Vec<Line> {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        lines.sort();
        lines
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Report {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if !is_about_models(attributes.metadata()) {
            return;
        }
        let mut seen = Seen::default();
        attributes.record(&mut seen);
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(seen);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(seen) = span.extensions_mut().get_mut::<Seen>() {
            values.record(seen);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let Some(Seen(fields)) = span.extensions_mut().remove::<Seen>() else { return };
        let above = span.scope().skip(1).find_map(|above| {
            let extensions = above.extensions();
            let Seen(fields) = extensions.get::<Seen>()?;
            Some(kind(above.name(), fields))
        });
        let field = |names: &[&str]| names.iter().find_map(|name| fields.get(name).cloned());
        let line = Line {
            kind: kind(span.name(), &fields),
            above,
            input_tokens: field(&["gen_ai.usage.input_tokens"]),
            output_tokens: field(&["gen_ai.usage.output_tokens"]),
            model: field(&["gen_ai.response.model", "gen_ai.request.model"]),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }
}

fn is_about_models(metadata: &Metadata<'_>) -> bool {
    let is_ours = |name: &str| name.starts_with("gen_ai.") || name.starts_with("gcp.vertex.agent.");
    metadata.fields().iter().any(|field| is_ours(field.name()))
}

fn kind(name: &str, fields: &BTreeMap<&'static str, String>) -> String {
    let given = fields.get("gen_ai.operation.name").or(fields.get("otel.name"));
    let operation = given.map_or(name, String::as_str);
    match operation {
        "chat" | "call_llm" => "agent:llm_call".to_owned(),
        "invoke_agent" | "agent.execute" => "agent:run".to_owned(),
        tool if tool.starts_with("execute_tool") => "agent:tool_call".to_owned(),
        other => other.to_owned(),
    }
}

impl Visit for Seen {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name(), value.to_owned());
    }
}
