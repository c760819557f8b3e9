//! The bounded queue between the program's threads and the worker.
//!
//! It is a queue of its own because a caller must never wait and must not pay for a wake-up: tokio's channels allocate per
//! message, and waking a parked thread costs some forty microseconds, a hundred times what a caller pays otherwise.

pub(crate) mod receiver;
pub(crate) mod sender;
pub(crate) mod shards;
mod sync;
pub(crate) mod usage;

#[cfg(all(test, prefactor_loom))]
mod loom_tests;

use std::sync::Arc;

use crate::config::settings::QueueLimits;
use receiver::Receiver;
use sender::Sender;
use shards::Shards;

/// A queue with these limits: the callers' end and the worker's.
pub(crate) fn channel(limits: QueueLimits) -> (Sender, Receiver) {
    let shards = Arc::new(Shards::new(limits));
    (Sender::new(Arc::clone(&shards)), Receiver::new(shards))
}
