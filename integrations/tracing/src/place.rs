//! The place of a span: what it is made below, and what is known of the spans that are made below it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use prefactor_runtime::{Context, Span, observer};

use crate::ending::End;
use crate::entered;
use crate::mapping::Failure;

/// A span of the layer's as the one that others are below.
pub(crate) struct Parent {
    span: Span,
    below: Mutex<Below>,
    /// Tools below it that were called failed and have not ended, by their names.
    failed_tools: Mutex<Vec<(String, Failure)>>,
}

/// Facts about the spans below a span.
#[derive(Clone, Debug, Default)]
pub(crate) struct Below {
    /// How the last one ended.
    pub(crate) last: Option<Last>,
    /// Whether one was answered with tokens.
    pub(crate) has_tokens: bool,
}

/// The last span that ended below another.
#[derive(Clone, Debug)]
pub(crate) struct Last {
    pub(crate) is_model_call: bool,
    pub(crate) end: End,
}

impl Parent {
    pub(crate) fn of(span: &Span) -> Arc<Self> {
        Arc::new(Self { span: span.clone(), below: Mutex::default(), failed_tools: Mutex::default() })
    }

    /// A span below it has ended.
    pub(crate) fn hear(&self, last: Last, has_tokens: bool) {
        let mut below = lock(&self.below);
        below.has_tokens |= has_tokens;
        below.last = Some(last);
    }

    pub(crate) fn below(&self) -> Below {
        lock(&self.below).clone()
    }

    pub(crate) fn tool_failed(&self, tool: String, failure: Failure) {
        lock(&self.failed_tools).push((tool, failure));
    }

    /// Why the tool of that name failed that ends now.
    pub(crate) fn failure_of_tool(&self, tool: &str) -> Option<Failure> {
        let mut failed = lock(&self.failed_tools);
        let place = failed.iter().position(|(name, _)| name == tool)?;
        Some(failed.remove(place).1)
    }
}

fn lock<T>(value: &Mutex<T>) -> MutexGuard<'_, T> {
    value.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where a span is made.
pub(crate) struct Place {
    pub(crate) context: Context,
    /// The span above.
    pub(crate) above: Span,
    /// The same, if it is the layer's.
    pub(crate) parent: Option<Arc<Parent>>,
}

impl Place {
    /// The place in that context. `parent` is the span that `tracing` has above, if it is recorded.
    pub(crate) fn new(context: Context, parent: Option<Arc<Parent>>) -> Self {
        let above = context.clone().in_scope(Span::current);
        let is_above = |parent: &Arc<Parent>| observer::is_same(&parent.span, &above);
        let parent = parent.filter(is_above).or_else(|| entered::innermost().filter(is_above));
        Self { context, above, parent }
    }
}
