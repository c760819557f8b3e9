//! Decisions about retries: what an answer means, when to try again, how much at once.

pub(crate) mod batch_size;
pub(crate) mod capability;
pub(crate) mod decision;
