//! Spans that are left out unless they fail, and then are sent with the spans above them.
//!
//! Of a run that the sample rate leaves out, or of a kind that is left out, nothing is known to be worth sending before a span
//! fails. So a span's start is held in memory until the span is over and nothing below it is left. A failed span is sent then,
//! after those above it, which are held as long as it is.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};

use crate::manager::span_manager::SpanManager;
use crate::operation::{InstanceKey, InstanceRecord, SpanFinish, SpanKey, SpanStart};
use crate::platform::clock::Timestamp;
use crate::platform::per_process::Succeed as _;
use crate::types::stats::DropReason;
use crate::types::status::SpanStatus;

/// The held spans of one run.
pub(crate) struct HeldRun {
    manager: Arc<SpanManager>,
    record: Arc<InstanceRecord>,
    phase: Mutex<Phase>,
    /// When its first span was made.
    started_at: OnceLock<Timestamp>,
    spans: Mutex<BTreeMap<SpanKey, Weak<Held>>>,
}

/// Where the run stands.
struct Phase {
    /// Whether the API knows it.
    is_registered: bool,
    /// Whether it has ended: spans that fail later are left out.
    is_over: bool,
}

/// A span that may have to be sent.
pub(crate) struct Held {
    run: Arc<HeldRun>,
    key: SpanKey,
    parent_key: Option<SpanKey>,
    /// The span above, where that is held as well.
    parent: Option<Arc<Held>>,
    schema_name: Cow<'static, str>,
    /// As which it is started.
    status: SpanStatus,
    at: Timestamp,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    payload: Box<[u8]>,
    end: Option<(End, Box<[u8]>)>,
    sent: Sent,
    /// Of the start, in the queue.
    number: u64,
}

/// How a span ended.
#[derive(Clone, Copy)]
pub(crate) struct End {
    pub(crate) status: SpanStatus,
    pub(crate) at: Timestamp,
    pub(crate) has_usage: bool,
}

/// The parts of a span that were sent.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Sent {
    #[default]
    Nothing,
    Start,
    All,
    /// The queue did not take the start, and counted it.
    Refused,
}

impl HeldRun {
    pub(crate) fn new(manager: Arc<SpanManager>, record: Arc<InstanceRecord>, is_recorded: bool) -> Self {
        let phase = Mutex::new(Phase { is_registered: is_recorded, is_over: false });
        Self { manager, record, phase, started_at: OnceLock::new(), spans: Mutex::default() }
    }

    pub(crate) fn key(&self) -> InstanceKey {
        self.record.key
    }

    pub(crate) fn start(&self, at: Timestamp) {
        let _ = self.started_at.set(at);
    }

    /// Whether the API knows the run.
    pub(crate) fn is_registered(&self) -> bool {
        lock(&self.phase).is_registered
    }

    /// Ends the run, and says whether the API knows it, and is to be told.
    pub(crate) fn finish(&self) -> bool {
        let mut phase = lock(&self.phase);
        phase.is_over = true;
        phase.is_registered
    }

    /// Tells the API of the run, before the first span of it that is sent. `false` where it is too late.
    fn register(&self) -> bool {
        let mut phase = lock(&self.phase);
        if phase.is_over || self.manager.is_closed() {
            return false;
        }
        if !phase.is_registered {
            phase.is_registered = true;
            self.manager.send_registration(&self.record);
            if let Some(at) = self.started_at.get() {
                self.manager.start_instance(self.key(), *at);
            }
        }
        true
    }
}

impl Held {
    /// Holds the start of a span.
    pub(crate) fn new(
        run: &Arc<HeldRun>,
        (key, parent_key): (SpanKey, Option<SpanKey>),
        schema_name: Cow<'static, str>,
        (status, at): (SpanStatus, Timestamp),
        payload: &[u8],
    ) -> Arc<Self> {
        let parent = parent_key.and_then(|key| lock(&run.spans).get(&key).and_then(Weak::upgrade));
        let payload = run.manager.held_bytes().copy(payload);
        let content = Mutex::new(Content { payload, ..Content::default() });
        let held = Self { run: Arc::clone(run), key, parent_key, parent, schema_name, status, at, content };
        let held = Arc::new(held);
        lock(&run.spans).insert(key, Arc::downgrade(&held));
        held
    }

    /// Ends the span. It is sent if it failed, or if its start was sent before.
    pub(crate) fn finish(&self, end: End, result: &[u8]) {
        if self.run.manager.is_inherited() {
            return;
        }
        // Keeps the result of a success too: a span below may still fail, and then this one is sent.
        let result = self.run.manager.held_bytes().copy(result);
        {
            let mut content = lock(&self.content);
            content.end = Some((end, result));
            self.send_end(&mut content);
        }
        if end.status == SpanStatus::Failed && self.run.register() {
            self.send_with_those_above();
        }
    }

    fn send_with_those_above(&self) {
        let mut path = vec![self];
        while let Some(above) = path.last().and_then(|held| held.parent.as_deref()) {
            path.push(above);
        }
        let mut nearest = path.last().and_then(|top| top.parent_key);
        let mut refusal = None;
        for held in path.into_iter().rev() {
            let mut content = lock(&held.content);
            refusal = held.send_start(&mut content, nearest).or(refusal);
            held.send_end(&mut content);
            if content.sent != Sent::Refused {
                nearest = Some(held.key);
            }
        }
        SpanManager::report(refusal);
    }

    fn send_start(&self, content: &mut Content, parent: Option<SpanKey>) -> Option<DropReason> {
        if content.sent != Sent::Nothing {
            return None;
        }
        let offer = self.run.manager.start_span(&self.run.record, &content.payload, || SpanStart {
            instance: self.run.key(),
            key: self.key,
            parent,
            schema_name: self.schema_name.clone(),
            status: self.status,
            at: self.at,
            payload: (),
        });
        self.run.manager.held_bytes().release(&mut content.payload);
        content.number = offer.unwrap_or_default();
        content.sent = if offer.is_ok() { Sent::Start } else { Sent::Refused };
        offer.err()
    }

    fn send_end(&self, content: &mut Content) {
        let Content { end: Some((end, result)), sent: sent @ Sent::Start, number, .. } = content else {
            return;
        };
        let End { status, at, has_usage } = *end;
        self.run.manager.finish_span(*number, result, || SpanFinish {
            instance: self.run.key(),
            key: self.key,
            status,
            at,
            result: (),
            has_usage,
            is_by_reference: false,
        });
        *sent = Sent::All;
        self.run.manager.held_bytes().release(result);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let (manager, content) = (&self.run.manager, self.content.get_mut());
        // In a forked process, the lock may belong to a thread that does not exist there.
        if !manager.is_inherited() {
            lock(&self.run.spans).remove(&self.key);
            let content = content.unwrap_or_else(PoisonError::into_inner);
            if content.sent == Sent::Nothing {
                manager.not_taken(DropReason::SampledOut);
            }
            manager.held_bytes().release(&mut content.payload);
            if let Some((_, result)) = &mut content.end {
                manager.held_bytes().release(result);
            }
        }
        // Drops the chain in a loop: recursion through thousands of parents would overflow the stack.
        let mut above = self.parent.take();
        while let Some(mut held) = above.and_then(Arc::into_inner) {
            above = held.parent.take();
        }
    }
}

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Held").field("schema_name", &self.schema_name).finish_non_exhaustive()
    }
}

/// No code of the program runs under these locks, and none can panic half-way through a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
