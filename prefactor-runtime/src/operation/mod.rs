//! Plain data that crosses from the callers' threads to the worker.

pub(crate) mod stored;

use std::borrow::Cow;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU64;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

use tokio::sync::watch;

use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::platform::random;
use crate::types::alert::Severity;
use crate::types::pfid::Pfid;
use crate::types::registration::{Attached, Registration};
use crate::types::remote_context::RemoteContext;
use crate::types::status::{InstanceStatus, SpanStatus, Terminated};

/// Tells one agent instance from another within the process, before and after the API has named it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct InstanceKey(pub(crate) u64);

/// Tells one span from another: all of its id but the account's partition, which may become known only after the span
/// was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpanKey {
    /// Milliseconds, and below them sixteen random bits.
    high: u64,
    low: NonZeroU64,
}

impl SpanKey {
    /// A new one, of this moment.
    pub(crate) fn generate(unix_millis: u64) -> Self {
        let (high, low) = random::bits();
        Self::of((unix_millis << 16) | (high & 0xffff), low)
    }

    /// Zero, which one in 2^64 would have, is taken as one.
    const fn of(high: u64, low: u64) -> Self {
        let low = match NonZeroU64::new(low) {
            Some(low) => low,
            None => NonZeroU64::MIN,
        };
        Self { high, low }
    }

    /// The key of a span that another process has made.
    pub(crate) fn of_id(id: Pfid) -> Self {
        let [high, low @ ..] = id.randomness().map(u64::from);
        let ([second, low @ ..], shift) = (low, 8_u32);
        let low = low.into_iter().fold(0, |number, byte| (number << shift) | byte);
        Self::of((id.unix_millis() << 16) | (high << shift) | second, low)
    }

    /// The id in an account.
    pub(crate) fn in_partition(self, partition: u32) -> Pfid {
        let random = (u128::from(self.high & 0xffff) << 64) | u128::from(self.low.get());
        Pfid::of_bits(self.high >> 16, partition, random)
    }

    /// The lowest 16 bits of the time, and the random bits above those of [`w3c_bytes`](SpanKey::w3c_bytes).
    #[cfg(feature = "openai")]
    pub(crate) const fn high_bits(self) -> u32 {
        (self.high & 0xffff_ffff) as u32
    }

    /// The last 8 bytes of the id, which are the span's id in W3C trace contexts and OTLP.
    pub(crate) const fn w3c_bytes(self) -> [u8; 8] {
        self.low.get().to_be_bytes()
    }

    /// Its two halves, by which it is written.
    #[cfg(feature = "spool")]
    pub(crate) const fn to_parts(self) -> (u64, u64) {
        (self.high, self.low.get())
    }

    #[cfg(feature = "spool")]
    pub(crate) const fn from_parts(high: u64, low: u64) -> Self {
        Self::of(high, low)
    }

    #[cfg(test)]
    pub(crate) const fn of_number(number: u32) -> Self {
        Self::of(1_000 << 16, number as u64 + 1)
    }
}

impl Hash for SpanKey {
    /// A part of the random bits, which is as good as all of them.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low.get());
    }
}

/// The next thing to be sent, in the order in which it happened.
///
/// Callers leave it without what was captured, which comes to the worker on a way of its own.
#[derive(Debug)]
pub(crate) enum Operation<P = Payload> {
    Register(Arc<InstanceRecord>),
    StartInstance {
        instance: InstanceKey,
        at: Timestamp,
    },
    FinishInstance {
        instance: InstanceKey,
        status: InstanceStatus,
        at: Timestamp,
    },
    /// The last handle of an instance is gone.
    ReleaseInstance {
        instance: InstanceKey,
        at: Timestamp,
    },
    StartSpan(SpanStart<P>),
    FinishSpan(SpanFinish<P>),
    Note(Note<P>),
}

/// What is said of a run beside its spans, each in a call of its own.
#[derive(Debug)]
pub(crate) struct Note<P = Payload> {
    pub(crate) instance: InstanceKey,
    /// Begins its idempotency key.
    pub(crate) key: SpanKey,
    pub(crate) kind: NoteKind,
    pub(crate) at: Timestamp,
    pub(crate) payload: P,
}

#[derive(Clone, Debug)]
pub(crate) enum NoteKind {
    Quality { name: String },
    QualityRemoved { name: String },
    AlertRaised { name: String, severity: Severity },
    AlertCleared { name: String },
    Terminate { reason: String },
}

impl NoteKind {
    /// Its name or reason.
    #[cfg(feature = "spool")]
    pub(crate) fn text_mut(&mut self) -> &mut String {
        match self {
            Self::Quality { name }
            | Self::QualityRemoved { name }
            | Self::AlertRaised { name, .. }
            | Self::AlertCleared { name } => name,
            Self::Terminate { reason } => reason,
        }
    }
}

#[derive(Debug)]
pub(crate) struct SpanStart<P = Payload> {
    pub(crate) instance: InstanceKey,
    pub(crate) key: SpanKey,
    pub(crate) parent: Option<SpanKey>,
    pub(crate) schema_name: Cow<'static, str>,
    /// `Active`, or `Pending` for a span that was cancelled before its start.
    pub(crate) status: SpanStatus,
    pub(crate) at: Timestamp,
    pub(crate) payload: P,
}

#[derive(Debug)]
pub(crate) struct SpanFinish<P = Payload> {
    pub(crate) instance: InstanceKey,
    pub(crate) key: SpanKey,
    pub(crate) status: SpanStatus,
    pub(crate) at: Timestamp,
    pub(crate) result: P,
    /// Whether the result tells what a model call used.
    pub(crate) has_usage: bool,
    /// Whether a reference names the span, which another process may have started.
    pub(crate) is_by_reference: bool,
}

impl SpanFinish {
    /// The end of a span that the program did not end.
    pub(crate) fn of_worker(instance: InstanceKey, key: SpanKey, status: SpanStatus, at: Timestamp) -> Self {
        let (has_usage, is_by_reference) = (false, false);
        Self { instance, key, status, at, result: Payload::default(), has_usage, is_by_reference }
    }
}

impl<P> Operation<P> {
    /// The same with another payload, which is asked for where there is one.
    pub(crate) fn map_payload<Q>(self, map: impl FnOnce(P) -> Q) -> Operation<Q> {
        match self {
            Self::Register(registration) => Operation::Register(registration),
            Self::StartInstance { instance, at } => Operation::StartInstance { instance, at },
            Self::FinishInstance { instance, status, at } => {
                Operation::FinishInstance { instance, status, at }
            }
            Self::ReleaseInstance { instance, at } => Operation::ReleaseInstance { instance, at },
            Self::StartSpan(SpanStart { instance, key, parent, schema_name, status, at, payload }) => {
                let payload = map(payload);
                Operation::StartSpan(SpanStart { instance, key, parent, schema_name, status, at, payload })
            }
            Self::FinishSpan(SpanFinish {
                instance,
                key,
                status,
                at,
                result,
                has_usage,
                is_by_reference,
            }) => {
                let result = map(result);
                Operation::FinishSpan(SpanFinish {
                    instance,
                    key,
                    status,
                    at,
                    result,
                    has_usage,
                    is_by_reference,
                })
            }
            Self::Note(Note { instance, key, kind, at, payload }) => {
                Operation::Note(Note { instance, key, kind, at, payload: map(payload) })
            }
        }
    }
}

impl Operation {
    /// Whether a span is counted with it.
    #[cfg(feature = "spool")]
    pub(crate) fn is_span(&self) -> bool {
        match self {
            Self::StartSpan(_) => true,
            Self::FinishSpan(finish) => finish.is_by_reference,
            _ => false,
        }
    }

    /// What the operation weighs in the queue, in bytes.
    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::StartSpan(start) => start.payload.weight(),
            Self::FinishSpan(finish) => finish.result.weight(),
            Self::Note(note) => note.payload.weight(),
            Self::Register(_)
            | Self::StartInstance { .. }
            | Self::FinishInstance { .. }
            | Self::ReleaseInstance { .. } => Payload::weight_of(0),
        }
    }
}

/// One agent instance, shared between its handles and the worker.
#[derive(Debug)]
pub(crate) struct InstanceRecord {
    pub(crate) key: InstanceKey,
    pub(crate) registration: Registration,
    /// Begins the idempotency keys of the instance's own requests.
    pub(crate) nonce: Pfid,
    /// The body of the registration, for a run of another process.
    pub(crate) adopted_body: Option<Box<[u8]>>,
    /// The API's id; written once by the worker, when the registration is answered.
    id: OnceLock<String>,
    /// Written by the worker, when an answer carries the signal; awaited by `AgentInstance::run`.
    termination: watch::Sender<Option<Terminated>>,
    is_watched: AtomicBool,
    /// Spans of it that the queue refused; counted by callers, read by the worker.
    refused_spans: AtomicU64,
    /// Whether the platform may end the run.
    is_terminable: bool,
}

// Each field changes in one step, so a panic leaves none half-way. tokio's `watch` has these traits itself,
// unless a crate of the program enables tokio's feature `parking_lot`.
impl RefUnwindSafe for InstanceRecord {}
impl UnwindSafe for InstanceRecord {}

impl InstanceRecord {
    pub(crate) fn new(key: InstanceKey, registration: impl Into<Registration>) -> Self {
        let registration = registration.into();
        let joined = registration.joined.as_deref();
        let nonce = match joined {
            Some(caller) => Pfid::of_trace_id(caller.parent.trace_id),
            None => SpanKey::generate(Timestamp::now().unix_millis()).in_partition(0),
        };
        let attached = match &registration.attached {
            Some(Attached::Id(id)) => Some(id.as_str()),
            Some(Attached::ExternalIdentifier(_)) | None => None,
        };
        let id = joined.and_then(RemoteContext::run_id).or(attached).map(str::to_owned);
        Self {
            key,
            registration,
            nonce,
            id: id.map_or_else(OnceLock::new, OnceLock::from),
            adopted_body: None,
            termination: watch::Sender::new(None),
            is_watched: AtomicBool::new(false),
            refused_spans: AtomicU64::new(0),
            is_terminable: true,
        }
    }

    /// The caller in another process whose run this is: it is registered, started and finished there.
    pub(crate) fn joined(&self) -> Option<&RemoteContext> {
        self.registration.joined.as_deref()
    }

    pub(crate) fn is_joined(&self) -> bool {
        self.registration.joined.is_some() || self.registration.attached.is_some()
    }

    /// Says whether the platform may end runs that do not say so themselves.
    pub(crate) fn terminable_by_default(mut self, is_terminable: bool) -> Self {
        self.is_terminable = self.registration.is_terminable.unwrap_or(is_terminable);
        self
    }

    /// A run of another process, as it was registered there.
    #[cfg(feature = "spool")]
    pub(crate) fn adopted(key: InstanceKey, nonce: Pfid, body: Box<[u8]>) -> Self {
        let said: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
        let mut registration = Registration::new("");
        registration.external_identifier = said["external_identifier"].as_str().map(str::to_owned);
        Self { nonce, adopted_body: Some(body), ..Self::new(key, registration) }
    }

    pub(crate) fn id(&self) -> Option<&str> {
        self.id.get().map(String::as_str)
    }

    /// The run's id in W3C trace contexts and OTLP: 6 bytes of time and 10 random ones.
    pub(crate) fn trace_id(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&self.nonce.unix_millis().to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&self.nonce.randomness());
        bytes
    }

    /// [`trace_id`](InstanceRecord::trace_id) as 32 hexadecimal digits.
    pub(crate) fn trace_id_text(&self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.trace_id()))
    }

    /// The identifier under which the API can be asked for the run.
    pub(crate) fn external_identifier(&self) -> Cow<'_, str> {
        match &self.registration.external_identifier {
            Some(identifier) => Cow::Borrowed(identifier),
            None => Cow::Owned(self.trace_id_text()),
        }
    }

    #[cold]
    pub(crate) fn span_refused(&self) {
        self.refused_spans.fetch_add(1, Relaxed);
    }

    pub(crate) fn refused_spans(&self) -> u64 {
        self.refused_spans.load(Relaxed)
    }

    pub(crate) fn registered(&self, id: String) {
        let _ = self.id.set(id);
    }

    /// The first reason wins.
    pub(crate) fn terminate(&self, terminated: Terminated) {
        if !self.is_terminable {
            return;
        }
        self.termination.send_if_modified(|termination| {
            let is_first = termination.is_none();
            if is_first {
                *termination = Some(terminated);
            }
            is_first
        });
    }

    /// Whether anybody waits for the signal, or has asked for it.
    pub(crate) fn is_watched(&self) -> bool {
        self.is_terminable && self.is_watched.load(Relaxed)
    }

    pub(crate) fn termination(&self) -> Option<Terminated> {
        self.is_watched.store(true, Relaxed);
        self.termination.borrow().clone()
    }

    pub(crate) async fn terminated(&self) -> Terminated {
        self.is_watched.store(true, Relaxed);
        let mut termination = self.termination.subscribe();
        match termination.wait_for(Option::is_some).await.map(|signal| signal.clone()) {
            Ok(Some(terminated)) => terminated,
            _ => std::future::pending().await,
        }
    }
}

/// What is known of the account: the partition that its ids share.
#[derive(Debug)]
pub(crate) struct Account {
    /// Written by the worker, read by everybody: the partition plus one, or 0 while it is unknown.
    partition: AtomicU32,
    provisional_partition: u32,
}

impl Account {
    pub(crate) fn new(known: Option<Pfid>) -> Self {
        let provisional_partition = (random::bits().0 >> 32) as u32 & Pfid::MAX_PARTITION;
        let account = Self { partition: AtomicU32::new(0), provisional_partition };
        if let Some(id) = known {
            account.set_partition(id);
        }
        account
    }

    /// Takes over the partition of an id that belongs to the account. The last one wins: a server that starts anew may have
    /// another.
    pub(crate) fn set_partition(&self, id: Pfid) {
        self.partition.store(id.partition() + 1, Relaxed);
    }

    pub(crate) fn forget_partition(&self) {
        self.partition.store(0, Relaxed);
    }

    /// The partition that stands in for the account's where no id of the API tells it.
    pub(crate) fn provisional_partition(&self) -> u32 {
        self.partition.load(Relaxed).checked_sub(1).unwrap_or(self.provisional_partition)
    }

    /// An id of the account's partition, once that is known.
    pub(crate) fn partition(&self) -> Option<Pfid> {
        self.partition.load(Relaxed).checked_sub(1).map(|partition| Pfid::of_bits(0, partition, 0))
    }

    /// The span's id in the API, once the account's partition is known.
    pub(crate) fn known_span_id(&self, key: SpanKey) -> Option<Pfid> {
        Some(key.in_partition(self.partition.load(Relaxed).checked_sub(1)?))
    }

    /// The span's id as the API will know it. Before the partition is known, a random one stands in for it.
    #[cfg(test)]
    pub(crate) fn span_id(&self, key: SpanKey) -> Pfid {
        let partition = self.partition.load(Relaxed).checked_sub(1);
        key.in_partition(partition.unwrap_or(self.provisional_partition))
    }
}
