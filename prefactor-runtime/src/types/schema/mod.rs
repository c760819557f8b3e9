//! What an agent says of its spans ahead of them: their types, qualities and alerts, as the platform keeps them with a version.

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
