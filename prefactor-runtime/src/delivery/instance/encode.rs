//! Encodes the calls of an instance, and tells which of them may be sent.

#[cfg(feature = "schemas")]
use std::borrow::Cow;

use crate::config::settings::Identity;
use crate::delivery::instance::span::PendingFinish;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::instance::state::{InstanceFinish, TypesSent};
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::operation::SpanKey;
#[cfg(feature = "schemas")]
use crate::operation::SpanStart;
use crate::payload::Payload;
#[cfg(feature = "schemas")]
use crate::payload::Redact as _;
use crate::payload::byte_arena::ByteArena;
use crate::platform::key_map::KeyMap;
use crate::redaction::Redaction;
use crate::transport::Request;
use crate::wire::{self, Create, EncodedCall, SpanId};

/// Values that the calls of all instances of a client are encoded with.
#[derive(Debug)]
pub(crate) struct EncodeContext<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) redaction: &'a Redaction,
    /// Whether the API makes the ids of spans.
    pub(crate) server_ids: bool,
}

#[cfg(feature = "schemas")]
impl EncodeContext<'_> {
    /// Notes the name of a span, as it is sent, for the registrations after it.
    fn see(&self, start: &SpanStart) {
        match &start.schema_name {
            Cow::Borrowed(name) => self.identity.schema_version.see(name),
            Cow::Owned(name) => self.identity.schema_version.see(&self.redaction.shape(name, false)),
        }
    }
}

/// Whether a call may go in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readiness {
    Ready,
    /// It waits for another call, which will make it ready again.
    Blocked,
}

impl InstanceDelivery {
    /// Whether a call may go in that request: what it depends on is accepted, or ahead of it in the same request.
    /// One that may not waits with what it depends on.
    pub(crate) fn readiness(&mut self, call: ApiCall, request: u64) -> Readiness {
        match call {
            ApiCall::CreateSpan(key) => {
                let entry = self.spans.get_mut(&key).filter(|entry| !entry.is_accepted() && !entry.is_held);
                let Some(entry) = entry else { return Readiness::Blocked };
                let parent = entry.start.parent;
                let parent = parent.and_then(|parent| self.spans.get_mut(&parent));
                match parent {
                    Some(parent) if !parent.is_accepted() && parent.create.flight != Some(request) => {
                        parent.children.push(key);
                        Readiness::Blocked
                    }
                    _ => Readiness::Ready,
                }
            }
            ApiCall::FinishSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return Readiness::Blocked };
                if entry.is_accepted() || entry.create.flight == Some(request) {
                    return Readiness::Ready;
                }
                if let Some(finish) = &mut entry.finish {
                    finish.is_queued = false;
                }
                Readiness::Blocked
            }
            ApiCall::Register | ApiCall::Start | ApiCall::Finish | ApiCall::Note(_) | ApiCall::Poll => {
                Readiness::Ready
            }
        }
    }

    /// The tries of a call that can still be made.
    pub(crate) fn attempt(&mut self, call: ApiCall) -> Option<&mut Attempt> {
        match call {
            ApiCall::Register => self.register.is_some().then_some(&mut self.registering),
            ApiCall::Start => self.start.is_some().then_some(&mut self.starting),
            ApiCall::Finish => self.finish.as_mut().map(|finish| &mut finish.attempt),
            ApiCall::CreateSpan(key) => self.spans.get_mut(&key).map(|entry| &mut entry.create),
            ApiCall::FinishSpan(key) => {
                let finish = self.spans.get_mut(&key)?.finish.as_mut()?;
                Some(&mut finish.attempt)
            }
            ApiCall::Note(number) => self.notes.get_mut(&number).map(|entry| &mut entry.attempt),
            ApiCall::Poll => None,
        }
    }

    /// The words that a call of a span was sent in.
    pub(crate) fn message_of(&self, call: ApiCall) -> Option<&EncodedCall> {
        match call {
            ApiCall::CreateSpan(key) => self.spans.get(&key)?.create.message.as_ref(),
            ApiCall::FinishSpan(key) => self.spans.get(&key)?.finish.as_ref()?.attempt.message.as_ref(),
            ApiCall::Register | ApiCall::Start | ApiCall::Finish | ApiCall::Note(_) | ApiCall::Poll => None,
        }
    }

    /// The words of a call, fixed by the first time that they are asked for. `None` when there is nothing left to say.
    pub(crate) fn message(
        &mut self,
        call: ApiCall,
        context: &EncodeContext<'_>,
        pages: &mut ByteArena,
    ) -> Option<&EncodedCall> {
        match call {
            ApiCall::CreateSpan(key) => self.encode_create(key, context, pages),
            ApiCall::FinishSpan(key) => self.encode_finish(key, context, pages),
            ApiCall::Register | ApiCall::Start | ApiCall::Finish | ApiCall::Note(_) => {
                if self.attempt(call)?.message.is_none() {
                    if call == ApiCall::Register {
                        self.choose_types(context.identity);
                    }
                    let message = self.encode_instance_call(call, context)?;
                    self.attempt(call)?.message = Some(message);
                }
                self.attempt(call)?.message.as_ref()
            }
            ApiCall::Poll => None,
        }
    }

    /// The question whether the instance was terminated.
    pub(crate) fn poll(&self) -> Option<Request> {
        self.id().map(wire::poll)
    }

    /// The calls that depend on this call and could follow it in the same request.
    pub(crate) fn dependents(&mut self, call: ApiCall) -> Vec<ApiCall> {
        let ApiCall::CreateSpan(key) = call else { return Vec::new() };
        let Some(entry) = self.spans.get_mut(&key) else { return Vec::new() };
        let mut calls: Vec<_> =
            std::mem::take(&mut entry.children).into_iter().map(ApiCall::CreateSpan).collect();
        let is_terminal = entry.is_terminal();
        if let Some(finish) = entry.finish.as_mut().filter(|finish| !is_terminal && !finish.is_queued) {
            finish.is_queued = true;
            calls.push(ApiCall::FinishSpan(key));
        }
        calls
    }

    /// Decides whether the registration says anything of the types of spans.
    fn choose_types(&mut self, identity: &Identity) {
        if self.types == TypesSent::Refused {
            identity.schema_version.refuse();
        } else if wire::says_types(&self.registration, identity) {
            self.types = TypesSent::Sent(identity.schema_version.identifier());
        }
    }

    /// The identifier of the schema version with which this process registered the run, once the API has taken it.
    pub(crate) fn sent_types(&self) -> Option<&str> {
        match &self.types {
            TypesSent::Sent(identifier) if self.id().is_some() && !self.is_adopted() => Some(identifier),
            _ => None,
        }
    }

    fn encode_instance_call(&self, call: ApiCall, context: &EncodeContext<'_>) -> Option<EncodedCall> {
        let nonce = self.registration.nonce;
        let id = self.id();
        match call {
            ApiCall::Register if self.registration.is_joined() => {
                Some(wire::find_instance(&self.registration.external_identifier()))
            }
            ApiCall::Register => {
                let key = self.registering.key(nonce, "register");
                Some(wire::register(&self.registration, context.identity, key))
            }
            ApiCall::Start => {
                let (at, _) = self.start.as_ref()?;
                Some(wire::start_instance(id?, *at, self.starting.key(nonce, "start")))
            }
            ApiCall::Finish => {
                let InstanceFinish { status, at, attempt, .. } = self.finish.as_ref()?;
                Some(wire::finish_instance(id?, *status, *at, attempt.key(nonce, "finish")))
            }
            ApiCall::Note(number) => {
                let entry = self.notes.get(&number)?;
                let key = entry.attempt.key(entry.note.key.in_partition(0), "note");
                Some(wire::note(id?, &entry.note, key, context.redaction))
            }
            ApiCall::CreateSpan(_) | ApiCall::FinishSpan(_) | ApiCall::Poll => None,
        }
    }

    fn encode_create(
        &mut self,
        key: SpanKey,
        context: &EncodeContext<'_>,
        pages: &mut ByteArena,
    ) -> Option<&EncodedCall> {
        let instance_id = self.api_id.as_deref()?;
        let partition = self.partition;
        let entry = self.spans.get_mut(&key)?;
        let parent = nearest(&self.refused, entry.start.parent);
        entry.check_encoding(parent, context.server_ids);
        if entry.create.message.is_none() {
            let id = key.in_partition(partition);
            entry.copy_usage();
            let finish = entry.joinable_finish();
            let create = Create {
                instance_id,
                id: (!entry.has_server_id).then_some(id),
                parent_id: parent.and_then(|parent| wire_id(&self.renamed, parent, partition, context)),
                start: &entry.start,
                finish,
                key: entry.create.key(id, "create"),
            };
            #[cfg(feature = "schemas")]
            context.see(&entry.start);
            let message = wire::create_span(&create, context.redaction, pages);
            entry.encoded(message);
        }
        entry.create.message.as_ref()
    }

    fn encode_finish(
        &mut self,
        key: SpanKey,
        context: &EncodeContext<'_>,
        pages: &mut ByteArena,
    ) -> Option<&EncodedCall> {
        let partition = self.partition;
        let PendingFinish { finish, attempt, .. } = self.spans.get_mut(&key)?.finish.as_mut()?;
        if attempt.message.is_none() {
            let id = wire_id(&self.renamed, key, partition, context)?;
            let key = attempt.key(key.in_partition(partition), "finish");
            attempt.message = Some(wire::finish_span(id, finish, key, context.redaction, pages));
            finish.result = Payload::default();
        }
        attempt.message.as_ref()
    }
}

/// The id under which the API knows a span, if it does.
fn wire_id<'a>(
    renamed: &'a KeyMap<SpanKey, String>,
    key: SpanKey,
    partition: u32,
    context: &EncodeContext<'_>,
) -> Option<SpanId<'a>> {
    let theirs = renamed.get(&key).map(|id| SpanId::ServerAssigned(id));
    theirs.or_else(|| (!context.server_ids).then(|| SpanId::ClientAssigned(key.in_partition(partition))))
}

/// The nearest ancestor that was not refused.
fn nearest(refused: &KeyMap<SpanKey, Option<SpanKey>>, parent: Option<SpanKey>) -> Option<SpanKey> {
    let mut parent = parent?;
    while let Some(above) = refused.get(&parent) {
        parent = (*above)?;
    }
    Some(parent)
}
