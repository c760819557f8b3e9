//! The schema version that a client's runs are registered with.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use serde_json::{Value, json};

#[cfg(feature = "schemas")]
use super::contributed::seen::Seen;
use super::registry::SchemaRegistry;

/// The identifier of the version that says nothing.
const UNTYPED: &str = "prefactor-rust-untyped";

/// The schema version of the runs of one client.
#[derive(Debug, Default)]
pub(crate) struct SchemaVersion {
    registry: SchemaRegistry,
    /// Names of spans of which nobody said anything. Written and read by the worker.
    #[cfg(feature = "schemas")]
    seen: Seen,
    /// Whether the API refused it.
    is_refused: AtomicBool,
}

impl SchemaVersion {
    pub(crate) fn new(registry: SchemaRegistry) -> Self {
        #[cfg(feature = "schemas")]
        let registry = registry.with_contributions();
        Self { registry, ..Self::default() }
    }

    /// Notes the name of a span: the next run is registered with it.
    #[cfg(feature = "schemas")]
    pub(crate) fn see(&self, name: &str) {
        if self.registry.get(name).is_none() {
            self.seen.add(name);
        }
    }

    /// Whether anything is said.
    pub(crate) fn says_something(&self) -> bool {
        #[cfg(feature = "schemas")]
        let has_seen = !self.seen.is_empty();
        #[cfg(not(feature = "schemas"))]
        let has_seen = false;
        !self.is_refused() && (has_seen || !self.registry.is_empty())
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.is_refused.load(Relaxed)
    }

    /// Says nothing from now on, because the API refused what was said.
    pub(crate) fn refuse(&self) {
        self.is_refused.store(true, Relaxed);
    }

    /// The schema version as the API takes it. Its content is frozen under its identifier, so the identifier tells the content.
    pub(crate) fn to_json(&self) -> Value {
        if !self.says_something() {
            return Self::untyped();
        }
        #[cfg(feature = "schemas")]
        return self.registry.with_names(self.seen.names()).to_json();
        #[cfg(not(feature = "schemas"))]
        self.registry.to_json()
    }

    /// The identifier under which the API knows what is said now.
    pub(crate) fn identifier(&self) -> String {
        self.to_json()["external_identifier"].as_str().unwrap_or_default().to_owned()
    }

    /// A version that says nothing.
    pub(crate) fn untyped() -> Value {
        json!({ "external_identifier": UNTYPED, "span_type_schemas": [] })
    }
}
