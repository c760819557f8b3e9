//! What a lane sends: the words of its calls, and whether they may go.

use crate::config::settings::Identity;
use crate::delivery::instance::InstanceFinish;
use crate::delivery::instance::Lane;
use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::span::{Ending, State};
use crate::delivery::schedule::api_call::{Attempt, Call};
use crate::operation::{Account, SpanKey};
use crate::payload::byte_arena::ByteArena;
use crate::redaction::Redaction;
use crate::transport::Request;
use crate::wire::{self, Create, Message, SpanId};

/// What all lanes of a client share, for the words of their calls.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) identity: &'a Identity,
    pub(crate) account: &'a Account,
    pub(crate) redaction: &'a Redaction,
    /// Whether the API makes the ids of spans.
    pub(crate) server_ids: bool,
}

/// Whether a call may go in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Passage {
    Free,
    /// It waits for another call, which will make it ready again.
    Waits,
}

impl Lane {
    /// Whether a call may go in that request: what it depends on is accepted, or ahead of it in the same request.
    /// One that may not waits with what it depends on.
    pub(crate) fn passage(&mut self, call: Call, request: u64) -> Passage {
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
    pub(crate) fn attempt(&mut self, call: Call) -> Option<&mut Attempt> {
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
    pub(crate) fn message_of(&self, call: Call) -> Option<&Message> {
        match call {
            Call::CreateSpan(key) => self.spans.get(&key)?.create.message.as_ref(),
            Call::FinishSpan(key) => self.spans.get(&key)?.finish.as_ref()?.attempt.message.as_ref(),
            Call::Register | Call::Start | Call::Finish | Call::Poll => None,
        }
    }

    /// The words of a call, fixed by the first time that they are asked for. `None` when there is nothing left to say.
    pub(crate) fn message(
        &mut self,
        call: Call,
        scene: &Scene<'_>,
        pages: &mut ByteArena,
    ) -> Option<&Message> {
        match call {
            Call::CreateSpan(key) => self.create_words(key, scene, pages),
            Call::FinishSpan(key) => self.finish_words(key, scene, pages),
            Call::Register | Call::Start | Call::Finish => {
                if self.attempt(call)?.message.is_none() {
                    let message = self.instance_words(call, scene)?;
                    self.attempt(call)?.message = Some(message);
                }
                self.attempt(call)?.message.as_ref()
            }
            Call::Poll => None,
        }
    }

    /// The question whether the instance was terminated.
    pub(crate) fn poll(&self) -> Option<Request> {
        self.registration.id().map(wire::poll)
    }

    /// What has to go after that call and could follow it in the same request.
    pub(crate) fn dependents(&mut self, call: Call) -> Vec<Call> {
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

    fn instance_words(&self, call: Call, scene: &Scene<'_>) -> Option<Message> {
        let nonce = self.registration.nonce;
        let id = self.registration.id();
        match call {
            Call::Register => {
                let key = self.registering.key(nonce, "register");
                Some(wire::register(&self.registration.agent, scene.identity, key))
            }
            Call::Start => {
                let (at, _) = self.start.as_ref()?;
                Some(wire::start_instance(id?, *at, self.starting.key(nonce, "start")))
            }
            Call::Finish => {
                let InstanceFinish { status, at, attempt, .. } = self.finish.as_ref()?;
                Some(wire::finish_instance(id?, *status, *at, attempt.key(nonce, "finish")))
            }
            Call::CreateSpan(_) | Call::FinishSpan(_) | Call::Poll => None,
        }
    }

    fn create_words(&mut self, key: SpanKey, scene: &Scene<'_>, pages: &mut ByteArena) -> Option<&Message> {
        let instance_id = self.registration.id()?;
        let entry = self.spans.get_mut(&key)?;
        let parent = nearest(&self.refused, entry.start.parent);
        entry.check_words(parent, scene.server_ids);
        if entry.create.message.is_none() {
            let id = scene.account.span_id(key);
            let finish = entry.joinable_finish();
            let create = Create {
                instance_id,
                id: (!entry.has_server_id).then_some(id),
                parent_id: parent.and_then(|parent| wire_id(&self.renamed, parent, scene)),
                start: &entry.start,
                finish,
                key: entry.create.key(id, "create"),
            };
            let message = wire::create_span(&create, scene.redaction, pages);
            entry.state = State::Worded { is_terminal: finish.is_some() };
            entry.create.message = Some(message);
        }
        entry.create.message.as_ref()
    }

    fn finish_words(&mut self, key: SpanKey, scene: &Scene<'_>, pages: &mut ByteArena) -> Option<&Message> {
        let Ending { finish, attempt, .. } = self.spans.get_mut(&key)?.finish.as_mut()?;
        if attempt.message.is_none() {
            let id = wire_id(&self.renamed, key, scene)?;
            let key = attempt.key(scene.account.span_id(key), "finish");
            attempt.message = Some(wire::finish_span(id, finish, key, scene.redaction, pages));
        }
        attempt.message.as_ref()
    }
}

/// The id under which the API knows a span, if it does.
fn wire_id<'a>(renamed: &'a KeyMap<SpanKey, String>, key: SpanKey, scene: &Scene<'_>) -> Option<SpanId<'a>> {
    let theirs = renamed.get(&key).map(|id| SpanId::Theirs(id));
    theirs.or_else(|| (!scene.server_ids).then(|| SpanId::Ours(scene.account.span_id(key))))
}

/// The nearest ancestor that was not refused.
fn nearest(refused: &KeyMap<SpanKey, Option<SpanKey>>, parent: Option<SpanKey>) -> Option<SpanKey> {
    let mut parent = parent?;
    while let Some(above) = refused.get(&parent) {
        parent = (*above)?;
    }
    Some(parent)
}
