//! One agent instance: its registration, its ids, and whether the platform has ended it.

use std::borrow::Cow;
use std::future::poll_fn;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::pin;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::Poll;

use tokio::sync::watch;

use super::key::{InstanceKey, SpanKey};
use crate::platform::clock::Timestamp;
use crate::types::pfid::Pfid;
use crate::types::registration::{Attached, Registration};
use crate::types::remote_context::RemoteContext;
use crate::types::status::Terminated;

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

    /// Counts a span that the queue refused, and says whether it is the first.
    #[cold]
    pub(crate) fn span_refused(&self) -> bool {
        self.refused_spans.fetch_add(1, Relaxed) == 0
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

    /// Notes that somebody waits for the signal, and says whether nobody has before.
    pub(crate) fn watch(&self) -> bool {
        !self.is_watched.load(Relaxed) && !self.is_watched.swap(true, Relaxed) && self.is_terminable
    }

    /// The signal, if it has come. To be [watched](InstanceRecord::watch) for.
    pub(crate) fn termination(&self) -> Option<Terminated> {
        self.termination.borrow().clone()
    }

    /// Waits for the signal. To be [watched](InstanceRecord::watch) for.
    pub(crate) async fn terminated(&self) -> Terminated {
        let told = || self.termination.borrow().clone();
        let mut termination = self.termination.subscribe();
        let mut waiting = pin!(termination.wait_for(Option::is_some));
        // Asked at each poll: others may see the signal before this waiter is woken, and a run that is polled meanwhile would go on.
        poll_fn(|context| {
            if let Some(terminated) = told() {
                return Poll::Ready(terminated);
            }
            if waiting.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            told().map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }
}
