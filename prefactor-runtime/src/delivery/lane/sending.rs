//! What a lane sends: the words of its calls, and whether they may go.

use super::{InstanceFinish, Lane};
use crate::config::Identity;
use crate::delivery::call::{Attempt, Call};
use crate::delivery::entry::Create;
use crate::operation::{Account, SpanKey};
use crate::redaction::Redaction;
use crate::transport::Request;
use crate::wire::{self, Message};

/// What all lanes of a client share, for the words of their calls.
#[derive(Debug)]
pub(in crate::delivery) struct Scene<'a> {
    pub(in crate::delivery) identity: &'a Identity,
    pub(in crate::delivery) account: &'a Account,
    pub(in crate::delivery) redaction: &'a Redaction,
    /// Whether the API makes the ids of spans.
    pub(in crate::delivery) server_ids: bool,
}

/// Whether a call may go in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::delivery) enum Passage {
    Free,
    /// It waits for another call, which will make it ready again.
    Waits,
}

impl Lane {
    /// Whether a call may go in that request: what it depends on is accepted, or ahead of it in the same request.
    /// One that may not waits with what it depends on.
    pub(in crate::delivery) fn passage(&mut self, call: Call, request: u64) -> Passage {
        match call {
            Call::CreateSpan(key) => {
                let Some(entry) = self.spans.get(&key).filter(|entry| !entry.is_accepted()) else {
                    return Passage::Waits;
                };
                let parent = entry.start.parent.and_then(|parent| self.spans.get_mut(&parent));
                match parent {
                    Some(parent) if !parent.is_accepted() && parent.create.flight != Some(request) => {
                        parent.children.push(key);
                        Passage::Waits
                    }
                    _ => Passage::Free,
                }
            }
            Call::FinishSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return Passage::Waits };
                if entry.is_accepted() || entry.create.flight == Some(request) {
                    return Passage::Free;
                }
                if let Some(finish) = &mut entry.finish {
                    finish.is_queued = false;
                }
                Passage::Waits
            }
            Call::Register | Call::Start | Call::Finish | Call::Poll => Passage::Free,
        }
    }

    /// The tries of a call that can still be made.
    pub(in crate::delivery) fn attempt(&mut self, call: Call) -> Option<&mut Attempt> {
        match call {
            Call::Register => self.register.is_some().then_some(&mut self.registering),
            Call::Start => self.start.is_some().then_some(&mut self.starting),
            Call::Finish => self.finish.as_mut().map(|finish| &mut finish.attempt),
            Call::CreateSpan(key) => self.spans.get_mut(&key).map(|entry| &mut entry.create),
            Call::FinishSpan(key) => {
                let finish = self.spans.get_mut(&key)?.finish.as_mut()?;
                Some(&mut finish.attempt)
            }
            Call::Poll => None,
        }
    }

    /// The words that a call of a span was sent in.
    pub(in crate::delivery) fn message_of(&self, call: Call) -> Option<&Message> {
        match call {
            Call::CreateSpan(key) => self.spans.get(&key)?.create.message.as_ref(),
            Call::FinishSpan(key) => self.spans.get(&key)?.finish.as_ref()?.attempt.message.as_ref(),
            Call::Register | Call::Start | Call::Finish | Call::Poll => None,
        }
    }

    /// The words of a call, fixed by the first time that they are asked for. `None` when there is nothing left to say.
    pub(in crate::delivery) fn message(&mut self, call: Call, scene: &Scene<'_>) -> Option<&Message> {
        if let Call::CreateSpan(key) = call {
            self.check_words(key, scene);
        }
        if self.attempt(call)?.message.is_none() {
            let message = self.words(call, scene)?;
            self.attempt(call)?.message = Some(message);
        }
        self.attempt(call)?.message.as_ref()
    }

    /// The question whether the instance was terminated.
    pub(in crate::delivery) fn poll(&self) -> Option<Request> {
        self.registration.id().map(wire::poll)
    }

    /// What has to go after that call and could follow it in the same request.
    pub(in crate::delivery) fn dependents(&mut self, call: Call) -> Vec<Call> {
        let Call::CreateSpan(key) = call else { return Vec::new() };
        let Some(entry) = self.spans.get_mut(&key) else { return Vec::new() };
        let mut calls: Vec<_> =
            std::mem::take(&mut entry.children).into_iter().map(Call::CreateSpan).collect();
        let is_terminal = entry.is_terminal();
        if let Some(finish) = entry.finish.as_mut().filter(|finish| !is_terminal && !finish.is_queued) {
            finish.is_queued = true;
            calls.push(Call::FinishSpan(key));
        }
        calls
    }

    /// A parent that was refused since, or an id that the API will not have, ask for other words.
    fn check_words(&mut self, key: SpanKey, scene: &Scene<'_>) {
        let parent = self.parent_to_name(key);
        let Some(entry) = self.spans.get_mut(&key) else { return };
        // One that was sent may have been made: without its id, a repeat would make a second.
        let has_server_id = if entry.create.tries == 0 { scene.server_ids } else { entry.has_server_id };
        if entry.named_parent != parent || entry.has_server_id != has_server_id {
            entry.reword();
            entry.named_parent = parent;
            entry.has_server_id = has_server_id;
        }
    }

    fn words(&mut self, call: Call, scene: &Scene<'_>) -> Option<Message> {
        let nonce = || self.registration.nonce.to_string();
        let instance_id = self.registration.id();
        match call {
            Call::Register => {
                let key = self.registering.key(&nonce(), "register");
                Some(wire::register(&self.registration.agent, scene.identity, key))
            }
            Call::Start => {
                let (at, _) = self.start.as_ref()?;
                Some(wire::start_instance(instance_id?, *at, self.starting.key(&nonce(), "start")))
            }
            Call::Finish => {
                let InstanceFinish { status, at, attempt, .. } = self.finish.as_ref()?;
                Some(wire::finish_instance(instance_id?, *status, *at, attempt.key(&nonce(), "finish")))
            }
            Call::CreateSpan(key) => {
                let entry = self.spans.get(&key)?;
                let parent_id = entry.named_parent.and_then(|parent| self.wire_id(parent, scene));
                let id = scene.account.span_id(key);
                let finish = entry.joinable_finish();
                let message = wire::create_span(
                    instance_id?,
                    (!entry.has_server_id).then_some(id),
                    parent_id.as_deref(),
                    &entry.start,
                    finish,
                    entry.create.key(&id.to_string(), "create"),
                    scene.redaction,
                );
                let state = Create::Worded { is_terminal: finish.is_some() };
                self.spans.get_mut(&key)?.state = state;
                Some(message)
            }
            Call::FinishSpan(key) => {
                let id = self.wire_id(key, scene)?;
                let finish = self.spans.get(&key)?.finish.as_ref()?;
                let idempotency_key = finish.attempt.key(&scene.account.span_id(key).to_string(), "finish");
                Some(wire::finish_span(&id, &finish.finish, idempotency_key, scene.redaction))
            }
            Call::Poll => None,
        }
    }

    /// The id under which the API knows a span, if it does.
    fn wire_id(&self, key: SpanKey, scene: &Scene<'_>) -> Option<String> {
        let renamed = self.renamed.get(&key).cloned();
        renamed.or_else(|| (!scene.server_ids).then(|| scene.account.span_id(key).to_string()))
    }

    /// The nearest ancestor that was not refused.
    fn parent_to_name(&self, key: SpanKey) -> Option<SpanKey> {
        let mut parent = self.spans.get(&key)?.start.parent?;
        while let Some(above) = self.refused.get(&parent) {
            parent = (*above)?;
        }
        Some(parent)
    }
}
