//! Traces that are not recorded.

use serde::Serialize;

use crate::disabled::instance::AgentInstance;

/// A trace without effect.
pub fn trace(_: impl Into<String>) -> TraceBuilder {
    TraceBuilder
}

/// A trace without effect.
#[derive(Clone, Debug)]
#[must_use = "call .start()"]
pub struct TraceBuilder;

macro_rules! ignored_facts {
    ($($name:ident)*) => {$(
        /// Ignored.
        pub fn $name(self, _: impl Into<String>) -> Self {
            self
        }
    )*};
}

impl TraceBuilder {
    ignored_facts! { group_id session_id user_id tag }

    /// Ignored.
    pub fn metadata<T: Serialize + ?Sized>(self, _: &T) -> Self {
        self
    }

    /// Ignored.
    pub const fn disabled(self, _: bool) -> Self {
        self
    }

    /// A no-op instance.
    pub fn start(self) -> AgentInstance {
        AgentInstance
    }
}
