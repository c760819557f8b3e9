//! Schemas of an agent's spans, qualities and alerts, which the platform stores with an agent's version.

#[cfg(feature = "schemas")]
pub(crate) mod contributed;
#[cfg(feature = "enabled")]
pub(crate) mod identifier;
mod labels;
pub(crate) mod named;
pub(crate) mod registry;
pub(crate) mod risk;
pub(crate) mod span_type;
pub(crate) mod tool;
#[cfg(feature = "enabled")]
pub(crate) mod version;
