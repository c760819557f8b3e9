//! Which spans and events the layer hears of.

use std::fmt;
use std::sync::Arc;

use tracing_core::{Interest, Level, Metadata, Subscriber};
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{Filtered, LevelFilter};
use tracing_subscriber::layer::{Context, Filter};
use tracing_subscriber::registry::LookupSpan;

use crate::layer::PrefactorLayer;
use crate::opened;

type Choice = dyn Fn(&Metadata<'_>) -> bool + Send + Sync;

/// The prefixes of fields by which a span says that it is about a model, an agent or a tool.
const FIELDS: [&str; 2] = ["gen_ai.", "gcp.vertex.agent."];
/// Targets whose spans last as long as a connection, and are no parents.
const CONNECTIONS: [&str; 1] = ["rmcp"];
/// Targets whose events hold bodies of requests.
const BODIES: [&str; 2] = ["rig::completions", "rmcp"];

/// Targets whose warnings say of a tool that it failed.
const TOOLS: [&str; 1] = ["adk_agent"];

/// A layer that records spans with `gen_ai.*` fields, and no events.
///
/// # Examples
///
/// ```
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let subscriber = tracing_subscriber::registry().with(prefactor_tracing::layer());
/// ```
#[must_use]
pub fn layer<S>() -> Filtered<PrefactorLayer, SpanFilter, S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    LayerBuilder::default().build()
}

/// Makes a layer that records more than [`layer`] does.
///
/// # Examples
///
/// ```
/// use prefactor_tracing::LayerBuilder;
/// use tracing_subscriber::filter::LevelFilter;
/// use tracing_subscriber::layer::SubscriberExt as _;
///
/// let layer = LayerBuilder::default()
///     .spans(|metadata| metadata.target().starts_with("my_agent"))
///     .events(LevelFilter::WARN)
///     .build();
/// let subscriber = tracing_subscriber::registry().with(layer);
/// ```
#[derive(Clone, Default)]
pub struct LayerBuilder {
    spans: Option<Arc<Choice>>,
    events: Option<LevelFilter>,
}

impl LayerBuilder {
    /// Records the spans for which `choice` gives `true`, beside those with `gen_ai.*` fields. Those that
    /// [`open_spans`](crate::open_spans) has opened are on Prefactor already.
    #[must_use]
    pub fn spans(mut self, choice: impl Fn(&Metadata<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.spans = Some(Arc::new(choice));
        self
    }

    /// Makes events of that level and above events of the span in which they happen. Without it, only ERROR events are
    /// looked at, to know that a span failed.
    #[must_use]
    pub fn events(mut self, level: LevelFilter) -> Self {
        self.events = Some(level);
        self
    }

    /// The layer.
    #[must_use]
    pub fn build<S>(self) -> Filtered<PrefactorLayer, SpanFilter, S>
    where
        S: Subscriber + for<'a> LookupSpan<'a>,
    {
        prefactor_runtime::adapters::announce(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        let events = self.events.unwrap_or(LevelFilter::OFF);
        PrefactorLayer { events }
            .with_filter(SpanFilter { spans: self.spans, events: events.max(LevelFilter::ERROR) })
    }
}

impl fmt::Debug for LayerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LayerBuilder").field("events", &self.events).finish_non_exhaustive()
    }
}

/// The filter of [`layer`]. `tracing` asks it once for each place in the code.
#[derive(Clone)]
pub struct SpanFilter {
    spans: Option<Arc<Choice>>,
    events: LevelFilter,
}

impl SpanFilter {
    fn records(&self, metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let is_of = |crates: &[&str]| crates.iter().any(|name| is_within(target, name));
        if metadata.is_event() {
            return (*metadata.level() <= self.events && !is_of(&BODIES)) || tells_of_tools(metadata);
        }
        let is_gen_ai = || {
            metadata.fields().iter().any(|field| FIELDS.iter().any(|prefix| field.name().starts_with(prefix)))
        };
        let is_ours = target == opened::TARGET;
        !is_ours
            && !is_of(&CONNECTIONS)
            && (is_gen_ai() || self.spans.as_ref().is_some_and(|choice| choice(metadata)))
    }
}

/// Whether an event may say of a tool that it failed.
pub(crate) fn tells_of_tools(metadata: &Metadata<'_>) -> bool {
    *metadata.level() == Level::WARN && TOOLS.iter().any(|name| is_within(metadata.target(), name))
}

/// Whether the target is that of the module or of one below it.
fn is_within(target: &str, module: &str) -> bool {
    target.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

impl<S> Filter<S> for SpanFilter {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.records(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        // `always` would lose spans: tracing-subscriber 0.3 then reuses the thread's last `enabled!` answer for them.
        // See `findings/tracing-subscriber-filter-that-says-always-loses-spans.sh`.
        if self.records(metadata) { Interest::sometimes() } else { Interest::never() }
    }
}

impl fmt::Debug for SpanFilter {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SpanFilter").field("events", &self.events).finish_non_exhaustive()
    }
}
