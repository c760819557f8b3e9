//! Plain data that crosses from the callers' threads to the worker.

mod account;
mod instance_record;
mod key;
pub(crate) mod stored;

use std::borrow::Cow;
use std::sync::Arc;

use crate::payload::Payload;
use crate::platform::clock::Timestamp;
use crate::types::alert::Severity;
use crate::types::status::{InstanceStatus, SpanStatus};

pub(crate) use account::Account;
pub(crate) use instance_record::InstanceRecord;
pub(crate) use key::{InstanceKey, SpanKey};

/// The next thing to be sent, in the order in which it happened.
///
/// Callers push it without its payload, whose bytes go to the worker separately.
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

/// A quality, an alert or a termination of a run, each in a call of its own.
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
    /// Whether the result has the usage of a model call.
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

    /// The weight of the operation in the queue, in bytes.
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
