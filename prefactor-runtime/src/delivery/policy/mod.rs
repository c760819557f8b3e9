//! Decisions about answers: what an answer means, when to try again, and how much to send at once.

pub(crate) mod batch_size;
pub(crate) mod capability;
pub(crate) mod decision;
pub(crate) mod request_bytes;
