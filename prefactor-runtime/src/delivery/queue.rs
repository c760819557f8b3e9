//! The bounded queue between the callers and the worker.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::config::QueueLimits;
use crate::operation::Operation;
use crate::stats::{DropReason, Report};
use crate::status::InstanceStatus;

/// What callers say to the worker, in one order.
pub(super) enum Message {
    Operation(Operation),
    Flush { deadline: Instant, reply: Reply },
    Shutdown { deadline: Instant, status: InstanceStatus, reply: Reply },
}

/// How the worker answers: into a channel for threads, or into one for tasks.
pub(crate) type Reply = Box<dyn FnOnce(Report) + Send>;

/// The callers' end. Offering never waits and never blocks: the channel is a lock-free list, bounded by a
/// gauge of what has not been settled yet, so that what the worker holds counts as well.
#[derive(Clone, Debug)]
pub(crate) struct Queue {
    sender: UnboundedSender<Message>,
    gauge: Arc<Gauge>,
}

/// Operations and payload bytes that are not settled. Callers add, the worker takes away.
///
/// Both in one word, which goes from one processor's cache to the other's half as often as two would.
#[derive(Debug)]
pub(super) struct Gauge {
    word: AtomicU64,
    limits: QueueLimits,
}

/// The bits of the bytes: a terabyte. Sixteen million operations are above them.
const BYTES: u32 = 40;
const MAX_BYTES: u64 = 1 << (BYTES - 1);
const MAX_OPERATIONS: usize = 1 << (63 - BYTES);

impl Gauge {
    pub(super) fn new(limits: QueueLimits) -> Self {
        let operations = limits.operations.min(MAX_OPERATIONS);
        let bytes = limits.bytes.min(usize::try_from(MAX_BYTES).unwrap_or(usize::MAX));
        Self { word: AtomicU64::new(0), limits: QueueLimits { operations, bytes } }
    }

    pub(super) fn add(&self, bytes: usize) {
        self.word.fetch_add(Self::one(bytes), Relaxed);
    }

    pub(super) fn release(&self, bytes: usize) {
        self.word.fetch_sub(Self::one(bytes), Relaxed);
    }

    /// Whether a span of that weight may still come in.
    #[inline]
    pub(super) fn has_room(&self, weight: usize) -> bool {
        let (operations, bytes) = self.reading();
        operations < self.limits.operations && bytes.saturating_add(weight) <= self.limits.bytes
    }

    /// Bytes that may still come in.
    pub(super) fn free_bytes(&self) -> usize {
        self.limits.bytes.saturating_sub(self.reading().1)
    }

    fn one(bytes: usize) -> u64 {
        (1 << BYTES) + bytes as u64
    }

    pub(super) fn reading(&self) -> (usize, usize) {
        let word = self.word.load(Relaxed);
        ((word >> BYTES) as usize, (word & ((1 << BYTES) - 1)) as usize)
    }
}

impl Queue {
    pub(super) fn new(limits: QueueLimits) -> (Self, UnboundedReceiver<Message>, Arc<Gauge>) {
        let (sender, receiver) = unbounded_channel();
        let gauge = Arc::new(Gauge::new(limits));
        (Self { sender, gauge: Arc::clone(&gauge) }, receiver, gauge)
    }

    /// A queue that nobody reads: everything is refused, and so counted.
    pub(crate) fn without_worker(limits: QueueLimits) -> Self {
        Self::new(limits).0
    }

    /// Offers the start of a span of that weight, which may be refused.
    #[inline]
    pub(crate) fn offer(
        &self,
        weight: usize,
        operation: impl FnOnce() -> Operation,
    ) -> Result<(), DropReason> {
        if self.gauge.has_room(weight) { self.push(weight, operation) } else { Err(DropReason::QueueFull) }
    }

    /// Takes what belongs to something that was accepted: room for it is not asked for again.
    #[inline]
    pub(crate) fn push(
        &self,
        weight: usize,
        operation: impl FnOnce() -> Operation,
    ) -> Result<(), DropReason> {
        self.gauge.add(weight);
        self.sender.send(Message::Operation(operation())).map_err(|_| DropReason::WorkerLost)
    }

    /// Asks for word when everything offered so far is settled, or at the deadline. Without a worker the reply
    /// is dropped.
    pub(crate) fn flush(&self, deadline: Instant, reply: Reply) {
        let _ = self.sender.send(Message::Flush { deadline, reply });
    }

    /// As [`Queue::flush`], for everything that is still open too; nothing is accepted afterwards.
    pub(crate) fn shutdown(&self, deadline: Instant, status: InstanceStatus, reply: Reply) {
        let _ = self.sender.send(Message::Shutdown { deadline, status, reply });
    }
}

impl Operation {
    /// What the operation weighs in the queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::StartSpan(start) => start.payload.weight(),
            Self::FinishSpan(finish) => finish.result.weight(),
            Self::Register(_)
            | Self::StartInstance { .. }
            | Self::FinishInstance { .. }
            | Self::ReleaseInstance { .. } => 0,
        }
    }
}
