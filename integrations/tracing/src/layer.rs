//! The layer: it reacts when spans are made, entered, left and closed.

use std::fmt;

use prefactor_runtime::Context;
use serde_json::Value;
use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{self, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::builder::tells_of_tools;
use crate::entered;
use crate::fields::Fields;
use crate::mapping::{self, Failure};
use crate::place::Place;
use crate::recorded::Recorded;

/// Makes spans on Prefactor of the spans that its filter lets through. See the crate's documentation; [`layer`](crate::layer)
/// makes one.
pub struct PrefactorLayer {
    /// The events that become events of spans.
    pub(crate) events: LevelFilter,
}

impl<S> Layer<S> for PrefactorLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: layer::Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let place = place(attributes, &span);
        if let Some(recorded) = Recorded::new(place, span.metadata(), fields) {
            span.extensions_mut().replace(recorded);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: layer::Context<'_, S>) {
        // The fields are read before the span's extensions are locked, because a value's `Debug` is the program's code.
        let mut fields = Fields::default();
        values.record(&mut fields);
        with(&context, id, |recorded| recorded.record(fields));
    }

    fn on_enter(&self, id: &Id, context: layer::Context<'_, S>) {
        let entered = with(&context, id, |recorded| (recorded.context(), recorded.as_parent()));
        if let Some((place, span)) = entered {
            entered::enter(id, place, span);
        }
    }

    fn on_exit(&self, id: &Id, context: layer::Context<'_, S>) {
        entered::exit(id);
        with(&context, id, Recorded::start);
    }

    fn on_event(&self, event: &Event<'_>, context: layer::Context<'_, S>) {
        let Some(span) = context.event_span(event) else { return };
        let metadata = event.metadata();
        let is_failure = *metadata.level() == Level::ERROR && metadata.target() == span.metadata().target();
        let is_kept = *metadata.level() <= self.events;
        let may_tell_of_tool = tells_of_tools(metadata);
        if !is_failure && !is_kept && !may_tell_of_tool {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.0.remove("message");
        let message = message.as_ref().and_then(Value::as_str).unwrap_or(metadata.name());
        let mut extensions = span.extensions_mut();
        let Some(recorded) = extensions.get_mut::<Recorded>() else { return };
        if let Some((tool, failure)) = mapping::failed_tool(message, &fields).filter(|_| may_tell_of_tool) {
            recorded.as_parent().tool_failed(tool, failure);
        }
        if is_failure {
            let told =
                ["error", "error.message", "exception.message"].iter().find_map(|name| fields.text(name));
            let kind =
                ["error.type", "error.code", "exception.type"].iter().find_map(|name| fields.text(name));
            recorded.fail(Failure {
                kind: kind.unwrap_or("error").to_owned(),
                message: told.unwrap_or(message).to_owned(),
            });
        }
        if is_kept {
            fields.0.insert("level".to_owned(), metadata.level().as_str().into());
            recorded.event(message, &fields.0);
        }
    }

    fn on_close(&self, id: Id, context: layer::Context<'_, S>) {
        let recorded = context.span(&id).and_then(|span| span.extensions_mut().remove::<Recorded>());
        if let Some(recorded) = recorded {
            recorded.close();
        }
    }
}

/// The place in which a span is made: its parent and its run.
///
/// A span that was entered has its context on this thread's stack, and contexts that were entered inside of it stand above. So the
/// thread's context is right but where the parent was given by hand and is not the span that the thread is in. A span that
/// was given no parent by hand (`parent: None`) is no new trace: rig makes its agents so.
fn place<'a, S: LookupSpan<'a>>(attributes: &Attributes<'_>, span: &SpanRef<'a, S>) -> Place {
    let Some(parent) = span.parent() else { return Place::new(Context::current(), None) };
    let is_elsewhere = !attributes.is_contextual() && !entered::is_innermost(&parent.id());
    let mut extensions = parent.extensions_mut();
    let Some(recorded) = extensions.get_mut::<Recorded>() else {
        return Place::new(Context::current(), None);
    };
    recorded.start();
    let context = if is_elsewhere { recorded.context() } else { Context::current() };
    Place::new(context, Some(recorded.as_parent()))
}

fn with<S, T>(context: &layer::Context<'_, S>, id: &Id, action: impl FnOnce(&mut Recorded) -> T) -> Option<T>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let span = context.span(id)?;
    let mut extensions = span.extensions_mut();
    extensions.get_mut::<Recorded>().map(action)
}

impl fmt::Debug for PrefactorLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PrefactorLayer").field("events", &self.events).finish()
    }
}
