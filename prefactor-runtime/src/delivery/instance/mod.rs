//! One agent instance on its way to the API.

#[cfg(feature = "spool")]
mod adopted;
pub(super) mod encode;
pub(super) mod key_map;
pub(super) mod results;
pub(super) mod span;
pub(super) mod state;
