//! The callers' end of the queue. It is bounded, and a caller never waits for room.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::Instant;

use super::shards::{Message, Reply, Shards};
use crate::operation::Operation;
use crate::types::stats::DropReason;
use crate::types::status::InstanceStatus;

/// Hands operations to the worker. Its drop tells the worker that no caller is left.
pub(crate) struct Sender {
    shards: Arc<Shards>,
}

impl Sender {
    pub(super) fn new(shards: Arc<Shards>) -> Self {
        Self { shards }
    }

    /// Offers the start of a span with that payload, which may be refused. Gives its number.
    #[inline]
    pub(crate) fn offer(
        &self,
        tape: &[u8],
        operation: impl FnOnce() -> Operation<()>,
    ) -> Result<u64, DropReason> {
        self.shards.offer(tape, || Message::Operation(operation()))
    }

    /// Takes what belongs to something that was accepted, without asking for room again.
    #[inline]
    pub(crate) fn push(
        &self,
        tape: &[u8],
        operation: impl FnOnce() -> Operation<()>,
    ) -> Result<(), DropReason> {
        self.shards.push(tape, || Message::Operation(operation()))
    }

    /// As [`Sender::push`], for the end of the span whose start has that number.
    #[inline]
    pub(crate) fn push_after(
        &self,
        start: u64,
        tape: &[u8],
        operation: impl FnOnce() -> Operation<()>,
    ) -> Result<(), DropReason> {
        self.shards.push_after(start, tape, || Message::Operation(operation()))
    }

    /// Asks for a reply when everything offered so far is settled, or at the deadline. Without a worker the reply is
    /// dropped.
    pub(crate) fn flush(&self, deadline: Instant, reply: Reply) {
        self.ask(|| Message::Flush { deadline, reply });
    }

    /// As [`Sender::flush`], for everything that is still open too; nothing is accepted afterwards.
    pub(crate) fn shutdown(&self, deadline: Instant, status: InstanceStatus, reply: Reply) {
        self.ask(|| Message::Shutdown { deadline, status, reply });
    }

    /// Tells of a run of which nothing may come: one that somebody watches, or that has lost its first span.
    #[cold]
    pub(crate) fn attend(&self) {
        self.ask(|| Message::Attend);
    }

    /// Sends a message that somebody waits for: the worker is woken whether it is parked or between two looks.
    fn ask(&self, message: impl FnOnce() -> Message<()>) {
        let _ = self.shards.push(&[], message);
        self.shards.wake();
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Sender").finish_non_exhaustive()
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.shards.is_orphaned.store(true, SeqCst);
        self.shards.wake();
    }
}
