//! What came of a instance's calls, and what follows for the others.

use std::borrow::Cow;

use crate::delivery::instance::key_map::KeyMap;
use crate::delivery::instance::span::State;
use crate::delivery::instance::state::InstanceDelivery;
use crate::delivery::instance::state::MAX_REMEMBERED;
use crate::delivery::instance::state::Phase;
use crate::delivery::policy::capability::Capability;
use crate::delivery::schedule::api_call::{ApiCall, Attempt};
use crate::delivery::schedule::ready::ReadyQueue;
use crate::operation::{Account, SpanKey};
use crate::payload::Payload;
use crate::platform::internal_log::FaultKind;
use crate::types::stats::DropReason;
use crate::wire::ResponseBody;

/// Polls in a row that may be refused before no more are made.
const MAX_POLL_REFUSALS: u32 = 3;

/// How a refusal was said: with an HTTP status, or by an item of a bulk answer, which has only a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    Single(u16),
    Bulk,
}

impl InstanceDelivery {
    pub(crate) fn accepted(
        &mut self,
        call: ApiCall,
        via: Via,
        body: ResponseBody<'_>,
        account: &Account,
        out: &mut ReadyQueue,
    ) {
        self.watch.has_heard = true;
        if let Some(terminated) = body.terminate {
            self.registration.terminate(terminated);
        }
        self.judge_capability(call, via, true, out);
        match call {
            ApiCall::Register => self.registered(body.id.map(Cow::into_owned), account, out),
            ApiCall::Start => self.started(out),
            ApiCall::Finish => self.finished(out),
            ApiCall::CreateSpan(key) => {
                match body.id {
                    Some(id) if !account.span_id(key).is(&id) => {
                        remember(&mut self.renamed, key, id.into_owned());
                        out.disable(Capability::ClientIds);
                    }
                    _ => out.capabilities.confirm(Capability::ClientIds),
                }
                self.span_created(key, out);
            }
            ApiCall::FinishSpan(key) => {
                let finish = self.spans.get(&key).and_then(|entry| entry.finish.as_ref());
                if finish.is_some_and(|finish| finish.stands_in_for_cancel) {
                    out.disable(Capability::Cancel);
                }
                self.span_acknowledged(key, out);
            }
            ApiCall::Poll => {
                self.watch = crate::delivery::instance::state::Watch { has_heard: true, ..Default::default() }
            }
        }
    }

    /// The API will not have a call: there may be another way, and if not, it costs that call.
    pub(crate) fn refused(&mut self, call: ApiCall, via: Via, body: &ResponseBody<'_>, out: &mut ReadyQueue) {
        let code = body.code.as_deref().unwrap_or_default();
        if call == ApiCall::Poll {
            return self.poll_refused(via);
        }
        if is_forbidden(call, via, code) {
            out.log(FaultKind::Refused, "the API forbids an agent instance: its spans are dropped");
            return self.refuse(DropReason::Auth, out);
        }
        if self.is_settled_already(call, via, code) {
            self.judge_capability(call, via, true, out);
            return match call {
                ApiCall::CreateSpan(key) => self.span_created(key, out),
                ApiCall::FinishSpan(key) => self.span_acknowledged(key, out),
                _ => self.settle_instance_call(call, out),
            };
        }
        if self.has_another_way(call, via, body, out) {
            return out.ready_again(self.key(), call);
        }
        self.judge_capability(call, via, false, out);
        let what = match call {
            ApiCall::Register => "the registration of an agent instance, and with it all its spans",
            ApiCall::Start => "the start of an agent instance",
            ApiCall::Finish => "the finish of an agent instance",
            ApiCall::CreateSpan(_) | ApiCall::Poll => "a span",
            ApiCall::FinishSpan(_) => "the finish of a span",
        };
        let reason = if via == Via::Single(413) { DropReason::TooLarge } else { DropReason::Rejected };
        self.abandon(call, reason, out);
        let status = if let Via::Single(status) = via { format!("HTTP {status} ") } else { String::new() };
        out.log(FaultKind::Refused, format!("the API refused {what} ({status}{})", printable(code)));
    }

    /// Gives a call up, and what cannot be without it.
    pub(crate) fn abandon(&mut self, call: ApiCall, reason: DropReason, out: &mut ReadyQueue) {
        match call {
            ApiCall::Register if reason == DropReason::Rejected => {
                self.refuse(DropReason::DependencyRejected, out);
            }
            ApiCall::Register => self.refuse(reason, out),
            ApiCall::Start | ApiCall::Finish => self.settle_instance_call(call, out),
            ApiCall::CreateSpan(key) | ApiCall::FinishSpan(key) => self.drop_span(key, reason, out),
            ApiCall::Poll => self.poll_lost(),
        }
    }

    /// Whether to ask now if the instance was terminated. To be asked once a round.
    pub(crate) fn wants_poll(&mut self) -> bool {
        let has_heard = std::mem::take(&mut self.watch.has_heard);
        let wants = self.phase == Phase::Active
            && !self.is_finish_requested
            && !has_heard
            && !self.watch.is_asking
            && self.watch.refusals < MAX_POLL_REFUSALS
            && self.registration.is_watched();
        self.watch.is_asking |= wants;
        wants
    }

    /// An answer told of a termination without saying whose: it is asked for at the next round.
    pub(crate) fn has_not_heard(&mut self) {
        self.watch.has_heard = false;
    }

    fn refuse(&mut self, reason: DropReason, out: &mut ReadyQueue) {
        self.give_up(reason, out);
        self.phase = Phase::Refused(reason);
    }

    /// A poll without an answer.
    pub(crate) fn poll_lost(&mut self) {
        self.watch.is_asking = false;
    }

    fn poll_refused(&mut self, via: Via) {
        self.poll_lost();
        self.watch.refusals += u32::from(matches!(via, Via::Single(401 | 403)));
    }

    /// Whether what was asked for had happened before.
    fn is_settled_already(&mut self, call: ApiCall, via: Via, code: &str) -> bool {
        let is_conflict = match via {
            Via::Single(status) => status == 409,
            Via::Bulk => matches!(code, "conflict" | "invalid_action"),
        };
        let is_repeat = self.attempt(call).is_some_and(|attempt| attempt.tries > 1);
        match call {
            ApiCall::Start | ApiCall::Finish => is_conflict,
            // The first try was applied, and only its answer was lost.
            ApiCall::CreateSpan(_) => is_conflict && is_repeat,
            ApiCall::FinishSpan(key) => {
                let finish = self.spans.get(&key).and_then(|entry| entry.finish.as_ref());
                let may_be_the_transition = finish.is_some_and(|finish| {
                    finish.finish.status == crate::types::status::SpanStatus::Cancelled && !is_repeat
                });
                is_conflict && code == "invalid_action" && !may_be_the_transition
            }
            ApiCall::Register | ApiCall::Poll => false,
        }
    }

    /// Finds other words for a call that was refused, or another way to say it. `false` where there are none.
    fn has_another_way(
        &mut self,
        call: ApiCall,
        via: Via,
        body: &ResponseBody<'_>,
        out: &mut ReadyQueue,
    ) -> bool {
        let code = body.code.as_deref().unwrap_or_default();
        let names = |field| body.fields.iter().any(|name| name == field);
        if via == Via::Bulk {
            let capability = call.in_bulk();
            if names("_type") {
                out.disable(capability);
            } else if out.capabilities.is_supported(capability) {
                return self.rewords(call, via, body, out);
            } else {
                out.capabilities.suspect(capability);
            }
            // Sent alone, it tells whether it was the way or the item.
            if let Some(attempt) = self.attempt(call) {
                attempt.is_alone = true;
            }
            return true;
        }
        code != "not_found" && self.rewords(call, via, body, out)
    }

    fn rewords(&mut self, call: ApiCall, via: Via, body: &ResponseBody<'_>, out: &mut ReadyQueue) -> bool {
        match call {
            ApiCall::CreateSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return false };
                if via == Via::Single(413) {
                    return entry.without_payload();
                }
                let is_about_the_id =
                    body.fields.iter().any(|name| matches!(name.as_str(), "id" | "pfid" | "partition"));
                let other_words = is_about_the_id
                    && !entry.has_server_id
                    && !out.capabilities.is_supported(Capability::ClientIds);
                if other_words {
                    entry.reencode();
                    entry.has_server_id = true;
                    out.disable(Capability::ClientIds);
                }
                other_words
            }
            ApiCall::FinishSpan(key) => {
                let Some(entry) = self.spans.get_mut(&key) else { return false };
                if via == Via::Single(413) { entry.without_payload() } else { entry.fail_instead_of_cancel() }
            }
            ApiCall::Register | ApiCall::Start | ApiCall::Finish | ApiCall::Poll => false,
        }
    }

    /// What the outcome of a span's call says of bulk requests: an item that passes there proves them, and one that
    /// passes only alone, after it was refused there, disproves them.
    fn judge_capability(&mut self, call: ApiCall, via: Via, is_accepted: bool, out: &mut ReadyQueue) {
        if !call.is_span() {
            return;
        }
        match via {
            Via::Bulk if is_accepted => out.capabilities.confirm(call.in_bulk()),
            Via::Bulk => {}
            Via::Single(_) => {
                let was_doubted = self.attempt(call).is_some_and(|attempt| attempt.is_alone);
                if was_doubted && is_accepted {
                    out.disable(call.in_bulk());
                } else if was_doubted {
                    out.capabilities.confirm(call.in_bulk());
                }
            }
        }
    }

    fn registered(&mut self, id: Option<String>, account: &Account, out: &mut ReadyQueue) {
        let Some(id) = id else { return self.abandon(ApiCall::Register, DropReason::Protocol, out) };
        if let Ok(id) = id.parse() {
            account.set_partition(id);
        }
        self.registration.registered(id);
        self.phase = Phase::Registered;
        self.register.take().into_iter().for_each(|token| out.acks.resolve(token));
        if self.start.is_some() {
            out.ready(self.key(), ApiCall::Start);
        }
        self.try_finish(out);
    }

    fn started(&mut self, out: &mut ReadyQueue) {
        self.phase = Phase::Active;
        self.start.take().into_iter().for_each(|(_, token)| out.acks.resolve(token));
        for call in std::mem::take(&mut self.blocked) {
            out.ready(self.key(), call);
        }
        self.try_finish(out);
    }

    fn finished(&mut self, out: &mut ReadyQueue) {
        self.finish.take().into_iter().for_each(|finish| out.acks.resolve(finish.token));
    }

    /// Refused, but nothing depends on the outcome: spans are accepted in any phase of their instance.
    fn settle_instance_call(&mut self, call: ApiCall, out: &mut ReadyQueue) {
        if call == ApiCall::Start { self.started(out) } else { self.finished(out) }
    }

    fn span_created(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        let Some(entry) = self.spans.get_mut(&key) else { return };
        let is_terminal = entry.is_terminal();
        entry.state = State::Accepted;
        entry.start.payload = Payload::default();
        entry.create = Attempt::default();
        entry.token.take().into_iter().for_each(|token| out.acks.resolve(token));
        let children = std::mem::take(&mut entry.children);
        self.unsettled -= 1;
        for child in children {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        if is_terminal {
            self.span_acknowledged(key, out);
        } else {
            self.finish_ready(key, out);
        }
        self.try_finish(out);
    }

    fn span_acknowledged(&mut self, key: SpanKey, out: &mut ReadyQueue) {
        if let Some(mut entry) = self.spans.remove(&key) {
            out.counters.acknowledged();
            self.unsettled -= 1;
            entry.settle(out);
        }
        self.try_finish(out);
    }

    fn drop_span(&mut self, key: SpanKey, reason: DropReason, out: &mut ReadyQueue) {
        let Some(mut entry) = self.spans.remove(&key) else { return };
        out.counters.dropped(reason);
        self.unsettled -= usize::from(!entry.is_accepted()) + usize::from(entry.finish.is_some());
        if !entry.is_accepted() {
            remember(&mut self.refused, key, entry.start.parent);
        }
        for child in std::mem::take(&mut entry.children) {
            self.make_ready(ApiCall::CreateSpan(child), out);
        }
        entry.settle(out);
        self.try_finish(out);
    }
}

/// Forbidden is the instance. A refusal of the registration is no such thing, nor one by another than the API.
fn is_forbidden(call: ApiCall, via: Via, code: &str) -> bool {
    call != ApiCall::Register && (code == "forbidden" || via == Via::Single(403) && !code.is_empty())
}

fn remember<T>(memory: &mut KeyMap<SpanKey, T>, key: SpanKey, value: T) {
    if memory.len() >= MAX_REMEMBERED {
        memory.clear();
    }
    memory.insert(key, value);
}

/// A server's text in a log line: short, and without what would confuse a terminal.
fn printable(code: &str) -> String {
    code.chars().take(60).flat_map(char::escape_default).collect()
}
