//! The callers' end of the queue: bounded, and nobody waits in it.
//!
//! Callers leave what they have on one of several lines, each behind a lock that is held for as long as it takes to copy
//! some hundred bytes. A thread has a line that it tries first, and takes the next where that is held. The
//! worker ([`inbox`](crate::delivery::queue::receiver)) takes a line's whole content at once. What is on the lines has numbers, by which it
//! comes into one order again.

use std::cell::Cell;
use std::fmt;
use std::iter::once_with;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use bytes::BytesMut;
use tokio::sync::Notify;

use crate::config::settings::QueueLimits;
use crate::delivery::queue::receiver::Inbox;
use crate::delivery::queue::usage::Gauge;
use crate::operation::Operation;
use crate::payload::{MAX_SHARED, Payload};
use crate::platform::fork;
use crate::types::stats::{DropReason, FlushReport};
use crate::types::status::InstanceStatus;

/// What callers say to the worker, in one order.
pub(crate) enum Message<P = Payload> {
    Operation(Operation<P>),
    Flush { deadline: Instant, reply: Reply },
    Shutdown { deadline: Instant, status: InstanceStatus, reply: Reply },
}

impl Message<()> {
    pub(crate) fn with_payload(self, payload: Payload) -> Message {
        match self {
            Self::Operation(operation) => Message::Operation(operation.map_payload(|()| payload)),
            Self::Flush { deadline, reply } => Message::Flush { deadline, reply },
            Self::Shutdown { deadline, status, reply } => Message::Shutdown { deadline, status, reply },
        }
    }
}

/// How the worker answers: into a channel for threads, or into one for tasks.
pub(crate) type Reply = Box<dyn FnOnce(FlushReport) + Send>;

/// More than the threads that run at the same moment on most machines.
pub(crate) const LINES: usize = 16;

/// What callers and worker share.
#[derive(Debug)]
pub(crate) struct Lines {
    all: [Line; LINES],
    gauge: Arc<Gauge>,
    /// Whether the worker waits to be woken, because nothing has come for a while.
    pub(crate) is_asleep: AtomicBool,
    pub(crate) alarm: Notify,
    /// Whether the last caller is gone.
    pub(crate) is_orphaned: AtomicBool,
    /// The process to which the worker belongs.
    generation: u32,
}

/// On cache lines of its own, for threads that use different ones must not get into each other's way.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Line(Mutex<Content>);

#[derive(Debug, Default)]
pub(crate) struct Content {
    /// Those that are full, the oldest first.
    pub(crate) full: Vec<Batch>,
    /// The last one.
    pub(crate) batch: Batch,
    /// Empty ones, for the next: fresh memory costs more than all else.
    pub(crate) spare: Vec<Batch>,
    /// Whether nobody will look here any more.
    pub(crate) is_closed: bool,
    /// What the worker has settled, when it was last asked.
    settled: u64,
}

/// What was left on a line one after another. It is small, for it goes as a whole.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) queued: Vec<Queued>,
    /// The tapes of all of them, one after another.
    pub(crate) tapes: BytesMut,
}

/// What a longer one leaves room for: the finish that often follows it.
const AFTER_LONG: usize = 1 << 10;

#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) number: u64,
    /// Bytes of its tape.
    pub(crate) tape: usize,
    pub(crate) message: Message<()>,
}

impl<P> fmt::Debug for Message<P> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Message")
    }
}

/// The callers' end.
#[derive(Debug)]
pub(crate) struct Queue {
    lines: Arc<Lines>,
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits) -> (Self, Inbox) {
        let lines = Arc::new(Lines {
            all: Default::default(),
            gauge: Arc::new(Gauge::new(limits)),
            is_asleep: AtomicBool::new(false),
            alarm: Notify::new(),
            is_orphaned: AtomicBool::new(false),
            generation: fork::generation(),
        });
        (Self { lines: Arc::clone(&lines) }, Inbox::new(lines))
    }

    /// A queue that nobody reads: everything is refused, and so counted.
    pub(crate) fn without_worker(limits: QueueLimits) -> Self {
        Self::new(limits).0
    }

    /// Offers the start of a span with that payload, which may be refused.
    #[inline]
    pub(crate) fn offer(
        &self,
        tape: &[u8],
        operation: impl FnOnce() -> Operation<()>,
    ) -> Result<(), DropReason> {
        let gauge = &self.lines.gauge;
        self.lines.leave(
            tape,
            || Message::Operation(operation()),
            |content| {
                let weight = Payload::weight_of(tape.len());
                // The worker's count is in its own cache: it is asked only when its last answer would not do.
                if gauge.has_room_since(content.settled, weight) {
                    return true;
                }
                content.settled = gauge.settled();
                gauge.has_room_since(content.settled, weight)
            },
        )
    }

    /// Takes what belongs to something that was accepted: room for it is not asked for again.
    #[inline]
    pub(crate) fn push(
        &self,
        tape: &[u8],
        operation: impl FnOnce() -> Operation<()>,
    ) -> Result<(), DropReason> {
        self.lines.leave(tape, || Message::Operation(operation()), |_| true)
    }

    /// Asks for word when everything offered so far is settled, or at the deadline. Without a worker the reply
    /// is dropped.
    pub(crate) fn flush(&self, deadline: Instant, reply: Reply) {
        self.ask(|| Message::Flush { deadline, reply });
    }

    /// As [`Queue::flush`], for everything that is still open too; nothing is accepted afterwards.
    pub(crate) fn shutdown(&self, deadline: Instant, status: InstanceStatus, reply: Reply) {
        self.ask(|| Message::Shutdown { deadline, status, reply });
    }

    /// Somebody waits for this: the worker is told, whether it sleeps or would look soon.
    fn ask(&self, message: impl FnOnce() -> Message<()>) {
        let _ = self.lines.leave(&[], message, |_| true);
        self.lines.wake();
    }
}

impl Content {
    #[inline]
    fn make_room(&mut self, tape: usize) {
        let tapes = &self.batch.tapes;
        if tapes.len() + tape > MAX_SHARED.max(tapes.capacity()) {
            self.begin_batch(tape);
        }
    }

    #[cold]
    fn begin_batch(&mut self, tape: usize) {
        if self.batch.queued.is_empty() {
            return;
        }
        // A long one gets the room that it needs and no more.
        let spare = if tape > MAX_SHARED { None } else { self.spare.pop() };
        let next = spare.unwrap_or_else(|| Batch {
            queued: Vec::with_capacity(self.batch.queued.len()),
            tapes: BytesMut::with_capacity(MAX_SHARED.max(tape + AFTER_LONG)),
        });
        self.full.push(std::mem::replace(&mut self.batch, next));
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.lines.is_orphaned.store(true, SeqCst);
        self.lines.wake();
    }
}

impl Lines {
    pub(crate) fn gauge(&self) -> &Arc<Gauge> {
        &self.gauge
    }

    pub(crate) fn line(&self, number: usize) -> MutexGuard<'_, Content> {
        // Nothing under the lock can panic half-way.
        self.all[number].0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[inline]
    fn leave(
        &self,
        tape: &[u8],
        message: impl FnOnce() -> Message<()>,
        has_room: impl FnOnce(&mut Content) -> bool,
    ) -> Result<(), DropReason> {
        {
            let mut content = self.any_line();
            if content.is_closed {
                return Err(DropReason::WorkerLost);
            }
            if !has_room(&mut content) {
                return Err(DropReason::QueueFull);
            }
            let number = self.gauge.add(Payload::weight_of(tape.len()));
            content.make_room(tape.len());
            content.batch.tapes.extend_from_slice(tape);
            // Made where it stays: there is room for it before it is.
            content.batch.queued.extend(once_with(|| Queued {
                number,
                tape: tape.len(),
                message: message(),
            }));
        }
        // Either it is seen here that the worker sleeps, or there that something was added.
        if self.is_asleep.load(SeqCst) && self.is_asleep.swap(false, SeqCst) {
            self.wake();
        }
        Ok(())
    }

    /// Wakes the worker, or has it look at once.
    ///
    /// Not in a process that was forked off: there it is no more, and what is written on its stack that it waits may have
    /// become something else.
    #[cold]
    fn wake(&self) {
        if self.generation == fork::generation() {
            self.alarm.notify_one();
        }
    }

    /// The thread's line, or the next one that nobody holds.
    #[inline]
    fn any_line(&self) -> MutexGuard<'_, Content> {
        let own = own_line();
        match self.all[own].0.try_lock() {
            Ok(content) => content,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => self.another_line(own),
        }
    }

    #[cold]
    fn another_line(&self, own: usize) -> MutexGuard<'_, Content> {
        let others = (1..LINES).map(|distance| (own + distance) % LINES);
        let mut free = others.filter_map(|number| self.all[number].0.try_lock().ok());
        // All held at once, by threads of which none holds one for long.
        free.next().unwrap_or_else(|| self.line(own))
    }
}

#[inline]
fn own_line() -> usize {
    const NONE: usize = usize::MAX;
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<usize> = const { Cell::new(NONE) };
    }
    OWN.with(|own| {
        if own.get() == NONE {
            own.set(NEXT.fetch_add(1, Relaxed) % LINES);
        }
        own.get()
    })
}
