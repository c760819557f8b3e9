//! API calls that are ready, and the requests they go out in.

pub(crate) mod acks;
pub(crate) mod api_call;
pub(crate) mod ready;
