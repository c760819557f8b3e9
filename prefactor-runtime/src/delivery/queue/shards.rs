//! The state that both ends of the queue share: shards behind locks, and the waker of the worker.
//!
//! A caller appends to one of several shards, under a lock that is held while some hundred bytes are copied. A thread has a
//! shard that it tries first and takes the next one while that is held. The worker takes the whole content of a shard at
//! once. Messages carry numbers, by which the worker puts the content of all shards into one order.

use std::fmt;
use std::iter::once_with;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::{Arc, PoisonError, TryLockError};
use std::time::Instant;

use bytes::BytesMut;

use super::sync::{AtomicBool, Mutex, MutexGuard, Notify, own_shard};
use super::usage::{QueueUsage, one};
use crate::config::settings::QueueLimits;
use crate::operation::Operation;
use crate::payload::{MAX_SHARED, Payload};
use crate::platform::fork;
use crate::types::stats::DropReason;
use crate::types::status::InstanceStatus;

/// More than the threads that run at the same moment on most machines.
pub(crate) const SHARDS: usize = if cfg!(all(test, prefactor_loom)) { 2 } else { 16 };

/// Room that a batch with one long payload keeps, for the finish that often follows it.
const AFTER_LONG: usize = 1 << 10;

/// Batches or messages that a list has room for at first. An allocator keeps small pieces for the thread that frees them, and with
/// them all that lies below: such a list is larger.
const MIN_LIST: usize = 64;

/// A message of a caller to the worker.
pub(crate) enum Message<P = Payload> {
    Operation(Operation<P>),
    /// A run is to be attended to, of which nothing may come.
    Attend,
    Flush {
        deadline: Instant,
        reply: Reply,
    },
    Shutdown {
        deadline: Instant,
        status: InstanceStatus,
        reply: Reply,
    },
}

/// How the worker answers: into a channel for threads, or into one for tasks.
pub(crate) use crate::export::countdown::Reply;

/// The state that callers and worker share.
#[derive(Debug)]
pub(crate) struct Shards {
    all: [Shard; SHARDS],
    pub(super) usage: Arc<QueueUsage>,
    /// Whether the worker waits to be woken. Written by the worker before it waits, taken back by the caller that wakes it.
    pub(super) is_parked: AtomicBool,
    /// Whether the worker makes a long pause between two looks. Written by it, read by the caller that fills a batch.
    pub(super) is_resting: AtomicBool,
    pub(super) wake: Notify,
    /// Whether the last caller is gone. Written by the sender's drop, read by the worker.
    pub(super) is_orphaned: AtomicBool,
    /// The process to which the worker belongs.
    fork_generation: u32,
}

/// On cache lines of its own: threads that use different shards must not slow each other down.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard(Mutex<ShardState>);

/// Appended to by callers, emptied by the worker, both under the shard's lock.
#[derive(Debug, Default)]
pub(super) struct ShardState {
    /// Batches that are full, the oldest first.
    pub(super) full: Vec<Batch>,
    /// The batch that is appended to.
    pub(super) batch: Batch,
    /// Empty batches: fresh memory costs a caller more than everything else.
    pub(super) spare: Vec<Batch>,
    /// Whether the worker has stopped reading.
    pub(super) is_closed: bool,
    /// The sum of all operations after the last that was added here, and the worker's of those that are settled, at their last
    /// reading by a caller.
    added: u64,
    settled: u64,
    /// Operations of this shard that the sum does not have yet.
    pub(super) not_added: u64,
}

/// Messages of one shard, in the order of their arrival. A batch is small, because it is freed or reused as a whole.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) queued: Vec<Queued>,
    /// The tapes of all of them, one after another.
    pub(super) tapes: BytesMut,
}

#[derive(Debug)]
pub(super) struct Queued {
    pub(super) number: u64,
    /// Bytes of its tape.
    pub(super) tape: usize,
    pub(super) message: Message<()>,
}

impl Shards {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            all: Default::default(),
            usage: Arc::new(QueueUsage::new(limits)),
            is_parked: AtomicBool::new(false),
            is_resting: AtomicBool::new(false),
            wake: Notify::new(),
            is_orphaned: AtomicBool::new(false),
            fork_generation: fork::generation(),
        }
    }

    pub(super) fn lock(&self, number: usize) -> MutexGuard<'_, ShardState> {
        // No code under the lock panics between two writes, so the state is consistent after a panic too.
        self.all[number].0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends the start of a span, if the limits leave room for it, and gives its number.
    #[inline]
    pub(super) fn offer(
        &self,
        tape: &[u8],
        message: impl FnOnce() -> Message<()>,
    ) -> Result<u64, DropReason> {
        self.append(tape, message, |state, weight| {
            // Reading a word that others write costs a cache miss, so the last readings are used while they leave much room.
            if !self.usage.has_much_room(state.added, state.settled, weight) {
                state.settled = self.usage.settled();
                if !self.usage.has_room_since(state.settled, weight) {
                    return None;
                }
            }
            let number = self.add(state, weight);
            if self.usage.is_over(number, state.settled, weight) {
                // Others have added much, or the last reading is old.
                state.settled = self.usage.settled();
                if self.usage.is_over(number, state.settled, weight) {
                    self.usage.release(weight);
                    return None;
                }
            }
            Some(number)
        })
    }

    /// Appends what belongs to something that was accepted, whatever the limits.
    #[inline]
    pub(super) fn push(&self, tape: &[u8], message: impl FnOnce() -> Message<()>) -> Result<(), DropReason> {
        self.append(tape, message, |state, weight| Some(self.add(state, weight))).map(drop)
    }

    /// Appends what has to come after the message of that number, and after no other: the end of a span. Where a later message
    /// waits in the shard, this one takes its number and comes right behind it, so that it does without the sum of all.
    #[inline]
    pub(super) fn push_after(
        &self,
        before: u64,
        tape: &[u8],
        message: impl FnOnce() -> Message<()>,
    ) -> Result<(), DropReason> {
        let number = |state: &mut ShardState, weight| {
            let last = state.batch.queued.last().map(|last| last.number);
            let last = last.filter(|last| last.wrapping_sub(before) <= u64::MAX / 2);
            if last.is_some() {
                state.not_added = state.not_added.wrapping_add(one(weight));
                return last;
            }
            Some(self.add(state, weight))
        };
        self.append(tape, message, number).map(drop)
    }

    /// Adds an operation to the sum, with those of the shard that it does not have yet. Gives its number.
    #[inline]
    fn add(&self, state: &mut ShardState, weight: usize) -> u64 {
        let more = one(weight).wrapping_add(std::mem::take(&mut state.not_added));
        let number = self.usage.add_all(more);
        state.added = number.wrapping_add(more);
        number
    }

    #[inline]
    fn append(
        &self,
        tape: &[u8],
        message: impl FnOnce() -> Message<()>,
        number: impl FnOnce(&mut ShardState, usize) -> Option<u64>,
    ) -> Result<u64, DropReason> {
        let (number, has_filled) = {
            let mut state = self.lock_any();
            if state.is_closed {
                return Err(DropReason::WorkerLost);
            }
            let number = number(&mut state, Payload::weight_of(tape.len())).ok_or(DropReason::QueueFull)?;
            let has_filled = state.make_room(tape.len());
            state.batch.tapes.extend_from_slice(tape);
            // `extend` reserves first and builds the message in place, where `push` would copy it.
            state.batch.queued.extend(once_with(|| Queued { number, tape: tape.len(), message: message() }));
            (number, has_filled)
        };
        // `SeqCst` here, in `QueueUsage::add_all` and where the worker parks: either this thread sees that the worker is parked,
        // or the worker sees that something was added.
        if self.is_parked.load(SeqCst) && self.is_parked.swap(false, SeqCst)
            || has_filled && self.is_resting.swap(false, SeqCst)
        {
            self.wake();
        }
        Ok(number)
    }

    /// Wakes the worker, or cuts its pause between two looks short.
    ///
    /// Not in a forked child: the worker thread does not exist there, and its waker points into a stack that may have been
    /// reused.
    #[cold]
    pub(super) fn wake(&self) {
        if self.fork_generation == fork::generation() {
            self.wake.notify_one();
        }
    }

    /// The thread's shard, or the next one that nobody holds.
    #[inline]
    fn lock_any(&self) -> MutexGuard<'_, ShardState> {
        let own = own_shard(SHARDS);
        match self.all[own].0.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => self.lock_another(own),
        }
    }

    #[cold]
    fn lock_another(&self, own: usize) -> MutexGuard<'_, ShardState> {
        let others = (1..SHARDS).map(|distance| (own + distance) % SHARDS);
        let mut free = others.filter_map(|number| self.all[number].0.try_lock().ok());
        free.next().unwrap_or_else(|| self.lock(own))
    }
}

impl ShardState {
    /// Whether a batch was full.
    #[inline]
    fn make_room(&mut self, tape: usize) -> bool {
        let tapes = &self.batch.tapes;
        tapes.len() + tape >= tapes.capacity() && self.begin_batch(tape)
    }

    #[cold]
    fn begin_batch(&mut self, tape: usize) -> bool {
        if self.batch.queued.is_empty() {
            // None was left for this shard, or none is large enough.
            self.batch.tapes.reserve(MAX_SHARED.max(tape + AFTER_LONG));
            self.batch.queued.reserve(MIN_LIST);
            return false;
        }
        let spare = if tape > MAX_SHARED { None } else { self.spare.pop() };
        let next = spare.unwrap_or_else(|| Batch {
            queued: Vec::with_capacity(self.batch.queued.len().max(MIN_LIST)),
            tapes: BytesMut::with_capacity(MAX_SHARED.max(tape + AFTER_LONG)),
        });
        if self.full.capacity() == 0 {
            self.full.reserve(MIN_LIST);
        }
        self.full.push(std::mem::replace(&mut self.batch, next));
        true
    }
}

impl Message<()> {
    pub(super) fn with_payload(self, payload: Payload) -> Message {
        match self {
            Self::Operation(operation) => Message::Operation(operation.map_payload(|()| payload)),
            Self::Attend => Message::Attend,
            Self::Flush { deadline, reply } => Message::Flush { deadline, reply },
            Self::Shutdown { deadline, status, reply } => Message::Shutdown { deadline, status, reply },
        }
    }
}

impl<P> fmt::Debug for Message<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Message")
    }
}
