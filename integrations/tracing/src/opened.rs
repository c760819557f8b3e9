//! The way from Prefactor to `tracing`: a span of `tracing` around the work of each span.

use std::sync::Arc;

use prefactor_runtime::observer::{NewScope, Scope, SpanObserver, observe};
use tracing_core::field::{Value, display};
use tracing_core::span::{Attributes, Id};
use tracing_core::{Dispatch, dispatcher};

use crate::callsites;

/// The target of the spans that [`open_spans`] opens.
pub(crate) const TARGET: &str = "prefactor";

/// Opens a span of `tracing` for each span that becomes current from now on: those of `#[span]`, and those that are entered by
/// hand. So log lines, other layers and OpenTelemetry see in which step of the agent they are.
///
/// The span has the schema name as its name, the target `prefactor`, the level INFO, and the fields `trace_id` and `span_id`: the
/// ids by which the trace page finds run and span. It is opened where the span becomes current for the first time, below the span
/// of `tracing` that is current there; entered and left with each poll of a future or stream; and closed when the span has ended.
/// Spans that [`layer`](crate::layer) makes of those of `tracing` open none, and the layer does not record the opened ones, so no
/// step is there twice.
///
/// It is for the whole process and cannot be undone; a second call does nothing. Without it nothing is opened, and a span costs one
/// atomic load more each time it becomes current. Where no client records, no span is opened.
///
/// A filter has to let the target through: `EnvFilter::new("my_agent=debug,prefactor=info")`. More than a thousand schema names,
/// made at run time, are opened by the name `span` and the field `schema_name`.
///
/// `tracing`'s `.instrument(…)` carries the opened span to another task, and not the span on Prefactor: use
/// `with_current_span()` there, which carries both.
///
/// # Examples
///
/// ```
/// # let subscriber = tracing_subscriber::fmt().with_writer(std::io::sink).finish();
/// # let _default = tracing::subscriber::set_default(subscriber);
/// use prefactor::span;
///
/// #[span("agent:llm_call")]
/// fn ask(model: &str) -> usize {
///     // INFO agent:llm_call{trace_id=01… span_id=5f…}: my_agent: asking model="small-1"
///     tracing::info!(model, "asking");
///     model.len()
/// }
///
/// prefactor_tracing::open_spans();
/// # let recorder = prefactor::testing::Recorder::new();
/// # recorder.run(|| ask("small-1"));
/// ```
pub fn open_spans() {
    observe(Box::new(Opener));
}

struct Opener;

impl SpanObserver for Opener {
    fn open(&self, span: &NewScope<'_>) -> Option<Arc<dyn Scope>> {
        let callsite = callsites::named(span.schema_name);
        dispatcher::get_default(|dispatch| {
            if !callsite.is_enabled(dispatch) {
                return None;
            }
            let metadata = callsite.metadata();
            let (trace_id, span_id) = (display(span.trace_id), display(span.span_id));
            let schema_name = callsite.is_shared().then(|| display(span.schema_name));
            let [first, second, third] = callsites::FIELDS.map(|name| metadata.fields().field(name));
            let (first, second, third) = (first?, second?, third?);
            let values: [(_, Option<&dyn Value>); 3] = [
                (&first, Some(&trace_id)),
                (&second, Some(&span_id)),
                (&third, schema_name.as_ref().map(|name| name as &dyn Value)),
            ];
            let values = metadata.fields().value_set(&values);
            let id = dispatch.new_span(&Attributes::new(metadata, &values));
            Some(Arc::new(Opened { id, dispatch: dispatch.clone() }) as Arc<dyn Scope>)
        })
    }
}

/// An open span of `tracing`, closed by its destructor.
struct Opened {
    id: Id,
    dispatch: Dispatch,
}

impl Scope for Opened {
    fn enter(&self) {
        self.dispatch.enter(&self.id);
    }

    fn exit(&self) {
        self.dispatch.exit(&self.id);
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        self.dispatch.try_close(self.id.clone());
    }
}
