//! Plain types that are there with and without the feature `enabled`.

pub(crate) mod agent;
pub(crate) mod error;
pub(crate) mod pfid;
pub(crate) mod registration;
pub(crate) mod span_error;
pub(crate) mod stats;
pub(crate) mod status;
pub(crate) mod stream_step;
pub(crate) mod usage;
